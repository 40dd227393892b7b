//! The clauses of a SELECT and its outputs.

use std::{borrow::Cow, collections::BTreeMap};

use sqlparser::{
    ast::{Distinct, Expr, GroupByExpr, OrderByKind, Query, Select, SelectItem},
    tokenizer::Span,
};

use super::{Change, Comparison, Half, Output, Wanted, codes, first, listed, ordinal};
use crate::diff::{
    ReasonCode,
    holds::Holds,
    places,
    tree::{Kind, conjuncts, odd},
};

/// The queries around a SELECT, which may order its rows by aggregates of its groups.
type Around<'a> = Option<(Option<&'a Query>, Option<&'a Query>)>;

/// Where a clause of a SELECT stands.
type Clause = fn(&Select) -> Span;

/// The outputs of one side.
struct Outputs<'a> {
    items: Vec<OutputItem<'a>>,
    /// Whether it gives one row for each group.
    grouped: bool,
    /// Whether one of the aggregates asks for a plan of its own.
    intricate: bool,
}

struct OutputItem<'a> {
    name: Option<Cow<'a, str>>,
    piece: Vec<u8>,
    touched: Vec<String>,
    holds: Holds,
    item: &'a SelectItem,
}

impl OutputItem<'_> {
    fn place(&self) -> Span {
        places::item(self.item)
    }

    fn title(&self, place: usize) -> String {
        match &self.name {
            Some(name) => format!("`{name}`"),
            None => format!("number {}", place + 1),
        }
    }
}

/// A part of a condition.
struct Part<'a> {
    piece: Vec<u8>,
    touched: Vec<String>,
    expr: &'a Expr,
}

impl<'c, 'a> Comparison<'c, 'a> {
    pub(super) fn select(
        &mut self,
        old: usize,
        new: usize,
        wanted: Wanted<'_>,
        around: Around<'a>,
    ) -> Change {
        let (before, after) = (&self.old.tree.nodes[old], &self.new.tree.nodes[new]);
        let (Kind::Select { select, from }, Kind::Select { select: new_select, from: new_from }) =
            (&before.kind, &after.kind)
        else {
            return self.replaced(old, new, wanted);
        };
        let (select, new_select) = (*select, *new_select);
        let joined = self.from(from, new_from);
        let mut change = Change { rows: joined.rows, unknown: joined.unknown, ..Change::default() };
        let clauses = |place: Clause| (place(select), place(new_select));

        let mut old_where = conjuncts(select.selection.as_ref());
        let mut new_where = conjuncts(new_select.selection.as_ref());
        let moved = joined.pooled && old_where.len() != new_where.len();
        if joined.pooled {
            old_where.extend(self.old.conditions(from));
            new_where.extend(self.new.conditions(new_from));
        }
        let places = || clauses(|select| places::exprs(&select.selection));
        let differ = self.conditions(
            ("the filter", ReasonCode::FilterChanged),
            (&old_where, &new_where),
            places,
        );
        change.rows |= differ;
        if moved && !differ {
            let message = "conditions stand in WHERE or at a join, which is the same here";
            self.find(ReasonCode::Respelled, message, places());
        }
        change.rows |= self.conditions(
            ("HAVING", ReasonCode::HavingChanged),
            (&conjuncts(select.having.as_ref()), &conjuncts(new_select.having.as_ref())),
            || clauses(|select| places::exprs(&select.having)),
        );
        change.rows |= self.conditions(
            ("QUALIFY", ReasonCode::QualifyChanged),
            (&conjuncts(select.qualify.as_ref()), &conjuncts(new_select.qualify.as_ref())),
            || clauses(|select| places::exprs(&select.qualify)),
        );
        if odd(select).is_some() || odd(new_select).is_some() {
            let message = "a clause that is not known";
            self.find(ReasonCode::NotCompared, message, clauses(places::select));
            change.unknown = true;
        }

        let queries = around.unwrap_or_default();
        let old_outputs = self.old.outputs(select, queries.0, &before.names);
        let new_outputs = self.new.outputs(new_select, queries.1, &after.names);
        match_outputs(&mut change, &old_outputs.items, &new_outputs.items, wanted);
        self.grouping((select, new_select), (&old_outputs, &new_outputs), clauses, &mut change);
        self.expansion(&old_outputs, &new_outputs, &mut change);
        change.moved = joined.moved || change.rows;
        self.outputs((&old_outputs, &new_outputs), wanted, &mut change);
        self.order_taken(
            (select, new_select),
            (&old_outputs, &new_outputs),
            || clauses(|select| places::exprs(select.having.iter().chain(&select.qualify))),
            &mut change,
        );
        let places = || clauses(places::select);
        self.distinct((select, new_select), (old, new), places, &mut change);
        change
    }

    /// Compares what conditions must all hold, in any order; `true` when they differ.
    pub(super) fn conditions(
        &mut self,
        (clause, code): (&str, ReasonCode),
        (old, new): (&[&'a Expr], &[&'a Expr]),
        clauses: impl FnOnce() -> (Span, Span),
    ) -> bool {
        let (old, new) = (self.old.parts(old), self.new.parts(new));
        let (mut gone, mut added) = (Vec::new(), Vec::new());
        let (mut one, mut other) = (old.iter().peekable(), new.iter().peekable());
        loop {
            match (one.peek(), other.peek()) {
                (None, None) => break,
                (Some(before), Some(after)) if before.piece == after.piece => {
                    one.next();
                    other.next();
                }
                (Some(before), Some(after)) if before.piece < after.piece => {
                    gone.extend(one.next())
                }
                (Some(_), None) => gone.extend(one.next()),
                (_, Some(_)) => added.extend(other.next()),
            }
        }
        if gone.is_empty() && added.is_empty() {
            return false;
        }
        let place = |parts: &[&Part<'a>], clause: Span| {
            let exact = places::exprs(parts.iter().map(|part| part.expr));
            if parts.is_empty() { Span::empty() } else { first(exact, clause) }
        };
        let (old_clause, new_clause) = clauses();
        let places = (place(&gone, old_clause), place(&added, new_clause));
        let mut touched: Vec<String> = Vec::new();
        for name in gone.iter().chain(&added).flat_map(|part| &part.touched) {
            if !touched.contains(name) {
                touched.push(name.clone());
            }
        }
        let all_touched = gone.iter().chain(&added).all(|part| !part.touched.is_empty());
        if all_touched && gone.len() == added.len() {
            let message = format!("{clause} reads {}, which changed", listed(&touched));
            self.find(ReasonCode::ConditionInput, message, places);
        } else {
            let message = match (gone.len(), added.len()) {
                (0, _) => format!("{clause} demands more"),
                (_, 0) => format!("{clause} demands less"),
                _ => format!("{clause} is another one"),
            };
            self.find(code, message, places);
        }
        true
    }

    /// Compares what makes groups.
    fn grouping(
        &mut self,
        (select, new_select): (&'a Select, &'a Select),
        (old, new): (&Outputs<'a>, &Outputs<'a>),
        clauses: impl Fn(Clause) -> (Span, Span),
        change: &mut Change,
    ) {
        let old_keys = self.old.group_keys(select, old);
        let new_keys = self.new.group_keys(new_select, new);
        if old_keys != new_keys {
            let places = clauses(|select| places::group(&select.group_by));
            let places = if places::known(places.0) || places::known(places.1) {
                places
            } else {
                clauses(places::select)
            };
            let message = match (old_keys.is_empty(), new_keys.is_empty()) {
                (true, _) => "rows are put into groups",
                (_, true) => "rows are no longer put into groups",
                _ => "the groups are made by other keys",
            };
            self.find(ReasonCode::GroupingChanged, message, places);
            change.rows = true;
        } else if matches!(select.group_by, GroupByExpr::All(_))
            != matches!(new_select.group_by, GroupByExpr::All(_))
        {
            let message = "GROUP BY ALL stands for the keys";
            self.find(ReasonCode::Respelled, message, clauses(places::select));
        } else if old.grouped != new.grouped {
            let message = if new.grouped {
                "an aggregate makes one row of all"
            } else {
                "without an aggregate, all rows come as they are"
            };
            self.find(ReasonCode::AggregationChanged, message, clauses(places::select));
            change.rows = true;
        }
    }

    /// Compares the outputs that make several rows of one.
    fn expansion(&mut self, old: &Outputs<'a>, new: &Outputs<'a>, change: &mut Change) {
        let expanding = |outputs: &Outputs<'a>| {
            let items = outputs.items.iter().filter(|item| item.holds.expands);
            let mut pieces: Vec<_> = items.map(|item| item.piece.clone()).collect();
            pieces.sort_unstable();
            pieces
        };
        if expanding(old) == expanding(new) {
            return;
        }
        let place = |outputs: &Outputs<'a>| {
            let mut items = outputs.items.iter().filter(|item| item.holds.expands);
            items.next().map_or(Span::empty(), OutputItem::place)
        };
        let places = (place(old), place(new));
        let message = "a call that may make several rows of one, or none, is another one";
        self.find(ReasonCode::ExpansionChanged, message, places);
        change.rows = true;
    }

    /// Says what became of each output.
    fn outputs(
        &mut self,
        (old, new): (&Outputs<'a>, &Outputs<'a>),
        wanted: Wanted<'_>,
        change: &mut Change,
    ) {
        let intricate = old.intricate || new.intricate;
        let aside =
            |item: &OutputItem<'a>| item.holds.aside() && !(intricate && item.holds.aggregate);
        let last_kept = change.outputs.iter().rposition(|output| output.old.is_some());
        for (place, output) in change.outputs.clone().into_iter().enumerate() {
            let after = &new.items[place];
            let Some(old_place) = output.old else {
                change.moved |= !aside(after);
                if wanted.is_some() {
                    continue;
                }
                let (code, how) = if last_kept.is_none_or(|last| last < place) {
                    (ReasonCode::ColumnAppended, "added")
                } else {
                    (ReasonCode::ColumnInserted, "added before others")
                };
                let message = format!("column {} is {how}", after.title(place));
                self.find(code, message, (Span::empty(), after.place()));
                continue;
            };
            let before = &old.items[old_place];
            let places = || (before.place(), after.place());
            if before.name != after.name {
                let (was, is) = (before.title(old_place), after.title(place));
                if wanted.is_some() {
                    let message = format!("column {was} is called {is} where it has no name");
                    self.find(ReasonCode::Respelled, message, places());
                } else {
                    let message = format!("column {was} is called {is} now");
                    self.find(ReasonCode::ColumnRenamed, message, places());
                }
            }
            if output.same {
                continue;
            }
            change.moved |= !(aside(before) && aside(after));
            let title = after.title(place);
            if !before.touched.is_empty() && !after.touched.is_empty() {
                let message =
                    format!("column {title} reads {}, which changed", listed(&after.touched));
                self.find(ReasonCode::ColumnInput, message, places());
            } else {
                let message = format!("column {title} is computed otherwise");
                self.find(ReasonCode::ColumnRedefined, message, places());
            }
        }
        for place in change.removed.clone() {
            let before = &old.items[place];
            change.moved |= !aside(before);
            if wanted.is_none() {
                let message = format!("column {} is gone", before.title(place));
                self.find(ReasonCode::ColumnRemoved, message, (before.place(), Span::empty()));
            }
        }
        let kept: Vec<_> = change
            .outputs
            .iter()
            .enumerate()
            .filter_map(|(place, output)| Some((output.old?, place)))
            .collect();
        if wanted.is_none()
            && let Some(pair) = kept.windows(2).find(|pair| pair[0].0 > pair[1].0)
        {
            let (before, after) = (&old.items[pair[1].0], &new.items[pair[1].1]);
            let message = format!("column {} stands elsewhere", after.title(pair[1].1));
            self.find(ReasonCode::ColumnsReordered, message, (before.place(), after.place()));
        }
    }

    /// Marks what takes rows in the order in which they come, where that may be another one.
    fn order_taken(
        &mut self,
        (select, new_select): (&'a Select, &'a Select),
        (old, new): (&Outputs<'a>, &Outputs<'a>),
        filters: impl FnOnce() -> (Span, Span),
        change: &mut Change,
    ) {
        if !change.moved {
            return;
        }
        for place in 0..change.outputs.len() {
            let output = change.outputs[place];
            let Some(old_place) = output.old.filter(|_| output.same) else { continue };
            let (before, after) = (&old.items[old_place], &new.items[place]);
            if !(before.holds.ordered || after.holds.ordered) {
                continue;
            }
            change.outputs[place].same = false;
            if !change.rows {
                let message = format!(
                    "column {} depends on the order in which rows come, which may be another one",
                    after.title(place)
                );
                self.find(ReasonCode::ColumnOrder, message, (before.place(), after.place()));
            }
        }
        let picks = self.old.filters_by_order(select) || self.new.filters_by_order(new_select);
        if picks && !change.rows {
            let message = "the rows may come in another order, and QUALIFY takes some by it";
            self.find(ReasonCode::PickedRows, message, filters());
            change.rows = true;
        }
    }

    /// Compares which rows are the same row.
    fn distinct(
        &mut self,
        (select, new_select): (&'a Select, &'a Select),
        (old, new): (usize, usize),
        places: impl FnOnce() -> (Span, Span),
        change: &mut Change,
    ) {
        let distinct = |select: &'a Select| match &select.distinct {
            None | Some(Distinct::All) => None,
            Some(distinct) => Some(distinct),
        };
        match (distinct(select), distinct(new_select)) {
            (None, None) => {}
            (Some(Distinct::Distinct), Some(Distinct::Distinct)) => {
                if !change.keeps_outputs() {
                    let message =
                        "DISTINCT tells rows apart by all columns, and not all are the same";
                    self.find(ReasonCode::DistinctColumns, message, places());
                    change.rows = true;
                }
            }
            (Some(Distinct::On(before)), Some(Distinct::On(after))) => {
                let names = (&self.old.tree.nodes[old].names, &self.new.tree.nodes[new].names);
                let (old_outputs, new_outputs) = codes(change, names.0, names.1);
                self.old.standing.outputs = Some(old_outputs);
                self.new.standing.outputs = Some(new_outputs);
                let old_keys = self.old.pieces(before);
                let new_keys = self.new.pieces(after);
                self.old.standing.outputs = None;
                self.new.standing.outputs = None;
                if old_keys != new_keys {
                    let message = "DISTINCT ON tells rows apart by other keys";
                    self.find(ReasonCode::DistinctChanged, message, places());
                    change.rows = true;
                } else if change.moved && !change.rows {
                    let message =
                        "the rows may come in another order, and DISTINCT ON takes the first";
                    self.find(ReasonCode::PickedRows, message, places());
                    change.rows = true;
                }
            }
            (before, after) => {
                let message = match (before, after) {
                    (None, _) => "rows that are the same become one",
                    (_, None) => "rows that are the same are kept",
                    _ => "rows are told apart in another way",
                };
                self.find(ReasonCode::DistinctChanged, message, places());
                change.rows = true;
            }
        }
    }

    /// Whether one of two queries orders its rows by what makes its body one that has groups.
    pub(super) fn grouped_by_order(&self, around: Around<'a>) -> bool {
        let (old, new) = around.unwrap_or_default();
        let groups = |half: &Half<'_, 'a>, query| {
            sort_keys(query).any(|key| {
                let holds = half.functions.holds(key);
                holds.aggregate || holds.expands
            })
        };
        groups(&self.old, old) || groups(&self.new, new)
    }

    /// Whether one of two scopes takes one row for each key, by the order of its query.
    pub(super) fn picks(&self, old: usize, new: usize) -> bool {
        [&self.old.tree.nodes[old].kind, &self.new.tree.nodes[new].kind].into_iter().any(|kind| {
            matches!(kind, Kind::Select { select, .. }
                if matches!(select.distinct, Some(Distinct::On(_))))
        })
    }
}

impl<'a> Half<'_, 'a> {
    /// Whether a query orders its rows by calls that may make several rows of one.
    pub(super) fn expands(&self, query: Option<&Query>) -> bool {
        sort_keys(query).any(|key| self.functions.holds(key).expands)
    }

    fn parts(&mut self, conditions: &[&'a Expr]) -> Vec<Part<'a>> {
        let parts = conditions.iter().map(|expr| {
            let (piece, touched) = self.touching(*expr);
            Part { piece, touched, expr }
        });
        let mut parts: Vec<_> = parts.collect();
        parts.sort_by(|one, other| one.piece.cmp(&other.piece));
        parts
    }

    /// Pieces whose order says nothing.
    fn pieces(&mut self, exprs: &[Expr]) -> Vec<Vec<u8>> {
        let mut pieces: Vec<_> = exprs.iter().map(|expr| self.piece(expr)).collect();
        pieces.sort_unstable();
        pieces
    }

    fn outputs(
        &mut self,
        select: &'a Select,
        query: Option<&'a Query>,
        names: &[Option<Cow<'a, str>>],
    ) -> Outputs<'a> {
        let mut items = Vec::with_capacity(select.projection.len());
        for (place, item) in select.projection.iter().enumerate() {
            let ((piece, touched), holds) = match item {
                SelectItem::ExprWithAlias { expr, alias: _ } | SelectItem::UnnamedExpr(expr) => {
                    (self.touching(expr), self.functions.holds(expr))
                }
                item => (self.touching(item), Holds { expands: true, ..Holds::default() }),
            };
            let name = names.get(place).cloned().flatten();
            items.push(OutputItem { name, piece, touched, holds, item });
        }
        let others = select.having.iter().chain(&select.qualify).chain(sort_keys(query));
        let holds: Vec<_> = others.map(|expr| self.functions.holds(expr)).collect();
        let all = || items.iter().map(|item| &item.holds).chain(&holds);
        let keys = match &select.group_by {
            GroupByExpr::All(_) => true,
            GroupByExpr::Expressions(keys, modifiers) => !(keys.is_empty() && modifiers.is_empty()),
        };
        let grouped = keys || select.having.is_some() || all().any(|holds| holds.aggregate);
        let intricate = all().any(|holds| holds.intricate);
        Outputs { items, grouped, intricate }
    }

    /// The keys of the groups, in an order of their own.
    fn group_keys(&mut self, select: &'a Select, outputs: &Outputs<'a>) -> Vec<Vec<u8>> {
        let (mut pieces, modifiers) = match &select.group_by {
            GroupByExpr::All(modifiers) => {
                let items = outputs.items.iter().filter(|item| !item.holds.aggregate);
                (items.map(|item| item.piece.clone()).collect::<Vec<_>>(), modifiers)
            }
            GroupByExpr::Expressions(keys, modifiers) => {
                let keys = keys.iter().map(|key| {
                    match ordinal(key).and_then(|place| outputs.items.get(place)) {
                        Some(item) => item.piece.clone(),
                        None => self.piece(key),
                    }
                });
                (keys.collect(), modifiers)
            }
        };
        pieces.sort_unstable();
        if !modifiers.is_empty() {
            pieces.push(self.piece(modifiers));
        }
        pieces
    }

    /// Whether a filter over groups or windows goes by the order in which rows come.
    fn filters_by_order(&self, select: &Select) -> bool {
        let mut filters = select.having.iter().chain(&select.qualify);
        filters.any(|filter| self.functions.holds(filter).ordered)
    }
}

fn sort_keys(query: Option<&Query>) -> impl Iterator<Item = &Expr> {
    let order = query.and_then(|query| query.order_by.as_ref());
    let keys = match order.map(|order| &order.kind) {
        Some(OrderByKind::Expressions(keys)) => &keys[..],
        Some(OrderByKind::All(_)) | None => &[],
    };
    keys.iter().map(|key| &key.expr)
}

/// Pairs outputs by name, then those that are left by what they are.
fn match_outputs(
    change: &mut Change,
    old: &[OutputItem<'_>],
    new: &[OutputItem<'_>],
    wanted: Wanted<'_>,
) {
    let same = |before: usize, after: usize| {
        old.get(before).is_some_and(|before| before.piece == new[after].piece)
    };
    if let Some(wanted) = wanted {
        let outputs = (0..new.len()).map(|place| {
            let old = wanted.get(place).copied().flatten();
            Output { old, same: old.is_some_and(|old| same(old, place)) }
        });
        change.outputs = outputs.collect();
        change.missing(old.len());
        return;
    }
    let mut found: Vec<Option<usize>> = vec![None; new.len()];
    let mut taken = vec![false; old.len()];
    for by_name in [true, false] {
        let mut places: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (place, item) in old.iter().enumerate().rev().filter(|(place, _)| !taken[*place]) {
            let key = if by_name {
                item.name.as_ref().map(|name| name.as_bytes())
            } else {
                Some(&item.piece[..])
            };
            if let Some(key) = key {
                places.entry(key).or_default().push(place);
            }
        }
        for (place, item) in
            new.iter().enumerate().filter(|(place, _)| found[*place].is_none()).collect::<Vec<_>>()
        {
            let key = if by_name {
                item.name.as_ref().map(|name| name.as_bytes())
            } else {
                Some(&item.piece[..])
            };
            if let Some(old) = key.and_then(|key| places.get_mut(key)).and_then(Vec::pop) {
                taken[old] = true;
                found[place] = Some(old);
            }
        }
    }
    let outputs = found
        .into_iter()
        .enumerate()
        .map(|(place, old)| Output { old, same: old.is_some_and(|old| same(old, place)) });
    change.outputs = outputs.collect();
    change.missing(old.len());
}

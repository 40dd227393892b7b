//! FROM: which items are joined, how, and under which conditions.

use std::{collections::BTreeMap, rc::Rc};

use sqlparser::{
    ast::{Expr, GroupByExpr, SelectItem, TableFactor},
    tokenizer::Span,
};

use super::{Code, Columns, Comparison, Half, Source};
use crate::diff::{
    ReasonCode,
    align::{Known, Pair, align},
    holds::Functions,
    places,
    tree::{Alias, Item, JoinKind, Kind, Step, Tree, conjuncts, leaf, odd, rest},
};

/// What a change of FROM does to the rows that the other clauses see.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Joined {
    pub(super) rows: bool,
    pub(super) moved: bool,
    pub(super) unknown: bool,
    /// Whether the conditions of the joins are conditions of WHERE in another place.
    pub(super) pooled: bool,
}

impl Joined {
    fn and(&mut self, other: Self) {
        self.rows |= other.rows;
        self.moved |= other.moved;
        self.unknown |= other.unknown;
    }
}

impl<'c, 'a> Comparison<'c, 'a> {
    /// Compares two FROM clauses, and from then on knows what their aliases stand for.
    #[recursive::recursive]
    pub(super) fn from(&mut self, old: &'c [Step<'a>], new: &'c [Step<'a>]) -> Joined {
        let (mut old_flat, mut new_flat) = (Vec::new(), Vec::new());
        let pooled = self.old.flatten(old, &mut old_flat) && self.new.flatten(new, &mut new_flat);
        if !pooled {
            (old_flat, new_flat) = (old.iter().collect(), new.iter().collect());
        }
        let mut joined = Joined { pooled, ..Joined::default() };
        if pooled && nested(old) != nested(new) {
            let places = (clause_place(old), clause_place(new));
            let message = "parentheses around joins say nothing here";
            self.find(ReasonCode::Respelled, message, places);
        }
        let old_known: Vec<_> = old_flat.iter().map(|step| known(self.old.tree, step)).collect();
        let new_known: Vec<_> = new_flat.iter().map(|step| known(self.new.tree, step)).collect();
        let pairs = align(&old_known, &new_known, pooled);
        joined.and(self.order(&pairs, &old_flat, &new_flat));
        // To the right of a comma, these join fewer items than after CROSS JOIN.
        let right_sided = old_flat.iter().chain(&new_flat).any(|step| {
            use JoinKind::{Full, Right, RightAnti, RightSemi};
            matches!(step.join, Right | Full | RightSemi | RightAnti)
        });
        for pair in pairs {
            match pair {
                Pair::Old(place) => joined.and(self.gone(old_flat[place], pooled)),
                Pair::New(place) => joined.and(self.added(new_flat[place], pooled)),
                Pair::Both(old_place, new_place) => {
                    let (before, after) = (old_flat[old_place], new_flat[new_place]);
                    joined.and(self.item(before, after));
                    joined.and(self.join(before, after, pooled, right_sided));
                }
            }
        }
        joined
    }

    /// Whether items that are there on both sides stand in another order.
    fn order(&mut self, pairs: &[Pair], old: &[&Step<'a>], new: &[&Step<'a>]) -> Joined {
        let places = pairs.iter().filter_map(|pair| match pair {
            Pair::Both(old, new) => Some((*old, *new)),
            Pair::Old(_) | Pair::New(_) => None,
        });
        let places: Vec<_> = places.collect();
        let Some(crossing) = places.windows(2).position(|pair| pair[0].0 > pair[1].0) else {
            return Joined::default();
        };
        let (old_place, new_place) = places[crossing];
        let places = (item_place(old[old_place]), item_place(new[new_place]));
        let leans = |tree: &Tree<'a>, step: &&Step<'a>| match &step.item {
            Item::Query { node, .. } => !tree.nodes[*node].free.is_empty(),
            Item::Call(_) | Item::Itself(_) => true,
            Item::Table(_) | Item::Nested(_) => false,
        };
        let rows = old.iter().any(|step| leans(self.old.tree, step))
            || new.iter().any(|step| leans(self.new.tree, step));
        let message = if rows {
            "the items of FROM are in another order, and some read others"
        } else {
            "the items of FROM are in another order, which gives the same rows"
        };
        self.find(ReasonCode::SourcesReordered, message, places);
        Joined { rows, moved: true, ..Joined::default() }
    }

    fn gone(&mut self, step: &'c Step<'a>, pooled: bool) -> Joined {
        let token = self.token();
        self.old.bind_apart(step, token);
        let name = source_name(self.old.tree, step);
        let places = (item_place(step), Span::empty());
        if self.old.keeps_rows(step, pooled) {
            let message = format!("{name}, which has one row, is no longer joined");
            self.find(ReasonCode::SingleRowSource, message, places);
            return Joined { moved: true, ..Joined::default() };
        }
        self.find(ReasonCode::SourceRemoved, format!("{name} is no longer read"), places);
        Joined { rows: true, moved: true, ..Joined::default() }
    }

    fn added(&mut self, step: &'c Step<'a>, pooled: bool) -> Joined {
        let token = self.token();
        self.new.bind_apart(step, token);
        let name = source_name(self.new.tree, step);
        let places = (Span::empty(), item_place(step));
        if self.new.keeps_rows(step, pooled) {
            let message = format!("{name}, which has one row, is joined");
            self.find(ReasonCode::SingleRowSource, message, places);
            return Joined { moved: true, ..Joined::default() };
        }
        let message = match step.join {
            JoinKind::Left => format!("{name} is joined, and may have several rows for one"),
            _ => format!("{name} is read as well"),
        };
        self.find(ReasonCode::SourceAdded, message, places);
        Joined { rows: true, moved: true, ..Joined::default() }
    }

    /// Compares what two items are.
    fn item(&mut self, old: &'c Step<'a>, new: &'c Step<'a>) -> Joined {
        let places = || (item_place(old), item_place(new));
        match (&old.item, &new.item) {
            (Item::Table(before), Item::Table(after)) if old.key == new.key => {
                let token = self.token();
                self.bind_listed((before, after), token);
                Joined::default()
            }
            (
                Item::Query { node, common, alias },
                Item::Query { node: new_node, common: new_common, alias: new_alias },
            ) => {
                let (before, after) =
                    (&self.old.tree.nodes[*node], &self.new.tree.nodes[*new_node]);
                let closed = before.free.is_empty() && after.free.is_empty();
                if old.key == new.key && closed {
                    let token = self.token();
                    self.bind_listed((alias, new_alias), token);
                    return Joined::default();
                }
                let old_common = common.map(|common| &self.old.tree.commons[common]);
                let new_common = new_common.map(|common| &self.new.tree.commons[common]);
                let recursive = [old_common, new_common].into_iter().flatten();
                let recursive = recursive.into_iter().any(|common| common.recursive);
                let scope = source_name(self.new.tree, new);
                let related = self.related(*node, *new_node, recursive, Some(scope));
                let names = |common: Option<&'c crate::diff::tree::Common<'a>>,
                             alias: &'c Alias<'a>|
                 -> &'c [&'a str] {
                    match common {
                        Some(common) if alias.columns.is_empty() => &common.columns,
                        _ => &alias.columns,
                    }
                };
                let token = self.token();
                let (was, is) = (names(old_common, alias), names(new_common, new_alias));
                self.respelled(was, is);
                self.old.bind(alias, token, related.old.under(was));
                self.new.bind(new_alias, token, related.new.under(is));
                let change = &related.change;
                let sampled = sampled(old.factor) || sampled(new.factor);
                Joined {
                    rows: change.rows || sampled,
                    moved: change.moved || sampled,
                    unknown: change.unknown || sampled,
                    pooled: false,
                }
            }
            (Item::Call(before), Item::Call(after)) => {
                let token = self.token();
                self.bind_listed((before, after), token);
                let (mut one, mut other) = (Vec::new(), Vec::new());
                leaf(old.factor, &mut self.old.room, &mut self.old.standing, &mut one);
                leaf(new.factor, &mut self.new.room, &mut self.new.standing, &mut other);
                if one == other {
                    return Joined::default();
                }
                let message = format!("{} is called otherwise", source_name(self.new.tree, new));
                self.find(ReasonCode::SourceReplaced, message, places());
                Joined { rows: true, moved: true, ..Joined::default() }
            }
            (Item::Nested(before), Item::Nested(after)) => {
                Joined { pooled: false, ..self.nested_from(before, after) }
            }
            (
                Item::Table(_)
                | Item::Query { .. }
                | Item::Call(_)
                | Item::Itself(_)
                | Item::Nested(_),
                _,
            ) => {
                let token = self.token();
                self.old.bind_apart(old, token);
                let token = self.token();
                self.new.bind_apart(new, token);
                let (was, is) = (source_name(self.old.tree, old), source_name(self.new.tree, new));
                let message = format!("{is} instead of {was}");
                self.find(ReasonCode::SourceReplaced, message, places());
                Joined { rows: true, moved: true, ..Joined::default() }
            }
        }
    }

    /// A join in parentheses keeps its conditions to itself.
    fn nested_from(&mut self, old: &'c [Step<'a>], new: &'c [Step<'a>]) -> Joined {
        let mut joined = self.from(old, new);
        if joined.pooled {
            let old_on = self.old.conditions(old);
            let new_on = self.new.conditions(new);
            joined.rows |= self.conditions(
                ("the join condition", ReasonCode::JoinConditionChanged),
                (&old_on, &new_on),
                || (clause_place(old), clause_place(new)),
            );
        }
        joined
    }

    /// Compares how two items are joined to those before them.
    fn join(
        &mut self,
        old: &'c Step<'a>,
        new: &'c Step<'a>,
        pooled: bool,
        right_sided: bool,
    ) -> Joined {
        let changed = Joined { rows: true, moved: true, ..Joined::default() };
        let inner = is_inner(old.join) && is_inner(new.join);
        let alike = old.join == new.join && old.join != JoinKind::Other;
        let places = || (item_place(old), item_place(new));
        if !(alike || inner && (pooled || !right_sided)) {
            let message = format!(
                "{} is joined by {} instead of {}",
                source_name(self.new.tree, new),
                join_name(new.join),
                join_name(old.join)
            );
            self.find(ReasonCode::JoinKindChanged, message, places());
            return changed;
        }
        if !alike && old.join != JoinKind::First && new.join != JoinKind::First {
            let message = "CROSS JOIN, JOIN and a comma are the same here";
            self.find(ReasonCode::Respelled, message, places());
        }
        if pooled && inner {
            return Joined::default();
        }
        let clause = ("the join condition", ReasonCode::JoinConditionChanged);
        let conditions = (conjuncts(old.on), conjuncts(new.on));
        let differ = self.conditions(clause, (&conditions.0, &conditions.1), places);
        if differ { changed } else { Joined::default() }
    }

    /// Gives two items that are the same one number.
    fn bind_listed(&mut self, (old, new): (&Alias<'a>, &Alias<'a>), token: u64) {
        self.respelled(&old.columns, &new.columns);
        let columns = |alias: &Alias<'a>| {
            if old.columns.is_empty() && new.columns.is_empty() {
                Columns::Named
            } else {
                let codes = (0_u64..).map(Code::Same);
                let listed = alias.columns.iter().map(|name| (*name).to_owned()).zip(codes);
                Columns::Listed(Rc::new(listed.collect::<BTreeMap<_, _>>()))
            }
        };
        let (old_columns, new_columns) = (columns(old), columns(new));
        self.old.bind(old, token, old_columns);
        self.new.bind(new, token, new_columns);
    }

    /// Notes that an item gives other names to its columns.
    fn respelled(&mut self, old: &[&'a str], new: &[&'a str]) {
        if old != new {
            let message = "an item of FROM gives other names to its columns";
            self.find(ReasonCode::Respelled, message, (Span::empty(), Span::empty()));
        }
    }

    /// Gives the items of two SELECTs that are the same one number each.
    pub(super) fn bind_alike(&mut self, old: usize, new: usize) {
        let kinds = (&self.old.tree.nodes[old].kind, &self.new.tree.nodes[new].kind);
        let (Kind::Select { from, .. }, Kind::Select { from: new_from, .. }) = kinds else {
            return;
        };
        let mut left: Vec<_> = from.iter().zip(new_from).collect();
        while let Some((before, after)) = left.pop() {
            match (&before.item, &after.item) {
                (Item::Nested(old), Item::Nested(new)) => left.extend(old.iter().zip(new)),
                (
                    Item::Table(old) | Item::Query { alias: old, .. } | Item::Call(old),
                    Item::Table(new) | Item::Query { alias: new, .. } | Item::Call(new),
                ) => {
                    let token = self.token();
                    self.bind_listed((old, new), token);
                }
                _ => {}
            }
        }
    }
}

impl<'c, 'a> Half<'c, 'a> {
    fn bind(&mut self, alias: &Alias<'a>, token: u64, columns: Columns) {
        if let Some(name) = alias.name {
            self.standing.sources.insert(name, Source { token, columns });
        }
    }

    /// Gives an item a number that no item of the other side has.
    fn bind_apart(&mut self, step: &Step<'a>, token: u64) {
        let mut left = vec![step];
        while let Some(step) = left.pop() {
            match &step.item {
                Item::Table(alias)
                | Item::Query { alias, .. }
                | Item::Call(alias)
                | Item::Itself(alias) => {
                    let none = Rc::new(BTreeMap::new());
                    self.bind(alias, token, Columns::Listed(none));
                }
                Item::Nested(steps) => left.extend(steps),
            }
        }
    }

    /// The items of FROM without the parentheses, if each is joined so that its condition could
    /// as well stand in WHERE, or has one row.
    #[recursive::recursive]
    fn flatten(&self, steps: &'c [Step<'a>], flat: &mut Vec<&'c Step<'a>>) -> bool {
        steps.iter().all(|step| {
            let inner = is_inner(step.join)
                || step.join == JoinKind::Left && single_row(self.tree, self.functions, step);
            inner
                && match &step.item {
                    Item::Nested(steps) => step.join != JoinKind::Left && self.flatten(steps, flat),
                    _ => {
                        flat.push(step);
                        true
                    }
                }
        })
    }

    /// The conditions of joins that could as well stand in WHERE.
    pub(super) fn conditions(&self, steps: &'c [Step<'a>]) -> Vec<&'a Expr> {
        let mut conditions = Vec::new();
        let mut left: Vec<&Step<'a>> = steps.iter().rev().collect();
        while let Some(step) = left.pop() {
            if is_inner(step.join) {
                conditions.extend(conjuncts(step.on));
            }
            if let Item::Nested(steps) = &step.item {
                left.extend(steps.iter().rev());
            }
        }
        conditions
    }

    /// Whether there are the same rows with an item as without it.
    fn keeps_rows(&self, step: &Step<'a>, pooled: bool) -> bool {
        single_row(self.tree, self.functions, step)
            && match step.join {
                JoinKind::Left => true,
                JoinKind::Cross | JoinKind::Inner => pooled || conjuncts(step.on).is_empty(),
                JoinKind::First | JoinKind::Comma => pooled,
                JoinKind::Right
                | JoinKind::Full
                | JoinKind::LeftSemi
                | JoinKind::RightSemi
                | JoinKind::LeftAnti
                | JoinKind::RightAnti
                | JoinKind::Other => false,
            }
    }
}

/// Whether an item has exactly one row, whatever the data.
fn single_row(tree: &Tree<'_>, functions: &Functions<'_>, step: &Step<'_>) -> bool {
    let Item::Query { node, common: _, alias: _ } = step.item else { return false };
    let mut node = &tree.nodes[node];
    if !node.free.is_empty() || sampled(step.factor) {
        return false;
    }
    loop {
        match &node.kind {
            Kind::Query { query, body } => {
                if query.limit_clause.is_some() || rest(query).is_some() {
                    return false;
                }
                node = &tree.nodes[*body];
            }
            Kind::Select { select, from } => {
                use sqlparser::ast::Distinct;
                let exprs = select.projection.iter().filter_map(|item| match item {
                    SelectItem::ExprWithAlias { expr, .. } | SelectItem::UnnamedExpr(expr) => {
                        Some(functions.holds(expr))
                    }
                    _ => None,
                });
                let (mut aggregate, mut expands) = (false, false);
                for holds in exprs {
                    aggregate |= holds.aggregate;
                    expands |= holds.expands;
                }
                let grouped = !matches!(
                    &select.group_by,
                    GroupByExpr::Expressions(keys, modifiers)
                        if keys.is_empty() && modifiers.is_empty()
                );
                let one = aggregate || from.is_empty() && select.selection.is_none();
                let picks = matches!(select.distinct, Some(Distinct::On(_)));
                let filtered = select.having.is_some() || select.qualify.is_some();
                return one && !(expands || grouped || picks || filtered || odd(select).is_some());
            }
            Kind::Values { values, body: _ } => return values.rows.len() == 1,
            Kind::Set { .. } | Kind::Other => return false,
        }
    }
}

fn sampled(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Derived { sample: Some(_), .. })
}

fn nested(steps: &[Step<'_>]) -> bool {
    steps.iter().any(|step| matches!(step.item, Item::Nested(_)))
}

fn clause_place(steps: &[Step<'_>]) -> Span {
    steps.iter().map(item_place).reduce(places::union).unwrap_or(Span::empty())
}

fn is_inner(join: JoinKind) -> bool {
    matches!(join, JoinKind::First | JoinKind::Comma | JoinKind::Cross | JoinKind::Inner)
}

fn join_name(join: JoinKind) -> &'static str {
    match join {
        JoinKind::First => "nothing before it",
        JoinKind::Comma => "a comma",
        JoinKind::Cross => "CROSS JOIN",
        JoinKind::Inner => "JOIN",
        JoinKind::Left => "LEFT JOIN",
        JoinKind::Right => "RIGHT JOIN",
        JoinKind::Full => "FULL JOIN",
        JoinKind::LeftSemi => "LEFT SEMI JOIN",
        JoinKind::RightSemi => "RIGHT SEMI JOIN",
        JoinKind::LeftAnti => "LEFT ANTI JOIN",
        JoinKind::RightAnti => "RIGHT ANTI JOIN",
        JoinKind::Other => "another join",
    }
}

fn known<'k>(tree: &Tree<'_>, step: &'k Step<'_>) -> Known<'k> {
    let label = match &step.item {
        Item::Query { .. } => Some(format!("query {}", source_name(tree, step))),
        Item::Call(_) => Some(format!("call {}", source_name(tree, step))),
        Item::Nested(_) => Some("join".to_owned()),
        Item::Table(_) | Item::Itself(_) => None,
    };
    Known { key: &step.key, label }
}

/// An item as people call it.
fn source_name(tree: &Tree<'_>, step: &Step<'_>) -> String {
    if let Item::Query { common: Some(common), .. } = step.item {
        return format!("`{}`", tree.commons[common].name);
    }
    match step.factor {
        TableFactor::Table { name, .. } => format!("`{name}`"),
        TableFactor::Function { name, .. } => format!("`{name}`"),
        TableFactor::Derived { alias: Some(alias), .. }
        | TableFactor::UNNEST { alias: Some(alias), .. } => format!("`{}`", alias.name.value),
        TableFactor::NestedJoin { .. } => "a join in parentheses".to_owned(),
        _ => "a table expression".to_owned(),
    }
}

fn item_place(step: &Step<'_>) -> Span {
    places::factor(step.factor)
}

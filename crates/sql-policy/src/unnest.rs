//! UNNEST in FROM of a column of an earlier FROM item.
//!
//! The engine plans `FROM t, UNNEST(t.list) AS u(x)` and then cannot run it: a list of another row
//! is a correlation that it does not untie. It does run unnest() in a SELECT list, so `t` becomes
//! a derived table that unnests its own list:
//!
//! ```sql
//! SELECT t.id AS id, u.x AS x FROM c.s.t AS t, UNNEST(t.list) AS u(x)
//! SELECT t.id AS id, t.x AS x FROM (SELECT t_1.id AS id, unnest(t_1.list) AS x FROM c.s.t AS t_1) AS t
//! ```
//!
//! A resolved query says which columns of `t` are read, so the derived table has these. Whoever
//! reads `u.x` reads `t.x` instead.
//!
//! Exact, because a row of `t` gives the same rows wherever it is unnested: none for a list that is
//! NULL or empty, and one for each element otherwise. Both forms of the engine drop such a list,
//! and fill several lists of one UNNEST up to the longest with NULL. LEFT JOIN keeps the row, which
//! is what unnest_outer() does.
//!
//! Unnesting moves from behind some joins to before them. That changes nothing as long as they keep
//! each row of `t` for itself, so
//!
//! * `t` stands in the same list of joins, or for a comma in an earlier one, and came in as its
//!   first table or by an inner or cross join: otherwise rows with a NULL list in place of `t` would
//!   come after unnesting;
//! * the joins in between are inner, cross, left, left semi or left anti;
//! * the condition of an inner JOIN UNNEST moves to WHERE, so the joins behind it are such joins, too;
//! * no volatile function is called in what is evaluated more or less often than before: the lists,
//!   the condition, the conditions in between. Lateral tables in between are not looked into.
//!
//! UNNEST also has to name its columns, and its lists have to be of one table: a relation or a
//! derived table that is not lateral. What does not fit stays, and the engine refuses it.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use sqlparser::{
    ast::{
        BinaryOperator, Expr, Function, Ident, Join, JoinConstraint, JoinOperator, ObjectNamePart,
        Query, Select, SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins, Value,
        ValueWithSpan, Visitor, VisitorMut,
    },
    tokenizer::Span,
};
use viewlane_core::{FunctionSource, Volatility};

use crate::{
    build,
    visit::{visit, visit_mut},
    walk::{Child, ChildMut, children, children_mut},
};

/// Writes every UNNEST of a column of an earlier FROM item so that the engine runs it, where that
/// is exact. The query is a resolved one, and stays one.
pub(crate) fn lower(query: &mut Query, functions: &dyn FunctionSource) {
    let mut names = Names::default();
    let _: ControlFlow<()> = visit(query, &mut names);
    if !names.unnests {
        return;
    }
    let mut lowering =
        Lowering { functions, names, renamed: BTreeMap::new(), unnested: BTreeMap::new() };
    let _: ControlFlow<()> = visit_mut(query, &mut lowering);
    if lowering.unnested.is_empty() {
        return;
    }
    let _: ControlFlow<()> = visit_mut(query, &mut Renamer(&lowering.renamed));
    let mut read = Names::default();
    let _: ControlFlow<()> = visit(query, &mut read);
    let mut filler = Filler { unnested: lowering.unnested, read: read.columns };
    let _: ControlFlow<()> = visit_mut(query, &mut filler);
}

/// The names of a statement.
#[derive(Default)]
struct Names {
    aliases: BTreeSet<String>,
    /// The columns that are read, by alias, each as it is written.
    columns: BTreeMap<String, BTreeMap<String, Ident>>,
    /// The columns whose name is the name of an output.
    outputs: BTreeSet<Column>,
    /// Whether there is any UNNEST in FROM.
    unnests: bool,
}

/// An alias and a column.
type Column = (String, String);

/// What is read instead of each column of an UNNEST that went.
type Renamed = BTreeMap<Column, (Ident, Ident)>;

impl Visitor for Names {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        self.unnests |= matches!(factor, TableFactor::UNNEST { .. });
        self.aliases.extend(alias(factor).map(|alias| alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        for item in &select.projection {
            if let SelectItem::UnnamedExpr(expr) = item
                && let Some((alias, column)) = column(expr)
            {
                self.outputs.insert((alias.value.clone(), column.value.clone()));
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Some((alias, column)) = column(expr) {
            let columns = self.columns.entry(alias.value.clone()).or_default();
            columns.entry(column.value.clone()).or_insert_with(|| column.clone());
        }
        ControlFlow::Continue(())
    }
}

/// The alias and the column that an expression begins with.
fn column(expr: &Expr) -> Option<(&Ident, &Ident)> {
    match expr {
        Expr::CompoundIdentifier(names) => match &names[..] {
            [alias, column, ..] => Some((alias, column)),
            _ => None,
        },
        _ => None,
    }
}

fn alias(factor: &TableFactor) -> Option<&TableAlias> {
    match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. } => alias.as_ref(),
        // A join in parentheses has none, and the gate lets none of the others pass.
        _ => None,
    }
}

struct Lowering<'a> {
    functions: &'a dyn FunctionSource,
    names: Names,
    renamed: Renamed,
    /// By alias of each derived table that was made: the alias inside it.
    unnested: BTreeMap<String, Ident>,
}

impl VisitorMut for Lowering<'_> {
    type Break = ();

    /// Inner queries come first: a derived table is done before it is put into another.
    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let mut item = 0;
        while item < select.from.len() {
            let mut join = 0;
            while join < select.from[item].joins.len() {
                if !self.join(select, item, join) {
                    join += 1;
                }
            }
            if !self.comma(select, item) {
                item += 1;
            }
        }
        ControlFlow::Continue(())
    }
}

/// How rows without elements are treated.
#[derive(Clone, Copy, PartialEq)]
enum Empty {
    Drop,
    Keep,
}

impl Lowering<'_> {
    /// Lowers a FROM item that is an UNNEST alone, if it can be.
    fn comma(&mut self, select: &mut Select, item: usize) -> bool {
        let TableWithJoins { relation, joins } = &select.from[item];
        if !joins.is_empty() {
            return false;
        }
        let Some(unnest) = self.unnest(relation) else { return false };
        let found = select.from[..item].iter().enumerate().find_map(|(at, table)| {
            let place = place(table, &unnest.of.value)?;
            let between = &select.from[at + 1..item];
            let joins = between.iter().flat_map(|table| &table.joins);
            let relations = between.iter().map(|table| &table.relation);
            let apart = relations.chain(joins.map(|join| &join.relation)).all(stands_alone);
            (apart && self.can_cross(&table.joins[place..])).then_some((at, place))
        });
        let Some((at, place)) = found else { return false };
        let TableWithJoins { relation, joins: _ } = select.from.remove(item);
        self.put(factor(&mut select.from[at], place), unnest, relation, Empty::Drop);
        true
    }

    /// Lowers a join with an UNNEST, if it can be.
    fn join(&mut self, select: &mut Select, item: usize, join: usize) -> bool {
        let table = &select.from[item];
        let Some(unnest) = self.unnest(&table.joins[join].relation) else { return false };
        let Some(place) = place(table, &unnest.of.value) else { return false };
        if place > join || !self.can_cross(&table.joins[place..join]) {
            return false;
        }
        let behind_keep_rows = table.joins[join + 1..].iter().all(keeps_rows);
        let (empty, moves) = match &table.joins[join].join_operator {
            JoinOperator::CrossJoin(JoinConstraint::None)
            | JoinOperator::Join(JoinConstraint::None)
            | JoinOperator::Inner(JoinConstraint::None) => (Empty::Drop, false),
            JoinOperator::Join(JoinConstraint::On(on))
            | JoinOperator::Inner(JoinConstraint::On(on)) => {
                if !(is_true(on) || behind_keep_rows && self.steady(on)) {
                    return false;
                }
                (Empty::Drop, !is_true(on))
            }
            JoinOperator::Left(JoinConstraint::On(on))
            | JoinOperator::LeftOuter(JoinConstraint::On(on))
                if is_true(on) =>
            {
                (Empty::Keep, false)
            }
            _ => return false,
        };
        let Join { relation, global: _, join_operator } = select.from[item].joins.remove(join);
        if moves
            && let JoinOperator::Join(JoinConstraint::On(on))
            | JoinOperator::Inner(JoinConstraint::On(on)) = join_operator
        {
            select.selection = Some(match select.selection.take() {
                None => on,
                Some(selection) => Expr::BinaryOp {
                    left: Box::new(on),
                    op: BinaryOperator::And,
                    right: Box::new(selection),
                },
            });
        }
        self.put(factor(&mut select.from[item], place), unnest, relation, empty);
        true
    }

    /// What an UNNEST unnests, if it is of one table and says how its columns are called.
    fn unnest(&self, factor: &TableFactor) -> Option<Unnest> {
        let TableFactor::UNNEST {
            alias: Some(TableAlias { explicit: _, name, columns, at: None }),
            array_exprs,
            with_offset: false,
            with_offset_alias: None,
            with_ordinality: false,
        } = factor
        else {
            return None;
        };
        if columns.len() != array_exprs.len() || columns.iter().any(|def| def.data_type.is_some()) {
            return None;
        }
        let mut of = None;
        if !array_exprs.iter().all(|list| self.steady(list) && self.reads_one(list, &mut of)) {
            return None;
        }
        let of = of?;
        let columns: Vec<_> = columns.iter().map(|def| def.name.clone()).collect();
        let taken = self.names.columns.get(&of.value);
        let keeps_its_name = |column: &Ident| {
            !self.names.outputs.contains(&(name.value.clone(), column.value.clone()))
                || taken.is_none_or(|taken| !taken.contains_key(&column.value))
        };
        columns.iter().all(keeps_its_name).then(|| Unnest { of, name: name.clone(), columns })
    }

    /// Whether unnesting may take place before these joins as well as after them.
    fn can_cross(&self, joins: &[Join]) -> bool {
        joins.iter().all(|join| {
            keeps_rows(join)
                && stands_alone(&join.relation)
                && condition(join).is_none_or(|on| self.steady(on))
        })
    }

    /// Whether an expression gives the same each time it is evaluated for a row. What is not known
    /// does not, and neither does what unnests.
    #[recursive::recursive]
    fn steady(&self, expr: &Expr) -> bool {
        if let Expr::Function(Function { name, .. }) = expr {
            let facts = match &name.0[..] {
                [ObjectNamePart::Identifier(name)] => self.functions.facts(&name.value),
                _ => None,
            };
            if facts.is_none_or(|facts| facts.volatility == Volatility::Volatile) {
                return false;
            }
        }
        let mut steady = true;
        children(expr, &mut |child| match child {
            Child::Expr(child) => steady = steady && self.steady(child),
            Child::Query(_) => steady = false,
        });
        steady
    }

    /// Whether all columns that an expression reads are of one table.
    #[recursive::recursive]
    fn reads_one(&self, expr: &Expr, of: &mut Option<Ident>) -> bool {
        if let Some((alias, column)) = column(expr) {
            let read = (alias.value.clone(), column.value.clone());
            let alias = self.renamed.get(&read).map_or(alias, |(alias, _)| alias);
            return of.get_or_insert_with(|| alias.clone()).value == alias.value;
        }
        let mut fits = true;
        children(expr, &mut |child| match child {
            Child::Expr(child) => fits = fits && self.reads_one(child, of),
            Child::Query(_) => fits = false,
        });
        fits
    }

    /// Makes a table a derived one that unnests. Its columns are filled in at the end, when all who
    /// read them are known.
    fn put(&mut self, place: &mut TableFactor, what: Unnest, from: TableFactor, empty: Empty) {
        let Unnest { of, name, columns } = what;
        let TableFactor::UNNEST { array_exprs: lists, .. } = from else { return };
        let inner = self.fresh_alias(&of);
        let function = if empty == Empty::Drop { "unnest" } else { "unnest_outer" };
        let mut projection = Vec::new();
        for (column, mut list) in columns.into_iter().zip(lists) {
            requalify(&mut list, &self.renamed, &of, &inner);
            let alias = self.fresh_column(&of, &column);
            self.renamed.insert((name.value.clone(), column.value), (of.clone(), alias.clone()));
            projection.push(SelectItem::ExprWithAlias {
                expr: build::call(function, vec![build::arg(list)]),
                alias,
            });
        }
        let alias = TableAlias { explicit: true, name: of, columns: Vec::new(), at: None };
        // One made before is inside now, under the new alias.
        if let Some(before) = self.unnested.insert(alias.name.value.clone(), inner.clone()) {
            self.unnested.insert(inner.value.clone(), before);
        }
        let select = build::select(projection, Vec::new());
        let derived = TableFactor::Derived {
            lateral: false,
            subquery: Box::new(build::query(SetExpr::Select(Box::new(select)))),
            alias: Some(alias),
            sample: None,
        };
        let mut relation = std::mem::replace(place, derived);
        if let TableFactor::Table { alias: Some(alias), .. }
        | TableFactor::Derived { alias: Some(alias), .. } = &mut relation
        {
            alias.name = inner;
        }
        if let TableFactor::Derived { subquery, .. } = place
            && let SetExpr::Select(select) = &mut *subquery.body
        {
            select.from.push(TableWithJoins { relation, joins: Vec::new() });
        }
    }

    fn fresh_alias(&mut self, near: &Ident) -> Ident {
        let alias = fresh(near, |name| self.names.aliases.contains(name));
        self.names.aliases.insert(alias.value.clone());
        alias
    }

    /// A name for a column of `of` that nobody reads.
    fn fresh_column(&mut self, of: &Ident, column: &Ident) -> Ident {
        let taken = self.names.columns.entry(of.value.clone()).or_default();
        let name = if taken.contains_key(&column.value) {
            fresh(column, |name| taken.contains_key(name))
        } else {
            column.clone()
        };
        taken.insert(name.value.clone(), name.clone());
        name
    }
}

/// An UNNEST that can be lowered.
struct Unnest {
    /// The alias of the table whose lists these are.
    of: Ident,
    name: Ident,
    columns: Vec<Ident>,
}

/// Where a table stands that may become a derived one: 0 for the first, `n` for that of the `n`th
/// join.
fn place(table: &TableWithJoins, of: &str) -> Option<usize> {
    let fits = |factor: &TableFactor| {
        let fits = matches!(
            factor,
            TableFactor::Table { args: None, .. } | TableFactor::Derived { lateral: false, .. }
        );
        fits && alias(factor).is_some_and(|alias| alias.name.value == of)
    };
    if fits(&table.relation) {
        return Some(0);
    }
    let join = table.joins.iter().position(|join| fits(&join.relation))?;
    let comes_whole = matches!(
        table.joins[join].join_operator,
        JoinOperator::CrossJoin(_) | JoinOperator::Join(_) | JoinOperator::Inner(_)
    );
    comes_whole.then_some(join + 1)
}

fn factor(table: &mut TableWithJoins, place: usize) -> &mut TableFactor {
    match place.checked_sub(1) {
        None => &mut table.relation,
        Some(join) => &mut table.joins[join].relation,
    }
}

/// Whether a table is the same whatever stands before it in FROM.
fn stands_alone(factor: &TableFactor) -> bool {
    matches!(factor, TableFactor::Table { .. } | TableFactor::Derived { lateral: false, .. })
}

/// The condition of a join that treats each row of its left side for itself.
fn condition(join: &Join) -> Option<&Expr> {
    match &join.join_operator {
        JoinOperator::Join(JoinConstraint::On(on))
        | JoinOperator::Inner(JoinConstraint::On(on))
        | JoinOperator::Left(JoinConstraint::On(on))
        | JoinOperator::LeftOuter(JoinConstraint::On(on))
        | JoinOperator::LeftSemi(JoinConstraint::On(on))
        | JoinOperator::LeftAnti(JoinConstraint::On(on)) => Some(on),
        _ => None,
    }
}

/// Whether a join treats each row of its left side for itself.
fn keeps_rows(join: &Join) -> bool {
    matches!(
        join.join_operator,
        JoinOperator::Join(_)
            | JoinOperator::Inner(_)
            | JoinOperator::CrossJoin(_)
            | JoinOperator::Left(_)
            | JoinOperator::LeftOuter(_)
            | JoinOperator::LeftSemi(_)
            | JoinOperator::LeftAnti(_)
    )
}

fn is_true(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(ValueWithSpan { value: Value::Boolean(true), span: _ }))
}

/// Puts the columns of an expression, which are all of one table, under another alias.
#[recursive::recursive]
fn requalify(expr: &mut Expr, renamed: &Renamed, of: &Ident, inner: &Ident) {
    rename(expr, renamed);
    if let Expr::CompoundIdentifier(names) = expr
        && let Some(alias) = names.first_mut()
        && alias.value == of.value
    {
        *alias = Ident { span: alias.span, ..inner.clone() };
    }
    children_mut(expr, &mut |child| match child {
        ChildMut::Expr(child) => requalify(child, renamed, of, inner),
        ChildMut::Query(_) => {}
    });
}

struct Renamer<'a>(&'a Renamed);

impl VisitorMut for Renamer<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        rename(expr, self.0);
        ControlFlow::Continue(())
    }
}

fn rename(expr: &mut Expr, renamed: &Renamed) {
    let Expr::CompoundIdentifier(names) = expr else { return };
    let [alias, column, ..] = &mut names[..] else { return };
    if let Some((of, name)) = renamed.get(&(alias.value.clone(), column.value.clone())) {
        *alias = Ident { span: alias.span, ..of.clone() };
        *column = Ident { span: column.span, ..name.clone() };
    }
}

/// Gives the derived tables the columns that are read of them, from the outermost in.
struct Filler {
    unnested: BTreeMap<String, Ident>,
    read: BTreeMap<String, BTreeMap<String, Ident>>,
}

impl VisitorMut for Filler {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let TableFactor::Derived { subquery, alias: Some(alias), .. } = factor else {
            return ControlFlow::Continue(());
        };
        let Some(inner) = self.unnested.get(&alias.name.value) else {
            return ControlFlow::Continue(());
        };
        let SetExpr::Select(select) = &mut *subquery.body else {
            return ControlFlow::Continue(());
        };
        let mut columns = self.read.get(&alias.name.value).cloned().unwrap_or_default();
        for item in &select.projection {
            if let SelectItem::ExprWithAlias { expr: _, alias } = item {
                columns.remove(&alias.value);
            }
        }
        let below = self.read.entry(inner.value.clone()).or_default();
        let items = columns.into_iter().map(|(name, column)| {
            below.entry(name).or_insert_with(|| column.clone());
            let expr = Expr::CompoundIdentifier(vec![inner.clone(), column.clone()]);
            SelectItem::ExprWithAlias { expr, alias: column }
        });
        let items: Vec<_> = items.collect();
        select.projection.splice(0..0, items);
        ControlFlow::Continue(())
    }
}

/// The name with a number behind it that is not taken, quoted as the name is.
fn fresh(near: &Ident, taken: impl Fn(&str) -> bool) -> Ident {
    let mut numbered = (1_usize..).map(|number| format!("{}_{number}", near.value));
    let name = numbered.find(|name| !taken(name)).expect("there is always another number");
    Ident { value: name, quote_style: near.quote_style, span: Span::empty() }
}

#[cfg(test)]
mod tests;

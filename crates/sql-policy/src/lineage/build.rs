//! The pass that makes a lineage. A column's binding is its alias, so there is no scope to search:
//! each alias is looked up in one map for the whole statement.

use std::{borrow::Cow, collections::BTreeMap};

use sqlparser::ast::{
    CaseWhen, Cte, Distinct, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentClause,
    FunctionArgumentList, FunctionArguments, GroupByExpr, HavingBound, Ident, Join, JoinConstraint,
    JoinOperator, LambdaFunction, LimitClause, ObjectName, ObjectNamePart, Offset, OrderBy,
    OrderByExpr, OrderByKind, Query, Select, SelectItem, SetExpr, SetOperator, SetQuantifier,
    TableAlias, TableAliasColumnDef, TableFactor, TableFunctionArgs, TableWithJoins, Value,
    ValueWithSpan, Values, WindowType, With,
};
use viewlane_core::{FunctionKind, RelationName};

use super::{
    ColumnId, DirectKind, IndirectKind, Lineage, OutputLineage, RowSets, ScopeKind, ScopeLineage,
    SourceColumn,
    set::{self, Id, Mask, Set, Use},
};
use crate::{
    compiled::FunctionUse,
    walk::{self, Child},
};

/// Calls that make several rows of one.
const UNNEST: [&str; 2] = ["unnest", "unnest_outer"];

/// Aggregates and window functions that give the same whatever the order of their input is.
const ORDER_FREE: [&str; 29] = [
    "approx_distinct",
    "avg",
    "bit_and",
    "bit_or",
    "bit_xor",
    "bool_and",
    "bool_or",
    "corr",
    "count",
    "covar_pop",
    "covar_samp",
    "cume_dist",
    "dense_rank",
    "grouping",
    "max",
    "mean",
    "median",
    "min",
    "percent_rank",
    "rank",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "sum",
    "var",
    "var_pop",
    "var_samp",
    "var_population",
    "var_sample",
];

const FILTER: Use = Use::indirect(IndirectKind::Filter);
const JOIN: Use = Use::indirect(IndirectKind::Join);
const GROUP: Use = Use::indirect(IndirectKind::Group);
const HAVING: Use = Use::indirect(IndirectKind::Having);
const ORDER: Use = Use::indirect(IndirectKind::Order);
const LIMIT: Use = Use::indirect(IndirectKind::Limit);
const DISTINCT: Use = Use::indirect(IndirectKind::Distinct);
const SET_OPERATION: Use = Use::indirect(IndirectKind::SetOperation);
const EXPANDED: Use = Use::indirect(IndirectKind::Unnest);

pub(super) fn of(query: &Query, functions: &[FunctionUse]) -> Lineage {
    let mut pass = Pass::new(functions);
    let body = pass.query(query);
    pass.finish(body)
}

/// What an [`Id`] stands for.
enum Entry {
    Column,
    RowsOf {
        relation: u32,
    },
    RowsIn {
        scope: u32,
    },
    /// A column of a recursive common table expression, while it is not known yet.
    Variable,
}

/// What an alias stands for.
#[derive(Clone, Copy)]
enum Source<'q> {
    /// A base relation; `renamed` if the alias gives its columns other names.
    Base { relation: u32, renamed: bool },
    /// One of [`Pass::derived`], with the names that the alias gives its columns, if any.
    Derived { index: usize, names: &'q [TableAliasColumnDef] },
}

/// A relation that the query makes.
struct Derived<'q> {
    columns: Columns<'q>,
    rows: Rows,
    /// What may decide the order in which its rows come.
    order: Set,
}

enum Columns<'q> {
    Named {
        names: Vec<Cow<'q, str>>,
        /// The positions, ascending by name.
        by_name: Vec<u32>,
        sets: Vec<Set>,
    },
    /// Columns that nobody can tell apart.
    Alike(Set),
}

enum Rows {
    /// A scope of its own.
    In(Id),
    /// Made from each row before it, by the values in the set.
    Expanded(Set),
}

struct Scope<'q> {
    kind: ScopeKind,
    name: Option<&'q str>,
    rows: Set,
}

/// A query or a branch of one.
#[derive(Default)]
struct Body<'q> {
    names: Vec<Cow<'q, str>>,
    outputs: Vec<Set>,
    /// What decides which rows there are, and as `ORDER` what decides their order.
    rows: Set,
    /// What may decide the order in which the rows come.
    order: Set,
}

/// A query of which ORDER BY and LIMIT are still to come.
struct Unfinished<'q> {
    names: Vec<Cow<'q, str>>,
    outputs: Vec<Set>,
    distinct: Option<&'q Distinct>,
    /// The rows that aggregates are computed over.
    before: Set,
    /// What decides about the rows after that.
    after: Set,
}

/// The SELECT around the place the pass has come to.
struct Around {
    grouped: bool,
    /// The rows below its aggregates, once there is an aggregate without GROUP BY.
    input: Option<(u32, Id)>,
    /// The lists that its rows are multiplied by.
    expanded: Set,
    /// What orders its input, its windows and its aggregates.
    order: Set,
}

/// The outputs that ORDER BY may name.
struct Outputs<'q> {
    names: Vec<Cow<'q, str>>,
    sets: Vec<Set>,
}

struct Pass<'q> {
    functions: &'q [FunctionUse],
    entries: Vec<Entry>,
    relations: Vec<(RelationName, Id)>,
    relation_ids: BTreeMap<Vec<&'q str>, u32>,
    column_ids: BTreeMap<(u32, &'q str), Id>,
    sources: BTreeMap<&'q str, Source<'q>>,
    ctes: BTreeMap<&'q str, usize>,
    derived: Vec<Derived<'q>>,
    scopes: Vec<Scope<'q>>,
    around: Vec<Around>,
    ordered: Vec<Outputs<'q>>,
    /// The parameters of the lambdas around.
    parameters: Vec<&'q str>,
}

impl<'q> Pass<'q> {
    fn new(functions: &'q [FunctionUse]) -> Self {
        Self {
            functions,
            entries: Vec::new(),
            relations: Vec::new(),
            relation_ids: BTreeMap::new(),
            column_ids: BTreeMap::new(),
            sources: BTreeMap::new(),
            ctes: BTreeMap::new(),
            derived: Vec::new(),
            scopes: Vec::new(),
            around: Vec::new(),
            ordered: Vec::new(),
            parameters: Vec::new(),
        }
    }

    fn entry(&mut self, entry: Entry) -> Id {
        self.entries.push(entry);
        (self.entries.len() - 1) as Id
    }

    /// A new scope, and what its rows are called in sets.
    fn scope(&mut self, kind: ScopeKind, name: Option<&'q str>, rows: Set) -> (u32, Id) {
        let scope = self.scopes.len() as u32;
        self.scopes.push(Scope { kind, name, rows });
        (scope, self.entry(Entry::RowsIn { scope }))
    }

    /// A query as a relation that may be read. `alias` may give its columns other names.
    fn derive(&mut self, kind: ScopeKind, alias: &'q TableAlias, body: Body<'q>) -> usize {
        let Body { mut names, outputs, mut rows, order } = body;
        rename(&mut names, &alias.columns);
        rows.settle();
        let (_, rows) = self.scope(kind, Some(&alias.name.value), rows);
        self.derived.push(Derived {
            columns: Columns::named(names, outputs),
            rows: Rows::In(rows),
            order,
        });
        self.derived.len() - 1
    }

    #[recursive::recursive]
    fn query(&mut self, query: &'q Query) -> Body<'q> {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch: _,
            locks: _,
            for_clause: _,
            settings: _,
            format_clause: _,
            pipe_operators: _,
        } = query;
        if let Some(with) = with {
            self.with(with);
        }
        let mut unfinished = match &**body {
            SetExpr::Select(select) => self.select(select),
            body => {
                let Body { names, outputs, mut rows, order } = self.set_expr(body);
                if order_by.is_some() {
                    rows.forget_order();
                }
                let around = Around { grouped: true, input: None, expanded: Set::default(), order };
                self.around.push(around);
                Unfinished { names, outputs, distinct: None, before: rows, after: Set::default() }
            }
        };
        let keys = order_by.as_ref().map(|order_by| self.order_by(order_by, &mut unfinished));
        let limited = match limit_clause {
            None => false,
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                let offset = offset.as_ref().map(|Offset { value, rows: _ }| value);
                for expr in limit.iter().chain(offset).chain(limit_by) {
                    self.expr(expr, LIMIT, &mut unfinished.after);
                }
                limit.is_some() || offset.is_some()
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                self.expr(offset, LIMIT, &mut unfinished.after);
                self.expr(limit, LIMIT, &mut unfinished.after);
                true
            }
        };
        self.close(unfinished, keys, limited)
    }

    fn with(&mut self, with: &'q With) {
        let With { with_token: _, recursive, cte_tables } = with;
        for cte in cte_tables {
            let Cte { alias, query, from: _, materialized: _, closing_paren_token: _ } = cte;
            let union = match &*query.body {
                SetExpr::SetOperation { left, op: SetOperator::Union, set_quantifier, right } => {
                    recursive.then_some((left, set_quantifier, right))
                }
                _ => None,
            };
            if let Some((left, quantifier, right)) = union {
                if let Some(with) = &query.with {
                    self.with(with);
                }
                self.recursive(alias, left, *quantifier, right);
            } else {
                let body = self.query(query);
                let index = self.derive(ScopeKind::Cte, alias, body);
                self.ctes.insert(&alias.name.value, index);
            }
        }
    }

    /// A common table expression that may read itself. What its columns depend on stands in the
    /// recursive term as variables, so that the term is passed once; then they are solved. The
    /// engine takes the two terms and nothing else of such a definition.
    fn recursive(
        &mut self,
        alias: &'q TableAlias,
        left: &'q SetExpr,
        quantifier: SetQuantifier,
        right: &'q SetExpr,
    ) {
        let first_scope = self.scopes.len();
        let mut body = self.set_expr(left);
        rename(&mut body.names, &alias.columns);
        let name = &alias.name.value;
        let (scope, rows) = self.scope(ScopeKind::Cte, Some(name), Set::default());
        let variables = self.entries.len() as Id;
        self.entries.extend(body.outputs.iter().map(|_| Entry::Variable));
        let stand_ins = (variables..).take(body.outputs.len()).map(|id| Set::of(id, Use::IDENTITY));
        let columns = Columns::named(body.names.clone(), stand_ins.collect());
        let index = self.derived.len();
        self.derived.push(Derived { columns, rows: Rows::In(rows), order: Set::default() });
        self.ctes.insert(name, index);

        let right = self.set_expr(right);
        for (output, more) in body.outputs.iter_mut().zip(&right.outputs) {
            output.append(more);
        }
        body.rows.append(&right.rows);
        body.order.append(&right.order);
        if !keeps_all(quantifier) {
            for output in &body.outputs {
                body.rows.append_through(output, SET_OPERATION);
            }
        }

        set::solve(variables, &mut body.outputs);
        body.rows.remove(rows);
        body.rows.settle();
        self.scopes[scope as usize].rows = body.rows;
        for scope in &mut self.scopes[first_scope..] {
            scope.rows.substitute(variables, &body.outputs);
        }
        body.order.substitute(variables, &body.outputs);
        self.derived[index].order = body.order;
        self.derived[index].columns = Columns::named(body.names, body.outputs);
    }

    #[recursive::recursive]
    fn set_expr(&mut self, body: &'q SetExpr) -> Body<'q> {
        match body {
            SetExpr::Select(select) => {
                let unfinished = self.select(select);
                self.close(unfinished, None, false)
            }
            SetExpr::Query(query) => self.query(query),
            SetExpr::SetOperation { .. } => self.branches(body),
            SetExpr::Values(Values { explicit_row: _, value_keyword: _, rows }) => {
                let width = rows.first().map_or(0, |row| row.content.len());
                let mut outputs = vec![Set::default(); width];
                for row in rows {
                    for (output, expr) in outputs.iter_mut().zip(&row.content) {
                        self.expr(expr, Use::IDENTITY, output);
                    }
                }
                let names = (1..=width).map(|number| Cow::Owned(format!("column{number}")));
                Body { names: names.collect(), outputs, ..Body::default() }
            }
            // The gate lets none of these pass.
            SetExpr::Insert(_)
            | SetExpr::Update(_)
            | SetExpr::Delete(_)
            | SetExpr::Merge(_)
            | SetExpr::Table(_) => Body::default(),
        }
    }

    /// Set operations lean to the left and may be many, so they are taken one after another.
    fn branches(&mut self, body: &'q SetExpr) -> Body<'q> {
        let mut rights = Vec::new();
        let mut leftmost = body;
        while let SetExpr::SetOperation { left, op, set_quantifier, right } = leftmost {
            rights.push((*op, *set_quantifier, &**right));
            leftmost = left;
        }
        let mut body = self.set_expr(leftmost);
        body.rows.forget_order();
        // Whether the rows so far depend on everything in them.
        let mut compared = false;
        for (op, quantifier, right) in rights.into_iter().rev() {
            let mut right = self.set_expr(right);
            right.rows.forget_order();
            let all = keeps_all(quantifier);
            if all && op == SetOperator::Union && std::mem::take(&mut compared) {
                body.compare();
            }
            match op {
                SetOperator::Union => {
                    let by_name = matches!(
                        quantifier,
                        SetQuantifier::ByName
                            | SetQuantifier::AllByName
                            | SetQuantifier::DistinctByName
                    );
                    for (position, (name, more)) in
                        right.names.iter().zip(&right.outputs).enumerate()
                    {
                        let same = if by_name {
                            body.names.iter().position(|known| known == name)
                        } else {
                            Some(position)
                        };
                        match same.and_then(|position| body.outputs.get_mut(position)) {
                            Some(output) => output.append(more),
                            None => {
                                body.names.push(name.clone());
                                body.outputs.push(more.clone());
                            }
                        }
                    }
                    compared |= !all;
                }
                SetOperator::Except | SetOperator::Intersect | SetOperator::Minus => {
                    for output in &right.outputs {
                        body.rows.append_through(output, SET_OPERATION);
                    }
                    compared = true;
                }
            }
            body.rows.append(&right.rows);
            body.order.append(&right.order);
        }
        if compared {
            body.compare();
        }
        body
    }

    /// Everything of a SELECT. It stays the one around, for the ORDER BY of its query.
    fn select(&mut self, select: &'q Select) -> Unfinished<'q> {
        let Select {
            select_token: _,
            optimizer_hints: _,
            distinct,
            select_modifiers: _,
            top: _,
            top_before_distinct: _,
            projection,
            exclude: _,
            into: _,
            from,
            lateral_views: _,
            prewhere: _,
            selection,
            connect_by: _,
            group_by,
            cluster_by: _,
            distribute_by: _,
            sort_by: _,
            having,
            named_window: _,
            qualify,
            window_before_qualify: _,
            value_table_mode: _,
            flavor: _,
        } = select;
        let grouped = match group_by {
            GroupByExpr::All(_) => true,
            GroupByExpr::Expressions(exprs, _) => !exprs.is_empty(),
        };
        let around =
            Around { grouped, input: None, expanded: Set::default(), order: Set::default() };
        self.around.push(around);
        let mut before = Set::default();
        for table in from {
            self.table_with_joins(table, &mut before);
        }
        if let Some(condition) = selection {
            self.expr(condition, FILTER, &mut before);
        }

        let mut names = Vec::with_capacity(projection.len());
        let mut outputs = Vec::with_capacity(projection.len());
        for item in projection {
            let mut output = Set::default();
            match item {
                SelectItem::ExprWithAlias { expr, alias } => {
                    self.expr(expr, Use::IDENTITY, &mut output);
                    names.push(Cow::Borrowed(alias.value.as_str()));
                }
                SelectItem::UnnamedExpr(expr) => {
                    self.expr(expr, Use::IDENTITY, &mut output);
                    let name = crate::qnf::column(expr).map(|(_, column)| column.value.as_str());
                    names.push(Cow::Borrowed(name.unwrap_or_default()));
                }
                // The normal form has none of these.
                SelectItem::ExprWithAliases { .. }
                | SelectItem::QualifiedWildcard(..)
                | SelectItem::Wildcard(_) => continue,
            }
            outputs.push(output);
        }

        match group_by {
            // By every output without an aggregate.
            GroupByExpr::All(_) => {
                for (item, output) in projection.iter().zip(&outputs) {
                    if let SelectItem::ExprWithAlias { expr, alias: _ }
                    | SelectItem::UnnamedExpr(expr) = item
                        && !self.aggregates(expr)
                    {
                        before.append_through(output, GROUP);
                    }
                }
            }
            GroupByExpr::Expressions(exprs, _) => {
                for expr in exprs {
                    match ordinal(expr).and_then(|position| outputs.get(position)) {
                        Some(output) => before.append_through(output, GROUP),
                        None => self.expr(expr, GROUP, &mut before),
                    }
                }
            }
        }
        let mut after = Set::default();
        if let Some(condition) = having {
            self.expr(condition, HAVING, &mut after);
        }
        if let Some(condition) = qualify {
            self.expr(condition, FILTER, &mut after);
        }
        if let Some(Distinct::On(exprs)) = distinct {
            for expr in exprs {
                self.expr(expr, DISTINCT, &mut after);
            }
        }
        Unfinished { names, outputs, distinct: distinct.as_ref(), before, after }
    }

    fn order_by(&mut self, order_by: &'q OrderBy, unfinished: &mut Unfinished<'q>) -> Set {
        let OrderBy { kind, interpolate: _ } = order_by;
        let mut keys = Set::default();
        match kind {
            OrderByKind::All(_) => {
                for output in &unfinished.outputs {
                    keys.append_through(output, ORDER);
                }
            }
            OrderByKind::Expressions(exprs) => {
                self.ordered.push(Outputs {
                    names: std::mem::take(&mut unfinished.names),
                    sets: std::mem::take(&mut unfinished.outputs),
                });
                for OrderByExpr { expr, options: _, with_fill: _ } in exprs {
                    match ordinal(expr).and_then(|position| self.ordered.last()?.sets.get(position))
                    {
                        Some(output) => keys.append_through(output, ORDER),
                        None => self.expr(expr, ORDER, &mut keys),
                    }
                }
                if let Some(Outputs { names, sets }) = self.ordered.pop() {
                    unfinished.names = names;
                    unfinished.outputs = sets;
                }
            }
        }
        keys
    }

    /// Ends the SELECT around. `keys` is what its query orders by.
    fn close(&mut self, unfinished: Unfinished<'q>, keys: Option<Set>, limited: bool) -> Body<'q> {
        let Unfinished { names, mut outputs, distinct, before, mut after } = unfinished;
        let around = self.around.pop().expect("each SELECT is entered before it is left");
        let Around { grouped: _, input, expanded, order } = around;
        let mut keys = keys;
        for set in outputs.iter_mut().chain(&mut keys).chain([&mut after]) {
            set.close(&order);
        }
        // Where the query says no order, whatever orders its input may decide.
        let decisive = keys.as_ref().unwrap_or(&order);
        match distinct {
            None | Some(Distinct::All) => {}
            // Of one row there is nothing to take away.
            Some(Distinct::Distinct) if input.is_some() && expanded.items().is_empty() => {}
            Some(Distinct::Distinct) => {
                outputs.iter().for_each(|output| after.append_through(output, DISTINCT));
            }
            Some(Distinct::On(_)) => after.append_through(decisive, DISTINCT),
        }
        after.append_through(&expanded, EXPANDED);
        if limited {
            after.append_through(decisive, LIMIT);
        }
        let mut rows = match input {
            Some((scope, _)) => {
                let mut before = before;
                before.settle();
                self.scopes[scope as usize].rows = before;
                after
            }
            None => {
                let mut rows = before;
                rows.append(&after);
                rows
            }
        };
        if let Some(keys) = &keys {
            rows.append(keys);
        }
        Body { names, outputs, rows, order: keys.unwrap_or(order) }
    }

    fn table_with_joins(&mut self, table: &'q TableWithJoins, rows: &mut Set) {
        let TableWithJoins { relation, joins } = table;
        self.table_factor(relation, rows);
        for Join { relation, global: _, join_operator } in joins {
            self.table_factor(relation, rows);
            let constraint = match join_operator {
                JoinOperator::Join(constraint)
                | JoinOperator::Inner(constraint)
                | JoinOperator::Left(constraint)
                | JoinOperator::LeftOuter(constraint)
                | JoinOperator::Right(constraint)
                | JoinOperator::RightOuter(constraint)
                | JoinOperator::FullOuter(constraint)
                | JoinOperator::CrossJoin(constraint)
                | JoinOperator::Semi(constraint)
                | JoinOperator::LeftSemi(constraint)
                | JoinOperator::RightSemi(constraint)
                | JoinOperator::Anti(constraint)
                | JoinOperator::LeftAnti(constraint)
                | JoinOperator::RightAnti(constraint)
                | JoinOperator::StraightJoin(constraint) => constraint,
                JoinOperator::AsOf { match_condition, constraint } => {
                    self.expr(match_condition, JOIN, rows);
                    constraint
                }
                JoinOperator::CrossApply
                | JoinOperator::OuterApply
                | JoinOperator::ArrayJoin
                | JoinOperator::LeftArrayJoin
                | JoinOperator::InnerArrayJoin => continue,
            };
            match constraint {
                JoinConstraint::On(condition) => self.expr(condition, JOIN, rows),
                // The normal form has neither USING nor NATURAL.
                JoinConstraint::None | JoinConstraint::Using(_) | JoinConstraint::Natural => {}
            }
        }
    }

    #[recursive::recursive]
    fn table_factor(&mut self, factor: &'q TableFactor, rows: &mut Set) {
        let (index, alias) = match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints: _,
                version: _,
                with_ordinality: _,
                partitions: _,
                json_path: _,
                sample: _,
                index_hints: _,
            } => {
                if let [ObjectNamePart::Identifier(name)] = &name.0[..]
                    && let Some(index) = self.ctes.get(name.value.as_str())
                {
                    (*index, alias)
                } else {
                    self.base(name, alias.as_ref(), rows);
                    return;
                }
            }
            TableFactor::Table {
                name: _,
                alias,
                args: Some(TableFunctionArgs { args, settings: _ }),
                with_hints: _,
                version: _,
                with_ordinality: _,
                partitions: _,
                json_path: _,
                sample: _,
                index_hints: _,
            }
            | TableFactor::Function { lateral: _, name: _, args, with_ordinality: _, alias } => {
                let mut values = Set::default();
                for arg in args {
                    self.argument(arg, Use::TRANSFORMATION, &mut values);
                }
                (self.expansion(Columns::Alike(values.clone()), values), alias)
            }
            TableFactor::Derived { lateral: _, subquery, alias: Some(alias), sample: _ } => {
                let body = self.query(subquery);
                let index = self.derive(ScopeKind::Derived, alias, body);
                self.read(index, &alias.name, &[], rows);
                return;
            }
            TableFactor::UNNEST {
                alias,
                array_exprs,
                with_offset: _,
                with_offset_alias: _,
                with_ordinality: _,
            } => {
                let mut values = Set::default();
                let mut sets = Vec::with_capacity(array_exprs.len());
                for expr in array_exprs {
                    let mut set = Set::default();
                    self.expr(expr, Use::TRANSFORMATION, &mut set);
                    values.append(&set);
                    sets.push(set);
                }
                // A struct gives as many columns as it has fields. Then the counts differ, or
                // each list gives one column.
                let names = alias.as_ref().map_or(&[][..], |alias| &alias.columns);
                let columns = if names.len() == sets.len() {
                    let names =
                        names.iter().map(|column| Cow::Borrowed(column.name.value.as_str()));
                    Columns::named(names.collect(), sets)
                } else {
                    Columns::Alike(values.clone())
                };
                (self.expansion(columns, values), alias)
            }
            TableFactor::NestedJoin { table_with_joins, alias: _ } => {
                self.table_with_joins(table_with_joins, rows);
                return;
            }
            // The normal form has no derived table without alias, and the gate lets none of the
            // others pass.
            TableFactor::Derived { lateral: _, subquery: _, alias: None, sample: _ }
            | TableFactor::TableFunction { .. }
            | TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::Pivot { .. }
            | TableFactor::Unpivot { .. }
            | TableFactor::MatchRecognize { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::SemanticView { .. } => return,
        };
        if let Some(TableAlias { explicit: _, name, columns, at: _ }) = alias {
            self.read(index, name, columns, rows);
        }
    }

    fn base(&mut self, name: &'q ObjectName, alias: Option<&'q TableAlias>, rows: &mut Set) {
        let parts = name.0.iter().filter_map(ObjectNamePart::as_ident);
        let parts: Vec<&str> = parts.map(|part| part.value.as_str()).collect();
        let relation = match self.relation_ids.get(&parts) {
            Some(relation) => *relation,
            None => {
                let relation = self.relations.len() as u32;
                let Ok(name) = RelationName::from_parts(parts.iter().copied()) else { return };
                let id = self.entry(Entry::RowsOf { relation });
                self.relations.push((name, id));
                self.relation_ids.insert(parts, relation);
                relation
            }
        };
        rows.insert(self.relations[relation as usize].1, Use::ROWS);
        if let Some(TableAlias { explicit: _, name, columns, at: _ }) = alias {
            let source = Source::Base { relation, renamed: !columns.is_empty() };
            self.sources.insert(&name.value, source);
        }
    }

    /// A relation that is made from each row before it.
    fn expansion(&mut self, columns: Columns<'q>, values: Set) -> usize {
        self.derived.push(Derived { columns, rows: Rows::Expanded(values), order: Set::default() });
        self.derived.len() - 1
    }

    fn read(
        &mut self,
        index: usize,
        alias: &'q Ident,
        names: &'q [TableAliasColumnDef],
        rows: &mut Set,
    ) {
        self.sources.insert(&alias.value, Source::Derived { index, names });
        let derived = &self.derived[index];
        match &derived.rows {
            Rows::In(scope) => rows.insert(*scope, Use::ROWS),
            Rows::Expanded(values) => rows.append_through(values, EXPANDED),
        }
        if let Some(around) = self.around.last_mut() {
            around.order.append_through(&derived.order, ORDER);
        }
    }

    fn base_column(&mut self, relation: u32, name: &'q str) -> Id {
        if let Some(id) = self.column_ids.get(&(relation, name)) {
            return *id;
        }
        let id = self.entry(Entry::Column);
        self.column_ids.insert((relation, name), id);
        id
    }

    /// A column, or with `None` every column of its source.
    fn column(&mut self, alias: &'q str, column: Option<&'q str>, used: Use, into: &mut Set) {
        match self.sources.get(alias).copied() {
            None => {}
            Some(Source::Base { relation, renamed }) => {
                let name = column.filter(|_| !renamed).unwrap_or(SourceColumn::ALL);
                into.insert(self.base_column(relation, name), used);
            }
            Some(Source::Derived { index, names }) => match &self.derived[index].columns {
                Columns::Alike(set) => into.append_through(set, used),
                Columns::Named { names: own, by_name, sets } => {
                    let position = column.and_then(|column| {
                        if names.is_empty() {
                            let found =
                                by_name.binary_search_by(|at| (*own[*at as usize]).cmp(column));
                            found.ok().map(|found| by_name[found] as usize)
                        } else {
                            names.iter().position(|name| name.name.value == column)
                        }
                    });
                    match position.and_then(|position| sets.get(position)) {
                        Some(set) => into.append_through(set, used),
                        None => sets.iter().for_each(|set| into.append_through(set, used)),
                    }
                }
            },
        }
    }

    /// Chains of operators lean to the left and may be very long, so they are not recursed into.
    #[recursive::recursive]
    fn expr(&mut self, expr: &'q Expr, used: Use, into: &mut Set) {
        let mut used = used;
        let mut leftmost = expr;
        while let Expr::BinaryOp { left, op: _, right } = leftmost {
            used = used.transformed();
            self.expr(right, used, into);
            leftmost = left;
        }
        self.node(leftmost, used, into);
    }

    fn node(&mut self, expr: &'q Expr, used: Use, into: &mut Set) {
        let parts = used.transformed();
        match expr {
            Expr::CompoundIdentifier(names) => match &names[..] {
                [alias, column] => self.column(&alias.value, Some(&column.value), used, into),
                [alias, column, ..] => self.column(&alias.value, Some(&column.value), parts, into),
                _ => {}
            },
            Expr::Identifier(name) => self.output(name, used, into),
            Expr::Nested(inner) => self.expr(inner, used, into),
            Expr::Function(call) => self.call(call, used, into),
            Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                let steering = used.steering(IndirectKind::Conditional);
                if let Some(operand) = operand {
                    self.expr(operand, steering, into);
                }
                for CaseWhen { condition, result } in conditions {
                    self.expr(condition, steering, into);
                    self.expr(result, parts, into);
                }
                if let Some(result) = else_result {
                    self.expr(result, parts, into);
                }
            }
            Expr::Subquery(query) => {
                let body = self.query(query);
                let value = if used.is_direct() { parts } else { used.inside_subquery() };
                body.outputs.iter().for_each(|output| into.append_through(output, value));
                into.append_rows(&body.rows, used.inside_subquery());
            }
            Expr::Exists { subquery, negated: _ } => {
                let body = self.query(subquery);
                into.append_rows(&body.rows, used.inside_subquery());
            }
            Expr::InSubquery { expr, subquery, negated: _ } => {
                self.expr(expr, parts, into);
                self.membership(subquery, used, into);
            }
            Expr::AnyOp { left, compare_op: _, right, is_some: _ }
            | Expr::AllOp { left, compare_op: _, right } => {
                self.expr(left, parts, into);
                match &**right {
                    Expr::Subquery(query) => self.membership(query, used, into),
                    right => self.expr(right, parts, into),
                }
            }
            Expr::Lambda(LambdaFunction { params, body, syntax: _ }) => {
                let outer = self.parameters.len();
                self.parameters.extend(params.iter().map(|param| param.name.value.as_str()));
                self.expr(body, parts, into);
                self.parameters.truncate(outer);
            }
            expr => walk::children(expr, &mut |child| match child {
                Child::Expr(inner) => self.expr(inner, parts, into),
                Child::Query(query) => self.membership(query, used, into),
            }),
        }
    }

    /// A name that stands alone: a parameter of a lambda, whose value comes from another argument,
    /// or in ORDER BY an output.
    fn output(&mut self, name: &'q Ident, used: Use, into: &mut Set) {
        if self.parameters.contains(&name.value.as_str()) {
            return;
        }
        for Outputs { names, sets } in self.ordered.iter().rev() {
            if let Some(position) = names.iter().position(|known| *known == name.value) {
                if let Some(set) = sets.get(position) {
                    into.append_through(set, used);
                }
                return;
            }
        }
    }

    /// A subquery whose rows are compared with a value.
    fn membership(&mut self, query: &'q Query, used: Use, into: &mut Set) {
        let body = self.query(query);
        let inside = used.inside_subquery();
        body.outputs.iter().for_each(|output| into.append_through(output, inside));
        into.append_rows(&body.rows, inside);
    }

    fn call(&mut self, call: &'q Function, used: Use, into: &mut Set) {
        let Function {
            name,
            uses_odbc_syntax: _,
            parameters,
            args,
            filter,
            null_treatment: _,
            over,
            within_group,
        } = call;
        let name = match &name.0[..] {
            [ObjectNamePart::Identifier(name)] => name.value.as_str(),
            _ => "",
        };
        let aggregate = self.is_aggregate(name);
        let value = if aggregate { used.aggregated() } else { used.transformed() };
        if UNNEST.contains(&name) && used != EXPANDED {
            // Each value of the list is a row.
            let mut list = Set::default();
            self.arguments(args, value, &mut list);
            into.append(&list);
            if let Some(around) = self.around.last_mut() {
                around.expanded.append_through(&list, EXPANDED);
            }
            return;
        }
        self.arguments(parameters, value, into);
        let mut ordered = self.arguments(args, value, into);
        if let Some(condition) = filter {
            self.expr(condition, used.steering(IndirectKind::Filter), into);
        }
        for OrderByExpr { expr, options: _, with_fill: _ } in within_group {
            ordered = true;
            self.expr(expr, value, into);
        }
        match over {
            None | Some(WindowType::NamedWindow(_)) => {}
            Some(WindowType::WindowSpec(spec)) => {
                ordered |= !spec.order_by.is_empty();
                let steering = used.steering(IndirectKind::Window);
                let mut window = Set::default();
                walk::window(spec, &mut |child| match child {
                    Child::Expr(expr) => self.expr(expr, steering, &mut window),
                    Child::Query(query) => self.membership(query, steering, &mut window),
                });
                into.append(&window);
                if let Some(around) = self.around.last_mut() {
                    around.order.append_through(&window, ORDER);
                }
            }
        }
        if (aggregate || over.is_some()) && !ordered && !ORDER_FREE.contains(&name) {
            into.leave_open(used.steering(IndirectKind::Order));
        }
        if aggregate && over.is_none() {
            self.over_input(used, into);
        }
    }

    /// An aggregate without GROUP BY depends on which rows there are below it.
    fn over_input(&mut self, used: Use, into: &mut Set) {
        let Some(Around { grouped: false, input, .. }) = self.around.last() else { return };
        let id = match input {
            Some((_, id)) => *id,
            None => {
                let input = self.scope(ScopeKind::Input, None, Set::default());
                if let Some(around) = self.around.last_mut() {
                    around.input = Some(input);
                }
                input.1
            }
        };
        into.insert(id, used.rows());
    }

    /// Whether the arguments say in which order they are taken.
    fn arguments(&mut self, arguments: &'q FunctionArguments, value: Use, into: &mut Set) -> bool {
        match arguments {
            FunctionArguments::None => false,
            FunctionArguments::Subquery(query) => {
                let body = self.query(query);
                body.outputs.iter().for_each(|output| into.append_through(output, value));
                into.append_through(&body.rows, value.inside_subquery());
                false
            }
            FunctionArguments::List(FunctionArgumentList {
                duplicate_treatment: _,
                args,
                clauses,
            }) => {
                for arg in args {
                    self.argument(arg, value, into);
                }
                let mut ordered = false;
                for clause in clauses {
                    match clause {
                        FunctionArgumentClause::OrderBy(exprs) => {
                            ordered = true;
                            let mut keys = Set::default();
                            for OrderByExpr { expr, options: _, with_fill: _ } in exprs {
                                self.expr(expr, value.steering(IndirectKind::Order), &mut keys);
                            }
                            into.append(&keys);
                            if let Some(around) = self.around.last_mut() {
                                around.order.append_through(&keys, ORDER);
                            }
                        }
                        FunctionArgumentClause::Limit(expr)
                        | FunctionArgumentClause::Having(HavingBound(_, expr)) => {
                            self.expr(expr, value, into);
                        }
                        FunctionArgumentClause::IgnoreOrRespectNulls(_)
                        | FunctionArgumentClause::OnOverflow(_)
                        | FunctionArgumentClause::Separator(_)
                        | FunctionArgumentClause::JsonNullClause(_)
                        | FunctionArgumentClause::JsonReturningClause(_) => {}
                    }
                }
                ordered
            }
        }
    }

    fn argument(&mut self, arg: &'q FunctionArg, value: Use, into: &mut Set) {
        let arg = match arg {
            FunctionArg::Unnamed(arg)
            | FunctionArg::Named { name: _, arg, operator: _ }
            | FunctionArg::ExprNamed { name: _, arg, operator: _ } => arg,
        };
        match arg {
            FunctionArgExpr::Expr(expr) => self.expr(expr, value, into),
            FunctionArgExpr::QualifiedWildcard(name) => {
                if let [ObjectNamePart::Identifier(alias)] = &name.0[..] {
                    self.column(&alias.value, None, value, into);
                }
            }
            // `count(*)` counts rows, whatever is in them.
            FunctionArgExpr::Wildcard | FunctionArgExpr::WildcardWithOptions(_) => {}
        }
    }

    fn is_aggregate(&self, name: &str) -> bool {
        let found = self.functions.binary_search_by(|function| function.name.as_str().cmp(name));
        let facts = found.ok().and_then(|index| self.functions[index].facts.as_ref());
        facts.is_some_and(|facts| facts.kind == FunctionKind::Aggregate)
    }

    /// Whether an aggregate stands in an expression, beside subqueries and windows over rows.
    #[recursive::recursive]
    fn aggregates(&self, expr: &Expr) -> bool {
        if let Expr::Function(Function { name, over: None, .. }) = expr
            && let [ObjectNamePart::Identifier(name)] = &name.0[..]
            && self.is_aggregate(&name.value)
        {
            return true;
        }
        let mut found = false;
        walk::children(expr, &mut |child| {
            if let Child::Expr(inner) = child {
                found = found || self.aggregates(inner);
            }
        });
        found
    }

    fn finish(mut self, body: Body<'q>) -> Lineage {
        let Body { names, outputs, mut rows, order: _ } = body;
        rows.settle();
        self.scope(ScopeKind::Root, None, rows);

        let mut relations: Vec<_> = self.relations.iter().enumerate().collect();
        relations.sort_unstable_by(|left, right| left.1.0.cmp(&right.1.0));
        let mut relation_places = vec![0; relations.len()];
        for (place, (relation, _)) in relations.iter().enumerate() {
            relation_places[*relation] = place as u32;
        }
        let mut columns: Vec<_> = self
            .column_ids
            .iter()
            .map(|((relation, name), id)| (relation_places[*relation as usize], *name, *id))
            .collect();
        columns.sort_unstable();
        let mut column_places = vec![ColumnId(0); self.entries.len()];
        for (place, (_, _, id)) in columns.iter().enumerate() {
            column_places[*id as usize] = ColumnId(place as u32);
        }
        let relations: Vec<_> = relations.into_iter().map(|(_, (name, _))| name.clone()).collect();
        let columns = columns.into_iter().map(|(relation, name, _)| SourceColumn {
            relation: relations[relation as usize].clone(),
            column: name.to_owned(),
        });
        let columns = columns.collect();
        let places = Places { entries: &self.entries, columns: column_places, relation_places };
        let outputs = names.into_iter().zip(outputs).map(|(name, mut set)| {
            set.settle();
            OutputLineage {
                name: name.into_owned(),
                sources: places.sources(&set),
                indirect: places.indirect(&set),
                rows: places.row_sets(&set, |_| true),
            }
        });
        let outputs = outputs.collect();
        let scopes = self.scopes.iter().map(|Scope { kind, name, rows }| ScopeLineage {
            kind: *kind,
            name: name.map(str::to_owned),
            indirect: places.indirect(rows),
            rows: places.row_sets(rows, set::decides_rows),
            order: places.row_sets(rows, set::decides_order),
        });
        let scopes = scopes.collect();
        Lineage { relations, columns, outputs, scopes }
    }
}

impl Body<'_> {
    /// Lets the rows depend on everything in them.
    fn compare(&mut self) {
        for output in &self.outputs {
            self.rows.append_through(output, SET_OPERATION);
        }
    }
}

impl<'q> Columns<'q> {
    fn named(names: Vec<Cow<'q, str>>, sets: Vec<Set>) -> Self {
        let mut by_name: Vec<_> = (0..names.len() as u32).collect();
        by_name.sort_by_key(|position| &*names[*position as usize]);
        let mut sets = sets;
        sets.iter_mut().for_each(Set::settle);
        Self::Named { names, by_name, sets }
    }
}

/// Where everything has its place in the finished lineage.
struct Places<'p> {
    entries: &'p [Entry],
    /// By id; of use where the entry is a column.
    columns: Vec<ColumnId>,
    relation_places: Vec<u32>,
}

impl Places<'_> {
    fn columns(&self, set: &Set) -> Vec<(ColumnId, Mask)> {
        let columns = set
            .items()
            .iter()
            .filter(|(id, _)| matches!(self.entries[*id as usize], Entry::Column));
        let mut columns: Vec<_> =
            columns.map(|(id, mask)| (self.columns[*id as usize], *mask)).collect();
        columns.sort_unstable();
        columns
    }

    fn sources(&self, set: &Set) -> Vec<(ColumnId, DirectKind)> {
        let columns = self.columns(set).into_iter();
        columns.filter_map(|(id, mask)| Some((id, set::direct_kind(mask)?))).collect()
    }

    fn indirect(&self, set: &Set) -> Vec<(ColumnId, IndirectKind)> {
        let columns = self.columns(set).into_iter();
        columns
            .flat_map(|(id, mask)| set::indirect_kinds(mask).map(move |kind| (id, kind)))
            .collect()
    }

    fn row_sets(&self, set: &Set, counts: impl Fn(Mask) -> bool) -> RowSets {
        let mut rows = RowSets::default();
        for (id, _) in set.items().iter().filter(|(_, mask)| counts(*mask)) {
            match self.entries[*id as usize] {
                Entry::Column | Entry::Variable => {}
                Entry::RowsOf { relation } => {
                    rows.relations.push(self.relation_places[relation as usize]);
                }
                Entry::RowsIn { scope } => rows.scopes.push(scope),
            }
        }
        rows.relations.sort_unstable();
        rows.scopes.sort_unstable();
        rows
    }
}

/// Gives columns the names of a list, if there is one.
fn rename<'q>(names: &mut [Cow<'q, str>], list: &'q [TableAliasColumnDef]) {
    for (name, column) in names.iter_mut().zip(list) {
        *name = Cow::Borrowed(column.name.value.as_str());
    }
}

fn keeps_all(quantifier: SetQuantifier) -> bool {
    match quantifier {
        SetQuantifier::All | SetQuantifier::AllByName => true,
        SetQuantifier::Distinct
        | SetQuantifier::ByName
        | SetQuantifier::DistinctByName
        | SetQuantifier::None => false,
    }
}

/// The position that a bare integer in GROUP BY or ORDER BY stands for.
fn ordinal(expr: &Expr) -> Option<usize> {
    match expr {
        Expr::Value(ValueWithSpan { value: Value::Number(number, _), span: _ }) => {
            number.parse::<usize>().ok()?.checked_sub(1)
        }
        _ => None,
    }
}

//! Between parser and gate: what the engine lacks is written as what it has.
//!
//! A lowering follows from the syntax alone, without schemas, and is exact: the standard, or the
//! manual of the dialect where the standard has no such clause, gives both writings one meaning.
//!
//! | written | becomes |
//! | --- | --- |
//! | `FETCH FIRST n ROWS ONLY`, also `FETCH FIRST ROW ONLY` and after OFFSET | `LIMIT n` |
//! | `SELECT TOP n`, in a branch of a set operation too | `LIMIT n`, the branch in parentheses |
//! | `MINUS` | `EXCEPT` with the same quantifier |
//! | `SEMI JOIN`, `ANTI JOIN` | `LEFT SEMI JOIN`, `LEFT ANTI JOIN` |
//! | `GROUP BY a, b WITH ROLLUP`, `WITH CUBE` | `GROUP BY ROLLUP (a, b)`, `CUBE (a, b)` |
//! | `FROM t SELECT a`, `FROM t` | `SELECT a FROM t`, `SELECT * FROM t` |
//! | `OVER w`, `OVER (w …)`, `WINDOW v AS (w …)`, `WINDOW v AS w` | `OVER (…)` in full |
//!
//! What is not exact stays as it is, and the gate refuses it:
//!
//! * WITH TIES and PERCENT, and FETCH or TOP beside another limit;
//! * a number of rows that is not made of digits: NULL would be no limit at all;
//! * WITH ROLLUP and WITH CUBE in ClickHouse, where left out keys are not NULL but empty, after
//!   grouping sets or tuples, and twice;
//! * WITH TOTALS, which gives a row beside the result;
//! * `GROUP BY a, b GROUPING SETS (…)`: in Hive and Spark the list only declares columns, but one
//!   comma more makes it the standard's product of both;
//! * `TABLE t`: the parser drops the quotes of the name and two tokens after it;
//! * windows that mean nothing, see [`windows`].
//!
//! What needs schemas, `* ILIKE`, `* RENAME` and the columns of USING, is not lowered here.

mod inline;
mod measure;
pub(crate) mod windows;

use std::collections::BTreeSet;

use sqlparser::{
    ast::{
        BinaryOperator, Distinct, Expr, Fetch, FunctionArg, FunctionArgExpr, GroupByExpr,
        GroupByWithModifier, Ident, Join, JoinConstraint, JoinOperator, LimitClause,
        NamedWindowDefinition, NamedWindowExpr, ObjectName, ObjectNamePart, Offset, OrderBy,
        OrderByKind, Query, Select, SelectFlavor, SelectItem, SetExpr, SetOperator, TableFactor,
        TableWithJoins, Top, TopQuantity, UnaryOperator, Value, Values, WildcardAdditionalOptions,
    },
    tokenizer::Span as TokenSpan,
};
use viewlane_core::SourceText;

use self::{
    inline::Inliner,
    measure::{Measure, Measured},
};
use crate::{
    build,
    deviation::{Deviation, Lowering},
    policy::Policy,
    room::Size,
    text::{self, Lines},
    walk::{self, Child, ChildMut, children_mut},
};

/// A query with nothing in it that could be written as what the engine has.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) query: Box<Query>,
    /// Where the answer is not that of the engine, in the order of the text.
    pub(crate) lowerings: Vec<Lowering>,
}

/// Lowers a query and every query in it.
pub(crate) fn lower(policy: &Policy, source: &SourceText, mut query: Box<Query>) -> Lowered {
    let mut lower = Lower {
        policy,
        found: Vec::new(),
        in_list: 0,
        in_expression: 0,
        measure: Measure::default(),
        copied: 0,
    };
    lower.query(&mut query);
    let mut lowerings = Vec::with_capacity(lower.found.len());
    if !lower.found.is_empty() {
        let lines = Lines::new(source);
        lowerings.extend(
            lower
                .found
                .into_iter()
                .map(|(deviation, span)| Lowering { deviation, span: lines.bytes(span) }),
        );
        lowerings.sort_by_key(|found| (found.span.start, found.span.end, found.deviation));
    }
    Lowered { query, lowerings }
}

struct Lower<'a> {
    policy: &'a Policy,
    found: Vec<(Deviation, TokenSpan)>,
    /// SELECT lists around the query the walk has come to.
    in_list: usize,
    /// Expressions and laterals around it, whose columns it may read.
    in_expression: usize,
    measure: Measure,
    /// Expressions that were copied so far.
    copied: usize,
}

/// Where in a SELECT an expression stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An expression of the SELECT list: there the engine knows named windows.
    List,
    Elsewhere,
}

impl Lower<'_> {
    fn note(&mut self, deviation: Deviation, span: TokenSpan) {
        self.found.push((deviation, span));
    }

    #[recursive::recursive]
    fn query(&mut self, query: &mut Query) {
        let Query {
            with,
            body,
            order_by,
            limit_clause,
            fetch,
            // The gate refuses them.
            locks: _,
            for_clause: _,
            settings: _,
            format_clause: _,
            pipe_operators: _,
        } = query;
        self.measure.query();
        for cte in with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            self.query(&mut cte.query);
        }
        match &mut **body {
            SetExpr::Select(select) => self.select(select, order_by.as_mut()),
            body => {
                self.set_expr(body);
                sort_keys(order_by.as_mut(), &mut |expr| self.expr(expr));
            }
        }
        match limit_clause {
            None => {}
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
                limit.iter_mut().for_each(|limit| self.expr(limit));
                offset.iter_mut().for_each(|offset| self.expr(&mut offset.value));
                limit_by.iter_mut().for_each(|expr| self.expr(expr));
            }
            Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
                self.expr(offset);
                self.expr(limit);
            }
        }
        self.fetch(limit_clause, fetch);
        if let SetExpr::Select(select) = &mut **body
            && limit_clause.is_none()
            && fetch.is_none()
        {
            *limit_clause = self.top(select);
        }
        self.measure.leave_query();
    }

    #[recursive::recursive]
    fn set_expr(&mut self, body: &mut SetExpr) {
        match body {
            SetExpr::Select(select) => self.select(select, None),
            SetExpr::Query(query) => self.query(query),
            SetExpr::SetOperation { left, op, set_quantifier: _, right } => {
                self.measure.query();
                for branch in [&mut **left, right] {
                    self.set_expr(branch);
                    self.branch(branch);
                }
                self.measure.leave_query();
                if *op == SetOperator::Minus {
                    *op = SetOperator::Except;
                    self.note(Deviation::Minus, beginning(right));
                }
            }
            SetExpr::Values(Values { explicit_row: _, value_keyword: _, rows }) => {
                for row in rows {
                    row.content.iter_mut().for_each(|expr| self.expr(expr));
                }
            }
            // The gate refuses them.
            SetExpr::Insert(_)
            | SetExpr::Update(_)
            | SetExpr::Delete(_)
            | SetExpr::Merge(_)
            | SetExpr::Table(_) => {}
        }
    }

    /// A branch of a set operation has no LIMIT; a query in parentheses has.
    fn branch(&mut self, branch: &mut SetExpr) {
        let SetExpr::Select(select) = branch else { return };
        let Some(limit) = self.top(select) else { return };
        let rows = Values { explicit_row: false, value_keyword: false, rows: Vec::new() };
        let body = std::mem::replace(branch, SetExpr::Values(rows));
        *branch =
            SetExpr::Query(Box::new(Query { limit_clause: Some(limit), ..build::query(body) }));
    }

    fn select(&mut self, select: &mut Select, mut order_by: Option<&mut OrderBy>) {
        let sizes: Vec<_> =
            select.named_window.iter_mut().map(|window| self.definition(window)).collect();
        each_expr(select, order_by.as_deref_mut(), &mut |expr, place| {
            let list = usize::from(place == Place::List);
            self.in_list += list;
            self.expr(expr);
            self.in_list -= list;
        });
        select.from.iter_mut().for_each(|table| self.table_with_joins(table));
        self.select_before_from(select);
        self.group_by(select);
        if !select.named_window.is_empty() {
            self.inline(select, order_by, &sizes);
        }
    }

    fn definition(&mut self, window: &mut NamedWindowDefinition) -> Measured {
        let before = self.measure.begin();
        let NamedWindowDefinition(_, definition) = window;
        if let NamedWindowExpr::WindowSpec(spec) = definition {
            walk::window_mut(spec, &mut |child| self.child(child));
        }
        self.measure.end(before)
    }

    /// Puts the definitions of windows in the place of their names. Where one of them means
    /// nothing, they stay, and the gate says why.
    fn inline(&mut self, select: &mut Select, order_by: Option<&mut OrderBy>, sizes: &[Measured]) {
        let named = std::mem::take(&mut select.named_window);
        let mut inliner = Inliner::new(self, &named, sizes);
        each_expr(select, order_by, &mut |expr, place| inliner.expr(expr, place));
        if inliner.complete() {
            let mut whole = Measured::default();
            sizes.iter().for_each(|size| whole.add(*size));
            whole.size.dropping(|| drop(named));
            select.window_before_qualify = false;
        } else {
            select.named_window = named;
        }
    }

    /// The columns of the tables are what a query without SELECT gives.
    fn select_before_from(&mut self, select: &mut Select) {
        match select.flavor {
            SelectFlavor::Standard => {}
            SelectFlavor::FromFirst => select.flavor = SelectFlavor::Standard,
            SelectFlavor::FromFirstNoSelect if select.projection.is_empty() => {
                self.note(Deviation::FromWithoutSelect, select.select_token.0.span);
                select.flavor = SelectFlavor::Standard;
                select.projection =
                    vec![SelectItem::Wildcard(WildcardAdditionalOptions::default())];
            }
            SelectFlavor::FromFirstNoSelect => {}
        }
    }

    fn group_by(&mut self, select: &mut Select) {
        let Select { group_by: GroupByExpr::Expressions(exprs, modifiers), projection, .. } =
            select
        else {
            return;
        };
        let (deviation, with): (_, fn(_) -> _) = match &modifiers[..] {
            [GroupByWithModifier::Rollup] => (Deviation::GroupByWithRollup, Expr::Rollup),
            [GroupByWithModifier::Cube] => (Deviation::GroupByWithCube, Expr::Cube),
            _ => return,
        };
        if exprs.is_empty() || self.policy.dialect() == "clickhouse" {
            return;
        }
        let columns: Option<Vec<_>> = exprs.iter().map(|key| self.key(key, projection)).collect();
        let Some(columns) = columns else { return };
        let span = exprs.first().map_or(TokenSpan::empty(), first_token);
        let keys = std::mem::take(exprs).into_iter().zip(columns).map(|(mut key, column)| {
            while let Expr::Nested(inner) = key {
                key = *inner;
            }
            vec![column.unwrap_or(key)]
        });
        *exprs = vec![with(keys.collect())];
        modifiers.clear();
        self.note(deviation, span);
    }

    /// Whether a key keeps its meaning inside ROLLUP and CUBE, where the engine takes a number for
    /// a constant: then the column that it stands for, if it is a number.
    fn key(&mut self, key: &Expr, projection: &[SelectItem]) -> Option<Option<Expr>> {
        match bare(key) {
            Expr::Rollup(_) | Expr::Cube(_) | Expr::GroupingSets(_) | Expr::Tuple(_) => None,
            number if is_number(number) => {
                let Expr::Value(value) = key else { return None };
                let Value::Number(digits, _) = &value.value else { return None };
                let column = numbered(projection, digits.parse().ok()?)?;
                let reads_around = self.in_expression > 0 && reads_alias(column, projection);
                if is_number(bare(column)) || reads_around {
                    return None;
                }
                let expressions = expressions(column)?;
                let size = Size { height: expressions, queries: 0 };
                let may = self.may_copy(Measured { size, expressions });
                may.then(|| Some(size.copying(|| column.clone())))
            }
            _ => Some(None),
        }
    }

    /// Whether a part may be copied to where the walk is. What is copied is bounded like what is
    /// written: a long definition may be named often.
    fn may_copy(&mut self, part: Measured) -> bool {
        let copied = self.copied.saturating_add(part.expressions);
        let may = copied <= self.policy.limits().expressions;
        if may {
            self.copied = copied;
            self.measure.copy(part);
        }
        may
    }

    fn fetch(&mut self, limit_clause: &mut Option<LimitClause>, fetch: &mut Option<Fetch>) {
        let Some(Fetch { with_ties: false, percent: false, quantity }) = fetch else { return };
        let (rows, span) = match quantity {
            None => (number("1"), TokenSpan::empty()),
            Some(Expr::Value(value)) if is_digits(&value.value) => {
                (Expr::Value(value.clone()), value.span)
            }
            Some(_) => return,
        };
        match limit_clause {
            None => *limit_clause = Some(limit_to(rows)),
            Some(LimitClause::LimitOffset { limit: limit @ None, offset: Some(_), limit_by })
                if limit_by.is_empty() =>
            {
                *limit = Some(rows);
            }
            Some(_) => return,
        }
        *fetch = None;
        self.note(Deviation::FetchFirst, span);
    }

    /// The limit that TOP stands for: it counts after DISTINCT and after ORDER BY.
    fn top(&mut self, select: &mut Select) -> Option<LimitClause> {
        let Some(Top { with_ties: false, percent: false, quantity: Some(quantity) }) = &select.top
        else {
            return None;
        };
        if matches!(quantity, TopQuantity::Expr(expr) if !is_whole(expr)) {
            return None;
        }
        let rows = match select.top.take()?.quantity? {
            TopQuantity::Constant(rows) => number(&rows.to_string()),
            TopQuantity::Expr(rows) => rows,
        };
        select.top_before_distinct = false;
        self.note(Deviation::Top, select.select_token.0.span);
        Some(limit_to(rows))
    }

    fn table_with_joins(&mut self, table: &mut TableWithJoins) {
        let TableWithJoins { relation, joins } = table;
        self.table_factor(relation);
        for Join { relation, global: _, join_operator } in joins {
            self.table_factor(relation);
            let lowered =
                match join_operator {
                    JoinOperator::Semi(constraint) => Some(JoinOperator::LeftSemi(
                        std::mem::replace(constraint, JoinConstraint::None),
                    )),
                    JoinOperator::Anti(constraint) => Some(JoinOperator::LeftAnti(
                        std::mem::replace(constraint, JoinConstraint::None),
                    )),
                    _ => None,
                };
            if let Some(lowered) = lowered {
                *join_operator = lowered;
                self.note(Deviation::BareSemiAnti, relation_token(relation));
            }
            if let Some(JoinConstraint::On(condition)) = constraint(join_operator) {
                self.expr(condition);
            }
        }
    }

    #[recursive::recursive]
    fn table_factor(&mut self, factor: &mut TableFactor) {
        match factor {
            TableFactor::Table { args, .. } => {
                let args = args.iter_mut().flat_map(|args| &mut args.args);
                args.for_each(|arg| self.table_argument(arg));
            }
            TableFactor::Function { args, .. } => {
                args.iter_mut().for_each(|arg| self.table_argument(arg));
            }
            TableFactor::TableFunction { expr, alias: _ } => self.expr(expr),
            TableFactor::Derived { lateral, subquery, alias: _, sample: _ } => {
                let lateral = usize::from(*lateral);
                self.in_expression += lateral;
                self.query(subquery);
                self.in_expression -= lateral;
            }
            TableFactor::UNNEST { array_exprs, .. } => {
                array_exprs.iter_mut().for_each(|expr| self.expr(expr));
            }
            TableFactor::NestedJoin { table_with_joins, alias: _ } => {
                self.table_with_joins(table_with_joins);
            }
            TableFactor::Pivot { table, .. }
            | TableFactor::Unpivot { table, .. }
            | TableFactor::MatchRecognize { table, .. } => self.table_factor(table),
            // The gate refuses them.
            TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::SemanticView { .. } => {}
        }
    }

    fn table_argument(&mut self, arg: &mut FunctionArg) {
        let (FunctionArg::Unnamed(arg)
        | FunctionArg::Named { arg, .. }
        | FunctionArg::ExprNamed { arg, .. }) = arg;
        if let FunctionArgExpr::Expr(expr) = arg {
            self.expr(expr);
        }
    }

    /// Lowers the queries inside an expression. Chains of operators lean to the left and may be
    /// very long, so they are not recursed into.
    #[recursive::recursive]
    fn expr(&mut self, expr: &mut Expr) {
        let mut levels = 0;
        let mut here = expr;
        loop {
            levels += 1;
            self.measure.expression();
            match here {
                Expr::BinaryOp { left, op: _, right } => {
                    self.expr(right);
                    here = left;
                }
                node => {
                    children_mut(node, &mut |child| self.child(child));
                    break;
                }
            }
        }
        self.measure.leave(levels);
    }

    fn child(&mut self, child: ChildMut<'_>) {
        match child {
            ChildMut::Expr(expr) => self.expr(expr),
            ChildMut::Query(query) => {
                self.in_expression += 1;
                self.query(query);
                self.in_expression -= 1;
            }
        }
    }
}

/// The expressions of one SELECT and of the ORDER BY behind it; not those of FROM and WINDOW, and
/// none that the gate refuses with all that is in it.
pub(crate) fn each_expr(
    select: &mut Select,
    order_by: Option<&mut OrderBy>,
    visit: &mut dyn FnMut(&mut Expr, Place),
) {
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
        from: _,
        lateral_views: _,
        prewhere,
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
    if let Some(Distinct::On(exprs)) = distinct {
        exprs.iter_mut().for_each(|expr| visit(expr, Place::Elsewhere));
    }
    for item in projection {
        match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, alias: _ } => {
                visit(expr, Place::List);
            }
            SelectItem::ExprWithAliases { expr, aliases: _ } => visit(expr, Place::Elsewhere),
            SelectItem::QualifiedWildcard(_, options) | SelectItem::Wildcard(options) => {
                for item in options.opt_replace.iter_mut().flat_map(|replace| &mut replace.items) {
                    visit(&mut item.expr, Place::Elsewhere);
                }
            }
        }
    }
    let grouped = match group_by {
        GroupByExpr::All(_) => [].iter_mut(),
        GroupByExpr::Expressions(exprs, _) => exprs.iter_mut(),
    };
    let others = [prewhere, selection].into_iter().flatten().chain(grouped);
    let others = others.chain([having, qualify].into_iter().flatten());
    others.for_each(|expr| visit(expr, Place::Elsewhere));
    sort_keys(order_by, &mut |expr| visit(expr, Place::Elsewhere));
}

fn sort_keys(order_by: Option<&mut OrderBy>, visit: &mut dyn FnMut(&mut Expr)) {
    let Some(OrderBy { kind, interpolate: _ }) = order_by else { return };
    match kind {
        OrderByKind::All(_) => {}
        OrderByKind::Expressions(keys) => keys.iter_mut().for_each(|key| visit(&mut key.expr)),
    }
}

/// The constraint of a join that has one.
pub(crate) fn constraint(join_operator: &mut JoinOperator) -> Option<&mut JoinConstraint> {
    match join_operator {
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
        | JoinOperator::StraightJoin(constraint) => Some(constraint),
        JoinOperator::CrossApply
        | JoinOperator::OuterApply
        | JoinOperator::AsOf { .. }
        | JoinOperator::ArrayJoin
        | JoinOperator::LeftArrayJoin
        | JoinOperator::InnerArrayJoin => None,
    }
}

fn limit_to(rows: Expr) -> LimitClause {
    LimitClause::LimitOffset { limit: Some(rows), offset: None::<Offset>, limit_by: Vec::new() }
}

fn number(digits: &str) -> Expr {
    Expr::Value(Value::Number(digits.to_owned(), false).with_empty_span())
}

fn is_digits(value: &Value) -> bool {
    matches!(value, Value::Number(digits, _) if digits.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether an expression is a whole number for certain, made of literals.
fn is_whole(expr: &Expr) -> bool {
    let mut left = vec![expr];
    while let Some(expr) = left.pop() {
        match expr {
            Expr::Value(value) if is_digits(&value.value) => {}
            Expr::Nested(inner)
            | Expr::UnaryOp { op: UnaryOperator::Plus | UnaryOperator::Minus, expr: inner } => {
                left.push(inner);
            }
            Expr::BinaryOp {
                left: one,
                op: BinaryOperator::Plus | BinaryOperator::Minus | BinaryOperator::Multiply,
                right: other,
            } => left.extend([&**one, other]),
            _ => return false,
        }
    }
    true
}

/// An expression without the parentheses and signs around it.
fn bare(expr: &Expr) -> &Expr {
    let mut expr = expr;
    while let Expr::Nested(inner)
    | Expr::UnaryOp { op: UnaryOperator::Plus | UnaryOperator::Minus, expr: inner } = expr
    {
        expr = inner;
    }
    expr
}

fn is_number(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(value) if matches!(value.value, Value::Number(..)))
}

/// The item of that number, counted from one, if every item before it is one column.
fn numbered(projection: &[SelectItem], number: usize) -> Option<&Expr> {
    let items = projection.get(..number)?.iter().map(|item| match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, alias: _ } => Some(expr),
        SelectItem::ExprWithAliases { .. }
        | SelectItem::QualifiedWildcard(..)
        | SelectItem::Wildcard(_) => None,
    });
    items.collect::<Option<Vec<_>>>()?.last().copied()
}

/// How many expressions one is made of; `None` if there is a query in it.
fn expressions(expr: &Expr) -> Option<usize> {
    let mut left = vec![expr];
    let mut count = 0;
    while let Some(expr) = left.pop() {
        count += 1;
        let mut queries = false;
        walk::children(expr, &mut |child| match child {
            Child::Expr(expr) => left.push(expr),
            Child::Query(_) => queries = true,
        });
        if queries {
            return None;
        }
    }
    Some(count)
}

/// Whether a name in an expression is that of an output that stands for something else. In GROUP
/// BY such a name is the output, unless a table has it; in the SELECT list it is never.
fn reads_alias(expr: &Expr, projection: &[SelectItem]) -> bool {
    let aliases: BTreeSet<_> = projection
        .iter()
        .filter_map(|item| match item {
            SelectItem::ExprWithAlias { expr: Expr::Identifier(_), alias: _ } => None,
            SelectItem::ExprWithAlias { expr: _, alias } => Some(text::normalise(alias)),
            _ => None,
        })
        .collect();
    let mut left = vec![expr];
    while let Some(expr) = left.pop() {
        if let Expr::Identifier(name) = expr
            && aliases.contains(&text::normalise(name))
        {
            return true;
        }
        walk::children(expr, &mut |child| match child {
            Child::Expr(expr) => left.push(expr),
            Child::Query(_) => {}
        });
    }
    false
}

/// The first token of a query body that has a place.
fn beginning(body: &SetExpr) -> TokenSpan {
    let mut body = body;
    loop {
        body = match body {
            SetExpr::Select(select) => return select.select_token.0.span,
            SetExpr::Query(query) => match &query.with {
                Some(with) => return with.with_token.0.span,
                None => &query.body,
            },
            SetExpr::SetOperation { left, .. } => left,
            SetExpr::Values(values) => {
                let first = values.rows.first();
                return first.map_or(TokenSpan::empty(), |row| row.opening_token.0.span);
            }
            SetExpr::Insert(_)
            | SetExpr::Update(_)
            | SetExpr::Delete(_)
            | SetExpr::Merge(_)
            | SetExpr::Table(_) => return TokenSpan::empty(),
        };
    }
}

/// The first name of a relation, or the first token of the query that it is.
fn relation_token(factor: &TableFactor) -> TokenSpan {
    let mut factor = factor;
    loop {
        factor = match factor {
            TableFactor::Table { name, .. } | TableFactor::Function { name, .. } => {
                return first_ident(name).map_or(TokenSpan::empty(), |ident| ident.span);
            }
            TableFactor::Derived { subquery, .. } => {
                return match &subquery.with {
                    Some(with) => with.with_token.0.span,
                    None => beginning(&subquery.body),
                };
            }
            TableFactor::NestedJoin { table_with_joins, .. } => &table_with_joins.relation,
            TableFactor::Pivot { table, .. }
            | TableFactor::Unpivot { table, .. }
            | TableFactor::MatchRecognize { table, .. } => table,
            TableFactor::TableFunction { .. }
            | TableFactor::UNNEST { .. }
            | TableFactor::JsonTable { .. }
            | TableFactor::OpenJsonTable { .. }
            | TableFactor::XmlTable { .. }
            | TableFactor::SemanticView { .. } => return TokenSpan::empty(),
        };
    }
}

fn first_ident(name: &ObjectName) -> Option<&Ident> {
    name.0.first().and_then(ObjectNamePart::as_ident)
}

/// The first name or literal of an expression, where it is easily found.
fn first_token(expr: &Expr) -> TokenSpan {
    let mut expr = expr;
    loop {
        expr = match expr {
            Expr::Identifier(ident) => return ident.span,
            Expr::CompoundIdentifier(idents) => {
                return idents.first().map_or(TokenSpan::empty(), |ident| ident.span);
            }
            Expr::Value(value) => return value.span,
            Expr::Function(function) => {
                return first_ident(&function.name).map_or(TokenSpan::empty(), |ident| ident.span);
            }
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => inner,
            Expr::BinaryOp { left, .. } => left,
            Expr::CompoundFieldAccess { root, .. } => root,
            _ => return TokenSpan::empty(),
        };
    }
}

#[cfg(test)]
mod tests;

//! Where pieces of a query stand in its text.

use sqlparser::{
    ast::{
        Expr, GroupByExpr, Ident, LimitClause, ObjectName, ObjectNamePart, OrderBy, OrderByKind,
        Query, Select, SelectItem, SetExpr, TableAlias, TableFactor, TypedString,
    },
    tokenizer::Span,
};

use crate::walk::{self, Child};

/// From the first to the last token of expressions that has a place.
pub(super) fn exprs<'a>(exprs: impl IntoIterator<Item = &'a Expr>) -> Span {
    let mut place = Place { span: Span::empty(), left: exprs.into_iter().collect() };
    place.finish()
}

pub(super) fn item(item: &SelectItem) -> Span {
    match item {
        SelectItem::UnnamedExpr(expr) => exprs([expr]),
        SelectItem::ExprWithAlias { expr, alias } => union(exprs([expr]), alias.span),
        _ => Span::empty(),
    }
}

pub(super) fn order(order: &OrderBy) -> Span {
    match &order.kind {
        OrderByKind::All(_) => Span::empty(),
        OrderByKind::Expressions(keys) => exprs(keys.iter().map(|key| &key.expr)),
    }
}

pub(super) fn group(group: &GroupByExpr) -> Span {
    match group {
        GroupByExpr::All(_) => Span::empty(),
        GroupByExpr::Expressions(keys, _) => exprs(keys),
    }
}

pub(super) fn query(query: &Query) -> Span {
    let mut place = Place { span: Span::empty(), left: Vec::new() };
    place.query(query);
    place.finish()
}

pub(super) fn select(select: &Select) -> Span {
    let mut place = Place { span: Span::empty(), left: Vec::new() };
    place.select(select);
    place.finish()
}

pub(super) fn limit(limit: &LimitClause) -> Span {
    match limit {
        LimitClause::LimitOffset { limit, offset, limit_by } => {
            let offset = offset.iter().map(|offset| &offset.value);
            exprs(limit.iter().chain(offset).chain(limit_by))
        }
        LimitClause::OffsetCommaLimit { offset, limit } => exprs([offset, limit]),
    }
}

pub(super) fn body(body: &SetExpr) -> Span {
    let mut place = Place { span: Span::empty(), left: Vec::new() };
    place.body(body);
    place.finish()
}

pub(super) fn factor(factor: &TableFactor) -> Span {
    let mut place = Place { span: Span::empty(), left: Vec::new() };
    place.factor(factor);
    place.finish()
}

/// The span over both, of which either may be nowhere.
pub(super) fn union(one: Span, other: Span) -> Span {
    match (known(one), known(other)) {
        (true, true) => one.union(&other),
        (true, false) => one,
        (false, _) => other,
    }
}

/// Whether a span is a place in the text.
pub(super) fn known(span: Span) -> bool {
    span.start.line > 0
}

struct Place<'a> {
    span: Span,
    left: Vec<&'a Expr>,
}

impl<'a> Place<'a> {
    fn add(&mut self, span: Span) {
        self.span = union(self.span, span);
    }

    fn name(&mut self, name: &ObjectName) {
        name.0.iter().filter_map(ObjectNamePart::as_ident).for_each(|ident| self.add(ident.span));
    }

    fn alias(&mut self, alias: Option<&TableAlias>) {
        if let Some(alias) = alias {
            self.add(alias.name.span);
        }
    }

    fn finish(&mut self) -> Span {
        while let Some(expr) = self.left.pop() {
            match expr {
                Expr::Identifier(ident) => self.add(ident.span),
                Expr::CompoundIdentifier(idents) => {
                    idents.iter().for_each(|Ident { span, .. }| self.add(*span));
                }
                Expr::Value(value) => self.add(value.span),
                Expr::TypedString(TypedString { value, .. }) => self.add(value.span),
                Expr::Function(call) => self.name(&call.name),
                Expr::Case { case_token, end_token, .. } => {
                    self.add(case_token.0.span);
                    self.add(end_token.0.span);
                }
                _ => {}
            }
            let mut queries = Vec::new();
            walk::children(expr, &mut |child| match child {
                Child::Expr(expr) => self.left.push(expr),
                Child::Query(query) => queries.push(query),
            });
            queries.into_iter().for_each(|query| self.query(query));
        }
        self.span
    }

    /// A query as far as its outermost clauses reach.
    fn query(&mut self, query: &'a Query) {
        if let Some(with) = &query.with {
            self.add(with.with_token.0.span);
        }
        self.body(&query.body);
        if let Some(OrderBy { kind: OrderByKind::Expressions(keys), .. }) = &query.order_by {
            self.left.extend(keys.iter().map(|key| &key.expr));
        }
    }

    fn body(&mut self, body: &'a SetExpr) {
        let mut bodies = vec![body];
        while let Some(body) = bodies.pop() {
            match body {
                SetExpr::Select(select) => self.select(select),
                SetExpr::Query(query) => bodies.push(&query.body),
                SetExpr::SetOperation { left, right, .. } => bodies.extend([&**left, right]),
                SetExpr::Values(values) => {
                    for row in &values.rows {
                        self.add(row.opening_token.0.span);
                        self.add(row.closing_token.0.span);
                    }
                }
                SetExpr::Insert(_)
                | SetExpr::Update(_)
                | SetExpr::Delete(_)
                | SetExpr::Merge(_)
                | SetExpr::Table(_) => {}
            }
        }
    }

    fn select(&mut self, select: &'a Select) {
        self.add(select.select_token.0.span);
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => self.left.push(expr),
                SelectItem::ExprWithAlias { expr, alias } => {
                    self.left.push(expr);
                    self.add(alias.span);
                }
                _ => {}
            }
        }
        for table in &select.from {
            self.factor(&table.relation);
            for join in &table.joins {
                self.factor(&join.relation);
            }
        }
        let clauses = [&select.selection, &select.having, &select.qualify];
        self.left.extend(clauses.into_iter().flatten());
        if let GroupByExpr::Expressions(keys, _) = &select.group_by {
            self.left.extend(keys);
        }
    }

    fn factor(&mut self, factor: &'a TableFactor) {
        match factor {
            TableFactor::Table { name, alias, .. } | TableFactor::Function { name, alias, .. } => {
                self.name(name);
                self.alias(alias.as_ref());
            }
            TableFactor::Derived { subquery, alias, .. } => {
                if let SetExpr::Select(select) = &*subquery.body {
                    self.add(select.select_token.0.span);
                }
                self.alias(alias.as_ref());
            }
            TableFactor::UNNEST { alias, array_exprs, .. } => {
                self.left.extend(array_exprs);
                self.alias(alias.as_ref());
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                let mut nested = vec![&**table_with_joins];
                while let Some(table) = nested.pop() {
                    let joined = table.joins.iter().map(|join| &join.relation);
                    for factor in [&table.relation].into_iter().chain(joined) {
                        match factor {
                            TableFactor::NestedJoin { table_with_joins, .. } => {
                                nested.push(table_with_joins);
                            }
                            factor => self.factor(factor),
                        }
                    }
                }
            }
            _ => {}
        }
    }
}

//! The queries directly inside a query.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, JoinConstraint, LimitClause, OrderBy, OrderByKind, Query,
    SetExpr, TableFactor, TableWithJoins,
};

use crate::{
    lower::{constraint, each_expr},
    walk::{ChildMut, children_mut},
};

type Visit<'v> = &'v mut dyn FnMut(&mut Query);

/// Hands out the queries directly inside one, but not those of its WITH, and none inside an array
/// literal.
pub(super) fn nested(query: &mut Query, visit: Visit<'_>) {
    let Query { body, order_by, limit_clause, .. } = query;
    let mut bodies = vec![&mut **body];
    while let Some(body) = bodies.pop() {
        match body {
            SetExpr::Select(select) => {
                each_expr(select, None, &mut |expr, _| in_expr(expr, visit));
                select.from.iter_mut().for_each(|table| in_table(table, visit));
            }
            SetExpr::Query(query) => visit(query),
            SetExpr::SetOperation { left, right, .. } => bodies.extend([&mut **right, left]),
            SetExpr::Values(values) => {
                let exprs = values.rows.iter_mut().flat_map(|row| &mut row.content);
                exprs.for_each(|expr| in_expr(expr, visit));
            }
            // None of them passes the gate.
            SetExpr::Insert(_)
            | SetExpr::Update(_)
            | SetExpr::Delete(_)
            | SetExpr::Merge(_)
            | SetExpr::Table(_) => {}
        }
    }
    if let Some(OrderBy { kind: OrderByKind::Expressions(keys), interpolate: _ }) = order_by {
        keys.iter_mut().for_each(|key| in_expr(&mut key.expr, visit));
    }
    match limit_clause {
        None => {}
        Some(LimitClause::LimitOffset { limit, offset, limit_by: _ }) => {
            limit.iter_mut().for_each(|limit| in_expr(limit, visit));
            offset.iter_mut().for_each(|offset| in_expr(&mut offset.value, visit));
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
            in_expr(offset, visit);
            in_expr(limit, visit);
        }
    }
}

fn in_table(table: &mut TableWithJoins, visit: Visit<'_>) {
    in_factor(&mut table.relation, visit);
    for join in &mut table.joins {
        in_factor(&mut join.relation, visit);
        if let Some(JoinConstraint::On(condition)) = constraint(&mut join.join_operator) {
            in_expr(condition, visit);
        }
    }
}

#[recursive::recursive]
fn in_factor(factor: &mut TableFactor, visit: Visit<'_>) {
    let args = match factor {
        TableFactor::Table { args, .. } => args.as_mut().map(|args| &mut args.args),
        TableFactor::Function { args, .. } => Some(args),
        TableFactor::Derived { subquery, .. } => return visit(subquery),
        TableFactor::UNNEST { array_exprs, .. } => {
            return array_exprs.iter_mut().for_each(|expr| in_expr(expr, visit));
        }
        TableFactor::NestedJoin { table_with_joins, alias: _ } => {
            return in_table(table_with_joins, visit);
        }
        // None of the others passes the gate.
        _ => None,
    };
    for arg in args.into_iter().flatten() {
        let (FunctionArg::Unnamed(arg)
        | FunctionArg::Named { arg, .. }
        | FunctionArg::ExprNamed { arg, .. }) = arg;
        if let FunctionArgExpr::Expr(expr) = arg {
            in_expr(expr, visit);
        }
    }
}

#[recursive::recursive]
fn in_expr(expr: &mut Expr, visit: Visit<'_>) {
    let mut here = expr;
    loop {
        match here {
            Expr::BinaryOp { left, op: _, right } => {
                in_expr(right, visit);
                here = left;
            }
            Expr::Array(_) => break,
            node => {
                children_mut(node, &mut |child| match child {
                    ChildMut::Expr(expr) => in_expr(expr, visit),
                    ChildMut::Query(query) => visit(query),
                });
                break;
            }
        }
    }
}

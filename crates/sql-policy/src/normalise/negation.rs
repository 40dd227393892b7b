//! NOT goes inward.
//!
//! Each complement is NULL where its original is, and otherwise the opposite:
//!
//! * comparisons: Arrow computes `>=` as the negated bits of `<`, `>` as those of `<=`, `<>` as
//!   those of `=`, over one total order in which NaN is the greatest number, and takes the NULLs of
//!   the operands for all alike (`arrow-ord`, `cmp.rs`: `compare_op` and `apply`; for lists and
//!   structs `compare_op_for_nested` of `datafusion-physical-expr-common`). The planner coerces the
//!   operands of all six in the same way;
//! * LIKE, ILIKE, IN and BETWEEN: the flag says it, and the engine's simplifier sets it as is done
//!   here (`negate_clause`);
//! * IS and EXISTS: never NULL. `NOT (x IN (SELECT …))` and `x NOT IN (SELECT …)` become the same
//!   join (`extract_subquery_info`).
//!
//! AND and OR change into each other where they stand. Operands keep their order, and the engine
//! evaluates the right one on the same rows: it skips the rows on which the left one decides, for
//! AND those where it is FALSE, for OR those where it is TRUE, both from the same share of rows on
//! (`check_short_circuit`). So operands may fail or be volatile.
//!
//! One thing is observed: AND and OR take only booleans, but NOT takes whatever can be cast to one.
//! `NOT (a AND b)` fails for a column `a` that `NOT a` takes, and `WHERE NOT NOT a` runs where
//! `WHERE a` fails. What is not known to be a boolean keeps its NOT, or its two.

use sqlparser::ast::{BinaryOperator, Expr, UnaryOperator};

use super::{connects, fallible::Judge, hole, take};

/// Moves every NOT of a predicate to where it can go no further.
pub(super) fn push(predicate: &mut Expr, judge: &Judge<'_>) {
    inward(predicate, false, judge);
}

/// Chains lean to the left and may be very long, so they are not recursed into.
#[recursive::recursive]
fn inward(expr: &mut Expr, negate: bool, judge: &Judge<'_>) {
    let mut place = expr;
    let mut nots = usize::from(negate);
    loop {
        nots += strip(place);
        if !judge.boolean(place) {
            // Two NOT make a boolean of it.
            let keep = if nots == 0 { 0 } else { 2 - nots % 2 };
            for _ in 0..keep {
                wrap(place);
            }
            return;
        }
        let negate = nots % 2 == 1;
        let swap = match place {
            Expr::BinaryOp { left, op, right } if connects(op) => {
                negate && judge.boolean(left) && judge.boolean(right)
            }
            leaf => {
                if negate && !complement(leaf) {
                    wrap(leaf);
                }
                return;
            }
        };
        if negate && !swap {
            place = wrap(place);
        }
        let Expr::BinaryOp { left, op, right } = place else { return };
        if swap {
            *op = match op {
                BinaryOperator::And => BinaryOperator::Or,
                _ => BinaryOperator::And,
            };
        }
        inward(right, swap, judge);
        place = &mut **left;
        nots = usize::from(swap);
    }
}

/// Takes the NOTs off and counts them.
fn strip(place: &mut Expr) -> usize {
    let mut nots = 0;
    while let Expr::UnaryOp { op: UnaryOperator::Not, expr } = place {
        let inner = take(expr);
        *place = inner;
        nots += 1;
    }
    nots
}

/// Puts a NOT before an expression, and gives the place of the expression.
fn wrap(place: &mut Expr) -> &mut Expr {
    let inner = take(place);
    *place = Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(inner) };
    match place {
        Expr::UnaryOp { op: _, expr } => expr,
        _ => unreachable!("a NOT was put here"),
    }
}

/// Turns an expression into its complement; says whether it has one.
fn complement(expr: &mut Expr) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    *expr = match std::mem::replace(expr, hole()) {
        Expr::BinaryOp { left, op, right } => {
            let opposite = match op {
                Eq => NotEq,
                NotEq => Eq,
                Lt => GtEq,
                GtEq => Lt,
                Gt => LtEq,
                LtEq => Gt,
                op => {
                    *expr = Expr::BinaryOp { left, op, right };
                    return false;
                }
            };
            Expr::BinaryOp { left, op: opposite, right }
        }
        Expr::IsDistinctFrom(left, right) => Expr::IsNotDistinctFrom(left, right),
        Expr::IsNotDistinctFrom(left, right) => Expr::IsDistinctFrom(left, right),
        Expr::IsNull(inner) => Expr::IsNotNull(inner),
        Expr::IsNotNull(inner) => Expr::IsNull(inner),
        Expr::IsTrue(inner) => Expr::IsNotTrue(inner),
        Expr::IsNotTrue(inner) => Expr::IsTrue(inner),
        Expr::IsFalse(inner) => Expr::IsNotFalse(inner),
        Expr::IsNotFalse(inner) => Expr::IsFalse(inner),
        Expr::IsUnknown(inner) => Expr::IsNotUnknown(inner),
        Expr::IsNotUnknown(inner) => Expr::IsUnknown(inner),
        Expr::Exists { subquery, negated } => Expr::Exists { subquery, negated: !negated },
        Expr::InSubquery { expr, subquery, negated } => {
            Expr::InSubquery { expr, subquery, negated: !negated }
        }
        Expr::InList { expr, list, negated } => Expr::InList { expr, list, negated: !negated },
        Expr::Between { expr, negated, low, high } => {
            Expr::Between { expr, negated: !negated, low, high }
        }
        Expr::Like { negated, any, expr, pattern, escape_char } => {
            Expr::Like { negated: !negated, any, expr, pattern, escape_char }
        }
        Expr::ILike { negated, any, expr, pattern, escape_char } => {
            Expr::ILike { negated: !negated, any, expr, pattern, escape_char }
        }
        other => {
            *expr = other;
            return false;
        }
    };
    true
}

//! BETWEEN becomes two comparisons, as in the engine's own simplifier.
//!
//! The operand is written twice, so it has to be a column or a literal. The bounds have to be of
//! one type: the planner brings all three to one, and two comparisons to one each. For a text
//! column, `s BETWEEN 1 AND 'x'` compares numbers twice, `s >= 1 AND s <= 'x'` once.
//!
//! `x NOT BETWEEN a AND b` is `x < a OR x > b`. `x BETWEEN a AND b` changes only where AND joins it
//! already: under OR it would bring in an AND that distribution then has to take out.

use sqlparser::ast::{BinaryOperator, Expr};

use super::{
    binary,
    fallible::{Judge, plain},
    take,
};

/// Splits what can be split in a predicate.
pub(super) fn split(predicate: &mut Expr, judge: &Judge<'_>) {
    let mut places = vec![(predicate, true)];
    while let Some((place, conjunct)) = places.pop() {
        match place {
            Expr::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
                let conjuncts = *op == BinaryOperator::And;
                places.extend([(&mut **left, conjuncts), (&mut **right, conjuncts)]);
            }
            Expr::Between { expr, negated, low, high }
                if (*negated || conjunct) && plain(expr) && judge.one_type(low, high) =>
            {
                use BinaryOperator::{And, Gt, GtEq, Lt, LtEq, Or};
                let (above, and, below) = if *negated { (Lt, Or, Gt) } else { (GtEq, And, LtEq) };
                let operand = take(expr);
                let low = binary(operand.clone(), above, take(low));
                let high = binary(operand, below, take(high));
                *place = binary(low, and, high);
            }
            _ => {}
        }
    }
}

//! OR is distributed over AND: `(a AND b) OR c` becomes `(a OR c) AND (b OR c)`.
//!
//! Exact in three-valued logic. Operands are evaluated more often and next to others than before,
//! so the caller makes sure that none of them can fail. Neither order nor number of what stands
//! beside an OR changes.
//!
//! How far it is to the new form is counted beforehand: a conjunct of an OR is one conjunct of the
//! left side with one of the right. Past the bound the whole OR stays as it is, and so does
//! everything inside it.

use sqlparser::ast::{BinaryOperator, Expr};

use super::{binary, connects, take};
use crate::room::Size;

/// Distributes each OR that a predicate has as a conjunct.
pub(super) fn distribute(predicate: &mut Expr, distance: u16) {
    let mut places = vec![predicate];
    while let Some(place) = places.pop() {
        match place {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                places.extend([&mut **left, right]);
            }
            place @ Expr::BinaryOp { op: BinaryOperator::Or, .. } => {
                let Count { conjuncts, operands, after } = count(place);
                if conjuncts > 1 && after.saturating_sub(operands) <= u64::from(distance) {
                    // What is copied is at most as high as it is large.
                    let copies = Size { height: usize::from(distance), queries: 0 };
                    let clauses = copies.copying(|| clauses(take(place)));
                    *place = join(clauses);
                }
            }
            _ => {}
        }
    }
}

/// What a predicate has, and would have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Count {
    /// Conjuncts after distribution.
    conjuncts: u64,
    /// Operands of AND and OR now.
    operands: u64,
    /// Operands after distribution.
    after: u64,
}

#[recursive::recursive]
fn count(expr: &Expr) -> Count {
    let mut rights = Vec::new();
    let mut leftmost = expr;
    while let Expr::BinaryOp { left, op, right } = leftmost
        && connects(op)
    {
        rights.push((op, &**right));
        leftmost = left;
    }
    let leaf = Count { conjuncts: 1, operands: 1, after: 1 };
    rights.into_iter().rev().fold(leaf, |left, (op, right)| {
        let right = count(right);
        let operands = left.operands.saturating_add(right.operands);
        match op {
            BinaryOperator::And => Count {
                conjuncts: left.conjuncts.saturating_add(right.conjuncts),
                operands,
                after: left.after.saturating_add(right.after),
            },
            _ => Count {
                conjuncts: left.conjuncts.saturating_mul(right.conjuncts),
                operands,
                after: left
                    .after
                    .saturating_mul(right.conjuncts)
                    .saturating_add(right.after.saturating_mul(left.conjuncts)),
            },
        }
    })
}

/// The conjuncts, each as the parts that OR joins. A part without AND inside stays whole.
///
/// Every OR with an AND inside adds at least one operand, so the bound holds the depth, too.
#[recursive::recursive]
fn clauses(expr: Expr) -> Vec<Vec<Expr>> {
    if !has_and(&expr) {
        return vec![vec![expr]];
    }
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            let mut clauses = clauses(*left);
            clauses.append(&mut self::clauses(*right));
            clauses
        }
        Expr::BinaryOp { left, op: _, right } => product(clauses(*left), clauses(*right)),
        leaf => vec![vec![leaf]],
    }
}

/// Each of the left with each of the right. The last use of each moves it.
fn product(lefts: Vec<Vec<Expr>>, mut rights: Vec<Vec<Expr>>) -> Vec<Vec<Expr>> {
    let mut product = Vec::with_capacity(lefts.len() * rights.len());
    let last_left = lefts.len() - 1;
    for (place, mut left) in lefts.into_iter().enumerate() {
        let rights = if place == last_left { std::mem::take(&mut rights) } else { rights.clone() };
        let last_right = rights.len() - 1;
        for (place, right) in rights.into_iter().enumerate() {
            let mut clause =
                if place == last_right { std::mem::take(&mut left) } else { left.clone() };
            clause.extend(right);
            product.push(clause);
        }
    }
    product
}

fn has_and(expr: &Expr) -> bool {
    let mut places = vec![expr];
    while let Some(place) = places.pop() {
        if let Expr::BinaryOp { left, op, right } = place
            && connects(op)
        {
            if *op == BinaryOperator::And {
                return true;
            }
            places.extend([&**left, right]);
        }
    }
    false
}

fn join(clauses: Vec<Vec<Expr>>) -> Expr {
    let chain = |parts: Vec<Expr>, op: BinaryOperator| {
        let joined = parts.into_iter().reduce(|left, right| binary(left, op.clone(), right));
        joined.expect("there is a conjunct, and a part of each")
    };
    let clauses = clauses.into_iter().map(|parts| chain(parts, BinaryOperator::Or)).collect();
    chain(clauses, BinaryOperator::And)
}

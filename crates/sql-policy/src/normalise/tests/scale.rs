//! Long and high predicates: neither the stack nor the time runs out.

use std::time::{Duration, Instant};

use super::*;

fn leaf(n: usize) -> Expr {
    let sql = format!("{FROM} WHERE t.a = {}", n % 7);
    predicate(&parse(&sql)).clone()
}

/// Normalises with room for the tree, checks it there, and drops it there.
fn run(height: usize, tree: impl FnOnce() -> Expr, check: impl FnOnce(&Expr)) -> Duration {
    Size { height, queries: 1 }.dropping(|| {
        let mut query = with_predicate(tree());
        let start = Instant::now();
        // The stack of a thread is enough for the walk itself.
        normalise(&mut query, &*SCHEMAS, &PredicateOptions::default());
        let time = start.elapsed();
        check(predicate(&query));
        time
    })
}

fn chain(terms: usize, op: impl Fn(usize) -> BinaryOperator) -> Expr {
    let leaves = (0..7).map(leaf).collect::<Vec<_>>();
    (1..terms).fold(leaves[0].clone(), |left, n| binary(left, op(n), leaves[n % 7].clone()))
}

fn right_chain(terms: usize, op: impl Fn(usize) -> BinaryOperator) -> Expr {
    let leaves = (0..7).map(leaf).collect::<Vec<_>>();
    (1..terms).fold(leaves[0].clone(), |right, n| binary(leaves[n % 7].clone(), op(n), right))
}

fn not(expr: Expr) -> Expr {
    Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(expr) }
}

fn alternating(n: usize) -> BinaryOperator {
    if n.is_multiple_of(2) { BinaryOperator::And } else { BinaryOperator::Or }
}

fn size(expr: &Expr) -> usize {
    let (mut size, mut places) = (0, vec![expr]);
    while let Some(place) = places.pop() {
        match place {
            Expr::BinaryOp { left, op, right } if connects(op) => places.extend([&**left, right]),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => places.push(expr),
            _ => size += 1,
        }
    }
    size
}

#[test]
fn high_trees_do_not_overflow_the_stack() {
    const HEIGHT: usize = 10_000;
    let and = |_| BinaryOperator::And;
    let or = |_| BinaryOperator::Or;
    let same = |expr: &Expr| assert_eq!(size(expr), HEIGHT);
    run(HEIGHT, || chain(HEIGHT, and), same);
    run(HEIGHT, || chain(HEIGHT, or), same);
    run(HEIGHT, || chain(HEIGHT, alternating), same);
    run(HEIGHT, || not(chain(HEIGHT, and)), same);
    run(HEIGHT, || not(chain(HEIGHT, alternating)), same);
    run(HEIGHT, || right_chain(HEIGHT, and), same);
    run(HEIGHT, || right_chain(HEIGHT, or), same);
    run(HEIGHT, || not(right_chain(HEIGHT, alternating)), same);
    let (one, column) = (leaf(1), parse_column());
    let nots = || (0..HEIGHT).fold(leaf(0), |inner, _| not(inner));
    run(HEIGHT, nots, |expr| assert_eq!(expr.to_string(), "t.a = 0"));
    let unknown = || (0..=HEIGHT).fold(parse_column(), |inner, _| not(inner));
    run(HEIGHT, unknown, |expr| assert_eq!(expr.to_string(), "NOT u.p"));
    let zigzag = || {
        (0..HEIGHT / 2).fold(leaf(0), |inner, n| not(binary(inner, alternating(n), one.clone())))
    };
    run(HEIGHT, zigzag, |expr| assert_eq!(size(expr), HEIGHT / 2 + 1));
    let blocked = || {
        (0..HEIGHT / 2)
            .fold(parse_column(), |inner, n| not(binary(column.clone(), alternating(n), inner)))
    };
    run(HEIGHT, blocked, |expr| assert_eq!(size(expr), HEIGHT / 2 + 1));
}

fn parse_column() -> Expr {
    predicate(&parse(&format!("{FROM} WHERE u.p"))).clone()
}

/// `(a AND b) OR (c AND d) OR …`: ten of them are 1,024 conjuncts, ten thousand more than there are
/// atoms.
#[test]
fn ors_of_ands_stay_small() {
    let pairs = |count: usize| {
        let pair = binary(leaf(1), BinaryOperator::And, leaf(2));
        (1..count).fold(pair.clone(), |left, _| binary(left, BinaryOperator::Or, pair.clone()))
    };
    for (count, operands) in [(1, 2), (2, 8), (3, 24), (4, 64), (5, 10), (10, 20), (10_000, 20_000)]
    {
        run(20_010, || pairs(count), |expr| assert_eq!(size(expr), operands));
    }
}

/// One small conjunct beside a long one: nothing is copied, and nothing becomes higher.
#[test]
fn long_parts_are_moved_not_copied() {
    let tree = || {
        let long = chain(10_000, |_| BinaryOperator::Or);
        let both = binary(long, BinaryOperator::And, leaf(1));
        binary(both, BinaryOperator::Or, leaf(2))
    };
    run(10_010, tree, |expr| assert_eq!(size(expr), 10_003));
}

/// A quadratic walk would take minutes here.
#[test]
fn time_grows_with_the_length_only() {
    const TERMS: usize = 100_000;
    let limit = Duration::from_secs(20);
    assert!(run(TERMS, || not(chain(TERMS, |_| BinaryOperator::And)), |_| ()) < limit);
    assert!(run(TERMS, || chain(TERMS, alternating), |_| ()) < limit);
    assert!(run(TERMS, || right_chain(TERMS, alternating), |_| ()) < limit);
}

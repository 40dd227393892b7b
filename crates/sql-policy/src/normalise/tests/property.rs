//! Claims about every predicate.

use proptest::{prelude::*, sample::select};

use super::{
    engine::{Batch, assert_same, domain, variables},
    *,
};
use crate::walk;

/// What cannot fail.
const SAFE: &[&str] = &[
    "t.a < 1",
    "t.a = t.b",
    "t.b <> 2",
    "t.a >= t.b",
    "t.p",
    "t.q",
    "t.p IS TRUE",
    "t.q IS NOT FALSE",
    "t.a IS NULL",
    "t.b IS NOT NULL",
    "t.a IS DISTINCT FROM t.b",
    "t.a IN (0, 1)",
    "t.b NOT IN (1, 2)",
    "t.a BETWEEN 0 AND 1",
    "t.b NOT BETWEEN 1 AND 2",
    "t.s LIKE 'x%'",
    "t.s NOT LIKE 'x'",
    "TRUE",
    "FALSE",
    "NULL",
];

/// What cannot fail either, if only the planner takes it for a boolean.
const UNKNOWN: &[&str] = &["u.p", "t.r"];

/// What can fail.
const FALLIBLE: &[&str] = &[
    "f1(t.a)",
    "f2(t.b)",
    "u.a < 1",
    "u.b = u.c",
    "u.a BETWEEN 0 AND 1",
    "u.a NOT BETWEEN 1 AND 2",
    "u.s LIKE 'x%'",
    "u.c IN (0, 1)",
    "t.a / t.b > 1",
    "u.a / u.b = 0",
    "EXISTS (SELECT 1 AS x FROM c.d.e AS k)",
    "t.a IN (SELECT k.x AS x FROM c.d.e AS k)",
    "CAST(t.a AS BOOLEAN)",
];

fn expr(sql: &str) -> Expr {
    predicate(&parse(&format!("{FROM} WHERE {sql}"))).clone()
}

fn trees(leaves: Vec<Expr>) -> impl Strategy<Value = Expr> {
    select(leaves).prop_recursive(6, 24, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(left, right)| binary(
                left,
                BinaryOperator::And,
                right
            )),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| binary(
                left,
                BinaryOperator::Or,
                right
            )),
            inner.prop_map(|inner| Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(inner) }),
        ]
    })
}

fn leaves(lists: &[&[&str]]) -> Vec<Expr> {
    lists.concat().into_iter().map(expr).collect()
}

/// Rows of values, drawn by dice.
fn batch(predicate: &Expr, rows: usize, dice: &[u8]) -> Batch {
    let mut names = Vec::new();
    variables(predicate, &mut names);
    let mut dice = dice.iter().cycle();
    let mut draw = |name: String| {
        let domain = domain(&name);
        // Now and then a column without NULLs, or with few values: then the engine skips rows.
        let style = dice.next().unwrap() % 3;
        let column = (0..rows).map(|_| {
            let die = usize::from(*dice.next().unwrap());
            match style {
                0 => domain[die % domain.len()].clone(),
                1 => domain[domain.len() - 1 - usize::from(die.is_multiple_of(8))].clone(),
                _ => domain[domain.len() - 2 + usize::from(die.is_multiple_of(8))].clone(),
            }
        });
        let column = column.collect();
        (name, column)
    };
    names.into_iter().map(&mut draw).collect()
}

fn operands(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    let mut places = vec![expr];
    while let Some(place) = places.pop() {
        match place {
            Expr::BinaryOp { left, op, right } if connects(op) => places.extend([&**right, left]),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => places.push(expr),
            leaf => found.push(leaf),
        }
    }
    found
}

/// What an operand is about, in either form.
fn subjects(expr: &Expr) -> Vec<String> {
    let mut subjects = Vec::new();
    for operand in operands(expr) {
        let mut names = Vec::new();
        variables(operand, &mut names);
        let subject = if names.is_empty() { operand.to_string() } else { names.join(" ") };
        // Both comparisons of a split BETWEEN are about one thing.
        if subjects.last() != Some(&subject) {
            subjects.push(subject);
        }
    }
    subjects
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// Rows, what can fail, in which order and for which rows: all as before.
    #[test]
    fn a_normalised_predicate_means_the_same(
        tree in trees(leaves(&[SAFE, UNKNOWN, FALLIBLE])),
        rows in 1usize..24,
        dice in proptest::collection::vec(any::<u8>(), 200),
    ) {
        let after = done(with_predicate(tree.clone()));
        let batch = batch(&tree, rows, &dice);
        let rows: Vec<_> = (0..rows).collect();
        assert_same(&tree, predicate(&after), &batch, &rows);
    }

    /// Where something can fail, every operand stays in its place.
    #[test]
    fn no_operand_is_lost_moved_or_repeated(
        tree in trees(leaves(&[SAFE, UNKNOWN, FALLIBLE])),
        last in select(leaves(&[FALLIBLE])),
    ) {
        let tree = binary(tree, BinaryOperator::And, last);
        let after = done(with_predicate(tree.clone()));
        prop_assert_eq!(subjects(predicate(&after)), subjects(&tree));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// Where nothing can fail, an OR is distributed if that is near, and only then.
    #[test]
    fn distribution_keeps_its_bound(
        tree in trees(leaves(&[SAFE, UNKNOWN])),
        distance in prop_oneof![0u16..40, Just(128)],
        dice in proptest::collection::vec(any::<u8>(), 200),
    ) {
        let mut query = with_predicate(tree.clone());
        let options = PredicateOptions { distance };
        normalise(&mut query, &*SCHEMAS, &options);
        let once = query.clone();
        normalise(&mut query, &*SCHEMAS, &options);
        prop_assert_eq!(&query, &once);

        let after = predicate(&query);
        let batch = batch(&tree, 16, &dice);
        let rows: Vec<_> = (0..16).collect();
        assert_same(&tree, after, &batch, &rows);

        prop_assert!(height(after) <= height(&tree) + 2 * (usize::from(distance) + 2));
        // A BETWEEN may have become two operands.
        let before = 2 * operands(&tree).len();
        prop_assert!(operands(after).len() <= before + usize::from(distance) * conjuncts(&tree));
        let names = |expr: &Expr| {
            let mut names = Vec::new();
            variables(expr, &mut names);
            names.sort();
            names
        };
        prop_assert_eq!(names(after), names(&tree));
        if distance == 0 {
            prop_assert!(operands(after).len() <= before);
        }
        // A NOT that had to stay hides what is inside it.
        if distance == 128 && operands(&tree).len() <= 6 {
            prop_assert!(is_distributed(after), "{}", after);
        }
    }
}

/// Expressions inside each other.
fn height(expr: &Expr) -> usize {
    let mut highest = 0;
    walk::children(expr, &mut |child| match child {
        walk::Child::Expr(child) => highest = highest.max(height(child)),
        walk::Child::Query(_) => {}
    });
    highest + 1
}

/// Conjuncts after NOT went inward, at most.
fn conjuncts(expr: &Expr) -> usize {
    operands(expr).len()
}

/// Whether no AND is below an OR.
fn is_distributed(expr: &Expr) -> bool {
    let mut places = vec![(expr, false)];
    while let Some((place, below)) = places.pop() {
        if let Expr::BinaryOp { left, op, right } = place
            && connects(op)
        {
            let and = *op == BinaryOperator::And;
            if and && below {
                return false;
            }
            places.extend([(&**left, below || !and), (&**right, below || !and)]);
        }
    }
    true
}

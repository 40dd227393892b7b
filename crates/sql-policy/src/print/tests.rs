use proptest::prelude::*;
use sqlparser::ast::Ident;

use super::*;
use crate::fixtures::{compiled, lane, schemas, text};

/// What is printed, and the tree of it once more.
fn printed(sql: &str) -> String {
    let query = compiled(sql).unwrap();
    let shown = query.sql();
    let again = compiled(&shown).unwrap_or_else(|error| panic!("{shown}: {error}"));
    assert_eq!(again.ast(), query.ast(), "{shown}");
    shown
}

#[test]
fn parentheses_stand_where_the_text_needs_them() {
    let where_ = |condition: &str| {
        let shown = printed(&format!("SELECT a FROM t WHERE {condition}"));
        shown.split_once(" WHERE ").expect("it has one").1.to_owned()
    };
    insta::assert_snapshot!(
        [
            "a = 1 AND b = 2 AND c = 3",
            "a = 1 AND (b = 2 AND c = 3)",
            "(a = 1 OR b = 2) AND NOT (c = 3 OR k = 4)",
            "a - (b - c) = (a - b) - c",
            "-(-a) = - (a + b) * c",
            "-(1) = -1",
            "(a = 1) = (b = 2)",
            "(a = 1) IS NULL AND (NOT a = 1) IS TRUE",
            "(a IS DISTINCT FROM b) AND c = 1",
            "a IS DISTINCT FROM (b = c)",
            "(a + b) BETWEEN (c) AND (k + 1)",
            "(a || b) || c LIKE 'x' || 'y'",
            "(a + b)::INT = CAST(a + b AS INT)",
            "(-a)::INT = -(a::INT)",
            "s['k'] = (s)['k'] AND abs(a)[1] = 2",
            "(a & b) + 1 = a & (b + 1)",
            "a = ANY (SELECT d FROM u) AND a IN (1, (2))",
            "(SELECT max(d) FROM u) > 1 AND (a, b) = (1, 2)",
        ]
        .map(|condition| format!("{condition}\n    {}", where_(condition)))
        .join("\n"),
    );
}

fn expression() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![Just("a"), Just("b"), Just("c")]
        .prop_map(|name| Expr::CompoundIdentifier(vec![Ident::new("t"), Ident::new(name)]));
    leaf.prop_recursive(6, 48, 3, |inner| {
        let pair = (inner.clone(), inner.clone());
        let one = inner.clone().prop_map(Box::new);
        let op = prop::sample::select(vec![
            BinaryOperator::And,
            BinaryOperator::Or,
            BinaryOperator::Eq,
            BinaryOperator::Lt,
            BinaryOperator::Plus,
            BinaryOperator::Minus,
            BinaryOperator::Multiply,
            BinaryOperator::Modulo,
            BinaryOperator::StringConcat,
            BinaryOperator::BitwiseAnd,
            BinaryOperator::BitwiseXor,
            BinaryOperator::PGRegexMatch,
            BinaryOperator::Arrow,
        ]);
        prop_oneof![
            4 => (pair.clone(), op).prop_map(|((left, right), op)| Expr::BinaryOp {
                left: Box::new(left),
                op,
                right: Box::new(right),
            }),
            1 => one.clone().prop_map(|expr| Expr::UnaryOp { op: UnaryOperator::Not, expr }),
            1 => one.clone().prop_map(|expr| Expr::UnaryOp { op: UnaryOperator::Minus, expr }),
            1 => one.clone().prop_map(Expr::IsNull),
            1 => one.clone().prop_map(Expr::IsNotTrue),
            1 => pair.clone().prop_map(|(left, right)| {
                Expr::IsDistinctFrom(Box::new(left), Box::new(right))
            }),
            1 => pair.clone().prop_map(|(expr, item)| Expr::InList {
                expr: Box::new(expr),
                list: vec![item],
                negated: true,
            }),
            1 => (pair, inner).prop_map(|((expr, low), high)| Expr::Between {
                expr: Box::new(expr),
                negated: false,
                low: Box::new(low),
                high: Box::new(high),
            }),
            1 => one.prop_map(|expr| Expr::Cast {
                kind: CastKind::DoubleColon,
                expr,
                data_type: sqlparser::ast::DataType::Int(None),
                array: false,
                format: None,
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Every tree is read back from its text.
    #[test]
    fn every_text_is_read_back_as_its_tree(condition in expression()) {
        let mut query = compiled("SELECT t.a AS a FROM t WHERE true").unwrap().ast().clone().into_query();
        let sqlparser::ast::SetExpr::Select(select) = &mut *query.body else { unreachable!() };
        select.selection = Some(condition);
        let shown = sql(&query, Size { height: 64, queries: 2 });
        let lane = lane();
        let known = crate::fixtures::Known;
        let again = lane.read_query(&text(&shown), &known).unwrap();
        let again = lane.resolve(again, &schemas(), &()).unwrap();
        prop_assert_eq!(&**again.ast(), &query, "{}", shown);
    }
}

/// A quote is a quote, whatever stands around it.
#[test]
fn quotes_in_strings_are_read_back() {
    for text in ["'", "''", "'''", "a''b", r"\'", r"\''", r"''\", "it's", "'; --", r"\\'x''"] {
        let sql = format!("SELECT '{}' AS x FROM t", text.replace('\'', "''"));
        let query = compiled(&sql).unwrap();
        let again = compiled(&query.sql()).unwrap();
        assert_eq!(again.ast(), query.ast(), "{text}\n{}", query.sql());
    }
}

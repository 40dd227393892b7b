use crate::support::{session, transcript};

#[tokio::test]
async fn operators_have_a_meaning_on_nested_values() {
    let context = session();
    context
        .sql(
            "CREATE TABLE t AS SELECT * FROM (VALUES \
             ({a: 1, b: 'x'}, MAP {'k': 7, 'l': 8}, [1, 2, 3]), \
             ({a: NULL, b: 'y'}, MAP {'l': 9}, [2])) t(s, m, l)",
        )
        .await
        .unwrap()
        .collect()
        .await
        .unwrap();
    insta::assert_snapshot!(
        transcript(
            &context,
            &[
                "SELECT t.s -> 'a' AS a, t.s ->> 'a' AS b, arrow_typeof(t.s ->> 'a') AS t, \
                 t.m -> 'k' AS c, t.m ->> 'l' AS d, t.l -> 1 AS e, t.l ->> 2 AS f FROM t",
                "SELECT t.l @> [2] AS a, [2] <@ t.l AS b, t.l <@ [2, 4] AS c FROM t",
                "SELECT t.m @> MAP {'l': 8} AS a, MAP {'l': 9} <@ t.m AS b FROM t",
                "SELECT t.s @> {b: 'x'} AS a, t.s @> {a: NULL} AS b, {c: 1} <@ t.s AS c FROM t",
                "SELECT t.s -> 'c' FROM t",
                "SELECT t.s -> t.l FROM t",
            ],
        )
        .await
    );
}

#[tokio::test]
async fn operators_are_planned_as_functions_of_the_engine() {
    let context = session();
    let sql = "SELECT ({a: 1}) -> 'a' AS x";
    let plan = context.sql(sql).await.unwrap().logical_plan().to_string();
    assert!(plan.contains("get_field("), "{plan}");
}

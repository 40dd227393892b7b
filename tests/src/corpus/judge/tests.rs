use super::*;
use crate::corpus::database::parse;

/// Judges a query as if the lane had made another one of it.
async fn judged(raw: &str, other: &str) -> String {
    let context = SessionContext::new();
    context
        .sql("create table t as values (1, 'x', 0.1), (2, 'y', 0.2), (2, 'z', 0.3), (3, null, 0.7)")
        .await
        .unwrap();
    let state = context.state();
    let functions = Arc::new(FunctionCatalog::from_session(&state));
    let judge = Judge { context, functions, limit: Duration::from_secs(60) };

    let statement = parse(&state, raw).unwrap();
    let answer = judge.run(&state, &statement).await.unwrap();
    let text = SourceText::new("other", other);
    let Ok(compiled) = lane::compile(&state, &judge.functions, &text).await else {
        return "refused".to_owned();
    };
    match judge.compare(&state, &statement, &answer, &compiled).await {
        Verdict::Equal(None) => "equal".to_owned(),
        Verdict::Equal(Some(excuse)) => excuse.name().to_owned(),
        Verdict::Differs(found) => {
            let found = found.iter().map(|found| format!("{}: {}", found.kind(), found.text()));
            found.collect::<Vec<_>>().join("; ")
        }
        other => format!("{other:?}"),
    }
}

async fn check(raw: &str, other: &str, expected: &str) {
    assert_eq!(judged(raw, other).await, expected, "{raw}\n{other}");
}

#[tokio::test]
async fn other_rows_are_wrong() {
    check("select 1 as a", "select 2 as a", "wrong: a row raw only: (\"1\")").await;
    check("select 0.0 as a", "select -0.0 as a", "wrong: a row through the lane only: (\"-0.0\")")
        .await;
    check("select column1 from t", "select 1 as column1", "wrong: 4 rows raw, 1 through the lane")
        .await;
    check("select 1 as a", "select 1 as a, 2 as b", "wrong: 1 columns raw, 2 through the lane")
        .await;
    check(
        "select column1 from t",
        "select distinct column1 from t union all select 1",
        "wrong: a row through the lane only: (\"1\")",
    )
    .await;
}

#[tokio::test]
async fn what_does_not_run_is_wrong() {
    let failed = judged("select column1 from t", "select abs(column1, 1) from t").await;
    assert!(failed.starts_with("wrong: the compiled query fails (plan): "), "{failed}");
    let failed = judged("select 1 as a", "select 1 / 0 as a").await;
    assert!(failed.starts_with("wrong: the compiled query fails (run): "), "{failed}");
}

#[tokio::test]
async fn names_and_types_are_told_apart() {
    check("select 1 as a", "select 1 as b", "names: column 1 of the plan: `a`, now `b`").await;
    check(
        "select 1 as a",
        "select cast(1 as int) as a",
        "types: column 1 of the plan: Int64, not null; now Int32, not null",
    )
    .await;
    check(
        "select nullif(1, 2) as a",
        "select 1 as a",
        "types: column 1 of the plan: Int64, nullable; now Int64, not null",
    )
    .await;
}

#[tokio::test]
async fn without_order_by_any_order_is_the_same() {
    check(
        "select * from (values (1), (2)) as v(a)",
        "select * from (values (2), (1)) as v(a)",
        "equal",
    )
    .await;
}

#[tokio::test]
async fn sort_keys_must_come_in_their_order_even_if_they_are_not_shown() {
    let query = "select column3 from t order by column1";
    check(
        query,
        "select column3 from t order by column1, column2 desc",
        "wrong: 1 sort keys raw, 2 through the lane",
    )
    .await;
    check(
        query,
        "select column3 from t order by column1 desc",
        "wrong: sort keys of row 1: raw (\"1\"), through the lane (\"3\")",
    )
    .await;
    check(query, "select column3 from t", "equal").await;
    check(query, "select column3 from (select * from t union all select * from t where false) order by 0 - column1", "wrong: sort keys of row 1: raw (\"1\"), through the lane (\"-3\")").await;
    check(
        "select column3 from t order by column1 desc",
        "select column3 from t",
        "wrong: the rows are no longer sorted",
    )
    .await;
}

#[tokio::test]
async fn ties_may_come_in_any_order() {
    check(
        "select column2 from t order by column1",
        "select column2 from (select * from t order by column2 desc limit 10) as t order by column1",
        "equal",
    )
    .await;
}

#[tokio::test]
async fn the_last_digits_of_sums_are_excused_and_no_others() {
    check(
        "select sum(a) as s from (values (0.3)) as v(a)",
        "select sum(a) + 0.1 as s from (values (0.2)) as v(a)",
        "float_sum",
    )
    .await;
    let found = judged("select 0.3 as s", "select 0.1 + 0.2 as s").await;
    assert!(found.starts_with("wrong"), "{found}");
    let found =
        judged("select sum(column3) as s from t", "select sum(column3) + 0.001 as s from t").await;
    assert!(found.starts_with("wrong"), "{found}");
}

#[tokio::test]
async fn a_limit_without_an_order_is_excused_and_one_with_it_is_not() {
    check(
        "select column2 from t limit 1",
        "select column2 from t where column1 = 3 limit 1",
        "unordered_limit",
    )
    .await;
    check(
        "select column2 from t limit 1",
        "select column2 from t limit 2",
        "wrong: 1 rows raw, 2 through the lane",
    )
    .await;
    check(
        "select column2 from t order by column1 limit 1",
        "select column2 from t order by column1 desc limit 1",
        "wrong: a row through the lane only: (NULL)",
    )
    .await;
    check(
        "select column3 from t order by column1 limit 2",
        "select column3 from t where column2 <> 'y' order by column1 limit 2",
        "unordered_limit",
    )
    .await;
}

#[tokio::test]
async fn volatile_functions_are_compared_by_schema_and_number_of_rows() {
    check("select random() as r from t", "select random() as r from t", "volatile").await;
    check(
        "select random() as r from t",
        "select random() as r from t limit 1",
        "wrong: 4 rows raw, 1 through the lane",
    )
    .await;
}

#[tokio::test]
async fn now_is_the_same_for_both() {
    check("select now() as n", "select now() as n", "equal").await;
}

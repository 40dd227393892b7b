use proptest::prelude::*;

use super::super::tests::{factory, plan, run, with};
use crate::{Determinism, Profile};

fn canonical() -> Profile {
    Profile::builder().determinism(Determinism::Canonical).build().unwrap()
}

#[tokio::test]
async fn rows_are_sorted_after_their_own_order() {
    let rows = "from (values (2, 'b', 1), (1, 'c', 2), (1, 'a', 3), (null, 'd', 3)) t(x, y, z)";
    insta::assert_snapshot!(run(&canonical(), &format!("select x, y {rows}")).await, @"
    +---+---+
    | x | y |
    +---+---+
    | 1 | a |
    | 1 | c |
    | 2 | b |
    |   | d |
    +---+---+
    ");
    insta::assert_snapshot!(run(&canonical(), &format!("select y {rows} order by z desc")).await, @"
    +---+
    | y |
    +---+
    | a |
    | d |
    | c |
    | b |
    +---+
    ");
    insta::assert_snapshot!(run(&canonical(), &format!("select y, x {rows} limit 2")).await, @"
    +---+---+
    | y | x |
    +---+---+
    | a | 1 |
    | b | 2 |
    +---+---+
    ");
}

#[tokio::test]
async fn the_other_tiers_sort_nothing() {
    for tier in ["best_effort", "stable_set"] {
        assert!(
            !plan(&with("determinism", tier), "select k from large").await.contains("SortExec")
        );
    }
}

#[tokio::test]
async fn columns_without_an_order_are_passed_over() {
    let sql = "select map(['a'], [1]) as m, x from (values (2), (1)) t(x)";
    let text = run(&canonical(), sql).await;
    assert!(text.find("| 1 |") < text.find("| 2 |"), "{text}");
}

/// Explain shows what is run, and statements that are no queries run as before.
#[tokio::test]
async fn explain_shows_the_order() {
    assert!(run(&canonical(), "explain select v, k from small").await.contains("SortExec"));
    let (factory, _folder) = factory(&canonical());
    let context = factory.session_context();
    let count = async |sql: &str| context.sql(sql).await.unwrap().collect().await.unwrap().len();
    count("create table t as select 1 as x").await;
    count("insert into t values (2)").await;
    assert_eq!(count("select * from t").await, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// In whatever order rows come, a result, and what a LIMIT keeps of it, is the same.
    #[test]
    fn the_order_of_the_input_does_not_matter(
        rows in prop::collection::vec((prop::option::of(0..4_i32), 0..4_i32), 1..20),
        seed in any::<u64>(),
    ) {
        let mut shuffled = rows.clone();
        let mut state = seed;
        for last in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(last, (state >> 33) as usize % (last + 1));
        }
        let values = |rows: &[(Option<i32>, i32)]| {
            let rows = rows.iter().map(|(x, y)| {
                format!("({}, {y})", x.map_or("cast(null as int)".to_owned(), |x| x.to_string()))
            });
            rows.collect::<Vec<_>>().join(", ")
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (select, end) in [
            ("*", ""),
            ("*", "limit 3"),
            ("y", "order by y % 2 limit 4"),
            ("y, count(*), sum(x)", "group by y"),
            ("distinct x", "limit 2 offset 1"),
        ] {
            let result = |rows: &[(Option<i32>, i32)]| {
                let sql = format!("select {select} from (values {}) t(x, y) {end}", values(rows));
                runtime.block_on(run(&canonical(), &sql))
            };
            prop_assert_eq!(result(&rows), result(&shuffled));
        }
    }
}

use std::collections::BTreeMap;

use datafusion::{arrow::util::pretty::pretty_format_batches, error::DataFusionError};
use proptest::prelude::*;

use super::super::tests::{context, factory, plan, run, run_and_count_spills, with};
use super::*;
use crate::{ByteSize, MemoryPool, ProfileBuilder};

/// Little memory, and what else a sort needs to work in it.
fn tight() -> ProfileBuilder {
    Profile::builder()
        .memory_limit(Limit::Bytes(ByteSize::mib(24)))
        .memory_pool(MemoryPool::Fair)
        .set("target_partitions", "2")
        .unwrap()
        .sort_reservation(ByteSize::mib(1))
}

/// The same join with the same memory: a hash table fails, the choice of the profile spills.
#[tokio::test]
async fn a_build_side_that_does_not_fit_spills_rather_than_fails() {
    // 2 million rows on either side; half of them do not pass, which nobody can know.
    let sql = "select count(*), min(a.v), max(b.v) from large a left join \
        (select k * 1000003 + v * 0 as k, v from large where v % 2 = 0) b on a.k = b.k";
    let hash = tight().join_strategy(JoinStrategy::Hash).build().unwrap();
    let (hash_factory, _folder) = factory(&hash);
    let failed = context(&hash_factory).sql(sql).await.unwrap().collect().await.unwrap_err();
    assert!(
        matches!(failed.find_root(), DataFusionError::ResourcesExhausted(_)),
        "it failed for another reason: {failed}"
    );

    let chosen = tight().build().unwrap();
    assert_eq!(chosen.joins().join_strategy, JoinStrategy::ByBudget);
    let (spilled, result) = run_and_count_spills(&chosen, sql).await;
    assert!(spilled > 0);
    let (in_memory, expected) = run_and_count_spills(&with("memory_limit", "unbounded"), sql).await;
    assert_eq!(in_memory, 0);
    assert_eq!(result, expected);
}

async fn operators(profile: &Profile, sql: &str) -> String {
    let plan = plan(profile, sql).await;
    let joins = plan.lines().filter_map(|line| {
        ["HashJoinExec", "SortMergeJoinExec", "NestedLoopJoinExec", "CrossJoinExec"]
            .into_iter()
            .find(|name| line.trim_start().starts_with(name))
    });
    joins.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_join_is_sorted_when_its_table_might_not_fit() {
    let budget = |size| with("join_build_budget", size);
    // 2 million rows of 16 bytes, and 32 for each in the table.
    let large = "select * from large a join large b on a.k = b.k";
    assert_eq!(operators(&budget("96MiB"), large).await, "HashJoinExec");
    assert_eq!(operators(&budget("90MiB"), large).await, "SortMergeJoinExec");
    // The smaller side is built, whichever it is.
    let mixed = "select * from large a join small b on a.k = b.k";
    assert_eq!(operators(&budget("1MiB"), mixed).await, "HashJoinExec");
    // What a filter or an aggregation leaves over is not believed.
    for side in ["select * from large where v < 3", "select k, v from large group by k, v"] {
        let sql = format!("select * from large a join ({side}) b on a.k = b.k");
        assert_eq!(operators(&budget("64MiB"), &sql).await, "SortMergeJoinExec", "{side}");
    }
    // A limit is.
    let limited = "select * from large a join (select * from large limit 10) b on a.k = b.k";
    assert_eq!(operators(&budget("1MiB"), limited).await, "HashJoinExec");
    // Two tables are larger than one, and so is each row of one with each of another.
    let both = "(select k from large union all select k from large)";
    let both = format!("select * from {both} a join {both} b on a.k = b.k");
    assert_eq!(operators(&budget("160MiB"), &both).await, "HashJoinExec");
    assert_eq!(operators(&budget("150MiB"), &both).await, "SortMergeJoinExec");
    let product = "(select x.k from large x, small y)";
    let product = format!("select * from {product} a join {product} b on a.k = b.k");
    assert!(operators(&budget("240MiB"), &product).await.starts_with("HashJoinExec"));
    assert!(operators(&budget("200MiB"), &product).await.starts_with("SortMergeJoinExec"));
    // Nobody knows how long a series is.
    let unknown =
        "select * from generate_series(1, 10) a(k) join generate_series(1, 10) b(k) on a.k = b.k";
    assert_eq!(operators(&Profile::default(), unknown).await, "SortMergeJoinExec");
    // Without a bound on memory, nor a budget, every table fits.
    assert_eq!(operators(&with("memory_limit", "unbounded"), unknown).await, "HashJoinExec");
}

/// With one partition the engine's own switch does nothing.
#[tokio::test]
async fn the_strategy_holds_for_one_partition_too() {
    let sql = "select * from small a join small b using (k)";
    for partitions in ["1", "3"] {
        let strategy = |strategy| {
            let profile = Profile::builder().join_strategy(strategy);
            profile.set("target_partitions", partitions).unwrap().build().unwrap()
        };
        assert_eq!(operators(&strategy(JoinStrategy::SortMerge), sql).await, "SortMergeJoinExec");
        assert_eq!(operators(&strategy(JoinStrategy::Hash), sql).await, "HashJoinExec");
    }
}

/// A sort-merge join would take a NULL on the right for no match.
#[tokio::test]
async fn not_in_keeps_its_meaning() {
    let profile = with("join_strategy", "sort_merge");
    let sql = "select count(*) from small where nullif(k, 7) not in \
        (select nullif(k, 1) from small where k < 2)";
    assert_eq!(operators(&profile, sql).await, "HashJoinExec");
    assert_eq!(run(&profile, sql).await, run(&Profile::default(), sql).await);
}

/// Keys of every type that is sorted give what the hash table gives; of other types there is no
/// sorting.
#[tokio::test]
async fn keys_of_every_type_are_compared_alike() {
    let sorted = [
        "tinyint",
        "smallint",
        "int",
        "bigint",
        "int unsigned",
        "bigint unsigned",
        "boolean",
        "decimal(10, 2)",
        "decimal(60, 2)",
        "varchar",
        "bytea",
        "date",
        "time",
        "timestamp",
        "timestamp with time zone",
    ];
    let hashed = ["float", "double"];
    for kind in sorted.into_iter().chain(hashed) {
        let text = match kind {
            "date" | "timestamp" | "timestamp with time zone" => "'2026-01-0' || k",
            "time" => "'0' || k || ':00:00'",
            "boolean" => "k = 1",
            "varchar" | "bytea" => "'x' || k",
            _ => "k",
        };
        let side = |name| {
            format!(
                "(select arrow_cast(nullif(k, 3), 'Int64') as n, cast({text} as {kind}) as k from \
                (values (1), (2), (3)) {name}0(k)) {name}"
            )
        };
        let (a, b) = (side("a"), side("b"));
        let sql = format!("select a.n, b.n as m from {a} left join {b} on a.k = b.k order by 1, 2");
        let semi = format!(
            "select a.n from {a} where exists (select 1 from {b} where a.k = b.k) order by 1"
        );
        let profile = |strategy| with("join_strategy", strategy);
        assert_eq!(
            run(&profile("sort_merge"), &sql).await,
            run(&profile("hash"), &sql).await,
            "{kind}"
        );
        let semi_rows = run(&profile("sort_merge"), &semi).await;
        assert_eq!(semi_rows, run(&profile("hash"), &semi).await, "{kind}");
        let operator = if hashed.contains(&kind) { "HashJoinExec" } else { "SortMergeJoinExec" };
        assert_eq!(operators(&profile("sort_merge"), &sql).await, operator, "{kind}");
    }
}

/// The rule is right behind the choice of sides.
#[test]
fn the_rule_has_its_place() {
    let rules = rules(&Profile::default());
    let names: Vec<_> = rules.iter().map(|rule| rule.name()).collect();
    let place = names.iter().position(|name| *name == "joins_within_memory").unwrap();
    assert_eq!(names[place - 1], "join_selection");
}

/// Rows of keys, NULLs among them.
fn keys() -> impl Strategy<Value = Vec<Option<i64>>> {
    prop::collection::vec(prop::option::weighted(0.8, 0..5_i64), 0..12)
}

fn values(name: &str, keys: &[Option<i64>]) -> String {
    let rows = keys.iter().enumerate().map(|(row, key)| {
        let key = key.map_or("null".to_owned(), |key| key.to_string());
        format!("({key}, {row})")
    });
    // A row that no condition lets through, so that there is always one.
    let rows: Vec<_> = rows.chain(["(null, -1)".to_owned()]).collect();
    format!("(select * from (values {}) {name}0(k, v) where v >= 0) {name}", rows.join(", "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever the join and its rows, sorting both sides gives what the hash table gives.
    #[test]
    fn both_strategies_give_the_same_rows(left in keys(), right in keys()) {
        let (a, b) = (values("a", &left), values("b", &right));
        let on = "on a.k = b.k and a.v + b.v < 15";
        let mut queries: Vec<_> = ["join", "left join", "right join", "full join"]
            .iter()
            .map(|join| format!("select a.k, a.v, b.k as k2, b.v as v2 from {a} {join} {b} {on} order by 1, 2, 3, 4"))
            .collect();
        for condition in ["exists", "not exists", "a.v = 1 or exists"] {
            queries.push(format!("select a.k, a.v from {a} where {condition} (select 1 from {b} where a.k = b.k and a.v + b.v < 15) order by 1, 2"));
        }
        queries.push(format!("select a.v, b.v as v2 from {a} join {b} on a.k is not distinct from b.k order by 1, 2"));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for sql in queries {
            for partitions in ["1", "3"] {
                let rows = |strategy: &str| {
                    let profile = Profile::builder()
                        .set("join_strategy", strategy).unwrap()
                        .set("target_partitions", partitions).unwrap();
                    let (factory, _folder) = factory(&profile.build().unwrap());
                    let batches = runtime.block_on(async {
                        factory.session_context().sql(&sql).await.unwrap().collect().await.unwrap()
                    });
                    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
                    for line in pretty_format_batches(&batches).unwrap().to_string().lines() {
                        *counted.entry(line.to_owned()).or_default() += 1;
                    }
                    counted
                };
                prop_assert_eq!(rows("hash"), rows("sort_merge"), "{}", sql);
            }
        }
    }
}

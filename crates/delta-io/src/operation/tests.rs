use arrow::datatypes::Schema;
use viewlane_core::{DatasetStore, Pin};

use super::*;
use crate::fixture::*;

/// Three rows in three files: a NULL key, and a NULL value.
async fn lake() -> Lake {
    let lake = Lake::new();
    for row in ["1, 'a'", "2, cast(null as varchar)", "cast(null as int), 'c'"] {
        lake.done(append(&format!("select * from (values ({row})) as t(k, v)")).await).await;
    }
    lake
}

#[tokio::test]
async fn rows_for_which_a_predicate_is_unknown_stay() {
    let lake = lake().await;
    let receipt = lake.done(delete("k > 1")).await;
    assert_eq!((receipt.files, receipt.files_removed), (0, 1));
    assert_eq!(lake.rows().await, bag_of(&["1|a", "NULL|c"]));
    lake.done(update("v <> 'c'", "v", "v || '!'")).await;
    assert_eq!(lake.rows().await, bag_of(&["1|a!", "NULL|c"]));
    lake.done(replace_where("k = 1", "select 1 as k, 'z' as v").await).await;
    assert_eq!(lake.rows().await, bag_of(&["1|z", "NULL|c"]));
    lake.done(replace_where("k is null", "select cast(null as int) as k, 'y' as v").await).await;
    assert_eq!(lake.rows().await, bag_of(&["1|z", "NULL|y"]));
}

#[tokio::test]
async fn a_replacement_rewrites_only_files_that_may_hold_its_rows() {
    let lake = lake().await;
    lake.done(append("select * from (values (5, 'p'), (6, 'q'), (null, 'r')) as t(k, v)").await)
        .await;
    let receipt = lake.done(replace_where("k = 6", "select 6 as k, 'Q' as v").await).await;
    // One file goes; what stays of it and what is new come.
    assert_eq!((receipt.files, receipt.files_removed, receipt.rows), (2, 1, 3));
    let expected = ["1|a", "2|NULL", "NULL|c", "5|p", "6|Q", "NULL|r"];
    assert_eq!(lake.rows().await, bag_of(&expected));
}

#[tokio::test]
async fn what_is_asked_in_a_wrong_way_is_refused_before_anything_happens() {
    let lake = lake().await;
    let outside = "select * from (values (1, 'x'), (3, 'y')) as t(k, v)";
    let told = [
        lake.refused(delete(" ")).await,
        lake.refused(update("", "v", "'x'")).await,
        lake.refused(replace_where("", "select 1 as k, 'x' as v").await).await,
        lake.refused(replace_where("k < 2", outside).await).await,
        lake.refused(replace_where("k < 2", "select cast(null as int) as k, 'x' as v").await).await,
        lake.refused(update("true", "vv", "'x'")).await,
        lake.refused(append("select 1 as k, 'x' as w").await).await,
        lake.refused(merge(&[], None, "select 1 as k, 'x' as v").await).await,
        lake.refused(merge(&["kk"], None, "select 1 as k, 'x' as v").await).await,
    ];
    insta::assert_snapshot!(told.join("\n"), @"
        VL-D0305: the predicate for `memory:///lake/t` is blank; write `true` if every row is meant
        VL-D0305: the predicate for `memory:///lake/t` is blank; write `true` if every row is meant
        VL-D0305: the predicate for `memory:///lake/t` is blank; write `true` if every row is meant
        VL-D0306: `memory:///lake/t` does not take a row: the predicate of the replacement (k < 2) does not hold for (k = 3, v = y)
        VL-D0306: `memory:///lake/t` does not take a row: the predicate of the replacement (k < 2) does not hold for (k = NULL, v = x)
        VL-D0305: `memory:///lake/t` has no column `vv`; `v` is one
        VL-D0306: `memory:///lake/t` has no column `w`
        VL-D0305: a merge into `memory:///lake/t` needs at least one key
        VL-D0305: `memory:///lake/t` has no column `kk`; `k` is one
        ");
    assert!(lake.refused(delete("nothing = 1")).await.starts_with("VL-D0305"));
    assert_eq!(lake.rows().await, bag_of(&["1|a", "2|NULL", "NULL|c"]));
}

#[tokio::test]
async fn a_merge_takes_null_for_a_key_like_any_other() {
    let lake = lake().await;
    let source = "select * from (values (cast(null as int), 'C'), (2, 'B'), (9, 'n')) as t(k, v)";
    lake.done(merge(&["k"], None, source).await).await;
    assert_eq!(lake.rows().await, bag_of(&["1|a", "2|B", "NULL|C", "9|n"]));
    let gone = "select * from (values (cast(null as int), 'C', -1), (1, 'A', 1), (8, 'x', -1)) \
                as t(k, v, w)";
    lake.done(merge(&["k"], Some("w < 0"), gone).await).await;
    assert_eq!(lake.rows().await, bag_of(&["1|A", "2|B", "9|n"]));
}

#[tokio::test]
async fn two_rows_of_a_source_that_match_one_row_are_an_error() {
    let lake = lake().await;
    for key in ["1", "cast(null as int)"] {
        let source = format!("select * from (values ({key}, 'x'), ({key}, 'y')) as t(k, v)");
        let told = lake.refused(merge(&["k"], None, &source).await).await;
        assert!(told.starts_with("VL-D0307: several rows of the source match"), "{told}");
    }
    assert_eq!(lake.rows().await, bag_of(&["1|a", "2|NULL", "NULL|c"]));
}

/// Each kind of operation, so that one that is done twice shows.
async fn kinds() -> Vec<(&'static str, Operation)> {
    vec![
        ("append", append("select 7 as k, 'x' as v").await),
        ("overwrite", write(WriteMode::Overwrite, "select 7 as k, 'x' as v").await),
        ("replace", replace_where("k = 1", "select 1 as k, 'x' as v").await),
        ("delete", delete("k = 1")),
        ("delete nothing", delete("k = 1000")),
        ("update", update("true", "k", "k + 1")),
        (
            "merge",
            merge(&["k"], None, "select * from (values (1, 'm'), (5, 'n')) as t(k, v)").await,
        ),
        ("cursor only", append("select 7 as k, 'x' as v limit 0").await),
    ]
}

#[tokio::test]
async fn what_was_committed_is_not_committed_again() {
    for place in 0..kinds().await.len() {
        let lake = lake().await;
        let (name, first) = kinds().await.swap_remove(place);
        let version = lake.version().await.unwrap();
        let receipt = committed(lake.operate(first, lake.step("s", None, 4)).await.unwrap());
        assert_eq!(receipt.version, version + 1, "{name}");
        let rows = lake.rows().await;
        for to in [4, 3] {
            let (_, again) = kinds().await.swap_remove(place);
            let outcome = lake.operate(again, lake.step("s", None, to)).await.unwrap();
            assert!(is_skipped(&outcome), "{name}: {outcome:?}");
        }
        assert_eq!(lake.version().await, Some(version + 1), "{name}");
        assert_eq!(lake.rows().await, rows, "{name}");
        // From another place than the table is at, nothing is added either.
        let (_, astray) = kinds().await.swap_remove(place);
        let outcome = lake.operate(astray, lake.step("s", Some(5), 6)).await.unwrap();
        let CommitOutcome::Conflict { detail } = outcome else { panic!("{name}: {outcome:?}") };
        assert_eq!(
            detail,
            "the table has consumed version 4 of `p/v/s`, and the commit starts from version 5"
        );
        // The next step is.
        let (_, next) = kinds().await.swap_remove(place);
        let outcome = lake.operate(next, lake.step("s", Some(4), 6)).await.unwrap();
        assert_eq!(committed(outcome).version, version + 2, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_writers_at_once_with_one_cursor_exactly_one_lands() {
    for place in 0..kinds().await.len() {
        let lake = lake().await;
        let version = lake.version().await.unwrap();
        let (name, one) = kinds().await.swap_remove(place);
        let (_, two) = kinds().await.swap_remove(place);
        let (one, two) = tokio::join!(
            lake.operate(one, lake.step("s", None, 4)),
            lake.operate(two, lake.step("s", None, 4))
        );
        let outcomes = [one.unwrap(), two.unwrap()];
        let landed = outcomes.iter().filter(|o| matches!(o, CommitOutcome::Committed(_))).count();
        let skipped = outcomes.iter().filter(|o| is_skipped(o)).count();
        let lost = outcomes.iter().filter(|o| matches!(o, CommitOutcome::Conflict { .. })).count();
        assert_eq!((landed, skipped + lost), (1, 1), "{name}: {outcomes:?}");
        assert_eq!(lake.version().await, Some(version + 1), "{name}");
    }
}

/// Changes of two sources of one view are not additive: the second has to be computed anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_of_one_owner_with_different_cursors_fence_each_other() {
    let lake = lake().await;
    for round in 0..8_u64 {
        let from = (round > 0).then_some(round);
        let sources = ["one", "two"];
        let write = |source: &'static str| {
            let lake = &lake;
            async move {
                let rows = append(&format!("select {round} as k, '{source}' as v")).await;
                lake.operate(rows, lake.step(source, from, round + 1)).await.unwrap()
            }
        };
        let outcomes: Vec<_> = futures::future::join_all(sources.map(write)).await;
        for (source, outcome) in sources.into_iter().zip(outcomes) {
            if let CommitOutcome::Conflict { .. } = outcome {
                committed(write(source).await);
            }
        }
    }
    let mut expected = bag_of(&["1|a", "2|NULL", "NULL|c"]);
    for round in 0..8 {
        for source in ["one", "two"] {
            expected.insert(format!("{round}|{source}"), 1);
        }
    }
    assert_eq!(lake.rows().await, expected);
    assert_eq!(lake.version().await, Some(2 + 16));
}

#[tokio::test]
async fn a_restore_takes_back_what_was_consumed() {
    let lake = lake().await;
    let row = || append("select 7 as k, 'x' as v");
    committed(lake.operate(row().await, lake.step("s", None, 4)).await.unwrap());
    let then = lake.version().await.unwrap();
    committed(lake.operate(row().await, lake.step("s", Some(4), 9)).await.unwrap());
    committed(lake.operate(row().await, lake.step("late", None, 1)).await.unwrap());
    let rows = lake.rows_at(Pin::Version(then)).await;
    lake.done(Operation::Restore { version: then }).await;
    assert_eq!(lake.rows().await, rows);
    // Without that these rows would be skipped as consumed, and be lost.
    let receipt = lake.operate(row().await, lake.step("s", Some(4), 9)).await.unwrap();
    committed(receipt);
    committed(lake.operate(row().await, lake.step("late", None, 1)).await.unwrap());
    assert_eq!(lake.rows().await["7|x"], 3);
    let told = lake.refused(Operation::Restore { version: 99 }).await;
    assert_eq!(told, "VL-D0108: `memory:///lake/t` is at version 8 and cannot be restored to 99");
}

/// A source that was made anew has another identity, so nothing of it was consumed.
#[tokio::test]
async fn a_recreated_source_starts_from_nothing() {
    let lake = lake().await;
    let row = || append("select 7 as k, 'x' as v");
    committed(lake.operate(row().await, lake.step("old identity", None, 40)).await.unwrap());
    let outcome = lake.operate(row().await, lake.step("new identity", Some(40), 41)).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Conflict { .. }), "{outcome:?}");
    committed(lake.operate(row().await, lake.step("new identity", None, 1)).await.unwrap());
    assert_eq!(lake.rows().await["7|x"], 2);
}

#[tokio::test]
async fn columns_come_but_do_not_change() {
    let lake = lake().await;
    let column = |name: &str, data_type: DataType| {
        let schema = Schema::new(vec![Field::new(name, data_type, true)]);
        Operation::AddColumns(Arc::new(schema))
    };
    lake.done(column("n", DataType::Float64)).await;
    assert_eq!(lake.rows().await, bag_of(&["1|a|NULL", "2|NULL|NULL", "NULL|c|NULL"]));
    lake.done(append("select 4 as k, 1.5 as n").await).await;
    assert_eq!(lake.rows().await["4|NULL|1.5"], 1);
    let widen = Operation::WidenColumn { column: "k".to_owned(), to: DataType::Decimal128(20, 0) };
    let told = [
        lake.refused(column("K", DataType::Utf8)).await,
        lake.refused(column("u", DataType::UInt64)).await,
        lake.refused(column(
            "at",
            DataType::Timestamp(arrow::datatypes::TimeUnit::Microsecond, None),
        ))
        .await,
        lake.refused(widen).await,
    ];
    insta::assert_snapshot!(told.join("\n"), @"
        VL-D0205: `memory:///lake/t` has a column `k` already
        VL-D0201: column `u` has type UInt64, which Delta cannot hold: cast it to BIGINT or DECIMAL(20, 0)
        VL-D0205: `memory:///lake/t` has no timestamps without zone yet; use the zone `UTC` for the column
        VL-D0205: `k` of `memory:///lake/t` is Int64 and cannot become Decimal128(20, 0): its files would have to be read by the table feature `typeWidening`, which this build is without; write the table anew
        ");
}

#[tokio::test]
async fn a_constraint_holds_for_every_way_to_write() {
    let lake = lake().await;
    let constraint = |expression: &str| Operation::AddConstraint {
        name: "small".to_owned(),
        expression: expression.to_owned(),
    };
    assert!(lake.refused(constraint("k < 2")).await.starts_with("VL-D0306"));
    assert!(lake.refused(constraint(" ")).await.starts_with("VL-D0305"));
    lake.done(delete("k is null")).await;
    lake.done(constraint("k < 10")).await;
    let told =
        lake.refused(append("select * from (values (3, 'x'), (30, 'y')) as t(k, v)").await).await;
    insta::assert_snapshot!(told, @"VL-D0306: `memory:///lake/t` does not take a row: constraint `small` (k < 10) does not hold for (k = 30, v = y)");
    for refused in [
        append("select cast(null as int) as k, 'x' as v").await,
        replace_where("v = 'a'", "select 30 as k, 'a' as v").await,
        update("true", "k", "k + 100"),
        merge(&["k"], None, "select 30 as k, 'x' as v").await,
    ] {
        let told = lake.refused(refused).await;
        assert!(told.starts_with("VL-D0306"), "{told}");
    }
    lake.done(append("select 9 as k, 'x' as v").await).await;
    lake.done(Operation::DropConstraint { name: "small".to_owned() }).await;
    lake.done(append("select 30 as k, 'x' as v").await).await;
    assert_eq!(lake.rows().await, bag_of(&["1|a", "2|NULL", "9|x", "30|x"]));
}

#[tokio::test]
async fn a_table_is_created_with_all_it_asks_for_in_one_commit() {
    let lake = Lake::new();
    let create = || Operation::Create {
        schema: Arc::new(Schema::new(vec![
            Field::new("k", DataType::Int64, true),
            Field::new("twice", DataType::Int64, true),
            Field::new("p", DataType::Utf8, true),
        ])),
        spec: TableSpec {
            partition_by: vec!["p".to_owned()],
            properties: BTreeMap::from([("delta.checkpointInterval".to_owned(), "7".to_owned())]),
            ..TableSpec::default()
        },
        not_null: BTreeSet::from(["k".to_owned()]),
        generated: BTreeMap::from([("twice".to_owned(), "k * 2".to_owned())]),
    };
    assert_eq!(lake.done(create()).await.version, 0);
    let outcome = lake.operate(create(), lake.intent()).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Conflict { .. }), "{outcome:?}");
    lake.done(append("select 4 as k, 'x' as p").await).await;
    lake.done(append("select 5 as k, 10 as twice, 'x' as p").await).await;
    let told = [
        lake.refused(append("select 5 as k, 11 as twice").await).await,
        lake.refused(append("select cast(null as bigint) as k").await).await,
    ];
    insta::assert_snapshot!(told.join("\n"), @"
        VL-D0306: `memory:///lake/t` does not take a row: `twice` = k * 2, as which it is generated, does not hold for (k = 5, twice = 11, p = NULL)
        VL-D0306: `memory:///lake/t` does not take a row: `k` IS NOT NULL does not hold for (k = NULL, twice = NULL, p = NULL)
        ");
    assert_eq!(lake.rows().await, bag_of(&["4|8|x", "5|10|x"]));
}

#[tokio::test]
async fn files_are_put_together_and_rows_stay() {
    let lake = lake().await;
    let rows = lake.rows().await;
    let target = NonZeroU64::new(1 << 20).unwrap();
    let optimize = |z_order: &[&str]| Operation::Optimize {
        z_order: z_order.iter().map(|name| (*name).to_owned()).collect(),
        target_file_bytes: target,
    };
    let receipt = lake.done(optimize(&[])).await;
    assert_eq!((receipt.files, receipt.files_removed, receipt.rows), (1, 3, 3));
    let outcome = lake.operate(optimize(&[]), lake.intent()).await.unwrap();
    let nothing = SkipReason::NothingToDo;
    assert_eq!(outcome, CommitOutcome::Skipped { version: receipt.version, because: nothing });
    lake.done(append("select 3 as k, 'd' as v").await).await;
    lake.done(optimize(&["k", "v"])).await;
    let mut expected = rows;
    expected.insert("3|d".to_owned(), 1);
    assert_eq!(lake.rows().await, expected);
    assert!(lake.refused(optimize(&["w"])).await.contains("has no column `w`"));
}

#[tokio::test]
async fn keys_of_metadata_that_are_not_for_callers_are_refused() {
    let lake = lake().await;
    let with = |key: &str| OperationIntent {
        metadata: BTreeMap::from([(key.to_owned(), Value::from("x"))]),
        ..lake.intent()
    };
    let mut told = Vec::new();
    for key in ["operation", "viewlane.run_id", "delta.x", "plain", ".x", "x."] {
        let row = append("select 7 as k, 'x' as v").await;
        told.push(lake.operate(row, with(key)).await.unwrap_err().to_string());
    }
    insta::assert_snapshot!(told.join("\n"), @"
        `operation` cannot be a key of commit metadata: write it with a prefix of your own, as in `team.key`
        `viewlane.run_id` cannot be a key of commit metadata: the prefix is reserved
        `delta.x` cannot be a key of commit metadata: the prefix is reserved
        `plain` cannot be a key of commit metadata: write it with a prefix of your own, as in `team.key`
        `.x` cannot be a key of commit metadata: prefix and name must not be empty
        `x.` cannot be a key of commit metadata: prefix and name must not be empty
        ");
    let row = append("select 7 as k, 'x' as v").await;
    let receipt = committed(lake.operate(row, with("team.ticket")).await.unwrap());
    let place = TableLocation::new(lake.location.as_str());
    let history = lake.store.history(&place, 1).await.unwrap().unwrap();
    assert_eq!(
        (history[0].version, history[0].operation.as_deref()),
        (receipt.version, Some("WRITE"))
    );
}

#[tokio::test]
async fn properties_are_set() {
    let lake = lake().await;
    let set = |key: &str, value: &str| {
        Operation::SetProperties(BTreeMap::from([(key.to_owned(), value.to_owned())]))
    };
    lake.done(set("delta.enableChangeDataFeed", "true")).await;
    assert!(lake.refused(set("delta.constraints.c", "k > 0")).await.starts_with("VL-D0205"));
    assert!(lake.refused(set("delta.columnMapping.mode", "name")).await.starts_with("VL-D0205"));
}

//! `verify`: what is equal, what is different, and what cannot be proven.

use std::fs;

use viewlane_tests::{TestProject, append, create};

use crate::PROGRAM;

async fn shop() -> TestProject {
    let mut project = TestProject::new("shop");
    create(
        &project.root().join("events"),
        "select column1 as id, column2 as kind, column3 as price from (values (1, 'a', 0.5), (2, 'b', 0.25), (2, 'b', 0.25), (3, null, null))",
    )
    .await;
    project.settings("[sources.\"ext.events\"]\nlocation = \"events\"");
    project.view("clean", "select id, kind, price from ext.events where id < 100");
    project.view("copy", "create materialized view as select * from clean");
    project.view(
        "nested",
        "create materialized view as select kind, array_agg(id order by id) as ids, named_struct('n', count(*), 'top', max(price)) as facts, map([coalesce(kind, '-')], [count(*)]) as counts from clean group by kind",
    );
    project
}

#[tokio::test]
async fn a_stored_version_is_proven_by_its_own_definition_and_source_versions() {
    let project = shop().await;
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    // Neither newer source versions nor newer definitions matter to what is stored.
    append(&project.root().join("events"), "select 4 as id, 'c' as kind, 1.0 as price").await;
    project.view("clean", "select id, kind, price * 2 as price from ext.events");
    let done = project.run(PROGRAM, &["verify"]);
    insta::assert_snapshot!(format!("exit {}\n{}{}", done.code, done.stdout, done.stderr), @"
    exit 0
    1 of 2 OK    copy                                         v0 equal
    2 of 2 OK    nested                                       v0 equal

    2 views: 2 equal, 0 different, 0 not proven
    ");
}

#[tokio::test]
async fn tampered_rows_are_shown() {
    let project = shop().await;
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    // A row too many, of a kind that is there already: only a bag comparison sees it.
    append(&project.table("copy"), "select 2 as id, 'b' as kind, 0.25 as price").await;
    append(&project.table("copy"), "select 7 as id, null as kind, 0.125 as price").await;
    let done = project.run(PROGRAM, &["verify"]);
    insta::assert_snapshot!(format!("exit {}\n{}", done.code, done.stdout), @"
    exit 1
    1 of 2 ERROR copy                                         v2 different
    2 of 2 OK    nested                                       v0 equal

    `copy` v2 is not what its definition gives at ext.events@0: 0 rows are missing, 2 are extra
      + id: 2, kind: b, price: 0.25
      + id: 7, kind: NULL, price: 0.125

    2 views: 1 equal, 1 different, 0 not proven
    ");
    let done = project.run(PROGRAM, &["verify", "--select", "nested"]);
    assert_eq!(done.code, 0);
    // And the next run mends it.
    let done = project.run(PROGRAM, &["run", "--select", "copy"]);
    assert!(done.stdout.contains("another tool changed its content"), "{}", done.stdout);
    assert_eq!(project.run(PROGRAM, &["verify"]).code, 0);
}

#[tokio::test]
async fn many_rows_with_nan_do_not_upset_a_difference() {
    let mut project = TestProject::new("nan");
    let events = project.root().join("events");
    create(&events, "select value % 2 as k, case when value % 3 = 0 then 'NaN'::double else value * 0.1 end as x from generate_series(1, 200)").await;
    project.settings("[sources.events]\nlocation = \"events\"");
    project.view("copy", "create materialized view as select k, x from events");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let url = url::Url::from_directory_path(project.table("copy")).unwrap();
    let table = deltalake::open_table(url).await.unwrap();
    table.update().with_update("x", "x * 2").await.unwrap();
    let done = project.run(PROGRAM, &["verify"]);
    assert_eq!(done.code, 1, "{}{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("1 different"), "{}", done.stdout);
}

#[tokio::test]
async fn lost_rows_are_shown() {
    let project = shop().await;
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let url = url::Url::from_directory_path(project.table("copy")).unwrap();
    let table = deltalake::open_table(url).await.unwrap();
    table.delete().with_predicate("id = 2").await.unwrap();
    let done = project.run(PROGRAM, &["verify"]);
    insta::assert_snapshot!(format!("exit {}\n{}", done.code, done.stdout), @"
    exit 1
    1 of 2 ERROR copy                                         v1 different
    2 of 2 OK    nested                                       v0 equal

    `copy` v1 is not what its definition gives at ext.events@0: 2 rows are missing, 0 are extra
      - id: 2, kind: b, price: 0.25 (2 times)

    2 views: 1 equal, 1 different, 0 not proven
    ");
}

#[tokio::test]
async fn float_sums_in_another_order_are_equal_up_to_rounding() {
    let mut project = TestProject::new("floats");
    let events = project.root().join("events");
    // Sums of these depend on their order in the last digits.
    create(&events, "select value % 7 as k, 1.0 / (value + 1) as x from generate_series(1, 20000)")
        .await;
    for _ in 0..3 {
        append(
            &events,
            "select value % 7 as k, 1e6 / (value + 3) as x from generate_series(1, 20000)",
        )
        .await;
    }
    project.settings("[sources.events]\nlocation = \"events\"");
    project
        .view("sums", "create materialized view as select k, sum(x) as s from events group by k");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let done = project.run(PROGRAM, &["verify"]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    // But a difference beyond rounding is a difference.
    let url = url::Url::from_directory_path(project.table("sums")).unwrap();
    let table = deltalake::open_table(url).await.unwrap();
    table.update().with_predicate("k = 3").with_update("s", "s * 1.00001").await.unwrap();
    let done = project.run(PROGRAM, &["verify"]);
    assert_eq!(done.code, 1, "{}", done.stdout);
}

#[tokio::test]
async fn what_cannot_be_recomputed_is_told() {
    let project = shop().await;
    let done = project.run(PROGRAM, &["verify", "--select", "copy"]);
    insta::assert_snapshot!(format!("exit {}\n{}", done.code, done.stdout), @"
    exit 1
    1 of 1 ERROR copy                                         VL-E0302: the stored version of `copy` cannot be recomputed: it was never built

    `copy` is not proven:
    error[VL-E0302]: the stored version of `copy` cannot be recomputed: it was never built
      = help: run it first

    1 views: 0 equal, 0 different, 1 not proven
    ");
    project.view("lucky", "create materialized view as select random() as x");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    fs::remove_dir_all(project.root().join("events")).unwrap();
    create(&project.root().join("events"), "select 1 as id, 'a' as kind, 0.5 as price").await;
    let done = project.run(PROGRAM, &["verify"]);
    insta::assert_snapshot!(format!("exit {}\n{}", done.code, done.stdout), @"
    exit 1
    1 of 3 ERROR copy                                         VL-E0302: the stored version of `copy` cannot be recomputed: `ext.events` was recreated
    2 of 3 ERROR lucky                                        VL-E0302: the stored version of `lucky` cannot be recomputed: `random` may give other results each time
    3 of 3 ERROR nested                                       VL-E0302: the stored version of `nested` cannot be recomputed: `ext.events` was recreated

    `copy` is not proven:
    error[VL-E0302]: the stored version of `copy` cannot be recomputed: `ext.events` was recreated

    `lucky` is not proven:
    error[VL-E0302]: the stored version of `lucky` cannot be recomputed: `random` may give other results each time

    `nested` is not proven:
    error[VL-E0302]: the stored version of `nested` cannot be recomputed: `ext.events` was recreated

    3 views: 0 equal, 0 different, 3 not proven
    ");
    // A recreated source is another table, so what read the old one is built anew.
    let done = project.run(PROGRAM, &["run", "--select", "copy"]);
    assert!(done.stdout.contains("`ext.events` was recreated"), "{}", done.stdout);
}

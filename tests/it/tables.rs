//! Stored tables beside their rows: `history` and `maintain`.

use serde_json::Value;
use viewlane_tests::{TestProject, append, compact, create};

use crate::PROGRAM;

fn shop() -> TestProject {
    let project = TestProject::new("shop");
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n2,bob,20\n3,ann,5\n");
    project.view(
        "marts.by_customer",
        "create materialized view as\nselect customer, sum(amount) as total from orders group by customer",
    );
    project.view(
        "reports.best",
        "create materialized view as select max(total) as best from marts.by_customer",
    );
    project
}

/// What a person sees, with the time of day and the definitions' hashes taken out.
fn shown(text: &str) -> String {
    let word = |word: &str| match word {
        word if word.len() == 12 && word.bytes().all(|b| b.is_ascii_hexdigit()) => {
            "[hash]".to_owned()
        }
        word if word.len() == 10 && word.as_bytes()[4] == b'-' => "[date]".to_owned(),
        word if word.len() == 8 && word.as_bytes()[2] == b':' => "[time]".to_owned(),
        word => word.to_owned(),
    };
    let line = |line: &str| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn history_tells_what_each_version_was_made_from() {
    let project = shop();
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let done = project.run(PROGRAM, &["history", "marts.by_customer"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    insta::assert_snapshot!(shown(&done.stdout), @"
    v1 [date] [time] WRITE +1 -1 full 1 rows [hash] orders@1
    v0 [date] [time] CREATE TABLE +1 -0 full 2 rows [hash] orders@0
    ");
    let done = project.run(PROGRAM, &["history", "orders", "-n", "1", "--output", "json"]);
    let value: Value = serde_json::from_str(&done.stdout).unwrap();
    let versions = value["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 1);
    assert_eq!((&versions[0]["version"], &versions[0]["record"]["rows"]), (&1.into(), &1.into()));
    let done = project.run(PROGRAM, &["history", "marts.by_custmer"]);
    assert_eq!(done.code, 2);
    insta::assert_snapshot!(done.stderr, @"
    error[VL-E0106]: nothing is stored under the name `marts.by_custmer`
      = help: did you mean `marts.by_customer`?

    1 error; nothing was written
    ");
    let done = project.run(PROGRAM, &["history", "reports.best", "-n", "0"]);
    assert_eq!((done.code, done.stdout.as_str()), (0, ""));
}

/// Nothing that a run needs is touched: after maintenance there is nothing to do.
#[test]
fn maintenance_changes_no_row_and_makes_no_run_necessary() {
    let project = shop();
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let done = project.run(PROGRAM, &["maintain", "--dry-run"]);
    insta::assert_snapshot!(shown(&done.stdout), @"2 tables: 0 tasks to do, 0 failed");
    let done = project.run(PROGRAM, &["maintain", "--retention", "1"]);
    assert_eq!(done.code, 1);
    insta::assert_snapshot!(done.stdout, @"
    ! marts.by_customer
    error[VL-D0303]: a retention of 1 hours is less than 24: a refresh that is at work could lose files that it has not committed yet
    ! reports.best
    error[VL-D0303]: a retention of 1 hours is less than 24: a refresh that is at work could lose files that it has not committed yet
    2 tables: 0 tasks done, 2 failed
    ");
    assert_eq!(project.run(PROGRAM, &["maintain"]).code, 0);
    let done = project.run(PROGRAM, &["plan", "--exit-code"]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    assert_eq!(project.run(PROGRAM, &["verify"]).code, 0);
}

/// A compaction moves a source to a newer version with the same rows.
#[tokio::test]
async fn a_compacted_source_is_no_reason_to_run() {
    let mut project = TestProject::new("shop");
    project.settings("[sources.\"ext.events\"]\nlocation = \"elsewhere\"");
    project.view("total", "create materialized view as select sum(n) as total from ext.events");
    let source = project.root().join("elsewhere");
    create(&source, "select 1 as n").await;
    append(&source, "select 2 as n").await;
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    compact(&source).await;
    let done = project.run(PROGRAM, &["plan", "--exit-code"]);
    assert_eq!(done.code, 0, "{}", done.stdout);
    append(&source, "select 3 as n").await;
    let done = project.run(PROGRAM, &["plan", "--exit-code"]);
    assert_eq!(done.code, 3);
    insta::assert_snapshot!(done.stdout, @"
    + total                                        full (`ext.events` moved from version 1 to 3)

    1 to build, 0 unchanged
    ");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    compact(&source).await;
    assert_eq!(project.run(PROGRAM, &["verify"]).code, 0);
}

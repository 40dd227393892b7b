//! Stored tables beside their rows: `history` and `maintain`.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use serde_json::Value;
use viewlane_tests::{TestProject, append, commits, compact, create};

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

/// What a view was last refreshed from stays readable, however old it is.
#[test]
fn maintenance_keeps_what_another_view_was_made_from() {
    let project = shop();
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n");
    let done = project.run(PROGRAM, &["run", "--select", "marts.by_customer"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    for name in ["marts.by_customer", "reports.best"] {
        age(&project.table(name), 24 * 30);
    }
    let files = || parquet_files(&project.table("marts.by_customer")).len();
    assert_eq!(files(), 2);
    assert_eq!(project.run(PROGRAM, &["maintain"]).code, 0);
    assert_eq!(files(), 2);
    assert_eq!(project.run(PROGRAM, &["verify", "--select", "reports.best"]).code, 0);
    // Once nobody reads the older version, its file goes.
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    assert_eq!(project.run(PROGRAM, &["maintain"]).code, 0);
    assert_eq!(files(), 1);
}

fn parquet_files(table: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(table).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "parquet")).collect()
}

/// Makes data files, and what the log says of removed ones, so many hours older.
fn age(table: &Path, hours: u64) {
    let back = Duration::from_secs(hours * 3600);
    for path in parquet_files(table) {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - back).unwrap();
    }
    for (version, mut actions) in commits(table).into_iter().enumerate() {
        for removed in actions.iter_mut().filter_map(|action| action.get_mut("remove")) {
            let at = removed["deletionTimestamp"].as_i64().unwrap();
            removed["deletionTimestamp"] = (at - back.as_millis() as i64).into();
        }
        let text: String = actions.iter().map(|action| format!("{action}\n")).collect();
        fs::write(table.join("_delta_log").join(format!("{version:020}.json")), text).unwrap();
    }
}

/// Its files are somebody else's.
#[tokio::test]
async fn a_table_of_another_tool_is_not_maintained() {
    let project = shop();
    let foreign = project.table("reports.best");
    create(&foreign, "select 1 as best").await;
    append(&foreign, "select 2 as best").await;
    let done = project.run(PROGRAM, &["maintain"]);
    assert_eq!(done.code, 1, "{}", done.stdout);
    insta::assert_snapshot!(done.stdout, @"
    ! reports.best
    error[VL-E0201]: the table at `[root]/lake/reports/best` was not written by `reports.best`
      = help: move it away, or store `reports.best` elsewhere
    2 tables: 0 tasks done, 1 failed
    ");
    assert_eq!(commits(&foreign).len(), 2);
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

/// Views of every kind, seeds and sources, through the same lane as views.
#[tokio::test]
async fn a_query_is_answered_from_what_is_stored_now() {
    let mut project = shop();
    project.settings("[sources.\"ext.events\"]\nlocation = \"elsewhere\"");
    project.view("plain", "select customer, total * 2 as twice from marts.by_customer");
    create(&project.root().join("elsewhere"), "select 'bob' as name, 0.5 as share").await;
    let ask = |arguments: &[&str]| project.run(PROGRAM, &[&["sql"], arguments].concat());
    let done = ask(&["select * from plain"]);
    assert_eq!(done.code, 2);
    insta::assert_snapshot!(done.stderr, @"
    error[VL-E0105]: `marts.by_customer` is read and was never built
      = help: run it first

    1 error; nothing was written
    ");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let all = "select p.customer, p.twice, o.amount, e.share, count(*) over () \
               from plain p join orders o on o.customer = p.customer \
               left join ext.events e on e.name = p.customer order by o.amount desc";
    insta::assert_snapshot!(ask(&[all]).stdout, @"
    +----------+-------+--------+-------+-------------------------------------------------------------------+
    | customer | twice | amount | share | count(*) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING |
    +----------+-------+--------+-------+-------------------------------------------------------------------+
    | bob      | 40    | 20     | 0.5   | 3                                                                 |
    | ann      | 30    | 10     |       | 3                                                                 |
    | ann      | 30    | 5      |       | 3                                                                 |
    +----------+-------+--------+-------+-------------------------------------------------------------------+
    3 rows
    ");
    insta::assert_snapshot!(ask(&[all, "-n", "1", "--output", "json"]).stdout, @r#"{"columns":[{"name":"customer","type":"Utf8View"},{"name":"twice","type":"Int64"},{"name":"amount","type":"Int64"},{"name":"share","type":"Float64"},{"name":"count(*) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING","type":"Int64"}],"more":true,"rows":[{"amount":20,"count(*) ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING":3,"customer":"bob","share":0.5,"twice":40}]}"#);
    insta::assert_snapshot!(ask(&["select * from orders where id > 9"]).stdout, @"
    +----+----------+--------+
    | id | customer | amount |
    +----+----------+--------+
    +----+----------+--------+
    0 rows
    ");
    let wrong = [
        "select custmer from plain",
        "drop table orders",
        "select * from 'orders.csv'",
        "select 1 / (id - 1) from orders",
        "select 1 from nothing; select 2",
    ];
    let told = wrong.map(|wrong| {
        let done = ask(&[wrong]);
        assert_eq!((done.code, done.stdout.as_str()), (2, ""), "{wrong}");
        done.stderr
    });
    insta::assert_snapshot!(told.join("\n"), @"
    error[VL-P0702]: there is no column `custmer`
      --> query:1:8
       |
     1 | select custmer from plain
       |        ^^^^^^^
      = help: did you mean `customer`?

    1 error; nothing was written

    error[VL-P0204]: `DROP` is not a query
      --> query:1:1
       |
     1 | drop table orders
       | ^^^^
      = help: write a SELECT; data is written by refreshing a view, never by a statement

    1 error; nothing was written

    error[VL-P0305]: `orders.csv` reads as a file, a URL or a call, not as the name of a relation
      --> query:1:15
       |
     1 | select * from 'orders.csv'
       |               ^^^^^^^^^^^^
      = help: declare the data as a source and read it by its name

    1 error; nothing was written

    error[VL-E0301]: Arrow error: Divide by zero error
      --> query:1:1
       |
     1 | select 1 / (id - 1) from orders
       | ^^^^^^

    1 error; nothing was written

    error[VL-P0203]: a second statement begins here
      --> query:1:24
       |
     1 | select 1 from nothing; select 2
       |                        ^^^^^^
      = help: put each statement into a file of its own

    1 error; nothing was written
    ");
}

//! What a project and its lake look like: `ls`, `doctor`, `snapshot`, and tables about tables.

use std::process::{Command, Stdio};

use serde_json::Value;
use viewlane_tests::TestProject;

use crate::PROGRAM;

fn shop() -> TestProject {
    let project = TestProject::new("shop");
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n2,bob,20\n3,ann,5\n");
    project.view(
        "marts.by_customer",
        "create materialized view with (tags = daily) as\n\
         select customer, sum(amount) as total from orders group by customer",
    );
    project.view("reports.best", "select max(total) as best from marts.by_customer");
    project
}

fn asked(project: &TestProject, query: &str) -> String {
    let done = project.run(PROGRAM, &["sql", query]);
    format!("{}{}", done.stdout, done.stderr)
}

#[test]
fn views_and_functions_are_listed() {
    let project = shop();
    let done = project.run(PROGRAM, &["ls"]);
    insta::assert_snapshot!(done.stdout, @"
    marts.by_customer                            stored views/marts/by_customer.sql
    reports.best                                 plain  views/reports/best.sql
    ");
    let done = project.run(PROGRAM, &["ls", "views", "--output", "json"]);
    insta::assert_snapshot!(done.stdout, @r#"{"views":[{"file":"views/marts/by_customer.sql","materialized":true,"name":"marts.by_customer","tags":["daily"]},{"file":"views/reports/best.sql","materialized":false,"name":"reports.best","tags":[]}]}"#);
    let done = project.run(PROGRAM, &["ls", "functions"]);
    assert_eq!(done.code, 0, "{}", done.stderr);
    let of = |name: &str| done.stdout.lines().filter(|line| line.starts_with(name)).count();
    assert_eq!((of("stable_id("), of("substr("), of("functions("), of("read_delta")), (1, 1, 1, 0));
    let done = project.run(PROGRAM, &["ls", "functions", "--output", "json"]);
    let value: Value = serde_json::from_str(&done.stdout).unwrap();
    let functions = value["functions"].as_array().unwrap();
    let counted = |tier: &str| functions.iter().filter(|f| f["tier"] == tier).count();
    assert!(counted("rust") >= 25 && counted("builtin") >= 230, "{}", functions.len());
    insta::assert_snapshot!(
        asked(&project, "select name, kind, volatility from functions() where name like 'stable%' order by name"),
        @"
    +-----------------+--------+------------+
    | name            | kind   | volatility |
    +-----------------+--------+------------+
    | stable_hash128  | scalar | immutable  |
    | stable_hash64   | scalar | immutable  |
    | stable_hash_any | scalar | immutable  |
    | stable_id       | scalar | immutable  |
    | stable_id_parts | scalar | immutable  |
    +-----------------+--------+------------+
    5 rows
    "
    );
}

/// The tables of the lake tell about themselves, each at its newest version or at the one named.
#[test]
fn the_lake_is_asked_about_its_tables() {
    let project = shop();
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    insta::assert_snapshot!(
        asked(
            &project,
            "select num_records, size_bytes > 0 as sized, \"min\"['customer'] as first, deletion_vector \
             from viewlane.files('marts.by_customer')",
        ),
        @"
    +-------------+-------+-------+-----------------+
    | num_records | sized | first | deletion_vector |
    +-------------+-------+-------+-----------------+
    | 1           | true  | ann   | false           |
    +-------------+-------+-------+-----------------+
    1 row
    "
    );
    insta::assert_snapshot!(
        asked(&project, "select count(*) as files, sum(num_records) as n from delta_files('marts.by_customer', 0)"),
        @"
    +-------+---+
    | files | n |
    +-------+---+
    | 1     | 2 |
    +-------+---+
    1 row
    "
    );
    insta::assert_snapshot!(
        asked(
            &project,
            "select version, operation, files_added, files_removed, \"rows\", mode \
             from delta_history('marts.by_customer') order by version",
        ),
        @"
    +---------+--------------+-------------+---------------+------+------+
    | version | operation    | files_added | files_removed | rows | mode |
    +---------+--------------+-------------+---------------+------+------+
    | 0       | CREATE TABLE | 1           | 0             | 2    | full |
    | 1       | WRITE        | 1           | 1             | 1    | full |
    +---------+--------------+-------------+---------------+------+------+
    2 rows
    "
    );
    insta::assert_snapshot!(
        asked(&project, "select customer, total from read_delta('marts.by_customer', 0) order by 1"),
        @"
    +----------+-------+
    | customer | total |
    +----------+-------+
    | ann      | 15    |
    | bob      | 20    |
    +----------+-------+
    2 rows
    "
    );
    insta::assert_snapshot!(
        asked(
            &project,
            "select customer, total, sum(__vl_weight) as n from read_delta_cdf('marts.by_customer', 1) \
             group by customer, total having sum(__vl_weight) <> 0 order by 1, 2",
        ),
        @"
    +----------+-------+----+
    | customer | total | n  |
    +----------+-------+----+
    | ann      | 10    | 1  |
    | ann      | 15    | -1 |
    | bob      | 20    | -1 |
    +----------+-------+----+
    3 rows
    "
    );
    let refused = [
        "select * from viewlane.files('marts.by_custmer')",
        "select * from delta_files('marts.by_customer', 7)",
        "select * from read_delta_cdf('marts.by_customer', 0)",
        "select * from viewlane.folders('marts.by_customer')",
        "select * from viewlane.files()",
    ];
    let told = refused.map(|query| {
        let done = project.run(PROGRAM, &["sql", query]);
        format!("{query}\n{}exit {}", done.stderr, done.code)
    });
    insta::assert_snapshot!(told.join("\n\n"), @"
    select * from viewlane.files('marts.by_custmer')
    error[VL-P0705]: the engine does not tell the columns of the table function
      --> query:1:1
       |
     1 | select * from viewlane.files('marts.by_custmer')
       | ^
      = because: Error during planning: nothing is stored under the name `marts.by_custmer`; did you mean `marts.by_customer`?
      = help: correct the call

    1 error; nothing was written
    exit 2

    select * from delta_files('marts.by_customer', 7)
    error[VL-P0705]: the engine does not tell the columns of the table function
      --> query:1:1
       |
     1 | select * from delta_files('marts.by_customer', 7)
       | ^
      = because: External error: `[root]/lake/marts/by_customer` has no version 7; its newest is 1
      = help: correct the call

    1 error; nothing was written
    exit 2

    select * from read_delta_cdf('marts.by_customer', 0)
    error[VL-P0705]: the engine does not tell the columns of the table function
      --> query:1:1
       |
     1 | select * from read_delta_cdf('marts.by_customer', 0)
       | ^
      = because: Error during planning: version 0 made the table; ask for changes from 1 on
      = help: correct the call

    1 error; nothing was written
    exit 2

    select * from viewlane.folders('marts.by_customer')
    error[VL-P0301]: the engine would silently ignore `viewlane.folders before a table function`
      --> query:1:24
       |
     1 | select * from viewlane.folders('marts.by_customer')
       |                        ^^^^^^^
      = help: write the name of the function alone

    1 error; nothing was written
    exit 2

    select * from viewlane.files()
    error[VL-P0705]: the engine does not tell the columns of the table function
      --> query:1:1
       |
     1 | select * from viewlane.files()
       | ^
      = because: Error during planning: `delta_files` is called as `delta_files(table[, version])`
      = help: correct the call

    1 error; nothing was written
    exit 2
    ");
}

/// A view reads what its FROM names, and nothing behind its back.
#[test]
fn views_do_not_read_tables_through_functions() {
    let project = shop();
    project.view("reports.files", "select path from viewlane.files('marts.by_customer')");
    let done = project.run(PROGRAM, &["check"]);
    assert_eq!(done.code, 2);
    insta::assert_snapshot!(done.stderr, @"
    error[VL-P0301]: the engine would silently ignore `viewlane.files before a table function`
      --> views/reports/files.sql:1:27
       |
     1 | select path from viewlane.files('marts.by_customer')
       |                           ^^^^^
      = help: write the name of the function alone

    1 error; nothing was written
    ");
}

#[test]
fn a_snapshot_of_schemas_is_accepted_and_held() {
    let project = shop();
    let snapshot = |arguments: &[&str]| {
        let done = project.run(PROGRAM, &[&["snapshot"], arguments].concat());
        format!("{}{}exit {}", done.stdout, done.stderr, done.code)
    };
    insta::assert_snapshot!(snapshot(&["--check"]), @"
    no schemas were accepted yet; run `viewlane snapshot`
    exit 1
    ");
    insta::assert_snapshot!(snapshot(&[]), @"
    3 relations accepted
    exit 0
    ");
    insta::assert_snapshot!(snapshot(&["--check"]), @"
    3 relations are as accepted
    exit 0
    ");
    let kept = project.root().join("snapshots/schema.snapshot");
    insta::assert_snapshot!(std::fs::read_to_string(&kept).unwrap(), @"
    viewlane snapshot 1

    relation marts.by_customer
      column customer: Utf8
      column total: Int64
      key
      partition_by
      sort_by

    relation orders
      column id: Int64
      column customer: Utf8
      column amount: Int64

    relation reports.best
      column best: Int64
    ");
    project.view(
        "marts.by_customer",
        "create materialized view as\n\
         select customer, avg(amount) as total, count(*) as n from orders group by customer",
    );
    insta::assert_snapshot!(snapshot(&["--check"]), @"
    error[VL-S0202]: `marts.by_customer`: column `total`: Int64 became Float64
      = help: accept it by writing the snapshot anew, or change the table back
    error[VL-S0202]: `marts.by_customer`: column `n` is new: Int64
      = help: accept it by writing the snapshot anew, or change the table back
    error[VL-S0202]: `reports.best`: column `best`: Int64 became Float64
      = help: accept it by writing the snapshot anew, or change the table back

    3 changes of schema; `viewlane snapshot` accepts them
    exit 1
    ");
    insta::assert_snapshot!(snapshot(&[]), @"
    error[VL-S0202]: `marts.by_customer`: column `total`: Int64 became Float64
      = help: accept it by writing the snapshot anew, or change the table back
    error[VL-S0202]: `marts.by_customer`: column `n` is new: Int64
      = help: accept it by writing the snapshot anew, or change the table back
    error[VL-S0202]: `reports.best`: column `best`: Int64 became Float64
      = help: accept it by writing the snapshot anew, or change the table back
    3 relations accepted, 3 changes
    exit 0
    ");
    assert!(snapshot(&["--check"]).ends_with("exit 0"));
    // What is no snapshot is told by a check, and replaced where it is asked for.
    std::fs::write(&kept, "viewlane snapshot 1\n\nrelation a b\n").unwrap();
    insta::assert_snapshot!(snapshot(&["--check"]), @"
    error[VL-S0106]: a line `relation` with a name is expected
      --> snapshots/schema.snapshot:3:1
       |
     3 | relation a b
       | ^^^^^^^^^^^^
      = help: write the snapshot anew instead of editing it

    1 error; nothing was written
    exit 2
    ");
    assert!(snapshot(&[]).ends_with("3 relations accepted\nexit 0"));
    assert!(snapshot(&["--check"]).ends_with("exit 0"));
}

#[test]
fn the_doctor_tells_what_a_run_would_lack() {
    let project = shop();
    let done = project.run(PROGRAM, &["doctor"]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    let value = project.run(PROGRAM, &["doctor", "--output", "json"]).stdout;
    let value: Value = serde_json::from_str(&value).unwrap();
    let checks = value["checks"].as_array().unwrap();
    let names: Vec<_> = checks.iter().map(|check| check["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["project", "profile", "lake", "spill", "views"]);
    project.view("reports.worst", "select nothing from marts.by_customer");
    let done = project.run(PROGRAM, &["doctor"]);
    assert_eq!(done.code, 1);
    let last: Vec<_> = done.stdout.lines().rev().take(4).collect();
    insta::assert_snapshot!(last.into_iter().rev().collect::<Vec<_>>().join("\n"), @"
    ! views    1 errors, the first: there is no column `nothing`
               = help: see `viewlane check`

    1 of 5 are not as they should be
    ");
}

/// Flags go before the environment, that before the file, and each setting tells where it is from.
#[test]
fn settings_tell_where_they_come_from() {
    let mut project = shop();
    project.settings("[profile]\nbatch_size = 1024\nmemory_limit = \"2GiB\"");
    let rows = |arguments: &[&str]| {
        let child = Command::new(PROGRAM)
            .args(["doctor", "--profile"])
            .args(arguments)
            .current_dir(project.root())
            .env("VIEWLANE_PROFILE_BATCH_SIZE", "2048")
            .env("VIEWLANE_PROFILE_MEMORY_LIMIT", "1GiB")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let done = project.finish(child.unwrap());
        assert_eq!(done.code, 0, "{}", done.stderr);
        let wanted = ["batch_size", "memory_limit", "target_partitions"];
        let lines = done.stdout.lines().filter(|line| wanted.iter().any(|key| line.contains(key)));
        lines
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.contains("repartition"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    insta::assert_snapshot!(rows(&["--set", "memory_limit=512MiB", "--set", "target_partitions=3"]), @"
    datafusion.execution.batch_size 2048 environment variable `VIEWLANE_PROFILE_BATCH_SIZE`
    datafusion.execution.enforce_batch_size_in_joins false preset `default`
    datafusion.execution.parquet.write_batch_size 1024 default of the engine
    datafusion.execution.target_partitions 3 flag `target_partitions`
    datafusion.runtime.memory_limit 512MiB flag `memory_limit`
    viewlane.join_build_budget 128MiB follows from `memory_limit`
    ");
    let done = project.run(PROGRAM, &["doctor", "--profile", "--set", "memory_limt=1GiB"]);
    assert_eq!(done.code, 2);
    insta::assert_snapshot!(done.stderr, @"
    error[VL-R0102]: there is no knob `memory_limt`
      = because: it is from flag `memory_limt`
      = help: did you mean `memory_limit`?

    1 error; nothing was written
    ");
    let done = project.run(PROGRAM, &["doctor", "--set", "memory_limit"]);
    assert_eq!(done.code, 2);
}

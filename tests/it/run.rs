//! The main job on small projects: what is built, skipped and rebuilt, and how failures end.

use std::fs;

use serde_json::Value;
use viewlane_tests::{TestProject, append, commits, create, query, session_over};

use crate::PROGRAM;

/// Staging, two marts, a report: plain and stored views mixed.
fn shop() -> TestProject {
    let project = TestProject::new("shop");
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n2,bob,20\n3,ann,5\n");
    project.view("staging.orders", "-- as they come\nselect id, customer, amount from orders");
    project.view(
        "marts.by_customer",
        "create materialized view with (tags = 'mart') as\nselect customer, sum(amount) as total, count(*) as orders\nfrom staging.orders group by customer",
    );
    project.view(
        "marts.large",
        "create materialized view as select id, amount from staging.orders where amount >= 10",
    );
    project.view(
        "reports.best",
        "create materialized view as select customer from marts.by_customer where total = (select max(total) from marts.by_customer)",
    );
    project
}

fn json(project: &TestProject, arguments: &[&str]) -> (i32, Value) {
    let done = project.run(PROGRAM, &[arguments, &["--output", "json"]].concat());
    let value = serde_json::from_str(&done.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}\n{}", done.stdout, done.stderr));
    (done.code, value)
}

/// One line for each view: name, mode, status, reason, rows, version.
fn lines(results: &Value) -> String {
    let shown = results["views"].as_array().unwrap().iter().map(|view| {
        assert!(view["duration"].is_number());
        let text = |key: &str| view[key].as_str().unwrap().to_owned();
        format!(
            "{} {} {} ({}) rows {} version {}",
            text("name"),
            text("mode"),
            text("status"),
            text("reason"),
            view["rows"],
            view["version"]
        )
    });
    let mut shown: Vec<_> = shown.collect();
    shown.push(results["summary"].to_string());
    shown.join("\n")
}

#[test]
fn a_run_builds_then_skips_then_rebuilds_what_changed() {
    let project = shop();
    let (code, results) = json(&project, &["run"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(lines(&results), @r#"
    staging.orders view skipped (not stored: its readers inline it) rows null version null
    marts.by_customer full committed (new) rows 2 version 0
    marts.large full committed (new) rows 2 version 0
    reports.best full committed (new) rows 1 version 0
    {"committed":3,"failed":0,"seeds_committed":1,"seeds_failed":0,"skipped":1,"views":4}
    "#);

    let (code, results) = json(&project, &["run"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(lines(&results), @r#"
    staging.orders view skipped (not stored: its readers inline it) rows null version null
    marts.by_customer skip skipped (unchanged) rows 2 version 0
    marts.large skip skipped (unchanged) rows 2 version 0
    reports.best skip skipped (unchanged) rows 1 version 0
    {"committed":0,"failed":0,"seeds_committed":0,"seeds_failed":0,"skipped":4,"views":4}
    "#);

    // Comments and layout are no change, not even of a plain view that others inline.
    project.view("staging.orders", "select id,\n  customer, /* who */ amount\nfrom orders;");
    let (_, results) = json(&project, &["run"]);
    assert_eq!(results["summary"]["committed"], 0);

    // A predicate is: exactly the mart and what reads it.
    project.view(
        "marts.by_customer",
        "create materialized view with (tags = 'mart') as\nselect customer, sum(amount) as total, count(*) as orders\nfrom staging.orders where amount > 5 group by customer",
    );
    let (_, results) = json(&project, &["run"]);
    insta::assert_snapshot!(lines(&results), @r#"
    staging.orders view skipped (not stored: its readers inline it) rows null version null
    marts.by_customer full committed (the definition changed) rows 2 version 1
    marts.large skip skipped (unchanged) rows 2 version 0
    reports.best full committed (`marts.by_customer` is refreshed) rows 1 version 1
    {"committed":2,"failed":0,"seeds_committed":0,"seeds_failed":0,"skipped":2,"views":4}
    "#);

    // A plain view's change reaches whoever inlines it.
    project.view("staging.orders", "select id, customer, amount + 1 as amount from orders");
    let (_, results) = json(&project, &["run"]);
    assert_eq!(results["summary"]["committed"], 3);

    // So does a changed seed.
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n2,bob,200\n");
    let (_, results) = json(&project, &["run"]);
    assert_eq!(results["summary"]["committed"], 3);
    assert_eq!(results["summary"]["seeds_committed"], 1);
    let (_, results) = json(&project, &["run"]);
    assert_eq!(results["summary"]["committed"], 0);
}

#[test]
fn people_see_a_line_for_each_view_and_a_summary() {
    let project = shop();
    let done = project.run(PROGRAM, &["run"]);
    assert_eq!((done.code, done.stderr.as_str()), (0, ""));
    let steady = done.stdout.lines().map(|line| {
        // Times differ from run to run; everything else is the same.
        let words = line.split_whitespace().map(|word| match word.strip_suffix('s') {
            Some(number) if number.parse::<f64>().is_ok() => "[time]",
            _ => word,
        });
        words.collect::<Vec<_>>().join(" ")
    });
    let mut steady: Vec<_> = steady.collect();
    // Views that do not depend on one another may end in any order.
    let summary = steady.pop().unwrap();
    for line in &mut steady {
        *line = line.split_once(" of ").map_or(line.clone(), |(_, rest)| format!("n of {rest}"));
    }
    steady.sort();
    steady.push(summary);
    insta::assert_snapshot!(steady.join("\n"), @"

    n of 5 OK marts.by_customer full 2 rows [time] v0 (new)
    n of 5 OK marts.large full 2 rows [time] v0 (new)
    n of 5 OK orders full 3 rows [time] v0 (new)
    n of 5 OK reports.best full 1 rows [time] v0 (new)
    n of 5 SKIP staging.orders (not stored: its readers inline it)
    4 views: 3 committed, 1 skipped, 0 failed; 1 seeds loaded, 0 failed
    ");
}

#[test]
fn the_plan_tells_what_a_run_would_do_and_writes_nothing() {
    let project = shop();
    let done = project.run(PROGRAM, &["plan", "--exit-code"]);
    assert_eq!(done.code, 3);
    assert!(project.files("lake").is_empty());
    insta::assert_snapshot!(done.stdout, @"
    + orders                                       full (new)
      staging.orders                               view (not stored)
    + marts.by_customer                            full (new)
    + marts.large                                  full (new)
    + reports.best                                 full (new)

    4 to build, 0 unchanged
    ");
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let done = project.run(PROGRAM, &["plan", "--exit-code"]);
    assert_eq!(done.code, 0);
    insta::assert_snapshot!(done.stdout, @"
      orders                                       skip (unchanged)
      staging.orders                               view (not stored)
      marts.by_customer                            skip (unchanged)
      marts.large                                  skip (unchanged)
      reports.best                                 skip (unchanged)

    0 to build, 4 unchanged
    ");
}

#[tokio::test]
async fn results_are_what_the_engine_alone_gives() {
    let project = shop();
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let seed = project.table("orders");
    let mart = project.table("marts.by_customer");
    let session =
        session_over(&[("orders", &seed, None), ("marts.by_customer", &mart, None)]).await;
    assert_eq!(
        query(&session, "select * from marts.by_customer").await,
        query(&session, "select customer, sum(amount), count(*) from orders group by customer")
            .await,
    );
}

/// A view that is not stored is inlined where it is read. Its outputs keep the names that the engine
/// gives them for its own text.
#[tokio::test]
async fn outputs_without_an_alias_are_read_by_the_names_that_the_engine_gives_them() {
    let project = TestProject::new("names");
    project.file("seeds/orders.csv", "id,customer,amount\n1,ann,10\n2,bob,20\n3,ann,5\n");
    let counted = "select customer, count(*), sum(amount) + 1 from orders as o group by customer";
    project.view("staging.counted", counted);
    project.view(
        "marts.quoted",
        "create materialized view as select customer, \"count(*)\" as n, \"sum(o.amount) + Int64(1)\" as more \
         from staging.counted",
    );
    project.view("staging.everything", "select * from staging.counted");
    project.view(
        "marts.through_a_star",
        "create materialized view as select customer, e.\"count(*)\" + 0 as n, \"sum(o.amount) + Int64(1)\" as more \
         from staging.everything as e",
    );
    project.view("marts.star", "create materialized view as select * from staging.counted");
    let done = project.run(PROGRAM, &["run"]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);

    let seed = project.table("orders");
    let names = ["marts.quoted", "marts.through_a_star", "marts.star"];
    let paths = names.map(|name| project.table(name));
    let mut tables = vec![("orders", &*seed, None)];
    tables.extend(names.iter().zip(&paths).map(|(name, path)| (*name, &**path, None)));
    let session = session_over(&tables).await;
    let expected = query(&session, counted).await;
    assert_eq!(expected.len(), 2);
    for name in names {
        assert_eq!(query(&session, &format!("select * from {name}")).await, expected, "{name}");
    }
    let stored = session.table("marts.star").await.unwrap();
    let stored: Vec<_> = stored.schema().fields().iter().map(|field| field.name()).collect();
    assert_eq!(stored, ["customer", "count(*)", "sum(o.amount) + Int64(1)"]);
}

#[test]
fn a_failing_view_stops_what_reads_it_and_nothing_else() {
    let project = shop();
    project.view(
        "marts.by_customer",
        "create materialized view as\nselect customer, sum(100 / (amount - 10)) as total, count(*) as orders\nfrom staging.orders group by customer",
    );
    project.view("reports.worst", "select * from reports.best");
    project.view(
        "reports.count",
        "create materialized view as select count(*) as n from reports.worst",
    );
    let (code, results) = json(&project, &["run"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!(lines(&results), @r#"
    staging.orders view skipped (not stored: its readers inline it) rows null version null
    marts.by_customer full failed (the query failed while it ran) rows null version null
    marts.large full committed (new) rows 2 version 0
    reports.best skip skipped (`marts.by_customer` failed) rows null version null
    reports.worst view skipped (`marts.by_customer` failed) rows null version null
    reports.count skip skipped (`marts.by_customer` failed) rows null version null
    {"committed":1,"failed":1,"seeds_committed":1,"seeds_failed":0,"skipped":4,"views":6}
    "#);
    assert!(commits(&project.table("marts.by_customer")).is_empty());

    let done = project.run(PROGRAM, &["run"]);
    assert_eq!(done.code, 1);
    let end = done.stdout.split_once("\n\n").unwrap().1;
    insta::assert_snapshot!(end, @"
    `marts.by_customer` failed:
    error[VL-W0103]: the query failed while it ran
      --> views/marts/by_customer.sql:2:1
       |
     2 | select customer, sum(100 / (amount - 10)) as total, count(*) as orders
       | ^^^^^^
      = because: Arrow error: Divide by zero error

    6 views: 0 committed, 5 skipped, 1 failed
    ");

    // Mended, the next run goes on where this one stopped.
    project.view(
        "marts.by_customer",
        "create materialized view as\nselect customer, sum(amount) as total, count(*) as orders\nfrom staging.orders group by customer",
    );
    let (code, results) = json(&project, &["run"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(lines(&results), @r#"
    staging.orders view skipped (not stored: its readers inline it) rows null version null
    marts.by_customer full committed (new) rows 2 version 0
    marts.large skip skipped (unchanged) rows 2 version 0
    reports.best full committed (new) rows 1 version 0
    reports.worst view skipped (not stored: its readers inline it) rows null version null
    reports.count full committed (new) rows 1 version 0
    {"committed":3,"failed":0,"seeds_committed":0,"seeds_failed":0,"skipped":3,"views":6}
    "#);
}

#[tokio::test]
async fn one_version_of_a_source_serves_the_whole_run() {
    let mut project = TestProject::new("shop");
    let events = project.root().join("events");
    create(&events, "select 1 as n").await;
    project.settings("[sources.\"ext.events\"]\nlocation = \"events\"");
    project.view("a", "create materialized view as select n from ext.events");
    project.view(
        "b",
        "create materialized view as select a.n, e.n as m from a join ext.events e on a.n = e.n",
    );
    for round in 2..5 {
        append(&events, &format!("select {round} as n")).await;
        assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
        // Every commit of the run read the same version of the source.
        let read = |view: &str| {
            let log = commits(&project.table(view));
            let info = &log.last().unwrap()[0]["commitInfo"];
            let sources = info["viewlane.sources"].as_array().unwrap().clone();
            let of_events = sources.into_iter().find(|source| source["relation"] == "ext.events");
            of_events.unwrap()["to"].as_u64().unwrap()
        };
        assert_eq!((read("a"), read("b")), (round - 1, round - 1));
    }
}

#[test]
fn contracts_are_kept_while_writing() {
    let project = shop();
    project.file("seeds/gaps.csv", "id,name\n1,a\n2,\n");
    project.view(
        "strict",
        "create materialized view (id bigint not null, name varchar not null)\nas select id, nullif(name, '') as name from gaps",
    );
    let done = project.run(PROGRAM, &["run", "--select", "strict"]);
    assert_eq!(done.code, 1);
    insta::assert_snapshot!(done.stdout.split_once("\n\n").unwrap().1, @"
    `strict` failed:
    error[VL-W0101]: column `name` is declared NOT NULL, but 1 of 2 rows seen are NULL; the first: id = 2, name = NULL
      --> views/strict.sql:2:4
       |
     2 | as select id, nullif(name, '') as name from gaps
       |    ^^^^^^

    1 views: 0 committed, 0 skipped, 1 failed; 1 seeds loaded, 0 failed
    ");
    assert!(commits(&project.table("strict")).is_empty());
}

#[test]
fn columns_and_partitions_may_change() {
    let project = shop();
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    project.view(
        "marts.large",
        "create materialized view with (partition_by = 'customer', sort_by = 'amount') as select id, amount, customer, timestamp '2020-01-01' as seen from (select id, amount, customer from staging.orders)",
    );
    let done = project.run(PROGRAM, &["run"]);
    insta::assert_snapshot!(done.stderr, @"
    error[VL-D0201]: column `seen` has type Timestamp(ns), which Delta cannot hold: nanoseconds would be cut off; use `arrow_cast(…, 'Timestamp(µs)')`
      --> views/marts/large.sql:1:82
       |
     1 | create materialized view with (partition_by = 'customer', sort_by = 'amount') as select id, amount, customer, timestamp '2020-01-01' as seen from (select id, amount, customer from staging.orders)
       |                                                                                  ^^^^^^

    1 error; nothing was written
    ");
    project.view(
        "marts.large",
        "create materialized view with (partition_by = 'customer', sort_by = 'amount') as select id, amount, customer, arrow_cast(timestamp '2020-01-01', 'Timestamp(µs)') as seen from staging.orders",
    );
    let (code, results) = json(&project, &["run"]);
    assert_eq!(code, 0, "{results}");
    assert_eq!(results["summary"]["committed"], 1);
    assert!(project.table("marts.large").join("customer=ann").is_dir());
    assert_eq!(project.run(PROGRAM, &["verify"]).code, 0);
}

#[test]
fn artifacts_are_the_same_bytes_for_the_same_project() {
    let manifest = || {
        let project = shop();
        assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
        let results = fs::read_to_string(project.root().join("target/run_results.json")).unwrap();
        let results: Value = serde_json::from_str(&results).unwrap();
        assert_eq!(results["summary"]["committed"], 3);
        let log = fs::read_to_string(project.root().join("target/logs/run.jsonl")).unwrap();
        let events: Vec<Value> =
            log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let count = |name: &str| events.iter().filter(|event| event["event"] == name).count();
        assert_eq!(
            ["run_started", "view_compiled", "view_committed", "view_skipped", "run_finished"]
                .map(count),
            [1, 4, 4, 1, 1]
        );
        fs::read_to_string(project.root().join("target/manifest.json")).unwrap()
    };
    assert_eq!(manifest(), manifest());
}

#[test]
fn partition_values_of_any_kind_are_replaced_whole() {
    let project = TestProject::new("parts");
    let csv = |factor: i64| {
        let values = ["a b", "100%", "q?r#s", "x=y/z", "é", "a%20b", ""];
        let rows = values.iter().enumerate().map(|(n, v)| format!("{v},{}\n", n as i64 * factor));
        format!("p,n\n{}", rows.collect::<String>())
    };
    project.view(
        "by_part",
        "create materialized view with (partition_by = 'p') as select p, n from rows_in",
    );
    for (round, factor) in [1, 10, 100].into_iter().enumerate() {
        project.file("seeds/rows_in.csv", &csv(factor));
        let done = project.run(PROGRAM, &["run"]);
        assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
        assert_eq!(commits(&project.table("by_part")).len(), round + 1);
        // Nothing of the round before is left, or the bags would differ.
        let done = project.run(PROGRAM, &["verify"]);
        assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
    }
}

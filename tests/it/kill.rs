//! Killed anywhere: nothing lost, nothing doubled.

use std::{collections::BTreeSet, thread, time::Instant};

use viewlane_tests::{TestProject, append, commits, create, query, session_over};

use crate::PROGRAM;

/// Kills, spread over the whole length of a refresh.
const KILLS: u32 = 60;

/// Stored views with the query that the oracle runs over the sources alone.
const VIEWS: [(&str, &str, &str); 4] = [
    (
        "marts.per_user",
        "create materialized view as select user_id, count(*) as clicks, sum(cost) as cost from staging.clicks group by user_id",
        "select user_id, count(*), sum(cost) from ext.clicks group by user_id",
    ),
    (
        "marts.joined",
        "create materialized view as select c.id, u.name, c.cost from staging.clicks c join ext.users u on u.id = c.user_id",
        "select c.id, u.name, c.cost from ext.clicks c join ext.users u on u.id = c.user_id",
    ),
    (
        "marts.all_ids",
        "create materialized view as select id from staging.clicks union all select id from ext.users",
        "select id from ext.clicks union all select id from ext.users",
    ),
    (
        "reports.top",
        "create materialized view as select p.clicks, count(*) as users, max(j.cost) as cost from marts.per_user p join marts.joined j on j.id % 5 = p.user_id group by p.clicks",
        "with p as (select user_id, count(*) as clicks from ext.clicks group by user_id), j as (select c.id, c.cost from ext.clicks c join ext.users u on u.id = c.user_id) select p.clicks, count(*), max(j.cost) from p join j on j.id % 5 = p.user_id group by p.clicks",
    ),
];

pub(crate) async fn clicks_project() -> TestProject {
    let mut project = TestProject::new("clicks");
    create(
        &project.root().join("clicks"),
        "select value as id, value % 5 as user_id, value * 3 as cost from generate_series(1, 2000)",
    )
    .await;
    create(
        &project.root().join("users"),
        "select value as id, concat('user ', value) as name from generate_series(0, 3)",
    )
    .await;
    project.settings("[sources.\"ext.clicks\"]\nlocation = \"clicks\"\n[sources.\"ext.users\"]\nlocation = \"users\"");
    project.view("staging.clicks", "select id, user_id, cost from ext.clicks");
    for (name, sql, _) in VIEWS {
        project.view(name, sql);
    }
    project
}

/// New rows in one source or the other, some of them equal to rows that are there.
pub(crate) async fn change(project: &TestProject, round: u32) {
    if round.is_multiple_of(3) {
        let sql = format!("select {round} % 7 as id, 'user {round}' as name");
        append(&project.root().join("users"), &sql).await;
    } else {
        let sql = format!(
            "select value + {round} as id, value % 5 as user_id, {round} as cost from generate_series(1, 50)"
        );
        append(&project.root().join("clicks"), &sql).await;
    }
}

/// Every view holds what its query gives over the newest sources.
pub(crate) async fn assert_equal_to_recomputation(project: &TestProject) {
    let (clicks, users) = (project.root().join("clicks"), project.root().join("users"));
    let sources = session_over(&[("ext.clicks", &clicks, None), ("ext.users", &users, None)]).await;
    for (name, _, oracle) in VIEWS {
        let table = project.table(name);
        let stored = session_over(&[("stored", &table, None)]).await;
        assert_eq!(
            query(&stored, "select * from stored").await,
            query(&sources, oracle).await,
            "`{name}` differs from its recomputation"
        );
    }
}

/// No combination of source versions was applied twice, none went back, and each commit took the
/// fence one further.
pub(crate) fn assert_applied_once(project: &TestProject) {
    for (name, ..) in VIEWS {
        let mut seen = BTreeSet::new();
        let mut last = Vec::new();
        for (index, entry) in commits(&project.table(name)).iter().enumerate() {
            let txns: Vec<_> = entry.iter().filter_map(|action| action.get("txn")).collect();
            let generation = txns
                .iter()
                .find(|txn| txn["appId"].as_str().unwrap().ends_with("#gen"))
                .unwrap()["version"]
                .as_u64()
                .unwrap();
            assert_eq!(generation, index as u64 + 1, "`{name}` skipped or repeated a generation");
            let mut cursors: Vec<_> = txns
                .iter()
                .filter(|txn| !txn["appId"].as_str().unwrap().ends_with("#gen"))
                .map(|txn| (txn["appId"].to_string(), txn["version"].as_u64().unwrap()))
                .collect();
            cursors.sort();
            assert!(seen.insert(cursors.clone()), "`{name}` applied {cursors:?} twice");
            if !last.is_empty() {
                let back = cursors
                    .iter()
                    .zip(&last)
                    .any(|(now, before): (&(String, u64), &(String, u64))| now.1 < before.1);
                assert!(!back, "`{name}` went back from {last:?} to {cursors:?}");
            }
            last = cursors;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixty_kills_leave_every_view_equal_to_its_recomputation() {
    let project = clicks_project().await;
    // How long a whole refresh takes here decides where the kills fall.
    let started = Instant::now();
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    let mut whole = started.elapsed();
    let (mut kills, mut tries) = (0, 0);
    while kills < KILLS {
        assert!(tries < 4 * KILLS, "only {kills} of {tries} runs were killed before they ended");
        change(&project, tries).await;
        let mut child = project.start(PROGRAM, &["run"]);
        thread::sleep(whole.mul_f64(f64::from(tries % 20) / 20.0 + 0.02));
        child.kill().unwrap();
        // A run that was faster than its killer does not count, and later ones are killed sooner.
        match project.finish(child).code {
            -1 => kills += 1,
            _ => whole = whole.mul_f64(0.95),
        }
        tries += 1;
        // Nobody sees half of anything: each table is whole at some version of its own.
        assert_applied_once(&project);
        // Kills also fall on what earlier kills left, not only on what a whole run left.
        if !tries.is_multiple_of(3) {
            continue;
        }
        let done = project.run(PROGRAM, &["run"]);
        assert_eq!(done.code, 0, "after try {tries}: {}{}", done.stdout, done.stderr);
        assert_equal_to_recomputation(&project).await;
    }
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    assert_equal_to_recomputation(&project).await;
    assert_applied_once(&project);
    let done = project.run(PROGRAM, &["verify"]);
    assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_run_that_is_killed_can_be_run_again() {
    let started = Instant::now();
    assert_eq!(clicks_project().await.run(PROGRAM, &["run"]).code, 0);
    let whole = started.elapsed();
    for part in 1..=8 {
        let project = clicks_project().await;
        let mut child = project.start(PROGRAM, &["run"]);
        thread::sleep(whole.mul_f64(f64::from(part) / 9.0));
        child.kill().unwrap();
        project.finish(child);
        let done = project.run(PROGRAM, &["run"]);
        assert_eq!(done.code, 0, "{}{}", done.stdout, done.stderr);
        assert_equal_to_recomputation(&project).await;
        assert_applied_once(&project);
    }
}

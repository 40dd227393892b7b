//! Two runs at once: one commit for each view and version, nothing lost, nothing doubled.

use viewlane_tests::commits;

use crate::{
    PROGRAM,
    kill::{assert_applied_once, assert_equal_to_recomputation, change, clicks_project},
};

const STORED: [&str; 4] = ["marts.per_user", "marts.joined", "marts.all_ids", "reports.top"];

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_at_once_make_one_commit_for_each_view() {
    let project = clicks_project().await;
    for round in 0..10 {
        if round > 0 {
            // A change of the clicks touches every view.
            change(&project, round * 3 + 1).await;
        }
        let one = project.start(PROGRAM, &["run"]);
        // From the same instant to well apart.
        std::thread::sleep(std::time::Duration::from_millis(u64::from(round % 5) * 20));
        let two = project.start(PROGRAM, &["run"]);
        let (one, two) = (project.finish(one), project.finish(two));
        for run in [&one, &two] {
            assert!(matches!(run.code, 0 | 4), "exit {}: {}{}", run.code, run.stdout, run.stderr);
        }
        // Between them every view is there, once; a loser that stopped early is made up for.
        if one.code == 4 && two.code == 4 {
            assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
        }
        for view in STORED {
            assert_eq!(
                commits(&project.table(view)).len() as u32,
                round + 1,
                "`{view}` in round {round}"
            );
        }
        assert_applied_once(&project);
        assert_equal_to_recomputation(&project).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_started_before_a_change_never_takes_a_newer_table_back() {
    let project = clicks_project().await;
    assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
    for round in 1..=6 {
        change(&project, round * 3 + 1).await;
        let old = project.start(PROGRAM, &["run"]);
        std::thread::sleep(std::time::Duration::from_millis(u64::from(round) * 25));
        change(&project, round * 3 + 2).await;
        let new = project.start(PROGRAM, &["run"]);
        let (old, new) = (project.finish(old), project.finish(new));
        for run in [&old, &new] {
            assert!(matches!(run.code, 0 | 4), "exit {}: {}{}", run.code, run.stdout, run.stderr);
        }
        assert_applied_once(&project);
        assert_eq!(project.run(PROGRAM, &["run"]).code, 0);
        assert_equal_to_recomputation(&project).await;
    }
}

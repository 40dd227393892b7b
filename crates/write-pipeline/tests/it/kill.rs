//! Killed anywhere: readers see the old rows or the new ones, and the next write finds nothing amiss.

use std::{
    env,
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use arrow::record_batch::RecordBatch;
use viewlane_write_pipeline::{FileMode, WritePolicy};

use crate::helpers::{assert_no_litter, bag, files, people, read, settings, target, write};

/// Set for a child: destination and mode, separated by a blank.
const CHILD: &str = "VIEWLANE_TEST_WRITE";
/// Kills that must have hit a running write, for each destination and mode.
const KILLS: u32 = 40;

fn policy(mode: FileMode, single_file: bool) -> WritePolicy {
    let mut policy = settings("parquet = { compression = 'uncompressed' }");
    if !single_file {
        policy.partition_by = vec!["name".to_owned()];
        policy.max_file_rows = Some(60);
    }
    WritePolicy { mode, single_file, ..policy }
}

/// The rows of write number `round`; a few dozen files.
fn rows(round: i64) -> Vec<RecordBatch> {
    vec![people(round * 10_000, 2_000 + round)]
}

/// What a child does; does nothing when it is run as a test.
#[tokio::test]
async fn child() {
    let Ok(order) = env::var(CHILD) else { return };
    let [to, mode, single, round] = order.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{order}")
    };
    let mode = if mode == "append" { FileMode::Append } else { FileMode::Overwrite };
    let round: i64 = round.parse().unwrap();
    writeln!(std::io::stdout(), "begins").unwrap();
    write(Path::new(to), &rows(round), &policy(mode, single == "true")).await.unwrap();
}

async fn kills(mode: FileMode, single: bool) {
    let root = tempfile::tempdir().unwrap();
    let to = root.path().join("people");
    let policy = policy(mode, single);
    let schema = people(0, 0).schema();
    let mut now = rows(0);
    write(&to, &now, &policy).await.unwrap();
    let (mut kills, mut old, mut new, mut round) = (0, 0, 0, 0);
    let mut whole = Duration::from_millis(400);
    while kills < KILLS {
        round += 1;
        assert!(round < 6 * i64::from(KILLS), "only {kills} of {round} writes were killed");
        let order = format!("{} {} {single} {round}", to.display(), mode.as_str());
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::child", "--nocapture"])
            .env(CHILD, order)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // From the moment at which it writes, so that no kill is wasted on its start.
        let mut output = std::io::BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("begins") {
            line.clear();
            assert!(std::io::BufRead::read_line(&mut output, &mut line).unwrap() > 0);
        }
        let started = Instant::now();
        let part = f64::from((round * 7 % 20) as i32) / 20.0;
        thread::sleep(whole.mul_f64(part));
        let early = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        match early {
            true => kills += 1,
            false => whole = whole.min(started.elapsed()).mul_f64(0.95),
        }
        let after = match mode {
            FileMode::Append => now.iter().cloned().chain(rows(round)).collect(),
            _ => rows(round),
        };
        // Nobody puts anything right before this reader.
        let seen = bag(&read(&to, &policy, &schema).await);
        if seen == bag(&after) {
            new += 1;
            now = after;
        } else {
            assert_eq!(
                seen,
                bag(&now),
                "round {round} shows neither the old rows nor the new ones"
            );
            old += 1;
        }
        // Kills fall on what kills have left, too.
        if round % 3 == 0 {
            let round = 1_000 + round;
            write(&to, &rows(round), &policy).await.unwrap();
            now = match mode {
                FileMode::Append => now.into_iter().chain(rows(round)).collect(),
                _ => rows(round),
            };
            assert_eq!(bag(&read(&to, &policy, &schema).await), bag(&now));
            assert_no_litter(root.path());
        }
        if round % 3 == 1 {
            target(&to).recover().await.unwrap();
            assert!(!target(&to).recover().await.unwrap(), "once is enough");
            assert_no_litter(root.path());
        }
    }
    assert!(old > 0 && new > 0, "kills fell on one side only: {old} old, {new} new");
    target(&to).recover().await.unwrap();
    let whole: u64 = files(root.path()).len() as u64;
    assert!(whole > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overwrite_of_a_folder_is_all_or_nothing() {
    kills(FileMode::Overwrite, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_to_a_folder_is_all_or_nothing() {
    kills(FileMode::Append, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overwrite_of_a_file_is_all_or_nothing() {
    kills(FileMode::Overwrite, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_write_that_is_killed_shows_all_or_nothing() {
    let root = tempfile::tempdir().unwrap();
    for round in 0..12 {
        let to = root.path().join(format!("t{round}"));
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "kill::child"])
            .env(CHILD, format!("{} overwrite false 1", to.display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(round * 40));
        child.kill().unwrap();
        child.wait().unwrap();
        let policy = policy(FileMode::Overwrite, false);
        if to.exists() {
            assert_eq!(bag(&read(&to, &policy, &people(0, 0).schema()).await), bag(&rows(1)));
        }
        let receipt = write(&to, &rows(2), &policy).await.unwrap();
        assert_eq!(receipt.rows, 2_002);
        assert_no_litter(root.path());
    }
}

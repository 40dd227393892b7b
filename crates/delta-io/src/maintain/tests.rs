use std::collections::BTreeSet;

use viewlane_core::{DatasetStore, Pin, TableLocation};

use super::*;
use crate::{DeltaStore, changes::tests::History};

async fn maintained(history: &History, maintenance: &Maintenance) -> MaintenanceReport {
    let location = TableLocation::new(history.url.as_str());
    DeltaStore::new().maintain(&location, maintenance).await.unwrap().unwrap()
}

fn told(report: &MaintenanceReport) -> String {
    let steps = report.steps.iter().map(|step| {
        let needed = if step.needed { "yes" } else { "no" };
        let task = step.task.as_str();
        format!("{task} {needed} -{} +{}", step.files_removed, step.files_added)
    });
    format!("v{}: {}", report.version, steps.collect::<Vec<_>>().join(", "))
}

/// Five appends of one row each.
async fn table() -> History {
    let mut history = History::start(1).await;
    for value in 0..5 {
        history.insert(&[value]).await;
    }
    history
}

#[tokio::test]
async fn small_files_become_one_and_a_second_time_nothing_is_to_do() {
    let history = table().await;
    let once = Maintenance { checkpoint_after: 3, ..Maintenance::default() };
    let dry = Maintenance { dry_run: true, ..once.clone() };
    assert_eq!(
        told(&maintained(&history, &dry).await),
        "v5: compact yes -5 +0, vacuum no -0 +0, checkpoint yes -0 +1"
    );
    assert_eq!(history.newest(), 5, "a dry run commits nothing");
    assert_eq!(
        told(&maintained(&history, &once).await),
        "v6: compact yes -5 +1, vacuum no -0 +0, checkpoint yes -0 +1"
    );
    assert_eq!(
        told(&maintained(&history, &once).await),
        "v6: compact no -0 +0, vacuum no -0 +0, checkpoint no -0 +0"
    );
    let location = TableLocation::new(history.url.as_str());
    let stored = DeltaStore::new().open(&location, Pin::Latest).await.unwrap();
    let rows = datafusion::prelude::SessionContext::new().read_table(stored.provider).unwrap();
    assert_eq!(rows.count().await.unwrap(), 5);
}

/// What nobody needs is deleted once it is old enough, but for versions that are still read.
#[tokio::test]
async fn a_vacuum_spares_what_is_young_and_what_is_kept() {
    let mut history = table().await;
    history.optimize().await;
    let files = history.data_files();
    assert_eq!(files.len(), 6);
    let young = Maintenance::default();
    maintained(&history, &young).await;
    assert_eq!(history.data_files(), files);
    history.age(30);
    let day = Maintenance { retention_hours: 24, ..Maintenance::default() };
    let kept = Maintenance { keep_versions: BTreeSet::from([3]), ..day.clone() };
    let report = maintained(&history, &kept).await;
    assert_eq!(report.steps[1].files_removed, 2, "version 3 has three of five files");
    let location = TableLocation::new(history.url.as_str());
    let stored = DeltaStore::new().open(&location, Pin::Version(3)).await.unwrap();
    let rows = datafusion::prelude::SessionContext::new().read_table(stored.provider).unwrap();
    assert_eq!(rows.count().await.unwrap(), 3);
    let report = maintained(&history, &day).await;
    assert_eq!(report.steps[1].files_removed, 3);
    assert_eq!(history.data_files().len(), 1);
    let report = maintained(&history, &day).await;
    assert!(!report.steps[1].needed, "a vacuum without files leaves no commits");
}

/// A file that no entry of the log names, as a killed run leaves one.
#[tokio::test]
async fn an_orphan_is_deleted_once_it_is_old() {
    let history = table().await;
    let orphan = history.url.to_file_path().unwrap().join("part-orphan.parquet");
    std::fs::write(&orphan, "x").unwrap();
    let compact_nothing = Maintenance { target_file_bytes: 1, ..Maintenance::default() };
    maintained(&history, &compact_nothing).await;
    assert!(orphan.exists());
    history.age(24 * 8);
    maintained(&history, &compact_nothing).await;
    assert!(!orphan.exists());
    assert_eq!(history.data_files().len(), 5);
}

#[tokio::test]
async fn a_retention_that_would_hurt_a_run_is_refused() {
    let history = table().await;
    let location = TableLocation::new(history.url.as_str());
    let hasty = Maintenance { retention_hours: 23, ..Maintenance::default() };
    let error = DeltaStore::new().maintain(&location, &hasty).await.unwrap_err();
    insta::assert_snapshot!(error, @"a retention of 23 hours is less than 24: a refresh that is at work could lose files that it has not committed yet");
    assert_eq!(history.newest(), 5);
    let nowhere = TableLocation::new(history.url.join("nothing/").unwrap().as_str());
    let none = DeltaStore::new().maintain(&nowhere, &Maintenance::default()).await.unwrap();
    assert_eq!(none, None);
}

//! What a table needs beside its rows: fewer files, no dead ones, a log that is quick to read.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc};

use deltalake::{
    DeltaTable, DeltaTableError,
    delta_datafusion::SessionFallbackPolicy,
    operations::{optimize::OptimizeType, vacuum::VacuumMode},
    protocol::checkpoints,
};
use futures::TryStreamExt;
use viewlane_core::{
    Maintenance, MaintenanceReport, MaintenanceStep, MaintenanceTask, PortError, TableLocation,
};

use crate::{changes::files, codes, log, session::session, store::read_error};

/// Does what the table asks for, task by task.
pub(crate) async fn maintain(
    table: DeltaTable,
    location: &TableLocation,
    maintenance: &Maintenance,
) -> Result<MaintenanceReport, PortError> {
    let Maintenance { target_file_bytes, retention_hours, dry_run, .. } = maintenance;
    let (Some(target), Ok(hours)) =
        (NonZeroU64::new(*target_file_bytes), i64::try_from(*retention_hours))
    else {
        let message = "the size of files and the retention must be numbers of some use";
        return Err(PortError::new(codes::MAINTENANCE, message));
    };
    if *retention_hours < Maintenance::LEAST_RETENTION_HOURS {
        let least = Maintenance::LEAST_RETENTION_HOURS;
        let message = format!(
            "a retention of {retention_hours} hours is less than {least}: a refresh that is at work \
             could lose files that it has not committed yet"
        );
        return Err(PortError::new(codes::MAINTENANCE, message));
    }
    let failed = |what: &'static str| {
        move |error: DeltaTableError| {
            let message = format!("cannot {what} `{location}`");
            PortError::with_source(codes::MAINTENANCE, message, error)
        }
    };
    let mut steps = Vec::new();
    let log_store = table.log_store();

    let small = small_files(&table, target.get()).await.map_err(|e| read_error(location, e))?;
    let (mut table, compacted) = if small.files < 2 || *dry_run {
        let because = small.because(target.get());
        (table, step(MaintenanceTask::Compact, small.files >= 2, (small.files, 0), because))
    } else {
        let (table, metrics) = table
            .optimize()
            .with_type(OptimizeType::Compact)
            .with_target_size(target)
            .with_session_state(Arc::new(session(&log_store)))
            .with_session_fallback_policy(SessionFallbackPolicy::RequireSessionState)
            .await
            .map_err(failed("compact"))?;
        let because = small.because(target.get());
        let files = (metrics.num_files_removed, metrics.num_files_added);
        (table, step(MaintenanceTask::Compact, true, files, because))
    };
    steps.push(compacted);

    // Looked at first, because a vacuum leaves two commits even where it deletes nothing.
    let vacuum = |table: DeltaTable, dry_run: bool| {
        let keep: Vec<u64> = maintenance.keep_versions.iter().copied().collect();
        table
            .vacuum()
            .with_mode(VacuumMode::Full)
            .with_retention_period(chrono::Duration::hours(hours))
            .with_enforce_retention_duration(false)
            .with_keep_versions(&keep)
            .with_dry_run(dry_run)
    };
    let (_, found) = vacuum(table.clone(), true).await.map_err(failed("vacuum"))?;
    // It names what went from the table, also what is long gone from storage.
    let paths = found.files_deleted.iter().map(String::as_str);
    let gone = files::gone(&table.log_store(), paths).await.map_err(failed("vacuum"))?;
    let dead = (found.files_deleted.len() - gone.len()) as u64;
    if dead > 0 && !dry_run {
        table = vacuum(table, false).await.map_err(failed("vacuum"))?.0;
    }
    let because =
        format!("{dead} files are older than {retention_hours} hours and in no version kept");
    steps.push(step(MaintenanceTask::Vacuum, dead > 0, (dead, 0), because));

    let version = table.snapshot().map_err(|error| read_error(location, error))?.version();
    let last = log::last_checkpoint(&table.log_store()).await;
    let last = last.map_err(|error| read_error(location, error.into()))?;
    let since = last.map_or(version + 1, |last| version.saturating_sub(last));
    let needed = since >= maintenance.checkpoint_after.max(1);
    if needed && !dry_run {
        checkpoints::create_checkpoint(&table, None).await.map_err(failed("checkpoint"))?;
    }
    let because = match last {
        Some(last) => format!("{since} versions since the checkpoint at {last}"),
        None => format!("{since} versions and no checkpoint"),
    };
    steps.push(step(MaintenanceTask::Checkpoint, needed, (0, u64::from(needed)), because));
    Ok(MaintenanceReport { version, steps })
}

fn step(
    task: MaintenanceTask,
    needed: bool,
    (files_removed, files_added): (u64, u64),
    because: String,
) -> MaintenanceStep {
    MaintenanceStep { task, needed, files_removed, files_added, because }
}

/// Files that have company in their folder and are less than half as large as they should be.
struct Small {
    files: u64,
    all: u64,
}

impl Small {
    fn because(&self, target: u64) -> String {
        let Self { files, all } = self;
        format!("{files} of {all} files could be put together, each below half of {target} bytes")
    }
}

async fn small_files(table: &DeltaTable, target: u64) -> Result<Small, DeltaTableError> {
    let log_store = table.log_store();
    let mut folders: BTreeMap<Vec<(String, Option<String>)>, u64> = BTreeMap::new();
    let mut all = 0;
    let mut files = table.snapshot()?.snapshot().file_views(&*log_store, None);
    while let Some(file) = files.try_next().await? {
        all += 1;
        if u64::try_from(file.size()).unwrap_or(0) < target / 2 {
            let mut folder: Vec<_> = file.partition_values_map().into_iter().collect();
            folder.sort();
            *folders.entry(folder).or_default() += 1;
        }
    }
    Ok(Small { files: folders.into_values().filter(|files| *files > 1).sum(), all })
}

#[cfg(test)]
mod tests;

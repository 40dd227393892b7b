use std::collections::BTreeSet;

use serde::Serialize;

use crate::CommitRecord;

/// One version of a table, as its log tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryEntry {
    /// The version.
    pub version: u64,
    /// When it was committed, in milliseconds since 1970-01-01 UTC, by the clock of the writer.
    pub at: Option<i64>,
    /// What the writer calls it, such as `WRITE` or `OPTIMIZE`.
    pub operation: Option<String>,
    /// The writer.
    pub engine: Option<String>,
    /// Data files that came.
    pub files_added: u64,
    /// Data files that went.
    pub files_removed: u64,
    /// Whether it came with other rows; an OPTIMIZE does not.
    pub changes_data: bool,
    /// The record of the refresh that made it, if it was one, without its body.
    pub record: Option<CommitRecord>,
}

/// What is to be done for a table beside its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Maintenance {
    /// Size that compacted files come near, in bytes. Files below half of it are small; where a
    /// folder has two or more small ones they become one.
    pub target_file_bytes: u64,
    /// Files that no version needs any more are kept for this long, in hours. Readers and writers
    /// that are at work must end within it.
    pub retention_hours: u64,
    /// Versions whose files are kept however old they are: those that somebody still reads changes
    /// from.
    pub keep_versions: BTreeSet<u64>,
    /// Versions since the last checkpoint after which another one is written.
    pub checkpoint_after: u64,
    /// Says what would be done, and does nothing.
    pub dry_run: bool,
}

impl Maintenance {
    /// The least retention that is not refused, in hours. A refresh that takes longer might lose
    /// files it has written and not committed yet.
    pub const LEAST_RETENTION_HOURS: u64 = 24;
}

impl Default for Maintenance {
    fn default() -> Self {
        Self {
            target_file_bytes: 128 * 1024 * 1024,
            retention_hours: 168,
            keep_versions: BTreeSet::new(),
            checkpoint_after: 20,
            dry_run: false,
        }
    }
}

/// One of the things that maintenance does, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MaintenanceTask {
    /// Small files become large ones.
    Compact,
    /// Files that no version needs any more are deleted.
    Vacuum,
    /// The state of the table is written down whole, so that readers need not replay its log.
    Checkpoint,
}

impl MaintenanceTask {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::Vacuum => "vacuum",
            Self::Checkpoint => "checkpoint",
        }
    }
}

/// What became of one task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MaintenanceStep {
    /// The task.
    pub task: MaintenanceTask,
    /// Whether it was done, or would be.
    pub needed: bool,
    /// Files that it took away: small ones, or those that were deleted.
    pub files_removed: u64,
    /// Files that it made.
    pub files_added: u64,
    /// Why, or why not, for people.
    pub because: String,
}

/// What maintenance did for one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MaintenanceReport {
    /// The version of the table afterwards.
    pub version: u64,
    /// Each task, in order.
    pub steps: Vec<MaintenanceStep>,
}

use std::fmt;

use viewlane_core::WriteCounts;

use super::Survey;
use crate::FileMode;

/// What one write of files did. Everything here is about this write alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReceipt {
    /// What became of the destination.
    pub outcome: FileOutcome,
    /// The files written, by path.
    pub files: Vec<WrittenFile>,
    /// Rows in these files.
    pub rows: u64,
    /// Bytes of these files.
    pub bytes: u64,
    /// The [bag checksum](crate::BagChecksum) of the rows, as text. Empty when nothing was done.
    pub bag: String,
    /// Something that did not matter to the result, such as a leftover that cannot be cleared away.
    pub warning: Option<String>,
}

/// What became of the destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileOutcome {
    /// Nothing was there before.
    Created,
    /// The new files stand beside those that were there.
    Appended,
    /// The new files stand in place of what was there.
    Replaced {
        /// Files that were there.
        files: u64,
        /// Their bytes.
        bytes: u64,
    },
    /// Something was there, the mode is [`FileMode::Ignore`], and nothing was done.
    Ignored,
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrittenFile {
    /// Its path below the destination, folders of partitions included; for a single file its name.
    pub path: String,
    /// Rows in it.
    pub rows: u64,
    /// Bytes of it.
    pub bytes: u64,
}

impl FileReceipt {
    pub(super) fn ignored() -> Self {
        Self {
            outcome: FileOutcome::Ignored,
            files: Vec::new(),
            rows: 0,
            bytes: 0,
            bag: String::new(),
            warning: None,
        }
    }

    pub(super) fn new(
        files: Vec<WrittenFile>,
        counts: WriteCounts,
        mode: FileMode,
        before: Survey,
        warning: Option<String>,
    ) -> Self {
        let outcome = match mode {
            _ if before.is_empty() => FileOutcome::Created,
            FileMode::Append => FileOutcome::Appended,
            FileMode::Error | FileMode::Ignore | FileMode::Overwrite => {
                FileOutcome::Replaced { files: before.files, bytes: before.bytes }
            }
        };
        let bytes = files.iter().map(|file| file.bytes).sum();
        Self { outcome, files, rows: counts.rows, bytes, bag: counts.bag, warning }
    }
}

/// Something that happened while files were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteEvent<'a> {
    /// Rows were handed to a file.
    Rows {
        /// How many, since the last such event.
        rows: u64,
    },
    /// A file is complete, and not visible yet.
    File {
        /// Its path below the destination.
        path: &'a str,
        /// Rows in it.
        rows: u64,
        /// Bytes of it.
        bytes: u64,
    },
    /// All files became visible.
    Visible {
        /// How many.
        files: u64,
        /// Rows in them.
        rows: u64,
        /// Bytes of them.
        bytes: u64,
    },
}

/// Is told how far a write of files is.
///
/// # Contract
///
/// As for [`Recorder`](viewlane_core::Recorder): `record` is called from many tasks, must not block
/// on I/O, must not fail and must not panic.
pub trait Progress: fmt::Debug + Send + Sync {
    /// Takes one event.
    fn record(&self, event: WriteEvent<'_>);
}

/// Tells nobody.
impl Progress for () {
    fn record(&self, _: WriteEvent<'_>) {}
}

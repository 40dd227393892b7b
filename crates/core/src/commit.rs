use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{Fingerprint, RelationName};

/// Where a table is: an absolute local path or a URL, as the user's configuration gave it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableLocation(String);

impl TableLocation {
    /// A location; the store that opens it decides whether it can.
    pub fn new(location: impl Into<String>) -> Self {
        Self(location.into())
    }

    /// The location as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TableLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for TableLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Up to which version of one source a stored table reflects it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceCursor {
    /// The source as the definition names it.
    pub relation: RelationName,
    /// The identity of the source table. A table recreated under the same path has another.
    pub table_id: String,
    /// The version the refresh before this one had reached; `None` for the first.
    pub from: Option<u64>,
    /// The version read by this refresh.
    pub to: u64,
}

/// How a refresh makes the new content from the old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum RefreshMode {
    /// The whole content is computed anew and replaces the old.
    Full,
}

impl fmt::Display for RefreshMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "full",
        })
    }
}

/// What a commit does to the rows of the table it is built on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WriteMode {
    /// Every row of the snapshot goes and the new ones come.
    Overwrite,
    /// The new rows come beside the others. The columns of the table stay as they are; columns
    /// that the rows lack are NULL in them.
    Append,
    /// The rows for which a predicate is true go and the new ones, for which it has to be true as
    /// well, come. The columns of the table stay as they are.
    ReplaceWhere {
        /// SQL over the columns of the table, whose names are taken as they are written.
        predicate: String,
    },
}

/// What was written, counted over the very stream that was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteCounts {
    /// Rows.
    pub rows: u64,
    /// Additive checksum of the rows as a bag: independent of order, partitioning and files.
    pub bag: String,
}

/// All that one commit is to say about itself, decided before anything is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitIntent {
    /// The project that owns the table.
    pub project: String,
    /// The view or seed stored in it.
    pub relation: RelationName,
    /// The run that makes the commit.
    pub run_id: String,
    /// Cache key of the view: what it is and under which policy.
    pub definition: Fingerprint,
    /// The policy part of `definition`.
    pub policy: Fingerprint,
    /// ABI of the schemas read.
    pub schema: Fingerprint,
    /// The effective settings under which it ran.
    pub profile: Fingerprint,
    /// One cursor for each stored source, sorted by name.
    pub sources: Vec<SourceCursor>,
    /// How the content was made.
    pub mode: RefreshMode,
    /// Why the refresh was not skipped.
    pub reason: String,
    /// The definition itself, encoded so that it can be planned again; opaque to the store.
    pub body: String,
}

/// What a commit says about itself, as read back from the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitRecord {
    /// The project that owns the table.
    pub project: String,
    /// The view or seed stored in it.
    pub relation: RelationName,
    /// The run that made the commit.
    pub run_id: String,
    /// Cache key of the view.
    pub definition: Fingerprint,
    /// The policy part of `definition`.
    pub policy: Fingerprint,
    /// ABI of the schemas read.
    pub schema: Fingerprint,
    /// The effective settings under which it ran.
    pub profile: Fingerprint,
    /// One cursor for each stored source, sorted by name.
    pub sources: Vec<SourceCursor>,
    /// How the content was made.
    pub mode: RefreshMode,
    /// Why the refresh was not skipped.
    pub reason: String,
    /// Refreshes of this view so far; the fence.
    pub generation: i64,
    /// Rows written.
    pub rows: u64,
    /// Checksum of the rows as a bag.
    pub bag: String,
    /// The encoded definition.
    pub body: String,
}

impl CommitRecord {
    /// The record of an intent carried out.
    pub fn new(intent: CommitIntent, generation: i64, counts: &WriteCounts) -> Self {
        Self {
            project: intent.project,
            relation: intent.relation,
            run_id: intent.run_id,
            definition: intent.definition,
            policy: intent.policy,
            schema: intent.schema,
            profile: intent.profile,
            sources: intent.sources,
            mode: intent.mode,
            reason: intent.reason,
            generation,
            rows: counts.rows,
            bag: counts.bag.clone(),
            body: intent.body,
        }
    }

    /// The cursors by source name.
    pub fn cursors(&self) -> BTreeMap<&RelationName, &SourceCursor> {
        self.sources.iter().map(|cursor| (&cursor.relation, cursor)).collect()
    }
}

/// The newest state of a stored table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatasetState {
    /// Identity of the table, from its metadata.
    pub table_id: String,
    /// Its newest version.
    pub version: u64,
    /// The newest commit record of this product and the version it was made in; `None` when the
    /// table was never written by it. The version is below `version` after, say, an OPTIMIZE by
    /// another tool.
    pub record: Option<(u64, CommitRecord)>,
    /// The fence: refreshes of the owner so far. Known even where the record was cleaned away with
    /// old log entries; `None` when the owner never wrote the table.
    pub generation: Option<i64>,
    /// Whether another tool changed the content since the record was made.
    pub changed_since: bool,
}

/// How an attempt to commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommitOutcome {
    /// The commit is in the log.
    Committed(CommitReceipt),
    /// Somebody else committed to the table since the snapshot this commit was built on, or the
    /// table has consumed another version of a source than the commit starts from. Nothing of this
    /// commit is visible; the caller decides anew from the new state.
    Conflict {
        /// The store's account of it.
        detail: String,
    },
    /// There was nothing to commit.
    Skipped {
        /// The version that the table has.
        version: u64,
        /// Why.
        because: SkipReason,
    },
}

/// Why a commit was not made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// The table has consumed every source up to the versions of the commit already: it was made
    /// before, by this caller or by another.
    AlreadyCommitted,
    /// No row and nothing else would be other than it is.
    NothingToDo,
}

impl SkipReason {
    /// A stable word for it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlreadyCommitted => "already_committed",
            Self::NothingToDo => "nothing_to_do",
        }
    }
}

/// What one commit put into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitReceipt {
    /// The Delta version the commit made.
    pub version: u64,
    /// Identity of the table.
    pub table_id: String,
    /// Rows of the data files of this commit. Where files were rewritten that counts the rows that
    /// are as they were.
    pub rows: u64,
    /// Bytes of the data files of this commit.
    pub bytes: u64,
    /// Data files of this commit.
    pub files: u64,
    /// Data files that were in the table and are not any more.
    pub files_removed: u64,
    /// Something went wrong after the commit was durable, such as writing a checkpoint.
    pub warning: Option<String>,
}

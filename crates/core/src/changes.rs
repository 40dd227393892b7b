use std::{fmt, sync::Arc};

use datafusion::catalog::TableProvider;

/// How often a row came, beside the columns of a table in its changes: an `Int64`, `1` for a row
/// that came and `-1` for one that went. The sum over equal rows is what changed; rows whose sum is
/// zero did not.
pub const WEIGHT: &str = "__vl_weight";

/// The version in which a row came or went: a `UInt64`, NULL where the table does not tell.
pub const COMMIT_VERSION: &str = "__vl_commit_version";

/// From one version of a table to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionRange {
    /// Identity of the table that both versions are meant to be of.
    pub table_id: String,
    /// The version that is known.
    pub from: u64,
    /// The version to be reached, not below `from`.
    pub to: u64,
}

/// Where changes are read from. Each gives the same rows in sum; they differ in what they cost and
/// in what they can be had for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeOrigin {
    /// The two versions have the same rows.
    Nothing,
    /// Only the files that came: nothing went. The cost is that of the new rows.
    Appends,
    /// The change data feed of the table.
    Feed,
    /// The files that only one of the two versions has, whole. Always right while they exist.
    Files,
}

impl ChangeOrigin {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Appends => "appends",
            Self::Feed => "feed",
            Self::Files => "files",
        }
    }
}

impl fmt::Display for ChangeOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an origin of changes was not used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PassedOver {
    /// Entries of the log in the range were cleaned away.
    EntriesGone,
    /// Rows went, or were rewritten, in this version.
    RowsWent {
        /// The version.
        version: u64,
    },
    /// A file that came is not among those of the newer version, though its rows are.
    Rewritten {
        /// The file.
        path: String,
    },
    /// A file with a deletion vector came in this version.
    DeletionVector {
        /// The version.
        version: u64,
    },
    /// The columns are mapped to other names in the files.
    ColumnMapping,
    /// The table does not record a feed, or did not for a part of the range.
    FeedOff,
    /// In this version delta-rs updated rows. It leaves out of the feed what an update did to rows
    /// that have equals.
    FeedOfUpdate {
        /// The version.
        version: u64,
    },
    /// In this version the table was restored to an older one.
    FeedOfRestore {
        /// The version.
        version: u64,
    },
    /// The log does not say of every file how many rows it has, so that the feed cannot be held
    /// against it.
    FeedUncounted,
    /// The feed has another sum of rows than the log.
    FeedRowCount {
        /// By the feed.
        feed: i64,
        /// By the log.
        log: i64,
    },
    /// The feed cannot be read.
    FeedUnreadable {
        /// What the reader says.
        detail: String,
    },
    /// Reading it would take as many bytes or more.
    Costlier {
        /// Bytes it would take.
        bytes: u64,
        /// Bytes of the origin that was used.
        instead: u64,
    },
}

impl PassedOver {
    /// A stable word for it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::EntriesGone => "entries_gone",
            Self::RowsWent { .. } => "rows_went",
            Self::Rewritten { .. } => "rewritten",
            Self::DeletionVector { .. } => "deletion_vector",
            Self::ColumnMapping => "column_mapping",
            Self::FeedOff => "feed_off",
            Self::FeedOfUpdate { .. } => "feed_of_update",
            Self::FeedOfRestore { .. } => "feed_of_restore",
            Self::FeedUncounted => "feed_uncounted",
            Self::FeedRowCount { .. } => "feed_row_count",
            Self::FeedUnreadable { .. } => "feed_unreadable",
            Self::Costlier { .. } => "costlier",
        }
    }
}

/// Why the changes between two versions cannot be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoChanges {
    /// The newer version comes before the older one.
    #[error("version {to} is before version {from}")]
    Backwards {
        /// The version that is known.
        from: u64,
        /// The version to be reached.
        to: u64,
    },
    /// It is another table than it was.
    #[error("the table was recreated: it is `{found}` and was `{expected}`")]
    Recreated {
        /// Identity that was known.
        expected: String,
        /// Identity that was found.
        found: String,
    },
    /// The older version can no longer be read.
    #[error("version {version} is gone from the log: {detail}")]
    VersionGone {
        /// The version.
        version: u64,
        /// What the reader says.
        detail: String,
    },
    /// A file that the older version had was removed from storage.
    #[error("the file `{path}` of the older version is gone; it was vacuumed")]
    FileGone {
        /// The file.
        path: String,
    },
    /// A column went, or has another type.
    #[error("the columns changed: {detail}")]
    SchemaChanged {
        /// Which one and how.
        detail: String,
    },
    /// The table is split into folders by other columns.
    #[error("the table is partitioned in another way")]
    PartitioningChanged,
    /// The table asks another protocol of its readers and writers.
    #[error("the protocol of the table changed")]
    ProtocolChanged,
    /// Columns are mapped to names in the files in another way.
    #[error("the column mapping of the table changed")]
    MappingChanged,
}

impl NoChanges {
    /// A stable word for it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Backwards { .. } => "backwards",
            Self::Recreated { .. } => "recreated",
            Self::VersionGone { .. } => "version_gone",
            Self::FileGone { .. } => "file_gone",
            Self::SchemaChanged { .. } => "schema_changed",
            Self::PartitioningChanged => "partitioning_changed",
            Self::ProtocolChanged => "protocol_changed",
            Self::MappingChanged => "mapping_changed",
        }
    }
}

/// Rows that came and went between two versions of a table.
#[derive(Clone, Debug)]
pub struct Changes {
    /// Where they are read from.
    pub origin: ChangeOrigin,
    /// The origins that would have been cheaper, in the order in which they were tried, and why
    /// each was passed over.
    pub passed_over: Vec<(ChangeOrigin, PassedOver)>,
    /// What a plan reads: the columns of the newer version, then [`WEIGHT`] and [`COMMIT_VERSION`].
    /// A column that the older version did not have is NULL in the rows that went.
    pub provider: Arc<dyn TableProvider>,
    /// Files to be read.
    pub files: u64,
    /// Their size, in bytes.
    pub bytes: u64,
}

/// Changes, or why there are none to be had.
#[derive(Clone, Debug)]
pub enum ChangeSet {
    /// The changes.
    Changes(Changes),
    /// They cannot be told; the newer version has to be read whole.
    Cannot(NoChanges),
}

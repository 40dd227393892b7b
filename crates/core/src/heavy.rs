use std::{collections::BTreeMap, error::Error as StdError, fmt, sync::Arc};

use arrow_schema::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::TableProvider,
    error::DataFusionError,
    execution::{FunctionRegistry, SendableRecordBatchStream, SessionState},
    logical_expr::LogicalPlan,
};

use crate::{
    ChangeSet, Code, CommitIntent, CommitOutcome, DatasetState, FunctionFacts, HistoryEntry,
    Kinded, Maintenance, MaintenanceReport, TableLocation, VersionRange, WriteCounts, WriteMode,
};

/// Which version of a table to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Exactly this version.
    Version(u64),
    /// The newest at the moment of opening; the opened dataset says which that was.
    Latest,
}

/// A table opened at one version, for reading.
#[derive(Clone, Debug)]
pub struct OpenDataset {
    /// Identity of the table.
    pub table_id: String,
    /// The version opened. The provider never shows another.
    pub version: u64,
    /// Columns of that version.
    pub schema: SchemaRef,
    /// What a plan reads.
    pub provider: Arc<dyn TableProvider>,
}

/// What a table is created with, should it not exist yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableSpec {
    /// Who may write the table: `<project>/<view>`. Left beside the data of a table that is being
    /// created, so that what a killed run leaves behind is told from somebody else's folder.
    pub owner: String,
    /// Shown to people.
    pub description: Option<String>,
    /// Columns that split the table into folders.
    pub partition_by: Vec<String>,
    /// Table properties, part of the create commit.
    pub properties: BTreeMap<String, String>,
}

/// Stored tables, for reading and for deciding. Implemented in `viewlane-delta-io`.
///
/// # Contract
///
/// Called by the engine only. Every method may be called from many tasks at once. Nothing is
/// written by any method but [`begin`](Self::begin), and that only under a location it was given.
#[async_trait]
pub trait DatasetStore: fmt::Debug + Send + Sync {
    /// The newest state of the table at a location, cheap enough to ask for a thousand tables;
    /// `None` when there is nothing at the location, or only what a killed creation by `owner` left.
    /// Anything else that is not a table is an error.
    async fn state(
        &self,
        location: &TableLocation,
        owner: &str,
    ) -> Result<Option<DatasetState>, PortError>;

    /// Opens a table for reading at a pin. A version that does not exist is an error, never
    /// another version.
    async fn open(&self, location: &TableLocation, pin: Pin) -> Result<OpenDataset, PortError>;

    /// Whether the rows of a table may be others after the commits behind version `from` up to
    /// `to`. Compaction leaves them as they are. Cheap: reads nothing but the log.
    async fn may_have_changed(
        &self,
        location: &TableLocation,
        from: u64,
        to: u64,
    ) -> Result<bool, PortError>;

    /// The rows that came and went between two versions of a table, or why they cannot be told.
    /// Reads no rows by itself beyond what it takes to trust an origin.
    async fn changes(
        &self,
        location: &TableLocation,
        range: &VersionRange,
    ) -> Result<ChangeSet, PortError>;

    /// The data files of a table at a pin, with what the log knows of each, as something a plan
    /// reads: one row a file.
    async fn file_index(
        &self,
        location: &TableLocation,
        pin: Pin,
    ) -> Result<Arc<dyn TableProvider>, PortError>;

    /// The newest versions of a table, newest first, at most `most` of them and as far back as the
    /// entries of its log go. `None` when there is no table.
    async fn history(
        &self,
        location: &TableLocation,
        most: usize,
    ) -> Result<Option<Vec<HistoryEntry>>, PortError>;

    /// Puts small files together, deletes files that nobody needs and writes a checkpoint, each
    /// where the table asks for it. Rows are the same before and after. `None` when there is no
    /// table.
    async fn maintain(
        &self,
        location: &TableLocation,
        maintenance: &Maintenance,
    ) -> Result<Option<MaintenanceReport>, PortError>;

    /// The schema that rows of `schema` have once stored: refuses what the format cannot hold.
    fn stored_schema(&self, schema: &SchemaRef) -> Result<SchemaRef, PortError>;

    /// Takes a snapshot of the table (or of its absence) and prepares to write rows of `schema`,
    /// which must be a [`stored_schema`](Self::stored_schema), in the way that `mode` says.
    async fn begin(
        &self,
        location: &TableLocation,
        schema: SchemaRef,
        spec: TableSpec,
        mode: WriteMode,
    ) -> Result<Box<dyn WriteTarget>, PortError>;
}

/// One pending commit on one snapshot of one table.
///
/// # Contract
///
/// `base` first: the caller decides from it, the very snapshot the commit will be built on, whether
/// there is anything to do. Then `write` once, then `commit` once. Dropping the target at any point
/// leaves the table as it was; data files already written are invisible and may be vacuumed.
#[async_trait]
pub trait WriteTarget: fmt::Debug + Send {
    /// The state of the snapshot; `None` when the table does not exist.
    fn base(&self) -> Option<&DatasetState>;

    /// Writes the streams, side by side, into data files that nobody sees yet. An error of a
    /// stream ends the write with that error.
    async fn write(&mut self, streams: Vec<SendableRecordBatchStream>) -> Result<(), PortError>;

    /// Makes files, cursors, fence and record visible in one commit on the snapshot, or tells that
    /// somebody else was faster. An error means nothing is visible.
    async fn commit(
        self: Box<Self>,
        intent: CommitIntent,
        counts: &WriteCounts,
    ) -> Result<CommitOutcome, PortError>;
}

/// Turns a plan into running streams, on this machine or on many.
///
/// # Contract
///
/// One stream for each partition. Dropping a stream cancels its work. The plan is executed as it
/// is: an executor may optimise it but never replaces functions, tables or settings.
#[async_trait]
pub trait Executor: fmt::Debug + Send + Sync {
    /// Starts the plan under a session.
    async fn execute(
        &self,
        session: &SessionState,
        plan: &LogicalPlan,
    ) -> Result<Vec<SendableRecordBatchStream>, PortError>;
}

/// A set of functions that plugs into a session.
///
/// # Contract
///
/// `register` registers exactly the functions that `facts` names, under exactly these names, kinds
/// and volatilities.
pub trait FunctionPack: fmt::Debug + Send + Sync {
    /// Name of the pack.
    fn name(&self) -> &'static str;

    /// What the pack brings, sorted by name.
    fn facts(&self) -> Vec<FunctionFacts>;

    /// Puts the functions into a registry.
    ///
    /// # Errors
    ///
    /// Whatever the registry refuses.
    fn register(&self, registry: &mut dyn FunctionRegistry) -> Result<(), DataFusionError>;
}

/// A port failed: a stable code, what was tried, and the cause as the chain prints it.
#[derive(Debug)]
pub struct PortError {
    code: Code,
    message: String,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl PortError {
    /// An error without a deeper cause.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), source: None }
    }

    /// An error with its cause.
    pub fn with_source(
        code: Code,
        message: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self { code, message: message.into(), source: Some(source.into()) }
    }
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for PortError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

impl Kinded for PortError {
    fn code(&self) -> Code {
        self.code
    }
}

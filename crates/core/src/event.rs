use serde::Serialize;

use crate::{Diagnostic, RelationName};

/// Something that happened, with the run and the operation it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When, in milliseconds since the Unix epoch, UTC.
    pub at: i64,
    /// The run it belongs to.
    pub run_id: String,
    /// The operation within the run: `run` for the run itself, else the name of the view or seed.
    pub operation_id: String,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// A run began.
    RunStarted {
        /// Name of the project.
        project: String,
        /// Short name of what was asked, such as `run` or `verify`.
        command: String,
        /// How many seeds and views it is about.
        nodes: usize,
    },
    /// A view went through the lane.
    ViewCompiled {
        /// Which view.
        view: RelationName,
        /// Its definition hash.
        definition: String,
    },
    /// A view or seed was written: one commit.
    ViewCommitted {
        /// Which view or seed.
        view: RelationName,
        /// Why it was not skipped.
        reason: String,
        /// The Delta version the commit made.
        version: u64,
        /// Rows in the table after the commit.
        rows: u64,
        /// Wall time in milliseconds.
        millis: u64,
    },
    /// A view or seed needed no commit, or could not be tried.
    ViewSkipped {
        /// Which view or seed.
        view: RelationName,
        /// Why.
        reason: String,
    },
    /// A view or seed failed; nothing of it was committed.
    ViewFailed {
        /// Which view or seed.
        view: RelationName,
        /// What went wrong.
        diagnostic: Box<Diagnostic>,
    },
    /// A stored version was compared with its recomputation.
    ViewVerified {
        /// Which view.
        view: RelationName,
        /// The version compared.
        version: u64,
        /// Whether both hold the same rows.
        equal: bool,
    },
    /// Something worth saying that stopped nothing.
    Warned {
        /// What.
        diagnostic: Box<Diagnostic>,
    },
    /// A run ended.
    RunFinished {
        /// Views committed.
        committed: usize,
        /// Views skipped.
        skipped: usize,
        /// Views failed.
        failed: usize,
    },
}

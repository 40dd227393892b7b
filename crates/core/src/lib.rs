//! Names, fingerprints, diagnostics and ports shared by the viewlane crates.
//!
//! A type lives here only when two crates that may not see each other exchange it.
//!
//! ```
//! use viewlane_core::{Fingerprint, RelationName};
//!
//! let name: RelationName = "marts.Revenue".parse()?;
//! assert_eq!(name.to_string(), "marts.revenue"); // unquoted names fold to lower case
//!
//! let one = Fingerprint::builder("example").field("a", "x").field("b", "yz").finish();
//! let two = Fingerprint::builder("example").field("a", "xy").field("b", "z").finish();
//! assert_ne!(one, two); // fields are framed: bytes cannot run from one into the next
//! # Ok::<(), viewlane_core::NameError>(())
//! ```
//!
//! # Features
//!
//! `datafusion` adds the heavy ports, those that mention plans, providers and streams:
//! [`DatasetStore`], [`WriteTarget`], [`Executor`] and [`FunctionPack`].
//!
//! # What is not here
//!
//! No SQL, no I/O, no clock and no randomness: [`Clock`] and [`Ids`] are handed in.
//! Nothing here decides anything; it is the vocabulary in which the other crates talk.

#[cfg(feature = "datafusion")]
mod changes;
mod code;
mod commit;
mod diagnostic;
mod event;
mod fingerprint;
#[cfg(feature = "datafusion")]
mod heavy;
mod maintenance;
mod name;
mod ports;
mod suggest;

#[cfg(feature = "datafusion")]
pub use changes::{
    COMMIT_VERSION, ChangeOrigin, ChangeSet, Changes, NoChanges, PassedOver, VersionRange, WEIGHT,
};
pub use code::{Code, ErrorKind, Kinded};
pub use commit::{
    CommitIntent, CommitOutcome, CommitReceipt, CommitRecord, DatasetState, RefreshMode,
    SkipReason, SourceCursor, TableLocation, WriteCounts, WriteMode,
};
pub use diagnostic::{Diagnostic, Location, Severity, SourceText, Span};
pub use event::{Event, EventKind};
pub use fingerprint::{Fingerprint, FingerprintBuilder, FingerprintError};
#[cfg(feature = "datafusion")]
pub use heavy::{
    DatasetStore, Executor, FunctionPack, OpenDataset, Pin, PortError, TableSpec, WriteTarget,
};
pub use maintenance::{
    HistoryEntry, Maintenance, MaintenanceReport, MaintenanceStep, MaintenanceTask,
};
pub use name::{NameError, RelationName};
pub use ports::{
    Clock, ColumnSource, FunctionFacts, FunctionKind, FunctionSource, Ids, Recorder, SchemaSource,
    Volatility,
};
pub use suggest::nearest;

//! Delta tables in and out: pinned reads, guarded commits.
//!
//! [`DeltaStore`] implements the core ports `DatasetStore` and `WriteTarget` over delta-rs. Data,
//! source cursors, fence and record of a refresh become visible in one Delta commit, built on one
//! snapshot and refused when the table has moved since.
//!
//! ```
//! use std::sync::Arc;
//! use arrow::datatypes::{DataType, Field, Schema};
//! use viewlane_core::{DatasetStore, TableLocation};
//! use viewlane_delta_io::DeltaStore;
//!
//! let store = DeltaStore::new();
//! // A NULL-able list of text is stored as Delta stores it; an unsigned integer is refused.
//! let text = Arc::new(Schema::new(vec![Field::new("t", DataType::Utf8View, false)]));
//! assert_eq!(store.stored_schema(&text).unwrap().field(0).data_type(), &DataType::Utf8);
//! let unsigned = Arc::new(Schema::new(vec![Field::new("n", DataType::UInt64, false)]));
//! assert!(store.stored_schema(&unsigned).is_err());
//! ```
//!
//! # What is not here
//!
//! No decision: whether a view is refreshed, from what and why, is the engine's. No checks of rows:
//! they are made by `viewlane-write-pipeline` on the stream that arrives here. Only this crate
//! names delta-rs, and no other type of it leaves this crate.

mod admission;
mod border;
mod changes;
mod codes;
mod commit;
mod datafiles;
mod dml;
#[cfg(test)]
mod fixture;
mod guard;
mod index;
mod location;
mod log;
mod maintain;
mod operation;
mod profile;
mod protocol;
mod provider;
mod scan;
mod session;
mod store;
mod stores;
#[cfg(test)]
mod watched;

pub use index::{Candidates, FileIndex, PruneReason};
pub use operation::{ConsumedStep, Merge, Operation, OperationIntent};
pub use profile::{EffectiveScan, ScanProfile};
pub use session::Predicate;
pub use store::{DeltaStore, TARGET_FILE_BYTES};

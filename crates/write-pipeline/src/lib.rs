//! One write request, one pass over the streams, one count: casts, checks and checksum together.
//!
//! The rows of a refresh pass through here exactly once on their way into a `WriteTarget`: they are
//! cast to the stored types, `NOT NULL` columns are checked, rows are counted and the bag checksum
//! is added up. So are conditions of one's own ([`Check`]) and an expected number of rows. A violation
//! ends the write before anything is committed.
//!
//! ```
//! use std::sync::Arc;
//! use arrow::{array::Int64Array, datatypes::{DataType, Field, Schema}, record_batch::RecordBatch};
//! use viewlane_write_pipeline::BagChecksum;
//!
//! let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
//! let bag = |values: Vec<i64>| {
//!     let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(Int64Array::from(values))]).unwrap();
//!     let mut sum = BagChecksum::default();
//!     sum.add(&batch).unwrap();
//!     sum.to_string()
//! };
//! assert_eq!(bag(vec![1, 2, 2]), bag(vec![2, 1, 2])); // a bag has no order
//! assert_ne!(bag(vec![1, 2, 2]), bag(vec![1, 1, 2])); // but it counts
//! ```
//!
//! # Files
//!
//! [`write_files`] is the same pass with files at its end: Parquet, CSV, JSON or Arrow IPC below a
//! local folder, as a [`WritePolicy`] says. They are built out of sight and become visible in one
//! step; [`FileTarget`] says what a kill leaves for which destination.
//!
//! ```
//! use std::sync::Arc;
//! use arrow::{array::Int64Array, datatypes::{DataType, Field, Schema}, record_batch::RecordBatch};
//! use datafusion::{physical_plan::stream::RecordBatchStreamAdapter, prelude::SessionContext};
//! use viewlane_write_pipeline::{
//!     FileFormat, FileOutcome, FileSession, FileTarget, WritePolicy, WriteRequest, write_files,
//! };
//! # #[derive(Debug)] struct Uuids;
//! # impl viewlane_core::Ids for Uuids { fn next_id(&self) -> String { "id".to_owned() } }
//!
//! # tokio::runtime::Runtime::new()?.block_on(async {
//! let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, false)]));
//! let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(Int64Array::from(vec![1, 2, 2]))])?;
//! let rows = futures::stream::iter([Ok(batch)]);
//! let rows = Box::pin(RecordBatchStreamAdapter::new(schema.clone(), rows));
//!
//! let folder = tempfile::tempdir()?;
//! let target = FileTarget::at(&folder.path().join("numbers").display().to_string())?;
//! let policy = WritePolicy { format: FileFormat::Csv, ..WritePolicy::default() };
//! let session = FileSession {
//!     task: SessionContext::new().task_ctx(),
//!     ids: Arc::new(Uuids),
//!     progress: Arc::new(()),
//! };
//! let receipt =
//!     write_files(&target, WriteRequest::new(vec![rows], schema), &policy, &session).await?;
//! assert_eq!((receipt.outcome, receipt.rows), (FileOutcome::Created, 3));
//! let file = target.path().join(&receipt.files[0].path);
//! assert_eq!(std::fs::read_to_string(file)?, "n\n1\n2\n2\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is not here
//!
//! No plan but the sorting of files, and no commit of a table: streams come in, a target takes them.
//! Nothing is collected; what is held at any moment is the batch in hand and what encoders buffer.

mod bag;
mod check;
mod checked;
mod error;
mod files;
mod policy;
mod write;

pub use bag::BagChecksum;
pub use check::{Check, RowLimits};
pub use error::Error;
pub use files::{
    FileOutcome, FileReceipt, FileSession, FileTarget, Progress, WriteEvent, WrittenFile,
    write_files,
};
pub use policy::{
    ArrowCodec, ArrowPolicy, CsvPolicy, FileFormat, FileMode, JsonPolicy, ParquetCodec,
    ParquetColumnPolicy, ParquetEncoding, ParquetPolicy, ParquetStatistics, ParquetVersion,
    QuoteStyle, SortKey, TextCodec, WritePolicy,
};
pub use write::{WriteRequest, write};

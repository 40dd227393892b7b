//! One write request, one pass over the streams, one count: casts, checks and checksum together.
//!
//! The rows of a refresh pass through here exactly once on their way into a `WriteTarget`: they are
//! cast to the stored types, `NOT NULL` columns are checked, rows are counted and the bag checksum
//! is added up. A violation ends the write before anything is committed.
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
//! # What is not here
//!
//! No plan and no commit: streams come in, a target takes them. Nothing is collected; what is held
//! at any moment is the batch in hand.

mod bag;
mod check;
mod checked;
mod error;
mod write;

pub use bag::BagChecksum;
pub use check::{Check, RowLimits};
pub use error::Error;
pub use write::{WriteRequest, write};

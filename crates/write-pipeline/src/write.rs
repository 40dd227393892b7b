use std::collections::BTreeSet;

use arrow::datatypes::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use viewlane_core::{WriteCounts, WriteTarget};

use crate::{Check, Error, RowLimits, checked::Pass};

/// What is to be written, and what must hold for it.
///
/// [`new`](Self::new) demands nothing; the rest is set on the fields:
///
/// ```
/// # use std::sync::Arc;
/// # use arrow::datatypes::Schema;
/// use viewlane_write_pipeline::{RowLimits, WriteRequest};
///
/// let mut request = WriteRequest::new(vec![], Arc::new(Schema::empty()));
/// request.not_null.insert("id".to_owned());
/// request.rows = RowLimits { min: Some(1), max: None };
/// ```
pub struct WriteRequest {
    /// The rows, one stream for each partition.
    pub streams: Vec<SendableRecordBatchStream>,
    /// The stored schema: same columns in the same order as the streams, in stored types.
    pub schema: SchemaRef,
    /// Columns in which NULL is refused.
    pub not_null: BTreeSet<String>,
    /// Conditions that each row must meet, over the stored schema.
    pub checks: Vec<Check>,
    /// How many rows there must be, over all streams.
    pub rows: RowLimits,
}

impl WriteRequest {
    /// Asks to write these rows, whatever they are.
    pub fn new(streams: Vec<SendableRecordBatchStream>, schema: SchemaRef) -> Self {
        Self {
            streams,
            schema,
            not_null: BTreeSet::new(),
            checks: Vec::new(),
            rows: RowLimits::default(),
        }
    }
}

impl std::fmt::Debug for WriteRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriteRequest")
            .field("streams", &self.streams.len())
            .field("schema", &self.schema)
            .field("not_null", &self.not_null)
            .field("checks", &self.checks)
            .field("rows", &self.rows)
            .finish()
    }
}

/// Writes a request into a target in one pass and tells what was written.
///
/// # Errors
///
/// The first violation, failing value or failing query stops the write, and so do too few rows at
/// its end; the target is left uncommitted.
pub async fn write(
    target: &mut dyn WriteTarget,
    request: WriteRequest,
) -> Result<WriteCounts, Error> {
    let (streams, pass) = Pass::over(request);
    let written = target.write(streams).await;
    pass.failure()?;
    written.map_err(Error::Target)?;
    pass.counts()
}

#[cfg(test)]
mod tests;

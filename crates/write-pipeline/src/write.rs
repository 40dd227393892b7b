use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use arrow::{
    array::Array,
    compute::{CastOptions, cast_with_options},
    datatypes::SchemaRef,
    record_batch::{RecordBatch, RecordBatchOptions},
    util::display::FormatOptions,
};
use datafusion::{
    error::DataFusionError,
    execution::{RecordBatchStream, SendableRecordBatchStream},
};
use futures::{Stream, StreamExt};
use viewlane_core::{WriteCounts, WriteTarget};

use crate::{BagChecksum, Error};

/// What is to be written, and what must hold for each row.
pub struct WriteRequest {
    /// The rows, one stream for each partition.
    pub streams: Vec<SendableRecordBatchStream>,
    /// The stored schema: same columns in the same order as the streams, in stored types.
    pub schema: SchemaRef,
    /// Columns in which NULL is refused.
    pub not_null: BTreeSet<String>,
}

impl std::fmt::Debug for WriteRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WriteRequest")
            .field("streams", &self.streams.len())
            .field("schema", &self.schema)
            .field("not_null", &self.not_null)
            .finish()
    }
}

/// Writes a request into a target in one pass and tells what was written.
///
/// # Errors
///
/// The first violation, failing value or failing query stops the write; the target is left
/// uncommitted.
pub async fn write(
    target: &mut dyn WriteTarget,
    request: WriteRequest,
) -> Result<WriteCounts, Error> {
    let tally = Arc::new(Mutex::new(Tally::default()));
    let not_null: Arc<[usize]> = request
        .schema
        .fields()
        .iter()
        .enumerate()
        .filter(|(_, field)| request.not_null.contains(field.name()))
        .map(|(index, _)| index)
        .collect();
    let streams = request
        .streams
        .into_iter()
        .map(|input| -> SendableRecordBatchStream {
            Box::pin(Checked {
                input,
                schema: Arc::clone(&request.schema),
                not_null: Arc::clone(&not_null),
                tally: Arc::clone(&tally),
                own: Tally::default(),
            })
        })
        .collect();
    let written = target.write(streams).await;
    let mut tally = lock(&tally);
    // What the stream found out is told rather than how the target took it.
    if let Some(error) = tally.error.take() {
        return Err(error);
    }
    written.map_err(Error::Target)?;
    Ok(WriteCounts { rows: tally.rows, bag: tally.bag.to_string() })
}

#[derive(Debug, Default)]
struct Tally {
    rows: u64,
    bag: BagChecksum,
    error: Option<Error>,
}

fn lock(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A stream whose batches are cast, checked, counted and summed as they pass.
struct Checked {
    input: SendableRecordBatchStream,
    schema: SchemaRef,
    not_null: Arc<[usize]>,
    tally: Arc<Mutex<Tally>>,
    /// Of this stream alone; joins the shared tally at its end, so that streams do not contend.
    own: Tally,
}

impl Checked {
    fn check(&mut self, batch: &RecordBatch) -> Result<RecordBatch, Error> {
        let batch = conform(batch, &self.schema)?;
        for index in self.not_null.iter() {
            let column = batch.column(*index);
            if column.null_count() > 0 {
                let row = (0..batch.num_rows()).find(|row| column.is_null(*row)).unwrap_or(0);
                return Err(Error::NotNull {
                    column: self.schema.field(*index).name().clone(),
                    count: column.null_count(),
                    rows: batch.num_rows(),
                    first: show_row(&batch, row),
                });
            }
        }
        self.own.rows += batch.num_rows() as u64;
        self.own.bag.add(&batch).map_err(|source| Error::Cast {
            column: "*".to_owned(),
            expected: "a type with a checksum".to_owned(),
            source,
        })?;
        Ok(batch)
    }

    fn fail(&self, error: Error) -> DataFusionError {
        let text = error.to_string();
        lock(&self.tally).error.get_or_insert(error);
        DataFusionError::Execution(text)
    }
}

/// The batch in the stored types.
fn conform(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, Error> {
    let options = CastOptions { safe: false, format_options: FormatOptions::default() };
    let columns = batch
        .columns()
        .iter()
        .zip(schema.fields())
        .map(|(column, field)| {
            if column.data_type() == field.data_type() {
                return Ok(Arc::clone(column));
            }
            cast_with_options(column, field.data_type(), &options).map_err(|source| Error::Cast {
                column: field.name().clone(),
                expected: field.data_type().to_string(),
                source,
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    RecordBatch::try_new_with_options(Arc::clone(schema), columns, &options).map_err(|source| {
        Error::Cast { column: "*".to_owned(), expected: schema.to_string(), source }
    })
}

fn show_row(batch: &RecordBatch, row: usize) -> String {
    let cells = batch.columns().iter().zip(batch.schema_ref().fields()).map(|(column, field)| {
        let value = if column.is_null(row) {
            "NULL".to_owned()
        } else {
            arrow::util::display::array_value_to_string(column, row)
                .unwrap_or_else(|_| "?".to_owned())
        };
        format!("{} = {value}", field.name())
    });
    cells.collect::<Vec<_>>().join(", ")
}

impl Stream for Checked {
    type Item = Result<RecordBatch, DataFusionError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = match self.input.poll_next_unpin(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(next) => next,
        };
        Poll::Ready(match next {
            Some(Ok(batch)) => match self.check(&batch) {
                Ok(batch) => Some(Ok(batch)),
                Err(error) => Some(Err(self.fail(error))),
            },
            Some(Err(error)) => Some(Err(self.fail(Error::Query(error)))),
            None => {
                let own = std::mem::take(&mut self.own);
                let mut tally = lock(&self.tally);
                tally.rows += own.rows;
                tally.bag.merge(&own.bag);
                None
            }
        })
    }
}

impl RecordBatchStream for Checked {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

#[cfg(test)]
mod tests;

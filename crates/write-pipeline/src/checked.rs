use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
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
use viewlane_core::WriteCounts;

use crate::{BagChecksum, Check, Error, RowLimits, WriteRequest, check::show_row};

/// The one pass of a request over its rows: what must hold, and what was seen.
#[derive(Debug)]
pub(crate) struct Pass {
    rules: Arc<Rules>,
    tally: Arc<Mutex<Tally>>,
}

impl Pass {
    /// The streams of the request, each checked as it is read.
    pub(crate) fn over(request: WriteRequest) -> (Vec<SendableRecordBatchStream>, Self) {
        let WriteRequest { streams, schema, not_null, checks, rows } = request;
        let fields = schema.fields().iter().enumerate();
        let not_null = fields.filter(|(_, field)| not_null.contains(field.name()));
        let rules = Arc::new(Rules {
            not_null: not_null.map(|(index, _)| index).collect(),
            schema,
            checks,
            limits: rows,
            seen: AtomicU64::new(0),
        });
        let tally = Arc::new(Mutex::new(Tally::default()));
        let streams = streams
            .into_iter()
            .map(|input| -> SendableRecordBatchStream {
                Box::pin(Checked {
                    input,
                    rules: Arc::clone(&rules),
                    tally: Arc::clone(&tally),
                    own: Tally::default(),
                })
            })
            .collect();
        (streams, Self { rules, tally })
    }

    /// What the streams found out, which is told rather than how the target took it.
    pub(crate) fn failure(&self) -> Result<(), Error> {
        lock(&self.tally).error.take().map_or(Ok(()), Err)
    }

    /// What was seen, once every stream has ended.
    pub(crate) fn counts(&self) -> Result<WriteCounts, Error> {
        let tally = lock(&self.tally);
        self.rules.limits.pass_whole(tally.rows)?;
        Ok(WriteCounts { rows: tally.rows, bag: tally.bag.to_string() })
    }
}

/// What must hold for the rows.
#[derive(Debug)]
struct Rules {
    schema: SchemaRef,
    not_null: Vec<usize>,
    checks: Vec<Check>,
    limits: RowLimits,
    /// Rows over all streams, so that too many are noticed while they come.
    seen: AtomicU64,
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
    rules: Arc<Rules>,
    tally: Arc<Mutex<Tally>>,
    /// Of this stream alone; joins the shared tally at its end, so that streams do not contend.
    own: Tally,
}

impl Checked {
    fn check(&mut self, batch: &RecordBatch) -> Result<RecordBatch, Error> {
        let rules = Arc::clone(&self.rules);
        let batch = conform(batch, &rules.schema)?;
        for index in &rules.not_null {
            let column = batch.column(*index);
            if column.null_count() > 0 {
                let row = (0..batch.num_rows()).find(|row| column.is_null(*row)).unwrap_or(0);
                return Err(Error::NotNull {
                    column: rules.schema.field(*index).name().clone(),
                    count: column.null_count(),
                    rows: batch.num_rows(),
                    first: show_row(&batch, row),
                });
            }
        }
        rules.checks.iter().try_for_each(|check| check.pass(&batch))?;
        let rows = batch.num_rows() as u64;
        rules.limits.pass_so_far(rules.seen.fetch_add(rows, Ordering::Relaxed) + rows)?;
        self.own.rows += rows;
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
        Arc::clone(&self.rules.schema)
    }
}

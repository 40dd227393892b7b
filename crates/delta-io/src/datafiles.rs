//! Rows become data files that nobody sees yet.

use std::{
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::record_batch::RecordBatch;
use datafusion::execution::SendableRecordBatchStream;
use delta_kernel::table_properties::DataSkippingNumIndexedCols;
use deltalake::{
    DeltaTable, DeltaTableError,
    datafile::writer::{DeltaWriter, WriterConfig},
    kernel::Add,
    logstore::LogStoreRef,
    operations::write::WriterStatsConfig,
};
use futures::StreamExt;
use parquet::{basic::Compression, file::properties::WriterProperties};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};
use viewlane_core::{PortError, TableLocation};

use crate::{TARGET_FILE_BYTES, admission::Admission, codes};

/// Rows of one row group. Bounds what a writer holds in memory for wide rows.
const ROW_GROUP_ROWS: usize = 256 * 1024;
/// Batches that may wait between those who compute and those who encode.
const WAITING_BATCHES: usize = 8;
/// Rows after which one more writer joins: small results stay one file, large ones use all cores.
const ROWS_PER_WRITER: u64 = 512 * 1024;
/// Columns whose least and greatest values are kept where the table does not say how many, as in
/// Delta.
const INDEXED_COLUMNS: u64 = 32;

/// Writes data files beside those of a table.
pub(crate) struct DataFiles {
    location: TableLocation,
    log_store: LogStoreRef,
    admission: Admission,
    config: WriterConfig,
}

impl DataFiles {
    /// For the table as it is, or for one that is yet to be created.
    pub(crate) fn new(
        location: &TableLocation,
        log_store: LogStoreRef,
        table: Option<&DeltaTable>,
        admission: Admission,
        partition_by: Vec<String>,
    ) -> Result<Self, PortError> {
        let stats = match table {
            None => WriterStatsConfig::new(
                DataSkippingNumIndexedCols::NumColumns(INDEXED_COLUMNS),
                None,
            ),
            Some(table) => {
                let snapshot = table.snapshot();
                let snapshot = snapshot.map_err(|error| write_error(location, error))?;
                WriterStatsConfig::from_config(snapshot.snapshot().table_configuration())
            }
        };
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let config = WriterConfig::new(
            Arc::clone(admission.schema()),
            partition_by,
            Some(properties),
            NonZeroU64::new(TARGET_FILE_BYTES),
            None,
            stats.num_indexed_cols,
            stats.stats_columns,
        );
        Ok(Self { location: location.clone(), log_store, admission, config })
    }

    /// Writes the streams side by side.
    pub(crate) async fn write(
        &self,
        streams: Vec<SendableRecordBatchStream>,
    ) -> Result<Vec<Add>, PortError> {
        let most = streams.len().max(1) as u64;
        let (sender, receiver) = mpsc::channel::<RecordBatch>(WAITING_BATCHES);
        let receiver = Arc::new(Mutex::new(receiver));

        // Dropping the set aborts what is left, so an error anywhere stops everything.
        let mut producers = JoinSet::new();
        for mut stream in streams {
            let sender = sender.clone();
            producers.spawn(async move {
                while let Some(batch) = stream.next().await {
                    if sender.send(batch?).await.is_err() {
                        break;
                    }
                }
                Ok::<(), datafusion::error::DataFusionError>(())
            });
        }
        drop(sender);

        let rows = Arc::new(AtomicU64::new(0));
        let mut writers: JoinSet<Result<Vec<Add>, PortError>> = JoinSet::new();
        let mut started = 0;
        let (nudge, mut nudged) = mpsc::unbounded_channel::<()>();
        let mut start = |writers: &mut JoinSet<_>| {
            started += 1;
            let store = self.log_store.object_store(None);
            let mut writer = DeltaWriter::new(store, self.config.clone());
            let (receiver, rows, nudge) = (Arc::clone(&receiver), Arc::clone(&rows), nudge.clone());
            let (admission, location) = (self.admission.clone(), self.location.clone());
            let threshold = ROWS_PER_WRITER * started;
            let may_grow = started < most;
            writers.spawn(async move {
                let mut grown = !may_grow;
                loop {
                    let batch = receiver.lock().await.recv().await;
                    let Some(batch) = batch else { break };
                    let batch = admission.admit(&batch)?;
                    let all = rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
                    if batch.num_rows() > 0 {
                        let done = writer.write(&batch).await;
                        done.map_err(|error| write_error(&location, error))?;
                    }
                    if !grown && all >= threshold {
                        grown = true;
                        let _ = nudge.send(());
                    }
                }
                writer.close().await.map_err(|error| write_error(&location, error))
            });
        };
        start(&mut writers);
        let mut adds = Vec::new();
        while !writers.is_empty() {
            tokio::select! {
                Some(()) = nudged.recv() => start(&mut writers),
                Some(done) = writers.join_next() => {
                    let written = done.map_err(|error| {
                        write_error(&self.location, DeltaTableError::generic(error.to_string()))
                    })?;
                    adds.extend(written?);
                }
            }
        }
        while let Some(done) = producers.join_next().await {
            let failed =
                |error| PortError::with_source(codes::WRITE, "computing the rows failed", error);
            done.map_err(|error| {
                PortError::with_source(codes::WRITE, "computing the rows was interrupted", error)
            })?
            .map_err(failed)?;
        }
        // Files arrive in the order in which writers end; the commit lists them by name.
        adds.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(adds)
    }
}

fn write_error(location: &TableLocation, error: DeltaTableError) -> PortError {
    let what = format!("cannot write data files of `{location}`");
    PortError::with_source(codes::WRITE, what, error)
}

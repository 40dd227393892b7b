use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::{datatypes::SchemaRef, record_batch::RecordBatch};
use async_trait::async_trait;
use datafusion::execution::SendableRecordBatchStream;
use deltalake::{
    DeltaTable, DeltaTableBuilder, DeltaTableError,
    kernel::{
        Action, Add, Metadata, Protocol, StructType, Transaction,
        engine::arrow_conversion::TryIntoKernel,
        transaction::{CommitBuilder, CommitProperties, TableReference, TransactionError},
    },
    operations::create::CreateBuilder,
    protocol::{DeltaOperation, SaveMode},
    writer::{DeltaWriter, RecordBatchWriter},
};
use futures::{StreamExt, TryStreamExt};
use parquet::{basic::Compression, file::properties::WriterProperties};
use serde_json::{Value, json};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};
use url::Url;
use viewlane_core::{
    CommitIntent, CommitOutcome, CommitReceipt, CommitRecord, DatasetState, PortError,
    TableLocation, TableSpec, WriteCounts, WriteTarget,
};

use crate::{TARGET_FILE_BYTES, border, codes, log, store::read_error};

/// Rows of one row group. Bounds what a writer holds in memory for wide rows.
const ROW_GROUP_ROWS: usize = 256 * 1024;
/// Batches that may wait between those who compute and those who encode.
const WAITING_BATCHES: usize = 8;
/// Rows after which one more writer joins: small results stay one file, large ones use all cores.
const ROWS_PER_WRITER: u64 = 512 * 1024;

/// One pending overwrite of one table, on one snapshot.
pub(crate) struct DeltaTarget {
    location: TableLocation,
    url: Url,
    base: Option<DatasetState>,
    /// The snapshot the commit is built on. `None` creates the table.
    table: Option<DeltaTable>,
    schema: SchemaRef,
    spec: TableSpec,
    adds: Vec<Add>,
}

impl DeltaTarget {
    pub(crate) fn new(
        location: TableLocation,
        url: Url,
        base: Option<DatasetState>,
        table: Option<DeltaTable>,
        schema: SchemaRef,
        spec: TableSpec,
    ) -> Self {
        Self { location, url, base, table, schema, spec, adds: Vec::new() }
    }

    fn write_error(&self, error: DeltaTableError) -> PortError {
        let what = format!("cannot write data files of `{}`", self.location);
        PortError::with_source(codes::WRITE, what, error)
    }

    fn writer(&self) -> Result<RecordBatchWriter, DeltaTableError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        let partition_by = self.spec.partition_by.clone();
        let writer = RecordBatchWriter::try_new(
            self.url.as_str(),
            Arc::clone(&self.schema),
            Some(partition_by),
            None,
        )?;
        Ok(writer.with_writer_properties(properties).with_target_file_size(TARGET_FILE_BYTES))
    }

    fn kernel_schema(&self) -> Result<StructType, PortError> {
        self.schema.as_ref().try_into_kernel().map_err(|error: arrow::error::ArrowError| {
            let what = format!("the columns of `{}` have no Delta form", self.location);
            PortError::with_source(codes::TYPE, what, error)
        })
    }

    /// The metadata (and, if need be, the protocol) that the table needs for the new columns.
    fn evolution(&self, table: &DeltaTable) -> Result<Vec<Action>, PortError> {
        let snapshot = table.snapshot().map_err(|error| read_error(&self.location, error))?;
        let metadata = snapshot.metadata();
        let schema = self.kernel_schema()?;
        let same_schema = metadata.parse_schema().is_ok_and(|stored| stored == schema);
        if same_schema && metadata.partition_columns() == &self.spec.partition_by[..] {
            return Ok(Vec::new());
        }
        let broken = |error: serde_json::Error| {
            let what = format!("cannot change the columns of `{}`", self.location);
            PortError::with_source(codes::COMMIT, what, error)
        };
        let mut actions = Vec::new();
        let configuration: BTreeMap<_, _> = metadata.configuration().iter().collect();
        let changed: Metadata = serde_json::from_value(json!({
            "id": metadata.id(),
            "name": metadata.name(),
            "description": metadata.description(),
            "format": { "provider": "parquet", "options": {} },
            "schemaString": serde_json::to_string(&schema).map_err(broken)?,
            "partitionColumns": self.spec.partition_by,
            "configuration": configuration,
            "createdTime": metadata.created_time(),
        }))
        .map_err(broken)?;
        actions.push(Action::Metadata(changed));
        if border::has_timestamp_ntz(&self.schema)
            && let Some(protocol) = with_timestamp_ntz(snapshot.protocol()).map_err(broken)?
        {
            actions.push(Action::Protocol(protocol));
        }
        Ok(actions)
    }
}

/// The protocol with timestamps without zone allowed, or `None` when they already are.
///
/// Delta protocol, "Reader version requirements" and "Table features": a table that takes up its
/// first feature lists every feature that its legacy version implied.
fn with_timestamp_ntz(protocol: &Protocol) -> Result<Option<Protocol>, serde_json::Error> {
    const FEATURE: &str = "timestampNtz";
    let mut value = serde_json::to_value(protocol)?;
    let names = |value: &Value, key: &str| -> Vec<String> {
        let list = value.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let (mut readers, mut writers) =
        (names(&value, "readerFeatures"), names(&value, "writerFeatures"));
    if readers.iter().any(|name| name == FEATURE) {
        return Ok(None);
    }
    let implied = [
        (2, "appendOnly"),
        (2, "invariants"),
        (3, "checkConstraints"),
        (4, "changeDataFeed"),
        (4, "generatedColumns"),
    ];
    let legacy = value.get("minWriterVersion").and_then(Value::as_i64).unwrap_or(2);
    if legacy < 7 {
        writers.extend(
            implied
                .iter()
                .filter(|(since, _)| *since <= legacy)
                .map(|(_, name)| (*name).to_owned()),
        );
    }
    readers.push(FEATURE.to_owned());
    writers.push(FEATURE.to_owned());
    value["minReaderVersion"] = json!(3);
    value["minWriterVersion"] = json!(7);
    value["readerFeatures"] = json!(readers);
    value["writerFeatures"] = json!(writers);
    serde_json::from_value(value).map(Some)
}

impl fmt::Debug for DeltaTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeltaTarget")
            .field("location", &self.location)
            .field("version", &self.base.as_ref().map(|base| base.version))
            .field("files", &self.adds.len())
            .finish_non_exhaustive()
    }
}

#[async_trait]
impl WriteTarget for DeltaTarget {
    fn base(&self) -> Option<&DatasetState> {
        self.base.as_ref()
    }

    async fn write(&mut self, streams: Vec<SendableRecordBatchStream>) -> Result<(), PortError> {
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
        let mut writers: JoinSet<Result<Vec<Add>, DeltaTableError>> = JoinSet::new();
        let mut started = 0;
        let (nudge, mut nudged) = mpsc::unbounded_channel::<()>();
        let mut start = |writers: &mut JoinSet<_>| -> Result<(), DeltaTableError> {
            started += 1;
            let mut writer = self.writer()?;
            let (receiver, rows, nudge) = (Arc::clone(&receiver), Arc::clone(&rows), nudge.clone());
            let threshold = ROWS_PER_WRITER * started;
            let may_grow = started < most;
            writers.spawn(async move {
                let mut grown = !may_grow;
                loop {
                    let batch = receiver.lock().await.recv().await;
                    let Some(batch) = batch else { break };
                    let all = rows.fetch_add(batch.num_rows() as u64, Ordering::Relaxed);
                    writer.write(batch).await?;
                    if !grown && all >= threshold {
                        grown = true;
                        let _ = nudge.send(());
                    }
                }
                writer.flush().await
            });
            Ok(())
        };
        start(&mut writers).map_err(|error| self.write_error(error))?;
        let mut adds = Vec::new();
        while !writers.is_empty() {
            tokio::select! {
                Some(()) = nudged.recv() => {
                    start(&mut writers).map_err(|error| self.write_error(error))?;
                }
                Some(done) = writers.join_next() => {
                    let written = done.map_err(|error| self.write_error(DeltaTableError::generic(error.to_string())))?;
                    adds.extend(written.map_err(|error| self.write_error(error))?);
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
        self.adds = adds;
        Ok(())
    }

    async fn commit(
        self: Box<Self>,
        intent: CommitIntent,
        counts: &WriteCounts,
    ) -> Result<CommitOutcome, PortError> {
        let read = |error| read_error(&self.location, error);
        let relation = intent.relation.to_string();
        let fence = log::fence_id(&format!("{}/{relation}", intent.project));
        let generation = match &self.table {
            Some(table) => {
                let log_store = table.log_store();
                let snapshot = table.snapshot().map_err(read)?;
                let last = snapshot.transaction_version(&log_store, &fence).await.map_err(read)?;
                last.unwrap_or(0) + 1
            }
            None => 1,
        };
        let mut transactions: Vec<Transaction> = intent
            .sources
            .iter()
            .map(|source| {
                let id = log::cursor_id(&intent.project, &relation, &source.table_id);
                // No `lastUpdated`: an entry without it never expires.
                Transaction::new(id, i64::try_from(source.to).unwrap_or(i64::MAX))
            })
            .collect();
        transactions.push(Transaction::new(fence, generation));
        let table_id = self.base.as_ref().map(|base| base.table_id.clone());
        let record = CommitRecord::new(intent, generation, counts);
        let properties = CommitProperties::default()
            .with_metadata(metadata(&record, table_id.as_deref())?)
            .with_application_transactions(transactions)
            // A commit that finds the table moved must not be rebased: what it replaces is the
            // content of its own snapshot.
            .with_max_retries(0);
        let (files, bytes) =
            (self.adds.len() as u64, self.adds.iter().map(|add| add.size.unsigned_abs()).sum());
        let (location, run_id) = (self.location.clone(), record.run_id.clone());
        let next = self.base.as_ref().map_or(0, |base| base.version + 1);
        let attempt = self.attempt(properties).await;
        let receipt = |version, table_id, warning| {
            CommitOutcome::Committed(CommitReceipt {
                version,
                table_id,
                rows: record.rows,
                bytes,
                files,
                warning,
            })
        };
        match attempt {
            Ok((version, table_id)) => Ok(receipt(version, table_id, None)),
            Err((Attempt::Moved(detail), _)) => Ok(CommitOutcome::Conflict { detail }),
            Err((Attempt::Failed(error), url)) => {
                // The log entry may be durable all the same: what runs after it, such as writing a
                // checkpoint, fails with an error too. The log itself knows.
                let folder = crate::location::folder(&url)?;
                match log::read_entry(&folder, &location, next) {
                    Ok(Some(log::Entry {
                        table_id: Some(table_id), record: Some(found), ..
                    })) if found.run_id == run_id && found.generation == generation => {
                        Ok(receipt(next, table_id, Some(error.to_string())))
                    }
                    _ => {
                        let what = format!("cannot commit to `{location}`");
                        Err(PortError::with_source(codes::COMMIT, what, error))
                    }
                }
            }
        }
    }
}

/// Why an attempt did not end in a commit.
enum Attempt {
    /// Somebody else committed first.
    Moved(String),
    /// Anything else.
    Failed(DeltaTableError),
}

impl From<DeltaTableError> for Attempt {
    fn from(error: DeltaTableError) -> Self {
        match &error {
            DeltaTableError::Transaction {
                source:
                    TransactionError::CommitConflict(_)
                    | TransactionError::MaxCommitAttempts(_)
                    | TransactionError::VersionAlreadyExists(_),
            }
            | DeltaTableError::VersionAlreadyExists(_) => Self::Moved(error.to_string()),
            _ => Self::Failed(error),
        }
    }
}

impl DeltaTarget {
    /// One attempt to make the commit: the version and the table's identity, or why not.
    async fn attempt(
        mut self: Box<Self>,
        properties: CommitProperties,
    ) -> Result<(u64, String), (Attempt, Url)> {
        let url = self.url.clone();
        let adds: Vec<Action> =
            std::mem::take(&mut self.adds).into_iter().map(Action::Add).collect();
        let result = match self.table.take() {
            None => self.create(properties, adds).await,
            Some(table) => self.overwrite(table, properties, adds).await,
        };
        result.map_err(|attempt| (attempt, url))
    }

    async fn create(
        &self,
        properties: CommitProperties,
        adds: Vec<Action>,
    ) -> Result<(u64, String), Attempt> {
        let schema = self
            .kernel_schema()
            .map_err(|error| Attempt::Failed(DeltaTableError::generic(error.to_string())))?;
        let log_store = DeltaTableBuilder::from_url(self.url.clone())?.build_storage()?;
        let configuration = self.spec.properties.iter().map(|(k, v)| (k.clone(), Some(v.clone())));
        let mut builder = CreateBuilder::new()
            .with_log_store(log_store)
            .with_columns(schema.fields().cloned())
            .with_partition_columns(self.spec.partition_by.clone())
            .with_configuration(configuration)
            .with_save_mode(SaveMode::ErrorIfExists)
            .with_commit_properties(properties)
            .with_actions(adds);
        if let Some(description) = &self.spec.description {
            builder = builder.with_comment(description.clone());
        }
        let table = builder.await.map_err(|error| {
            // Somebody created the table between our look and the commit.
            let text = error.to_string();
            match error {
                DeltaTableError::GenericError { .. } if text.contains("already exists") => {
                    Attempt::Moved(text)
                }
                error => error.into(),
            }
        })?;
        let snapshot = table.snapshot()?;
        Ok((snapshot.version(), snapshot.metadata().id().to_owned()))
    }

    async fn overwrite(
        &self,
        table: DeltaTable,
        properties: CommitProperties,
        adds: Vec<Action>,
    ) -> Result<(u64, String), Attempt> {
        let evolution = self
            .evolution(&table)
            .map_err(|error| Attempt::Failed(DeltaTableError::generic(error.to_string())))?;
        let log_store = table.log_store();
        let snapshot = table.snapshot()?;
        let removes: Vec<Action> = snapshot
            .snapshot()
            .file_views(log_store.as_ref(), None)
            .map_ok(|file| Action::Remove(file.remove_action(true)))
            .try_collect()
            .await?;
        let actions = evolution.into_iter().chain(removes).chain(adds).collect();
        let operation = DeltaOperation::Write {
            mode: SaveMode::Overwrite,
            partition_by: (!self.spec.partition_by.is_empty())
                .then(|| self.spec.partition_by.clone()),
            predicate: None,
        };
        let done = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(Some(snapshot as &dyn TableReference), Arc::clone(&log_store), operation)
            .await?;
        Ok((done.version(), snapshot.metadata().id().to_owned()))
    }
}

/// The record as `commitInfo` keys, each with the prefix.
fn metadata(
    record: &CommitRecord,
    table_id: Option<&str>,
) -> Result<Vec<(String, Value)>, PortError> {
    let value = serde_json::to_value(record).map_err(|error| {
        PortError::with_source(codes::COMMIT, "cannot encode the commit record", error)
    })?;
    let Value::Object(fields) = value else {
        return Err(PortError::new(codes::COMMIT, "the commit record is not an object"));
    };
    // The create commit holds the table's metadata itself; later ones repeat its identity, so that
    // the newest entry alone tells the whole state.
    let table_id = table_id.map(|id| ("table_id".to_owned(), json!(id)));
    Ok(fields
        .into_iter()
        .chain(table_id)
        .map(|(key, value)| (format!("{}{key}", log::PREFIX), value))
        .collect())
}

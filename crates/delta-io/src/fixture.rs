//! Tables for tests, in memory or on disk.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::{
    record_batch::RecordBatch,
    util::display::{ArrayFormatter, FormatOptions},
};
use datafusion::{
    execution::SendableRecordBatchStream, logical_expr::LogicalPlan,
    physical_plan::stream::RecordBatchStreamAdapter, prelude::SessionContext,
};
use deltalake::logstore::ObjectStoreRef;
use object_store::memory::InMemory;
use viewlane_core::{
    CommitOutcome, CommitReceipt, DatasetStore, Pin, PortError, SkipReason, TableLocation,
    TableSpec, WriteMode,
};

use crate::{
    ConsumedStep, DeltaStore, Merge, Operation, OperationIntent, Predicate, stores::Stores,
};

/// How often each row is there, as text.
pub(crate) type Bag = BTreeMap<String, i64>;

/// One table.
pub(crate) struct Lake {
    pub(crate) store: DeltaStore,
    pub(crate) location: TableLocation,
    runs: AtomicU64,
}

impl Lake {
    /// In memory.
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(InMemory::new()))
    }

    /// In a store that is wrapped.
    pub(crate) fn over(store: ObjectStoreRef) -> Self {
        let stores = Stores::default().with_root("memory://", store);
        Self::at(DeltaStore::with_stores(stores), "memory:///lake/t")
    }

    pub(crate) fn at(store: DeltaStore, location: &str) -> Self {
        let location = TableLocation::new(location);
        Self { store, location, runs: AtomicU64::new(0) }
    }

    pub(crate) fn log_store(&self, url: &url::Url) -> deltalake::logstore::LogStoreRef {
        self.store.stores().log_store(url, &self.location).unwrap()
    }

    /// An intent of a run that no other is of.
    pub(crate) fn intent(&self) -> OperationIntent {
        let run = self.runs.fetch_add(1, Ordering::Relaxed);
        let run_id = format!("run {run}");
        OperationIntent { owner: "p/v".to_owned(), run_id, ..OperationIntent::default() }
    }

    /// The same with what it consumes of a source.
    pub(crate) fn step(&self, source: &str, from: Option<u64>, to: u64) -> OperationIntent {
        let step = ConsumedStep::Advance { from, to };
        let consumed = BTreeMap::from([(source.to_owned(), step)]);
        OperationIntent { consumed, ..self.intent() }
    }

    pub(crate) async fn operate(
        &self,
        operation: Operation,
        intent: OperationIntent,
    ) -> Result<CommitOutcome, PortError> {
        self.store.operate(&self.location, operation, intent).await
    }

    /// Does something that is to be done.
    pub(crate) async fn done(&self, operation: Operation) -> CommitReceipt {
        committed(self.operate(operation, self.intent()).await.unwrap())
    }

    /// Why something is not done.
    pub(crate) async fn refused(&self, operation: Operation) -> String {
        let version = self.version().await;
        let error = self.operate(operation, self.intent()).await.unwrap_err();
        assert_eq!(self.version().await, version, "nothing is committed");
        told(&error)
    }

    pub(crate) async fn version(&self) -> Option<u64> {
        let history = self.store.history(&self.location, 1).await.unwrap();
        history.map(|history| history[0].version)
    }

    pub(crate) async fn rows(&self) -> Bag {
        self.rows_at(Pin::Latest).await
    }

    pub(crate) async fn rows_at(&self, pin: Pin) -> Bag {
        let table = self.store.open(&self.location, pin).await.unwrap();
        let session = SessionContext::new();
        bag(&session.read_table(table.provider).unwrap().collect().await.unwrap())
    }
}

/// An error with its code and its causes, without what differs from run to run.
pub(crate) fn told(error: &PortError) -> String {
    use std::error::Error;
    use viewlane_core::Kinded;
    let mut text = format!("{}: {error}", error.code());
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("\n  {cause}"));
        source = cause.source();
    }
    text
}

pub(crate) fn committed(outcome: CommitOutcome) -> CommitReceipt {
    match outcome {
        CommitOutcome::Committed(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn is_skipped(outcome: &CommitOutcome) -> bool {
    matches!(outcome, CommitOutcome::Skipped { because: SkipReason::AlreadyCommitted, .. })
}

pub(crate) fn bag(batches: &[RecordBatch]) -> Bag {
    let options = FormatOptions::default().with_null("NULL");
    let mut bag = Bag::new();
    for batch in batches {
        let columns: Vec<_> = batch
            .columns()
            .iter()
            .map(|column| ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
            .collect();
        for row in 0..batch.num_rows() {
            let cells = columns.iter().map(|column| column.value(row).to_string());
            *bag.entry(cells.collect::<Vec<_>>().join("|")).or_default() += 1;
        }
    }
    bag
}

pub(crate) fn bag_of(rows: &[&str]) -> Bag {
    let mut bag = Bag::new();
    rows.iter().for_each(|row| *bag.entry((*row).to_owned()).or_default() += 1);
    bag
}

/// The rows of a query, as at least one batch.
pub(crate) async fn batches(sql: &str) -> Vec<RecordBatch> {
    let frame = SessionContext::new().sql(sql).await.unwrap();
    let empty = RecordBatch::new_empty(Arc::clone(frame.schema().inner()));
    let mut batches = frame.collect().await.unwrap();
    if batches.is_empty() {
        batches.push(empty);
    }
    batches
}

pub(crate) fn streams(batches: Vec<RecordBatch>) -> Vec<SendableRecordBatchStream> {
    let schema = batches[0].schema();
    let batches = futures::stream::iter(batches.into_iter().map(Ok));
    vec![Box::pin(RecordBatchStreamAdapter::new(schema, batches))]
}

pub(crate) async fn write(mode: WriteMode, sql: &str) -> Operation {
    let rows = batches(sql).await;
    Operation::Write {
        mode,
        schema: rows[0].schema(),
        spec: TableSpec::default(),
        rows: streams(rows),
    }
}

pub(crate) async fn append(sql: &str) -> Operation {
    write(WriteMode::Append, sql).await
}

pub(crate) async fn replace_where(predicate: &str, sql: &str) -> Operation {
    write(WriteMode::ReplaceWhere { predicate: predicate.to_owned() }, sql).await
}

pub(crate) fn delete(predicate: &str) -> Operation {
    Operation::Delete { predicate: Predicate::Sql(predicate.to_owned()) }
}

pub(crate) fn update(predicate: &str, column: &str, value: &str) -> Operation {
    let set = BTreeMap::from([(column.to_owned(), Predicate::Sql(value.to_owned()))]);
    Operation::Update { predicate: Predicate::Sql(predicate.to_owned()), set }
}

pub(crate) async fn plan(sql: &str) -> LogicalPlan {
    SessionContext::new().sql(sql).await.unwrap().into_optimized_plan().unwrap()
}

pub(crate) async fn merge(keys: &[&str], delete_when: Option<&str>, sql: &str) -> Operation {
    Operation::Merge(Merge {
        source: plan(sql).await,
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        delete_when: delete_when.map(str::to_owned),
        update: true,
        insert: true,
    })
}

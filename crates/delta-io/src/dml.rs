//! Tables that SQL writes to: what it inserts, deletes and updates goes through the guarded commit.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    datasource::{
        TableType,
        sink::{DataSink, DataSinkExec},
    },
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    logical_expr::{Expr, TableProviderFilterPushDown, dml::InsertOp, utils::conjunction},
    physical_plan::{
        DisplayAs, DisplayFormatType, ExecutionPlan, empty::EmptyExec,
        stream::RecordBatchStreamAdapter,
    },
};
use futures::StreamExt;
use serde_json::Value;
use viewlane_core::{CommitOutcome, PortError, TableLocation, TableSpec, WriteMode};

use crate::{DeltaStore, Operation, OperationIntent, Predicate, codes};

/// A table at a pin that can be written to. What is written shows once the table is opened again.
pub(crate) struct Writable {
    pub(crate) store: DeltaStore,
    pub(crate) location: TableLocation,
    pub(crate) inner: Arc<dyn TableProvider>,
    pub(crate) intent: OperationIntent,
    /// Statements so far, so that each has a run of its own.
    pub(crate) statements: AtomicU64,
}

impl fmt::Debug for Writable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writable").field("location", &self.location).finish_non_exhaustive()
    }
}

impl Writable {
    fn plan(&self, input: Arc<dyn ExecutionPlan>, statement: Statement) -> Arc<dyn ExecutionPlan> {
        let number = self.statements.fetch_add(1, Ordering::Relaxed);
        let run_id = format!("{}/{number}", self.intent.run_id);
        let sink = Sink {
            store: self.store.clone(),
            location: self.location.clone(),
            intent: OperationIntent { run_id, ..self.intent.clone() },
            schema: input.schema(),
            statement,
        };
        Arc::new(DataSinkExec::new(input, Arc::new(sink), None))
    }

    fn without_input(&self, statement: Statement) -> Arc<dyn ExecutionPlan> {
        self.plan(Arc::new(EmptyExec::new(Arc::new(Schema::empty()))), statement)
    }

    /// What is true of the rows that are meant. A statement that means all says so.
    fn predicate(&self, filters: Vec<Expr>) -> Result<Predicate, DataFusionError> {
        let predicate = conjunction(filters).ok_or_else(|| {
            let message = format!(
                "a statement without WHERE would mean every row of `{}`; write `WHERE true` if it does",
                self.location
            );
            external(PortError::new(codes::PREDICATE, message))
        })?;
        Ok(predicate.into())
    }
}

#[async_trait]
impl TableProvider for Writable {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        self.inner.supports_filters_pushdown(filters)
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        self.inner.scan(session, projection, filters, limit).await
    }

    async fn insert_into(
        &self,
        _: &dyn Session,
        input: Arc<dyn ExecutionPlan>,
        op: InsertOp,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let mode = match op {
            InsertOp::Append => WriteMode::Append,
            InsertOp::Overwrite => WriteMode::Overwrite,
            InsertOp::Replace => {
                return Err(DataFusionError::NotImplemented(format!(
                    "REPLACE INTO `{}`: a table without a key cannot tell which rows to replace",
                    self.location
                )));
            }
        };
        Ok(self.plan(input, Statement::Insert(mode)))
    }

    async fn delete_from(
        &self,
        _: &dyn Session,
        filters: Vec<Expr>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let predicate = self.predicate(filters)?;
        Ok(self.without_input(Statement::Delete(predicate)))
    }

    async fn update(
        &self,
        _: &dyn Session,
        assignments: Vec<(String, Expr)>,
        filters: Vec<Expr>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let predicate = self.predicate(filters)?;
        Ok(self.without_input(Statement::Update(predicate, assignments)))
    }

    async fn truncate(&self, _: &dyn Session) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let all = datafusion::logical_expr::lit(true);
        Ok(self.without_input(Statement::Delete(all.into())))
    }
}

enum Statement {
    Insert(WriteMode),
    Delete(Predicate),
    Update(Predicate, Vec<(String, Expr)>),
}

/// Carries a statement out when the plan runs.
struct Sink {
    store: DeltaStore,
    location: TableLocation,
    intent: OperationIntent,
    schema: SchemaRef,
    statement: Statement,
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sink").field("location", &self.location).finish_non_exhaustive()
    }
}

impl DisplayAs for Sink {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.statement {
            Statement::Insert(_) => "insert into",
            Statement::Delete(_) => "delete from",
            Statement::Update(..) => "update",
        };
        write!(f, "{verb} `{}`", self.location)
    }
}

#[async_trait]
impl DataSink for Sink {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    async fn write_all(
        &self,
        data: SendableRecordBatchStream,
        _: &Arc<TaskContext>,
    ) -> Result<u64, DataFusionError> {
        let rows = Arc::new(AtomicU64::new(0));
        let (operation, changed) = match &self.statement {
            Statement::Insert(mode) => {
                let counted = Arc::clone(&rows);
                let schema = data.schema();
                let data = data.inspect(move |batch| {
                    let rows = batch.as_ref().map_or(0, |batch| batch.num_rows() as u64);
                    counted.fetch_add(rows, Ordering::Relaxed);
                });
                let stream = RecordBatchStreamAdapter::new(Arc::clone(&schema), data);
                let operation = Operation::Write {
                    mode: mode.clone(),
                    schema,
                    spec: TableSpec::default(),
                    rows: vec![Box::pin(stream)],
                };
                (operation, None)
            }
            Statement::Delete(predicate) => {
                (Operation::Delete { predicate: predicate.clone() }, Some("num_deleted_rows"))
            }
            Statement::Update(predicate, set) => {
                let set = set.iter().map(|(name, value)| (name.clone(), value.clone().into()));
                let (predicate, set) = (predicate.clone(), set.collect());
                (Operation::Update { predicate, set }, Some("num_updated_rows"))
            }
        };
        let outcome = self.store.operate(&self.location, operation, self.intent.clone()).await;
        match (outcome.map_err(external)?, changed) {
            (CommitOutcome::Committed(_), None) => Ok(rows.load(Ordering::Relaxed)),
            (CommitOutcome::Committed(receipt), Some(count)) => {
                let place = self.store.entry(&self.location, receipt.version).await;
                Ok(place.map_err(external)?["operationMetrics"][count].as_u64().unwrap_or(0))
            }
            (CommitOutcome::Skipped { .. }, _) => Ok(0),
            (CommitOutcome::Conflict { detail }, _) => {
                let message = format!("somebody else wrote `{}` first: {detail}", self.location);
                Err(external(PortError::new(codes::CONFLICT, message)))
            }
            (other, _) => Err(DataFusionError::Internal(format!("unknown outcome {other:?}"))),
        }
    }
}

fn external(error: PortError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

/// What a commit says about itself.
pub(crate) fn commit_info(entry: &[u8]) -> Value {
    let lines = entry.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut infos = lines.filter_map(|line| {
        let action: Value = serde_json::from_slice(line).ok()?;
        action.get("commitInfo").cloned()
    });
    infos.next().unwrap_or_default()
}

#[cfg(test)]
mod tests;

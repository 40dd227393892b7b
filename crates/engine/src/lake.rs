//! The stored tables of a project as what `viewlane.files`, `delta_history`, `read_delta` and
//! `read_delta_cdf` read.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{
        ArrayRef, Int64Array, RecordBatch, StringArray, TimestampMillisecondArray, UInt64Array,
    },
    datatypes::SchemaRef,
    error::ArrowError,
};
use async_trait::async_trait;
use datafusion::{
    catalog::{MemTable, Session, TableProvider},
    datasource::TableType,
    error::DataFusionError,
    logical_expr::Expr,
    physical_plan::ExecutionPlan,
};
use tokio::{runtime::Handle, task::block_in_place};
use viewlane_core::{
    ChangeSet, DatasetStore, HistoryEntry, Pin, PortError, RelationName, TableLocation,
    VersionRange, nearest,
};
use viewlane_udf_catalog::{DeltaCall, DeltaFunctions};

use crate::{Compiled, verify::source_location};

/// The tables of a lake by the names that a project gives them.
#[derive(Debug)]
pub(crate) struct Lake {
    store: Arc<dyn DatasetStore>,
    tables: BTreeMap<String, TableLocation>,
}

impl Lake {
    /// Every stored view, seed and source.
    pub(crate) fn new(compiled: &Compiled, store: Arc<dyn DatasetStore>) -> Self {
        let named = |name: &RelationName| {
            source_location(compiled, name).map(|location| (name.to_string(), location))
        };
        Self { store, tables: compiled.graph.order().filter_map(named).collect() }
    }

    fn location(&self, table: &str) -> Result<&TableLocation, DataFusionError> {
        self.tables.get(table).ok_or_else(|| {
            let names = self.tables.keys().map(String::as_str);
            let help = match nearest(table, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "name a stored view, a seed or a source".to_owned(),
            };
            DataFusionError::Plan(format!("nothing is stored under the name `{table}`; {help}"))
        })
    }

    async fn read(&self, call: DeltaCall) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        let at = |version: Option<u64>| version.map_or(Pin::Latest, Pin::Version);
        let failed = |error: PortError| DataFusionError::External(Box::new(error));
        match call {
            DeltaCall::Rows { table, version } => {
                let opened = self.store.open(self.location(&table)?, at(version)).await;
                Ok(opened.map_err(failed)?.provider)
            }
            DeltaCall::Files { table, version } => {
                self.store.file_index(self.location(&table)?, at(version)).await.map_err(failed)
            }
            DeltaCall::History { table, most } => {
                let most =
                    most.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX));
                let history = self.store.history(self.location(&table)?, most).await;
                versions(&history.map_err(failed)?.unwrap_or_default())
            }
            DeltaCall::Changes { table, from, to } => {
                let location = self.location(&table)?;
                let opened = self.store.open(location, at(to)).await.map_err(failed)?;
                let Some(known) = from.checked_sub(1) else {
                    let message = "version 0 made the table; ask for changes from 1 on";
                    return Err(DataFusionError::Plan(message.to_owned()));
                };
                let table_id = opened.table_id;
                let range = VersionRange { table_id, from: known, to: opened.version };
                match self.store.changes(location, &range).await.map_err(failed)? {
                    ChangeSet::Changes(changes) => Ok(Arc::new(Whole(changes.provider))),
                    ChangeSet::Cannot(why) => Err(DataFusionError::Plan(format!(
                        "the changes of `{table}` cannot be told: {why}"
                    ))),
                }
            }
            _ => Err(DataFusionError::NotImplemented("a call of another kind".to_owned())),
        }
    }
}

impl DeltaFunctions for Lake {
    fn provider(
        &self,
        call: DeltaCall,
        _: &dyn Session,
    ) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        // Planning does not wait, and a log has to be read: the other threads go on meanwhile.
        block_in_place(|| Handle::current().block_on(self.read(call)))
    }
}

/// A relation that a plan scans as one, whatever it is made of.
#[derive(Debug)]
struct Whole(Arc<dyn TableProvider>);

#[async_trait]
impl TableProvider for Whole {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::View
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        self.0.scan(state, projection, filters, limit).await
    }
}

/// Versions of a table, newest first, as a relation.
fn versions(history: &[HistoryEntry]) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let batch = version_columns(history)?;
    Ok(Arc::new(MemTable::try_new(batch.schema(), vec![vec![batch]])?))
}

fn version_columns(history: &[HistoryEntry]) -> Result<RecordBatch, ArrowError> {
    let records = || history.iter().map(|entry| entry.record.as_ref());
    let committed_at = history.iter().map(|entry| entry.at);
    let committed_at = TimestampMillisecondArray::from_iter(committed_at).with_timezone("UTC");
    let text = |texts: Vec<Option<String>>| Arc::new(StringArray::from(texts)) as ArrayRef;
    RecordBatch::try_from_iter_with_nullable([
        (
            "version",
            Arc::new(UInt64Array::from_iter_values(history.iter().map(|entry| entry.version)))
                as ArrayRef,
            false,
        ),
        ("committed_at", Arc::new(committed_at), true),
        ("operation", text(history.iter().map(|entry| entry.operation.clone()).collect()), true),
        (
            "files_added",
            Arc::new(UInt64Array::from_iter_values(history.iter().map(|entry| entry.files_added))),
            false,
        ),
        (
            "files_removed",
            Arc::new(UInt64Array::from_iter_values(
                history.iter().map(|entry| entry.files_removed),
            )),
            false,
        ),
        (
            "rows",
            Arc::new(
                records()
                    .map(|record| Some(i64::try_from(record?.rows).unwrap_or(i64::MAX)))
                    .collect::<Int64Array>(),
            ),
            true,
        ),
        ("mode", text(records().map(|record| Some(record?.mode.to_string())).collect()), true),
        ("run_id", text(records().map(|record| Some(record?.run_id.clone())).collect()), true),
        (
            "definition",
            text(records().map(|record| Some(record?.definition.to_string())).collect()),
            true,
        ),
    ])
}

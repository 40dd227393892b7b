//! One pending write of rows: files first, then one commit that makes them visible.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    execution::SendableRecordBatchStream,
    logical_expr::{Expr, LogicalPlanBuilder},
};
use deltalake::{
    DeltaTable, DeltaTableError,
    kernel::{
        Action, Add, Metadata, Protocol, StructField, StructType,
        engine::arrow_conversion::TryIntoKernel,
        transaction::{CommitBuilder, CommitProperties, TableReference},
    },
    logstore::LogStoreRef,
    operations::create::CreateBuilder,
    protocol::{DeltaOperation, SaveMode},
};
use futures::TryStreamExt;
use serde_json::json;
use viewlane_core::{
    CommitIntent, CommitOutcome, DatasetState, PortError, TableLocation, TableSpec, WriteCounts,
    WriteMode, WriteTarget,
};

use crate::{
    border, codes,
    datafiles::DataFiles,
    guard::{Pass, Ticket},
    index::FileIndex,
    protocol::Asked,
    session,
    store::read_error,
};

/// What a table that is created asks of its columns.
#[derive(Debug, Default)]
pub(crate) struct ColumnRules {
    pub(crate) not_null: BTreeSet<String>,
    pub(crate) generated: BTreeMap<String, String>,
}

impl ColumnRules {
    /// The columns with the rules in them.
    fn put_into(
        &self,
        schema: &StructType,
        location: &TableLocation,
    ) -> Result<Vec<StructField>, PortError> {
        let named = self.not_null.iter().chain(self.generated.keys());
        if let Some(unknown) = named.into_iter().find(|name| schema.field(name).is_none()) {
            let message = format!("`{location}` has no column `{unknown}`");
            return Err(PortError::new(codes::PREDICATE, message));
        }
        let fields = schema.fields().map(|field| {
            let mut field = field.clone();
            if self.not_null.contains(field.name()) {
                field.nullable = false;
            }
            match self.generated.get(field.name()) {
                None => field,
                Some(text) => field.with_metadata([("delta.generationExpression", text.as_str())]),
            }
        });
        Ok(fields.collect())
    }
}

/// One pending write to one table, on one snapshot.
pub(crate) struct DeltaTarget {
    pub(crate) location: TableLocation,
    pub(crate) log_store: LogStoreRef,
    pub(crate) base: Option<DatasetState>,
    /// The snapshot the commit is built on. `None` creates the table.
    pub(crate) table: Option<DeltaTable>,
    pub(crate) mode: WriteMode,
    /// Rows for which this is true go, where the mode is to replace them.
    pub(crate) replaced: Option<Expr>,
    /// The columns of the table after the commit.
    pub(crate) schema: SchemaRef,
    pub(crate) spec: TableSpec,
    pub(crate) files: DataFiles,
    pub(crate) columns: ColumnRules,
    pub(crate) adds: Vec<Add>,
}

impl DeltaTarget {
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
    let mut asked = Asked::of(protocol)?;
    if asked.readers.iter().any(|name| name == FEATURE) {
        return Ok(None);
    }
    asked.readers.push(FEATURE.to_owned());
    asked.writers.push(FEATURE.to_owned());
    serde_json::from_value(json!({
        "minReaderVersion": 3,
        "minWriterVersion": 7,
        "readerFeatures": asked.readers,
        "writerFeatures": asked.writers,
    }))
    .map(Some)
}

impl fmt::Debug for DeltaTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeltaTarget")
            .field("location", &self.location)
            .field("version", &self.base.as_ref().map(|base| base.version))
            .field("mode", &self.mode)
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
        self.adds = self.files.write(streams).await?;
        Ok(())
    }

    async fn commit(
        self: Box<Self>,
        intent: CommitIntent,
        counts: &WriteCounts,
    ) -> Result<CommitOutcome, PortError> {
        let replaces = self.mode == WriteMode::Overwrite;
        let ticket = Ticket::of_refresh(intent, counts, replaces);
        match ticket.check(self.table.as_ref(), &self.location).await? {
            Ok(pass) => self.finish(pass).await,
            Err(outcome) => Ok(outcome),
        }
    }
}

impl DeltaTarget {
    /// The commit of what was written.
    pub(crate) async fn finish(mut self, mut pass: Pass) -> Result<CommitOutcome, PortError> {
        let properties = std::mem::take(&mut pass.properties);
        let attempt = match self.table.take() {
            None => {
                let schema = self.kernel_schema()?;
                let fields = self.columns.put_into(&schema, &self.location)?;
                self.create(properties, fields).await
            }
            Some(table) => {
                let actions = self.actions(&table).await?;
                self.append(&table, properties, actions).await
            }
        };
        pass.settle(&self.log_store, &self.location, attempt).await
    }

    async fn create(
        &mut self,
        properties: CommitProperties,
        fields: Vec<StructField>,
    ) -> Result<(), DeltaTableError> {
        let adds = std::mem::take(&mut self.adds).into_iter().map(Action::Add);
        let configuration = self.spec.properties.iter().map(|(k, v)| (k.clone(), Some(v.clone())));
        let mut builder = CreateBuilder::new()
            .with_log_store(Arc::clone(&self.log_store))
            .with_columns(fields)
            .with_partition_columns(self.spec.partition_by.clone())
            .with_configuration(configuration)
            .with_save_mode(SaveMode::ErrorIfExists)
            .with_commit_properties(properties)
            .with_actions(adds);
        if let Some(description) = &self.spec.description {
            builder = builder.with_comment(description.clone());
        }
        builder.await.map(drop).map_err(|error| {
            // Somebody created the table between our look and the commit.
            match error {
                DeltaTableError::GenericError { source }
                    if source.to_string().contains("already exists") =>
                {
                    DeltaTableError::VersionAlreadyExists(0)
                }
                error => error,
            }
        })
    }

    /// What the commit does to the table.
    async fn actions(&mut self, table: &DeltaTable) -> Result<Vec<Action>, PortError> {
        let read = |error| read_error(&self.location, error);
        let snapshot = table.snapshot().map_err(read)?;
        let mut actions = Vec::new();
        match (&self.mode, self.replaced.take()) {
            (WriteMode::Overwrite, _) => {
                actions.extend(self.evolution(table)?);
                let removes: Vec<Action> = snapshot
                    .snapshot()
                    .file_views(self.log_store.as_ref(), None)
                    .map_ok(|file| Action::Remove(file.remove_action(true)))
                    .try_collect()
                    .await
                    .map_err(read)?;
                actions.extend(removes);
            }
            (_, Some(predicate)) => actions.extend(self.survivors(table, predicate).await?),
            (_, None) => {}
        }
        actions.extend(std::mem::take(&mut self.adds).into_iter().map(Action::Add));
        Ok(actions)
    }

    /// The files that may hold replaced rows go, and the rows of them that stay come again.
    async fn survivors(
        &self,
        table: &DeltaTable,
        predicate: Expr,
    ) -> Result<Vec<Action>, PortError> {
        let index = FileIndex::of(table, &self.location).await?;
        let found = index.candidates(std::slice::from_ref(&predicate));
        if found.files.is_empty() {
            return Ok(Vec::new());
        }
        let failed = |error| {
            let what = format!("cannot read the rows of `{}` that stay", self.location);
            PortError::with_source(codes::READ, what, error)
        };
        let session = session::session(&self.log_store);
        let scan = index.scan(table, &found.files, crate::store::scan_config()).map_err(failed)?;
        let source = datafusion::datasource::provider_as_source(scan);
        let plan = LogicalPlanBuilder::scan("stays", source, None)
            .and_then(|plan| plan.filter(predicate.is_not_true()))
            .and_then(LogicalPlanBuilder::build)
            .map_err(failed)?;
        let plan = session.create_physical_plan(&plan).await.map_err(failed)?;
        let streams = datafusion::physical_plan::execute_stream_partitioned(
            plan,
            datafusion::catalog::Session::task_ctx(&session),
        )
        .map_err(failed)?;
        // They are in the table already, so no rule is asked of them again.
        let admission =
            crate::admission::Admission::of_columns(&self.location, Arc::clone(&self.schema));
        let partition_by = index.partition_columns.clone();
        let log_store = Arc::clone(&self.log_store);
        let files =
            DataFiles::new(&self.location, log_store, Some(table), admission, partition_by)?;
        let stay = files.write(streams).await?;
        let gone = index.removes(&found.files);
        Ok(gone.into_iter().map(Action::Remove).chain(stay.into_iter().map(Action::Add)).collect())
    }

    async fn append(
        &self,
        table: &DeltaTable,
        properties: CommitProperties,
        actions: Vec<Action>,
    ) -> Result<(), DeltaTableError> {
        let snapshot = table.snapshot()?;
        let partition_by = snapshot.metadata().partition_columns().to_vec();
        let (mode, predicate) = match &self.mode {
            WriteMode::Append => (SaveMode::Append, None),
            WriteMode::ReplaceWhere { predicate } => (SaveMode::Overwrite, Some(predicate.clone())),
            _ => (SaveMode::Overwrite, None),
        };
        let partition_by = match &self.mode {
            WriteMode::Overwrite => self.spec.partition_by.clone(),
            _ => partition_by,
        };
        let partition_by = (!partition_by.is_empty()).then_some(partition_by);
        let operation = DeltaOperation::Write { mode, partition_by, predicate };
        commit_actions(table, properties, actions, operation).await
    }
}

/// One commit of actions on the snapshot of a table.
pub(crate) async fn commit_actions(
    table: &DeltaTable,
    properties: CommitProperties,
    actions: Vec<Action>,
    operation: DeltaOperation,
) -> Result<(), DeltaTableError> {
    let snapshot = table.snapshot()?;
    CommitBuilder::from(properties)
        .with_actions(actions)
        .build(Some(snapshot as &dyn TableReference), table.log_store(), operation)
        .await
        .map(drop)
}

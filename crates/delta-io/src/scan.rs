//! Data files of a table, read by the engine's own Parquet scan.
//!
//! The files are named by whoever makes the scan; nothing of the log is looked at. That holds only
//! for files whose rows are all there and under their own names: no deletion vector, no column
//! mapping.

use std::{collections::BTreeMap, fmt, sync::Arc};

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::{ScalarValue, config::TableParquetOptions},
    datasource::{
        TableType,
        listing::PartitionedFile,
        object_store::ObjectStoreUrl,
        physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource},
        source::DataSourceExec,
        table_schema::TableSchema,
    },
    error::DataFusionError,
    logical_expr::Expr,
    physical_plan::ExecutionPlan,
};
use deltalake::{
    DeltaTable, DeltaTableError, ObjectMeta, Path,
    kernel::{Add, Snapshot},
    logstore::LogStoreRef,
};
use url::Position;
use viewlane_core::{COMMIT_VERSION, WEIGHT};

/// Where the store has what the log calls by this path.
pub(crate) fn stored(path: &str) -> Path {
    Path::parse(path).unwrap_or_else(|_| Path::from(path))
}

/// One file to be read.
#[derive(Clone, Debug)]
pub(crate) struct ScannedFile {
    /// As the log has it, decoded.
    pub(crate) path: String,
    /// In bytes.
    pub(crate) size: u64,
    partition_values: BTreeMap<String, Option<String>>,
    version: u64,
}

impl ScannedFile {
    /// A file that came in a version.
    pub(crate) fn came(add: &Add, version: u64) -> Self {
        Self {
            path: add.path.clone(),
            size: u64::try_from(add.size).unwrap_or(0),
            partition_values: add.partition_values.clone().into_iter().collect(),
            version,
        }
    }
}

/// Files that came, as changes of weight one.
pub(crate) struct FileScan {
    table: DeltaTable,
    store: ObjectStoreUrl,
    /// As the provider shows it.
    schema: SchemaRef,
    /// As the scan has it: what is in the files first, then what their folders say.
    scanned: TableSchema,
    /// For each column of `schema` its place in `scanned`.
    places: Vec<usize>,
    files: Vec<PartitionedFile>,
}

impl fmt::Debug for FileScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileScan").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl FileScan {
    /// A scan of files of the table that `snapshot` is of. `columns` are those of the table,
    /// `schema` the same with weight and version behind them.
    pub(crate) fn new(
        log_store: &LogStoreRef,
        snapshot: &Snapshot,
        columns: &SchemaRef,
        schema: &SchemaRef,
        files: Vec<ScannedFile>,
    ) -> Result<Self, DeltaTableError> {
        let partition_columns = snapshot.metadata().partition_columns();
        let field = |name: &str| -> Result<FieldRef, DeltaTableError> {
            Ok(Arc::new(schema.field_with_name(name)?.clone()))
        };
        let mut partitions = Vec::new();
        for name in partition_columns.iter().map(String::as_str).chain([WEIGHT, COMMIT_VERSION]) {
            partitions.push(field(name)?);
        }
        let own = columns.fields().iter().filter(|field| !partition_columns.contains(field.name()));
        let own = own.map(|column| field(column.name())).collect::<Result<Vec<_>, _>>()?;
        let scanned = TableSchema::builder(Arc::new(Schema::new(own)))
            .with_table_partition_cols(partitions.clone())
            .build();
        let places =
            schema.fields().iter().map(|field| scanned.table_schema().index_of(field.name()));
        let places = places.collect::<Result<Vec<_>, _>>()?;
        let root = log_store.root_url();
        let base = Path::from_url_path(root.path())?;
        let files = files.into_iter().map(|file| {
            let location = Path::from_iter(base.parts().chain(stored(&file.path).parts()));
            let values = partition_columns.iter().zip(&partitions).map(|(name, field)| match file
                .partition_values
                .get(name)
            {
                Some(Some(value)) => ScalarValue::try_from_string(value.clone(), field.data_type()),
                Some(None) | None => ScalarValue::try_from(field.data_type()),
            });
            let own = [ScalarValue::Int64(Some(1)), ScalarValue::UInt64(Some(file.version))];
            let values = values.chain(own.map(Ok)).collect::<Result<Vec<_>, _>>()?;
            let meta = ObjectMeta {
                location,
                size: file.size,
                last_modified: chrono::DateTime::UNIX_EPOCH,
                e_tag: None,
                version: None,
            };
            let mut scanned = PartitionedFile::from(meta);
            scanned.partition_values = values;
            Ok::<_, DataFusionError>(scanned)
        });
        let files = files.collect::<Result<Vec<_>, _>>()?;
        Ok(Self {
            table: DeltaTable::new(Arc::clone(log_store)),
            store: ObjectStoreUrl::parse(&root[..Position::BeforePath])?,
            schema: Arc::clone(schema),
            scanned,
            places,
            files,
        })
    }
}

#[async_trait]
impl TableProvider for FileScan {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        self.table.update_datafusion_session(session)?;
        let places = match projection {
            Some(projection) => projection.iter().map(|column| self.places[*column]).collect(),
            None => self.places.clone(),
        };
        let options = TableParquetOptions {
            global: session.config_options().execution.parquet.clone(),
            ..TableParquetOptions::default()
        };
        let source = ParquetSource::new(self.scanned.clone()).with_table_parquet_options(options);
        let groups =
            FileGroup::new(self.files.clone()).split_files(session.config().target_partitions());
        let config = FileScanConfigBuilder::new(self.store.clone(), Arc::new(source))
            .with_file_groups(groups)
            .with_projection_indices(Some(places))?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

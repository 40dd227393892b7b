use std::{fs, io, path::PathBuf, sync::Arc};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use deltalake::{
    DeltaTable, DeltaTableBuilder, DeltaTableError,
    delta_datafusion::{DeltaScanConfig, DeltaScanNext},
};
use url::Url;
use viewlane_core::{
    ChangeSet, DatasetState, DatasetStore, HistoryEntry, Maintenance, MaintenanceReport,
    OpenDataset, Pin, PortError, TableLocation, TableSpec, VersionRange, WriteMode, WriteTarget,
};

use crate::{border, changes, codes, commit::DeltaTarget, location, log, maintain};

/// Size at which a data file is closed and the next one begun, in bytes.
pub const TARGET_FILE_BYTES: u64 = 128 * 1024 * 1024;

/// Delta tables on local disk.
#[derive(Clone, Debug, Default)]
pub struct DeltaStore {}

impl DeltaStore {
    /// A store without any state: what it knows is in the tables.
    pub fn new() -> Self {
        Self {}
    }

    async fn load(url: &Url, pin: Pin) -> Result<DeltaTable, DeltaTableError> {
        let builder = DeltaTableBuilder::from_url(url.clone())?;
        match pin {
            Pin::Version(version) => builder.with_version(version).load().await,
            Pin::Latest => builder.load().await,
        }
    }

    /// The state as the snapshot tells it, with the record looked for in the entries below it.
    async fn state_of(
        table: &DeltaTable,
        location: &TableLocation,
        owner: &str,
    ) -> Result<DatasetState, PortError> {
        let read = |error| read_error(location, error);
        let snapshot = table.snapshot().map_err(read)?;
        let version = snapshot.version();
        let log_store = table.log_store();
        let mut record = None;
        let mut changed_since = false;
        for at in (0..=version).rev() {
            let Some(bytes) = log_store.read_commit_entry(at).await.map_err(read)? else {
                break;
            };
            let entry = log::parse_entry(&bytes, location, at)?;
            if let Some(found) = entry.record {
                record = Some((at, found));
                break;
            }
            changed_since |= entry.changes_data;
        }
        // Transactions survive the cleaning of old entries; records do not.
        let fence = log::fence_id(owner);
        let generation = snapshot.transaction_version(&log_store, fence).await.map_err(read)?;
        let table_id = snapshot.metadata().id().to_owned();
        Ok(DatasetState { table_id, version, record, generation, changed_since })
    }
}

/// The one scan configuration: plain partition values, view types, filters evaluated above the scan.
/// Fixed, because the two ways to build a provider have different defaults, and types would depend
/// on which way a table came in.
pub(crate) fn scan_config() -> DeltaScanConfig {
    DeltaScanConfig {
        file_column_name: None,
        wrap_partition_values: false,
        enable_parquet_pushdown: false,
        schema_force_view_types: true,
        schema: None,
    }
}

pub(crate) fn read_error(location: &TableLocation, error: DeltaTableError) -> PortError {
    PortError::with_source(codes::READ, format!("cannot read the table at `{location}`"), error)
}

fn missing(location: &TableLocation) -> PortError {
    PortError::new(codes::MISSING, format!("there is no Delta table at `{location}`"))
}

#[async_trait]
impl DatasetStore for DeltaStore {
    async fn state(
        &self,
        location: &TableLocation,
        owner: &str,
    ) -> Result<Option<DatasetState>, PortError> {
        let url = location::resolve(location)?;
        let folder = location::folder(&url)?;
        match log::state(&folder, location, owner) {
            Err(error) if log::is_needs_snapshot(&error) => {
                let table = Self::load(&url, Pin::Latest)
                    .await
                    .map_err(|error| read_error(location, error))?;
                Self::state_of(&table, location, owner).await.map(Some)
            }
            state => state,
        }
    }

    async fn open(&self, location: &TableLocation, pin: Pin) -> Result<OpenDataset, PortError> {
        let url = location::resolve(location)?;
        if !location::folder(&url)?.join("_delta_log").is_dir() {
            return Err(missing(location));
        }
        let table = Self::load(&url, pin).await.map_err(|error| read_error(location, error))?;
        let snapshot = table.snapshot().map_err(|error| read_error(location, error))?;
        let provider =
            DeltaScanNext::new(snapshot.snapshot().clone(), scan_config()).map_err(|error| {
                PortError::with_source(codes::READ, format!("cannot scan `{location}`"), error)
            })?;
        let provider: Arc<dyn datafusion::catalog::TableProvider> = Arc::new(provider);
        Ok(OpenDataset {
            table_id: snapshot.metadata().id().to_owned(),
            version: snapshot.version(),
            schema: provider.schema(),
            provider,
        })
    }

    async fn may_have_changed(
        &self,
        location: &TableLocation,
        from: u64,
        to: u64,
    ) -> Result<bool, PortError> {
        let folder = location::folder(&location::resolve(location)?)?;
        for version in from + 1..=to {
            match log::read_entry(&folder, location, version)? {
                Some(entry) if !entry.changes_data => {}
                _ => return Ok(true),
            }
        }
        Ok(to < from)
    }

    async fn changes(
        &self,
        location: &TableLocation,
        range: &VersionRange,
    ) -> Result<ChangeSet, PortError> {
        changes::between(&location::resolve(location)?, location, range).await
    }

    async fn history(
        &self,
        location: &TableLocation,
        most: usize,
    ) -> Result<Option<Vec<HistoryEntry>>, PortError> {
        let folder = location::folder(&location::resolve(location)?)?;
        log::history(&folder, location, most)
    }

    async fn maintain(
        &self,
        location: &TableLocation,
        maintenance: &Maintenance,
    ) -> Result<Option<MaintenanceReport>, PortError> {
        let url = location::resolve(location)?;
        if !location::folder(&url)?.join("_delta_log").is_dir() {
            return Ok(None);
        }
        let table = Self::load(&url, Pin::Latest).await;
        let table = table.map_err(|error| read_error(location, error))?;
        writable(&table, location)?;
        maintain::maintain(table, location, maintenance).await.map(Some)
    }

    fn stored_schema(&self, schema: &SchemaRef) -> Result<SchemaRef, PortError> {
        border::stored_schema(schema)
    }

    async fn begin(
        &self,
        location: &TableLocation,
        schema: SchemaRef,
        spec: TableSpec,
        mode: WriteMode,
    ) -> Result<Box<dyn WriteTarget>, PortError> {
        let WriteMode::Overwrite = mode else {
            return Err(PortError::new(codes::WRITE, "only overwriting is supported"));
        };
        let url = location::resolve(location)?;
        let folder = location::folder(&url)?;
        let (base, table) = match log::state(&folder, location, &spec.owner) {
            Ok(None) => {
                mark_owner(folder.clone(), &spec.owner).map_err(|error| {
                    PortError::with_source(
                        codes::WRITE,
                        format!("cannot create `{location}`"),
                        error,
                    )
                })?;
                (None, None)
            }
            Err(error) if !log::is_needs_snapshot(&error) => return Err(error),
            _ => {
                let table = Self::load(&url, Pin::Latest)
                    .await
                    .map_err(|error| read_error(location, error))?;
                writable(&table, location)?;
                (Some(Self::state_of(&table, location, &spec.owner).await?), Some(table))
            }
        };
        Ok(Box::new(DeltaTarget::new(location.clone(), url, base, table, schema, spec)))
    }
}

/// Refuses tables with properties that this writer would not honour.
fn writable(table: &DeltaTable, location: &TableLocation) -> Result<(), PortError> {
    let snapshot = table.snapshot().map_err(|error| read_error(location, error))?;
    let metadata = snapshot.metadata();
    let refused = metadata.configuration().iter().find(|(key, value)| {
        (*key == "delta.columnMapping.mode" && *value != "none")
            || key.starts_with("delta.constraints.")
    });
    let generated = snapshot
        .schema()
        .fields()
        .any(|field| field.metadata().contains_key("delta.generationExpression"));
    let what = match refused {
        Some((key, _)) => format!("it has the property `{key}`"),
        None if generated => "it has generated columns".to_owned(),
        None => return Ok(()),
    };
    let message = format!("the table at `{location}` cannot be overwritten: {what}");
    Err(PortError::new(codes::FEATURE, message))
}

/// Leaves the mark by which a killed creation is recognised. Written beside and renamed, so that it
/// is there whole or not at all.
fn mark_owner(folder: PathBuf, owner: &str) -> io::Result<()> {
    fs::create_dir_all(&folder)?;
    let beside = folder.join(format!("{}.{}", log::OWNER_FILE, uuid::Uuid::new_v4().simple()));
    fs::write(&beside, owner)?;
    fs::rename(beside, folder.join(log::OWNER_FILE))
}

use std::{
    collections::BTreeMap,
    sync::{Arc, atomic::AtomicU64},
};

use arrow::datatypes::{Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::TableProvider;
use deltalake::{
    DeltaTable, DeltaTableError,
    delta_datafusion::{DeltaScanConfig, DeltaScanNext},
    logstore::LogStoreRef,
};
use viewlane_core::{
    ChangeSet, CommitOutcome, DatasetState, DatasetStore, HistoryEntry, Maintenance,
    MaintenanceReport, OpenDataset, Pin, PortError, TableLocation, TableSpec, VersionRange,
    WriteMode, WriteTarget,
};

use crate::{
    admission::Admission,
    border, changes, codes,
    commit::{ColumnRules, DeltaTarget},
    datafiles::DataFiles,
    dml::{self, Writable},
    guard::Ticket,
    index::{Candidates, FileIndex},
    location, log, maintain,
    operation::{self, Operation, OperationIntent},
    profile::{At, EffectiveScan, ScanProfile},
    protocol,
    session::{self, Predicate},
    stores::Stores,
};

/// Size at which a data file is closed and the next one begun, in bytes.
pub const TARGET_FILE_BYTES: u64 = 128 * 1024 * 1024;

/// Delta tables, on local disk and in the stores that this build was made with.
#[derive(Clone, Debug, Default)]
pub struct DeltaStore {
    stores: Arc<Stores>,
}

/// A table found in its store, not loaded.
struct Place<'l> {
    location: &'l TableLocation,
    log_store: LogStoreRef,
}

impl DeltaStore {
    /// Tables in stores that need no options.
    pub fn new() -> Self {
        Self::default()
    }

    /// Tables in stores that are opened with options, by the names that the stores give them
    /// (`aws_region`, `google_service_account`, `azure_storage_account_name`, …). `environment` is
    /// taken where no option says otherwise, as far as a store knows its names.
    ///
    /// # Errors
    ///
    /// An option that no store of this build knows, with the nearest that is known.
    pub fn with_options(
        options: BTreeMap<String, String>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, PortError> {
        Ok(Self { stores: Arc::new(Stores::new(options, environment)?) })
    }

    #[cfg(test)]
    pub(crate) fn with_stores(stores: Stores) -> Self {
        Self { stores: Arc::new(stores) }
    }

    #[cfg(test)]
    pub(crate) fn stores(&self) -> &Stores {
        &self.stores
    }

    /// What tells one table from another: its location in one spelling.
    ///
    /// # Errors
    ///
    /// What is no location, or one that this build does not open.
    pub fn identity(&self, location: &TableLocation) -> Result<String, PortError> {
        Ok(location::identity(&location::resolve(location)?).to_owned())
    }

    /// Does something to a table, in one commit on one snapshot.
    ///
    /// Whether the commit is to be made is decided on that very snapshot: one whose sources were
    /// consumed already is not made again, one that starts from another version than the table has
    /// consumed is a conflict, and so is one that somebody else was faster than.
    ///
    /// # Errors
    ///
    /// A request that cannot be carried out, or a store that failed. Nothing is visible then.
    pub async fn operate(
        &self,
        location: &TableLocation,
        operation: Operation,
        intent: OperationIntent,
    ) -> Result<CommitOutcome, PortError> {
        let place = self.place(location)?;
        let (schema, spec, mode, rows, columns) = match operation {
            Operation::Write { mode, schema, spec, rows } => (schema, spec, mode, Some(rows), None),
            Operation::Create { schema, spec, not_null, generated } => {
                let columns = ColumnRules { not_null, generated };
                (schema, spec, WriteMode::Append, None, Some(columns))
            }
            other => {
                let table = place.load(Pin::Latest).await?;
                protocol::writable(&table, location)?;
                return operation::operate(table, location, other, intent).await;
            }
        };
        let spec = TableSpec { owner: intent.owner.clone(), ..spec };
        let schema = border::stored_schema(&schema)?;
        let ticket = Ticket::of_operation(intent)?;
        let mut target = self.target(place, schema, spec, mode).await?;
        let pass = match ticket.check(target.table.as_ref(), location).await? {
            Ok(pass) => pass,
            Err(outcome) => return Ok(outcome),
        };
        match (rows, columns) {
            (None, _) if target.table.is_some() => {
                let detail = format!("there is a table at `{location}` already");
                return Ok(CommitOutcome::Conflict { detail });
            }
            (rows, columns) => {
                target.columns = columns.unwrap_or_default();
                target.write(rows.unwrap_or_default()).await?;
            }
        }
        target.finish(pass).await
    }

    /// The files of a table at a pin, with what the log knows of each.
    ///
    /// # Errors
    ///
    /// A table that is not there or cannot be read.
    pub async fn files(&self, location: &TableLocation, pin: Pin) -> Result<FileIndex, PortError> {
        let table = self.place(location)?.load(pin).await?;
        FileIndex::of(&table, location).await
    }

    /// Opens a table for reading only the files that a predicate may be true of. The rows still have
    /// to be filtered.
    ///
    /// # Errors
    ///
    /// A table that is not there or cannot be read, or a predicate that is none over its columns.
    pub async fn open_pruned(
        &self,
        location: &TableLocation,
        pin: Pin,
        predicate: Predicate,
    ) -> Result<(OpenDataset, Candidates), PortError> {
        let place = self.place(location)?;
        let table = place.load(pin).await?;
        let index = FileIndex::of(&table, location).await?;
        let session = session::session(&place.log_store);
        let columns = table.snapshot().map_err(|e| read_error(location, e))?;
        let columns = columns.snapshot().arrow_schema();
        let predicate = predicate.resolve(&session, &columns, location)?;
        let found = index.candidates(&[predicate]);
        let scan = index.scan(&table, &found.files, scan_config());
        let scan = scan.map_err(|error| scan_error(location, error))?;
        Ok((place.opened(&table, scan)?, found))
    }

    /// Opens a table as a profile says, and tells what that came to.
    ///
    /// # Errors
    ///
    /// A profile that names both a version and a time, a time before the oldest entry of the log, a
    /// file column with the name of a column, and a table that is not there or cannot be read.
    pub async fn open_with(
        &self,
        location: &TableLocation,
        profile: &ScanProfile,
    ) -> Result<(OpenDataset, EffectiveScan), PortError> {
        let pin = match profile.at(location)? {
            At::Pin(pin) => pin,
            At::Time(time) => Pin::Version(self.place(location)?.version_at(time).await?),
        };
        let place = self.place(location)?;
        let table = place.load(pin).await?;
        let snapshot = table.snapshot().map_err(|error| read_error(location, error))?;
        let scan = profile.over_default(snapshot.version());
        if let Some(name) = &scan.file_column
            && snapshot.snapshot().arrow_schema().field_with_name(name).is_ok()
        {
            let message =
                format!("`{location}` has a column `{name}`; name the file column otherwise");
            return Err(PortError::new(codes::SCAN, message));
        }
        let provider = DeltaScanNext::new(snapshot.snapshot().clone(), scan.config())
            .map_err(|error| scan_error(location, error))?;
        Ok((place.opened(&table, Arc::new(provider))?, scan))
    }

    /// The newest version of a table as something that SQL reads and writes. INSERT, DELETE, UPDATE
    /// and TRUNCATE make guarded commits in the name of `intent`, each statement as a run of its
    /// own. What they wrote shows once the table is opened again.
    ///
    /// # Errors
    ///
    /// A table that is not there or cannot be read.
    pub async fn open_for_writing(
        &self,
        location: &TableLocation,
        intent: OperationIntent,
    ) -> Result<OpenDataset, PortError> {
        let open = self.open(location, Pin::Latest).await?;
        let provider = Arc::new(Writable {
            store: self.clone(),
            location: location.clone(),
            inner: open.provider,
            intent,
            statements: AtomicU64::new(0),
        });
        Ok(OpenDataset { provider, ..open })
    }

    /// What the commit of a version says about itself.
    pub(crate) async fn entry(
        &self,
        location: &TableLocation,
        version: u64,
    ) -> Result<serde_json::Value, PortError> {
        let place = self.place(location)?;
        let entry = log::entry_bytes(&place.log_store, location, version).await?;
        Ok(entry.map(|entry| dml::commit_info(&entry)).unwrap_or_default())
    }

    /// Deletes entries of the log that no reader of a kept version needs, as the properties of the
    /// table say, and tells how many.
    ///
    /// # Errors
    ///
    /// A table that is not there, that cannot be read, or whose log cannot be written.
    pub async fn clean_log(&self, location: &TableLocation) -> Result<u64, PortError> {
        let table = self.place(location)?.load(Pin::Latest).await?;
        protocol::writable(&table, location)?;
        let cleaned = deltalake::protocol::checkpoints::cleanup_metadata(&table, None).await;
        let cleaned = cleaned.map_err(|error| {
            let what = format!("cannot clean the log of `{location}`");
            PortError::with_source(codes::MAINTENANCE, what, error)
        })?;
        Ok(cleaned as u64)
    }

    fn place<'l>(&self, location: &'l TableLocation) -> Result<Place<'l>, PortError> {
        let url = location::resolve(location)?;
        let log_store = self.stores.log_store(&url, location)?;
        Ok(Place { location, log_store })
    }

    async fn target(
        &self,
        place: Place<'_>,
        schema: SchemaRef,
        spec: TableSpec,
        mode: WriteMode,
    ) -> Result<DeltaTarget, PortError> {
        let Place { location, log_store } = &place;
        let (base, table) = match log::state(log_store, location, &spec.owner).await {
            Ok(None) => {
                log::mark_owner(log_store, location, &spec.owner).await?;
                (None, None)
            }
            Err(error) if !log::is_needs_snapshot(&error) => return Err(error),
            _ => {
                let table = place.load(Pin::Latest).await?;
                protocol::writable(&table, location)?;
                writable(&table, location, &mode)?;
                (Some(place.state_of(&table, &spec.owner).await?), Some(table))
            }
        };
        let session = session::session(log_store);
        let mut replaced = None;
        let (admission, partition_by) = match &table {
            Some(table) if mode != WriteMode::Overwrite => {
                let snapshot = table.snapshot().map_err(|error| read_error(location, error))?;
                let partition_by = snapshot.metadata().partition_columns().to_vec();
                if !spec.partition_by.is_empty() && spec.partition_by != partition_by {
                    let message =
                        format!("`{location}` is partitioned by `{}`", partition_by.join("`, `"));
                    return Err(PortError::new(codes::EVOLUTION, message));
                }
                let fields = snapshot.snapshot().arrow_schema();
                let fields = fields.fields().iter().map(|f| f.as_ref().clone().with_nullable(true));
                let columns = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
                let mut admission =
                    Admission::of_table(location, table, Arc::clone(&columns), &session)?;
                if let WriteMode::ReplaceWhere { predicate } = &mode {
                    let text = Predicate::Sql(predicate.clone());
                    let rule = text.resolve(&session, &columns, location)?;
                    let name = format!("the predicate of the replacement ({predicate})");
                    admission = admission.with_rule(&session, name, rule.clone())?;
                    replaced = Some(rule);
                }
                (admission, partition_by)
            }
            _ => {
                let mut admission = Admission::of_columns(location, Arc::clone(&schema));
                if let WriteMode::ReplaceWhere { predicate } = &mode {
                    let text = Predicate::Sql(predicate.clone());
                    let rule = text.resolve(&session, &schema, location)?;
                    let name = format!("the predicate of the replacement ({predicate})");
                    admission = admission.with_rule(&session, name, rule)?;
                }
                (admission, spec.partition_by.clone())
            }
        };
        let schema = Arc::clone(admission.schema());
        let log_store = Arc::clone(log_store);
        let files = DataFiles::new(
            location,
            Arc::clone(&log_store),
            table.as_ref(),
            admission,
            partition_by,
        )?;
        let location = TableLocation::clone(location);
        Ok(DeltaTarget {
            location,
            log_store,
            base,
            table,
            mode,
            replaced,
            schema,
            spec,
            files,
            columns: ColumnRules::default(),
            adds: Vec::new(),
        })
    }
}

impl Place<'_> {
    /// The table at a pin, if this build reads what it is.
    async fn load(&self, pin: Pin) -> Result<DeltaTable, PortError> {
        let Self { location, log_store } = self;
        let Some(newest) = log::newest_version(log_store, location).await? else {
            return Err(PortError::new(
                codes::MISSING,
                format!("there is no Delta table at `{location}`"),
            ));
        };
        let mut table = DeltaTable::new(Arc::clone(log_store));
        let loaded = match pin {
            Pin::Version(version) if version > newest => {
                let message =
                    format!("`{location}` has no version {version}; its newest is {newest}");
                return Err(PortError::new(codes::VERSION, message));
            }
            Pin::Version(version) => table.load_version(version).await,
            Pin::Latest => table.load().await,
        };
        if let Err(error) = loaded {
            // What the library does not know it may not load, and says little about.
            if let Some(protocol) = log::protocol(log_store, location, newest).await? {
                protocol::loadable(&protocol, location)?;
            }
            return Err(read_error(location, error));
        }
        protocol::readable(&table, location)?;
        Ok(table)
    }

    /// The newest version that was committed by a time.
    async fn version_at(&self, time: i64) -> Result<u64, PortError> {
        let Self { location, log_store } = self;
        let newest = log::newest_version(log_store, location).await?;
        for version in (0..=newest.unwrap_or_default()).rev() {
            match log::read_entry(log_store, location, version).await? {
                Some(entry) if entry.at.is_some_and(|at| at <= time) => return Ok(version),
                Some(_) => {}
                None => break,
            }
        }
        let message = format!("the log of `{location}` does not go back to the time {time}");
        Err(PortError::new(codes::VERSION, message))
    }

    /// The state as the snapshot tells it, with the record looked for in the entries below it.
    async fn state_of(&self, table: &DeltaTable, owner: &str) -> Result<DatasetState, PortError> {
        let Self { location, log_store } = self;
        let read = |error| read_error(location, error);
        let snapshot = table.snapshot().map_err(read)?;
        let version = snapshot.version();
        let mut record = None;
        let mut changed_since = false;
        for at in (0..=version).rev() {
            let Some(entry) = log::read_entry(log_store, location, at).await? else { break };
            if let Some(found) = entry.record {
                record = Some((at, found));
                break;
            }
            changed_since |= entry.changes_data;
        }
        // Transactions survive the cleaning of old entries; records do not.
        let fence = log::fence_id(owner);
        let generation = snapshot.transaction_version(log_store, fence).await.map_err(read)?;
        let table_id = snapshot.metadata().id().to_owned();
        Ok(DatasetState { table_id, version, record, generation, changed_since })
    }

    fn opened(
        &self,
        table: &DeltaTable,
        provider: Arc<dyn TableProvider>,
    ) -> Result<OpenDataset, PortError> {
        let snapshot = table.snapshot().map_err(|error| read_error(self.location, error))?;
        let provider = crate::provider::registering(provider, Arc::clone(&self.log_store));
        Ok(OpenDataset {
            table_id: snapshot.metadata().id().to_owned(),
            version: snapshot.version(),
            schema: provider.schema(),
            provider,
        })
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

fn scan_error(location: &TableLocation, error: datafusion::error::DataFusionError) -> PortError {
    PortError::with_source(codes::READ, format!("cannot scan `{location}`"), error)
}

#[async_trait]
impl DatasetStore for DeltaStore {
    async fn state(
        &self,
        location: &TableLocation,
        owner: &str,
    ) -> Result<Option<DatasetState>, PortError> {
        let place = self.place(location)?;
        match log::state(&place.log_store, location, owner).await {
            Err(error) if log::is_needs_snapshot(&error) => {
                let table = place.load(Pin::Latest).await?;
                place.state_of(&table, owner).await.map(Some)
            }
            state => state,
        }
    }

    async fn open(&self, location: &TableLocation, pin: Pin) -> Result<OpenDataset, PortError> {
        let place = self.place(location)?;
        let table = place.load(pin).await?;
        let snapshot = table.snapshot().map_err(|error| read_error(location, error))?;
        let provider = DeltaScanNext::new(snapshot.snapshot().clone(), scan_config())
            .map_err(|error| scan_error(location, error))?;
        place.opened(&table, Arc::new(provider))
    }

    async fn may_have_changed(
        &self,
        location: &TableLocation,
        from: u64,
        to: u64,
    ) -> Result<bool, PortError> {
        let place = self.place(location)?;
        for version in from + 1..=to {
            match log::read_entry(&place.log_store, location, version).await? {
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
        changes::between(self.place(location)?.log_store, location, range).await
    }

    async fn file_index(
        &self,
        location: &TableLocation,
        pin: Pin,
    ) -> Result<Arc<dyn TableProvider>, PortError> {
        self.files(location, pin).await?.provider()
    }

    async fn history(
        &self,
        location: &TableLocation,
        most: usize,
    ) -> Result<Option<Vec<HistoryEntry>>, PortError> {
        log::history(&self.place(location)?.log_store, location, most).await
    }

    async fn maintain(
        &self,
        location: &TableLocation,
        maintenance: &Maintenance,
    ) -> Result<Option<MaintenanceReport>, PortError> {
        let place = self.place(location)?;
        if log::newest_version(&place.log_store, location).await?.is_none() {
            return Ok(None);
        }
        let table = place.load(Pin::Latest).await?;
        protocol::writable(&table, location)?;
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
        Ok(Box::new(self.target(self.place(location)?, schema, spec, mode).await?))
    }
}

/// Refuses tables with properties that a write of rows would not honour.
///
/// An overwrite brings its own columns, so rules over the ones that are there would be lost.
fn writable(
    table: &DeltaTable,
    location: &TableLocation,
    mode: &WriteMode,
) -> Result<(), PortError> {
    let snapshot = table.snapshot().map_err(|error| read_error(location, error))?;
    let metadata = snapshot.metadata();
    let overwrites = *mode == WriteMode::Overwrite;
    let configuration: BTreeMap<_, _> = metadata.configuration().iter().collect();
    let refused = configuration.iter().find(|(key, value)| {
        (**key == "delta.columnMapping.mode" && **value != "none")
            || (overwrites && key.starts_with("delta.constraints."))
    });
    let generated = snapshot
        .schema()
        .fields()
        .any(|field| field.metadata().contains_key("delta.generationExpression"));
    let what = match refused {
        Some((key, _)) => format!("it has the property `{key}`"),
        None if overwrites && generated => "it has generated columns".to_owned(),
        None => return Ok(()),
    };
    let done = if overwrites { "overwritten" } else { "written" };
    let message = format!("the table at `{location}` cannot be {done}: {what}");
    Err(PortError::new(codes::FEATURE, message))
}

#[cfg(test)]
mod tests;

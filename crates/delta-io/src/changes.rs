//! The rows that came and went between two versions of a table.
//!
//! Three origins give them, the cheapest that may be trusted is used, and what was passed over is
//! said with its reason. The difference of files is the judge: it follows from what a snapshot is,
//! the sum of the rows of its files, and needs nothing but that the old files still exist. Appends
//! are the case of it in which nothing went. The change feed is what writers say about themselves,
//! so it is believed only where nothing is known against it and its rows add up.

mod appends;
mod entries;
mod feed;
pub(crate) mod files;

use std::{collections::BTreeMap, sync::Arc};

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::{catalog::TableProvider, datasource::MemTable};
use deltalake::{
    DeltaTableError, delta_datafusion::DeltaScanNext, kernel::Snapshot, logstore::LogStoreRef,
};
use viewlane_core::{
    COMMIT_VERSION, ChangeOrigin, ChangeSet, Changes, NoChanges, PassedOver, PortError,
    TableLocation, VersionRange, WEIGHT,
};

use self::entries::Entries;
use crate::{
    codes,
    store::{read_error, scan_config},
};

/// Both ends of a range, without their files.
struct Ends {
    log_store: LogStoreRef,
    old: Arc<Snapshot>,
    new: Arc<Snapshot>,
    /// The columns of the newer version.
    columns: SchemaRef,
    /// The same with weight and version.
    schema: SchemaRef,
}

/// Changes of one origin.
struct Found {
    provider: Arc<dyn TableProvider>,
    files: u64,
    bytes: u64,
}

/// The changes of the table at a location in a range of versions.
pub(crate) async fn between(
    log_store: LogStoreRef,
    location: &TableLocation,
    range: &VersionRange,
) -> Result<ChangeSet, PortError> {
    let VersionRange { table_id, from, to } = range;
    let read = |error| read_error(location, error);
    if to < from {
        return Ok(ChangeSet::Cannot(NoChanges::Backwards { from: *from, to: *to }));
    }
    let new = Arc::new(Snapshot::try_new(&*log_store, Some(*to)).await.map_err(read)?);
    let found = new.metadata().id();
    if found != table_id {
        let (expected, found) = (table_id.clone(), found.to_owned());
        return Ok(ChangeSet::Cannot(NoChanges::Recreated { expected, found }));
    }
    let old = match Snapshot::try_new(&*log_store, Some(*from)).await {
        Ok(old) => Arc::new(old),
        Err(error) => {
            let detail = error.to_string();
            return Ok(ChangeSet::Cannot(NoChanges::VersionGone { version: *from, detail }));
        }
    };
    if let Some(cannot) = crossing(&old, &new) {
        return Ok(ChangeSet::Cannot(cannot));
    }
    let columns = DeltaScanNext::new(Arc::clone(&new), scan_config())
        .map_err(|error| scan_error(location, error))?
        .schema();
    let schema = weighted(&columns, location)?;
    let ends = Ends { log_store, old, new, columns, schema };
    match ends.changes(*from, *to).await {
        Ok(changes) => Ok(changes),
        Err(error) => Err(read(error)),
    }
}

impl Ends {
    async fn changes(&self, from: u64, to: u64) -> Result<ChangeSet, DeltaTableError> {
        if from == to {
            return self.nothing(Vec::new());
        }
        let mut passed_over = Vec::new();
        let entries = Entries::read(&self.log_store, from, to).await?;
        match &entries {
            None => passed_over.push((ChangeOrigin::Appends, PassedOver::EntriesGone)),
            Some(entries) => match appends::find(self, entries).await? {
                Ok(found) if found.files == 0 => return self.nothing(passed_over),
                Ok(found) => return Ok(changes(ChangeOrigin::Appends, passed_over, found)),
                Err(reason) => passed_over.push((ChangeOrigin::Appends, reason)),
            },
        }
        let difference = match files::Difference::of(self).await? {
            Ok(difference) => difference,
            Err(cannot) => return Ok(ChangeSet::Cannot(cannot)),
        };
        if difference.is_empty() {
            return self.nothing(passed_over);
        }
        let feed = match &entries {
            None => Err(PassedOver::EntriesGone),
            Some(entries) => feed::find(self, entries, &difference, difference.bytes()).await?,
        };
        match feed {
            Ok(found) => Ok(changes(ChangeOrigin::Feed, passed_over, found)),
            Err(reason) => {
                passed_over.push((ChangeOrigin::Feed, reason));
                let found = difference.found(self)?;
                Ok(changes(ChangeOrigin::Files, passed_over, found))
            }
        }
    }

    fn nothing(
        &self,
        passed_over: Vec<(ChangeOrigin, PassedOver)>,
    ) -> Result<ChangeSet, DeltaTableError> {
        let empty = MemTable::try_new(Arc::clone(&self.schema), vec![Vec::new()])?;
        let found = Found { provider: Arc::new(empty), files: 0, bytes: 0 };
        Ok(changes(ChangeOrigin::Nothing, passed_over, found))
    }

    /// Whether names in files are not those of the columns.
    fn is_mapped(&self) -> bool {
        mapping(&self.new).is_some()
    }
}

fn changes(
    origin: ChangeOrigin,
    passed_over: Vec<(ChangeOrigin, PassedOver)>,
    found: Found,
) -> ChangeSet {
    let Found { provider, files, bytes } = found;
    ChangeSet::Changes(Changes { origin, passed_over, provider, files, bytes })
}

/// What lies between two versions that makes their rows incomparable.
fn crossing(old: &Snapshot, new: &Snapshot) -> Option<NoChanges> {
    let (was, is) = (old.metadata(), new.metadata());
    if was.id() != is.id() {
        let (expected, found) = (was.id().to_owned(), is.id().to_owned());
        return Some(NoChanges::Recreated { expected, found });
    }
    if mapping(old) != mapping(new) {
        return Some(NoChanges::MappingChanged);
    }
    if old.protocol() != new.protocol() {
        return Some(NoChanges::ProtocolChanged);
    }
    if was.partition_columns() != is.partition_columns() {
        return Some(NoChanges::PartitioningChanged);
    }
    let (was, is) = (old.arrow_schema(), new.arrow_schema());
    let after: BTreeMap<&str, &DataType> =
        is.fields().iter().map(|field| (field.name().as_str(), field.data_type())).collect();
    let changed = was.fields().iter().find_map(|field| match after.get(field.name().as_str()) {
        None => Some(format!("`{}` is gone", field.name())),
        Some(now) if *now != field.data_type() => {
            Some(format!("`{}` is {now} and was {}", field.name(), field.data_type()))
        }
        Some(_) => None,
    });
    changed.map(|detail| NoChanges::SchemaChanged { detail })
}

fn mapping(snapshot: &Snapshot) -> Option<&str> {
    let mode = snapshot.metadata().configuration().get("delta.columnMapping.mode")?;
    Some(mode.as_str()).filter(|mode| *mode != "none")
}

/// The columns with weight and version behind them.
fn weighted(columns: &Schema, location: &TableLocation) -> Result<SchemaRef, PortError> {
    if let Some(name) =
        [WEIGHT, COMMIT_VERSION].into_iter().find(|name| columns.index_of(name).is_ok())
    {
        let message =
            format!("`{location}` has a column `{name}`, which changes need for their own");
        return Err(PortError::new(codes::RESERVED_COLUMN, message));
    }
    let own = [
        Arc::new(Field::new(WEIGHT, DataType::Int64, false)),
        Arc::new(Field::new(COMMIT_VERSION, DataType::UInt64, true)),
    ];
    let nullable =
        columns.fields().iter().map(|field| Arc::new(field.as_ref().clone().with_nullable(true)));
    Ok(Arc::new(Schema::new(nullable.chain(own).collect::<Vec<_>>())))
}

fn scan_error(location: &TableLocation, error: datafusion::error::DataFusionError) -> PortError {
    PortError::with_source(codes::READ, format!("cannot scan `{location}`"), error)
}

#[cfg(test)]
pub(crate) mod tests;

//! The difference of two snapshots by files: rows of the files that only the newer one has, less
//! rows of the files that only the older one has.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    catalog::TableProvider,
    common::ScalarValue,
    datasource::{ViewTable, provider_as_source},
    logical_expr::{LogicalPlan, LogicalPlanBuilder, cast, ident, lit},
};
use deltalake::{
    DeltaTableError, ObjectStoreError, Path,
    delta_datafusion::{DeltaScanNext, FileSelection},
    kernel::{EagerSnapshot, Snapshot},
    logstore::LogStoreRef,
};
use futures::{StreamExt, TryStreamExt};
use object_store::ObjectStoreExt;
use viewlane_core::{COMMIT_VERSION, NoChanges, WEIGHT};

use super::{Ends, Found};
use crate::{scan::stored, store::scan_config};

/// Questions to the store at the same time.
const AT_ONCE: usize = 16;

/// A file of a snapshot: its path and its deletion vector tell it from all others.
type Key = (String, Option<(String, Option<i32>)>);

/// What is known of it.
#[derive(Clone, Copy, Debug)]
struct Size {
    bytes: u64,
    /// Rows that are not deleted, if the log tells.
    rows: Option<i64>,
}

/// The files that only one of two snapshots has.
pub(super) struct Difference {
    old: Arc<EagerSnapshot>,
    new: Arc<EagerSnapshot>,
    came: BTreeMap<Key, Size>,
    went: BTreeMap<Key, Size>,
}

impl Difference {
    pub(super) async fn of(ends: &Ends) -> Result<Result<Self, NoChanges>, DeltaTableError> {
        let (old, before) = listed(&ends.log_store, &ends.old).await?;
        let (new, after) = listed(&ends.log_store, &ends.new).await?;
        let without = |files: &BTreeMap<Key, Size>, others: &BTreeMap<Key, Size>| {
            let only = files.iter().filter(|(key, _)| !others.contains_key(key));
            only.map(|(key, size)| (key.clone(), *size)).collect::<BTreeMap<_, _>>()
        };
        let difference =
            Self { came: without(&after, &before), went: without(&before, &after), old, new };
        let paths = difference.went.keys().map(|(path, _)| path.as_str());
        let gone = gone(&ends.log_store, paths).await?.into_iter().next();
        Ok(match gone {
            Some(path) => Err(NoChanges::FileGone { path }),
            None => Ok(difference),
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.came.is_empty() && self.went.is_empty()
    }

    pub(super) fn bytes(&self) -> u64 {
        self.came.values().chain(self.went.values()).map(|size| size.bytes).sum()
    }

    /// Rows that came less rows that went, if the log tells.
    pub(super) fn rows(&self) -> Option<i64> {
        let sum =
            |files: &BTreeMap<Key, Size>| files.values().map(|size| size.rows).sum::<Option<i64>>();
        Some(sum(&self.came)? - sum(&self.went)?)
    }

    pub(super) fn found(self, ends: &Ends) -> Result<Found, DeltaTableError> {
        let (bytes, files) = (self.bytes(), (self.came.len() + self.went.len()) as u64);
        let mut sides = Vec::new();
        for (snapshot, keys, weight) in [(self.new, self.came, 1), (self.old, self.went, -1)] {
            if !keys.is_empty() {
                sides.push(side(ends, snapshot, keys, weight)?);
            }
        }
        let mut sides = sides.into_iter();
        let Some(first) = sides.next() else {
            return Err(DeltaTableError::generic("two equal snapshots have no difference to read"));
        };
        let plan = match sides.next() {
            None => first,
            Some(second) => LogicalPlanBuilder::from(first).union(second)?.build()?,
        };
        Ok(Found { provider: Arc::new(ViewTable::new(plan, None)), files, bytes })
    }
}

/// The rows of some files of a snapshot, each with the weight.
fn side(
    ends: &Ends,
    snapshot: Arc<EagerSnapshot>,
    keys: BTreeMap<Key, Size>,
    weight: i64,
) -> Result<LogicalPlan, DeltaTableError> {
    // The scan wants paths as the log writes them, and a view of a file decodes them.
    let paths = keys.into_keys().map(|(path, _)| String::from(Path::from(path)));
    let scan = DeltaScanNext::new(snapshot, scan_config())?
        .with_file_selection(FileSelection::from_file_paths(paths));
    let known = scan.schema();
    let columns = ends.columns.fields().iter().map(|field| {
        let name = field.name();
        match known.column_with_name(name) {
            Some(_) => ident(name),
            None => cast(lit(ScalarValue::Null), field.data_type().clone()).alias(name),
        }
    });
    let own = [lit(weight).alias(WEIGHT), lit(ScalarValue::UInt64(None)).alias(COMMIT_VERSION)];
    let plan = LogicalPlanBuilder::scan("files", provider_as_source(Arc::new(scan)), None)?
        .project(columns.chain(own).collect::<Vec<_>>())?
        .build()?;
    Ok(plan)
}

async fn listed(
    log_store: &LogStoreRef,
    snapshot: &Snapshot,
) -> Result<(Arc<EagerSnapshot>, BTreeMap<Key, Size>), DeltaTableError> {
    let snapshot = EagerSnapshot::try_new(&**log_store, Some(snapshot.version())).await?;
    let files = snapshot
        .file_views(&**log_store, None)
        .map_ok(|file| {
            let vector = file.deletion_vector_descriptor();
            let deleted = vector.as_ref().map_or(0, |vector| vector.cardinality);
            let rows = file.num_records().and_then(|rows| i64::try_from(rows).ok());
            let size = Size {
                bytes: u64::try_from(file.size()).unwrap_or(0),
                rows: rows.map(|rows| rows - deleted),
            };
            let vector = vector.map(|vector| (vector.path_or_inline_dv, vector.offset));
            ((file.path().into_owned(), vector), size)
        })
        .try_collect()
        .await?;
    Ok((Arc::new(snapshot), files))
}

/// Those of some files that are not in storage, sorted.
pub(crate) async fn gone<'p>(
    log_store: &LogStoreRef,
    paths: impl Iterator<Item = &'p str>,
) -> Result<Vec<String>, DeltaTableError> {
    let store = log_store.object_store(None);
    let missing = futures::stream::iter(paths.map(str::to_owned).collect::<Vec<_>>())
        .map(|path| {
            let store = Arc::clone(&store);
            async move {
                match store.head(&stored(&path)).await {
                    Ok(_) => Ok(None),
                    Err(ObjectStoreError::NotFound { .. }) => Ok(Some(path)),
                    Err(error) => Err(DeltaTableError::from(error)),
                }
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_filter_map(async |missing| Ok(missing));
    let mut missing: Vec<String> = missing.try_collect().await?;
    missing.sort();
    Ok(missing)
}

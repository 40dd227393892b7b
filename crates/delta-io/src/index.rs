//! The files of a table at one version, what the log knows of each, and which of them a predicate
//! can leave out.
//!
//! What is not known never leaves a file out: a statistic that is missing, that cannot be parsed,
//! or that a writer may have rounded the wrong way counts as unknown.

use std::{collections::BTreeMap, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Int64Array, Int64Builder, MapBuilder, MapFieldNames, StringArray,
        StringBuilder, TimestampMillisecondArray,
    },
    datatypes::{DataType, Schema, SchemaRef},
    error::ArrowError,
    record_batch::RecordBatch,
};
use datafusion::{
    catalog::TableProvider, datasource::MemTable, error::DataFusionError, logical_expr::Expr,
    physical_optimizer::pruning::PruningPredicateBuilder,
};
use deltalake::{
    DeltaTable, Path,
    delta_datafusion::{DeltaScanConfig, DeltaScanNext, FileSelection},
    kernel::Remove,
};
use futures::TryStreamExt;
use serde_json::Value;
use viewlane_core::{PortError, TableLocation};

use self::statistics::Statistics;
use crate::{codes, session, store::read_error};

mod statistics;

/// The files of one version of a table.
#[derive(Debug)]
pub struct FileIndex {
    /// The columns of the table, as they are stored.
    schema: SchemaRef,
    pub(crate) partition_columns: Vec<String>,
    files: Vec<Indexed>,
}

/// A file, and what the log says of it.
#[derive(Debug)]
struct Indexed {
    /// As the log has it, decoded.
    path: String,
    size: i64,
    modified: i64,
    partition_values: BTreeMap<String, Option<String>>,
    deletion_vector: bool,
    remove: Remove,
    /// `None` without any that can be understood.
    stats: Option<Value>,
}

/// Which files a predicate may be true of, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// The places of the files in the index, ascending.
    pub files: Vec<usize>,
    /// Files that there are.
    pub total: usize,
    /// How many files were left out or kept, by why.
    pub because: BTreeMap<PruneReason, usize>,
}

/// Why a file is left out or kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PruneReason {
    /// Left out: the predicate is not true of the values that its folder stands for.
    PartitionExcluded,
    /// Left out: the predicate is not true between the least and the greatest values.
    StatisticsExcluded,
    /// Kept: the predicate may be true of its rows.
    MayMatch,
    /// Kept: the log has no statistics of it.
    NoStatistics,
    /// Kept: there is no predicate, or it is none that files could be held against.
    NoPredicate,
}

impl PruneReason {
    /// A stable word for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PartitionExcluded => "partition_excluded",
            Self::StatisticsExcluded => "statistics_excluded",
            Self::MayMatch => "may_match",
            Self::NoStatistics => "no_statistics",
            Self::NoPredicate => "no_predicate",
        }
    }
}

impl FileIndex {
    /// The files of the version that a table is loaded at.
    pub(crate) async fn of(
        table: &DeltaTable,
        location: &TableLocation,
    ) -> Result<Self, PortError> {
        let read = |error| read_error(location, error);
        let snapshot = table.snapshot().map_err(read)?;
        let mut files: Vec<Indexed> = snapshot
            .snapshot()
            .file_views(table.log_store().as_ref(), None)
            .map_ok(|file| {
                let stats: Option<Value> =
                    file.stats().and_then(|text| serde_json::from_str(&text).ok());
                let stats = stats.filter(|stats| match stats {
                    Value::Object(kinds) => kinds.values().any(|kind| !kind.is_null()),
                    _ => false,
                });
                Indexed {
                    path: file.path().into_owned(),
                    size: file.size(),
                    modified: file.modification_time(),
                    partition_values: file.partition_values_map().into_iter().collect(),
                    deletion_vector: file.deletion_vector_descriptor().is_some(),
                    remove: file.remove_action(true),
                    stats,
                }
            })
            .try_collect()
            .await
            .map_err(read)?;
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let schema = snapshot.snapshot().arrow_schema();
        // Whatever the table says, a file may lack the column.
        let fields = schema.fields().iter().map(|f| f.as_ref().clone().with_nullable(true));
        Ok(Self {
            schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())),
            partition_columns: snapshot.metadata().partition_columns().to_vec(),
            files,
        })
    }

    /// How many files there are.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The path of a file below the table, by its place in the index.
    pub fn path(&self, place: usize) -> Option<&str> {
        self.files.get(place).map(|file| file.path.as_str())
    }

    /// The files of which every one of some predicates may be true.
    pub fn candidates(&self, predicates: &[Expr]) -> Candidates {
        let total = self.files.len();
        let predicate = datafusion::logical_expr::utils::conjunction(predicates.iter().cloned());
        let judged = predicate.and_then(|predicate| {
            Some((self.judge(&predicate, false)?, self.judge(&predicate, true)?))
        });
        let Some((by_folder, by_all)) = judged else {
            let because = BTreeMap::from([(PruneReason::NoPredicate, total)]);
            return Candidates { files: (0..total).collect(), total, because };
        };
        let mut found = Candidates { total, ..Candidates::default() };
        for (place, file) in self.files.iter().enumerate() {
            let reason = match (by_folder[place], by_all[place]) {
                (false, _) => PruneReason::PartitionExcluded,
                (true, false) => PruneReason::StatisticsExcluded,
                (true, true) if file.stats.is_none() => PruneReason::NoStatistics,
                (true, true) => PruneReason::MayMatch,
            };
            *found.because.entry(reason).or_default() += 1;
            if by_folder[place] && by_all[place] {
                found.files.push(place);
            }
        }
        found
    }

    /// For each file whether the predicate may be true of a row; `None` if it cannot be asked.
    fn judge(&self, predicate: &Expr, with_statistics: bool) -> Option<Vec<bool>> {
        let session = session::plain();
        let physical = session::physical(&session, predicate.clone(), &self.schema).ok()?;
        let pruning = PruningPredicateBuilder::new()
            .with_file_schema(Arc::clone(&self.schema))
            .try_build(physical)
            .ok()?;
        pruning.prune(&Statistics { index: self, with_statistics }).ok()
    }

    /// A scan of some of the files, at the version of the table.
    pub(crate) fn scan(
        &self,
        table: &DeltaTable,
        files: &[usize],
        config: DeltaScanConfig,
    ) -> Result<Arc<dyn TableProvider>, DataFusionError> {
        let snapshot = table.snapshot().map_err(DataFusionError::from)?.snapshot().clone();
        let scan = DeltaScanNext::new(snapshot, config)?;
        if files.len() == self.files.len() {
            return Ok(Arc::new(scan));
        }
        // The scan wants paths as the log writes them, and a view of a file decodes them.
        let paths =
            files.iter().map(|place| String::from(Path::from(self.files[*place].path.as_str())));
        Ok(Arc::new(scan.with_file_selection(FileSelection::from_file_paths(paths))))
    }

    /// What takes some of the files out of the table.
    pub(crate) fn removes(&self, files: &[usize]) -> Vec<Remove> {
        files.iter().map(|place| self.files[*place].remove.clone()).collect()
    }

    /// The index as a table, one row for each file: `path`, `size_bytes`, `modified_at`,
    /// `num_records` (NULL where the log does not say), `deletion_vector` (whether it has one),
    /// `partition_values`, `min`, `max` and `null_count` (maps by column; columns inside of others
    /// by their dotted path).
    pub fn batch(&self) -> Result<RecordBatch, PortError> {
        self.columns().map_err(|error| {
            PortError::with_source(codes::READ, "the files cannot be made a table", error)
        })
    }

    /// The same as something a plan reads.
    pub fn provider(&self) -> Result<Arc<dyn TableProvider>, PortError> {
        let batch = self.batch()?;
        let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).map_err(|error| {
            PortError::with_source(codes::READ, "the files cannot be made a table", error)
        })?;
        Ok(Arc::new(table))
    }

    fn columns(&self) -> Result<RecordBatch, ArrowError> {
        let files = || self.files.iter();
        let texts = |kind: &'static str| -> Result<ArrayRef, ArrowError> {
            let mut map =
                MapBuilder::new(Some(names()), StringBuilder::new(), StringBuilder::new());
            for file in &self.files {
                for (name, value) in file.flat(kind) {
                    map.keys().append_value(name);
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    map.values().append_value(text);
                }
                map.append(file.stats.is_some())?;
            }
            Ok(Arc::new(map.finish()))
        };
        let mut folders =
            MapBuilder::new(Some(names()), StringBuilder::new(), StringBuilder::new());
        for file in files() {
            for (name, value) in &file.partition_values {
                folders.keys().append_value(name);
                folders.values().append_option(value.as_ref());
            }
            folders.append(true)?;
        }
        let mut nulls = MapBuilder::new(Some(names()), StringBuilder::new(), Int64Builder::new());
        for file in &self.files {
            for (name, value) in file.flat("nullCount") {
                nulls.keys().append_value(name);
                nulls.values().append_option(value.as_i64());
            }
            nulls.append(file.stats.is_some())?;
        }
        let records = self.files.iter().map(|file| file.stats.as_ref()?["numRecords"].as_i64());
        let columns: Vec<(&str, ArrayRef, bool)> = vec![
            ("path", Arc::new(StringArray::from_iter_values(files().map(|f| &f.path))), false),
            ("size_bytes", Arc::new(Int64Array::from_iter_values(files().map(|f| f.size))), false),
            (
                "modified_at",
                Arc::new(
                    TimestampMillisecondArray::from_iter_values(files().map(|f| f.modified))
                        .with_timezone("UTC"),
                ),
                false,
            ),
            ("num_records", Arc::new(records.collect::<Int64Array>()), true),
            (
                "deletion_vector",
                Arc::new(BooleanArray::from_iter(files().map(|f| Some(f.deletion_vector)))),
                false,
            ),
            ("partition_values", Arc::new(folders.finish()), false),
            ("min", texts("minValues")?, true),
            ("max", texts("maxValues")?, true),
            ("null_count", Arc::new(nulls.finish()), true),
        ];
        RecordBatch::try_from_iter_with_nullable(columns)
    }
}

impl Indexed {
    /// Statistics of one kind, by column.
    fn flat(&self, kind: &str) -> BTreeMap<String, &Value> {
        let mut flat = BTreeMap::new();
        if let Some(stats) = &self.stats {
            flatten("", &stats[kind], &mut flat);
        }
        flat
    }
}

fn names() -> MapFieldNames {
    MapFieldNames {
        entry: "entries".to_owned(),
        key: "keys".to_owned(),
        value: "values".to_owned(),
    }
}

/// The values inside of nested statistics, by dotted path.
fn flatten<'v>(path: &str, value: &'v Value, into: &mut BTreeMap<String, &'v Value>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let path = match path {
                    "" => name.clone(),
                    path => format!("{path}.{name}"),
                };
                flatten(&path, value, into);
            }
        }
        Value::Null => {}
        value => {
            into.insert(path.to_owned(), value);
        }
    }
}

/// Whether a column of this type is one that statistics are understood of.
fn is_understood(data_type: &DataType) -> bool {
    !data_type.is_nested() && !matches!(data_type, DataType::Binary)
}

#[cfg(test)]
mod tests;

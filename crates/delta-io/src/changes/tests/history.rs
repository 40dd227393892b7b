//! A table with a random past.

use std::{collections::BTreeMap, num::NonZeroU64, sync::Arc};

use arrow::{
    array::{
        ArrayRef, Float64Array, Int64Array, Int64Builder, ListBuilder, StringArray, StringBuilder,
        StructArray,
    },
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{
    execution::{SessionState, SessionStateBuilder},
    prelude::{SessionContext, col, lit},
};
use deltalake::{
    DeltaTable, DeltaTableBuilder,
    delta_datafusion::{SessionFallbackPolicy, planner::DeltaPlanner},
    kernel::{StructType, engine::arrow_conversion::TryIntoKernel},
    operations::optimize::OptimizeType,
    protocol::SaveMode,
};
use tempfile::TempDir;
use url::Url;
use viewlane_core::{CommitOutcome, SkipReason, TableLocation, TableSpec, WriteMode};

use crate::{ConsumedStep, DeltaStore, Merge, Operation, OperationIntent, Predicate};

/// What can happen to a table.
pub(crate) const KINDS: [&str; 12] = [
    "append",
    "append_again",
    "delete",
    "delete_partition",
    "update",
    "merge",
    "overwrite",
    "replace_where",
    "optimize",
    "restore",
    "add_column",
    "cursor_only",
];

/// The same sequence for the same seed.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn pick(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

pub(crate) struct History {
    pub(crate) table: DeltaTable,
    pub(crate) url: Url,
    dice: Dice,
    state: Arc<SessionState>,
    columns_added: usize,
    consumed: u64,
    last: Option<RecordBatch>,
    _folder: TempDir,
}

fn schema() -> SchemaRef {
    let list = DataType::List(Arc::new(Field::new("element", DataType::Utf8, true)));
    let fields = vec![Field::new("k", DataType::Int64, true), Field::new("l", list, true)];
    Arc::new(Schema::new(vec![
        Field::new("a", DataType::Int64, true),
        Field::new("p", DataType::Utf8, true),
        Field::new("x", DataType::Float64, true),
        Field::new("n", DataType::Struct(fields.into()), true),
    ]))
}

fn written(mode: WriteMode, batch: RecordBatch) -> Operation {
    Operation::Write {
        mode,
        schema: batch.schema(),
        spec: TableSpec::default(),
        rows: crate::fixture::streams(vec![batch]),
    }
}

impl History {
    /// An empty table, with a change feed for three of four.
    pub(crate) async fn start(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = Url::from_directory_path(folder.path()).unwrap();
        let columns: StructType = schema().as_ref().try_into_kernel().unwrap();
        let feed = (seed % 4 != 3).then(|| "true".to_owned());
        let table = DeltaTableBuilder::from_url(url.clone()).unwrap().build().unwrap();
        let mut create = table.create().with_columns(columns.fields().cloned());
        if seed.is_multiple_of(2) {
            create = create.with_partition_columns(["p"]);
        }
        let configuration = feed.map(|on| ("delta.enableChangeDataFeed", Some(on)));
        let table = create.with_configuration(configuration).await.unwrap();
        let state = SessionStateBuilder::new()
            .with_default_features()
            .with_query_planner(DeltaPlanner::new())
            .build();
        Self {
            table,
            url,
            dice: Dice(seed + 1),
            state: Arc::new(state),
            columns_added: 0,
            consumed: 0,
            last: None,
            _folder: folder,
        }
    }

    pub(crate) fn version(&self) -> u64 {
        self.table.version().unwrap()
    }

    /// Some rows, some of them more than once, with NULL, NaN and both zeros.
    fn rows(&mut self) -> RecordBatch {
        let count = 1 + self.dice.pick(6) as usize;
        let mut ids = Vec::new();
        let mut parts = Vec::new();
        let mut floats = Vec::new();
        let mut keys = Int64Builder::new();
        let item = Field::new("element", DataType::Utf8, true);
        let mut lists = ListBuilder::new(StringBuilder::new()).with_field(item);
        for _ in 0..count {
            ids.push([Some(1), Some(2), Some(3), Some(4), None][self.dice.pick(5) as usize]);
            parts.push([Some("a b"), Some("100%"), Some("é/?#"), None][self.dice.pick(4) as usize]);
            let floats_known = [Some(0.0), Some(-0.0), Some(f64::NAN), Some(1.5), None];
            floats.push(floats_known[self.dice.pick(5) as usize]);
            keys.append_option([Some(1), None][self.dice.pick(2) as usize]);
            match self.dice.pick(3) {
                0 => lists.append_null(),
                1 => lists.append(true),
                _ => {
                    lists.values().append_value("x");
                    lists.values().append_null();
                    lists.append(true);
                }
            }
        }
        let schema = schema();
        let DataType::Struct(fields) = schema.field(3).data_type() else { unreachable!() };
        let nested: Vec<ArrayRef> = vec![Arc::new(keys.finish()), Arc::new(lists.finish())];
        let columns: Vec<ArrayRef> = vec![
            Arc::new(Int64Array::from(ids)),
            Arc::new(StringArray::from(parts)),
            Arc::new(Float64Array::from(floats)),
            Arc::new(StructArray::new(fields.clone(), nested, None)),
        ];
        RecordBatch::try_new(schema, columns).unwrap()
    }

    /// Does something, if it can be done now, and says what.
    pub(crate) async fn step(&mut self) -> &'static str {
        let kind = match self.dice.pick(20) {
            0..=4 => "append",
            5 => "append_again",
            6 | 7 => "delete",
            8 => "delete_partition",
            9 | 10 => "update",
            11..=13 => "merge",
            14 => "overwrite",
            15 => "replace_where",
            16 => "optimize",
            17 => "restore",
            18 => "add_column",
            _ => "cursor_only",
        };
        let id = self.dice.pick(5) as i64;
        let operation = match kind {
            "append" | "append_again" => {
                let again = self.last.clone().filter(|_| kind == "append_again");
                let batch = again.unwrap_or_else(|| self.rows());
                self.last = Some(batch.clone());
                written(WriteMode::Append, batch)
            }
            "overwrite" => written(WriteMode::Overwrite, self.widened()),
            "replace_where" => {
                let batch = self.rows();
                let ids = batch.column(0).clone();
                let keep =
                    arrow::compute::kernels::cmp::eq(&ids, &Int64Array::new_scalar(2)).unwrap();
                let batch = arrow::compute::filter_record_batch(&batch, &keep).unwrap();
                written(WriteMode::ReplaceWhere { predicate: "a = 2".to_owned() }, batch)
            }
            "delete" => Operation::Delete { predicate: col("a").eq(lit(id)).into() },
            "delete_partition" => Operation::Delete { predicate: col("p").eq(lit("a b")).into() },
            "update" => Operation::Update {
                predicate: col("a").eq(lit(id)).into(),
                set: BTreeMap::from([("a".to_owned(), Predicate::Sql("a + 1".to_owned()))]),
            },
            "merge" => {
                let source = SessionContext::new_with_state((*self.state).clone())
                    .read_batch(self.rows())
                    .unwrap()
                    .distinct_on(vec![col("a")], vec![col("a"), col("x"), col("p")], None)
                    .unwrap();
                Operation::Merge(Merge {
                    source: source.into_unoptimized_plan(),
                    keys: vec!["a".to_owned()],
                    delete_when: Some("p IS NULL".to_owned()),
                    update: id != 0,
                    insert: true,
                })
            }
            "optimize" => Operation::Optimize {
                z_order: if id == 0 { vec!["a".to_owned(), "x".to_owned()] } else { Vec::new() },
                target_file_bytes: NonZeroU64::new(1 << 20).unwrap(),
            },
            "restore" => {
                let back = self.version().saturating_sub(1 + self.dice.pick(3));
                Operation::Restore { version: back }
            }
            "add_column" => {
                self.columns_added += 1;
                let name = format!("c{}", self.columns_added);
                let column = Field::new(name, DataType::Int64, true);
                Operation::AddColumns(Arc::new(Schema::new(vec![column])))
            }
            _ => written(WriteMode::Append, self.rows().slice(0, 0)),
        };
        let to = self.consumed + 1;
        let step = ConsumedStep::Advance { from: Some(self.consumed).filter(|at| *at > 0), to };
        // One that is made for its cursor alone, and others that need not leave a commit.
        let consumed = match kind {
            "cursor_only" => BTreeMap::from([("s".to_owned(), step)]),
            _ => BTreeMap::new(),
        };
        let intent = OperationIntent {
            owner: "p/v".to_owned(),
            run_id: format!("{}", self.version()),
            consumed,
            ..OperationIntent::default()
        };
        let location = TableLocation::new(self.url.as_str());
        let outcome = DeltaStore::new().operate(&location, operation, intent).await;
        match outcome.unwrap_or_else(|error| panic!("{kind}: {}", crate::fixture::told(&error))) {
            CommitOutcome::Committed(receipt) => {
                assert_eq!(receipt.version, self.version() + 1, "{kind}");
                assert_eq!(receipt.warning, None, "{kind}");
            }
            CommitOutcome::Skipped { because, .. } => {
                assert_eq!(because, SkipReason::NothingToDo, "{kind}");
            }
            other => panic!("{kind}: {other:?}"),
        }
        self.table.update_state().await.unwrap();
        let log_store = self.table.log_store();
        let snapshot = self.table.snapshot().unwrap();
        let consumed = snapshot.transaction_version(&log_store, "p/v/s").await.unwrap();
        self.consumed = consumed.map_or(0, |at| at.max(0) as u64);
        kind
    }

    /// Some rows, with all columns that the table has by now.
    fn widened(&mut self) -> RecordBatch {
        let batch = self.rows();
        let table = self.table.snapshot().unwrap().snapshot().arrow_schema();
        let mut fields = batch.schema().fields().to_vec();
        let mut columns = batch.columns().to_vec();
        for field in table.fields().iter().skip(fields.len()) {
            columns.push(arrow::array::new_null_array(field.data_type(), batch.num_rows()));
            fields.push(Arc::clone(field));
        }
        RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
    }

    async fn write(&self, batch: RecordBatch) -> deltalake::DeltaResult<DeltaTable> {
        self.table
            .clone()
            .write(vec![batch])
            .with_save_mode(SaveMode::Append)
            .with_schema_mode(deltalake::operations::write::SchemaMode::Merge)
            .with_session_state(Arc::clone(&self.state) as _)
            .with_session_fallback_policy(SessionFallbackPolicy::RequireSessionState)
            .await
    }

    /// Rows with these values of `a` and nothing else.
    pub(crate) async fn insert(&mut self, values: &[i64]) {
        let field = Field::new("a", DataType::Int64, true);
        let column: ArrayRef = Arc::new(Int64Array::from(values.to_vec()));
        let schema = Arc::new(Schema::new(vec![field]));
        self.table = self.write(RecordBatch::try_new(schema, vec![column]).unwrap()).await.unwrap();
    }

    pub(crate) async fn update(&mut self, expression: &str) {
        let update = self.table.clone().update().with_update("a", expression);
        let update = update.with_session_state(Arc::clone(&self.state) as _);
        self.table = update.await.unwrap().0;
    }

    pub(crate) async fn delete(&mut self, predicate: &str) {
        let delete = self.table.clone().delete().with_predicate(predicate);
        let delete = delete.with_session_state(Arc::clone(&self.state) as _);
        self.table = delete.await.unwrap().0;
    }

    pub(crate) async fn optimize(&mut self) {
        let optimize = self.table.clone().optimize().with_type(OptimizeType::Compact);
        let optimize = optimize.with_session_state(Arc::clone(&self.state) as _);
        self.table = optimize.await.unwrap().0;
    }

    pub(crate) async fn vacuum(&mut self) {
        let vacuum = self.table.clone().vacuum().with_enforce_retention_duration(false);
        let vacuum = vacuum.with_retention_period(chrono::Duration::zero());
        self.table = vacuum.await.unwrap().0;
    }

    pub(crate) async fn constrain(&mut self, expression: &str) {
        let constrain = self.table.clone().add_constraint().with_constraint("c", expression);
        self.table = constrain.await.unwrap();
    }

    /// The column `a` becomes text.
    pub(crate) async fn retype(&mut self) {
        let field = Field::new("a", DataType::Utf8, true);
        let schema = Arc::new(Schema::new(vec![field]));
        let column: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
        let batch = RecordBatch::try_new(schema, vec![column]).unwrap();
        self.table = self
            .table
            .clone()
            .write(vec![batch])
            .with_save_mode(SaveMode::Overwrite)
            .with_schema_mode(deltalake::operations::write::SchemaMode::Overwrite)
            .with_session_state(Arc::clone(&self.state) as _)
            .await
            .unwrap();
    }

    pub(crate) fn log_entry(&self, version: u64) -> std::path::PathBuf {
        let folder = self.url.to_file_path().unwrap();
        folder.join("_delta_log").join(format!("{version:020}.json"))
    }

    /// Removes an entry of the log.
    pub(crate) fn forget(&self, version: u64) {
        std::fs::remove_file(self.log_entry(version)).unwrap();
    }

    /// The newest version that the log has.
    pub(crate) fn newest(&self) -> u64 {
        (0..).take_while(|version| self.log_entry(*version).exists()).last().unwrap()
    }

    /// Names of the data files, orphans included.
    pub(crate) fn data_files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.url.to_file_path().unwrap()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<_> = names.filter(|name| name.ends_with(".parquet")).collect();
        files.sort();
        files
    }

    /// Makes files, and what the log says of removed ones, so many hours older.
    pub(crate) fn age(&self, hours: u64) {
        let folder = self.url.to_file_path().unwrap();
        let back = std::time::Duration::from_secs(hours * 3600);
        for name in self.data_files() {
            let file = std::fs::File::options().write(true).open(folder.join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - back).unwrap();
        }
        for version in 0..=self.newest() {
            let path = self.log_entry(version);
            let lines = std::fs::read_to_string(&path).unwrap();
            let lines = lines.lines().map(|line| {
                let mut action: serde_json::Value = serde_json::from_str(line).unwrap();
                if let Some(removed) = action.get_mut("remove") {
                    let at = removed["deletionTimestamp"].as_i64().unwrap();
                    removed["deletionTimestamp"] = (at - back.as_millis() as i64).into();
                }
                format!("{action}\n")
            });
            let text: String = lines.collect();
            std::fs::write(path, text).unwrap();
        }
    }
}

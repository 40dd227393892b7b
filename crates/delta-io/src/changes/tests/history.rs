//! A table with a random past.

use std::sync::Arc;

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
    kernel::{StructField, StructType, engine::arrow_conversion::TryIntoKernel},
    operations::optimize::OptimizeType,
    protocol::SaveMode,
};
use tempfile::TempDir;
use url::Url;

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
        let table = self.table.clone();
        let policy = SessionFallbackPolicy::RequireSessionState;
        let state = Arc::clone(&self.state);
        let id = self.dice.pick(5) as i64;
        let done = match kind {
            "append" | "append_again" => {
                let again = self.last.clone().filter(|_| kind == "append_again");
                let batch = again.unwrap_or_else(|| self.rows());
                self.last = Some(batch.clone());
                self.write(batch).await
            }
            "overwrite" => {
                let batch = self.rows();
                table
                    .write(vec![batch])
                    .with_save_mode(SaveMode::Overwrite)
                    .with_schema_mode(deltalake::operations::write::SchemaMode::Merge)
                    .with_session_state(state)
                    .with_session_fallback_policy(policy)
                    .await
            }
            "replace_where" => {
                let batch = self.rows();
                let mask = batch.column(0).clone();
                let keep =
                    arrow::compute::kernels::cmp::eq(&mask, &Int64Array::new_scalar(2)).unwrap();
                let batch = arrow::compute::filter_record_batch(&batch, &keep).unwrap();
                table
                    .write(vec![batch])
                    .with_save_mode(SaveMode::Overwrite)
                    .with_schema_mode(deltalake::operations::write::SchemaMode::Merge)
                    .with_replace_where(col("a").eq(lit(2_i64)))
                    .with_session_state(state)
                    .with_session_fallback_policy(policy)
                    .await
            }
            "delete" => table
                .delete()
                .with_predicate(col("a").eq(lit(id)))
                .with_session_state(state)
                .with_session_fallback_policy(policy)
                .await
                .map(|(t, _)| t),
            "delete_partition" => table
                .delete()
                .with_predicate(col("p").eq(lit("a b")))
                .with_session_state(state)
                .with_session_fallback_policy(policy)
                .await
                .map(|(t, _)| t),
            "update" => table
                .update()
                .with_predicate(col("a").eq(lit(id)))
                .with_update("a", "a + 1")
                .with_session_state(state)
                .with_session_fallback_policy(policy)
                .await
                .map(|(t, _)| t),
            "merge" => {
                let source = SessionContext::new_with_state((*state).clone())
                    .read_batch(self.rows())
                    .unwrap()
                    .distinct_on(vec![col("a")], vec![col("a"), col("x"), col("p")], None)
                    .unwrap();
                table
                    .merge(source, col("t.a").eq(col("s.a")))
                    .with_source_alias("s")
                    .with_target_alias("t")
                    .when_matched_update(|u| {
                        u.predicate(col("s.x").is_not_null()).update("x", col("s.x"))
                    })
                    .unwrap()
                    .when_matched_delete(|d| d.predicate(col("s.p").is_null()))
                    .unwrap()
                    .when_not_matched_insert(|i| {
                        i.set("a", col("s.a")).set("x", col("s.x")).set("p", col("s.p"))
                    })
                    .unwrap()
                    .with_session_state(state)
                    .with_session_fallback_policy(policy)
                    .await
                    .map(|(t, _)| t)
            }
            "optimize" => table
                .optimize()
                .with_type(OptimizeType::Compact)
                .with_session_state(state)
                .with_session_fallback_policy(policy)
                .await
                .map(|(t, _)| t),
            "restore" => {
                let back = self.version().saturating_sub(1 + self.dice.pick(3));
                table.restore().with_version_to_restore(back).await.map(|(t, _)| t)
            }
            "add_column" => {
                self.columns_added += 1;
                let name = format!("c{}", self.columns_added);
                let field = StructField::nullable(name, deltalake::kernel::DataType::LONG);
                table.add_columns().with_fields([field]).await
            }
            _ => {
                let empty = self.rows().slice(0, 0);
                self.write(empty).await
            }
        };
        self.table = done.unwrap_or_else(|error| panic!("{kind}: {error}"));
        kind
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

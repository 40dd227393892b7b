//! What Delta costs: writing TPC-H lineitem, reading it back, and telling what changed.
//!
//! Writers are measured each in a process of its own that reads the same Arrow stream from a file:
//! ours, DataFusion's own Parquet writer, and `write_deltalake` of Python where `--peer-venv` names
//! a virtual environment with `deltalake` and `pyarrow`. All of them write zstd of the same level.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{
    env, fs,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    thread,
};

use arrow::{
    array::{RecordBatch, RecordBatchReader},
    compute::cast,
    datatypes::{DataType, Field, Schema, SchemaRef},
    ipc::{reader::StreamReader, writer::StreamWriter},
};
use cpu_time::ProcessTime;
use datafusion::{
    catalog::{TableProvider, streaming::StreamingTable},
    config::TableParquetOptions,
    dataframe::DataFrameWriteOptions,
    datasource::{
        file_format::parquet::ParquetFormat,
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
    },
    error::DataFusionError,
    execution::{SendableRecordBatchStream, TaskContext},
    physical_plan::{stream::RecordBatchStreamAdapter, streaming::PartitionStream},
    prelude::{SessionConfig, SessionContext},
};
use deltalake::{DeltaTable, DeltaTableBuilder, protocol::SaveMode};
use futures::StreamExt;
use serde_json::{Value, json};
use tpchgen::generators::LineItemGenerator;
use tpchgen_arrow::LineItemArrow;
use url::Url;
use viewlane_core::{
    ChangeOrigin, ChangeSet, CommitIntent, CommitOutcome, DatasetStore, Fingerprint, Pin,
    RefreshMode, TableLocation, TableSpec, VersionRange, WriteCounts, WriteMode,
};
use viewlane_delta_io::DeltaStore;
use viewlane_tests::{Figure, Figures, median};

const ROUNDS: usize = 5;
const PEER_VENV: &str = "VIEWLANE_PEER_VENV";
/// What a process that writes is told: who it is, what to read, where to write.
const CHILD: &str = "VIEWLANE_BENCH_WRITER";
/// Of zstd, for all writers.
const LEVEL: i32 = 3;
/// MiB that a process that writes may take.
const MEMORY: f64 = 700.0;

fn main() {
    // The stack of a worker in the program: plans are deep trees.
    let main = thread::Builder::new().stack_size(16 * 1024 * 1024);
    main.spawn(measure).unwrap().join().unwrap();
}

fn measure() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if let Some(task) = env::var_os(CHILD) {
        let task: Value = serde_json::from_str(task.to_str().unwrap()).unwrap();
        runtime.block_on(write(task));
        return;
    }
    let figures = Figures::from_arguments("delta");
    let folder = tempfile::tempdir().unwrap();
    let [small, large] = [("small", 0.1), ("large", 1.0)]
        .map(|(name, scale)| lineitem(&folder.path().join(format!("{name}.arrows")), scale));
    writing(figures, folder.path(), &small, &large);
    runtime.block_on(async {
        reading(figures, folder.path()).await;
        changing(figures, folder.path()).await;
    });
}

/// Writes lineitem of a scale as a stream of Arrow batches, with plain strings, which every reader
/// knows.
fn lineitem(path: &Path, scale: f64) -> PathBuf {
    let plain = |schema: &Schema| {
        let fields = schema.fields().iter().map(|field| match field.data_type() {
            DataType::Utf8View => Arc::new(Field::clone(field).with_data_type(DataType::Utf8)),
            _ => Arc::clone(field),
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    };
    let rows = LineItemArrow::new(LineItemGenerator::new(scale, 1, 1)).with_batch_size(8192);
    let schema = plain(&rows.schema());
    let mut writer = StreamWriter::try_new(File::create(path).unwrap(), &schema).unwrap();
    for batch in rows {
        let batch = batch.unwrap();
        let columns = batch.columns().iter().zip(schema.fields());
        let columns = columns.map(|(column, field)| cast(column, field.data_type()).unwrap());
        let batch = RecordBatch::try_new(Arc::clone(&schema), columns.collect()).unwrap();
        writer.write(&batch).unwrap();
    }
    writer.finish().unwrap();
    path.to_owned()
}

/// The batches of a file, as a stream and as a table.
#[derive(Debug)]
struct Batches {
    path: PathBuf,
    schema: SchemaRef,
}

impl Batches {
    fn new(path: &Path) -> Self {
        let schema = reader(path).schema();
        Self { path: path.to_owned(), schema }
    }

    fn stream(&self) -> SendableRecordBatchStream {
        let batches = reader(&self.path).map(|batch| batch.map_err(DataFusionError::from));
        let stream = futures::stream::iter(batches);
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), stream))
    }
}

impl PartitionStream for Batches {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        self.stream()
    }
}

fn reader(path: &Path) -> StreamReader<BufReader<File>> {
    StreamReader::try_new_buffered(File::open(path).unwrap(), None).unwrap()
}

/// What one process took for writing.
#[derive(Clone, Copy)]
struct Cost {
    cpu_seconds: f64,
    peak_mib: f64,
}

fn writing(figures: Figures, folder: &Path, small: &Path, large: &Path) {
    let into = |name: &str| folder.join(name);
    let run = |writer: &str, input: &Path, output: &Path| {
        let task = json!({ "writer": writer, "input": input, "output": output }).to_string();
        cost(Command::new(env::current_exe().unwrap()).env(CHILD, task))
    };
    let venv = env::var_os(PEER_VENV).map(PathBuf::from);
    let python = |venv: &Path, output: &Path| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peer_deltalake.py");
        let mut command = Command::new(venv.join("bin/python"));
        cost(command.arg(script).arg(large).arg(output).arg(LEVEL.to_string()))
    };
    let (mut ours, mut limit, mut peer) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        ours.push(run("viewlane", large, &into(&format!("ours{round}"))));
        limit.push(run("datafusion", large, &into(&format!("bare{round}"))));
        if let Some(venv) = &venv {
            peer.push(python(venv, &into(&format!("peer{round}"))));
        }
    }
    let cpu = |costs: &[Cost]| median(costs.iter().map(|cost| cost.cpu_seconds).collect());
    let mine = cpu(&ours);
    figures.print(Figure {
        figure: "write_lineitem_sf1_vs_parquet",
        value: mine,
        unit: "CPU s",
        peer: &format!("DataFusion's own Parquet writer ({:.1} s)", cpu(&limit)),
        ratio: mine / cpu(&limit),
        target: 1.0 / 0.9,
    });
    if peer.is_empty() {
        #[expect(clippy::print_stderr, reason = "a bench has no other way to say so")]
        {
            eprintln!("no peer: {PEER_VENV} names no virtual environment with deltalake");
        }
    } else {
        figures.print(Figure {
            figure: "write_lineitem_sf1_vs_python",
            value: mine,
            unit: "CPU s",
            peer: &format!("write_deltalake of Python ({:.1} s)", cpu(&peer)),
            ratio: mine / cpu(&peer),
            target: 1.0 / 1.15,
        });
    }
    let peak = |costs: &[Cost]| median(costs.iter().map(|cost| cost.peak_mib).collect());
    let little = run("viewlane", small, &into("little"));
    figures.print(Figure {
        figure: "write_lineitem_sf1_peak",
        value: peak(&ours),
        unit: "MiB",
        peer: &format!("limit of {MEMORY} MiB"),
        ratio: peak(&ours) / MEMORY,
        target: 1.0,
    });
    figures.print(Figure {
        figure: "write_lineitem_sf1_peak_growth",
        value: peak(&ours),
        unit: "MiB",
        peer: &format!("a tenth of the rows ({:.0} MiB)", little.peak_mib),
        ratio: peak(&ours) / little.peak_mib,
        target: 1.25,
    });
}

/// Runs a process that writes, which says at its end what it took.
fn cost(command: &mut Command) -> Cost {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let number = |key: &str| told[key].as_f64().unwrap();
    Cost { cpu_seconds: number("cpu_seconds"), peak_mib: number("peak_mib") }
}

/// The work of a process that writes.
#[expect(clippy::print_stdout, reason = "this is how it tells")]
async fn write(task: Value) {
    let path = |key: &str| PathBuf::from(task[key].as_str().unwrap());
    let (batches, output) = (Batches::new(&path("input")), path("output"));
    let started = ProcessTime::now();
    match task["writer"].as_str().unwrap() {
        "viewlane" => overwrite(&output, &batches).await,
        _ => bare(&output, batches).await,
    }
    let cpu_seconds = started.elapsed().as_secs_f64();
    // VmHWM of proc(5).
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: f64 = peak.trim().strip_suffix(" kB").unwrap().parse().unwrap();
    println!("{}", json!({ "cpu_seconds": cpu_seconds, "peak_mib": kib / 1024.0 }));
}

async fn overwrite(folder: &Path, batches: &Batches) {
    commit(folder, batches.stream(), WriteMode::Overwrite).await;
}

async fn commit(folder: &Path, rows: SendableRecordBatchStream, mode: WriteMode) {
    let store = store();
    let location = location(folder);
    let schema = store.stored_schema(&rows.schema()).unwrap();
    let spec = TableSpec { owner: "bench/lineitem".to_owned(), ..TableSpec::default() };
    let mut target = store.begin(&location, schema, spec, mode).await.unwrap();
    target.write(vec![rows]).await.unwrap();
    let none = Fingerprint::builder("bench").finish();
    let intent = CommitIntent {
        project: "bench".to_owned(),
        relation: "lineitem".parse().unwrap(),
        run_id: "bench".to_owned(),
        definition: none,
        policy: none,
        schema: none,
        profile: none,
        sources: Vec::new(),
        mode: RefreshMode::Full,
        reason: "measured".to_owned(),
        body: String::new(),
    };
    let counts = WriteCounts { rows: 0, bag: String::new() };
    let outcome = target.commit(intent, &counts).await.unwrap();
    assert!(matches!(outcome, CommitOutcome::Committed(_)), "{outcome:?}");
}

fn store() -> DeltaStore {
    DeltaStore::new()
}

fn location(folder: &Path) -> TableLocation {
    TableLocation::new(url(folder).as_str())
}

fn url(folder: &Path) -> Url {
    Url::from_directory_path(folder).unwrap()
}

/// The same rows by DataFusion alone, as one Parquet file.
async fn bare(folder: &Path, batches: Batches) {
    let session = SessionContext::new();
    let schema = Arc::clone(&batches.schema);
    let table = StreamingTable::try_new(schema, vec![Arc::new(batches)]).unwrap();
    let rows = session.read_table(Arc::new(table)).unwrap();
    let mut options = TableParquetOptions::default();
    options.global.compression = Some(format!("zstd({LEVEL})"));
    fs::create_dir_all(folder).unwrap();
    let file = folder.join("part-0.parquet");
    let single = DataFrameWriteOptions::new().with_single_file_output(true);
    rows.write_parquet(file.to_str().unwrap(), single, Some(options)).await.unwrap();
}

/// Reads all columns, against DataFusion on the same files as bare Parquet.
async fn reading(figures: Figures, folder: &Path) {
    let table = folder.join("ours0");
    let files = folder.join("files");
    fs::create_dir_all(&files).unwrap();
    for entry in fs::read_dir(&table).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            fs::hard_link(&path, files.join(path.file_name().unwrap())).unwrap();
        }
    }
    let session = SessionContext::new_with_config(SessionConfig::new());
    let (mut ours, mut bare, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let started = ProcessTime::now();
        let stored = store().open(&location(&table), Pin::Latest).await.unwrap();
        let mine = drained(&session, stored.provider).await;
        let delta = started.elapsed().as_secs_f64();
        let started = ProcessTime::now();
        let theirs = drained(&session, listing(&session, &files).await).await;
        let parquet = started.elapsed().as_secs_f64();
        assert_eq!(mine, theirs);
        // The first round warms caches, for both alike.
        if round > 0 {
            ours.push(delta);
            bare.push(parquet);
            ratios.push(delta / parquet);
        }
    }
    figures.print(Figure {
        figure: "read_lineitem_sf1",
        value: median(ours),
        unit: "CPU s",
        peer: &format!("DataFusion on the same files ({:.2} s)", median(bare)),
        ratio: median(ratios),
        target: 1.0 / 0.95,
    });
}

async fn listing(session: &SessionContext, folder: &Path) -> Arc<dyn TableProvider> {
    let options = ListingOptions::new(Arc::new(ParquetFormat::new()));
    let config = ListingTableConfig::new(ListingTableUrl::parse(url(folder)).unwrap());
    let config = config.with_listing_options(options);
    let config = config.infer_schema(&session.state()).await.unwrap();
    Arc::new(ListingTable::try_new(config).unwrap())
}

/// Reads all rows and says how many there were.
async fn drained(session: &SessionContext, table: Arc<dyn TableProvider>) -> usize {
    let rows = session.read_table(table).unwrap();
    let mut rows = rows.execute_stream().await.unwrap();
    let mut count = 0;
    while let Some(batch) = rows.next().await {
        count += batch.unwrap().num_rows();
    }
    count
}

/// Tells what a tenth and a whole percent of the rows changed, by each origin, against reading the
/// whole table; and what as many new rows cost in a table ten times the size.
async fn changing(figures: Figures, folder: &Path) {
    let (little, large) = (folder.join("little"), folder.join("ours1"));
    let session = SessionContext::new();
    let whole = median_of(async || {
        let stored = store().open(&location(&large), Pin::Latest).await.unwrap();
        drained(&session, stored.provider).await
    })
    .await;
    let mut appended = Vec::new();
    for (table, rows) in [(&little, 6_000), (&large, 6_000), (&large, 60_000)] {
        let from = version(table).await;
        append(table, &folder.join("large.arrows"), rows).await;
        let cost = told(&session, table, from, ChangeOrigin::Appends).await;
        appended.push(cost);
    }
    figures.print(Figure {
        figure: "appends_6000_rows_of_6_million",
        value: appended[1] * 1000.0,
        unit: "CPU ms",
        peer: &format!("the same rows of 600,000 ({:.1} ms)", appended[0] * 1000.0),
        ratio: appended[1] / appended[0],
        target: 1.3,
    });
    compared(figures, "appends", &appended[1..], whole);
    for (origin, feed) in [(ChangeOrigin::Feed, true), (ChangeOrigin::Files, false)] {
        // Sorted by the key that rows are deleted by, so that few files hold them.
        let table = folder.join(origin.as_str());
        split(&table, &folder.join("large.arrows"), feed).await;
        let mut costs = Vec::new();
        for (first, last) in [(0, 6_000), (6_000, 66_000)] {
            let from = version(&table).await;
            delete(&table, first, last).await;
            costs.push(told(&session, &table, from, origin).await);
        }
        compared(figures, origin.as_str(), &costs, whole);
    }
}

fn compared(figures: Figures, origin: &str, costs: &[f64], whole: f64) {
    for (part, cost) in [("0.1_percent", costs[0]), ("1_percent", costs[1])] {
        figures.print(Figure {
            figure: &format!("{origin}_of_{part}"),
            value: cost * 1000.0,
            unit: "CPU ms",
            peer: &format!("reading the whole table ({:.0} ms)", whole * 1000.0),
            ratio: cost / whole,
            target: 0.25,
        });
    }
}

async fn median_of<T>(work: impl AsyncFn() -> T) -> f64 {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let started = ProcessTime::now();
        work().await;
        times.push(started.elapsed().as_secs_f64());
    }
    median(times)
}

/// CPU seconds for telling and reading the changes since a version.
async fn told(session: &SessionContext, table: &Path, from: u64, origin: ChangeOrigin) -> f64 {
    let location = location(table);
    let stored = store().open(&location, Pin::Latest).await.unwrap();
    let range = VersionRange { table_id: stored.table_id, from, to: stored.version };
    median_of(async || match store().changes(&location, &range).await.unwrap() {
        ChangeSet::Changes(changes) => {
            assert_eq!(changes.origin, origin, "{:?}", changes.passed_over);
            assert!(drained(session, changes.provider).await > 0);
        }
        ChangeSet::Cannot(why) => panic!("{why}"),
    })
    .await
}

async fn version(table: &Path) -> u64 {
    open(table).await.version().unwrap()
}

async fn open(table: &Path) -> DeltaTable {
    DeltaTableBuilder::from_url(url(table)).unwrap().load().await.unwrap()
}

/// The first rows of a stream of lineitem.
fn first(input: &Path, rows: usize) -> Vec<RecordBatch> {
    let mut left = rows;
    let batches = reader(input).map(Result::unwrap);
    let batches = batches.map_while(move |batch| {
        let taken = batch.slice(0, batch.num_rows().min(left));
        left -= taken.num_rows();
        (taken.num_rows() > 0).then_some(taken)
    });
    batches.collect()
}

async fn append(table: &Path, input: &Path, rows: usize) {
    open(table).await.write(first(input, rows)).with_save_mode(SaveMode::Append).await.unwrap();
}

/// Lineitem in some fifty files, in the order of its key.
async fn split(table: &Path, input: &Path, feed: bool) {
    fs::create_dir_all(table).unwrap();
    let mut batches = reader(input).map(Result::unwrap).peekable();
    let mut configuration = Vec::new();
    if feed {
        configuration.push(("delta.enableChangeDataFeed".to_owned(), Some("true".to_owned())));
    }
    let mut delta = DeltaTable::try_from_url(url(table)).await.unwrap();
    while batches.peek().is_some() {
        let part: Vec<RecordBatch> = batches.by_ref().take(15).collect();
        let write = delta.write(part).with_save_mode(SaveMode::Append);
        delta = write.with_configuration(configuration.clone()).await.unwrap();
    }
}

async fn delete(table: &Path, first: i64, last: i64) {
    let delta = open(table).await;
    let predicate = format!("l_orderkey >= {first} and l_orderkey < {last}");
    delta.delete().with_predicate(predicate).await.unwrap();
}

//! What viewlane adds: the engine's refresh of the 22 TPC-H marts at scale factor 0.1, against the
//! same queries by plain DataFusion writing Delta with delta-rs's own writer, in the same process,
//! with as many queries at once, in turns.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{fs, path::Path, sync::Arc, time::Instant};

use datafusion::{
    execution::SessionStateBuilder,
    prelude::{SessionConfig, SessionContext},
};
use deltalake::{
    DeltaTable, DeltaTableBuilder,
    delta_datafusion::{SessionFallbackPolicy, planner::DeltaPlanner},
    protocol::SaveMode,
};
use futures::StreamExt;
use url::Url;
use viewlane_engine::{Engine, RunOptions};
use viewlane_tests::{Figure, Figures, TestProject, median};

const ROUNDS: usize = 7;

fn main() {
    let cores = std::thread::available_parallelism().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.get())
        .thread_stack_size(16 * 1024 * 1024)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        // On a worker, as in the program.
        tokio::spawn(measure(cores)).await.unwrap();
    });
}

async fn measure(cores: std::num::NonZeroUsize) {
    let figures = Figures::from_arguments("overhead");
    let project = TestProject::example("tpch");
    let ours = async |options: RunOptions| {
        let engine = Engine::builder().cores(cores).build();
        let compiled = engine.compile(engine.load(project.root()).unwrap()).await.unwrap();
        let plan = engine.plan(&compiled, &options).await.unwrap();
        engine.run(compiled.into(), plan).await.summary
    };
    let summary = ours(RunOptions::default()).await;
    assert_eq!(summary.failed, 0);

    let (mut mine, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let started = Instant::now();
        let options = RunOptions {
            select: Some("path:views/marts".to_owned()),
            full_refresh: true,
            ..RunOptions::default()
        };
        assert_eq!(ours(options).await.committed, 22);
        let engine = started.elapsed().as_secs_f64() * 1000.0;
        let started = Instant::now();
        assert_eq!(plain(project.root(), cores.get()).await, 22);
        let plain = started.elapsed().as_secs_f64() * 1000.0;
        // The first round warms caches, for both alike.
        if round > 0 {
            mine.push(engine);
            theirs.push(plain);
            ratios.push(engine / plain);
        }
    }
    let target = 1.10;
    figures.print(Figure {
        figure: "wall_22_marts",
        value: median(mine),
        unit: "ms",
        peer: &format!("DataFusion with delta-rs's writer ({:.0} ms)", median(theirs)),
        ratio: median(ratios),
        target,
    });
}

/// The same queries without viewlane: tables opened by delta-rs, plain views by SQL text, results
/// written by delta-rs's writer.
async fn plain(root: &Path, at_once: usize) -> usize {
    let state = SessionStateBuilder::new()
        .with_config(SessionConfig::new().with_target_partitions(at_once))
        .with_default_features()
        .with_query_planner(DeltaPlanner::new())
        .build();
    let session = Arc::new(SessionContext::new_with_state(state));
    for schema in ["tpch", "staging", "core"] {
        session.sql(&format!("create schema {schema}")).await.unwrap();
    }
    let stored = fs::read_dir(root.join("lake/tpch"))
        .unwrap()
        .map(|entry| format!("tpch.{}", entry.unwrap().file_name().to_string_lossy()));
    for name in stored.chain(["core.order_lines".to_owned(), "core.supply_offers".to_owned()]) {
        let path = name.split('.').fold(root.join("lake"), |path, part| path.join(part));
        let table = open(&path).load().await.unwrap();
        let provider = table.table_provider().with_session(Arc::new(session.state()));
        session.register_table(&*name, Arc::new(provider.build().await.unwrap())).unwrap();
    }
    for (name, sql) in
        queries(&root.join("views/staging")).into_iter().chain(queries(&root.join("views/core")))
    {
        let schema = if root.join(format!("views/staging/{name}.sql")).is_file() {
            "staging"
        } else {
            "core"
        };
        if !sql.contains("MATERIALIZED") {
            session.sql(&format!("create view {schema}.{name} as {sql}")).await.unwrap();
        }
    }
    let written = futures::stream::iter(queries(&root.join("views/marts"))).map(|(name, sql)| {
        let (session, path) = (Arc::clone(&session), root.join("plain").join(&name));
        tokio::spawn(async move {
            let query = sql.split_once(") AS\n").map_or(sql.as_str(), |(_, query)| query);
            let plan = session.sql(query).await.unwrap().into_unoptimized_plan();
            fs::create_dir_all(&path).unwrap();
            let table = match path.join("_delta_log").is_dir() {
                true => open(&path).load().await.unwrap(),
                false => DeltaTable::try_from_url(Url::from_directory_path(&path).unwrap())
                    .await
                    .unwrap(),
            };
            table
                .write(Vec::new())
                .with_input_plan(plan)
                .with_session_state(Arc::new(session.state()))
                .with_session_fallback_policy(SessionFallbackPolicy::RequireSessionState)
                .with_save_mode(SaveMode::Overwrite)
                .await
                .unwrap();
        })
    });
    written.buffer_unordered(at_once).map(|done| done.unwrap()).count().await
}

fn open(path: &Path) -> DeltaTableBuilder {
    DeltaTableBuilder::from_url(Url::from_directory_path(path).unwrap()).unwrap()
}

/// Every view of a folder with its text, by name.
fn queries(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

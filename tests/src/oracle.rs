//! Recomputation by DataFusion and delta-rs alone: no crate of this workspace takes part.

use std::{collections::BTreeMap, fs, path::Path};

use arrow::{record_batch::RecordBatch, util::display::array_value_to_string};
use datafusion::prelude::SessionContext;
use deltalake::{DeltaTable, DeltaTableBuilder, protocol::SaveMode};
use serde_json::Value;
use url::Url;

/// A bag of rows as text: each distinct row with its count.
pub fn bag(batches: &[RecordBatch]) -> BTreeMap<String, usize> {
    let mut bag = BTreeMap::new();
    for batch in batches {
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().map(|column| match column.is_null(row) {
                true => "NULL".to_owned(),
                false => array_value_to_string(column, row).unwrap(),
            });
            *bag.entry(cells.collect::<Vec<_>>().join("|")).or_insert(0) += 1;
        }
    }
    bag
}

async fn open(path: &Path, version: Option<u64>) -> DeltaTable {
    let builder = DeltaTableBuilder::from_url(Url::from_directory_path(path).unwrap()).unwrap();
    match version {
        Some(version) => builder.with_version(version).load().await.unwrap(),
        None => builder.load().await.unwrap(),
    }
}

/// A session in which each Delta table stands under its name, at a version or at its newest one.
pub async fn session_over(tables: &[(&str, &Path, Option<u64>)]) -> SessionContext {
    let session = SessionContext::new();
    for (name, path, version) in tables {
        if let Some((schema, _)) = name.split_once('.') {
            session.sql(&format!("create schema if not exists {schema}")).await.unwrap();
        }
        let provider = open(path, *version).await.table_provider().await.unwrap();
        session.register_table(*name, provider).unwrap();
    }
    session
}

/// The bag that a query gives.
pub async fn query(session: &SessionContext, sql: &str) -> BTreeMap<String, usize> {
    bag(&session.sql(sql).await.unwrap().collect().await.unwrap())
}

/// Creates a Delta table from what a query gives.
pub async fn create(path: &Path, sql: &str) {
    fs::create_dir_all(path).unwrap();
    write(path, sql, SaveMode::ErrorIfExists).await;
}

/// Appends what a query gives to a Delta table.
pub async fn append(path: &Path, sql: &str) {
    write(path, sql, SaveMode::Append).await;
}

/// Puts the files of a Delta table together.
pub async fn compact(path: &Path) {
    let (_, done) = open(path, None).await.optimize().await.unwrap();
    assert!(done.num_files_removed > 1);
}

async fn write(path: &Path, sql: &str, mode: SaveMode) {
    let batches = SessionContext::new().sql(sql).await.unwrap().collect().await.unwrap();
    let table = match mode {
        SaveMode::Append => open(path, None).await,
        _ => DeltaTable::try_from_url(Url::from_directory_path(path).unwrap()).await.unwrap(),
    };
    table.write(batches).with_save_mode(mode).await.unwrap();
}

/// The log entries of a table, oldest first, each as its actions.
pub fn commits(path: &Path) -> Vec<Vec<Value>> {
    let Ok(entries) = fs::read_dir(path.join("_delta_log")) else { return Vec::new() };
    let mut files: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|file| {
            let text = fs::read_to_string(file).unwrap();
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        })
        .collect::<Vec<Vec<Value>>>()
}

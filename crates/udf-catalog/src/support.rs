//! Sessions for tests.

use std::sync::Arc;

use datafusion::{
    arrow::util::pretty::pretty_format_batches,
    execution::SessionStateBuilder,
    prelude::{SessionConfig, SessionContext},
};

use crate::Installer;

/// A session with everything in it that `installer` says.
pub(crate) fn session_with(installer: Installer) -> SessionContext {
    let config = SessionConfig::new().with_information_schema(true).with_target_partitions(4);
    let mut state = SessionStateBuilder::new().with_config(config).with_default_features().build();
    installer.install(&mut state).unwrap();
    SessionContext::new_with_state(state)
}

pub(crate) fn session() -> SessionContext {
    session_with(Installer::new())
}

/// The result of a query as a table, or the first lines of why there is none.
pub(crate) async fn run(context: &SessionContext, sql: &str) -> String {
    let result = async { context.sql(sql).await?.collect().await };
    match result.await {
        Ok(batches) => pretty_format_batches(&batches).unwrap().to_string(),
        Err(error) => {
            let text = error.to_string();
            // Of several names that are equally near the engine suggests any.
            let telling = |line: &&str| {
                *line != "caused by" && !line.is_empty() && !line.starts_with("Did you mean")
            };
            let lines = text.lines().filter(telling);
            lines.take(3).collect::<Vec<_>>().join(": ")
        }
    }
}

/// Several queries, one after the other, each with its result.
pub(crate) async fn transcript(context: &SessionContext, queries: &[&str]) -> String {
    let mut text = String::new();
    for sql in queries {
        text.push_str(&format!("> {sql}\n{}\n\n", run(context, sql).await));
    }
    text
}

/// Three columns in batches of three rows, over four partitions.
pub(crate) fn put_rows(context: &SessionContext, rows: &[(i64, Option<i64>, Option<&str>)]) {
    use datafusion::arrow::array::{Int64Array, RecordBatch, StringArray};

    let batch = |rows: &[(i64, Option<i64>, Option<&str>)]| {
        RecordBatch::try_from_iter_with_nullable([
            ("g", Arc::new(rows.iter().map(|r| Some(r.0)).collect::<Int64Array>()) as _, true),
            ("k", Arc::new(rows.iter().map(|r| r.1).collect::<Int64Array>()) as _, true),
            ("v", Arc::new(rows.iter().map(|r| r.2).collect::<StringArray>()) as _, true),
        ])
        .unwrap()
    };
    let mut partitions: Vec<Vec<_>> = vec![Vec::new(); 4];
    for (number, rows) in rows.chunks(3).enumerate() {
        partitions[number % 4].push(batch(rows));
    }
    let schema = batch(&[]).schema();
    let table = datafusion::catalog::MemTable::try_new(schema, partitions).unwrap();
    context.deregister_table("rows").unwrap();
    context.register_table("rows", Arc::new(table)).unwrap();
}

/// A batch of one row with one number in it.
pub(crate) fn one_row(id: i64) -> datafusion::arrow::array::RecordBatch {
    let ids = Arc::new(datafusion::arrow::array::Int64Array::from(vec![id])) as _;
    datafusion::arrow::array::RecordBatch::try_from_iter([("id", ids)]).unwrap()
}

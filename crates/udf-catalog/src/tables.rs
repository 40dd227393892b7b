//! Table functions about the session.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    arrow::{
        array::{
            ArrayRef, BooleanArray, Int64Array, ListBuilder, RecordBatch, StringArray,
            StringBuilder, TimestampMillisecondArray, UInt64Array,
        },
        datatypes::{Field, Schema},
    },
    catalog::{MemTable, Session, TableFunctionArgs, TableFunctionImpl, TableProvider},
    common::{Result, internal_err, plan_err, stats::Precision},
    execution::SessionState,
};

use crate::FunctionSnapshot;

/// A table function that takes no argument and reads what the session is when the query is planned.
#[derive(Debug)]
pub(crate) struct SessionTable {
    name: &'static str,
    columns: fn(&dyn Session) -> Result<Vec<Column>>,
}

type Column = (&'static str, ArrayRef);

impl SessionTable {
    pub(crate) fn named(name: &'static str) -> Option<Self> {
        let columns: fn(&dyn Session) -> Result<Vec<Column>> = match name {
            "function_docs" => function_docs,
            "functions" => functions,
            "list_files_cache" => list_files_cache,
            "metadata_cache" => metadata_cache,
            "statistics_cache" => statistics_cache,
            _ => return None,
        };
        Some(Self { name, columns })
    }
}

impl TableFunctionImpl for SessionTable {
    fn call_with_args(&self, args: TableFunctionArgs) -> Result<Arc<dyn TableProvider>> {
        if !args.exprs().is_empty() {
            return plan_err!("`{}` takes no argument", self.name);
        }
        let columns = (self.columns)(args.session())?;
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), true))
            .collect();
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        let schema = Arc::new(Schema::new(fields));
        let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
        Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))
    }
}

fn snapshot(session: &dyn Session) -> Result<FunctionSnapshot> {
    match session.as_any().downcast_ref::<SessionState>() {
        Some(state) => Ok(FunctionSnapshot::from_session(state)),
        None => internal_err!("the functions of a session of another kind are not known"),
    }
}

fn functions(session: &dyn Session) -> Result<Vec<Column>> {
    let snapshot = snapshot(session)?;
    let all = snapshot.functions();
    Ok(vec![
        ("name", texts(all.iter().map(|f| f.name.as_str()))),
        ("kind", texts(all.iter().map(|f| f.kind.as_str()))),
        ("tier", texts(all.iter().map(|f| f.tier.as_str()))),
        ("pack", texts(all.iter().map(|f| f.pack.as_str()))),
        ("volatility", texts(all.iter().map(|f| f.volatility.as_str()))),
        ("fallible", Arc::new(BooleanArray::from_iter(all.iter().map(|f| Some(f.fallible))))),
        ("aliases", lists(all.iter().map(|f| f.aliases.iter().map(String::as_str)))),
        ("parameters", lists(all.iter().map(|f| f.parameters.iter().map(String::as_str)))),
        ("signatures", lists(all.iter().map(|f| f.signatures.iter().map(String::as_str)))),
        ("returns", texts(all.iter().map(|f| f.returns.as_str()))),
        ("lanes", lists(all.iter().map(|f| f.lanes.iter().map(|lane| lane.as_str())))),
        ("tags", lists(all.iter().map(|f| f.tags.iter().map(String::as_str)))),
        ("description", texts(all.iter().map(|f| f.description.as_str()))),
    ])
}

fn function_docs(session: &dyn Session) -> Result<Vec<Column>> {
    let snapshot = snapshot(session)?;
    let all = snapshot.functions();
    Ok(vec![
        ("name", texts(all.iter().map(|f| f.name.as_str()))),
        ("kind", texts(all.iter().map(|f| f.kind.as_str()))),
        ("section", texts(all.iter().map(|f| f.section.as_str()))),
        ("description", texts(all.iter().map(|f| f.description.as_str()))),
        ("syntax", texts(all.iter().map(|f| f.syntax.as_str()))),
        ("example", texts(all.iter().map(|f| f.example.as_str()))),
        ("argument_names", lists(all.iter().map(|f| f.arguments.iter().map(|a| a.0.as_str())))),
        (
            "argument_descriptions",
            lists(all.iter().map(|f| f.arguments.iter().map(|a| a.1.as_str()))),
        ),
        ("aliases", lists(all.iter().map(|f| f.aliases.iter().map(String::as_str)))),
    ])
}

fn list_files_cache(session: &dyn Session) -> Result<Vec<Column>> {
    let cache = session.runtime_env().cache_manager.get_list_files_cache();
    let entries: BTreeMap<_, _> = cache
        .iter()
        .flat_map(|cache| cache.list_entries())
        .map(|(key, entry)| ((key.table.map(|t| t.to_string()), key.path.to_string()), entry))
        .collect();
    let values = || entries.values();
    Ok(vec![
        (
            "table_name",
            Arc::new(entries.keys().map(|key| key.0.as_deref()).collect::<StringArray>()),
        ),
        ("path", texts(entries.keys().map(|key| key.1.as_str()))),
        ("files", numbers(values().map(|entry| entry.value.files.len()))),
        ("size_bytes", numbers(values().map(|entry| entry.size_bytes))),
        ("hits", numbers(values().map(|entry| entry.hits))),
        (
            "expires",
            Arc::new(BooleanArray::from_iter(values().map(|entry| Some(entry.expires.is_some())))),
        ),
    ])
}

fn metadata_cache(session: &dyn Session) -> Result<Vec<Column>> {
    let cache = session.runtime_env().cache_manager.get_file_metadata_cache();
    let entries: BTreeMap<String, _> =
        cache.list_entries().into_iter().map(|(path, entry)| (path.to_string(), entry)).collect();
    let values = || entries.values();
    Ok(vec![
        ("path", texts(entries.keys().map(String::as_str))),
        (
            "file_size_bytes",
            Arc::new(UInt64Array::from_iter_values(values().map(|e| e.value.meta.size))),
        ),
        ("last_modified", moments(values().map(|e| e.value.meta.last_modified.timestamp_millis()))),
        ("size_bytes", numbers(values().map(|entry| entry.size_bytes))),
        ("hits", numbers(values().map(|entry| entry.hits))),
    ])
}

fn statistics_cache(session: &dyn Session) -> Result<Vec<Column>> {
    let cache = session.runtime_env().cache_manager.get_file_statistic_cache();
    let entries: BTreeMap<_, _> = cache
        .iter()
        .flat_map(|cache| cache.list_entries())
        .map(|(key, entry)| ((key.table.map(|t| t.to_string()), key.path.to_string()), entry))
        .collect();
    let values = || entries.values();
    let rows = || {
        values().map(|entry| match entry.value.statistics.num_rows {
            Precision::Exact(rows) => (Some(rows as i64), Some(true)),
            Precision::Inexact(rows) => (Some(rows as i64), Some(false)),
            Precision::Absent => (None, None),
        })
    };
    Ok(vec![
        (
            "table_name",
            Arc::new(entries.keys().map(|key| key.0.as_deref()).collect::<StringArray>()),
        ),
        ("path", texts(entries.keys().map(|key| key.1.as_str()))),
        (
            "file_size_bytes",
            Arc::new(UInt64Array::from_iter_values(values().map(|e| e.value.meta.size))),
        ),
        ("last_modified", moments(values().map(|e| e.value.meta.last_modified.timestamp_millis()))),
        ("rows", Arc::new(rows().map(|row| row.0).collect::<Int64Array>())),
        ("rows_exact", Arc::new(rows().map(|row| row.1).collect::<BooleanArray>())),
        ("columns", numbers(values().map(|e| e.value.statistics.column_statistics.len()))),
        ("size_bytes", numbers(values().map(|entry| entry.size_bytes))),
        ("hits", numbers(values().map(|entry| entry.hits))),
    ])
}

fn texts<'a>(values: impl Iterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl Iterator<Item = usize>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(values.map(|value| value as u64)))
}

fn moments(values: impl Iterator<Item = i64>) -> ArrayRef {
    Arc::new(TimestampMillisecondArray::from_iter_values(values).with_timezone("UTC"))
}

fn lists<'a, L: Iterator<Item = &'a str>>(values: impl Iterator<Item = L>) -> ArrayRef {
    let mut builder = ListBuilder::new(StringBuilder::new());
    for list in values {
        for value in list {
            builder.values().append_value(value);
        }
        builder.append(true);
    }
    Arc::new(builder.finish())
}

#[cfg(test)]
mod tests;

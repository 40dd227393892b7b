//! Calls of a function from SQL, in every way in which arguments can come.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, RecordBatch, UInt32Array},
        compute::{cast, concat_batches, take},
        datatypes::{DataType, Field, Schema, SchemaRef},
        util::display::array_value_to_string,
    },
    catalog::MemTable,
    error::{DataFusionError, Result},
    prelude::SessionContext,
};
use viewlane_core::FunctionKind;

use crate::{OwnFunction, Pack, Takes};

/// How many calls were made, and what was wrong with them.
#[derive(Default)]
pub(super) struct Report {
    pub(super) calls: usize,
    pub(super) differences: Vec<String>,
}

/// The name under which batches are put before a function.
const TABLE: &str = "viewlane_parity_rows";

pub(super) async fn run(context: &SessionContext, row: &OwnFunction) -> Report {
    let mut report = Report::default();
    report.calls += 1;
    match example(context, row).await {
        Ok(found) if found == row.example_result => {}
        Ok(found) => report.differences.push(format!(
            "`{}`: the example gives `{found}`, not `{}`",
            row.name, row.example_result
        )),
        Err(error) => report.differences.push(format!("`{}`: the example: {error}", row.name)),
    }
    // The example is the call of a table function; a table of a lake is what its giver says.
    if row.kind == FunctionKind::Table {
        return report;
    }
    if let Err(error) = vary(context, row, &mut report).await {
        report.differences.push(format!("`{}`: {error}", row.name));
    }
    report
}

async fn example(context: &SessionContext, row: &OwnFunction) -> Result<String> {
    let frame = context.sql(row.example).await?;
    let schema: SchemaRef = frame.schema().inner().clone();
    let batch = concat_batches(&schema, &frame.collect().await?)?;
    match batch.num_rows() {
        0 => Ok("no row".to_owned()),
        _ => Ok(array_value_to_string(batch.column(0), 0)?),
    }
}

/// The samples of all parameters in rows, in the first and last of them NULL, and the result of each
/// row by itself.
async fn vary(context: &SessionContext, row: &OwnFunction, report: &mut Report) -> Result<()> {
    let literals: Vec<String> = row.parameters.iter().map(|p| p.sample.to_owned()).collect();
    let literal = value(context, &select(row, &literals, None)).await?;
    report.calls += 1;

    if !row.parameters.is_empty() && !row.parameters.iter().any(|p| p.repeated) {
        let named: Vec<String> =
            row.parameters.iter().map(|p| format!("{} => {}", p.name, p.sample)).collect();
        let mut reversed = named.clone();
        reversed.reverse();
        for arguments in [&named, &reversed] {
            // The engine's own functions need not have names for their parameters.
            if row.pack == Pack::Engine {
                continue;
            }
            report.calls += 1;
            match value(context, &select(row, arguments, None)).await {
                Ok(found) => expect(report, row, "by named arguments", &literal, &found),
                Err(error) => {
                    report.differences.push(format!("`{}` by named arguments: {error}", row.name))
                }
            }
        }
    }
    if row.parameters.is_empty() {
        return Ok(());
    }

    let samples = samples(context, row).await?;
    let columns: Vec<String> = row
        .parameters
        .iter()
        .enumerate()
        .map(|(number, p)| if p.constant { p.sample.to_owned() } else { format!("c{number}") })
        .collect();
    let sql = select(row, &columns, Some(TABLE));
    let picks: [Option<u32>; 5] = [None, Some(0), Some(0), None, Some(0)];
    let whole = pick(&samples, &picks)?;
    let width = row.parameters.len();
    for (how, batch, rows) in [
        ("on a column", pick(&samples, &[Some(0)])?, 1),
        ("on an empty batch", whole.slice(0, 0), 0),
        ("on a slice", whole.slice(1, 2), 2),
        ("on a column with NULL", whole.clone(), 5),
        ("on large strings", texts_as(&whole, &DataType::LargeUtf8)?.slice(1, 2), 2),
        ("on views of strings", texts_as(&whole, &DataType::Utf8View)?.slice(1, 2), 2),
        ("on dictionaries", texts_as(&whole, &dictionary())?.slice(1, 2), 2),
    ] {
        report.calls += 1;
        debug_assert_eq!(batch.num_columns(), width);
        put(context, batch)?;
        let found = values(context, &sql).await.map_err(|error| error.context(how.to_owned()))?;
        // An aggregate gives one value whatever the rows; what it is on no row, or on NULL, is told
        // by its own tests.
        let scalar = row.kind == FunctionKind::Scalar;
        let expected = if row.kind == FunctionKind::Aggregate { 1 } else { rows };
        if found.len() != expected {
            report.differences.push(format!("`{}` {how} gives {} rows", row.name, found.len()));
        }
        let same = match how {
            "on a column with NULL" if scalar => found.get(1..3),
            _ if scalar || how == "on a column" => Some(found.as_slice()),
            _ => None,
        };
        for found in same.into_iter().flatten() {
            expect(report, row, how, &literal, found);
        }
    }

    // NULL itself, where a type takes it; what comes out has no value, or the rule says otherwise.
    let nulls = |p: &crate::Parameter| match p.takes {
        Takes::Struct => p.sample.to_owned(),
        _ if p.constant => p.sample.to_owned(),
        _ => "NULL".to_owned(),
    };
    let arguments: Vec<String> = row.parameters.iter().map(nulls).collect();
    report.calls += 1;
    let found = value(context, &select(row, &arguments, None)).await;
    let found = found.map_err(|error| error.context("on NULL"))?;
    let untouched = arguments.iter().all(|argument| argument != "NULL");
    match row.nulls {
        crate::Nulls::Propagate if !untouched => expect(report, row, "on NULL", "", &found),
        crate::Nulls::Never if found.is_empty() => {
            report.differences.push(format!("`{}` is NULL on NULL", row.name));
        }
        _ => {}
    }
    Ok(())
}

fn expect(report: &mut Report, row: &OwnFunction, how: &str, expected: &str, found: &str) {
    if expected != found {
        let name = row.name;
        report.differences.push(format!("`{name}` {how} gives `{found}`, not `{expected}`"));
    }
}

fn select(row: &OwnFunction, arguments: &[String], from: Option<&str>) -> String {
    let over = if row.kind == FunctionKind::Window { " OVER ()" } else { "" };
    let from = from.map(|table| format!(" FROM {table}")).unwrap_or_default();
    format!("SELECT {}({}){over} AS result{from}", row.name, arguments.join(", "))
}

/// The one value of a query, as text; NULL is empty.
async fn value(context: &SessionContext, sql: &str) -> Result<String> {
    let mut values = values(context, sql).await?;
    match values.len() {
        1 => Ok(values.remove(0)),
        rows => Err(DataFusionError::Execution(format!("{rows} rows of `{sql}`"))),
    }
}

async fn values(context: &SessionContext, sql: &str) -> Result<Vec<String>> {
    let mut values = Vec::new();
    for batch in context.sql(sql).await?.collect().await? {
        for row in 0..batch.num_rows() {
            values.push(array_value_to_string(batch.column(0), row)?);
        }
    }
    Ok(values)
}

/// One row with the sample of each parameter, as columns that can be NULL.
async fn samples(context: &SessionContext, row: &OwnFunction) -> Result<RecordBatch> {
    let list: Vec<String> = row
        .parameters
        .iter()
        .enumerate()
        .map(|(number, parameter)| format!("{} AS c{number}", parameter.sample))
        .collect();
    let frame = context.sql(&format!("SELECT {}", list.join(", "))).await?;
    let schema: SchemaRef = frame.schema().inner().clone();
    let batch = concat_batches(&schema, &frame.collect().await?)?;
    nullable(batch.columns().to_vec())
}

fn nullable(columns: Vec<ArrayRef>) -> Result<RecordBatch> {
    let fields: Vec<Field> = columns
        .iter()
        .enumerate()
        .map(|(number, array)| Field::new(format!("c{number}"), array.data_type().clone(), true))
        .collect();
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)?)
}

fn pick(batch: &RecordBatch, rows: &[Option<u32>]) -> Result<RecordBatch> {
    let rows = UInt32Array::from(rows.to_vec());
    let columns = batch.columns().iter().map(|column| take(column, &rows, None));
    nullable(columns.collect::<Result<Vec<_>, _>>()?)
}

fn texts_as(batch: &RecordBatch, data_type: &DataType) -> Result<RecordBatch> {
    let columns = batch.columns().iter().map(|column| match column.data_type() {
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => cast(column, data_type),
        _ => Ok(Arc::clone(column)),
    });
    nullable(columns.collect::<Result<Vec<_>, _>>()?)
}

fn dictionary() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

fn put(context: &SessionContext, batch: RecordBatch) -> Result<()> {
    let table = MemTable::try_new(batch.schema(), vec![vec![batch]])?;
    context.deregister_table(TABLE)?;
    context.register_table(TABLE, Arc::new(table))?;
    Ok(())
}

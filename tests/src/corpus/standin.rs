//! Rows for tables whose files are not here. What they hold does not matter to a comparison of two
//! answers, only that there is something to filter, join, group and sort.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray},
    compute::cast,
    datatypes::{DataType, Field, SchemaRef, TimeUnit},
    error::ArrowError,
};
use datafusion::{
    datasource::MemTable,
    execution::SessionState,
    logical_expr::{DdlStatement, LogicalPlan},
    prelude::SessionContext,
    sql::parser::Statement as EngineStatement,
};

const ROWS: i64 = 100;

/// Registers a table in memory in place of an external one. False when its columns are not declared,
/// or of a type that there is nothing to fill in for.
pub(super) async fn register(
    context: &SessionContext,
    state: &SessionState,
    statement: EngineStatement,
) -> bool {
    let Ok(LogicalPlan::Ddl(DdlStatement::CreateExternalTable(table))) =
        state.statement_to_plan(statement).await
    else {
        return false;
    };
    let schema = Arc::clone(table.schema.inner());
    if schema.fields().is_empty() {
        return false;
    }
    let Ok(batch) = batch(&schema) else { return false };
    let Ok(rows) = MemTable::try_new(schema, vec![vec![batch]]) else { return false };
    context.register_table(table.name, Arc::new(rows)).is_ok()
}

fn batch(schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    let columns = schema.fields().iter().enumerate();
    let columns: Result<Vec<_>, _> = columns.map(|(at, field)| column(at, field)).collect();
    RecordBatch::try_new(Arc::clone(schema), columns?)
}

/// A column with repeated values and, where they may be, nulls; no two columns in the same order.
fn column(at: usize, field: &Field) -> Result<ArrayRef, ArrowError> {
    let at = i64::try_from(at).expect("a table has few columns");
    let value = |row: i64| (row * (2 * at + 3) + row / 7 + at) % (7 + 6 * at % 31);
    let is_null = |row: i64| field.is_nullable() && (row + at) % 11 == 0;
    let values = || (0..ROWS).map(|row| (!is_null(row)).then(|| value(row)));

    let numbers = |scale: i64| Int64Array::from_iter(values().map(|one| one.map(|v| v * scale)));
    let base: ArrayRef = match field.data_type() {
        DataType::Boolean => {
            return Ok(Arc::new(BooleanArray::from_iter(
                values().map(|one| one.map(|v| v % 2 == 0)),
            )));
        }
        DataType::Date32 => {
            let days = cast(&numbers(40), &DataType::Int32)?;
            return cast(&days, &DataType::Date32);
        }
        DataType::Timestamp(unit, _) => {
            let second = match unit {
                TimeUnit::Second => 1,
                TimeUnit::Millisecond => 1_000,
                TimeUnit::Microsecond => 1_000_000,
                TimeUnit::Nanosecond => 1_000_000_000,
            };
            Arc::new(numbers(second * 3_601))
        }
        text if text.is_string() || text.is_binary() => {
            let word = |value: i64| {
                let letter = char::from(b'a' + u8::try_from(value % 5).expect("less than five"));
                if value < 5 { letter.to_string() } else { format!("{letter}{value}") }
            };
            Arc::new(StringArray::from_iter(values().map(|one| one.map(word))))
        }
        float if float.is_floating() => {
            let quarters = values().map(|one| one.map(|v| v as f64 / 4.0));
            Arc::new(arrow::array::Float64Array::from_iter(quarters))
        }
        _ => Arc::new(numbers(1)),
    };
    let column = cast(&base, field.data_type())?;
    match column.null_count() > 0 && !field.is_nullable() {
        true => Err(ArrowError::CastError("a value does not fit".to_owned())),
        false => Ok(column),
    }
}

//! What two answers have in common.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, RecordBatch},
    datatypes::{DataType, Float16Type, Float32Type, Float64Type, Schema, SchemaRef},
    row::{RowConverter, SortField},
    util::display::{ArrayFormatter, FormatOptions},
};
use datafusion::logical_expr::{Limit, LogicalPlan, LogicalPlanBuilder};

use super::case::Difference;
use crate::provenance::Source;

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    /// Columns as planned.
    pub(super) planned: SchemaRef,
    /// Columns as they come.
    pub(super) schema: SchemaRef,
    pub(super) batches: Vec<RecordBatch>,
    /// What gives the sort keys of each row, in the order of the rows, if there are any.
    pub(super) keys: Option<LogicalPlan>,
    /// The columns that each output is made of, as far as the plan tells.
    pub(super) sources: Option<Vec<BTreeSet<Source>>>,
    /// The tables that the plan scans.
    pub(super) tables: BTreeSet<[String; 3]>,
}

impl Answer {
    pub(super) fn rows(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }
}

/// Names and types. Those of the plan and those of the stream: they must be equal each.
pub(super) fn schemas(raw: &Answer, lane: &Answer) -> Vec<Difference> {
    let mut found = Vec::new();
    for (raw, lane, what) in
        [(&raw.planned, &lane.planned, "plan"), (&raw.schema, &lane.schema, "stream")]
    {
        if raw.fields().len() != lane.fields().len() {
            let (raw, lane) = (raw.fields().len(), lane.fields().len());
            found.push(Difference::Wrong(format!("{raw} columns raw, {lane} through the lane")));
            return found;
        }
        let describe = |what: &dyn Fn(&Schema, usize) -> String| {
            let columns = 0..raw.fields().len();
            let column = columns.clone().find(|at| what(raw, *at) != what(lane, *at))?;
            Some((column, what(raw, column), what(lane, column)))
        };
        if let Some((column, raw, lane)) = describe(&|schema, at| schema.field(at).name().clone())
            && !found.iter().any(|other| matches!(other, Difference::Names(_)))
        {
            let text = format!("column {} of the {what}: `{raw}`, now `{lane}`", column + 1);
            found.push(Difference::Names(text));
        }
        let of_type = |schema: &Schema, at: usize| {
            let field = schema.field(at);
            let mut text = format!("{:?}", field.data_type());
            text.push_str(if field.is_nullable() { ", nullable" } else { ", not null" });
            let mut metadata: Vec<_> = field.metadata().iter().collect();
            metadata.sort();
            for (key, value) in metadata {
                write!(text, ", {key}={value}").unwrap();
            }
            text
        };
        if let Some((column, raw, lane)) = describe(&of_type)
            && !found.iter().any(|other| matches!(other, Difference::Types(_)))
        {
            let text = format!("column {} of the {what}: {raw}; now {lane}", column + 1);
            found.push(Difference::Types(text));
        }
    }
    found
}

/// What two answers have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rows {
    /// The same rows in the same order.
    Same,
    /// The same rows in another order.
    Reordered,
    /// Not the same rows.
    Other(String),
}

/// Compares rows, bit by bit.
pub(super) fn rows(raw: &Answer, lane: &Answer) -> Rows {
    let all: Vec<_> = (0..raw.schema.fields().len()).collect();
    let (left, right) = encoded(raw, lane, &all);
    if left == right {
        return Rows::Same;
    }
    if left.len() != right.len() {
        let text = format!("{} rows raw, {} through the lane", left.len(), right.len());
        return Rows::Other(text);
    }
    let sorted = |rows: &[Vec<u8>]| {
        let mut rows: Vec<_> = rows.iter().enumerate().map(|(at, row)| (row.clone(), at)).collect();
        rows.sort();
        rows
    };
    let (left, right) = (sorted(&left), sorted(&right));
    if let Some((left, right)) = left.iter().zip(&right).find(|(left, right)| left.0 != right.0) {
        // Of two sorted lists, the smaller one at the first difference has no partner.
        let (row, whose) = match left.0 < right.0 {
            true => (text_of(raw, left.1), "raw only"),
            false => (text_of(lane, right.1), "through the lane only"),
        };
        return Rows::Other(format!("a row {whose}: {row}"));
    }
    Rows::Reordered
}

/// The first row that is not the same, with the rows in their order.
pub(super) fn first_difference(raw: &Answer, lane: &Answer) -> Option<String> {
    let (ours, theirs) = (raw.schema.fields().len(), lane.schema.fields().len());
    if ours != theirs {
        return Some(format!("{ours} sort keys raw, {theirs} through the lane"));
    }
    let (left, right) = encoded(raw, lane, &(0..ours).collect::<Vec<_>>());
    let at = (0..left.len().max(right.len())).find(|at| left.get(*at) != right.get(*at))?;
    let (raw, lane) = (text_of(raw, at), text_of(lane, at));
    Some(format!("sort keys of row {}: raw {raw}, through the lane {lane}", at + 1))
}

/// Whether the rows are equal but for the last digits of floating point columns.
pub(super) fn nearly(raw: &Answer, lane: &Answer) -> bool {
    let is_float = |at: &usize| raw.schema.field(*at).data_type().is_floating();
    let (floats, rest): (Vec<_>, Vec<_>) =
        (0..raw.schema.fields().len()).partition(|at| is_float(at));
    if floats.is_empty() || raw.rows() != lane.rows() {
        return false;
    }
    let (left, right) = encoded(raw, lane, &rest);
    let sorted = |rows: Vec<Vec<u8>>, answer: &Answer| {
        let mut rows: Vec<_> = rows.into_iter().zip(numbers(answer, &floats)).collect();
        rows.sort_by(|(row, numbers), (other, others)| {
            let numbers = numbers.iter().zip(others).map(|(one, other)| one.total_cmp(other));
            row.cmp(other).then_with(|| {
                numbers.into_iter().find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
            })
        });
        rows
    };
    let (left, right) = (sorted(left, raw), sorted(right, lane));
    left.iter().zip(&right).all(|((row, numbers), (other, others))| {
        row == other && numbers.iter().zip(others).all(|(one, other)| close(*one, *other))
    })
}

fn close(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq() || (one - other).abs() <= 1e-9 * one.abs().max(other.abs())
}

fn numbers(answer: &Answer, columns: &[usize]) -> Vec<Vec<f64>> {
    let mut rows = Vec::new();
    for batch in &answer.batches {
        for row in 0..batch.num_rows() {
            let number = |at: &usize| {
                let column = batch.column(*at);
                if column.is_null(row) {
                    return f64::NEG_INFINITY;
                }
                match column.data_type() {
                    DataType::Float16 => f64::from(column.as_primitive::<Float16Type>().value(row)),
                    DataType::Float32 => f64::from(column.as_primitive::<Float32Type>().value(row)),
                    _ => column.as_primitive::<Float64Type>().value(row),
                }
            };
            rows.push(columns.iter().map(number).collect());
        }
    }
    rows
}

/// Some columns of each row as bytes that are equal exactly when the values are, bit by bit: the row
/// format where both answers have the same types, and text where they do not.
fn encoded(raw: &Answer, lane: &Answer, columns: &[usize]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    if columns.is_empty() {
        return (vec![Vec::new(); raw.rows()], vec![Vec::new(); lane.rows()]);
    }
    let batches = || raw.batches.iter().chain(&lane.batches);
    let types = |batch: &RecordBatch| -> Vec<_> {
        columns.iter().map(|at| batch.column(*at).data_type().clone()).collect()
    };
    let first = batches().next().map(types).unwrap_or_default();
    let converter = batches()
        .all(|batch| types(batch) == first)
        .then(|| RowConverter::new(first.into_iter().map(SortField::new).collect()).ok())
        .flatten();
    let encode = |answer: &Answer| -> Vec<Vec<u8>> {
        let mut rows = Vec::with_capacity(answer.rows());
        for batch in &answer.batches {
            let some: Vec<ArrayRef> = columns.iter().map(|at| batch.column(*at).clone()).collect();
            match converter.as_ref().map(|converter| converter.convert_columns(&some).unwrap()) {
                Some(encoded) => rows.extend(encoded.iter().map(|row| row.as_ref().to_vec())),
                None => {
                    rows.extend((0..batch.num_rows()).map(|row| cells(&some, row).into_bytes()))
                }
            }
        }
        rows
    };
    (encode(raw), encode(lane))
}

fn text_of(answer: &Answer, row: usize) -> String {
    let mut before = 0;
    for batch in &answer.batches {
        if row < before + batch.num_rows() {
            return format!("({})", cells(batch.columns(), row - before));
        }
        before += batch.num_rows();
    }
    "(none)".to_owned()
}

fn cells(columns: &[ArrayRef], row: usize) -> String {
    let options = FormatOptions::new().with_display_error(true).with_null("NULL");
    let cells = columns.iter().map(|column| match column.is_null(row) {
        true => "NULL".to_owned(),
        false => match ArrayFormatter::try_new(column, &options) {
            Ok(cells) => format!("{:?}", cells.value(row).to_string()),
            Err(error) => error.to_string(),
        },
    });
    cells.collect::<Vec<_>>().join(", ")
}

/// What gives the sort keys of each row that a plan gives. Their sequence is the same whenever the
/// query is; the order of rows that have all of them in common is not.
pub(super) fn keys(plan: &LogicalPlan) -> Option<LogicalPlan> {
    match plan {
        LogicalPlan::Limit(limit) => {
            let input = Arc::new(keys(&limit.input)?);
            Some(LogicalPlan::Limit(Limit { input, ..limit.clone() }))
        }
        LogicalPlan::Projection(projection) => keys(&projection.input),
        LogicalPlan::Sort(sort) => {
            let keys = sort.expr.iter().enumerate();
            let keys = keys.map(|(at, key)| key.expr.clone().alias(format!("key {}", at + 1)));
            LogicalPlanBuilder::from(plan.clone()).project(keys).ok()?.build().ok()
        }
        _ => None,
    }
}

//! Spans of bytes: structures of `bstart`, `bend` and, when they have it, `end_exclusive`.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StructArray},
    buffer::NullBuffer,
    datatypes::{DataType, Field, Fields, Int64Type},
};

use super::{Argument, Result, wrong};

/// The fields of what `span_make` gives.
pub fn span_fields() -> Fields {
    Fields::from(vec![
        Field::new("bstart", DataType::Int64, true),
        Field::new("bend", DataType::Int64, true),
        Field::new("line_base", DataType::Int32, true),
        Field::new("col_unit", DataType::Utf8, true),
        Field::new("end_exclusive", DataType::Boolean, true),
    ])
}

/// `span_make`, all five arguments given.
///
/// # Errors
///
/// For a span that ends before it starts, and for a base that does not fit 32 bits.
pub fn make(arguments: &[Argument], rows: usize) -> Result<ArrayRef> {
    let fields = span_fields();
    let columns = arguments
        .iter()
        .zip(&fields)
        .map(|(argument, field)| column(argument, field.data_type(), rows))
        .collect::<Result<Vec<_>>>()?;
    let valid: Vec<bool> =
        (0..rows).map(|row| columns.iter().all(|column| column.is_valid(row))).collect();
    let (starts, ends) = (columns[0].as_primitive::<Int64Type>(), columns[1].as_primitive());
    check(starts, ends, &valid)?;
    Ok(Arc::new(StructArray::try_new(fields, columns, Some(NullBuffer::from(valid)))?))
}

fn check(starts: &Int64Array, ends: &Int64Array, valid: &[bool]) -> Result<()> {
    let backward = |row: &usize| valid[*row] && ends.value(*row) < starts.value(*row);
    match (0..valid.len()).find(backward) {
        Some(row) => Err(wrong(format!(
            "a span that starts at {} cannot end at {}",
            starts.value(row),
            ends.value(row)
        ))),
        None => Ok(()),
    }
}

/// `span_len`.
///
/// # Errors
///
/// When the argument is not a span.
pub fn len(span: &Argument, rows: usize) -> Result<ArrayRef> {
    let spans = Spans::new(span)?;
    let len = |row| match spans.get(row) {
        Some((start, end)) => end
            .checked_sub(start)
            .map(Some)
            .ok_or_else(|| wrong("the length of a span does not fit 64 bits")),
        None => Ok(None),
    };
    Ok(Arc::new((0..rows).map(len).collect::<Result<Int64Array>>()?))
}

/// `span_overlaps`.
///
/// # Errors
///
/// When an argument is not a span.
pub fn overlaps(left: &Argument, right: &Argument, rows: usize) -> Result<ArrayRef> {
    compare(left, right, rows, |(a, b), (c, d)| a < d && c < b)
}

/// `span_contains`.
///
/// # Errors
///
/// When an argument is not a span.
pub fn contains(left: &Argument, right: &Argument, rows: usize) -> Result<ArrayRef> {
    compare(left, right, rows, |(a, b), (c, d)| a <= c && d <= b)
}

type Bounds = (i64, i64);

fn compare(
    left: &Argument,
    right: &Argument,
    rows: usize,
    test: fn(Bounds, Bounds) -> bool,
) -> Result<ArrayRef> {
    let (left, right) = (Spans::new(left)?, Spans::new(right)?);
    let test = |row| Some(test(left.get(row)?, right.get(row)?));
    Ok(Arc::new((0..rows).map(test).collect::<BooleanArray>()))
}

/// `interval_align_score`.
///
/// # Errors
///
/// When a bound is not a number.
pub fn align_score(arguments: &[Argument], rows: usize) -> Result<ArrayRef> {
    let bounds = arguments
        .iter()
        .map(|argument| argument.cast(&DataType::Int64))
        .collect::<Result<Vec<_>>>()?;
    let value = |number: usize, row: usize| {
        let bound = &bounds[number];
        bound.array().as_primitive::<Int64Type>().value(bound.index(row)) as f64
    };
    let score = |row: usize| {
        (!bounds.iter().any(|bound| bound.is_null(row))).then(|| value(2, row) - value(3, row))
    };
    Ok(Arc::new((0..rows).map(score).collect::<Float64Array>()))
}

/// The bounds of a column of spans, the end outside.
struct Spans<'a> {
    span: &'a Argument,
    starts: ArrayRef,
    ends: ArrayRef,
    exclusive: Option<ArrayRef>,
}

impl<'a> Spans<'a> {
    fn new(span: &'a Argument) -> Result<Self> {
        let array = span.array();
        let Some(structure) = array.as_struct_opt() else {
            return Err(wrong(format!("expected spans, found {}", array.data_type())));
        };
        let field = |name: &str, data_type: &DataType| {
            let column = structure.column_by_name(name);
            column.map(|column| arrow::compute::cast(column, data_type)).transpose()
        };
        let bound = |name: &str| {
            field(name, &DataType::Int64)?.ok_or_else(|| wrong(format!("a span has no `{name}`")))
        };
        let (starts, ends) = (bound("bstart")?, bound("bend")?);
        Ok(Self { span, starts, ends, exclusive: field("end_exclusive", &DataType::Boolean)? })
    }

    fn get(&self, row: usize) -> Option<Bounds> {
        let at = self.span.index(row);
        if self.span.is_null(row) || self.starts.is_null(at) || self.ends.is_null(at) {
            return None;
        }
        let exclusive = match &self.exclusive {
            Some(flags) => flags.is_null(at) || flags.as_boolean().value(at),
            None => true,
        };
        let end = self.ends.as_primitive::<Int64Type>().value(at);
        let end = if exclusive { end } else { end.checked_add(1)? };
        Some((self.starts.as_primitive::<Int64Type>().value(at), end))
    }
}

/// An argument as a whole column of a type; a number that does not fit is an error, never NULL.
fn column(argument: &Argument, data_type: &DataType, rows: usize) -> Result<ArrayRef> {
    let options = arrow::compute::CastOptions { safe: false, ..Default::default() };
    let array = arrow::compute::cast_with_options(argument.array(), data_type, &options)?;
    match argument.is_constant() {
        true => {
            let first = arrow::array::UInt32Array::from(vec![0; rows]);
            Ok(arrow::compute::take(&array, &first, None)?)
        }
        false => Ok(array),
    }
}

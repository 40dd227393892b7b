//! Which kernel runs for which row.

use std::sync::Arc;

use datafusion::arrow::{
    array::{Array, ArrayRef, AsArray, StructArray},
    datatypes::{DataType, Field, Fields},
    error::ArrowError,
};

use super::scalar::Body;
#[cfg(feature = "spans")]
use crate::kernels::spans;
use crate::kernels::{
    Argument, Result, changes, columns,
    hash::{self, Width},
    lists, maps,
};

/// The body of the scalar function of this name.
pub(super) fn of(name: &str) -> Option<Body> {
    Some(match name {
        "cdf_change_rank" => |a, n, _| changes::change_rank(&a[0], n),
        "cdf_is_delete" => |a, n, _| changes::is_delete(&a[0], n),
        "cdf_is_upsert" => |a, n, _| changes::is_upsert(&a[0], n),
        "col_to_byte" => |a, n, _| columns::col_to_byte(a, n),
        "list_unique_sorted" => |a, _, _| lists::unique_sorted(a[0].array()),
        "map_get_default" => |a, n, _| maps::get_default(&a[0], &a[1], &a[2], n),
        "map_normalize" => |a, _, _| map_normalize(a),
        "prefixed_hash64" => |a, n, _| hash::prefixed(&a[0], &a[1], n, Width::Bits64),
        "prefixed_hash_parts64" => |a, n, _| hash::prefixed_parts(&a[0], &a[1..], n, Width::Bits64),
        "stable_hash128" => |a, n, _| hash::stable_hash128(&a[0], n),
        "stable_hash64" => |a, n, _| hash::stable_hash64(&a[0], n),
        "stable_hash_any" => |a, n, _| hash::stable_hash_any(&a[0], a.get(1), a.get(2), n),
        "stable_id" => |a, n, _| hash::prefixed(&a[0], &a[1], n, Width::Bits128),
        "stable_id_parts" => |a, n, _| hash::prefixed_parts(&a[0], &a[1..], n, Width::Bits128),
        "struct_pick" => |a, _, returns| struct_pick(a[0].array(), returns),
        "utf8_normalize" => |a, n, _| columns::utf8_normalize(a, n),
        "utf8_null_if_blank" => |a, _, _| columns::null_if_blank(&a[0]),
        #[cfg(feature = "spans")]
        "interval_align_score" => |a, n, _| spans::align_score(a, n),
        #[cfg(feature = "spans")]
        "span_contains" => |a, n, _| spans::contains(&a[0], &a[1], n),
        #[cfg(feature = "spans")]
        "span_id" => |a, n, _| hash::prefixed_parts(&a[0], &a[1..], n, Width::Bits128),
        #[cfg(feature = "spans")]
        "span_len" => |a, n, _| spans::len(&a[0], n),
        #[cfg(feature = "spans")]
        "span_make" => |a, n, _| span_make(a, n),
        #[cfg(feature = "spans")]
        "span_overlaps" => |a, n, _| spans::overlaps(&a[0], &a[1], n),
        _ => return None,
    })
}

/// The type of a map from text to text.
pub(super) fn text_map() -> DataType {
    let (entries, key, value) = maps::ENTRIES;
    let fields = Fields::from(vec![
        Field::new(key, DataType::Utf8, false),
        Field::new(value, DataType::Utf8, true),
    ]);
    DataType::Map(Arc::new(Field::new(entries, DataType::Struct(fields), false)), false)
}

fn wrong(message: String) -> ArrowError {
    ArrowError::InvalidArgumentError(message)
}

fn map_normalize(arguments: &[Argument]) -> Result<ArrayRef> {
    let literal = |number: usize, name: &str| match arguments.get(number) {
        Some(argument) if !argument.is_constant() => {
            Err(wrong(format!("`{name}` must be a literal")))
        }
        Some(argument) if argument.is_null(0) => Err(wrong(format!("`{name}` cannot be NULL"))),
        given => Ok(given),
    };
    let case = match literal(1, "key_case")? {
        Some(case) => case.texts()?.get(0).unwrap_or_default().parse().map_err(wrong)?,
        None => maps::KeyCase::Lower,
    };
    let sort = match literal(2, "sort_keys")? {
        Some(sort) => sort.array().as_boolean().value(0),
        None => true,
    };
    maps::normalize(arguments[0].array(), case, sort)
}

fn struct_pick(array: &ArrayRef, returns: &DataType) -> Result<ArrayRef> {
    let (Some(structure), DataType::Struct(fields)) = (array.as_struct_opt(), returns) else {
        return Err(wrong(format!("expected structures, found {}", array.data_type())));
    };
    let column = |field: &Arc<Field>| {
        let column = structure.column_by_name(field.name()).cloned();
        column.ok_or_else(|| wrong(format!("`{}` is not a field", field.name())))
    };
    let columns = fields.iter().map(column).collect::<Result<Vec<_>>>()?;
    let nulls = structure.nulls().cloned();
    let length = structure.len();
    Ok(Arc::new(StructArray::try_new_with_length(fields.clone(), columns, nulls, length)?))
}

/// Arguments that are left out have the values that the table says.
#[cfg(feature = "spans")]
fn span_make(arguments: &[Argument], rows: usize) -> Result<ArrayRef> {
    use datafusion::arrow::array::{BooleanArray, Int64Array, StringArray};

    let defaults: [ArrayRef; 3] = [
        Arc::new(Int64Array::from(vec![0])),
        Arc::new(StringArray::from(vec!["byte"])),
        Arc::new(BooleanArray::from(vec![true])),
    ];
    let mut all = arguments.to_vec();
    let missing = defaults.into_iter().skip(arguments.len().saturating_sub(2));
    all.extend(missing.map(Argument::constant));
    spans::make(&all, rows)
}

//! Functions on lists.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, GenericListArray, OffsetSizeTrait, UInt64Array},
    buffer::OffsetBuffer,
    compute::take,
    datatypes::DataType,
    row::{RowConverter, SortField},
};

use super::{Result, wrong};

/// `list_unique_sorted`: the elements of each list once, in ascending order, without NULL.
///
/// # Errors
///
/// When it is not a list, or its elements have no order.
pub fn unique_sorted(array: &ArrayRef) -> Result<ArrayRef> {
    match array.data_type() {
        DataType::List(_) => unique::<i32>(array.as_list()),
        DataType::LargeList(_) => unique::<i64>(array.as_list()),
        other => Err(wrong(format!("expected lists, found {other}"))),
    }
}

fn unique<O: OffsetSizeTrait>(lists: &GenericListArray<O>) -> Result<ArrayRef> {
    let values = lists.values();
    let converter = RowConverter::new(vec![SortField::new(values.data_type().clone())])?;
    let rows = converter.convert_columns(&[Arc::clone(values)])?;
    let mut picked = Vec::with_capacity(values.len());
    let mut lengths = Vec::with_capacity(lists.len());
    let mut list: Vec<usize> = Vec::new();
    for row in 0..lists.len() {
        list.clear();
        if lists.is_valid(row) {
            let start = lists.value_offsets()[row].as_usize();
            let end = lists.value_offsets()[row + 1].as_usize();
            list.extend((start..end).filter(|element| values.is_valid(*element)));
            list.sort_unstable_by(|one, other| rows.row(*one).cmp(&rows.row(*other)));
            list.dedup_by(|one, other| rows.row(*one) == rows.row(*other));
        }
        lengths.push(list.len());
        picked.extend(list.iter().map(|element| *element as u64));
    }
    let values = take(values, &UInt64Array::from(picked), None)?;
    let (DataType::List(field) | DataType::LargeList(field)) = lists.data_type() else {
        return Err(wrong("expected lists"));
    };
    let offsets = OffsetBuffer::from_lengths(lengths);
    let nulls = lists.nulls().cloned();
    Ok(Arc::new(GenericListArray::<O>::try_new(Arc::clone(field), offsets, values, nulls)?))
}

//! Reads a column of strings, whatever its physical kind.

use datafusion::{
    arrow::{
        array::{Array, AsArray, BooleanArray, Int64Array},
        datatypes::DataType,
    },
    common::{Result, exec_err},
};

/// Maps each string of a plain (not dictionary) string array to a number; NULL stays NULL.
pub(super) fn map_to_i64(array: &dyn Array, map: impl Fn(&str) -> i64) -> Result<Int64Array> {
    let map = |text: Option<&str>| text.map(&map);
    Ok(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(map).collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(map).collect(),
        DataType::Utf8View => array.as_string_view().iter().map(map).collect(),
        other => return exec_err!("expected an array of strings, found {other}"),
    })
}

/// Tests each string of a plain (not dictionary) string array; NULL stays NULL.
pub(super) fn test(array: &dyn Array, test: impl Fn(&str) -> bool) -> Result<BooleanArray> {
    let test = |text: Option<&str>| text.map(&test);
    Ok(match array.data_type() {
        DataType::Utf8 => array.as_string::<i32>().iter().map(test).collect(),
        DataType::LargeUtf8 => array.as_string::<i64>().iter().map(test).collect(),
        DataType::Utf8View => array.as_string_view().iter().map(test).collect(),
        other => return exec_err!("expected an array of strings, found {other}"),
    })
}

//! What the log says of files, as far as it can be relied on.

use std::sync::Arc;

use arrow::{
    array::{ArrayRef, BooleanArray, UInt64Array},
    datatypes::{DataType, TimeUnit},
};
use datafusion::{
    common::{Column, ScalarValue, pruning::PruningStatistics},
    error::DataFusionError,
};
use serde_json::Value;

use super::{FileIndex, Indexed, is_understood};

/// Characters from which on a greatest text may be the beginning of a greater one: writers cut
/// there, and not all of them make up for it.
const CUT_TEXT: usize = 32;
/// Digits that a number in the log certainly keeps.
const SURE_DIGITS: u8 = 15;
/// Microseconds that a writer may have cut off a greatest time.
const CUT_MICROS: i64 = 1000;

/// Statistics of the files of an index, or only what their folders say.
pub(super) struct Statistics<'i> {
    pub(super) index: &'i FileIndex,
    pub(super) with_statistics: bool,
}

#[derive(Clone, Copy)]
enum End {
    Least,
    Greatest,
}

impl Statistics<'_> {
    fn ends(&self, column: &Column, end: End) -> Option<ArrayRef> {
        let field = self.index.schema.field_with_name(&column.name).ok()?;
        let (name, data_type) = (field.name(), field.data_type());
        if !is_understood(data_type) {
            return None;
        }
        let unknown = ScalarValue::try_from(data_type).ok()?;
        let in_folder = self.index.partition_columns.contains(name);
        let values = self.index.files.iter().map(|file| {
            let value = match (in_folder, self.with_statistics) {
                (true, _) => folder_value(file, name, data_type),
                (false, true) => value(file, name, data_type, end),
                (false, false) => None,
            };
            value.unwrap_or_else(|| unknown.clone())
        });
        ScalarValue::iter_to_array(values).ok()
    }

    fn rows(&self, file: &Indexed) -> Option<u64> {
        file.stats.as_ref().filter(|_| self.with_statistics)?["numRecords"].as_u64()
    }
}

impl PruningStatistics for Statistics<'_> {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.ends(column, End::Least)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.ends(column, End::Greatest)
    }

    fn num_containers(&self) -> usize {
        self.index.files.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let in_folder = self.index.partition_columns.contains(&column.name);
        let counts = self.index.files.iter().map(|file| {
            if in_folder {
                return match file.partition_values.get(&column.name) {
                    Some(Some(_)) => Some(0),
                    _ => self.rows(file),
                };
            }
            let stats = file.stats.as_ref().filter(|_| self.with_statistics)?;
            stats["nullCount"][&column.name].as_u64()
        });
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        let counts = self.index.files.iter().map(|file| self.rows(file));
        Some(Arc::new(counts.collect::<UInt64Array>()))
    }

    #[expect(clippy::disallowed_types, reason = "the trait names it; nothing of it is iterated")]
    fn contained(
        &self,
        _: &Column,
        _: &std::collections::HashSet<ScalarValue>,
    ) -> Option<BooleanArray> {
        None
    }
}

/// The value that all rows of a file have because of its folder.
fn folder_value(file: &Indexed, name: &str, data_type: &DataType) -> Option<ScalarValue> {
    let text = file.partition_values.get(name)?.as_ref()?;
    ScalarValue::try_from_string(text.clone(), data_type).ok()
}

/// The least or the greatest value of a column in a file, if it can be relied on.
fn value(file: &Indexed, name: &str, data_type: &DataType, end: End) -> Option<ScalarValue> {
    let kind = match end {
        End::Least => "minValues",
        End::Greatest => "maxValues",
    };
    let found = &file.stats.as_ref()?[kind][name];
    match (data_type, end) {
        // NaN is greater than all others and in no statistics.
        (DataType::Float32 | DataType::Float64, End::Greatest) => None,
        // One zero is less than the other, and the log does not always say which it was.
        (DataType::Float32, End::Least) => {
            let least = found.as_f64()?;
            let least = if least == 0.0 { -0.0 } else { least as f32 };
            // Rounding must not have made it greater.
            (f64::from(least) <= found.as_f64()?).then_some(ScalarValue::Float32(Some(least)))
        }
        (DataType::Float64, End::Least) => {
            let least = found.as_f64()?;
            Some(ScalarValue::Float64(Some(if least == 0.0 { -0.0 } else { least })))
        }
        (DataType::Decimal128(precision, _), _) if *precision > SURE_DIGITS => None,
        (DataType::Utf8, End::Greatest) if found.as_str()?.chars().count() >= CUT_TEXT => None,
        (DataType::Timestamp(TimeUnit::Microsecond, _), End::Greatest) => {
            match parsed(found, data_type)? {
                ScalarValue::TimestampMicrosecond(Some(at), zone) => {
                    Some(ScalarValue::TimestampMicrosecond(Some(at.checked_add(CUT_MICROS)?), zone))
                }
                _ => None,
            }
        }
        _ => parsed(found, data_type),
    }
}

fn parsed(found: &Value, data_type: &DataType) -> Option<ScalarValue> {
    let text = match found {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => return None,
    };
    let value: Result<_, DataFusionError> = ScalarValue::try_from_string(text, data_type);
    value.ok().filter(|value| !value.is_null())
}

//! Functions on maps.

use std::{collections::BTreeMap, str::FromStr, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, AsArray, MapArray, MapBuilder, MapFieldNames, StringBuilder, UInt32Array,
    },
    compute::{cast, concat, take},
    datatypes::DataType,
    row::{RowConverter, SortField},
};

use super::{Argument, Result, wrong};

/// Names of the fields of a map from text to text.
pub const ENTRIES: (&str, &str, &str) = ("entries", "key", "value");

/// What happens to the keys of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyCase {
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Left as they are.
    None,
}

impl FromStr for KeyCase {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "lower" => Ok(Self::Lower),
            "upper" => Ok(Self::Upper),
            "none" => Ok(Self::None),
            _ => Err(format!("unknown case of keys `{text}`: use `lower`, `upper` or `none`")),
        }
    }
}

/// `map_get_default`: the first value under a key that is not NULL, else the default.
///
/// # Errors
///
/// When the first argument is not a map, or the others do not fit it.
pub fn get_default(
    map: &Argument,
    key: &Argument,
    default: &Argument,
    rows: usize,
) -> Result<ArrayRef> {
    let maps = as_map(map.array())?;
    let key = key.cast(maps.keys().data_type())?;
    let default = default.cast(maps.values().data_type())?;
    let converter = RowConverter::new(vec![SortField::new(maps.keys().data_type().clone())])?;
    let keys = converter.convert_columns(&[Arc::clone(maps.keys())])?;
    let wanted = converter.convert_columns(&[Arc::clone(key.array())])?;

    // Values of the maps first, then the defaults: one `take` gets each row its value.
    let values = concat(&[maps.values(), default.array()])?;
    let first_default = maps.values().len();
    let index = |row: usize| -> Result<Option<u32>> {
        if map.is_null(row) || key.is_null(row) {
            return Ok(None);
        }
        let at = map.index(row);
        let entries = maps.value_offsets()[at] as usize..maps.value_offsets()[at + 1] as usize;
        let wanted = wanted.row(key.index(row));
        let found =
            entries.into_iter().find(|e| maps.values().is_valid(*e) && keys.row(*e) == wanted);
        let found = found.unwrap_or(first_default + default.index(row));
        u32::try_from(found).map(Some).map_err(|_| wrong("a batch has too many map entries"))
    };
    let indexes = (0..rows).map(index).collect::<Result<Vec<_>>>()?;
    take(&values, &UInt32Array::from(indexes), None)
}

/// `map_normalize`: keys and values as texts; of keys that become the same the last one counts.
///
/// # Errors
///
/// When it is not a map, or its keys or values have no text.
pub fn normalize(map: &ArrayRef, case: KeyCase, sort: bool) -> Result<ArrayRef> {
    let maps = as_map(map)?;
    let keys = cast(maps.keys(), &DataType::Utf8)?;
    let values = cast(maps.values(), &DataType::Utf8)?;
    let (keys, values) = (keys.as_string::<i32>(), values.as_string::<i32>());
    let names = MapFieldNames {
        entry: ENTRIES.0.to_owned(),
        key: ENTRIES.1.to_owned(),
        value: ENTRIES.2.to_owned(),
    };
    let mut out = MapBuilder::new(Some(names), StringBuilder::new(), StringBuilder::new());
    for row in 0..maps.len() {
        if maps.is_null(row) {
            out.append(false)?;
            continue;
        }
        let mut last: BTreeMap<String, usize> = BTreeMap::new();
        let entries = maps.value_offsets()[row] as usize..maps.value_offsets()[row + 1] as usize;
        for entry in entries {
            let key = match case {
                KeyCase::Lower => keys.value(entry).to_lowercase(),
                KeyCase::Upper => keys.value(entry).to_uppercase(),
                KeyCase::None => keys.value(entry).to_owned(),
            };
            last.insert(key, entry);
        }
        let mut entries: Vec<_> = last.into_iter().collect();
        if !sort {
            entries.sort_by_key(|(_, entry)| *entry);
        }
        for (key, entry) in entries {
            out.keys().append_value(key);
            out.values().append_option(values.is_valid(entry).then(|| values.value(entry)));
        }
        out.append(true)?;
    }
    Ok(Arc::new(out.finish()))
}

fn as_map(array: &ArrayRef) -> Result<&MapArray> {
    let wrong = || wrong(format!("expected maps, found {}", array.data_type()));
    array.as_map_opt().ok_or_else(wrong)
}

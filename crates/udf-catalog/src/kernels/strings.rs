//! Reads a column of strings, whatever its physical kind.

use arrow::{
    array::{Array, ArrayRef, AsArray, LargeStringArray, StringArray, StringViewArray},
    datatypes::DataType,
};

use super::{Result, wrong};

/// A column of strings of any kind, or one string for all rows.
#[derive(Debug)]
pub struct Texts<'a> {
    kind: Kind<'a>,
    /// Indexes into the values of a dictionary; `None` is NULL.
    keys: Option<Vec<Option<usize>>>,
    constant: bool,
}

#[derive(Debug)]
enum Kind<'a> {
    Utf8(&'a StringArray),
    Large(&'a LargeStringArray),
    View(&'a StringViewArray),
}

impl<'a> Texts<'a> {
    /// Reads an array; `constant` makes its first value stand for all rows.
    ///
    /// # Errors
    ///
    /// When it is not of a string type, or a dictionary of one.
    pub fn new(array: &'a ArrayRef, constant: bool) -> Result<Self> {
        if let Some(dictionary) = array.as_any_dictionary_opt() {
            let valid = |row: usize| !dictionary.keys().is_null(row);
            let plain = |(row, key): (usize, usize)| valid(row).then_some(key);
            // Without values no key can be normalised, and every row is NULL.
            let keys = match dictionary.values().is_empty() {
                true => vec![None; array.len()],
                false => dictionary.normalized_keys().into_iter().enumerate().map(plain).collect(),
            };
            return Ok(Self { kind: kind(dictionary.values())?, keys: Some(keys), constant });
        }
        Ok(Self { kind: kind(array)?, keys: None, constant })
    }

    /// The string of a row; `None` is NULL.
    #[inline]
    pub fn get(&self, row: usize) -> Option<&'a str> {
        let mut row = if self.constant { 0 } else { row };
        if let Some(keys) = &self.keys {
            row = keys[row]?;
        }
        match self.kind {
            Kind::Utf8(array) => array.is_valid(row).then(|| array.value(row)),
            Kind::Large(array) => array.is_valid(row).then(|| array.value(row)),
            Kind::View(array) => array.is_valid(row).then(|| array.value(row)),
        }
    }

    /// How many bytes the strings of so many rows have, about: for reserving memory.
    pub fn bytes(&self, rows: usize) -> usize {
        match (&self.kind, self.constant) {
            (_, true) => self.get(0).map_or(0, str::len) * rows,
            (Kind::Utf8(array), false) => array.value_data().len().min(rows * 64),
            (Kind::Large(array), false) => array.value_data().len().min(rows * 64),
            (Kind::View(_), false) => rows * 16,
        }
    }
}

fn kind(array: &ArrayRef) -> Result<Kind<'_>> {
    Ok(match array.data_type() {
        DataType::Utf8 => Kind::Utf8(array.as_string()),
        DataType::LargeUtf8 => Kind::Large(array.as_string()),
        DataType::Utf8View => Kind::View(array.as_string_view()),
        other => return Err(wrong(format!("expected strings, found {other}"))),
    })
}

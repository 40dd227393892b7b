//! Hashes and identifiers of columns of strings.

use std::{io::Write as _, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Array, StringArray},
    buffer::{Buffer, NullBuffer, OffsetBuffer, ScalarBuffer},
    compute::{cast, take},
    datatypes::DataType,
};

use super::{Argument, Result, Texts, values::write_value, wrong};
use crate::{
    NormalForm, normalize,
    text::{Parts, hash64, hex128},
};

/// How a hash is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// 63 bits, in decimal.
    Bits64,
    /// 128 bits, in hexadecimal digits.
    Bits128,
}

/// `stable_hash64`.
///
/// # Errors
///
/// When the argument is not of a string type.
pub fn stable_hash64(text: &Argument, rows: usize) -> Result<ArrayRef> {
    if let Some(dictionary) = text.array().as_any_dictionary_opt() {
        // Each distinct text is hashed once. A NULL key and a NULL value both give NULL.
        let values = Argument::column(Arc::clone(dictionary.values()));
        let hashes = stable_hash64(&values, dictionary.values().len())?;
        return take(&hashes, dictionary.keys(), None);
    }
    let texts = text.texts()?;
    let hash = |row| texts.get(row).map(|text| hash64(text.as_bytes()));
    Ok(Arc::new((0..rows).map(hash).collect::<Int64Array>()))
}

/// `stable_hash128`.
///
/// # Errors
///
/// When the argument is not of a string type.
pub fn stable_hash128(text: &Argument, rows: usize) -> Result<ArrayRef> {
    if let Some(dictionary) = text.array().as_any_dictionary_opt() {
        let values = Argument::column(Arc::clone(dictionary.values()));
        let hashes = stable_hash128(&values, dictionary.values().len())?;
        return take(&hashes, dictionary.keys(), None);
    }
    let texts = text.texts()?;
    let mut out = TextColumn::with_capacity(rows, rows * 32);
    for row in 0..rows {
        match texts.get(row) {
            Some(text) => out.push(&hex128(text.as_bytes())),
            None => out.push_null(),
        }
    }
    out.finish()
}

/// `prefixed_hash64` and `stable_id`: a prefix, a colon and the hash of a text.
///
/// # Errors
///
/// When an argument is not of a string type.
pub fn prefixed(prefix: &Argument, text: &Argument, rows: usize, width: Width) -> Result<ArrayRef> {
    let (prefixes, texts) = (prefix.texts()?, text.texts()?);
    let mut out = TextColumn::with_capacity(rows, prefixes.bytes(rows) + rows * 33);
    for row in 0..rows {
        match (prefixes.get(row), texts.get(row)) {
            (Some(prefix), Some(text)) => out.push_hash(prefix, text.as_bytes(), width),
            _ => out.push_null(),
        }
    }
    out.finish()
}

/// `stable_id_parts` and `prefixed_hash_parts64`: a prefix, a colon and the hash of parts.
///
/// # Errors
///
/// When the prefix is not of a string type, or a part is of a type that has no text.
pub fn prefixed_parts(
    prefix: &Argument,
    parts: &[Argument],
    rows: usize,
    width: Width,
) -> Result<ArrayRef> {
    let columns = parts.iter().map(as_text).collect::<Result<Vec<_>>>()?;
    let columns = columns.iter().map(Argument::texts).collect::<Result<Vec<Texts<'_>>>>()?;
    let prefixes = prefix.texts()?;
    let mut key = Parts::default();
    let mut out = TextColumn::with_capacity(rows, prefixes.bytes(rows) + rows * 33);
    for row in 0..rows {
        let Some(prefix) = prefixes.get(row) else {
            out.push_null();
            continue;
        };
        key.clear();
        for column in &columns {
            key.push(column.get(row));
        }
        out.push_hash(prefix, key.as_bytes(), width);
    }
    out.finish()
}

/// `stable_hash_any`: the hash of the text of any value.
///
/// # Errors
///
/// When a type has no text.
pub fn stable_hash_any(
    value: &Argument,
    canonical: Option<&Argument>,
    sentinel: Option<&Argument>,
    rows: usize,
) -> Result<ArrayRef> {
    let nested = value.array().data_type().is_nested();
    let plain = if nested { value.clone() } else { as_text(value)? };
    let texts = if nested { None } else { Some(plain.texts()?) };
    let canonical = canonical.map(|flag| flag.cast(&DataType::Boolean)).transpose()?;
    let sentinels = sentinel.map(Argument::texts).transpose()?;

    let mut text = String::new();
    let mut out = TextColumn::with_capacity(rows, rows * 32);
    for row in 0..rows {
        let sentinel = match &sentinels {
            Some(sentinels) => sentinels.get(row).unwrap_or(crate::PARTS_NULL),
            None => crate::PARTS_NULL,
        };
        let canonical = match &canonical {
            Some(flag) => flag.is_null(row) || flag.array().as_boolean().value(flag.index(row)),
            None => true,
        };
        text.clear();
        let present = match &texts {
            Some(texts) => texts.get(row).map(|value| text.push_str(value)).is_some(),
            None if value.is_null(row) => false,
            None => {
                write_value(&mut text, value.array(), value.index(row))?;
                true
            }
        };
        if !present {
            out.push(&hex128(sentinel.as_bytes()));
            continue;
        }
        if canonical {
            text = normalize(&text, NormalForm::Nfkc, false, false);
        }
        if text == sentinel || text.starts_with('\u{1b}') {
            text.insert(0, '\u{1b}');
        }
        out.push(&hex128(text.as_bytes()));
    }
    out.finish()
}

/// Strings stay as they are; anything else is cast to its text.
fn as_text(part: &Argument) -> Result<Argument> {
    let array = part.array();
    let is_text = |data_type: &DataType| {
        matches!(data_type, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
    };
    match array.data_type() {
        data_type if is_text(data_type) => Ok(part.clone()),
        DataType::Dictionary(_, value) if is_text(value) => Ok(part.clone()),
        data_type if data_type.is_nested() => {
            Err(wrong(format!("a value of type {data_type} has no text")))
        }
        _ => {
            let array = cast(array, &DataType::Utf8)?;
            Ok(match part.is_constant() {
                true => Argument::constant(array),
                false => Argument::column(array),
            })
        }
    }
}

/// A column of strings that is being written.
pub(super) struct TextColumn {
    bytes: Vec<u8>,
    offsets: Vec<i32>,
    valid: Vec<bool>,
    nulls: usize,
    overflow: bool,
}

impl TextColumn {
    pub(super) fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self {
            bytes: Vec::with_capacity(bytes),
            offsets,
            valid: Vec::with_capacity(rows),
            nulls: 0,
            overflow: false,
        }
    }

    pub(super) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.end(true);
    }

    pub(super) fn push_null(&mut self) {
        self.nulls += 1;
        self.end(false);
    }

    fn push_hash(&mut self, prefix: &str, key: &[u8], width: Width) {
        self.bytes.extend_from_slice(prefix.as_bytes());
        self.bytes.push(b':');
        match width {
            Width::Bits64 => {
                write!(self.bytes, "{}", hash64(key)).expect("memory can be written to");
            }
            Width::Bits128 => self.bytes.extend_from_slice(&hex128(key)),
        }
        self.end(true);
    }

    fn end(&mut self, valid: bool) {
        self.valid.push(valid);
        match i32::try_from(self.bytes.len()) {
            Ok(end) => self.offsets.push(end),
            Err(_) => self.overflow = true,
        }
    }

    pub(super) fn finish(self) -> Result<ArrayRef> {
        if self.overflow {
            return Err(wrong("the texts of one batch are larger than 2 GiB: use smaller batches"));
        }
        let nulls = (self.nulls > 0).then(|| NullBuffer::from(self.valid));
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        // Checks once more that it is UTF-8, which costs far less than a hash.
        let array = StringArray::try_new(offsets, Buffer::from_vec(self.bytes), nulls)?;
        Ok(Arc::new(array))
    }
}

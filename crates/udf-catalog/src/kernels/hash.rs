//! Hashes and identifiers of columns of strings.

use std::{borrow::Cow, io::Write as _, ops::Range, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray, Int64Builder, NullBufferBuilder, StringArray},
    buffer::{Buffer, OffsetBuffer, ScalarBuffer},
    compute::{cast, take},
    datatypes::DataType,
};

use super::{Argument, Result, Texts, values::write_value, wrong};
use crate::{
    NormalForm, normalize,
    text::{digest_rows, hex, number, push_ordinary_part, push_part, special_bytes},
};

/// How many rows are written as keys before they are hashed: few enough to stay near the processor.
const BLOCK: usize = 512;

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
    let mut hashes = Int64Builder::with_capacity(rows);
    let key = |row| texts.get(row).map(str::as_bytes);
    digest_rows(0..rows, key, |_, digest| hashes.append_option(digest.map(number)));
    Ok(Arc::new(hashes.finish()))
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
    out.push_hashes(0..rows, |row| texts.get(row).map(str::as_bytes));
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
    out.push_ids(0..rows, &prefixes, |row| texts.get(row).map(str::as_bytes), width);
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
    let mut keys = Keys::default();
    let mut out = TextColumn::with_capacity(rows, prefixes.bytes(rows) + rows * 33);
    for block in blocks(rows) {
        keys.write_parts(block.clone(), &columns);
        out.push_ids(block.clone(), &prefixes, |row| Some(keys.get(row - block.start)), width);
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
    let mut keys = Keys::default();
    let mut out = TextColumn::with_capacity(rows, rows * 32);
    for block in blocks(rows) {
        keys.clear();
        for row in block.clone() {
            let sentinel = match &sentinels {
                Some(sentinels) => sentinels.get(row).unwrap_or(crate::PARTS_NULL),
                None => crate::PARTS_NULL,
            };
            let canonical = match &canonical {
                Some(flag) => flag.is_null(row) || flag.array().as_boolean().value(flag.index(row)),
                None => true,
            };
            let given = match &texts {
                Some(texts) => texts.get(row),
                None if value.is_null(row) => None,
                None => {
                    text.clear();
                    write_value(&mut text, value.array(), value.index(row))?;
                    Some(text.as_str())
                }
            };
            keys.push_any(given, canonical, sentinel);
        }
        out.push_hashes(block.clone(), |row| Some(keys.get(row - block.start)));
    }
    out.finish()
}

/// What the rows of a block are hashed by, one behind the other.
#[derive(Default)]
struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Keys {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Ends the key that was written to the bytes.
    fn end(&mut self) {
        self.ends.push(self.bytes.len());
    }

    /// Writes the keys of the rows of a block anew.
    fn write_parts(&mut self, block: Range<usize>, columns: &[Texts<'_>]) {
        let separators = block.len() * columns.len().saturating_sub(1);
        self.write_lists(block.clone(), columns, push_ordinary_part);
        // Special bytes are rare: looking for them in all that was written costs less than in one
        // part after the other.
        if special_bytes(&self.bytes) > separators {
            self.write_lists(block, columns, push_part);
        }
    }

    fn write_lists(
        &mut self,
        block: Range<usize>,
        columns: &[Texts<'_>],
        push: impl Fn(&mut Vec<u8>, usize, Option<&str>),
    ) {
        self.clear();
        for row in block {
            for (before, column) in columns.iter().enumerate() {
                push(&mut self.bytes, before, column.get(row));
            }
            self.end();
        }
    }

    /// Writes the key of `stable_hash_any`.
    fn push_any(&mut self, value: Option<&str>, canonical: bool, sentinel: &str) {
        let text = match value {
            None => Cow::Borrowed(sentinel),
            Some(text) if !canonical => Cow::Borrowed(text),
            // Every form leaves ASCII as it is.
            Some(text) if text.is_ascii() => Cow::Borrowed(text.trim()),
            Some(text) => Cow::Owned(normalize(text, NormalForm::Nfkc, false, false)),
        };
        if value.is_some() && (text == sentinel || text.starts_with('\u{1b}')) {
            self.bytes.push(0x1b);
        }
        self.bytes.extend_from_slice(text.as_bytes());
        self.end();
    }

    fn get(&self, at: usize) -> &[u8] {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.bytes[start..self.ends[at]]
    }
}

fn blocks(rows: usize) -> impl Iterator<Item = Range<usize>> {
    (0..rows).step_by(BLOCK).map(move |start| start..rows.min(start + BLOCK))
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
    nulls: NullBufferBuilder,
    overflow: bool,
}

impl TextColumn {
    pub(super) fn with_capacity(rows: usize, bytes: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows + 1);
        offsets.push(0);
        Self {
            bytes: Vec::with_capacity(bytes),
            offsets,
            nulls: NullBufferBuilder::new(rows),
            overflow: false,
        }
    }

    pub(super) fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.nulls.append_non_null();
        self.end();
    }

    pub(super) fn push_null(&mut self) {
        self.nulls.append_null();
        self.end();
    }

    /// `stable_hash128` of the keys of some rows. No key is NULL.
    fn push_hashes<'a>(&mut self, rows: Range<usize>, key: impl Fn(usize) -> Option<&'a [u8]>) {
        digest_rows(rows, key, |_, digest| match digest {
            Some(digest) => self.push(&hex(digest)),
            None => self.push_null(),
        });
    }

    /// The prefix of each of some rows, a colon, and the hash of its key. No prefix and no key are
    /// NULL.
    fn push_ids<'a>(
        &mut self,
        rows: Range<usize>,
        prefixes: &Texts<'_>,
        key: impl Fn(usize) -> Option<&'a [u8]>,
        width: Width,
    ) {
        let key = |row| prefixes.get(row).and_then(|_| key(row));
        match width {
            Width::Bits64 => digest_rows(rows, key, |row, digest| {
                self.push_id(prefixes.get(row).zip(digest), |bytes, digest| {
                    write!(bytes, "{}", number(digest)).expect("memory can be written to");
                });
            }),
            Width::Bits128 => digest_rows(rows, key, |row, digest| {
                self.push_id(prefixes.get(row).zip(digest), |bytes, digest| {
                    bytes.extend_from_slice(&hex(digest));
                });
            }),
        }
    }

    fn push_id<D>(&mut self, id: Option<(&str, D)>, write: impl FnOnce(&mut Vec<u8>, D)) {
        let Some((prefix, digest)) = id else {
            return self.push_null();
        };
        self.bytes.extend_from_slice(prefix.as_bytes());
        self.bytes.push(b':');
        write(&mut self.bytes, digest);
        self.nulls.append_non_null();
        self.end();
    }

    fn end(&mut self) {
        match i32::try_from(self.bytes.len()) {
            Ok(end) => self.offsets.push(end),
            Err(_) => self.overflow = true,
        }
    }

    pub(super) fn finish(mut self) -> Result<ArrayRef> {
        if self.overflow {
            return Err(wrong("the texts of one batch are larger than 2 GiB: use smaller batches"));
        }
        let offsets = OffsetBuffer::new(ScalarBuffer::from(self.offsets));
        // Checks once more that it is UTF-8, which costs far less than a hash.
        let array =
            StringArray::try_new(offsets, Buffer::from_vec(self.bytes), self.nulls.finish())?;
        Ok(Arc::new(array))
    }
}

//! Values in the order of their bytes: what the aggregates choose, count and collect by.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, ListArray, new_empty_array},
    buffer::OffsetBuffer,
    compute::SortOptions,
    datatypes::{DataType, Field},
    row::{RowConverter, Rows, SortField},
};

use super::{Result, wrong};

const ASCENDING: SortOptions = SortOptions { descending: false, nulls_first: false };

/// The row that is chosen: the first by key, of equal keys the first by value.
///
/// Keys and values are turned into bytes whose order is theirs, so that one comparison decides for
/// any type.
#[derive(Debug)]
pub struct Best {
    converter: RowConverter,
    value_nulls: bool,
}

impl Best {
    /// Chooses among values of one type by keys of another; `descending` takes the greatest key.
    /// Rows with a NULL key never count, rows with a NULL value if `value_nulls` says so.
    ///
    /// # Errors
    ///
    /// For a type without an order.
    pub fn new(
        value: &DataType,
        key: &DataType,
        descending: bool,
        value_nulls: bool,
    ) -> Result<Self> {
        let by_key = SortOptions { descending, nulls_first: false };
        let fields = vec![
            SortField::new_with_options(key.clone(), by_key),
            SortField::new_with_options(value.clone(), ASCENDING),
        ];
        Ok(Self { converter: RowConverter::new(fields)?, value_nulls })
    }

    /// The bytes of rows, and which of them count.
    ///
    /// # Errors
    ///
    /// When the columns are of other types.
    pub fn rows(&self, value: &ArrayRef, key: &ArrayRef) -> Result<(Rows, Vec<bool>)> {
        let rows = self.converter.convert_columns(&[Arc::clone(key), Arc::clone(value)])?;
        let nulls = key.logical_nulls();
        let value_nulls = if self.value_nulls { None } else { value.logical_nulls() };
        let counts = (0..key.len())
            .map(|row| {
                nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
                    && value_nulls.as_ref().is_none_or(|nulls| nulls.is_valid(row))
            })
            .collect();
        Ok((rows, counts))
    }

    /// Values and keys of bytes; what is not there is NULL.
    ///
    /// # Errors
    ///
    /// When the bytes are not of this converter.
    pub fn columns<'a>(
        &self,
        bytes: impl Iterator<Item = Option<&'a [u8]>>,
    ) -> Result<(ArrayRef, ArrayRef)> {
        let parser = self.converter.parser();
        // The row of nothing: NULL, NULL.
        let empty = self.empty()?;
        let bytes: Vec<&[u8]> = bytes.map(|bytes| bytes.unwrap_or(&empty)).collect();
        let rows = bytes.iter().map(|bytes| parser.parse(bytes));
        let mut columns = self.converter.convert_rows(rows)?;
        let value = columns.pop().ok_or_else(|| wrong("a row has two columns"))?;
        let key = columns.pop().ok_or_else(|| wrong("a row has two columns"))?;
        Ok((value, key))
    }

    fn empty(&self) -> Result<Vec<u8>> {
        let columns = self.converter.convert_rows(std::iter::empty::<arrow::row::Row<'_>>())?;
        let nulls: Vec<ArrayRef> = columns
            .iter()
            .map(|column| arrow::array::new_null_array(column.data_type(), 1))
            .collect();
        Ok(self.converter.convert_columns(&nulls)?.row(0).as_ref().to_vec())
    }
}

/// How often each row is there, in order: the first can be told after any has been taken away.
#[derive(Debug, Default)]
pub struct Counted {
    rows: BTreeMap<Box<[u8]>, u64>,
    bytes: usize,
}

impl Counted {
    /// One row more.
    pub fn add(&mut self, row: &[u8]) {
        match self.rows.get_mut(row) {
            Some(count) => *count += 1,
            None => {
                self.bytes += row.len();
                self.rows.insert(row.into(), 1);
            }
        }
    }

    /// One row less.
    pub fn remove(&mut self, row: &[u8]) {
        if let Some(count) = self.rows.get_mut(row) {
            *count -= 1;
            if *count == 0 {
                self.bytes -= row.len();
                self.rows.remove(row);
            }
        }
    }

    /// The rows in order, each once.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.rows.keys().map(AsRef::as_ref)
    }

    /// The first row.
    pub fn first(&self) -> Option<&[u8]> {
        self.iter().next()
    }

    /// Memory in bytes, about.
    pub fn size(&self) -> usize {
        self.bytes + self.rows.len() * 48
    }
}

/// Different values and where each was met, in the order of the rows.
#[derive(Debug, Default)]
pub struct Met {
    values: BTreeMap<Box<[u8]>, VecDeque<Box<[u8]>>>,
    met: u64,
    bytes: usize,
}

impl Met {
    /// A value was met; `place` orders it, or the moment does. Only the first place of a value is
    /// kept unless `all` may be taken away again.
    pub fn add(&mut self, value: &[u8], place: Option<&[u8]>, all: bool) {
        let moment = self.met.to_be_bytes();
        self.met += 1;
        let place = place.unwrap_or(&moment);
        if !self.values.contains_key(value) {
            self.bytes += value.len();
            self.values.insert(value.into(), VecDeque::new());
        }
        let Some(places) = self.values.get_mut(value) else { return };
        match places.front_mut() {
            Some(first) if !all => {
                if place < first.as_ref() {
                    *first = place.into();
                }
            }
            _ => {
                self.bytes += place.len();
                places.push_back(place.into());
            }
        }
    }

    /// The oldest row of a value goes.
    pub fn remove(&mut self, value: &[u8]) {
        let Some(places) = self.values.get_mut(value) else { return };
        if let Some(place) = places.pop_front() {
            self.bytes -= place.len();
        }
        if places.is_empty() {
            self.bytes -= value.len();
            self.values.remove(value);
        }
    }

    /// Each value once, by its first place, equal places by value; with the place.
    pub fn sorted(&self) -> Vec<(&[u8], &[u8])> {
        let mut all: Vec<(&[u8], &[u8])> = self
            .values
            .iter()
            .filter_map(|(value, places)| Some((value.as_ref(), places.iter().min()?.as_ref())))
            .collect();
        // Stable, and the values came in order.
        all.sort_by_key(|(_, place)| *place);
        all
    }

    /// Memory in bytes, about.
    pub fn size(&self) -> usize {
        self.bytes + self.values.len() * 96
    }
}

/// Turns the bytes of one column back into an array.
///
/// # Errors
///
/// When the bytes are not of this converter.
pub fn parse<'a>(
    converter: &RowConverter,
    bytes: impl Iterator<Item = &'a [u8]>,
) -> Result<ArrayRef> {
    let parser = converter.parser();
    let rows: Vec<_> = bytes.map(|bytes| parser.parse(bytes)).collect();
    let mut columns = converter.convert_rows(rows)?;
    columns.pop().ok_or_else(|| wrong("a row has one column"))
}

/// A list of one element: an array.
///
/// # Errors
///
/// When the array is not of the type of the field.
pub fn one_list(field: Arc<Field>, values: Option<ArrayRef>) -> Result<ArrayRef> {
    let valid = values.is_some();
    let values = values.unwrap_or_else(|| new_empty_array(field.data_type()));
    let offsets = OffsetBuffer::from_lengths([values.len()]);
    let nulls = (!valid).then(|| arrow::buffer::NullBuffer::new_null(1));
    Ok(Arc::new(ListArray::try_new(field, offsets, values, nulls)?))
}

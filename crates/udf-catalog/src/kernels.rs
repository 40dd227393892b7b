//! The functions over whole columns. Needs Arrow and nothing else, so that it can be used, and
//! measured, without an engine.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, Datum},
    error::ArrowError,
};

pub mod best;
pub mod changes;
pub mod columns;
pub mod hash;
pub mod lists;
pub mod maps;
#[cfg(feature = "spans")]
pub mod spans;
pub mod strings;
pub mod values;

pub use strings::Texts;

/// What a kernel gives.
pub type Result<T, E = ArrowError> = std::result::Result<T, E>;

/// An argument of a kernel: a column, or one value that stands for a column.
#[derive(Clone, Debug)]
pub struct Argument {
    array: ArrayRef,
    constant: bool,
}

impl Argument {
    /// A column.
    pub fn column(array: ArrayRef) -> Self {
        Self { array, constant: false }
    }

    /// One value for all rows: the first of the array.
    pub fn constant(array: ArrayRef) -> Self {
        Self { array, constant: true }
    }

    /// The column, or the one value.
    pub fn array(&self) -> &ArrayRef {
        &self.array
    }

    /// Whether one value stands for all rows.
    pub fn is_constant(&self) -> bool {
        self.constant
    }

    /// Where the value of a row is.
    pub fn index(&self, row: usize) -> usize {
        if self.constant { 0 } else { row }
    }

    /// Whether the value of a row is NULL.
    pub fn is_null(&self, row: usize) -> bool {
        self.array.is_null(self.index(row))
    }

    /// The same in another type.
    ///
    /// # Errors
    ///
    /// When Arrow cannot cast one to the other.
    pub fn cast(&self, to: &arrow::datatypes::DataType) -> Result<Self> {
        let array = match self.array.data_type() == to {
            true => Arc::clone(&self.array),
            false => arrow::compute::cast(&self.array, to)?,
        };
        Ok(Self { array, constant: self.constant })
    }

    /// The strings of it.
    ///
    /// # Errors
    ///
    /// When it is not of a string type.
    pub fn texts(&self) -> Result<Texts<'_>> {
        Texts::new(&self.array, self.constant)
    }
}

impl Datum for Argument {
    fn get(&self) -> (&dyn Array, bool) {
        (&self.array, self.constant)
    }
}

pub(crate) fn wrong(message: impl Into<String>) -> ArrowError {
    ArrowError::InvalidArgumentError(message.into())
}

#[cfg(test)]
mod tests;

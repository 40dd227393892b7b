//! Kinds of changes of a table.

use std::sync::Arc;

use arrow::array::{ArrayRef, BooleanArray, Int32Array};

use super::{Argument, Result};
use crate::change_rank as rank;

/// `cdf_change_rank`.
///
/// # Errors
///
/// When the argument is not of a string type.
pub fn change_rank(change_type: &Argument, rows: usize) -> Result<ArrayRef> {
    let texts = change_type.texts()?;
    Ok(Arc::new((0..rows).map(|row| texts.get(row).map(rank)).collect::<Int32Array>()))
}

/// `cdf_is_upsert`.
///
/// # Errors
///
/// When the argument is not of a string type.
pub fn is_upsert(change_type: &Argument, rows: usize) -> Result<ArrayRef> {
    test(change_type, rows, |rank| rank >= 2)
}

/// `cdf_is_delete`.
///
/// # Errors
///
/// When the argument is not of a string type.
pub fn is_delete(change_type: &Argument, rows: usize) -> Result<ArrayRef> {
    test(change_type, rows, |rank| rank == 1)
}

fn test(change_type: &Argument, rows: usize, test: fn(i32) -> bool) -> Result<ArrayRef> {
    let texts = change_type.texts()?;
    let test = |row| texts.get(row).map(|text| test(rank(text)));
    Ok(Arc::new((0..rows).map(test).collect::<BooleanArray>()))
}

//! Functions from texts to texts and numbers.

use std::sync::Arc;

use arrow::{
    array::{Array, ArrayRef, AsArray, BooleanArray, Int64Array},
    compute::{nullif, take},
    datatypes::{DataType, Int64Type},
};

use super::{Argument, Result, hash::TextColumn, wrong};
use crate::{ColumnUnit, NormalForm, col_to_byte as one_column, is_blank, normalize};

/// `utf8_null_if_blank`. Only validity changes: no text is copied, and a dictionary keeps its values.
///
/// # Errors
///
/// When the argument is not of a string type.
pub fn null_if_blank(text: &Argument) -> Result<ArrayRef> {
    let array = text.array();
    let blank = match array.as_any_dictionary_opt() {
        Some(dictionary) => {
            let values = Argument::column(Arc::clone(dictionary.values()));
            take(&test(&values)?, dictionary.keys(), None)?.as_boolean().clone()
        }
        None => test(text)?,
    };
    match blank.has_true() {
        true => nullif(array, &blank),
        false => Ok(Arc::clone(array)),
    }
}

fn test(text: &Argument) -> Result<BooleanArray> {
    let texts = text.texts()?;
    Ok((0..text.array().len()).map(|row| texts.get(row).map(is_blank)).collect())
}

/// `utf8_normalize`.
///
/// # Errors
///
/// For a normal form that is unknown.
pub fn utf8_normalize(arguments: &[Argument], rows: usize) -> Result<ArrayRef> {
    let texts = arguments[0].texts()?;
    let forms = arguments.get(1).map(Argument::texts).transpose()?;
    let flag = |number: usize| match arguments.get(number) {
        Some(argument) => argument.cast(&DataType::Boolean).map(Some),
        None => Ok(None),
    };
    let (fold, collapse) = (flag(2)?, flag(3)?);
    let value = |flag: &Option<Argument>, row| match flag {
        Some(flag) if flag.is_null(row) => None,
        Some(flag) => Some(flag.array().as_boolean().value(flag.index(row))),
        None => Some(true),
    };
    let mut known = ("NFKC", NormalForm::Nfkc);
    let mut out = TextColumn::with_capacity(rows, texts.bytes(rows));
    for row in 0..rows {
        let form = forms.as_ref().map_or(Some("NFKC"), |forms| forms.get(row));
        let given = (texts.get(row), form, value(&fold, row), value(&collapse, row));
        let (Some(text), Some(form), Some(fold), Some(collapse)) = given else {
            out.push_null();
            continue;
        };
        if form != known.0 {
            known = (form, form.parse().map_err(|error: String| wrong(error))?);
        }
        match normalize(text, known.1, fold, collapse) {
            normal if normal.is_empty() => out.push_null(),
            normal => out.push(normal.as_bytes()),
        }
    }
    out.finish()
}

/// `col_to_byte`.
///
/// # Errors
///
/// For an unknown unit, and for a column within a character.
pub fn col_to_byte(arguments: &[Argument], rows: usize) -> Result<ArrayRef> {
    let [line, column, unit] = arguments else {
        return Err(wrong("`col_to_byte` takes three arguments"));
    };
    let column = column.cast(&DataType::Int64)?;
    let unit = match unit.array().data_type().is_integer() {
        true => unit.cast(&DataType::Utf8)?,
        false => unit.clone(),
    };
    let (lines, units) = (line.texts()?, unit.texts()?);
    let columns = column.array().as_primitive::<Int64Type>();
    let mut known: Option<(&str, ColumnUnit)> = None;
    let mut out = Vec::with_capacity(rows);
    for row in 0..rows {
        let (Some(line), Some(unit), false) = (lines.get(row), units.get(row), column.is_null(row))
        else {
            out.push(None);
            continue;
        };
        let unit = match known {
            Some((name, unit_of_name)) if name == unit => unit_of_name,
            _ => {
                let parsed = unit.parse().map_err(|e: crate::ColumnError| wrong(e.to_string()))?;
                known = Some((unit, parsed));
                parsed
            }
        };
        let byte = one_column(line, columns.value(column.index(row)), unit);
        out.push(Some(byte.map_err(|error| wrong(error.to_string()))?));
    }
    Ok(Arc::new(Int64Array::from(out)))
}

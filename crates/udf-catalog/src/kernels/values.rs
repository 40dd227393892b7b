//! A text for any value, such that two values of one type never share one.

use std::fmt::Write as _;

use arrow::{
    array::{Array, ArrayRef, AsArray},
    datatypes::DataType,
    util::display::{ArrayFormatter, FormatOptions},
};

use super::{Result, Texts, wrong};

/// Writes a value: texts in quotes, lists in `[]`, structures and maps in `{}`, NULL as `null`.
///
/// # Errors
///
/// For a type that has no text.
pub fn write_value(out: &mut String, array: &ArrayRef, row: usize) -> Result<()> {
    if array.is_null(row) {
        out.push_str("null");
        return Ok(());
    }
    match array.data_type() {
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            quote(out, Texts::new(array, false)?.get(row).unwrap_or_default());
        }
        DataType::Dictionary(_, _) => {
            let one = array.slice(row, 1);
            let dictionary = one.as_any_dictionary();
            write_value(out, dictionary.values(), dictionary.normalized_keys()[0])?;
        }
        DataType::List(_) => write_list(out, &array.as_list::<i32>().value(row))?,
        DataType::LargeList(_) => write_list(out, &array.as_list::<i64>().value(row))?,
        DataType::FixedSizeList(_, _) => write_list(out, &array.as_fixed_size_list().value(row))?,
        DataType::ListView(_) => write_list(out, &array.as_list_view::<i32>().value(row))?,
        DataType::LargeListView(_) => write_list(out, &array.as_list_view::<i64>().value(row))?,
        DataType::Struct(fields) => {
            let structure = array.as_struct();
            out.push('{');
            for (number, field) in fields.iter().enumerate() {
                out.push_str(if number > 0 { "," } else { "" });
                quote(out, field.name());
                out.push(':');
                write_value(out, structure.column(number), row)?;
            }
            out.push('}');
        }
        DataType::Map(_, _) => {
            let entries = array.as_map().value(row);
            out.push('{');
            for entry in 0..entries.len() {
                out.push_str(if entry > 0 { "," } else { "" });
                write_value(out, entries.column(0), entry)?;
                out.push(':');
                write_value(out, entries.column(1), entry)?;
            }
            out.push('}');
        }
        other if other.is_nested() => {
            return Err(wrong(format!("a value of type {other} has no text")));
        }
        _ => {
            let options = FormatOptions::new().with_display_error(false);
            let formatter = ArrayFormatter::try_new(array, &options)?;
            write!(out, "{}", formatter.value(row)).map_err(|error| wrong(error.to_string()))?;
        }
    }
    Ok(())
}

fn write_list(out: &mut String, elements: &ArrayRef) -> Result<()> {
    out.push('[');
    for element in 0..elements.len() {
        out.push_str(if element > 0 { "," } else { "" });
        write_value(out, elements, element)?;
    }
    out.push(']');
    Ok(())
}

fn quote(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out.push('"');
}

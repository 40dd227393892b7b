//! Types as text: what Arrow prints, made to read back whatever names and metadata hold.

mod read;

use std::fmt::{self, Write as _};

use arrow_schema::{DataType, Field, TimeUnit};

use crate::Error;

/// How deep a type that is read may nest. What is written by hand or by an engine stays far below;
/// without a limit a text could use up the stack.
pub(crate) const MAX_DEPTH: usize = 128;

/// The text of a type, such as `List(Struct("price": Decimal128(10, 2)))`.
///
/// For types without metadata and with names without quotes this is what `arrow_cast` takes, and,
/// but for `us` in place of `µs`, what Arrow prints. Whatever it gives, [`parse_type`] reads back as the same type.
///
/// ```
/// use viewlane_schema_contract::{parse_type, type_text};
///
/// let text = r#"List(non-null Struct("price": Decimal128(10, 2)))"#;
/// assert_eq!(type_text(&parse_type(text)?), text);
/// # Ok::<(), viewlane_schema_contract::Error>(())
/// ```
pub fn type_text(data_type: &DataType) -> String {
    let mut text = String::new();
    write_type(&mut text, data_type);
    text
}

/// Reads the text of a type.
///
/// # Errors
///
/// [`Error::Type`] with the byte at which the text stops being a type: an unknown name, with the
/// nearest known one; parameters that no such type has; more than 128 levels.
pub fn parse_type(text: &str) -> Result<DataType, Error> {
    read::parse(text).map_err(|wrong| Error::Type {
        text: text.to_owned(),
        at: wrong.at,
        reason: wrong.reason,
        nearest: wrong.nearest,
    })
}

/// A name or a text in quotes, with every character escaped that does not show.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if hidden(c) => put(&mut out, format_args!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Reads what [`quoted`] gives, from the start of a text; the rest after the closing quote.
pub(crate) fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut reader = read::Reader::new(text);
    let value = reader.string().ok()?;
    Some((value, reader.rest()))
}

/// Control characters, and those that have no width or turn the direction of a line.
fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn write_type(out: &mut String, data_type: &DataType) {
    use DataType as T;
    match data_type {
        T::List(item) => write_list(out, "List", item),
        T::LargeList(item) => write_list(out, "LargeList", item),
        T::ListView(item) => write_list(out, "ListView", item),
        T::LargeListView(item) => write_list(out, "LargeListView", item),
        T::FixedSizeList(item, size) => {
            put(out, format_args!("FixedSizeList({size} x "));
            write_item(out, item);
        }
        T::Struct(fields) => {
            out.push_str("Struct(");
            for (index, field) in fields.iter().enumerate() {
                comma(out, index);
                write_field(out, field);
            }
            out.push(')');
        }
        T::Union(fields, mode) => {
            put(out, format_args!("Union({mode:?}"));
            for (id, field) in fields.iter() {
                put(out, format_args!(", {id}: ("));
                write_field(out, field);
                out.push(')');
            }
            out.push(')');
        }
        T::Dictionary(key, value) => {
            out.push_str("Dictionary(");
            write_type(out, key);
            out.push_str(", ");
            write_type(out, value);
            out.push(')');
        }
        T::Map(entries, sorted) => {
            out.push_str("Map(");
            write_field(out, entries);
            out.push_str(if *sorted { ", sorted)" } else { ", unsorted)" });
        }
        T::RunEndEncoded(ends, values) => {
            out.push_str("RunEndEncoded(");
            write_field(out, ends);
            out.push_str(", ");
            write_field(out, values);
            out.push(')');
        }
        T::Timestamp(unit, Some(zone)) => {
            put(out, format_args!("Timestamp({}, {})", short(*unit), quoted(zone)));
        }
        T::Timestamp(unit, None) => put(out, format_args!("Timestamp({})", short(*unit))),
        T::Time32(unit) => put(out, format_args!("Time32({})", short(*unit))),
        T::Time64(unit) => put(out, format_args!("Time64({})", short(*unit))),
        T::Duration(unit) => put(out, format_args!("Duration({})", short(*unit))),
        leaf => put(out, format_args!("{leaf}")),
    }
}

/// Arrow reads this, and prints `µs` for microseconds, which few keyboards have.
fn short(unit: TimeUnit) -> &'static str {
    match unit {
        TimeUnit::Second => "s",
        TimeUnit::Millisecond => "ms",
        TimeUnit::Microsecond => "us",
        TimeUnit::Nanosecond => "ns",
    }
}

fn write_list(out: &mut String, name: &str, item: &Field) {
    out.push_str(name);
    out.push('(');
    write_item(out, item);
}

fn write_item(out: &mut String, item: &Field) {
    if !item.is_nullable() {
        out.push_str("non-null ");
    }
    write_type(out, item.data_type());
    if item.name() != Field::LIST_FIELD_DEFAULT_NAME {
        let plain = !item.name().contains(['\'', '\\']) && !item.name().chars().any(hidden);
        match plain {
            true => put(out, format_args!(", field: '{}'", item.name())),
            false => put(out, format_args!(", field: {}", quoted(item.name()))),
        }
    }
    write_metadata(out, item);
    out.push(')');
}

fn write_field(out: &mut String, field: &Field) {
    out.push_str(&quoted(field.name()));
    out.push_str(if field.is_nullable() { ": " } else { ": non-null " });
    write_type(out, field.data_type());
    write_metadata(out, field);
}

fn write_metadata(out: &mut String, field: &Field) {
    if field.metadata().is_empty() {
        return;
    }
    out.push_str(", metadata: {");
    for (index, (key, value)) in sorted(field).into_iter().enumerate() {
        comma(out, index);
        put(out, format_args!("{}: {}", quoted(key), quoted(value)));
    }
    out.push('}');
}

/// The metadata of a field by key. Arrow keeps it in a hash map, whose order must never show.
pub(crate) fn sorted(field: &Field) -> Vec<(&String, &String)> {
    let mut entries: Vec<_> = field.metadata().iter().collect();
    entries.sort();
    entries
}

fn comma(out: &mut String, index: usize) {
    if index > 0 {
        out.push_str(", ");
    }
}

fn put(out: &mut String, text: fmt::Arguments<'_>) {
    out.write_fmt(text).expect("a string takes everything");
}

#[cfg(test)]
mod tests;

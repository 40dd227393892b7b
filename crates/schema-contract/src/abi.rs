//! Schemas as bytes, and their digests.

mod read;

use arrow_schema::{DataType, Field, IntervalUnit, Schema, TimeUnit, UnionMode};
use viewlane_core::{Fingerprint, RelationName, SchemaSource};

use crate::{Error, notation::sorted};

/// Starts every encoding; the last byte is the version of the encoding.
const MAGIC: &[u8] = b"viewlane.abi\x01";

/// The canonical encoding of a schema: names, types at every depth, nullability and metadata, in
/// order.
///
/// Each schema has exactly one encoding, and [`decode`] gives the same schema back, to 128 levels.
/// As in Arrow's own comparison of fields, identifiers of dictionaries are no part of a schema.
///
/// ```
/// use arrow_schema::{DataType, Field, Schema};
/// use viewlane_schema_contract::{decode, encode};
///
/// let schema = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
/// assert_eq!(decode(&encode(&schema))?, schema);
/// # Ok::<(), viewlane_schema_contract::Error>(())
/// ```
pub fn encode(schema: &Schema) -> Vec<u8> {
    let mut out = MAGIC.to_vec();
    metadata(&mut out, {
        let mut entries: Vec<_> = schema.metadata().iter().collect();
        entries.sort();
        entries
    });
    length(&mut out, schema.fields().len());
    for column in schema.fields() {
        field(&mut out, column);
    }
    out
}

/// The schema that [`encode`] gave these bytes for.
///
/// # Errors
///
/// [`Error::Abi`] with the byte at which they stop being the encoding of a schema. What is not the
/// one encoding of its schema, such as metadata in another order, is refused as well.
pub fn decode(bytes: &[u8]) -> Result<Schema, Error> {
    read::schema(bytes)
}

/// Digest of a schema: of its canonical encoding.
///
/// ```
/// use arrow_schema::{DataType, Field, Schema};
/// use viewlane_schema_contract::fingerprint;
///
/// let one = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
/// let two = Schema::new(vec![Field::new("a", DataType::Int64, false)]);
/// assert_ne!(fingerprint(&one), fingerprint(&two));
/// ```
pub fn fingerprint(schema: &Schema) -> Fingerprint {
    Fingerprint::builder("schema").field("abi", encode(schema)).finish()
}

/// Digest of the schemas of several relations, by name. A relation that does not exist counts as
/// such, so that its appearance is a change.
pub fn fingerprint_of<'a>(
    source: &dyn SchemaSource,
    relations: impl IntoIterator<Item = &'a RelationName>,
) -> Fingerprint {
    let mut builder = Fingerprint::builder("schemas");
    for relation in relations {
        builder.add("relation", relation.to_string());
        match source.schema(relation) {
            Some(schema) => builder.add("schema", fingerprint(&schema).as_bytes()),
            None => builder.add("absent", []),
        }
    }
    builder.finish()
}

fn field(out: &mut Vec<u8>, field: &Field) {
    text(out, field.name());
    out.push(u8::from(field.is_nullable()));
    data_type(out, field.data_type());
    metadata(out, sorted(field));
}

/// The numbers are part of the encoding: a new type takes the next one, and none is used again.
fn data_type(out: &mut Vec<u8>, data_type: &DataType) {
    use DataType as T;
    match data_type {
        T::Null => out.push(0),
        T::Boolean => out.push(1),
        T::Int8 => out.push(2),
        T::Int16 => out.push(3),
        T::Int32 => out.push(4),
        T::Int64 => out.push(5),
        T::UInt8 => out.push(6),
        T::UInt16 => out.push(7),
        T::UInt32 => out.push(8),
        T::UInt64 => out.push(9),
        T::Float16 => out.push(10),
        T::Float32 => out.push(11),
        T::Float64 => out.push(12),
        T::Timestamp(in_unit, zone) => {
            out.extend([13, unit(*in_unit), u8::from(zone.is_some())]);
            if let Some(zone) = zone {
                text(out, zone);
            }
        }
        T::Date32 => out.push(14),
        T::Date64 => out.push(15),
        T::Time32(in_unit) => out.extend([16, unit(*in_unit)]),
        T::Time64(in_unit) => out.extend([17, unit(*in_unit)]),
        T::Duration(in_unit) => out.extend([18, unit(*in_unit)]),
        T::Interval(interval) => out.extend([
            19,
            match interval {
                IntervalUnit::YearMonth => 0,
                IntervalUnit::DayTime => 1,
                IntervalUnit::MonthDayNano => 2,
            },
        ]),
        T::Binary => out.push(20),
        T::FixedSizeBinary(size) => {
            out.push(21);
            out.extend(size.to_le_bytes());
        }
        T::LargeBinary => out.push(22),
        T::BinaryView => out.push(23),
        T::Utf8 => out.push(24),
        T::LargeUtf8 => out.push(25),
        T::Utf8View => out.push(26),
        T::List(item) => nested(out, 27, [item]),
        T::ListView(item) => nested(out, 28, [item]),
        T::FixedSizeList(item, size) => {
            out.push(29);
            out.extend(size.to_le_bytes());
            field(out, item);
        }
        T::LargeList(item) => nested(out, 30, [item]),
        T::LargeListView(item) => nested(out, 31, [item]),
        T::Struct(fields) => {
            out.push(32);
            length(out, fields.len());
            fields.iter().for_each(|child| field(out, child));
        }
        T::Union(fields, mode) => {
            out.extend([33, u8::from(*mode == UnionMode::Dense)]);
            length(out, fields.len());
            for (id, child) in fields.iter() {
                out.extend(id.to_le_bytes());
                field(out, child);
            }
        }
        T::Dictionary(key, value) => {
            out.push(34);
            self::data_type(out, key);
            self::data_type(out, value);
        }
        T::Decimal32(precision, scale) => decimal(out, 35, *precision, *scale),
        T::Decimal64(precision, scale) => decimal(out, 36, *precision, *scale),
        T::Decimal128(precision, scale) => decimal(out, 37, *precision, *scale),
        T::Decimal256(precision, scale) => decimal(out, 38, *precision, *scale),
        T::Map(entries, sorted) => {
            out.extend([39, u8::from(*sorted)]);
            field(out, entries);
        }
        T::RunEndEncoded(ends, values) => nested(out, 40, [ends, values]),
    }
}

fn nested<'a>(
    out: &mut Vec<u8>,
    tag: u8,
    fields: impl IntoIterator<Item = &'a arrow_schema::FieldRef>,
) {
    out.push(tag);
    fields.into_iter().for_each(|child| field(out, child));
}

fn decimal(out: &mut Vec<u8>, tag: u8, precision: u8, scale: i8) {
    out.extend([tag, precision]);
    out.extend(scale.to_le_bytes());
}

fn unit(unit: TimeUnit) -> u8 {
    match unit {
        TimeUnit::Second => 0,
        TimeUnit::Millisecond => 1,
        TimeUnit::Microsecond => 2,
        TimeUnit::Nanosecond => 3,
    }
}

fn metadata(out: &mut Vec<u8>, entries: Vec<(&String, &String)>) {
    length(out, entries.len());
    for (key, value) in entries {
        text(out, key);
        text(out, value);
    }
}

fn text(out: &mut Vec<u8>, value: &str) {
    length(out, value.len());
    out.extend(value.as_bytes());
}

fn length(out: &mut Vec<u8>, length: usize) {
    out.extend((length as u64).to_le_bytes());
}

#[cfg(test)]
mod tests;

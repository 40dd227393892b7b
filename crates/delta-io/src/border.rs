//! What Arrow types become in Delta, decided here and nowhere else.

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, FieldRef, Fields, Schema, SchemaRef, TimeUnit};
use viewlane_core::PortError;

use crate::codes;

/// The Arrow schema that a table stores for a query's schema: one physical form for each logical
/// type, everything nullable, no metadata (other engines trip over Arrow metadata in a Delta
/// schema). What cannot be held without loss is refused with the cast that would make it fit.
pub(crate) fn stored_schema(schema: &Schema) -> Result<SchemaRef, PortError> {
    let mut seen = std::collections::BTreeSet::new();
    let fields = schema
        .fields()
        .iter()
        .map(|field| {
            // Delta compares column names without case.
            if !seen.insert(field.name().to_lowercase()) {
                return Err(PortError::new(
                    codes::TYPE,
                    format!(
                        "two columns are named `{}`; Delta ignores case in names",
                        field.name()
                    ),
                ));
            }
            stored_field(field, field.name())
        })
        .collect::<Result<Fields, _>>()?;
    if fields.is_empty() {
        return Err(PortError::new(codes::TYPE, "a table needs at least one column"));
    }
    Ok(Arc::new(Schema::new(fields)))
}

fn stored_field(field: &Field, path: &str) -> Result<FieldRef, PortError> {
    Ok(Arc::new(Field::new(field.name(), stored_type(field.data_type(), path)?, true)))
}

fn stored_type(data_type: &DataType, path: &str) -> Result<DataType, PortError> {
    use DataType as T;
    let refuse = |advice: &str| {
        Err(PortError::new(
            codes::TYPE,
            format!("column `{path}` has type {data_type}, which Delta cannot hold: {advice}"),
        ))
    };
    let child = |field: &Field, name: &str| -> Result<FieldRef, PortError> {
        let inner = stored_type(field.data_type(), &format!("{path}.{name}"))?;
        Ok(Arc::new(Field::new(name, inner, true)))
    };
    Ok(match data_type {
        T::Boolean
        | T::Int8
        | T::Int16
        | T::Int32
        | T::Int64
        | T::Float32
        | T::Float64
        | T::Date32
        | T::Decimal128(..) => data_type.clone(),
        T::Date64 => T::Date32,
        T::Decimal32(precision, scale) | T::Decimal64(precision, scale) => {
            T::Decimal128(*precision, *scale)
        }
        T::Utf8 | T::LargeUtf8 | T::Utf8View => T::Utf8,
        T::Binary | T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => T::Binary,
        T::Dictionary(_, value) => stored_type(value, path)?,
        T::Timestamp(TimeUnit::Nanosecond, _) => {
            return refuse("nanoseconds would be cut off; use `arrow_cast(…, 'Timestamp(µs)')`");
        }
        T::Timestamp(_, None) => T::Timestamp(TimeUnit::Microsecond, None),
        T::Timestamp(_, Some(zone)) if zone.as_ref() == "UTC" => {
            T::Timestamp(TimeUnit::Microsecond, Some(Arc::clone(zone)))
        }
        T::Timestamp(_, Some(_)) => {
            return refuse(
                "only the zone `UTC` is stored; use `arrow_cast(…, 'Timestamp(µs, \"UTC\")')`",
            );
        }
        T::List(f)
        | T::LargeList(f)
        | T::FixedSizeList(f, _)
        | T::ListView(f)
        | T::LargeListView(f) => T::List(child(f, "element")?),
        T::Struct(fields) => T::Struct(
            fields
                .iter()
                .map(|field| stored_field(field, &format!("{path}.{}", field.name())))
                .collect::<Result<Fields, _>>()?,
        ),
        T::Map(entries, _) => {
            let T::Struct(pair) = entries.data_type() else {
                return refuse("a map of key and value is expected");
            };
            let [key, value] = &pair[..] else {
                return refuse("a map of key and value is expected");
            };
            let key =
                Field::new("key", stored_type(key.data_type(), &format!("{path}.key"))?, false);
            let pair = Fields::from(vec![Arc::new(key), child(value, "value")?]);
            T::Map(Arc::new(Field::new("key_value", T::Struct(pair), false)), false)
        }
        T::UInt8 | T::UInt16 | T::UInt32 => return refuse("cast it to BIGINT"),
        T::UInt64 => return refuse("cast it to BIGINT or DECIMAL(20, 0)"),
        T::Null => return refuse("cast it to the type it is meant to have"),
        T::Float16 => return refuse("cast it to REAL"),
        T::Decimal256(..) => return refuse("cast it to DECIMAL with at most 38 digits"),
        T::Time32(_) | T::Time64(_) | T::Duration(_) | T::Interval(_) => {
            return refuse("cast it to VARCHAR or to a number");
        }
        T::Union(..) | T::RunEndEncoded(..) => return refuse("cast it to a plain type"),
    })
}

/// Whether any column, at any depth, is a timestamp without zone, which needs a table feature.
pub(crate) fn has_timestamp_ntz(schema: &Schema) -> bool {
    fn has(data_type: &DataType) -> bool {
        match data_type {
            DataType::Timestamp(_, None) => true,
            DataType::List(field) | DataType::Map(field, _) => has(field.data_type()),
            DataType::Struct(fields) => fields.iter().any(|field| has(field.data_type())),
            _ => false,
        }
    }
    schema.fields().iter().any(|field| has(field.data_type()))
}

#[cfg(test)]
mod tests;

//! Literals and types as the engine reads them.

use sqlparser::ast::{
    ArrayElemTypeDef, DataType, ExactNumberInfo, Expr, Ident, StructBracketKind, StructField,
    TimezoneInfo, TypedString, UnaryOperator, Value,
};

/// The type that the engine gives a literal.
#[derive(PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean,
    Integer,
    Unsigned,
    Float,
    Text,
    Bytes,
    Cast(DataType),
}

/// The type of a literal; `None` for everything else, and for decimals, each of which has a type
/// of its own.
pub(super) fn kind(expr: &Expr, decimals: bool) -> Option<Kind> {
    match expr {
        Expr::Value(value) => value_kind(&value.value, decimals),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match &**expr {
            Expr::Value(value) => match &value.value {
                Value::Number(text, _) => number_kind(text, true, decimals),
                _ => None,
            },
            _ => None,
        },
        Expr::TypedString(TypedString { data_type, value: _, uses_odbc_syntax: _ }) => {
            Some(Kind::Cast(named(data_type)))
        }
        Expr::Cast { kind: _, expr, data_type, array: false, format: None }
            if matches!(**expr, Expr::Value(_)) =>
        {
            Some(Kind::Cast(named(data_type)))
        }
        _ => None,
    }
}

fn value_kind(value: &Value, decimals: bool) -> Option<Kind> {
    match value {
        Value::Null => Some(Kind::Null),
        Value::Boolean(_) => Some(Kind::Boolean),
        Value::Number(text, _) => number_kind(text, false, decimals),
        Value::SingleQuotedString(_)
        | Value::DoubleQuotedString(_)
        | Value::EscapedStringLiteral(_)
        | Value::DollarQuotedString(_) => Some(Kind::Text),
        Value::HexStringLiteral(_) => Some(Kind::Bytes),
        _ => None,
    }
}

fn number_kind(text: &str, negative: bool, decimals: bool) -> Option<Kind> {
    let digits = digits(text);
    if integer(&digits, negative).is_some() {
        Some(Kind::Integer)
    } else if !negative && digits.parse::<u64>().is_ok() {
        Some(Kind::Unsigned)
    } else {
        (!decimals).then_some(Kind::Float)
    }
}

fn named(data_type: &DataType) -> DataType {
    let mut named = data_type.clone();
    self::data_type(&mut named);
    named
}

/// Writes a literal in its one spelling. `negative` says that a minus stands before it, which the
/// engine reads as a part of a number.
pub(super) fn value(value: &mut Value, negative: bool, decimals: bool) {
    match value {
        Value::Number(text, long) => {
            *long = false;
            number(text, negative, decimals);
        }
        Value::DoubleQuotedString(text) | Value::EscapedStringLiteral(text) => {
            *value = Value::SingleQuotedString(std::mem::take(text));
        }
        Value::DollarQuotedString(text) => {
            *value = Value::SingleQuotedString(std::mem::take(&mut text.value));
        }
        Value::HexStringLiteral(text) => {
            text.make_ascii_uppercase();
            if text.len() % 2 == 1 {
                text.insert(0, '0');
            }
        }
        _ => {}
    }
}

fn number(text: &mut String, negative: bool, decimals: bool) {
    let digits = digits(text);
    if let Some(number) = integer(&digits, negative) {
        *text = number.to_string();
    } else if !negative && let Ok(number) = digits.parse::<u64>() {
        *text = number.to_string();
    } else if decimals {
        *text = digits;
    } else if let Ok(number) = digits.parse::<f64>() {
        // Has a point or an exponent, so it is never read as an integer.
        *text = format!("{number:?}");
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(|char| *char != '_').collect()
}

/// The magnitude of what fits 64 bits with a sign.
fn integer(digits: &str, negative: bool) -> Option<u64> {
    let magnitude = digits.parse::<u64>().ok()?;
    let limit = i64::MAX.unsigned_abs() + u64::from(negative);
    (magnitude <= limit).then_some(magnitude)
}

/// Writes a type by one of the names of what the engine stores. Types that it does not have stay.
#[recursive::recursive]
pub(super) fn data_type(data_type: &mut DataType) {
    use DataType as T;
    let named = match data_type {
        T::Bool => T::Boolean,
        T::TinyInt(_) => T::TinyInt(None),
        T::SmallInt(_) | T::Int2(_) => T::SmallInt(None),
        T::Int(_) | T::Integer(_) | T::Int4(_) => T::Int(None),
        T::BigInt(_) | T::Int8(_) => T::BigInt(None),
        T::TinyIntUnsigned(_) => T::TinyIntUnsigned(None),
        T::SmallIntUnsigned(_) | T::Int2Unsigned(_) => T::SmallIntUnsigned(None),
        T::IntUnsigned(_) | T::IntegerUnsigned(_) | T::Int4Unsigned(_) => T::IntUnsigned(None),
        T::BigIntUnsigned(_) | T::Int8Unsigned(_) => T::BigIntUnsigned(None),
        T::Float(_) | T::Float4 => T::Real,
        T::Double(ExactNumberInfo::None) | T::Float8 => T::DoublePrecision,
        T::Varchar(_) | T::Char(_) | T::String(_) => T::Text,
        T::Numeric(info) | T::Decimal(info) => T::Decimal(match *info {
            ExactNumberInfo::None => ExactNumberInfo::PrecisionAndScale(38, 10),
            ExactNumberInfo::Precision(precision) => {
                ExactNumberInfo::PrecisionAndScale(precision, 0)
            }
            info => info,
        }),
        T::Timestamp(precision, zone) => {
            let precision = if *precision == Some(9) { None } else { *precision };
            T::Timestamp(precision, time_zone(*zone))
        }
        T::Time(None, zone) => T::Time(None, time_zone(*zone)),
        T::Array(ArrayElemTypeDef::AngleBracket(item)) => T::Array(
            ArrayElemTypeDef::SquareBracket(std::mem::replace(item, Box::new(T::Text)), None),
        ),
        _ => {
            inner_types(data_type);
            return;
        }
    };
    *data_type = named;
    inner_types(data_type);
}

fn inner_types(data_type: &mut DataType) {
    match data_type {
        DataType::Array(ArrayElemTypeDef::SquareBracket(item, _)) => self::data_type(item),
        DataType::Struct(fields, brackets) => {
            *brackets = StructBracketKind::AngleBrackets;
            for (index, StructField { field_name, field_type, options: _ }) in
                fields.iter_mut().enumerate()
            {
                *field_name = Some(match field_name.take() {
                    None => Ident::new(format!("c{index}")),
                    Some(Ident { mut value, quote_style, span: _ }) => {
                        if quote_style.is_none() {
                            value.make_ascii_lowercase();
                        }
                        Ident::new(value)
                    }
                });
                self::data_type(field_type);
            }
        }
        _ => {}
    }
}

fn time_zone(zone: TimezoneInfo) -> TimezoneInfo {
    match zone {
        TimezoneInfo::None | TimezoneInfo::WithoutTimeZone => TimezoneInfo::None,
        TimezoneInfo::Tz | TimezoneInfo::WithTimeZone => TimezoneInfo::WithTimeZone,
    }
}

//! What cannot fail while a query runs.
//!
//! A comparison of two types is a comparison of casts, and a cast may fail for some rows or for
//! every row: `a = 1` reads numbers from a text column `a`, `a = '1x'` a number from the literal.
//! So a comparison counts as infallible only where both types are known and the engine brings them
//! together without loss of range (`comparison_coercion` of `datafusion-expr-common`):
//!
//! | types | common type | fails |
//! |---|---|---|
//! | equal, not nested | the same | never |
//! | text | the widest text type | never |
//! | integers | a wider integer, or `Decimal128(20, 0)` | never |
//! | integer and float | the float | never |
//! | `Decimal128(p, s)` and integer column | precision `max(p - s, 20) + s` | above 38 |
//! | `Decimal128(p, s)` and integer literal | the same, but only the literal can be too long | above `38 - s` digits |
//! | two `Decimal128` | precision `max(p - s) + max(s)` | above 38 |
//! | integer or `Decimal128`, and literal with a point | float, or with decimals `(30, 15)` | above 38 |
//! | float, and literal with a point | with decimals `(30, 15)` | from `1e15` on |
//! | date, and `DATE '…'` | date | never, for a day that exists |
//! | NULL and any of these | the other | never |
//! | text and anything else | the other | yes |
//! | timestamps of two units, dates and timestamps | the finer unit | out of range |
//!
//! A literal with a point is a float or a decimal, as an option of the session says; both must do.
//! Text literals are text, so beside a date they fail or not as they are written: they count as
//! fallible.
//!
//! LIKE compiles its pattern into a regular expression, which fails above a size: short patterns
//! without escapes cannot. Functions always count as fallible: nothing that is known about them
//! says that they cannot fail. So do subqueries, fields, casts and arithmetic.

use std::collections::BTreeSet;

use arrow_schema::DataType;
use sqlparser::ast::{
    BinaryOperator, CastKind, DataType as SqlType, Expr, Ident, TypedString, UnaryOperator, Value,
    ValueWithSpan,
};

use super::{connects, types::Types};

/// Judges the expressions of one SELECT.
pub(super) struct Judge<'a> {
    pub(super) types: &'a Types,
    /// The aliases of its FROM. What comes from further out is a correlation, and the engine
    /// unties a correlation conjunct by conjunct: these stay as they are.
    pub(super) sources: BTreeSet<String>,
}

/// One side of a comparison, as far as its type is known.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side<'a> {
    Column(&'a DataType),
    Null,
    Boolean,
    Text,
    Date,
    Integer {
        digits: u32,
    },
    /// A number with a point, which is a float or a decimal of this type.
    Point {
        precision: u32,
        scale: u32,
    },
}

/// Digits a literal with a point may have, so that it is exact as a float as well.
const POINT_DIGITS: u32 = 15;
/// Digits of the widest integer types as a decimal.
const INTEGER_DIGITS: u32 = 20;
/// Digits of a `Decimal128`.
const DECIMAL_DIGITS: u32 = 38;
/// Bytes of a pattern, far below what a regular expression may grow to.
const PATTERN_BYTES: usize = 128;

impl Judge<'_> {
    /// Whether an expression is a boolean, so that AND, OR and NOT take it alike.
    pub(super) fn boolean(&self, expr: &Expr) -> bool {
        match expr {
            Expr::BinaryOp { left: _, op, right: _ } => connects(op) || compares(op),
            Expr::UnaryOp { op: UnaryOperator::Not, expr: _ }
            | Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Exists { .. }
            | Expr::Between { .. }
            | Expr::Like { .. }
            | Expr::ILike { .. } => true,
            Expr::Value(ValueWithSpan { value, span: _ }) => {
                matches!(value, Value::Boolean(_) | Value::Null)
            }
            Expr::Cast { kind, expr: _, data_type, array: _, format: _ } => {
                matches!(kind, CastKind::Cast | CastKind::TryCast | CastKind::DoubleColon)
                    && matches!(data_type, SqlType::Boolean | SqlType::Bool)
            }
            Expr::CompoundIdentifier(names) => self.column(names) == Some(&DataType::Boolean),
            _ => false,
        }
    }

    /// Whether an expression gives a value on every row, the same each time, whatever the data is.
    #[recursive::recursive]
    pub(super) fn infallible(&self, expr: &Expr) -> bool {
        let mut leftmost = expr;
        while let Expr::BinaryOp { left, op, right } = leftmost
            && connects(op)
        {
            if !self.infallible(right) {
                return false;
            }
            leftmost = left;
        }
        match leftmost {
            Expr::BinaryOp { left, op, right } => compares(op) && self.comparable(left, right),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.comparable(left, right)
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr }
            | Expr::IsTrue(expr)
            | Expr::IsNotTrue(expr)
            | Expr::IsFalse(expr)
            | Expr::IsNotFalse(expr)
            | Expr::IsUnknown(expr)
            | Expr::IsNotUnknown(expr) => self.infallible(expr),
            Expr::IsNull(expr) | Expr::IsNotNull(expr) => plain(expr) && self.within(expr),
            // The planner takes a column here only if it is a boolean.
            Expr::CompoundIdentifier(names) => names.len() == 2 && self.within(leftmost),
            Expr::Value(ValueWithSpan { value, span: _ }) => {
                matches!(value, Value::Boolean(_) | Value::Null)
            }
            Expr::InList { expr, list, negated: _ } => {
                let Some(first) = list.first() else { return false };
                list.iter().all(|item| self.one_type(first, item) && self.comparable(expr, item))
            }
            Expr::Between { expr, negated: _, low, high } => {
                self.one_type(low, high)
                    && self.comparable(expr, low)
                    && self.comparable(expr, high)
            }
            Expr::Like { negated: _, any: false, expr, pattern, escape_char: None }
            | Expr::ILike { negated: _, any: false, expr, pattern, escape_char: None } => {
                self.within(expr) && self.side(expr).is_some_and(is_text) && short(pattern)
            }
            _ => false,
        }
    }

    /// Whether two expressions have the same type for certain.
    pub(super) fn one_type(&self, one: &Expr, other: &Expr) -> bool {
        match (self.side(one), self.side(other)) {
            (Some(Side::Integer { .. }), Some(Side::Integer { .. })) => true,
            (Some(one), Some(other)) => one == other,
            _ => false,
        }
    }

    fn comparable(&self, one: &Expr, other: &Expr) -> bool {
        self.within(one)
            && self.within(other)
            && match (self.side(one), self.side(other)) {
                (Some(one), Some(other)) => meets(one, other) || meets(other, one),
                _ => false,
            }
    }

    /// Whether an expression, if it is a column, comes from this SELECT.
    fn within(&self, expr: &Expr) -> bool {
        match expr {
            Expr::CompoundIdentifier(names) => {
                names.first().is_some_and(|alias| self.sources.contains(&alias.value))
            }
            _ => true,
        }
    }

    fn column(&self, names: &[Ident]) -> Option<&DataType> {
        match names {
            [alias, column] => self.types.column(&alias.value, &column.value),
            _ => None,
        }
    }

    fn side<'e>(&'e self, expr: &'e Expr) -> Option<Side<'e>> {
        match expr {
            Expr::CompoundIdentifier(names) => self.column(names).map(Side::Column),
            Expr::Value(ValueWithSpan { value, span: _ }) => literal(value),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match &**expr {
                Expr::Value(ValueWithSpan { value: value @ Value::Number(..), span: _ }) => {
                    literal(value)
                }
                _ => None,
            },
            Expr::TypedString(TypedString {
                data_type: SqlType::Date,
                value,
                uses_odbc_syntax: _,
            }) => match &value.value {
                Value::SingleQuotedString(day) => exists(day).then_some(Side::Date),
                _ => None,
            },
            _ => None,
        }
    }
}

/// Whether an expression is a column or a literal.
pub(super) fn plain(expr: &Expr) -> bool {
    match expr {
        Expr::CompoundIdentifier(names) => names.len() == 2,
        Expr::Value(ValueWithSpan { value, span: _ }) => !matches!(value, Value::Placeholder(_)),
        Expr::TypedString(_) => true,
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
            matches!(&**expr, Expr::Value(ValueWithSpan { value: Value::Number(..), span: _ }))
        }
        _ => false,
    }
}

fn compares(op: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

/// Whether the planner brings two types together by casts that cannot fail. Asked both ways.
fn meets(one: Side<'_>, other: Side<'_>) -> bool {
    use DataType::{Boolean, Date32, Decimal128};
    match (one, other) {
        (Side::Null, other) => !matches!(other, Side::Column(other) if nested(other)),
        (Side::Boolean, Side::Boolean | Side::Column(Boolean))
        | (Side::Date, Side::Date | Side::Column(Date32)) => true,
        (Side::Column(one), Side::Column(other)) if one == other => !nested(one),
        (Side::Column(Decimal128(p, s)), Side::Column(Decimal128(q, t))) => {
            decimals(*p, *s).zip(decimals(*q, *t)).is_some_and(|(one, other)| fits(one, other))
        }
        (Side::Column(Decimal128(p, s)), Side::Column(other)) if other.is_integer() => {
            decimals(*p, *s).is_some_and(|decimal| fits(decimal, (INTEGER_DIGITS, 0)))
        }
        (Side::Column(Decimal128(p, s)), Side::Integer { digits }) => decimals(*p, *s)
            .is_some_and(|(_, scale)| digits.saturating_add(scale) <= DECIMAL_DIGITS),
        (Side::Column(Decimal128(p, s)), Side::Point { .. }) => {
            decimals(*p, *s).is_some_and(|decimal| fits(decimal, (POINT_DIGITS, POINT_DIGITS)))
        }
        (one, other) => {
            (is_text(one) && is_text(other))
                || (is_integer(one) && (is_integer(other) || is_float(other) || is_point(other)))
                || (is_float(one) && is_float(other))
                || (is_point(one) && is_point(other))
        }
    }
}

/// Digits before and after the point.
fn decimals(precision: u8, scale: i8) -> Option<(u32, u32)> {
    let scale = u32::try_from(scale).ok()?;
    Some((u32::from(precision).checked_sub(scale)?, scale))
}

fn fits((before, after): (u32, u32), (other_before, other_after): (u32, u32)) -> bool {
    before.max(other_before) + after.max(other_after) <= DECIMAL_DIGITS
}

fn is_text(side: Side<'_>) -> bool {
    use DataType::{LargeUtf8, Utf8, Utf8View};
    matches!(side, Side::Text | Side::Column(Utf8 | LargeUtf8 | Utf8View))
}

fn is_integer(side: Side<'_>) -> bool {
    matches!(side, Side::Integer { .. })
        || matches!(side, Side::Column(data_type) if data_type.is_integer())
}

fn is_float(side: Side<'_>) -> bool {
    matches!(side, Side::Column(DataType::Float32 | DataType::Float64))
}

fn is_point(side: Side<'_>) -> bool {
    matches!(side, Side::Point { .. })
}

/// Types whose comparison, or whose cast from NULL, is not taken for granted.
fn nested(data_type: &DataType) -> bool {
    data_type.is_nested()
        || matches!(data_type, DataType::Dictionary(..) | DataType::RunEndEncoded(..))
}

fn literal(value: &Value) -> Option<Side<'static>> {
    match value {
        Value::Null => Some(Side::Null),
        Value::Boolean(_) => Some(Side::Boolean),
        Value::SingleQuotedString(_)
        | Value::DollarQuotedString(_)
        | Value::EscapedStringLiteral(_) => Some(Side::Text),
        Value::Number(number, _) => numeric(number),
        _ => None,
    }
}

/// A number as the planner reads it; one that it may read otherwise is not known.
fn numeric(number: &str) -> Option<Side<'static>> {
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let significant = |text: &str| u32::try_from(text.trim_start_matches('0').len().max(1)).ok();
    match number.split_once('.') {
        None if all_digits(number) => {
            number.parse::<i64>().ok()?;
            Some(Side::Integer { digits: significant(number)? })
        }
        Some((before, after)) if all_digits(before) && all_digits(after) => {
            let scale = u32::try_from(after.len()).ok()?;
            let precision = significant(&format!("{before}{after}"))?.max(scale);
            (precision <= POINT_DIGITS).then_some(Side::Point { precision, scale })
        }
        _ => None,
    }
}

/// Whether a text is a day of the calendar; the 29th of February is not taken for one.
fn exists(day: &str) -> bool {
    let bytes = day.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let number = |range: std::ops::Range<usize>| {
        let digits = &day[range];
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let (Some(year), Some(month), Some(day)) = (number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let days = match month {
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    year >= 1 && (1..=days).contains(&day)
}

fn short(pattern: &Expr) -> bool {
    match pattern {
        Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(text), span: _ }) => {
            text.len() <= PATTERN_BYTES && !text.contains('\\')
        }
        _ => false,
    }
}

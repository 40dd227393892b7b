//! Parameters: from the text into the tree, and from values into a copy of it.
//!
//! Whatever sign a parameter is written with, the tree holds it as `$name` or `$1`. The tree is
//! fingerprinted like that; values are bound into a copy of it when it runs.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use serde::{Deserialize, Serialize};
use sqlparser::{
    ast::{
        CastKind, DataType, Distinct, ExactNumberInfo, Expr, GroupByExpr, OrderByKind, Query,
        Select, Statement, TimezoneInfo, UnaryOperator, Value, ValueWithSpan, Visit, Visitor,
        VisitorMut,
    },
    tokenizer::{Span as TokenSpan, Token, TokenWithSpan},
};
use viewlane_core::{Diagnostic, SourceText, Span, nearest};

use crate::{
    codes,
    error::Rejection,
    guard::{self, Placeholder},
    text::{Cursor, Lines, finding},
    visit::{visit, visit_mut},
};

/// A parameter of a query, and the places where it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name without its sign; a number for parameters that are counted.
    pub name: String,
    /// Every use in the text, in its order.
    pub spans: Vec<Span>,
}

/// A typed value for a parameter.
///
/// A value becomes a literal of exactly this type, or a cast of a text to it, so that what the
/// session makes of a bare number does not matter.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ParameterValue {
    /// NULL.
    Null,
    /// `true` or `false`.
    Boolean(bool),
    /// A 64-bit integer.
    Int64(i64),
    /// A double, also one that is not finite.
    Float64(f64),
    /// A decimal number in digits, with at most `scale` of them after the point.
    Decimal {
        /// Such as `-12.50`.
        digits: String,
        /// Digits altogether, 1 to 76.
        precision: u8,
        /// Digits after the point, at most `precision`.
        scale: u8,
    },
    /// A text.
    Utf8(String),
    /// Days since 1970-01-01; the years are 1 to 9999.
    Date(i32),
    /// Microseconds since 1970-01-01T00:00:00 without a time zone; the years are 1 to 9999.
    Timestamp(i64),
}

/// Values for parameters by name, without signs. Counted parameters are named `1`, `2`, …
///
/// ```
/// use viewlane_sql_policy::{ParameterValue, ParameterValues};
///
/// let values = ParameterValues::new()
///     .set("region", ParameterValue::Utf8("north".to_owned()))
///     .set("1", ParameterValue::Int64(7));
/// assert_eq!(values.iter().count(), 2);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ParameterValues(BTreeMap<String, ParameterValue>);

impl ParameterValues {
    /// No values.
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives one parameter its value; the last one counts.
    #[must_use]
    pub fn set(mut self, name: impl Into<String>, value: ParameterValue) -> Self {
        self.0.insert(name.into(), value);
        self
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ParameterValue)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl<N: Into<String>> FromIterator<(N, ParameterValue)> for ParameterValues {
    fn from_iter<T: IntoIterator<Item = (N, ParameterValue)>>(values: T) -> Self {
        Self(values.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }
}

/// Whether a placeholder is written as trees hold it: `$name`, or `$1` from one on.
pub(crate) fn is_canonical(placeholder: &str) -> bool {
    let Some(name) = placeholder.strip_prefix('$') else { return false };
    let mut chars = name.chars();
    match chars.next() {
        Some('1'..='9') => name.len() < 10 && chars.all(|c| c.is_ascii_digit()),
        Some(c) if c.is_alphabetic() || c == '_' => chars.all(|c| c.is_alphanumeric() || c == '_'),
        _ => false,
    }
}

/// Makes one token of each parameter, whatever signs and words the tokeniser made of it.
pub(crate) fn place(
    source: &SourceText,
    parameters: &[Placeholder],
    tokens: Vec<TokenWithSpan>,
) -> Result<Vec<TokenWithSpan>, Rejection> {
    let mut cursor = Cursor::new(source.text());
    let mut parameters = parameters.iter().peekable();
    let mut placed = Vec::with_capacity(tokens.len());
    let mut found = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let next = parameters.next_if(|next| cursor.at(next.span.start) <= token.span.start);
        let Some(Placeholder { span, name }) = next else {
            if let Token::Placeholder(text) = &token.token {
                let span = Lines::new(source).bytes(token.span);
                let message = guard::parameter(text);
                found.push(finding(source, codes::PARAMETER, span, message, guard::NO_PARAMETERS));
            }
            placed.push(token);
            continue;
        };
        let place = TokenSpan::new(cursor.at(span.start), cursor.at(span.end));
        let mut end = token.span.end;
        while let Some(more) = tokens.next_if(|more| more.span.start < place.end) {
            end = more.span.end;
        }
        if token.span.start != place.start || end != place.end {
            found.push(run_together(source, *span));
        }
        placed.push(TokenWithSpan::new(Token::Placeholder(name.clone()), place));
    }
    found.extend(parameters.map(|left| run_together(source, left.span)));
    Rejection::unless_empty(found)?;
    Ok(placed)
}

fn run_together(source: &SourceText, span: Span) -> Diagnostic {
    let text = &source.text()[span.start..span.end];
    let message = format!("`{text}` runs together with what stands around it");
    finding(source, codes::PARAMETER_FORM, span, message, "put blanks around the parameter")
}

/// Every placeholder of a tree, also those that stand where no expression may.
pub(crate) fn placeholders<T: Visit>(tree: &T) -> Vec<ValueWithSpan> {
    struct Seen(Vec<ValueWithSpan>);

    impl Visitor for Seen {
        type Break = ();

        fn pre_visit_value(&mut self, value: &ValueWithSpan) -> ControlFlow<()> {
            if let Value::Placeholder(_) = value.value {
                self.0.push(value.clone());
            }
            ControlFlow::Continue(())
        }
    }

    let mut seen = Seen(Vec::new());
    let _: ControlFlow<()> = visit(tree, &mut seen);
    seen.0
}

/// Puts parameters in order: numbers by their size, then names.
pub(crate) fn sorted(parameters: BTreeMap<String, Vec<Span>>) -> Vec<Parameter> {
    let each = parameters.into_iter().map(|(name, spans)| Parameter { name, spans });
    let mut sorted: Vec<_> = each.collect();
    sorted.sort_by_key(|parameter| parameter.name.parse::<u32>().unwrap_or(u32::MAX));
    sorted
}

/// An expression for each placeholder. `parameters` are all that a query has.
pub(crate) fn literals(
    source: &SourceText,
    parameters: &[Parameter],
    values: &ParameterValues,
) -> Result<BTreeMap<String, Literal>, Rejection> {
    let mut found = Vec::new();
    let mut literals = BTreeMap::new();
    for parameter in parameters {
        let span = parameter.spans.first().copied().unwrap_or(Span::new(0, 0));
        let name = &parameter.name;
        match values.0.get(name).map(ParameterValue::literal) {
            Some(Ok(literal)) => drop(literals.insert(format!("${name}"), literal)),
            Some(Err(message)) => {
                let message = format!("the value of the parameter `{name}` {message}");
                let help = "give a value of its type";
                found.push(finding(source, codes::PARAMETER_VALUE, span, message, help));
            }
            None => {
                let message = format!("the parameter `{name}` has no value");
                let given = values.0.keys().map(String::as_str);
                let help = match nearest(name, given) {
                    Some(near) => format!("there is a value `{near}`: is it meant for this one?"),
                    None => format!("give a value for `{name}`"),
                };
                found.push(finding(source, codes::PARAMETER_MISSING, span, message, help));
            }
        }
    }
    let known: BTreeSet<_> = parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    for name in values.0.keys().filter(|name| !known.contains(name.as_str())) {
        let message = format!("the query has no parameter `{name}`");
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "leave the value out".to_owned(),
        };
        found.push(Diagnostic::error(codes::PARAMETER_UNKNOWN, message).help(help));
    }
    Rejection::unless_empty(found)?;
    Ok(literals)
}

/// Puts an expression in the place of each placeholder.
pub(crate) fn bind(literals: BTreeMap<String, Literal>, statement: &mut Statement) {
    if !literals.is_empty() {
        let _: ControlFlow<()> = visit_mut(statement, &mut Binder { literals });
    }
}

struct Binder {
    literals: BTreeMap<String, Literal>,
}

/// A value as an expression.
pub(crate) struct Literal {
    expr: Expr,
    /// The same where a bare number would be read as the number of a column.
    item: Expr,
}

impl Binder {
    fn literal(&self, expr: &Expr) -> Option<&Literal> {
        match expr {
            Expr::Value(ValueWithSpan { value: Value::Placeholder(name), .. }) => {
                self.literals.get(name)
            }
            _ => None,
        }
    }

    /// Sorting or grouping by a parameter is doing so by a constant, never by the column of that
    /// number.
    fn items<'e>(&self, items: impl IntoIterator<Item = &'e mut Expr>) {
        for item in items {
            match item {
                Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                    self.items(sets.iter_mut().flatten());
                }
                Expr::Tuple(inner) => self.items(inner),
                item => {
                    let mut item = item;
                    while let Expr::Nested(inner) = item {
                        item = inner;
                    }
                    if let Some(literal) = self.literal(item) {
                        *item = literal.item.clone();
                    }
                }
            }
        }
    }
}

impl VisitorMut for Binder {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        if let Some(order_by) = &mut query.order_by
            && let OrderByKind::Expressions(keys) = &mut order_by.kind
        {
            self.items(keys.iter_mut().map(|key| &mut key.expr));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        if let Some(Distinct::On(keys)) = &mut select.distinct {
            self.items(keys);
        }
        if let GroupByExpr::Expressions(keys, _) = &mut select.group_by {
            self.items(keys);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Some(literal) = self.literal(expr) {
            *expr = literal.expr.clone();
        }
        ControlFlow::Continue(())
    }
}

impl ParameterValue {
    /// The value as an expression, or what is wrong with it.
    fn literal(&self) -> Result<Literal, String> {
        let expr = match self {
            Self::Null => value(Value::Null),
            Self::Boolean(truth) => value(Value::Boolean(*truth)),
            Self::Int64(number) => {
                let item = cast(number.to_string(), DataType::BigInt(None));
                return Ok(Literal { expr: integer(*number), item });
            }
            // The shortest digits that read back as the same number, or `NaN`, `inf`, `-inf`.
            Self::Float64(number) => {
                cast(format!("{number:?}"), DataType::Double(ExactNumberInfo::None))
            }
            Self::Decimal { digits, precision, scale } => {
                decimal(digits, *precision, *scale)?;
                let info = ExactNumberInfo::PrecisionAndScale((*precision).into(), (*scale).into());
                cast(digits.clone(), DataType::Decimal(info))
            }
            Self::Utf8(text) => value(Value::SingleQuotedString(text.clone())),
            Self::Date(days) => cast(date(i64::from(*days))?, DataType::Date),
            Self::Timestamp(micros) => {
                cast(timestamp(*micros)?, DataType::Timestamp(Some(6), TimezoneInfo::None))
            }
        };
        Ok(Literal { item: expr.clone(), expr })
    }
}

fn value(value: Value) -> Expr {
    Expr::Value(value.with_span(TokenSpan::empty()))
}

/// The planner reads a minus before a number as part of it, so the smallest one is no exception.
fn integer(number: i64) -> Expr {
    let digits = value(Value::Number(number.unsigned_abs().to_string(), false));
    if number < 0 {
        Expr::UnaryOp { op: UnaryOperator::Minus, expr: Box::new(digits) }
    } else {
        digits
    }
}

fn cast(text: String, data_type: DataType) -> Expr {
    Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(value(Value::SingleQuotedString(text))),
        data_type,
        array: false,
        format: None,
    }
}

/// Whether digits fit a decimal type without being rounded.
fn decimal(digits: &str, precision: u8, scale: u8) -> Result<(), String> {
    if precision == 0 || precision > 76 || scale > precision {
        return Err(format!("has the type DECIMAL({precision}, {scale}), which does not exist"));
    }
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => ("", ""),
        None => (unsigned, ""),
    };
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(fraction) {
        return Err(format!("is `{digits}`, which is not a decimal number such as `-12.50`"));
    }
    let fits = whole.trim_start_matches('0').len() <= usize::from(precision - scale)
        && fraction.len() <= usize::from(scale);
    if fits {
        Ok(())
    } else {
        Err(format!("is `{digits}`, which does not fit DECIMAL({precision}, {scale})"))
    }
}

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// A day as `YYYY-MM-DD`.
fn date(days: i64) -> Result<String, String> {
    let (year, month, day) = civil(days);
    if (1..=9999).contains(&year) {
        Ok(format!("{year:04}-{month:02}-{day:02}"))
    } else {
        Err(format!("lies in the year {year}, outside 1 to 9999"))
    }
}

/// A moment as `YYYY-MM-DDTHH:MM:SS.ffffff`.
fn timestamp(micros: i64) -> Result<String, String> {
    let day = date(micros.div_euclid(MICROS_PER_DAY))?;
    let within = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (within / 1_000_000, within % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    Ok(format!("{day}T{hour:02}:{minute:02}:{second:02}.{fraction:06}"))
}

/// Year, month and day of a number of days since 1970-01-01 in the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Days since 0000-03-01, so that a leap day is the last one of its year.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests;

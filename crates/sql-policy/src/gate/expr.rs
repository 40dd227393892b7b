//! Expressions.

use sqlparser::ast::{
    AccessExpr, Array, BinaryOperator, CaseWhen, CeilFloorKind, DateTimeField, DictionaryField,
    Expr, Ident, Interval, LambdaFunction, Map, MapEntry, Query, Subscript, TypedString,
    UnaryOperator, Value, ValueWithSpan,
};

use super::Gate;
use crate::{codes, guard};

impl Gate<'_> {
    /// Chains of operators lean to the left and may be very long, so they are not recursed into.
    #[recursive::recursive]
    pub(super) fn expr(&mut self, expr: &Expr) {
        let mut rights = Vec::new();
        let mut leftmost = expr;
        while let Expr::BinaryOp { left, op: _, right } = leftmost {
            self.counts.expressions += 1;
            rights.push(&**right);
            leftmost = left;
        }
        self.counts.expressions += 1;
        let outer = self.counts.height;
        self.counts.height += rights.len() + 1;
        self.counts.highest = self.counts.highest.max(self.counts.height);
        self.node(leftmost);
        for right in rights.into_iter().rev() {
            self.counts.height -= 1;
            self.expr(right);
        }
        self.counts.height = outer;
    }

    fn node(&mut self, expr: &Expr) {
        match expr {
            Expr::Identifier(ident) => self.column(std::slice::from_ref(ident)),
            Expr::CompoundIdentifier(idents) => self.column(idents),
            Expr::CompoundFieldAccess { root, access_chain } => {
                self.expr(root);
                for access in access_chain {
                    match access {
                        AccessExpr::Dot(Expr::Identifier(ident)) => self.ident(ident),
                        AccessExpr::Dot(field) => self.expr(field),
                        AccessExpr::Subscript(Subscript::Index { index }) => self.expr(index),
                        AccessExpr::Subscript(Subscript::Slice {
                            lower_bound,
                            upper_bound,
                            stride,
                        }) => {
                            self.maybe(lower_bound.as_ref());
                            self.maybe(upper_bound.as_ref());
                            self.maybe(stride.as_ref());
                        }
                    }
                }
            }
            Expr::JsonAccess { value, path: _ } => {
                self.expr(value);
                self.unsupported(": path", "write column['key']");
            }
            Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsUnknown(inner)
            | Expr::IsNotUnknown(inner) => self.expr(inner),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
                self.expr(left);
                self.expr(right);
            }
            Expr::IsNormalized { expr, form: _, negated: _ } => {
                self.expr(expr);
                self.unsupported("IS NORMALIZED", "normalise the text before loading it");
            }
            Expr::InList { expr, list, negated: _ } => {
                self.expr(expr);
                self.exprs(list);
            }
            Expr::InSubquery { expr, subquery, negated: _ } => {
                self.expr(expr);
                self.subquery(subquery);
            }
            Expr::InUnnest { expr, array_expr, negated: _ } => {
                self.expr(expr);
                self.unsupported("IN UNNEST", "write = ANY (…) or array_has(…)");
                self.expr(array_expr);
            }
            Expr::Between { expr, negated: _, low, high } => {
                self.expr(expr);
                self.expr(low);
                self.expr(high);
            }
            Expr::BinaryOp { .. } => self.expr(expr),
            Expr::Like { negated: _, any, expr, pattern, escape_char: _ }
            | Expr::ILike { negated: _, any, expr, pattern, escape_char: _ } => {
                self.expr(expr);
                self.unsupported_if(*any, "ANY after LIKE", "join several LIKE with OR");
                self.expr(pattern);
            }
            Expr::SimilarTo { negated: _, expr, pattern, escape_char: _ } => {
                self.expr(expr);
                let span = self.places.clause("SIMILAR TO");
                self.find(
                    codes::DROPPED_CLAUSE,
                    span,
                    "the engine reads the pattern of `SIMILAR TO` as a plain regular expression",
                    "write LIKE, or ~ with a regular expression",
                );
                self.expr(pattern);
            }
            Expr::RLike { negated: _, expr, pattern, regexp } => {
                self.expr(expr);
                let clause = if *regexp { "REGEXP" } else { "RLIKE" };
                self.unsupported(clause, "write ~ with a regular expression");
                self.expr(pattern);
            }
            Expr::AnyOp { left, compare_op: _, right, is_some: _ }
            | Expr::AllOp { left, compare_op: _, right } => {
                self.expr(left);
                self.expr(right);
            }
            Expr::UnaryOp { op: _, expr } => self.expr(expr),
            Expr::Convert { expr, .. } => {
                self.unsupported("CONVERT", "write CAST");
                self.expr(expr);
            }
            Expr::Cast { kind: _, expr, data_type: _, array, format } => {
                self.expr(expr);
                self.unsupported_if(*array, "ARRAY after a type in CAST", "name a list type");
                self.unsupported_if(format.is_some(), "FORMAT in CAST", "use to_char or to_date");
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                self.expr(timestamp);
                self.expr(time_zone);
            }
            Expr::Extract { field: _, syntax: _, expr } => self.expr(expr),
            Expr::Ceil { expr, field } | Expr::Floor { expr, field } => {
                self.expr(expr);
                match field {
                    CeilFloorKind::DateTimeField(DateTimeField::NoDateTime) => {}
                    CeilFloorKind::DateTimeField(_) => {
                        self.unsupported("TO in CEIL or FLOOR", "use date_trunc");
                    }
                    CeilFloorKind::Scale(_) => {
                        self.unsupported("scale in CEIL or FLOOR", "use trunc or round");
                    }
                }
            }
            Expr::Position { expr, r#in } => {
                self.expr(expr);
                self.expr(r#in);
            }
            Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                self.expr(expr);
                self.maybe(substring_from.as_deref());
                self.maybe(substring_for.as_deref());
            }
            Expr::Trim { trim_where: _, trim_what, expr, trim_characters } => {
                self.maybe(trim_what.as_deref());
                self.expr(expr);
                self.exprs(trim_characters.as_deref().unwrap_or_default());
            }
            Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                self.expr(expr);
                self.expr(overlay_what);
                self.expr(overlay_from);
                self.maybe(overlay_for.as_deref());
            }
            Expr::Collate { expr, collation: _ } => {
                self.expr(expr);
                self.unsupported("COLLATE", "leave it out: text compares by its bytes");
            }
            Expr::Nested(inner) => self.deeper(|gate| gate.expr(inner)),
            Expr::Value(value) => self.value(value),
            Expr::Prefixed { prefix, value } => {
                self.ident(prefix);
                self.unsupported(&prefix.value, "leave the prefix out");
                self.expr(value);
            }
            Expr::TypedString(TypedString { data_type: _, value, uses_odbc_syntax: _ }) => {
                self.touch(value.span);
            }
            Expr::Function(function) => self.deeper(|gate| gate.function(function)),
            Expr::Case { case_token, end_token, operand, conditions, else_result } => {
                self.touch(case_token.0.span);
                self.deeper(|gate| {
                    gate.maybe(operand.as_deref());
                    for CaseWhen { condition, result } in conditions {
                        gate.expr(condition);
                        gate.expr(result);
                    }
                    gate.maybe(else_result.as_deref());
                });
                self.touch(end_token.0.span);
            }
            Expr::Exists { subquery, negated: _ } => self.subquery(subquery),
            Expr::Subquery(subquery) => self.subquery(subquery),
            Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                sets.iter().for_each(|set| self.exprs(set));
            }
            Expr::Tuple(items) => self.exprs(items),
            Expr::Struct { values, fields } => {
                for value in values {
                    match value {
                        Expr::Named { expr, name } => {
                            self.expr(expr);
                            self.ident(name);
                        }
                        value => self.expr(value),
                    }
                }
                let help = "leave the types out, or CAST the values";
                self.unsupported_if(!fields.is_empty(), "STRUCT with types", help);
            }
            Expr::Named { expr, name } => {
                self.expr(expr);
                self.ident(name);
                self.unsupported("AS inside an expression", "give the whole column an alias");
            }
            Expr::Dictionary(fields) => {
                for DictionaryField { key, value } in fields {
                    self.ident(key);
                    self.expr(value);
                }
            }
            Expr::Map(Map { entries }) => {
                for MapEntry { key, value } in entries {
                    self.expr(key);
                    self.expr(value);
                }
            }
            Expr::Array(Array { elem, named: _ }) => {
                self.scopes.enter_array();
                self.exprs(elem);
                self.scopes.leave_array();
            }
            Expr::Interval(interval) => {
                let Interval {
                    value,
                    leading_field: _,
                    leading_precision,
                    last_field,
                    fractional_seconds_precision,
                } = interval;
                self.expr(value);
                let qualified = leading_precision.is_some()
                    || last_field.is_some()
                    || fractional_seconds_precision.is_some();
                let help = "write the units into the string, as in INTERVAL '1 day 2 hours'";
                self.unsupported_if(qualified, "INTERVAL with a range of units", help);
                let help = "multiply a unit, as in days * INTERVAL '1 day'";
                self.unsupported_if(!is_length(value), "INTERVAL of an expression", help);
            }
            Expr::MatchAgainst { .. } => self.unsupported("MATCH … AGAINST", "write LIKE"),
            Expr::Wildcard(token) => {
                self.touch(token.0.span);
                self.unsupported("* inside an expression", "name the columns");
            }
            Expr::QualifiedWildcard(name, token) => {
                self.object_name(name);
                self.touch(token.0.span);
                self.unsupported("* inside an expression", "name the columns");
            }
            Expr::OuterJoin(inner) => {
                self.expr(inner);
                self.unsupported("(+)", "write LEFT JOIN");
            }
            Expr::Prior(inner) => {
                self.unsupported("PRIOR", "write a recursive common table expression");
                self.expr(inner);
            }
            Expr::Lambda(lambda) => {
                self.unsupported("-> outside a call", "pass the lambda to a function");
                self.lambda(lambda);
            }
            Expr::MemberOf(_) => self.unsupported("MEMBER OF", "write array_has(…)"),
        }
    }

    /// A name in an expression. The engine takes one that begins with `@` for a variable.
    fn column(&mut self, idents: &[Ident]) {
        self.idents(idents);
        let Some(first) = idents.first() else { return };
        let span = self.places.bytes(first.span);
        if first.quote_style.is_none() && first.value.starts_with('@') {
            self.find(codes::PARAMETER, span, guard::parameter(&first.value), guard::NO_PARAMETERS);
        } else if self.constant {
            self.find(
                codes::DEFAULT_EXPRESSION,
                span,
                format!("a default cannot read the column `{}`", first.value),
                "write a constant",
            );
        }
    }

    fn subquery(&mut self, query: &Query) {
        if self.constant {
            let span = self.places.clause("SELECT");
            let message = "a default cannot be a subquery";
            self.find(codes::DEFAULT_EXPRESSION, span, message, "write a constant");
        }
        self.query(query);
    }

    pub(super) fn lambda(&mut self, lambda: &LambdaFunction) {
        let LambdaFunction { params, body, syntax: _ } = lambda;
        for param in params.iter() {
            self.ident(&param.name);
            if let Some(data_type) = &param.data_type {
                self.unsupported(&data_type.to_string(), "leave the type of the parameter out");
            }
        }
        self.expr(body);
    }

    fn value(&mut self, literal: &ValueWithSpan) {
        let ValueWithSpan { value, span } = literal;
        self.touch(*span);
        let span = self.places.bytes(*span);
        match value {
            Value::Number(..)
            | Value::SingleQuotedString(_)
            | Value::DollarQuotedString(_)
            | Value::EscapedStringLiteral(_)
            | Value::HexStringLiteral(_)
            | Value::DoubleQuotedString(_)
            | Value::Boolean(_)
            | Value::Null => {}
            Value::Placeholder(name) => self.parameter(name, literal),
            Value::TripleSingleQuotedString(_)
            | Value::TripleDoubleQuotedString(_)
            | Value::UnicodeStringLiteral(_)
            | Value::SingleQuotedByteStringLiteral(_)
            | Value::DoubleQuotedByteStringLiteral(_)
            | Value::TripleSingleQuotedByteStringLiteral(_)
            | Value::TripleDoubleQuotedByteStringLiteral(_)
            | Value::SingleQuotedRawStringLiteral(_)
            | Value::DoubleQuotedRawStringLiteral(_)
            | Value::TripleSingleQuotedRawStringLiteral(_)
            | Value::TripleDoubleQuotedRawStringLiteral(_)
            | Value::NationalStringLiteral(_)
            | Value::QuoteDelimitedStringLiteral(_)
            | Value::NationalQuoteDelimitedStringLiteral(_) => self.find(
                codes::UNSUPPORTED_CLAUSE,
                span,
                format!("the engine does not support the literal `{value}`"),
                "write the text in single quotes",
            ),
        }
    }
}

/// Whether the engine takes it for the length of an interval.
#[recursive::recursive]
fn is_length(value: &Expr) -> bool {
    match value {
        Expr::Value(_) => true,
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } => is_length(expr),
        Expr::BinaryOp { left, op: BinaryOperator::Plus | BinaryOperator::Minus, right } => {
            is_length(left) && is_length(right)
        }
        _ => false,
    }
}

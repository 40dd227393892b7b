//! The canonical tree as text, for people: read back, it is the same tree.
//!
//! The parser's own printer writes operators side by side and trusts that parentheses are nodes of
//! the tree. In normal form they are not, so they are put back where the text needs them. Where
//! dialects differ in how strongly an operator binds, it gets parentheses in all of them.

use std::ops::ControlFlow;

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, Expr, Query, UnaryOperator, Value, ValueWithSpan,
    VisitorMut,
};

use crate::{
    room::Size,
    visit::{each_expr_mut, visit_mut},
};

/// The text of a query.
pub(crate) fn sql(query: &Query, size: Size) -> String {
    // Each operator may get a pair of parentheses.
    let room = Size { height: size.height * 2, ..size };
    room.copying(|| {
        let mut shown = query.clone();
        each_expr_mut(&mut shown, &mut parenthesise);
        let _: ControlFlow<()> = visit_mut(&mut shown, &mut Quotes);
        shown.to_string()
    })
}

/// Doubles the quotes in strings. The printer does so itself, but for those that it takes to be
/// doubled already, or behind a backslash.
struct Quotes;

impl VisitorMut for Quotes {
    type Break = ();

    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if let Value::SingleQuotedString(text) = &mut value.value
            && text.contains('\'')
        {
            *text = text.replace('\'', "''");
        }
        ControlFlow::Continue(())
    }
}

/// How strongly the outermost operator of an expression binds, stronger ones higher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Binds {
    /// Swallows all that follows, or dialects differ.
    Unclear,
    Or,
    And,
    Not,
    Is,
    Like,
    Comparison,
    Sum,
    Product,
    Sign,
    Zone,
    Cast,
    Whole,
}

fn binds(expr: &Expr) -> Binds {
    match expr {
        Expr::BinaryOp { op, .. } => operator(op),
        Expr::UnaryOp { op: UnaryOperator::Not, .. } => Binds::Not,
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, .. } => Binds::Sign,
        Expr::UnaryOp { .. } => Binds::Unclear,
        Expr::IsNull(_)
        | Expr::IsNotNull(_)
        | Expr::IsTrue(_)
        | Expr::IsNotTrue(_)
        | Expr::IsFalse(_)
        | Expr::IsNotFalse(_)
        | Expr::IsUnknown(_)
        | Expr::IsNotUnknown(_) => Binds::Is,
        Expr::Like { .. } | Expr::ILike { .. } => Binds::Like,
        Expr::Between { .. } | Expr::InList { .. } | Expr::InSubquery { .. } => Binds::Comparison,
        Expr::AtTimeZone { .. } => Binds::Zone,
        Expr::Cast { kind: CastKind::DoubleColon, .. } => Binds::Cast,
        Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::CompoundFieldAccess { .. }
        | Expr::Value(_)
        | Expr::Nested(_)
        | Expr::Function(_)
        | Expr::Case { .. }
        | Expr::Cast { .. }
        | Expr::Exists { .. }
        | Expr::Subquery(_)
        | Expr::Extract { .. }
        | Expr::Ceil { .. }
        | Expr::Floor { .. }
        | Expr::Position { .. }
        | Expr::Substring { .. }
        | Expr::Trim { .. }
        | Expr::Overlay { .. }
        | Expr::Tuple(_)
        | Expr::Struct { .. }
        | Expr::Dictionary(_)
        | Expr::Map(_)
        | Expr::Array(_) => Binds::Whole,
        _ => Binds::Unclear,
    }
}

fn operator(op: &BinaryOperator) -> Binds {
    match op {
        BinaryOperator::Or => Binds::Or,
        BinaryOperator::And => Binds::And,
        BinaryOperator::Eq
        | BinaryOperator::NotEq
        | BinaryOperator::Lt
        | BinaryOperator::LtEq
        | BinaryOperator::Gt
        | BinaryOperator::GtEq => Binds::Comparison,
        BinaryOperator::Plus | BinaryOperator::Minus => Binds::Sum,
        BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Modulo => {
            Binds::Product
        }
        _ => Binds::Unclear,
    }
}

/// Puts parentheses around operands that would be read otherwise.
fn parenthesise(expr: &mut Expr) {
    match expr {
        Expr::BinaryOp { left, op, right } => match operator(op) {
            Binds::Unclear => {
                wrap(left, Binds::Whole);
                wrap(right, Binds::Whole);
            }
            // Two comparisons in a row are read differently by different dialects.
            Binds::Comparison => {
                wrap(left, Binds::Sum);
                wrap(right, Binds::Sum);
            }
            own => {
                wrap(left, own);
                wrap_equal(right, own);
            }
        },
        Expr::UnaryOp { op: UnaryOperator::Not, expr } => wrap(expr, Binds::Not),
        Expr::UnaryOp { op: _, expr } => wrap(expr, Binds::Zone),
        Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotFalse(inner)
        | Expr::IsUnknown(inner)
        | Expr::IsNotUnknown(inner) => wrap(inner, Binds::Sum),
        Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
            wrap(left, Binds::Sum);
            wrap(right, Binds::Sum);
        }
        Expr::Like { expr, pattern, .. } | Expr::ILike { expr, pattern, .. } => {
            wrap(expr, Binds::Sum);
            wrap(pattern, Binds::Sum);
        }
        Expr::Between { expr, negated: _, low, high } => {
            wrap(expr, Binds::Sum);
            wrap(low, Binds::Sum);
            wrap(high, Binds::Sum);
        }
        Expr::InList { expr, .. } | Expr::InSubquery { expr, .. } => wrap(expr, Binds::Sum),
        Expr::AnyOp { left, .. } | Expr::AllOp { left, .. } => wrap(left, Binds::Sum),
        Expr::AtTimeZone { timestamp, time_zone } => {
            wrap(timestamp, Binds::Zone);
            wrap(time_zone, Binds::Whole);
        }
        Expr::Cast { kind: CastKind::DoubleColon, expr, .. } => wrap(expr, Binds::Cast),
        Expr::CompoundFieldAccess { root, access_chain } => {
            let plain = matches!(
                **root,
                Expr::Identifier(_)
                    | Expr::CompoundIdentifier(_)
                    | Expr::Function(_)
                    | Expr::Array(_)
                    | Expr::Nested(_)
            );
            if !plain || matches!(access_chain.first(), Some(AccessExpr::Dot(_))) && called(root) {
                nest(root);
            }
        }
        _ => {}
    }
}

fn called(root: &Expr) -> bool {
    matches!(root, Expr::Function(_))
}

fn wrap(expr: &mut Expr, least: Binds) {
    if binds(expr) < least {
        nest(expr);
    }
}

fn wrap_equal(expr: &mut Expr, least: Binds) {
    if binds(expr) <= least {
        nest(expr);
    }
}

fn nest(expr: &mut Expr) {
    let nothing = Expr::Value(ValueWithSpan {
        value: Value::Null,
        span: sqlparser::tokenizer::Span::empty(),
    });
    let inner = std::mem::replace(expr, nothing);
    *expr = Expr::Nested(Box::new(inner));
}

#[cfg(test)]
mod tests;

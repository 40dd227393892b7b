//! What stands directly inside an expression, in the order of the text.
//!
//! One exhaustive list for every walk over a gated or canonical tree: a node that a later parser
//! adds does not compile until somebody has said what is inside it. Scopes are not known here;
//! queries are handed out and not entered.

use sqlparser::ast::{
    AccessExpr, Array, CaseWhen, DictionaryField, Expr, Function, FunctionArg, FunctionArgExpr,
    FunctionArgumentClause, FunctionArgumentList, FunctionArguments, HavingBound, Interval,
    LambdaFunction, Map, MapEntry, MemberOf, Query, Subscript, WindowFrame, WindowFrameBound,
    WindowSpec, WindowType,
};

/// Something directly inside an expression.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Child<'a> {
    /// An expression of the same scope.
    Expr(&'a Expr),
    /// A query, which has scopes of its own.
    Query(&'a Query),
}

/// Something directly inside an expression, to be changed.
#[derive(Debug)]
pub(crate) enum ChildMut<'a> {
    /// An expression of the same scope.
    Expr(&'a mut Expr),
    /// A query, which has scopes of its own.
    Query(&'a mut Query),
}

/// Writes one walk for trees that are looked at, and the same for trees that are changed.
macro_rules! walk {
    (
        $children:ident, $function:ident, $window:ident: $inside:literal,
        $Child:ident, [$($mut:tt)?], $iter:ident, $option:ident
    ) => {
        #[doc = $inside]
        pub(crate) fn $children<'a>(expr: &'a $($mut)? Expr, visit: &mut dyn FnMut($Child<'a>)) {
            match expr {
                Expr::Identifier(_)
                | Expr::CompoundIdentifier(_)
                | Expr::Value(_)
                | Expr::TypedString(_)
                | Expr::Wildcard(_)
                | Expr::QualifiedWildcard(..) => {}
                Expr::CompoundFieldAccess { root, access_chain } => {
                    visit($Child::Expr(root));
                    for access in access_chain {
                        match access {
                            // A field's name is no expression of its own.
                            AccessExpr::Dot(Expr::Identifier(_)) => {}
                            AccessExpr::Dot(field) => visit($Child::Expr(field)),
                            AccessExpr::Subscript(Subscript::Index { index }) => visit($Child::Expr(index)),
                            AccessExpr::Subscript(Subscript::Slice {
                                lower_bound,
                                upper_bound,
                                stride,
                            }) => {
                                let bounds = [lower_bound, upper_bound, stride];
                                bounds.into_iter().flatten().for_each(|bound| visit($Child::Expr(bound)));
                            }
                        }
                    }
                }
                Expr::IsFalse(inner)
                | Expr::IsNotFalse(inner)
                | Expr::IsTrue(inner)
                | Expr::IsNotTrue(inner)
                | Expr::IsNull(inner)
                | Expr::IsNotNull(inner)
                | Expr::IsUnknown(inner)
                | Expr::IsNotUnknown(inner)
                | Expr::Nested(inner)
                | Expr::OuterJoin(inner)
                | Expr::Prior(inner)
                | Expr::JsonAccess { value: inner, path: _ }
                | Expr::IsNormalized { expr: inner, form: _, negated: _ }
                | Expr::UnaryOp { op: _, expr: inner }
                | Expr::Cast { kind: _, expr: inner, data_type: _, array: _, format: _ }
                | Expr::Extract { field: _, syntax: _, expr: inner }
                | Expr::Ceil { expr: inner, field: _ }
                | Expr::Floor { expr: inner, field: _ }
                | Expr::Collate { expr: inner, collation: _ }
                | Expr::Prefixed { prefix: _, value: inner }
                | Expr::Named { expr: inner, name: _ } => visit($Child::Expr(inner)),
                Expr::IsDistinctFrom(left, right)
                | Expr::IsNotDistinctFrom(left, right)
                | Expr::BinaryOp { left, op: _, right }
                | Expr::AnyOp { left, compare_op: _, right, is_some: _ }
                | Expr::AllOp { left, compare_op: _, right }
                | Expr::Like { negated: _, any: _, expr: left, pattern: right, escape_char: _ }
                | Expr::ILike { negated: _, any: _, expr: left, pattern: right, escape_char: _ }
                | Expr::SimilarTo { negated: _, expr: left, pattern: right, escape_char: _ }
                | Expr::RLike { negated: _, expr: left, pattern: right, regexp: _ }
                | Expr::InUnnest { expr: left, array_expr: right, negated: _ }
                | Expr::AtTimeZone { timestamp: left, time_zone: right }
                | Expr::Position { expr: left, r#in: right } => {
                    visit($Child::Expr(left));
                    visit($Child::Expr(right));
                }
                Expr::InList { expr, list, negated: _ } => {
                    visit($Child::Expr(expr));
                    list.$iter().for_each(|item| visit($Child::Expr(item)));
                }
                Expr::InSubquery { expr, subquery, negated: _ } => {
                    visit($Child::Expr(expr));
                    visit($Child::Query(subquery));
                }
                Expr::Between { expr, negated: _, low, high } => {
                    visit($Child::Expr(expr));
                    visit($Child::Expr(low));
                    visit($Child::Expr(high));
                }
                Expr::Convert {
                    is_try: _,
                    expr,
                    data_type: _,
                    charset: _,
                    target_before_value: _,
                    styles,
                } => {
                    visit($Child::Expr(expr));
                    styles.$iter().for_each(|style| visit($Child::Expr(style)));
                }
                Expr::Substring { expr, substring_from, substring_for, special: _, shorthand: _ } => {
                    visit($Child::Expr(expr));
                    let parts = [substring_from, substring_for];
                    parts.into_iter().flatten().for_each(|part| visit($Child::Expr(part)));
                }
                Expr::Trim { trim_where: _, trim_what, expr, trim_characters } => {
                    trim_what.$iter().for_each(|what| visit($Child::Expr(what)));
                    visit($Child::Expr(expr));
                    let characters = trim_characters.$iter().flatten();
                    characters.for_each(|character| visit($Child::Expr(character)));
                }
                Expr::Overlay { expr, overlay_what, overlay_from, overlay_for } => {
                    visit($Child::Expr(expr));
                    visit($Child::Expr(overlay_what));
                    visit($Child::Expr(overlay_from));
                    overlay_for.$iter().for_each(|part| visit($Child::Expr(part)));
                }
                Expr::Function(call) => $function(call, visit),
                Expr::Case { case_token: _, end_token: _, operand, conditions, else_result } => {
                    operand.$iter().for_each(|operand| visit($Child::Expr(operand)));
                    for CaseWhen { condition, result } in conditions {
                        visit($Child::Expr(condition));
                        visit($Child::Expr(result));
                    }
                    else_result.$iter().for_each(|result| visit($Child::Expr(result)));
                }
                Expr::Exists { subquery, negated: _ } | Expr::Subquery(subquery) => {
                    visit($Child::Query(subquery));
                }
                Expr::GroupingSets(sets) | Expr::Cube(sets) | Expr::Rollup(sets) => {
                    sets.$iter().flatten().for_each(|item| visit($Child::Expr(item)));
                }
                Expr::Tuple(items)
                | Expr::Struct { values: items, fields: _ }
                | Expr::Array(Array { elem: items, named: _ }) => {
                    items.$iter().for_each(|item| visit($Child::Expr(item)));
                }
                Expr::Dictionary(fields) => {
                    for DictionaryField { key: _, value } in fields {
                        visit($Child::Expr(value));
                    }
                }
                Expr::Map(Map { entries }) => {
                    for MapEntry { key, value } in entries {
                        visit($Child::Expr(key));
                        visit($Child::Expr(value));
                    }
                }
                Expr::Interval(Interval {
                    value,
                    leading_field: _,
                    leading_precision: _,
                    last_field: _,
                    fractional_seconds_precision: _,
                }) => visit($Child::Expr(value)),
                Expr::MatchAgainst { columns: _, match_value: _, opt_search_modifier: _ } => {}
                Expr::Lambda(LambdaFunction { params: _, body, syntax: _ }) => visit($Child::Expr(body)),
                Expr::MemberOf(MemberOf { value, array }) => {
                    visit($Child::Expr(value));
                    visit($Child::Expr(array));
                }
            }
        }

        fn $function<'a>(call: &'a $($mut)? Function, visit: &mut dyn FnMut($Child<'a>)) {
            let Function {
                name: _,
                uses_odbc_syntax: _,
                parameters,
                args,
                filter,
                null_treatment: _,
                over,
                within_group,
            } = call;
            for arguments in [parameters, args] {
                match arguments {
                    FunctionArguments::None => {}
                    FunctionArguments::Subquery(query) => visit($Child::Query(query)),
                    FunctionArguments::List(FunctionArgumentList {
                        duplicate_treatment: _,
                        args,
                        clauses,
                    }) => {
                        for arg in args {
                            let arg = match arg {
                                FunctionArg::Unnamed(arg)
                                | FunctionArg::Named { name: _, arg, operator: _ }
                                | FunctionArg::ExprNamed { name: _, arg, operator: _ } => arg,
                            };
                            match arg {
                                FunctionArgExpr::Expr(expr) => visit($Child::Expr(expr)),
                                FunctionArgExpr::QualifiedWildcard(_)
                                | FunctionArgExpr::Wildcard
                                | FunctionArgExpr::WildcardWithOptions(_) => {}
                            }
                        }
                        for clause in clauses {
                            match clause {
                                FunctionArgumentClause::OrderBy(keys) => {
                                    keys.$iter().for_each(|key| visit($Child::Expr(&$($mut)? key.expr)));
                                }
                                FunctionArgumentClause::Limit(expr)
                                | FunctionArgumentClause::Having(HavingBound(_, expr)) => {
                                    visit($Child::Expr(expr));
                                }
                                FunctionArgumentClause::IgnoreOrRespectNulls(_)
                                | FunctionArgumentClause::OnOverflow(_)
                                | FunctionArgumentClause::Separator(_)
                                | FunctionArgumentClause::JsonNullClause(_)
                                | FunctionArgumentClause::JsonReturningClause(_) => {}
                            }
                        }
                    }
                }
            }
            filter.$iter().for_each(|filter| visit($Child::Expr(filter)));
            within_group.$iter().for_each(|key| visit($Child::Expr(&$($mut)? key.expr)));
            match over {
                None | Some(WindowType::NamedWindow(_)) => {}
                Some(WindowType::WindowSpec(spec)) => $window(spec, visit),
            }
        }

        /// The expressions of a window: partition, order, frame.
        pub(crate) fn $window<'a>(window: &'a $($mut)? WindowSpec, visit: &mut dyn FnMut($Child<'a>)) {
            let WindowSpec { window_name: _, partition_by, order_by, window_frame } = window;
            partition_by.$iter().for_each(|expr| visit($Child::Expr(expr)));
            order_by.$iter().for_each(|key| visit($Child::Expr(&$($mut)? key.expr)));
            if let Some(WindowFrame { units: _, start_bound, end_bound }) = window_frame {
                for bound in [Some(start_bound), end_bound.$option()].into_iter().flatten() {
                    match bound {
                        WindowFrameBound::CurrentRow => {}
                        WindowFrameBound::Preceding(rows) | WindowFrameBound::Following(rows) => {
                            rows.$iter().for_each(|rows| visit($Child::Expr(rows)));
                        }
                    }
                }
            }
        }
    };
}

walk!(children, function, window: "Hands out what stands directly inside.",
    Child, [], iter, as_ref);
walk!(children_mut, function_mut, window_mut: "Hands out what stands directly inside, to be changed.",
    ChildMut, [mut], iter_mut, as_mut);

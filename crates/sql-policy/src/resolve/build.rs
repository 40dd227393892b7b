//! Small pieces of a tree in normal form.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, ObjectNamePart, TableAlias, Value,
};

use crate::canonical;

/// A name as the canonical form writes it.
pub(super) fn ident(name: &str) -> Ident {
    canonical::name(name)
}

/// `alias.column`.
pub(super) fn column(alias: &str, column: &str) -> Expr {
    Expr::CompoundIdentifier(vec![ident(alias), ident(column)])
}

pub(super) fn object_name<'n>(parts: impl IntoIterator<Item = &'n str>) -> ObjectName {
    ObjectName(parts.into_iter().map(|part| ObjectNamePart::Identifier(ident(part))).collect())
}

pub(super) fn alias(name: &str) -> TableAlias {
    TableAlias { explicit: true, name: ident(name), columns: Vec::new(), at: None }
}

/// A number as it is written.
pub(super) fn number(number: usize) -> Expr {
    Expr::value(Value::Number(number.to_string(), false))
}

/// `coalesce(left, right)`.
pub(super) fn coalesce(left: Expr, right: Expr) -> Expr {
    let arg = |expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(expr));
    Expr::Function(Function {
        name: object_name(["coalesce"]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(FunctionArgumentList {
            duplicate_treatment: None,
            args: vec![arg(left), arg(right)],
            clauses: Vec::new(),
        }),
        filter: None,
        null_treatment: None,
        over: None,
        within_group: Vec::new(),
    })
}

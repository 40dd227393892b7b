//! The fourth stage: exact rewrites only.
//!
//! Every rewrite replaces a spelling by another that the engine's planner reads as the same, so
//! rows, types, output names and errors stay as they are:
//!
//! * an identifier that the planner normalises is written as normalised: lower case and without
//!   quotes where it survives that, in double quotes where it does not;
//! * a word that the planner never reads goes: SELECT ALL, FROM before SELECT, ROW and ROWS after
//!   OFFSET, ROW before each row of VALUES, AS before an alias, the braces of `{fn f()}`, the ALL
//!   of `count(ALL x)`.
//!
//! Names that the planner takes verbatim stay as written: fields of structs and maps, argument
//! names, table functions, and the lists of `* EXCLUDE`, `* EXCEPT` and `* REPLACE`.

use std::{ops::ControlFlow, sync::LazyLock};

use sqlparser::{
    ast::{
        AccessExpr, Distinct, DuplicateTreatment, Expr, Function, FunctionArg, FunctionArgExpr,
        FunctionArgumentList, FunctionArguments, Ident, Join, JoinConstraint, JoinOperator,
        LambdaFunction, LimitClause, ObjectName, ObjectNamePart, Offset, OffsetRows,
        OneOrManyWithParens, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
        TableAlias, TableFactor, TableWithJoins, TypedString, Value, ValueWithSpan, VisitorMut,
    },
    keywords::{
        ALL_KEYWORDS, ALL_KEYWORDS_INDEX, Keyword, RESERVED_FOR_COLUMN_ALIAS,
        RESERVED_FOR_IDENTIFIER, RESERVED_FOR_TABLE_ALIAS, RESERVED_FOR_TABLE_FACTOR,
    },
};

use crate::{compiled::FunctionUse, gate::Gated, text, visit::visit_mut};

/// A query in canonical form. Canonical form of canonical form is itself.
#[derive(Debug)]
pub(crate) struct Canonical {
    pub(crate) gated: Gated,
}

/// Brings a query into canonical form.
pub(crate) fn canonicalise(mut gated: Gated) -> Canonical {
    let _: ControlFlow<()> =
        visit_mut(&mut gated.query, &mut Rewriter { functions: &gated.functions });
    Canonical { gated }
}

struct Rewriter<'a> {
    /// Those that the query calls.
    functions: &'a [FunctionUse],
}

impl Rewriter<'_> {
    /// `user` is a call without parentheses where there is such a function, and a column where
    /// there is none.
    fn column(&self, function: &Function) -> Option<Expr> {
        if function.args != FunctionArguments::None {
            return None;
        }
        let parts = function.name.0.iter().map(|part| part.as_ident().cloned());
        let mut parts = parts.collect::<Option<Vec<Ident>>>()?;
        if let [name] = &parts[..]
            && self.functions.iter().any(|used| used.name == text::normalise(name))
        {
            return None;
        }
        match parts.len() {
            1 => parts.pop().map(Expr::Identifier),
            _ => Some(Expr::CompoundIdentifier(parts)),
        }
    }
}

impl VisitorMut for Rewriter<'_> {
    type Break = ();

    fn pre_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        for cte in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            alias_names(&mut cte.alias);
        }
        if let Some(LimitClause::LimitOffset { offset: Some(Offset { value: _, rows }), .. }) =
            &mut query.limit_clause
        {
            *rows = OffsetRows::None;
        }
        // The operands of a set operation are not queries; their VALUES are found from here.
        let mut bodies = vec![&mut *query.body];
        while let Some(body) = bodies.pop() {
            match body {
                SetExpr::Values(values) => values.explicit_row = false,
                SetExpr::SetOperation { left, right, .. } => bodies.extend([&mut **left, right]),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        if select.distinct == Some(Distinct::All) {
            select.distinct = None;
        }
        if select.select_modifiers.as_ref().is_some_and(|modifiers| !modifiers.is_any_set()) {
            select.select_modifiers = None;
        }
        select.window_before_qualify = false;
        select.top_before_distinct = false;
        for item in &mut select.projection {
            match item {
                SelectItem::ExprWithAlias { expr: _, alias } => ident(alias),
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    _,
                ) => object_name(name),
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::Expr(_), _)
                | SelectItem::UnnamedExpr(_)
                | SelectItem::ExprWithAliases { .. }
                | SelectItem::Wildcard(_) => {}
            }
        }
        select.from.iter_mut().for_each(join_keys);
        ControlFlow::Continue(())
    }

    /// What is a text in some dialects is a name in others.
    fn pre_visit_value(&mut self, value: &mut ValueWithSpan) -> ControlFlow<()> {
        if let Value::DoubleQuotedString(text) = &mut value.value {
            value.value = Value::SingleQuotedString(std::mem::take(text));
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, alias, args, .. } => {
                // A table function is looked up as it is written.
                if args.is_none() {
                    object_name(name);
                }
                alias.iter_mut().for_each(table_alias);
            }
            TableFactor::Derived { alias, .. } | TableFactor::UNNEST { alias, .. } => {
                alias.iter_mut().for_each(table_alias);
            }
            TableFactor::NestedJoin { table_with_joins, alias } => {
                join_keys(table_with_joins);
                alias.iter_mut().for_each(table_alias);
            }
            // The gate lets none of the others pass.
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::Function(function) = expr
            && let Some(column) = self.column(function)
        {
            *expr = column;
        }
        match expr {
            Expr::Identifier(name) => ident(name),
            Expr::CompoundIdentifier(names) => names.iter_mut().for_each(ident),
            Expr::CompoundFieldAccess { root: _, access_chain } => {
                for access in access_chain {
                    if let AccessExpr::Dot(Expr::Identifier(name)) = access {
                        ident(name);
                    }
                }
            }
            Expr::Function(function) => call(function),
            Expr::TypedString(TypedString { uses_odbc_syntax, .. }) => *uses_odbc_syntax = false,
            Expr::Lambda(LambdaFunction { params, .. }) => match params {
                OneOrManyWithParens::One(param) => ident(&mut param.name),
                OneOrManyWithParens::Many(params) => {
                    params.iter_mut().for_each(|param| ident(&mut param.name));
                }
            },
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn call(function: &mut Function) {
    function.uses_odbc_syntax = false;
    if let [ObjectNamePart::Identifier(name)] = &mut function.name.0[..] {
        name.value = text::normalise(name);
        // No word is reserved before a parenthesis.
        name.quote_style = if plain(&name.value) { None } else { Some('"') };
    }
    if let FunctionArguments::List(FunctionArgumentList { duplicate_treatment, args, .. }) =
        &mut function.args
    {
        if *duplicate_treatment == Some(DuplicateTreatment::All) {
            *duplicate_treatment = None;
        }
        for arg in args {
            if let FunctionArg::Unnamed(FunctionArgExpr::QualifiedWildcard(name)) = arg {
                object_name(name);
            }
        }
    }
}

fn join_keys(table: &mut TableWithJoins) {
    for Join { join_operator, .. } in &mut table.joins {
        let constraint = match join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::Left(constraint)
            | JoinOperator::LeftOuter(constraint)
            | JoinOperator::Right(constraint)
            | JoinOperator::RightOuter(constraint)
            | JoinOperator::FullOuter(constraint)
            | JoinOperator::LeftSemi(constraint)
            | JoinOperator::RightSemi(constraint)
            | JoinOperator::LeftAnti(constraint)
            | JoinOperator::RightAnti(constraint) => constraint,
            // The gate lets none of the others have keys.
            _ => continue,
        };
        if let JoinConstraint::Using(names) = constraint {
            names.iter_mut().for_each(object_name);
        }
    }
}

fn table_alias(alias: &mut TableAlias) {
    alias.explicit = true;
    alias_names(alias);
}

fn alias_names(alias: &mut TableAlias) {
    ident(&mut alias.name);
    alias.columns.iter_mut().for_each(|column| ident(&mut column.name));
}

fn object_name(name: &mut ObjectName) {
    for part in &mut name.0 {
        if let ObjectNamePart::Identifier(name) = part {
            ident(name);
        }
    }
}

/// A normalised name as the canonical form writes it.
pub(crate) fn name(name: &str) -> Ident {
    Ident {
        value: name.to_owned(),
        quote_style: if survives(name) { None } else { Some('"') },
        span: sqlparser::tokenizer::Span::empty(),
    }
}

/// Writes a name as the engine understands it.
fn ident(ident: &mut Ident) {
    ident.value = text::normalise(ident);
    ident.quote_style = if survives(&ident.value) { None } else { Some('"') };
}

/// Whether a normalised name reads as itself without quotes, wherever a name may stand.
pub(crate) fn survives(name: &str) -> bool {
    plain(name) && !reserved(name)
}

fn plain(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|byte| byte.is_ascii_lowercase() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a word reads as something else where a name may stand. A name that does keeps its quotes,
/// so that the tree prints as what it is; the planner does not mind.
fn reserved(name: &str) -> bool {
    let first = name.as_bytes().first();
    let is = |word: &String| word.as_bytes().first() == first && word == name;
    RESERVED.get(name.len()).is_some_and(|words| words.iter().any(is))
}

/// The reserved words in lower case, by their length. Asked for each name of a query, of which
/// hardly one is a keyword.
static RESERVED: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    const LISTS: [&[Keyword]; 5] = [
        RESERVED_FOR_TABLE_ALIAS,
        RESERVED_FOR_COLUMN_ALIAS,
        RESERVED_FOR_TABLE_FACTOR,
        RESERVED_FOR_IDENTIFIER,
        EXPRESSIONS,
    ];
    let mut words: Vec<Vec<String>> = Vec::new();
    for (keyword, word) in ALL_KEYWORDS_INDEX.iter().zip(ALL_KEYWORDS) {
        if LISTS.iter().any(|list| list.contains(keyword)) {
            let least = words.len().max(word.len() + 1);
            words.resize(least, Vec::new());
            words[word.len()].push(word.to_ascii_lowercase());
        }
    }
    words
});

/// Words that begin or join expressions.
const EXPRESSIONS: &[Keyword] = &[
    Keyword::ALL,
    Keyword::AND,
    Keyword::ANY,
    Keyword::AS,
    Keyword::ASC,
    Keyword::AT,
    Keyword::BETWEEN,
    Keyword::BY,
    Keyword::CASE,
    Keyword::CAST,
    Keyword::COLLATE,
    Keyword::CURRENT_CATALOG,
    Keyword::CURRENT_DATE,
    Keyword::CURRENT_TIME,
    Keyword::CURRENT_TIMESTAMP,
    Keyword::CURRENT_USER,
    Keyword::DATE,
    Keyword::DATETIME,
    Keyword::DESC,
    Keyword::DISTINCT,
    Keyword::ELSE,
    Keyword::EXTRACT,
    Keyword::FALSE,
    Keyword::FILTER,
    Keyword::ILIKE,
    Keyword::IN,
    Keyword::IS,
    Keyword::LIKE,
    Keyword::LOCALTIME,
    Keyword::LOCALTIMESTAMP,
    Keyword::MAP,
    Keyword::NOT,
    Keyword::NULL,
    Keyword::NULLS,
    Keyword::OR,
    Keyword::OVER,
    Keyword::PRIOR,
    Keyword::RECURSIVE,
    Keyword::SESSION_USER,
    Keyword::SOME,
    Keyword::TABLE,
    Keyword::THEN,
    Keyword::TIME,
    Keyword::TIMESTAMP,
    Keyword::TIMESTAMPTZ,
    Keyword::TRUE,
    Keyword::UNNEST,
    Keyword::USER,
    Keyword::WHEN,
];

#[cfg(test)]
mod tests;

//! Queries in qualified normal form, written by hand.

use std::{collections::BTreeSet, ops::ControlFlow};

use sqlparser::{
    ast::{Expr, Query, Statement, TableFactor, Visit, VisitMut, Visitor, VisitorMut},
    dialect::{Dialect, DuckDbDialect, GenericDialect},
    parser::Parser,
};
use viewlane_core::{
    Fingerprint, FunctionFacts, FunctionKind, FunctionSource, SourceText, Span, Volatility,
};

use crate::{compiled::FunctionUse, diff::Side, fingerprint, shape};

/// Both sides of a diff, with all that they borrow.
pub(super) struct Pair {
    pub(super) old: Compiled,
    pub(super) new: Compiled,
}

pub(super) struct Compiled {
    pub(super) query: Query,
    pub(super) shape: Fingerprint,
    pub(super) functions: Vec<FunctionUse>,
    pub(super) source: SourceText,
    pub(super) types: Option<Vec<String>>,
}

impl Compiled {
    pub(super) fn side(&self) -> Side<'_> {
        Side {
            query: &self.query,
            fingerprint: fingerprint::of(&self.query),
            shape: self.shape,
            functions: &self.functions,
            source: &self.source,
            types: self.types.as_deref(),
        }
    }
}

/// `#t` stands for a table of the catalogue.
#[track_caller]
pub(super) fn pair(old: &str, new: &str) -> Pair {
    Pair { old: compiled(old), new: compiled(new) }
}

/// Room for parsing, copying and dropping a tree of any height.
pub(super) fn in_room<R>(work: impl FnOnce() -> R) -> R {
    const ROOM: usize = 1 << 30;
    stacker::grow(ROOM, work)
}

/// Parsing and copying take room for the whole tree at once; the diff itself has to do without.
pub(super) fn compiled(sql: &str) -> Compiled {
    const ROOM: usize = 64 << 20;
    stacker::maybe_grow(ROOM, ROOM, || {
        let compiled = unshaped(sql);
        Compiled { shape: shape::of(&compiled.query, &Functions, false), ..compiled }
    })
}

/// Without the pass over the whole that a shape takes: its shape is that of no other text.
pub(super) fn unshaped(sql: &str) -> Compiled {
    let sql = sql.replace('#', "datafusion.public.");
    let query = parse(&sql);
    let shape = fingerprint::of(&query);
    let mut calls = Calls::default();
    let _: ControlFlow<()> = query.visit(&mut calls);
    let functions = calls
        .0
        .into_iter()
        .map(|name| FunctionUse { facts: Functions.facts(&name), name, span: Span::new(0, 0) })
        .collect();
    let source = SourceText::new("q.sql", sql);
    Compiled { query, shape, functions, source, types: None }
}

fn parse(sql: &str) -> Query {
    let dialect: &dyn Dialect =
        if sql.contains("ORDER BY ALL") { &DuckDbDialect {} } else { &GenericDialect {} };
    let parser = Parser::new(dialect).with_recursion_limit(100_000);
    let parsed = parser.try_with_sql(sql).and_then(|mut parser| parser.parse_statements());
    let mut statements = match parsed {
        Ok(statements) => statements,
        Err(error) => panic!("{error}: {sql}"),
    };
    let Some(Statement::Query(mut query)) = statements.pop() else { panic!("no query: {sql}") };
    let _: ControlFlow<()> = VisitMut::visit(&mut query, &mut Unnest);
    *query
}

/// Takes parentheses out, which a query in normal form does not have.
struct Unnest;

impl VisitorMut for Unnest {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        while let Expr::Nested(inner) = expr {
            let inner = std::mem::replace(&mut **inner, Expr::value(sqlparser::ast::Value::Null));
            *expr = inner;
        }
        ControlFlow::Continue(())
    }
}

#[derive(Default)]
struct Calls(BTreeSet<String>);

impl Visitor for Calls {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Expr::Function(call) = expr {
            self.0.insert(call.name.to_string());
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        match factor {
            TableFactor::Table { name, args: Some(_), .. } => {
                self.0.insert(name.to_string());
            }
            TableFactor::UNNEST { .. } => {
                self.0.insert("unnest".to_owned());
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

struct Functions;

impl FunctionSource for Functions {
    fn facts(&self, name: &str) -> Option<FunctionFacts> {
        use FunctionKind::{Aggregate, Scalar, Table, Window};
        use Volatility::{Immutable, Stable, Volatile};
        let (name, kind, volatility) = match name {
            "abs" | "lower" | "coalesce" | "array_transform" | "make_array" => {
                (name, Scalar, Immutable)
            }
            "now" => (name, Scalar, Stable),
            "random" => (name, Scalar, Volatile),
            "count" | "sum" | "avg" | "max" | "min" | "array_agg" | "first_value" => {
                (name, Aggregate, Immutable)
            }
            "mean" => ("avg", Aggregate, Immutable),
            "row_number" | "rank" | "lag" => (name, Window, Immutable),
            "generate_series" => (name, Table, Immutable),
            _ => return None,
        };
        Some(FunctionFacts { name: name.to_owned(), kind, volatility })
    }
}

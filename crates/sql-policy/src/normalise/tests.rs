//! What is known about the tables: `t` has types, nobody knows those of `u`.

mod engine;
mod property;
mod rules;
mod scale;

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use arrow_schema::{DataType, Field, Schema, TimeUnit};
use sqlparser::{
    ast::{SetExpr, UnaryOperator},
    dialect::GenericDialect,
    parser::Parser,
};
use viewlane_core::RelationName;

use super::*;
use crate::room::{self, Size};

type Schemas = BTreeMap<RelationName, Arc<Schema>>;

static SCHEMAS: LazyLock<Schemas> = LazyLock::new(schemas);

fn schemas() -> Schemas {
    use DataType::{
        Boolean, Date32, Decimal128, Dictionary, Float32, Float64, Int16, Int32, Int64, List,
        Timestamp, UInt64, Utf8, Utf8View,
    };
    let columns = [
        ("a", Int64),
        ("b", Int32),
        ("c", Int16),
        ("n", UInt64),
        ("p", Boolean),
        ("q", Boolean),
        ("r", Dictionary(Box::new(Int32), Box::new(Boolean))),
        ("s", Utf8),
        ("v", Utf8View),
        ("d", Decimal128(12, 2)),
        ("e", Decimal128(38, 2)),
        ("w", Decimal128(38, 38)),
        ("f", Float64),
        ("g", Float32),
        ("day", Date32),
        ("at", Timestamp(TimeUnit::Microsecond, None)),
        ("ns", Timestamp(TimeUnit::Nanosecond, None)),
        ("l", List(Arc::new(Field::new("item", Int64, true)))),
    ];
    let fields: Vec<_> =
        columns.into_iter().map(|(name, data_type)| Field::new(name, data_type, true)).collect();
    let name = RelationName::from_parts(["datafusion", "public", "t"]).unwrap();
    BTreeMap::from([(name, Arc::new(Schema::new(fields)))])
}

/// A query without parentheses, as resolution leaves it.
fn parse(sql: &str) -> Query {
    let mut query = room::parsing(sql.len(), sql.len(), || {
        let limit = sql.len() + 10;
        let parser = Parser::new(&GenericDialect).with_recursion_limit(limit);
        *parser.try_with_sql(sql).unwrap().parse_query().unwrap()
    });
    let _: ControlFlow<()> = visit_mut(&mut query, &mut Unwrap);
    query
}

struct Unwrap;

impl VisitorMut for Unwrap {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        while let Expr::Nested(inner) = expr {
            *expr = take(inner);
        }
        ControlFlow::Continue(())
    }
}

/// The opposite of `Unwrap`, so that a tree prints as what it means.
struct Wrap;

impl VisitorMut for Wrap {
    type Break = ();

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        let nest = |inner: &mut Box<Expr>| {
            **inner = Expr::Nested(Box::new(take(inner)));
        };
        let joins = |inner: &Expr, than: Option<&BinaryOperator>| matches!(inner, Expr::BinaryOp { op, .. } if connects(op) && Some(op) != than);
        match expr {
            Expr::BinaryOp { left, op, right } if connects(op) => {
                if joins(left, Some(op)) {
                    nest(left);
                }
                if joins(right, None) {
                    nest(right);
                }
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } if joins(expr, None) => nest(expr),
            Expr::IsTrue(inner) | Expr::IsNotTrue(inner) | Expr::IsUnknown(inner)
                if !matches!(**inner, Expr::CompoundIdentifier(_)) =>
            {
                nest(inner);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn show(query: &Query) -> String {
    let mut query = query.clone();
    let _: ControlFlow<()> = visit_mut(&mut query, &mut Wrap);
    query.to_string()
}

fn predicate(query: &Query) -> &Expr {
    match &*query.body {
        SetExpr::Select(select) => select.selection.as_ref().unwrap(),
        _ => unreachable!("the tests ask for a SELECT"),
    }
}

fn with_predicate(predicate: Expr) -> Query {
    static QUERY: LazyLock<Query> = LazyLock::new(|| parse(FROM));
    let mut query = QUERY.clone();
    if let SetExpr::Select(select) = &mut *query.body {
        select.selection = Some(predicate);
    }
    query
}

const FROM: &str = "SELECT t.a AS a FROM datafusion.public.t AS t, datafusion.public.u AS u";

/// A query before and after. After that it stays as it is.
#[track_caller]
fn pair(sql: &str) -> (Query, Query) {
    let before = parse(sql);
    let after = done(before.clone());
    (before, after)
}

#[track_caller]
fn done(mut query: Query) -> Query {
    normalise(&mut query, &*SCHEMAS, &PredicateOptions::default());
    let once = query.clone();
    normalise(&mut query, &*SCHEMAS, &PredicateOptions::default());
    assert_eq!(query, once, "{query}\n{once}");
    query
}

/// The whole of a normalised query.
#[track_caller]
fn whole(sql: &str) -> String {
    show(&pair(sql).1)
}

/// A normalised predicate of WHERE, which means the same for every row there can be, and calls
/// what can fail for the same rows in the same order.
#[track_caller]
fn check(sql: &str) -> String {
    let (before, after) = pair(&format!("{FROM} WHERE {sql}"));
    engine::assert_same_on_every_row(predicate(&before), predicate(&after));
    show(&after).split_once(" WHERE ").unwrap().1.to_owned()
}

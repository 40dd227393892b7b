//! Predicates in a form that is easier to split, exact in three-valued logic.
//!
//! An optional step after resolution: it relies on column references being `alias.column` with
//! aliases that are unique in the statement. In the predicates of each SELECT
//!
//! * NOT goes inward, over AND, OR and everything that has a complement; two NOT in a row go;
//! * BETWEEN becomes two comparisons;
//! * OR is distributed over AND, within a bound.
//!
//! # What stays
//!
//! Nothing is folded, absorbed or deduplicated, no cast is removed, no conjunct changes its place:
//! the engine puts cheap conjuncts first by itself, and an expression that can fail must not fail on
//! other rows than before. `x AND NOT x` is not FALSE where `x` is NULL.
//!
//! # Where
//!
//! WHERE and ON. Nothing is named by them, and no other expression has to be equal to a part of
//! them. HAVING and QUALIFY as well where every key of GROUP BY is a plain column: the engine looks
//! for the keys inside them, and would no longer find the key `a < 1` in `a >= 1`. There only NOT
//! and BETWEEN change.
//!
//! Nowhere else. The engine names a FILTER with its aggregate, and takes equal calls together: two
//! filters that become equal would be one aggregate. A CASE may be a key of GROUP BY, and its
//! conditions guard what comes after them. A SELECT without FROM is left alone, because it holds
//! no alias that tells it apart from another one: two that are different stay different.
//!
//! # Why each step is exact
//!
//! `negation`, `between` and `conjunction` say it for theirs; `fallible` says which expressions
//! cannot fail.

mod between;
mod conjunction;
mod fallible;
mod negation;
mod types;

use std::{collections::BTreeSet, ops::ControlFlow};

use sqlparser::{
    ast::{
        BinaryOperator, Expr, GroupByExpr, Join, JoinConstraint, JoinOperator, Query, Select,
        TableAlias, TableFactor, TableWithJoins, Value, ValueWithSpan, VisitorMut,
    },
    tokenizer::Span,
};
use viewlane_core::SchemaSource;

use self::{fallible::Judge, types::Types};

use crate::visit::visit_mut;

/// How predicates are normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PredicateOptions {
    /// How many operands distribution may add to one OR. An OR that would need more stays as it is.
    pub(crate) distance: u16,
}

impl PredicateOptions {
    pub(crate) const DISTANCE: u16 = 128;
}

impl Default for PredicateOptions {
    fn default() -> Self {
        Self { distance: Self::DISTANCE }
    }
}

/// Normalises the predicates of every SELECT of a resolved query.
///
/// `schemas` is asked for base tables by their names of three parts. A column whose type it does
/// not tell is compared as it is: only distribution needs types, to know what cannot fail.
///
/// Expressions inside each other grow by at most `2 * (distance + 2)`.
pub(crate) fn normalise(query: &mut Query, schemas: &dyn SchemaSource, options: &PredicateOptions) {
    let types = Types::of(query, schemas);
    let _: ControlFlow<()> = visit_mut(query, &mut Normaliser { types: &types, options });
}

struct Normaliser<'a> {
    types: &'a Types,
    options: &'a PredicateOptions,
}

impl VisitorMut for Normaliser<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        if select.from.is_empty() {
            return ControlFlow::Continue(());
        }
        let judge = Judge { types: self.types, sources: sources(&select.from) };
        if keys_are_columns(&select.group_by) {
            for predicate in select.having.iter_mut().chain(&mut select.qualify) {
                inward(predicate, &judge);
            }
        }
        let mut predicates = Vec::from_iter(&mut select.selection);
        select.from.iter_mut().for_each(|table| conditions(table, &mut predicates));
        for predicate in &mut predicates {
            inward(predicate, &judge);
        }
        // The engine takes conjuncts apart and places each for itself. One that can fail would be
        // evaluated behind other conjuncts than before, so there must be none.
        if predicates.iter().all(|predicate| judge.infallible(predicate)) {
            for predicate in predicates {
                conjunction::distribute(predicate, self.options.distance);
            }
        }
        ControlFlow::Continue(())
    }
}

fn inward(predicate: &mut Expr, judge: &Judge<'_>) {
    negation::push(predicate, judge);
    between::split(predicate, judge);
}

/// Whether no key of GROUP BY can be a part of a predicate other than a column.
fn keys_are_columns(group_by: &GroupByExpr) -> bool {
    match group_by {
        GroupByExpr::All(_) => false,
        GroupByExpr::Expressions(keys, modifiers) => {
            modifiers.is_empty()
                && keys.iter().all(|key| matches!(key, Expr::CompoundIdentifier(_)))
        }
    }
}

/// The aliases that a FROM brings in.
fn sources(from: &[TableWithJoins]) -> BTreeSet<String> {
    let mut aliases = BTreeSet::new();
    let mut tables: Vec<_> = from.iter().collect();
    while let Some(TableWithJoins { relation, joins }) = tables.pop() {
        for factor in std::iter::once(relation).chain(joins.iter().map(|join| &join.relation)) {
            match factor {
                TableFactor::NestedJoin { table_with_joins, alias: _ } => {
                    tables.push(table_with_joins);
                }
                factor => aliases.extend(alias(factor).map(|alias| alias.name.value.clone())),
            }
        }
    }
    aliases
}

fn alias(factor: &TableFactor) -> Option<&TableAlias> {
    match factor {
        TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::Function { alias, .. }
        | TableFactor::UNNEST { alias, .. }
        | TableFactor::NestedJoin { alias, .. } => alias.as_ref(),
        // The gate lets none of the others pass.
        _ => None,
    }
}

/// The conditions of all joins of a FROM item.
fn conditions<'a>(table: &'a mut TableWithJoins, found: &mut Vec<&'a mut Expr>) {
    let mut tables = vec![table];
    while let Some(TableWithJoins { relation, joins }) = tables.pop() {
        if let TableFactor::NestedJoin { table_with_joins, alias: _ } = relation {
            tables.push(table_with_joins);
        }
        for Join { relation, global: _, join_operator } in joins {
            if let TableFactor::NestedJoin { table_with_joins, alias: _ } = relation {
                tables.push(table_with_joins);
            }
            match join_operator {
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
                | JoinOperator::RightAnti(constraint) => match constraint {
                    JoinConstraint::On(condition) => found.push(condition),
                    JoinConstraint::Using(_) | JoinConstraint::Natural | JoinConstraint::None => {}
                },
                // The gate lets none of the others have a condition.
                _ => {}
            }
        }
    }
}

/// What stands in a place for as long as its expression is taken out.
fn hole() -> Expr {
    Expr::Value(ValueWithSpan { value: Value::Null, span: Span::empty() })
}

fn take(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, hole())
}

fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// Whether an operator joins predicates.
fn connects(op: &BinaryOperator) -> bool {
    matches!(op, BinaryOperator::And | BinaryOperator::Or)
}

#[cfg(test)]
mod tests;

//! `FROM a, b` becomes `FROM a CROSS JOIN b`, or `FROM a INNER JOIN b ON a.x = b.y` where WHERE
//! says so.

use std::{collections::BTreeSet, ops::ControlFlow};

use sqlparser::ast::{
    BinaryOperator, Expr, Join, JoinConstraint, JoinOperator, Query, Select, TableFactor,
    TableWithJoins, VisitorMut,
};

use crate::visit::visit_mut;

/// Joins the tables of every comma list from left to right.
///
/// A conjunct of WHERE that is the equality of two columns, one of the new table and one of those
/// before it, becomes the condition of the join: a row passes both or neither, also where the
/// equality is NULL. A list with laterals, table functions or UNNEST after the first place is left
/// alone, because their scope depends on how the list is written.
pub(crate) fn join_commas(query: &mut Query) {
    let _: ControlFlow<()> = visit_mut(query, &mut Commas);
}

struct Commas;

impl VisitorMut for Commas {
    type Break = ();

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let rest = select.from.get(1..).unwrap_or_default();
        if !rest.is_empty() && rest.iter().all(is_plain) {
            join(select);
        }
        ControlFlow::Continue(())
    }
}

fn is_plain(table: &TableWithJoins) -> bool {
    let joined = table.joins.iter().map(|join| &join.relation);
    let mut factors: Vec<_> = std::iter::once(&table.relation).chain(joined).collect();
    while let Some(factor) = factors.pop() {
        match factor {
            TableFactor::Table { args: None, .. } | TableFactor::Derived { lateral: false, .. } => {
            }
            TableFactor::NestedJoin { table_with_joins, .. } => {
                factors.push(&table_with_joins.relation);
                factors.extend(table_with_joins.joins.iter().map(|join| &join.relation));
            }
            _ => return false,
        }
    }
    true
}

fn join(select: &mut Select) {
    let mut tables = std::mem::take(&mut select.from).into_iter();
    let Some(mut first) = tables.next() else { return };
    let mut conjuncts = Conjuncts::new(select.selection.take());
    let mut left = own_aliases(&first);
    for table in tables {
        let right = own_aliases(&table);
        let join_operator = match conjuncts.take(|expr| joins(expr, &left, &right)) {
            Some(condition) => JoinOperator::Inner(JoinConstraint::On(condition)),
            None => JoinOperator::CrossJoin(JoinConstraint::None),
        };
        left.extend(right);
        let relation = if table.joins.is_empty() {
            table.relation
        } else {
            TableFactor::NestedJoin { table_with_joins: Box::new(table), alias: None }
        };
        first.joins.push(Join { relation, global: false, join_operator });
    }
    select.from = vec![first];
    select.selection = conjuncts.rest();
}

/// The aliases of a list's item, without those inside its queries.
fn own_aliases(table: &TableWithJoins) -> BTreeSet<String> {
    let mut aliases = BTreeSet::new();
    let mut left = vec![table];
    while let Some(TableWithJoins { relation, joins }) = left.pop() {
        for factor in std::iter::once(relation).chain(joins.iter().map(|join| &join.relation)) {
            match factor {
                TableFactor::NestedJoin { table_with_joins, alias: _ } => {
                    left.push(table_with_joins)
                }
                TableFactor::Table { alias, .. }
                | TableFactor::Derived { alias, .. }
                | TableFactor::Function { alias, .. }
                | TableFactor::UNNEST { alias, .. } => {
                    aliases.extend(alias.iter().map(|alias| alias.name.value.clone()));
                }
                // None of the others passes the gate.
                _ => {}
            }
        }
    }
    aliases
}

/// Whether an expression is the equality of a column of the one side and one of the other.
fn joins(expr: &Expr, left: &BTreeSet<String>, right: &BTreeSet<String>) -> bool {
    let Expr::BinaryOp { left: one, op: BinaryOperator::Eq, right: other } = expr else {
        return false;
    };
    let (Expr::CompoundIdentifier(one), Expr::CompoundIdentifier(other)) = (&**one, &**other)
    else {
        return false;
    };
    let ([one, _], [other, _]) = (&one[..], &other[..]) else { return false };
    let (one, other) = (&one.value, &other.value);
    (left.contains(one) && right.contains(other)) || (right.contains(one) && left.contains(other))
}

/// The parts of a condition that are joined by AND.
struct Conjuncts {
    parts: Vec<Expr>,
}

impl Conjuncts {
    fn new(condition: Option<Expr>) -> Self {
        let mut parts = Vec::new();
        let mut left: Vec<_> = condition.into_iter().collect();
        while let Some(expr) = left.pop() {
            match expr {
                Expr::BinaryOp { left: one, op: BinaryOperator::And, right: other } => {
                    left.extend([*other, *one]);
                }
                part => parts.push(part),
            }
        }
        Self { parts }
    }

    /// The condition of all parts of a kind, which are no longer among the rest.
    fn take(&mut self, is: impl Fn(&Expr) -> bool) -> Option<Expr> {
        let (taken, rest) = std::mem::take(&mut self.parts).into_iter().partition(is);
        self.parts = rest;
        all(taken)
    }

    fn rest(self) -> Option<Expr> {
        all(self.parts)
    }
}

fn all(parts: Vec<Expr>) -> Option<Expr> {
    parts.into_iter().reduce(|left, right| Expr::BinaryOp {
        left: Box::new(left),
        op: BinaryOperator::And,
        right: Box::new(right),
    })
}

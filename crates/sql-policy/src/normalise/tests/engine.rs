//! An evaluator of its own for predicates, the way the engine goes about it: a batch at a time,
//! the right side of AND and OR only where the left side has not decided. It keeps a record of what
//! was evaluated for which rows.

use std::collections::BTreeMap;

use sqlparser::ast::Value as Literal;

use super::*;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(&'static str),
}

/// The values of each column, and of each expression that is not looked into, for every row.
pub(super) type Batch = BTreeMap<String, Vec<Cell>>;

/// What can fail, and for which rows it was evaluated.
pub(super) type Record = Vec<(String, Vec<usize>)>;

type Truth = Option<bool>;

/// What a column or an expression that is not looked into may be.
pub(super) fn domain(name: &str) -> Vec<Cell> {
    use Cell::{Boolean, Integer, Null, Text};
    match name {
        "t.a" | "t.b" | "u.a" | "u.b" | "u.c" => vec![Null, Integer(0), Integer(1), Integer(2)],
        "t.s" | "u.s" => vec![Null, Text(""), Text("x"), Text("xy")],
        "t.a / t.b" | "u.a / u.b" | "sum(t.a)" => vec![Null, Integer(0), Integer(5)],
        name if name.starts_with("EXISTS") => vec![Boolean(false), Boolean(true)],
        _ => vec![Null, Boolean(false), Boolean(true)],
    }
}

/// Every variable of a predicate.
pub(super) fn variables(expr: &Expr, found: &mut Vec<String>) {
    let mut add = |expr: &Expr| {
        let name = name(expr);
        if !found.contains(&name) {
            found.push(name);
        }
    };
    match expr {
        Expr::Value(_) => {}
        Expr::UnaryOp { op: UnaryOperator::Minus, .. } => {}
        Expr::BinaryOp { left, op, right } if connects(op) || comparison(op).is_some() => {
            variables(left, found);
            variables(right, found);
        }
        Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right) => {
            variables(left, found);
            variables(right, found);
        }
        Expr::UnaryOp { op: UnaryOperator::Not, expr: inner }
        | Expr::IsNull(inner)
        | Expr::IsNotNull(inner)
        | Expr::IsTrue(inner)
        | Expr::IsNotTrue(inner)
        | Expr::IsFalse(inner)
        | Expr::IsNotFalse(inner)
        | Expr::IsUnknown(inner)
        | Expr::IsNotUnknown(inner) => variables(inner, found),
        Expr::InList { expr, list, negated: _ } => {
            variables(expr, found);
            list.iter().for_each(|item| variables(item, found));
        }
        Expr::Between { expr, negated: _, low, high } => {
            variables(expr, found);
            variables(low, found);
            variables(high, found);
        }
        Expr::Like { expr, pattern, .. } | Expr::ILike { expr, pattern, .. } => {
            variables(expr, found);
            variables(pattern, found);
        }
        other => add(other),
    }
}

/// The name of an expression that is not looked into, without what a complement changes.
fn name(expr: &Expr) -> String {
    let mut expr = expr.clone();
    match &mut expr {
        Expr::Exists { negated, .. } | Expr::InSubquery { negated, .. } => *negated = false,
        _ => {}
    }
    expr.to_string()
}

fn comparison(op: &BinaryOperator) -> Option<fn(std::cmp::Ordering) -> bool> {
    Some(match op {
        BinaryOperator::Eq => std::cmp::Ordering::is_eq,
        BinaryOperator::NotEq => std::cmp::Ordering::is_ne,
        BinaryOperator::Lt => std::cmp::Ordering::is_lt,
        BinaryOperator::LtEq => std::cmp::Ordering::is_le,
        BinaryOperator::Gt => std::cmp::Ordering::is_gt,
        BinaryOperator::GtEq => std::cmp::Ordering::is_ge,
        _ => return None,
    })
}

pub(super) struct Engine<'a> {
    pub(super) batch: &'a Batch,
    pub(super) record: Record,
}

impl Engine<'_> {
    /// The truth of a predicate for some rows of the batch.
    pub(super) fn truth(&mut self, expr: &Expr, rows: &[usize]) -> Vec<Truth> {
        match expr {
            Expr::BinaryOp { left, op, right } if connects(op) => {
                let left = self.truth(left, rows);
                self.connect(left, *op == BinaryOperator::And, rows, |engine, rows| {
                    engine.truth(right, rows)
                })
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => negate(self.truth(expr, rows)),
            Expr::IsNull(inner) => self.map(inner, rows, |value| value == Cell::Null),
            Expr::IsNotNull(inner) => self.map(inner, rows, |value| value != Cell::Null),
            Expr::IsTrue(inner) => self.is(inner, rows, |truth| truth == Some(true)),
            Expr::IsNotTrue(inner) => self.is(inner, rows, |truth| truth != Some(true)),
            Expr::IsFalse(inner) => self.is(inner, rows, |truth| truth == Some(false)),
            Expr::IsNotFalse(inner) => self.is(inner, rows, |truth| truth != Some(false)),
            Expr::IsUnknown(inner) => self.is(inner, rows, |truth| truth.is_none()),
            Expr::IsNotUnknown(inner) => self.is(inner, rows, |truth| truth.is_some()),
            Expr::IsDistinctFrom(left, right) => self.distinct(left, right, true, rows),
            Expr::IsNotDistinctFrom(left, right) => self.distinct(left, right, false, rows),
            Expr::BinaryOp { left, op, right } if comparison(op).is_some() => {
                self.compare(left, comparison(op).unwrap(), right, rows)
            }
            Expr::Between { expr, negated, low, high } => {
                // The engine plans two comparisons.
                let above = self.compare(expr, std::cmp::Ordering::is_ge, low, rows);
                let both = self.connect(above, true, rows, |engine, rows| {
                    engine.compare(expr, std::cmp::Ordering::is_le, high, rows)
                });
                if *negated { negate(both) } else { both }
            }
            Expr::InList { expr, list, negated } => {
                let operand = self.values(expr, rows);
                let mut found: Vec<Truth> = vec![Some(false); rows.len()];
                for item in list {
                    let item = self.values(item, rows);
                    for ((found, operand), item) in found.iter_mut().zip(&operand).zip(&item) {
                        let equal = order(operand, item).map(std::cmp::Ordering::is_eq);
                        *found = or(*found, equal);
                    }
                }
                if *negated { negate(found) } else { found }
            }
            Expr::Like { negated, expr, pattern, .. }
            | Expr::ILike { negated, expr, pattern, .. } => {
                let (texts, patterns) = (self.values(expr, rows), self.values(pattern, rows));
                let like =
                    texts.iter().zip(&patterns).map(|(text, pattern)| match (text, pattern) {
                        (Cell::Text(text), Cell::Text(pattern)) => {
                            Some(match pattern.strip_suffix('%') {
                                Some(start) => text.starts_with(start),
                                None => text == pattern,
                            })
                        }
                        _ => None,
                    });
                let like = like.collect();
                if *negated { negate(like) } else { like }
            }
            Expr::Exists { negated, .. } | Expr::InSubquery { negated, .. } => {
                let truth = self.opaque(expr, rows).into_iter().map(truth).collect();
                if *negated { negate(truth) } else { truth }
            }
            other => self.values(other, rows).into_iter().map(truth).collect(),
        }
    }

    fn connect(
        &mut self,
        left: Vec<Truth>,
        and: bool,
        rows: &[usize],
        right: impl FnOnce(&mut Self, &[usize]) -> Vec<Truth>,
    ) -> Vec<Truth> {
        let join = if and { crate::normalise::tests::engine::and } else { or };
        let undecided = left.iter().filter(|truth| **truth == Some(and)).count();
        let share = undecided as f32 / rows.len() as f32;
        if left.contains(&None) || rows.is_empty() {
            let right = right(self, rows);
            return left.into_iter().zip(right).map(|(left, right)| join(left, right)).collect();
        }
        if undecided == 0 {
            return left;
        }
        if undecided == rows.len() {
            return right(self, rows);
        }
        if share <= 0.2 {
            let selected = rows.iter().zip(&left).filter(|(_, truth)| **truth == Some(and));
            let selected: Vec<_> = selected.map(|(row, _)| *row).collect();
            let mut found = right(self, &selected).into_iter();
            return left
                .into_iter()
                .map(|truth| if truth == Some(and) { found.next().unwrap() } else { truth })
                .collect();
        }
        let right = right(self, rows);
        left.into_iter().zip(right).map(|(left, right)| join(left, right)).collect()
    }

    fn compare(
        &mut self,
        left: &Expr,
        holds: fn(std::cmp::Ordering) -> bool,
        right: &Expr,
        rows: &[usize],
    ) -> Vec<Truth> {
        let (left, right) = (self.values(left, rows), self.values(right, rows));
        left.iter().zip(&right).map(|(left, right)| order(left, right).map(holds)).collect()
    }

    fn distinct(&mut self, left: &Expr, right: &Expr, wanted: bool, rows: &[usize]) -> Vec<Truth> {
        let (left, right) = (self.values(left, rows), self.values(right, rows));
        let distinct = left.iter().zip(&right).map(|(left, right)| left != right);
        distinct.map(|distinct| Some(distinct == wanted)).collect()
    }

    fn map(&mut self, expr: &Expr, rows: &[usize], holds: fn(Cell) -> bool) -> Vec<Truth> {
        self.values(expr, rows).into_iter().map(|value| Some(holds(value))).collect()
    }

    fn is(&mut self, expr: &Expr, rows: &[usize], holds: fn(Truth) -> bool) -> Vec<Truth> {
        self.truth(expr, rows).into_iter().map(|truth| Some(holds(truth))).collect()
    }

    fn values(&mut self, expr: &Expr, rows: &[usize]) -> Vec<Cell> {
        let constant = |value: Cell| vec![value; rows.len()];
        match expr {
            Expr::Value(value) => constant(match &value.value {
                Literal::Null => Cell::Null,
                Literal::Boolean(truth) => Cell::Boolean(*truth),
                Literal::Number(number, _) => Cell::Integer(number.parse().unwrap()),
                Literal::SingleQuotedString(text) => Cell::Text(match text.as_str() {
                    "" => "",
                    "x" => "x",
                    "x%" => "x%",
                    other => unreachable!("no test says '{other}'"),
                }),
                other => unreachable!("no test says {other}"),
            }),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                let negated = self.values(expr, rows).into_iter().map(|value| match value {
                    Cell::Integer(number) => Cell::Integer(-number),
                    other => other,
                });
                negated.collect()
            }
            Expr::CompoundIdentifier(_) | Expr::Function(_) | Expr::Cast { .. } => {
                self.opaque(expr, rows)
            }
            Expr::BinaryOp { op: BinaryOperator::Divide, .. } => self.opaque(expr, rows),
            predicate => {
                let truth = self.truth(predicate, rows).into_iter();
                truth.map(|truth| truth.map_or(Cell::Null, Cell::Boolean)).collect()
            }
        }
    }

    /// The columns of `u` have unknown types, so that what is done with them may fail. One that
    /// stands for itself is a boolean, or the planner would refuse it.
    fn opaque(&mut self, expr: &Expr, rows: &[usize]) -> Vec<Cell> {
        let name = name(expr);
        let column = &self.batch[&name];
        let values = rows.iter().map(|row| column[*row].clone()).collect();
        if name != "u.p" && (!name.starts_with("t.") || name.contains('/')) {
            self.record.push((name, rows.to_vec()));
        }
        values
    }
}

fn truth(value: Cell) -> Truth {
    match value {
        Cell::Boolean(truth) => Some(truth),
        _ => None,
    }
}

fn order(left: &Cell, right: &Cell) -> Option<std::cmp::Ordering> {
    match (left, right) {
        (Cell::Integer(left), Cell::Integer(right)) => Some(left.cmp(right)),
        (Cell::Text(left), Cell::Text(right)) => Some(left.cmp(right)),
        (Cell::Boolean(left), Cell::Boolean(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn negate(truth: Vec<Truth>) -> Vec<Truth> {
    truth.into_iter().map(|truth| truth.map(|truth| !truth)).collect()
}

fn and(left: Truth, right: Truth) -> Truth {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(left: Truth, right: Truth) -> Truth {
    and(left.map(|truth| !truth), right.map(|truth| !truth)).map(|truth| !truth)
}

/// Evaluates both for every combination of values.
#[track_caller]
pub(super) fn assert_same_on_every_row(before: &Expr, after: &Expr) {
    let mut names = Vec::new();
    variables(before, &mut names);
    let mut known = names.clone();
    variables(after, &mut known);
    assert_eq!(known, names, "nothing is lost and nothing comes from nowhere");
    let rows: usize = names.iter().map(|name| domain(name).len()).product();
    let mut batch = Batch::new();
    let mut period = 1;
    for name in names {
        let domain = domain(&name);
        let column = (0..rows).map(|row| domain[row / period % domain.len()].clone()).collect();
        period *= domain.len();
        batch.insert(name, column);
    }
    let rows: Vec<_> = (0..rows).collect();
    assert_same(before, after, &batch, &rows);
}

/// Evaluates both for some rows at once: the same truth, and the same of what can fail evaluated
/// in the same order for the same rows.
#[track_caller]
pub(super) fn assert_same(before: &Expr, after: &Expr, batch: &Batch, rows: &[usize]) {
    let mut engine = Engine { batch, record: Record::new() };
    let expected = engine.truth(before, rows);
    let recorded = std::mem::take(&mut engine.record);
    let found = engine.truth(after, rows);
    assert_eq!(found, expected, "{before}\n{after}");
    assert_eq!(engine.record, recorded, "{before}\n{after}");
}

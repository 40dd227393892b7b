//! The rows of a query, by the definition of each join, over two small tables.

use std::collections::BTreeMap;

use sqlparser::ast::{FunctionArg, FunctionArgExpr, FunctionArguments};

use super::*;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    Null,
    Number(i64),
    List(Vec<Cell>),
}

type Columns = BTreeMap<String, Cell>;

/// By alias; `None` stands for the NULLs of an outer join.
type Row = BTreeMap<String, Option<Columns>>;

type Ctes = BTreeMap<String, Vec<Columns>>;

/// The rows under the names of the outputs, in any order.
pub(super) fn of(query: &Query) -> Vec<Vec<(String, Cell)>> {
    let mut rows = outputs(query, &mut Ctes::new());
    rows.sort();
    rows
}

fn table(name: &str) -> Vec<Columns> {
    use Cell::{List, Null, Number};
    let list = |numbers: &[i64]| List(numbers.iter().copied().map(Number).collect());
    let row = |k: Cell, l: Cell, m: Cell, n: Cell| {
        let j = Number(1);
        let columns = [("k", k), ("l", l), ("m", m), ("n", n), ("j", j), ("K", Number(4))];
        columns.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect()
    };
    match name {
        "a" | "q" => vec![
            row(Number(1), list(&[1, 2]), list(&[7]), List(vec![list(&[1, 2]), Null, list(&[2])])),
            row(Number(2), list(&[]), list(&[2, 0]), List(vec![list(&[])])),
            row(Null, List(vec![Null, Number(2)]), Null, Null),
            row(Number(0), Null, Null, list(&[])),
        ],
        "b" => vec![
            row(Number(1), list(&[0]), list(&[]), List(vec![Null])),
            row(Number(3), Null, list(&[3]), List(vec![list(&[3])])),
        ],
        other => unreachable!("there is no table {other}"),
    }
}

fn outputs(query: &Query, ctes: &mut Ctes) -> Vec<Vec<(String, Cell)>> {
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        let rows = outputs(&cte.query, ctes).into_iter().map(|row| row.into_iter().collect());
        let rows = rows.collect();
        ctes.insert(cte.alias.name.value.clone(), rows);
    }
    let SetExpr::Select(select) = &*query.body else { unreachable!("the tests say SELECT") };
    let mut rows = vec![Row::new()];
    for item in &select.from {
        rows = rows.iter().flat_map(|row| joined(item, row, ctes)).collect();
    }
    if let Some(selection) = &select.selection {
        rows.retain(|row| truth(selection, row) == Some(true));
    }
    rows.iter().flat_map(|row| projected(select, row)).collect()
}

/// The rows of SELECT for one row of FROM: more than one where it unnests.
fn projected(select: &Select, row: &Row) -> Vec<Vec<(String, Cell)>> {
    let (mut plain, mut lists, mut keep) = (Vec::new(), Vec::new(), false);
    for item in &select.projection {
        let (expr, name) = match item {
            SelectItem::ExprWithAlias { expr, alias } => (expr, alias.value.clone()),
            SelectItem::UnnamedExpr(expr) => (expr, column(expr).unwrap().1.value.clone()),
            other => unreachable!("no test says {other}"),
        };
        match expr {
            Expr::Function(function) if function.name.to_string().starts_with("unnest") => {
                keep = function.name.to_string() == "unnest_outer";
                let FunctionArguments::List(list) = &function.args else { unreachable!() };
                let FunctionArg::Unnamed(FunctionArgExpr::Expr(list)) = &list.args[0] else {
                    unreachable!()
                };
                lists.push((name, value(list, row)));
            }
            // Neither form of a query looks into these.
            Expr::Subquery(_) => {}
            expr => plain.push((name, value(expr, row))),
        }
    }
    if lists.is_empty() {
        return vec![plain];
    }
    let cells: Vec<_> = lists.iter().map(|(_, list)| list.clone()).collect();
    let names: Vec<_> = lists.into_iter().map(|(name, _)| name).collect();
    let unnested = zipped(&cells, keep).into_iter();
    unnested
        .map(|cells| plain.iter().cloned().chain(names.iter().cloned().zip(cells)).collect())
        .collect()
}

/// Lists side by side, filled up with NULL.
fn zipped(lists: &[Cell], keep: bool) -> Vec<Vec<Cell>> {
    let length = |list: &Cell| match list {
        Cell::List(cells) => cells.len(),
        Cell::Null => 0,
        Cell::Number(_) => unreachable!("a number is not unnested"),
    };
    let longest = lists.iter().map(length).max().unwrap_or(0).max(usize::from(keep));
    let row = |place: usize| {
        let cells = lists.iter().map(|list| match list {
            Cell::List(cells) => cells.get(place).cloned().unwrap_or(Cell::Null),
            _ => Cell::Null,
        });
        cells.collect()
    };
    (0..longest).map(row).collect()
}

/// Every row that a FROM item makes of a row of the items before.
fn joined(item: &TableWithJoins, before: &Row, ctes: &mut Ctes) -> Vec<Row> {
    let mut rows = factor_rows(&item.relation, before, ctes);
    let mut visible = vec![name(&item.relation)];
    for join in &item.joins {
        rows = join_rows(join, &rows, &visible, before, ctes);
        if !matches!(join.join_operator, JoinOperator::LeftSemi(_) | JoinOperator::LeftAnti(_)) {
            visible.push(name(&join.relation));
        }
    }
    rows
}

fn name(factor: &TableFactor) -> String {
    alias(factor).unwrap().name.value.clone()
}

fn join_rows(
    join: &Join,
    lefts: &[Row],
    visible: &[String],
    before: &Row,
    ctes: &mut Ctes,
) -> Vec<Row> {
    use JoinOperator::{CrossJoin, FullOuter, Inner, Left, LeftAnti, LeftSemi, Right};
    let (JoinOperator::Join(constraint)
    | CrossJoin(constraint)
    | Inner(constraint)
    | Left(constraint)
    | Right(constraint)
    | FullOuter(constraint)
    | LeftSemi(constraint)
    | LeftAnti(constraint)) = &join.join_operator
    else {
        unreachable!("no test says so")
    };
    let holds = |row: &Row| match constraint {
        JoinConstraint::On(on) => truth(on, row) == Some(true),
        _ => true,
    };
    let mut out = Vec::new();
    let mut matched = BTreeSet::<usize>::new();
    for left in lefts {
        let rights = factor_rows(&join.relation, left, ctes);
        let hits: Vec<_> = (0..rights.len()).filter(|place| holds(&rights[*place])).collect();
        matched.extend(&hits);
        match &join.join_operator {
            LeftSemi(_) => out.extend((!hits.is_empty()).then(|| left.clone())),
            LeftAnti(_) => out.extend(hits.is_empty().then(|| left.clone())),
            Left(_) | FullOuter(_) if hits.is_empty() => {
                let mut row = left.clone();
                row.insert(name(&join.relation), None);
                out.push(row);
            }
            _ => out.extend(hits.into_iter().map(|place| rights[place].clone())),
        }
    }
    if matches!(join.join_operator, Right(_) | FullOuter(_)) {
        let rights = factor_rows(&join.relation, before, ctes).into_iter().enumerate();
        for (_, mut right) in rights.filter(|(place, _)| !matched.contains(place)) {
            right.extend(visible.iter().map(|alias| (alias.clone(), None)));
            out.push(right);
        }
    }
    out
}

/// The row so far with each row of a table.
fn factor_rows(factor: &TableFactor, row: &Row, ctes: &mut Ctes) -> Vec<Row> {
    let rows: Vec<Columns> = match factor {
        TableFactor::Table { name, .. } => {
            let name: Vec<_> = name.0.iter().map(ToString::to_string).collect();
            match &name[..] {
                [cte] => ctes[cte].clone(),
                [.., name] => table(name),
                [] => unreachable!("a table has a name"),
            }
        }
        TableFactor::Derived { subquery, .. } => {
            let rows = outputs(subquery, ctes).into_iter();
            rows.map(|row| row.into_iter().collect()).collect()
        }
        TableFactor::UNNEST { alias: Some(alias), array_exprs, .. } => {
            let lists: Vec<_> = array_exprs.iter().map(|list| value(list, row)).collect();
            let names: Vec<_> = alias.columns.iter().map(|def| def.name.value.clone()).collect();
            let rows = zipped(&lists, false).into_iter();
            rows.map(|cells| names.iter().cloned().zip(cells).collect()).collect()
        }
        other => unreachable!("no test says {other}"),
    };
    let with = rows.into_iter().map(|columns| {
        let mut row = row.clone();
        row.insert(name(factor), Some(columns));
        row
    });
    with.collect()
}

fn value(expr: &Expr, row: &Row) -> Cell {
    match expr {
        Expr::CompoundIdentifier(names) => match &row[&names[0].value] {
            Some(columns) => columns[&names[1].value].clone(),
            None => Cell::Null,
        },
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => Cell::Number(number.parse().unwrap()),
            other => unreachable!("no test says {other}"),
        },
        other => unreachable!("no test says {other}"),
    }
}

fn truth(expr: &Expr, row: &Row) -> Option<bool> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            match (truth(left, row), truth(right, row)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }
        }
        Expr::BinaryOp { left, op: BinaryOperator::Or, right } => {
            match (truth(left, row), truth(right, row)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }
        }
        Expr::BinaryOp { left, op, right } => match (value(left, row), value(right, row)) {
            (Cell::Number(left), Cell::Number(right)) => Some(match op {
                BinaryOperator::Eq => left == right,
                BinaryOperator::Gt => left > right,
                other => unreachable!("no test says {other}"),
            }),
            _ => None,
        },
        Expr::IsNull(inner) => Some(value(inner, row) == Cell::Null),
        Expr::Value(value) => match &value.value {
            Value::Boolean(truth) => Some(*truth),
            other => unreachable!("no test says {other}"),
        },
        other => unreachable!("no test says {other}"),
    }
}

//! A small evaluator of queries over whole numbers, as plain as can be: what a rewrite must agree with.

use std::collections::BTreeMap;

use sqlparser::ast::{
    BinaryOperator, Distinct, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    JoinConstraint, JoinOperator, LimitClause, OrderBy, OrderByKind, Query, Select, SelectItem,
    SetExpr, TableFactor, TableWithJoins, UnaryOperator, Value, WindowType,
};

/// A number, or NULL; true is 1 and false is 0.
type Cell = Option<i64>;
/// What the columns of the tables are at one row.
type Row = BTreeMap<(String, String), Cell>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Cell>>,
}

/// A row could not be computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed;

/// What a query gives.
pub(super) fn run(query: &Query, tables: &BTreeMap<String, Table>) -> Result<Table, Failed> {
    Scope { tables: tables.clone(), around: Row::new() }.query(query)
}

#[derive(Clone)]
struct Scope {
    tables: BTreeMap<String, Table>,
    /// The columns of the queries around.
    around: Row,
}

impl Scope {
    fn query(&self, query: &Query) -> Result<Table, Failed> {
        let mut scope = self.clone();
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let table = scope.query(&cte.query)?;
            scope.tables.insert(cte.alias.name.value.clone(), table);
        }
        let SetExpr::Select(select) = &*query.body else { panic!("no {}", query.body) };
        let mut table = scope.select(select, query.order_by.as_ref())?;
        if let Some(LimitClause::LimitOffset { limit: Some(limit), .. }) = &query.limit_clause {
            let most = scope.value(limit, 0, &[Row::new()])?.unwrap_or(i64::MAX);
            table.rows.truncate(usize::try_from(most).unwrap_or(0));
        }
        Ok(table)
    }

    fn select(&self, select: &Select, order_by: Option<&OrderBy>) -> Result<Table, Failed> {
        let mut rows = vec![self.around.clone()];
        for table in &select.from {
            let right = self.joined(table)?;
            rows = rows.iter().flat_map(|row| right.iter().map(|other| both(row, other))).collect();
        }
        if let Some(condition) = &select.selection {
            rows = self.filter(rows, condition)?;
        }
        let mut kept: Vec<_> = (0..rows.len()).collect();
        if let Some(condition) = &select.qualify {
            kept.clear();
            for index in 0..rows.len() {
                if self.value(condition, index, &rows)? == Some(1) {
                    kept.push(index);
                }
            }
        }
        let mut columns = Vec::new();
        let mut exprs = Vec::new();
        for item in &select.projection {
            let SelectItem::ExprWithAlias { expr, alias } = item else { panic!("no {item}") };
            columns.push(alias.value.clone());
            exprs.push(expr);
        }
        let mut out: Vec<(Vec<Cell>, Vec<Cell>)> = Vec::new();
        for index in kept {
            let cells: Vec<_> = exprs
                .iter()
                .map(|expr| self.value(expr, index, &rows))
                .collect::<Result<_, _>>()?;
            if select.distinct == Some(Distinct::Distinct)
                && out.iter().any(|(row, _)| *row == cells)
            {
                continue;
            }
            let outputs = columns.iter().zip(&cells);
            let outputs = outputs.map(|(name, cell)| ((String::new(), name.clone()), *cell));
            let mut with_outputs = rows.clone();
            with_outputs[index].extend(outputs);
            let keys = match order_by.map(|order_by| &order_by.kind) {
                Some(OrderByKind::Expressions(keys)) => keys
                    .iter()
                    .map(|key| self.value(&key.expr, index, &with_outputs))
                    .collect::<Result<_, _>>()?,
                _ => Vec::new(),
            };
            out.push((cells, keys));
        }
        out.sort_by(|(_, one), (_, other)| one.cmp(other));
        Ok(Table { columns, rows: out.into_iter().map(|(row, _)| row).collect() })
    }

    fn joined(&self, table: &TableWithJoins) -> Result<Vec<Row>, Failed> {
        let mut rows = self.factor(&table.relation)?;
        for join in &table.joins {
            let right = self.factor(&join.relation)?;
            let (condition, keep) = match &join.join_operator {
                JoinOperator::CrossJoin(JoinConstraint::None) => (None, false),
                JoinOperator::Join(JoinConstraint::On(condition))
                | JoinOperator::Inner(JoinConstraint::On(condition)) => (Some(condition), false),
                JoinOperator::Left(JoinConstraint::On(condition)) => (Some(condition), true),
                other => panic!("no {other:?}"),
            };
            let mut out = Vec::new();
            for row in rows {
                let mut pairs: Vec<_> = right.iter().map(|other| both(&row, other)).collect();
                if let Some(condition) = condition {
                    pairs = self.filter(pairs, condition)?;
                }
                if pairs.is_empty() && keep {
                    let names = right.iter().flat_map(BTreeMap::keys);
                    let nulls: Row = names.map(|name| (name.clone(), None)).collect();
                    pairs.push(both(&row, &nulls));
                }
                out.extend(pairs);
            }
            rows = out;
        }
        Ok(rows)
    }

    fn factor(&self, factor: &TableFactor) -> Result<Vec<Row>, Failed> {
        let (table, alias) = match factor {
            TableFactor::Table { name, alias, .. } => {
                let last = name.0.last().and_then(|part| part.as_ident());
                let table = self.tables.get(&last.expect("a name").value);
                (table.unwrap_or_else(|| panic!("no {name}")).clone(), alias)
            }
            TableFactor::Derived { subquery, alias, .. } => (self.query(subquery)?, alias),
            TableFactor::NestedJoin { table_with_joins, .. } => {
                return self.joined(table_with_joins);
            }
            other => panic!("no {other}"),
        };
        let alias = &alias.as_ref().expect("every table has an alias").name.value;
        let row = |cells: &Vec<Cell>| {
            let columns = table.columns.iter().zip(cells);
            columns.map(|(name, cell)| ((alias.clone(), name.clone()), *cell)).collect()
        };
        Ok(table.rows.iter().map(row).collect())
    }

    fn filter(&self, rows: Vec<Row>, condition: &Expr) -> Result<Vec<Row>, Failed> {
        let mut out = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            if self.value(condition, index, &rows)? == Some(1) {
                out.push(row.clone());
            }
        }
        Ok(out)
    }

    /// The value of an expression at one of the rows.
    fn value(&self, expr: &Expr, at: usize, rows: &[Row]) -> Result<Cell, Failed> {
        let row = &rows[at];
        let column = |table: &str, name: &str| {
            let key = (table.to_owned(), name.to_owned());
            let cell = row.get(&key).or_else(|| self.around.get(&key));
            *cell.unwrap_or_else(|| panic!("no {table}.{name}"))
        };
        Ok(match expr {
            Expr::Identifier(name) => column("", &name.value),
            Expr::CompoundIdentifier(parts) => column(&parts[0].value, &parts[1].value),
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => Some(digits.parse().expect("a whole number")),
                other => panic!("no {other}"),
            },
            Expr::IsNull(inner) => Some(self.value(inner, at, rows)?.is_none().into()),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                self.value(expr, at, rows)?.map(|truth| 1 - truth)
            }
            Expr::BinaryOp { left, op, right } => {
                binary(self.value(left, at, rows)?, op, self.value(right, at, rows)?)?
            }
            Expr::Exists { subquery, negated: false } => {
                let around = both(&self.around, row);
                let table = Self { tables: self.tables.clone(), around }.query(subquery)?;
                Some((!table.rows.is_empty()).into())
            }
            Expr::Function(function) if function.over.is_some() => {
                self.window(function, at, rows)?
            }
            Expr::Function(function) if function.name.to_string() == "abs" => {
                self.value(argument(function).expect("one argument"), at, rows)?.map(i64::abs)
            }
            other => panic!("no {other}"),
        })
    }

    fn window(&self, function: &Function, at: usize, rows: &[Row]) -> Result<Cell, Failed> {
        let Some(WindowType::WindowSpec(spec)) = &function.over else { panic!("no {function}") };
        let keys = |index: usize| -> Result<(Vec<Cell>, Vec<Cell>), Failed> {
            let values = |exprs: &mut dyn Iterator<Item = &Expr>| {
                exprs.map(|expr| self.value(expr, index, rows)).collect::<Result<Vec<_>, _>>()
            };
            let order = values(&mut spec.order_by.iter().map(|key| &key.expr))?;
            Ok((values(&mut spec.partition_by.iter())?, order))
        };
        let (partition, order) = keys(at)?;
        let (mut sum, mut count, mut number) = (None, 0, 1);
        for index in 0..rows.len() {
            let (other_partition, other_order) = keys(index)?;
            if other_partition != partition || other_order > order {
                continue;
            }
            count += 1;
            if (&other_order, index) < (&order, at) {
                number += 1;
            }
            if let Some(argument) = argument(function)
                && let Some(value) = self.value(argument, index, rows)?
            {
                sum = Some(sum.unwrap_or(0) + value);
            }
        }
        Ok(match function.name.to_string().as_str() {
            "row_number" => Some(number),
            "count" => Some(count),
            "sum" => sum,
            other => panic!("no {other}"),
        })
    }
}

fn both(one: &Row, other: &Row) -> Row {
    one.iter().chain(other).map(|(name, cell)| (name.clone(), *cell)).collect()
}

fn argument(function: &Function) -> Option<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return None };
    match list.args.first()? {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    }
}

fn binary(left: Cell, op: &BinaryOperator, right: Cell) -> Result<Cell, Failed> {
    Ok(match (op, left, right) {
        (BinaryOperator::And, Some(0), _) | (BinaryOperator::And, _, Some(0)) => Some(0),
        (BinaryOperator::Or, Some(1), _) | (BinaryOperator::Or, _, Some(1)) => Some(1),
        (_, None, _) | (_, _, None) => None,
        (BinaryOperator::And, Some(_), Some(_)) => Some(1),
        (BinaryOperator::Or, Some(_), Some(_)) => Some(0),
        (BinaryOperator::Eq, Some(left), Some(right)) => Some((left == right).into()),
        (BinaryOperator::Lt, Some(left), Some(right)) => Some((left < right).into()),
        (BinaryOperator::Gt, Some(left), Some(right)) => Some((left > right).into()),
        (BinaryOperator::Plus, Some(left), Some(right)) => Some(left + right),
        (BinaryOperator::Divide, Some(left), Some(right)) => {
            Some(left.checked_div(right).ok_or(Failed)?)
        }
        (op, ..) => panic!("no {op}"),
    })
}

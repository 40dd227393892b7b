//! QUALIFY becomes WHERE around a query that computes the windows.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use sqlparser::ast::{
    Distinct, Expr, Function, FunctionArguments, GroupByExpr, Ident, ObjectNamePart, OrderBy,
    OrderByKind, Query, Select, SelectItem, SetExpr, TableAlias, TableFactor, TableWithJoins,
    Value, VisitorMut,
};
use viewlane_core::{FunctionKind, FunctionSource};

use super::{Fresh, Names};
use crate::{
    build, text,
    visit::visit_mut,
    walk::{Child, ChildMut, children, children_mut},
};

/// Rewrites every SELECT with QUALIFY as one without.
///
/// ```sql
/// SELECT DISTINCT t.a + 1 AS x FROM s.p.t AS t QUALIFY row_number() OVER (ORDER BY t.b) = 1 ORDER BY t.c
/// SELECT DISTINCT __vl_1.__vl_2 + 1 AS x
/// FROM (SELECT t.a AS __vl_2, row_number() OVER (ORDER BY t.b) AS __vl_3, t.c AS __vl_4 FROM s.p.t AS t) AS __vl_1
/// WHERE __vl_1.__vl_3 = 1 ORDER BY __vl_1.__vl_4
/// ```
///
/// The inner query gives the columns and windows; the outer one does what comes after QUALIFY: the
/// expressions over them, so that none is computed for a row that QUALIFY takes out, then DISTINCT,
/// ORDER BY and LIMIT.
///
/// Left alone: what is grouped or aggregated, DISTINCT ON, outputs without a name of their own,
/// columns of queries around, queries and functions that are not known to be scalar in what moves,
/// windows over outputs in ORDER BY, and QUALIFY without a window, which the engine refuses.
pub(crate) fn eliminate_qualify(query: &mut Query, functions: &dyn FunctionSource) {
    let mut eliminate = Eliminate { functions, fresh: Fresh::new(query) };
    let _: ControlFlow<()> = visit_mut(query, &mut eliminate);
}

struct Eliminate<'a> {
    functions: &'a dyn FunctionSource,
    fresh: Fresh,
}

impl VisitorMut for Eliminate<'_> {
    type Break = ();

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let Query { body, order_by, .. } = query;
        if let SetExpr::Select(select) = &mut **body {
            self.select(select, order_by.as_mut());
            return ControlFlow::Continue(());
        }
        let mut bodies = vec![&mut **body];
        while let Some(body) = bodies.pop() {
            match body {
                SetExpr::Select(select) => self.select(select, None),
                SetExpr::SetOperation { left, right, .. } => bodies.extend([&mut **right, left]),
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}

impl Eliminate<'_> {
    fn select(&mut self, select: &mut Select, order_by: Option<&mut OrderBy>) {
        if !self.is_exact(select, order_by.as_deref()) {
            return;
        }
        let Some(qualify) = select.qualify.take() else { return };
        let own = own_aliases(select);
        let mut outer = Outer {
            own: &own,
            alias: self.fresh.name(),
            fresh: &mut self.fresh,
            columns: Vec::new(),
            known: BTreeMap::new(),
        };
        let mut projection = std::mem::take(&mut select.projection);
        for item in &mut projection {
            if let SelectItem::ExprWithAlias { expr, alias: _ } = item {
                outer.expr(expr);
            }
        }
        let mut selection = qualify;
        outer.expr(&mut selection);
        if let Some(OrderBy { kind: OrderByKind::Expressions(keys), interpolate: _ }) = order_by {
            keys.iter_mut().for_each(|key| outer.expr(&mut key.expr));
        }
        let Outer { alias, columns, .. } = outer;
        let columns = columns
            .into_iter()
            .map(|(expr, alias)| SelectItem::ExprWithAlias { expr, alias })
            .collect();
        let distinct = select.distinct.take();
        let new = around(distinct, projection, selection);
        let mut inner = std::mem::replace(select, new);
        inner.projection = columns;
        select.from = vec![derived(inner, alias)];
    }

    fn is_exact(&self, select: &Select, order_by: Option<&OrderBy>) -> bool {
        let Some(qualify) = &select.qualify else { return false };
        let grouped = match &select.group_by {
            GroupByExpr::All(_) => true,
            GroupByExpr::Expressions(exprs, modifiers) => {
                !exprs.is_empty() || !modifiers.is_empty()
            }
        };
        let plain = !grouped
            && select.having.is_none()
            && select.into.is_none()
            && !matches!(select.distinct, Some(Distinct::On(_)))
            && !Names::of(select).is_correlated();
        if !plain {
            return false;
        }
        // Without a window in QUALIFY itself the engine refuses the query.
        let (mut windows, mut others) = (false, false);
        if !self.moves(qualify, &mut windows) || !windows {
            return false;
        }
        for item in &select.projection {
            match item {
                SelectItem::ExprWithAlias { expr, alias: _ } if self.moves(expr, &mut others) => {}
                _ => return false,
            }
        }
        match order_by.map(|order_by| &order_by.kind) {
            None => true,
            Some(OrderByKind::All(_)) => false,
            Some(OrderByKind::Expressions(keys)) => {
                let mut exact = |expr| self.moves(expr, &mut others) && !orders_by_output(expr);
                keys.iter().all(|key| exact(&key.expr))
            }
        }
    }

    /// Whether an expression is one of columns, windows and scalar functions.
    fn moves(&self, expr: &Expr, windows: &mut bool) -> bool {
        let mut left = vec![expr];
        while let Some(expr) = left.pop() {
            match expr {
                Expr::Function(function) if function.over.is_some() => *windows = true,
                Expr::Function(function) if !self.is_scalar(function) => return false,
                _ => {}
            }
            let mut queries = false;
            children(expr, &mut |child| match child {
                Child::Expr(expr) => left.push(expr),
                Child::Query(_) => queries = true,
            });
            if queries {
                return false;
            }
        }
        true
    }

    fn is_scalar(&self, function: &Function) -> bool {
        let [ObjectNamePart::Identifier(name)] = &function.name.0[..] else { return false };
        matches!(function.args, FunctionArguments::List(_))
            && self
                .functions
                .facts(&text::normalise(name))
                .is_some_and(|facts| facts.kind == FunctionKind::Scalar)
    }
}

/// Whether a window in a key of ORDER BY reads an output, which the inner query does not have.
fn orders_by_output(key: &Expr) -> bool {
    let mut left = vec![(key, false)];
    while let Some((expr, in_window)) = left.pop() {
        let in_window = match expr {
            Expr::Identifier(_) if in_window => return true,
            Expr::Function(function) => in_window || function.over.is_some(),
            _ => in_window,
        };
        children(expr, &mut |child| match child {
            Child::Expr(expr) => left.push((expr, in_window)),
            Child::Query(_) => {}
        });
    }
    false
}

/// Writes an expression over the columns of the inner query.
struct Outer<'a> {
    own: &'a BTreeSet<String>,
    alias: Ident,
    fresh: &'a mut Fresh,
    /// What the inner query gives, and under which name.
    columns: Vec<(Expr, Ident)>,
    /// The columns of tables among them.
    known: BTreeMap<(String, String), Ident>,
}

impl Outer<'_> {
    #[recursive::recursive]
    fn expr(&mut self, expr: &mut Expr) {
        let mut here = expr;
        loop {
            match here {
                Expr::BinaryOp { left, op: _, right } => {
                    self.expr(right);
                    here = left;
                }
                Expr::Function(function) if function.over.is_some() => {
                    let window = std::mem::replace(here, Expr::Value(Value::Null.into()));
                    let name = self.fresh.name();
                    self.columns.push((window, name.clone()));
                    *here = Expr::CompoundIdentifier(vec![self.alias.clone(), name]);
                    break;
                }
                Expr::CompoundIdentifier(parts) => {
                    self.column(parts);
                    break;
                }
                node => {
                    children_mut(node, &mut |child| match child {
                        ChildMut::Expr(expr) => self.expr(expr),
                        ChildMut::Query(_) => {}
                    });
                    break;
                }
            }
        }
    }

    /// Fields that are taken out of a column stay outside.
    fn column(&mut self, parts: &mut Vec<Ident>) {
        let [table, column, ..] = &parts[..] else { return };
        if !self.own.contains(&table.value) {
            return;
        }
        let key = (table.value.clone(), column.value.clone());
        let fields = parts.split_off(2);
        let column = std::mem::take(parts);
        let name = self.known.entry(key).or_insert_with(|| {
            let name = self.fresh.name();
            self.columns.push((Expr::CompoundIdentifier(column), name.clone()));
            name
        });
        *parts = [self.alias.clone(), name.clone()].into_iter().chain(fields).collect();
    }
}

fn own_aliases(select: &Select) -> BTreeSet<String> {
    select.from.iter().flat_map(|table| Names::of(table).aliases).collect()
}

fn around(distinct: Option<Distinct>, projection: Vec<SelectItem>, selection: Expr) -> Select {
    Select { distinct, selection: Some(selection), ..build::select(projection, Vec::new()) }
}

fn derived(select: Select, alias: Ident) -> TableWithJoins {
    let subquery = Box::new(build::query(SetExpr::Select(Box::new(select))));
    let alias = TableAlias { explicit: true, name: alias, columns: Vec::new(), at: None };
    TableWithJoins {
        relation: TableFactor::Derived {
            lateral: false,
            subquery,
            alias: Some(alias),
            sample: None,
        },
        joins: Vec::new(),
    }
}

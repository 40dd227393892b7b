//! Which columns of base tables the values of a query are made of, read off the engine's plan.
//!
//! An oracle for the lane's lineage: it binds no names and reads no text. It takes the plan as the
//! planner made it, before any rewrite, and follows each output down to the tables. What decides
//! which rows there are, and what steers a value without becoming part of it, is left out: filters,
//! keys, orders, the conditions of CASE, subqueries that are only looked into.

use std::collections::BTreeSet;

use datafusion::{
    common::{
        DFSchema, TableReference,
        tree_node::{TreeNode, TreeNodeRecursion},
    },
    logical_expr::{
        Distinct, Expr, JoinType, LogicalPlan,
        expr::{AggregateFunctionParams, WindowFunctionParams},
    },
};
use viewlane_sql_policy::{Lineage, OutputLineage, SourceColumn};

/// Catalog, schema, table and column.
pub type Source = [String; 4];

/// The columns that each output of a plan is made of, in order. `None` where the plan holds
/// something that this does not follow: recursion, unnesting, grouping sets, table functions.
pub fn of(plan: &LogicalPlan, catalog: &str, schema: &str) -> Option<Vec<BTreeSet<Source>>> {
    Walk { catalog, schema, around: Vec::new() }.plan(plan)
}

/// The tables that a plan scans, by catalog, schema and name. A view is not among them: the plan has
/// what it stands for in its place.
pub fn tables(plan: &LogicalPlan, catalog: &str, schema: &str) -> BTreeSet<[String; 3]> {
    let mut tables = BTreeSet::new();
    let walk = Walk { catalog, schema, around: Vec::new() };
    let walked = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node {
            tables.insert(walk.full(&scan.table_name));
        }
        Ok(TreeNodeRecursion::Continue)
    });
    walked.expect("the walk itself does not fail");
    tables
}

/// The columns that each output is made of by the lineage of a compiled query. `None` where it does
/// not tell the columns of a table apart, or takes values of something that is not one of `tables`.
pub fn by_lineage(
    lineage: &Lineage,
    tables: &BTreeSet<[String; 3]>,
) -> Option<Vec<BTreeSet<Source>>> {
    let source = |column: &SourceColumn| {
        let [catalog, schema, table] = column.relation.parts() else { return None };
        let table = [&**catalog, &**schema, &**table].map(str::to_owned);
        let known = tables.contains(&table) && column.column != SourceColumn::ALL;
        let [catalog, schema, table] = table;
        known.then(|| [catalog, schema, table, column.column.clone()])
    };
    let outputs = lineage.outputs().iter();
    let output = |output: &OutputLineage| {
        output.sources.iter().map(|(id, _)| source(lineage.column(*id))).collect()
    };
    outputs.map(output).collect()
}

/// Where the two do not say the same.
pub fn difference(plan: &[BTreeSet<Source>], lineage: &[BTreeSet<Source>]) -> Option<String> {
    if plan.len() != lineage.len() {
        return Some(format!("{} outputs in the plan, {} in lineage", plan.len(), lineage.len()));
    }
    let outputs = plan.iter().zip(lineage).enumerate();
    let (at, (plan, lineage)) = outputs.into_iter().find(|(_, (plan, lineage))| plan != lineage)?;
    let list = |sources: Vec<&Source>| {
        let names: Vec<_> = sources.into_iter().map(|source| source.join(".")).collect();
        names.join(", ")
    };
    let (more, less) = (lineage.difference(plan).collect(), plan.difference(lineage).collect());
    Some(format!(
        "lineage of output {}: too many [{}], missing [{}]",
        at + 1,
        list(more),
        list(less)
    ))
}

/// The columns of one node, and what each is made of.
#[derive(Clone)]
struct Columns<'p> {
    schema: &'p DFSchema,
    sources: Vec<BTreeSet<Source>>,
}

struct Walk<'p> {
    catalog: &'p str,
    schema: &'p str,
    /// The inputs of the nodes in which the subquery at hand stands, the outermost first.
    around: Vec<Columns<'p>>,
}

impl<'p> Walk<'p> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "what is not known is not followed")]
    fn plan(&mut self, plan: &'p LogicalPlan) -> Option<Vec<BTreeSet<Source>>> {
        let width = plan.schema().fields().len();
        let sources = match plan {
            // A table function has a scan of its own.
            LogicalPlan::TableScan(scan) if !scan.table_name.table().ends_with(')') => {
                let table = self.full(&scan.table_name);
                let fields = scan.projected_schema.fields().iter();
                let source = |name: &str| {
                    let [catalog, schema, table] = table.clone();
                    BTreeSet::from([[catalog, schema, table, name.to_owned()]])
                };
                fields.map(|field| source(field.name())).collect()
            }
            LogicalPlan::Projection(node) => self.each(&node.input, &node.expr)?,
            LogicalPlan::Window(node) => {
                let mut sources = self.plan(&node.input)?;
                sources.extend(self.each(&node.input, &node.window_expr)?);
                sources
            }
            LogicalPlan::Aggregate(node) => {
                let mut sources = self.each(&node.input, &node.group_expr)?;
                sources.extend(self.each(&node.input, &node.aggr_expr)?);
                sources
            }
            LogicalPlan::Distinct(Distinct::On(node)) => {
                self.each(&node.input, &node.select_expr)?
            }
            LogicalPlan::Distinct(Distinct::All(input)) => self.plan(input)?,
            LogicalPlan::Filter(node) => self.plan(&node.input)?,
            LogicalPlan::Sort(node) => self.plan(&node.input)?,
            LogicalPlan::Limit(node) => self.plan(&node.input)?,
            LogicalPlan::SubqueryAlias(node) => self.plan(&node.input)?,
            LogicalPlan::Subquery(node) => self.plan(&node.subquery)?,
            LogicalPlan::Join(node) => {
                let mut left = self.plan(&node.left)?;
                // A lateral join reads the left side from inside the right one.
                let schema = node.left.schema();
                self.around.push(Columns { schema, sources: left.clone() });
                let right = self.plan(&node.right);
                self.around.pop();
                let right = right?;
                match node.join_type {
                    JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full => {
                        left.extend(right);
                        left
                    }
                    JoinType::LeftSemi | JoinType::LeftAnti => left,
                    JoinType::RightSemi | JoinType::RightAnti => right,
                    JoinType::LeftMark | JoinType::RightMark => return None,
                }
            }
            LogicalPlan::Union(node) => {
                let mut sources = vec![BTreeSet::new(); width];
                for input in &node.inputs {
                    let more = self.plan(input)?;
                    (more.len() == width).then_some(())?;
                    sources.iter_mut().zip(more).for_each(|(all, more)| all.extend(more));
                }
                sources
            }
            LogicalPlan::EmptyRelation(_) => vec![BTreeSet::new(); width],
            LogicalPlan::Values(node) => {
                let mut sources = vec![BTreeSet::new(); width];
                for row in &node.values {
                    for (all, value) in sources.iter_mut().zip(row) {
                        let none = Columns { schema: &node.schema, sources: Vec::new() };
                        all.extend(self.expr(value, &none)?);
                    }
                }
                sources
            }
            _ => return None,
        };
        (sources.len() == width).then_some(sources)
    }

    /// What some expressions over a node are made of.
    fn each(&mut self, input: &'p LogicalPlan, exprs: &'p [Expr]) -> Option<Vec<BTreeSet<Source>>> {
        let columns = Columns { schema: input.schema(), sources: self.plan(input)? };
        exprs.iter().map(|expr| self.expr(expr, &columns)).collect()
    }

    fn expr(&mut self, expr: &'p Expr, columns: &Columns<'p>) -> Option<BTreeSet<Source>> {
        match expr {
            Expr::Column(column) => {
                let index = columns.schema.maybe_index_of_column(column)?;
                columns.sources.get(index).cloned()
            }
            Expr::OuterReferenceColumn(_, column) => self.around.iter().rev().find_map(|around| {
                let index = around.schema.maybe_index_of_column(column)?;
                around.sources.get(index).cloned()
            }),
            Expr::Case(case) => {
                let results = case.when_then_expr.iter().map(|(_, result)| &**result);
                let results = results.chain(case.else_expr.as_deref());
                self.union(results.collect(), columns)
            }
            Expr::AggregateFunction(call) => {
                let AggregateFunctionParams { args, .. } = &call.params;
                self.union(args.iter().collect(), columns)
            }
            Expr::WindowFunction(call) => {
                let WindowFunctionParams { args, .. } = &call.params;
                self.union(args.iter().collect(), columns)
            }
            Expr::ScalarSubquery(subquery) => {
                self.around.push(columns.clone());
                let sources = self.plan(&subquery.subquery);
                self.around.pop();
                Some(sources?.into_iter().flatten().collect())
            }
            Expr::Exists(_) => Some(BTreeSet::new()),
            Expr::InSubquery(subquery) => self.expr(&subquery.expr, columns),
            Expr::SetComparison(comparison) => self.expr(&comparison.expr, columns),
            Expr::GroupingSet(_) | Expr::Unnest(_) => None,
            expr => {
                let mut parts = Vec::new();
                let walked = expr.apply_children(|part| {
                    parts.push(part);
                    Ok(TreeNodeRecursion::Continue)
                });
                walked.ok()?;
                self.union(parts, columns)
            }
        }
    }

    fn union(&mut self, exprs: Vec<&'p Expr>, columns: &Columns<'p>) -> Option<BTreeSet<Source>> {
        let mut all = BTreeSet::new();
        for expr in exprs {
            all.extend(self.expr(expr, columns)?);
        }
        Some(all)
    }

    fn full(&self, table: &TableReference) -> [String; 3] {
        let table = table.clone().resolve(self.catalog, self.schema);
        [table.catalog.to_string(), table.schema.to_string(), table.table.to_string()]
    }
}

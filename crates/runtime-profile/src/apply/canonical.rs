//! Results in one order: the tier `canonical` of determinism.

use std::sync::Arc;

use datafusion::{
    arrow::row::{RowConverter, SortField},
    common::{Column, Result, config::ConfigOptions},
    logical_expr::{Expr, LogicalPlan, Sort, expr::Sort as SortExpr},
    optimizer::AnalyzerRule,
};

/// Sorts what a query gives by all its columns, after its own ORDER BY.
///
/// An analyzer rule, because it must see a LIMIT before the optimizer pushes it into what is below.
#[derive(Debug)]
pub(super) struct CanonicalOrder;

impl AnalyzerRule for CanonicalOrder {
    fn analyze(&self, plan: LogicalPlan, _config: &ConfigOptions) -> Result<LogicalPlan> {
        ordered(plan)
    }

    fn name(&self) -> &str {
        "canonical_order"
    }
}

fn ordered(plan: LogicalPlan) -> Result<LogicalPlan> {
    Ok(match plan {
        // Not results.
        LogicalPlan::Ddl(_)
        | LogicalPlan::Statement(_)
        | LogicalPlan::DescribeTable(_)
        | LogicalPlan::Explain(_)
        | LogicalPlan::Extension(_) => plan,
        LogicalPlan::Analyze(mut analyze) => {
            analyze.input = below(analyze.input)?;
            LogicalPlan::Analyze(analyze)
        }
        LogicalPlan::Copy(mut copy) => {
            copy.input = below(copy.input)?;
            LogicalPlan::Copy(copy)
        }
        LogicalPlan::Dml(mut dml) => {
            dml.input = below(dml.input)?;
            LogicalPlan::Dml(dml)
        }
        LogicalPlan::Limit(mut limit) => {
            limit.input = below(limit.input)?;
            LogicalPlan::Limit(limit)
        }
        LogicalPlan::Sort(mut sort) => {
            let given: Vec<_> = sort.expr.iter().map(|by| by.expr.clone()).collect();
            let rest = columns(&sort.input).filter(|by| !given.contains(&by.expr));
            sort.expr.extend(rest.collect::<Vec<_>>());
            LogicalPlan::Sort(sort)
        }
        LogicalPlan::Projection(mut projection) if is_ordered(&projection.input) => {
            projection.input = below(projection.input)?;
            LogicalPlan::Projection(projection)
        }
        LogicalPlan::SubqueryAlias(mut alias) if is_ordered(&alias.input) => {
            alias.input = below(alias.input)?;
            LogicalPlan::SubqueryAlias(alias)
        }
        plan => {
            let expr: Vec<_> = columns(&plan).collect();
            match expr.is_empty() {
                true => plan,
                false => LogicalPlan::Sort(Sort { expr, input: Arc::new(plan), fetch: None }),
            }
        }
    })
}

fn below(input: Arc<LogicalPlan>) -> Result<Arc<LogicalPlan>> {
    ordered(Arc::unwrap_or_clone(input)).map(Arc::new)
}

/// Whether an order, or a choice of rows, of the query itself is below.
fn is_ordered(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Sort(_) | LogicalPlan::Limit(_) => true,
        LogicalPlan::Projection(projection) => is_ordered(&projection.input),
        LogicalPlan::SubqueryAlias(alias) => is_ordered(&alias.input),
        _ => false,
    }
}

/// The columns of a plan whose values have an order.
fn columns(plan: &LogicalPlan) -> impl Iterator<Item = SortExpr> {
    plan.schema().iter().filter_map(|(qualifier, field)| {
        let field_type = SortField::new(field.data_type().clone());
        let column = Expr::Column(Column::new(qualifier.cloned(), field.name()));
        RowConverter::supports_fields(&[field_type]).then(|| column.sort(true, false))
    })
}

#[cfg(test)]
mod tests;

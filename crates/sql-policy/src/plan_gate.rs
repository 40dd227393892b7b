//! The second lock: what the planner made of a compiled query, checked before it runs.
//!
//! Tables only. The functions of a plan need not be those of the text: the planner turns syntax
//! such as `EXTRACT` or `a[1]` into calls, so the functions are judged on the text alone.

use std::collections::BTreeSet;

use datafusion::{
    common::{TableReference, tree_node::TreeNodeRecursion},
    datasource::{cte_worktable::CteWorkTable, source_as_provider},
    execution::context::SQLOptions,
    logical_expr::{LogicalPlan, TableScan},
};
use viewlane_core::{Diagnostic, RelationName};

use crate::{codes, error::Rejection};

/// Checks that a plan only reads, and reads nothing but `allowed`.
///
/// Every scan of the plan and of its subqueries counts. Scans of a recursive query's own work
/// table and of table functions pass: the engine names the latter `function()`, and the lane
/// refuses relation names with parentheses. Where the engine inlines a view that was registered as
/// a plan, `allowed` has to hold what that view scans.
///
/// # Errors
///
/// Everything that is wrong with the plan.
pub fn check_plan(plan: &LogicalPlan, allowed: &BTreeSet<RelationName>) -> Result<(), Rejection> {
    let mut found = Vec::new();
    let options =
        SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    if let Err(error) = options.verify_plan(plan) {
        found.push(
            Diagnostic::error(codes::PLAN_WRITES, "the plan does more than read")
                .because(error.strip_backtrace())
                .help("run only plans made from compiled queries"),
        );
    }
    let mut strangers = BTreeSet::new();
    let walked = plan.apply_with_subqueries(|node| {
        match node {
            LogicalPlan::TableScan(scan) if !may_scan(scan, allowed) => {
                strangers.insert(scan.table_name.to_string());
            }
            LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) | LogicalPlan::DescribeTable(_) => {
                found.push(
                    Diagnostic::error(codes::PLAN_WRITES, "the plan is not that of a query")
                        .help("run only plans made from compiled queries"),
                );
            }
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    });
    walked.expect("the closure never fails");
    found.extend(strangers.into_iter().map(|name| {
        Diagnostic::error(
            codes::PLAN_RELATION,
            format!("the plan scans `{name}`, which the query does not read"),
        )
        .help("register for a query exactly the relations it reads")
    }));
    Rejection::unless_empty(found)
}

fn may_scan(scan: &TableScan, allowed: &BTreeSet<RelationName>) -> bool {
    let parts = match &scan.table_name {
        TableReference::Bare { table } => vec![table],
        TableReference::Partial { schema, table } => vec![schema, table],
        TableReference::Full { catalog, schema, table } => vec![catalog, schema, table],
    };
    if let [table] = parts[..]
        && table.ends_with("()")
    {
        return true;
    }
    let name = RelationName::from_parts(parts.into_iter().map(|part| part.to_string()));
    name.is_ok_and(|name| allowed.contains(&name))
        || source_as_provider(&scan.source)
            .is_ok_and(|provider| provider.downcast_ref::<CteWorkTable>().is_some())
}

#[cfg(test)]
mod tests;

//! Hash joins whose table might not fit become sort-merge joins, which spill.

use std::sync::Arc;

use datafusion::{
    arrow::{
        compute::SortOptions,
        datatypes::{DataType, Schema},
    },
    common::{
        JoinType, Result,
        config::ConfigOptions,
        tree_node::{Transformed, TransformedResult, TreeNode},
    },
    physical_expr::expressions::Column,
    physical_optimizer::{PhysicalOptimizerRule, optimizer::PhysicalOptimizer},
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties,
        execution_plan::CardinalityEffect,
        joins::{
            CrossJoinExec, HashJoinExec, NestedLoopJoinExec, SortMergeJoinExec, utils::JoinFilter,
        },
        projection::ProjectionExec,
        statistics::{StatisticsArgs, StatisticsContext},
    },
};

use crate::{JoinStrategy, Limit, Profile};

/// Bytes of a hash table for each row beside the row itself: hash, index and chain, with the table
/// half full.
const TABLE_BYTES_PER_ROW: u64 = 32;
/// Bytes taken for a value without a fixed width, where statistics do not say.
const VALUE_BYTES: u64 = 64;

/// The physical rules of sessions under a profile.
pub(super) fn rules(profile: &Profile) -> Vec<Arc<dyn PhysicalOptimizerRule + Send + Sync>> {
    let mut rules = PhysicalOptimizer::new().rules;
    let limit = match (profile.joins().join_strategy, profile.join_budget()) {
        (JoinStrategy::Hash, _) | (_, Some(Limit::Unbounded)) => return rules,
        (JoinStrategy::SortMerge, _) => 0,
        (JoinStrategy::ByBudget, budget) => budget.and_then(Limit::bytes).unwrap_or(0),
    };
    // After sides are chosen, and before rows are sorted and exchanged as operators need them.
    let place = rules.iter().position(|rule| rule.name() == "join_selection");
    rules.insert(place.map_or(0, |place| place + 1), Arc::new(JoinsWithinMemory { limit }));
    rules
}

/// Keeps hash joins whose table surely takes no more bytes than the limit.
#[derive(Debug)]
struct JoinsWithinMemory {
    limit: u64,
}

impl PhysicalOptimizerRule for JoinsWithinMemory {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _config: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|plan| {
            let Some(join) = plan.downcast_ref::<HashJoinExec>() else {
                return Ok(Transformed::no(plan));
            };
            if !can_be_sorted(join) || (self.limit > 0 && table_bytes(join)? <= self.limit) {
                return Ok(Transformed::no(plan));
            }
            sort_merge(join).map(Transformed::yes)
        })
        .data()
    }

    fn name(&self) -> &str {
        "joins_within_memory"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// Whether there is a sort-merge join with the same result.
fn can_be_sorted(join: &HashJoinExec) -> bool {
    let on_one_side = !matches!(
        join.join_type(),
        JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full
    );
    let types = join.on().iter().map(|(left, _)| left.data_type(&join.left().schema()));
    !join.null_aware
        && !join.left().boundedness().is_unbounded()
        && !join.right().boundedness().is_unbounded()
        // Limits are pushed into joins by a later rule.
        && join.fetch().is_none()
        && types.into_iter().all(|kind| kind.is_ok_and(|kind| is_comparable(&kind, on_one_side)))
}

/// Whether sort-merge joins compare keys of this type as hash joins do.
///
/// Not floating point numbers: the two zeros are equal and sorted one after the other, so that a
/// second key is out of order. Joins that give rows of one side compare fewer types.
fn is_comparable(kind: &DataType, on_one_side: bool) -> bool {
    match kind {
        DataType::Boolean
        | DataType::Decimal128(..)
        | DataType::Date32
        | DataType::Date64
        | DataType::Timestamp(_, None) => true,
        DataType::Timestamp(_, Some(_))
        | DataType::Time32(_)
        | DataType::Time64(_)
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal256(..) => !on_one_side,
        kind => kind.is_integer() || kind.is_string() || kind.is_binary(),
    }
}

fn sort_merge(join: &HashJoinExec) -> Result<Arc<dyn ExecutionPlan>> {
    let sorted: Arc<dyn ExecutionPlan> = Arc::new(SortMergeJoinExec::try_new(
        Arc::clone(join.left()),
        Arc::clone(join.right()),
        join.on().to_vec(),
        join.filter().map(nullable),
        *join.join_type(),
        vec![SortOptions::default(); join.on().len()],
        join.null_equality(),
    )?);
    let Some(projection) = &join.projection else { return Ok(sorted) };
    let schema = sorted.schema();
    let columns = projection.iter().map(|&index| {
        let name = schema.field(index).name();
        (Arc::new(Column::new(name, index)) as _, name.clone())
    });
    Ok(Arc::new(ProjectionExec::try_new(columns.collect::<Vec<(_, String)>>(), sorted)?))
}

/// The same filter over columns that may be NULL. A sort-merge join evaluates filters of outer joins
/// over rows without a partner too, and fails where a column is said never to be NULL.
fn nullable(filter: &JoinFilter) -> JoinFilter {
    let fields = filter.schema().fields().iter();
    let fields: Vec<_> = fields.map(|field| field.as_ref().clone().with_nullable(true)).collect();
    JoinFilter::new(
        Arc::clone(filter.expression()),
        filter.column_indices().to_vec(),
        Arc::new(Schema::new_with_metadata(fields, filter.schema().metadata().clone())),
    )
}

/// Bytes that the hash table takes at most, as far as is known; `u64::MAX` when nothing is.
fn table_bytes(join: &HashJoinExec) -> Result<u64> {
    let build = join.left();
    let context = StatisticsContext::new();
    let Some(rows) = rows(build.as_ref(), &context) else { return Ok(u64::MAX) };

    let fixed = |kind: &DataType| kind.primitive_width().map(|width| width as u64);
    let schema = build.schema();
    let of_types: u64 =
        schema.fields().iter().map(|field| fixed(field.data_type()).unwrap_or(VALUE_BYTES)).sum();
    let known = context.compute(build.as_ref(), &StatisticsArgs::new())?;
    let of_statistics = match (known.total_byte_size.get_value(), known.num_rows.get_value()) {
        (Some(bytes), Some(rows)) if *rows > 0 => bytes.div_ceil(*rows) as u64,
        _ => 0,
    };
    let row = of_types.max(of_statistics).saturating_add(TABLE_BYTES_PER_ROW);
    Ok(rows.saturating_mul(row))
}

/// Rows that an operator gives at most. What a filter lets through is an estimate and can be wrong
/// by much, so that operators that only drop rows are taken to keep them.
fn rows(plan: &dyn ExecutionPlan, context: &StatisticsContext) -> Option<u64> {
    let estimate = || {
        let known = context.compute(plan, &StatisticsArgs::new()).ok()?;
        known.num_rows.get_value().map(|rows| *rows as u64)
    };
    let below = |child: &Arc<dyn ExecutionPlan>| rows(child.as_ref(), context);
    let bound = match plan.children().as_slice() {
        [child] => match plan.cardinality_effect() {
            CardinalityEffect::Equal | CardinalityEffect::LowerEqual => below(child),
            CardinalityEffect::GreaterEqual | CardinalityEffect::Unknown => estimate(),
        },
        [left, right] if plan.is::<CrossJoinExec>() || plan.is::<NestedLoopJoinExec>() => {
            Some(below(left)?.saturating_mul(below(right)?))
        }
        [left, right] => match join_type(plan) {
            Some(JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark) => below(left),
            Some(JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark) => below(right),
            // Along a key; where it is known to be more, more.
            Some(_) => Some(below(left)?.max(below(right)?).max(estimate().unwrap_or(0))),
            None => sum(plan, below).or_else(estimate),
        },
        [] => estimate(),
        _ => sum(plan, below).or_else(estimate),
    };
    match plan.fetch() {
        Some(fetch) => Some(bound.unwrap_or(u64::MAX).min(fetch as u64)),
        None => bound,
    }
}

/// The rows of all inputs together, of an operator such as UNION ALL.
fn sum(
    plan: &dyn ExecutionPlan,
    below: impl Fn(&Arc<dyn ExecutionPlan>) -> Option<u64>,
) -> Option<u64> {
    let unites = matches!(plan.cardinality_effect(), CardinalityEffect::GreaterEqual);
    unites.then_some(())?;
    plan.children()
        .into_iter()
        .map(below)
        .try_fold(0_u64, |sum, rows| Some(sum.saturating_add(rows?)))
}

fn join_type(plan: &dyn ExecutionPlan) -> Option<JoinType> {
    let hash = plan.downcast_ref::<HashJoinExec>().map(|join| *join.join_type());
    hash.or_else(|| plan.downcast_ref::<SortMergeJoinExec>().map(SortMergeJoinExec::join_type))
}

#[cfg(test)]
mod tests;

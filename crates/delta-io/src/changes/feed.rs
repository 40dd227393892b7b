//! The change data feed, where it may be believed.

use std::{fmt, sync::Arc};

use arrow::{
    array::{Array, AsArray},
    datatypes::{DataType, Int64Type, SchemaRef},
};
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::{
        ScalarValue,
        tree_node::{Transformed, TreeNode},
    },
    datasource::{TableType, ViewTable, provider_as_source},
    error::DataFusionError,
    functions_aggregate::expr_fn::sum,
    logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, cast, ident, lit, when},
    physical_plan::{ExecutionPlan, ExecutionPlanProperties, empty::EmptyExec, union::UnionExec},
    prelude::SessionContext,
};
use deltalake::{DeltaTable, DeltaTableError, delta_datafusion::DeltaCdfTableProvider};
use viewlane_core::{COMMIT_VERSION, PassedOver, WEIGHT};

use super::{Ends, Found, entries::Entries, files::Difference};

const KIND: &str = "_change_type";
const VERSION: &str = "_commit_version";

/// The feed, if it may be believed and has fewer bytes than `instead`.
pub(super) async fn find(
    ends: &Ends,
    entries: &Entries,
    difference: &Difference,
    instead: u64,
) -> Result<Result<Found, PassedOver>, DeltaTableError> {
    if let Some(reason) = distrust(ends, entries) {
        return Ok(Err(reason));
    }
    let (files, bytes) = size(entries);
    if bytes >= instead {
        return Ok(Err(PassedOver::Costlier { bytes, instead }));
    }
    let Some(log) = difference.rows() else { return Ok(Err(PassedOver::FeedUncounted)) };
    let plan = match plan(ends).await {
        Ok(plan) => plan,
        Err(error) => return Ok(Err(unreadable(&error.into()))),
    };
    let feed = match rows(&plan).await {
        Ok(feed) => feed,
        Err(error) => return Ok(Err(unreadable(&error))),
    };
    if feed != log {
        return Ok(Err(PassedOver::FeedRowCount { feed, log }));
    }
    Ok(Ok(Found { provider: Arc::new(ViewTable::new(plan, None)), files, bytes }))
}

/// What is known against the feed of a range before it is read.
fn distrust(ends: &Ends, entries: &Entries) -> Option<PassedOver> {
    if ends.is_mapped() {
        return Some(PassedOver::ColumnMapping);
    }
    let recorded = |snapshot: &deltalake::kernel::Snapshot| {
        let value = snapshot.metadata().configuration().get("delta.enableChangeDataFeed");
        value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    };
    let always = entries.0.iter().all(|entry| entry.records_feed != Some(false));
    if !recorded(&ends.old) || !recorded(&ends.new) || !always {
        return Some(PassedOver::FeedOff);
    }
    entries.0.iter().find_map(|entry| {
        let version = entry.version;
        if entry.is_delta_rs("UPDATE") {
            Some(PassedOver::FeedOfUpdate { version })
        } else if entry.is("RESTORE") {
            Some(PassedOver::FeedOfRestore { version })
        } else {
            None
        }
    })
}

/// Files of the feed and their bytes: those it was written into, or the data files of a commit that
/// wrote none.
fn size(entries: &Entries) -> (u64, u64) {
    let (mut files, mut bytes) = (0, 0);
    let mut count = |size: i64| {
        files += 1;
        bytes += u64::try_from(size).unwrap_or(0);
    };
    for entry in &entries.0 {
        if entry.feed.is_empty() {
            entry.adds.iter().filter(|add| add.data_change).for_each(|add| count(add.size));
            let removes = entry.removes.iter().filter(|remove| remove.data_change);
            removes.for_each(|remove| count(remove.size.unwrap_or(0)));
        } else {
            entry.feed.iter().for_each(|file| count(file.size));
        }
    }
    (files, bytes)
}

fn unreadable(error: &DataFusionError) -> PassedOver {
    PassedOver::FeedUnreadable { detail: error.to_string() }
}

/// The feed as changes.
async fn plan(ends: &Ends) -> Result<LogicalPlan, DeltaTableError> {
    let (from, to) = (ends.old.version(), ends.new.version());
    let mut table = DeltaTable::new(Arc::clone(&ends.log_store));
    table.load_version(to).await?;
    // Without an end it would read whatever the table has when it is scanned.
    let feed = table
        .scan_cdf()
        .with_starting_version(from + 1)
        .with_ending_version(to)
        .with_allow_out_of_range();
    let provider = Feed(DeltaCdfTableProvider::try_new(feed)?);
    let known = provider.schema();
    let columns = ends.columns.fields().iter().map(|field| {
        let column = match known.column_with_name(field.name()) {
            Some((_, known)) if known.data_type() == field.data_type() => ident(field.name()),
            Some(_) => cast(ident(field.name()), field.data_type().clone()),
            None => cast(lit(ScalarValue::Null), field.data_type().clone()),
        };
        column.alias(field.name())
    });
    let gone = ident(KIND).in_list(vec![lit("delete"), lit("update_preimage")], false);
    let own = [
        when(gone, lit(-1_i64)).otherwise(lit(1_i64))?.alias(WEIGHT),
        cast(ident(VERSION), DataType::UInt64).alias(COMMIT_VERSION),
    ];
    let plan = LogicalPlanBuilder::scan("feed", provider_as_source(Arc::new(provider)), None)?
        .project(columns.chain(own).collect::<Vec<_>>())?
        .build()?;
    Ok(plan)
}

/// The sum of the weights, for which the feed is read once.
async fn rows(plan: &LogicalPlan) -> Result<i64, DataFusionError> {
    let total = LogicalPlanBuilder::from(plan.clone())
        .aggregate(Vec::<Expr>::new(), [sum(ident(WEIGHT))])?
        .build()?;
    let batches = SessionContext::new().execute_logical_plan(total).await?.collect().await?;
    let sum = batches.iter().find(|batch| batch.num_rows() > 0).map(|batch| {
        let column = batch.column(0).as_primitive::<Int64Type>();
        if column.is_null(0) { 0 } else { column.value(0) }
    });
    Ok(sum.unwrap_or(0))
}

/// The feed of delta-rs. Its plan is a union in which a side without files has no partition at all,
/// which the engine does not take for a plan that can be ordered or aggregated.
struct Feed(DeltaCdfTableProvider);

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Feed")
    }
}

#[async_trait]
impl TableProvider for Feed {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        let plan = self.0.scan(session, projection, filters, limit).await?;
        let plan = plan.transform_up(|node| {
            if node.downcast_ref::<UnionExec>().is_none() {
                return Ok(Transformed::no(node));
            }
            let sides = node.children().into_iter().cloned();
            let mut sides: Vec<_> =
                sides.filter(|side| side.output_partitioning().partition_count() > 0).collect();
            Ok(Transformed::yes(match sides.len() {
                0 => Arc::new(EmptyExec::new(node.schema())),
                1 => sides.remove(0),
                _ => UnionExec::try_new(sides)?,
            }))
        })?;
        Ok(plan.data)
    }
}

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{compute::SortOptions, datatypes::SchemaRef};
use datafusion::{
    error::{DataFusionError, Result},
    execution::{SendableRecordBatchStream, TaskContext},
    physical_expr::{LexOrdering, PhysicalSortExpr},
    physical_plan::{
        ExecutionPlan, ExecutionPlanProperties, Partitioning,
        coalesce_partitions::CoalescePartitionsExec,
        execute_stream_partitioned,
        expressions::col,
        repartition::RepartitionExec,
        sorts::{sort::SortExec, sort_preserving_merge::SortPreservingMergeExec},
        stream::RecordBatchStreamAdapter,
        streaming::{PartitionStream, StreamingTableExec},
    },
};

use crate::WritePolicy;

/// Brings the rows into the order in which the files want them.
///
/// Rows of one folder meet in one stream and follow one another, so that a stream has one file open
/// at a time, however many folders there are.
pub(super) fn arrange(
    streams: Vec<SendableRecordBatchStream>,
    schema: &SchemaRef,
    policy: &WritePolicy,
    task: &Arc<TaskContext>,
) -> Result<Vec<SendableRecordBatchStream>> {
    let many = streams.len() > 1;
    let folders = policy.partition_by.iter().map(|column| col(column, schema));
    let folders = folders.collect::<Result<Vec<_>>>()?;
    let inside = policy.sort_by.iter().map(|key| {
        let options = SortOptions { descending: key.descending, nulls_first: key.nulls_first };
        Ok(PhysicalSortExpr::new(col(&key.column, schema)?, options))
    });
    let order = folders
        .iter()
        .map(|column| Ok(PhysicalSortExpr::new(Arc::clone(column), SortOptions::default())))
        .chain(inside)
        .collect::<Result<Vec<_>>>()?;
    if streams.is_empty() || (order.is_empty() && !(policy.single_file && many)) {
        return Ok(streams);
    }
    let sources = streams.into_iter().map(|stream| -> Arc<dyn PartitionStream> {
        Arc::new(Once { schema: stream.schema(), stream: Mutex::new(Some(stream)) })
    });
    let source =
        StreamingTableExec::try_new(Arc::clone(schema), sources.collect(), None, [], false, None)?;
    let mut plan: Arc<dyn ExecutionPlan> = Arc::new(source);
    if !folders.is_empty() {
        let partitions = task.session_config().target_partitions().max(1);
        if many || partitions > 1 {
            let by = Partitioning::Hash(folders, partitions);
            plan = Arc::new(RepartitionExec::try_new(plan, by)?);
        }
    }
    if let Some(order) = LexOrdering::new(order) {
        plan = Arc::new(SortExec::new(order.clone(), plan).with_preserve_partitioning(true));
        if policy.partition_by.is_empty() {
            plan = Arc::new(SortPreservingMergeExec::new(order, plan));
        }
    }
    if policy.single_file && plan.output_partitioning().partition_count() > 1 {
        plan = Arc::new(CoalescePartitionsExec::new(plan));
    }
    execute_stream_partitioned(plan, Arc::clone(task))
}

/// A stream as the source of a plan that runs once.
struct Once {
    schema: SchemaRef,
    stream: Mutex<Option<SendableRecordBatchStream>>,
}

impl fmt::Debug for Once {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").finish_non_exhaustive()
    }
}

impl PartitionStream for Once {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner).take();
        stream.unwrap_or_else(|| {
            let again = DataFusionError::Internal("the rows of a write are read twice".to_owned());
            let again = futures::stream::once(async { Err(again) });
            Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), again))
        })
    }
}

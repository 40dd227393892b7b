//! What a plan reads of a table, in any session.

use std::{fmt, sync::Arc};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    common::tree_node::{Transformed, TransformedResult, TreeNode},
    datasource::{
        TableType,
        physical_plan::{FileGroup, FileScanConfig, FileScanConfigBuilder},
        source::DataSourceExec,
    },
    error::DataFusionError,
    logical_expr::{Expr, TableProviderFilterPushDown},
    physical_plan::{ExecutionPlan, Statistics},
};
use deltalake::{DeltaTable, logstore::LogStoreRef};

/// The provider, which tells the session that scans it where its files are.
pub(crate) fn registering(
    inner: Arc<dyn TableProvider>,
    log_store: LogStoreRef,
) -> Arc<dyn TableProvider> {
    Arc::new(Registering { inner, table: DeltaTable::new(log_store) })
}

struct Registering {
    inner: Arc<dyn TableProvider>,
    table: DeltaTable,
}

impl fmt::Debug for Registering {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registering").field("inner", &self.inner).finish_non_exhaustive()
    }
}

#[async_trait]
impl TableProvider for Registering {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }

    fn table_type(&self) -> TableType {
        self.inner.table_type()
    }

    fn statistics(&self) -> Option<Statistics> {
        self.inner.statistics()
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>, DataFusionError> {
        use TableProviderFilterPushDown::{Exact, Inexact};
        // The scan of delta-rs 1.1 takes `x = NULL` for a filter on folders, says that it applied
        // it, and lets every row through. So no filter is left to it alone.
        let taken = self.inner.supports_filters_pushdown(filters)?;
        Ok(taken.into_iter().map(|taken| if taken == Exact { Inexact } else { taken }).collect())
    }

    async fn scan(
        &self,
        session: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
        self.table.update_datafusion_session(session)?;
        without_float_bounds(self.inner.scan(session, projection, filters, limit).await?)
    }
}

/// The same plan, which does not take the bounds of floats in the log for exact.
///
/// Statistics leave NaN out, and DataFusion 55.2 reads a column whose least and greatest value are
/// exact and equal as that one value, NaN or not. As estimates the bounds still serve its planner.
fn without_float_bounds(
    plan: Arc<dyn ExecutionPlan>,
) -> Result<Arc<dyn ExecutionPlan>, DataFusionError> {
    plan.transform_up(|node| {
        let source = node.downcast_ref::<DataSourceExec>().map(DataSourceExec::data_source);
        let Some(scan) = source.and_then(|source| source.downcast_ref::<FileScanConfig>()) else {
            return Ok(Transformed::no(node));
        };
        let fields = scan.file_schema().fields().iter();
        let floats: Vec<bool> = fields.map(|field| field.data_type().is_floating()).collect();
        // A scan without filters has no statistics.
        let files = || scan.file_groups.iter().flat_map(FileGroup::iter);
        let known = files().any(|file| file.statistics.is_some());
        if !(known && floats.contains(&true)) {
            return Ok(Transformed::no(node));
        }
        let groups = scan.file_groups.iter().map(|group| {
            let files = group.iter().cloned().map(|mut file| {
                for statistics in file.statistics.iter_mut().map(Arc::make_mut) {
                    let columns = statistics.column_statistics.iter_mut().zip(&floats);
                    for (column, _) in columns.filter(|(_, float)| **float) {
                        column.min_value = std::mem::take(&mut column.min_value).to_inexact();
                        column.max_value = std::mem::take(&mut column.max_value).to_inexact();
                    }
                }
                file
            });
            FileGroup::new(files.collect())
        });
        let scan = FileScanConfigBuilder::from(scan.clone()).with_file_groups(groups.collect());
        let scan: Arc<dyn ExecutionPlan> = DataSourceExec::from_data_source(scan.build());
        Ok(Transformed::yes(scan))
    })
    .data()
}

#[cfg(test)]
mod tests {
    use crate::fixture::*;
    use arrow::{array::Float64Array, util::pretty::pretty_format_batches};
    use datafusion::prelude::SessionContext;
    use viewlane_core::{DatasetStore, Pin};

    /// NaN beside one other value, which is all that statistics tell of.
    #[tokio::test]
    async fn nan_beside_one_other_value_is_read_as_nan() {
        let lake = Lake::new();
        let rows = "select * from (values (1, 2.5), (2, cast('NaN' as double))) as t(id, x)";
        lake.done(append(rows).await).await;
        let opened = lake.store.open(&lake.location, Pin::Latest).await.unwrap();
        let session = SessionContext::new();
        session.register_table("t", opened.provider).unwrap();
        let query = "select x from t where x > 0 order by id";
        let batches = session.sql(query).await.unwrap().collect().await.unwrap();
        let shown = pretty_format_batches(&batches).unwrap();
        let column = batches[0].column(0).as_any().downcast_ref::<Float64Array>().unwrap();
        assert!(column.value(0) == 2.5 && column.value(1).is_nan(), "{shown}");
    }
}

//! What a plan reads of a table, in any session.

use std::{fmt, sync::Arc};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::{
    catalog::{Session, TableProvider},
    datasource::TableType,
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
        self.inner.scan(session, projection, filters, limit).await
    }
}

//! What plans of this crate run in.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::{
    common::DFSchema,
    execution::{SessionState, SessionStateBuilder},
    logical_expr::Expr,
    physical_expr::PhysicalExpr,
    prelude::SessionConfig,
};
use deltalake::{delta_datafusion::planner::DeltaPlanner, logstore::LogStoreRef};
use url::Position;
use viewlane_core::{PortError, TableLocation};

use crate::codes;

/// A session for one table, which reads through the very store that the table was opened with.
pub(crate) fn session(log_store: &LogStoreRef) -> SessionState {
    let mut config = SessionConfig::new();
    // Columns are named as they are written.
    config.options_mut().sql_parser.enable_ident_normalization = false;
    let session = SessionStateBuilder::new()
        .with_default_features()
        .with_config(config)
        .with_query_planner(DeltaPlanner::new())
        .build();
    let root = log_store.root_url();
    if let Ok(root) = url::Url::parse(&root[..Position::BeforePath]) {
        session.runtime_env().register_object_store(&root, log_store.root_object_store(None));
    }
    session
}

/// A predicate over the columns of a table.
#[derive(Clone, Debug)]
pub enum Predicate {
    /// Text, in which columns are named as they are written.
    Sql(String),
    /// An expression with unqualified columns.
    Expr(Expr),
}

impl From<Expr> for Predicate {
    fn from(expr: Expr) -> Self {
        Self::Expr(expr)
    }
}

impl Predicate {
    /// The expression. Blank text is refused: it would mean every row, and somebody forgot it.
    pub(crate) fn resolve(
        self,
        session: &SessionState,
        schema: &SchemaRef,
        location: &TableLocation,
    ) -> Result<Expr, PortError> {
        match self {
            Self::Expr(expr) => Ok(expr),
            Self::Sql(text) if text.trim().is_empty() => {
                let message = format!(
                    "the predicate for `{location}` is blank; write `true` if every row is meant"
                );
                Err(PortError::new(codes::PREDICATE, message))
            }
            Self::Sql(text) => parse(session, &text, schema).map_err(|error| {
                let message = format!("`{text}` is no predicate over `{location}`");
                PortError::with_source(codes::PREDICATE, message, error)
            }),
        }
    }
}

/// An expression over columns.
pub(crate) fn parse(
    session: &SessionState,
    text: &str,
    schema: &SchemaRef,
) -> datafusion::error::Result<Expr> {
    let schema = DFSchema::try_from(schema.as_ref().clone())?;
    session.create_logical_expr(text, &schema)
}

/// An expression that can be evaluated on batches of columns.
pub(crate) fn physical(
    session: &SessionState,
    expr: Expr,
    schema: &SchemaRef,
) -> datafusion::error::Result<Arc<dyn PhysicalExpr>> {
    session.create_physical_expr(expr, &DFSchema::try_from(schema.as_ref().clone())?)
}

/// A session that reads nothing.
pub(crate) fn plain() -> SessionState {
    SessionStateBuilder::new().with_default_features().build()
}

//! Sessions and catalogs: what a query can see, and how the engine's complaints become ours.

use std::{
    collections::BTreeSet,
    error::Error as StdError,
    sync::{Arc, Mutex, PoisonError},
};

use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::{
    catalog::{
        CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
        MemorySchemaProvider, TableProvider,
    },
    common::Diagnostic as EngineDiagnostic,
    datasource::{ViewTable, empty::EmptyTable},
    error::DataFusionError,
    execution::{SendableRecordBatchStream, SessionState, SessionStateBuilder},
    logical_expr::LogicalPlan,
    physical_plan::execute_stream_partitioned,
    prelude::SessionContext,
    sql::parser::Statement,
};
use futures::executor::block_on;
use sqlparser::ast;
use viewlane_core::{Code, Diagnostic, Executor, PortError, RelationName, SourceText, Span};
use viewlane_sql_policy::{CompiledQuery, OutputNamer, plan_gate::check_plan};

use crate::{
    codes,
    failure::{Located, with_causes},
};

/// Relations under their names, and a session that sees exactly these.
///
/// A relation is registered once and never replaced: within one catalog, one name is one version.
#[derive(Clone)]
pub(crate) struct Catalog {
    state: SessionState,
    /// Everything a plan may scan. Plain views are inlined, so they are not among it.
    stored: BTreeSet<RelationName>,
    /// Why the outputs of the query that was asked for last have no names.
    unnamed: Arc<Mutex<Option<String>>>,
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog").field("stored", &self.stored).finish_non_exhaustive()
    }
}

impl Catalog {
    /// An empty catalog under the functions and settings of `base`.
    pub(crate) fn new(base: &SessionState) -> Self {
        let catalogs = MemoryCatalogProviderList::new();
        let options = &base.config_options().catalog;
        let catalog = MemoryCatalogProvider::new();
        // A memory catalog takes any schema name; nothing here can fail.
        let _ =
            catalog.register_schema(&options.default_schema, Arc::new(MemorySchemaProvider::new()));
        catalogs.register_catalog(options.default_catalog.clone(), Arc::new(catalog));
        let state = SessionStateBuilder::new_from_existing(base.clone())
            .with_catalog_list(Arc::new(catalogs))
            .build();
        Self { state, stored: BTreeSet::new(), unnamed: Arc::default() }
    }

    pub(crate) fn state(&self) -> &SessionState {
        &self.state
    }

    pub(crate) fn context(&self) -> SessionContext {
        SessionContext::new_with_state(self.state.clone())
    }

    /// Registers a table under a name.
    pub(crate) fn table(
        &mut self,
        name: &RelationName,
        provider: Arc<dyn TableProvider>,
    ) -> Result<(), DataFusionError> {
        self.register(name, provider)?;
        // A compiled query names every relation in full.
        let options = &self.state.config_options().catalog;
        let full = RelationName::from_parts([
            name.catalog().unwrap_or(&options.default_catalog),
            name.schema().unwrap_or(&options.default_schema),
            name.table(),
        ]);
        self.stored.extend(full.ok());
        Ok(())
    }

    /// Registers a table that has columns and no rows, for planning.
    pub(crate) fn columns(
        &mut self,
        name: &RelationName,
        schema: SchemaRef,
    ) -> Result<(), DataFusionError> {
        self.table(name, Arc::new(EmptyTable::new(schema)))
    }

    /// Registers a plain view: its plan stands wherever its name is read.
    pub(crate) fn view(
        &mut self,
        name: &RelationName,
        plan: LogicalPlan,
    ) -> Result<(), DataFusionError> {
        self.register(name, Arc::new(ViewTable::new(plan, None)))
    }

    fn register(
        &self,
        name: &RelationName,
        provider: Arc<dyn TableProvider>,
    ) -> Result<(), DataFusionError> {
        let options = &self.state.config_options().catalog;
        let catalog_name = name.catalog().unwrap_or(&options.default_catalog);
        let schema_name = name.schema().unwrap_or(&options.default_schema);
        let catalogs = self.state.catalog_list();
        let catalog = catalogs.catalog(catalog_name).unwrap_or_else(|| {
            let catalog: Arc<dyn CatalogProvider> = Arc::new(MemoryCatalogProvider::new());
            catalogs.register_catalog(catalog_name.to_owned(), Arc::clone(&catalog));
            catalog
        });
        let schema = match catalog.schema(schema_name) {
            Some(schema) => schema,
            None => {
                let schema = Arc::new(MemorySchemaProvider::new());
                catalog.register_schema(schema_name, schema.clone())?;
                schema
            }
        };
        schema.register_table(name.table().to_owned(), provider).map(|_| ())
    }

    /// Plans a compiled query from its AST and puts the plan through the second gate.
    pub(crate) async fn plan(&self, query: &CompiledQuery) -> Result<LogicalPlan, Vec<Diagnostic>> {
        let statement = Statement::Statement(Box::new(query.statement()));
        let plan = self
            .state
            .statement_to_plan(statement)
            .await
            .map_err(|error| vec![explain(&error, query.source(), start_of(query))])?;
        check_plan(&plan, &self.stored)
            .map_err(viewlane_sql_policy::Rejection::into_diagnostics)?;
        Ok(plan)
    }

    /// What the engine calls the outputs of a query; `None` if it cannot be planned.
    pub(crate) fn names(&self, query: &ast::Query) -> Option<Vec<String>> {
        let statement = ast::Statement::Query(Box::new(query.clone()));
        let statement = Statement::Statement(Box::new(statement));
        // All tables are at hand: nothing is waited for.
        let plan = block_on(self.state.statement_to_plan(statement));
        let mut unnamed = self.unnamed.lock().unwrap_or_else(PoisonError::into_inner);
        *unnamed = plan.as_ref().err().map(|error| error.strip_backtrace());
        Some(names(plan.ok()?.schema().inner()))
    }

    /// What the engine said when it was asked for names and had none.
    pub(crate) fn complaint(&self) -> Option<String> {
        self.unnamed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The Arrow type that the engine gives to a SQL type.
    pub(crate) async fn arrow_type(
        &self,
        data_type: &ast::DataType,
    ) -> Result<DataType, DataFusionError> {
        let cast = ast::Expr::Cast {
            kind: ast::CastKind::Cast,
            expr: Box::new(ast::Expr::Value(ast::Value::Null.into())),
            data_type: data_type.clone(),
            array: false,
            format: None,
        };
        let mut query = empty_select();
        if let ast::SetExpr::Select(select) = query.body.as_mut() {
            select.projection = vec![ast::SelectItem::UnnamedExpr(cast)];
        }
        let statement = ast::Statement::Query(Box::new(query));
        let plan = self.state.statement_to_plan(Statement::Statement(Box::new(statement))).await?;
        Ok(plan.schema().field(0).data_type().clone())
    }
}

impl OutputNamer for Catalog {
    fn names(&self, query: &ast::Query) -> Option<Vec<String>> {
        Self::names(self, query)
    }
}

/// The names of columns, in order.
pub(crate) fn names(schema: &SchemaRef) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// `SELECT` of nothing yet, as the parser makes it: a skeleton to put a projection into.
fn empty_select() -> ast::Query {
    let dialect = sqlparser::dialect::GenericDialect {};
    let parsed = sqlparser::parser::Parser::new(&dialect)
        .try_with_sql("SELECT NULL")
        .and_then(|mut parser| parser.parse_query());
    *parsed.expect("the skeleton is valid SQL")
}

/// Where the query begins: the place of complaints that have no narrower one.
pub(crate) fn start_of(query: &CompiledQuery) -> Span {
    let text = query.source();
    let select = first_select(&query.ast().body);
    let at = select.and_then(|token| text.offset(token.span.start.line, token.span.start.column));
    match at {
        Some(at) => Span::new(at, at + "select".len()),
        None => Span::new(0, 1),
    }
}

fn first_select(body: &ast::SetExpr) -> Option<&sqlparser::tokenizer::TokenWithSpan> {
    match body {
        ast::SetExpr::Select(select) => Some(&select.select_token.0),
        ast::SetExpr::Query(query) => first_select(&query.body),
        ast::SetExpr::SetOperation { left, .. } => first_select(left),
        _ => None,
    }
}

/// What the engine says about a query, in our terms: code, place, cause and advice.
pub(crate) fn explain(error: &DataFusionError, text: &SourceText, fallback: Span) -> Diagnostic {
    let spanned = engine_diagnostic(error);
    let place = spanned
        .and_then(|found| found.span.as_ref())
        .and_then(|span| {
            let start = text.offset(span.start.line, span.start.column)?;
            let end = text.offset(span.end.line, span.end.column)?;
            (start < end).then(|| Span::new(start, end))
        })
        .unwrap_or(fallback);
    text.error(codes::PLANNING, place, first_line(&error.strip_backtrace()))
        .help("change the query so that the engine can plan it")
}

/// A runtime failure of a query, placed at its beginning.
pub(crate) fn runtime_failure(
    code: Code,
    error: &(dyn StdError + 'static),
    query: &CompiledQuery,
) -> Diagnostic {
    let found = query.source().error(code, start_of(query), first_line(&error.to_string()));
    with_causes(found, error.source())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn engine_diagnostic(error: &DataFusionError) -> Option<&EngineDiagnostic> {
    match error {
        DataFusionError::Diagnostic(found, _) => Some(found),
        DataFusionError::Context(_, inner) => engine_diagnostic(inner),
        DataFusionError::Collection(errors) => errors.iter().find_map(engine_diagnostic),
        _ => None,
    }
}

/// Executes plans in this process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalExecutor;

#[async_trait]
impl Executor for LocalExecutor {
    async fn execute(
        &self,
        session: &SessionState,
        plan: &LogicalPlan,
    ) -> Result<Vec<SendableRecordBatchStream>, PortError> {
        let failed =
            |error| PortError::with_source(codes::PLANNING, "the plan cannot be executed", error);
        let physical = session.create_physical_plan(plan).await.map_err(failed)?;
        execute_stream_partitioned(physical, session.task_ctx()).map_err(failed)
    }
}

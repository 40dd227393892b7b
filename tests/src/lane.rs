//! The lane over a session of the engine.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    arrow::datatypes::Schema, common::TableReference, execution::SessionState,
    sql::parser::Statement as EngineStatement,
};
use futures::executor::block_on;
use sqlparser::ast::{Query, Statement};
use viewlane_core::{ColumnSource, RelationName, SourceText};
use viewlane_sql_policy::{
    CompiledQuery, GatedQuery, Input, Lane, OutputNamer, Policy, PolicyBuilder, Rejection,
    RelationUse, Rendered, TemplateValues, Transforms,
};
use viewlane_udf_catalog::FunctionCatalog;

/// A lane whose dialect, namespace, functions, relations and names are those of a session.
#[derive(Debug)]
pub struct SessionLane<'a> {
    state: &'a SessionState,
    functions: &'a FunctionCatalog,
    lane: Lane,
}

impl<'a> SessionLane<'a> {
    /// The lane of a session under its default policy.
    pub fn new(state: &'a SessionState, functions: &'a FunctionCatalog) -> Self {
        Self::transforming(state, functions, Transforms::default())
    }

    /// The same, with rewrites beyond the normal form.
    pub fn transforming(
        state: &'a SessionState,
        functions: &'a FunctionCatalog,
        transforms: Transforms,
    ) -> Self {
        Self::under(state, functions, |policy| policy.transforms(transforms))
    }

    /// The same under a policy that allows more, or less.
    ///
    /// # Panics
    ///
    /// When the policy contradicts itself.
    pub fn under(
        state: &'a SessionState,
        functions: &'a FunctionCatalog,
        change: impl FnOnce(PolicyBuilder) -> PolicyBuilder,
    ) -> Self {
        let options = state.config_options();
        let catalog = &options.catalog;
        let policy = Policy::builder()
            .dialect(options.sql_parser.dialect.as_ref())
            .namespace(&catalog.default_catalog, &catalog.default_schema);
        Self { state, functions, lane: Lane::new(change(policy).build().unwrap()) }
    }

    /// Renders the templates of a text.
    ///
    /// # Errors
    ///
    /// Why the lane refuses it.
    pub fn render(
        &self,
        text: &SourceText,
        values: &TemplateValues,
    ) -> Result<Rendered, Rejection> {
        self.lane.render(text, values)
    }

    /// Compiles a text as the session would have it read.
    ///
    /// # Errors
    ///
    /// Why the lane refuses it.
    pub async fn compile<'t>(
        &self,
        text: impl Into<Input<'t>>,
    ) -> Result<CompiledQuery, Rejection> {
        let gated = self.lane.read_query(text, self.functions)?;
        self.resolve(gated).await
    }

    /// Compiles the tree of a compiled query.
    ///
    /// # Errors
    ///
    /// Why the lane refuses it.
    pub async fn compile_again(&self, query: &CompiledQuery) -> Result<CompiledQuery, Rejection> {
        let gated = self.lane.read_ast(query.ast().clone(), query.source(), self.functions)?;
        self.resolve(gated).await
    }

    async fn resolve(&self, gated: GatedQuery) -> Result<CompiledQuery, Rejection> {
        let schemas = Schemas::of(self.state, gated.relations()).await;
        self.lane.resolve(gated, &schemas, &Namer { state: self.state })
    }
}

/// The schemas of some relations, as a session knows them.
#[derive(Debug)]
struct Schemas {
    catalog: String,
    schema: String,
    known: BTreeMap<RelationName, Arc<Schema>>,
}

impl Schemas {
    async fn of(state: &SessionState, relations: &[RelationUse]) -> Self {
        let options = &state.config_options().catalog;
        let mut schemas = Self {
            catalog: options.default_catalog.clone(),
            schema: options.default_schema.clone(),
            known: BTreeMap::new(),
        };
        for relation in relations {
            let Some(name) = schemas.full(&relation.name) else { continue };
            let [catalog, schema, table] = name.parts() else { continue };
            let reference = TableReference::full(&**catalog, &**schema, &**table);
            let Ok(provider) = state.schema_for_ref(reference) else { continue };
            if let Ok(Some(table)) = provider.table(table).await {
                schemas.known.insert(name, table.schema());
            }
        }
        schemas
    }

    /// Catalog, schema and table, whatever of it is left out.
    fn full(&self, name: &RelationName) -> Option<RelationName> {
        let catalog = name.catalog().unwrap_or(&self.catalog);
        let schema = name.schema().unwrap_or(&self.schema);
        RelationName::from_parts([catalog, schema, name.table()]).ok()
    }
}

impl ColumnSource for Schemas {
    fn columns(&self, relation: &RelationName) -> Option<Vec<String>> {
        let schema = self.known.get(&self.full(relation)?)?;
        Some(schema.fields().iter().map(|field| field.name().clone()).collect())
    }
}

/// The names that the engine gives to the columns of a query.
#[derive(Debug)]
struct Namer<'a> {
    state: &'a SessionState,
}

impl OutputNamer for Namer<'_> {
    fn names(&self, query: &Query) -> Option<Vec<String>> {
        let statement = Statement::Query(Box::new(query.clone()));
        let statement = EngineStatement::Statement(Box::new(statement));
        let plan = block_on(self.state.statement_to_plan(statement)).ok()?;
        Some(plan.schema().fields().iter().map(|field| field.name().clone()).collect())
    }
}

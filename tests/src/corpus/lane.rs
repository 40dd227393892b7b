//! Everything that calls the lane.

use std::{collections::BTreeMap, sync::Arc};

use datafusion::{
    arrow::datatypes::Schema, common::TableReference, execution::SessionState,
    sql::parser::Statement as EngineStatement,
};
use futures::executor::block_on;
use sqlparser::ast::{Query, Statement};
use viewlane_core::{ColumnSource, Kinded, RelationName, SourceText};
use viewlane_sql_policy::{CompiledQuery, Lane, OutputNamer, Policy, Rejection, RelationUse};
use viewlane_udf_catalog::FunctionCatalog;

/// What the lane made of a text.
pub(super) struct Compiled {
    pub(super) query: CompiledQuery,
    /// What is wrong when the compiled tree is compiled again: it must come out as it is.
    pub(super) again: Option<String>,
}

/// Why there is nothing to run.
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self { code: rejection.code().as_str().to_owned(), message: rejection.to_string() }
    }
}

/// Compiles a text as the session would have it read.
pub(super) async fn compile(
    state: &SessionState,
    functions: &FunctionCatalog,
    text: &SourceText,
) -> Result<Compiled, Refusal> {
    let options = state.config_options();
    let catalog = &options.catalog;
    let policy = Policy::builder()
        .dialect(options.sql_parser.dialect.as_ref())
        .namespace(&catalog.default_catalog, &catalog.default_schema)
        .build()
        .expect("an engine's dialect is known");
    let lane = Lane::new(policy);

    let gated = lane.read_query(text, functions)?;
    let schemas = Schemas::of(state, gated.relations()).await;
    let namer = Namer { state };
    let query = lane.resolve(gated, &schemas, &namer)?;

    let again = lane
        .read_ast(query.ast().clone(), text, functions)
        .and_then(|gated| lane.resolve(gated, &schemas, &namer));
    let again = match again {
        Ok(again) if again.fingerprint() == query.fingerprint() => None,
        Ok(again) => Some(format!("compiled again it is `{}`", again.sql())),
        Err(rejection) => Some(format!("compiled again it is refused: {rejection}")),
    };
    Ok(Compiled { query, again })
}

/// The schemas of some relations, as a session knows them.
#[derive(Debug)]
pub(super) struct Schemas {
    catalog: String,
    schema: String,
    known: BTreeMap<RelationName, Arc<Schema>>,
}

impl Schemas {
    pub(super) async fn of(state: &SessionState, relations: &[RelationUse]) -> Self {
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
pub(super) struct Namer<'a> {
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

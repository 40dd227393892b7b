//! Questions to the lake: one query over everything that the project names, as it is now.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use arrow::{
    datatypes::SchemaRef, json::ArrayWriter, record_batch::RecordBatch,
    util::pretty::pretty_format_batches,
};
use datafusion::{
    error::DataFusionError, execution::SendableRecordBatchStream,
    physical_plan::stream::RecordBatchStreamAdapter,
};
use futures::{StreamExt, stream::select_all};
use serde_json::{Value, json};
use viewlane_core::{
    Diagnostic, ErrorKind, FunctionFacts, FunctionKind, Kinded, Pin, RelationName, SourceText,
};
use viewlane_udf_catalog::{DeltaFunctions, FunctionCatalog, register_delta};

use crate::{
    Compiled, Engine, Failure, codes,
    compile::port_failure,
    lake::Lake,
    session::{Catalog, names, runtime_failure},
    verify::source_location,
};

/// The rows of a query, as they come.
pub struct Answer {
    schema: SchemaRef,
    rows: SendableRecordBatchStream,
    explain: Box<dyn Fn(&DataFusionError) -> Diagnostic + Send + Sync>,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("schema", &self.schema).finish_non_exhaustive()
    }
}

/// The first rows of an answer.
#[derive(Clone, Debug)]
pub struct FirstRows {
    schema: SchemaRef,
    batches: Vec<RecordBatch>,
    /// Whether there are more.
    pub more: bool,
}

impl Engine {
    /// Starts a query over stored views, plain views, seeds and sources, each at its newest version
    /// and only those that it reads. It goes through the lane of the project like a view, and may
    /// call the functions that read tables of the lake as well.
    ///
    /// # Errors
    ///
    /// What the lane refuses, a stored view that was never built, a query that cannot be planned.
    pub async fn ask(&self, compiled: &Compiled, text: &SourceText) -> Result<Answer, Failure> {
        let refused =
            |rejection: viewlane_sql_policy::Rejection| Failure::of(rejection.into_diagnostics());
        let mut session = compiled.session.clone();
        let lake = Lake::new(compiled, Arc::clone(&self.store));
        register_delta(&mut session, &(Arc::new(lake) as Arc<dyn DeltaFunctions>));
        let functions = FunctionCatalog::from_session(&session);
        let gated = compiled.lane.read_query(text, &functions).map_err(refused)?;
        let is_table = |facts: &FunctionFacts| facts.kind == FunctionKind::Table;
        if gated.functions().iter().any(|used| used.facts.as_ref().is_some_and(is_table)) {
            // The rule loses columns of a relation whose name has parentheses, which is how the
            // engine calls what a table function gives.
            session.config_mut().options_mut().optimizer.enable_leaf_expression_pushdown = false;
        }
        let mut needed: BTreeSet<RelationName> = BTreeSet::new();
        let mut open: Vec<RelationName> =
            gated.relations().iter().map(|relation| relation.name.clone()).collect();
        while let Some(name) = open.pop() {
            if compiled.views.get(&name).is_some_and(|view| !view.materialized()) {
                open.extend(compiled.graph.parents(&name).into_iter().cloned());
            }
            needed.insert(name);
        }
        let mut catalog = Catalog::new(&session);
        let mut columns = BTreeMap::new();
        // What is not in the graph is no relation of the project, and the lane says so.
        for name in compiled.graph.order().filter(|name| needed.contains(*name)) {
            let schema = self.bring(compiled, name, &mut catalog).await?;
            columns.insert(name.clone(), names(&schema));
        }
        let query = compiled.lane.resolve(gated, &columns, &catalog).map_err(|rejection| {
            let mut found = rejection.into_diagnostics();
            let unnamed =
                |found: &Diagnostic| found.code == viewlane_sql_policy::codes::OUTPUT_NAMES;
            if let Some(why) = catalog.complaint()
                && found.iter().any(unnamed)
            {
                // The engine knows why, and all else follows from it.
                found.retain(unnamed);
                let told = |found: Diagnostic| found.because(why.clone()).help("correct the call");
                found = found.into_iter().map(told).collect();
            }
            Failure::of(found)
        })?;
        let plan = catalog.plan(&query).await.map_err(Failure::of)?;
        let schema = plan.schema().inner().clone();
        let streams = self.executor.execute(catalog.state(), &plan).await;
        let streams = streams.map_err(|error| Failure::from(port_failure(&error, None)))?;
        // One stream keeps its order; several have none.
        let rows = RecordBatchStreamAdapter::new(schema.clone(), select_all(streams));
        let explain =
            Box::new(move |error: &DataFusionError| runtime_failure(codes::ASKING, error, &query));
        Ok(Answer { schema, rows: Box::pin(rows), explain })
    }

    /// Registers a relation as it is now, and gives its columns.
    async fn bring(
        &self,
        compiled: &Compiled,
        name: &RelationName,
        catalog: &mut Catalog,
    ) -> Result<SchemaRef, Failure> {
        let wrong = |error: DataFusionError| {
            let message = format!("`{name}` cannot be read");
            Failure::from(Diagnostic::error(codes::PLANNING, message).because(error.to_string()))
        };
        if let Some(view) = compiled.views.get(name).filter(|view| !view.materialized()) {
            let plan = catalog.plan(&view.query).await.map_err(Failure::of)?;
            let schema = plan.schema().inner().clone();
            catalog.view(name, plan).map_err(wrong)?;
            return Ok(schema);
        }
        let location = source_location(compiled, name).expect("what is no plain view is stored");
        let dataset = self.store.open(&location, Pin::Latest).await.map_err(|error| {
            let external = compiled.project.sources.iter().any(|source| source.name == *name);
            if error.code().kind() == ErrorKind::NotFound && !external {
                let message = format!("`{name}` is read and was never built");
                return Failure::from(
                    Diagnostic::error(codes::NOT_BUILT, message).help("run it first"),
                );
            }
            Failure::from(port_failure(&error, None))
        })?;
        catalog.table(name, dataset.provider).map_err(wrong)?;
        Ok(dataset.schema)
    }
}

impl Answer {
    /// Takes at most so many rows; all of them for `None`. The query is stopped after that.
    ///
    /// # Errors
    ///
    /// The query fails while it runs.
    pub async fn first(mut self, most: Option<usize>) -> Result<FirstRows, Failure> {
        let mut batches = Vec::new();
        let mut left = most.unwrap_or(usize::MAX);
        let mut more = false;
        while let Some(batch) = self.rows.next().await {
            let batch = batch.map_err(|error| Failure::from((self.explain)(&error)))?;
            more = batch.num_rows() > left;
            let taken = batch.slice(0, batch.num_rows().min(left));
            left -= taken.num_rows();
            batches.push(taken);
            if more {
                break;
            }
        }
        Ok(FirstRows { schema: self.schema, batches, more })
    }
}

impl FirstRows {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.batches.iter().map(RecordBatch::num_rows).sum()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// As a table for people.
    ///
    /// # Errors
    ///
    /// A value that cannot be shown.
    pub fn table(&self) -> Result<String, Failure> {
        let empty = [RecordBatch::new_empty(SchemaRef::clone(&self.schema))];
        let batches = if self.batches.is_empty() { &empty[..] } else { &self.batches };
        Ok(pretty_format_batches(batches).map_err(|error| unshown(&error))?.to_string())
    }

    /// As JSON: `columns` with name and type, `rows` as objects, and `more`. JSON knows no NaN and no
    /// infinity: both are null.
    ///
    /// # Errors
    ///
    /// A value that has no form in JSON.
    pub fn json(&self) -> Result<Value, Failure> {
        let mut writer = ArrayWriter::new(Vec::new());
        let written = self.batches.iter().try_for_each(|batch| writer.write(batch));
        written.and_then(|()| writer.finish()).map_err(|error| unshown(&error))?;
        let text = writer.into_inner();
        let rows: Value = match text.is_empty() {
            true => json!([]),
            false => serde_json::from_slice(&text).map_err(|error| unshown(&error))?,
        };
        let columns =
            self.schema.fields().iter().map(
                |field| json!({ "name": field.name(), "type": field.data_type().to_string() }),
            );
        Ok(json!({ "columns": columns.collect::<Vec<_>>(), "rows": rows, "more": self.more }))
    }
}

fn unshown(error: &dyn std::error::Error) -> Failure {
    let found = Diagnostic::error(codes::ASKING, "a value of the answer cannot be shown");
    Failure::from(found.because(error.to_string()).help("cast it to text"))
}

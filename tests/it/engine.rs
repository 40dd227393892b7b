//! The engine alone, and the engine behind the lane, over the same tables.

use std::{fmt, sync::Arc};

use arrow::{
    array::Array,
    datatypes::Schema,
    util::display::{ArrayFormatter, FormatOptions},
};
use datafusion::{
    config::Dialect,
    error::DataFusionError,
    execution::SessionState,
    logical_expr::LogicalPlan,
    physical_plan::collect,
    prelude::{DataFrame, SessionConfig, SessionContext},
    sql::parser::Statement as EngineStatement,
};
use sqlparser::ast::Statement;
use tokio::runtime::Runtime;
use viewlane_core::SourceText;
use viewlane_sql_policy::{
    CompiledQuery, ParameterStyle, Parameters, Rejection, TemplateValues, Templates, Transforms,
};
use viewlane_tests::lane::SessionLane;
use viewlane_udf_catalog::FunctionCatalog;

/// A session with tables, and everything that can be asked of it.
pub(crate) struct Engine {
    runtime: Runtime,
    pub(crate) context: SessionContext,
    state: SessionState,
    functions: FunctionCatalog,
}

impl Engine {
    /// A session of the generic dialect, in which these statements were run.
    pub(crate) fn new(setup: &[&str]) -> Self {
        Self::speaking(Dialect::Generic, setup)
    }

    /// The same in another dialect. The statements are run in the generic one.
    pub(crate) fn speaking(dialect: Dialect, setup: &[&str]) -> Self {
        // One partition: the same plan gives the same rows in the same order.
        let config = SessionConfig::new().with_target_partitions(1);
        let context = SessionContext::new_with_config(config);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for sql in setup {
            runtime.block_on(async { context.sql(sql).await.unwrap().collect().await.unwrap() });
        }
        context.state_ref().write().config_mut().options_mut().sql_parser.dialect = dialect;
        let mut engine = Self {
            runtime,
            state: context.state(),
            functions: FunctionCatalog::from_session(&context.state()),
            context,
        };
        engine.refresh();
        engine
    }

    /// Takes note of tables that were registered.
    pub(crate) fn refresh(&mut self) {
        self.state = self.context.state();
        self.functions = FunctionCatalog::from_session(&self.state);
    }

    /// What the engine alone makes of a text.
    pub(crate) fn raw(&self, sql: &str) -> Result<Answer, String> {
        let dialect = self.state.config_options().sql_parser.dialect;
        let statement = self.state.sql_to_statement(sql, &dialect).map_err(plain)?;
        self.answer(statement)
    }

    /// The plan that the engine alone makes of a text, before any rewrite.
    pub(crate) fn plan(&self, sql: &str) -> Result<LogicalPlan, String> {
        self.block_on(self.state.create_logical_plan(sql)).map_err(plain)
    }

    /// Waits for something of the engine.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// What the lane makes of a text.
    pub(crate) fn compile(&self, sql: &str) -> Result<CompiledQuery, Rejection> {
        self.compile_with(sql, Transforms::default())
    }

    /// The same with rewrites.
    pub(crate) fn compile_with(
        &self,
        sql: &str,
        transforms: Transforms,
    ) -> Result<CompiledQuery, Rejection> {
        let lane = SessionLane::transforming(&self.state, &self.functions, transforms);
        self.runtime.block_on(lane.compile(&SourceText::new("q.sql", sql)))
    }

    /// What the lane makes of a text with templates and parameters, and of the values for the former.
    pub(crate) fn compile_template(
        &self,
        sql: &str,
        values: &TemplateValues,
    ) -> Result<CompiledQuery, Rejection> {
        let lane = SessionLane::under(&self.state, &self.functions, |policy| {
            let styles = [
                ParameterStyle::Colon,
                ParameterStyle::At,
                ParameterStyle::Dollar,
                ParameterStyle::Question,
            ];
            styles
                .into_iter()
                .fold(policy, |policy, style| policy.parameters(style, Parameters::Bind))
                .templates(Templates::Render)
        });
        let rendered = lane.render(&SourceText::new("q.sql", sql), values)?;
        self.runtime.block_on(lane.compile(&rendered))
    }

    /// What the lane makes of its own tree.
    pub(crate) fn compile_again(&self, query: &CompiledQuery) -> Result<CompiledQuery, Rejection> {
        let lane = SessionLane::new(&self.state, &self.functions);
        self.runtime.block_on(lane.compile_again(query))
    }

    /// What the engine makes of a compiled query.
    pub(crate) fn run(&self, query: &CompiledQuery) -> Result<Answer, String> {
        self.statement(query.statement())
    }

    /// What the engine makes of a tree.
    pub(crate) fn statement(&self, statement: Statement) -> Result<Answer, String> {
        self.answer(EngineStatement::Statement(Box::new(statement)))
    }

    fn answer(&self, statement: EngineStatement) -> Result<Answer, String> {
        self.runtime.block_on(async {
            let plan = self.state.statement_to_plan(statement).await.map_err(plain)?;
            let frame = DataFrame::new(self.state.clone(), plan);
            let schema = Arc::clone(frame.schema().inner());
            let task = Arc::new(frame.task_ctx());
            let physical = frame.create_physical_plan().await.map_err(plain)?;
            let batches = collect(physical, task).await.map_err(plain)?;
            let options = FormatOptions::default().with_null("NULL");
            let mut rows = Vec::new();
            for batch in &batches {
                let cells: Vec<_> = batch
                    .columns()
                    .iter()
                    .map(|column| ArrayFormatter::try_new(column, &options).unwrap())
                    .collect();
                for row in 0..batch.num_rows() {
                    // Text is told from NULL by its quotes.
                    let cell = |(cell, column): (&ArrayFormatter<'_>, &Arc<dyn Array>)| match column
                        .data_type()
                        .is_string()
                        && column.is_valid(row)
                    {
                        true => format!("'{}'", cell.value(row)),
                        false => cell.value(row).to_string(),
                    };
                    rows.push(cells.iter().zip(batch.columns()).map(cell).collect());
                }
            }
            Ok(Answer { schema, rows })
        })
    }
}

fn plain(error: DataFusionError) -> String {
    error.strip_backtrace()
}

/// Columns and rows, the rows as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) schema: Arc<Schema>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Answer {
    /// Names, types and nullability.
    pub(crate) fn columns(&self) -> Vec<String> {
        let column = |field: &Arc<arrow::datatypes::Field>| {
            let null = if field.is_nullable() { "?" } else { "" };
            format!("{} {}{null}", field.name(), field.data_type())
        };
        self.schema.fields().iter().map(column).collect()
    }

    /// Whether names, types and rows are the same, with or without their order.
    pub(crate) fn equals(&self, other: &Self, ordered: bool) -> bool {
        self.columns() == other.columns()
            && if ordered { self.rows == other.rows } else { self.bag() == other.bag() }
    }

    /// The rows without their order.
    pub(crate) fn bag(&self) -> Vec<Vec<String>> {
        let mut rows = self.rows.clone();
        rows.sort();
        rows
    }
}

/// Names and rows in one line.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            self.schema.fields().iter().map(|field| field.name().as_str()).collect();
        write!(f, "{}:", names.join(", "))?;
        for row in &self.rows {
            write!(f, " ({})", row.join(", "))?;
        }
        if self.rows.is_empty() {
            f.write_str(" no rows")?;
        }
        Ok(())
    }
}

/// An outcome in one line: the beginning of an error is enough to know it by.
pub(crate) fn outcome(outcome: &Result<Answer, String>) -> String {
    match outcome {
        Ok(answer) => answer.to_string(),
        Err(error) => {
            let line = error.lines().next().unwrap_or_default();
            let short: String = line.chars().take(100).collect();
            let more = if short.len() < line.len() { "…" } else { "" };
            format!("error: {short}{more}")
        }
    }
}

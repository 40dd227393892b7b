//! The engine as the sqllogictest runner sees it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use datafusion::{
    error::DataFusionError, execution::SessionState, prelude::SessionContext,
    sql::parser::Statement as EngineStatement,
};
use datafusion_sqllogictest::{
    DFColumnType, DFOutput, DFSqlLogicTestError, convert_batches, convert_schema_to_types,
};
use sqllogictest::{AsyncDB, DBOutput};
use sqlparser::ast::{SetExpr, Statement};
use tempfile::TempDir;
use viewlane_core::SourceText;
use viewlane_udf_catalog::FunctionCatalog;

use super::{
    case::Verdict,
    compare::Answer,
    judge::{Judge, Judged},
    standin,
};

/// A query that was run, until somebody asks for it.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) verdict: Verdict,
    pub(super) rows: Option<usize>,
    pub(super) traced: bool,
}

/// What a file's runner and its database have in common.
#[derive(Debug, Default)]
pub(super) struct Desk {
    place: Mutex<String>,
    expects_error: AtomicBool,
    seen: Mutex<Option<Seen>>,
    /// Tables whose data is not here.
    absent: Mutex<Vec<String>>,
    /// Whether a table holds other rows than it should.
    stand_ins: AtomicBool,
}

impl Desk {
    pub(super) fn at(&self, place: &str, expects_error: bool) {
        self.expects_error.store(expects_error, Ordering::Relaxed);
        place.clone_into(&mut self.place.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn take(&self) -> Option<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether an error names a table whose data is not here.
    pub(super) fn is_about_absent_data(&self, error: &str) -> bool {
        let absent = self.absent.lock().unwrap_or_else(PoisonError::into_inner);
        error.contains("not found") && absent.iter().any(|name| error.contains(name.as_str()))
    }

    /// Whether a table of the file holds other rows than it should.
    pub(super) fn has_stand_ins(&self) -> bool {
        self.stand_ins.load(Ordering::Relaxed)
    }
}

/// Runs each query twice and everything else once.
pub(super) struct Database {
    judge: Judge,
    desk: Arc<Desk>,
    paths: Arc<Paths>,
    spark: bool,
    /// Whether a statement may have changed the functions there are.
    stale: bool,
}

/// Where the paths in the files lead.
#[derive(Debug)]
pub(super) struct Paths {
    scratch: TempDir,
    /// What to read for the beginning of a path.
    instead: Vec<(&'static str, PathBuf)>,
}

impl Paths {
    /// Paths for a file. `package` is the folder of DataFusion's package of test files, if the file
    /// is from there: it carries some data, and so does a package beside it.
    pub(super) fn new(file: &Path, package: Option<&Path>) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        if let Some(stem) = file.file_stem() {
            fs::create_dir_all(scratch.path().join(stem)).unwrap();
        }
        let mut instead = vec![("test_files/scratch/", scratch.path().to_owned())];
        if let Some(package) = package {
            let name = package.file_name().unwrap_or_default().to_string_lossy();
            let arrow = name.replace("sqllogictest", "datasource-arrow");
            instead.push(("data/", package.join("data")));
            instead.push(("../datasource-arrow/", package.with_file_name(arrow)));
        }
        Self { scratch, instead }
    }

    /// A text with the paths as the file has them.
    pub(super) fn restore(&self, text: &str) -> String {
        text.replace(&*self.scratch.path().to_string_lossy(), "test_files/scratch")
    }

    fn rewrite(&self, sql: &str) -> String {
        self.instead.iter().fold(sql.to_owned(), |sql, (beginning, folder)| {
            sql.replace(&format!("'{beginning}"), &format!("'{}/", folder.display()))
        })
    }
}

impl Database {
    pub(super) fn new(
        context: SessionContext,
        limit: Duration,
        desk: Arc<Desk>,
        paths: Arc<Paths>,
        spark: bool,
    ) -> Self {
        let functions = Arc::new(FunctionCatalog::from_session(&context.state()));
        Self { judge: Judge { context, functions, limit }, desk, paths, spark, stale: false }
    }

    async fn query(
        &mut self,
        sql: &str,
        statement: Result<EngineStatement, DataFusionError>,
    ) -> Result<DFOutput, DFSqlLogicTestError> {
        let state = self.judge.context.state();
        if std::mem::take(&mut self.stale) {
            self.judge.functions = Arc::new(FunctionCatalog::from_session(&state));
        }
        let place = self.desk.place.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = SourceText::new(place, sql);
        let Judged { mut verdict, raw, traced } = self.judge.judge(&text, statement).await;
        if !state.config_options().sql_parser.enable_ident_normalization {
            verdict = Verdict::Skipped("the session does not normalise names".to_owned());
        }
        let rows = raw.as_ref().ok().map(Answer::rows);
        *self.desk.seen.lock().unwrap_or_else(PoisonError::into_inner) =
            Some(Seen { verdict, rows, traced });
        match raw {
            Ok(answer) => self.output(&answer),
            Err(failure) => Err(DFSqlLogicTestError::Other(failure.error)),
        }
    }

    fn output(&self, answer: &Answer) -> Result<DFOutput, DFSqlLogicTestError> {
        let types = convert_schema_to_types(answer.schema.fields());
        let rows = convert_batches(&answer.schema, answer.batches.clone(), self.spark)?;
        Ok(match rows.is_empty() && types.is_empty() {
            true => DBOutput::StatementComplete(0),
            false => DBOutput::Rows { types, rows },
        })
    }
}

#[async_trait]
impl AsyncDB for Database {
    type Error = DFSqlLogicTestError;
    type ColumnType = DFColumnType;

    async fn run(&mut self, sql: &str) -> Result<DFOutput, DFSqlLogicTestError> {
        let sql = self.paths.rewrite(sql);
        let state = self.judge.context.state();
        match parse(&state, &sql) {
            Ok(statement) if is_query(&statement) => self.query(&sql, Ok(statement)).await,
            Err(error) if begins_like_a_query(&sql) => self.query(&sql, Err(error)).await,
            // What it would say is nothing that the lane has a part in.
            Ok(EngineStatement::Explain(explain)) if is_query(&explain.statement) => {
                Err(DFSqlLogicTestError::Other("not run".to_owned()))
            }
            Ok(EngineStatement::CreateExternalTable(table))
                if is_absent(&table.locations)
                    && !self.desk.expects_error.load(Ordering::Relaxed) =>
            {
                let name = table.name.0.last().map(ToString::to_string).unwrap_or_default();
                let statement = EngineStatement::CreateExternalTable(table);
                if standin::register(&self.judge.context, &state, statement).await {
                    self.desk.stand_ins.store(true, Ordering::Relaxed);
                    return Ok(DBOutput::StatementComplete(0));
                }
                self.desk.absent.lock().unwrap_or_else(PoisonError::into_inner).push(name);
                Err(DFSqlLogicTestError::Other("the data is not here".to_owned()))
            }
            Ok(statement) => {
                self.stale |= changes_functions(&statement);
                match self.judge.run(&state, &statement).await {
                    Ok(answer) => self.output(&answer),
                    Err(failure) => Err(DFSqlLogicTestError::Other(failure.error)),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn shutdown(&mut self) {}

    fn engine_name(&self) -> &'static str {
        "DataFusion"
    }

    async fn sleep(_: Duration) {}
}

/// Parses a text as the session would.
pub(super) fn parse(state: &SessionState, sql: &str) -> Result<EngineStatement, DataFusionError> {
    state.sql_to_statement(sql, &state.config_options().sql_parser.dialect)
}

/// Whether a statement asks for rows and changes none.
fn is_query(statement: &EngineStatement) -> bool {
    let EngineStatement::Statement(statement) = statement else { return false };
    let Statement::Query(query) = statement.as_ref() else { return false };
    !matches!(
        query.body.as_ref(),
        SetExpr::Insert(_) | SetExpr::Update(_) | SetExpr::Delete(_) | SetExpr::Merge(_)
    )
}

fn changes_functions(statement: &EngineStatement) -> bool {
    let EngineStatement::Statement(statement) = statement else { return false };
    matches!(**statement, Statement::CreateFunction(_) | Statement::DropFunction(_))
}

/// The same question to a text that the engine cannot parse.
fn begins_like_a_query(sql: &str) -> bool {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
        rest = if let Some(comment) = rest.strip_prefix("--") {
            comment.split_once('\n').map_or("", |(_, rest)| rest)
        } else if let Some(comment) = rest.strip_prefix("/*") {
            comment.split_once("*/").map_or("", |(_, rest)| rest)
        } else {
            break;
        };
    }
    let word: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    ["select", "with", "values", "from"].contains(&&*word.to_ascii_lowercase())
}

/// Whether a table is to stand on files that are not there. A folder that a file of tests makes for
/// itself is.
fn is_absent(locations: &[String]) -> bool {
    locations.iter().any(|location| {
        let is_scratch = location.starts_with(&*std::env::temp_dir().to_string_lossy());
        !is_scratch && !Path::new(location).exists()
    })
}

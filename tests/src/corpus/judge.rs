//! One query, run twice.

use std::{sync::Arc, time::Duration};

use datafusion::{
    common::tree_node::TreeNodeRecursion,
    error::DataFusionError,
    execution::SessionState,
    logical_expr::LogicalPlan,
    physical_plan::collect,
    prelude::{DataFrame, SessionContext},
    sql::parser::Statement as EngineStatement,
};
use tokio::time::timeout;
use viewlane_core::{FunctionKind, SourceText, Volatility};
use viewlane_sql_policy::FunctionUse;
use viewlane_udf_catalog::FunctionCatalog;

use super::{
    case::{Difference, Excuse, Stage, Verdict, panic_message},
    compare::{self, Answer, Rows},
    lane::{self, Compiled},
};
use crate::provenance;

/// How often both are run again before rows that are not the same count as wrong.
const SAMPLES: usize = 3;

/// Runs queries of one session.
pub(super) struct Judge {
    pub(super) context: SessionContext,
    pub(super) functions: Arc<FunctionCatalog>,
    pub(super) limit: Duration,
}

/// Why there is no answer.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) stage: Stage,
    pub(super) error: String,
    /// It took too long.
    slow: bool,
}

/// What came of one query.
pub(super) struct Judged {
    pub(super) verdict: Verdict,
    pub(super) raw: Result<Answer, Failure>,
    /// Whether lineage could be held against the plan.
    pub(super) traced: bool,
}

impl Judge {
    /// Runs a query as the engine alone parses it, and as the lane compiles it.
    pub(super) async fn judge(
        &self,
        text: &SourceText,
        statement: Result<EngineStatement, DataFusionError>,
    ) -> Judged {
        // One state for both, so that even `now()` means the same.
        let state = self.context.state();
        let raw = match &statement {
            Ok(statement) => self.run(&state, statement).await,
            Err(error) => Err(Failure::new(Stage::Parse, error)),
        };
        if let Err(failure) = &raw
            && failure.slow
        {
            return Judged { verdict: Verdict::Skipped(failure.error.clone()), raw, traced: false };
        }
        let (functions, text, session) = (Arc::clone(&self.functions), text.clone(), state.clone());
        let compiled =
            self.guarded(async move { lane::compile(&session, &functions, &text).await }).await;
        let compiled = match compiled {
            Ok(compiled) => compiled,
            Err(error) => {
                let found = vec![Difference::Wrong(format!("the lane: {error}"))];
                return Judged { verdict: Verdict::Differs(found), raw, traced: false };
            }
        };
        let mut traced = false;
        let verdict = match (&raw, compiled) {
            (Ok(_), Err(refusal)) => {
                Verdict::Refused { code: refusal.code, message: refusal.message }
            }
            (Err(failure), Err(refusal)) => failure.equal(Some(refusal.code)),
            (Err(failure), Ok(compiled)) => {
                match self.run(&state, &statement_of(&compiled)).await {
                    Ok(_) => {
                        Verdict::Rescued { stage: failure.stage, error: failure.error.clone() }
                    }
                    Err(_) => failure.equal(None),
                }
            }
            (Ok(answer), Ok(compiled)) => {
                let statement = statement.expect("without a statement there is no answer");
                match self.compare(&state, &statement, answer, &compiled).await {
                    Verdict::Equal(excuse) => match trace(answer, &compiled) {
                        Some(Err(difference)) => {
                            traced = true;
                            Verdict::Differs(vec![Difference::Lineage(difference)])
                        }
                        held => {
                            traced = held.is_some();
                            Verdict::Equal(excuse)
                        }
                    },
                    other => other,
                }
            }
        };
        Judged { verdict, raw, traced }
    }

    async fn compare(
        &self,
        state: &SessionState,
        statement: &EngineStatement,
        raw: &Answer,
        compiled: &Compiled,
    ) -> Verdict {
        let lane = match self.run(state, &statement_of(compiled)).await {
            Ok(answer) => answer,
            Err(Failure { stage, error, .. }) => {
                let text = format!("the compiled query fails ({}): {error}", stage.name());
                return Verdict::Differs(vec![Difference::Wrong(text)]);
            }
        };
        let mut found = compare::schemas(raw, &lane);
        found.extend(compiled.again.clone().map(Difference::Wrong));
        if found.iter().any(|difference| matches!(difference, Difference::Wrong(_))) {
            return Verdict::Differs(found);
        }
        let functions = compiled.query.functions();
        let (excuse, difference) = match compare::rows(raw, &lane) {
            Rows::Same => (None, None),
            Rows::Reordered => {
                let difference = self.reordered(state, raw, &lane).await;
                let volatile = difference.is_some() && is_volatile(functions);
                (volatile.then_some(Excuse::Volatile), difference)
            }
            Rows::Other(difference) => {
                (self.excuse(state, statement, raw, &lane, compiled).await, Some(difference))
            }
        };
        if excuse.is_none() {
            found.extend(difference.map(Difference::Wrong));
        }
        if found.is_empty() { Verdict::Equal(excuse) } else { Verdict::Differs(found) }
    }

    /// What is wrong about the order of rows, if the query asks for one.
    async fn reordered(&self, state: &SessionState, raw: &Answer, lane: &Answer) -> Option<String> {
        let ours = raw.keys.clone()?;
        let Some(theirs) = lane.keys.clone() else {
            return Some("the rows are no longer sorted".to_owned());
        };
        let mut keys = Vec::new();
        for plan in [ours, theirs] {
            let (context, state) = (self.context.clone(), state.clone());
            keys.push(self.guarded(async move { answer(&context, state, plan).await }).await);
        }
        match &keys[..] {
            [Ok(Ok(ours)), Ok(Ok(theirs))] => compare::first_difference(ours, theirs),
            other => Some(format!("the sort keys cannot be compared: {other:?}")),
        }
    }

    /// Why rows that are not the same could have been so without the lane, too.
    async fn excuse(
        &self,
        state: &SessionState,
        statement: &EngineStatement,
        raw: &Answer,
        lane: &Answer,
        compiled: &Compiled,
    ) -> Option<Excuse> {
        let (mut ours, mut theirs) = (vec![raw.clone()], vec![lane.clone()]);
        for _ in 0..SAMPLES {
            ours.extend(self.run(state, statement).await);
            theirs.extend(self.run(state, &statement_of(compiled)).await);
        }
        let functions = compiled.query.functions();
        let sums = functions.iter().filter_map(|function| function.facts.as_ref());
        let sums = sums.into_iter().any(|facts| facts.kind == FunctionKind::Aggregate);
        let counts =
            |answers: &[Answer]| -> Vec<usize> { answers.iter().map(Answer::rows).collect() };
        let (our_counts, their_counts) = (counts(&ours), counts(&theirs));
        let same_count = our_counts.iter().any(|count| their_counts.contains(count));
        let counts_vary = our_counts.iter().any(|count| *count != our_counts[0]);
        let differ = |one, other| matches!(compare::rows(one, other), Rows::Other(_));
        let rows_vary = ours.iter().any(|other| differ(raw, other));
        let limited = self.plan(state, statement).await.is_some_and(|plan| is_limited(&plan));

        if is_volatile(functions) && (same_count || counts_vary) {
            Some(Excuse::Volatile)
        } else if (sums || rows_vary) && compare::nearly(raw, lane) {
            Some(Excuse::FloatSum)
        } else if limited && same_count && self.reordered(state, raw, lane).await.is_none() {
            Some(Excuse::UnorderedLimit)
        } else if rows_vary && same_count {
            Some(Excuse::Unstable)
        } else {
            None
        }
    }

    async fn plan(&self, state: &SessionState, statement: &EngineStatement) -> Option<LogicalPlan> {
        let (state, statement) = (state.clone(), statement.clone());
        self.guarded(async move { state.statement_to_plan(statement).await }).await.ok()?.ok()
    }

    /// Plans and runs a statement.
    pub(super) async fn run(
        &self,
        state: &SessionState,
        statement: &EngineStatement,
    ) -> Result<Answer, Failure> {
        let (context, state) = (self.context.clone(), state.clone());
        let statement = statement.clone();
        let planned = Arc::new(std::sync::atomic::AtomicBool::new(false));
        let plan_done = Arc::clone(&planned);
        let work = async move {
            let plan = state
                .statement_to_plan(statement)
                .await
                .map_err(|error| Failure::new(Stage::Plan, &error))?;
            plan_done.store(true, std::sync::atomic::Ordering::Relaxed);
            answer(&context, state, plan).await.map_err(|error| Failure::new(Stage::Run, &error))
        };
        self.guarded(work).await.unwrap_or_else(|error| {
            let stage = match planned.load(std::sync::atomic::Ordering::Relaxed) {
                true => Stage::Run,
                false => Stage::Plan,
            };
            Err(Failure { stage, slow: error.starts_with("too slow"), error })
        })
    }

    /// Runs something that may panic or take too long.
    async fn guarded<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, String> {
        let task = tokio::spawn(work);
        let abort = task.abort_handle();
        match timeout(self.limit, task).await {
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => match error.try_into_panic() {
                Ok(panic) => Err(panic_message(&*panic)),
                Err(error) => Err(error.to_string()),
            },
            Err(_) => {
                abort.abort();
                Err(format!("too slow: it takes more than {} s", self.limit.as_secs()))
            }
        }
    }
}

impl Failure {
    fn new(stage: Stage, error: &DataFusionError) -> Self {
        Self { stage, error: error.strip_backtrace(), slow: false }
    }

    fn equal(&self, code: Option<String>) -> Verdict {
        Verdict::ErrorEqual { stage: self.stage, error: self.error.clone(), code }
    }
}

/// Holds the lineage of a query against the plan that the engine alone makes of it, where both tell
/// the columns apart and the two are meant to be the same.
fn trace(raw: &Answer, compiled: &Compiled) -> Option<Result<(), String>> {
    let deviates = compiled.query.deviations().next().is_some();
    let plan = raw.sources.as_ref().filter(|_| !deviates)?;
    let lineage = provenance::by_lineage(compiled.query.lineage(), &raw.tables)?;
    Some(provenance::difference(plan, &lineage).map_or(Ok(()), Err))
}

fn statement_of(compiled: &Compiled) -> EngineStatement {
    EngineStatement::Statement(Box::new(compiled.query.statement()))
}

fn is_volatile(functions: &[FunctionUse]) -> bool {
    let mut facts = functions.iter().filter_map(|function| function.facts.as_ref());
    facts.any(|facts| facts.volatility == Volatility::Volatile)
}

async fn answer(
    context: &SessionContext,
    state: SessionState,
    plan: LogicalPlan,
) -> Result<Answer, DataFusionError> {
    let changes_state = matches!(
        plan,
        LogicalPlan::Ddl(_)
            | LogicalPlan::Dml(_)
            | LogicalPlan::Copy(_)
            | LogicalPlan::Statement(_)
            | LogicalPlan::DescribeTable(_)
    );
    let keys = compare::keys(&plan);
    let catalog = &state.config_options().catalog;
    let (catalog, schema) = (&catalog.default_catalog, &catalog.default_schema);
    let sources = provenance::of(&plan, catalog, schema);
    let tables = provenance::tables(&plan, catalog, schema);
    let frame = match changes_state {
        true => context.execute_logical_plan(plan).await?,
        false => DataFrame::new(state, plan),
    };
    let planned = Arc::clone(frame.schema().inner());
    let task = Arc::new(frame.task_ctx());
    let physical = frame.create_physical_plan().await?;
    let schema = physical.schema();
    let batches = collect(physical, task).await?;
    Ok(Answer { planned, schema, batches, keys, sources, tables })
}

/// Whether a plan, or a subquery in it, takes some rows of more.
fn is_limited(plan: &LogicalPlan) -> bool {
    let mut limited = false;
    let walked = plan.apply_with_subqueries(|node| {
        limited |= match node {
            LogicalPlan::Limit(_) => true,
            LogicalPlan::Sort(sort) => sort.fetch.is_some(),
            LogicalPlan::Distinct(datafusion::logical_expr::Distinct::On(_)) => true,
            _ => false,
        };
        Ok(if limited { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
    });
    walked.is_ok() && limited
}

#[cfg(test)]
mod tests;

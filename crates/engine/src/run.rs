use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use arrow::datatypes::SchemaRef;
use datafusion::{
    execution::SendableRecordBatchStream,
    logical_expr::{LogicalPlan, LogicalPlanBuilder},
    prelude::ident,
};
use serde::Serialize;
use tokio::task::JoinSet;
use viewlane_core::{
    CommitIntent, CommitOutcome, CommitReceipt, DatasetState, Diagnostic, EventKind, Fingerprint,
    Kinded, Pin, RefreshMode, RelationName, SourceCursor, TableSpec, WriteMode,
};
use viewlane_write_pipeline::{WriteRequest, write};

use crate::{
    Compiled, Engine, RunPlan, Verdict,
    body::Body,
    codes,
    compile::port_failure,
    decide::{PlannedNode, owner, schema_fingerprint},
    failure::with_causes,
    session::{Catalog, runtime_failure, start_of},
};

/// How often a refresh is begun anew after losing the table to a commit that left its content alone.
const ATTEMPTS: usize = 3;

/// What happened to one node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A commit was made.
    Committed,
    /// No commit was needed, or the node could not be tried because something it reads failed.
    Skipped,
    /// It failed; nothing of it was committed.
    Failed,
}

/// The result of one view or seed.
#[derive(Clone, Debug, Serialize)]
pub struct NodeResult {
    /// Name of the view or seed.
    pub name: RelationName,
    /// What happened.
    pub status: Status,
    /// `full`, `skip`, or `view` for a plain view.
    pub mode: &'static str,
    /// Why.
    pub reason: String,
    /// Rows stored, when known.
    pub rows: Option<u64>,
    /// The Delta version stored, when there is one.
    pub version: Option<u64>,
    /// Wall time in seconds.
    pub duration: f64,
    /// File of the view, relative to the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// What went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Diagnostic>,
}

/// Counts over all views.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Views selected.
    pub views: usize,
    /// Views committed.
    pub committed: usize,
    /// Views skipped: unchanged, plain, or below a failure.
    pub skipped: usize,
    /// Views failed.
    pub failed: usize,
    /// Seeds loaded in this run.
    pub seeds_committed: usize,
    /// Seeds failed.
    pub seeds_failed: usize,
}

/// What a run did.
#[derive(Clone, Debug, Serialize)]
pub struct RunResults {
    /// Identity of the run.
    pub run_id: String,
    /// Counts over all views.
    pub summary: Summary,
    /// Every selected view, in the order of running.
    pub views: Vec<NodeResult>,
    /// Every seed that was needed, in the order of running.
    pub seeds: Vec<NodeResult>,
    /// What was found that stopped nothing.
    pub warnings: Vec<Diagnostic>,
}

impl RunResults {
    /// Every failure, in the order of running.
    pub fn failures(&self) -> impl Iterator<Item = &NodeResult> {
        self.seeds.iter().chain(&self.views).filter(|node| node.status == Status::Failed)
    }

    /// Whether every failure is another run's win, so that a retry may succeed.
    pub fn is_conflict(&self) -> bool {
        let mut failures = self.failures().peekable();
        failures.peek().is_some()
            && failures.all(|node| node.error.as_ref().is_some_and(|e| e.code == codes::RACED))
    }
}

/// One run under way.
struct Run {
    engine: Arc<Engine>,
    compiled: Arc<Compiled>,
    /// Grows as relations reach the version of this run.
    catalog: Mutex<Catalog>,
    /// Identity, version and columns of each stored relation as this run reads it.
    reached: Mutex<BTreeMap<RelationName, Reached>>,
    profile: Fingerprint,
}

#[derive(Clone, Debug)]
struct Reached {
    table_id: String,
    version: u64,
    schema: Option<SchemaRef>,
}

/// How one node ended.
struct Ended {
    status: Status,
    mode: &'static str,
    reason: String,
    rows: Option<u64>,
    version: Option<u64>,
    error: Option<Diagnostic>,
    warning: Option<Diagnostic>,
    started: i64,
    seconds: f64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Carries out a plan: independent views side by side, one commit for each refresh.
    ///
    /// A failing view leaves its table as it was; what reads it is skipped, the rest runs.
    pub async fn run(self: &Arc<Self>, compiled: Arc<Compiled>, plan: RunPlan) -> RunResults {
        let command = "run".to_owned();
        let project = compiled.project.name.clone();
        let nodes = plan.nodes.iter().filter(|node| node.verdict != Verdict::Read).count();
        self.record_run(EventKind::RunStarted { project, command, nodes });
        for warning in compiled.warnings.iter().chain(&plan.warnings) {
            self.record_run(EventKind::Warned { diagnostic: Box::new(warning.clone()) });
        }
        let results = Run::new(self, &compiled, &plan).go(plan).await;
        let Summary { committed, skipped, failed, .. } = results.summary;
        self.record_run(EventKind::RunFinished { committed, skipped, failed });
        results
    }
}

impl Run {
    fn new(engine: &Arc<Engine>, compiled: &Arc<Compiled>, plan: &RunPlan) -> Arc<Self> {
        let mut catalog = Catalog::new(&compiled.session);
        let mut reached = BTreeMap::new();
        for (name, pin) in &plan.pins {
            // A fresh memory catalog takes every name once.
            let _ = catalog.table(name, Arc::clone(&pin.provider));
            let schema = Some(Arc::clone(&pin.schema));
            let (table_id, version) = (pin.table_id.clone(), pin.version);
            reached.insert(name.clone(), Reached { table_id, version, schema });
        }
        Arc::new(Self {
            engine: Arc::clone(engine),
            compiled: Arc::clone(compiled),
            catalog: Mutex::new(catalog),
            reached: Mutex::new(reached),
            profile: compiled.project.profile.fingerprint(),
        })
    }

    async fn go(self: Arc<Self>, plan: RunPlan) -> RunResults {
        let limit = self.compiled.project.profile.max_concurrent_views(self.engine.cores()).get();
        let order: Vec<RelationName> = plan.nodes.iter().map(|node| node.name.clone()).collect();
        let known: BTreeSet<&RelationName> = order.iter().collect();
        let mut waiting: BTreeMap<RelationName, BTreeSet<RelationName>> = order
            .iter()
            .map(|name| {
                let parents = self.compiled.graph.parents(name);
                let parents = parents.into_iter().filter(|parent| known.contains(parent));
                (name.clone(), parents.cloned().collect())
            })
            .collect();
        let mut nodes: BTreeMap<RelationName, PlannedNode> =
            plan.nodes.into_iter().map(|node| (node.name.clone(), node)).collect();
        let mut ready: BTreeSet<RelationName> = waiting
            .iter()
            .filter(|(_, open)| open.is_empty())
            .map(|(name, _)| name.clone())
            .collect();
        // The first failed relation above each node that cannot be tried.
        let mut blocked: BTreeMap<RelationName, RelationName> = BTreeMap::new();
        let mut ended: BTreeMap<RelationName, (Verdict, Ended)> = BTreeMap::new();
        let mut tasks: JoinSet<Ended> = JoinSet::new();
        let mut names = BTreeMap::new();
        loop {
            let mut quiet = None;
            while tasks.len() < limit
                && let Some(name) = ready.pop_first()
            {
                let Some(node) = nodes.remove(&name) else { continue };
                // What is only read is read as it is, whatever failed above it.
                let stands = node.verdict == Verdict::Read && node.location.is_some();
                if stands {
                    blocked.remove(&name);
                }
                let cause = blocked.get(&name).cloned();
                // What only says that nothing is to be done needs no task of its own.
                if cause.is_some() || node.is_quiet() {
                    let end = self.node(&node, cause).await;
                    quiet = Some((name, node.verdict, end));
                    break;
                }
                let (run, verdict) = (Arc::clone(&self), node.verdict.clone());
                let handle = tasks.spawn(async move { run.node(&node, None).await });
                names.insert(handle.id(), (name, verdict));
            }
            let (name, verdict, done) = if let Some(quiet) = quiet {
                quiet
            } else {
                let Some(joined) = tasks.join_next_with_id().await else { break };
                let (id, end) = match joined {
                    Ok((id, end)) => (id, end),
                    Err(error) => {
                        let found =
                            Diagnostic::error(codes::INTERRUPTED, "the refresh was interrupted")
                                .because(error.to_string());
                        (error.id(), Ended::failed(self.engine.now(), found))
                    }
                };
                let Some((name, verdict)) = names.remove(&id) else { continue };
                (name, verdict, end)
            };
            let failed = done.status == Status::Failed;
            let cause = blocked.get(&name).cloned().or_else(|| failed.then(|| name.clone()));
            for child in self.compiled.graph.children(&name) {
                if let Some(cause) = &cause {
                    blocked.entry(child.clone()).or_insert_with(|| cause.clone());
                }
                if let Some(open) = waiting.get_mut(child)
                    && open.remove(&name)
                    && open.is_empty()
                {
                    ready.insert(child.clone());
                }
            }
            self.record(&name, &verdict, &done);
            ended.insert(name, (verdict, done));
        }
        self.results(&order, ended)
    }

    fn record(&self, name: &RelationName, verdict: &Verdict, done: &Ended) {
        if *verdict == Verdict::Read {
            return;
        }
        let view = name.clone();
        let kind = match (&done.error, done.status) {
            (Some(error), _) => EventKind::ViewFailed { view, diagnostic: Box::new(error.clone()) },
            (None, Status::Committed) => EventKind::ViewCommitted {
                view,
                reason: done.reason.clone(),
                version: done.version.unwrap_or_default(),
                rows: done.rows.unwrap_or_default(),
                millis: u64::try_from(self.engine.now() - done.started).unwrap_or_default(),
            },
            (None, _) => EventKind::ViewSkipped { view, reason: done.reason.clone() },
        };
        self.engine.record(self.engine.run_id(), name, kind);
        if let Some(warning) = &done.warning {
            let diagnostic = Box::new(warning.clone());
            self.engine.record(self.engine.run_id(), name, EventKind::Warned { diagnostic });
        }
    }

    fn results(
        &self,
        order: &[RelationName],
        mut ended: BTreeMap<RelationName, (Verdict, Ended)>,
    ) -> RunResults {
        let mut results = RunResults {
            run_id: self.engine.run_id().to_owned(),
            summary: Summary::default(),
            views: Vec::new(),
            seeds: Vec::new(),
            warnings: self.compiled.warnings.clone(),
        };
        for name in order {
            let Some((verdict, done)) = ended.remove(name) else { continue };
            results.warnings.extend(done.warning);
            let view = self.compiled.views.get(name);
            if verdict == Verdict::Read && done.status != Status::Failed {
                continue;
            }
            let node = NodeResult {
                name: name.clone(),
                status: done.status,
                mode: done.mode,
                reason: done.reason,
                rows: done.rows,
                version: done.version,
                duration: done.seconds,
                file: view.map(|view| view.text.file().to_owned()),
                error: done.error,
            };
            let summary = &mut results.summary;
            if view.is_some() {
                summary.views += 1;
                match node.status {
                    Status::Committed => summary.committed += 1,
                    Status::Skipped => summary.skipped += 1,
                    Status::Failed => summary.failed += 1,
                }
                results.views.push(node);
            } else {
                summary.seeds_committed += usize::from(node.status == Status::Committed);
                summary.seeds_failed += usize::from(node.status == Status::Failed);
                results.seeds.push(node);
            }
        }
        results
    }

    /// Does what a node's verdict says, unless something above it failed.
    async fn node(&self, node: &PlannedNode, blocked_by: Option<RelationName>) -> Ended {
        let started = self.engine.now();
        let mut ended = match blocked_by {
            Some(cause) => {
                Ended::skipped(started, mode(&node.verdict), format!("`{cause}` failed"))
            }
            None => self.carry_out(node, started).await,
        };
        let millis = u32::try_from((self.engine.now() - started).max(0)).unwrap_or(u32::MAX);
        ended.seconds = f64::from(millis) / 1000.0;
        ended
    }

    async fn carry_out(&self, node: &PlannedNode, started: i64) -> Ended {
        match &node.verdict {
            Verdict::Plain | Verdict::Read if node.location.is_none() => {
                if node.is_read
                    && let Err(found) = self.register_plain(node).await
                {
                    return Ended::failed(started, found);
                }
                Ended::skipped(started, "view", "not stored: its readers inline it".to_owned())
            }
            Verdict::Plain | Verdict::Read => self.keep(node, started, "read as it is").await,
            Verdict::Skip { reason } => self.keep(node, started, reason).await,
            Verdict::Full { reason } => match self.refresh(node, reason).await {
                Err(found) => Ended::failed(started, found),
                Ok(Refreshed::There { version, rows }) => Ended {
                    rows: Some(rows),
                    version: Some(version),
                    ..Ended::skipped(started, "skip", "another run made the same commit".to_owned())
                },
                Ok(Refreshed::Committed(receipt)) => Ended {
                    status: Status::Committed,
                    mode: "full",
                    reason: reason.clone(),
                    rows: Some(receipt.rows),
                    version: Some(receipt.version),
                    error: None,
                    warning: receipt.warning.map(|cause| {
                        let message = format!(
                            "version {} of `{}` is committed, but something after it failed",
                            receipt.version, node.name
                        );
                        Diagnostic::warning(codes::AFTER_COMMIT, message).because(cause)
                    }),
                    started,
                    seconds: 0.0,
                },
            },
        }
    }

    /// Leaves a stored relation as it is, and makes it readable if something reads it.
    async fn keep(&self, node: &PlannedNode, started: i64, reason: &str) -> Ended {
        let Some(state) = &node.probed else {
            let message = format!("`{}` was never built", node.name);
            return Ended::failed(started, Diagnostic::error(codes::NOT_BUILT, message));
        };
        if node.is_read
            && let Err(found) = self.open(node, state.version).await
        {
            return Ended::failed(started, found);
        }
        Ended {
            rows: state.record.as_ref().map(|(_, record)| record.rows),
            version: Some(state.version),
            ..Ended::skipped(started, "skip", reason.to_owned())
        }
    }

    /// Opens a stored relation at the version of this run and registers it under its name.
    async fn open(&self, node: &PlannedNode, version: u64) -> Result<(), Diagnostic> {
        let location = node.location.as_ref().expect("only stored relations are opened");
        let dataset = self
            .engine
            .store
            .open(location, Pin::Version(version))
            .await
            .map_err(|error| port_failure(&error, None))?;
        lock(&self.catalog)
            .table(&node.name, dataset.provider)
            .map_err(|error| Diagnostic::error(codes::SESSION, error.strip_backtrace()))?;
        let reached = Reached { table_id: dataset.table_id, version, schema: Some(dataset.schema) };
        lock(&self.reached).insert(node.name.clone(), reached);
        Ok(())
    }

    async fn register_plain(&self, node: &PlannedNode) -> Result<(), Diagnostic> {
        let plan = self.plan(&node.name).await?;
        lock(&self.catalog)
            .view(&node.name, plan)
            .map_err(|error| Diagnostic::error(codes::SESSION, error.strip_backtrace()))
    }

    /// The plan of a view from its AST, over what this run has registered.
    async fn plan(&self, name: &RelationName) -> Result<LogicalPlan, Diagnostic> {
        let catalog = lock(&self.catalog).clone();
        let planned = catalog.plan(&self.compiled.views[name].query).await;
        planned.map_err(|mut found| found.swap_remove(0))
    }

    /// One refresh: guard, rows, one commit. Begun anew when the table moved without its content.
    async fn refresh(&self, node: &PlannedNode, reason: &str) -> Result<Refreshed, Diagnostic> {
        let port = |error: viewlane_core::PortError| port_failure(&error, None);
        let mut intent = self.intent(node, reason)?;
        let location = node.location.as_ref().expect("only stored relations are refreshed");
        let schema = node.schema.clone().expect("what will run was planned");
        let mut lost = String::new();
        for _ in 0..ATTEMPTS {
            let mut target = self
                .engine
                .store
                .begin(location, Arc::clone(&schema), self.spec(node), WriteMode::Overwrite)
                .await
                .map_err(port)?;
            // The cursors are read from the very snapshot that the commit is built on.
            match guard(target.base(), node.probed.as_ref(), &intent) {
                Guard::Go => {}
                Guard::There { version, rows } => {
                    if node.is_read {
                        self.open(node, version).await?;
                    }
                    return Ok(Refreshed::There { version, rows });
                }
                Guard::Raced(detail) => return Err(raced(&node.name, detail)),
            }
            let known =
                target.base().and_then(|base| base.record.as_ref()).map(|(_, r)| r.cursors());
            for source in &mut intent.sources {
                let before = known.as_ref().and_then(|known| known.get(&source.relation));
                source.from = before.filter(|b| b.table_id == source.table_id).map(|b| b.to);
            }
            let streams = self.streams(node, &schema).await?;
            let mut request = WriteRequest::new(streams, Arc::clone(&schema));
            request.not_null = node.not_null.clone();
            let counts = write(target.as_mut(), request)
                .await
                .map_err(|error| self.write_failure(node, &error))?;
            match target.commit(intent.clone(), &counts).await.map_err(port)? {
                CommitOutcome::Committed(receipt) => {
                    // The commit stands, whatever happens to those who read it.
                    let mut receipt = receipt;
                    if node.is_read
                        && let Err(found) = self.open(node, receipt.version).await
                    {
                        receipt.warning.get_or_insert(found.to_string());
                    }
                    return Ok(Refreshed::Committed(receipt));
                }
                CommitOutcome::Conflict { detail } => lost = detail,
                CommitOutcome::Skipped { version, because } => {
                    lost = format!("version {version} is there already: {}", because.code());
                }
                _ => return Err(raced(&node.name, "the store gave an unknown outcome".to_owned())),
            }
        }
        Err(raced(&node.name, lost))
    }

    fn spec(&self, node: &PlannedNode) -> TableSpec {
        let view = self.compiled.views.get(&node.name);
        let partition_by = view.map(|view| view.options.partition_by.clone()).unwrap_or_default();
        TableSpec {
            owner: owner(&self.compiled, &node.name),
            description: view.and_then(|view| view.options.description.clone()),
            partition_by: partition_by.into_iter().map(|(column, _)| column).collect(),
            properties: BTreeMap::from([(
                "delta.enableChangeDataFeed".to_owned(),
                "true".to_owned(),
            )]),
        }
    }

    /// What the commit will say about itself.
    fn intent(&self, node: &PlannedNode, reason: &str) -> Result<CommitIntent, Diagnostic> {
        let compiled = &self.compiled;
        let mut intent = CommitIntent {
            project: compiled.project.name.clone(),
            relation: node.name.clone(),
            run_id: self.engine.run_id().to_owned(),
            definition: Fingerprint::builder("none").finish(),
            policy: Fingerprint::builder("none").finish(),
            schema: schema_fingerprint(&BTreeMap::new()),
            profile: self.profile,
            sources: Vec::new(),
            mode: RefreshMode::Full,
            reason: reason.to_owned(),
            body: String::new(),
        };
        let Some(view) = compiled.views.get(&node.name) else {
            let seed = compiled.project.seeds.iter().find(|seed| seed.name == node.name);
            intent.definition = seed.map_or(intent.definition, |seed| seed.definition);
            return Ok(intent);
        };
        intent.definition = view.definition;
        intent.policy = view.query.policy_fingerprint();
        let reached = lock(&self.reached);
        let mut schemas = BTreeMap::new();
        for parent in compiled.stored_parents(&view.name) {
            let Some(at) = reached.get(&parent) else {
                let message = format!("`{parent}` has no version in this run");
                return Err(Diagnostic::error(codes::NOT_BUILT, message));
            };
            schemas.extend(at.schema.clone().map(|schema| (parent.clone(), schema)));
            intent.sources.push(SourceCursor {
                relation: parent,
                table_id: at.table_id.clone(),
                from: None,
                to: at.version,
            });
        }
        drop(reached);
        intent.schema = schema_fingerprint(&schemas);
        let plain = compiled.plain_parents(&view.name).into_iter();
        let plain = plain.map(|plain| (plain.name.clone(), plain.query.ast().clone())).collect();
        intent.body = Body::new(view.query.ast().clone(), plain).encode().map_err(|error| {
            Diagnostic::error(
                codes::UNPROVABLE,
                format!("the definition cannot be stored: {error}"),
            )
        })?;
        Ok(intent)
    }

    /// The rows of a view or seed, started.
    async fn streams(
        &self,
        node: &PlannedNode,
        schema: &SchemaRef,
    ) -> Result<Vec<SendableRecordBatchStream>, Diagnostic> {
        let compiled = &self.compiled;
        let Some(view) = compiled.views.get(&node.name) else {
            let seed = compiled.project.seeds.iter().find(|seed| seed.name == node.name);
            let seed = seed.expect("a node that is no view is a seed");
            let context = lock(&self.catalog).context();
            let parts = context.state().config().target_partitions();
            return seed.streams(&context, parts).await.map_err(|error| {
                let message = format!("cannot read seed `{}`", seed.name);
                Diagnostic::error(codes::UNREADABLE, message).because(error.strip_backtrace())
            });
        };
        let mut plan = self.plan(&node.name).await?;
        let found = self.engine.store.stored_schema(plan.schema().inner());
        if found.map_err(|error| port_failure(&error, None))? != *schema {
            let message =
                format!("the columns of `{}` changed since the run was planned", node.name);
            return Err(Diagnostic::error(codes::DRIFT, message).help("run again"));
        }
        if !view.options.sort_by.is_empty() {
            let keys = view.options.sort_by.iter();
            let keys: Vec<_> = keys.map(|(column, _)| ident(column).sort(true, false)).collect();
            plan = LogicalPlanBuilder::from(plan)
                .sort(keys)
                .and_then(LogicalPlanBuilder::build)
                .map_err(|error| runtime_failure(codes::PLANNING, &error, &view.query))?;
        }
        let state = lock(&self.catalog).state().clone();
        self.engine.executor.execute(&state, &plan).await.map_err(|error| {
            let place = view.text.locate(start_of(&view.query));
            port_failure(&error, Some(place))
        })
    }

    fn write_failure(
        &self,
        node: &PlannedNode,
        error: &viewlane_write_pipeline::Error,
    ) -> Diagnostic {
        match self.compiled.views.get(&node.name) {
            Some(view) => runtime_failure(error.code(), error, &view.query),
            None => with_causes(
                Diagnostic::error(error.code(), error.to_string()),
                std::error::Error::source(error),
            ),
        }
    }
}

fn mode(verdict: &Verdict) -> &'static str {
    match verdict {
        Verdict::Plain => "view",
        _ => "skip",
    }
}

fn raced(name: &RelationName, detail: String) -> Diagnostic {
    Diagnostic::error(codes::RACED, format!("another run committed to `{name}` first"))
        .because(detail)
        .help("run again: it is safe, and continues from the new state")
}

/// How a refresh ended, other than by failing.
enum Refreshed {
    Committed(CommitReceipt),
    There { version: u64, rows: u64 },
}

/// What the snapshot says about the commit that is about to be built on it.
#[derive(Debug, PartialEq, Eq)]
enum Guard {
    /// The content is the one the decision rests on.
    Go,
    /// Exactly this refresh is already there.
    There { version: u64, rows: u64 },
    /// Another refresh is there.
    Raced(String),
}

/// Compares the snapshot of a commit with the state the decision rests on.
fn guard(
    base: Option<&DatasetState>,
    probed: Option<&DatasetState>,
    intent: &CommitIntent,
) -> Guard {
    match (base, probed) {
        (None, None) => Guard::Go,
        (None, Some(_)) => Guard::Raced("the table was removed".to_owned()),
        (Some(base), probed) => {
            let same_table = probed.is_some_and(|probed| probed.table_id == base.table_id);
            if same_table && probed.is_some_and(|probed| probed.generation == base.generation) {
                return Guard::Go;
            }
            let Some((version, record)) = &base.record else {
                return Guard::Raced("the table was replaced by another tool".to_owned());
            };
            let cursors = |sources: &[SourceCursor]| -> BTreeSet<(RelationName, String, u64)> {
                sources.iter().map(|s| (s.relation.clone(), s.table_id.clone(), s.to)).collect()
            };
            if record.project == intent.project
                && record.relation == intent.relation
                && record.definition == intent.definition
                && cursors(&record.sources) == cursors(&intent.sources)
            {
                Guard::There { version: *version, rows: record.rows }
            } else {
                Guard::Raced(format!("run `{}` made version {version}", record.run_id))
            }
        }
    }
}

impl Ended {
    fn skipped(started: i64, mode: &'static str, reason: String) -> Self {
        Self {
            status: Status::Skipped,
            mode,
            reason,
            rows: None,
            version: None,
            error: None,
            warning: None,
            started,
            seconds: 0.0,
        }
    }

    fn failed(started: i64, found: Diagnostic) -> Self {
        Self {
            status: Status::Failed,
            reason: found.message.clone(),
            error: Some(found),
            ..Self::skipped(started, "full", String::new())
        }
    }
}

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use arrow::datatypes::SchemaRef;
use datafusion::{error::DataFusionError, execution::SessionState, prelude::SessionContext};
use futures::executor::block_on;
use sqlparser::ast::Query;
use viewlane_core::{
    Diagnostic, EventKind, Kinded, Pin, RelationName, SourceText, Span, TableLocation, Volatility,
};
use viewlane_runtime_profile::apply::SessionFactory;
use viewlane_sql_policy::{GatedQuery, Lane, OutputNamer, ViewHeader};
use viewlane_udf_catalog::{FunctionCatalog, Installer};
use viewlane_view_graph::{NodeFacts, Problem, ViewGraph};

use crate::{
    Engine, Project, codes,
    failure::{Failure, Located, diagnose},
    project::{normal, table_location},
    seed::Seed,
    session::{Catalog, names, start_of},
    view::{View, ViewOptions},
};

/// A project whose every view went through the lane and whose graph is sound.
#[derive(Debug)]
pub struct Compiled {
    pub(crate) project: Project,
    pub(crate) lane: Lane,
    pub(crate) functions: FunctionCatalog,
    pub(crate) session: SessionState,
    pub(crate) views: BTreeMap<RelationName, View>,
    pub(crate) graph: ViewGraph,
    pub(crate) warnings: Vec<Diagnostic>,
}

impl Compiled {
    /// Reads every view, orders them by what they read, and binds their names in that order.
    pub(crate) async fn new(
        project: Project,
        engine: &Engine,
        run_id: &str,
    ) -> Result<Self, Failure> {
        let (session, functions) = session(&project, engine)?;
        let lane = Lane::new(project.policy.clone());
        let mut found = project.warnings.clone();
        let mut views = Vec::new();
        for file in &project.views {
            match lane.read_view(&file.text, &functions) {
                Err(rejection) => found.extend(rejection.into_diagnostics()),
                Ok(gated) => {
                    let (header, query) = gated.into_parts();
                    let options = ViewOptions::read(&header, &file.text, &mut found);
                    if let Some((name, span)) = &header.name
                        && *name != file.name
                    {
                        let message =
                            format!("the file gives the name `{}`, the header `{name}`", file.name);
                        found.push(
                            file.text
                                .error(codes::OTHER_NAME, *span, message)
                                .help("leave the name out of the header, or move the file"),
                        );
                    }
                    for column in header.columns.iter().filter(|column| column.default.is_some()) {
                        let message = format!(
                            "the default of column `{}` has no effect: a view computes every column",
                            column.name
                        );
                        found.push(
                            file.text
                                .error(codes::BAD_OPTION, column.span, message)
                                .help("use `coalesce` in the query"),
                        );
                    }
                    if let Some((_, span)) = header.primary_key.first() {
                        let message = "`PRIMARY KEY` is checked for NULL; that its rows differ is not checked in this version";
                        found.push(file.text.warning(codes::NO_EFFECT, *span, message));
                    }
                    let location =
                        header.materialized.then(|| location(&project, &file.name, &options));
                    views.push(Draft {
                        name: file.name.clone(),
                        text: file.text.clone(),
                        header,
                        options,
                        query,
                        location,
                    });
                }
            }
        }
        let graph = match graph(&project, &views) {
            Ok(graph) => Some(graph),
            Err(error) => {
                // A view that did not compile is no reason to call its readers' names unknown.
                let broken: BTreeSet<&RelationName> = project
                    .views
                    .iter()
                    .map(|file| &file.name)
                    .filter(|name| views.iter().all(|view| view.name != **name))
                    .collect();
                let problems = error.problems().iter().filter(|problem| {
                    !matches!(problem, Problem::Unknown { relation, .. } if broken.contains(relation))
                });
                found.extend(problems.map(|problem| place(problem, &project, &views)));
                None
            }
        };
        shared_locations(&project, &views, &mut found);
        let mut warnings = Failure::unless_clean(found)?;
        let graph = graph.expect("a graph is there when nothing is wrong");
        let mut found = Vec::new();
        let datasets = engine.datasets(&project, &session, &mut found).await;
        let views = bind(&lane, &session, &graph, &datasets, views, &mut found);
        warnings.extend(Failure::unless_clean(found)?);
        let compiled = Self { project, lane, functions, session, views, graph, warnings };
        for view in compiled.views.values() {
            let definition = view.definition.to_string();
            engine.record(
                run_id,
                &view.name,
                EventKind::ViewCompiled { view: view.name.clone(), definition },
            );
        }
        Ok(compiled)
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// How many views there are.
    pub fn views(&self) -> usize {
        self.views.len()
    }

    /// What was found that stops nothing.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// What selection may ask about each view.
    pub(crate) fn facts(&self) -> BTreeMap<RelationName, NodeFacts> {
        let facts = |view: &View| NodeFacts {
            tags: view.options.tags.clone(),
            path: view.text.file().to_owned(),
        };
        self.views.values().map(|view| (view.name.clone(), facts(view))).collect()
    }

    /// The stored relations a view reads: its datasets and stored views, and those of the plain
    /// views between, sorted.
    pub(crate) fn stored_parents(&self, name: &RelationName) -> BTreeSet<RelationName> {
        let mut stored = BTreeSet::new();
        let mut open: Vec<&RelationName> = self.graph.parents(name).into_iter().collect();
        while let Some(parent) = open.pop() {
            match self.views.get(parent) {
                Some(view) if !view.materialized() => open.extend(self.graph.parents(parent)),
                _ => {
                    stored.insert(parent.clone());
                }
            }
        }
        stored
    }

    /// The plain views a view reads, directly or through one another, each after what it reads.
    pub(crate) fn plain_parents(&self, name: &RelationName) -> Vec<&View> {
        let mut plain = BTreeSet::new();
        let mut open: Vec<&RelationName> = self.graph.parents(name).into_iter().collect();
        while let Some(parent) = open.pop() {
            if self.views.get(parent).is_some_and(|view| !view.materialized())
                && plain.insert(parent)
            {
                open.extend(self.graph.parents(parent));
            }
        }
        self.graph
            .order()
            .filter(|name| plain.contains(name))
            .map(|name| &self.views[name])
            .collect()
    }

    /// The first function of a view, or of a plain view it reads, that is not immutable.
    pub(crate) fn unrepeatable(&self, view: &View) -> Option<String> {
        let mut queries = vec![&view.query];
        queries.extend(self.plain_parents(&view.name).into_iter().map(|plain| &plain.query));
        queries.into_iter().find_map(|query| {
            query.functions().iter().find_map(|function| {
                match function.facts.as_ref()?.volatility {
                    Volatility::Immutable => None,
                    Volatility::Stable | Volatility::Volatile => Some(function.name.clone()),
                }
            })
        })
    }
}

/// The session every view is planned and run under, and the facts of its functions.
fn session(project: &Project, engine: &Engine) -> Result<(SessionState, FunctionCatalog), Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::from(
            Diagnostic::error(codes::SESSION, "the session cannot be made")
                .because(error.to_string())
                .help("check [profile] in `viewlane.toml`"),
        )
    };
    let machine = engine.machine(&project.root);
    let factory = SessionFactory::new(&project.profile, &machine)
        .map_err(|error| Failure::from(error.to_diagnostic()))?;
    let mut state = factory.session_state();
    // Without those that read tables of the lake: what a view reads is in its FROM, pinned.
    Installer::new().install(&mut state).map_err(|error| wrong(&error))?;
    let functions = FunctionCatalog::from_session(&state);
    Ok((state, functions))
}

fn location(project: &Project, name: &RelationName, options: &ViewOptions) -> TableLocation {
    match &options.location {
        Some((text, _)) => table_location(&project.root, text),
        None => default_location(project, name),
    }
}

/// `lake/<schema>/<table>`.
pub(crate) fn default_location(project: &Project, name: &RelationName) -> TableLocation {
    let path = name.parts().iter().fold(project.lake.clone(), |path, part| path.join(part));
    TableLocation::new(normal(&path).to_string_lossy())
}

/// A view that was read: its names are not bound yet.
#[derive(Debug)]
struct Draft {
    name: RelationName,
    text: SourceText,
    header: ViewHeader,
    options: ViewOptions,
    query: GatedQuery,
    location: Option<TableLocation>,
}

/// Binds the names of every view, each after what it reads, and gives each its cache key. What
/// reads a view that is wrong is left out: its names are not known.
fn bind(
    lane: &Lane,
    session: &SessionState,
    graph: &ViewGraph,
    datasets: &BTreeMap<RelationName, SchemaRef>,
    drafts: Vec<Draft>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<RelationName, View> {
    let mut drafts: BTreeMap<RelationName, Draft> =
        drafts.into_iter().map(|draft| (draft.name.clone(), draft)).collect();
    let mut columns: BTreeMap<RelationName, Vec<String>> =
        datasets.iter().map(|(name, schema)| (name.clone(), names(schema))).collect();
    let mut views: BTreeMap<RelationName, View> = BTreeMap::new();
    for name in graph.order() {
        let Some(draft) = drafts.remove(name) else { continue };
        if graph.parents(name).into_iter().any(|parent| !columns.contains_key(parent)) {
            continue;
        }
        let Draft { name, text, header, options, query, location } = draft;
        let namer = EngineNamer::new(session, graph, datasets, &views, &name);
        let query = match lane.resolve(query, &columns, &namer) {
            Ok(query) => query,
            Err(rejection) => {
                found.extend(rejection.into_diagnostics());
                continue;
            }
        };
        let outputs: Option<Vec<String>> = query.outputs().iter().cloned().collect();
        let Some(outputs) = outputs.or_else(|| namer.names(query.ast())) else {
            let message = "the engine does not tell the columns of the view";
            found.push(
                text.error(codes::PLANNING, start_of(&query), message)
                    .help("give every column an alias"),
            );
            continue;
        };
        columns.insert(name.clone(), outputs);
        let plain = graph
            .parents(&name)
            .into_iter()
            .filter_map(|parent| views.get(parent))
            .filter(|parent| !parent.materialized())
            .map(|parent| (&parent.name, parent.definition))
            .collect();
        let definition = View::definition(&header, &options, &query, &plain);
        views.insert(
            name.clone(),
            View { name, text, header, options, query, definition, location },
        );
    }
    views
}

/// Plans a query to learn what the engine calls its outputs. Nothing is planned before somebody
/// asks.
struct EngineNamer<'a> {
    session: &'a SessionState,
    graph: &'a ViewGraph,
    datasets: &'a BTreeMap<RelationName, SchemaRef>,
    views: &'a BTreeMap<RelationName, View>,
    reader: &'a RelationName,
    catalog: OnceCell<Option<Catalog>>,
}

impl<'a> EngineNamer<'a> {
    fn new(
        session: &'a SessionState,
        graph: &'a ViewGraph,
        datasets: &'a BTreeMap<RelationName, SchemaRef>,
        views: &'a BTreeMap<RelationName, View>,
        reader: &'a RelationName,
    ) -> Self {
        Self { session, graph, datasets, views, reader, catalog: OnceCell::new() }
    }

    /// Everything the reader can reach, without rows.
    fn catalog(&self) -> Option<Catalog> {
        let ancestors = self.graph.ancestors(self.reader, None);
        let mut catalog = Catalog::new(self.session);
        for name in self.graph.order().filter(|name| ancestors.contains(*name)) {
            let schema = match self.views.get(name) {
                Some(view) => {
                    // All tables are in memory: nothing is waited for.
                    let plan = block_on(catalog.plan(&view.query)).ok()?;
                    plan.schema().inner().clone()
                }
                None => Arc::clone(self.datasets.get(name)?),
            };
            catalog.columns(name, schema).ok()?;
        }
        Some(catalog)
    }
}

impl OutputNamer for EngineNamer<'_> {
    fn names(&self, query: &Query) -> Option<Vec<String>> {
        self.catalog.get_or_init(|| self.catalog()).as_ref()?.names(query)
    }
}

fn graph(project: &Project, views: &[Draft]) -> Result<ViewGraph, viewlane_view_graph::Error> {
    let datasets = project.seeds.iter().map(|seed| &seed.name);
    let datasets = datasets.chain(project.sources.iter().map(|source| &source.name));
    let builder = datasets.fold(ViewGraph::builder(), |graph, name| graph.dataset(name.clone()));
    views
        .iter()
        .fold(builder, |graph, view| {
            let reads = view.query.relations().iter().map(|relation| relation.name.clone());
            graph.view(view.name.clone(), reads)
        })
        .build()
}

/// A problem of the graph, in the file that causes it.
fn place(problem: &Problem, project: &Project, views: &[Draft]) -> Diagnostic {
    let code = problem.code();
    let of = |name: &RelationName| views.iter().find(|view| view.name == *name);
    let reads = |view: &RelationName, relation: &RelationName| {
        let view = of(view)?;
        let found = view.query.relations().iter().find(|found| found.name == *relation)?;
        Some(view.text.locate(found.span))
    };
    let plain = Diagnostic::error(code, problem.to_string());
    let (found, place) = match problem {
        Problem::Unknown { view, relation, nearest } => {
            let help = match nearest {
                Some(near) => format!("did you mean `{near}`?"),
                None => "add a view, a seed or a source of this name".to_owned(),
            };
            (plain.help(help), reads(view, relation))
        }
        Problem::Cycle { path } => {
            let next = path.get(1).unwrap_or(&path[0]);
            (plain.help("take one of these reads out"), reads(&path[0], next))
        }
        Problem::Duplicate { name, .. } => {
            let files = views
                .iter()
                .filter(|view| view.name == *name)
                .map(|view| view.text.locate(Span::new(0, 0)));
            let seeds =
                project.seeds.iter().filter(|s| s.name == *name).filter_map(|s| s.place.clone());
            let sources =
                project.sources.iter().filter(|s| s.name == *name).map(|s| s.place.clone());
            let places: Vec<_> = files.chain(seeds).chain(sources).collect();
            let shown: Vec<_> = places.iter().map(|place| format!("`{}`", place.file)).collect();
            let found = plain
                .because(format!("it is given by {}", shown.join(" and ")))
                .help("rename all but one of them");
            (found, places.into_iter().last())
        }
        _ => (plain, None),
    };
    match place {
        Some(place) => found.at(place),
        None => found,
    }
}

/// Two tables at one place would overwrite one another.
fn shared_locations(project: &Project, views: &[Draft], found: &mut Vec<Diagnostic>) {
    let seeds = project.seeds.iter().map(|seed| {
        let what = format!("seed `{}`", seed.name);
        (default_location(project, &seed.name), what, seed.place.clone())
    });
    let sources = project.sources.iter().map(|source| {
        (source.location.clone(), format!("source `{}`", source.name), Some(source.place.clone()))
    });
    let views = views.iter().filter_map(|view| {
        let span = view.options.location.as_ref().map_or(Span::new(0, 0), |(_, span)| *span);
        let place = Some(view.text.locate(span));
        Some((view.location.clone()?, format!("view `{}`", view.name), place))
    });
    let mut taken: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut all: Vec<_> = seeds.chain(sources).chain(views).collect();
    // Outer folders first, so that what lies within meets what it lies in.
    all.sort_by(|a, b| (a.0.as_str(), &a.1).cmp(&(b.0.as_str(), &b.1)));
    for (location, what, place) in all {
        let path = PathBuf::from(location.as_str());
        let other = path.ancestors().find_map(|folder| taken.get(folder));
        // Duplicate names are told as such.
        if let Some(other) = other.filter(|other| **other != what) {
            let message = format!("{what} would be stored within the folder of {other}");
            let mut wrong = Diagnostic::error(codes::SHARED_LOCATION, message)
                .help("give each table a folder of its own, by another name or by `location`");
            wrong.location = place;
            found.push(wrong);
        }
        taken.insert(path, what);
    }
}

impl Engine {
    /// Puts every view of a project through the lane and the graph.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any view, with file, line and column, and every source whose
    /// columns cannot be read. Nothing was written.
    pub async fn compile(self: &Arc<Self>, project: Project) -> Result<Compiled, Failure> {
        Compiled::new(project, self, self.run_id()).await
    }

    /// The columns of every seed and source.
    pub(crate) async fn datasets(
        &self,
        project: &Project,
        session: &SessionState,
        found: &mut Vec<Diagnostic>,
    ) -> BTreeMap<RelationName, SchemaRef> {
        let mut datasets = BTreeMap::new();
        for source in &project.sources {
            match self.store.open(&source.location, Pin::Latest).await {
                Ok(dataset) => {
                    datasets.insert(source.name.clone(), dataset.schema);
                }
                Err(error) => found.push(
                    port_failure(&error, Some(source.place.clone()))
                        .help(format!("check the location of source `{}`", source.name)),
                ),
            }
        }
        let context = SessionContext::new_with_state(session.clone());
        for seed in &project.seeds {
            match seed.schema(&context).await {
                Ok(schema) => {
                    datasets.insert(seed.name.clone(), schema);
                }
                Err(error) => found.push(unreadable(seed, &error)),
            }
        }
        datasets
    }
}

/// A seed whose columns cannot be read.
pub(crate) fn unreadable(seed: &Seed, error: &DataFusionError) -> Diagnostic {
    let message = format!("cannot read the columns of seed `{}`", seed.name);
    let mut found = Diagnostic::error(codes::UNREADABLE, message).because(error.strip_backtrace());
    found.location.clone_from(&seed.place);
    found
}

/// A failure of a port as a diagnostic, placed if there is a place.
pub(crate) fn port_failure(
    error: &viewlane_core::PortError,
    place: Option<viewlane_core::Location>,
) -> Diagnostic {
    let found = diagnose(error);
    match place {
        Some(place) => found.at(place),
        None => found,
    }
}

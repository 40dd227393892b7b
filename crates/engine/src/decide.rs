use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::Arc,
};

use arrow::datatypes::{DataType, SchemaRef};
use viewlane_core::{
    DatasetState, Diagnostic, Fingerprint, Kinded, OpenDataset, Pin, PortError, RelationName, Span,
    TableLocation,
};
use viewlane_schema_contract::{Column, Contract};
use viewlane_view_graph::{Node, Selector};

use crate::{
    Compiled, Engine, codes,
    compile::{default_location, port_failure, unreadable},
    failure::{Failure, Located, diagnose},
    seed::Seed,
    session::{Catalog, explain, start_of},
    verify::source_location,
    view::View,
};

/// What a run is to be about.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Only these views, as a selector; all when `None`.
    pub select: Option<String>,
    /// All but these.
    pub exclude: Option<String>,
    /// Whether unchanged views are refreshed too.
    pub full_refresh: bool,
}

/// What is to happen to one node.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// Recompute everything, because of the reason.
    Full {
        /// Why it is not skipped.
        reason: String,
    },
    /// Leave it as it is, because of the reason.
    Skip {
        /// Why nothing is to be done.
        reason: String,
    },
    /// Nothing is stored: readers inline it.
    Plain,
    /// Not selected, but read by something that is.
    Read,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full { .. } => "full",
            Self::Skip { .. } => "skip",
            Self::Plain => "view",
            Self::Read => "read",
        })
    }
}

/// What will be done and why, decided before anything is written.
#[derive(Debug)]
pub struct RunPlan {
    /// Every node that matters, each after what it reads.
    pub(crate) nodes: Vec<PlannedNode>,
    /// External sources, each opened once for the whole run.
    pub(crate) pins: BTreeMap<RelationName, OpenDataset>,
    pub(crate) warnings: Vec<Diagnostic>,
}

impl RunPlan {
    /// Every selected view and needed seed with its verdict, in the order of running.
    pub fn verdicts(&self) -> impl Iterator<Item = (&RelationName, &Verdict)> {
        self.nodes
            .iter()
            .filter(|node| node.verdict != Verdict::Read)
            .map(|node| (&node.name, &node.verdict))
    }

    /// Whether anything would be committed.
    pub fn has_changes(&self) -> bool {
        self.nodes.iter().any(|node| matches!(node.verdict, Verdict::Full { .. }))
    }

    /// What was found that stops nothing.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }
}

/// One node of a plan.
#[derive(Debug)]
pub(crate) struct PlannedNode {
    pub(crate) name: RelationName,
    pub(crate) verdict: Verdict,
    pub(crate) location: Option<TableLocation>,
    /// The state on which the verdict rests.
    pub(crate) probed: Option<DatasetState>,
    /// Columns as they will be stored, for what is going to be written.
    pub(crate) schema: Option<SchemaRef>,
    /// Columns in which NULL is refused.
    pub(crate) not_null: BTreeSet<String>,
    /// Whether something that will run reads it.
    pub(crate) is_read: bool,
}

impl PlannedNode {
    /// Whether it only has to be reported: nothing is computed, and nothing reads it.
    pub(crate) fn is_quiet(&self) -> bool {
        !self.is_read && !matches!(self.verdict, Verdict::Full { .. })
    }
}

/// Identity and version of a stored relation as a reader will see it.
type Reached = BTreeMap<RelationName, Option<(String, u64)>>;

/// Whether rows of a relation may have changed between two versions, once it was asked for.
type Asked = BTreeMap<(RelationName, u64, u64), bool>;

impl Engine {
    /// Decides what is to be done, and plans every query that will run.
    ///
    /// # Errors
    ///
    /// Everything that would make the run wrong from the start: unknown columns, broken contracts,
    /// tables of others, sources that are gone. Nothing was written.
    pub async fn plan(
        self: &Arc<Self>,
        compiled: &Compiled,
        options: &RunOptions,
    ) -> Result<RunPlan, Failure> {
        let mut found = Vec::new();
        let selected = select(compiled, options)?;
        let needed = needed(compiled, &selected);
        // Readers before what they read, sources last: a cursor that was read is then never beyond a
        // version that is read later, however many commits others make meanwhile.
        let order: Vec<_> =
            compiled.graph.order().filter(|name| needed.contains(*name)).cloned().collect();
        let mut states = BTreeMap::new();
        for name in order.iter().rev() {
            if let Some(location) = stored_at(compiled, name) {
                let state = self.store.state(&location, &owner(compiled, name)).await;
                states.insert(name.clone(), (location, state));
            }
        }
        let pins = self.pin_sources(compiled, &needed, &mut found).await;
        let mut nodes = Vec::new();
        let mut reached = Reached::new();
        let mut asked = Asked::new();
        for name in &order {
            if let Some(pin) = pins.get(name) {
                reached.insert(name.clone(), Some((pin.table_id.clone(), pin.version)));
                continue;
            }
            let chosen = selected.contains(name);
            let state = states.remove(name);
            let same = match &state {
                Some((_, Ok(Some(state)))) => {
                    self.same_rows(compiled, state, &reached, &mut asked).await
                }
                _ => BTreeSet::new(),
            };
            let known = Known { same: &same, reached: &mut reached };
            nodes.extend(decide(compiled, options, name, chosen, state, known, &mut found));
        }
        let mut warnings = Failure::unless_clean(found)?;
        let mut plan = RunPlan { nodes, pins, warnings: Vec::new() };
        mark_read(compiled, &mut plan.nodes);
        warnings.extend(self.preflight(compiled, &mut plan).await?);
        plan.warnings = warnings;
        Ok(plan)
    }

    /// What a stored view was made from that has newer versions with the same rows, as compaction
    /// leaves them. What cannot be told counts as changed.
    async fn same_rows(
        &self,
        compiled: &Compiled,
        state: &DatasetState,
        reached: &Reached,
        asked: &mut Asked,
    ) -> BTreeSet<RelationName> {
        let mut same = BTreeSet::new();
        for cursor in state.record.iter().flat_map(|(_, record)| &record.sources) {
            let Some(Some((table_id, version))) = reached.get(&cursor.relation) else { continue };
            if *table_id != cursor.table_id || *version <= cursor.to {
                continue;
            }
            let range = (cursor.relation.clone(), cursor.to, *version);
            let changed = match (asked.get(&range), source_location(compiled, &cursor.relation)) {
                (Some(changed), _) => *changed,
                (None, None) => true,
                (None, Some(location)) => {
                    let told = self.store.may_have_changed(&location, cursor.to, *version).await;
                    let changed = told.unwrap_or(true);
                    asked.insert(range, changed);
                    changed
                }
            };
            if !changed {
                same.insert(cursor.relation.clone());
            }
        }
        same
    }

    /// Opens every external source once: one version of each for the whole run.
    async fn pin_sources(
        &self,
        compiled: &Compiled,
        needed: &BTreeSet<RelationName>,
        found: &mut Vec<Diagnostic>,
    ) -> BTreeMap<RelationName, OpenDataset> {
        let mut pins = BTreeMap::new();
        for source in compiled.project.sources.iter().filter(|s| needed.contains(&s.name)) {
            match self.store.open(&source.location, Pin::Latest).await {
                Ok(dataset) => {
                    pins.insert(source.name.clone(), dataset);
                }
                Err(error) => found.push(
                    port_failure(&error, Some(source.place.clone()))
                        .help(format!("check the location of source `{}`", source.name)),
                ),
            }
        }
        pins
    }

    /// Plans every query that will run against columns without rows, in the order of running.
    async fn preflight(
        &self,
        compiled: &Compiled,
        plan: &mut RunPlan,
    ) -> Result<Vec<Diagnostic>, Failure> {
        let mut found = Vec::new();
        let stored_readers: BTreeSet<RelationName> = plan
            .nodes
            .iter()
            .filter(|node| node.location.is_some())
            .flat_map(|node| compiled.plain_parents(&node.name).into_iter().map(|v| v.name.clone()))
            .collect();
        // A plain view nobody stored reads is checked by nobody else.
        let lonely = |node: &PlannedNode| {
            node.verdict == Verdict::Plain && !stored_readers.contains(&node.name)
        };
        let runs = |node: &PlannedNode| matches!(node.verdict, Verdict::Full { .. });
        if !plan.nodes.iter().any(|node| runs(node) || lonely(node)) {
            return Ok(found);
        }
        let mut wanted: BTreeSet<RelationName> = BTreeSet::new();
        for node in plan.nodes.iter().filter(|node| runs(node) || lonely(node)) {
            wanted.extend(compiled.graph.ancestors(&node.name, None).into_iter().cloned());
        }
        let mut catalog = Catalog::new(&compiled.session);
        let internal = |error: datafusion::error::DataFusionError| {
            Failure::from(
                Diagnostic::error(codes::SESSION, "the catalog cannot be made")
                    .because(error.to_string()),
            )
        };
        for (name, pin) in &plan.pins {
            catalog.columns(name, Arc::clone(&pin.schema)).map_err(internal)?;
        }
        let mut broken: BTreeSet<RelationName> = BTreeSet::new();
        for index in 0..plan.nodes.len() {
            let (name, runs, lonely) = {
                let node = &plan.nodes[index];
                (node.name.clone(), runs(node), lonely(node))
            };
            if !runs && !lonely && !wanted.contains(&name) {
                continue;
            }
            if compiled.graph.parents(&name).into_iter().any(|parent| broken.contains(parent)) {
                broken.insert(name);
                continue;
            }
            let outcome = match compiled.views.get(&name) {
                Some(view) if !view.materialized() => match catalog.plan(&view.query).await {
                    Ok(planned) => {
                        catalog.view(&name, planned).map_err(internal)?;
                        Ok(())
                    }
                    Err(wrong) => Err(wrong),
                },
                Some(view) if runs => match self.check_view(&catalog, view, &mut found).await {
                    Ok((schema, not_null)) => {
                        catalog.columns(&name, Arc::clone(&schema)).map_err(internal)?;
                        plan.nodes[index].schema = Some(schema);
                        plan.nodes[index].not_null = not_null;
                        Ok(())
                    }
                    Err(wrong) => Err(wrong),
                },
                None if runs => {
                    let seed = compiled.project.seeds.iter().find(|seed| seed.name == name);
                    match self.seed_schema(seed, &catalog).await {
                        Ok(schema) => {
                            catalog.columns(&name, Arc::clone(&schema)).map_err(internal)?;
                            plan.nodes[index].schema = Some(schema);
                            Ok(())
                        }
                        Err(wrong) => Err(vec![wrong]),
                    }
                }
                _ => match self.stored_columns(&plan.nodes[index]).await {
                    Ok(schema) => {
                        catalog.columns(&name, schema).map_err(internal)?;
                        Ok(())
                    }
                    Err(wrong) => Err(vec![wrong]),
                },
            };
            if let Err(wrong) = outcome {
                found.extend(wrong);
                broken.insert(name);
            }
        }
        Failure::unless_clean(found)
    }

    async fn seed_schema(
        &self,
        seed: Option<&Seed>,
        catalog: &Catalog,
    ) -> Result<SchemaRef, Diagnostic> {
        let Some(seed) = seed else {
            return Err(Diagnostic::error(codes::NOT_BUILT, "a seed is missing"));
        };
        let schema = seed.schema(&catalog.context()).await;
        let schema = schema.map_err(|error| unreadable(seed, &error))?;
        self.store.stored_schema(&schema).map_err(|error| port_failure(&error, seed.place.clone()))
    }

    async fn stored_columns(&self, node: &PlannedNode) -> Result<SchemaRef, Diagnostic> {
        let (Some(location), Some(state)) = (&node.location, &node.probed) else {
            return Err(Diagnostic::error(
                codes::NOT_BUILT,
                format!("`{}` was never built", node.name),
            ));
        };
        let dataset = self.store.open(location, Pin::Version(state.version)).await;
        dataset.map(|dataset| dataset.schema).map_err(|error| port_failure(&error, None))
    }

    /// Plans one view and checks what its header promises; the columns as they will be stored.
    async fn check_view(
        &self,
        catalog: &Catalog,
        view: &View,
        warnings: &mut Vec<Diagnostic>,
    ) -> Result<(SchemaRef, BTreeSet<String>), Vec<Diagnostic>> {
        let plan = catalog.plan(&view.query).await?;
        let place = view.text.locate(start_of(&view.query));
        let schema = self
            .store
            .stored_schema(plan.schema().inner())
            .map_err(|error| vec![port_failure(&error, Some(place.clone()))])?;
        let mut found = Vec::new();
        let (contract, wrong) = contract(catalog, view).await;
        found.extend(wrong);
        let mut not_null = BTreeSet::new();
        if let Some(contract) = contract {
            for violation in contract.check(&schema) {
                let declared = violation
                    .column()
                    .and_then(|name| view.header.columns.iter().find(|column| column.name == name));
                let place = declared.map_or(place.clone(), |column| view.text.locate(column.span));
                found.push(
                    Diagnostic::error(violation.code(), violation.to_string())
                        .at(place)
                        .help(violation.help()),
                );
            }
            not_null = contract.not_null().into_iter().map(str::to_owned).collect();
        }
        let columns = view.options.partition_by.iter().map(|column| ("partition_by", column));
        let columns = columns.chain(view.options.sort_by.iter().map(|column| ("sort_by", column)));
        for (key, (column, span)) in columns {
            if schema.field_with_name(column).is_err() {
                let names = schema.fields().iter().map(|field| field.name().as_str());
                let help = match viewlane_core::nearest(column, names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "name a column that the query gives".to_owned(),
                };
                let message = format!("`{key}` names `{column}`, which the query does not give");
                found.push(view.text.error(codes::BAD_OPTION, *span, message).help(help));
            }
        }
        let mut seen = BTreeSet::new();
        for (column, span) in &view.options.partition_by {
            let fits = schema.field_with_name(column).is_ok_and(|f| splits(f.data_type()));
            if schema.field_with_name(column).is_ok() && !fits {
                let message = format!(
                    "a table cannot be split by `{column}`: its values have no folder name"
                );
                found.push(
                    view.text
                        .error(codes::BAD_OPTION, *span, message)
                        .help("split by a text, number, date, timestamp or truth value"),
                );
            }
            if !seen.insert(column) {
                let message = format!("`partition_by` names `{column}` twice");
                found.push(view.text.error(codes::BAD_OPTION, *span, message));
            }
        }
        if view.options.partition_by.len() == schema.fields().len() {
            let span = view.options.partition_by.first().map_or(Span::new(0, 0), |(_, span)| *span);
            found.push(view.text.error(
                codes::BAD_OPTION,
                span,
                "`partition_by` names every column; at least one must be left in the files",
            ));
        }
        match Failure::unless_clean(found) {
            Ok(more) => {
                warnings.extend(more);
                Ok((schema, not_null))
            }
            Err(failure) => Err(failure.diagnostics().to_vec()),
        }
    }
}

/// What is known of the relations that a node reads.
struct Known<'a> {
    /// Those with the same rows as at the node's last refresh, though at a newer version.
    same: &'a BTreeSet<RelationName>,
    reached: &'a mut Reached,
}

/// The verdict on one node, from the state of its table and the versions of what it reads.
fn decide(
    compiled: &Compiled,
    options: &RunOptions,
    name: &RelationName,
    selected: bool,
    state: Option<(TableLocation, Result<Option<DatasetState>, PortError>)>,
    known: Known<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<PlannedNode> {
    let Known { same, reached } = known;
    let view = compiled.views.get(name);
    let node = |verdict, location, probed| PlannedNode {
        name: name.clone(),
        verdict,
        location,
        probed,
        schema: None,
        not_null: BTreeSet::new(),
        is_read: false,
    };
    if let Some(view) = view
        && !view.materialized()
    {
        return Some(node(if selected { Verdict::Plain } else { Verdict::Read }, None, None));
    }
    let seed = compiled.project.seeds.iter().find(|seed| seed.name == *name);
    let (location, state) = state?;
    let place = match (view, seed) {
        (Some(view), _) => Some(view.text.locate(start_of(&view.query))),
        (None, seed) => seed.and_then(|seed| seed.place.clone()),
    };
    let state = match state {
        Ok(state) => state,
        Err(error) => {
            found.push(
                port_failure(&error, place)
                    .help(format!("move it away, or store `{name}` elsewhere")),
            );
            return None;
        }
    };
    if let Some(state) = &state {
        let ours = state.record.as_ref().filter(|(_, record)| {
            record.project == compiled.project.name && record.relation == *name
        });
        let fenced = state.record.is_none() && state.generation.is_some();
        if ours.is_none() && !fenced {
            let by = match &state.record {
                Some((_, record)) => {
                    format!("`{}` of project `{}`", record.relation, record.project)
                }
                None => "another tool".to_owned(),
            };
            let message = format!("the table at `{}` belongs to {by}", show(compiled, &location));
            let mut wrong = Diagnostic::error(codes::FOREIGN_TABLE, message)
                .help(format!("move it away, or store `{name}` elsewhere"));
            wrong.location = place;
            found.push(wrong);
            return None;
        }
    }
    let here = state.as_ref().map(|state| (state.table_id.clone(), state.version));
    if !selected && view.is_some() {
        if state.is_none() {
            let message = format!("`{name}` is read and was never built");
            found.push(
                Diagnostic::error(codes::NOT_BUILT, message)
                    .help(format!("select it too, for example with `+` or by the name `{name}`")),
            );
            return None;
        }
        reached.insert(name.clone(), here);
        return Some(node(Verdict::Read, Some(location), state));
    }
    let verdict = match (view, seed) {
        (Some(view), _) => verdict(compiled, options, view, state.as_ref(), same, reached),
        (None, Some(seed)) => seed_verdict(seed, state.as_ref()),
        (None, None) => return None,
    };
    let arrives = if matches!(verdict, Verdict::Skip { .. }) { here } else { None };
    reached.insert(name.clone(), arrives);
    Some(node(verdict, Some(location), state))
}

/// Where a seed or stored view is stored.
fn stored_at(compiled: &Compiled, name: &RelationName) -> Option<TableLocation> {
    match compiled.views.get(name) {
        Some(view) => view.location.clone(),
        None => {
            let seed = compiled.project.seeds.iter().find(|seed| seed.name == *name)?;
            Some(default_location(&compiled.project, &seed.name))
        }
    }
}

/// The contract of a view's column list, if it has one.
async fn contract(catalog: &Catalog, view: &View) -> (Option<Contract>, Vec<Diagnostic>) {
    if view.header.columns.is_empty() {
        return (None, Vec::new());
    }
    let mut found = Vec::new();
    let mut builder = Contract::builder(view.options.evolution);
    for declared in &view.header.columns {
        let mut column = Column::untyped(&declared.name);
        if let Some(data_type) = &declared.data_type {
            match catalog.arrow_type(data_type).await {
                Ok(data_type) => column.data_type = Some(data_type),
                Err(error) => found.push(explain(&error, &view.text, declared.span)),
            }
        }
        column.not_null = declared.not_null;
        builder = builder.column(column);
    }
    let key = view.header.primary_key.iter().map(|(name, _)| name.clone());
    match builder.key(key).build() {
        Ok(contract) => (Some(contract), found),
        Err(error) => {
            let span = view.header.primary_key.first().map_or(view.header.columns[0].span, |k| k.1);
            let mut wrong = diagnose(&error);
            wrong.location = Some(view.text.locate(span));
            found.push(wrong);
            (None, found)
        }
    }
}

/// Whether a column's values can name folders and be read back from their names.
fn splits(data_type: &DataType) -> bool {
    data_type.is_integer()
        || matches!(
            data_type,
            DataType::Utf8
                | DataType::Boolean
                | DataType::Date32
                | DataType::Decimal128(..)
                | DataType::Timestamp(..)
        )
}

/// `<project>/<relation>`: who may write a table.
pub(crate) fn owner(compiled: &Compiled, name: &RelationName) -> String {
    format!("{}/{name}", compiled.project.name)
}

/// A location as people know it: relative to the project when it is below it.
pub(crate) fn show(compiled: &Compiled, location: &TableLocation) -> String {
    let path = std::path::Path::new(location.as_str());
    match path.strip_prefix(&compiled.project.root) {
        Ok(below) => below.to_string_lossy().into_owned(),
        Err(_) => location.to_string(),
    }
}

pub(crate) fn select(
    compiled: &Compiled,
    options: &RunOptions,
) -> Result<BTreeSet<RelationName>, Failure> {
    let facts = compiled.facts();
    let choose = |text: &str| {
        let selector: Result<Selector, _> = text.parse();
        selector.and_then(|selector| selector.select(&compiled.graph, &facts)).map_err(|error| {
            let mut found = diagnose(&error);
            if let viewlane_view_graph::SelectorError::Nothing { nearest: Some(near), .. } = &error
            {
                found = found.help(format!("did you mean `{near}`?"));
            }
            Failure::from(found)
        })
    };
    let mut chosen = match &options.select {
        Some(text) => choose(text)?,
        None => compiled.views.keys().cloned().collect(),
    };
    if let Some(text) = &options.exclude {
        for name in choose(text)? {
            chosen.remove(&name);
        }
    }
    Ok(chosen)
}

/// The selected views, what they read, and, when everything is selected, every seed.
fn needed(compiled: &Compiled, selected: &BTreeSet<RelationName>) -> BTreeSet<RelationName> {
    let mut needed = selected.clone();
    for name in selected {
        needed.extend(compiled.graph.ancestors(name, None).into_iter().cloned());
    }
    // What lies above a stored view that is only read is not needed.
    let mut reachable = selected.clone();
    let mut open: Vec<RelationName> = selected.iter().cloned().collect();
    while let Some(name) = open.pop() {
        let expand = selected.contains(&name)
            || compiled.views.get(&name).is_some_and(|view| !view.materialized());
        if !expand {
            continue;
        }
        for parent in compiled.graph.parents(&name) {
            if reachable.insert(parent.clone()) {
                open.push(parent.clone());
            }
        }
    }
    needed.retain(|name| reachable.contains(name));
    if selected.len() == compiled.views.len() {
        needed.extend(compiled.project.seeds.iter().map(|seed| seed.name.clone()));
        needed.extend(compiled.project.sources.iter().map(|source| source.name.clone()));
    }
    needed
}

fn seed_verdict(seed: &Seed, state: Option<&DatasetState>) -> Verdict {
    match state.and_then(|state| state.record.as_ref()) {
        None => Verdict::Full { reason: "new".to_owned() },
        Some(_) if state.is_some_and(|state| state.changed_since) => {
            Verdict::Full { reason: "another tool changed its content".to_owned() }
        }
        Some((_, record)) if record.definition != seed.definition => {
            Verdict::Full { reason: "the seed changed".to_owned() }
        }
        Some(_) => Verdict::Skip { reason: "unchanged".to_owned() },
    }
}

fn verdict(
    compiled: &Compiled,
    options: &RunOptions,
    view: &View,
    state: Option<&DatasetState>,
    same: &BTreeSet<RelationName>,
    reached: &Reached,
) -> Verdict {
    let full = |reason: String| Verdict::Full { reason };
    let Some((_, record)) = state.and_then(|state| state.record.as_ref()) else {
        return full("new".to_owned());
    };
    if options.full_refresh {
        return full("a full refresh was asked for".to_owned());
    }
    if state.is_some_and(|state| state.changed_since) {
        return full("another tool changed its content".to_owned());
    }
    if record.definition != view.definition {
        let reason = if record.policy == view.query.policy_fingerprint() {
            "the definition changed"
        } else {
            "the policy changed"
        };
        return full(reason.to_owned());
    }
    if let Some(function) = compiled.unrepeatable(view) {
        return full(format!("`{function}` may give other results each time"));
    }
    let mut cursors = record.cursors();
    for parent in compiled.stored_parents(&view.name) {
        let Some(cursor) = cursors.remove(&parent) else {
            return full(format!("there is no cursor for `{parent}`"));
        };
        match reached.get(&parent) {
            Some(Some((table_id, _))) if *table_id != cursor.table_id => {
                return full(format!("`{parent}` was recreated"));
            }
            Some(Some((_, version))) if *version < cursor.to => {
                return full(format!(
                    "`{parent}` went back from version {} to {version}",
                    cursor.to
                ));
            }
            Some(Some((_, version))) if *version > cursor.to && !same.contains(&parent) => {
                return full(format!("`{parent}` moved from version {} to {version}", cursor.to));
            }
            Some(Some(_)) => {}
            Some(None) | None => return full(format!("`{parent}` is refreshed")),
        }
    }
    Verdict::Skip { reason: "unchanged".to_owned() }
}

/// Marks every node that something which will run reads.
fn mark_read(compiled: &Compiled, nodes: &mut [PlannedNode]) {
    let mut read: BTreeSet<RelationName> = BTreeSet::new();
    for node in nodes.iter().filter(|node| matches!(node.verdict, Verdict::Full { .. })) {
        if compiled.graph.node(&node.name) == Some(Node::View) {
            read.extend(compiled.stored_parents(&node.name));
            read.extend(compiled.plain_parents(&node.name).into_iter().map(|v| v.name.clone()));
        }
    }
    for node in nodes {
        node.is_read = read.contains(&node.name);
    }
}

/// Digest of the columns a view read.
pub(crate) fn schema_fingerprint(
    catalog_schemas: &BTreeMap<RelationName, SchemaRef>,
) -> Fingerprint {
    viewlane_schema_contract::fingerprint_of(catalog_schemas, catalog_schemas.keys())
}

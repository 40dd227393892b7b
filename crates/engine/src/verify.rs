use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

use arrow::{
    array::{Array, AsArray},
    datatypes::{DataType, Float64Type, Int64Type, SchemaRef},
    record_batch::RecordBatch,
    row::{OwnedRow, RowConverter, SortField},
    util::display::array_value_to_string,
};
use datafusion::{
    common::DFSchema,
    functions_aggregate::expr_fn::sum,
    functions_nested::expr_fn::map_entries,
    logical_expr::{LogicalPlan, LogicalPlanBuilder, cast, ident, lit},
    prelude::Expr,
};
use futures::TryStreamExt;
use serde::Serialize;
use viewlane_core::{
    CommitRecord, Diagnostic, EventKind, OpenDataset, Pin, RelationName, SourceText, TableLocation,
};
use viewlane_sql_policy::{GatedQuery, Rejection, Tree};

use crate::{
    Compiled, Engine, Failure, RunOptions,
    body::Body,
    codes,
    compile::{default_location, port_failure},
    decide::{owner, select},
    session::{Catalog, names},
    view::View,
};

/// Differing rows that are shown.
const SAMPLE: usize = 5;
/// Differing rows that are looked at for mere rounding. Beyond it, a difference is a difference.
const ROUNDING_ROWS: usize = 100_000;
/// Relative difference up to which two floats count as the same sum in another order.
const ROUNDING: f64 = 1e-12;

/// What comparing a stored version with its recomputation showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "proof", rename_all = "lowercase")]
#[non_exhaustive]
pub enum Proof {
    /// The same rows, as bags.
    Equal {
        /// Rows compared.
        rows: u64,
        /// Rows whose floats differ by rounding only: a parallel sum has no fixed order.
        rounded: u64,
    },
    /// Different rows.
    Different {
        /// Rows that the recomputation gives and the table does not hold.
        missing: u64,
        /// Rows that the table holds and the recomputation does not give.
        extra: u64,
        /// Some of them, each with `-` for missing, `+` for extra, and how often.
        sample: Vec<String>,
    },
    /// The stored version cannot be recomputed.
    Unproven {
        /// Why.
        error: Box<Diagnostic>,
    },
}

/// The proof for one view.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProofResult {
    /// The view.
    pub name: RelationName,
    /// The version compared.
    pub version: Option<u64>,
    /// The source versions it was recomputed from, as `source@version`.
    pub sources: Vec<String>,
    /// What was found.
    #[serde(flatten)]
    pub proof: Proof,
}

/// Counts over all proofs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ProofSummary {
    /// Stored views selected.
    pub views: usize,
    /// Equal.
    pub equal: usize,
    /// Different.
    pub different: usize,
    /// Not provable.
    pub unproven: usize,
}

/// What a verification showed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerifyResults {
    /// Identity of the operation.
    pub run_id: String,
    /// Counts.
    pub summary: ProofSummary,
    /// Every selected stored view, in graph order.
    pub views: Vec<ProofResult>,
}

impl Engine {
    /// Recomputes the stored version of each selected view from its own stored definition at its
    /// recorded source versions, and compares as bags.
    ///
    /// # Errors
    ///
    /// A selector that cannot be read, or selects no stored view.
    pub async fn verify(
        self: &Arc<Self>,
        compiled: &Compiled,
        options: &RunOptions,
    ) -> Result<VerifyResults, Failure> {
        let selected = select(compiled, options)?;
        let views: Vec<&View> = compiled
            .graph
            .order()
            .filter(|name| selected.contains(*name))
            .filter_map(|name| compiled.views.get(name))
            .filter(|view| view.materialized())
            .collect();
        if views.is_empty() {
            return Err(Failure::from(
                Diagnostic::error(codes::NOT_BUILT, "the selection holds no stored view")
                    .help("plain views have nothing stored that could be compared"),
            ));
        }
        let (project, command) = (compiled.project.name.clone(), "verify".to_owned());
        self.record_run(EventKind::RunStarted { project, command, nodes: views.len() });
        let mut results = VerifyResults {
            run_id: self.run_id().to_owned(),
            summary: ProofSummary { views: views.len(), ..ProofSummary::default() },
            views: Vec::new(),
        };
        for view in views {
            let result = self.prove(compiled, view).await;
            let counter = match &result.proof {
                Proof::Equal { .. } => &mut results.summary.equal,
                Proof::Different { .. } => &mut results.summary.different,
                Proof::Unproven { .. } => &mut results.summary.unproven,
            };
            *counter += 1;
            let equal = matches!(result.proof, Proof::Equal { .. });
            let event = match (&result.proof, result.version) {
                (Proof::Unproven { error }, _) => {
                    EventKind::ViewFailed { view: view.name.clone(), diagnostic: error.clone() }
                }
                (_, version) => EventKind::ViewVerified {
                    view: view.name.clone(),
                    version: version.unwrap_or_default(),
                    equal,
                },
            };
            self.record(self.run_id(), &view.name, event);
            results.views.push(result);
        }
        let ProofSummary { equal, different, unproven, .. } = results.summary;
        let (committed, skipped, failed) = (0, equal, different + unproven);
        self.record_run(EventKind::RunFinished { committed, skipped, failed });
        Ok(results)
    }

    async fn prove(&self, compiled: &Compiled, view: &View) -> ProofResult {
        let mut result = ProofResult {
            name: view.name.clone(),
            version: None,
            sources: Vec::new(),
            proof: Proof::Equal { rows: 0, rounded: 0 },
        };
        result.proof = match self.try_prove(compiled, view, &mut result).await {
            Ok(proof) => proof,
            Err(error) => Proof::Unproven { error },
        };
        result
    }

    async fn try_prove(
        &self,
        compiled: &Compiled,
        view: &View,
        result: &mut ProofResult,
    ) -> Result<Proof, Box<Diagnostic>> {
        let location = view.location.as_ref().expect("a stored view has a location");
        let port = |error: viewlane_core::PortError| Box::new(port_failure(&error, None));
        let state = self.store.state(location, &owner(compiled, &view.name)).await.map_err(port)?;
        let Some((state, record)) =
            state.and_then(|state| state.record.clone().map(|(_, record)| (state, record)))
        else {
            return Err(unproven(view, "it was never built").help_boxed("run it first"));
        };
        result.version = Some(state.version);
        result.sources =
            record.sources.iter().map(|s| format!("{}@{}", s.relation, s.to)).collect();
        let stored = self.store.open(location, Pin::Version(state.version)).await.map_err(port)?;
        let Recomputation { catalog, plan, same_policy } =
            self.recompute(compiled, view, &record).await?;
        let names = |schema: &SchemaRef| -> Vec<String> {
            schema.fields().iter().map(|field| field.name().clone()).collect()
        };
        if names(plan.schema().inner()) != names(&stored.schema) {
            return Err(unproven(view, "the table has other columns than its definition gives"));
        }
        let failed = |error: datafusion::error::DataFusionError| {
            Box::new(
                Diagnostic::error(codes::UNPROVABLE, format!("`{}` cannot be compared", view.name))
                    .because(error.strip_backtrace()),
            )
        };
        let difference = difference(&catalog, &stored, plan).map_err(failed)?;
        let streams = self.executor.execute(catalog.state(), &difference).await.map_err(port)?;
        let mut found = Differences::new(stored.schema.fields().len());
        for stream in streams {
            stream
                .try_for_each(|batch| {
                    found.take(&batch);
                    std::future::ready(Ok(()))
                })
                .await
                .map_err(failed)?;
        }
        match found.judge(&stored.schema, record.rows) {
            Proof::Different { .. } if !same_policy => Err(unproven(
                view,
                "it was stored under another policy, and gives other rows under this one",
            )
            .help_boxed("run it first")),
            proof => Ok(proof),
        }
    }

    /// The plan of the stored definition over the recorded versions of its sources.
    async fn recompute(
        &self,
        compiled: &Compiled,
        view: &View,
        record: &CommitRecord,
    ) -> Result<Recomputation, Box<Diagnostic>> {
        let body = Body::decode(&record.body)
            .map_err(|error| unproven(view, &format!("its definition cannot be read: {error}")))?;
        let mut catalog = Catalog::new(&compiled.session);
        let mut columns = BTreeMap::new();
        for source in &record.sources {
            let location = source_location(compiled, &source.relation).ok_or_else(|| {
                unproven(view, &format!("`{}` is no longer part of the project", source.relation))
            })?;
            let dataset =
                self.store.open(&location, Pin::Version(source.to)).await.map_err(|error| {
                    let found = port_failure(&error, None);
                    unproven(
                        view,
                        &format!("version {} of `{}` is gone", source.to, source.relation),
                    )
                    .because_boxed(found.to_string())
                })?;
            if dataset.table_id != source.table_id {
                return Err(unproven(view, &format!("`{}` was recreated", source.relation)));
            }
            catalog
                .table(&source.relation, dataset.provider)
                .map_err(|error| unproven(view, &error.strip_backtrace()))?;
            columns.insert(source.relation.clone(), names(&dataset.schema));
        }
        // Stored ASTs enter through the lane like any other: what the policy forbids now is refused.
        let origin = |name: &RelationName| {
            SourceText::new(format!("stored definition of {name}"), String::new())
        };
        let refused = |rejection: Rejection| Box::new(rejection.into_diagnostics().swap_remove(0));
        let read = |name: &RelationName, query: Tree| -> Result<GatedQuery, Box<Diagnostic>> {
            compiled.lane.read_ast(query, &origin(name), &compiled.functions).map_err(refused)
        };
        let mut open: BTreeMap<RelationName, GatedQuery> = body
            .plain
            .into_iter()
            .map(|(name, query)| Ok((name.clone(), read(&name, query)?)))
            .collect::<Result<_, Box<Diagnostic>>>()?;
        let query = read(&view.name, body.query)?;
        for query in open.values().chain([&query]) {
            if let Some(function) = query.functions().iter().find(|function| {
                function
                    .facts
                    .as_ref()
                    .is_some_and(|facts| facts.volatility != viewlane_core::Volatility::Immutable)
            }) {
                let why = format!("`{}` may give other results each time", function.name);
                return Err(unproven(view, &why));
            }
        }
        while !open.is_empty() {
            // Next is a view none of whose inputs is still open; definitions have no cycles.
            let next = open
                .iter()
                .find(|(_, query)| query.relations().iter().all(|r| !open.contains_key(&r.name)))
                .map(|(name, _)| name.clone());
            let Some((name, query)) = next.and_then(|name| open.remove_entry(&name)) else {
                return Err(unproven(view, "its stored definition reads itself"));
            };
            let query = compiled.lane.resolve(query, &columns, &()).map_err(refused)?;
            let plan = catalog.plan(&query).await.map_err(first)?;
            columns.insert(name.clone(), names(plan.schema().inner()));
            catalog.view(&name, plan).map_err(|error| unproven(view, &error.strip_backtrace()))?;
        }
        let query = compiled.lane.resolve(query, &columns, &()).map_err(refused)?;
        let same_policy = query.policy_fingerprint() == record.policy;
        let plan = catalog.plan(&query).await.map_err(first)?;
        Ok(Recomputation { catalog, plan, same_policy })
    }
}

/// A stored definition, planned over its recorded sources.
struct Recomputation {
    catalog: Catalog,
    plan: LogicalPlan,
    /// Whether the view was stored under the policy of today.
    same_policy: bool,
}

fn first(mut found: Vec<Diagnostic>) -> Box<Diagnostic> {
    Box::new(found.swap_remove(0))
}

fn unproven(view: &View, why: &str) -> Box<Diagnostic> {
    let message = format!("the stored version of `{}` cannot be recomputed: {why}", view.name);
    Box::new(Diagnostic::error(codes::UNPROVABLE, message))
}

/// Adds to a boxed diagnostic.
trait Boxed {
    fn because_boxed(self, cause: String) -> Self;
    fn help_boxed(self, help: &str) -> Self;
}

impl Boxed for Box<Diagnostic> {
    fn because_boxed(self, cause: String) -> Self {
        Self::new((*self).because(cause))
    }

    fn help_boxed(self, help: &str) -> Self {
        Self::new((*self).help(help))
    }
}

pub(crate) fn source_location(compiled: &Compiled, name: &RelationName) -> Option<TableLocation> {
    if let Some(view) = compiled.views.get(name) {
        return view.location.clone();
    }
    if let Some(source) = compiled.project.sources.iter().find(|source| source.name == *name) {
        return Some(source.location.clone());
    }
    let seed = compiled.project.seeds.iter().find(|seed| seed.name == *name)?;
    Some(default_location(&compiled.project, &seed.name))
}

/// Groups the rows of both sides and counts them, +1 stored and -1 recomputed: what does not add up
/// to zero is different. Grouping treats NULLs as equal, which is what a bag comparison needs.
fn difference(
    catalog: &Catalog,
    stored: &OpenDataset,
    recomputed: LogicalPlan,
) -> Result<LogicalPlan, datafusion::error::DataFusionError> {
    let names: Vec<String> = (0..stored.schema.fields().len()).map(|i| format!("c{i}")).collect();
    let comparable = |value: Expr, data_type: &DataType| match data_type {
        // The engine does not group by maps; their entries say the same.
        DataType::Map(..) => map_entries(value),
        _ => value,
    };
    let side = |schema: &DFSchema, weight: i64| -> Vec<Expr> {
        let columns = schema.iter().zip(stored.schema.fields()).zip(&names);
        columns
            .map(|(((relation, field), target), name)| {
                let column = Expr::Column((relation, field).into());
                let value = match field.data_type() == target.data_type() {
                    true => column,
                    false => cast(column, target.data_type().clone()),
                };
                comparable(value, target.data_type()).alias(name)
            })
            .chain([lit(weight).alias("weight")])
            .collect()
    };
    let kept = catalog.context().read_table(Arc::clone(&stored.provider))?.into_parts().1;
    let kept_side = side(kept.schema(), 1);
    let made_side = side(recomputed.schema(), -1);
    let kept = LogicalPlanBuilder::from(kept).project(kept_side)?.build()?;
    let made = LogicalPlanBuilder::from(recomputed).project(made_side)?.build()?;
    LogicalPlanBuilder::from(kept)
        .union(made)?
        .aggregate(names.iter().map(ident), [sum(ident("weight")).alias("weight")])?
        .filter(ident("weight").not_eq(lit(0_i64)))?
        .build()
}

/// The floats of one row, in column order.
type Floats = Vec<Option<f64>>;

/// Differing rows as they come in.
struct Differences {
    columns: usize,
    missing: u64,
    extra: u64,
    batches: Vec<RecordBatch>,
    kept: usize,
}

impl Differences {
    fn new(columns: usize) -> Self {
        Self { columns, missing: 0, extra: 0, batches: Vec::new(), kept: 0 }
    }

    fn take(&mut self, batch: &RecordBatch) {
        let weights = batch.column(self.columns).as_primitive::<Int64Type>();
        for weight in weights.values() {
            let side = if *weight < 0 { &mut self.missing } else { &mut self.extra };
            *side += weight.unsigned_abs();
        }
        if self.kept < ROUNDING_ROWS && batch.num_rows() > 0 {
            self.kept += batch.num_rows();
            self.batches.push(batch.clone());
        }
    }

    fn judge(self, schema: &SchemaRef, rows: u64) -> Proof {
        if self.missing == 0 && self.extra == 0 {
            return Proof::Equal { rows, rounded: 0 };
        }
        if self.only_rounding(schema) {
            return Proof::Equal { rows, rounded: self.extra };
        }
        let mut sample: Vec<String> = self
            .batches
            .iter()
            .flat_map(|batch| (0..batch.num_rows()).map(move |row| (batch, row)))
            .map(|(batch, row)| self.show(batch, row, schema))
            .collect();
        sample.sort();
        sample.truncate(SAMPLE);
        Proof::Different { missing: self.missing, extra: self.extra, sample }
    }

    fn show(&self, batch: &RecordBatch, row: usize, schema: &SchemaRef) -> String {
        let weight = batch.column(self.columns).as_primitive::<Int64Type>().value(row);
        let cells = schema.fields().iter().zip(batch.columns()).map(|(field, column)| {
            let value = match column.is_null(row) {
                true => "NULL".to_owned(),
                false => array_value_to_string(column, row).unwrap_or_else(|_| "?".to_owned()),
            };
            format!("{}: {value}", field.name())
        });
        let cells: Vec<_> = cells.collect();
        let sign = if weight < 0 { '-' } else { '+' };
        let times = match weight.unsigned_abs() {
            1 => String::new(),
            times => format!(" ({times} times)"),
        };
        format!("{sign} {}{times}", cells.join(", "))
    }

    /// Whether both sides pair up so that all but floats is equal and floats are within rounding.
    fn only_rounding(&self, schema: &SchemaRef) -> bool {
        let (floats, exact): (Vec<usize>, Vec<usize>) =
            (0..self.columns).partition(|i| *schema.field(*i).data_type() == DataType::Float64);
        if floats.is_empty() || self.missing != self.extra || self.kept >= ROUNDING_ROWS {
            return false;
        }
        let mut sides: BTreeMap<Option<OwnedRow>, [Vec<Floats>; 2]> = BTreeMap::new();
        for batch in &self.batches {
            let Some(keys) = keys(batch, &exact) else { return false };
            let weights = batch.column(self.columns).as_primitive::<Int64Type>();
            for (row, key) in keys.into_iter().enumerate() {
                let values: Vec<Option<f64>> =
                    floats.iter().map(|index| float(batch.column(*index), row)).collect();
                let weight = weights.value(row);
                let side = usize::from(weight < 0);
                let copies = usize::try_from(weight.unsigned_abs()).unwrap_or(usize::MAX);
                if copies > ROUNDING_ROWS {
                    return false;
                }
                sides.entry(key).or_default()[side].extend(std::iter::repeat_n(values, copies));
            }
        }
        sides.into_values().all(|[mut kept, mut made]| {
            let by_value = |a: &Floats, b: &Floats| {
                let order = |(a, b): (&Option<f64>, &Option<f64>)| match (a, b) {
                    (Some(a), Some(b)) => a.total_cmp(b),
                    (a, b) => a.is_some().cmp(&b.is_some()),
                };
                a.iter().zip(b).map(order).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
            };
            kept.sort_by(by_value);
            made.sort_by(by_value);
            kept.len() == made.len()
                && kept.iter().zip(&made).all(|(kept, made)| {
                    kept.iter().zip(made).all(|(kept, made)| match (kept, made) {
                        (Some(a), Some(b)) => {
                            a == b
                                || (a.is_nan() && b.is_nan())
                                || (a - b).abs() <= ROUNDING * a.abs().max(b.abs())
                        }
                        (a, b) => a == b,
                    })
                })
        })
    }
}

/// One comparable key for each row over the columns that must be exactly equal.
fn keys(batch: &RecordBatch, exact: &[usize]) -> Option<Vec<Option<OwnedRow>>> {
    if exact.is_empty() {
        return Some(vec![None; batch.num_rows()]);
    }
    let columns: Vec<_> = exact.iter().map(|index| Arc::clone(batch.column(*index))).collect();
    let fields = columns.iter().map(|column| SortField::new(column.data_type().clone())).collect();
    let rows = RowConverter::new(fields).and_then(|converter| converter.convert_columns(&columns));
    Some(rows.ok()?.iter().map(|row| Some(row.owned())).collect())
}

fn float(column: &dyn Array, row: usize) -> Option<f64> {
    column.is_valid(row).then(|| column.as_primitive::<Float64Type>().value(row))
}

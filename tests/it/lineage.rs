//! Lineage against two oracles: what really changes when a column does, and what the engine's plan
//! says of each output.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    sync::Arc,
};

use arrow::{
    array::{RecordBatch, UInt32Array},
    compute::{concat_batches, take},
    datatypes::{Field, Schema},
};
use datafusion::datasource::MemTable;
use viewlane_core::RelationName;
use viewlane_sql_policy::{CompiledQuery, SourceColumn};
use viewlane_tests::{
    corpus::{tpch_queries, tpch_tables},
    provenance,
};

use crate::{
    engine::{Answer, Engine},
    fixpoint::{MARTS, REPORTS},
    policy::{probes, statements, tables},
    random::{TABLES, cases, random_queries},
};

/// Large enough for most queries of TPC-H to have rows.
const SCALE: f64 = 0.001;

/// Some tables, held apart from any session.
struct Base {
    tables: Vec<(String, RecordBatch)>,
}

/// What happens to the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// A column of a table has other values.
    Values(usize, usize),
    /// A table has lost a row.
    Rows(usize),
}

impl Base {
    /// The tables of a session. Each column may be NULL, so that it can become so.
    fn of(engine: &Engine, names: &[&str]) -> Self {
        let table = |name: &&str| {
            let frame = engine.block_on(engine.context.table(*name)).unwrap();
            let batches = engine.block_on(frame.collect()).unwrap();
            let batch = concat_batches(&batches[0].schema(), &batches).unwrap();
            let fields = batch
                .schema()
                .fields()
                .iter()
                .map(|field| Field::new(field.name(), field.data_type().clone(), true))
                .collect::<Vec<_>>();
            let schema = Arc::new(Schema::new(fields));
            let batch = RecordBatch::try_new(schema, batch.columns().to_vec()).unwrap();
            ((*name).to_owned(), batch)
        };
        Self { tables: names.iter().map(table).collect() }
    }

    /// Everything that may happen to them.
    fn changes(&self) -> Vec<Change> {
        let mut changes = Vec::new();
        for (table, (_, batch)) in self.tables.iter().enumerate() {
            changes.push(Change::Rows(table));
            changes.extend((0..batch.num_columns()).map(|column| Change::Values(table, column)));
        }
        changes
    }

    /// An engine over the tables, after a change.
    fn engine(&self, change: Option<Change>) -> Engine {
        let mut engine = Engine::new(&[]);
        for (number, (name, batch)) in self.tables.iter().enumerate() {
            let batch = match change {
                Some(Change::Values(table, column)) if table == number => {
                    other_values(batch, column)
                }
                Some(Change::Rows(table)) if table == number => {
                    batch.slice(0, batch.num_rows() - 1)
                }
                _ => batch.clone(),
            };
            let table = MemTable::try_new(batch.schema(), vec![vec![batch]]).unwrap();
            engine.context.register_table(name.as_str(), Arc::new(table)).unwrap();
        }
        engine.refresh();
        engine
    }

    fn relation(&self, table: usize) -> RelationName {
        RelationName::from_parts(["datafusion", "public", &*self.tables[table].0]).unwrap()
    }

    fn column(&self, table: usize, column: usize) -> SourceColumn {
        let column = self.tables[table].1.schema().field(column).name().clone();
        SourceColumn { relation: self.relation(table), column }
    }
}

/// The table with the values of a column mixed up: some come from other rows, some are all the same,
/// some are NULL.
fn other_values(batch: &RecordBatch, column: usize) -> RecordBatch {
    let rows = batch.num_rows();
    let from = (0..rows).map(|row| match row % 5 {
        1 => None,
        3 => Some(0),
        _ => Some(((row * 7 + 3) % rows) as u32),
    });
    let from = UInt32Array::from_iter(from);
    let mut columns = batch.columns().to_vec();
    columns[column] = take(&columns[column], &from, None).unwrap();
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

/// What was looked at.
#[derive(Debug, Default)]
struct Seen {
    queries: usize,
    with_rows: usize,
    /// Runs after a change, by query and change.
    runs: usize,
    /// Those after which lineage said that some output stays.
    promises: usize,
    /// Those of them in which another output, or the order, did change.
    told_apart: usize,
    /// Those in which lineage said that something may change, and something did.
    hits: usize,
    failed: usize,
    wrong: Vec<String>,
}

/// Runs some queries before and after each change that lineage has something to say about.
fn mutate(base: &Base, queries: &[String]) -> Seen {
    let mut seen = Seen::default();
    let engine = base.engine(None);
    let mut before: Vec<(&str, CompiledQuery, Answer)> = Vec::new();
    for sql in queries {
        let Ok(query) = engine.compile(sql) else { continue };
        let Ok(answer) = engine.run(&query) else { continue };
        seen.queries += 1;
        seen.with_rows += usize::from(!answer.rows.is_empty());
        before.push((sql, query, answer));
    }
    for change in base.changes() {
        let mut engine = None;
        for (sql, query, before) in &before {
            let lineage = query.lineage();
            let (columns, relations) = match change {
                Change::Values(table, column) => {
                    (BTreeSet::from([base.column(table, column)]), BTreeSet::new())
                }
                Change::Rows(table) => (BTreeSet::new(), BTreeSet::from([base.relation(table)])),
            };
            // What the query does not name can change nothing, and shows nothing.
            let named = columns.iter().all(|column| lineage.columns().contains(column))
                && relations.iter().all(|relation| lineage.relations().contains(relation));
            if !named {
                continue;
            }
            let impact = lineage.affected_outputs(&columns, &relations);
            if impact.rows {
                continue;
            }
            let engine = engine.get_or_insert_with(|| base.engine(Some(change)));
            let Ok(after) = engine.run(query) else {
                seen.failed += 1;
                continue;
            };
            seen.runs += 1;
            let kept = (0..lineage.outputs().len()).filter(|at| !impact.outputs.contains(at));
            let kept: Vec<_> = kept.collect();
            let ordered = query.ast().order_by.is_some() && !impact.order;
            let (ours, theirs) = (only(before, &kept, ordered), only(&after, &kept, ordered));
            seen.promises += usize::from(!kept.is_empty());
            seen.told_apart += usize::from(!kept.is_empty() && before.rows != after.rows);
            seen.hits += usize::from(before.rows != after.rows);
            if ours != theirs {
                let mut text = String::new();
                write!(text, "{sql}\n{}\n{columns:?} {relations:?}\n{impact:?}\n", query.sql())
                    .unwrap();
                let differ = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
                write!(text, "{} rows, {} rows; {differ:?}", ours.len(), theirs.len()).unwrap();
                seen.wrong.push(text);
            }
        }
    }
    seen
}

/// Some columns of an answer.
fn only(answer: &Answer, columns: &[usize], ordered: bool) -> Vec<Vec<String>> {
    let row = |row: &Vec<String>| columns.iter().map(|at| row[*at].clone()).collect();
    let mut rows: Vec<Vec<String>> = answer.rows.iter().map(row).collect();
    if !ordered {
        rows.sort();
    }
    rows
}

/// A column that an output does not depend on may have any values.
#[test]
fn outputs_of_random_queries_change_with_nothing_but_their_lineage() {
    let base = Base::of(&Engine::new(&TABLES), &["t", "u", "v"]);
    let seen = mutate(&base, &random_queries(cases(400)));
    let Seen { queries, with_rows, runs, promises, told_apart, hits, failed, wrong } = seen;
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let counts = format!(
        "{queries} queries, {with_rows} with rows, {runs} runs, {promises} promises, \
         {told_apart} told apart, {hits} hits, {failed} failed"
    );
    assert!(queries >= 300 && with_rows >= 250, "{counts}");
    assert!(promises >= 250 && told_apart >= 60 && hits >= told_apart, "{counts}");
    assert!(failed * 20 <= runs, "{counts}");
}

/// The queries by which the rewrites are tested.
fn transformed_queries() -> Vec<String> {
    let texts = [
        include_str!("transforms/hoist_ctes.sql"),
        include_str!("transforms/qualify.sql"),
        include_str!("transforms/join_commas.sql"),
        include_str!("transforms/predicates.sql"),
        include_str!("transforms/unnest.sql"),
    ];
    texts.into_iter().flat_map(statements).map(str::to_owned).collect()
}

#[test]
fn outputs_over_lists_and_structs_change_with_nothing_but_their_lineage() {
    let source = Engine::new(&statements(include_str!("transforms/tables.sql")));
    let base = Base::of(&source, &["t", "u", "v", "l"]);
    let seen = mutate(&base, &transformed_queries());
    let Seen { queries, with_rows, runs, promises, told_apart, hits, failed, wrong } = seen;
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let counts = format!(
        "{queries} queries, {with_rows} with rows, {runs} runs, {promises} promises, \
         {told_apart} told apart, {hits} hits, {failed} failed"
    );
    assert!(queries >= 150 && with_rows >= 140, "{counts}");
    assert!(promises >= 100 && told_apart >= 80, "{counts}");
}

#[test]
fn outputs_of_tpch_change_with_nothing_but_their_lineage() {
    let source = Engine::new(&[]);
    tpch_tables(&source.context, SCALE);
    let names =
        ["customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier"];
    let base = Base::of(&source, &names);
    let seen = mutate(&base, &tpch_queries());
    let Seen { queries, with_rows, runs, promises, told_apart, hits, failed, wrong } = seen;
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let counts = format!(
        "{queries} queries, {with_rows} with rows, {runs} runs, {promises} promises, \
         {told_apart} told apart, {hits} hits, {failed} failed"
    );
    assert!(queries == 22 && with_rows >= 12, "{counts}");
    assert!(promises >= 30 && told_apart >= 10, "{counts}");
}

/// Holds the value sources of every output against those of the plan. How many queries there were to
/// compare, and how many of them the plan could be read of.
fn agree(engine: &Engine, queries: &[String], wrong: &mut Vec<String>) -> (usize, usize) {
    let (mut all, mut compared) = (0, 0);
    for sql in queries {
        let (Ok(plan), Ok(query)) = (engine.plan(sql), engine.compile(sql)) else { continue };
        if query.deviations().next().is_some() {
            continue;
        }
        all += 1;
        let tables = provenance::tables(&plan, "datafusion", "public");
        let plan = provenance::of(&plan, "datafusion", "public");
        let lineage = provenance::by_lineage(query.lineage(), &tables);
        let (Some(plan), Some(lineage)) = (plan, lineage) else { continue };
        compared += 1;
        if let Some(difference) = provenance::difference(&plan, &lineage) {
            wrong.push(format!("{sql}\n{}\n{difference}", query.sql()));
        }
    }
    (all, compared)
}

#[test]
fn the_plan_of_the_engine_says_the_same_of_where_values_come_from() {
    let mut wrong = Vec::new();
    let mut counts = BTreeMap::new();

    let tpch = Engine::new(&[]);
    tpch_tables(&tpch.context, SCALE);
    let mut tpch = tpch;
    tpch.refresh();
    counts.insert("tpch", agree(&tpch, &tpch_queries(), &mut wrong));
    let (marts, queries) = MARTS.load();
    counts.insert("marts", agree(&marts, &queries, &mut wrong));
    let (reports, queries) = REPORTS.load();
    counts.insert("reports", agree(&reports, &queries, &mut wrong));
    let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let probed = Engine::new(&tables());
    counts.insert("probes", agree(&probed, &owned(probes()), &mut wrong));
    let random = Engine::new(&TABLES);
    counts.insert("random", agree(&random, &random_queries(600), &mut wrong));
    let transformed = Engine::new(&statements(include_str!("transforms/tables.sql")));
    counts.insert("transforms", agree(&transformed, &transformed_queries(), &mut wrong));

    assert!(wrong.is_empty(), "{} wrong, {counts:?}\n{}", wrong.len(), wrong.join("\n\n"));
    let least = BTreeMap::from([
        ("marts", 22),
        ("probes", 100),
        ("random", 450),
        ("reports", 60),
        ("tpch", 22),
        ("transforms", 140),
    ]);
    for (what, (_, compared)) in &counts {
        assert!(*compared >= least[what], "{what}: {counts:?}");
    }
}

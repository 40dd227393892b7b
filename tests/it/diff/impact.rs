//! What a change of a view reaches, held against what changes in the views that read it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use viewlane_core::RelationName;
use viewlane_sql_policy::{Affected, Artifact, impact};

use super::{TABLES, claims::Rows, stored};
use crate::engine::Engine;

const OLD: &str = "SELECT t.a AS g, t.b AS a, t.s AS s FROM t WHERE t.a > 0";

/// Each after those it reads.
const VIEWS: [(&str, &str); 3] = [
    ("sums", "SELECT v.g AS g, sum(v.a) AS total, count(*) AS n FROM v GROUP BY v.g"),
    ("plain", "SELECT v.a AS a, upper(v.s) AS s FROM v"),
    (
        "joined",
        "SELECT sums.total AS total, sums.n AS n, plain.s AS s FROM sums, plain WHERE sums.g = 1",
    ),
];

const EDITS: [&str; 14] = [
    "SELECT t.a AS g, t.b AS a, t.s AS s FROM t WHERE 0 < t.a",
    "SELECT t.a AS g, t.b AS a, t.s AS s, t.a + t.b AS ab FROM t WHERE t.a > 0",
    "SELECT t.a AS g, t.b AS a, t.s AS s FROM t WHERE t.a > 0 ORDER BY t.b",
    "SELECT t.a AS g, t.b * 2 AS a, t.s AS s FROM t WHERE t.a > 0",
    "SELECT t.a AS g, t.b AS a, concat(t.s, '!') AS s FROM t WHERE t.a > 0",
    "SELECT t.a % 2 AS g, t.b AS a, t.s AS s FROM t WHERE t.a > 0",
    "SELECT t.a AS g, t.b AS a, t.s AS text FROM t WHERE t.a > 0",
    "SELECT t.a AS g, t.b AS a FROM t WHERE t.a > 0",
    "SELECT t.a AS g, t.b AS a, t.s AS s FROM t WHERE t.a > 1",
    "SELECT DISTINCT t.a AS g, t.b AS a, t.s AS s FROM t WHERE t.a > 0",
    "SELECT t.s AS s, t.b AS a, t.a AS g FROM t WHERE t.a > 0",
    "SELECT t.a AS g, t.b AS a, t.s AS s FROM t LEFT JOIN u ON t.a = u.a WHERE t.a > 0",
    "SELECT d.g AS g, d.a AS a, d.s AS s FROM (SELECT t.a AS g, t.b AS a, t.s AS s, t.b AS unread FROM t WHERE t.a > 0) AS d",
    "SELECT t.a AS g, t.b AS a, t.s AS s FROM t WHERE t.a > 0 UNION ALL SELECT u.a, u.c, u.s FROM u",
];

fn full(name: &str) -> RelationName {
    RelationName::from_parts(["datafusion", "public", name]).unwrap()
}

/// What the views hold when `v` is this query. A view that cannot be built has no rows to hold.
fn built(sql: &str) -> BTreeMap<&'static str, Option<Rows>> {
    let create = format!("CREATE TABLE v AS {sql}");
    let mut engine = Engine::new(&[&TABLES[..2], &[&create]].concat());
    let mut built = BTreeMap::new();
    for (name, sql) in VIEWS {
        let rows = engine.raw(sql).ok().map(|answer| Rows::of(&answer));
        let create = format!("CREATE TABLE {name} AS {sql}");
        // One that reads a view that is not there cannot be built either.
        let context = engine.context.clone();
        let created = engine.block_on(async { context.sql(&create).await?.collect().await });
        assert_eq!(created.is_ok(), rows.is_some(), "{sql}");
        engine.refresh();
        built.insert(name, rows);
    }
    built
}

/// The columns that are not what they were, and whether that is because of rows that came or went.
fn changed(before: &Rows, after: Option<&Rows>) -> BTreeSet<String> {
    let Some(after) = after else { return before.names.iter().cloned().collect() };
    let column = |rows: &Rows, at: usize| {
        let mut cells: Vec<_> = rows.rows.iter().map(|row| row[at].clone()).collect();
        cells.sort();
        cells
    };
    let places = before.names.iter().enumerate();
    let differ = places.filter(|(at, _)| column(before, *at) != column(after, *at));
    differ.map(|(_, name)| name.clone()).collect()
}

/// Three views are stored before the change and read back. Everything that then differs in them was
/// foretold; what a view holds beside the foretold columns is the same, row by row.
#[test]
fn nothing_changes_downstream_that_impact_does_not_tell() {
    let before = built(OLD);
    let create = format!("CREATE TABLE v AS {OLD}");
    let mut engine = Engine::new(&[&TABLES[..2], &[&create]].concat());
    let mut views: Vec<(RelationName, Artifact)> = Vec::new();
    for (name, sql) in VIEWS {
        views.push((full(name), stored(&engine, sql)));
        let context = engine.context.clone();
        let create = format!("CREATE TABLE {name} AS {sql}");
        engine.block_on(async { context.sql(&create).await.unwrap().collect().await.unwrap() });
        engine.refresh();
    }
    let old = stored(&engine, OLD);

    let mut text = String::new();
    for sql in EDITS {
        let diff = old.diff(&stored(&engine, sql));
        let affected = impact(&full("v"), &diff, views.iter().map(|(name, view)| (name, view)));
        let affected: BTreeMap<&str, &Affected> =
            affected.iter().map(|view| (&*view.view.parts()[2], view)).collect();
        let after = built(sql);
        writeln!(text, "{}: {sql}", diff.category).unwrap();
        for (name, _) in VIEWS {
            let before = before[name].as_ref().unwrap();
            let after = after[name].as_ref();
            let changed = changed(before, after);
            let told: BTreeSet<String> = match affected.get(name) {
                None => BTreeSet::new(),
                Some(view) if view.rows => before.names.iter().cloned().collect(),
                Some(view) => view.columns.iter().cloned().collect(),
            };
            match after {
                Some(_) => {
                    assert!(changed.is_subset(&told), "{sql}\n{name}: {changed:?}, told {told:?}")
                }
                // A column that it reads is gone.
                None => assert!(!told.is_empty(), "{sql}\n{name}"),
            }
            let rows = affected.get(name).is_some_and(|view| view.rows);
            if let Some(after) = after.filter(|_| !rows) {
                let kept: Vec<_> = (0..before.names.len())
                    .filter(|at| !told.contains(&before.names[*at]))
                    .collect();
                assert_eq!(before.only(&kept, false), after.only(&kept, false), "{sql}\n{name}");
            }
            let list = |columns: &BTreeSet<String>| {
                columns.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
            };
            let rows = if rows { "rows " } else { "" };
            let gone = if after.is_none() { "cannot be built " } else { "" };
            if !told.is_empty() {
                writeln!(text, "  {name}: told {rows}{}; {gone}{}", list(&told), list(&changed))
                    .unwrap();
            }
        }
    }
    insta::assert_snapshot!("impact", text);
}

/// The engine takes an order away where nothing above asks for it, also under aggregates that depend
/// on the order of their rows. So the shape, which knows no such order, calls both queries the same.
#[test]
fn the_engine_drops_the_order_of_a_derived_table() {
    let mut text = String::new();
    for (call, group) in [
        ("array_agg(d.b)", ""),
        ("first_value(d.b)", ""),
        ("last_value(d.b)", ""),
        ("string_agg(d.s, ',')", ""),
        ("array_agg(d.b)", " GROUP BY d.s ORDER BY d.s"),
        ("count(*)", ""),
    ] {
        let query = |order: &str| {
            format!("SELECT {call} AS x FROM (SELECT t.b, t.s FROM t{order}) AS d{group}")
        };
        let (one, other) = (query(" ORDER BY t.b"), query(" ORDER BY t.b DESC, t.s"));
        let engine = Engine::new(&TABLES);
        let shape = |sql: &str| engine.compile(sql).unwrap().shape();
        let same = shape(&one) == shape(&other);
        let category = stored(&engine, &one).diff(&stored(&engine, &other)).category;
        let answers = [&one, &other, &query("")].map(|sql| {
            let answer = engine.raw(sql).unwrap();
            assert_eq!(engine.run(&engine.compile(sql).unwrap()).unwrap(), answer);
            answer
        });
        writeln!(text, "{one}\n  {category}, one shape: {same}").unwrap();
        for answer in &answers {
            writeln!(text, "  {answer}").unwrap();
        }
        // What is called the same gives the same.
        if same {
            assert_eq!(answers[0], answers[1], "{one}");
        }
    }
    insta::assert_snapshot!("inner_orders", text);
}

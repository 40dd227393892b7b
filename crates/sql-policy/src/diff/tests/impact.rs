use std::collections::{BTreeMap, BTreeSet};

use viewlane_core::RelationName;

use super::super::*;
use super::support::pair;
use crate::{
    Lane, Naming, Policy,
    fixtures::{Known, text},
};

/// Views that read a view `v` and each other, each after those it reads.
const VIEWS: [(&str, &str, &[&str]); 5] = [
    ("sums", "SELECT g, sum(a) AS total FROM v GROUP BY g", &["g", "total"]),
    ("plain", "SELECT a, b FROM v", &["a", "b"]),
    ("other", "SELECT x FROM w", &["x"]),
    ("top", "SELECT total AS t, b FROM sums, plain", &["t", "b"]),
    ("filtered", "SELECT a FROM plain WHERE b > 1", &["a"]),
];

fn full(name: &str) -> RelationName {
    RelationName::from_parts(["datafusion", "public", name]).unwrap()
}

fn shown(old: &str, new: &str) -> String {
    let lane = Lane::new(Policy::builder().naming(Naming::Stable).build().unwrap());
    let mut columns: BTreeMap<RelationName, Vec<String>> = BTreeMap::new();
    let tables = [("v", &["g", "a", "b"][..]), ("w", &["x"])];
    let views = VIEWS.iter().map(|(name, _, columns)| (*name, *columns));
    for (name, of) in tables.into_iter().chain(views) {
        let of = of.iter().map(|column| (*column).to_owned()).collect();
        columns.insert(name.parse().unwrap(), of);
    }
    let views = VIEWS.map(|(name, sql, _)| {
        let gated = lane.read_query(&text(sql), &Known).unwrap();
        (full(name), lane.resolve(gated, &columns, &()).unwrap().artifact())
    });

    let diff = pair(old, new).diff();
    let views = views.iter().map(|(name, artifact)| (name, artifact));
    let affected = impact(&full("v"), &diff, views);
    let lines = affected.iter().map(|affected| {
        let rows = if affected.rows { " rows" } else { "" };
        let name = affected.view.parts().last().unwrap();
        format!("{name}{rows}: {}", affected.columns.join(", "))
    });
    format!("{}\n{}", diff.category, lines.collect::<Vec<_>>().join("\n"))
}

const OLD: &str = "SELECT t.g AS g, t.a AS a, t.b AS b FROM #t AS t";

#[test]
fn a_column_reaches_those_who_read_it_and_no_others() {
    insta::assert_snapshot!(
        shown(OLD, "SELECT t.g AS g, t.a * 2 AS a, t.b AS b FROM #t AS t"),
        @r#"
        column_breaking
        sums: total
        plain: a
        top: t
        filtered: a
        "#
    );
    insta::assert_snapshot!(
        shown(OLD, "SELECT t.g AS g, t.a AS a, t.b AS bb FROM #t AS t"),
        @r#"
        column_breaking
        plain: b
        top: b
        filtered rows: a
        "#
    );
    insta::assert_snapshot!(shown(OLD, "SELECT t.g AS g, t.a AS a FROM #t AS t"), @r#"
    column_breaking
    plain: b
    top: b
    filtered rows: a
    "#);
}

#[test]
fn a_key_of_groups_reaches_rows() {
    insta::assert_snapshot!(
        shown(OLD, "SELECT abs(t.g) AS g, t.a AS a, t.b AS b FROM #t AS t"),
        @r#"
        column_breaking
        sums rows: g, total
        top rows: b, t
        "#
    );
}

#[test]
fn rows_reach_everybody_who_reads_the_relation() {
    insta::assert_snapshot!(shown(OLD, &format!("{OLD} WHERE t.a > 1")), @r#"
    row_set_breaking
    sums rows: g, total
    plain rows: a, b
    top rows: b, t
    filtered rows: a
    "#);
}

#[test]
fn what_adds_reaches_nobody() {
    for new in [
        OLD.to_owned(),
        "SELECT t.g AS g, t.a AS a, t.b AS b, t.c AS c FROM #t AS t".to_owned(),
        "SELECT x.g AS g, x.a AS a, x.b AS b FROM #t AS x".to_owned(),
        format!("{OLD} ORDER BY a"),
        "SELECT t.a AS a, t.g AS g, t.b AS b FROM #t AS t".to_owned(),
    ] {
        assert_eq!(shown(OLD, &new).lines().count(), 1, "{new}");
    }
}

#[test]
fn nothing_is_known_of_what_was_not_compared() {
    let diff = Diff {
        category: Category::Unknown,
        rows: true,
        order: true,
        columns: Vec::new(),
        reasons: Vec::new(),
    };
    assert_eq!(diff.reach(), Reach { rows: true, columns: BTreeSet::new() });
}

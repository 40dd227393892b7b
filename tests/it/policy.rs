//! What the engine passes over in silence, and the rules by which it finds and gives names.

use std::fmt::Write as _;

use datafusion::config::Dialect;
use viewlane_core::Kinded;

use crate::engine::{Engine, outcome};

/// The statements of a file: each ends with a semicolon at the end of a line; lines that begin with
/// dashes are headings.
pub(crate) fn statements(text: &'static str) -> Vec<&'static str> {
    let heading = |part: &'static str| {
        let mut rest = part.trim();
        while let Some((first, after)) = rest.split_once('\n')
            && first.starts_with("--")
        {
            rest = after;
        }
        rest
    };
    text.split(";\n").map(heading).filter(|sql| !sql.is_empty()).collect()
}

/// The tables of the probes.
pub(crate) fn tables() -> Vec<&'static str> {
    statements(include_str!("policy/tables.sql"))
}

/// Queries that show a rule of the engine each.
pub(crate) fn probes() -> Vec<&'static str> {
    statements(include_str!("policy/probes.sql"))
}

/// What the engine reads and does not carry out. Where it refuses one of them by now, the lane might
/// do without the rule.
const DROPPED: &[(Dialect, &str, &[&str])] = &[
    (
        Dialect::Generic,
        "filters",
        &[
            "SELECT a FROM t PREWHERE a > 2",
            "SELECT a FROM t START WITH a = 1 CONNECT BY PRIOR a = b",
            "SELECT a FROM t CONNECT BY PRIOR a = b",
        ],
    ),
    (
        Dialect::Generic,
        "samples",
        &[
            "SELECT a FROM t TABLESAMPLE (1 ROWS)",
            "SELECT a FROM t TABLESAMPLE BERNOULLI (0)",
            "SELECT a FROM (SELECT a FROM t) AS d TABLESAMPLE (1 ROWS)",
        ],
    ),
    (
        Dialect::Generic,
        "modifiers of GROUP BY",
        &[
            "SELECT a, count(*) AS n FROM t GROUP BY a WITH TOTALS",
            "SELECT count(*) AS n FROM t GROUP BY ALL WITH ROLLUP",
        ],
    ),
    (
        Dialect::Generic,
        "clauses behind a query",
        &[
            "SELECT a FROM t FOR UPDATE",
            "SELECT a FROM t FOR SHARE OF t NOWAIT",
            "SELECT a FROM t FOR JSON AUTO",
            "SELECT a FROM t FOR XML AUTO",
            "SELECT a FROM t SETTINGS max_threads = 1",
            "SELECT a FROM t FORMAT JSON",
            "SELECT a FROM t FORMAT NULL",
            "SELECT /*+ BROADCAST(t) */ a FROM t",
        ],
    ),
    (
        Dialect::Generic,
        "on tables",
        &[
            "SELECT a FROM t PARTITION (p0)",
            "SELECT a FROM t WITH (NOLOCK)",
            "SELECT a FROM t FOR SYSTEM_TIME AS OF '2020-01-01'",
            "SELECT value FROM generate_series(1, 2) WITH ORDINALITY",
            "SELECT i FROM LATERAL generate_series(1, 2) AS g(i)",
            "SELECT * FROM generate_series(stop => 1, start => 3) AS g(i)",
        ],
    ),
    (
        Dialect::Generic,
        "on joins, queries and expressions",
        &[
            "SELECT t.a FROM t GLOBAL JOIN u ON t.a = u.a",
            "SELECT t.a FROM t GLOBAL LEFT JOIN u ON t.a = u.a",
            "WITH x AS MATERIALIZED (SELECT a FROM t) SELECT a FROM x",
            "SELECT a FROM t WHERE 'abc' SIMILAR TO 'a%'",
        ],
    ),
    (
        Dialect::PostgreSQL,
        "where PostgreSQL's grammar reads them",
        &[
            "WITH x AS MATERIALIZED (SELECT a FROM t) SELECT a FROM x",
            "SELECT value FROM generate_series(1, 2) WITH ORDINALITY",
            "SELECT a FROM t TABLESAMPLE BERNOULLI (0)",
        ],
    ),
    (
        Dialect::MySQL,
        "where MySQL's grammar reads them",
        &[
            "SELECT SQL_CALC_FOUND_ROWS a FROM t",
            "SELECT HIGH_PRIORITY STRAIGHT_JOIN a FROM t",
            "SELECT a FROM t USE INDEX (i)",
            "SELECT a FROM t PARTITION (p0)",
        ],
    ),
    (
        Dialect::Redshift,
        "where Redshift's grammar reads them",
        &["SELECT a, b EXCLUDE b FROM t", "SELECT a FROM t AS x WHERE x.a[0].b = 1"],
    ),
    (
        Dialect::BigQuery,
        "where BigQuery's grammar reads them",
        &[
            "SELECT AS STRUCT a FROM t",
            "SELECT AS VALUE a FROM t",
            "SELECT a FROM t FOR SYSTEM_TIME AS OF '2020-01-01'",
        ],
    ),
    (
        Dialect::ClickHouse,
        "where ClickHouse's grammar reads them",
        &[
            "SELECT t.a FROM t GLOBAL JOIN u ON t.a = u.a",
            "SELECT a FROM t PREWHERE a > 2",
            "SELECT a FROM t SETTINGS max_threads = 1 FORMAT JSON",
        ],
    ),
    (
        Dialect::MsSQL,
        "where SQL Server's grammar reads them",
        &[
            "SELECT a FROM t WITH (NOLOCK)",
            "SELECT a FROM t FOR SYSTEM_TIME AS OF '2020-01-01'",
            "SELECT a FROM t FOR JSON AUTO",
        ],
    ),
    (
        Dialect::Snowflake,
        "where Snowflake's grammar reads them",
        &[
            "SELECT a FROM t AT (TIMESTAMP => '2020-01-01')",
            "SELECT a FROM t SAMPLE (1)",
            "SELECT a:b FROM t",
        ],
    ),
    (
        Dialect::Databricks,
        "where Databricks' grammar reads them",
        &["SELECT a FROM t VERSION AS OF 1", "SELECT a FROM t TIMESTAMP AS OF '2020-01-01'"],
    ),
];

/// A snapshot, so that a new engine shows what it does otherwise. Nothing on the list gets through
/// the lane, whatever the engine does.
#[test]
fn what_the_engine_drops_is_refused() {
    let mut text = String::new();
    for (dialect, what, texts) in DROPPED {
        let engine = Engine::speaking(*dialect, &tables());
        writeln!(text, "# {what} ({dialect})\n").unwrap();
        for sql in *texts {
            let raw = engine.raw(sql);
            let lane = match engine.compile(sql) {
                Ok(query) => format!("ACCEPTED {}", query.sql()),
                Err(refusal) => format!("{}: {refusal}", refusal.code()),
            };
            let lane = lane.split_once(": ").map_or(lane.as_str(), |(_, message)| message);
            writeln!(text, "{sql}\n  raw   {}\n  lane  {lane}\n", outcome(&raw)).unwrap();
        }
    }
    insta::assert_snapshot!("dropped_clauses", text.trim_end());
    assert!(!text.contains("ACCEPTED"));
}

/// `t` may be any table of that name for the engine, which takes the first one in sight. That is
/// seldom the one that is meant.
#[test]
fn what_the_engine_binds_by_chance_is_refused() {
    let engine = Engine::new(&tables());
    let mut text = String::new();
    for sql in [
        "SELECT public.t.a, other.t.a AS o FROM t CROSS JOIN other.t ORDER BY 1",
        "SELECT other.t.* FROM t, other.t ORDER BY t.a LIMIT 1",
    ] {
        let refusal = engine.compile(sql).unwrap_err();
        writeln!(text, "{sql}\n  raw   {}\n  lane  {refusal}", outcome(&engine.raw(sql))).unwrap();
    }
    insta::assert_snapshot!(text, @r"
    SELECT public.t.a, other.t.a AS o FROM t CROSS JOIN other.t ORDER BY 1
      raw   a, o: (1, 1) (2, 2) (3, 3) (NULL, NULL)
      lane  VL-P0703: column `a` exists in more than one relation (q.sql:1:28)
    SELECT other.t.* FROM t, other.t ORDER BY t.a LIMIT 1
      raw   a, c: (1, 'other')
      lane  VL-P0703: column `a` exists in more than one relation (q.sql:1:45)
    ");
}

/// The engine would find one name twice, and says so.
#[test]
fn what_the_engine_cannot_tell_apart_is_refused() {
    let engine = Engine::new(&tables());
    for (sql, code) in [
        ("SELECT a, a FROM t", "VL-P0703"),
        ("SELECT d.a FROM (SELECT a, a FROM t) AS d", "VL-P0703"),
        ("WITH x AS (SELECT a, a FROM t) SELECT 1 AS one FROM x", "VL-P0703"),
        ("SELECT b, 2 AS b FROM t", "VL-P0703"),
        ("SELECT 1 AS one FROM t JOIN t ON true", "VL-P0703"),
        ("SELECT 1 AS one FROM t, (SELECT a FROM t)", "VL-P0703"),
        ("SELECT 7 AS one, count(*) AS n FROM t GROUP BY one", "VL-P0707"),
    ] {
        engine.raw(sql).unwrap_err();
        let refusal = engine.compile(sql).unwrap_err();
        assert_eq!(refusal.code().to_string(), code, "{sql}\n{refusal}");
    }
}

#[test]
fn the_lane_follows_the_rules_of_the_engine() {
    let engine = Engine::new(&tables());
    let mut wrong = String::new();
    for sql in probes() {
        let raw = engine.raw(sql);
        let query = engine.compile(sql);
        let lane = match &query {
            Ok(query) => engine.run(query),
            Err(refusal) => Err(refusal.to_string()),
        };
        let columns = (raw.as_ref().map(|raw| raw.columns()), lane.as_ref().map(|a| a.columns()));
        let same = matches!((&raw, &lane), (Ok(raw), Ok(lane)) if raw == lane);
        let alone = query.as_ref().is_ok_and(|query| query.deviations().count() == 0);
        if !same || !alone {
            let sql_of = query.map(|query| query.sql()).unwrap_or_default();
            writeln!(
                wrong,
                "{sql}\n  raw   {}\n  lane  {}\n  {columns:?}\n  {sql_of}",
                outcome(&raw),
                outcome(&lane)
            )
            .unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(probes().len() >= 120);
}

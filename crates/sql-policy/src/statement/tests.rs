use super::*;
use crate::{
    Lane, Policy,
    fixtures::{Known, refusal, text},
};

fn check(preset: Preset, sql: &str) -> String {
    let lane = Lane::new(Policy::builder().preset(preset).build().unwrap());
    match lane.check_statement(&text(sql), &Known) {
        Ok(kind) => kind.as_str().to_owned(),
        Err(rejection) => refusal(&rejection).replace('\n', "\n    "),
    }
}

/// Statements, and the presets under which each may pass: query, write, ddl, admin.
const STATEMENTS: &[(&str, [bool; 4])] = &[
    ("SELECT a FROM t", [true; 4]),
    ("VALUES (1)", [true; 4]),
    ("EXPLAIN INSERT INTO t SELECT 1", [true; 4]),
    ("EXPLAIN ANALYZE SELECT 1", [true; 4]),
    ("EXPLAIN ANALYZE INSERT INTO t SELECT 1", [false, true, false, true]),
    ("EXPLAIN ANALYZE DELETE FROM t", [false, true, false, true]),
    ("INSERT INTO t SELECT a FROM u", [false, true, false, true]),
    ("INSERT INTO t VALUES (1)", [false, true, false, true]),
    ("UPDATE t SET a = abs(b) WHERE a > 1", [false, true, false, true]),
    ("DELETE FROM t WHERE a IN (SELECT a FROM u)", [false, true, false, true]),
    ("TRUNCATE TABLE t", [false, true, false, true]),
    ("MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE", [false, true, false, true]),
    ("CREATE TABLE x (a INT)", [false, false, true, true]),
    ("CREATE TABLE x AS SELECT a FROM t", [false, false, true, true]),
    ("CREATE VIEW x AS SELECT a FROM t", [false, false, true, true]),
    ("CREATE SCHEMA s", [false, false, true, true]),
    ("DROP TABLE t", [false, false, true, true]),
    ("ALTER TABLE t ADD COLUMN b INT", [false, false, true, true]),
    (
        "CREATE EXTERNAL TABLE x (a INT) STORED AS PARQUET LOCATION '/x'",
        [false, false, false, true],
    ),
    ("COPY t TO '/x'", [false, false, false, true]),
    ("SET x = 1", [false, false, false, true]),
    ("SHOW TABLES", [false, false, false, true]),
    ("PREPARE p AS INSERT INTO t SELECT 1", [false, false, false, true]),
    ("EXECUTE p", [false, false, false, true]),
    ("BEGIN", [false, false, false, true]),
    ("GRANT SELECT ON t TO u", [false, false, false, true]),
];

#[test]
fn a_preset_lets_its_kinds_pass() {
    for (sql, expected) in STATEMENTS {
        let presets = [Preset::Query, Preset::Write, Preset::Ddl, Preset::Admin];
        let passed = presets.map(|preset| {
            let lane = Lane::new(Policy::builder().preset(preset).build().unwrap());
            lane.check_statement(&text(sql), &Known).is_ok()
        });
        assert_eq!(passed, *expected, "{sql}\n{}", check(Preset::Admin, sql));
    }
}

/// The gate of queries holds inside other statements, whatever the preset.
#[test]
fn what_is_in_a_statement_is_judged_as_well() {
    let shown: String = [
        "INSERT INTO t SELECT nope(a) FROM u",
        "UPDATE t SET a = nope(b)",
        "DELETE FROM 's3://bucket/t'",
        "INSERT INTO t SELECT a FROM 'x.parquet'",
        "SELECT a INTO x FROM t",
        "CREATE TABLE x AS SELECT a FROM t PREWHERE a > 1",
        "DELETE FROM t; DROP TABLE t",
        "DELETE FROM {{ t }}",
        "WITH x AS (INSERT INTO t SELECT 1) SELECT 1",
        "SELEC 1",
    ]
    .map(|sql| format!("{sql}\n    {}\n", check(Preset::Admin, sql)))
    .concat();
    insta::assert_snapshot!(shown);
}

#[test]
fn a_refusal_names_what_may_pass() {
    insta::assert_snapshot!(check(Preset::Query, "DROP TABLE t"), @"
    VL-P0204: the policy allows queries only, not `DROP` @ 1:1 `DROP`
          help: leave the statement out, or take a preset that allows it
    ");
    insta::assert_snapshot!(check(Preset::Write, "CREATE VIEW v AS SELECT 1"), @"
    VL-P0204: the policy allows queries and statements that change rows, not `CREATE VIEW` @ 1:1 `CREATE`
          help: leave the statement out, or take a preset that allows it
    ");
    let nothing = BTreeSet::new();
    assert_eq!(allowed(&nothing), "nothing");
}

#[test]
fn a_high_statement_is_judged_and_dropped() {
    let chain = "a = 1 OR ".repeat(10_000);
    assert_eq!(check(Preset::Write, &format!("DELETE FROM t WHERE {chain} a = 2")), "write");
    let refused = check(Preset::Ddl, &format!("DELETE FROM t WHERE {chain} a = 2"));
    assert!(refused.starts_with("VL-P0204"), "{refused}");
}

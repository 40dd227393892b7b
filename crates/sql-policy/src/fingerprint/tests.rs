use std::collections::BTreeMap;

use serde::Serialize;

use super::*;
use crate::fixtures::query;

fn id(sql: &str) -> Fingerprint {
    query(sql).unwrap().fingerprint()
}

/// Stored digests outlive a release: a change here makes every stored view stale.
#[test]
fn the_encoding_is_pinned() {
    insta::assert_snapshot!(id("SELECT a, count(*) FROM t WHERE b > 1.5 GROUP BY a LIMIT 3"), @"fb263f097154c2e3a1d0f515ef88c821afea3982b05bc55f3ddffd1fcbb1c191");
    insta::assert_snapshot!(encode(&query("SELECT a FROM t").unwrap().ast()).escape_ascii(), @r#"{:\x04bodyE\x06Select{:\nprojection[\x01E\x0bUnnamedExprE\nIdentifier{:\x05value\"\x01a}:\x04from[\x01{:\x08relationE\x05Table{:\x04name[\x01E\nIdentifier{:\x05value\"\x01t}}}:\x08group_byE\x0bExpressions[\x02[\x00[\x00:\x06flavore\x08Standard}}"#);
}

#[test]
fn spelling_that_means_the_same_is_the_same() {
    for (one, two) in [
        ("SELECT a FROM t", "select\n  A -- x\nfrom\tT /* y */ ;"),
        ("SELECT a AS b FROM t u", "SELECT a b FROM t AS u"),
        ("SELECT \"a\" FROM \"t\"", "SELECT a FROM t"),
        ("SELECT abs(a) FROM t", "SELECT ABS(a) FROM t"),
    ] {
        assert_eq!(id(one), id(two), "{one} / {two}");
    }
}

#[test]
fn what_means_something_else_is_something_else() {
    let texts = [
        "SELECT a FROM t",
        "SELECT \"A\" FROM t",
        "SELECT a AS b FROM t",
        "SELECT a FROM t AS t",
        "SELECT DISTINCT a FROM t",
        "SELECT a FROM t ORDER BY a",
        "SELECT a FROM t ORDER BY a ASC",
        "SELECT a FROM t ORDER BY a DESC",
        "SELECT a FROM t ORDER BY a NULLS FIRST",
        "SELECT a FROM t LIMIT 1",
        "SELECT a FROM t OFFSET 1",
        "SELECT a FROM t WHERE a = 1",
        "SELECT a FROM t WHERE a = '1'",
        "SELECT a FROM t WHERE a = 1.0",
        "SELECT a FROM t WHERE a = 1.00",
        "SELECT a FROM t WHERE a IN (1)",
        "SELECT a FROM t WHERE a NOT IN (1)",
        "SELECT (a) FROM t",
        "SELECT a FROM t JOIN u ON true",
        "SELECT a FROM t LEFT JOIN u ON true",
        "SELECT a FROM t CROSS JOIN u",
        "SELECT a FROM t UNION SELECT a FROM t",
        "SELECT a FROM t UNION ALL SELECT a FROM t",
        "SELECT count(a) FROM t",
        "SELECT count(DISTINCT a) FROM t",
        "SELECT count(*) FROM t",
        "SELECT CAST(a AS INT) FROM t",
        "SELECT CAST(a AS BIGINT) FROM t",
        "SELECT [] FROM t",
        "SELECT [[]] FROM t",
        "SELECT [1, 2] FROM t",
        "SELECT [[1], 2] FROM t",
    ];
    let mut seen = BTreeMap::new();
    for sql in texts {
        if let Some(other) = seen.insert(id(sql), sql) {
            panic!("`{sql}` and `{other}` have one fingerprint");
        }
    }
}

#[derive(Serialize)]
struct Old {
    a: u8,
}

#[derive(Serialize)]
struct New {
    a: u8,
    b: Option<u8>,
    c: bool,
    d: Vec<u8>,
}

/// An optional field that a later parser adds changes no digest until it is used.
#[test]
fn fields_that_hold_nothing_are_left_out() {
    let new = |b, c, d| encode(&New { a: 1, b, c, d });
    assert_eq!(encode(&Old { a: 1 }), new(None, false, vec![]));
    let used = [new(Some(0), false, vec![]), new(None, true, vec![]), new(None, false, vec![0])];
    for one in &used {
        assert_ne!(*one, encode(&Old { a: 1 }));
    }
}

#[test]
fn numbers_are_the_same_in_every_width_and_texts_do_not_run_together() {
    assert_eq!(encode(&1_u8), encode(&1_u64));
    assert_eq!(encode(&-1_i8), encode(&-1_i64));
    assert_ne!(encode(&["ab", "c"]), encode(&["a", "bc"]));
    assert_ne!(encode(&(Some(1), None::<u8>)), encode(&(None::<u8>, Some(1))));
    assert_ne!(encode(&vec![vec![1], vec![]]), encode(&vec![vec![], vec![1]]));
    let long: Vec<u8> = vec![7; 300];
    assert_eq!(encode(&long)[..3], [b'[', 0xac, 0x02]);
}

use super::*;
use crate::fixtures::{Known, compiled, lane, schemas, text};
use crate::{Lane, Limits, Naming, Policy};

const QUERIES: &[&str] = &[
    "SELECT a, sum(b) AS s FROM t WHERE c > 1.50 GROUP BY 1 ORDER BY s LIMIT 3",
    "WITH x AS (SELECT a, k FROM t) SELECT * FROM x FULL JOIN u USING (k)",
    "SELECT a, row_number() OVER (w ORDER BY b) AS n FROM t WINDOW w AS (PARTITION BY a)",
    "SELECT s.x, [1, 2], 'it''s', CASE WHEN a IN (SELECT d FROM u) THEN 1 END FROM t",
];

#[test]
fn an_artifact_is_read_back_as_it_was() {
    for sql in QUERIES {
        let artifact = compiled(sql).unwrap().artifact();
        let stored = serde_json::to_string(&artifact).unwrap();
        let back: Artifact = serde_json::from_str(&stored).unwrap();
        assert_eq!(back, artifact);
        assert_eq!(serde_json::to_string(&back).unwrap(), stored);
    }
}

/// Calls take more stack than operators.
#[test]
fn deep_calls_are_read_back_too() {
    let limits = Limits { depth: 2_000, ..Limits::default() };
    let policy = Policy::builder().naming(Naming::Stable).limits(limits).build().unwrap();
    let lane = Lane::new(policy);
    let sql = format!("SELECT {}a{} AS x FROM t", "abs(".repeat(400), ")".repeat(400));
    let query = lane.resolve(lane.read_query(&text(&sql), &Known).unwrap(), &schemas(), &());
    let artifact = query.unwrap().artifact();
    let stored = serde_json::to_string(&artifact).unwrap();
    let mut reader = serde_json::Deserializer::from_str(&stored);
    reader.disable_recursion_limit();
    assert!(Artifact::deserialize(&mut reader).unwrap() == artifact);
}

/// Serde recurses without asking for stack, as do copies and comparisons.
#[test]
fn long_chains_are_read_back_too() {
    let terms: Vec<_> = (0..10_000).map(|n| format!("a = {n}")).collect();
    let query = compiled(&format!("SELECT a FROM t WHERE {}", terms.join(" OR "))).unwrap();
    let artifact = query.artifact();
    let stored = serde_json::to_string(&artifact).unwrap();
    let mut reader = serde_json::Deserializer::from_str(&stored);
    reader.disable_recursion_limit();
    let back = Artifact::deserialize(&mut reader).unwrap();
    assert!(back.clone() == artifact);
}

#[test]
fn its_tree_compiles_to_the_same_query() {
    for sql in QUERIES {
        let artifact = compiled(sql).unwrap().artifact();
        let gated = lane().read_ast(artifact.ast().clone(), &text(""), &Known).unwrap();
        let again = lane().resolve(gated, &schemas(), &()).unwrap();
        assert_eq!(again.fingerprint(), artifact.fingerprint(), "{sql}");
    }
}

#[test]
fn what_was_changed_or_is_of_another_version_is_not_believed() {
    let artifact = compiled(QUERIES[0]).unwrap().artifact();
    let stored = serde_json::to_value(&artifact).unwrap();
    let read = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut stored = stored.clone();
        change(&mut stored);
        serde_json::from_value::<Artifact>(stored).unwrap_err().to_string()
    };
    insta::assert_snapshot!(
        [
            read(&|stored| stored["format"] = 9.into()),
            read(&|stored| stored["parser"] = "sqlparser 0.99".into()),
            read(&|stored| stored["ast"]["limit_clause"] = serde_json::Value::Null),
            read(&|stored| stored["more"] = 1.into()),
        ]
        .map(|message| message.split(", expected one of").next().unwrap_or_default().to_owned())
        .join("\n"),
    );
}

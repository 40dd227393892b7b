use serde_json::json;

use super::*;

fn rules() -> Rules {
    Rules::read(&json!({
        "layering": {
            "viewlane-core": [],
            "viewlane-sql-policy": ["viewlane-core"],
            "viewlane-delta-io": ["viewlane-core"],
            "viewlane-engine": ["viewlane-core", "viewlane-delta-io", "viewlane-sql-policy"],
        },
        "weight": { "viewlane-core": 30, "viewlane-sql-policy": 40 },
        "only": { "deltalake": ["viewlane-delta-io"] },
        "families": {},
        "licences": { "allow": [] },
    }))
    .unwrap()
}

fn member(name: &str, edges: Vec<Edge>) -> Member {
    Member { name: name.to_owned(), manifest: format!("{name}/Cargo.toml"), edges }
}

fn edge(to: &str) -> Edge {
    Edge { to: to.to_owned(), kind: DependencyKind::Normal, optional: false }
}

/// Judges a sound workspace in which one crate names one thing more.
fn check(from: &str, added: Edge) -> Vec<String> {
    let mut members = vec![
        member("viewlane-core", vec![edge("serde")]),
        member("viewlane-sql-policy", vec![edge("viewlane-core")]),
        member("viewlane-delta-io", vec![edge("deltalake"), edge("viewlane-core")]),
        member("viewlane-engine", vec![edge("viewlane-sql-policy"), edge("datafusion")]),
    ];
    let member = members.iter_mut().find(|member| member.name == from);
    member.unwrap().edges.push(added);
    judge(&members, &rules()).iter().map(ToString::to_string).collect()
}

#[test]
fn an_edge_in_the_table_passes() {
    assert!(check("viewlane-engine", edge("viewlane-core")).is_empty());
}

#[test]
fn an_edge_outside_the_table_is_named() {
    assert_eq!(
        check("viewlane-sql-policy", edge("viewlane-engine")),
        ["`viewlane-sql-policy` may not depend on `viewlane-engine`\n  \
          at: viewlane-sql-policy/Cargo.toml\n  \
          mend: cargo remove --package viewlane-sql-policy viewlane-engine"]
    );
}

#[test]
fn an_optional_edge_or_one_of_a_build_script_is_an_edge() {
    let optional = Edge { optional: true, ..edge("viewlane-delta-io") };
    let build = Edge { kind: DependencyKind::Build, ..edge("viewlane-delta-io") };

    assert_eq!(check("viewlane-sql-policy", optional).len(), 1);
    assert_eq!(check("viewlane-sql-policy", build).len(), 1);
}

#[test]
fn what_only_tests_name_is_free() {
    for to in ["viewlane-engine", "datafusion", "deltalake"] {
        let development = Edge { kind: DependencyKind::Development, ..edge(to) };
        assert!(check("viewlane-sql-policy", development).is_empty(), "{to}");
    }
}

#[test]
fn a_light_crate_names_an_engine_only_as_optional() {
    let failures = check("viewlane-sql-policy", edge("datafusion"));
    assert_eq!(failures.len(), 1);
    assert!(failures[0].starts_with("`viewlane-sql-policy` → `datafusion`"), "{failures:?}");

    let optional = Edge { optional: true, ..edge("datafusion") };
    assert!(check("viewlane-sql-policy", optional).is_empty());
    assert!(check("viewlane-engine", edge("tokio")).is_empty());
}

#[test]
fn a_reserved_package_is_named_by_its_keeper_only() {
    let failures = check("viewlane-engine", edge("deltalake"));

    assert_eq!(failures.len(), 1);
    assert!(
        failures[0]
            .starts_with("`viewlane-engine` → `deltalake`: only `viewlane-delta-io` may name it"),
        "{failures:?}"
    );
}

#[test]
fn a_crate_without_a_row_and_a_row_without_a_crate_fail() {
    let members = [member("viewlane-core", vec![]), member("viewlane-new", vec![])];
    let rules = Rules {
        layering: [("viewlane-core".to_owned(), BTreeSet::from(["viewlane-gone".to_owned()]))]
            .into(),
        weight: [("viewlane-lost".to_owned(), 30)].into(),
        ..Rules::default()
    };

    let failures: Vec<_> = judge(&members, &rules)
        .iter()
        .map(|failure| failure.to_string().lines().next().unwrap().to_owned())
        .collect();

    assert_eq!(
        failures,
        [
            "`[workspace.metadata.layering]` names `viewlane-gone`, which is no crate",
            "`[workspace.metadata.weight]` names `viewlane-lost`, which is no crate",
            "`viewlane-new` is not in `[workspace.metadata.layering]`",
        ]
    );
}

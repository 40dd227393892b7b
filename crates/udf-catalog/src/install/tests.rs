use datafusion::execution::SessionStateBuilder;
use viewlane_core::{FunctionSource, Kinded};

use super::*;
use crate::{FunctionCatalog, FunctionSnapshot, Tier, support::session};

#[test]
fn what_is_installed_twice_is_refused_and_changes_nothing() {
    let mut state = SessionStateBuilder::new().with_default_features().build();
    Installer::new().install(&mut state).unwrap();
    let snapshot = FunctionSnapshot::from_session(&state);
    let error = Installer::new().install(&mut state).unwrap_err();
    assert_eq!(error.code(), crate::codes::NAME_TAKEN);
    assert_eq!(FunctionSnapshot::from_session(&state), snapshot);
}

#[test]
fn two_sessions_have_one_snapshot() {
    let (one, other) = (session().state(), session().state());
    let (one, other) =
        (FunctionSnapshot::from_session(&one), FunctionSnapshot::from_session(&other));
    assert_eq!(one, other);
    assert_eq!(one.fingerprint(), other.fingerprint());
}

/// The snapshot and the facts that the lane asks for are read from one session and must agree.
#[test]
fn the_snapshot_agrees_with_the_facts_of_the_lane() {
    let state = session().state();
    let (snapshot, catalog) =
        (FunctionSnapshot::from_session(&state), FunctionCatalog::from_session(&state));
    for entry in snapshot.functions() {
        for name in entry.names() {
            let facts = catalog.facts_as(name, entry.kind).unwrap();
            assert_eq!((facts.kind, facts.volatility), (entry.kind, entry.volatility), "{name}");
        }
    }
    assert!(snapshot.functions().len() > 200);
    for row in OwnFunction::all() {
        let there = catalog.facts(row.name).is_some();
        let expected = !matches!(row.pack, Pack::Delta | Pack::Async);
        assert_eq!(there, expected, "{}", row.name);
    }
}

#[tokio::test]
async fn macros_are_listed_as_what_they_are() {
    let context = session();
    context.sql("CREATE FUNCTION twice(x BIGINT) RETURNS BIGINT RETURN $x * 2").await.unwrap();
    let snapshot = FunctionSnapshot::from_session(&context.state());
    let twice = snapshot.find("twice").unwrap();
    assert_eq!(
        (twice.tier, twice.parameters.as_slice()),
        (Tier::SqlMacro, ["x".to_owned()].as_slice())
    );
}

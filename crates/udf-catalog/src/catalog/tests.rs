use proptest::prelude::*;

use viewlane_core::Volatility;

use super::*;

fn facts(name: &str, kind: FunctionKind, volatility: Volatility) -> FunctionFacts {
    FunctionFacts { name: name.to_owned(), kind, volatility }
}

/// Adds one after the other, each with the alias `other`.
fn check(functions: &[(&str, FunctionKind, Volatility)]) -> String {
    let mut catalog = FunctionCatalog::new();
    for (name, kind, volatility) in functions {
        if let Err(error) = catalog.add(&facts(name, *kind, *volatility), ["other"]) {
            return error.to_string();
        }
    }
    "added".to_owned()
}

#[test]
fn a_name_that_would_mean_two_functions_is_refused() {
    use FunctionKind::{Aggregate, Scalar, Window};
    use Volatility::{Immutable, Stable, Volatile};

    insta::assert_snapshot!(
        check(&[("f", Scalar, Immutable), ("f", Scalar, Volatile)]),
        @"function `f` is an immutable scalar function `f` already and cannot also be a volatile scalar function `f`"
    );
    insta::assert_snapshot!(
        check(&[("f", Aggregate, Stable), ("f", Scalar, Stable)]),
        @"function `f` is a stable aggregate function `f` already and cannot also be a stable scalar function `f`"
    );
    insta::assert_snapshot!(
        check(&[("f", Window, Stable), ("g", Window, Stable)]),
        @"function `other` is a stable window function `f` already and cannot also be a stable window function `g`"
    );
}

#[test]
fn what_is_told_apart_by_place_can_share_a_name() {
    use FunctionKind::{Aggregate, Scalar, Table, Window};
    use Volatility::Immutable;

    assert_eq!(check(&[("f", Scalar, Immutable), ("f", Table, Immutable)]), "added");
    assert_eq!(check(&[("f", Aggregate, Immutable), ("f", Window, Immutable)]), "added");
    assert_eq!(check(&[("f", Scalar, Immutable), ("f", Scalar, Immutable)]), "added");
}

#[test]
fn a_refused_catalog_adds_nothing() {
    let mut catalog = FunctionCatalog::own();
    let mut other = FunctionCatalog::new();
    other.put("a_new_one", facts("a_new_one", FunctionKind::Scalar, Volatility::Immutable));
    other.put("hash64", facts("hash64", FunctionKind::Scalar, Volatility::Volatile));

    assert!(catalog.merge(&other).is_err());
    assert_eq!(catalog, FunctionCatalog::own());
}

#[test]
fn an_expression_comes_before_a_relation() {
    let mut catalog = FunctionCatalog::new();
    catalog.put("range", facts("range", FunctionKind::Table, Volatility::Immutable));
    assert_eq!(catalog.facts("range").unwrap().kind, FunctionKind::Table);

    catalog.put("range", facts("range", FunctionKind::Scalar, Volatility::Immutable));
    assert_eq!(catalog.facts("range").unwrap().kind, FunctionKind::Scalar);
    assert!(catalog.facts_as("range", FunctionKind::Table).is_some());
    assert_eq!(catalog.facts("Range"), None); // names are matched as they are
}

#[test]
fn our_own_table_is_sorted_and_free_of_conflicts() {
    let mut catalog = FunctionCatalog::new();
    for function in OwnFunction::all() {
        catalog.add(&function.facts(), function.aliases.iter().copied()).unwrap();
    }
    assert_eq!(catalog, FunctionCatalog::own());
    assert!(OwnFunction::all().is_sorted_by_key(|function| function.name));
}

/// Stored with results: a change here says that a function of ours is another one.
#[test]
fn the_facts_of_our_own_functions_are_pinned() {
    let facts: Vec<_> = FunctionCatalog::own()
        .iter()
        .map(|(name, facts)| {
            let FunctionFacts { name: canonical, kind, volatility } = facts;
            format!("{name} = {canonical} {kind:?} {volatility:?}")
        })
        .collect();
    let fingerprint = FunctionCatalog::own().fingerprint();
    insta::assert_snapshot!(format!("{}\n\n{fingerprint}", facts.join("\n")));
}

fn any_facts() -> impl Strategy<Value = (String, FunctionFacts)> {
    let kind = prop::sample::select(vec![
        FunctionKind::Scalar,
        FunctionKind::Aggregate,
        FunctionKind::Window,
        FunctionKind::Table,
    ]);
    let volatility =
        prop::sample::select(vec![Volatility::Immutable, Volatility::Stable, Volatility::Volatile]);
    ("[a-c]{1,2}", "[a-c]", kind, volatility)
        .prop_map(|(name, canonical, kind, volatility)| (name, facts(&canonical, kind, volatility)))
}

fn catalog_of(entries: &[(String, FunctionFacts)]) -> FunctionCatalog {
    let mut catalog = FunctionCatalog::new();
    for (name, facts) in entries {
        catalog.put(name, facts.clone());
    }
    catalog
}

proptest! {
    /// Equal catalogs have equal digests, and different ones different digests.
    #[test]
    fn the_fingerprint_is_of_the_facts(
        one in prop::collection::vec(any_facts(), 0..6),
        other in prop::collection::vec(any_facts(), 0..6),
    ) {
        let (one, other) = (catalog_of(&one), catalog_of(&other));
        prop_assert_eq!(one.fingerprint() == other.fingerprint(), one == other);
    }

    /// Merging does not depend on which catalog takes the other, nor on how often.
    #[test]
    fn merging_is_commutative_and_idempotent(
        one in prop::collection::vec(any_facts(), 0..4),
        other in prop::collection::vec(any_facts(), 0..4),
    ) {
        let (one, other) = (catalog_of(&one), catalog_of(&other));
        let (mut left, mut right) = (one.clone(), other.clone());
        let merged = left.merge(&other);
        prop_assert_eq!(merged.is_ok(), right.merge(&one).is_ok());
        if merged.is_ok() {
            prop_assert_eq!(&left, &right);
            // What each brought along is as it was: a scalar beside an aggregate, too, if it was so.
            for (name, facts) in one.iter().chain(other.iter()) {
                prop_assert_eq!(left.facts_as(name, facts.kind), Some(facts));
            }
        }
    }
}

use std::collections::BTreeSet;

use datafusion::{
    arrow::{array::AsArray, compute::concat_batches},
    execution::SessionStateBuilder,
    prelude::{SessionConfig, SessionContext},
};
use viewlane_core::{FunctionPack, FunctionSource};

use super::*;
use crate::ViewlaneFunctions;

fn session() -> SessionContext {
    let config = SessionConfig::new().with_information_schema(true);
    let mut context = SessionContext::new_with_config(config);
    ViewlaneFunctions.register(&mut context).unwrap();
    context
}

/// The rows of a query, all columns being text.
async fn rows(context: &SessionContext, sql: &str) -> Vec<Vec<String>> {
    let frame = context.sql(sql).await.unwrap();
    let schema = frame.schema().inner().clone();
    let batch = concat_batches(&schema, &frame.collect().await.unwrap()).unwrap();
    (0..batch.num_rows())
        .map(|row| {
            batch
                .columns()
                .iter()
                .map(|column| {
                    let text = datafusion::arrow::compute::cast(
                        column,
                        &datafusion::arrow::datatypes::DataType::Utf8,
                    );
                    text.unwrap().as_string::<i32>().value(row).to_owned()
                })
                .collect()
        })
        .collect()
}

#[test]
fn every_function_is_found_under_its_name_and_all_its_aliases() {
    let state = session().state();
    let catalog = FunctionCatalog::from_session(&state);
    let check = |name: &str, aliases: &[String], kind: FunctionKind, volatility| {
        for known_as in aliases.iter().map(String::as_str).chain([name]) {
            let facts = catalog.facts_as(known_as, kind);
            let expected =
                FunctionFacts { name: name.to_owned(), kind, volatility: from_engine(volatility) };
            assert_eq!(facts, Some(&expected), "`{known_as}`");
            assert!(catalog.facts(known_as).is_some());
        }
    };
    for function in state.scalar_functions().values() {
        let volatility = function.signature().volatility;
        check(function.name(), function.aliases(), FunctionKind::Scalar, volatility);
    }
    for function in state.higher_order_functions().values() {
        let volatility = function.signature().volatility;
        check(function.name(), function.aliases(), FunctionKind::Scalar, volatility);
    }
    for function in state.aggregate_functions().values() {
        let volatility = function.signature().volatility;
        check(function.name(), function.aliases(), FunctionKind::Aggregate, volatility);
    }
    for function in state.window_functions().values() {
        let volatility = function.signature().volatility;
        check(function.name(), function.aliases(), FunctionKind::Window, volatility);
    }
    for name in state.table_functions().keys() {
        assert!(catalog.facts_as(name, FunctionKind::Table).is_some(), "`{name}`");
    }
}

/// The other direction: nothing is in the catalog that the session does not know, but the names of
/// the two tables above.
#[test]
fn nothing_is_in_the_catalog_that_the_session_does_not_know() {
    let state = session().state();
    let known: BTreeSet<&str> = state
        .scalar_functions()
        .keys()
        .chain(state.higher_order_functions().keys())
        .chain(state.aggregate_functions().keys())
        .chain(state.window_functions().keys())
        .chain(state.table_functions().keys())
        .map(String::as_str)
        .collect();
    let catalog = FunctionCatalog::from_session(&state);
    let more: Vec<&str> = catalog.names().filter(|name| !known.contains(name)).collect();
    assert_eq!(more, ["make_map", "unnest", "unnest_outer"]);
}

#[tokio::test]
async fn names_the_planner_resolves_itself_can_be_run() {
    let context = session();
    for sql in [
        "select make_map('a', 1)",
        "select unnest([1, 2])",
        "select unnest_outer([1, 2])",
        "select * from unnest([1, 2])",
    ] {
        context.sql(sql).await.unwrap().collect().await.unwrap();
    }
    // Neither are registered, else their rows in the tables are to go.
    for name in PLANNED.iter().chain(&[("make_map", FunctionKind::Scalar)]).map(|(name, _)| *name) {
        assert!(!context.state().scalar_functions().contains_key(name), "`{name}`");
    }
}

/// Names whose syntax is a call, some of which expression planners take part in.
#[test]
fn what_can_be_typed_as_a_call_is_known() {
    let catalog = FunctionCatalog::from_session(&session().state());
    for name in [
        "array_transform",
        "btrim",
        "cardinality",
        "ceil",
        "coalesce",
        "count",
        "current_date",
        "current_time",
        "current_timestamp",
        "date_part",
        "first_value",
        "floor",
        "generate_series",
        "get_field",
        "greatest",
        "grouping",
        "least",
        "list_filter",
        "make_array",
        "make_map",
        "map",
        "named_struct",
        "now",
        "nth_value",
        "nullif",
        "nvl",
        "overlay",
        "position",
        "range",
        "row",
        "row_number",
        "struct",
        "strpos",
        "substr",
        "substring",
        "trim",
        "unnest",
        "unnest_outer",
    ] {
        assert!(catalog.facts(name).is_some(), "`{name}`");
    }
}

#[tokio::test]
async fn information_schema_names_the_same_functions() {
    let context = session();
    let catalog = FunctionCatalog::from_session(&context.state());
    let routines = rows(
        &context,
        "select distinct routine_name, function_type from information_schema.routines",
    )
    .await;
    assert!(routines.len() > 300);
    for routine in routines {
        let kind = match routine[1].as_str() {
            "SCALAR" => FunctionKind::Scalar,
            "AGGREGATE" => FunctionKind::Aggregate,
            "WINDOW" => FunctionKind::Window,
            "TABLE" => FunctionKind::Table,
            other => panic!("unknown type `{other}`"),
        };
        assert!(catalog.facts_as(&routine[0], kind).is_some(), "{routine:?}");
    }
}

#[test]
fn two_sessions_have_one_catalog() {
    let (one, other) = (session().state(), session().state());
    let (one, other) = (FunctionCatalog::from_session(&one), FunctionCatalog::from_session(&other));
    assert_eq!(one, other);
    assert_eq!(one.fingerprint(), other.fingerprint());
}

/// An upgrade of the engine that moves one of these moves results or skips: read the difference.
#[test]
fn what_is_not_immutable_or_means_two_things_is_pinned() {
    let catalog = FunctionCatalog::from_session(&session().state());
    let volatile: Vec<_> = catalog
        .iter()
        .filter(|(_, facts)| facts.volatility != Volatility::Immutable)
        .map(|(name, facts)| format!("{name}: {:?}", facts.volatility))
        .collect();
    insta::assert_snapshot!(volatile.join("\n"), @"
    current_date: Stable
    current_time: Stable
    current_timestamp: Stable
    file_row_index: Volatile
    input_file_name: Volatile
    now: Stable
    rand: Volatile
    random: Volatile
    today: Stable
    uuid: Volatile
    ");
    let ambiguous: Vec<_> = catalog
        .names()
        .map(|name| (name, catalog.meanings(name).map(|f| format!("{:?}", f.kind)).collect()))
        .filter(|(_, kinds): &(_, Vec<_>)| kinds.len() > 1)
        .map(|(name, kinds)| format!("{name}: {}", kinds.join(", ")))
        .collect();
    insta::assert_snapshot!(ambiguous.join("\n"), @"
    first_value: Aggregate, Window
    generate_series: Scalar, Table
    last_value: Aggregate, Window
    nth_value: Aggregate, Window
    range: Scalar, Table
    ");
}

#[test]
fn our_own_functions_hide_none_of_the_engine() {
    let engine = FunctionCatalog::from_session(&SessionContext::new().state());
    let mut catalog = engine.clone();
    catalog.merge(&FunctionCatalog::own()).unwrap();
    for (name, facts) in engine.iter() {
        assert_eq!(catalog.facts_as(name, facts.kind), Some(facts), "`{name}`");
    }
}

#[test]
fn an_empty_session_knows_what_the_planner_knows() {
    let catalog = FunctionCatalog::from_session(&SessionStateBuilder::new().build());
    assert_eq!(catalog.names().collect::<Vec<_>>(), ["unnest", "unnest_outer"]);
}

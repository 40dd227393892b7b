use std::collections::BTreeSet;

use sqlparser::dialect::dialect_from_str;
use viewlane_core::{FunctionFacts, FunctionKind, Kinded, Volatility};

use super::*;
use crate::fixtures::{Known, refusal, text};

#[test]
fn every_dialect_exists_under_its_name_and_aliases() {
    for name in DIALECTS.iter().chain(&["PostgreSQL", "sparksql", "DuckDB"]) {
        let policy = Policy::builder().dialect(name).build().unwrap();
        assert!(dialect_from_str(policy.dialect()).is_some(), "{name}");
    }
}

#[test]
fn everything_wrong_is_named_at_once() {
    let error = Policy::builder()
        .dialect("postgre")
        .deny_function("")
        .limits(Limits { depth: 0, joins: 0, ..Limits::default() })
        .session_option("", "x")
        .session_option("a", "1")
        .session_option("a", "2")
        .session_option("a", "1")
        .revision(1)
        .namespace("", "public")
        .transforms(Transforms { normalise_predicates: Some(0), ..Transforms::default() })
        .build()
        .unwrap_err();
    let Error::Policy(rejection) = &error;
    insta::assert_snapshot!(refusal(rejection), @"
    VL-P0601: there is no dialect `postgre`
      help: did you mean `postgres`?
    VL-P0603: a denied function has an empty name
      help: name the function as the engine registers it
    VL-P0602: the limit `depth` is zero
      help: give at least 1, or leave the limit out to get its default
    VL-P0602: the limit `joins` is zero
      help: give at least 1, or leave the limit out to get its default
    VL-P0605: this build has no rules of revision 1
      help: pin revision 2 and review what changes, or take the build that has the other one
    VL-P0602: the limit `normalise_predicates` is zero
      help: give at least 1, or leave predicates as they are written
    VL-P0603: the namespace has an empty name
      help: give the catalog and the schema as the engine's session has them
    VL-P0603: a session option has an empty key
      help: give the key as the engine's configuration names it
    VL-P0604: the session option `a` has two values
      help: set it once
    ");
    assert_eq!(error.code(), codes::UNKNOWN_DIALECT);
}

fn facts(name: &str, kind: FunctionKind, volatility: Volatility) -> FunctionFacts {
    FunctionFacts { name: name.to_owned(), kind, volatility }
}

/// A stored fingerprint is worth something only if every option is in it.
#[test]
fn every_option_is_in_the_fingerprint() {
    let build = |builder: PolicyBuilder| builder.build().unwrap().fingerprint(&[]);
    let limits = Limits::default();
    let none = Transforms::default();
    let new = Policy::builder;
    let mut all = vec![
        build(new()),
        build(new().dialect("duckdb")),
        build(new().deny_function("random")),
        build(new().deny_function("now")),
        build(new().allow_volatile(false)),
        build(new().limits(Limits { bytes: 1, ..limits })),
        build(new().limits(Limits { depth: 1, ..limits })),
        build(new().limits(Limits { expressions: 1, ..limits })),
        build(new().limits(Limits { chain: 1, ..limits })),
        build(new().limits(Limits { branches: 1, ..limits })),
        build(new().limits(Limits { joins: 1, ..limits })),
        build(new().limits(Limits { ctes: 1, ..limits })),
        build(new().limits(Limits { columns: 1, ..limits })),
        build(new().limits(Limits { steps: 1, ..limits })),
        build(new().parameters(ParameterStyle::Colon, Parameters::Bind)),
        build(new().parameters(ParameterStyle::At, Parameters::Bind)),
        build(new().parameters(ParameterStyle::Dollar, Parameters::Bind)),
        build(new().parameters(ParameterStyle::Question, Parameters::Bind)),
        build(new().session_option("a", "1")),
        build(new().session_option("a", "2")),
        build(new().session_option("b", "1")),
        build(new().preset(Preset::Write)),
        build(new().preset(Preset::Ddl)),
        build(new().preset(Preset::Admin)),
        build(new().naming(Naming::Stable)),
        build(new().namespace("c", "public")),
        build(new().namespace("datafusion", "c")),
        build(new().transforms(Transforms { hoist_ctes: true, ..none })),
        build(new().transforms(Transforms { eliminate_qualify: true, ..none })),
        build(new().transforms(Transforms { join_commas: true, ..none })),
        build(new().transforms(Transforms { normalise_predicates: Some(1), ..none })),
        build(new().transforms(Transforms { normalise_predicates: Some(2), ..none })),
        build(new().transforms(Transforms { lower_unnest: true, ..none })),
    ];
    #[cfg(feature = "templates")]
    all.push(build(new().templates(Templates::Render)));
    let policy = new().build().unwrap();
    for one in [
        facts("f", FunctionKind::Scalar, Volatility::Immutable),
        facts("g", FunctionKind::Scalar, Volatility::Immutable),
        facts("f", FunctionKind::Aggregate, Volatility::Immutable),
        facts("f", FunctionKind::Scalar, Volatility::Stable),
    ] {
        all.push(policy.fingerprint(&[one]));
    }
    let distinct: BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
}

/// A build has the rules of one revision and never compiles by others.
#[test]
fn another_revision_is_refused() {
    assert!(Policy::builder().revision(REVISION).build().is_ok());
    for other in [0, 1, REVISION + 1] {
        let error = Policy::builder().revision(other).build().unwrap_err();
        assert_eq!(error.code(), codes::UNKNOWN_REVISION);
        let [found] = error.diagnostics() else { panic!("one finding, not {error}") };
        assert_eq!(found.message, format!("this build has no rules of revision {other}"));
        let help = found.help.as_deref().expect("it says what to do");
        assert!(help.starts_with(&format!("pin revision {REVISION} ")), "{help}");
    }
}

#[test]
fn the_order_of_options_and_functions_does_not_matter() {
    let one = Policy::builder().deny_function("a").deny_function("b").session_option("x", "1");
    let one = one.session_option("y", "2").build().unwrap();
    let two = Policy::builder().session_option("y", "2").session_option("x", "1");
    let two = two.deny_function("b").deny_function("a").deny_function("a").build().unwrap();
    let f = facts("f", FunctionKind::Scalar, Volatility::Immutable);
    let g = facts("g", FunctionKind::Scalar, Volatility::Immutable);
    assert_eq!(one.fingerprint(&[f.clone(), g.clone()]), two.fingerprint(&[g, f.clone(), f]));
}

#[test]
fn a_style_is_bound_only_where_its_sign_is_free() {
    use ParameterStyle::{At, Colon, Dollar, Question};
    let bind = |dialect: &str, style: ParameterStyle| {
        Policy::builder().dialect(dialect).parameters(style, Parameters::Bind).build()
    };
    for (dialect, style) in
        [("postgres", At), ("redshift", At), ("mssql", Dollar), ("mysql", Dollar), ("hive", Dollar)]
    {
        let error = bind(dialect, style).unwrap_err();
        assert_eq!(error.code(), codes::PARAMETER_CONFLICT, "{dialect} {style:?}");
    }
    for (dialect, style) in [("postgres", Question), ("mssql", At), ("generic", Colon)] {
        let policy = bind(dialect, style).unwrap();
        assert_eq!(policy.parameters(style), Parameters::Bind, "{dialect} {style:?}");
    }
    let both = Policy::builder().parameters(Colon, Parameters::Bind);
    let both = both.parameters(Colon, Parameters::Refuse).build().unwrap_err();
    assert_eq!(both.code(), codes::PARAMETER_CONFLICT);
}

/// What passes under two policies passes under both of them.
#[test]
fn the_intersection_of_policies_allows_no_more_than_either() {
    let one = Policy::builder()
        .deny_function("abs")
        .limits(Limits { joins: 2, columns: 50, ..Limits::default() })
        .preset(Preset::Write)
        .parameters(ParameterStyle::Colon, Parameters::Bind)
        .session_option("a", "1");
    let two = Policy::builder()
        .deny_function("lower")
        .allow_volatile(false)
        .limits(Limits { joins: 9, columns: 5, ..Limits::default() })
        .preset(Preset::Admin)
        .session_option("b", "2");
    let (one, two) = (one.build().unwrap(), two.build().unwrap());
    let both = one.intersect(&two).unwrap();
    assert_eq!(both.fingerprint(&[]), two.intersect(&one).unwrap().fingerprint(&[]));
    assert_eq!(both.limits(), &Limits { joins: 2, columns: 5, ..Limits::default() });
    assert_eq!(both.statements(), one.statements());
    assert_eq!(both.parameters(ParameterStyle::Colon), Parameters::Refuse);
    let lane = crate::Lane::new(both.clone());
    for refused in ["SELECT abs(1)", "SELECT lower('a')", "SELECT random()"] {
        assert!(lane.read_query(&text(refused), &Known).is_err(), "{refused}");
    }
    assert_eq!(one.intersect(&one).unwrap(), one);
    assert_eq!(both.intersect(&one).unwrap(), both);

    let other = Policy::builder().dialect("duckdb").namespace("c", "s").naming(Naming::Stable);
    let other = other.transforms(Transforms { join_commas: true, ..Transforms::default() });
    let other = other.session_option("a", "2").build().unwrap();
    let Error::Policy(rejection) = one.intersect(&other).unwrap_err();
    insta::assert_snapshot!(refusal(&rejection), @"
    VL-P0607: the two policies have another dialect
      help: give both the same: neither is the stricter one
    VL-P0607: the two policies have another naming of outputs
      help: give both the same: neither is the stricter one
    VL-P0607: the two policies have another namespace
      help: give both the same: neither is the stricter one
    VL-P0607: the two policies have another set of rewrites
      help: give both the same: neither is the stricter one
    VL-P0607: the two policies have another value of the session option `a`
      help: give both the same: neither is the stricter one
    ");
}

/// Stored digests outlive a release.
#[test]
fn the_encoding_is_pinned() {
    let policy = Policy::builder().build().unwrap();
    insta::assert_snapshot!(policy.fingerprint(&[]), @"08e13cb1293ed5e1a23f21941f6f85d8a756baec22427034d4acf47981308f5b");
}

#[test]
fn denied_and_volatile_functions_are_refused() {
    let policy = Policy::builder().deny_function("array_concat").deny_function("unnest");
    let lane = crate::Lane::new(policy.allow_volatile(false).build().unwrap());
    let sql =
        "SELECT random(), now(), array_cat([1], [2]), Array_Concat([1], [2]) FROM UNNEST([1])";
    let rejection = lane.read_query(&text(sql), &Known).unwrap_err();
    insta::assert_snapshot!(refusal(&rejection), @"
    VL-P0403: `random` is volatile, and the policy allows no such function @ 1:8 `random`
      help: compute the value before loading, or allow volatile functions
    VL-P0402: the policy denies the function `array_concat`, here `array_cat` @ 1:25 `array_cat`
      help: leave it out, or change the policy of the project
    VL-P0402: the policy denies the function `array_concat` @ 1:46 `Array_Concat`
      help: leave it out, or change the policy of the project
    VL-P0402: the policy denies the function `unnest` @ 1:74 `UNNEST`
      help: leave it out, or change the policy of the project
    ");
}

//! Queries made up at random: what the engine alone runs gives the same through the lane, whatever
//! rewrites are on.

mod grammar;

use std::cell::Cell;

use proptest::{
    collection::vec,
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use viewlane_core::Kinded;
use viewlane_sql_policy::{Deviation, Transforms};

use self::grammar::query;
use crate::engine::{Answer, Engine, outcome};

const CASES: u32 = 250;

/// Small numbers, many of them twice, and NULL in every column.
pub(crate) const TABLES: [&str; 3] = [
    "CREATE TABLE t AS SELECT column1 AS a, column2 AS b, column3 AS s FROM (VALUES \
     (1, 1, 'x'), (1, 2, 'y'), (2, 1, NULL), (2, NULL, 'x'), (NULL, 3, 'y'), (3, 3, 'z'), (3, 3, 'z')) AS v",
    "CREATE TABLE u AS SELECT column1 AS a, column2 AS c, column3 AS s FROM (VALUES \
     (1, 5, 'x'), (2, 1, 'y'), (2, 1, 'y'), (4, NULL, 'x'), (NULL, 2, NULL)) AS v",
    "CREATE TABLE v AS SELECT column1 AS b, column2 AS d FROM (VALUES \
     (1, 1), (3, 2), (3, NULL), (NULL, 1)) AS w",
];

pub(crate) const EVERYTHING: Transforms = Transforms {
    hoist_ctes: true,
    eliminate_qualify: true,
    join_commas: true,
    normalise_predicates: Some(64),
    lower_unnest: true,
};

#[test]
fn random_queries_mean_the_same_through_the_lane() {
    let cases = cases(CASES);
    let engine = Engine::new(&TABLES);
    let (ran, deviated) = (Cell::new(0), Cell::new(0));
    // The same queries each time: this is a gate. More of them are looked at on demand.
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner =
        TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome_of = runner.run(&vec(any::<u8>(), 0..220), |tape| {
        let (sql, ordered) = query(&tape);
        let raw = match engine.raw(&sql) {
            Ok(raw) => raw,
            Err(error) => return rejected(&engine, &sql, &error),
        };
        ran.set(ran.get() + 1);
        for transforms in [Transforms::default(), EVERYTHING] {
            let lane = engine.compile_with(&sql, transforms);
            let lane = lane.map_err(|refusal| {
                let code = refusal.code();
                TestCaseError::fail(format!("{sql}\n{code}: {refusal}"))
            })?;
            // What it corrects on purpose is shown elsewhere.
            if lane.deviations().next().is_some() {
                deviated.set(deviated.get() + 1);
                return Ok(());
            }
            let answer = engine.run(&lane);
            let same = answer.as_ref().is_ok_and(|answer| answer.equals(&raw, ordered));
            prop_assert!(
                same,
                "{sql}\n{}\nraw   {:?} {raw}\nlane  {:?} {}",
                lane.sql(),
                raw.columns(),
                answer.as_ref().map(Answer::columns),
                outcome(&answer)
            );
        }
        Ok(())
    });
    if let Err(error) = outcome_of {
        panic!("{error}");
    }
    // A grammar of queries that never run would prove nothing.
    assert!(ran.get() * 4 >= cases * 3, "{} of {cases} ran", ran.get());
    assert!(deviated.get() * 10 <= ran.get(), "{} of {} deviated", deviated.get(), ran.get());
}

/// Holds what the lane makes of a query that the engine alone rejects: nothing, unless it says so.
fn rejected(engine: &Engine, sql: &str, error: &str) -> Result<(), TestCaseError> {
    let Ok(lane) = engine.compile(sql) else { return Ok(()) };
    let Ok(answer) = engine.run(&lane) else { return Ok(()) };
    prop_assert!(
        lane.deviations().any(Deviation::rescues),
        "{sql}\n{}\nraw   {error}\nlane  {answer}",
        lane.sql()
    );
    Ok(())
}

/// The first so many queries of the grammar.
pub(crate) fn random_queries(count: u32) -> Vec<String> {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tapes = vec(any::<u8>(), 0..220);
    (0..count).map(|_| query(&tapes.new_tree(&mut runner).unwrap().current()).0).collect()
}

/// As many as usual, or as are asked for, for a long search.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("VIEWLANE_CASES").map_or(usual, |cases| cases.parse().unwrap())
}

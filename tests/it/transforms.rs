//! Each rewrite beyond the normal form, by what the engine makes of it: the rows, types and names of
//! the same query without the rewrite, and of the engine alone.

use viewlane_sql_policy::Transforms;

use crate::{
    engine::{Answer, Engine, outcome},
    fixpoint::{MARTS, REPORTS},
    policy::statements,
    random::EVERYTHING,
};

const NOTHING: Transforms = Transforms {
    hoist_ctes: false,
    eliminate_qualify: false,
    join_commas: false,
    normalise_predicates: None,
    lower_unnest: false,
};
const HOIST_CTES: Transforms = Transforms { hoist_ctes: true, ..NOTHING };
const ELIMINATE_QUALIFY: Transforms = Transforms { eliminate_qualify: true, ..NOTHING };
const JOIN_COMMAS: Transforms = Transforms { join_commas: true, ..NOTHING };
const NORMALISE_PREDICATES: Transforms = Transforms { normalise_predicates: Some(64), ..NOTHING };
const LOWER_UNNEST: Transforms = Transforms { lower_unnest: true, ..NOTHING };

fn engine() -> Engine {
    Engine::new(&statements(include_str!("transforms/tables.sql")))
}

/// What a file says about its queries: those that are rewritten, those that stay as they are, and
/// those that are rewritten and fail.
struct Cases {
    rewritten: Vec<&'static str>,
    kept: Vec<&'static str>,
    failing: Vec<&'static str>,
}

impl Cases {
    fn of(text: &'static str) -> Self {
        let mut parts = text.split("-- kept\n");
        let rewritten = parts.next().unwrap();
        let (kept, failing) = match parts.next().unwrap().split_once("-- failing\n") {
            Some((kept, failing)) => (kept, failing),
            None => unreachable!("each file has all three"),
        };
        assert!(parts.next().is_none());
        Self {
            rewritten: statements(rewritten),
            kept: statements(kept),
            failing: statements(failing),
        }
    }
}

/// Runs a query three ways. What it gives is compared in order where the query says an order, which
/// is then a complete one.
fn prove(engine: &Engine, transforms: Transforms, sql: &str) -> Result<(Answer, bool), String> {
    let raw = engine.raw(sql);
    let plain = engine.compile(sql).map_err(|refusal| format!("refused: {refusal}"))?;
    let other =
        engine.compile_with(sql, transforms).map_err(|refusal| format!("refused: {refusal}"))?;
    if plain.deviations().next().is_some() {
        return Err("it deviates".to_owned());
    }
    if other.outputs() != plain.outputs() || other.relations() != plain.relations() {
        return Err(format!("other outputs or relations: {}", other.sql()));
    }
    let text = other.sql();
    let again = engine.compile_with(&text, transforms);
    let again = again.map_err(|refusal| format!("{text}\nits text is refused: {refusal}"))?;
    if again.ast() != other.ast() {
        return Err(format!("{text}\nis rewritten again: {}", again.sql()));
    }
    let ordered = plain.ast().order_by.is_some();
    let (before, after) = (engine.run(&plain), engine.run(&other));
    match (raw, &before, &after) {
        (Ok(raw), Ok(before), Ok(after))
            if before.equals(&raw, ordered) && after.equals(&raw, ordered) =>
        {
            Ok((raw, other.ast() != plain.ast()))
        }
        (raw, before, after) => Err(format!(
            "{text}\n  raw    {}\n  before {}\n  after  {}",
            outcome(&raw),
            outcome(before),
            outcome(after)
        )),
    }
}

/// Holds every case of a file against the engine, and says how many there are.
fn check(transforms: Transforms, text: &'static str) -> (usize, usize, usize) {
    let engine = engine();
    let Cases { rewritten, kept, failing } = Cases::of(text);
    let mut wrong = Vec::new();
    let mut empty = 0;
    for (queries, expected) in [(&rewritten, true), (&kept, false)] {
        for sql in queries {
            match prove(&engine, transforms, sql) {
                Err(what) => wrong.push(format!("{sql}\n{what}")),
                Ok((_, changed)) if changed != expected => {
                    wrong.push(format!("{sql}\nrewritten: {changed}"));
                }
                Ok((answer, _)) => empty += usize::from(answer.rows.is_empty()),
            }
        }
    }
    for sql in &failing {
        let plain = engine.compile(sql).unwrap();
        let other = engine.compile_with(sql, transforms).unwrap();
        let outcomes = [engine.raw(sql), engine.run(&plain), engine.run(&other)];
        if outcomes.iter().any(Result::is_ok) || other.ast() == plain.ast() {
            let outcomes = outcomes.iter().map(outcome).collect::<Vec<_>>();
            wrong.push(format!("{sql}\n{}\n{}", other.sql(), outcomes.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(empty * 10 <= rewritten.len() + kept.len(), "{empty} queries without rows");
    (rewritten.len(), kept.len(), failing.len())
}

#[test]
fn common_table_expressions_at_the_front_give_the_same() {
    let (rewritten, _, _) = check(HOIST_CTES, include_str!("transforms/hoist_ctes.sql"));
    assert!(rewritten >= 20);
}

#[test]
fn a_filter_in_place_of_qualify_gives_the_same() {
    let (rewritten, _, _) = check(ELIMINATE_QUALIFY, include_str!("transforms/qualify.sql"));
    assert!(rewritten >= 24);
}

#[test]
fn joins_in_place_of_commas_give_the_same() {
    let (rewritten, _, _) = check(JOIN_COMMAS, include_str!("transforms/join_commas.sql"));
    assert!(rewritten >= 24);
}

#[test]
fn normalised_predicates_give_the_same() {
    let (rewritten, _, _) = check(NORMALISE_PREDICATES, include_str!("transforms/predicates.sql"));
    assert!(rewritten >= 30);
}

/// The engine alone cannot run these. Beside each stands the same question in words that it knows.
#[test]
fn unnest_of_a_column_gives_what_the_same_question_in_other_words_gives() {
    let engine = engine();
    let texts = statements(include_str!("transforms/unnest.sql"));
    let (pairs, rest) = texts.as_chunks::<2>();
    assert!(rest.is_empty());
    let mut wrong = Vec::new();
    for [sql, other_words] in pairs {
        let alone = engine.raw(sql);
        let without = engine.compile(sql).unwrap();
        let lowered = engine.compile_with(sql, LOWER_UNNEST).unwrap();
        let ordered = lowered.ast().order_by.is_some();
        let expected = engine.raw(other_words);
        let answer = engine.run(&lowered);
        let together = engine.run(&engine.compile_with(sql, EVERYTHING).unwrap());
        let same = match (&expected, &answer, &together) {
            (Ok(expected), Ok(answer), Ok(together)) => {
                answer.equals(expected, ordered)
                    && together.equals(expected, ordered)
                    && !answer.rows.is_empty()
            }
            _ => false,
        };
        let helps = alone.is_err() && engine.run(&without).is_err();
        if !same || !helps {
            wrong.push(format!(
                "{sql}\n{}\n  alone    {}\n  expected {}\n  lowered  {}\n  {:?} {:?}",
                lowered.sql(),
                outcome(&alone),
                outcome(&expected),
                outcome(&answer),
                expected.as_ref().map(Answer::columns),
                answer.as_ref().map(Answer::columns),
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(pairs.len() >= 20);
}

/// What cannot be lowered exactly stays, and what the engine runs as it is stays too.
#[test]
fn unnest_that_is_not_of_a_column_stays() {
    let engine = engine();
    for sql in statements(include_str!("transforms/unnest_kept.sql")) {
        let plain = engine.compile(sql).unwrap_or_else(|refusal| panic!("{sql}\n{refusal}"));
        let other = engine.compile_with(sql, LOWER_UNNEST).unwrap();
        assert_eq!(other.sql(), plain.sql(), "{sql}");
        assert_eq!(outcome(&engine.run(&other)), outcome(&engine.raw(sql)), "{sql}");
    }
}

#[test]
fn all_rewrites_together_give_the_same() {
    let engine = engine();
    let mut wrong = Vec::new();
    for text in [
        include_str!("transforms/hoist_ctes.sql"),
        include_str!("transforms/qualify.sql"),
        include_str!("transforms/join_commas.sql"),
        include_str!("transforms/predicates.sql"),
    ] {
        let Cases { rewritten, kept, failing: _ } = Cases::of(text);
        for sql in rewritten.into_iter().chain(kept) {
            if let Err(what) = prove(&engine, EVERYTHING, sql) {
                wrong.push(format!("{sql}\n{what}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn all_rewrites_together_give_the_same_over_tpch() {
    let (engine, queries) = MARTS.load();
    benchmark(&engine, &queries, 3);
}

#[test]
fn all_rewrites_together_give_the_same_over_tpcds() {
    let (engine, queries) = REPORTS.load();
    benchmark(&engine, &queries, 10);
}

fn benchmark(engine: &Engine, queries: &[String], least: usize) {
    let mut wrong = Vec::new();
    let mut rewritten = 0;
    for sql in queries {
        match prove(engine, EVERYTHING, sql) {
            Err(what) => wrong.push(format!("{sql}\n{what}")),
            Ok((_, changed)) => rewritten += usize::from(changed),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(rewritten >= least, "{rewritten} of {} are rewritten", queries.len());
}

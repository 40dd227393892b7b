//! Each deviation by example: what the engine alone does, and what it does behind the lane.

use std::fmt::Write as _;

use viewlane_sql_policy::Deviation;

use crate::engine::{Engine, outcome};

const TABLES: [&str; 2] = [
    "CREATE TABLE t AS VALUES (1, 10), (2, 20), (3, 30)",
    "CREATE TABLE u AS VALUES (2, 200), (4, 400)",
];

fn engine() -> Engine {
    let tables = TABLES.map(|table| {
        let (create, values) = table.split_once(" AS ").unwrap();
        format!("{create} AS SELECT column1 AS a, column2 AS b FROM ({values}) AS v")
    });
    Engine::new(&tables.each_ref().map(String::as_str))
}

/// One test for each deviation. A new one does not compile without examples.
macro_rules! deviations {
    ($($deviation:ident, $name:ident: [$($sql:literal),* $(,)?])*) => {
        fn examples(deviation: Deviation) -> &'static [&'static str] {
            match deviation {
                $(Deviation::$deviation => &[$($sql),*],)*
            }
        }

        $(#[test]
        fn $name() {
            prove(Deviation::$deviation);
        })*
    };
}

deviations! {
    WindowInheritance, a_window_that_builds_on_another: [
        "SELECT a, count(*) OVER (w ORDER BY a) AS n FROM t WINDOW w AS (PARTITION BY a) ORDER BY a",
        "SELECT a, sum(b) OVER (w ROWS 1 PRECEDING) AS s FROM t WINDOW w AS (ORDER BY a DESC) ORDER BY a",
        "SELECT a, sum(b) OVER v AS s FROM t \
         WINDOW w AS (PARTITION BY a % 2), v AS (w ORDER BY a) ORDER BY a",
        "SELECT a, sum(b) OVER (w RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM t \
         WINDOW w AS (ORDER BY a) ORDER BY a",
    ]
    WindowAlias, a_window_that_is_another: [
        "SELECT a, sum(b) OVER v AS s FROM t WINDOW w AS (ORDER BY a), v AS w ORDER BY a",
    ]
    NamedWindowOutsideProjection, a_named_window_outside_the_select_list: [
        "SELECT a FROM t WINDOW w AS (ORDER BY b DESC) QUALIFY row_number() OVER w = 1",
        "SELECT a FROM t WINDOW w AS (ORDER BY b DESC) ORDER BY row_number() OVER w",
        "SELECT 1 AS one FROM t WINDOW w AS (ORDER BY a) ORDER BY sum(b) OVER w",
    ]
    NamedWindowInSubquery, a_named_window_of_a_subquery: [
        "SELECT a, (SELECT min(s) FROM (SELECT sum(b) OVER w AS s FROM u WINDOW w AS (ORDER BY a)) AS d) AS m \
         FROM t WINDOW w AS (ORDER BY a DESC) ORDER BY a",
        "SELECT a, (SELECT min(s) FROM (SELECT sum(b) OVER v AS s FROM u WINDOW v AS (ORDER BY a)) AS d) AS m \
         FROM t WINDOW w AS (ORDER BY a DESC) ORDER BY a",
    ]
    FetchFirst, fetch_first: [
        "SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS ONLY",
        "SELECT a FROM t ORDER BY a OFFSET 1 FETCH NEXT ROW ONLY",
        "SELECT a + 1, count(*) FROM t GROUP BY a ORDER BY a FETCH FIRST 1 ROW ONLY",
    ]
    Top, top: [
        "SELECT TOP 2 a FROM t ORDER BY a DESC",
        "SELECT DISTINCT TOP (1) a % 2 AS odd FROM t ORDER BY odd",
    ]
    Minus, minus: [
        "SELECT a FROM t MINUS SELECT a FROM u ORDER BY a",
    ]
    BareSemiAnti, semi_and_anti_joins_without_a_side: [
        "SELECT a FROM t ANTI JOIN u ON t.a = u.a ORDER BY a",
        "SELECT a FROM t SEMI JOIN u ON t.a = u.a ORDER BY a",
    ]
    GroupByWithRollup, group_by_with_rollup: [
        "SELECT a, sum(b) AS s FROM t GROUP BY a WITH ROLLUP ORDER BY a",
        "SELECT a, b, count(*) AS n FROM u GROUP BY 1, b WITH ROLLUP ORDER BY a, b",
    ]
    GroupByWithCube, group_by_with_cube: [
        "SELECT a, b, count(*) AS n FROM u GROUP BY a, b WITH CUBE ORDER BY a, b",
    ]
    FromWithoutSelect, from_without_select: [
        "FROM t",
        "SELECT d.a FROM (FROM t) AS d ORDER BY d.a",
    ]
    StarIlike, a_star_with_a_pattern: [
        "SELECT * ILIKE 'A%' FROM t ORDER BY 1",
        "SELECT * ILIKE 'b' FROM t GROUP BY b ORDER BY b",
    ]
    StarRename, a_star_with_rename: [
        "SELECT * RENAME (a AS x) FROM t ORDER BY x",
        "SELECT * RENAME b AS y FROM t ORDER BY a",
    ]
    BareUsingKey, the_key_of_a_join_without_its_relation: [
        "SELECT a FROM t JOIN u USING (a) WHERE a > 1",
        "SELECT t.b FROM t NATURAL JOIN (SELECT a FROM u) AS v WHERE a > 1",
        "SELECT t.b FROM t JOIN u USING (a) JOIN (SELECT a + 1 AS k FROM t) AS v ON k > a ORDER BY t.b",
        "SELECT t.a, (SELECT count(*) FROM t AS l JOIN u AS r USING (a) WHERE l.a = a) AS n \
         FROM t ORDER BY t.a",
        "SELECT t.a, (SELECT count(*) FROM t AS l JOIN u AS r USING (a) HAVING max(a) > 1) AS n \
         FROM t ORDER BY t.a",
        "SELECT t.a FROM t \
         WHERE EXISTS (SELECT 1 AS o FROM t AS l JOIN u AS r USING (a) GROUP BY l.b HAVING max(a) < 3) \
         ORDER BY t.a",
        "SELECT t.a, (SELECT max(a) FROM t AS l JOIN u AS r USING (a)) AS m FROM t ORDER BY t.a",
        "SELECT -a AS x FROM t JOIN u USING (a)",
        "SELECT NOT (a + 1 > 1) AS x FROM t JOIN u USING (a)",
        "SELECT CAST(a AS TIMESTAMP) AS x FROM t JOIN u USING (a)",
        "SELECT unnest([a]) AS x FROM t JOIN u USING (a)",
        "SELECT count(*) AS n FROM t JOIN u USING (a) GROUP BY -a",
        "SELECT t.b FROM t JOIN u USING (a) ORDER BY -a",
        "SELECT -a AS a, count(*) AS n FROM t JOIN u USING (a) GROUP BY t.a HAVING a < 1",
    ]
    UsingLeftJoin, the_star_of_a_left_join: [
        "SELECT * FROM u AS z LEFT JOIN t AS y USING (a) ORDER BY z.a",
    ]
    UsingRightJoin, the_key_of_a_right_join: [
        "SELECT a FROM t RIGHT JOIN u USING (a) ORDER BY a",
        "SELECT * FROM t RIGHT JOIN u USING (a) ORDER BY u.a",
        "SELECT a, count(*) AS n FROM t RIGHT JOIN u USING (a) GROUP BY a ORDER BY a",
    ]
    UsingFullJoin, the_key_of_a_full_join: [
        "SELECT a FROM t FULL JOIN u USING (a) ORDER BY a",
        "SELECT * FROM t FULL JOIN u USING (a) ORDER BY t.b, u.b",
    ]
    CteShadowing, a_cte_that_takes_the_name_of_another: [
        "WITH x AS (SELECT 1 AS a) SELECT * FROM (WITH x AS (SELECT 2 AS a) SELECT * FROM x) AS d",
        "WITH x AS (SELECT 1 AS a) \
         SELECT d.a AS d, x.a AS x FROM (WITH x AS (SELECT a + 1 AS a FROM x) SELECT * FROM x) AS d, x",
    ]
    UnnamedOutputs, outputs_without_a_name_in_a_text_that_the_engine_refuses: [
        "SELECT count(*) FROM t JOIN u USING (a) WHERE a > 1",
        "SELECT t.b + 1, sum(u.b), sum(t.b) FROM t JOIN u USING (a) WHERE a > 1 GROUP BY t.b",
    ]
}

/// Runs the examples of a deviation both ways, holds them against what it says of itself, and shows
/// them.
fn prove(deviation: Deviation) {
    let engine = engine();
    let mut text = format!("{}\n", deviation.description());
    let (mut rescued, mut corrected) = (false, false);
    for sql in examples(deviation) {
        let raw = engine.raw(sql);
        let query = engine.compile(sql).unwrap_or_else(|refusal| panic!("{sql}\n{refusal}"));
        let lane = engine.run(&query).unwrap_or_else(|error| panic!("{sql}\n{error}"));

        let found: Vec<_> = query.deviations().collect();
        assert!(found.contains(&deviation), "{sql}\n{found:?}");
        // What an example shows must be the work of this deviation, and of none beside it. Outputs
        // remain unnamed only where something else makes the engine refuse the text.
        let alone = deviation == Deviation::UnnamedOutputs || found == [deviation];
        assert!(alone, "{sql}\n{found:?}");
        assert!(query.lowerings().iter().all(|lowering| found.contains(&lowering.deviation)));
        let names: Vec<_> = lane.schema.fields().iter().map(|field| field.name().clone()).collect();
        let outputs: Vec<_> = query.outputs().iter().cloned().collect::<Option<_>>().unwrap();
        assert_eq!(names, outputs, "{sql}");
        match &raw {
            Err(_) => rescued = true,
            Ok(raw) => {
                assert_ne!((raw.columns(), &raw.rows), (lane.columns(), &lane.rows), "{sql}");
                corrected = true;
            }
        }
        writeln!(text, "\n{sql}\n  raw   {}\n  lane  {lane}", outcome(&raw)).unwrap();
    }
    insta::assert_snapshot!(deviation.code(), text);
    assert_eq!(rescued, deviation.rescues(), "whether {} rescues", deviation.code());
    assert_eq!(corrected, deviation.corrects(), "whether {} corrects", deviation.code());
}

#[test]
fn every_deviation_has_examples() {
    for deviation in Deviation::ALL {
        assert!(!examples(deviation).is_empty(), "{deviation:?}");
    }
}

/// A key in a condition is refused whatever the join, so what refuses it is on the list beside what the
/// join itself changes.
#[test]
fn deviations_of_one_query_are_told_apart() {
    let engine = engine();
    for (sql, deviations) in [
        (
            "SELECT 1 AS one FROM t RIGHT JOIN u USING (a) WHERE a > 1",
            vec![Deviation::BareUsingKey, Deviation::UsingRightJoin],
        ),
        (
            "SELECT 1 AS one FROM t FULL JOIN u USING (a) WHERE a > 1",
            vec![Deviation::BareUsingKey, Deviation::UsingFullJoin],
        ),
        ("SELECT 1 AS one FROM t LEFT JOIN u USING (a) WHERE a > 1", vec![Deviation::BareUsingKey]),
        (
            "SELECT * ILIKE 'a' FROM t MINUS SELECT a FROM u",
            vec![Deviation::Minus, Deviation::StarIlike],
        ),
    ] {
        let query = engine.compile(sql).unwrap();
        assert_eq!(query.deviations().collect::<Vec<_>>(), deviations, "{sql}");
        engine.raw(sql).unwrap_err();
        engine.run(&query).unwrap();
    }
}

#[test]
fn what_the_engine_does_alone_deviates_nowhere() {
    let engine = engine();
    for sql in [
        "SELECT a, count(*) OVER w AS n FROM t WINDOW w AS (PARTITION BY a) ORDER BY a",
        "SELECT a, sum(b) OVER (PARTITION BY a % 2 ORDER BY a) AS s FROM t ORDER BY a",
        "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY b DESC) = 1",
        "SELECT a FROM t ORDER BY a LIMIT 2",
        "SELECT a FROM t EXCEPT SELECT a FROM u ORDER BY a",
        "SELECT a FROM t LEFT ANTI JOIN u ON t.a = u.a ORDER BY a",
        "SELECT a, sum(b) AS s FROM t GROUP BY ROLLUP (a) ORDER BY a",
        "SELECT a, b, count(*) AS n FROM u GROUP BY CUBE (a, b) ORDER BY a, b",
        "FROM t SELECT a ORDER BY a",
        "SELECT * FROM t ORDER BY a",
        "SELECT * EXCLUDE (b) FROM t ORDER BY a",
        "SELECT a, count(*) FROM t JOIN u USING (a) GROUP BY a",
        "SELECT * FROM t LEFT JOIN u USING (a) ORDER BY t.a",
        "SELECT t.a, u.a FROM t RIGHT JOIN u USING (a) ORDER BY u.a",
        "SELECT t.b, u.b FROM t FULL JOIN u USING (a) ORDER BY t.b, u.b",
        "SELECT a, count(*) AS n FROM t JOIN u USING (a) GROUP BY a HAVING a > 1",
        "SELECT t.b, count(*) AS n FROM t JOIN u USING (a) GROUP BY t.b HAVING max(a) > 1",
        "SELECT t.b FROM t JOIN u USING (a) QUALIFY row_number() OVER (ORDER BY a) = 1",
        "SELECT t.b FROM t JOIN u USING (a) QUALIFY count(*) OVER () < a",
        "SELECT a::TIMESTAMP(3) AS x FROM t JOIN u USING (a)",
        // An output called like the key goes first.
        "SELECT t.b AS a, count(*) AS n FROM t JOIN u USING (a) GROUP BY t.b HAVING a > 10",
        "SELECT max(t.b) AS a FROM t JOIN u USING (a) HAVING a > 10",
        "SELECT t.b AS a FROM t JOIN u USING (a) QUALIFY row_number() OVER (ORDER BY a) = 1",
        "SELECT t.b + 1 AS a, count(*) OVER () AS n FROM t JOIN u USING (a) QUALIFY a > n",
        "WITH x AS (SELECT 1 AS a), y AS (SELECT a + 1 AS a FROM x) SELECT * FROM x, y",
        "SELECT count(*), a + 1 FROM t GROUP BY a ORDER BY a",
    ] {
        let query = engine.compile(sql).unwrap_or_else(|refusal| panic!("{sql}\n{refusal}"));
        assert_eq!(query.deviations().count(), 0, "{sql}");
        assert_eq!(engine.run(&query), engine.raw(sql), "{sql}");
        engine.raw(sql).unwrap();
    }
}

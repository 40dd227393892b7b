use crate::support::{run, session, transcript};

#[tokio::test]
async fn macros_of_every_kind_are_made_run_and_dropped() {
    insta::assert_snapshot!(
        transcript(
            &session(),
            &[
                "CREATE FUNCTION plus(x INT, y BIGINT) RETURNS BIGINT RETURN $x + $y * 1.5",
                "SELECT plus(1, 2), plus(y => 4, x => 1), plus(value, value) FROM range(0, 2)",
                "CREATE FUNCTION shout(VARCHAR) RETURNS VARCHAR LANGUAGE scalar RETURN upper($1) || '!'",
                "SELECT shout(shout('a')), shout(NULL)",
                "CREATE FUNCTION total(BIGINT) RETURNS BIGINT LANGUAGE aggregate RETURN sum($1)",
                "SELECT total(value), total(DISTINCT value) FROM range(0, 4)",
                "SELECT total(value) OVER (ORDER BY value) AS n FROM range(0, 3)",
                "CREATE FUNCTION before(BIGINT) RETURNS BIGINT RETURN lag($1) OVER ()",
                "SELECT value, before(value) OVER (ORDER BY value) AS b FROM range(0, 3)",
                "CREATE FUNCTION numbers() LANGUAGE table RETURN 'range'",
                "SELECT * FROM numbers(0, 2)",
                "DROP FUNCTION numbers",
                "SELECT * FROM range(0, 1)",
                "DROP FUNCTION total",
                "SELECT sum(value) AS n FROM range(0, 3)",
                "SELECT total(1)",
                "DROP FUNCTION IF EXISTS total",
            ],
        )
        .await
    );
}

#[tokio::test]
async fn what_would_not_hold_is_refused() {
    insta::assert_snapshot!(
        transcript(
            &session(),
            &[
                "CREATE FUNCTION Big(x INT) RETURNS INT RETURN $x",
                "CREATE FUNCTION f(x INT) RETURN $x",
                "CREATE FUNCTION f(x INT) RETURNS INT RETURN $y",
                "CREATE FUNCTION f(INT) RETURNS INT RETURN $2",
                "CREATE FUNCTION f(x INT DEFAULT 1) RETURNS INT RETURN $x",
                "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE python RETURN $x",
                "CREATE FUNCTION f() RETURNS DOUBLE IMMUTABLE RETURN random()",
                "CREATE FUNCTION f(x INT) RETURNS INT RETURN (SELECT 1)",
                "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE scalar RETURN sum($x)",
                "CREATE FUNCTION f(x INT) RETURNS INT LANGUAGE aggregate RETURN sum($x)",
                "CREATE FUNCTION f(x BIGINT) LANGUAGE aggregate RETURN sum(DISTINCT $x)",
                "CREATE FUNCTION f(x BIGINT) LANGUAGE window RETURN lag($x) OVER (ORDER BY 1)",
                "CREATE FUNCTION f() LANGUAGE table RETURN 'no_such'",
                "CREATE FUNCTION abs(x INT) RETURNS INT RETURN $x",
                "CREATE OR REPLACE FUNCTION stable_id(x INT) RETURNS INT RETURN $x",
                "CREATE FUNCTION g(x INT) RETURNS INT RETURN $x",
                "CREATE FUNCTION g(x INT) RETURNS INT RETURN $x + 1",
                "CREATE OR REPLACE FUNCTION g(x INT) RETURNS INT RETURN g($x) + 1",
                "SELECT g(1)",
                "CREATE FUNCTION h(x DOUBLE) RETURNS DOUBLE RETURN $x - $x",
                "SELECT h(random())",
                "SELECT h(2)",
                "SELECT h('x')",
            ],
        )
        .await
    );
}

/// A call is replaced by its body: no text is put together, so an argument cannot break out of it.
#[tokio::test]
async fn arguments_are_values_and_not_text() {
    let context = session();
    run(&context, "CREATE FUNCTION twice(x BIGINT) RETURNS BIGINT RETURN $x * 2").await;
    let plan = context
        .sql("SELECT twice(value + 1) AS n FROM range(0, 3)")
        .await
        .unwrap()
        .into_optimized_plan()
        .unwrap();
    assert!(plan.to_string().contains("+ Int64(1)) * Int64(2)"), "{plan}");
}

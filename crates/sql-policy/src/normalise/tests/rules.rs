//! One test for each rule. Each `check` evaluates both forms for every combination of values.

use insta::assert_snapshot;

use super::*;

fn all(predicates: &[&str]) -> String {
    let lines = predicates.iter().map(|sql| format!("{sql}\n    {}", check(sql)));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn comparisons_have_complements() {
    assert_snapshot!(all(&[
        "NOT t.a < 1",
        "NOT t.a <= 1",
        "NOT t.a > 1",
        "NOT t.a >= t.b",
        "NOT t.a = t.b",
        "NOT t.a <> t.b",
        "NOT t.a / t.b > 0",
        "NOT t.a IS DISTINCT FROM t.b",
        "NOT t.a IS NOT DISTINCT FROM NULL",
    ]), @"
    NOT t.a < 1
        t.a >= 1
    NOT t.a <= 1
        t.a > 1
    NOT t.a > 1
        t.a <= 1
    NOT t.a >= t.b
        t.a < t.b
    NOT t.a = t.b
        t.a <> t.b
    NOT t.a <> t.b
        t.a = t.b
    NOT t.a / t.b > 0
        t.a / t.b <= 0
    NOT t.a IS DISTINCT FROM t.b
        t.a IS NOT DISTINCT FROM t.b
    NOT t.a IS NOT DISTINCT FROM NULL
        t.a IS DISTINCT FROM NULL
    ");
}

#[test]
fn tests_for_null_and_truth_have_complements() {
    assert_snapshot!(all(&[
        "NOT t.a IS NULL",
        "NOT t.a IS NOT NULL",
        "NOT t.p IS TRUE",
        "NOT t.p IS NOT TRUE",
        "NOT t.p IS FALSE",
        "NOT t.p IS NOT FALSE",
        "NOT t.p IS UNKNOWN",
        "NOT t.p IS NOT UNKNOWN",
        "NOT (NOT t.a < 1) IS TRUE",
    ]), @"
    NOT t.a IS NULL
        t.a IS NOT NULL
    NOT t.a IS NOT NULL
        t.a IS NULL
    NOT t.p IS TRUE
        t.p IS NOT TRUE
    NOT t.p IS NOT TRUE
        t.p IS TRUE
    NOT t.p IS FALSE
        t.p IS NOT FALSE
    NOT t.p IS NOT FALSE
        t.p IS FALSE
    NOT t.p IS UNKNOWN
        t.p IS NOT UNKNOWN
    NOT t.p IS NOT UNKNOWN
        t.p IS UNKNOWN
    NOT (NOT t.a < 1) IS TRUE
        (NOT t.a < 1) IS NOT TRUE
    ");
}

#[test]
fn lists_ranges_patterns_and_subqueries_have_complements() {
    assert_snapshot!(all(&[
        "NOT t.a IN (0, 1)",
        "NOT t.a NOT IN (0, NULL)",
        "NOT t.a / t.b BETWEEN 0 AND 1",
        "NOT t.a / t.b NOT BETWEEN 0 AND 1",
        "NOT t.s LIKE 'x%'",
        "NOT t.s NOT LIKE 'x%'",
        "NOT t.s ILIKE 'x%'",
        "NOT t.s NOT ILIKE 'x%'",
        "NOT EXISTS (SELECT 1 AS x FROM c.d.u AS k)",
        "NOT NOT EXISTS (SELECT 1 AS x FROM c.d.u AS k)",
        "NOT t.a IN (SELECT k.x AS x FROM c.d.u AS k)",
        "NOT t.a NOT IN (SELECT k.x AS x FROM c.d.u AS k)",
    ]), @"
    NOT t.a IN (0, 1)
        t.a NOT IN (0, 1)
    NOT t.a NOT IN (0, NULL)
        t.a IN (0, NULL)
    NOT t.a / t.b BETWEEN 0 AND 1
        t.a / t.b NOT BETWEEN 0 AND 1
    NOT t.a / t.b NOT BETWEEN 0 AND 1
        t.a / t.b BETWEEN 0 AND 1
    NOT t.s LIKE 'x%'
        t.s NOT LIKE 'x%'
    NOT t.s NOT LIKE 'x%'
        t.s LIKE 'x%'
    NOT t.s ILIKE 'x%'
        t.s NOT ILIKE 'x%'
    NOT t.s NOT ILIKE 'x%'
        t.s ILIKE 'x%'
    NOT EXISTS (SELECT 1 AS x FROM c.d.u AS k)
        NOT EXISTS (SELECT 1 AS x FROM c.d.u AS k)
    NOT NOT EXISTS (SELECT 1 AS x FROM c.d.u AS k)
        EXISTS (SELECT 1 AS x FROM c.d.u AS k)
    NOT t.a IN (SELECT k.x AS x FROM c.d.u AS k)
        t.a NOT IN (SELECT k.x AS x FROM c.d.u AS k)
    NOT t.a NOT IN (SELECT k.x AS x FROM c.d.u AS k)
        t.a IN (SELECT k.x AS x FROM c.d.u AS k)
    ");
}

#[test]
fn not_goes_through_and_and_or() {
    assert_snapshot!(all(&[
        "NOT (t.a < 1 AND t.b = 2)",
        "NOT (t.a < 1 OR t.b = 2)",
        "NOT (t.a < 1 AND (t.b = 2 OR NOT t.s = 'x'))",
        "NOT (t.p AND NOT t.q)",
        "NOT (t.p OR f(t.a) = 1)",
        "NOT (TRUE AND t.p OR NULL)",
        "NOT (u.a < 1 AND u.a / u.b = 1 OR NOT EXISTS (SELECT 1 AS x FROM c.d.u AS k))",
    ]), @"
    NOT (t.a < 1 AND t.b = 2)
        t.a >= 1 OR t.b <> 2
    NOT (t.a < 1 OR t.b = 2)
        t.a >= 1 AND t.b <> 2
    NOT (t.a < 1 AND (t.b = 2 OR NOT t.s = 'x'))
        (t.a >= 1 OR t.b <> 2) AND (t.a >= 1 OR t.s = 'x')
    NOT (t.p AND NOT t.q)
        NOT t.p OR t.q
    NOT (t.p OR f(t.a) = 1)
        NOT t.p AND f(t.a) <> 1
    NOT (TRUE AND t.p OR NULL)
        (NOT true OR NOT t.p) AND NOT NULL
    NOT (u.a < 1 AND u.a / u.b = 1 OR NOT EXISTS (SELECT 1 AS x FROM c.d.u AS k))
        (u.a >= 1 OR u.a / u.b <> 1) AND EXISTS (SELECT 1 AS x FROM c.d.u AS k)
    ");
}

#[test]
fn two_nots_go() {
    assert_snapshot!(all(&[
        "NOT NOT t.a < 1",
        "NOT NOT NOT t.a < 1",
        "NOT NOT t.p",
        "NOT NOT (t.a < 1 AND t.p)",
        "NOT NOT CAST(t.a AS BOOLEAN)",
        "NOT NULL",
        "NOT NOT NULL",
        "NOT TRUE",
        "NOT NOT TRUE",
    ]), @"
    NOT NOT t.a < 1
        t.a < 1
    NOT NOT NOT t.a < 1
        t.a >= 1
    NOT NOT t.p
        t.p
    NOT NOT (t.a < 1 AND t.p)
        t.a < 1 AND t.p
    NOT NOT CAST(t.a AS BOOLEAN)
        CAST(t.a AS BOOLEAN)
    NOT NULL
        NOT NULL
    NOT NOT NULL
        NULL
    NOT TRUE
        NOT true
    NOT NOT TRUE
        true
    ");
}

/// AND and OR take only booleans, NOT takes what can be cast to one.
#[test]
fn what_may_not_be_a_boolean_keeps_its_not() {
    assert_snapshot!(all(&[
        "NOT u.p",
        "NOT NOT u.p",
        "NOT NOT NOT u.p",
        "NOT NOT NOT NOT u.p",
        "NOT (u.p AND t.a < 1)",
        "NOT (t.a < 1 OR f(t.a))",
        "NOT (NOT u.p AND t.a < 1)",
        "NOT (u.p AND t.a < 1 AND t.b = 2)",
        "NOT (u.p AND NOT (t.a < 1 OR t.b = 2))",
        "NOT NOT t.r AND NOT (t.r AND t.p)",
    ]), @"
    NOT u.p
        NOT u.p
    NOT NOT u.p
        NOT NOT u.p
    NOT NOT NOT u.p
        NOT u.p
    NOT NOT NOT NOT u.p
        NOT NOT u.p
    NOT (u.p AND t.a < 1)
        NOT (u.p AND t.a < 1)
    NOT (t.a < 1 OR f(t.a))
        NOT (t.a < 1 OR f(t.a))
    NOT (NOT u.p AND t.a < 1)
        NOT NOT u.p OR t.a >= 1
    NOT (u.p AND t.a < 1 AND t.b = 2)
        NOT (u.p AND t.a < 1) OR t.b <> 2
    NOT (u.p AND NOT (t.a < 1 OR t.b = 2))
        NOT (u.p AND (t.a >= 1 AND t.b <> 2))
    NOT NOT t.r AND NOT (t.r AND t.p)
        NOT NOT t.r AND NOT (t.r AND t.p)
    ");
}

#[test]
fn operators_without_a_complement_keep_their_not() {
    assert_snapshot!(
        whole("SELECT t.a AS a FROM datafusion.public.t AS t WHERE NOT (t.s ~ 'x' AND t.a = 1) AND NOT t.s ~ 'y'"),
        @"SELECT t.a AS a FROM datafusion.public.t AS t WHERE NOT (t.s ~ 'x' AND t.a = 1) AND NOT t.s ~ 'y'"
    );
}

#[test]
fn between_becomes_two_comparisons() {
    assert_snapshot!(all(&[
        "t.a BETWEEN 0 AND 1",
        "t.a NOT BETWEEN 0 AND 1",
        "NOT t.a BETWEEN -1 AND 1",
        "u.a BETWEEN 0 AND 1 AND t.s BETWEEN '' AND 'x'",
        "t.p OR t.a NOT BETWEEN 0 AND 1",
        "1 BETWEEN 0 AND 2",
    ]), @"
    t.a BETWEEN 0 AND 1
        t.a >= 0 AND t.a <= 1
    t.a NOT BETWEEN 0 AND 1
        t.a < 0 OR t.a > 1
    NOT t.a BETWEEN -1 AND 1
        t.a < -1 OR t.a > 1
    u.a BETWEEN 0 AND 1 AND t.s BETWEEN '' AND 'x'
        u.a >= 0 AND u.a <= 1 AND (t.s >= '' AND t.s <= 'x')
    t.p OR t.a NOT BETWEEN 0 AND 1
        t.p OR (t.a < 0 OR t.a > 1)
    1 BETWEEN 0 AND 2
        1 >= 0 AND 1 <= 2
    ");
}

#[test]
fn between_stays_under_or_so_that_no_and_comes_in() {
    assert_snapshot!(all(&["t.p OR t.a BETWEEN 0 AND 1"]), @"
    t.p OR t.a BETWEEN 0 AND 1
        t.p OR t.a BETWEEN 0 AND 1
    ");
}

/// What is not a column or a literal would be evaluated twice.
#[test]
fn between_stays_where_its_operand_costs_something() {
    assert_snapshot!(all(&[
        "t.a / t.b BETWEEN 0 AND 1",
        "t.a / t.b NOT BETWEEN 0 AND 1",
        "f(t.a) BETWEEN FALSE AND TRUE",
    ]), @"
    t.a / t.b BETWEEN 0 AND 1
        t.a / t.b BETWEEN 0 AND 1
    t.a / t.b NOT BETWEEN 0 AND 1
        t.a / t.b NOT BETWEEN 0 AND 1
    f(t.a) BETWEEN FALSE AND TRUE
        f(t.a) BETWEEN false AND true
    ");
}

/// The planner brings operand and both bounds to one type.
#[test]
fn between_stays_where_its_bounds_may_have_two_types() {
    let check = |sql: &str| {
        let sql = format!("SELECT t.a AS a FROM datafusion.public.t AS t WHERE {sql}");
        let (before, after) = pair(&sql);
        if before == after { "stays".to_owned() } else { predicate(&after).to_string() }
    };
    let all = |predicates: &[&str]| {
        predicates.iter().map(|sql| format!("{sql}\n    {}\n", check(sql))).collect::<String>()
    };
    assert_snapshot!(all(&[
        "t.s BETWEEN 1 AND 'x'",
        "t.a BETWEEN 1 AND 2.5",
        "t.a BETWEEN 1 AND 18446744073709551615",
        "t.a BETWEEN 0.05 AND 1.05",
        "t.a BETWEEN 1e1 AND 2e1",
        "t.a BETWEEN NULL AND 2",
        "t.a BETWEEN u.a AND u.b",
        "t.a BETWEEN t.b AND t.c",
        "t.day BETWEEN DATE '1994-01-01' AND '1994-12-31'",
        "t.a BETWEEN 1 AND 2 + 3",
        "t.a BETWEEN 0.05 AND 0.07",
        "t.a BETWEEN 10.5 AND 99.9",
        "t.day BETWEEN DATE '1994-01-01' AND DATE '1994-12-31'",
        "t.d BETWEEN t.a AND t.a",
    ]), @"
    t.s BETWEEN 1 AND 'x'
        stays
    t.a BETWEEN 1 AND 2.5
        stays
    t.a BETWEEN 1 AND 18446744073709551615
        stays
    t.a BETWEEN 0.05 AND 1.05
        stays
    t.a BETWEEN 1e1 AND 2e1
        stays
    t.a BETWEEN NULL AND 2
        stays
    t.a BETWEEN u.a AND u.b
        stays
    t.a BETWEEN t.b AND t.c
        stays
    t.day BETWEEN DATE '1994-01-01' AND '1994-12-31'
        stays
    t.a BETWEEN 1 AND 2 + 3
        stays
    t.a BETWEEN 0.05 AND 0.07
        t.a >= 0.05 AND t.a <= 0.07
    t.a BETWEEN 10.5 AND 99.9
        t.a >= 10.5 AND t.a <= 99.9
    t.day BETWEEN DATE '1994-01-01' AND DATE '1994-12-31'
        t.day >= DATE '1994-01-01' AND t.day <= DATE '1994-12-31'
    t.d BETWEEN t.a AND t.a
        t.d >= t.a AND t.d <= t.a
    ");
}

#[test]
fn or_is_distributed_over_and() {
    assert_snapshot!(all(&[
        "t.a = 1 AND t.p OR t.b = 2",
        "t.b = 2 OR t.a = 1 AND t.p",
        "t.a = 1 AND t.b = 1 OR t.a = 2 AND t.b = 2",
        "t.s = 'x' AND (t.a = 1 AND t.b = 1 OR t.p AND t.q)",
        "t.p OR (t.q OR t.a = 1 AND t.b = 1)",
        "t.p OR t.q AND (t.a = 1 OR t.b = 1 AND t.s = 'x')",
        "NOT ((t.a = 1 OR t.b = 1) AND (t.p OR t.q))",
        "t.a BETWEEN 0 AND 1 AND t.p OR t.q",
        "t.a IS NULL AND t.b IN (0, 1) OR t.s LIKE 'x%' AND t.p IS NOT TRUE",
    ]), @"
    t.a = 1 AND t.p OR t.b = 2
        (t.a = 1 OR t.b = 2) AND (t.p OR t.b = 2)
    t.b = 2 OR t.a = 1 AND t.p
        (t.b = 2 OR t.a = 1) AND (t.b = 2 OR t.p)
    t.a = 1 AND t.b = 1 OR t.a = 2 AND t.b = 2
        (t.a = 1 OR t.a = 2) AND (t.a = 1 OR t.b = 2) AND (t.b = 1 OR t.a = 2) AND (t.b = 1 OR t.b = 2)
    t.s = 'x' AND (t.a = 1 AND t.b = 1 OR t.p AND t.q)
        t.s = 'x' AND ((t.a = 1 OR t.p) AND (t.a = 1 OR t.q) AND (t.b = 1 OR t.p) AND (t.b = 1 OR t.q))
    t.p OR (t.q OR t.a = 1 AND t.b = 1)
        (t.p OR t.q OR t.a = 1) AND (t.p OR t.q OR t.b = 1)
    t.p OR t.q AND (t.a = 1 OR t.b = 1 AND t.s = 'x')
        (t.p OR t.q) AND (t.p OR t.a = 1 OR t.b = 1) AND (t.p OR t.a = 1 OR t.s = 'x')
    NOT ((t.a = 1 OR t.b = 1) AND (t.p OR t.q))
        (t.a <> 1 OR NOT t.p) AND (t.a <> 1 OR NOT t.q) AND (t.b <> 1 OR NOT t.p) AND (t.b <> 1 OR NOT t.q)
    t.a BETWEEN 0 AND 1 AND t.p OR t.q
        (t.a >= 0 OR t.q) AND (t.a <= 1 OR t.q) AND (t.p OR t.q)
    t.a IS NULL AND t.b IN (0, 1) OR t.s LIKE 'x%' AND t.p IS NOT TRUE
        (t.a IS NULL OR t.s LIKE 'x%') AND (t.a IS NULL OR t.p IS NOT TRUE) AND (t.b IN (0, 1) OR t.s LIKE 'x%') AND (t.b IN (0, 1) OR t.p IS NOT TRUE)
    ");
}

/// Neither folded nor absorbed nor deduplicated: each of these is NULL where `p` is.
#[test]
fn nothing_is_simplified() {
    assert_snapshot!(all(&[
        "t.p AND NOT t.p",
        "t.p OR NOT t.p",
        "t.p AND t.p",
        "t.p OR t.p AND t.q",
        "t.p AND (t.p OR t.q)",
        "t.a < 1 AND t.a > 1",
        "1 = 1 AND FALSE OR NULL",
        "t.p IS TRUE OR t.p IS NOT TRUE",
    ]), @"
    t.p AND NOT t.p
        t.p AND NOT t.p
    t.p OR NOT t.p
        t.p OR NOT t.p
    t.p AND t.p
        t.p AND t.p
    t.p OR t.p AND t.q
        (t.p OR t.p) AND (t.p OR t.q)
    t.p AND (t.p OR t.q)
        t.p AND (t.p OR t.q)
    t.a < 1 AND t.a > 1
        t.a < 1 AND t.a > 1
    1 = 1 AND FALSE OR NULL
        (1 = 1 OR NULL) AND (false OR NULL)
    t.p IS TRUE OR t.p IS NOT TRUE
        t.p IS TRUE OR t.p IS NOT TRUE
    ");
}

#[test]
fn what_can_fail_is_neither_moved_nor_repeated() {
    assert_snapshot!(all(&[
        "t.a / t.b > 1 AND t.p OR t.q",
        "t.a = 1 AND t.p OR f(t.a)",
        "(t.a = 1 AND t.p OR t.q) AND f(t.a)",
        "u.a = 1 AND t.p OR t.q",
        "t.a = 1 AND t.p OR t.a IN (SELECT k.x AS x FROM c.d.u AS k)",
        "NOT (f(t.a) = 1 AND t.p OR u.a = 1)",
    ]), @"
    t.a / t.b > 1 AND t.p OR t.q
        (t.a / t.b > 1 AND t.p) OR t.q
    t.a = 1 AND t.p OR f(t.a)
        (t.a = 1 AND t.p) OR f(t.a)
    (t.a = 1 AND t.p OR t.q) AND f(t.a)
        ((t.a = 1 AND t.p) OR t.q) AND f(t.a)
    u.a = 1 AND t.p OR t.q
        (u.a = 1 AND t.p) OR t.q
    t.a = 1 AND t.p OR t.a IN (SELECT k.x AS x FROM c.d.u AS k)
        (t.a = 1 AND t.p) OR t.a IN (SELECT k.x AS x FROM c.d.u AS k)
    NOT (f(t.a) = 1 AND t.p OR u.a = 1)
        (f(t.a) <> 1 OR NOT t.p) AND u.a <> 1
    ");
}

#[test]
fn what_can_fail_elsewhere_in_the_same_select_forbids_distribution() {
    assert_snapshot!(
        whole(
            "SELECT t.a AS a FROM datafusion.public.t AS t \
             JOIN datafusion.public.t AS k ON t.a / k.a = 1 WHERE t.p AND k.p OR t.q AND k.q"
        ),
        @"SELECT t.a AS a FROM datafusion.public.t AS t JOIN datafusion.public.t AS k ON t.a / k.a = 1 WHERE (t.p AND k.p) OR (t.q AND k.q)"
    );
    assert_snapshot!(
        whole(
            "SELECT t.a / t.b AS a FROM datafusion.public.t AS t \
             JOIN datafusion.public.t AS k ON t.a = k.a WHERE t.p AND k.p OR t.q AND k.q"
        ),
        @"SELECT t.a / t.b AS a FROM datafusion.public.t AS t JOIN datafusion.public.t AS k ON t.a = k.a WHERE (t.p OR t.q) AND (t.p OR k.q) AND (k.p OR t.q) AND (k.p OR k.q)"
    );
}

/// The engine unties a correlation conjunct by conjunct.
#[test]
fn a_correlation_forbids_distribution() {
    assert_snapshot!(
        whole(
            "SELECT t.a AS a FROM datafusion.public.t AS t WHERE EXISTS (\
             SELECT 1 AS x FROM datafusion.public.t AS k WHERE k.a = t.a AND k.p OR NOT (k.q AND k.p))"
        ),
        @"SELECT t.a AS a FROM datafusion.public.t AS t WHERE EXISTS (SELECT 1 AS x FROM datafusion.public.t AS k WHERE (k.a = t.a AND k.p) OR (NOT k.q OR NOT k.p))"
    );
}

#[test]
fn an_or_past_the_bound_stays_alone() {
    let far: Vec<_> = (0..6).map(|n| format!("(t.a = {n} AND t.b = {n})")).collect();
    let far = far.join(" OR ");
    let sql = format!(
        "SELECT t.a AS a FROM datafusion.public.t AS t \
         WHERE ({far}) AND (t.p AND t.q OR t.a = 9) AND NOT t.a > 8"
    );
    assert_snapshot!(whole(&sql), @"SELECT t.a AS a FROM datafusion.public.t AS t WHERE ((t.a = 0 AND t.b = 0) OR (t.a = 1 AND t.b = 1) OR (t.a = 2 AND t.b = 2) OR (t.a = 3 AND t.b = 3) OR (t.a = 4 AND t.b = 4) OR (t.a = 5 AND t.b = 5)) AND ((t.p OR t.a = 9) AND (t.q OR t.a = 9)) AND t.a <= 8");
}

/// The bound is how many operands are added: `(a OR c) AND (a OR d) AND (b OR c) AND (b OR d)` has
/// four more than `a AND b OR c AND d`.
#[test]
fn the_bound_is_exact() {
    let distributes = |distance| {
        let before = parse(&format!("{FROM} WHERE t.a = 1 AND t.b = 1 OR t.p AND t.q"));
        let mut after = before.clone();
        normalise(&mut after, &*SCHEMAS, &PredicateOptions { distance });
        before != after
    };
    assert!(!distributes(0));
    assert!(!distributes(3));
    assert!(distributes(4));
}

#[test]
fn the_predicates_of_joins_having_and_qualify_change() {
    assert_snapshot!(
        whole(
            "SELECT t.a AS a, sum(k.b) AS s FROM datafusion.public.t AS t \
             LEFT JOIN (datafusion.public.t AS k JOIN datafusion.public.t AS m \
             ON NOT (k.a <> m.a OR k.p)) ON NOT (t.a <> k.a) \
             WHERE NOT t.a IS NULL GROUP BY t.a HAVING NOT (sum(k.b) > 1 OR t.a = 1) \
             QUALIFY NOT row_number() OVER (ORDER BY t.a) > 3"
        ),
        @"SELECT t.a AS a, sum(k.b) AS s FROM datafusion.public.t AS t LEFT JOIN (datafusion.public.t AS k JOIN datafusion.public.t AS m ON k.a = m.a AND NOT k.p) ON t.a = k.a WHERE t.a IS NOT NULL GROUP BY t.a HAVING sum(k.b) <= 1 AND t.a <> 1 QUALIFY row_number() OVER (ORDER BY t.a) <= 3"
    );
}

/// The engine looks for the keys of GROUP BY inside HAVING, by their form.
#[test]
fn having_stays_where_a_key_may_be_a_part_of_it() {
    for keys in ["t.a > 1", "t.a, f(t.b)", "ALL", "ROLLUP (t.a)", "1"] {
        let sql = format!(
            "SELECT t.a > 1 AS x FROM datafusion.public.t AS t GROUP BY {keys} HAVING NOT t.a > 1"
        );
        let (before, after) = pair(&sql);
        assert_eq!(before, after, "{keys}");
    }
}

#[test]
fn other_positions_stay() {
    for sql in [
        "SELECT NOT t.a > 1 AS x FROM datafusion.public.t AS t",
        "SELECT CASE WHEN NOT t.a > 1 THEN 1 END AS x FROM datafusion.public.t AS t",
        "SELECT sum(t.a) FILTER (WHERE NOT t.a > 1) AS x FROM datafusion.public.t AS t",
        "SELECT t.a AS a FROM datafusion.public.t AS t GROUP BY t.a, NOT t.b > 1",
        "SELECT t.a AS a FROM datafusion.public.t AS t ORDER BY NOT t.b > 1",
        "SELECT t.a AS a FROM datafusion.public.t AS t WHERE (NOT t.a > 1) IS TRUE",
        "SELECT t.a AS a FROM datafusion.public.t AS t WHERE f(NOT t.a > 1) = 1",
        "SELECT 1 AS x WHERE NOT 1 > 2",
        "VALUES (NOT 1 > 2)",
    ] {
        let (before, after) = pair(sql);
        assert_eq!(before, after, "{sql}");
    }
}

#[test]
fn every_select_of_a_statement_is_visited() {
    assert_snapshot!(
        whole(
            "WITH c AS (SELECT t.a AS a, t.p AS p FROM datafusion.public.t AS t WHERE NOT t.a > 1) \
             SELECT c1.a AS a, (SELECT max(k.a) FROM datafusion.public.t AS k WHERE NOT k.a > 2) AS m \
             FROM c AS c1, (SELECT j.a AS x FROM datafusion.public.t AS j WHERE NOT j.a > 3) AS d \
             WHERE NOT c1.a IN (SELECT i.a AS a FROM datafusion.public.t AS i WHERE NOT i.a > 4) \
             UNION ALL SELECT h.a AS a, h.b AS b FROM datafusion.public.t AS h WHERE NOT h.a > 5 \
             ORDER BY a"
        ),
        @"WITH c AS (SELECT t.a AS a, t.p AS p FROM datafusion.public.t AS t WHERE t.a <= 1) SELECT c1.a AS a, (SELECT max(k.a) FROM datafusion.public.t AS k WHERE k.a <= 2) AS m FROM c AS c1, (SELECT j.a AS x FROM datafusion.public.t AS j WHERE j.a <= 3) AS d WHERE c1.a NOT IN (SELECT i.a AS a FROM datafusion.public.t AS i WHERE i.a <= 4) UNION ALL SELECT h.a AS a, h.b AS b FROM datafusion.public.t AS h WHERE h.a <= 5 ORDER BY a"
    );
}

/// Types are known through derived tables and common table expressions, by name and by place.
#[test]
fn types_come_from_where_a_column_comes_from() {
    let distributes = |from: &str, column: &str| {
        let sql = format!("SELECT 1 AS x FROM {from} WHERE {column} = 1 AND TRUE OR FALSE");
        let (before, after) = pair(&sql);
        before != after
    };
    let t = "datafusion.public.t";
    for (from, column) in [
        (format!("{t} AS t"), "t.a"),
        (format!("{t} AS t(x, y)"), "t.x"),
        (format!("{t} AS t(x, y)"), "t.n"),
        (format!("(SELECT t.a AS x FROM {t} AS t) AS d"), "d.x"),
        (format!("(SELECT t.s AS x, t.a FROM {t} AS t) AS d"), "d.a"),
        (format!("(SELECT t.s AS s, t.a AS a FROM {t} AS t) AS d(k, l)"), "d.l"),
        (
            format!("(WITH c AS (SELECT t.a AS x FROM {t} AS t) SELECT k.x AS y FROM c AS k) AS d"),
            "d.y",
        ),
        (
            format!(
                "(WITH c(m) AS (SELECT t.a AS x FROM {t} AS t) SELECT k.m AS y FROM c AS k) AS d"
            ),
            "d.y",
        ),
        (
            format!(
                "(WITH c AS (SELECT t.a AS x FROM {t} AS t) SELECT k.z AS y FROM c AS k(z)) AS d"
            ),
            "d.y",
        ),
    ] {
        assert!(distributes(&from, column), "{from}: {column}");
    }
    for (from, column) in [
        (format!("{t} AS t"), "t.s"),
        (format!("{t} AS t"), "t.nothing"),
        (format!("{t} AS t"), "t.l.a"),
        (format!("{t} AS t(x, y)"), "t.a"),
        ("datafusion.public.u AS t".to_owned(), "t.a"),
        (format!("(SELECT t.a + 1 AS x FROM {t} AS t) AS d"), "d.x"),
        (format!("(SELECT t.a AS x FROM {t} AS t) AS d"), "d.a"),
        (format!("(SELECT t.a AS x FROM {t} AS t UNION SELECT t2.b AS x FROM {t} AS t2) AS d"), "d.x"),
        (format!("(SELECT t.s AS s, t.a AS a FROM {t} AS t) AS d(k, l)"), "d.k"),
        ("(VALUES (1)) AS v(x)".to_owned(), "v.x"),
        ("range(1, 2) AS r(x)".to_owned(), "r.x"),
        ("UNNEST([1]) AS e(x)".to_owned(), "e.x"),
        (
            "(WITH RECURSIVE c AS (SELECT 1 AS x UNION ALL SELECT k.x + 1 AS x FROM c AS k) SELECT m.x AS y FROM c AS m) AS d".to_owned(),
            "d.y",
        ),
    ] {
        assert!(!distributes(&from, column), "{from}: {column}");
    }
}

/// Which comparisons are distributed, because the engine cannot fail to make them.
#[test]
fn what_cannot_fail_is_decided_by_types() {
    let distributes = |predicate: &str| {
        let sql = format!(
            "SELECT 1 AS x FROM datafusion.public.t AS t WHERE ({predicate}) AND t.p OR t.q"
        );
        let (before, after) = pair(&sql);
        before != after
    };
    for predicate in [
        "t.p",
        "t.p = t.q",
        "t.p = TRUE",
        "t.l IS NOT NULL",
        "NULL IS NULL",
        "t.a = 1",
        "t.a = -1",
        "t.a = NULL",
        "t.a > t.b",
        "t.n > t.a",
        "t.n = 1",
        "t.a < 1.5",
        "t.a = t.f",
        "t.g = 1",
        "t.g = t.f",
        "t.d = 1",
        "t.d = t.a",
        "t.d = t.e",
        "t.e = t.a",
        "t.d > 0.05",
        "t.e = 12345",
        "1 < 2",
        "1 < 2.5",
        "'x' = 'y'",
        "t.s = 'x'",
        "t.s = t.v",
        "t.s LIKE '%x_%'",
        "t.v NOT ILIKE 'x'",
        "t.day < DATE '1995-02-28'",
        "t.at = t.at",
        "t.a IS DISTINCT FROM t.b",
        "t.a IN (1, 2, 3)",
        "t.s NOT IN ('x', 'y')",
        "t.a IN (t.a)",
        "t.d BETWEEN 0.05 AND 0.07",
        "t.p IS NOT TRUE",
        "(t.a = 1) IS UNKNOWN",
        "NOT (t.r AND t.a = 1)",
    ] {
        assert!(distributes(predicate), "{predicate}");
    }
    for predicate in [
        "t.s = 1",
        "t.a = '1'",
        "t.a = t.s",
        "t.day = '1995-01-01'",
        "t.day = DATE '1995-02-30'",
        "t.day = DATE '1995-13-01'",
        "t.day = DATE 'x995-01-01'",
        "t.day = t.at",
        "t.at = t.ns",
        "t.at = '1995-01-01'",
        "t.p = 1",
        "t.p = 'true'",
        "t.l = t.l",
        "t.l = NULL",
        "t.r = t.r",
        "t.l.a = 1",
        "t.w = t.a",
        "t.e = 1.5",
        "t.e = t.w",
        "t.w = 1",
        "t.d = t.f",
        "t.f = 1.5",
        "t.a = 99999999999999999999",
        "t.a = 1e5",
        "t.a = 1.2345678901234567",
        "t.a + 1 = 2",
        "abs(t.a) = 1",
        "CAST(t.a AS INT) = 1",
        "t.a::INT = 1",
        "t.s LIKE t.v",
        "t.s LIKE 'a\\%'",
        "t.s LIKE 'x' ESCAPE '!'",
        "t.a LIKE 'x'",
        "t.s ~ 'x'",
        "t.a IN (1, 2.5)",
        "t.s IN ('x', 1)",
        "t.a IN (1, '2')",
        "t.a BETWEEN 1 AND '2'",
        "t.a / t.b = 1",
        "t.p IS TRUE AND abs(t.a) = 1",
        "abs(t.a) IS NULL",
        "t.a = (SELECT 1 AS x)",
        "t.a = ANY(SELECT 1 AS x)",
        "EXISTS (SELECT 1 AS x)",
        "t.a IN (SELECT 1 AS x)",
        "CASE WHEN t.p THEN TRUE END",
        "random() < 0.5",
        "k.a = 1",
    ] {
        assert!(!distributes(predicate), "{predicate}");
    }
    let long = format!("t.s LIKE '{}'", "_".repeat(129));
    assert!(!distributes(&long));
}

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::{
    Lane, Policy,
    compiled::GatedQuery,
    deviation::Deviation,
    fixtures::{Known, check, check_in, lane, lane_in, query, text},
    policy::Limits,
};

/// The tree of a text, before and after, and what was noted.
fn lowered(dialect: &str, sql: &str) -> Lowered {
    let policy = Policy::builder().dialect(dialect).build().unwrap();
    lower(&policy, &text(sql), tree(dialect, sql))
}

fn tree(dialect: &str, sql: &str) -> Box<Query> {
    let dialect = sqlparser::dialect::dialect_from_str(dialect).unwrap();
    let parser = sqlparser::parser::Parser::new(&*dialect);
    parser.try_with_sql(sql).and_then(|mut parser| parser.parse_query()).unwrap()
}

/// One query: the text after, each deviation with its place. Once more changes nothing.
fn show(dialect: &str, sql: &str) -> String {
    let once = lowered(dialect, sql);
    let mut shown = once.query.to_string();
    for Lowering { deviation, span } in &once.lowerings {
        let _ = write!(shown, "\n    {} at `{}`", deviation.code(), &sql[span.start..span.end]);
    }
    let policy = Policy::builder().dialect(dialect).build().unwrap();
    let twice = lower(&policy, &text(sql), once.query.clone());
    assert_eq!(twice.query, once.query, "{sql}");
    assert_eq!(twice.lowerings, [], "{sql}");
    shown
}

fn each(texts: &[&str]) -> String {
    let each = texts.iter().map(|sql| {
        // What is lowered passes the gate, and nothing in it needs lowering again.
        let compiled = query(sql).unwrap_or_else(|rejection| panic!("{sql}: {rejection}"));
        assert!(stays(&compiled), "{sql}");
        format!("{sql}\n  → {}\n", show("generic", sql))
    });
    each.collect()
}

fn stays(compiled: &GatedQuery) -> bool {
    let again = lane().read_ast(compiled.ast().clone(), compiled.source(), &Known).unwrap();
    let printed = query(&compiled.sql()).unwrap();
    again.ast() == compiled.ast()
        && again.lowerings().is_empty()
        && printed.lowerings().is_empty()
        && printed.fingerprint() == compiled.fingerprint()
}

fn refused(texts: &[&str]) -> String {
    texts.iter().map(|sql| format!("{sql}\n{}\n", check(sql))).collect()
}

#[test]
fn fetch_is_limit() {
    insta::assert_snapshot!(each(&[
        "SELECT a FROM t FETCH FIRST 3 ROWS ONLY",
        "SELECT a FROM t ORDER BY a FETCH NEXT ROW ONLY",
        "SELECT a FROM t ORDER BY a OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY",
        "SELECT a FROM t UNION SELECT b FROM u ORDER BY 1 FETCH FIRST 3 ROWS ONLY",
        "WITH x AS (SELECT a FROM t FETCH FIRST 0 ROWS ONLY) SELECT a, (SELECT b FROM u FETCH FIRST ROW ONLY) FROM x",
        "SELECT a FROM t LIMIT ALL FETCH FIRST 2 ROWS ONLY",
    ]), @"
    SELECT a FROM t FETCH FIRST 3 ROWS ONLY
      → SELECT a FROM t LIMIT 3
        fetch_first at `3`
    SELECT a FROM t ORDER BY a FETCH NEXT ROW ONLY
      → SELECT a FROM t ORDER BY a LIMIT 1
        fetch_first at ``
    SELECT a FROM t ORDER BY a OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY
      → SELECT a FROM t ORDER BY a LIMIT 3 OFFSET 2 ROWS
        fetch_first at `3`
    SELECT a FROM t UNION SELECT b FROM u ORDER BY 1 FETCH FIRST 3 ROWS ONLY
      → SELECT a FROM t UNION SELECT b FROM u ORDER BY 1 LIMIT 3
        fetch_first at `3`
    WITH x AS (SELECT a FROM t FETCH FIRST 0 ROWS ONLY) SELECT a, (SELECT b FROM u FETCH FIRST ROW ONLY) FROM x
      → WITH x AS (SELECT a FROM t LIMIT 0) SELECT a, (SELECT b FROM u LIMIT 1) FROM x
        fetch_first at ``
        fetch_first at `0`
    SELECT a FROM t LIMIT ALL FETCH FIRST 2 ROWS ONLY
      → SELECT a FROM t LIMIT 2
        fetch_first at `2`
    ");
    insta::assert_snapshot!(refused(&[
        "SELECT a FROM t FETCH FIRST 3 ROWS WITH TIES",
        "SELECT a FROM t FETCH FIRST 3 PERCENT ROWS ONLY",
        "SELECT a FROM t LIMIT 1 FETCH FIRST 3 ROWS ONLY",
        "SELECT a FROM t LIMIT 1 OFFSET 2 FETCH FIRST 3 ROWS ONLY",
        "SELECT a FROM t FETCH FIRST 1.5 ROWS ONLY",
        "SELECT a FROM t FETCH FIRST NULL ROWS ONLY",
        "SELECT a FROM t FETCH FIRST '3' ROWS ONLY",
    ]), @"
    SELECT a FROM t FETCH FIRST 3 ROWS WITH TIES
    VL-P0302: the engine does not support `FETCH … WITH TIES` @ 1:17 `FETCH`
      help: filter by rank() with QUALIFY
    SELECT a FROM t FETCH FIRST 3 PERCENT ROWS ONLY
    VL-P0302: the engine does not support `FETCH … PERCENT` @ 1:17 `FETCH`
      help: compare row_number() with a part of count(*) OVER () in QUALIFY
    SELECT a FROM t LIMIT 1 FETCH FIRST 3 ROWS ONLY
    VL-P0302: the engine does not support `FETCH beside LIMIT` @ 1:25 `FETCH`
      help: write one LIMIT at the end of the query, with a number
    SELECT a FROM t LIMIT 1 OFFSET 2 FETCH FIRST 3 ROWS ONLY
    VL-P0302: the engine does not support `FETCH beside LIMIT` @ 1:34 `FETCH`
      help: write one LIMIT at the end of the query, with a number
    SELECT a FROM t FETCH FIRST 1.5 ROWS ONLY
    VL-P0302: the engine does not support `FETCH` @ 1:17 `FETCH`
      help: write one LIMIT at the end of the query, with a number
    SELECT a FROM t FETCH FIRST NULL ROWS ONLY
    VL-P0302: the engine does not support `FETCH` @ 1:17 `FETCH`
      help: write one LIMIT at the end of the query, with a number
    SELECT a FROM t FETCH FIRST '3' ROWS ONLY
    VL-P0302: the engine does not support `FETCH` @ 1:17 `FETCH`
      help: write one LIMIT at the end of the query, with a number
    ");
}

#[test]
fn top_is_limit() {
    insta::assert_snapshot!(each(&[
        "SELECT TOP 3 a FROM t",
        "SELECT DISTINCT TOP 3 a FROM t ORDER BY a",
        "SELECT TOP (1 + 2) a FROM t QUALIFY row_number() OVER (ORDER BY a) > 1",
        "SELECT TOP 3 a FROM t UNION ALL SELECT TOP 2 b FROM u ORDER BY a LIMIT 4",
        "SELECT a FROM t EXCEPT SELECT DISTINCT TOP 2 b FROM u",
        "(SELECT TOP 3 a FROM t ORDER BY b) ORDER BY a",
        "SELECT a FROM t WHERE a IN (SELECT TOP 1 b FROM u ORDER BY c)",
        "FROM t SELECT TOP 2 a",
        "WITH RECURSIVE r AS (SELECT TOP 1 1 AS n UNION ALL SELECT TOP 2 n + 1 FROM r WHERE n < 3) SELECT * FROM r",
    ]), @"
    SELECT TOP 3 a FROM t
      → SELECT a FROM t LIMIT 3
        top at `SELECT`
    SELECT DISTINCT TOP 3 a FROM t ORDER BY a
      → SELECT DISTINCT a FROM t ORDER BY a LIMIT 3
        top at `SELECT`
    SELECT TOP (1 + 2) a FROM t QUALIFY row_number() OVER (ORDER BY a) > 1
      → SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a) > 1 LIMIT 1 + 2
        top at `SELECT`
    SELECT TOP 3 a FROM t UNION ALL SELECT TOP 2 b FROM u ORDER BY a LIMIT 4
      → (SELECT a FROM t LIMIT 3) UNION ALL (SELECT b FROM u LIMIT 2) ORDER BY a LIMIT 4
        top at `SELECT`
        top at `SELECT`
    SELECT a FROM t EXCEPT SELECT DISTINCT TOP 2 b FROM u
      → SELECT a FROM t EXCEPT (SELECT DISTINCT b FROM u LIMIT 2)
        top at `SELECT`
    (SELECT TOP 3 a FROM t ORDER BY b) ORDER BY a
      → (SELECT a FROM t ORDER BY b LIMIT 3) ORDER BY a
        top at `SELECT`
    SELECT a FROM t WHERE a IN (SELECT TOP 1 b FROM u ORDER BY c)
      → SELECT a FROM t WHERE a IN (SELECT b FROM u ORDER BY c LIMIT 1)
        top at `SELECT`
    FROM t SELECT TOP 2 a
      → SELECT a FROM t LIMIT 2
        top at `SELECT`
    WITH RECURSIVE r AS (SELECT TOP 1 1 AS n UNION ALL SELECT TOP 2 n + 1 FROM r WHERE n < 3) SELECT * FROM r
      → WITH RECURSIVE r AS ((SELECT 1 AS n LIMIT 1) UNION ALL (SELECT n + 1 FROM r WHERE n < 3 LIMIT 2)) SELECT * FROM r
        top at `SELECT`
        top at `SELECT`
    ");
    insta::assert_snapshot!(show("redshift", "SELECT TOP 10 DISTINCT a FROM t"), @"
    SELECT DISTINCT a FROM t LIMIT 10
        top at `SELECT`
    ");
    insta::assert_snapshot!(refused(&[
        "SELECT TOP 3 WITH TIES a FROM t ORDER BY a",
        "SELECT TOP (10) PERCENT a FROM t",
        "SELECT TOP 3 a FROM t LIMIT 2",
        "SELECT TOP 3 a FROM t OFFSET 2",
        "SELECT TOP 3 a FROM t FETCH FIRST 2 ROWS ONLY",
        "SELECT TOP (NULL) a FROM t",
        "SELECT TOP (a) a FROM t",
        "SELECT TOP ((SELECT 1)) a FROM t",
        "SELECT TOP (1.5) a FROM t",
    ]), @"
    SELECT TOP 3 WITH TIES a FROM t ORDER BY a
    VL-P0302: the engine does not support `TOP … WITH TIES` @ 1:8 `TOP`
      help: filter by rank() with QUALIFY
    SELECT TOP (10) PERCENT a FROM t
    VL-P0302: the engine does not support `TOP … PERCENT` @ 1:8 `TOP`
      help: compare row_number() with a part of count(*) OVER () in QUALIFY
    SELECT TOP 3 a FROM t LIMIT 2
    VL-P0302: the engine does not support `TOP` @ 1:8 `TOP`
      help: write one LIMIT at the end of the query, with a number
    SELECT TOP 3 a FROM t OFFSET 2
    VL-P0302: the engine does not support `TOP` @ 1:8 `TOP`
      help: write one LIMIT at the end of the query, with a number
    SELECT TOP 3 a FROM t FETCH FIRST 2 ROWS ONLY
    VL-P0302: the engine does not support `TOP` @ 1:8 `TOP`
      help: write one LIMIT at the end of the query, with a number
    SELECT TOP (NULL) a FROM t
    VL-P0302: the engine does not support `TOP` @ 1:8 `TOP`
      help: write one LIMIT at the end of the query, with a number
    SELECT TOP (a) a FROM t
    VL-P0302: the engine does not support `TOP` @ 1:8 `TOP`
      help: write one LIMIT at the end of the query, with a number
    SELECT TOP ((SELECT 1)) a FROM t
    VL-P0302: the engine does not support `TOP` @ 1:8 `TOP`
      help: write one LIMIT at the end of the query, with a number
    SELECT TOP (1.5) a FROM t
    VL-P0302: the engine does not support `TOP` @ 1:8 `TOP`
      help: write one LIMIT at the end of the query, with a number
    ");
}

#[test]
fn minus_is_except() {
    insta::assert_snapshot!(each(&[
        "SELECT 1 MINUS SELECT 2",
        "SELECT a FROM t MINUS ALL SELECT b FROM u MINUS DISTINCT (VALUES (1))",
        "SELECT a FROM t UNION SELECT a FROM t MINUS SELECT b FROM u INTERSECT SELECT c FROM v",
        "SELECT a FROM (SELECT a FROM t MINUS SELECT b FROM u) AS d WHERE EXISTS (SELECT 1 MINUS (WITH x AS (SELECT 1) SELECT * FROM x))",
    ]), @"
    SELECT 1 MINUS SELECT 2
      → SELECT 1 EXCEPT SELECT 2
        minus at `SELECT`
    SELECT a FROM t MINUS ALL SELECT b FROM u MINUS DISTINCT (VALUES (1))
      → SELECT a FROM t EXCEPT ALL SELECT b FROM u EXCEPT DISTINCT (VALUES (1))
        minus at `SELECT`
        minus at `(`
    SELECT a FROM t UNION SELECT a FROM t MINUS SELECT b FROM u INTERSECT SELECT c FROM v
      → SELECT a FROM t UNION SELECT a FROM t EXCEPT SELECT b FROM u INTERSECT SELECT c FROM v
        minus at `SELECT`
    SELECT a FROM (SELECT a FROM t MINUS SELECT b FROM u) AS d WHERE EXISTS (SELECT 1 MINUS (WITH x AS (SELECT 1) SELECT * FROM x))
      → SELECT a FROM (SELECT a FROM t EXCEPT SELECT b FROM u) AS d WHERE EXISTS (SELECT 1 EXCEPT (WITH x AS (SELECT 1) SELECT * FROM x))
        minus at `SELECT`
        minus at `WITH`
    ");
}

#[test]
fn semi_and_anti_joins_are_left() {
    insta::assert_snapshot!(each(&[
        "SELECT a FROM t SEMI JOIN u ON t.a = u.b",
        "SELECT a FROM t ANTI JOIN u USING (a) SEMI JOIN (SELECT TOP 1 c FROM v) AS w ON c IN (FROM x)",
        "SELECT a FROM t JOIN (u SEMI JOIN v ON true) ON true LEFT SEMI JOIN w ON true",
    ]), @"
    SELECT a FROM t SEMI JOIN u ON t.a = u.b
      → SELECT a FROM t LEFT SEMI JOIN u ON t.a = u.b
        bare_semi_anti at `u`
    SELECT a FROM t ANTI JOIN u USING (a) SEMI JOIN (SELECT TOP 1 c FROM v) AS w ON c IN (FROM x)
      → SELECT a FROM t LEFT ANTI JOIN u USING(a) LEFT SEMI JOIN (SELECT c FROM v LIMIT 1) AS w ON c IN (SELECT * FROM x)
        bare_semi_anti at `u`
        top at `SELECT`
        bare_semi_anti at `SELECT`
        from_without_select at `FROM`
    SELECT a FROM t JOIN (u SEMI JOIN v ON true) ON true LEFT SEMI JOIN w ON true
      → SELECT a FROM t JOIN (u LEFT SEMI JOIN v ON true) ON true LEFT SEMI JOIN w ON true
        bare_semi_anti at `v`
    ");
}

#[test]
fn rollup_and_cube_stand_before_their_keys() {
    insta::assert_snapshot!(each(&[
        "SELECT a, sum(b) FROM t GROUP BY a WITH ROLLUP",
        "SELECT a, b + 1, sum(c) FROM t GROUP BY a, (b + 1) WITH CUBE HAVING sum(c) > 1 ORDER BY 1",
        "SELECT abs(a) AS x, b, sum(c) FROM t GROUP BY 1, t.b WITH ROLLUP",
        "SELECT a, (SELECT sum(b) FROM u GROUP BY c WITH ROLLUP LIMIT 1) FROM t",
        "SELECT (SELECT abs(a) AS x FROM u GROUP BY 1 WITH ROLLUP LIMIT 1) FROM t",
    ]), @"
    SELECT a, sum(b) FROM t GROUP BY a WITH ROLLUP
      → SELECT a, sum(b) FROM t GROUP BY ROLLUP (a)
        group_by_with_rollup at `a`
    SELECT a, b + 1, sum(c) FROM t GROUP BY a, (b + 1) WITH CUBE HAVING sum(c) > 1 ORDER BY 1
      → SELECT a, b + 1, sum(c) FROM t GROUP BY CUBE (a, b + 1) HAVING sum(c) > 1 ORDER BY 1
        group_by_with_cube at `a`
    SELECT abs(a) AS x, b, sum(c) FROM t GROUP BY 1, t.b WITH ROLLUP
      → SELECT abs(a) AS x, b, sum(c) FROM t GROUP BY ROLLUP (abs(a), t.b)
        group_by_with_rollup at `1`
    SELECT a, (SELECT sum(b) FROM u GROUP BY c WITH ROLLUP LIMIT 1) FROM t
      → SELECT a, (SELECT sum(b) FROM u GROUP BY ROLLUP (c) LIMIT 1) FROM t
        group_by_with_rollup at `c`
    SELECT (SELECT abs(a) AS x FROM u GROUP BY 1 WITH ROLLUP LIMIT 1) FROM t
      → SELECT (SELECT abs(a) AS x FROM u GROUP BY ROLLUP (abs(a)) LIMIT 1) FROM t
        group_by_with_rollup at `1`
    ");
    insta::assert_snapshot!(refused(&[
        "SELECT a FROM t GROUP BY a WITH TOTALS",
        "SELECT a FROM t GROUP BY a WITH ROLLUP WITH TOTALS",
        "SELECT a FROM t GROUP BY a WITH ROLLUP WITH CUBE",
        "SELECT a FROM t GROUP BY ALL WITH ROLLUP",
        "SELECT a FROM t GROUP BY (a, b), c WITH ROLLUP",
        "SELECT a FROM t GROUP BY ROLLUP (a), b WITH CUBE",
        "SELECT a, b FROM t GROUP BY a, b GROUPING SETS ((a, b), (a))",
        "SELECT *, a FROM t GROUP BY 2 WITH ROLLUP",
        "SELECT a, 1 FROM t GROUP BY 2 WITH ROLLUP",
        "SELECT a FROM t GROUP BY 2 WITH ROLLUP",
        "SELECT a FROM t GROUP BY 0 WITH ROLLUP",
        "SELECT a FROM t GROUP BY (1) WITH ROLLUP",
        "SELECT a FROM t GROUP BY +1 WITH ROLLUP",
        "SELECT (SELECT abs(a) AS a FROM u GROUP BY 1 WITH ROLLUP LIMIT 1) FROM t",
        "SELECT (SELECT 1) AS a FROM t GROUP BY 1 WITH ROLLUP",
    ]), @"
    SELECT a FROM t GROUP BY a WITH TOTALS
    VL-P0301: the engine would silently ignore `WITH TOTALS` @ 1:28 `WITH`
      help: write GROUP BY GROUPING SETS ((…), ())
    SELECT a FROM t GROUP BY a WITH ROLLUP WITH TOTALS
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:28 `WITH`
      help: write GROUP BY ROLLUP (…)
    VL-P0301: the engine would silently ignore `WITH TOTALS` @ 1:28 `WITH`
      help: write GROUP BY GROUPING SETS ((…), ())
    SELECT a FROM t GROUP BY a WITH ROLLUP WITH CUBE
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:28 `WITH`
      help: write GROUP BY ROLLUP (…)
    VL-P0301: the engine would silently ignore `WITH CUBE` @ 1:28 `WITH`
      help: write GROUP BY CUBE (…)
    SELECT a FROM t GROUP BY ALL WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:30 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT a FROM t GROUP BY (a, b), c WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:36 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT a FROM t GROUP BY ROLLUP (a), b WITH CUBE
    VL-P0301: the engine would silently ignore `WITH CUBE` @ 1:40 `WITH`
      help: write GROUP BY CUBE (…)
    SELECT a, b FROM t GROUP BY a, b GROUPING SETS ((a, b), (a))
    VL-P0301: the engine would silently ignore `GROUPING SETS after the list` @ 1:34 `GROUPING`
      help: write GROUP BY GROUPING SETS (…) with all sets
    SELECT *, a FROM t GROUP BY 2 WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:31 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT a, 1 FROM t GROUP BY 2 WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:31 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT a FROM t GROUP BY 2 WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:28 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT a FROM t GROUP BY 0 WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:28 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT a FROM t GROUP BY (1) WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:30 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT a FROM t GROUP BY +1 WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:29 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT (SELECT abs(a) AS a FROM u GROUP BY 1 WITH ROLLUP LIMIT 1) FROM t
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:46 `WITH`
      help: write GROUP BY ROLLUP (…)
    SELECT (SELECT 1) AS a FROM t GROUP BY 1 WITH ROLLUP
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:42 `WITH`
      help: write GROUP BY ROLLUP (…)
    ");
    insta::assert_snapshot!(check_in("clickhouse", "SELECT a FROM t GROUP BY a WITH ROLLUP"), @"
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:28 `WITH`
      help: write GROUP BY ROLLUP (…)
    ");
    insta::assert_snapshot!(show("spark", "SELECT a FROM t GROUP BY a WITH ROLLUP"), @"
    SELECT a FROM t GROUP BY ROLLUP (a)
        group_by_with_rollup at `a`
    ");
}

/// A number in a long list of keys is copied; so much is not.
#[test]
fn keys_by_number_are_bounded() {
    let sum = vec!["a"; 500].join(" + ");
    let sql = format!("SELECT {sum} FROM t GROUP BY {} WITH ROLLUP", vec!["1"; 1_000].join(", "));
    insta::assert_snapshot!(check(&sql), @"
    VL-P0301: the engine would silently ignore `WITH ROLLUP` @ 1:5021 `WITH`
      help: write GROUP BY ROLLUP (…)
    ");
}

#[test]
fn from_may_stand_first_or_alone() {
    insta::assert_snapshot!(each(&[
        "FROM t SELECT a WHERE a > 1",
        "FROM t",
        "FROM t AS x JOIN u ON true, v",
        "FROM t UNION ALL FROM u",
        "SELECT a FROM t WHERE a IN (FROM u) AND EXISTS (FROM (FROM v) AS w)",
    ]), @"
    FROM t SELECT a WHERE a > 1
      → SELECT a FROM t WHERE a > 1
    FROM t
      → SELECT * FROM t
        from_without_select at `FROM`
    FROM t AS x JOIN u ON true, v
      → SELECT * FROM t AS x JOIN u ON true, v
        from_without_select at `FROM`
    FROM t UNION ALL FROM u
      → SELECT * FROM t UNION ALL SELECT * FROM u
        from_without_select at `FROM`
        from_without_select at `FROM`
    SELECT a FROM t WHERE a IN (FROM u) AND EXISTS (FROM (FROM v) AS w)
      → SELECT a FROM t WHERE a IN (SELECT * FROM u) AND EXISTS (SELECT * FROM (SELECT * FROM v) AS w)
        from_without_select at `FROM`
        from_without_select at `FROM`
        from_without_select at `FROM`
    ");
}

#[test]
fn windows_are_written_out() {
    insta::assert_snapshot!(each(&[
        "SELECT sum(a) OVER w, 1 + abs(sum(a) OVER \"w\") FROM t WINDOW W AS (PARTITION BY b ORDER BY c)",
        "SELECT sum(a) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (PARTITION BY b ORDER BY c)",
        "SELECT sum(a) OVER (w ORDER BY c), sum(a) OVER (w) FROM t WINDOW w AS (PARTITION BY b)",
        "SELECT sum(a) OVER v FROM t WINDOW w AS (PARTITION BY b), v AS (w ORDER BY c ROWS 1 PRECEDING)",
        "SELECT sum(a) OVER x FROM t WINDOW w AS (PARTITION BY b), v AS (w ORDER BY c), x AS (v ROWS 1 PRECEDING)",
        "SELECT sum(a) OVER x FROM t WINDOW x AS (v ROWS 1 PRECEDING), v AS (w ORDER BY c), w AS (PARTITION BY b)",
        "SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY c ROWS 1 PRECEDING), v AS w",
        "SELECT sum(a) OVER (v ORDER BY c) FROM t WINDOW v AS w, w AS ()",
        "SELECT a FROM t WINDOW w AS (ORDER BY c), unused AS (w ROWS 1 PRECEDING)",
    ]), @r#"
    SELECT sum(a) OVER w, 1 + abs(sum(a) OVER "w") FROM t WINDOW W AS (PARTITION BY b ORDER BY c)
      → SELECT sum(a) OVER (PARTITION BY b ORDER BY c), 1 + abs(sum(a) OVER (PARTITION BY b ORDER BY c)) FROM t
    SELECT sum(a) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (PARTITION BY b ORDER BY c)
      → SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS 1 PRECEDING) FROM t
        window_inheritance at `w`
    SELECT sum(a) OVER (w ORDER BY c), sum(a) OVER (w) FROM t WINDOW w AS (PARTITION BY b)
      → SELECT sum(a) OVER (PARTITION BY b ORDER BY c), sum(a) OVER (PARTITION BY b) FROM t
        window_inheritance at `w`
        window_inheritance at `w`
    SELECT sum(a) OVER v FROM t WINDOW w AS (PARTITION BY b), v AS (w ORDER BY c ROWS 1 PRECEDING)
      → SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS 1 PRECEDING) FROM t
        window_inheritance at `v`
    SELECT sum(a) OVER x FROM t WINDOW w AS (PARTITION BY b), v AS (w ORDER BY c), x AS (v ROWS 1 PRECEDING)
      → SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS 1 PRECEDING) FROM t
        window_inheritance at `x`
    SELECT sum(a) OVER x FROM t WINDOW x AS (v ROWS 1 PRECEDING), v AS (w ORDER BY c), w AS (PARTITION BY b)
      → SELECT sum(a) OVER (PARTITION BY b ORDER BY c ROWS 1 PRECEDING) FROM t
        window_inheritance at `x`
    SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY c ROWS 1 PRECEDING), v AS w
      → SELECT sum(a) OVER (ORDER BY c ROWS 1 PRECEDING) FROM t
        window_alias at `v`
    SELECT sum(a) OVER (v ORDER BY c) FROM t WINDOW v AS w, w AS ()
      → SELECT sum(a) OVER (ORDER BY c) FROM t
        window_inheritance at `v`
    SELECT a FROM t WINDOW w AS (ORDER BY c), unused AS (w ROWS 1 PRECEDING)
      → SELECT a FROM t
    "#);
}

#[test]
fn windows_are_known_wherever_a_window_function_may_stand() {
    insta::assert_snapshot!(each(&[
        "SELECT a FROM t WINDOW w AS (ORDER BY c) QUALIFY sum(a) OVER w > 1",
        "SELECT a FROM t QUALIFY sum(a) OVER (w ROWS 1 PRECEDING) > 1 WINDOW w AS (ORDER BY c)",
        "SELECT a FROM t WINDOW w AS (ORDER BY c) ORDER BY abs(sum(a) OVER w) DESC, 1 LIMIT 2",
        "SELECT DISTINCT ON (sum(a) OVER w) a FROM t WINDOW w AS (ORDER BY c)",
        "SELECT * REPLACE (sum(a) OVER w AS a), t.* REPLACE (sum(a) OVER w AS a) FROM t WINDOW w AS (ORDER BY c)",
        "SELECT CASE WHEN lag(a) OVER w IS NULL THEN [sum(a) FILTER (WHERE a > 1) OVER w] END FROM t WINDOW w AS (ORDER BY c)",
    ]), @"
    SELECT a FROM t WINDOW w AS (ORDER BY c) QUALIFY sum(a) OVER w > 1
      → SELECT a FROM t QUALIFY sum(a) OVER (ORDER BY c) > 1
        named_window_outside_projection at `w`
    SELECT a FROM t QUALIFY sum(a) OVER (w ROWS 1 PRECEDING) > 1 WINDOW w AS (ORDER BY c)
      → SELECT a FROM t QUALIFY sum(a) OVER (ORDER BY c ROWS 1 PRECEDING) > 1
        window_inheritance at `w`
    SELECT a FROM t WINDOW w AS (ORDER BY c) ORDER BY abs(sum(a) OVER w) DESC, 1 LIMIT 2
      → SELECT a FROM t ORDER BY abs(sum(a) OVER (ORDER BY c)) DESC, 1 LIMIT 2
        named_window_outside_projection at `w`
    SELECT DISTINCT ON (sum(a) OVER w) a FROM t WINDOW w AS (ORDER BY c)
      → SELECT DISTINCT ON (sum(a) OVER (ORDER BY c)) a FROM t
        named_window_outside_projection at `w`
    SELECT * REPLACE (sum(a) OVER w AS a), t.* REPLACE (sum(a) OVER w AS a) FROM t WINDOW w AS (ORDER BY c)
      → SELECT * REPLACE (sum(a) OVER (ORDER BY c) AS a), t.* REPLACE (sum(a) OVER (ORDER BY c) AS a) FROM t
        named_window_outside_projection at `w`
        named_window_outside_projection at `w`
    SELECT CASE WHEN lag(a) OVER w IS NULL THEN [sum(a) FILTER (WHERE a > 1) OVER w] END FROM t WINDOW w AS (ORDER BY c)
      → SELECT CASE WHEN lag(a) OVER (ORDER BY c) IS NULL THEN [sum(a) FILTER (WHERE a > 1) OVER (ORDER BY c)] END FROM t
    ");
}

#[test]
fn each_select_has_its_own_windows() {
    insta::assert_snapshot!(each(&[
        "SELECT (SELECT sum(b) OVER w FROM u WINDOW w AS (ORDER BY b)) FROM t WINDOW w AS (ORDER BY a)",
        "SELECT sum(a) OVER w FROM (SELECT sum(b) OVER w AS a FROM u WINDOW w AS (ORDER BY b)) WINDOW w AS (ORDER BY a)",
        "SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a) UNION ALL SELECT sum(b) OVER w FROM u WINDOW w AS (ORDER BY b)",
        "WITH x AS (SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a)) SELECT count(*) FROM x",
        "SELECT 1 IN (SELECT sum(a) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (ORDER BY a)) FROM t",
        "SELECT sum(a) OVER v FROM t WINDOW v AS (ORDER BY (SELECT max(b) OVER w FROM u WINDOW w AS (ORDER BY c) LIMIT 1))",
    ]), @"
    SELECT (SELECT sum(b) OVER w FROM u WINDOW w AS (ORDER BY b)) FROM t WINDOW w AS (ORDER BY a)
      → SELECT (SELECT sum(b) OVER (ORDER BY b) FROM u) FROM t
        named_window_in_subquery at `w`
    SELECT sum(a) OVER w FROM (SELECT sum(b) OVER w AS a FROM u WINDOW w AS (ORDER BY b)) WINDOW w AS (ORDER BY a)
      → SELECT sum(a) OVER (ORDER BY a) FROM (SELECT sum(b) OVER (ORDER BY b) AS a FROM u)
    SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a) UNION ALL SELECT sum(b) OVER w FROM u WINDOW w AS (ORDER BY b)
      → SELECT sum(a) OVER (ORDER BY a) FROM t UNION ALL SELECT sum(b) OVER (ORDER BY b) FROM u
    WITH x AS (SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a)) SELECT count(*) FROM x
      → WITH x AS (SELECT sum(a) OVER (ORDER BY a) FROM t) SELECT count(*) FROM x
    SELECT 1 IN (SELECT sum(a) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (ORDER BY a)) FROM t
      → SELECT 1 IN (SELECT sum(a) OVER (ORDER BY a ROWS 1 PRECEDING) FROM t) FROM t
        window_inheritance at `w`
    SELECT sum(a) OVER v FROM t WINDOW v AS (ORDER BY (SELECT max(b) OVER w FROM u WINDOW w AS (ORDER BY c) LIMIT 1))
      → SELECT sum(a) OVER (ORDER BY (SELECT max(b) OVER (ORDER BY c) FROM u LIMIT 1)) FROM t
    ");
    insta::assert_snapshot!(refused(&[
        "SELECT (SELECT sum(b) OVER w FROM u) FROM t WINDOW w AS (ORDER BY a)",
        "SELECT sum(b) OVER w FROM (SELECT b FROM t WINDOW w AS (ORDER BY a)) AS d",
        "SELECT a FROM t WINDOW w AS (ORDER BY a) UNION SELECT b FROM u ORDER BY sum(a) OVER w",
        "(SELECT a FROM t WINDOW w AS (ORDER BY a)) ORDER BY sum(a) OVER w",
    ]), @"
    SELECT (SELECT sum(b) OVER w FROM u) FROM t WINDOW w AS (ORDER BY a)
    VL-P0307: there is no window `w` @ 1:28 `w`
      help: define it with WINDOW, or write OVER (…)
    SELECT sum(b) OVER w FROM (SELECT b FROM t WINDOW w AS (ORDER BY a)) AS d
    VL-P0307: there is no window `w` @ 1:20 `w`
      help: define it with WINDOW, or write OVER (…)
    SELECT a FROM t WINDOW w AS (ORDER BY a) UNION SELECT b FROM u ORDER BY sum(a) OVER w
    VL-P0307: there is no window `w` @ 1:85 `w`
      help: define it with WINDOW, or write OVER (…)
    (SELECT a FROM t WINDOW w AS (ORDER BY a)) ORDER BY sum(a) OVER w
    VL-P0307: there is no window `w` @ 1:65 `w`
      help: define it with WINDOW, or write OVER (…)
    ");
}

#[test]
fn windows_that_mean_nothing_are_refused() {
    insta::assert_snapshot!(refused(&[
        "SELECT sum(a) OVER v, sum(a) OVER w FROM t WINDOW w AS (ORDER BY a)",
        "SELECT sum(a) OVER (v ORDER BY b) FROM t",
        "SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a), W AS (ORDER BY b)",
        "SELECT sum(a) OVER v FROM t WINDOW v AS (w ORDER BY a)",
        "SELECT sum(a) OVER v FROM t WINDOW v AS w, x AS (v)",
        "SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a), unused AS (nope)",
        "SELECT sum(a) OVER v FROM t WINDOW v AS (w), w AS (x ORDER BY a), x AS v",
        "SELECT sum(a) OVER w FROM t WINDOW w AS (w ORDER BY a)",
        "SELECT sum(a) OVER (w PARTITION BY b) FROM t WINDOW w AS (ORDER BY a)",
        "SELECT sum(a) OVER (w ORDER BY b) FROM t WINDOW w AS (ORDER BY a)",
        "SELECT sum(a) OVER (w) FROM t WINDOW w AS (ORDER BY a ROWS 1 PRECEDING)",
        "SELECT sum(a) OVER v FROM t WINDOW v AS (w PARTITION BY b), w AS (ORDER BY a)",
        "SELECT sum(a) OVER x FROM t WINDOW w AS (ORDER BY a), v AS w, x AS (v ORDER BY b)",
        "SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY a ROWS 1 PRECEDING), v AS (w ROWS 2 PRECEDING)",
        "SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY a), v AS (ORDER BY 1 + sum(b) OVER w)",
        "SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY a), v AS (ORDER BY sum(b) OVER (w))",
    ]), @"
    SELECT sum(a) OVER v, sum(a) OVER w FROM t WINDOW w AS (ORDER BY a)
    VL-P0307: there is no window `v` @ 1:20 `v`
      help: define it with WINDOW, or write OVER (…)
    SELECT sum(a) OVER (v ORDER BY b) FROM t
    VL-P0307: there is no window `v` @ 1:21 `v`
      help: define it with WINDOW, or write OVER (…)
    SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a), W AS (ORDER BY b)
    VL-P0307: the window `W` is defined twice @ 1:55 `W`
      help: keep one of the two definitions
    SELECT sum(a) OVER v FROM t WINDOW v AS (w ORDER BY a)
    VL-P0307: there is no window `w` @ 1:42 `w`
      help: define it with WINDOW, or write OVER (…)
    SELECT sum(a) OVER v FROM t WINDOW v AS w, x AS (v)
    VL-P0307: there is no window `w` @ 1:41 `w`
      help: define it with WINDOW, or write OVER (…)
    SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a), unused AS (nope)
    VL-P0307: there is no window `nope` @ 1:66 `nope`
      help: define it with WINDOW, or write OVER (…)
    SELECT sum(a) OVER v FROM t WINDOW v AS (w), w AS (x ORDER BY a), x AS v
    VL-P0307: the window `v` builds on itself @ 1:72 `v`
      help: write the whole definition in parentheses
    SELECT sum(a) OVER w FROM t WINDOW w AS (w ORDER BY a)
    VL-P0307: the window `w` builds on itself @ 1:42 `w`
      help: write the whole definition in parentheses
    SELECT sum(a) OVER (w PARTITION BY b) FROM t WINDOW w AS (ORDER BY a)
    VL-P0307: a window that builds on `w` takes its PARTITION BY and has no other @ 1:21 `w`
      help: write the whole definition in parentheses
    SELECT sum(a) OVER (w ORDER BY b) FROM t WINDOW w AS (ORDER BY a)
    VL-P0307: a window that builds on `w` takes its ORDER BY and has no other @ 1:21 `w`
      help: write the whole definition in parentheses
    SELECT sum(a) OVER (w) FROM t WINDOW w AS (ORDER BY a ROWS 1 PRECEDING)
    VL-P0307: no window can build on `w`, which has a frame @ 1:21 `w`
      help: write OVER with the name alone, or the whole definition in parentheses
    SELECT sum(a) OVER v FROM t WINDOW v AS (w PARTITION BY b), w AS (ORDER BY a)
    VL-P0307: a window that builds on `w` takes its PARTITION BY and has no other @ 1:42 `w`
      help: write the whole definition in parentheses
    SELECT sum(a) OVER x FROM t WINDOW w AS (ORDER BY a), v AS w, x AS (v ORDER BY b)
    VL-P0307: a window that builds on `v` takes its ORDER BY and has no other @ 1:69 `v`
      help: write the whole definition in parentheses
    SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY a ROWS 1 PRECEDING), v AS (w ROWS 2 PRECEDING)
    VL-P0307: no window can build on `w`, which has a frame @ 1:78 `w`
      help: write OVER with the name alone, or the whole definition in parentheses
    SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY a), v AS (ORDER BY 1 + sum(b) OVER w)
    VL-P0307: the definition of the window `v` names another one in an expression @ 1:55 `v`
      help: compute the expression in a subquery
    SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY a), v AS (ORDER BY sum(b) OVER (w))
    VL-P0307: the definition of the window `v` names another one in an expression @ 1:55 `v`
      help: compute the expression in a subquery
    ");
}

#[test]
fn a_definition_that_is_used_too_often_is_not_copied() {
    let keys = vec!["a"; 200].join(" + ");
    let calls = vec!["sum(a) OVER w"; 600].join(", ");
    let sql = format!("SELECT {calls} FROM t WINDOW w AS (ORDER BY {keys})");
    assert!(query(&sql).is_err(), "600 times 399 expressions");
    let limits = Limits { expressions: 500_000, ..Limits::default() };
    let generous = Lane::new(Policy::builder().limits(limits).build().unwrap());
    assert!(generous.read_query(&text(&sql), &Known).is_ok());
    let mut shown = check(&sql);
    shown.truncate(shown.find("help").unwrap());
    insta::assert_snapshot!(shown, @"VL-P0405: the named windows of the query, written out, have more than 200000 expressions @ 1:7535 `w`");
}

/// Each level would double what the level inside it copies.
#[test]
fn definitions_inside_definitions_are_bounded() {
    let mut inner = "1".to_owned();
    for level in 0..20 {
        let calls = vec![format!("sum(a) OVER w{level}"); 10].join(" + ");
        inner = format!("(SELECT {calls} FROM t WINDOW w{level} AS (ORDER BY {inner}))");
    }
    let rejection = query(&format!("SELECT {inner}")).unwrap_err();
    assert!(rejection.diagnostics().iter().any(|found| found.code == crate::codes::LIMIT));
}

#[test]
fn long_chains_are_lowered_without_overflow() {
    let chain = vec!["a"; 5_000].join(" + ");
    let sql = format!(
        "SELECT {chain} + sum(a) OVER w FROM t WINDOW w AS (ORDER BY {chain}) ORDER BY {chain}"
    );
    let compiled = query(&sql).unwrap();
    drop(compiled.statement());
    let unions = format!("SELECT TOP 1 a FROM t{}", " MINUS SELECT TOP 1 a FROM t".repeat(900));
    assert_eq!(query(&unions).unwrap().lowerings().len(), 1_801);
    let windows: Vec<_> = (1..10_000).map(|n| format!("w{n} AS (w{})", n - 1)).collect();
    let sql = format!(
        "SELECT sum(a) OVER w9999 FROM t WINDOW w0 AS (ORDER BY a), {}",
        windows.join(", ")
    );
    assert_eq!(query(&sql).unwrap().sql(), "SELECT sum(a) OVER (ORDER BY a) FROM t");
}

#[test]
fn a_compiled_query_names_its_deviations() {
    let compiled = query("SELECT TOP 1 a FROM t MINUS (FROM u MINUS SELECT 1)").unwrap();
    let kinds: Vec<_> = compiled.deviations().map(Deviation::code).collect();
    assert_eq!(kinds, ["top", "minus", "from_without_select"]);
    assert_eq!(compiled.lowerings().len(), 4);
    assert!(
        query("SELECT sum(a) OVER w FROM t WINDOW w AS (ORDER BY a)")
            .unwrap()
            .lowerings()
            .is_empty()
    );
}

/// The table keeps neither its quotes nor what follows it, so it cannot be lowered.
#[test]
fn table_is_refused_because_the_parser_loses_what_follows() {
    assert_eq!(tree("generic", "TABLE \"T\" LIMIT 5").to_string(), "TABLE T");
    insta::assert_snapshot!(refused(&["TABLE t", "TABLE s.t"]), @"
    TABLE t
    VL-P0302: the engine does not support `TABLE` @ 1:1 `TABLE`
      help: write SELECT * FROM and the name
    TABLE s.t
    VL-P0302: the engine does not support `TABLE` @ 1:1 `TABLE`
      help: write SELECT * FROM and the name
    ");
}

/// A tree that no text gives: FROM first, no SELECT, and yet a list.
#[test]
fn a_stored_tree_is_lowered_too() {
    let mut odd = tree("generic", "FROM t SELECT a");
    let SetExpr::Select(select) = &mut *odd.body else { panic!("a select") };
    select.flavor = SelectFlavor::FromFirstNoSelect;
    insta::assert_snapshot!(crate::fixtures::show(lane().read_ast(*odd, &text(""), &Known)), @"
    VL-P0301: the engine would silently ignore `SELECT after FROM` @ 1:1 ``
      help: write SELECT before FROM
    ");
    let stored = tree("generic", "SELECT TOP 2 a FROM t MINUS SELECT b FROM u");
    insta::assert_snapshot!(crate::fixtures::show(lane().read_ast(*stored, &text(""), &Known)), @"
    (SELECT a FROM t LIMIT 2) EXCEPT SELECT b FROM u
    reads t, u
    ");
}

/// Windows of a WINDOW clause: which of the ones before it each builds on and how, and what it adds.
#[derive(Clone, Debug)]
struct Plan {
    base: Option<(usize, bool)>,
    partition: bool,
    order: bool,
    frame: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Flat {
    partition: Option<usize>,
    order: Option<usize>,
    frame: Option<usize>,
}

impl Flat {
    /// The window as a text, with nothing left to look up.
    fn written(self) -> String {
        let Self { partition, order, frame } = self;
        let parts = [
            partition.map(|n| format!("PARTITION BY p{n}")),
            order.map(|n| format!("ORDER BY o{n}")),
            frame.map(|n| format!("ROWS {n} PRECEDING")),
        ];
        format!("({})", parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

impl Plan {
    /// The definition as a text and as what it means, or `None` where it means nothing.
    fn write(&self, index: usize, before: &[Flat]) -> Option<(String, Flat)> {
        let own = Flat {
            partition: self.partition.then_some(index),
            order: self.order.then_some(index),
            frame: self.frame.then_some(index),
        };
        let Some((base, alias)) = self.base.filter(|_| index > 0) else {
            return Some((own.written(), own));
        };
        let base = base % index;
        let below = before[base];
        if alias {
            return Some((format!("w{base}"), below));
        }
        let twice = own.order.is_some() && below.order.is_some();
        if own.partition.is_some() || twice || below.frame.is_some() {
            return None;
        }
        let flat = Flat { partition: below.partition, order: own.order.or(below.order), ..own };
        let added = own.written();
        Some((format!("(w{base} {}", added.trim_start_matches('(')), flat))
    }
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    let plan = (prop::option::of((0..8_usize, any::<bool>())), any::<[bool; 3]>());
    let plan = plan.prop_map(|(base, [partition, order, frame])| Plan {
        base,
        partition: partition && base.is_none(),
        order,
        frame,
    });
    prop::collection::vec(plan, 1..8)
}

/// A query with every construct that is lowered, and the same query written by hand as it must
/// come out. `nest` puts it into itself.
fn queries(plans: &[Plan], uses: &[(usize, u8)], nest: u8, backwards: bool) -> (String, String) {
    let mut flats: Vec<Flat> = Vec::new();
    let mut named = Vec::new();
    for plan in plans {
        if let Some((text, flat)) = plan.write(flats.len(), &flats) {
            named.push(format!("w{} AS {text}", flats.len()));
            flats.push(flat);
        }
    }
    if backwards {
        named.reverse();
    }
    let (mut list, mut flat_list, mut others, mut flat_others) = (vec![], vec![], vec![], vec![]);
    for (which, place) in uses {
        let Some(which) = which.checked_rem(flats.len()) else { continue };
        let flat = flats[which];
        let (over, flat) = match place % 3 {
            0 if flat.frame.is_none() => {
                let frame = Flat { frame: Some(77), ..flat };
                (format!("(w{which} ROWS 77 PRECEDING)"), frame)
            }
            1 if flat.frame.is_none() && flat.order.is_none() => {
                (format!("(w{which} ORDER BY o88)"), Flat { order: Some(88), ..flat })
            }
            _ => (format!("w{which}"), flat),
        };
        let (call, flat_call) =
            (format!("sum(a) OVER {over}"), format!("sum(a) OVER {}", flat.written()));
        if place % 2 == 0 {
            list.push(call);
            flat_list.push(flat_call);
        } else {
            others.push(call);
            flat_others.push(flat_call);
        }
    }
    list.push("b".to_owned());
    flat_list.push("b".to_owned());
    let select = |list: &[String], others: &[String], window: String| {
        let order = if others.is_empty() {
            String::new()
        } else {
            format!(" ORDER BY {}", others.join(", "))
        };
        let qualify = others.first().map(|call| format!(" QUALIFY {call} > 1")).unwrap_or_default();
        format!("SELECT {} FROM t{window}{qualify}{order}", list.join(", "))
    };
    let window = format!(" WINDOW {}", named.join(", "));
    let (mut one, mut other) =
        (select(&list, &others, window), select(&flat_list, &flat_others, String::new()));
    for step in 0..nest % 4 {
        (one, other) = match (nest >> 2).wrapping_add(step) % 4 {
            0 => (
                format!("FROM ({one}) AS d{step} SEMI JOIN u ON true"),
                format!("SELECT * FROM ({other}) AS d{step} LEFT SEMI JOIN u ON true"),
            ),
            1 => (
                format!(
                    "SELECT x FROM y MINUS ({one}) MINUS SELECT TOP 2 z FROM y FETCH FIRST 3 ROWS ONLY"
                ),
                format!(
                    "SELECT x FROM y EXCEPT ({other}) EXCEPT (SELECT z FROM y LIMIT 2) LIMIT 3"
                ),
            ),
            2 => (
                format!(
                    "WITH c{step} AS ({one}) SELECT x, ({one}) FROM c{step} GROUP BY x, z WITH CUBE"
                ),
                format!(
                    "WITH c{step} AS ({other}) SELECT x, ({other}) FROM c{step} GROUP BY CUBE (x, z)"
                ),
            ),
            _ => (
                format!(
                    "SELECT x FROM y WINDOW w0 AS (ORDER BY ({one})) QUALIFY sum(x) OVER w0 > 1"
                ),
                format!("SELECT x FROM y QUALIFY sum(x) OVER (ORDER BY ({other})) > 1"),
            ),
        };
    }
    (one, other)
}

proptest! {
    /// Lowering gives what a person would write who looks every name up, and lowering that once
    /// more changes nothing.
    #[test]
    fn lowering_is_what_is_written_by_hand(
        plans in plans(),
        uses in prop::collection::vec((0..8_usize, any::<u8>()), 0..6),
        nest in any::<u8>(),
        backwards in any::<bool>(),
    ) {
        let (sql, by_hand) = queries(&plans, &uses, nest, backwards);
        let once = lowered("generic", &sql);
        let by_hand = lowered("generic", &by_hand);
        prop_assert_eq!(&once.query, &by_hand.query, "{}", sql);
        prop_assert_eq!(by_hand.lowerings, vec![]);
        let policy = Policy::builder().build().unwrap();
        let twice = lower(&policy, &text(&sql), once.query.clone());
        prop_assert_eq!(&once.query, &twice.query, "{}", sql);
        prop_assert_eq!(twice.lowerings, vec![]);
        let compiled = query(&sql).unwrap();
        prop_assert_eq!(compiled.lowerings(), &once.lowerings[..]);
        prop_assert!(stays(&compiled), "{}", sql);
    }

    /// Whatever stands in a WINDOW clause, what passes names no window any more.
    #[test]
    fn no_name_of_a_window_passes(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "v", "w", "(v)", "(w)", "(v ORDER BY a)", "(w ORDER BY b)", "(PARTITION BY a)",
                "(ORDER BY a ROWS 1 PRECEDING)", "(w ROWS 2 PRECEDING)", "(v PARTITION BY b)",
                "()", "(x)", "(ORDER BY sum(a) OVER w)",
            ]),
            4,
        ),
        qualify in any::<bool>(),
    ) {
        let [v, w, one, two] = &parts[..] else { unreachable!("four parts") };
        let qualify = if qualify { format!("QUALIFY sum(a) OVER {two} > 1") } else { String::new() };
        let sql = format!(
            "SELECT sum(a) OVER {one} FROM t WINDOW v AS {v}, w AS {w} {qualify} ORDER BY sum(a) OVER {two}"
        );
        if let Ok(compiled) = query(&sql) {
            let shown = compiled.sql();
            prop_assert!(!shown.contains("WINDOW"), "{}", shown);
            for name in ["v", "w", "x"] {
                prop_assert!(!shown.contains(&format!("OVER {name}")), "{}", shown);
                prop_assert!(!shown.contains(&format!("({name}")), "{}", shown);
            }
            prop_assert!(stays(&compiled), "{}", sql);
        }
    }
}

#[test]
fn every_dialect_lowers_alike() {
    for (dialect, sql) in [
        ("mssql", "SELECT TOP (3) a FROM t ORDER BY a"),
        ("oracle", "SELECT a FROM t MINUS SELECT b FROM u FETCH FIRST 2 ROWS ONLY"),
        ("spark", "SELECT a FROM t ANTI JOIN u ON true GROUP BY a WITH CUBE"),
        ("duckdb", "FROM t SEMI JOIN u USING (a)"),
        ("bigquery", "SELECT sum(a) OVER v FROM t WINDOW w AS (ORDER BY a), v AS w"),
        (
            "postgres",
            "SELECT sum(a) OVER (w ROWS 1 PRECEDING) FROM t WINDOW w AS (ORDER BY a) ORDER BY sum(a) OVER w",
        ),
    ] {
        let compiled = lane_in(dialect).read_query(&text(sql), &Known).unwrap();
        assert!(!compiled.lowerings().is_empty(), "{dialect}: {sql}");
    }
}

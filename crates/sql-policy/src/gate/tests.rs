use crate::fixtures::{check, check_in};

/// One line for each text: what became of it.
fn each(texts: &[&str]) -> String {
    texts.iter().map(|sql| format!("{sql}\n{}\n", indent(&check(sql)))).collect()
}

fn each_in(cases: &[(&str, &str)]) -> String {
    cases
        .iter()
        .map(|(dialect, sql)| format!("[{dialect}] {sql}\n{}\n", indent(&check_in(dialect, sql))))
        .collect()
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

#[test]
fn clauses_that_the_engine_would_drop_are_refused() {
    insta::assert_snapshot!(each(&[
        "SELECT a FROM t PREWHERE a > 1 WHERE b",
        "SELECT a FROM t TABLESAMPLE (10 PERCENT)",
        "SELECT a FROM (SELECT a FROM t) AS d TABLESAMPLE (10 PERCENT)",
        "SELECT a FROM t GROUP BY a WITH TOTALS",
        "SELECT a FROM t GROUP BY a GROUPING SETS ((a), ())",
        "SELECT a FROM t START WITH a = 1 CONNECT BY PRIOR a = b",
        "SELECT a FROM t FOR UPDATE",
        "SELECT a FROM t FOR SHARE NOWAIT",
        "SELECT a FROM t FOR JSON AUTO",
        "SELECT a FROM t FOR XML AUTO",
        "SELECT a FROM t FOR BROWSE",
        "SELECT a FROM t SETTINGS max_threads = 1",
        "SELECT a FROM t FORMAT JSONCompact",
        "SELECT a FROM t PARTITION (p0)",
        "SELECT a FROM t WITH (NOLOCK)",
        "SELECT a FROM t WITH ORDINALITY",
        "SELECT a FROM range(1, 3) WITH ORDINALITY",
        "SELECT a FROM t, LATERAL range(1, t.a)",
        "SELECT a FROM range(start => 1)",
        "SELECT a FROM t GLOBAL JOIN u ON true",
        "SELECT * FROM t WHERE a SIMILAR TO 'x%'",
        "SELECT a.range FROM s.range(1, 2) AS a",
        "SELECT a FROM lake.files('t') AS f, lake.file('t') AS g, LATERAL lake.files(f.a) AS h",
        "SELECT a FROM t AS x (b INT)",
        "SELECT array_agg(a)(b) FROM t",
    ]), @"
    SELECT a FROM t PREWHERE a > 1 WHERE b
        VL-P0301: the engine would silently ignore `PREWHERE` @ 1:17 `PREWHERE`
          help: write WHERE

    SELECT a FROM t TABLESAMPLE (10 PERCENT)
        VL-P0301: the engine would silently ignore `TABLESAMPLE` @ 1:17 `TABLESAMPLE`
          help: filter in WHERE by a hash of a key: the engine would read all rows

    SELECT a FROM (SELECT a FROM t) AS d TABLESAMPLE (10 PERCENT)
        VL-P0301: the engine would silently ignore `TABLESAMPLE` @ 1:38 `TABLESAMPLE`
          help: filter in WHERE by a hash of a key: the engine would read all rows

    SELECT a FROM t GROUP BY a WITH TOTALS
        VL-P0301: the engine would silently ignore `WITH TOTALS` @ 1:28 `WITH`
          help: write GROUP BY GROUPING SETS ((…), ())

    SELECT a FROM t GROUP BY a GROUPING SETS ((a), ())
        VL-P0301: the engine would silently ignore `GROUPING SETS after the list` @ 1:28 `GROUPING`
          help: write GROUP BY GROUPING SETS (…) with all sets

    SELECT a FROM t START WITH a = 1 CONNECT BY PRIOR a = b
        VL-P0301: the engine would silently ignore `CONNECT BY or START WITH` @ 1:34 `CONNECT`
          help: write a recursive common table expression

    SELECT a FROM t FOR UPDATE
        VL-P0301: the engine would silently ignore `FOR UPDATE` @ 1:17 `FOR`
          help: leave it out: a view reads pinned versions and locks nothing

    SELECT a FROM t FOR SHARE NOWAIT
        VL-P0301: the engine would silently ignore `FOR SHARE` @ 1:17 `FOR`
          help: leave it out: a view reads pinned versions and locks nothing

    SELECT a FROM t FOR JSON AUTO
        VL-P0301: the engine would silently ignore `FOR JSON` @ 1:17 `FOR`
          help: leave it out and build the text with functions

    SELECT a FROM t FOR XML AUTO
        VL-P0301: the engine would silently ignore `FOR XML` @ 1:17 `FOR`
          help: leave it out and build the text with functions

    SELECT a FROM t FOR BROWSE
        VL-P0301: the engine would silently ignore `FOR BROWSE` @ 1:17 `FOR`
          help: leave it out and build the text with functions

    SELECT a FROM t SETTINGS max_threads = 1
        VL-P0301: the engine would silently ignore `SETTINGS` @ 1:17 `SETTINGS`
          help: leave it out and set the option in the runtime profile

    SELECT a FROM t FORMAT JSONCompact
        VL-P0301: the engine would silently ignore `FORMAT` @ 1:17 `FORMAT`
          help: leave it out

    SELECT a FROM t PARTITION (p0)
        VL-P0301: the engine would silently ignore `PARTITION` @ 1:17 `PARTITION`
          help: filter in WHERE

    SELECT a FROM t WITH (NOLOCK)
        VL-P0301: the engine would silently ignore `WITH (hint)` @ 1:17 `WITH`
          help: leave it out

    SELECT a FROM t WITH ORDINALITY
        VL-P0301: the engine would silently ignore `WITH ORDINALITY` @ 1:17 `WITH`
          help: use row_number()

    SELECT a FROM range(1, 3) WITH ORDINALITY
        VL-P0301: the engine would silently ignore `WITH ORDINALITY` @ 1:27 `WITH`
          help: use row_number()

    SELECT a FROM t, LATERAL range(1, t.a)
        VL-P0301: the engine would silently ignore `LATERAL before a table function` @ 1:18 `LATERAL`
          help: leave LATERAL out, or select the function in a lateral subquery

    SELECT a FROM range(start => 1)
        VL-P0301: the engine would silently ignore `start =>` @ 1:21 `start`
          help: leave the name out: table functions take positions

    SELECT a FROM t GLOBAL JOIN u ON true
        VL-P0301: the engine would silently ignore `GLOBAL` @ 1:17 `GLOBAL`
          help: leave it out

    SELECT * FROM t WHERE a SIMILAR TO 'x%'
        VL-P0301: the engine reads the pattern of `SIMILAR TO` as a plain regular expression @ 1:25 `SIMILAR`
          help: write LIKE, or ~ with a regular expression

    SELECT a.range FROM s.range(1, 2) AS a
        VL-P0301: the engine would silently ignore `s.range before a table function` @ 1:23 `range`
          help: write the name of the function alone

    SELECT a FROM lake.files('t') AS f, lake.file('t') AS g, LATERAL lake.files(f.a) AS h
        VL-P0301: the engine would silently ignore `lake.file before a table function` @ 1:42 `file`
          help: write the name of the function alone
        VL-P0301: the engine would silently ignore `LATERAL before a table function` @ 1:58 `LATERAL`
          help: leave LATERAL out, or select the function in a lateral subquery

    SELECT a FROM t AS x (b INT)
        VL-P0301: the engine would silently ignore `INT in an alias` @ 1:25 `INT`
          help: leave the type out, or CAST where the column is read

    SELECT array_agg(a)(b) FROM t
        VL-P0301: the engine would silently ignore `array_agg(…)(…)` @ 1:8 `array_agg`
          help: write all arguments in one pair of parentheses
    ");
}

#[test]
fn clauses_that_the_engine_would_drop_are_refused_in_other_dialects() {
    insta::assert_snapshot!(each_in(&[
        ("postgres", "WITH x AS MATERIALIZED (SELECT 1) SELECT * FROM x"),
        ("postgres", "WITH x AS NOT MATERIALIZED (SELECT 1) SELECT * FROM x"),
        ("mysql", "SELECT HIGH_PRIORITY a FROM t"),
        ("mysql", "SELECT /*+ NO_MERGE */ a FROM t"),
        ("mysql", "SELECT a FROM t USE INDEX (i)"),
        ("bigquery", "SELECT AS STRUCT 1 AS a"),
        ("bigquery", "SELECT AS VALUE a FROM t"),
        ("bigquery", "SELECT a FROM t FOR SYSTEM_TIME AS OF '2020-01-01'"),
        ("databricks", "SELECT a FROM t VERSION AS OF 1"),
        ("redshift", "SELECT * EXCLUDE a FROM t"),
        ("redshift", "SELECT a, b EXCLUDE a FROM t"),
        ("clickhouse", "SELECT quantile(0.5)(a) FROM t"),
        ("redshift", "SELECT a FROM t.items[0] AS i AT p"),
        ("duckdb", "SELECT 1 UNION SELECT 2 ORDER BY ALL"),
        ("duckdb", "SELECT a FROM t ORDER BY ALL"),
        ("postgres", "SELECT ARRAY(SELECT a FROM u)"),
        ("mysql", "SELECT a FROM t STRAIGHT_JOIN u ON true"),
        ("snowflake", "SELECT src:a.b FROM t"),
    ]), @"
    [postgres] WITH x AS MATERIALIZED (SELECT 1) SELECT * FROM x
        VL-P0301: the engine would silently ignore `MATERIALIZED` @ 1:11 `MATERIALIZED`
          help: leave it out, or make a materialized view of the part

    [postgres] WITH x AS NOT MATERIALIZED (SELECT 1) SELECT * FROM x
        VL-P0301: the engine would silently ignore `NOT MATERIALIZED` @ 1:11 `NOT`
          help: leave it out, or make a materialized view of the part

    [mysql] SELECT HIGH_PRIORITY a FROM t
        VL-P0301: the engine would silently ignore `HIGH_PRIORITY` @ 1:8 `HIGH_PRIORITY`
          help: leave it out

    [mysql] SELECT /*+ NO_MERGE */ a FROM t
        VL-P0301: the engine would silently ignore `/*+ hint */` @ 1:1 `SELECT`
          help: leave it out

    [mysql] SELECT a FROM t USE INDEX (i)
        VL-P0301: the engine would silently ignore `INDEX hints` @ 1:21 `INDEX`
          help: leave it out

    [bigquery] SELECT AS STRUCT 1 AS a
        VL-P0301: the engine would silently ignore `AS STRUCT or AS VALUE` @ 1:8 `AS`
          help: build the struct with a function

    [bigquery] SELECT AS VALUE a FROM t
        VL-P0301: the engine would silently ignore `AS STRUCT or AS VALUE` @ 1:8 `AS`
          help: build the struct with a function

    [bigquery] SELECT a FROM t FOR SYSTEM_TIME AS OF '2020-01-01'
        VL-P0301: the engine would silently ignore `AS OF a version` @ 1:33 `AS`
          help: leave it out: which version is read is decided by the run

    [databricks] SELECT a FROM t VERSION AS OF 1
        VL-P0301: the engine would silently ignore `AS OF a version` @ 1:25 `AS`
          help: leave it out: which version is read is decided by the run

    [redshift] SELECT * EXCLUDE a FROM t
        SELECT * EXCLUDE a FROM t
        reads t

    [redshift] SELECT a, b EXCLUDE a FROM t
        VL-P0301: the engine would silently ignore `EXCLUDE after the list` @ 1:13 `EXCLUDE`
          help: write * EXCLUDE (…)

    [clickhouse] SELECT quantile(0.5)(a) FROM t
        VL-P0401: the function `quantile` is not known @ 1:8 `quantile`
          help: check the spelling, or register the function
        VL-P0301: the engine would silently ignore `quantile(…)(…)` @ 1:8 `quantile`
          help: write all arguments in one pair of parentheses

    [redshift] SELECT a FROM t.items[0] AS i AT p
        VL-P0301: the engine would silently ignore `path after a table` @ 1:17 `items`
          help: select the fields
        VL-P0301: the engine would silently ignore `AT in an alias` @ 1:31 `AT`
          help: leave it out

    [duckdb] SELECT 1 UNION SELECT 2 ORDER BY ALL
        VL-P0301: the engine would silently ignore `ORDER BY ALL of a set operation` @ 1:25 `ORDER`
          help: name the columns

    [duckdb] SELECT a FROM t ORDER BY ALL
        SELECT a FROM t ORDER BY ALL
        reads t

    [postgres] SELECT ARRAY(SELECT a FROM u)
        VL-P0401: the function `array` is not known @ 1:8 `ARRAY`
          help: check the spelling, or register the function
        VL-P0301: the engine would silently ignore `array(SELECT …)` @ 1:14 `SELECT`
          help: write array_agg in a subquery in parentheses

    [mysql] SELECT a FROM t STRAIGHT_JOIN u ON true
        VL-P0302: the engine does not support `STRAIGHT_JOIN` @ 1:17 `STRAIGHT_JOIN`
          help: write JOIN

    [snowflake] SELECT src:a.b FROM t
        VL-P0302: the engine does not support `: path` @ 1:8 `src`
          help: write column['key']
    ");
}

#[test]
fn clauses_that_the_engine_lacks_are_refused() {
    insta::assert_snapshot!(each(&[
        "SELECT a FROM t LATERAL VIEW explode(b) v AS c",
        "SELECT a FROM t CLUSTER BY a",
        "SELECT a FROM t DISTRIBUTE BY a",
        "SELECT a FROM t SORT BY a",
        "SELECT a FROM t LIMIT 1 BY a",
        "SELECT a FROM t ORDER BY a WITH FILL",
        "SELECT a FROM t ORDER BY a INTERPOLATE (b)",
        "SELECT a FROM t |> WHERE a > 1",
        "SELECT a FROM t CROSS APPLY (SELECT 1) u",
        "SELECT a FROM t OUTER APPLY (SELECT 1) u",
        "SELECT a FROM t ASOF JOIN u MATCH_CONDITION (t.a > u.a) ON t.b = u.b",
        "SELECT a FROM t ARRAY JOIN b",
        "SELECT a FROM t MATCH_RECOGNIZE (MEASURES 1 AS m PATTERN (x) DEFINE x AS true)",
        "SELECT a FROM t PIVOT (sum(b) FOR c IN (1, 2))",
        "SELECT a FROM t UNPIVOT (b FOR c IN (d, e))",
        "SELECT a FROM OPENJSON(b) WITH (c INT)",
        "SELECT a FROM JSON_TABLE('[]', '$[*]' COLUMNS (a INT PATH '$')) AS j",
        "SELECT a FROM XMLTABLE('/a' PASSING b COLUMNS c INT)",
        "SELECT a FROM TABLE(range(1, 2))",
        "SELECT a FROM UNNEST([1]) WITH OFFSET",
        "SELECT a FROM UNNEST([1]) WITH ORDINALITY",
        "TABLE t",
        "SELECT a COLLATE x FROM t",
        "SELECT a IS NORMALIZED FROM t",
        "SELECT a RLIKE 'x' FROM t",
        "SELECT a LIKE ANY ('x') FROM t",
        "SELECT a IN UNNEST([1]) FROM t",
        "SELECT CEIL(a TO DAY) FROM t",
        "SELECT INTERVAL '1' YEAR TO MONTH",
        "SELECT N'x', U&'x', X'00'",
        "SELECT array_agg(a LIMIT 1) FROM t",
        "SELECT (a) -> 1, x -> x FROM t",
    ]), @"
    SELECT a FROM t LATERAL VIEW explode(b) v AS c
        VL-P0302: the engine does not support `LATERAL VIEW` @ 1:17 `LATERAL`
          help: select unnest(…) in a subquery

    SELECT a FROM t CLUSTER BY a
        VL-P0302: the engine does not support `CLUSTER BY` @ 1:17 `CLUSTER`
          help: leave it out: rows of a view have no order, and are placed by its options

    SELECT a FROM t DISTRIBUTE BY a
        VL-P0302: the engine does not support `DISTRIBUTE BY` @ 1:17 `DISTRIBUTE`
          help: leave it out: rows of a view have no order, and are placed by its options

    SELECT a FROM t SORT BY a
        VL-P0302: the engine does not support `SORT BY` @ 1:17 `SORT`
          help: write ORDER BY

    SELECT a FROM t LIMIT 1 BY a
        VL-P0302: the engine does not support `BY after LIMIT` @ 1:25 `BY`
          help: filter by row_number() with QUALIFY

    SELECT a FROM t ORDER BY a WITH FILL
        VL-P0302: the engine does not support `WITH FILL` @ 1:28 `WITH`
          help: join with a generated series of the missing values

    SELECT a FROM t ORDER BY a INTERPOLATE (b)
        VL-P0302: the engine does not support `INTERPOLATE` @ 1:28 `INTERPOLATE`
          help: leave it out

    SELECT a FROM t |> WHERE a > 1
        VL-P0302: the engine does not support `|>` @ 1:15 `t`
          help: write the steps as nested queries or common table expressions

    SELECT a FROM t CROSS APPLY (SELECT 1) u
        VL-P0302: the engine does not support `APPLY` @ 1:23 `APPLY`
          help: write CROSS JOIN LATERAL (…)

    SELECT a FROM t OUTER APPLY (SELECT 1) u
        VL-P0302: the engine does not support `APPLY` @ 1:23 `APPLY`
          help: write LEFT JOIN LATERAL (…) ON true

    SELECT a FROM t ASOF JOIN u MATCH_CONDITION (t.a > u.a) ON t.b = u.b
        VL-P0302: the engine does not support `ASOF` @ 1:17 `ASOF`
          help: join on the latest row found with row_number()

    SELECT a FROM t ARRAY JOIN b
        VL-P0302: the engine does not support `ARRAY JOIN` @ 1:17 `ARRAY`
          help: select unnest(…) in a subquery

    SELECT a FROM t MATCH_RECOGNIZE (MEASURES 1 AS m PATTERN (x) DEFINE x AS true)
        VL-P0302: the engine does not support `MATCH_RECOGNIZE` @ 1:17 `MATCH_RECOGNIZE`
          help: write window functions

    SELECT a FROM t PIVOT (sum(b) FOR c IN (1, 2))
        VL-P0302: the engine does not support `PIVOT` @ 1:17 `PIVOT`
          help: write aggregates with FILTER

    SELECT a FROM t UNPIVOT (b FOR c IN (d, e))
        VL-P0302: the engine does not support `UNPIVOT` @ 1:17 `UNPIVOT`
          help: write UNION ALL

    SELECT a FROM OPENJSON(b) WITH (c INT)
        VL-P0302: the engine does not support `OPENJSON` @ 1:15 `OPENJSON`
          help: select the fields with functions

    SELECT a FROM JSON_TABLE('[]', '$[*]' COLUMNS (a INT PATH '$')) AS j
        VL-P0302: the engine does not support `JSON_TABLE` @ 1:15 `JSON_TABLE`
          help: select the fields with functions

    SELECT a FROM XMLTABLE('/a' PASSING b COLUMNS c INT)
        VL-P0302: the engine does not support `XMLTABLE` @ 1:15 `XMLTABLE`
          help: load the data as a table first

    SELECT a FROM TABLE(range(1, 2))
        VL-P0302: the engine does not support `TABLE (…)` @ 1:15 `TABLE`
          help: write the table function itself

    SELECT a FROM UNNEST([1]) WITH OFFSET
        VL-P0302: the engine does not support `WITH OFFSET` @ 1:27 `WITH`
          help: use row_number()

    SELECT a FROM UNNEST([1]) WITH ORDINALITY
        VL-P0302: the engine does not support `WITH ORDINALITY` @ 1:27 `WITH`
          help: use row_number()

    TABLE t
        VL-P0302: the engine does not support `TABLE` @ 1:1 `TABLE`
          help: write SELECT * FROM and the name

    SELECT a COLLATE x FROM t
        VL-P0302: the engine does not support `COLLATE` @ 1:10 `COLLATE`
          help: leave it out: text compares by its bytes

    SELECT a IS NORMALIZED FROM t
        VL-P0302: the engine does not support `IS NORMALIZED` @ 1:10 `IS`
          help: normalise the text before loading it

    SELECT a RLIKE 'x' FROM t
        VL-P0302: the engine does not support `RLIKE` @ 1:10 `RLIKE`
          help: write ~ with a regular expression

    SELECT a LIKE ANY ('x') FROM t
        VL-P0302: the engine does not support `ANY after LIKE` @ 1:15 `ANY`
          help: join several LIKE with OR

    SELECT a IN UNNEST([1]) FROM t
        VL-P0302: the engine does not support `IN UNNEST` @ 1:10 `IN`
          help: write = ANY (…) or array_has(…)

    SELECT CEIL(a TO DAY) FROM t
        VL-P0302: the engine does not support `TO in CEIL or FLOOR` @ 1:15 `TO`
          help: use date_trunc

    SELECT INTERVAL '1' YEAR TO MONTH
        VL-P0302: the engine does not support `INTERVAL with a range of units` @ 1:8 `INTERVAL`
          help: write the units into the string, as in INTERVAL '1 day 2 hours'

    SELECT N'x', U&'x', X'00'
        VL-P0302: the engine does not support the literal `N'x'` @ 1:8 `N'x'`
          help: write the text in single quotes
        VL-P0302: the engine does not support the literal `U&'x'` @ 1:14 `U&'x'`
          help: write the text in single quotes

    SELECT array_agg(a LIMIT 1) FROM t
        VL-P0302: the engine does not support `LIMIT in a call` @ 1:20 `LIMIT`
          help: use array_slice

    SELECT (a) -> 1, x -> x FROM t
        SELECT (a) -> 1, x -> x FROM t
        reads t
    ");
}

#[test]
fn writes_inside_a_query_are_refused() {
    insta::assert_snapshot!(each(&[
        "WITH x AS (INSERT INTO t VALUES (1)) SELECT * FROM x",
        "WITH x AS (UPDATE t SET a = 1) SELECT * FROM x",
        "WITH x AS (DELETE FROM t) SELECT * FROM x",
        "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
        "WITH x AS (SELECT 1) MERGE INTO t USING x ON true WHEN MATCHED THEN DELETE",
        "SELECT a INTO u FROM t",
        "SELECT 1 UNION ALL SELECT a INTO u FROM t",
    ]), @"
    WITH x AS (INSERT INTO t VALUES (1)) SELECT * FROM x
        VL-P0303: a query must not write, but here is `INSERT` @ 1:12 `INSERT`
          help: write a SELECT; data is written by refreshing a view

    WITH x AS (UPDATE t SET a = 1) SELECT * FROM x
        VL-P0303: a query must not write, but here is `UPDATE` @ 1:12 `UPDATE`
          help: write a SELECT; data is written by refreshing a view

    WITH x AS (DELETE FROM t) SELECT * FROM x
        VL-P0303: a query must not write, but here is `DELETE` @ 1:12 `DELETE`
          help: write a SELECT; data is written by refreshing a view

    WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x
        VL-P0303: a query must not write, but here is `INSERT` @ 1:22 `INSERT`
          help: write a SELECT; data is written by refreshing a view

    WITH x AS (SELECT 1) MERGE INTO t USING x ON true WHEN MATCHED THEN DELETE
        VL-P0303: a query must not write, but here is `MERGE` @ 1:22 `MERGE`
          help: write a SELECT; data is written by refreshing a view

    SELECT a INTO u FROM t
        VL-P0303: a query must not write, but here is `INTO u` @ 1:10 `INTO`
          help: leave INTO out; the result of a view is stored by refreshing it

    SELECT 1 UNION ALL SELECT a INTO u FROM t
        VL-P0303: a query must not write, but here is `INTO u` @ 1:29 `INTO`
          help: leave INTO out; the result of a view is stored by refreshing it
    ");
}

#[test]
fn what_the_engine_carries_out_passes() {
    insta::assert_snapshot!(each(&[
        "SELECT DISTINCT ON (a) a, B AS \"b\", \"C\" cc FROM T, \"U\" AS u2 (x, Y)",
        "SELECT * EXCLUDE (a) REPLACE (b AS c), t.* FROM t",
        "SELECT a FROM t LEFT JOIN u USING (A) NATURAL JOIN v CROSS JOIN w",
        "SELECT a FROM t LEFT SEMI JOIN u ON t.a = u.a RIGHT ANTI JOIN v ON true",
        "SELECT a FROM (t JOIN u ON t.a = u.a), LATERAL (SELECT max(b) FROM v WHERE v.a = t.a) AS m",
        "SELECT sum(a) FILTER (WHERE b) OVER w FROM t WINDOW w AS (PARTITION BY c ORDER BY d)",
        "SELECT a, count(*) FROM t GROUP BY GROUPING SETS ((a), ()) HAVING count(*) > 1",
        "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a ROWS 2 PRECEDING) = 1",
        "SELECT {a: 1}, {'a': 1}, [1, 2][1:2], a['k'], MAP {'k': 1}, struct(1 AS x) FROM t",
        "SELECT CASE WHEN a THEN 1 END, EXTRACT(YEAR FROM d), TRIM(BOTH 'x' FROM s), s::INT FROM t",
        "SELECT POSITION('x' IN s), SUBSTRING(s FROM 1 FOR 2), OVERLAY(s PLACING 'x' FROM 1) FROM t",
        "SELECT a FROM t WHERE a IN (1, 2) AND b = ANY (SELECT c FROM u) AND EXISTS (SELECT 1)",
        "SELECT d AT TIME ZONE 'UTC', DATE '2020-01-01', INTERVAL '1 day', CEIL(a), FLOOR(a) FROM t",
        "VALUES ROW(1), ROW(2) ORDER BY 1 LIMIT 1 OFFSET 1 ROWS",
        "SELECT unnest([1]) FROM UNNEST([1]) AS u, generate_series(1, 3) AS g",
        "SELECT array_transform([1], x -> x + 1), array_agg(a ORDER BY b), current_date FROM t",
        "SELECT a FROM t UNION BY NAME SELECT a FROM u EXCEPT SELECT 1 INTERSECT ALL SELECT 2",
        "FROM t SELECT ALL a",
        "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a), first_value(a IGNORE NULLS) FROM t",
        "SELECT a @> b, b <@ a, a || b, a ~ 'x', NOT a FROM t",
    ]), @r#"
    SELECT DISTINCT ON (a) a, B AS "b", "C" cc FROM T, "U" AS u2 (x, Y)
        SELECT DISTINCT ON (a) a, b AS b, "C" AS cc FROM t, "U" AS u2 (x, y)
        reads "U", t

    SELECT * EXCLUDE (a) REPLACE (b AS c), t.* FROM t
        SELECT * EXCLUDE (a) REPLACE (b AS c), t.* FROM t
        reads t

    SELECT a FROM t LEFT JOIN u USING (A) NATURAL JOIN v CROSS JOIN w
        SELECT a FROM t LEFT JOIN u USING(a) NATURAL JOIN v CROSS JOIN w
        reads t, u, v, w

    SELECT a FROM t LEFT SEMI JOIN u ON t.a = u.a RIGHT ANTI JOIN v ON true
        SELECT a FROM t LEFT SEMI JOIN u ON t.a = u.a RIGHT ANTI JOIN v ON true
        reads t, u, v

    SELECT a FROM (t JOIN u ON t.a = u.a), LATERAL (SELECT max(b) FROM v WHERE v.a = t.a) AS m
        SELECT a FROM (t JOIN u ON t.a = u.a), LATERAL (SELECT max(b) FROM v WHERE v.a = t.a) AS m
        reads t, u, v
        calls max

    SELECT sum(a) FILTER (WHERE b) OVER w FROM t WINDOW w AS (PARTITION BY c ORDER BY d)
        SELECT sum(a) FILTER (WHERE b) OVER (PARTITION BY c ORDER BY d) FROM t
        reads t
        calls sum

    SELECT a, count(*) FROM t GROUP BY GROUPING SETS ((a), ()) HAVING count(*) > 1
        SELECT a, count(*) FROM t GROUP BY GROUPING SETS ((a), ()) HAVING count(*) > 1
        reads t
        calls count

    SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a ROWS 2 PRECEDING) = 1
        SELECT a FROM t QUALIFY row_number() OVER (ORDER BY a ROWS 2 PRECEDING) = 1
        reads t
        calls row_number

    SELECT {a: 1}, {'a': 1}, [1, 2][1:2], a['k'], MAP {'k': 1}, struct(1 AS x) FROM t
        SELECT {a: 1}, {'a': 1}, [1, 2][1:2], a['k'], MAP {'k': 1}, STRUCT(1 AS x) FROM t
        reads t

    SELECT CASE WHEN a THEN 1 END, EXTRACT(YEAR FROM d), TRIM(BOTH 'x' FROM s), s::INT FROM t
        SELECT CASE WHEN a THEN 1 END, EXTRACT(YEAR FROM d), TRIM(BOTH 'x' FROM s), s::INT FROM t
        reads t

    SELECT POSITION('x' IN s), SUBSTRING(s FROM 1 FOR 2), OVERLAY(s PLACING 'x' FROM 1) FROM t
        SELECT POSITION('x' IN s), SUBSTRING(s FROM 1 FOR 2), OVERLAY(s PLACING 'x' FROM 1) FROM t
        reads t

    SELECT a FROM t WHERE a IN (1, 2) AND b = ANY (SELECT c FROM u) AND EXISTS (SELECT 1)
        SELECT a FROM t WHERE a IN (1, 2) AND b = ANY(SELECT c FROM u) AND EXISTS (SELECT 1)
        reads t, u

    SELECT d AT TIME ZONE 'UTC', DATE '2020-01-01', INTERVAL '1 day', CEIL(a), FLOOR(a) FROM t
        SELECT d AT TIME ZONE 'UTC', DATE '2020-01-01', INTERVAL '1 day', CEIL(a), FLOOR(a) FROM t
        reads t

    VALUES ROW(1), ROW(2) ORDER BY 1 LIMIT 1 OFFSET 1 ROWS
        VALUES (1), (2) ORDER BY 1 LIMIT 1 OFFSET 1

    SELECT unnest([1]) FROM UNNEST([1]) AS u, generate_series(1, 3) AS g
        SELECT unnest([1]) FROM UNNEST([1]) AS u, generate_series(1, 3) AS g
        calls generate_series, unnest

    SELECT array_transform([1], x -> x + 1), array_agg(a ORDER BY b), current_date FROM t
        SELECT array_transform([1], x -> x + 1), array_agg(a ORDER BY b), current_date FROM t
        reads t
        calls array_agg, array_transform, current_date

    SELECT a FROM t UNION BY NAME SELECT a FROM u EXCEPT SELECT 1 INTERSECT ALL SELECT 2
        SELECT a FROM t UNION BY NAME SELECT a FROM u EXCEPT SELECT 1 INTERSECT ALL SELECT 2
        reads t, u

    FROM t SELECT ALL a
        SELECT a FROM t
        reads t

    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a), first_value(a IGNORE NULLS) FROM t
        SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a), first_value(a IGNORE NULLS) FROM t
        reads t
        calls first_value, percentile_cont

    SELECT a @> b, b <@ a, a || b, a ~ 'x', NOT a FROM t
        SELECT a @> b, b <@ a, a || b, a ~ 'x', NOT a FROM t
        reads t
    "#);
}

#[test]
fn relation_names_are_names() {
    insta::assert_snapshot!(each(&[
        "SELECT * FROM a.b.c.d",
        "SELECT * FROM 'data/x.parquet'",
        "SELECT * FROM \"s3://b/x\"",
        "SELECT * FROM \"x.CSV\", \"c:\\x\", \"range()\"",
        "SELECT * FROM \"Order Lines\", \"plain\", A.\"b\", 'lit'",
    ]), @r#"
    SELECT * FROM a.b.c.d
        VL-P0304: `a.b.c.d` does not name a relation: a name has at most three parts, this one has 4 @ 1:15 `a.b.c.d`
          help: write one to three names joined by dots

    SELECT * FROM 'data/x.parquet'
        VL-P0305: `data/x.parquet` reads as a file, a URL or a call, not as the name of a relation @ 1:15 `'data/x.parquet'`
          help: declare the data as a source and read it by its name

    SELECT * FROM "s3://b/x"
        VL-P0305: `s3://b/x` reads as a file, a URL or a call, not as the name of a relation @ 1:15 `"s3://b/x"`
          help: declare the data as a source and read it by its name

    SELECT * FROM "x.CSV", "c:\x", "range()"
        VL-P0305: `x.CSV` reads as a file, a URL or a call, not as the name of a relation @ 1:15 `"x.CSV"`
          help: declare the data as a source and read it by its name
        VL-P0305: `c:\x` reads as a file, a URL or a call, not as the name of a relation @ 1:24 `"c:\x"`
          help: declare the data as a source and read it by its name
        VL-P0305: `range()` reads as a file, a URL or a call, not as the name of a relation @ 1:32 `"range()"`
          help: declare the data as a source and read it by its name

    SELECT * FROM "Order Lines", "plain", A."b", 'lit'
        SELECT * FROM "Order Lines", plain, a.b, lit
        reads "Order Lines", a.b, lit, plain
    "#);
}

#[test]
fn common_table_expressions_are_scoped_as_the_engine_does() {
    insta::assert_snapshot!(each(&[
        "WITH t AS (SELECT a FROM t) SELECT * FROM t",
        "WITH x AS (SELECT 1), y AS (SELECT * FROM x, z) SELECT * FROM y, x",
        "WITH y AS (SELECT * FROM x), x AS (SELECT 1) SELECT * FROM y",
        "WITH x AS (SELECT 1) SELECT * FROM public.x, X, \"x\", \"X\"",
        "WITH x AS (WITH y AS (SELECT * FROM b) SELECT * FROM y) SELECT * FROM x, y",
        "WITH x AS (WITH x AS (SELECT * FROM b) SELECT * FROM x) SELECT * FROM x",
        "WITH x AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT 2) SELECT * FROM x)",
        "WITH x AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT * FROM x, t) SELECT * FROM x), x",
        "WITH x AS (SELECT 1) SELECT * FROM t WHERE a IN (WITH y AS (WITH x AS (SELECT * FROM u) SELECT * FROM x) SELECT * FROM y, x)",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (WITH r AS (SELECT * FROM r) SELECT * FROM r)) SELECT * FROM r",
        "WITH x AS (SELECT 1), X AS (SELECT 2) SELECT * FROM x",
        "SELECT (WITH x AS (SELECT 1), y AS (SELECT 2), x AS (SELECT 3) SELECT * FROM x) FROM x",
        "SELECT * FROM t WHERE a IN (WITH x AS (SELECT 1) SELECT * FROM x) AND b = (SELECT c FROM x)",
        "(WITH x AS (SELECT 1) SELECT * FROM x) UNION SELECT * FROM x",
        "SELECT * FROM t, LATERAL (WITH x AS (SELECT t.a) SELECT * FROM x, u)",
        "WITH x AS (SELECT 1) SELECT (SELECT max(a) FROM x), EXISTS (SELECT 1 FROM x JOIN u ON true)",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r",
        "WITH RECURSIVE r AS (SELECT n FROM r UNION ALL SELECT n + 1 FROM r) SELECT * FROM r",
        "WITH RECURSIVE r AS (SELECT n FROM r) SELECT * FROM r",
        "WITH RECURSIVE r AS (SELECT 1 UNION SELECT 2 FROM r ORDER BY 1 LIMIT 3) SELECT * FROM r",
        "WITH RECURSIVE r AS (WITH s AS (SELECT 1) SELECT * FROM s UNION SELECT 2 FROM r) SELECT * FROM r",
        "WITH RECURSIVE a AS (SELECT * FROM t), b AS (SELECT * FROM a) SELECT * FROM b",
        "WITH x AS (SELECT 1) SELECT [(SELECT a FROM x)], [(WITH y AS (SELECT 1) SELECT * FROM y)]",
        "WITH \"a.b\" AS (SELECT 1) SELECT * FROM a.b",
    ]), @r#"
    WITH t AS (SELECT a FROM t) SELECT * FROM t
        WITH t AS (SELECT a FROM t) SELECT * FROM t
        reads t

    WITH x AS (SELECT 1), y AS (SELECT * FROM x, z) SELECT * FROM y, x
        WITH x AS (SELECT 1), y AS (SELECT * FROM x, z) SELECT * FROM y, x
        reads z

    WITH y AS (SELECT * FROM x), x AS (SELECT 1) SELECT * FROM y
        WITH y AS (SELECT * FROM x), x AS (SELECT 1) SELECT * FROM y
        reads x

    WITH x AS (SELECT 1) SELECT * FROM public.x, X, "x", "X"
        WITH x AS (SELECT 1) SELECT * FROM public.x, x, x, "X"
        reads "X", x

    WITH x AS (WITH y AS (SELECT * FROM b) SELECT * FROM y) SELECT * FROM x, y
        WITH x AS (WITH y AS (SELECT * FROM b) SELECT * FROM y) SELECT * FROM x, y
        reads b, y

    WITH x AS (WITH x AS (SELECT * FROM b) SELECT * FROM x) SELECT * FROM x
        WITH x AS (WITH x AS (SELECT * FROM b) SELECT * FROM x) SELECT * FROM x
        reads b

    WITH x AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT 2) SELECT * FROM x)
        WITH x AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT 2) SELECT * FROM x)

    WITH x AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT * FROM x, t) SELECT * FROM x), x
        WITH x AS (SELECT 1) SELECT * FROM (WITH x AS (SELECT * FROM x, t) SELECT * FROM x), x
        reads t

    WITH x AS (SELECT 1) SELECT * FROM t WHERE a IN (WITH y AS (WITH x AS (SELECT * FROM u) SELECT * FROM x) SELECT * FROM y, x)
        WITH x AS (SELECT 1) SELECT * FROM t WHERE a IN (WITH y AS (WITH x AS (SELECT * FROM u) SELECT * FROM x) SELECT * FROM y, x)
        reads t, u

    WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (WITH r AS (SELECT * FROM r) SELECT * FROM r)) SELECT * FROM r
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL (WITH r AS (SELECT * FROM r) SELECT * FROM r)) SELECT * FROM r

    WITH x AS (SELECT 1), X AS (SELECT 2) SELECT * FROM x
        VL-P0306: there is a common table expression `x` before this one already @ 1:23 `X`
          help: give one of the two another name

    SELECT (WITH x AS (SELECT 1), y AS (SELECT 2), x AS (SELECT 3) SELECT * FROM x) FROM x
        VL-P0306: there is a common table expression `x` before this one already @ 1:48 `x`
          help: give one of the two another name

    SELECT * FROM t WHERE a IN (WITH x AS (SELECT 1) SELECT * FROM x) AND b = (SELECT c FROM x)
        SELECT * FROM t WHERE a IN (WITH x AS (SELECT 1) SELECT * FROM x) AND b = (SELECT c FROM x)
        reads t, x

    (WITH x AS (SELECT 1) SELECT * FROM x) UNION SELECT * FROM x
        (WITH x AS (SELECT 1) SELECT * FROM x) UNION SELECT * FROM x
        reads x

    SELECT * FROM t, LATERAL (WITH x AS (SELECT t.a) SELECT * FROM x, u)
        SELECT * FROM t, LATERAL (WITH x AS (SELECT t.a) SELECT * FROM x, u)
        reads t, u

    WITH x AS (SELECT 1) SELECT (SELECT max(a) FROM x), EXISTS (SELECT 1 FROM x JOIN u ON true)
        WITH x AS (SELECT 1) SELECT (SELECT max(a) FROM x), EXISTS (SELECT 1 FROM x JOIN u ON true)
        reads u
        calls max

    WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r
        WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT * FROM r

    WITH RECURSIVE r AS (SELECT n FROM r UNION ALL SELECT n + 1 FROM r) SELECT * FROM r
        VL-P0306: the engine does not find the expression `r` inside its own definition, outside the recursive term @ 1:36 `r`
          help: give the common table expression a name that no table has, and read it elsewhere

    WITH RECURSIVE r AS (SELECT n FROM r) SELECT * FROM r
        VL-P0306: the engine does not find the expression `r` inside its own definition, outside the recursive term @ 1:36 `r`
          help: give the common table expression a name that no table has, and read it elsewhere

    WITH RECURSIVE r AS (SELECT 1 UNION SELECT 2 FROM r ORDER BY 1 LIMIT 3) SELECT * FROM r
        VL-P0301: the engine would silently ignore `ORDER BY of a recursive definition` @ 1:53 `ORDER`
          help: put it into the query that reads the recursive one
        VL-P0301: the engine would silently ignore `LIMIT of a recursive definition` @ 1:64 `LIMIT`
          help: put it into the query that reads the recursive one

    WITH RECURSIVE r AS (WITH s AS (SELECT 1) SELECT * FROM s UNION SELECT 2 FROM r) SELECT * FROM r
        VL-P0301: the engine would silently ignore `WITH inside a recursive definition` @ 1:22 `WITH`
          help: put it before the recursive one

    WITH RECURSIVE a AS (SELECT * FROM t), b AS (SELECT * FROM a) SELECT * FROM b
        WITH RECURSIVE a AS (SELECT * FROM t), b AS (SELECT * FROM a) SELECT * FROM b
        reads t

    WITH x AS (SELECT 1) SELECT [(SELECT a FROM x)], [(WITH y AS (SELECT 1) SELECT * FROM y)]
        VL-P0306: the engine does not find the expression `x` inside an array literal @ 1:45 `x`
          help: give the common table expression a name that no table has, and read it elsewhere

    WITH "a.b" AS (SELECT 1) SELECT * FROM a.b
        VL-P0306: the engine cannot tell `a.b` from a name of several parts @ 1:6 `"a.b"`
          help: give the common table expression a name without a dot
    "#);
}

/// Which columns these stand for is known where the schemas are.
#[test]
fn what_is_lowered_with_schemas_passes() {
    insta::assert_snapshot!(each(&[
        "SELECT * ILIKE 'x%', t.* ILIKE '%' FROM t",
        "SELECT * RENAME a AS b, t.* RENAME (a AS b, c AS \"D\") FROM t",
        "SELECT a FROM t RIGHT JOIN u USING (a) NATURAL FULL JOIN v",
        "SELECT count(* RENAME (a AS b)) FROM t",
    ]), @r#"
    SELECT * ILIKE 'x%', t.* ILIKE '%' FROM t
        SELECT * ILIKE 'x%', t.* ILIKE '%' FROM t
        reads t

    SELECT * RENAME a AS b, t.* RENAME (a AS b, c AS "D") FROM t
        SELECT * RENAME a AS b, t.* RENAME (a AS b, c AS "D") FROM t
        reads t

    SELECT a FROM t RIGHT JOIN u USING (a) NATURAL FULL JOIN v
        SELECT a FROM t RIGHT JOIN u USING(a) NATURAL FULL JOIN v
        reads t, u, v

    SELECT count(* RENAME (a AS b)) FROM t
        VL-P0302: the engine does not support `* with options in a call` @ 1:29 `b`
          help: name the columns
    "#);
}

#[test]
fn calls_are_judged_by_what_is_known() {
    insta::assert_snapshot!(each(&[
        "SELECT ABS(a), \"ABS\"(a), lowr(a), s.lower(a) FROM t",
        "SELECT * FROM RANGE(1, 2), series(1)",
        "SELECT abs(DISTINCT a), lower(a) OVER (), lower(a) FILTER (WHERE b), abs(a ORDER BY a) FROM t",
        "SELECT abs(a) IGNORE NULLS, abs(1) WITHIN GROUP (ORDER BY a) FROM t",
        "SELECT row_number() FILTER (WHERE a) OVER (), lag(DISTINCT a) OVER (ORDER BY a) FROM t",
        "SELECT first_value(a) FILTER (WHERE b) OVER (ORDER BY a), first_value(a) FILTER (WHERE b) FROM t",
        "SELECT percentile_cont(a, 0.5 ORDER BY b), percentile_cont(a, 0.5 ORDER BY a) FROM t",
        "SELECT map(k => 1), array_transform(a => [1], x -> x) FROM t",
        "SELECT current_date, current_user, CURRENT_DATE() FROM t",
    ]), @r#"
    SELECT ABS(a), "ABS"(a), lowr(a), s.lower(a) FROM t
        VL-P0401: the function `ABS` is not known @ 1:16 `"ABS"`
          help: write the name in lower case and without quotes, as it is registered
        VL-P0401: the function `lowr` is not known @ 1:26 `lowr`
          help: check the spelling, or register the function
        VL-P0401: the function `s.lower` is not known @ 1:37 `lower`
          help: check the spelling, or register the function

    SELECT * FROM RANGE(1, 2), series(1)
        VL-P0401: the function `RANGE` is not known @ 1:15 `RANGE`
          help: write the name in lower case and without quotes, as it is registered
        VL-P0401: the function `series` is not known @ 1:28 `series`
          help: check the spelling, or register the function

    SELECT abs(DISTINCT a), lower(a) OVER (), lower(a) FILTER (WHERE b), abs(a ORDER BY a) FROM t
        VL-P0404: `abs` is a scalar function, and the engine would silently ignore `DISTINCT` @ 1:8 `abs`
          help: leave the clause out, or call a function that has it
        VL-P0404: `lower` is a scalar function, and the engine would silently ignore `OVER` @ 1:25 `lower`
          help: leave the clause out, or call a function that has it
        VL-P0404: `lower` is a scalar function, and the engine would silently ignore `FILTER` @ 1:43 `lower`
          help: leave the clause out, or call a function that has it
        VL-P0404: `abs` is a scalar function, and the engine would silently ignore `ORDER BY` @ 1:70 `abs`
          help: leave the clause out, or call a function that has it

    SELECT abs(a) IGNORE NULLS, abs(1) WITHIN GROUP (ORDER BY a) FROM t
        VL-P0404: `abs` is a scalar function, and the engine would silently ignore `IGNORE or RESPECT NULLS` @ 1:8 `abs`
          help: leave the clause out, or call a function that has it
        VL-P0404: `abs` is a scalar function, and the engine would silently ignore `WITHIN GROUP` @ 1:29 `abs`
          help: leave the clause out, or call a function that has it

    SELECT row_number() FILTER (WHERE a) OVER (), lag(DISTINCT a) OVER (ORDER BY a) FROM t
        VL-P0404: `row_number` is a window function, and the engine would silently ignore `FILTER` @ 1:8 `row_number`
          help: leave the clause out, or call a function that has it
        VL-P0404: `lag` is a window function, and the engine would silently ignore `DISTINCT` @ 1:47 `lag`
          help: leave the clause out, or call a function that has it

    SELECT first_value(a) FILTER (WHERE b) OVER (ORDER BY a), first_value(a) FILTER (WHERE b) FROM t
        VL-P0404: `first_value` is a window function, and the engine would silently ignore `FILTER` @ 1:8 `first_value`
          help: leave the clause out, or call a function that has it

    SELECT percentile_cont(a, 0.5 ORDER BY b), percentile_cont(a, 0.5 ORDER BY a) FROM t
        VL-P0301: `percentile_cont` is computed over its ORDER BY, its first argument is ignored @ 1:8 `percentile_cont`
          help: write WITHIN GROUP (ORDER BY …) and leave the first argument out

    SELECT map(k => 1), array_transform(a => [1], x -> x) FROM t
        VL-P0301: the engine would silently ignore `k =>` @ 1:12 `k`
          help: leave the name out: this function takes positions

    SELECT current_date, current_user, CURRENT_DATE() FROM t
        SELECT current_date, "current_user", current_date() FROM t
        reads t
        calls current_date
    "#);
}

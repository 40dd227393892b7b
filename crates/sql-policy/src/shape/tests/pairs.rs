//! Each rule by examples: what is the same, and what only looks so.

use sqlparser::{
    dialect::{DuckDbDialect, GenericDialect},
    parser::Parser,
};

use super::*;

/// Two queries of one shape, for each rule.
pub(super) const SAME: &[(&str, &str, &str)] = &[
    // Names.
    ("alias of a table", "SELECT a.x AS x FROM c.s.t AS a", "SELECT b.x AS x FROM c.s.t AS b"),
    (
        "aliases of a self join",
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.t AS b ON a.x = b.y",
        "SELECT b.x AS x FROM c.s.t AS b JOIN c.s.t AS a ON b.x = a.y",
    ),
    (
        "alias that looks made up",
        "SELECT _t1.x AS x FROM c.s.t AS _t1 JOIN c.s.u AS _t0 ON _t0.x = _t1.x",
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.u AS b ON b.x = a.x",
    ),
    (
        "name of a common table expression",
        "WITH w AS (SELECT a.x AS p FROM c.s.t AS a) SELECT b.p AS x FROM w AS b",
        "WITH v AS (SELECT a.x AS q FROM c.s.t AS a) SELECT v.q AS x FROM v AS v",
    ),
    (
        "column list of a common table expression",
        "WITH w(p, q) AS (SELECT a.x AS i, a.y AS j FROM c.s.t AS a) SELECT b.q AS x FROM w AS b",
        "WITH w AS (SELECT a.x AS i, a.y AS j FROM c.s.t AS a) SELECT b.k AS x FROM w AS b(h, k)",
    ),
    (
        "column list over a physical table",
        "SELECT a.p AS x FROM c.s.t AS a(p, q)",
        "SELECT b.u AS x FROM c.s.t AS b(u, v)",
    ),
    (
        "column list over VALUES",
        "SELECT a.column2 AS x FROM (VALUES (1, 2)) AS a",
        "SELECT b.v AS x FROM (VALUES (1, 2)) AS b(u, v)",
    ),
    (
        "column list of a table function",
        "SELECT a.p AS x FROM generate_series(1, 2) AS a(p)",
        "SELECT b.q AS x FROM generate_series(1, 2) AS b(q)",
    ),
    (
        "outputs of a derived table",
        "SELECT d.p AS x FROM (SELECT a.x AS p, a.y AS q FROM c.s.t AS a) AS d",
        "SELECT e.q AS x FROM (SELECT b.x AS q, b.y AS p FROM c.s.t AS b) AS e",
    ),
    (
        "outputs of a derived table that is sorted and limited",
        "SELECT d.p AS x FROM (SELECT a.x AS p FROM c.s.t AS a ORDER BY p, a.y LIMIT 3) AS d",
        "SELECT e.q AS x FROM (SELECT b.x AS q FROM c.s.t AS b ORDER BY q, b.y LIMIT 3) AS e",
    ),
    (
        "outputs of a subquery in an expression",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x IN (SELECT b.y FROM c.s.u AS b)",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x IN (SELECT d.y AS z FROM c.s.u AS d)",
    ),
    (
        "outputs of other branches",
        "SELECT a.x AS x FROM c.s.t AS a UNION ALL SELECT b.y AS y FROM c.s.u AS b",
        "SELECT a.x AS x FROM c.s.t AS a UNION ALL SELECT b.y AS z FROM c.s.u AS b",
    ),
    (
        "outputs of an inner set operation BY NAME",
        "SELECT d.p AS x FROM (SELECT a.x AS p, a.y AS q FROM c.s.t AS a \
         UNION BY NAME SELECT b.y AS q, b.x AS p FROM c.s.u AS b) AS d",
        "SELECT d.i AS x FROM (SELECT a.x AS i, a.y AS j FROM c.s.t AS a \
         UNION BY NAME SELECT b.y AS j, b.x AS i FROM c.s.u AS b) AS d",
    ),
    (
        "names in a recursive common table expression",
        "WITH RECURSIVE w AS (SELECT 1 AS n UNION ALL SELECT a.n + 1 AS m FROM w AS a \
         WHERE a.n < 9) SELECT b.n AS x FROM w AS b",
        "WITH RECURSIVE v(k) AS (SELECT 1 AS p UNION ALL SELECT b.k + 1 AS q FROM v AS b \
         WHERE b.k < 9) SELECT a.k AS x FROM v AS a",
    ),
    (
        "names of a correlated subquery",
        "SELECT a.x AS x FROM c.s.t AS a WHERE EXISTS (SELECT 1 AS o FROM c.s.u AS b \
         WHERE b.x = a.x AND EXISTS (SELECT 1 AS o FROM c.s.v AS d WHERE d.x = b.x AND d.y = a.y))",
        "SELECT b.x AS x FROM c.s.t AS b WHERE EXISTS (SELECT 1 AS i FROM c.s.u AS a \
         WHERE a.x = b.x AND EXISTS (SELECT 1 AS j FROM c.s.v AS e WHERE e.y = b.y AND a.x = e.x))",
    ),
    (
        "alias of a lateral table",
        "SELECT d.p AS x FROM c.s.t AS a, LATERAL (SELECT b.x AS p FROM c.s.u AS b WHERE b.y = a.y) AS d",
        "SELECT e.q AS x FROM c.s.t AS b CROSS JOIN LATERAL (SELECT a.x AS q FROM c.s.u AS a WHERE b.y = a.y) AS e",
    ),
    (
        "alias of an unnested list",
        "SELECT u.v AS x FROM c.s.t AS a, UNNEST(a.l) AS u(v)",
        "SELECT w.k AS x FROM c.s.t AS b, UNNEST(b.l) AS w(k)",
    ),
    (
        "output without a name of its own",
        "SELECT a.x, b.x FROM c.s.t AS a, c.s.u AS b",
        "SELECT d.x, e.x FROM c.s.t AS d, c.s.u AS e",
    ),
    // Common table expressions.
    (
        "order of definitions",
        "WITH v AS (SELECT 1 AS p), w AS (SELECT 2 AS q) SELECT a.p AS x, b.q AS y FROM v AS a, w AS b",
        "WITH w AS (SELECT 2 AS q), v AS (SELECT 1 AS p) SELECT a.p AS x, b.q AS y FROM v AS a, w AS b",
    ),
    (
        "one definition given twice",
        "WITH v AS (SELECT random() AS p), w AS (SELECT random() AS q) SELECT a.p AS x, b.q AS y FROM v AS a, w AS b",
        "WITH v AS (SELECT random() AS p) SELECT a.p AS x, b.p AS y FROM v AS a, v AS b",
    ),
    (
        "one definition given again inside",
        "WITH v AS (SELECT 1 AS p) SELECT a.p AS x FROM v AS a, (WITH w AS (SELECT 1 AS q) SELECT b.q AS r FROM w AS b) AS d",
        "WITH v AS (SELECT 1 AS p) SELECT a.p AS x FROM v AS a, (SELECT b.p AS r FROM v AS b) AS d",
    ),
    (
        "RECURSIVE without recursion",
        "WITH RECURSIVE v AS (SELECT 1 AS p UNION ALL SELECT 2 AS p) SELECT a.p AS x FROM v AS a",
        "WITH v AS (SELECT 1 AS p UNION ALL SELECT 2 AS p) SELECT a.p AS x FROM v AS a",
    ),
    // Parentheses and clauses of queries.
    (
        "parentheses around a query",
        "(SELECT a.x AS x FROM c.s.t AS a)",
        "SELECT a.x AS x FROM c.s.t AS a",
    ),
    (
        "clauses outside of parentheses",
        "(SELECT a.x AS x FROM c.s.t AS a ORDER BY x) LIMIT 3",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x LIMIT 3",
    ),
    (
        "parentheses around the left side",
        "(SELECT a.x AS x FROM c.s.t AS a) UNION ALL SELECT b.x AS x FROM c.s.u AS b",
        "SELECT a.x AS x FROM c.s.t AS a UNION ALL SELECT b.x AS x FROM c.s.u AS b",
    ),
    (
        "UNION DISTINCT",
        "SELECT a.x AS x FROM c.s.t AS a UNION DISTINCT SELECT b.x AS x FROM c.s.u AS b",
        "SELECT a.x AS x FROM c.s.t AS a UNION SELECT b.x AS x FROM c.s.u AS b",
    ),
    (
        "ASC",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x ASC",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x",
    ),
    (
        "LIMIT with a comma",
        "SELECT a.x AS x FROM c.s.t AS a LIMIT 1, 2",
        "SELECT a.x AS x FROM c.s.t AS a LIMIT 2 OFFSET 1 ROWS",
    ),
    (
        "sort of a sorted query",
        "(SELECT a.x AS x FROM c.s.t AS a ORDER BY a.y) ORDER BY x",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x",
    ),
    (
        "sort around DISTINCT ON below the top",
        "SELECT d.p AS x FROM ((SELECT DISTINCT ON (a.y) a.x AS p FROM c.s.t AS a) ORDER BY p) AS d",
        "SELECT d.p AS x FROM (SELECT DISTINCT ON (a.y) a.x AS p FROM c.s.t AS a) AS d",
    ),
    (
        "ORDER BY of a derived table",
        "SELECT d.p AS x FROM (SELECT a.x AS p FROM c.s.t AS a ORDER BY p) AS d",
        "SELECT d.p AS x FROM (SELECT a.x AS p FROM c.s.t AS a) AS d",
    ),
    (
        "ORDER BY of a common table expression",
        "WITH w AS (SELECT a.x AS p FROM c.s.t AS a ORDER BY a.y DESC) SELECT d.p AS x FROM w AS d",
        "WITH w AS (SELECT a.x AS p FROM c.s.t AS a) SELECT d.p AS x FROM w AS d",
    ),
    (
        "ORDER BY of a set",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x IN (SELECT b.x AS p FROM c.s.u AS b ORDER BY p)",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x IN (SELECT b.x AS p FROM c.s.u AS b)",
    ),
    (
        "ORDER BY of a branch",
        "(SELECT a.x AS x FROM c.s.t AS a ORDER BY x) UNION ALL SELECT b.x AS x FROM c.s.u AS b",
        "SELECT a.x AS x FROM c.s.t AS a UNION ALL SELECT b.x AS x FROM c.s.u AS b",
    ),
    // Joins.
    (
        "ON and WHERE of an inner join",
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.u AS b ON a.x = b.x AND a.y > 1",
        "SELECT a.x AS x FROM c.s.t AS a CROSS JOIN c.s.u AS b WHERE a.y > 1 AND a.x = b.x",
    ),
    (
        "comma and CROSS JOIN",
        "SELECT a.x AS x FROM c.s.t AS a, c.s.u AS b",
        "SELECT a.x AS x FROM c.s.t AS a CROSS JOIN c.s.u AS b",
    ),
    (
        "JOIN ON true",
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.u AS b ON true WHERE a.f",
        "SELECT a.x AS x FROM c.s.t AS a, c.s.u AS b WHERE a.f",
    ),
    (
        "grouping of inner joins",
        "SELECT a.x AS x FROM c.s.t AS a JOIN (c.s.u AS b JOIN c.s.v AS d ON b.x = d.x) ON a.x = b.x",
        "SELECT a.x AS x FROM (c.s.t AS a JOIN c.s.u AS b ON a.x = b.x) JOIN c.s.v AS d ON b.x = d.x",
    ),
    (
        "parentheses around the first join",
        "SELECT a.x AS x FROM (c.s.t AS a JOIN c.s.u AS b ON a.x = b.x) LEFT JOIN c.s.v AS d ON b.x = d.x",
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.u AS b ON a.x = b.x LEFT JOIN c.s.v AS d ON b.x = d.x",
    ),
    (
        "inner join beside an outer join",
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.u AS b ON a.x = b.x, c.s.v AS d LEFT JOIN c.s.w AS e ON d.x = e.x",
        "SELECT a.x AS x FROM c.s.t AS a, c.s.u AS b, c.s.v AS d LEFT JOIN c.s.w AS e ON d.x = e.x WHERE a.x = b.x",
    ),
    (
        "LEFT OUTER JOIN",
        "SELECT a.x AS x FROM c.s.t AS a LEFT JOIN c.s.u AS b ON a.x = b.x",
        "SELECT a.x AS x FROM c.s.t AS a LEFT OUTER JOIN c.s.u AS b ON b.x = a.x",
    ),
    (
        "INNER JOIN next to an outer join",
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.u AS b ON true FULL JOIN c.s.v AS d ON d.x = a.x",
        "SELECT a.x AS x FROM c.s.t AS a CROSS JOIN c.s.u AS b FULL OUTER JOIN c.s.v AS d ON d.x = a.x",
    ),
    // Conditions.
    (
        "order of AND",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1 AND a.y = 2 AND a.z = 3",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.z = 3 AND (a.y = 2 AND a.x = 1)",
    ),
    (
        "order of OR",
        "SELECT a.x = 1 OR a.y = 2 AS x FROM c.s.t AS a",
        "SELECT a.y = 2 OR a.x = 1 AS x FROM c.s.t AS a",
    ),
    (
        "repeated condition",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1 AND a.x = 1",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1",
    ),
    (
        "repeated condition of a flag",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.f AND a.f",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.f",
    ),
    (
        "repeated flag",
        "SELECT a.f AND a.f AS x FROM c.s.t AS a",
        "SELECT a.f AND TRUE AND a.f AS x FROM c.s.t AS a",
    ),
    (
        "repeated subquery",
        "SELECT a.x AS x FROM c.s.t AS a WHERE EXISTS (SELECT 1 AS o FROM c.s.u AS b WHERE b.x = a.x) AND EXISTS (SELECT 1 AS p FROM c.s.u AS d WHERE a.x = d.x)",
        "SELECT a.x AS x FROM c.s.t AS a WHERE EXISTS (SELECT 1 AS o FROM c.s.u AS b WHERE b.x = a.x)",
    ),
    (
        "repeated alternative",
        "SELECT a.x AS x FROM c.s.t AS a WHERE (a.x = 1 AND a.y = 2 OR a.y = 2 AND a.x = 1) AND a.z = 3",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.z = 3 AND a.y = 2 AND a.x = 1",
    ),
    (
        "stable call repeated",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x < now() AND now() > a.x",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x < now()",
    ),
    (
        "volatile operand",
        "SELECT a.x AS x FROM c.s.t AS a WHERE random() < 0.5 AND a.x = 1",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1 AND 0.5 > random()",
    ),
    ("WHERE true", "SELECT a.x AS x FROM c.s.t AS a WHERE true", "SELECT a.x AS x FROM c.s.t AS a"),
    (
        "literal on the left",
        "SELECT a.x AS x FROM c.s.t AS a WHERE 5 > a.x",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x < 5",
    ),
    (
        "turned comparison",
        "SELECT a.x >= a.y AS x FROM c.s.t AS a",
        "SELECT a.y <= a.x AS x FROM c.s.t AS a",
    ),
    (
        "comparison with itself",
        "SELECT a.x >= a.x AS x FROM c.s.t AS a",
        "SELECT a.x <= a.x AS x FROM c.s.t AS a",
    ),
    (
        "NOT over a comparison",
        "SELECT NOT (a.x < 1) AS x FROM c.s.t AS a",
        "SELECT a.x >= 1 AS x FROM c.s.t AS a",
    ),
    (
        "NOT over AND",
        "SELECT NOT (a.x = 1 AND NOT (a.y = 2)) AS x FROM c.s.t AS a",
        "SELECT a.x <> 1 OR a.y = 2 AS x FROM c.s.t AS a",
    ),
    (
        "three NOTs",
        "SELECT NOT NOT NOT (a.x IN (1)) AS x FROM c.s.t AS a",
        "SELECT a.x NOT IN (1) AS x FROM c.s.t AS a",
    ),
    (
        "NOT over IS NULL",
        "SELECT NOT (a.x IS NULL) AS x FROM c.s.t AS a",
        "SELECT a.x IS NOT NULL AS x FROM c.s.t AS a",
    ),
    (
        "NOT over LIKE",
        "SELECT NOT (a.x LIKE 'b%') AS x FROM c.s.t AS a",
        "SELECT a.x NOT LIKE 'b%' AS x FROM c.s.t AS a",
    ),
    (
        "NOT over OR with a subquery",
        "SELECT a.x AS x FROM c.s.t AS a WHERE NOT (a.f OR a.x IN (SELECT b.x FROM c.s.u AS b))",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x NOT IN (SELECT b.x FROM c.s.u AS b) AND NOT a.f",
    ),
    (
        "NOT over EXISTS",
        "SELECT a.x AS x FROM c.s.t AS a WHERE NOT (EXISTS (SELECT 1 AS o FROM c.s.u AS b))",
        "SELECT a.x AS x FROM c.s.t AS a WHERE NOT EXISTS (SELECT 1 AS o FROM c.s.u AS b)",
    ),
    (
        "NOT over a regular expression",
        "SELECT NOT (a.x ~ 'b') AS x FROM c.s.t AS a",
        "SELECT a.x !~ 'b' AS x FROM c.s.t AS a",
    ),
    (
        "NOT over IS DISTINCT FROM",
        "SELECT NOT (a.x IS DISTINCT FROM a.y) AS x FROM c.s.t AS a",
        "SELECT a.y IS NOT DISTINCT FROM a.x AS x FROM c.s.t AS a",
    ),
    (
        "BETWEEN",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x BETWEEN 1 AND 2",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x <= 2 AND 1 <= a.x",
    ),
    (
        "NOT BETWEEN",
        "SELECT a.x NOT BETWEEN 1 AND 2 AS x FROM c.s.t AS a",
        "SELECT a.x < 1 OR a.x > 2 AS x FROM c.s.t AS a",
    ),
    (
        "BETWEEN dates",
        "SELECT a.d BETWEEN DATE '2020-01-01' AND CAST('2020-02-01' AS DATE) AS x FROM c.s.t AS a",
        "SELECT a.d >= '2020-01-01'::DATE AND a.d <= DATE '2020-02-01' AS x FROM c.s.t AS a",
    ),
    (
        "order of IN",
        "SELECT a.x IN (3, 1, 2, 1) AS x FROM c.s.t AS a",
        "SELECT a.x IN (1, 2, 3) AS x FROM c.s.t AS a",
    ),
    (
        "order of IN with NULL",
        "SELECT a.x IN (NULL, 'b', 'a') AS x FROM c.s.t AS a",
        "SELECT a.x IN ('a', 'b', NULL, NULL) AS x FROM c.s.t AS a",
    ),
    (
        "sum of two",
        "SELECT a.x + a.y AS x FROM c.s.t AS a",
        "SELECT a.y + a.x AS x FROM c.s.t AS a",
    ),
    (
        "product of two",
        "SELECT (a.x - a.y) * 2 AS x FROM c.s.t AS a",
        "SELECT 2 * (a.x - a.y) AS x FROM c.s.t AS a",
    ),
    (
        "bits",
        "SELECT (a.x & a.y) | a.z AS x FROM c.s.t AS a",
        "SELECT a.z | (a.y & a.x) AS x FROM c.s.t AS a",
    ),
    ("equality", "SELECT a.x = a.y AS x FROM c.s.t AS a", "SELECT a.y = a.x AS x FROM c.s.t AS a"),
    // Groups and windows.
    (
        "order of GROUP BY",
        "SELECT count(*) AS x FROM c.s.t AS a GROUP BY a.x, a.y",
        "SELECT count(*) AS x FROM c.s.t AS a GROUP BY a.y, a.x, a.y",
    ),
    (
        "order of PARTITION BY",
        "SELECT sum(a.x) OVER (PARTITION BY a.y, a.z ORDER BY a.x) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (PARTITION BY a.z, a.y ORDER BY a.x) AS x FROM c.s.t AS a",
    ),
    (
        "end of a frame",
        "SELECT sum(a.x) OVER (ORDER BY a.y ROWS 2 PRECEDING) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (ORDER BY a.y ASC ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS x FROM c.s.t AS a",
    ),
    (
        "count of rows",
        "SELECT count(*) AS x FROM c.s.t AS a",
        "SELECT count(1) AS x FROM c.s.t AS a",
    ),
    (
        "count of nothing",
        "SELECT count() AS x FROM c.s.t AS a",
        "SELECT count('a') AS x FROM c.s.t AS a",
    ),
    (
        "ALL in an aggregate",
        "SELECT sum(ALL a.x) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) AS x FROM c.s.t AS a",
    ),
    (
        "alias of a function",
        "SELECT array_cat(a.l, a.m) AS x FROM c.s.t AS a",
        "SELECT array_concat(a.l, a.m) AS x FROM c.s.t AS a",
    ),
    (
        "function without parentheses",
        "SELECT current_date AS x FROM c.s.t AS a",
        "SELECT current_date() AS x FROM c.s.t AS a",
    ),
    // Literals and types.
    ("leading zeros", "SELECT 007 AS x", "SELECT 7 AS x"),
    ("float of the same value", "SELECT 1.50 AS x, 2.0 AS y", "SELECT 15e-1 AS x, 2. AS y"),
    ("integer too big for 64 bits", "SELECT 100000000000000000000 AS x", "SELECT 1e20 AS x"),
    (
        "string of another spelling",
        "SELECT 'it''s' AS x, 'b' AS y",
        "SELECT E'it\\'s' AS x, $$b$$ AS y",
    ),
    ("hexadecimal string", "SELECT X'abc' AS x", "SELECT X'0ABC' AS x"),
    ("NOT FALSE", "SELECT NOT FALSE AS x", "SELECT true AS x"),
    (
        "cast",
        "SELECT a.x::int AS x, TRY_CAST(a.y AS text) AS y FROM c.s.t AS a",
        "SELECT CAST(a.x AS INTEGER) AS x, TRY_CAST(a.y AS VARCHAR(10)) AS y FROM c.s.t AS a",
    ),
    (
        "names of types",
        "SELECT CAST(a.x AS DOUBLE) AS x, CAST(a.y AS DECIMAL(10)) AS y, CAST(a.z AS TIMESTAMP) AS z FROM c.s.t AS a",
        "SELECT CAST(a.x AS FLOAT8) AS x, CAST(a.y AS NUMERIC(10, 0)) AS y, CAST(a.z AS TIMESTAMP(9) WITHOUT TIME ZONE) AS z FROM c.s.t AS a",
    ),
    (
        "types of lists",
        "SELECT CAST(a.x AS ARRAY<INT>) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS INT4[]) AS x FROM c.s.t AS a",
    ),
    ("typed string", "SELECT DATE '2020-01-01' AS x", "SELECT CAST('2020-01-01' AS DATE) AS x"),
    ("array", "SELECT ARRAY[1, 2] AS x", "SELECT [1, 2] AS x"),
    (
        "SOME",
        "SELECT a.x = SOME(SELECT b.x FROM c.s.u AS b) AS x FROM c.s.t AS a",
        "SELECT a.x = ANY(SELECT b.x FROM c.s.u AS b) AS x FROM c.s.t AS a",
    ),
    ("plus sign", "SELECT +a.x AS x FROM c.s.t AS a", "SELECT a.x AS x FROM c.s.t AS a"),
];

/// Queries of which no two have one shape.
const DIFFERENT: &[&[&str]] = &[
    // What is seen from outside.
    &[
        "SELECT a.x AS x FROM c.s.t AS a",
        "SELECT a.x AS y FROM c.s.t AS a",
        "SELECT a.x AS \"X\" FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x AS x, a.y AS y FROM c.s.t AS a",
        "SELECT a.y AS y, a.x AS x FROM c.s.t AS a",
        "SELECT a.y AS x, a.x AS y FROM c.s.t AS a",
    ],
    &["SELECT a.x, b.x FROM c.s.t AS a, c.s.u AS b", "SELECT a.x, b.y FROM c.s.t AS a, c.s.u AS b"],
    &[
        "SELECT d.p, e.p FROM (SELECT a.x AS p FROM c.s.t AS a) AS d, (SELECT b.x AS p FROM c.s.t AS b) AS e",
        "SELECT d.q, e.q FROM (SELECT a.x AS q FROM c.s.t AS a) AS d, (SELECT b.x AS q FROM c.s.t AS b) AS e",
    ],
    &[
        "SELECT a.x AS p, a.y AS q FROM c.s.t AS a UNION BY NAME SELECT b.y AS q, b.x AS p FROM c.s.u AS b",
        "SELECT a.x AS p, a.y AS q FROM c.s.t AS a UNION BY NAME SELECT b.y AS p, b.x AS q FROM c.s.u AS b",
        "SELECT a.x AS p, a.y AS q FROM c.s.t AS a UNION SELECT b.y AS p, b.x AS q FROM c.s.u AS b",
    ],
    // What is read.
    &[
        "SELECT a.x AS x FROM c.s.t AS a",
        "SELECT a.y AS x FROM c.s.t AS a",
        "SELECT a.x AS x FROM c.s.u AS a",
        "SELECT a.x AS x FROM c.r.t AS a",
        "SELECT a.x AS x FROM d.s.t AS a",
        "SELECT a.x AS x FROM c.s.t AS a(x, y)",
        "SELECT a.y AS x FROM c.s.t AS a(x, y)",
        "SELECT a.x.f AS x FROM c.s.t AS a",
        "SELECT a.x.g AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.t AS b ON a.x = b.y",
        "SELECT b.x AS x FROM c.s.t AS a JOIN c.s.t AS b ON a.x = b.y",
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.t AS b ON a.x = a.y",
    ],
    &[
        "WITH w AS (SELECT 1 AS p) SELECT a.p AS x FROM w AS a",
        "WITH w AS (SELECT 1 AS p), v AS (SELECT 2 AS p) SELECT a.p AS x FROM w AS a",
        "SELECT a.p AS x FROM (SELECT 1 AS p) AS a",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a WHERE EXISTS (SELECT 1 AS o FROM c.s.u AS b WHERE b.x = a.x)",
        "SELECT a.x AS x FROM c.s.t AS a WHERE EXISTS (SELECT 1 AS o FROM c.s.u AS b WHERE b.x = b.x)",
    ],
    &[
        "SELECT generate_series.value AS x FROM generate_series(1, 2) AS generate_series",
        "SELECT g.value AS x FROM range(1, 2) AS g",
        "SELECT g.value AS x FROM generate_series(2, 1) AS g",
    ],
    // Sets and rows.
    &[
        "SELECT a.x AS x FROM c.s.t AS a",
        "SELECT DISTINCT a.x AS x FROM c.s.t AS a",
        "SELECT DISTINCT ON (a.y) a.x AS x FROM c.s.t AS a",
        "SELECT a.x AS x FROM c.s.t AS a GROUP BY a.x",
        "SELECT a.x AS x FROM c.s.t AS a LIMIT 1",
        "SELECT a.x AS x FROM c.s.t AS a LIMIT 2",
        "SELECT a.x AS x FROM c.s.t AS a OFFSET 1",
        "SELECT a.x AS x FROM c.s.t AS a LIMIT 1 OFFSET 1",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY a.y",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x DESC",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x NULLS FIRST",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x NULLS LAST",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x, a.y",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY a.y, x",
    ],
    &[
        "SELECT d.p AS x FROM (SELECT a.x AS p FROM c.s.t AS a ORDER BY p LIMIT 3) AS d",
        "SELECT d.p AS x FROM (SELECT a.x AS p FROM c.s.t AS a ORDER BY p DESC LIMIT 3) AS d",
        "SELECT d.p AS x FROM (SELECT a.x AS p FROM c.s.t AS a LIMIT 3) AS d",
        "SELECT d.p AS x FROM (SELECT a.x AS p FROM c.s.t AS a) AS d",
    ],
    &[
        "SELECT d.p AS x FROM (SELECT DISTINCT ON (a.y) a.x AS p FROM c.s.t AS a ORDER BY a.y, a.z) AS d",
        "SELECT d.p AS x FROM (SELECT DISTINCT ON (a.y) a.x AS p FROM c.s.t AS a ORDER BY a.y, a.z DESC) AS d",
        "SELECT d.p AS x FROM (SELECT DISTINCT ON (a.y) a.x AS p FROM c.s.t AS a) AS d",
    ],
    &[
        "(SELECT DISTINCT ON (a.y) a.x AS x FROM c.s.t AS a) ORDER BY x",
        "SELECT DISTINCT ON (a.y) a.x AS x FROM c.s.t AS a ORDER BY x",
    ],
    &[
        "(SELECT a.x AS x FROM c.s.t AS a LIMIT 3) ORDER BY x",
        "SELECT a.x AS x FROM c.s.t AS a ORDER BY x LIMIT 3",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a UNION ALL SELECT b.x AS x FROM c.s.u AS b",
        "SELECT b.x AS x FROM c.s.u AS b UNION ALL SELECT a.x AS x FROM c.s.t AS a",
        "SELECT a.x AS x FROM c.s.t AS a UNION SELECT b.x AS x FROM c.s.u AS b",
        "SELECT a.x AS x FROM c.s.t AS a EXCEPT SELECT b.x AS x FROM c.s.u AS b",
        "SELECT a.x AS x FROM c.s.t AS a EXCEPT ALL SELECT b.x AS x FROM c.s.u AS b",
        "SELECT a.x AS x FROM c.s.t AS a INTERSECT SELECT b.x AS x FROM c.s.u AS b",
    ],
    &[
        "SELECT 1 AS x EXCEPT SELECT 2 AS x EXCEPT SELECT 3 AS x",
        "SELECT 1 AS x EXCEPT (SELECT 2 AS x EXCEPT SELECT 3 AS x)",
    ],
    &[
        "WITH RECURSIVE w AS (SELECT 1 AS n UNION ALL SELECT a.n + 1 AS n FROM w AS a) SELECT b.n AS x FROM w AS b",
        "WITH RECURSIVE w AS (SELECT 1 AS n UNION SELECT a.n + 1 AS n FROM w AS a) SELECT b.n AS x FROM w AS b",
        "WITH RECURSIVE w AS (SELECT 1 AS n UNION ALL SELECT a.n + 2 AS n FROM w AS a) SELECT b.n AS x FROM w AS b",
    ],
    // Joins.
    &[
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.u AS b ON a.x = b.x",
        "SELECT a.x AS x FROM c.s.t AS a LEFT JOIN c.s.u AS b ON a.x = b.x",
        "SELECT a.x AS x FROM c.s.t AS a RIGHT JOIN c.s.u AS b ON a.x = b.x",
        "SELECT a.x AS x FROM c.s.t AS a FULL JOIN c.s.u AS b ON a.x = b.x",
        "SELECT a.x AS x FROM c.s.t AS a LEFT SEMI JOIN c.s.u AS b ON a.x = b.x",
        "SELECT a.x AS x FROM c.s.t AS a LEFT ANTI JOIN c.s.u AS b ON a.x = b.x",
        "SELECT a.x AS x FROM c.s.t AS a CROSS JOIN c.s.u AS b",
        "SELECT a.x AS x FROM c.s.u AS b JOIN c.s.t AS a ON a.x = b.x",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a LEFT JOIN c.s.u AS b ON a.x = b.x AND b.y = 1",
        "SELECT a.x AS x FROM c.s.t AS a LEFT JOIN c.s.u AS b ON a.x = b.x WHERE b.y = 1",
        "SELECT a.x AS x FROM c.s.t AS a LEFT JOIN c.s.u AS b ON a.x = b.x AND a.y = 1",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a LEFT JOIN (c.s.u AS b JOIN c.s.v AS d ON b.x = d.x) ON a.x = b.x",
        "SELECT a.x AS x FROM c.s.t AS a LEFT JOIN c.s.u AS b ON a.x = b.x JOIN c.s.v AS d ON b.x = d.x",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a JOIN c.s.u AS b ON random() < 0.5, c.s.v AS d",
        "SELECT a.x AS x FROM c.s.t AS a, c.s.u AS b, c.s.v AS d WHERE random() < 0.5",
    ],
    // Conditions.
    &[
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1 AND a.y = 2",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1 OR a.y = 2",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 2 AND a.y = 1",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x <> 1 AND a.y = 2",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = '1' AND a.y = 2",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1.0 AND a.y = 2",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a WHERE (a.x = 1 OR a.y = 2) AND a.z = 3",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x = 1 OR a.y = 2 AND a.z = 3",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a WHERE random() < 0.5",
        "SELECT a.x AS x FROM c.s.t AS a WHERE random() < 0.5 AND random() < 0.5",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a WHERE mystery(a.x)",
        "SELECT a.x AS x FROM c.s.t AS a WHERE mystery(a.x) AND mystery(a.x)",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x IN (SELECT b.x FROM c.s.u AS b LIMIT 1)",
        "SELECT a.x AS x FROM c.s.t AS a WHERE a.x IN (SELECT b.x FROM c.s.u AS b LIMIT 1) AND a.x IN (SELECT d.x FROM c.s.u AS d LIMIT 1)",
    ],
    &[
        "WITH w AS (SELECT random() AS r) SELECT 1 AS x FROM c.s.t AS a WHERE EXISTS (SELECT d.r FROM w AS d)",
        "WITH w AS (SELECT random() AS r) SELECT 1 AS x FROM c.s.t AS a WHERE EXISTS (SELECT d.r FROM w AS d) AND EXISTS (SELECT e.r FROM w AS e)",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a WHERE mystery() = random()",
        "SELECT a.x AS x FROM c.s.t AS a WHERE random() = mystery()",
    ],
    &[
        "SELECT a.f AS x FROM c.s.t AS a",
        "SELECT a.f AND a.f AS x FROM c.s.t AS a",
        "SELECT NOT NOT a.f AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT NOT (a.x = 1 AND a.y = 2) AS x FROM c.s.t AS a",
        "SELECT a.x <> 1 AND a.y <> 2 AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x NOT IN (SELECT b.x FROM c.s.u AS b) AS x FROM c.s.t AS a",
        "SELECT NOT EXISTS (SELECT b.x FROM c.s.u AS b WHERE b.x = a.x) AS x FROM c.s.t AS a",
        "SELECT a.x <> ANY (SELECT b.x FROM c.s.u AS b) AS x FROM c.s.t AS a",
        "SELECT a.x <> ALL (SELECT b.x FROM c.s.u AS b) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x = NULL AS x FROM c.s.t AS a",
        "SELECT a.x IS NULL AS x FROM c.s.t AS a",
        "SELECT a.x IS NOT DISTINCT FROM NULL AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x = a.y AS x FROM c.s.t AS a",
        "SELECT a.x IS NOT DISTINCT FROM a.y AS x FROM c.s.t AS a",
        "SELECT NOT (a.x IS NOT DISTINCT FROM a.y) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.f IS TRUE AS x FROM c.s.t AS a",
        "SELECT a.f IS NOT TRUE AS x FROM c.s.t AS a",
        "SELECT a.f IS FALSE AS x FROM c.s.t AS a",
        "SELECT a.f IS NOT FALSE AS x FROM c.s.t AS a",
        "SELECT NOT a.f AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x BETWEEN 1 AND 2.5 AS x FROM c.s.t AS a",
        "SELECT a.x >= 1 AND a.x <= 2.5 AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x + 1 BETWEEN 1 AND 2 AS x FROM c.s.t AS a",
        "SELECT a.x + 1 >= 1 AND a.x + 1 <= 2 AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x IN (1, 2) AS x FROM c.s.t AS a",
        "SELECT a.x IN (1, 3) AS x FROM c.s.t AS a",
        "SELECT a.x NOT IN (1, 2) AS x FROM c.s.t AS a",
        "SELECT a.x IN (1, 2, NULL) AS x FROM c.s.t AS a",
        "SELECT a.x IN ('1', '2') AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x IN (1, '2', 3.0) AS x FROM c.s.t AS a",
        "SELECT a.x IN (3.0, '2', 1) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x LIKE 'a' AS x FROM c.s.t AS a",
        "SELECT a.x ILIKE 'a' AS x FROM c.s.t AS a",
        "SELECT a.x ~ 'a' AS x FROM c.s.t AS a",
        "SELECT a.x LIKE 'a' ESCAPE 'b' AS x FROM c.s.t AS a",
    ],
    // Operators.
    &[
        "SELECT a.x - a.y AS x FROM c.s.t AS a",
        "SELECT a.y - a.x AS x FROM c.s.t AS a",
        "SELECT a.x + a.y AS x FROM c.s.t AS a",
        "SELECT a.x * a.y AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x / a.y AS x FROM c.s.t AS a",
        "SELECT a.y / a.x AS x FROM c.s.t AS a",
        "SELECT a.x % a.y AS x FROM c.s.t AS a",
    ],
    &["SELECT a.x || a.y AS x FROM c.s.t AS a", "SELECT a.y || a.x AS x FROM c.s.t AS a"],
    &[
        "SELECT a.x + a.y + a.z AS x FROM c.s.t AS a",
        "SELECT a.x + (a.y + a.z) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x < a.y AS x FROM c.s.t AS a",
        "SELECT a.x <= a.y AS x FROM c.s.t AS a",
        "SELECT a.y < a.x AS x FROM c.s.t AS a",
    ],
    &["SELECT 0.06 + 0.01 AS x", "SELECT 0.07 AS x"],
    &[
        "SELECT CASE WHEN a.x = 1 THEN 2 WHEN a.y = 1 THEN 3 END AS x FROM c.s.t AS a",
        "SELECT CASE WHEN a.y = 1 THEN 3 WHEN a.x = 1 THEN 2 END AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT coalesce(a.x, a.y) AS x FROM c.s.t AS a",
        "SELECT coalesce(a.y, a.x) AS x FROM c.s.t AS a",
        "SELECT concat(a.x, a.y) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT a.x AS x FROM c.s.t AS a",
        "SELECT -a.x AS x FROM c.s.t AS a",
        "SELECT - -a.x AS x FROM c.s.t AS a",
    ],
    // Aggregates and windows.
    &[
        "SELECT count(*) AS x FROM c.s.t AS a",
        "SELECT count(a.x) AS x FROM c.s.t AS a",
        "SELECT count(NULL) AS x FROM c.s.t AS a",
        "SELECT count(DISTINCT a.x) AS x FROM c.s.t AS a",
        "SELECT count(DISTINCT 1) AS x FROM c.s.t AS a",
        "SELECT count(*) FILTER (WHERE a.x = 1) AS x FROM c.s.t AS a",
        "SELECT count(*) OVER () AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT array_agg(a.x) AS x FROM c.s.t AS a",
        "SELECT array_agg(a.x ORDER BY a.x) AS x FROM c.s.t AS a",
        "SELECT array_agg(a.x ORDER BY a.x DESC) AS x FROM c.s.t AS a",
        "SELECT array_agg(DISTINCT a.x) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT first_value(a.x) IGNORE NULLS OVER (ORDER BY a.y) AS x FROM c.s.t AS a",
        "SELECT first_value(a.x) OVER (ORDER BY a.y) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT sum(a.x) OVER (ORDER BY a.y) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (PARTITION BY a.y) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (ORDER BY a.y DESC) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (ORDER BY a.y, a.z) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (ORDER BY a.z, a.y) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (ORDER BY a.y ROWS UNBOUNDED PRECEDING) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (ORDER BY a.y RANGE UNBOUNDED PRECEDING) AS x FROM c.s.t AS a",
        "SELECT sum(a.x) OVER (ORDER BY a.y ROWS 1 PRECEDING) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT sum(a.x) AS x FROM c.s.t AS a GROUP BY a.y",
        "SELECT sum(a.x) AS x FROM c.s.t AS a GROUP BY a.y, a.z",
        "SELECT sum(a.x) AS x FROM c.s.t AS a GROUP BY ROLLUP (a.y, a.z)",
        "SELECT sum(a.x) AS x FROM c.s.t AS a GROUP BY ROLLUP (a.z, a.y)",
        "SELECT sum(a.x) AS x FROM c.s.t AS a GROUP BY CUBE (a.y, a.z)",
        "SELECT sum(a.x) AS x FROM c.s.t AS a GROUP BY GROUPING SETS ((a.y), (a.y))",
        "SELECT sum(a.x) AS x FROM c.s.t AS a GROUP BY GROUPING SETS ((a.y))",
        "SELECT sum(a.x) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT sum(a.x) AS x FROM c.s.t AS a GROUP BY a.y HAVING sum(a.x) > 1",
        "SELECT sum(a.x) AS x FROM c.s.t AS a WHERE a.x > 1 GROUP BY a.y",
    ],
    // Literals.
    &[
        "SELECT 1 AS x",
        "SELECT 1.0 AS x",
        "SELECT '1' AS x",
        "SELECT true AS x",
        "SELECT NULL AS x",
        "SELECT -1 AS x",
        "SELECT X'01' AS x",
        "SELECT 10 AS x",
    ],
    &["SELECT 0.0 AS x", "SELECT -0.0 AS x", "SELECT 0 AS x"],
    &[
        "SELECT 9223372036854775807 AS x",
        "SELECT 9223372036854775808 AS x",
        "SELECT 9223372036854775809 AS x",
        "SELECT 18446744073709551616 AS x",
        "SELECT -9223372036854775808 AS x",
        "SELECT -9223372036854775809 AS x",
    ],
    &["SELECT 'a' AS x", "SELECT 'A' AS x", "SELECT 'a ' AS x"],
    &[
        "SELECT DATE '2020-01-01' AS x",
        "SELECT '2020-01-01' AS x",
        "SELECT TIMESTAMP '2020-01-01' AS x",
    ],
    &[
        "SELECT CAST(a.x AS INT) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS BIGINT) AS x FROM c.s.t AS a",
        "SELECT TRY_CAST(a.x AS INT) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS FLOAT) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS DOUBLE) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS DECIMAL(10, 2)) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS DECIMAL(10)) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS TIMESTAMP(3)) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS TIMESTAMP) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS TIMESTAMP WITH TIME ZONE) AS x FROM c.s.t AS a",
        "SELECT CAST(a.x AS INT[]) AS x FROM c.s.t AS a",
    ],
    &[
        "SELECT INTERVAL '1 day' AS x",
        "SELECT INTERVAL '24 hours' AS x",
        "SELECT INTERVAL '1' MONTH AS x",
    ],
    // What is literal and yet no literal.
    &[
        "SELECT 2 AS x, a.y AS y FROM c.s.t AS a ORDER BY 1",
        "SELECT 2 AS x, a.y AS y FROM c.s.t AS a ORDER BY 2",
        "SELECT 2 AS x, a.y AS y FROM c.s.t AS a ORDER BY +1",
        "SELECT 2 AS x, a.y AS y FROM c.s.t AS a ORDER BY (1)",
    ],
    &["SELECT -(5) AS x", "SELECT -5 AS x"],
    // Names that only look alike.
    &[
        "SELECT d.p AS x FROM (SELECT a.x AS p, a.y AS q FROM c.s.t AS a) AS d",
        "SELECT d.q AS x FROM (SELECT a.x AS p, a.y AS q FROM c.s.t AS a) AS d",
    ],
];

#[test]
fn what_gives_the_same_has_one_shape() {
    for (rule, one, two) in SAME {
        let (first, second) = (shown(one), shown(two));
        assert_eq!(first, second, "{rule}\n{one}\n{two}");
        assert_eq!(id(&parse(one)), id(&parse(two)), "{rule}\n{one}\n{two}");
        // A rule that does nothing would pass as well.
        assert!(parse(one) != parse(two), "{rule}");
    }
    assert!(SAME.len() >= 80);
}

#[test]
fn what_gives_something_else_has_another_shape() {
    let mut pairs = 0;
    for group in DIFFERENT {
        let mut seen = BTreeMap::new();
        for sql in *group {
            pairs += seen.len();
            if let Some(other) = seen.insert(id(&parse(sql)), sql) {
                panic!("one shape:\n{sql}\n{other}\n{}", shown(sql));
            }
        }
    }
    assert!(pairs >= 80);
}

/// What the session reads numbers as decides which of them are the same.
#[test]
fn decimals_keep_their_digits() {
    let of = |sql, decimals| of(&parse(sql), &Known, decimals);
    let (one, two) = ("SELECT 1.10 AS x", "SELECT 1.1 AS x");
    assert_eq!(of(one, false), of(two, false));
    assert_ne!(of(one, true), of(two, true));
    assert_eq!(of("SELECT 007 AS x", true), of("SELECT 7 AS x", true));
    let (one, two) = (
        "SELECT a.x IN (1.10, 1.1) AS x FROM c.s.t AS a",
        "SELECT a.x IN (1.1, 1.10) AS x FROM c.s.t AS a",
    );
    assert_eq!(of(one, false), of(two, false));
    assert_ne!(of(one, true), of(two, true));
}

#[test]
fn lambdas_are_the_same_under_other_names() {
    let id = |sql| id(&parse_in(&DuckDbDialect {}, sql));
    let same = "SELECT array_transform(a.l, i -> i + a.x) AS x FROM c.s.t AS a";
    for other in [
        "SELECT array_transform(a.l, j -> a.x + j) AS x FROM c.s.t AS a",
        "SELECT array_transform(a.l, (j) -> j + a.x) AS x FROM c.s.t AS a",
        "SELECT array_transform(a.l, lambda j : j + a.x) AS x FROM c.s.t AS a",
    ] {
        assert_eq!(id(same), id(other), "{other}");
    }
    let mut seen = BTreeMap::new();
    for sql in [
        same,
        "SELECT array_transform(a.l, i -> i + i) AS x FROM c.s.t AS a",
        "SELECT array_transform(a.l, i -> array_transform(a.m, j -> i)) AS x FROM c.s.t AS a",
        "SELECT array_transform(a.l, i -> array_transform(a.m, j -> j)) AS x FROM c.s.t AS a",
        "SELECT array_transform(a.l, (i, j) -> i - j) AS x FROM c.s.t AS a",
        "SELECT array_transform(a.l, (i, j) -> j - i) AS x FROM c.s.t AS a",
        "SELECT a.x AS \"$0\" FROM c.s.t AS a ORDER BY array_transform(a.l, i -> i)",
        "SELECT a.x AS \"$0\" FROM c.s.t AS a ORDER BY array_transform(a.l, i -> \"$0\")",
    ] {
        if let Some(other) = seen.insert(id(sql), sql) {
            panic!("one shape:\n{sql}\n{other}");
        }
    }
}

#[test]
fn parentheses_go_but_not_from_literals() {
    let id = |sql: &str| {
        let mut parser = Parser::new(&GenericDialect).try_with_sql(sql).unwrap();
        id(&parser.parse_query().unwrap())
    };
    assert_eq!(
        id("SELECT (a.x) + ((a.y)) AS x FROM c.s.t AS a WHERE (NOT ((a.f) OR (a.x = (1 + a.y))))"),
        id("SELECT a.x + a.y AS x FROM c.s.t AS a WHERE a.x <> a.y + 1 AND NOT a.f"),
    );
    assert_ne!(id("SELECT -(5) AS x"), id("SELECT -5 AS x"));
    assert_ne!(
        id("SELECT 2 AS x, a.y AS y FROM c.s.t AS a ORDER BY (2)"),
        id("SELECT 2 AS x, a.y AS y FROM c.s.t AS a ORDER BY 2"),
    );
}

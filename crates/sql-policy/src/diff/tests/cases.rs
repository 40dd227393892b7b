//! One edit each: what it means, and why.

use std::fmt::Write as _;

use super::super::*;
use super::support::compiled;

/// What it is, the old query, the new one, the category with its columns.
type Case = (&'static str, &'static str, &'static str, &'static str);

/// The cases SQLMesh has, in words of our own.
const SQLMESH: &[Case] = &[
    (
        "a literal is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, 2 AS two, t.ds AS ds FROM #t AS t",
        "additive two",
    ),
    (
        "a nested call is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, CAST(abs(abs(t.a + 1) * 2) AS INT) AS x, t.ds AS ds FROM #t AS t",
        "additive x",
    ),
    (
        "several columns are added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, 2 AS two, t.a AS a, t.b AS b, t.ds AS ds FROM #t AS t",
        "additive two a b",
    ),
    (
        "nothing is changed",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "identical",
    ),
    (
        "a column is removed",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT t.ds AS ds FROM #t AS t",
        "column_breaking one",
    ),
    (
        "a column is replaced under its name",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 2 AS one, t.ds AS ds FROM #t AS t",
        "column_breaking one",
    ),
    (
        "a column is replaced under another name",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 2 AS two, t.ds AS ds FROM #t AS t",
        "column_breaking one",
    ),
    (
        "a column is moved",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT t.ds AS ds, 1 AS one FROM #t AS t",
        "schema_breaking one",
    ),
    (
        "a WHERE is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t WHERE t.a = 2",
        "row_set_breaking",
    ),
    ("a FROM is added", "SELECT 1 AS one", "SELECT 1 AS one FROM #t AS t", "row_set_breaking"),
    (
        "DISTINCT is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT DISTINCT 1 AS one, t.ds AS ds FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "unnest is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, t.ds AS ds, unnest(t.list) AS x FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "unnest deep in an expression is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, t.ds AS ds, abs(unnest(t.list) + 1) AS x FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "unnest_outer is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, t.ds AS ds, unnest_outer(t.list) AS x FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "an unknown call is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, t.ds AS ds, posexplode(t.list) AS x FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "unnest inside a scalar subquery is added",
        "SELECT 1 AS one, t.ds AS ds FROM #t AS t",
        "SELECT 1 AS one, t.ds AS ds, (SELECT max(x.v) FROM UNNEST(t.list) AS x(v)) AS m FROM #t AS t",
        "additive m",
    ),
];

/// The examples of Recce and of those who compare with it.
const RECCE: &[Case] = &[
    (
        "a filter value is changed",
        "SELECT t.a AS a FROM #t AS t WHERE t.b > 1",
        "SELECT t.a AS a FROM #t AS t WHERE t.b > 2",
        "row_set_breaking",
    ),
    (
        "a column is renamed",
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT t.a AS a, t.b AS bb FROM #t AS t",
        "column_breaking b",
    ),
    (
        "a column is computed otherwise",
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT t.a AS a, t.b / 100 AS b FROM #t AS t",
        "column_breaking b",
    ),
    (
        "operands in another order",
        "SELECT t.a + t.b AS x FROM #t AS t",
        "SELECT t.b + t.a AS x FROM #t AS t",
        "cosmetic",
    ),
    (
        "a grouping is changed",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY t.a, t.b",
        "row_set_breaking",
    ),
    (
        "an enrichment by LEFT JOIN",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, u.x AS x FROM #t AS t LEFT JOIN #u AS u ON t.k = u.k",
        "row_set_breaking",
    ),
    (
        "an inner join is added",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a FROM #t AS t JOIN #u AS u ON t.k = u.k",
        "row_set_breaking",
    ),
    (
        "the kind of a join is changed",
        "SELECT t.a AS a FROM #t AS t JOIN #u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #u AS u ON t.k = u.k",
        "row_set_breaking",
    ),
    (
        "the order is changed",
        "SELECT t.a AS a, t.b AS b FROM #t AS t ORDER BY a",
        "SELECT t.a AS a, t.b AS b FROM #t AS t ORDER BY b",
        "order_only",
    ),
    (
        "an alias of a table is changed",
        "SELECT t.a AS a FROM #t AS t WHERE t.b > 1",
        "SELECT x.a AS a FROM #t AS x WHERE x.b > 1",
        "cosmetic",
    ),
    (
        "an inner column is changed that one output reads",
        "WITH x AS (SELECT t.a AS a, t.b AS b FROM #t AS t) SELECT x1.a AS a, x1.b AS b FROM x AS x1",
        "WITH x AS (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) SELECT x1.a AS a, x1.b AS b FROM x AS x1",
        "column_breaking b",
    ),
];

const COLUMNS: &[Case] = &[
    (
        "a column at the end",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "additive b",
    ),
    (
        "a column in the middle",
        "SELECT t.a AS a, t.c AS c FROM #t AS t",
        "SELECT t.a AS a, t.b AS b, t.c AS c FROM #t AS t",
        "additive b",
    ),
    (
        "a column at the start",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.b AS b, t.a AS a FROM #t AS t",
        "additive b",
    ),
    (
        "a column twice",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, t.a AS b FROM #t AS t",
        "additive b",
    ),
    (
        "a literal of another type",
        "SELECT 1 AS x FROM #t AS t",
        "SELECT '1' AS x FROM #t AS t",
        "column_breaking x",
    ),
    (
        "a cast to another type",
        "SELECT CAST(t.a AS INT) AS a FROM #t AS t",
        "SELECT CAST(t.a AS BIGINT) AS a FROM #t AS t",
        "column_breaking a",
    ),
    (
        "names are swapped",
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT t.a AS b, t.b AS a FROM #t AS t",
        "schema_breaking a",
    ),
    (
        "a name is passed on",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS was, t.b AS a FROM #t AS t",
        "column_breaking a",
    ),
    (
        "a rename and a new column",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS x, t.b AS y FROM #t AS t",
        "column_breaking a",
    ),
    (
        "a rename that moves",
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT t.b AS b, t.a AS x FROM #t AS t",
        "schema_breaking x",
    ),
    (
        "columns are turned round, one is new",
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT t.b AS b, t.c AS c, t.a AS a FROM #t AS t",
        "schema_breaking a",
    ),
    (
        "a removed and an added column",
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT t.a AS a, t.c AS c FROM #t AS t",
        "column_breaking b",
    ),
    (
        "a field of a struct",
        "SELECT t.s.x AS x FROM #t AS t",
        "SELECT t.s.y AS x FROM #t AS t",
        "column_breaking x",
    ),
    (
        "a scalar subquery is added",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT (SELECT max(u.x) FROM #u AS u) AS m, t.a AS a FROM #t AS t",
        "additive m",
    ),
    (
        "a correlated scalar subquery is added",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, (SELECT max(u.x) FROM #u AS u WHERE u.k = t.k) AS m FROM #t AS t",
        "additive m",
    ),
    (
        "a correlation is changed",
        "SELECT (SELECT max(u.x) FROM #u AS u WHERE u.k = t.k) AS m, t.a AS a FROM #t AS t",
        "SELECT (SELECT max(u.x) FROM #u AS u WHERE u.k = t.j) AS m, t.a AS a FROM #t AS t",
        "column_breaking m",
    ),
    (
        "an inner correlation is turned to another table",
        "SELECT (SELECT max(u.x) FROM #u AS u WHERE u.k = t.k) AS m FROM #t AS t, #w AS w",
        "SELECT (SELECT max(u.x) FROM #u AS u WHERE u.k = w.k) AS m FROM #t AS t, #w AS w",
        "column_breaking m",
    ),
    (
        "a volatile call is changed",
        "SELECT random() AS r, t.a AS a FROM #t AS t",
        "SELECT random() * 2 AS r, t.a AS a FROM #t AS t",
        "column_breaking r",
    ),
    (
        "a volatile call is added",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, random() AS r FROM #t AS t",
        "additive r",
    ),
    (
        "a lambda is changed",
        "SELECT array_transform(t.l, x -> x + 1) AS l FROM #t AS t",
        "SELECT array_transform(t.l, x -> x + 2) AS l FROM #t AS t",
        "column_breaking l",
    ),
    (
        "CASE is changed",
        "SELECT CASE WHEN t.a > 1 THEN 'x' ELSE 'y' END AS c FROM #t AS t",
        "SELECT CASE WHEN t.a > 1 THEN 'x' END AS c FROM #t AS t",
        "column_breaking c",
    ),
    (
        "one alias of two is read",
        "SELECT t.a AS a FROM #t AS t, #t AS t2",
        "SELECT t2.a AS a FROM #t AS t, #t AS t2",
        "column_breaking a",
    ),
];

const ROWS: &[Case] = &[
    (
        "a condition more",
        "SELECT t.a AS a FROM #t AS t WHERE t.b = 1",
        "SELECT t.a AS a FROM #t AS t WHERE t.b = 1 AND t.c = 2",
        "row_set_breaking",
    ),
    (
        "a condition less",
        "SELECT t.a AS a FROM #t AS t WHERE t.b = 1 AND t.c = 2",
        "SELECT t.a AS a FROM #t AS t WHERE t.c = 2",
        "row_set_breaking",
    ),
    (
        "conditions in another order, and a column",
        "SELECT t.a AS a FROM #t AS t WHERE t.b = 1 AND t.c = 2",
        "SELECT t.a AS a, t.b AS b FROM #t AS t WHERE 2 = t.c AND t.b = 1",
        "additive b",
    ),
    (
        "a comparison turned round, and a column",
        "SELECT t.a AS a FROM #t AS t WHERE t.b > 1 AND t.c <= 2",
        "SELECT t.a AS a, t.b AS b FROM #t AS t WHERE 1 < t.b AND 2 >= t.c",
        "additive b",
    ),
    (
        "a comparison turned into its opposite",
        "SELECT t.a AS a FROM #t AS t WHERE t.b > 1",
        "SELECT t.a AS a FROM #t AS t WHERE t.b < 1",
        "row_set_breaking",
    ),
    (
        "a difference turned round",
        "SELECT t.a - t.b AS x FROM #t AS t",
        "SELECT t.b - t.a AS x FROM #t AS t",
        "column_breaking x",
    ),
    (
        "OR instead of AND",
        "SELECT t.a AS a FROM #t AS t WHERE t.b = 1 AND t.c = 2",
        "SELECT t.a AS a FROM #t AS t WHERE t.b = 1 OR t.c = 2",
        "row_set_breaking",
    ),
    (
        "the list of IN",
        "SELECT t.a AS a FROM #t AS t WHERE t.b IN (1, 2)",
        "SELECT t.a AS a FROM #t AS t WHERE t.b IN (1, 2, 3)",
        "row_set_breaking",
    ),
    (
        "the query of IN",
        "SELECT t.a AS a FROM #t AS t WHERE t.b IN (SELECT u.b FROM #u AS u)",
        "SELECT t.a AS a FROM #t AS t WHERE t.b IN (SELECT u.b FROM #u AS u WHERE u.c > 0)",
        "row_set_breaking",
    ),
    (
        "EXISTS becomes NOT EXISTS",
        "SELECT t.a AS a FROM #t AS t WHERE EXISTS (SELECT 1 FROM #u AS u WHERE u.k = t.k)",
        "SELECT t.a AS a FROM #t AS t WHERE NOT EXISTS (SELECT 1 FROM #u AS u WHERE u.k = t.k)",
        "row_set_breaking",
    ),
    (
        "another table",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a FROM #u AS t",
        "row_set_breaking",
    ),
    (
        "another catalogue",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a FROM other.public.t AS t",
        "row_set_breaking",
    ),
    (
        "a join condition",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #u AS u ON t.k = u.j",
        "row_set_breaking",
    ),
    (
        "a filter of an outer join moved to WHERE",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #u AS u ON t.k = u.k AND u.x > 1",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #u AS u ON t.k = u.k WHERE u.x > 1",
        "row_set_breaking",
    ),
    (
        "a filter of an inner join moved to WHERE, and a column",
        "SELECT t.a AS a FROM #t AS t JOIN #u AS u ON t.k = u.k AND u.x > 1",
        "SELECT t.a AS a, t.b AS b FROM #t AS t JOIN #u AS u ON t.k = u.k WHERE u.x > 1",
        "additive b",
    ),
    (
        "CROSS JOIN with a filter instead of JOIN",
        "SELECT t.a AS a FROM #t AS t JOIN #u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM #t AS t CROSS JOIN #u AS u WHERE t.k = u.k",
        "cosmetic",
    ),
    (
        "inner joins in another order",
        "SELECT t.a AS a FROM #t AS t JOIN #u AS u ON t.k = u.k JOIN #w AS w ON u.j = w.j",
        "SELECT t.a AS a FROM #w AS w JOIN #u AS u ON u.j = w.j JOIN #t AS t ON t.k = u.k",
        "cosmetic",
    ),
    (
        "outer joins in another order",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #u AS u ON t.k = u.k LEFT JOIN #w AS w ON t.j = w.j",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #w AS w ON t.j = w.j LEFT JOIN #u AS u ON t.k = u.k",
        "row_set_breaking",
    ),
    (
        "the sides of a LEFT JOIN are swapped",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM #u AS u LEFT JOIN #t AS t ON t.k = u.k",
        "row_set_breaking",
    ),
    (
        "a comma instead of CROSS JOIN before a RIGHT JOIN",
        "SELECT t.a AS a FROM #t AS t CROSS JOIN #u AS u RIGHT JOIN #w AS w ON u.k = w.k",
        "SELECT t.a AS a FROM #t AS t, #u AS u RIGHT JOIN #w AS w ON u.k = w.k",
        "row_set_breaking",
    ),
    (
        "a comma instead of CROSS JOIN before a LEFT JOIN",
        "SELECT t.a AS a FROM #t AS t CROSS JOIN #u AS u LEFT JOIN #w AS w ON u.k = w.k",
        "SELECT t.a AS a FROM #t AS t, #u AS u LEFT JOIN #w AS w ON u.k = w.k",
        "cosmetic",
    ),
    (
        "parentheses around outer joins",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN #u AS u ON t.k = u.k JOIN #w AS w ON u.j = w.j",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN (#u AS u JOIN #w AS w ON u.j = w.j) ON t.k = u.k",
        "row_set_breaking",
    ),
    (
        "a join in parentheses is changed",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN (#u AS u JOIN #w AS w ON u.j = w.j) ON t.k = u.k",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN (#u AS u JOIN #w AS w ON u.j = w.i) ON t.k = u.k",
        "row_set_breaking",
    ),
    (
        "parentheses around inner joins",
        "SELECT t.a AS a FROM #t AS t JOIN #u AS u ON t.k = u.k JOIN #w AS w ON u.j = w.j",
        "SELECT t.a AS a FROM #t AS t JOIN (#u AS u JOIN #w AS w ON u.j = w.j) ON t.k = u.k",
        "cosmetic",
    ),
    (
        "SEMI instead of ANTI",
        "SELECT t.a AS a FROM #t AS t LEFT SEMI JOIN #u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM #t AS t LEFT ANTI JOIN #u AS u ON t.k = u.k",
        "row_set_breaking",
    ),
    (
        "a table function is called otherwise",
        "SELECT g.value AS v FROM generate_series(1, 3) AS g",
        "SELECT g.value AS v FROM generate_series(1, 4) AS g",
        "row_set_breaking",
    ),
    (
        "UNNEST of another list",
        "SELECT x.v AS v FROM #t AS t, UNNEST(t.l) AS x(v)",
        "SELECT x.v AS v FROM #t AS t, UNNEST(t.m) AS x(v)",
        "row_set_breaking",
    ),
    (
        "names for the columns of UNNEST",
        "SELECT x.v AS v FROM #t AS t, UNNEST(t.l) AS x(v)",
        "SELECT x.w AS v, t.a AS a FROM #t AS t, UNNEST(t.l) AS x(w)",
        "additive a",
    ),
    (
        "unnest of another list",
        "SELECT unnest(t.l) AS v FROM #t AS t",
        "SELECT unnest(t.m) AS v FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "a column beside unnest",
        "SELECT unnest(t.l) AS v FROM #t AS t",
        "SELECT t.a AS a, unnest(t.l) AS v FROM #t AS t",
        "additive a",
    ),
    (
        "a volatile filter is changed",
        "SELECT t.a AS a FROM #t AS t WHERE random() > 0.5",
        "SELECT t.a AS a FROM #t AS t WHERE random() > 0.6",
        "row_set_breaking",
    ),
];

const SINGLE_ROW: &[Case] = &[
    (
        "LEFT JOIN of one aggregate",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, s.m AS m FROM #t AS t LEFT JOIN (SELECT max(u.x) AS m FROM #u AS u) AS s ON true",
        "additive m",
    ),
    (
        "LEFT JOIN of one aggregate before an inner join",
        "SELECT t.a AS a FROM #t AS t JOIN #u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN (SELECT max(w.x) AS m FROM #w AS w) AS s ON s.m = t.b JOIN #u AS u ON t.k = u.k",
        "cosmetic",
    ),
    (
        "LEFT JOIN of one aggregate between outer joins",
        "SELECT t.a AS a FROM #t AS t RIGHT JOIN #u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM #t AS t LEFT JOIN (SELECT max(w.x) AS m FROM #w AS w) AS s ON s.m = t.b RIGHT JOIN #u AS u ON t.k = u.k",
        "cosmetic",
    ),
    (
        "CROSS JOIN of one aggregate",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, s.m AS m FROM #t AS t CROSS JOIN (SELECT max(u.x) AS m FROM #u AS u) AS s",
        "additive m",
    ),
    (
        "CROSS JOIN of one aggregate in front",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, s.m AS m FROM (SELECT max(u.x) AS m FROM #u AS u) AS s, #t AS t",
        "additive m",
    ),
    (
        "one aggregate is no longer joined",
        "SELECT t.a AS a FROM #t AS t CROSS JOIN (SELECT max(u.x) AS m FROM #u AS u) AS s",
        "SELECT t.a AS a FROM #t AS t",
        "cosmetic",
    ),
    (
        "one row without a table is joined",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, s.one AS one FROM #t AS t CROSS JOIN (SELECT 1 AS one) AS s",
        "additive one",
    ),
    (
        "JOIN of one aggregate under a condition",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, s.m AS m FROM #t AS t JOIN (SELECT max(u.x) AS m FROM #u AS u) AS s ON s.m > t.a",
        "row_set_breaking",
    ),
    (
        "LEFT JOIN of an aggregate for each group",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, s.m AS m FROM #t AS t LEFT JOIN (SELECT u.k AS k, max(u.x) AS m FROM #u AS u GROUP BY u.k) AS s ON s.k = t.k",
        "row_set_breaking",
    ),
    (
        "CROSS JOIN of an aggregate with HAVING",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a FROM #t AS t CROSS JOIN (SELECT max(u.x) AS m FROM #u AS u HAVING max(u.x) > 1) AS s",
        "row_set_breaking",
    ),
    (
        "CROSS JOIN of an aggregate with LIMIT",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a FROM #t AS t CROSS JOIN (SELECT max(u.x) AS m FROM #u AS u LIMIT 0) AS s",
        "row_set_breaking",
    ),
    (
        "LATERAL join of one aggregate",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, s.m AS m FROM #t AS t LEFT JOIN LATERAL (SELECT max(u.x) AS m FROM #u AS u WHERE u.k = t.k) AS s ON true",
        "row_set_breaking",
    ),
    (
        "RIGHT JOIN of one aggregate",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a FROM #t AS t RIGHT JOIN (SELECT max(u.x) AS m FROM #u AS u) AS s ON s.m = t.a",
        "row_set_breaking",
    ),
    (
        "one aggregate joined under another condition",
        "SELECT t.a AS a, s.m AS m FROM #t AS t LEFT JOIN (SELECT max(u.x) AS m FROM #u AS u) AS s ON s.m > t.a",
        "SELECT t.a AS a, s.m AS m FROM #t AS t LEFT JOIN (SELECT max(u.x) AS m FROM #u AS u) AS s ON s.m > t.b",
        "row_set_breaking",
    ),
    (
        "one aggregate joined where a limit takes rows",
        "SELECT t.a AS a FROM #t AS t LIMIT 3",
        "SELECT t.a AS a FROM #t AS t CROSS JOIN (SELECT max(u.x) AS m FROM #u AS u) AS s LIMIT 3",
        "row_set_breaking",
    ),
];

const GROUPS: &[Case] = &[
    (
        "an aggregate more",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, count(*) AS n, sum(t.b) AS s FROM #t AS t GROUP BY t.a",
        "additive s",
    ),
    (
        "an aggregate less",
        "SELECT t.a AS a, count(*) AS n, sum(t.b) AS s FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY t.a",
        "column_breaking s",
    ),
    (
        "another aggregate",
        "SELECT t.a AS a, sum(t.b) AS s FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, avg(t.b) AS s FROM #t AS t GROUP BY t.a",
        "column_breaking s",
    ),
    (
        "FILTER of an aggregate",
        "SELECT t.a AS a, sum(t.b) AS s FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, sum(t.b) FILTER (WHERE t.c > 0) AS s FROM #t AS t GROUP BY t.a",
        "column_breaking s",
    ),
    (
        "count of distinct values",
        "SELECT t.a AS a, count(t.b) AS n FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, count(DISTINCT t.b) AS n FROM #t AS t GROUP BY t.a",
        "column_breaking n",
    ),
    (
        "a key that was not shown",
        "SELECT count(*) AS n FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY t.a",
        "additive a",
    ),
    (
        "a key more",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, t.b AS b, count(*) AS n FROM #t AS t GROUP BY t.a, t.b",
        "row_set_breaking",
    ),
    (
        "keys in another order, and a column",
        "SELECT t.a AS a, t.b AS b FROM #t AS t GROUP BY t.a, t.b",
        "SELECT t.a AS a, t.b AS b, count(*) AS n FROM #t AS t GROUP BY t.b, t.a",
        "additive n",
    ),
    (
        "another key",
        "SELECT count(*) AS n FROM #t AS t GROUP BY t.a",
        "SELECT count(*) AS n FROM #t AS t GROUP BY t.b",
        "row_set_breaking",
    ),
    (
        "ROLLUP",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY ROLLUP (t.a)",
        "row_set_breaking",
    ),
    (
        "GROUP BY ALL for the keys it stands for",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY t.a",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY ALL",
        "cosmetic",
    ),
    (
        "a column under GROUP BY ALL",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY ALL",
        "SELECT t.a AS a, t.b AS b, count(*) AS n FROM #t AS t GROUP BY ALL",
        "row_set_breaking",
    ),
    (
        "an aggregate under GROUP BY ALL",
        "SELECT t.a AS a, count(*) AS n FROM #t AS t GROUP BY ALL",
        "SELECT t.a AS a, count(*) AS n, max(t.b) AS m FROM #t AS t GROUP BY ALL",
        "additive m",
    ),
    (
        "a key by its ordinal",
        "SELECT 1 AS one, t.a AS a FROM #t AS t GROUP BY 1, t.a",
        "SELECT 2 AS one, t.a AS a FROM #t AS t GROUP BY 1, t.a",
        "row_set_breaking",
    ),
    (
        "an aggregate instead of rows",
        "SELECT 1 AS one FROM #t AS t",
        "SELECT 1 AS one, count(*) AS n FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "rows instead of an aggregate",
        "SELECT 1 AS one, count(*) AS n FROM #t AS t",
        "SELECT 1 AS one FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "an aggregate beside another",
        "SELECT count(*) AS n FROM #t AS t",
        "SELECT count(*) AS n, max(t.a) AS m FROM #t AS t",
        "additive m",
    ),
    (
        "an aggregate over a window is no aggregate",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, sum(t.b) OVER (PARTITION BY t.a) AS s FROM #t AS t",
        "additive s",
    ),
    (
        "an aggregate by which is ordered",
        "SELECT 1 AS one FROM #t AS t",
        "SELECT 1 AS one FROM #t AS t ORDER BY count(*)",
        "row_set_breaking",
    ),
    (
        "a condition on groups",
        "SELECT t.a AS a FROM #t AS t GROUP BY t.a HAVING count(*) > 1",
        "SELECT t.a AS a FROM #t AS t GROUP BY t.a HAVING count(*) > 2",
        "row_set_breaking",
    ),
    (
        "DISTINCT under a column more",
        "SELECT DISTINCT t.a AS a FROM #t AS t",
        "SELECT DISTINCT t.a AS a, t.b AS b FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "DISTINCT under a column less",
        "SELECT DISTINCT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT DISTINCT t.a AS a FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "DISTINCT under another column",
        "SELECT DISTINCT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT DISTINCT t.a AS a, t.b + 1 AS b FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "DISTINCT under another name",
        "SELECT DISTINCT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT DISTINCT t.a AS a, t.b AS x FROM #t AS t",
        "column_breaking b",
    ),
    (
        "DISTINCT under another order of columns",
        "SELECT DISTINCT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT DISTINCT t.b AS b, t.a AS a FROM #t AS t",
        "schema_breaking a",
    ),
    (
        "a column under DISTINCT ON",
        "SELECT DISTINCT ON (t.a) t.a AS a FROM #t AS t ORDER BY t.a, t.b",
        "SELECT DISTINCT ON (t.a) t.a AS a, t.b AS b FROM #t AS t ORDER BY t.a, t.b",
        "additive b",
    ),
    (
        "another key of DISTINCT ON",
        "SELECT DISTINCT ON (t.a) t.a AS a FROM #t AS t",
        "SELECT DISTINCT ON (t.b) t.a AS a FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "another order under DISTINCT ON",
        "SELECT DISTINCT ON (t.a) t.a AS a, t.b AS b FROM #t AS t ORDER BY t.a, t.b",
        "SELECT DISTINCT ON (t.a) t.a AS a, t.b AS b FROM #t AS t ORDER BY t.a, t.b DESC",
        "row_set_breaking",
    ),
    (
        "a window under DISTINCT ON",
        "SELECT DISTINCT ON (t.a) t.a AS a FROM #t AS t ORDER BY t.a",
        "SELECT DISTINCT ON (t.a) t.a AS a, rank() OVER (ORDER BY t.b) AS r FROM #t AS t ORDER BY t.a",
        "row_set_breaking",
    ),
];

const ORDER: &[Case] = &[
    (
        "an order is set",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a FROM #t AS t ORDER BY a",
        "order_only",
    ),
    (
        "the order is the other way round",
        "SELECT t.a AS a FROM #t AS t ORDER BY a",
        "SELECT t.a AS a FROM #t AS t ORDER BY a DESC",
        "order_only",
    ),
    (
        "NULLs first",
        "SELECT t.a AS a FROM #t AS t ORDER BY a",
        "SELECT t.a AS a FROM #t AS t ORDER BY a NULLS FIRST",
        "order_only",
    ),
    (
        "ordered by another hidden column",
        "SELECT t.a AS a FROM #t AS t ORDER BY t.b",
        "SELECT t.a AS a FROM #t AS t ORDER BY t.c",
        "order_only",
    ),
    (
        "ordered by the column of another table",
        "SELECT t.a AS a FROM #t AS t, #t AS u ORDER BY t.b",
        "SELECT t.a AS a FROM #t AS t, #t AS u ORDER BY u.b",
        "order_only",
    ),
    (
        "an order and a column",
        "SELECT t.a AS a FROM #t AS t ORDER BY a",
        "SELECT t.a AS a, t.b AS b FROM #t AS t ORDER BY b",
        "order_only",
    ),
    (
        "ordered by a column that is computed otherwise",
        "SELECT t.a AS a, t.b AS b FROM #t AS t ORDER BY b",
        "SELECT t.a AS a, t.b + 1 AS b FROM #t AS t ORDER BY b",
        "column_breaking b",
    ),
    (
        "ordered by a column under another name",
        "SELECT t.a AS a, t.b AS b FROM #t AS t ORDER BY b",
        "SELECT t.a AS a, t.b AS x FROM #t AS t ORDER BY x",
        "column_breaking b",
    ),
    (
        "ordered by the ordinal of another column",
        "SELECT t.a AS a, t.b AS b FROM #t AS t ORDER BY 1",
        "SELECT t.c AS c, t.a AS a, t.b AS b FROM #t AS t ORDER BY 1",
        "order_only",
    ),
    (
        "ordered by all, of which there are more",
        "SELECT t.a AS a FROM #t AS t ORDER BY ALL",
        "SELECT t.a AS a, t.b AS b FROM #t AS t ORDER BY ALL",
        "order_only",
    ),
    (
        "the order of a derived table",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t ORDER BY a) AS q",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t ORDER BY a DESC) AS q",
        "cosmetic",
    ),
    (
        "the order of a derived table with a limit",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t ORDER BY a LIMIT 1) AS q",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t ORDER BY a DESC LIMIT 1) AS q",
        "row_set_breaking",
    ),
    (
        "the order of a derived table that array_agg collects",
        "SELECT array_agg(q.a) AS l FROM (SELECT t.a AS a FROM #t AS t ORDER BY a) AS q",
        "SELECT array_agg(q.a) AS l FROM (SELECT t.a AS a FROM #t AS t ORDER BY a DESC) AS q",
        "cosmetic",
    ),
    (
        "the order inside array_agg",
        "SELECT array_agg(t.a ORDER BY t.b) AS l FROM #t AS t",
        "SELECT array_agg(t.a ORDER BY t.c) AS l FROM #t AS t",
        "column_breaking l",
    ),
    (
        "the order under a limit",
        "SELECT t.a AS a FROM #t AS t ORDER BY a LIMIT 5",
        "SELECT t.a AS a FROM #t AS t ORDER BY a DESC LIMIT 5",
        "row_set_breaking",
    ),
    (
        "a limit",
        "SELECT t.a AS a FROM #t AS t ORDER BY a",
        "SELECT t.a AS a FROM #t AS t ORDER BY a LIMIT 5",
        "row_set_breaking",
    ),
    (
        "another limit",
        "SELECT t.a AS a FROM #t AS t ORDER BY a LIMIT 5",
        "SELECT t.a AS a FROM #t AS t ORDER BY a LIMIT 6",
        "row_set_breaking",
    ),
    (
        "an offset",
        "SELECT t.a AS a FROM #t AS t ORDER BY a LIMIT 5",
        "SELECT t.a AS a FROM #t AS t ORDER BY a LIMIT 5 OFFSET 1",
        "row_set_breaking",
    ),
    (
        "a column under a limit",
        "SELECT t.a AS a FROM #t AS t ORDER BY a LIMIT 5",
        "SELECT t.a AS a, t.b AS b FROM #t AS t ORDER BY a LIMIT 5",
        "additive b",
    ),
    (
        "a window under a limit",
        "SELECT t.a AS a FROM #t AS t LIMIT 5",
        "SELECT t.a AS a, rank() OVER (ORDER BY t.b) AS r FROM #t AS t LIMIT 5",
        "row_set_breaking",
    ),
    (
        "a window below a limit",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t) AS q LIMIT 5",
        "SELECT q.a AS a FROM (SELECT t.a AS a, rank() OVER (ORDER BY t.b) AS r FROM #t AS t) AS q LIMIT 5",
        "row_set_breaking",
    ),
    (
        "an aggregate under a limit",
        "SELECT t.a AS a, sum(t.b) AS s FROM #t AS t GROUP BY t.a ORDER BY s DESC LIMIT 5",
        "SELECT t.a AS a, sum(t.b) AS s, max(t.c) AS m FROM #t AS t GROUP BY t.a ORDER BY s DESC LIMIT 5",
        "additive m",
    ),
    (
        "an aggregate of distinct values under a limit",
        "SELECT t.a AS a, sum(t.b) AS s FROM #t AS t GROUP BY t.a ORDER BY s DESC LIMIT 5",
        "SELECT t.a AS a, sum(t.b) AS s, count(DISTINCT t.c) AS m FROM #t AS t GROUP BY t.a ORDER BY s DESC LIMIT 5",
        "row_set_breaking",
    ),
];

const WINDOWS: &[Case] = &[
    (
        "a window function",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a, row_number() OVER (ORDER BY t.b) AS n FROM #t AS t",
        "additive n",
    ),
    (
        "a window function is gone",
        "SELECT t.a AS a, rank() OVER (ORDER BY t.b) AS n FROM #t AS t",
        "SELECT t.a AS a FROM #t AS t",
        "column_breaking n",
    ),
    (
        "another partition",
        "SELECT t.a AS a, rank() OVER (PARTITION BY t.b ORDER BY t.c) AS n FROM #t AS t",
        "SELECT t.a AS a, rank() OVER (PARTITION BY t.a ORDER BY t.c) AS n FROM #t AS t",
        "column_breaking n",
    ),
    (
        "another frame",
        "SELECT sum(t.a) OVER (ORDER BY t.b) AS s FROM #t AS t",
        "SELECT sum(t.a) OVER (ORDER BY t.b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM #t AS t",
        "column_breaking s",
    ),
    (
        "a window beside one that leaves ties",
        "SELECT t.a AS a, row_number() OVER (ORDER BY t.b) AS n FROM #t AS t",
        "SELECT t.a AS a, row_number() OVER (ORDER BY t.b) AS n, rank() OVER (ORDER BY t.c) AS r FROM #t AS t",
        "column_breaking n",
    ),
    (
        "a window beside one that leaves none",
        "SELECT t.a AS a, rank() OVER (ORDER BY t.b) AS n FROM #t AS t",
        "SELECT t.a AS a, rank() OVER (ORDER BY t.b) AS n, rank() OVER (ORDER BY t.c) AS r FROM #t AS t",
        "additive r",
    ),
    (
        "a window beside a running sum by rows",
        "SELECT sum(t.a) OVER (ORDER BY t.b ROWS UNBOUNDED PRECEDING) AS n FROM #t AS t",
        "SELECT sum(t.a) OVER (ORDER BY t.b ROWS UNBOUNDED PRECEDING) AS n, rank() OVER (ORDER BY t.c) AS r FROM #t AS t",
        "column_breaking n",
    ),
    (
        "a column beside a window",
        "SELECT t.a AS a, row_number() OVER (ORDER BY t.b) AS n FROM #t AS t",
        "SELECT t.a AS a, t.c AS c, row_number() OVER (ORDER BY t.b) AS n FROM #t AS t",
        "additive c",
    ),
    (
        "a column beside QUALIFY",
        "SELECT t.a AS a FROM #t AS t QUALIFY row_number() OVER (PARTITION BY t.a ORDER BY t.b) = 1",
        "SELECT t.a AS a, t.b AS b FROM #t AS t QUALIFY row_number() OVER (PARTITION BY t.a ORDER BY t.b) = 1",
        "additive b",
    ),
    (
        "another QUALIFY",
        "SELECT t.a AS a FROM #t AS t QUALIFY row_number() OVER (PARTITION BY t.a ORDER BY t.b) = 1",
        "SELECT t.a AS a FROM #t AS t QUALIFY row_number() OVER (PARTITION BY t.a ORDER BY t.b) = 2",
        "row_set_breaking",
    ),
    (
        "a window beside QUALIFY",
        "SELECT t.a AS a FROM #t AS t QUALIFY row_number() OVER (PARTITION BY t.a ORDER BY t.b) = 1",
        "SELECT t.a AS a, rank() OVER (ORDER BY t.c) AS r FROM #t AS t QUALIFY row_number() OVER (PARTITION BY t.a ORDER BY t.b) = 1",
        "row_set_breaking",
    ),
    (
        "a window beside QUALIFY without ties",
        "SELECT t.a AS a FROM #t AS t QUALIFY rank() OVER (PARTITION BY t.a ORDER BY t.b) = 1",
        "SELECT t.a AS a, rank() OVER (ORDER BY t.c) AS r FROM #t AS t QUALIFY rank() OVER (PARTITION BY t.a ORDER BY t.b) = 1",
        "additive r",
    ),
];

const SETS: &[Case] = &[
    (
        "a branch more",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u UNION ALL SELECT w.a AS a FROM #w AS w",
        "row_set_breaking",
    ),
    (
        "a branch less",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u UNION ALL SELECT w.a AS a FROM #w AS w",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT w.a AS a FROM #w AS w",
        "row_set_breaking",
    ),
    (
        "UNION instead of UNION ALL",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a FROM #t AS t UNION SELECT u.a AS a FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "UNION DISTINCT for UNION",
        "SELECT t.a AS a FROM #t AS t UNION SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a FROM #t AS t UNION DISTINCT SELECT u.a AS a FROM #u AS u",
        "cosmetic",
    ),
    (
        "EXCEPT instead of INTERSECT",
        "SELECT t.a AS a FROM #t AS t INTERSECT SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a FROM #t AS t EXCEPT SELECT u.a AS a FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "branches in another order",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u",
        "SELECT u.a AS a FROM #u AS u UNION ALL SELECT t.a AS a FROM #t AS t",
        "cosmetic",
    ),
    (
        "branches in another order under a limit",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u LIMIT 3",
        "SELECT u.a AS a FROM #u AS u UNION ALL SELECT t.a AS a FROM #t AS t LIMIT 3",
        "row_set_breaking",
    ),
    (
        "branches with other names in another order",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.b AS b FROM #u AS u",
        "SELECT u.b AS b FROM #u AS u UNION ALL SELECT t.a AS a FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "the sides of EXCEPT are swapped",
        "SELECT t.a AS a FROM #t AS t EXCEPT SELECT u.a AS a FROM #u AS u",
        "SELECT u.a AS a FROM #u AS u EXCEPT SELECT t.a AS a FROM #t AS t",
        "row_set_breaking",
    ),
    (
        "what EXCEPT takes away, in another order",
        "SELECT t.a AS a FROM #t AS t EXCEPT SELECT u.a AS a FROM #u AS u EXCEPT SELECT w.a AS a FROM #w AS w",
        "SELECT t.a AS a FROM #t AS t EXCEPT SELECT w.a AS a FROM #w AS w EXCEPT SELECT u.a AS a FROM #u AS u",
        "cosmetic",
    ),
    (
        "a column in all branches of UNION ALL",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION ALL SELECT u.a AS a, NULL AS b FROM #u AS u",
        "additive b",
    ),
    (
        "a column in all branches of UNION",
        "SELECT t.a AS a FROM #t AS t UNION SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION SELECT u.a AS a, u.b AS b FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "a column in all branches of EXCEPT ALL",
        "SELECT t.a AS a FROM #t AS t EXCEPT ALL SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a, t.b AS b FROM #t AS t EXCEPT ALL SELECT u.a AS a, u.b AS b FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "another column in one branch of UNION ALL",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION ALL SELECT u.a AS a, u.b AS b FROM #u AS u",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION ALL SELECT u.a AS a, u.c AS b FROM #u AS u",
        "column_breaking b",
    ),
    (
        "another column in one branch of UNION",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION SELECT u.a AS a, u.b AS b FROM #u AS u",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION SELECT u.a AS a, u.c AS b FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "columns turned round in one branch of UNION ALL",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION ALL SELECT u.a AS a, u.b AS b FROM #u AS u",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION ALL SELECT u.b AS b, u.a AS a FROM #u AS u",
        "column_breaking a b",
    ),
    (
        "columns turned round in all branches of UNION",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION SELECT u.a AS a, u.b AS b FROM #u AS u",
        "SELECT t.b AS b, t.a AS a FROM #t AS t UNION SELECT u.b AS b, u.a AS a FROM #u AS u",
        "schema_breaking a",
    ),
    (
        "a column in the middle of one branch, at the end of the other",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION ALL SELECT u.a AS a, u.b AS b FROM #u AS u",
        "SELECT t.a AS a, t.c AS c, t.b AS b FROM #t AS t UNION ALL SELECT u.a AS a, u.b AS b, u.c AS c FROM #u AS u",
        "column_breaking b",
    ),
    (
        "a name in a branch that gives none",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION ALL SELECT u.a AS a, u.b AS b FROM #u AS u",
        "SELECT t.a AS a, t.b AS b FROM #t AS t UNION ALL SELECT u.a AS x, u.b AS a FROM #u AS u",
        "cosmetic",
    ),
    (
        "a name in the branch that gives it",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS x FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u",
        "column_breaking a",
    ),
    (
        "a filter in one branch",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u WHERE u.b > 1",
        "row_set_breaking",
    ),
    (
        "a name under UNION BY NAME",
        "SELECT t.a AS a FROM #t AS t UNION ALL BY NAME SELECT u.a AS a FROM #u AS u",
        "SELECT t.a AS a FROM #t AS t UNION ALL BY NAME SELECT u.a AS b FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "a column that only one branch of UNION BY NAME has",
        "SELECT t.a AS a FROM #t AS t UNION ALL BY NAME SELECT u.a AS a, u.b AS b FROM #u AS u",
        "SELECT t.a AS a FROM #t AS t UNION ALL BY NAME SELECT u.a AS a FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "a condition on an output that is a query",
        "SELECT (SELECT max(u.b) FROM #u AS u) + t.a AS a FROM #t AS t GROUP BY (SELECT max(u.b) FROM #u AS u) + t.a HAVING (SELECT max(u.b) FROM #u AS u) + t.a > 1",
        "SELECT (SELECT max(u.b) FROM #u AS u) + t.a AS a FROM #t AS t GROUP BY (SELECT max(u.b) FROM #u AS u) + t.a HAVING (SELECT max(u.b) FROM #u AS u) + t.a > 2",
        "row_set_breaking",
    ),
    (
        "a new output beside one that is a query",
        "SELECT (SELECT max(u.b) FROM #u AS u) + t.a AS a FROM #t AS t GROUP BY (SELECT max(u.b) FROM #u AS u) + t.a",
        "SELECT (SELECT max(u.b) FROM #u AS u) + t.a AS a, count(*) AS n FROM #t AS t GROUP BY (SELECT max(u.b) FROM #u AS u) + t.a",
        "additive n",
    ),
    (
        "other parentheses",
        "SELECT t.a AS a FROM #t AS t UNION ALL (SELECT u.a AS a FROM #u AS u UNION SELECT w.a AS a FROM #w AS w)",
        "(SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u) UNION SELECT w.a AS a FROM #w AS w",
        "row_set_breaking",
    ),
    (
        "parentheses that say nothing",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u UNION ALL SELECT w.a AS a FROM #w AS w",
        "(SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u) UNION ALL (SELECT w.a AS a FROM #w AS w)",
        "cosmetic",
    ),
    (
        "a set operation instead of a SELECT",
        "SELECT t.a AS a FROM #t AS t",
        "SELECT t.a AS a FROM #t AS t UNION ALL SELECT u.a AS a FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "a value",
        "VALUES (1, 'x'), (2, 'y')",
        "VALUES (1, 'x'), (2, 'z')",
        "column_breaking column2",
    ),
    ("a row of values", "VALUES (1), (2)", "VALUES (1), (2), (3)", "row_set_breaking"),
    ("a column of values", "VALUES (1), (2)", "VALUES (1, 'a'), (2, 'b')", "additive column2"),
    (
        "a value that one output reads",
        "SELECT v.x AS x, v.y AS y FROM (VALUES (1, 'x'), (2, 'y')) AS v(x, y)",
        "SELECT v.x AS x, v.y AS y FROM (VALUES (1, 'x'), (2, 'z')) AS v(x, y)",
        "column_breaking y",
    ),
];

const INNER: &[Case] = &[
    (
        "an inner column that nobody reads",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t) AS q",
        "SELECT q.a AS a FROM (SELECT t.b AS b, t.a AS a FROM #t AS t) AS q",
        "cosmetic",
    ),
    (
        "an inner column that a new output reads",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t) AS q",
        "SELECT q.a AS a, q.b AS b FROM (SELECT t.b AS b, t.a AS a FROM #t AS t) AS q",
        "additive b",
    ),
    (
        "an inner name",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q WHERE q.b > 1",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b AS x FROM #t AS t) AS q WHERE q.x > 1",
        "cosmetic",
    ),
    (
        "inner columns in another order",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q",
        "SELECT q.a AS a FROM (SELECT t.b AS b, t.a AS a FROM #t AS t) AS q",
        "cosmetic",
    ),
    (
        "an inner column that the filter reads",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q WHERE q.b > 1",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q WHERE q.b > 1",
        "row_set_breaking",
    ),
    (
        "an inner column that a join reads",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q LEFT JOIN #u AS u ON u.k = q.b",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q LEFT JOIN #u AS u ON u.k = q.b",
        "row_set_breaking",
    ),
    (
        "an inner column that makes groups",
        "SELECT count(*) AS n FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q GROUP BY q.b",
        "SELECT count(*) AS n FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q GROUP BY q.b",
        "row_set_breaking",
    ),
    (
        "an inner column that a window reads",
        "SELECT q.a AS a, rank() OVER (ORDER BY q.b) AS r FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q",
        "SELECT q.a AS a, rank() OVER (ORDER BY q.b) AS r FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q",
        "column_breaking r",
    ),
    (
        "an inner column that orders",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q ORDER BY q.b",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q ORDER BY q.b",
        "order_only",
    ),
    (
        "an inner column by which a limit takes rows",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q ORDER BY q.b LIMIT 3",
        "SELECT q.a AS a FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q ORDER BY q.b LIMIT 3",
        "row_set_breaking",
    ),
    (
        "an inner column under DISTINCT",
        "SELECT DISTINCT q.a AS a, q.b AS b FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q",
        "SELECT DISTINCT q.a AS a, q.b AS b FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q",
        "row_set_breaking",
    ),
    (
        "an inner column under inner DISTINCT that nobody reads",
        "SELECT q.a AS a FROM (SELECT DISTINCT t.a AS a FROM #t AS t) AS q",
        "SELECT q.a AS a FROM (SELECT DISTINCT t.a AS a, t.b AS b FROM #t AS t) AS q",
        "row_set_breaking",
    ),
    (
        "an inner column under UNION",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t) AS q UNION SELECT u.a AS a FROM #u AS u",
        "SELECT q.a AS a FROM (SELECT t.a + 1 AS a FROM #t AS t) AS q UNION SELECT u.a AS a FROM #u AS u",
        "row_set_breaking",
    ),
    (
        "an inner filter",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t) AS q",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t WHERE t.b > 1) AS q",
        "row_set_breaking",
    ),
    (
        "names for the columns of a derived table",
        "SELECT q.x AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q(x, y)",
        "SELECT q.p AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q(p, y)",
        "cosmetic",
    ),
    (
        "names for the columns of a derived table, turned round",
        "SELECT q.x AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q(x, y)",
        "SELECT q.x AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q(y, x)",
        "column_breaking a",
    ),
    (
        "a column in the middle under names by place",
        "SELECT q.y AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q(x, y)",
        "SELECT q.y AS a FROM (SELECT t.a AS a, t.c AS c, t.b AS b FROM #t AS t) AS q(x, y, z)",
        "column_breaking a",
    ),
    (
        "a column in the middle under names that go along",
        "SELECT q.y AS a FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q(x, y)",
        "SELECT q.y AS a FROM (SELECT t.a AS a, t.c AS c, t.b AS b FROM #t AS t) AS q(x, z, y)",
        "cosmetic",
    ),
    (
        "names for the columns of a table",
        "SELECT q.x AS a FROM #t AS q(x, y)",
        "SELECT q.p AS a FROM #t AS q(p, y)",
        "cosmetic",
    ),
    (
        "names for the columns of a table, turned round",
        "SELECT q.x AS a FROM #t AS q(x, y)",
        "SELECT q.x AS a FROM #t AS q(y, x)",
        "column_breaking a",
    ),
    (
        "names for the columns of a table at last",
        "SELECT q.x AS a FROM #t AS q",
        "SELECT q.x AS a FROM #t AS q(x, y)",
        "column_breaking a",
    ),
    (
        "a common table expression for a derived table",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t) AS q",
        "WITH x AS (SELECT t.a AS a FROM #t AS t) SELECT q.a AS a FROM x AS q",
        "cosmetic",
    ),
    (
        "a common table expression for a derived table, and a column",
        "SELECT q.a AS a FROM (SELECT t.a AS a FROM #t AS t) AS q",
        "WITH x AS (SELECT t.a AS a FROM #t AS t) SELECT q.a AS a, 1 AS one FROM x AS q",
        "additive one",
    ),
    (
        "a common table expression under another name",
        "WITH x AS (SELECT t.a AS a FROM #t AS t) SELECT q.a AS a FROM x AS q",
        "WITH y AS (SELECT t.a AS a FROM #t AS t) SELECT q.a AS a FROM y AS q",
        "cosmetic",
    ),
    (
        "a common table expression that nobody reads",
        "SELECT t.a AS a FROM #t AS t",
        "WITH x AS (SELECT u.a AS a FROM #u AS u) SELECT t.a AS a FROM #t AS t",
        "cosmetic",
    ),
    (
        "a common table expression that nobody reads is changed",
        "WITH x AS (SELECT u.a AS a FROM #u AS u) SELECT t.a AS a FROM #t AS t",
        "WITH x AS (SELECT u.b AS a FROM #u AS u) SELECT t.a AS a FROM #t AS t",
        "cosmetic",
    ),
    (
        "a column of a common table expression that IN reads too",
        "WITH x AS (SELECT u.k AS k FROM #u AS u) SELECT t.a AS a FROM #t AS t WHERE t.k IN (SELECT y.k FROM x AS y)",
        "WITH x AS (SELECT u.k AS k, u.b AS b FROM #u AS u) SELECT t.a AS a FROM #t AS t WHERE t.k IN (SELECT y.k FROM x AS y)",
        "cosmetic",
    ),
    (
        "a changed column of a common table expression that IN does not read",
        "WITH x AS (SELECT u.k AS k, u.b AS b FROM #u AS u) SELECT z.b AS b FROM x AS z WHERE z.k IN (SELECT y.k FROM x AS y)",
        "WITH x AS (SELECT u.k AS k, u.b + 1 AS b FROM #u AS u) SELECT z.b AS b FROM x AS z WHERE z.k IN (SELECT y.k FROM x AS y)",
        "column_breaking b",
    ),
    (
        "a changed column of a common table expression that IN reads",
        "WITH x AS (SELECT u.k AS k FROM #u AS u) SELECT t.a AS a FROM #t AS t WHERE t.k IN (SELECT y.k FROM x AS y)",
        "WITH x AS (SELECT u.k + 1 AS k FROM #u AS u) SELECT t.a AS a FROM #t AS t WHERE t.k IN (SELECT y.k FROM x AS y)",
        "row_set_breaking",
    ),
    (
        "rows of a common table expression that IN reads",
        "WITH x AS (SELECT u.k AS k FROM #u AS u) SELECT t.a AS a FROM #t AS t WHERE t.k IN (SELECT y.k FROM x AS y)",
        "WITH x AS (SELECT u.k AS k FROM #u AS u WHERE u.b > 1) SELECT t.a AS a FROM #t AS t WHERE t.k IN (SELECT y.k FROM x AS y)",
        "row_set_breaking",
    ),
    (
        "names of the columns that IN reads by place",
        "WITH x AS (SELECT u.k AS k, u.b AS b FROM #u AS u) SELECT t.a AS a FROM #t AS t WHERE t.k IN (SELECT y.p FROM x AS y(p, q))",
        "WITH x AS (SELECT u.b AS b, u.k AS k FROM #u AS u) SELECT t.a AS a FROM #t AS t WHERE t.k IN (SELECT y.p FROM x AS y(p, q))",
        "row_set_breaking",
    ),
    (
        "a change through a chain of common table expressions",
        "WITH x AS (SELECT t.a AS a, t.b AS b FROM #t AS t), y AS (SELECT q.a AS a, q.b AS b, 1 AS one FROM x AS q) SELECT r.a AS a, r.b AS b, r.one AS one FROM y AS r",
        "WITH x AS (SELECT t.a AS a, abs(t.b) AS b FROM #t AS t), y AS (SELECT q.a AS a, q.b AS b, 1 AS one FROM x AS q) SELECT r.a AS a, r.b AS b, r.one AS one FROM y AS r",
        "column_breaking b",
    ),
    (
        "a new common table expression before the others",
        "WITH x AS (SELECT t.a AS a FROM #t AS t) SELECT q.a AS a FROM x AS q",
        "WITH n AS (SELECT max(u.x) AS m FROM #u AS u), x AS (SELECT t.a AS a FROM #t AS t) SELECT q.a AS a, s.m AS m FROM x AS q CROSS JOIN n AS s",
        "additive m",
    ),
    (
        "names of the columns of a common table expression",
        "WITH x(p, q) AS (SELECT t.a AS a, t.b AS b FROM #t AS t) SELECT r.p AS a FROM x AS r",
        "WITH x(q, p) AS (SELECT t.a AS a, t.b AS b FROM #t AS t) SELECT r.p AS a FROM x AS r",
        "column_breaking a",
    ),
    (
        "a column in a recursion",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT s.n + 1 AS n FROM r AS s WHERE s.n < 5) SELECT q.n AS n FROM r AS q",
        "WITH RECURSIVE r AS (SELECT 1 AS n, 'x' AS x UNION ALL SELECT s.n + 1 AS n, s.x AS x FROM r AS s WHERE s.n < 5) SELECT q.n AS n FROM r AS q",
        "row_set_breaking",
    ),
    (
        "a recursion that goes further",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT s.n + 1 AS n FROM r AS s WHERE s.n < 5) SELECT q.n AS n FROM r AS q",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT s.n + 1 AS n FROM r AS s WHERE s.n < 6) SELECT q.n AS n FROM r AS q",
        "row_set_breaking",
    ),
    (
        "a column over a recursion",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT s.n + 1 AS n FROM r AS s WHERE s.n < 5) SELECT q.n AS n FROM r AS q",
        "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT s.n + 1 AS n FROM r AS s WHERE s.n < 5) SELECT q.n AS n, q.n * 2 AS m FROM r AS q",
        "additive m",
    ),
    (
        "a lateral query that reads a changed column",
        "SELECT q.a AS a, l.m AS m FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q CROSS JOIN LATERAL (SELECT max(u.x) AS m FROM #u AS u WHERE u.k = q.b) AS l",
        "SELECT q.a AS a, l.m AS m FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q CROSS JOIN LATERAL (SELECT max(u.x) AS m FROM #u AS u WHERE u.k = q.b) AS l",
        "row_set_breaking",
    ),
    (
        "a lateral query beside a changed column",
        "SELECT q.a AS a, l.m AS m FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q CROSS JOIN LATERAL (SELECT max(u.x) AS m FROM #u AS u WHERE u.k = q.a) AS l",
        "SELECT q.a AS a, l.m AS m, q.b AS b FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q CROSS JOIN LATERAL (SELECT max(u.x) AS m FROM #u AS u WHERE u.k = q.a) AS l",
        "additive b",
    ),
    (
        "a lateral query that computes with a changed column",
        "SELECT q.a AS a, l.m AS m FROM (SELECT t.a AS a, t.b AS b FROM #t AS t) AS q CROSS JOIN LATERAL (SELECT u.x + q.b AS m FROM #u AS u) AS l",
        "SELECT q.a AS a, l.m AS m FROM (SELECT t.a AS a, t.b + 1 AS b FROM #t AS t) AS q CROSS JOIN LATERAL (SELECT u.x + q.b AS m FROM #u AS u) AS l",
        "column_breaking m",
    ),
    (
        "a volatile column that nobody reads",
        "SELECT q.a AS a FROM (SELECT t.a AS a, random() AS r FROM #t AS t) AS q",
        "SELECT q.a AS a FROM (SELECT t.a AS a, random() * 2 AS r FROM #t AS t) AS q",
        "unknown",
    ),
    (
        "duplicate output names",
        "SELECT t.a, u.a FROM #t AS t, #u AS u",
        "SELECT t.a, u.a, 1 AS one FROM #t AS t, #u AS u",
        "additive one",
    ),
    (
        "duplicate output names turned round",
        "SELECT t.a, u.a FROM #t AS t, #u AS u",
        "SELECT u.a, t.a FROM #t AS t, #u AS u",
        "column_breaking a",
    ),
];

const ALL: &[(&str, &[Case])] = &[
    ("sqlmesh", SQLMESH),
    ("recce", RECCE),
    ("columns", COLUMNS),
    ("rows", ROWS),
    ("single_row", SINGLE_ROW),
    ("groups", GROUPS),
    ("order", ORDER),
    ("windows", WINDOWS),
    ("sets", SETS),
    ("inner", INNER),
];

fn shown(category: &Category) -> String {
    let columns: &[String] = match category {
        Category::Additive { columns }
        | Category::ColumnBreaking { columns }
        | Category::SchemaBreaking { columns } => columns,
        _ => &[],
    };
    [&[category.to_string()], columns].concat().join(" ")
}

#[test]
fn edits_mean_what_they_mean() {
    let mut wrong = String::new();
    for (group, cases) in ALL {
        let mut table = String::new();
        for (title, old, new, expected) in *cases {
            let (old, new) = (compiled(old), compiled(new));
            let diff = diff(&old.side(), &new.side());
            let category = shown(&diff.category);
            if category != *expected {
                let _ = writeln!(wrong, "{title}: {category} instead of {expected}");
            }
            let _ = writeln!(table, "{title}: {category}");
            for reason in &diff.reasons {
                let _ = writeln!(table, "  {}: {}", reason.code, reason.message);
            }
        }
        insta::assert_snapshot!(*group, table);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn there_are_enough_cases() {
    assert!(ALL.iter().map(|(_, cases)| cases.len()).sum::<usize>() >= 200);
}

/// The way back is as severe as the way there, but that what is added there is removed back.
#[test]
fn the_way_back_is_as_severe() {
    for (title, old, new, _) in ALL.iter().flat_map(|(_, cases)| *cases) {
        let (old, new) = (compiled(old), compiled(new));
        let (there, back) = (diff(&old.side(), &new.side()), diff(&new.side(), &old.side()));
        let columns_only = |category: &Category| {
            use Category::{Additive, ColumnBreaking, OrderOnly};
            matches!(category, Additive { .. } | OrderOnly | ColumnBreaking { .. })
        };
        if !(columns_only(&there.category) && columns_only(&back.category)) {
            assert_eq!(back.category.as_str(), there.category.as_str(), "{title}");
        }
        assert_eq!((back.rows, back.order), (there.rows, there.order), "{title}");
        let count = |diff: &Diff, added: bool| {
            let counted = diff.columns.iter().filter(|change| match change {
                ColumnChange::Added { .. } => added,
                ColumnChange::Removed { .. } => !added,
                _ => false,
            });
            counted.count()
        };
        assert_eq!(count(&there, true), count(&back, false), "{title}");
    }
}

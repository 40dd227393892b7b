-- identifiers
SELECT A, T.B FROM T ORDER BY "a";
SELECT "Case", "case" FROM "Mixed";
SELECT "Case" AS "X Y", "case" AS "select" FROM "Mixed" AS "M";
SELECT COUNT(*), Sum(A) FROM t;
-- compound names: table.column before column.field, up to four parts
SELECT t.a, public.t.a AS b, datafusion.public.t.a AS c FROM t ORDER BY 1;
SELECT public.t.a FROM public.t WHERE public.t.b = 10 ORDER BY public.t.a;
SELECT public.t.a, other.t.a AS o FROM public.t CROSS JOIN other.t ORDER BY 1;
SELECT other.t.* FROM public.t, other.t ORDER BY public.t.a LIMIT 1;
SELECT s.id, s.s.x, s.s['y']['z'] AS z FROM s ORDER BY id;
SELECT r.s.y.z AS z, r.s.x + 1 AS x FROM s AS r ORDER BY r.id;
SELECT s.x FROM (SELECT s.s AS q, s.id AS x FROM s) AS s ORDER BY s.x;
SELECT d.q.x AS x FROM (SELECT s.s AS q FROM s) AS d ORDER BY x;
SELECT s['x'] AS x FROM s ORDER BY s['x'];
SELECT s.s.x, count(*) FROM s GROUP BY s.s.x ORDER BY s.s.x;
-- an alias hides the name of the table
SELECT x.a FROM t AS x, u AS t WHERE t.a = 4 ORDER BY x.a;
SELECT t.a FROM u AS t ORDER BY t.a;
-- lookup: this query before those around it, from the inside out
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u WHERE a = t.a) ORDER BY a;
SELECT a FROM t WHERE EXISTS (SELECT 1 FROM u AS v WHERE a = a AND v.b > t.b * 10) ORDER BY a;
SELECT a, (SELECT count(*) FROM u WHERE u.a = t.a) AS n FROM t ORDER BY a;
SELECT id, (SELECT sum(b) FROM t WHERE a = id) AS n FROM s ORDER BY id;
SELECT x.a FROM t AS x WHERE x.b = (SELECT min(b) FROM t AS y WHERE y.a = x.a) ORDER BY a;
SELECT a FROM t WHERE a IN (SELECT a FROM u) ORDER BY a;
SELECT a FROM t WHERE a NOT IN (SELECT a FROM u) ORDER BY a;
SELECT a FROM t WHERE b IN (SELECT b FROM t AS i WHERE i.a > t.a) ORDER BY a;
SELECT t.a, l.b FROM t, LATERAL (SELECT b FROM u WHERE u.a = t.a) AS l ORDER BY 2;
-- common table expressions
WITH t AS (SELECT a FROM t WHERE a > 1) SELECT * FROM t ORDER BY a;
WITH t AS (SELECT 9 AS a) SELECT t.a, p.a AS p FROM t, public.t AS p ORDER BY p;
WITH x AS (SELECT a FROM t), y AS (SELECT a + 1 AS a FROM x) SELECT x.a, y.a AS y FROM x JOIN y USING (a) ORDER BY 1;
WITH x(p, q) AS (SELECT a, b FROM t) SELECT q, p FROM x ORDER BY p;
WITH x AS (SELECT a AS k, count(*) FROM t GROUP BY a) SELECT k, x."count(*)" FROM x ORDER BY k;
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 4) SELECT * FROM n ORDER BY i;
WITH RECURSIVE n(i, j) AS (SELECT a, b FROM t WHERE a = 1 UNION ALL SELECT i + 1, n.j FROM n WHERE n.i < 3) SELECT j, i FROM n ORDER BY i;
SELECT d.a FROM (WITH x AS (SELECT a FROM u) SELECT x.a FROM x) AS d, t WHERE t.a = d.a ORDER BY 1;
-- names of outputs
SELECT a + 1, t.a * 2, -a, CAST(a AS TEXT), 'x', 1, NULL FROM t ORDER BY 1;
SELECT x.a + 1 FROM t AS x ORDER BY 1;
SELECT count(*), count(1), count(DISTINCT a), sum(a) FILTER (WHERE a > 1), max(b) + 1 FROM t;
SELECT CASE WHEN a > 1 THEN 'big' ELSE 'small' END FROM t ORDER BY a;
SELECT a BETWEEN 1 AND 2, a IN (1, 2), a IS NULL, NOT a = 1 FROM t ORDER BY a;
SELECT row_number() OVER (ORDER BY a), sum(b) OVER (PARTITION BY a ORDER BY b ROWS 1 PRECEDING) FROM t ORDER BY a;
SELECT (SELECT max(a) FROM u) FROM t LIMIT 1;
SELECT t.a, u.a FROM t JOIN u ON t.a = u.a ORDER BY u.b;
SELECT * FROM t JOIN u ON t.a = u.a ORDER BY u.b;
SELECT * FROM (VALUES (1, 'x'), (2, 'y')) AS v ORDER BY column1;
SELECT v.k FROM (VALUES (1, 'x'), (2, 'y')) AS v(k, w) ORDER BY w DESC;
VALUES (1, 'x'), (2, NULL) ORDER BY column1 DESC;
-- the same name twice in a derived table
SELECT * FROM (SELECT t.a, u.a FROM t JOIN u ON t.a = u.a) AS d;
SELECT "a:1" FROM (SELECT t.a, u.a FROM t JOIN u ON t.a = u.a) AS d;
SELECT d.a, d."a:1" AS other FROM (SELECT t.a, u.a FROM t JOIN u ON t.a = u.a) AS d;
SELECT * FROM (SELECT * FROM t AS x, t AS y WHERE x.a = y.a) AS d ORDER BY a;
-- names that only the engine gives, read from outside
SELECT d."t.a + Int64(1)" AS n FROM (SELECT a + 1 FROM t) AS d ORDER BY n;
SELECT "count(*)" FROM (SELECT count(*) FROM t) AS d;
-- a derived table without an alias shows the relations in it
SELECT t.a, b FROM (SELECT a, b FROM t) ORDER BY a;
SELECT x.a, n FROM (SELECT x.a, x.b + 1 AS n FROM t AS x) ORDER BY n, a;
SELECT a, c FROM (SELECT a AS c, b AS a FROM t) ORDER BY 1, 2;
SELECT * FROM (SELECT a FROM t) JOIN (SELECT a FROM u) ON t.a = u.a;
-- WHERE reads columns only
SELECT b AS a FROM t WHERE a = 1;
SELECT a + 1 AS b FROM t WHERE b = 10 ORDER BY 1;
-- GROUP BY: column before alias, then ordinal
SELECT b AS a, count(*) AS n FROM t GROUP BY a, b ORDER BY 1, 2;
SELECT a % 2 AS k, count(*) AS n FROM t GROUP BY k ORDER BY k;
SELECT b, count(*) AS n FROM t GROUP BY 1 ORDER BY 1;
SELECT 7, b, sum(a) AS s FROM t GROUP BY 1, 2 ORDER BY 2;
SELECT 7 AS seven, count(*) AS n FROM t GROUP BY 1;
SELECT b + 1 AS c, b + 1 + count(*) AS n FROM t GROUP BY b + 1 ORDER BY c;
SELECT b, grouping(b) AS g, count(*) AS n FROM t GROUP BY ROLLUP (b) ORDER BY b, g;
SELECT a, b, count(*) AS n FROM t GROUP BY GROUPING SETS ((a), (b), ()) ORDER BY 1, 2, 3;
SELECT b, count(*) AS n FROM t GROUP BY ALL ORDER BY b;
-- HAVING and QUALIFY: column before alias
SELECT b, sum(a) AS s FROM t GROUP BY b HAVING s > 2 ORDER BY b;
SELECT sum(a) AS b FROM t GROUP BY b HAVING b > 5 ORDER BY 1;
SELECT b AS k, count(*) AS n FROM t GROUP BY b HAVING k = 10 AND n > 1;
SELECT count(*) AS n FROM t HAVING count(*) > 1;
SELECT a, row_number() OVER (ORDER BY b DESC, a) AS r FROM t QUALIFY r <= 2 ORDER BY r;
SELECT b, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) AS r FROM t GROUP BY b QUALIFY r = 1;
SELECT a, b AS r FROM t QUALIFY row_number() OVER (PARTITION BY b ORDER BY a) = 1 ORDER BY a;
-- ORDER BY: alias before column, also inside an expression; then hidden columns
SELECT -a AS a, b FROM t ORDER BY a;
SELECT -a AS a, b FROM t ORDER BY a + 0;
SELECT -a AS c, b FROM t ORDER BY t.a;
SELECT b FROM t ORDER BY a;
SELECT a AS x, b AS a FROM t ORDER BY a, x;
SELECT a AS x FROM t ORDER BY b + x, x;
SELECT a, b FROM t ORDER BY 2 DESC, 1;
SELECT a FROM t ORDER BY -1, a;
SELECT a FROM t ORDER BY 1 + 1, a DESC;
SELECT 5, a FROM t ORDER BY 1, 2;
SELECT b FROM t GROUP BY b ORDER BY count(*) DESC, b;
SELECT b AS k, sum(a) AS s FROM t GROUP BY k ORDER BY s + k, k;
SELECT a AS k FROM t UNION ALL SELECT a FROM u ORDER BY k, 1;
SELECT a + 1 AS a FROM t UNION SELECT b FROM u ORDER BY a;
SELECT DISTINCT b FROM t ORDER BY b;
SELECT DISTINCT b AS k, b + 1 AS l FROM t ORDER BY l DESC, k;
SELECT DISTINCT ON (b) b, a FROM t ORDER BY b, a DESC;
SELECT a FROM t ORDER BY a NULLS FIRST;
SELECT a FROM t ORDER BY a DESC;
-- USING and NATURAL
SELECT * FROM t JOIN u USING (a) ORDER BY u.b;
SELECT * FROM u AS z JOIN t AS y USING (a) ORDER BY z.b;
SELECT * FROM t NATURAL JOIN (SELECT a, b + 1 AS c FROM u) AS v ORDER BY c;
SELECT t.*, u.* FROM t JOIN u USING (a) ORDER BY u.b;
SELECT a, t.b, u.b FROM t JOIN u USING (a) ORDER BY u.b;
SELECT * FROM t JOIN u USING (a) JOIN (SELECT a, b AS c FROM t) AS v USING (a) ORDER BY u.b;
SELECT * FROM t AS z JOIN t AS y USING (a, b) ORDER BY a;
SELECT a, count(*) AS n FROM t LEFT JOIN u USING (a) GROUP BY a ORDER BY a;
SELECT a FROM t LEFT JOIN u USING (a) ORDER BY a, u.b;
SELECT * EXCLUDE (b) FROM t ORDER BY a;
SELECT * EXCEPT (a) FROM t ORDER BY b;
SELECT * REPLACE (a * 10 AS a) FROM t ORDER BY b, a;
SELECT t.* EXCLUDE (a), u.* FROM t, u WHERE t.a = u.a ORDER BY u.b;
-- joins
SELECT t.a, u.b FROM t LEFT JOIN u ON t.a = u.a AND u.b > 200 ORDER BY 1, 2;
SELECT t.a, u.b FROM t FULL JOIN u ON t.a = u.a ORDER BY 1, 2;
SELECT t.a FROM t LEFT SEMI JOIN u ON t.a = u.a ORDER BY a;
SELECT * FROM t RIGHT ANTI JOIN u ON t.a = u.a;
SELECT x.a, y.a, z.a FROM t AS x, (u AS y JOIN t AS z ON y.a = z.a) WHERE x.a = z.a;
SELECT l.id, e.v FROM lists AS l CROSS JOIN UNNEST(make_array(7, 8)) AS e(v) ORDER BY 1, 2;
SELECT id, unnest(l) AS e FROM lists ORDER BY id, e;
SELECT * FROM generate_series(1, 3) AS g(i) ORDER BY i;
SELECT t.a FROM t JOIN u ON t.a = u.a ORDER BY u.a, u.b;
-- set operations
SELECT a, b FROM t UNION BY NAME SELECT b, a FROM u ORDER BY a, b;
SELECT a FROM t INTERSECT SELECT a FROM u UNION ALL SELECT a FROM u ORDER BY a;
(SELECT a FROM t ORDER BY a LIMIT 1) UNION ALL (SELECT b FROM u ORDER BY b LIMIT 1) ORDER BY a;
-- values and operators
SELECT 7 / 2 AS q, -7 % 3 AS m, 0.1 + 0.2 AS f, 1.10 AS d, 9223372036854775808 AS big;
SELECT -(1) AS n, - a AS m, NOT (a > 1) AS x, (a + 1) * 2 AS y, a - (b - 1) AS z FROM t ORDER BY b, a;
SELECT INTERVAL '1' DAY AS i, DATE '2024-01-31' + INTERVAL '1 month' AS d;
SELECT now() = now() AS same, coalesce(NULL, a, b) AS c FROM t ORDER BY b, a;

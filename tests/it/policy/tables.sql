CREATE TABLE t AS SELECT column1 AS a, column2 AS b FROM (VALUES (1, 10), (2, 20), (3, 10), (NULL, 5)) AS v;
CREATE TABLE u AS SELECT column1 AS a, column2 AS b FROM (VALUES (2, 200), (4, 400), (2, 201)) AS v;
CREATE TABLE s AS SELECT column1 AS id, named_struct('x', column2, 'y', named_struct('z', column2 + 1)) AS s FROM (VALUES (1, 7), (2, 8)) AS v;
CREATE TABLE "Mixed" AS SELECT 1 AS "Case", 2 AS "case";
CREATE SCHEMA other;
CREATE TABLE other.t AS SELECT 100 AS a, 'other' AS c;
CREATE TABLE lists AS SELECT column1 AS id, column2 AS l FROM (VALUES (1, make_array(1, 2)), (2, make_array(3))) AS v;

use crate::{
    Deviation,
    fixtures::{Known, compiled, lane, refusal, schemas, text},
};

fn shown(sql: &str) -> String {
    match compiled(sql) {
        Ok(query) => query.sql(),
        Err(rejection) => refusal(&rejection),
    }
}

fn each(texts: &[&str]) -> String {
    texts.iter().map(|sql| format!("{sql}\n    {}\n", shown(sql).replace('\n', "\n    "))).collect()
}

#[test]
fn names_are_bound_and_spelled_out() {
    insta::assert_snapshot!(each(&[
        "SELECT a, b + 1, count(*) FROM t GROUP BY 1, 2 HAVING count(*) > 1 ORDER BY 2, a",
        "SELECT * FROM t JOIN u USING (k)",
        "SELECT * FROM t NATURAL JOIN u",
        "SELECT k, t.a FROM t FULL JOIN u USING (k) WHERE k > 1",
        "SELECT * EXCEPT (a) FROM t",
        "SELECT x.* FROM t x, t y WHERE x.a = y.b",
        "WITH x AS (SELECT a, b + 1 FROM t) SELECT * FROM x JOIN x y ON x.a = y.a",
        "SELECT a, (SELECT max(d) FROM u WHERE u.a = t.a) AS m FROM t",
        "SELECT a FROM t WHERE EXISTS (SELECT * FROM u WHERE u.a = t.a AND b > 1)",
        "SELECT * FROM (SELECT a, a FROM t) AS q",
        "SELECT t.a, u.a FROM t, u ORDER BY 1",
        "SELECT a AS x FROM t UNION SELECT d FROM u ORDER BY x, 1",
        "SELECT t.b FROM (SELECT a, b FROM t)",
        "SELECT q FROM t",
        "SELECT a FROM t, u",
        "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n",
        "SELECT s.x.y, s['k'], t.s[1] FROM t",
        "SELECT array_transform(s, x -> x + a) FROM t",
        "SELECT a AS b, b AS a FROM t ORDER BY a + 0",
        "SELECT sum(b) AS s2, c FROM t GROUP BY c HAVING s2 > 3",
        "SELECT * ILIKE 'a%' FROM t",
        "SELECT g FROM o.w",
        "SELECT -(1), -(a), (a + b) * c, NOT (a = 1 OR b = 2) FROM t ORDER BY (1)",
        "SELECT \"A\", \"Be\" FROM big",
        "SELECT * FROM t LEFT SEMI JOIN u USING (a)",
        "SELECT x.i FROM t, LATERAL (SELECT t.a + u.d AS i FROM u) AS x",
        "VALUES (1, 2), (3, 4)",
        "SELECT * FROM lake.files('t') AS f (path, \"Size\") WHERE f.path > ''",
        "SELECT count(x.*) FROM t AS x",
        "SELECT count(y.*) FROM t AS x",
        "SELECT a, 1 AS o, count(*) AS n FROM t GROUP BY a, o",
        "SELECT a, 1.5 AS o, count(*) AS n FROM t GROUP BY a, o",
        "SELECT DISTINCT t.a, u.a FROM t JOIN u ON t.a = u.a ORDER BY 1, 2",
        "SELECT user, k.current_time, current_date FROM users AS k",
        "SELECT * FROM (SELECT t.a, u.a FROM t, u) AS q",
        "SELECT (SELECT count(*) FROM t AS r) + a AS o, count(*) AS n FROM u GROUP BY 1",
        "SELECT (SELECT count(*) FROM t AS r) + a AS o FROM u GROUP BY (SELECT count(*) FROM t r) + a HAVING o > 0",
        "SELECT sum((WITH c AS (SELECT 1 AS x) SELECT x FROM c)) AS o FROM u HAVING o > 0",
        "SELECT (SELECT 1 FROM t) AS o, (SELECT 2 FROM t) AS p FROM u WHERE (SELECT 1 FROM t) = 1 ORDER BY (SELECT 1 FROM t)",
        "SELECT * FROM (SELECT count(*) FROM u ORDER BY 1) AS d",
        "SELECT x.a, count(*) AS n FROM t AS x JOIN t AS y ON x.a = y.a GROUP BY a HAVING a > 1",
        "SELECT sum(x.a) AS a FROM t AS x JOIN t AS y ON x.a = y.a GROUP BY x.b HAVING a > 1",
    ]));
}

/// Where the lane means something else than the engine, it says so, and where.
#[test]
fn deviations_are_noted() {
    let noted = |sql: &str| {
        let query = compiled(sql).unwrap();
        let noted = query.lowerings().iter().map(|lowering| {
            let at = &sql[lowering.span.start..lowering.span.end];
            format!("{} `{at}`", lowering.deviation.code())
        });
        format!("{sql}\n    {}\n    {}\n", query.sql(), noted.collect::<Vec<_>>().join(", "))
    };
    let shown = [
        "SELECT * FROM u AS z LEFT JOIN t AS y USING (a)",
        "SELECT k FROM t RIGHT JOIN u USING (k)",
        "SELECT k FROM t FULL JOIN u USING (k)",
        "SELECT t.b FROM t JOIN u USING (k) WHERE k > 1",
        "SELECT t.b FROM t RIGHT JOIN u USING (k) WHERE k > 1",
        "SELECT t.b FROM t FULL JOIN u USING (k) WHERE k > 1",
        "SELECT * ILIKE '%A%' FROM u",
        "SELECT * RENAME (a AS x, d AS y) FROM u",
        "WITH x AS (SELECT a FROM t) SELECT * FROM (WITH x AS (SELECT d FROM u) SELECT d FROM x) AS q, x",
        "SELECT a FROM t JOIN u USING (a) GROUP BY a",
        "SELECT t.b, sum(d) AS a FROM t JOIN u USING (a) GROUP BY t.b HAVING a > 1",
        "SELECT -a AS x, NOT (a = 1 OR t.b = a) AS y FROM t JOIN u USING (a)",
        "SELECT t.b, (SELECT max(a) FROM u AS x JOIN u AS y USING (a)) AS m FROM t",
        "SELECT t.b FROM t JOIN u USING (a) JOIN v ON a = e",
    ]
    .map(noted);
    insta::assert_snapshot!(shown.join(""));
}

/// A text that the engine cannot plan has no names of the engine.
#[test]
fn outputs_that_the_engine_cannot_name_get_stable_names() {
    let sql = "SELECT count(*), t.b + 1 FROM t JOIN u USING (k) WHERE k > 1 GROUP BY t.b";
    let gated = lane().read_query(&text(sql), &Known).unwrap();
    let query = lane().resolve(gated, &schemas(), &()).unwrap();
    let outputs: Vec<_> = query.outputs().iter().flatten().map(String::as_str).collect();
    assert_eq!(outputs, ["count", "_col_2"]);
    assert!(query.deviations().any(|found| found == Deviation::UnnamedOutputs));
}

/// Every code of this stage, each by the queries that show it.
#[test]
fn what_cannot_be_bound_is_refused() {
    insta::assert_snapshot!(each(&[
        "SELECT a FROM nowhere",
        "SELECT a FROM x.t",
        "SELECT aa FROM t",
        "SELECT x.a FROM t",
        "SELECT t.zz FROM t",
        "SELECT k FROM t, u",
        "SELECT a AS x, b AS x FROM t",
        "SELECT a AS x, b AS x FROM t ORDER BY x",
        "SELECT 1 AS one FROM (SELECT a, a FROM t) AS q",
        "WITH x AS (SELECT b, 2 AS b FROM t) SELECT 1 AS one FROM x",
        "SELECT 1 AS one FROM t JOIN t ON true",
        "SELECT 1 AS one FROM t, (SELECT a FROM t)",
        "SELECT a, 7 AS o FROM t GROUP BY a, o",
        "SELECT a, t.a FROM t",
        "SELECT a FROM t JOIN u USING (t.a)",
        "SELECT a FROM t JOIN u USING (b)",
        "SELECT a FROM t JOIN (SELECT 1 AS k, 2 AS k) AS q USING (k)",
        "SELECT a FROM t JOIN (t AS t2 CROSS JOIN u) USING (a)",
        "SELECT q.* FROM t",
        "SELECT *",
        "SELECT * EXCEPT (zz) FROM t",
        "SELECT * EXCEPT (a, a) FROM t",
        "SELECT * EXCEPT (a, d, k) FROM u",
        "SELECT * ILIKE 'q%' FROM t",
        "SELECT * REPLACE (1 AS zz) FROM t",
        "SELECT * RENAME (zz AS y) FROM t",
        "SELECT count(u.*) FROM t",
        "SELECT a FROM t ORDER BY 2",
        "SELECT a FROM t GROUP BY 0",
        "SELECT x FROM (SELECT a FROM t) AS q (x, y)",
        "SELECT a, b FROM t UNION SELECT a FROM u",
        "SELECT DISTINCT a FROM t ORDER BY b",
        "SELECT * FROM range(3)",
        "SELECT a FROM t WHERE a IN (SELECT d FROM (SELECT d FROM u WHERE d = t.a))",
        "SELECT x.a, y.a, count(*) AS n FROM t AS x JOIN t AS y ON x.a = y.a GROUP BY a",
        "SELECT x.a + 1 AS a, count(*) AS n FROM t AS x JOIN t AS y ON x.a = y.a GROUP BY a",
        "SELECT a FROM u WHERE a IN (SELECT x.a FROM t AS x JOIN t AS y ON true GROUP BY a)",
        "SELECT x.a, count(*) AS n FROM t AS x JOIN t AS y ON a = 1 GROUP BY x.a",
    ]));
}

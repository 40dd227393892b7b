use crate::testing::{compiled, refusal};

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
        "SELECT count(x.*) FROM t AS x",
        "SELECT count(y.*) FROM t AS x",
    ]));
}

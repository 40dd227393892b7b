mod eval;

use std::{collections::BTreeMap, fmt::Write as _};

use proptest::prelude::*;
use sqlparser::{
    ast::{AccessExpr, SetExpr, VisitorMut},
    dialect::GenericDialect,
    parser::Parser,
};

use self::eval::{Table, run};
use super::{comma::join_commas, hoist::hoist_ctes, qualify::eliminate_qualify, *};
use crate::fixtures::Known;

/// A tree as the resolver gives it: without parentheses around expressions.
fn tree(sql: &str) -> Query {
    struct Bare;
    impl VisitorMut for Bare {
        type Break = ();
        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            while let Expr::Nested(inner) = expr {
                *expr = std::mem::replace(inner, Expr::Identifier(Ident::new("")));
            }
            if let Expr::CompoundFieldAccess { root, access_chain } = expr
                && let Expr::Identifier(table) = &**root
                && let AccessExpr::Dot(Expr::Identifier(column)) = &access_chain[0]
            {
                **root = Expr::CompoundIdentifier(vec![table.clone(), column.clone()]);
                access_chain.remove(0);
            }
            ControlFlow::Continue(())
        }
    }
    let mut parser = Parser::new(&GenericDialect).try_with_sql(sql).unwrap();
    let mut query = parser.parse_query().unwrap_or_else(|error| panic!("{sql}: {error}"));
    let _: ControlFlow<()> = sqlparser::ast::VisitMut::visit(&mut *query, &mut Bare);
    *query
}

/// One line for each text: what becomes of it, and nothing more the second time.
fn each(rewrite: fn(&mut Query), texts: &[&str]) -> String {
    let mut shown = String::new();
    for sql in texts {
        let mut query = tree(sql);
        let before = query.clone();
        rewrite(&mut query);
        let once = query.clone();
        rewrite(&mut query);
        assert_eq!(query, once, "{sql}");
        let after = if once == before { "stays".to_owned() } else { once.to_string() };
        let _ = writeln!(shown, "{sql}\n  → {after}");
    }
    shown
}

fn no_qualify(query: &mut Query) {
    eliminate_qualify(query, &Known);
}

#[test]
fn commas_are_joins() {
    insta::assert_snapshot!(each(join_commas, &[
        "SELECT a.x AS x FROM d.s.t AS a, d.s.t AS b",
        "SELECT a.x AS x FROM d.s.t AS a, d.s.t AS b WHERE a.x = b.y",
        "SELECT a.x AS x FROM d.s.t AS a, d.s.t AS b, d.s.t AS c WHERE c.x = a.x AND a.y > 1 AND b.y = a.y AND b.x = c.x AND a.x = a.y",
        "SELECT a.x AS x FROM d.s.t AS a LEFT JOIN d.s.t AS b ON a.x = b.x, d.s.t AS c LEFT JOIN d.s.t AS d ON c.x = d.x WHERE b.y = d.y",
        "SELECT a.x AS x FROM d.s.t AS a, (SELECT b.x AS x FROM d.s.t AS b, d.s.t AS c WHERE b.x = c.x) AS e WHERE a.x = e.x OR a.y = e.x",
        "SELECT a.x AS x FROM d.s.t AS a, d.s.t AS b WHERE a.x = b.x + 1 AND a.s.f = b.x AND a.x < b.y",
        "SELECT a.x AS x FROM d.s.t AS a WHERE EXISTS (SELECT 1 AS one FROM d.s.t AS b, d.s.t AS c WHERE b.x = a.x AND b.y = c.y)",
        "SELECT a.x AS x FROM d.s.t AS a, LATERAL (SELECT a.x AS x) AS b WHERE a.x = b.x",
        "SELECT a.x AS x FROM d.s.t AS a, UNNEST(a.y) AS b (x) WHERE a.x = b.x",
        "SELECT a.x AS x FROM d.s.t AS a, range(1, 2) AS b WHERE a.x = b.value",
        "SELECT a.x AS x FROM d.s.t AS a CROSS JOIN d.s.t AS b WHERE a.x = b.x",
    ]), @"
    SELECT a.x AS x FROM d.s.t AS a, d.s.t AS b
      → SELECT a.x AS x FROM d.s.t AS a CROSS JOIN d.s.t AS b
    SELECT a.x AS x FROM d.s.t AS a, d.s.t AS b WHERE a.x = b.y
      → SELECT a.x AS x FROM d.s.t AS a INNER JOIN d.s.t AS b ON a.x = b.y
    SELECT a.x AS x FROM d.s.t AS a, d.s.t AS b, d.s.t AS c WHERE c.x = a.x AND a.y > 1 AND b.y = a.y AND b.x = c.x AND a.x = a.y
      → SELECT a.x AS x FROM d.s.t AS a INNER JOIN d.s.t AS b ON b.y = a.y INNER JOIN d.s.t AS c ON c.x = a.x AND b.x = c.x WHERE a.y > 1 AND a.x = a.y
    SELECT a.x AS x FROM d.s.t AS a LEFT JOIN d.s.t AS b ON a.x = b.x, d.s.t AS c LEFT JOIN d.s.t AS d ON c.x = d.x WHERE b.y = d.y
      → SELECT a.x AS x FROM d.s.t AS a LEFT JOIN d.s.t AS b ON a.x = b.x INNER JOIN (d.s.t AS c LEFT JOIN d.s.t AS d ON c.x = d.x) ON b.y = d.y
    SELECT a.x AS x FROM d.s.t AS a, (SELECT b.x AS x FROM d.s.t AS b, d.s.t AS c WHERE b.x = c.x) AS e WHERE a.x = e.x OR a.y = e.x
      → SELECT a.x AS x FROM d.s.t AS a CROSS JOIN (SELECT b.x AS x FROM d.s.t AS b INNER JOIN d.s.t AS c ON b.x = c.x) AS e WHERE a.x = e.x OR a.y = e.x
    SELECT a.x AS x FROM d.s.t AS a, d.s.t AS b WHERE a.x = b.x + 1 AND a.s.f = b.x AND a.x < b.y
      → SELECT a.x AS x FROM d.s.t AS a CROSS JOIN d.s.t AS b WHERE a.x = b.x + 1 AND a.s.f = b.x AND a.x < b.y
    SELECT a.x AS x FROM d.s.t AS a WHERE EXISTS (SELECT 1 AS one FROM d.s.t AS b, d.s.t AS c WHERE b.x = a.x AND b.y = c.y)
      → SELECT a.x AS x FROM d.s.t AS a WHERE EXISTS (SELECT 1 AS one FROM d.s.t AS b INNER JOIN d.s.t AS c ON b.y = c.y WHERE b.x = a.x)
    SELECT a.x AS x FROM d.s.t AS a, LATERAL (SELECT a.x AS x) AS b WHERE a.x = b.x
      → stays
    SELECT a.x AS x FROM d.s.t AS a, UNNEST(a.y) AS b (x) WHERE a.x = b.x
      → stays
    SELECT a.x AS x FROM d.s.t AS a, range(1, 2) AS b WHERE a.x = b.value
      → stays
    SELECT a.x AS x FROM d.s.t AS a CROSS JOIN d.s.t AS b WHERE a.x = b.x
      → stays
    ");
}

#[test]
fn nested_ctes_go_to_the_top() {
    insta::assert_snapshot!(each(hoist_ctes, &[
        "SELECT e.x AS x FROM (WITH c AS (SELECT a.x AS x FROM d.s.t AS a) SELECT b.x AS x FROM c AS b) AS e",
        "WITH p AS (WITH q AS (SELECT a.x AS x FROM d.s.t AS a) SELECT b.x AS x FROM q AS b), r AS (SELECT f.x AS x FROM p AS f) SELECT e.x AS x FROM r AS e WHERE e.x IN (WITH s AS (SELECT g.x AS x FROM r AS g) SELECT h.x FROM s AS h)",
        "WITH p AS (SELECT a.x AS x FROM d.s.t AS a) SELECT b.x AS x FROM p AS b UNION ALL (WITH q AS (SELECT c.x AS x FROM p AS c) SELECT e.x AS x FROM q AS e) ORDER BY x LIMIT 1",
        "SELECT a.x AS x FROM d.s.t AS a WHERE EXISTS (WITH p AS (SELECT a.x AS x), q AS (SELECT b.x AS x FROM p AS b), r AS (SELECT c.x AS x FROM d.s.t AS c) SELECT e.x FROM q AS e CROSS JOIN r AS f)",
        "SELECT a.x AS x FROM d.s.t AS a CROSS JOIN LATERAL (WITH p AS (SELECT b.x AS x FROM d.s.t AS b) SELECT c.x AS x FROM p AS c WHERE c.x = a.x) AS e",
        "SELECT sum((WITH p AS (SELECT 1 AS x) SELECT b.x FROM p AS b)) AS s FROM d.s.t AS a HAVING sum((WITH p AS (SELECT 1 AS x) SELECT b.x FROM p AS b)) > 0",
        "SELECT a.x AS x FROM (WITH RECURSIVE p AS (SELECT 1 AS x UNION ALL SELECT b.x + 1 AS x FROM p AS b) SELECT c.x AS x FROM p AS c WHERE c.x IN (WITH q AS (SELECT e.x AS x FROM d.s.t AS e), r AS (SELECT f.x AS x FROM p AS f) SELECT g.x FROM q AS g CROSS JOIN r AS h)) AS a",
        "WITH RECURSIVE p AS (SELECT 1 AS x UNION ALL SELECT b.x + 1 AS x FROM p AS b) SELECT c.x AS x FROM (WITH q AS (SELECT e.x AS x FROM d.s.t AS e) SELECT f.x AS x FROM q AS f) AS c",
        "SELECT [(WITH p AS (SELECT 1 AS x) SELECT a.x FROM p AS a)] AS x, abs((WITH q AS (SELECT 1 AS x) SELECT b.x FROM q AS b)) AS y",
        "WITH p AS (SELECT 1 AS x) SELECT a.x AS x FROM p AS a",
    ]), @"
    SELECT e.x AS x FROM (WITH c AS (SELECT a.x AS x FROM d.s.t AS a) SELECT b.x AS x FROM c AS b) AS e
      → WITH c AS (SELECT a.x AS x FROM d.s.t AS a) SELECT e.x AS x FROM (SELECT b.x AS x FROM c AS b) AS e
    WITH p AS (WITH q AS (SELECT a.x AS x FROM d.s.t AS a) SELECT b.x AS x FROM q AS b), r AS (SELECT f.x AS x FROM p AS f) SELECT e.x AS x FROM r AS e WHERE e.x IN (WITH s AS (SELECT g.x AS x FROM r AS g) SELECT h.x FROM s AS h)
      → WITH q AS (SELECT a.x AS x FROM d.s.t AS a), p AS (SELECT b.x AS x FROM q AS b), r AS (SELECT f.x AS x FROM p AS f), s AS (SELECT g.x AS x FROM r AS g) SELECT e.x AS x FROM r AS e WHERE e.x IN (SELECT h.x FROM s AS h)
    WITH p AS (SELECT a.x AS x FROM d.s.t AS a) SELECT b.x AS x FROM p AS b UNION ALL (WITH q AS (SELECT c.x AS x FROM p AS c) SELECT e.x AS x FROM q AS e) ORDER BY x LIMIT 1
      → WITH p AS (SELECT a.x AS x FROM d.s.t AS a), q AS (SELECT c.x AS x FROM p AS c) SELECT b.x AS x FROM p AS b UNION ALL (SELECT e.x AS x FROM q AS e) ORDER BY x LIMIT 1
    SELECT a.x AS x FROM d.s.t AS a WHERE EXISTS (WITH p AS (SELECT a.x AS x), q AS (SELECT b.x AS x FROM p AS b), r AS (SELECT c.x AS x FROM d.s.t AS c) SELECT e.x FROM q AS e CROSS JOIN r AS f)
      → WITH r AS (SELECT c.x AS x FROM d.s.t AS c) SELECT a.x AS x FROM d.s.t AS a WHERE EXISTS (WITH p AS (SELECT a.x AS x), q AS (SELECT b.x AS x FROM p AS b) SELECT e.x FROM q AS e CROSS JOIN r AS f)
    SELECT a.x AS x FROM d.s.t AS a CROSS JOIN LATERAL (WITH p AS (SELECT b.x AS x FROM d.s.t AS b) SELECT c.x AS x FROM p AS c WHERE c.x = a.x) AS e
      → WITH p AS (SELECT b.x AS x FROM d.s.t AS b) SELECT a.x AS x FROM d.s.t AS a CROSS JOIN LATERAL (SELECT c.x AS x FROM p AS c WHERE c.x = a.x) AS e
    SELECT sum((WITH p AS (SELECT 1 AS x) SELECT b.x FROM p AS b)) AS s FROM d.s.t AS a HAVING sum((WITH p AS (SELECT 1 AS x) SELECT b.x FROM p AS b)) > 0
      → WITH p AS (SELECT 1 AS x) SELECT sum((SELECT b.x FROM p AS b)) AS s FROM d.s.t AS a HAVING sum((SELECT b.x FROM p AS b)) > 0
    SELECT a.x AS x FROM (WITH RECURSIVE p AS (SELECT 1 AS x UNION ALL SELECT b.x + 1 AS x FROM p AS b) SELECT c.x AS x FROM p AS c WHERE c.x IN (WITH q AS (SELECT e.x AS x FROM d.s.t AS e), r AS (SELECT f.x AS x FROM p AS f) SELECT g.x FROM q AS g CROSS JOIN r AS h)) AS a
      → WITH q AS (SELECT e.x AS x FROM d.s.t AS e) SELECT a.x AS x FROM (WITH RECURSIVE p AS (SELECT 1 AS x UNION ALL SELECT b.x + 1 AS x FROM p AS b) SELECT c.x AS x FROM p AS c WHERE c.x IN (WITH r AS (SELECT f.x AS x FROM p AS f) SELECT g.x FROM q AS g CROSS JOIN r AS h)) AS a
    WITH RECURSIVE p AS (SELECT 1 AS x UNION ALL SELECT b.x + 1 AS x FROM p AS b) SELECT c.x AS x FROM (WITH q AS (SELECT e.x AS x FROM d.s.t AS e) SELECT f.x AS x FROM q AS f) AS c
      → stays
    SELECT [(WITH p AS (SELECT 1 AS x) SELECT a.x FROM p AS a)] AS x, abs((WITH q AS (SELECT 1 AS x) SELECT b.x FROM q AS b)) AS y
      → WITH q AS (SELECT 1 AS x) SELECT [(WITH p AS (SELECT 1 AS x) SELECT a.x FROM p AS a)] AS x, abs((SELECT b.x FROM q AS b)) AS y
    WITH p AS (SELECT 1 AS x) SELECT a.x AS x FROM p AS a
      → stays
    ");
}

#[test]
fn qualify_is_where_around_the_windows() {
    insta::assert_snapshot!(each(no_qualify, &[
        "SELECT a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (PARTITION BY a.y ORDER BY a.x) = 1",
        "SELECT DISTINCT a.x / a.y AS q, abs(a.x) AS b, 1 AS one FROM d.s.t AS a WHERE a.x > 1 QUALIFY sum(a.x) OVER (PARTITION BY a.y) > 1 AND a.y IS NOT NULL ORDER BY q, b LIMIT 3",
        "SELECT a.x AS x, row_number() OVER (ORDER BY a.x) AS n FROM d.s.t AS a CROSS JOIN d.s.t AS b QUALIFY row_number() OVER (ORDER BY a.x) < 3 ORDER BY b.y DESC, n + b.x, lag(a.x) OVER (ORDER BY a.y)",
        "SELECT a.s.f AS f, a.l[a.x] AS l FROM d.s.t AS a QUALIFY count(*) OVER () > 1",
        "SELECT a.x AS x FROM d.s.t AS a UNION SELECT b.x AS x FROM d.s.t AS b QUALIFY row_number() OVER (ORDER BY b.x) = 1 ORDER BY x",
        "SELECT e.x AS x FROM (SELECT a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.y) = 1) AS e QUALIFY row_number() OVER (ORDER BY e.x) = 1",
        "WITH __vl_1 AS (SELECT a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.y) = 1) SELECT __vl_2.x AS x FROM __vl_1 AS __vl_2",
        "SELECT row_number() OVER () AS n QUALIFY row_number() OVER () = 1",
        "SELECT array_transform(a.l, v -> v + a.x) AS l FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.y) = 1",
    ]), @"
    SELECT a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (PARTITION BY a.y ORDER BY a.x) = 1
      → SELECT __vl_1.__vl_2 AS x FROM (SELECT a.x AS __vl_2, row_number() OVER (PARTITION BY a.y ORDER BY a.x) AS __vl_3 FROM d.s.t AS a) AS __vl_1 WHERE __vl_1.__vl_3 = 1
    SELECT DISTINCT a.x / a.y AS q, abs(a.x) AS b, 1 AS one FROM d.s.t AS a WHERE a.x > 1 QUALIFY sum(a.x) OVER (PARTITION BY a.y) > 1 AND a.y IS NOT NULL ORDER BY q, b LIMIT 3
      → SELECT DISTINCT __vl_1.__vl_3 / __vl_1.__vl_2 AS q, abs(__vl_1.__vl_3) AS b, 1 AS one FROM (SELECT a.y AS __vl_2, a.x AS __vl_3, sum(a.x) OVER (PARTITION BY a.y) AS __vl_4 FROM d.s.t AS a WHERE a.x > 1) AS __vl_1 WHERE __vl_1.__vl_4 > 1 AND __vl_1.__vl_2 IS NOT NULL ORDER BY q, b LIMIT 3
    SELECT a.x AS x, row_number() OVER (ORDER BY a.x) AS n FROM d.s.t AS a CROSS JOIN d.s.t AS b QUALIFY row_number() OVER (ORDER BY a.x) < 3 ORDER BY b.y DESC, n + b.x, lag(a.x) OVER (ORDER BY a.y)
      → SELECT __vl_1.__vl_2 AS x, __vl_1.__vl_3 AS n FROM (SELECT a.x AS __vl_2, row_number() OVER (ORDER BY a.x) AS __vl_3, row_number() OVER (ORDER BY a.x) AS __vl_4, b.y AS __vl_5, b.x AS __vl_6, lag(a.x) OVER (ORDER BY a.y) AS __vl_7 FROM d.s.t AS a CROSS JOIN d.s.t AS b) AS __vl_1 WHERE __vl_1.__vl_4 < 3 ORDER BY __vl_1.__vl_5 DESC, n + __vl_1.__vl_6, __vl_1.__vl_7
    SELECT a.s.f AS f, a.l[a.x] AS l FROM d.s.t AS a QUALIFY count(*) OVER () > 1
      → SELECT __vl_1.__vl_2.f AS f, __vl_1.__vl_3[__vl_1.__vl_4] AS l FROM (SELECT a.s AS __vl_2, a.l AS __vl_3, a.x AS __vl_4, count(*) OVER () AS __vl_5 FROM d.s.t AS a) AS __vl_1 WHERE __vl_1.__vl_5 > 1
    SELECT a.x AS x FROM d.s.t AS a UNION SELECT b.x AS x FROM d.s.t AS b QUALIFY row_number() OVER (ORDER BY b.x) = 1 ORDER BY x
      → SELECT a.x AS x FROM d.s.t AS a UNION SELECT __vl_1.__vl_2 AS x FROM (SELECT b.x AS __vl_2, row_number() OVER (ORDER BY b.x) AS __vl_3 FROM d.s.t AS b) AS __vl_1 WHERE __vl_1.__vl_3 = 1 ORDER BY x
    SELECT e.x AS x FROM (SELECT a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.y) = 1) AS e QUALIFY row_number() OVER (ORDER BY e.x) = 1
      → SELECT __vl_4.__vl_5 AS x FROM (SELECT e.x AS __vl_5, row_number() OVER (ORDER BY e.x) AS __vl_6 FROM (SELECT __vl_1.__vl_2 AS x FROM (SELECT a.x AS __vl_2, row_number() OVER (ORDER BY a.y) AS __vl_3 FROM d.s.t AS a) AS __vl_1 WHERE __vl_1.__vl_3 = 1) AS e) AS __vl_4 WHERE __vl_4.__vl_6 = 1
    WITH __vl_1 AS (SELECT a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.y) = 1) SELECT __vl_2.x AS x FROM __vl_1 AS __vl_2
      → WITH __vl_1 AS (SELECT __vl_3.__vl_4 AS x FROM (SELECT a.x AS __vl_4, row_number() OVER (ORDER BY a.y) AS __vl_5 FROM d.s.t AS a) AS __vl_3 WHERE __vl_3.__vl_5 = 1) SELECT __vl_2.x AS x FROM __vl_1 AS __vl_2
    SELECT row_number() OVER () AS n QUALIFY row_number() OVER () = 1
      → SELECT __vl_1.__vl_2 AS n FROM (SELECT row_number() OVER () AS __vl_2, row_number() OVER () AS __vl_3) AS __vl_1 WHERE __vl_1.__vl_3 = 1
    SELECT array_transform(a.l, v -> v + a.x) AS l FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.y) = 1
      → SELECT array_transform(__vl_1.__vl_2, v -> v + __vl_1.__vl_3) AS l FROM (SELECT a.l AS __vl_2, a.x AS __vl_3, row_number() OVER (ORDER BY a.y) AS __vl_4 FROM d.s.t AS a) AS __vl_1 WHERE __vl_1.__vl_4 = 1
    ");
    insta::assert_snapshot!(each(no_qualify, &[
        "SELECT a.x AS x FROM d.s.t AS a GROUP BY a.x QUALIFY row_number() OVER (ORDER BY a.x) = 1",
        "SELECT a.x AS x FROM d.s.t AS a GROUP BY ALL QUALIFY row_number() OVER (ORDER BY a.x) = 1",
        "SELECT sum(a.x) AS x, row_number() OVER () AS n FROM d.s.t AS a QUALIFY row_number() OVER () = 1",
        "SELECT sum(sum(a.x)) OVER () AS x FROM d.s.t AS a QUALIFY row_number() OVER () = 1",
        "SELECT nobody(a.x) AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1",
        "SELECT unnest(a.x) AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1",
        "SELECT DISTINCT ON (a.y) a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1",
        "SELECT a.x, b.x FROM d.s.t AS a CROSS JOIN d.s.t AS b QUALIFY row_number() OVER (ORDER BY a.x) = 1",
        "SELECT (SELECT max(b.x) FROM d.s.t AS b) AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1",
        "SELECT a.x AS x FROM d.s.t AS a WHERE EXISTS (SELECT 1 AS one FROM d.s.t AS b WHERE b.x = a.x QUALIFY row_number() OVER (ORDER BY b.x) = 1)",
        "SELECT a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1 ORDER BY sum(a.y) OVER (ORDER BY x)",
        "SELECT a.x AS x FROM d.s.t AS a QUALIFY a.x = 1",
    ]), @"
    SELECT a.x AS x FROM d.s.t AS a GROUP BY a.x QUALIFY row_number() OVER (ORDER BY a.x) = 1
      → stays
    SELECT a.x AS x FROM d.s.t AS a GROUP BY ALL QUALIFY row_number() OVER (ORDER BY a.x) = 1
      → stays
    SELECT sum(a.x) AS x, row_number() OVER () AS n FROM d.s.t AS a QUALIFY row_number() OVER () = 1
      → stays
    SELECT sum(sum(a.x)) OVER () AS x FROM d.s.t AS a QUALIFY row_number() OVER () = 1
      → stays
    SELECT nobody(a.x) AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1
      → stays
    SELECT unnest(a.x) AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1
      → stays
    SELECT DISTINCT ON (a.y) a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1
      → stays
    SELECT a.x, b.x FROM d.s.t AS a CROSS JOIN d.s.t AS b QUALIFY row_number() OVER (ORDER BY a.x) = 1
      → stays
    SELECT (SELECT max(b.x) FROM d.s.t AS b) AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1
      → stays
    SELECT a.x AS x FROM d.s.t AS a WHERE EXISTS (SELECT 1 AS one FROM d.s.t AS b WHERE b.x = a.x QUALIFY row_number() OVER (ORDER BY b.x) = 1)
      → stays
    SELECT a.x AS x FROM d.s.t AS a QUALIFY row_number() OVER (ORDER BY a.x) = 1 ORDER BY sum(a.y) OVER (ORDER BY x)
      → stays
    SELECT a.x AS x FROM d.s.t AS a QUALIFY a.x = 1
      → stays
    ");
}

/// Two tables with NULLs and doubles.
fn tables() -> BTreeMap<String, Table> {
    let table = |rows: &[[Option<i64>; 2]]| Table {
        columns: vec!["x".to_owned(), "y".to_owned()],
        rows: rows.iter().map(|row| row.to_vec()).collect(),
    };
    BTreeMap::from([
        ("t".to_owned(), table(&[[Some(1), Some(2)], [Some(2), None], [None, Some(2)]])),
        ("u".to_owned(), table(&[[Some(2), Some(1)], [Some(2), Some(0)], [Some(1), None]])),
    ])
}

/// Bytes that decide, and after the last one always the first way.
struct Dice<'a> {
    bytes: std::slice::Iter<'a, u8>,
    aliases: usize,
    ctes: usize,
}

impl<'a> Dice<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter(), aliases: 0, ctes: 0 }
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.bytes.next().map_or(0, |byte| usize::from(*byte) % sides)
    }

    fn pick<'p, T>(&mut self, from: &'p [T]) -> &'p T {
        &from[self.roll(from.len())]
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("a{}", self.aliases)
    }

    fn column(&mut self, aliases: &[String]) -> String {
        format!("{}.{}", self.pick(aliases), self.pick(&["x", "y"]))
    }

    fn base(&mut self) -> String {
        format!("d.s.{}", self.pick(&["t", "u"]))
    }

    fn condition(&mut self, aliases: &[String]) -> String {
        let (one, other) = (self.column(aliases), self.column(aliases));
        match self.roll(6) {
            0 | 1 => format!("{one} = {other}"),
            2 => format!("{one} < {other}"),
            3 => format!("{one} IS NULL"),
            4 => format!("({one} = {other} OR {one} = 2)"),
            _ => format!("NOT {one} = {other}"),
        }
    }

    fn conditions(&mut self, aliases: &[String]) -> String {
        let conditions: Vec<_> = (0..self.roll(4)).map(|_| self.condition(aliases)).collect();
        if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        }
    }
}

/// A query over a list of tables and joins.
fn listed(bytes: &[u8]) -> String {
    let mut dice = Dice::new(bytes);
    let mut aliases = Vec::new();
    let mut items = Vec::new();
    for _ in 0..dice.roll(3) + 1 {
        let mut own = vec![dice.alias()];
        let mut item = format!("{} AS {}", dice.base(), own[0]);
        for _ in 0..dice.roll(2) {
            let alias = dice.alias();
            own.push(alias.clone());
            let (join, base) = (*dice.pick(&["JOIN", "LEFT JOIN"]), dice.base());
            let condition = dice.condition(&own);
            let _ = write!(item, " {join} {base} AS {alias} ON {condition}");
        }
        aliases.append(&mut own);
        items.push(item);
    }
    let (one, other) = (dice.column(&aliases), dice.column(&aliases));
    format!(
        "SELECT {one} AS x, {other} AS y FROM {}{}",
        items.join(", "),
        dice.conditions(&aliases)
    )
}

/// A query with windows and QUALIFY, some of it over a division that may fail.
fn qualified(bytes: &[u8]) -> String {
    let mut dice = Dice::new(bytes);
    let aliases = vec![dice.alias(), dice.alias()];
    let window = |dice: &mut Dice<'_>| {
        let (one, two, three) =
            (dice.column(&aliases), dice.column(&aliases), dice.column(&aliases));
        match dice.roll(4) {
            0 => format!("row_number() OVER (PARTITION BY {one} ORDER BY {two})"),
            1 => format!("sum({one}) OVER (PARTITION BY {two})"),
            2 => format!("sum({one}) OVER (ORDER BY {two}, {three})"),
            _ => "count(*) OVER ()".to_owned(),
        }
    };
    let scalar = |dice: &mut Dice<'_>| {
        let (one, two) = (dice.column(&aliases), dice.column(&aliases));
        match dice.roll(5) {
            0 => window(dice),
            1 => format!("{one} / {two}"),
            2 => format!("abs({one}) + {}", window(dice)),
            3 => "7".to_owned(),
            _ => one,
        }
    };
    let outputs: Vec<_> =
        (0..dice.roll(3) + 1).map(|index| format!("{} AS o{index}", scalar(&mut dice))).collect();
    let distinct = *dice.pick(&["", "DISTINCT "]);
    let join = format!(
        "{} AS a1 LEFT JOIN {} AS a2 ON {}",
        dice.base(),
        dice.base(),
        dice.condition(&aliases)
    );
    let mut sql =
        format!("SELECT {distinct}{} FROM {join}{}", outputs.join(", "), dice.conditions(&aliases));
    let (compared, than) = (window(&mut dice), *dice.pick(&["< 3", "= 1", "> 1"]));
    let _ = write!(sql, " QUALIFY {compared} {than} AND {}", dice.condition(&aliases));
    let key = match dice.roll(4) {
        0 => "o0".to_owned(),
        1 => "o0 + 1".to_owned(),
        _ if !distinct.is_empty() => "o0".to_owned(),
        2 => dice.column(&aliases),
        _ => window(&mut dice),
    };
    let _ = write!(sql, " ORDER BY {key}{}", dice.pick(&["", " LIMIT 2"]));
    sql
}

/// A query with WITH in it at every place. `around` are the aliases of the queries around.
fn with(dice: &mut Dice<'_>, visible: &[String], around: &[String], depth: usize) -> String {
    let mut visible = visible.to_vec();
    let mut ctes = Vec::new();
    let more = |dice: &mut Dice<'_>, most| if depth < 3 { dice.roll(most) } else { 0 };
    for _ in 0..more(dice, 3) {
        let body = with(dice, &visible, around, depth + 1);
        dice.ctes += 1;
        let name = format!("c{}", dice.ctes);
        ctes.push(format!("{name} AS ({body})"));
        visible.push(name);
    }
    let mut own = Vec::new();
    let mut from = Vec::new();
    for _ in 0..dice.roll(2) + 1 {
        let relation = match dice.roll(3) {
            1 if !visible.is_empty() => dice.pick(&visible).clone(),
            2 if depth < 3 => format!("({})", with(dice, &visible, &[], depth + 1)),
            _ => dice.base(),
        };
        own.push(dice.alias());
        from.push(format!("{relation} AS {}", own[own.len() - 1]));
    }
    let all: Vec<_> = own.iter().chain(around).cloned().collect();
    let mut conditions = vec![dice.condition(&all)];
    if more(dice, 2) == 1 {
        conditions.push(format!("EXISTS ({})", with(dice, &visible, &all, depth + 1)));
    }
    let ctes = if ctes.is_empty() { String::new() } else { format!("WITH {} ", ctes.join(", ")) };
    let (one, other) = (dice.column(&own), dice.column(&own));
    let body = format!(
        "SELECT {one} AS x, {other} AS y FROM {} WHERE {} LIMIT 3",
        from.join(" CROSS JOIN "),
        conditions.join(" AND "),
    );
    format!("{ctes}{body}")
}

fn means_the_same(sql: &str, rewrite: fn(&mut Query)) -> Result<Query, TestCaseError> {
    let before = tree(sql);
    let mut after = before.clone();
    rewrite(&mut after);
    let tables = tables();
    prop_assert_eq!(run(&before, &tables), run(&after, &tables), "{}\n{}", sql, after);
    let once = after.clone();
    rewrite(&mut after);
    prop_assert_eq!(&once, &after, "{}", sql);
    Ok(once)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// The same rows in the same order, whatever the list and whatever is NULL.
    #[test]
    fn joined_lists_mean_the_same(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let sql = listed(&bytes);
        let after = means_the_same(&sql, join_commas)?;
        let SetExpr::Select(select) = &*after.body else { unreachable!("a SELECT") };
        prop_assert_eq!(select.from.len(), 1);
    }

    /// The same rows in the same order, and the same failures.
    #[test]
    fn queries_without_qualify_mean_the_same(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let sql = qualified(&bytes);
        let after = means_the_same(&sql, no_qualify)?;
        prop_assert!(!after.to_string().contains("QUALIFY"), "{}", after);
    }

    /// The same rows, and no WITH below the top that could be there.
    #[test]
    fn hoisted_ctes_mean_the_same(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        let sql = with(&mut Dice::new(&bytes), &[], &[], 0);
        let after = means_the_same(&sql, hoist_ctes)?;
        let mut nested = Vec::new();
        let mut inside = after.clone();
        let ctes = inside.with.take().into_iter().flat_map(|with| with.cte_tables);
        let mut queries: Vec<_> = ctes.map(|cte| *cte.query).collect();
        queries.push(inside);
        while let Some(mut query) = queries.pop() {
            if let Some(with) = query.with.take() {
                nested.extend(with.cte_tables);
            }
            super::nested::nested(&mut query, &mut |query| queries.push(query.clone()));
        }
        let stayed: BTreeSet<_> = nested.iter().map(|cte| cte.alias.name.value.clone()).collect();
        for cte in nested {
            let names = Names::of(&*cte.query);
            prop_assert!(names.is_correlated() || !names.ctes.is_disjoint(&stayed), "{}", after);
        }
    }
}

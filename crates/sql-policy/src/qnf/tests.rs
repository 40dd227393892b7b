use std::ops::ControlFlow;

use proptest::prelude::*;
use sqlparser::{
    ast::{AccessExpr, Expr, Ident, Query, TableFactor, Value, VisitorMut},
    dialect::{Dialect, DuckDbDialect, GenericDialect},
    parser::Parser,
};

use super::{check, column, plain_column};
use crate::visit::visit_mut;

/// A query in normal form from its text. Parentheses that only the text needs are taken out, and
/// the column before a subscript is put together.
#[track_caller]
pub(crate) fn parse(sql: &str) -> Box<Query> {
    struct Flatten;

    impl VisitorMut for Flatten {
        type Break = ();

        fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
            let keeps = |inner: &Expr| match inner {
                Expr::Value(value) => matches!(value.value, Value::Number(..)),
                inner => matches!(inner, Expr::Interval(_)),
            };
            if let Expr::Nested(inner) = expr
                && !keeps(inner)
            {
                let null = Box::new(Expr::Value(Value::Null.into()));
                *expr = *std::mem::replace(inner, null);
            }
            if let Expr::CompoundFieldAccess { root, access_chain } = expr
                && let Expr::Identifier(alias) = &**root
                && let Some(AccessExpr::Dot(Expr::Identifier(column))) = access_chain.first()
            {
                **root = Expr::CompoundIdentifier(vec![alias.clone(), column.clone()]);
                access_chain.remove(0);
            }
            ControlFlow::Continue(())
        }
    }

    // Of the two only the second knows lambdas, and only the first all the rest.
    let dialect: &dyn Dialect = if sql.contains("->") { &DuckDbDialect } else { &GenericDialect };
    let parser = Parser::new(dialect).with_recursion_limit(200);
    let mut query = parser.try_with_sql(sql).unwrap().parse_query().unwrap();
    let _: ControlFlow<()> = visit_mut(&mut query, &mut Flatten);
    query
}

/// What is wrong with a query, a line for each.
#[track_caller]
fn found(sql: &str) -> String {
    check(&parse(sql)).map_or_else(|found| found.join("\n"), |()| "nothing".to_owned())
}

#[track_caller]
fn each(texts: &[&str]) -> String {
    texts.iter().map(|sql| format!("{sql}\n    {}\n", found(sql).replace('\n', "\n    "))).collect()
}

const GOOD: &[&str] = &[
    "SELECT t.a AS a, sum(t.b) AS s FROM d.p.t AS t WHERE t.c > 1 GROUP BY t.a ORDER BY s",
    "SELECT t.a, u.a FROM d.p.t AS t JOIN d.p.u AS u ON t.k = u.k ORDER BY 2",
    "SELECT t.s.x AS x, t.l[1].y AS y, -(1) AS m, INTERVAL '1 day' AS i FROM d.p.t AS t",
    "SELECT x.a AS a FROM (SELECT t.a AS a FROM d.p.t AS t) AS x ORDER BY x.a",
    "SELECT x.p AS p FROM (SELECT t.a AS a, t.b AS b FROM d.p.t AS t) AS x (p, q)",
    "SELECT v.column1 AS a, w.k AS k FROM (VALUES (1, 2)) AS v, (VALUES (3)) AS w (k)",
    "WITH c AS (SELECT t.a AS a FROM d.p.t AS t) \
     SELECT x.a AS a, y.b AS b FROM c AS x JOIN c AS y (b) ON x.a = y.b",
    "WITH RECURSIVE r (n) AS (SELECT 1 AS one UNION ALL SELECT s.n + 1 AS m FROM r AS s \
     WHERE s.n < 9) SELECT q.n AS n FROM r AS q",
    "SELECT t.a AS a FROM d.p.t AS t WHERE EXISTS (SELECT 1 FROM d.p.u AS u WHERE u.k = t.k) \
     AND t.b IN (SELECT v.b FROM d.p.v AS v) AND t.c = (SELECT max(w.c) FROM d.p.w AS w)",
    "SELECT t.a AS a, x.b AS b FROM d.p.t AS t, LATERAL (SELECT u.b AS b FROM d.p.u AS u \
     WHERE u.k = t.k) AS x",
    "SELECT t.a AS a, e.v AS v FROM d.p.t AS t CROSS JOIN UNNEST(t.l) AS e (v)",
    "SELECT g.value AS v FROM generate_series(1, 3) AS g",
    "SELECT t.a AS a FROM d.p.t AS t UNION ALL SELECT u.b AS b FROM d.p.u AS u ORDER BY a LIMIT 1",
    "SELECT t.a AS a, t.b AS b FROM d.p.t AS t UNION ALL BY NAME SELECT u.b AS b, u.c AS c \
     FROM d.p.u AS u ORDER BY c",
    "SELECT t.a AS a, row_number() OVER (PARTITION BY t.b ORDER BY t.c) AS n FROM d.p.t AS t \
     QUALIFY row_number() OVER (PARTITION BY t.b ORDER BY t.c) = 1",
    "SELECT count(*) AS n, count(t.*) AS m, 7 AS seven FROM d.p.t AS t GROUP BY 3, (1)",
    "SELECT array_transform(t.l, x -> x + t.a) AS l FROM d.p.t AS t ORDER BY l, t.b",
    "SELECT t.a AS a FROM d.p.t AS t LEFT SEMI JOIN d.p.u AS u ON t.k = u.k",
    "SELECT u.a AS a FROM d.p.t AS t RIGHT ANTI JOIN d.p.u AS u ON t.k = u.k",
    "SELECT t.a AS a FROM (d.p.t AS t JOIN d.p.u AS u ON t.k = u.k) JOIN d.p.v AS v ON u.k = v.k",
    "SELECT DISTINCT t.a AS a FROM d.p.t AS t ORDER BY a + 1",
    "SELECT DISTINCT ON (t.a) t.b AS b FROM d.p.t AS t ORDER BY t.a, t.c",
    "SELECT t.\"A b\" AS \"A b\", t.\"select\" AS \"select\" FROM d.p.\"T\" AS t",
    "SELECT t.a AS a FROM d.p.t AS t ORDER BY (SELECT max(u.b) FROM d.p.u AS u WHERE u.k = a)",
    "SELECT (WITH c AS (SELECT u.a AS a FROM d.p.u AS u WHERE u.k = t.k) SELECT x.a FROM c AS x) \
     AS a FROM d.p.t AS t",
];

#[test]
fn queries_in_normal_form_are_accepted() {
    for sql in GOOD {
        assert_eq!(found(sql), "nothing", "{sql}");
    }
}

#[test]
fn names_of_relations_and_their_aliases_are_checked() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a AS a FROM p.t AS t",
        "SELECT t.a AS a FROM t AS t",
        "SELECT t.a AS a FROM d.p.t",
        "SELECT 1 AS a FROM (SELECT 1 AS a)",
        "SELECT t.a AS a FROM d.p.t AS t, d.p.u AS t",
        "SELECT t.a AS a FROM d.p.t AS t WHERE EXISTS (SELECT 1 FROM d.p.u AS t)",
        "WITH c AS (SELECT 1 AS a), c AS (SELECT 2 AS a) SELECT x.a AS a FROM c AS x",
        "WITH c AS (SELECT x.a AS a FROM c AS x) SELECT y.a AS a FROM c AS y",
        "WITH b AS (SELECT x.a AS a FROM c AS x), c AS (SELECT 1 AS a) SELECT y.a AS a FROM b AS y",
        "WITH RECURSIVE r AS (SELECT x.n AS n FROM r AS x UNION ALL SELECT y.n AS n FROM r AS y) \
         SELECT z.n AS n FROM r AS z",
        "SELECT x.a AS a FROM (WITH c AS (SELECT 1 AS a) SELECT y.a AS a FROM c AS y) AS x, c AS z",
        "SELECT t.a AS a FROM (d.p.t AS t JOIN d.p.u AS u ON true) AS j",
        "SELECT x.p AS p FROM (SELECT 1 AS a, 2 AS b) AS x (p)",
        "SELECT x.p AS p FROM (SELECT 1 AS a, 2 AS b) AS x (p, p)",
    ]));
}

#[test]
fn columns_name_an_alias_that_is_seen_and_has_them() {
    insta::assert_snapshot!(each(&[
        "SELECT a AS a FROM d.p.t AS t",
        "SELECT t.a AS a FROM d.p.t AS t WHERE b > 1",
        "SELECT x.a AS a FROM d.p.t AS t",
        "SELECT x.b AS b FROM (SELECT t.a AS a FROM d.p.t AS t) AS x",
        "SELECT x.a AS a FROM (SELECT t.a AS a FROM d.p.t AS t) AS x (b)",
        "SELECT t.a AS a FROM d.p.t AS t (b, c)",
        "SELECT v.column3 AS a FROM (VALUES (1, 2)) AS v",
        "WITH c (b) AS (SELECT t.a AS a FROM d.p.t AS t) SELECT x.a AS a FROM c AS x",
        "SELECT x.b AS b FROM (SELECT t.a AS a FROM d.p.t AS t UNION SELECT u.b AS b \
         FROM d.p.u AS u) AS x",
        "SELECT t.a AS a FROM d.p.t AS t JOIN d.p.u AS u ON t.k = v.k JOIN d.p.v AS v ON true",
        "SELECT t.a AS a FROM d.p.t AS t, d.p.u AS u JOIN d.p.v AS v ON v.k = t.k",
        "SELECT t.a AS a FROM d.p.t AS t, (SELECT u.b AS b FROM d.p.u AS u WHERE u.k = t.k) AS x",
        "SELECT e.v AS v FROM UNNEST(t.l) AS e (v), d.p.t AS t",
        "SELECT u.a AS a FROM d.p.t AS t LEFT SEMI JOIN d.p.u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM d.p.t AS t RIGHT SEMI JOIN d.p.u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM d.p.t AS t WHERE EXISTS (SELECT 1 FROM d.p.u AS u) AND u.k = 1",
        "SELECT t.a AS a FROM d.p.t AS t UNION ALL SELECT t.a AS a FROM d.p.u AS u",
        "SELECT t.a AS a FROM d.p.t AS t LIMIT t.b",
        "SELECT count(x.*) AS n FROM d.p.t AS t",
        "SELECT array_transform(t.l, x -> y + 1) AS l FROM d.p.t AS t WHERE x = 1",
    ]));
}

#[test]
fn what_the_normal_form_has_no_more_is_found() {
    insta::assert_snapshot!(each(&[
        "SELECT * FROM d.p.t AS t",
        "SELECT t.* FROM d.p.t AS t",
        "SELECT t.a AS a FROM d.p.t AS t JOIN d.p.u AS u USING (a)",
        "SELECT t.a AS a FROM d.p.t AS t NATURAL JOIN d.p.u AS u",
        "SELECT t.a AS a FROM d.p.t AS t SEMI JOIN d.p.u AS u ON t.a = u.a",
        "SELECT sum(t.a) OVER w AS s FROM d.p.t AS t WINDOW w AS (ORDER BY t.b)",
        "SELECT sum(t.a) OVER (w ORDER BY t.b) AS s FROM d.p.t AS t",
        "SELECT (1) + t.a AS a FROM d.p.t AS t",
        "FROM d.p.t AS t SELECT t.a AS a",
        "SELECT t.a AS a FROM d.p.t AS t FETCH FIRST 1 ROW ONLY",
        "SELECT TOP 1 t.a AS a FROM d.p.t AS t",
        "SELECT t.a AS a FROM d.p.t AS t GROUP BY t.a WITH ROLLUP",
        "SELECT t.a AS a FROM d.p.t AS t FOR UPDATE",
        "SELECT t.a AS a FROM d.p.t AS t MINUS SELECT u.a AS a FROM d.p.u AS u",
        "SELECT t.A AS a, t.\"b\" AS b, t.c AS C, SUM(t.d) AS d FROM d.p.t AS t",
        "SELECT t.a AS a FROM d.P.t AS t",
    ]));
}

#[test]
fn outputs_have_names_of_their_own() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a FROM d.p.t AS t",
        "SELECT t.a + 1 FROM d.p.t AS t",
        "SELECT t.a AS x, t.b AS x FROM d.p.t AS t",
        "SELECT t.a, t.b AS a FROM d.p.t AS t",
        "SELECT x.a AS a FROM (SELECT t.a, u.a FROM d.p.t AS t, d.p.u AS u) AS x",
        "SELECT t.a AS a FROM d.p.t AS t WHERE t.b IN (SELECT u.b AS x, u.c AS x FROM d.p.u AS u)",
        "SELECT 1 AS a, 2 AS b UNION ALL SELECT 3 AS a",
    ]));
}

#[test]
fn names_alone_and_positions_stand_in_order_by_where_they_mean_an_output() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a AS a FROM d.p.t AS t ORDER BY b",
        "SELECT t.a AS a FROM d.p.t AS t ORDER BY 1",
        "SELECT t.a, u.a FROM d.p.t AS t, d.p.u AS u ORDER BY 3",
        "SELECT t.a AS a FROM d.p.t AS t ORDER BY u.b",
        "SELECT DISTINCT t.a AS a FROM d.p.t AS t ORDER BY t.a",
        "SELECT t.a AS a FROM d.p.t AS t UNION SELECT u.a AS a FROM d.p.u AS u ORDER BY u.a",
        "SELECT t.a AS a FROM d.p.t AS t GROUP BY 1",
        "SELECT t.a AS a FROM d.p.t AS t GROUP BY a",
        "SELECT t.a AS a, sum(t.b) OVER (ORDER BY a) AS s FROM d.p.t AS t",
        "SELECT t.a AS a FROM d.p.t AS t HAVING a > 1",
    ]));
}

#[test]
fn both_forms_of_a_column_are_recognised() {
    let of = |sql: &str| {
        let expr = Parser::new(&GenericDialect).try_with_sql(sql).unwrap().parse_expr().unwrap();
        let name = |found: Option<(&Ident, &Ident)>| found.map(|(a, c)| format!("{a}.{c}"));
        (name(column(&expr)), name(plain_column(&expr)))
    };
    assert_eq!(of("t.a"), (Some("t.a".into()), Some("t.a".into())));
    assert_eq!(of("t.a.f"), (Some("t.a".into()), None));
    assert_eq!(of("t.a + 1"), (None, None));
    assert_eq!(of("a"), (None, None));
}

/// One change to the names of a query, at the place with a number.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Another alias before a column.
    ReferenceAlias,
    /// No alias before a column.
    ReferenceAlone,
    /// A column that the source does not have; base relations have any.
    ReferenceColumn,
    /// Another alias at a relation.
    SourceAlias,
    /// No alias at a relation.
    SourceAlone,
    /// Parentheses.
    Parentheses,
}

struct Mutator {
    change: Change,
    /// Places to pass before the change.
    left: usize,
    done: bool,
}

impl Mutator {
    fn here(&mut self) -> bool {
        if self.done {
            return false;
        }
        self.done = self.left == 0;
        self.left = self.left.saturating_sub(1);
        self.done
    }
}

impl VisitorMut for Mutator {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        let (TableFactor::Table { alias, .. }
        | TableFactor::Derived { alias, .. }
        | TableFactor::UNNEST { alias, .. }) = factor
        else {
            return ControlFlow::Continue(());
        };
        let change = self.change;
        match change {
            Change::SourceAlias if self.here() => {
                alias.as_mut().unwrap().name = Ident::new("other");
            }
            Change::SourceAlone if self.here() => *alias = None,
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if let Expr::CompoundIdentifier(names) = expr {
            let change = self.change;
            match change {
                Change::ReferenceAlias if self.here() => names[0] = Ident::new("other"),
                Change::ReferenceAlone if self.here() => {
                    *expr = Expr::Identifier(Ident::new("other"));
                }
                Change::ReferenceColumn
                    if !["t", "u", "v", "w", "g"].contains(&names[0].value.as_str())
                        && self.here() =>
                {
                    names[1] = Ident::new("other");
                }
                Change::Parentheses if self.here() => {
                    *expr = Expr::Nested(Box::new(expr.clone()));
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }
}

proptest! {
    /// Whatever name of a good query is changed, it is found.
    #[test]
    fn changed_names_are_found(
        query in prop::sample::select(GOOD),
        change in prop::sample::select(vec![
            Change::ReferenceAlias,
            Change::ReferenceAlone,
            Change::ReferenceColumn,
            Change::SourceAlias,
            Change::SourceAlone,
            Change::Parentheses,
        ]),
        left in 0_usize..9,
    ) {
        let mut changed = parse(query);
        let mut mutator = Mutator { change, left, done: false };
        let _: ControlFlow<()> = visit_mut(&mut changed, &mut mutator);
        let read = !matches!(change, Change::SourceAlias) || reads_all_sources(query);
        prop_assume!(mutator.done && read);
        prop_assert!(check(&changed).is_err(), "{changed}");
    }
}

/// Whether each relation of the query has a column that is read.
fn reads_all_sources(sql: &str) -> bool {
    let unread = ["generate_series", "v (k)", "SEMI JOIN", "ANTI JOIN"];
    !unread.iter().any(|text| sql.contains(text))
}

mod rows;

use std::collections::BTreeSet;

use insta::assert_snapshot;
use proptest::{prelude::*, sample::select};
use sqlparser::{dialect::GenericDialect, parser::Parser};
use viewlane_core::{FunctionFacts, FunctionKind};

use super::*;
use crate::fixtures::Known;

#[derive(Debug)]
struct Functions;

impl FunctionSource for Functions {
    fn facts(&self, name: &str) -> Option<FunctionFacts> {
        match name {
            "split" => Some(FunctionFacts {
                name: name.to_owned(),
                kind: FunctionKind::Scalar,
                volatility: Volatility::Immutable,
            }),
            name => Known.facts(name),
        }
    }
}

fn parse(sql: &str) -> Query {
    *Parser::new(&GenericDialect).try_with_sql(sql).unwrap().parse_query().unwrap()
}

/// The query as it is lowered. It gives the same rows, and is not lowered again.
#[track_caller]
fn check(sql: &str) -> String {
    let before = parse(sql);
    let mut after = before.clone();
    lower(&mut after, &Functions);
    let once = after.clone();
    lower(&mut after, &Functions);
    assert_eq!(after, once);
    assert_eq!(rows::of(&after), rows::of(&before), "{before}\n{after}");
    after.to_string()
}

/// Says that a query stays as it is.
#[track_caller]
fn stays(sql: &str) {
    let mut query = parse(sql);
    lower(&mut query, &Functions);
    assert_eq!(query, parse(sql), "{query}");
}

#[test]
fn a_table_unnests_its_own_list() {
    assert_snapshot!(
        check("SELECT t.k AS k, u.x AS x FROM c.s.a AS t, UNNEST(t.l) AS u(x) WHERE u.x > 1"),
        @"SELECT t.k AS k, t.x AS x FROM (SELECT t_1.k AS k, unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t WHERE t.x > 1"
    );
    assert_snapshot!(
        check("SELECT t.k AS k, u.x AS x FROM c.s.a AS t CROSS JOIN UNNEST(t.l) AS u(x)"),
        @"SELECT t.k AS k, t.x AS x FROM (SELECT t_1.k AS k, unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t"
    );
    assert_snapshot!(
        check("SELECT t.k AS k, u.x AS x FROM c.s.a AS t JOIN UNNEST(t.l) AS u(x) ON true"),
        @"SELECT t.k AS k, t.x AS x FROM (SELECT t_1.k AS k, unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t"
    );
}

#[test]
fn only_what_is_read_is_handed_on() {
    assert_snapshot!(
        check("SELECT u.x AS x FROM c.s.a AS t, UNNEST(t.l) AS u(x)"),
        @"SELECT t.x AS x FROM (SELECT unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t"
    );
    assert_snapshot!(
        check(
            "SELECT u.x AS x, (SELECT max(b.k) FROM c.s.b AS b WHERE b.k = t.k) AS m \
             FROM c.s.a AS t, UNNEST(t.l) AS u(x) ORDER BY t.j"
        ).split_once(" ORDER").unwrap().0,
        @"SELECT t.x AS x, (SELECT max(b.k) FROM c.s.b AS b WHERE b.k = t.k) AS m FROM (SELECT t_1.j AS j, t_1.k AS k, unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t"
    );
}

#[test]
fn a_condition_moves_to_where() {
    assert_snapshot!(
        check(
            "SELECT t.k AS k, u.x AS x FROM c.s.a AS t JOIN UNNEST(t.l) AS u(x) ON u.x = t.k \
             WHERE t.k > 0"
        ),
        @"SELECT t.k AS k, t.x AS x FROM (SELECT t_1.k AS k, unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t WHERE t.x = t.k AND t.k > 0"
    );
}

#[test]
fn left_join_keeps_rows_without_elements() {
    assert_snapshot!(
        check("SELECT t.k AS k, u.x AS x FROM c.s.a AS t LEFT JOIN UNNEST(t.l) AS u(x) ON true"),
        @"SELECT t.k AS k, t.x AS x FROM (SELECT t_1.k AS k, unnest_outer(t_1.l) AS x FROM c.s.a AS t_1) AS t"
    );
}

#[test]
fn several_lists_are_unnested_side_by_side_or_one_after_the_other() {
    assert_snapshot!(
        check("SELECT u.x AS x, u.y AS y FROM c.s.a AS t, UNNEST(t.l, t.m) AS u(x, y)"),
        @"SELECT t.x AS x, t.y AS y FROM (SELECT unnest(t_1.l) AS x, unnest(t_1.m) AS y FROM c.s.a AS t_1) AS t"
    );
    assert_snapshot!(
        check("SELECT u.x AS x, v.y AS y FROM c.s.a AS t, UNNEST(t.l) AS u(x), UNNEST(t.m) AS v(y)"),
        @"SELECT t.x AS x, t.y AS y FROM (SELECT t_2.x AS x, unnest(t_2.m) AS y FROM (SELECT t_1.m AS m, unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t_2) AS t"
    );
    assert_snapshot!(
        check("SELECT v.y AS y FROM c.s.a AS t, UNNEST(t.n) AS u(x), UNNEST(u.x) AS v(y)"),
        @"SELECT t.y AS y FROM (SELECT unnest(t_2.x) AS y FROM (SELECT unnest(t_1.n) AS x FROM c.s.a AS t_1) AS t_2) AS t"
    );
}

#[test]
fn names_do_not_meet() {
    assert_snapshot!(
        check(
            "SELECT t.k AS k, u.k AS x, t_1.k AS z FROM c.s.a AS t, c.s.b AS t_1, \
             UNNEST(t.l) AS u(k)"
        ),
        @"SELECT t.k AS k, t.k_1 AS x, t_1.k AS z FROM (SELECT t_2.k AS k, unnest(t_2.l) AS k_1 FROM c.s.a AS t_2) AS t, c.s.b AS t_1"
    );
    assert_snapshot!(
        check(r#"SELECT "T u"."K" AS k, u."K" AS x FROM c.s.q AS "T u", UNNEST("T u".l) AS u("K")"#),
        @"SELECT \"T u\".\"K\" AS k, \"T u\".\"K_1\" AS x FROM (SELECT \"T u_1\".\"K\" AS \"K\", unnest(\"T u_1\".l) AS \"K_1\" FROM c.s.q AS \"T u_1\") AS \"T u\""
    );
    assert_snapshot!(
        check("SELECT t.k, u.x FROM c.s.a AS t, UNNEST(t.l) AS u(x)"),
        @"SELECT t.k, t.x FROM (SELECT t_1.k AS k, unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t"
    );
    // The outputs are both called `k`.
    stays("SELECT t.k, u.k FROM c.s.a AS t, UNNEST(t.l) AS u(k)");
}

#[test]
fn the_list_may_be_computed_and_the_table_may_be_any() {
    for sql in [
        "SELECT u.x AS x FROM (SELECT b.l AS l FROM c.s.b AS b) AS t, UNNEST(t.l) AS u(x)",
        "WITH w AS (SELECT b.l AS l FROM c.s.b AS b) SELECT u.x AS x FROM w AS t, UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t(p, q), UNNEST(t.q) AS u(x)",
        "SELECT u.x.f AS x FROM c.s.a AS t, UNNEST(split(t.s.f, t.k)) AS u(x)",
    ] {
        let mut query = parse(sql);
        lower(&mut query, &Functions);
        assert_ne!(query, parse(sql), "{sql}");
    }
    let mut query =
        parse("SELECT u.x.f AS x FROM c.s.a AS t(k, s), UNNEST(split(t.s.f, t.k)) AS u(x)");
    lower(&mut query, &Functions);
    assert_snapshot!(query, @"SELECT t.x.f AS x FROM (SELECT unnest(split(t_1.s.f, t_1.k)) AS x FROM c.s.a AS t_1 (k, s)) AS t");
}

#[test]
fn unnesting_moves_through_joins_that_keep_rows() {
    assert_snapshot!(
        check(
            "SELECT t.k AS k, b.k AS b, u.x AS x FROM c.s.b AS d JOIN c.s.a AS t ON t.k = d.k \
             LEFT JOIN c.s.b AS b ON b.k = t.k CROSS JOIN UNNEST(t.l) AS u(x) \
             RIGHT JOIN c.s.b AS e ON e.k = u.x"
        ),
        @"SELECT t.k AS k, b.k AS b, t.x AS x FROM c.s.b AS d JOIN (SELECT t_1.k AS k, unnest(t_1.l) AS x FROM c.s.a AS t_1) AS t ON t.k = d.k LEFT JOIN c.s.b AS b ON b.k = t.k RIGHT JOIN c.s.b AS e ON e.k = t.x"
    );
}

#[test]
fn what_does_not_fit_stays() {
    for sql in [
        "SELECT u.x AS x FROM UNNEST([1, 2]) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST([1, 2]) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST(t.l) AS u",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST(t.l, t.m) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, c.s.b AS b, UNNEST(f(t.l, b.l)) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST(unnest(t.n)) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST((SELECT t.l AS l)) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t LEFT JOIN UNNEST(t.l) AS u(x) ON u.x = 1",
        "SELECT u.x AS x FROM c.s.a AS t LEFT SEMI JOIN UNNEST(t.l) AS u(x) ON true",
        "SELECT u.x AS x FROM c.s.b AS b LEFT JOIN c.s.a AS t ON true, UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.b AS b LEFT JOIN c.s.a AS t ON true CROSS JOIN UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t RIGHT JOIN c.s.b AS b ON true CROSS JOIN UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t FULL JOIN c.s.b AS b ON true, UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t JOIN UNNEST(t.l) AS u(x) ON u.x = 1 RIGHT JOIN c.s.b AS b ON true",
        "SELECT u.x AS x FROM c.s.a AS t, c.s.b AS b CROSS JOIN UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST(t.l) AS u(x) CROSS JOIN c.s.b AS b",
        "SELECT u.x AS x FROM (c.s.a AS t CROSS JOIN c.s.b AS b), UNNEST(t.l) AS u(x)",
        "SELECT t.k AS k FROM c.s.a AS t WHERE EXISTS (SELECT 1 AS x FROM UNNEST(t.l) AS u(x))",
        "SELECT u.x AS x FROM c.s.b AS b, LATERAL (SELECT b.l AS l) AS t, UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM range(1, 2) AS t(l), UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST(t.l) WITH OFFSET AS u(x)",
        "SELECT u.x AS x FROM c.s.b AS b CROSS JOIN UNNEST(t.l) AS u(x) CROSS JOIN c.s.b AS d CROSS JOIN c.s.a AS t",
        "SELECT u.x AS x FROM UNNEST(t.l) AS u(x), c.s.a AS t",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST(split(t.l, random())) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, UNNEST(unheard_of(t.l)) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t JOIN c.s.b AS b ON random() < 0.5, UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t JOIN UNNEST(t.l) AS u(x) ON random() < 0.5",
        "SELECT u.x AS x FROM c.s.a AS t CROSS JOIN LATERAL (SELECT t.k AS k) AS d CROSS JOIN UNNEST(t.l) AS u(x)",
        "SELECT u.x AS x FROM c.s.a AS t, LATERAL (SELECT t.k AS k) AS d, UNNEST(t.l) AS u(x)",
    ] {
        stays(sql);
    }
}

#[test]
fn every_select_is_lowered() {
    assert_snapshot!(
        check(
            "SELECT d.x AS x FROM (SELECT u.x AS x FROM c.s.a AS t, UNNEST(t.n) AS u(x)) AS d, \
             UNNEST(d.x) AS v(y)"
        ),
        @"SELECT d.x AS x FROM (SELECT d_1.x AS x, unnest(d_1.x) AS y FROM (SELECT t.x AS x FROM (SELECT unnest(t_1.n) AS x FROM c.s.a AS t_1) AS t) AS d_1) AS d"
    );
    let mut query = parse(
        "SELECT t.k AS k FROM c.s.a AS t WHERE t.k IN \
         (SELECT u.x AS x FROM c.s.b AS b, UNNEST(b.l) AS u(x) WHERE b.k = t.k AND u.x > 1)",
    );
    lower(&mut query, &Functions);
    assert_snapshot!(query, @"SELECT t.k AS k FROM c.s.a AS t WHERE t.k IN (SELECT b.x AS x FROM (SELECT b_1.k AS k, unnest(b_1.l) AS x FROM c.s.b AS b_1) AS b WHERE b.k = t.k AND b.x > 1)");
}

#[test]
fn long_lists_do_not_overflow_the_stack() {
    let list = vec!["t.l"; 10_000].join(" || ");
    let sql = format!("SELECT u.x AS x FROM c.s.a AS t, UNNEST({list}) AS u(x)");
    let size = crate::room::Size { height: 10_010, queries: 3 };
    size.dropping(|| {
        let mut query = crate::room::parsing(40_000, 100, || parse(&sql));
        lower(&mut query, &Functions);
        let mut names = Names::default();
        let _: ControlFlow<()> = visit(&query, &mut names);
        assert!(!names.unnests);
    });
}

const KINDS: &[&str] = &[
    "CROSS JOIN",
    "JOIN",
    "LEFT JOIN",
    "RIGHT JOIN",
    "FULL JOIN",
    "LEFT SEMI JOIN",
    "LEFT ANTI JOIN",
    ",",
];

/// FROM clauses of tables and UNNESTs, and what is selected of them.
fn queries() -> impl Strategy<Value = String> {
    let step = (select(KINDS), any::<bool>(), any::<[u8; 6]>());
    (any::<bool>(), proptest::collection::vec(step, 1..6)).prop_map(|(named, steps)| {
        let mut from = "c.s.a AS t0".to_owned();
        // What may be read, as a number, as a list and as a list of lists.
        let mut numbers = vec!["t0.k".to_owned()];
        let mut lists = vec!["t0.l".to_owned(), "t0.m".to_owned()];
        let mut nested = vec!["t0.n".to_owned()];
        let pick = |of: &[String], die: u8| of[usize::from(die) % of.len()].clone();
        let mut item = numbers.clone();
        for (number, (kind, unnest, dice)) in steps.into_iter().enumerate() {
            let kind = match kind {
                "RIGHT JOIN" | "FULL JOIN" if unnest => "CROSS JOIN",
                kind => kind,
            };
            if kind == "," {
                item.clear();
            }
            let (factor, reads, gives, inner) = if unnest {
                let alias = format!("u{number}");
                match dice[0] % 4 {
                    0 => (
                        format!("UNNEST({}) AS {alias}(x)", pick(&nested, dice[1])),
                        format!("{alias}.x"),
                        vec![format!("{alias}.x")],
                        vec![],
                    ),
                    1 => (
                        format!(
                            "UNNEST({}, {}) AS {alias}(x, k)",
                            pick(&lists, dice[1]),
                            pick(&lists, dice[2])
                        ),
                        format!("{alias}.k"),
                        vec![],
                        vec![],
                    ),
                    _ => (
                        format!("UNNEST({}) AS {alias}(k)", pick(&lists, dice[1])),
                        format!("{alias}.k"),
                        vec![],
                        vec![],
                    ),
                }
            } else {
                let (alias, table) =
                    (format!("t{}", number + 1), ["a", "b"][usize::from(dice[0] % 2)]);
                (
                    format!("c.s.{table} AS {alias}"),
                    format!("{alias}.k"),
                    vec![format!("{alias}.l"), format!("{alias}.m")],
                    vec![format!("{alias}.n")],
                )
            };
            let is_number = reads.ends_with(".k");
            let on = match dice[3] % 3 {
                0 if is_number && !item.is_empty() => format!("{reads} = {}", pick(&item, dice[4])),
                1 if is_number => format!("{reads} = {}", dice[4] % 3),
                _ => "true".to_owned(),
            };
            match kind {
                "," => from = format!("{from}, {factor}"),
                "CROSS JOIN" => from = format!("{from} CROSS JOIN {factor}"),
                kind => from = format!("{from} {kind} {factor} ON {on}"),
            }
            if !matches!(kind, "LEFT SEMI JOIN" | "LEFT ANTI JOIN") {
                if is_number {
                    numbers.push(reads.clone());
                    item.push(reads);
                }
                lists.extend(gives);
                nested.extend(inner);
            }
        }
        let items: Vec<_> = numbers
            .iter()
            .enumerate()
            .map(
                |(place, number)| {
                    if named { format!("{number} AS o{place}") } else { number.clone() }
                },
            )
            .collect();
        format!(
            "SELECT {} FROM {from} WHERE {} IS NULL OR t0.k > 0",
            items.join(", "),
            pick(&numbers, 1)
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The same rows, under the same names, and nothing is read that is not there.
    #[test]
    fn lowering_changes_no_row(sql in queries()) {
        let before = parse(&sql);
        let mut after = before.clone();
        lower(&mut after, &Functions);
        prop_assert_eq!(rows::of(&after), rows::of(&before), "{}\n{}", before, after);
        let once = after.clone();
        lower(&mut after, &Functions);
        prop_assert_eq!(&after, &once);

        let mut aliases = Aliases::default();
        let _: ControlFlow<()> = visit(&after, &mut aliases);
        prop_assert!(aliases.unique, "{}", after);
    }
}

#[derive(Default)]
struct Aliases {
    seen: BTreeSet<String>,
    unique: bool,
}

impl Visitor for Aliases {
    type Break = ();

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let new = alias(factor).is_some_and(|alias| self.seen.insert(alias.name.value.clone()));
        self.unique = new && (self.unique || self.seen.len() == 1);
        if self.unique { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

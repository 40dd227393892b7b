//! The walk passes each node a bounded number of times, in room of any size.

use super::super::encode::{Names, Room};
use super::super::*;
use super::support::{Compiled, in_room, unshaped};

/// Knows no names, to count nodes only.
struct Nameless;

impl Names for Nameless {
    fn source(&mut self, _: &str, _: Option<&str>, _: &mut Vec<u8>) -> bool {
        false
    }

    fn common(&mut self, _: &str, _: &mut Vec<u8>) -> bool {
        false
    }

    fn whole(&mut self, _: &str, _: &mut Vec<u8>) {}

    fn own(&mut self, _: &str, _: &str) {}

    fn clash(&mut self) {}

    fn own_column(&mut self, _: &str, _: &str, _: &mut Vec<u8>) {}

    fn output(&mut self, _: &str, _: &mut Vec<u8>) -> bool {
        false
    }
}

fn nodes(compiled: &Compiled) -> usize {
    let mut room = Room::default();
    room.encode(&mut Nameless, &compiled.query);
    room.visited
}

/// Compares two queries on a stack as small as any, and says how often it passed a node.
fn ratio(old: &str, new: &str, expected: &str) -> (usize, f64) {
    in_room(|| {
        let (old, new) = (unshaped(old), unshaped(new));
        let all = nodes(&old) + nodes(&new);
        let (diff, visited) = std::thread::scope(|scope| {
            scope.spawn(|| counted(&old.side(), &new.side())).join().expect("enough stack")
        });
        assert_eq!(diff.category.as_str(), expected, "{:?}", diff.reasons.first());
        (all, visited as f64 / all as f64)
    })
}

fn list(count: usize, separator: &str, item: impl Fn(usize) -> String) -> String {
    (0..count).map(item).collect::<Vec<_>>().join(separator)
}

/// A family of queries: one of a size, an edit of it, and what the edit is.
struct Family {
    name: &'static str,
    size: usize,
    sql: fn(usize, bool) -> String,
    expected: &'static str,
}

const FAMILIES: &[Family] = &[
    Family {
        name: "conditions",
        size: 700,
        sql: |size, edited| {
            let last = if edited { " AND t.z = 1" } else { "" };
            let all = list(size, " AND ", |place| format!("t.c{place} > {place}"));
            format!("SELECT t.a AS a FROM #t AS t WHERE {all}{last}")
        },
        expected: "row_set_breaking",
    },
    Family {
        name: "a sum",
        size: 1000,
        sql: |size, edited| {
            let first = if edited { "1 + " } else { "" };
            let all = list(size, " + ", |place| format!("t.c{place}"));
            format!("SELECT t.a AS a, {first}{all} AS x FROM #t AS t")
        },
        expected: "column_breaking",
    },
    Family {
        name: "alternatives",
        size: 700,
        sql: |size, edited| {
            let last = if edited { " OR t.z = 1" } else { "" };
            let all = list(size, " OR ", |place| format!("t.c{place} > {place}"));
            format!("SELECT t.a AS a FROM #t AS t WHERE t.a = 1 AND (t.b = 2 OR {all}{last})")
        },
        expected: "row_set_breaking",
    },
    Family {
        name: "outputs",
        size: 900,
        sql: |size, edited| {
            let first = if edited { "1 AS one, " } else { "" };
            let all = list(size, ", ", |place| format!("t.c{place} AS c{place}"));
            format!("SELECT {first}{all} FROM #t AS t")
        },
        expected: "additive",
    },
    Family {
        name: "a chain of common table expressions, the first of which changed in all columns",
        size: 60,
        sql: |size, edited| {
            let added = if edited { 2 } else { 1 };
            let first = list(10, ", ", |place| format!("t.c{place} + {added} AS c{place}"));
            let rest = (1..size).map(|link| {
                let columns = list(10, ", ", |place| format!("s{link}.c{place} AS c{place}"));
                format!(", q{link} AS (SELECT {columns} FROM q{} AS s{link})", link - 1)
            });
            let rest: String = rest.collect();
            let columns = list(10, ", ", |place| format!("z.c{place} AS c{place}"));
            format!(
                "WITH q0 AS (SELECT {first} FROM #t AS t){rest} SELECT {columns} FROM q{} AS z",
                size - 1
            )
        },
        expected: "column_breaking",
    },
    Family {
        name: "derived tables in derived tables",
        size: 120,
        sql: |size, edited| {
            let leaf = if edited { "t.a + 1" } else { "t.a" };
            let leaf = format!("SELECT {leaf} AS a, t.b AS b FROM #t AS t");
            (0..size).fold(leaf, |inner, level| {
                format!("SELECT q{level}.a AS a, q{level}.b AS b FROM ({inner}) AS q{level}")
            })
        },
        expected: "column_breaking",
    },
    Family {
        name: "branches",
        size: 300,
        sql: |size, edited| {
            let last = if edited { "u.b" } else { "u.a" };
            let all = list(size, " UNION ALL ", |branch| {
                format!("SELECT t{branch}.a AS a FROM #t{branch} AS t{branch}")
            });
            format!("{all} UNION ALL SELECT {last} AS a FROM #u AS u")
        },
        expected: "column_breaking",
    },
    Family {
        name: "branches in parentheses to the right",
        size: 100,
        sql: |size, edited| {
            let last = if edited { "u.b" } else { "u.a" };
            (0..size).fold(format!("SELECT {last} AS a FROM #u AS u"), |inner, branch| {
                format!("SELECT t{branch}.a AS a FROM #t AS t{branch} EXCEPT ({inner})")
            })
        },
        expected: "row_set_breaking",
    },
    Family {
        name: "joins",
        size: 250,
        sql: |size, edited| {
            let first = if edited { ", t.b AS b" } else { "" };
            let all =
                list(size, " ", |join| format!("LEFT JOIN #u{join} AS u{join} ON u{join}.k = t.k"));
            format!("SELECT t.a AS a{first} FROM #t AS t {all}")
        },
        expected: "additive",
    },
    Family {
        name: "items of one table in another order",
        size: 250,
        sql: |size, edited| {
            let all = list(size, ", ", |item| {
                let item = if edited { size - 1 - item } else { item };
                format!("#u{} AS u{item}", item % 3)
            });
            format!("SELECT u0.a AS a FROM {all}")
        },
        expected: "column_breaking",
    },
    Family {
        name: "a wide common table expression that is read in many places",
        size: 200,
        sql: |size, edited| {
            let added = if edited { " + 1" } else { "" };
            let columns = list(size, ", ", |place| format!("t.c{place} AS c{place}"));
            let reads = list(size, ", ", |item| format!("x AS s{item}"));
            let outputs = list(size, ", ", |item| format!("s{item}.c{item} AS o{item}"));
            format!(
                "WITH x AS (SELECT {columns}, t.z{added} AS z FROM #t AS t) \
                 SELECT {outputs}, s0.z AS z FROM {reads}"
            )
        },
        expected: "column_breaking",
    },
    Family {
        name: "a common table expression that many subqueries read",
        size: 150,
        sql: |size, edited| {
            let added = if edited { " + 1" } else { "" };
            let outputs = list(size, ", ", |item| {
                format!("(SELECT max(s{item}.a) FROM x AS s{item}) AS o{item}")
            });
            format!(
                "WITH x AS (SELECT t.a AS a, t.z{added} AS z FROM #t AS t) \
                 SELECT {outputs}, q.z AS z FROM x AS q"
            )
        },
        expected: "column_breaking",
    },
    Family {
        name: "lateral queries, each of which reads the one before",
        size: 80,
        sql: |size, edited| {
            let added = if edited { " + 1" } else { "" };
            let all = list(size, "", |item| {
                let before = if item == 0 { "t".to_owned() } else { format!("l{}", item - 1) };
                format!(
                    " CROSS JOIN LATERAL (SELECT u{item}.a + {before}.a AS a FROM #u AS u{item}) \
                     AS l{item}"
                )
            });
            format!("SELECT l{}.a AS a, t.b{added} AS b FROM #t AS t{all}", size - 1)
        },
        expected: "column_breaking",
    },
    Family {
        name: "parentheses in FROM",
        size: 70,
        sql: |size, edited| {
            let last = if edited { "t.b" } else { "t.a" };
            let from = (0..size).fold("#t AS t".to_owned(), |inner, level| {
                format!("#u AS u{level} LEFT JOIN ({inner}) ON u{level}.k = t.k")
            });
            format!("SELECT {last} AS a FROM {from}")
        },
        expected: "column_breaking",
    },
];

#[test]
fn the_walk_is_linear() {
    let mut shown = String::new();
    for family in FAMILIES {
        let at =
            |size| ratio(&(family.sql)(size, false), &(family.sql)(size, true), family.expected);
        let (_, small) = at(family.size);
        let (nodes, large) = at(4 * family.size);
        assert!(nodes >= 20_000, "{}: {nodes} nodes", family.name);
        assert!(large <= 4.0, "{}: {large} passes of {nodes} nodes", family.name);
        assert!(large <= small * 1.2 + 0.1, "{}: {small}, then {large}", family.name);
        shown += &format!("{}: {nodes} nodes, {large:.2}\n", family.name);
    }
    insta::assert_snapshot!(shown, @"
    conditions: 78552 nodes, 1.71
    a sum: 48156 nodes, 2.00
    alternatives: 78608 nodes, 2.00
    outputs: 64935 nodes, 0.89
    a chain of common table expressions, the first of which changed in all columns: 75352 nodes, 0.55
    derived tables in derived tables: 63528 nodes, 0.32
    branches: 153742 nodes, 0.56
    branches in parentheses to the right: 60142 nodes, 0.52
    joins: 72151 nodes, 1.30
    items of one table in another order: 48094 nodes, 1.12
    a wide common table expression that is read in many places: 61068 nodes, 0.42
    a common table expression that many subqueries read: 109526 nodes, 1.89
    lateral queries, each of which reads the one before: 57128 nodes, 0.58
    parentheses in FROM: 22534 nodes, 1.17
    ");
}

#[test]
fn a_chain_of_operators_may_be_as_long_as_the_gate_lets_it() {
    for (operator, expected) in
        [(" + ", "column_breaking"), (" || ", "column_breaking"), (" OR ", "column_breaking")]
    {
        let chain = |last: usize| {
            let all = list(20_000, operator, |place| format!("t.c{place}"));
            format!("SELECT t.a AS a, {all}{operator}{last} AS x FROM #t AS t")
        };
        let (_, passes) = ratio(&chain(1), &chain(2), expected);
        assert!(passes <= 4.0, "{operator}: {passes}");
    }
}

mod evaluate;
mod generate;

use std::{collections::BTreeSet, fmt::Write as _};

use proptest::prelude::*;
use sqlparser::ast::{OrderBy, OrderByKind, OrderByOptions};
use viewlane_core::{FunctionFacts, FunctionKind, RelationName, Span, Volatility};

use self::{
    evaluate::{Database, Row, run},
    generate::{BASE_COLUMNS, Generator, Random, Writer},
};
use super::*;
use crate::qnf;

/// What a gate would say about the functions of the queries here.
fn functions() -> Vec<FunctionUse> {
    let aggregates =
        ["array_agg", "count", "first_value", "max", "min", "percentile_cont", "sum"].into_iter();
    let used = aggregates.map(|name| FunctionUse {
        name: name.to_owned(),
        facts: Some(FunctionFacts {
            name: name.to_owned(),
            kind: FunctionKind::Aggregate,
            volatility: Volatility::Immutable,
        }),
        span: Span::new(0, 0),
    });
    used.collect()
}

#[track_caller]
fn lineage(sql: &str) -> Lineage {
    let query = qnf::tests::parse(sql);
    assert_eq!(qnf::check(&query), Ok(()), "{sql}");
    of(&query, &functions())
}

/// A lineage for people: a line for each output, and one for each scope.
fn show(lineage: &Lineage) -> String {
    let column = |id: ColumnId| {
        let SourceColumn { relation, column } = lineage.column(id);
        format!("{}.{column}", relation.table())
    };
    let rows = |rows: &RowSets| {
        let relations =
            rows.relations.iter().map(|index| lineage.relations()[*index as usize].table());
        let relations = relations.map(str::to_owned);
        let scopes = rows.scopes.iter().map(|index| format!("#{index}"));
        relations.chain(scopes).collect::<Vec<_>>()
    };
    let mut text = String::new();
    for OutputLineage { name, sources, indirect, rows: over } in lineage.outputs() {
        let mut parts = Vec::new();
        for (id, kind) in sources {
            parts.push(format!("{} {}", format!("{kind:?}").to_lowercase(), column(*id)));
        }
        for (id, kind) in indirect {
            parts.push(format!("[{}] {}", format!("{kind:?}").to_lowercase(), column(*id)));
        }
        let over = rows(over);
        if !over.is_empty() {
            parts.push(format!("over rows of {}", over.join(", ")));
        }
        let parts = if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") };
        let _ = writeln!(text, "    {name} = {parts}");
    }
    for (index, scope) in lineage.scopes().iter().enumerate() {
        let ScopeLineage { kind, name, indirect, rows: from, order } = scope;
        let name = name.as_ref().map_or(String::new(), |name| format!(" {name}"));
        let mut parts = rows(from);
        for (id, kind) in indirect {
            parts.push(format!("[{}] {}", format!("{kind:?}").to_lowercase(), column(*id)));
        }
        let order = rows(order);
        if !order.is_empty() {
            parts.push(format!("in an order by rows of {}", order.join(", ")));
        }
        let parts = if parts.is_empty() { "fixed".to_owned() } else { parts.join(", ") };
        let _ =
            writeln!(text, "    #{index} {}{name}: {parts}", format!("{kind:?}").to_lowercase());
    }
    text
}

#[track_caller]
fn each(texts: &[&str]) -> String {
    texts.iter().map(|sql| format!("{sql}\n{}\n", show(&lineage(sql)))).collect()
}

#[test]
fn values_come_from_columns() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a AS x, t.a + t.b AS y, CAST(t.c AS INT) AS z, 1 AS one FROM d.p.t AS t",
        "SELECT t.s.f AS f, t.l[t.i] AS e, named_struct('k', t.a) AS n, [t.a, t.b] AS l \
         FROM d.p.t AS t",
        "SELECT CASE WHEN t.a > 1 THEN t.b ELSE t.c END AS x, \
         CASE t.a WHEN 1 THEN t.a ELSE 0 END AS y FROM d.p.t AS t",
        "SELECT array_transform(t.l, e -> e + t.a) AS l, coalesce(t.a, t.b) AS c FROM d.p.t AS t",
        "SELECT t.a, u.a FROM d.p.t AS t JOIN d.p.u AS u ON t.k = u.k",
        "SELECT x.a AS p, y.a AS q FROM d.p.t AS x, d.p.t AS y WHERE x.b = y.c",
    ]));
}

#[test]
fn aggregates_over_groups_and_over_everything() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a AS a, sum(t.b + t.c) AS s, count(*) AS n FROM d.p.t AS t WHERE t.d > 1 \
         GROUP BY t.a HAVING max(t.e) > 1",
        "SELECT sum(t.b) AS s, count(*) AS n, 1 AS one FROM d.p.t AS t WHERE t.d > 1",
        "SELECT sum(t.b) AS s FROM d.p.t AS t HAVING count(t.c) > 1",
        "SELECT sum(CASE WHEN t.a > 1 THEN t.b END) AS s, sum(t.b) FILTER (WHERE t.c > 1) AS f, \
         count(DISTINCT t.d) AS d FROM d.p.t AS t",
        "SELECT array_agg(t.a ORDER BY t.b) AS l, percentile_cont(0.5) WITHIN GROUP (ORDER BY t.c) \
         AS p FROM d.p.t AS t",
        "SELECT t.a AS a, t.b AS b, sum(t.c) AS s FROM d.p.t AS t GROUP BY ROLLUP (t.a, t.b)",
        "SELECT t.a AS a, sum(t.c) AS s, 2 AS two FROM d.p.t AS t GROUP BY ALL",
        "SELECT 7 AS seven, t.a AS a FROM d.p.t AS t GROUP BY 1, t.a",
        "SELECT count(t.*) AS n FROM d.p.t AS t",
        // The sorted one decides in which order the other takes its values.
        "SELECT array_agg(t.a) AS l, array_agg(t.b ORDER BY t.c) AS m, max(t.d) AS x \
         FROM d.p.t AS t",
        "SELECT u.b AS b, x.s AS s FROM (SELECT sum(t.a) AS s FROM d.p.t AS t WHERE t.f = 1) AS x, \
         d.p.u AS u WHERE u.c = 1",
        "SELECT u.b AS b FROM (SELECT sum(t.a) AS s FROM d.p.t AS t) AS x, d.p.u AS u \
         WHERE x.s > u.c",
    ]));
}

#[test]
fn windows_steer_their_own_output() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a AS a, row_number() OVER (PARTITION BY t.b ORDER BY t.c) AS n, \
         sum(t.d) OVER (ORDER BY t.e ROWS 1 PRECEDING) AS s, lag(t.f) OVER (ORDER BY t.g) AS l \
         FROM d.p.t AS t",
        "SELECT t.a AS a FROM d.p.t AS t QUALIFY row_number() OVER (ORDER BY t.b) = 1",
        "SELECT t.a AS a, sum(sum(t.b)) OVER (ORDER BY t.a) AS s FROM d.p.t AS t GROUP BY t.a",
        "SELECT x.a AS a FROM (SELECT t.a AS a, rank() OVER (ORDER BY t.b) AS r FROM d.p.t AS t) \
         AS x WHERE x.r < 3",
        // The first number depends on how the rows happen to lie, perhaps as the second needs them.
        "SELECT row_number() OVER () AS n, row_number() OVER (ORDER BY t.b) AS m FROM d.p.t AS t",
        "SELECT t.a AS a, rank() OVER (ORDER BY t.b) AS r FROM d.p.t AS t LIMIT 3",
    ]));
}

#[test]
fn joins_decide_rows() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a AS a, u.b AS b FROM d.p.t AS t LEFT JOIN d.p.u AS u ON t.k = u.k",
        "SELECT t.a AS a FROM d.p.t AS t CROSS JOIN d.p.u AS u",
        "SELECT t.a AS a FROM d.p.t AS t LEFT ANTI JOIN d.p.u AS u ON t.k = u.k AND u.c = 1",
        "SELECT t.a AS a FROM (d.p.t AS t JOIN d.p.u AS u ON t.k = u.k) \
         FULL JOIN d.p.v AS v ON v.k = u.k",
        "SELECT t.a AS a FROM d.p.t AS t JOIN d.p.u AS u ON t.k IN (SELECT v.k FROM d.p.v AS v)",
        "SELECT coalesce(t.k, u.k) AS k FROM d.p.t AS t FULL JOIN d.p.u AS u ON t.k = u.k",
    ]));
}

#[test]
fn subqueries_in_expressions() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a AS a FROM d.p.t AS t WHERE EXISTS (SELECT u.x AS x FROM d.p.u AS u \
         WHERE u.k = t.k)",
        "SELECT t.a AS a FROM d.p.t AS t WHERE t.b NOT IN (SELECT u.b FROM d.p.u AS u \
         WHERE u.c > 1)",
        "SELECT t.a AS a, (SELECT max(u.b) FROM d.p.u AS u WHERE u.k = t.k) AS m FROM d.p.t AS t",
        "SELECT (SELECT u.b FROM d.p.u AS u ORDER BY u.c LIMIT 1) AS b",
        "SELECT t.a AS a, t.b IN (SELECT u.b FROM d.p.u AS u) AS i, \
         EXISTS (SELECT 1 FROM d.p.v AS v WHERE v.k = t.k) AS e FROM d.p.t AS t",
        "SELECT t.a AS a FROM d.p.t AS t WHERE t.b > ALL (SELECT u.b FROM d.p.u AS u)",
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM d.p.u AS u WHERE u.k = t.k) THEN t.a END AS a \
         FROM d.p.t AS t",
        // An aggregate without groups is always there.
        "SELECT t.a AS a FROM d.p.t AS t WHERE EXISTS (SELECT max(u.b) FROM d.p.u AS u)",
        "SELECT t.a AS a FROM d.p.t AS t WHERE t.b = (SELECT max(u.b) FROM d.p.u AS u WHERE \
         EXISTS (SELECT 1 FROM d.p.v AS v WHERE v.k = t.k AND v.j = u.j))",
        "SELECT t.a AS a FROM d.p.t AS t WHERE t.b IN (SELECT x.b AS b FROM \
         (SELECT u.b AS b FROM d.p.u AS u WHERE u.c = 1) AS x)",
    ]));
}

#[test]
fn set_operations_go_by_position() {
    insta::assert_snapshot!(each(&[
        "SELECT t.a AS a, t.b AS b FROM d.p.t AS t WHERE t.c = 1 UNION ALL \
         SELECT u.x + 1 AS x, 0 AS y FROM d.p.u AS u",
        "SELECT t.a AS a FROM d.p.t AS t UNION SELECT u.x AS x FROM d.p.u AS u",
        "SELECT t.a AS a FROM d.p.t AS t INTERSECT SELECT u.x AS x FROM d.p.u AS u",
        "SELECT t.a AS a FROM d.p.t AS t EXCEPT ALL SELECT u.x AS x FROM d.p.u AS u",
        "SELECT t.a AS a, t.b AS b FROM d.p.t AS t UNION ALL BY NAME \
         SELECT u.b AS b, u.c AS c FROM d.p.u AS u",
        // What comes after the comparison is not compared.
        "SELECT t.a AS a FROM d.p.t AS t UNION SELECT u.x AS x FROM d.p.u AS u UNION ALL \
         SELECT v.y AS y FROM d.p.v AS v",
        "(SELECT t.a AS a FROM d.p.t AS t ORDER BY t.b LIMIT 1) UNION ALL \
         SELECT max(u.x) AS x FROM d.p.u AS u ORDER BY a LIMIT 2",
        "SELECT count(*) AS n FROM d.p.t AS t UNION SELECT 0 AS n",
    ]));
}

#[test]
fn distinct_order_and_limit() {
    insta::assert_snapshot!(each(&[
        "SELECT DISTINCT t.a AS a, t.b + 1 AS b FROM d.p.t AS t",
        "SELECT DISTINCT ON (t.a) t.b AS b FROM d.p.t AS t ORDER BY t.a, t.c",
        "SELECT DISTINCT max(t.a) AS a FROM d.p.t AS t",
        "SELECT t.a AS a, t.b + t.c AS s FROM d.p.t AS t ORDER BY s, t.d",
        "SELECT t.a AS a FROM d.p.t AS t ORDER BY t.b LIMIT 10 OFFSET 5",
        "SELECT t.a AS a FROM d.p.t AS t LIMIT 10",
        "SELECT t.a, u.a FROM d.p.t AS t, d.p.u AS u ORDER BY 2",
        "SELECT t.g AS g FROM d.p.t AS t GROUP BY t.g ORDER BY sum(t.a)",
        "SELECT t.a AS a FROM d.p.t AS t ORDER BY (SELECT max(u.b) FROM d.p.u AS u WHERE u.k = a)",
        // The order of a derived table reaches whatever takes rows as they come.
        "SELECT x.a AS a FROM (SELECT t.a AS a FROM d.p.t AS t ORDER BY t.b) AS x LIMIT 1",
        "SELECT array_agg(x.a) AS l, max(x.a) AS m FROM (SELECT t.a AS a FROM d.p.t AS t \
         ORDER BY t.b) AS x",
        "SELECT x.a AS a FROM (SELECT t.a AS a FROM d.p.t AS t ORDER BY t.b LIMIT 1) AS x",
        "SELECT t.a AS a FROM d.p.t AS t LEFT JOIN LATERAL (SELECT count(*) AS n FROM d.p.u AS u \
         WHERE u.k = t.k) AS x ON true ORDER BY x.n",
    ]));
}

#[test]
fn relations_made_in_from() {
    insta::assert_snapshot!(each(&[
        "SELECT y.q AS q FROM (SELECT x.p + 1 AS q, x.o AS o FROM (SELECT t.a AS p, t.b AS o \
         FROM d.p.t AS t WHERE t.c = 1) AS x) AS y WHERE y.o = 2",
        "SELECT x.m AS m, x.n AS n FROM (SELECT t.a AS a, t.b AS b FROM d.p.t AS t) AS x (m, n)",
        // The text does not tell which column of the relation it is.
        "SELECT x.m AS m FROM d.p.t AS x (m, n) WHERE x.n = 1",
        "SELECT v.column2 AS b, w.k AS k FROM (VALUES (1, 2)) AS v, LATERAL (VALUES (v.column1)) \
         AS w (k)",
        "SELECT t.a AS a, x.b AS b FROM d.p.t AS t, LATERAL (SELECT u.b + t.c AS b \
         FROM d.p.u AS u WHERE u.k = t.k) AS x",
        "SELECT t.a AS a, e.v AS v FROM d.p.t AS t CROSS JOIN UNNEST(t.l) AS e (v)",
        "SELECT e.v AS v, e.w AS w FROM d.p.t AS t, UNNEST(t.l, t.m) AS e (v, w)",
        "SELECT e.v AS v FROM d.p.t AS t, UNNEST(t.s) AS e (v, w)",
        "SELECT t.a AS a, unnest(t.l) AS v FROM d.p.t AS t",
        "SELECT unnest(array_agg(t.a)) AS v, max(t.b) AS b FROM d.p.t AS t",
        "SELECT g.value AS v FROM generate_series(1, 3) AS g",
        "SELECT g.value AS v FROM d.p.t AS t, LATERAL (SELECT h.value AS value \
         FROM range(1, t.n) AS h) AS g",
    ]));
}

#[test]
fn common_table_expressions() {
    insta::assert_snapshot!(each(&[
        "WITH c AS (SELECT t.a AS a, t.b AS b FROM d.p.t AS t WHERE t.c = 1) \
         SELECT x.a AS a, y.q AS b FROM c AS x JOIN c AS y (p, q) ON x.a = y.p",
        "WITH c (x) AS (SELECT sum(t.a) AS s FROM d.p.t AS t), unread AS (SELECT u.a AS a \
         FROM d.p.u AS u WHERE u.b = 1) SELECT y.x AS x FROM c AS y",
        "SELECT t.a AS a FROM d.p.t AS t WHERE t.b IN (WITH c AS (SELECT u.b AS b FROM d.p.u AS u \
         WHERE u.k = t.k) SELECT x.b AS b FROM c AS x)",
        "WITH RECURSIVE r (n, p) AS (SELECT t.a AS a, t.b AS b FROM d.p.t AS t UNION ALL \
         SELECT s.n + 1 AS n, u.b AS p FROM r AS s JOIN d.p.u AS u ON u.k = s.p WHERE s.n < u.m) \
         SELECT q.n AS n FROM r AS q",
        // Values move from column to column with each step.
        "WITH RECURSIVE r (x, y, z) AS (SELECT t.a AS a, t.b AS b, t.c AS c FROM d.p.t AS t \
         UNION ALL SELECT s.y AS x, s.z + 1 AS y, s.z AS z FROM r AS s) \
         SELECT q.x AS x, q.z AS z FROM r AS q",
        "WITH RECURSIVE r (x, y) AS (SELECT t.a AS a, t.b AS b FROM d.p.t AS t UNION \
         SELECT w.v AS v, 0 AS o FROM (SELECT s.x AS v FROM r AS s WHERE s.y = 1) AS w) \
         SELECT q.x AS x FROM r AS q",
        "WITH RECURSIVE r (n) AS (SELECT 1 AS one UNION ALL SELECT s.n + 1 AS m FROM r AS s \
         WHERE s.n < 9) SELECT q.n AS n FROM r AS q",
        "WITH RECURSIVE r (x, y) AS (SELECT t.a AS a, t.b AS b FROM d.p.t AS t UNION ALL \
         SELECT i.m AS m, s.y AS y FROM r AS s, LATERAL (WITH RECURSIVE j (m) AS (SELECT s.y AS y \
         UNION ALL SELECT k.m + u.c AS m FROM j AS k, d.p.u AS u) SELECT l.m AS m FROM j AS l) \
         AS i) SELECT q.x AS x FROM r AS q",
    ]));
}

#[test]
fn order_by_all_is_by_every_output() {
    let text = "SELECT t.a AS a, t.b + t.c AS s FROM d.p.t AS t ORDER BY a";
    let mut query = qnf::tests::parse(text);
    let options = OrderByOptions { asc: None, nulls_first: None };
    query.order_by = Some(OrderBy { kind: OrderByKind::All(options), interpolate: None });
    insta::assert_snapshot!(show(&of(&query, &functions())), @r"
        a = identity t.a
        s = transformation t.b, transformation t.c
        #0 root: t, [order] t.a, [order] t.b, [order] t.c
    ");
}

fn columns(names: &[&str]) -> BTreeSet<SourceColumn> {
    let column = |name: &&str| {
        let (relation, column) = name.rsplit_once('.').unwrap();
        SourceColumn { relation: relation.parse().unwrap(), column: column.to_owned() }
    };
    names.iter().map(column).collect()
}

fn relations(names: &[&str]) -> BTreeSet<RelationName> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[test]
fn a_change_reaches_what_depends_on_it() {
    let lineage = lineage(
        "SELECT t.a AS a, x.s AS s, t.b + 1 AS b, rank() OVER (ORDER BY t.c) AS r FROM d.p.t AS t, \
         (SELECT sum(u.v) AS s FROM d.p.u AS u WHERE u.f = 1) AS x WHERE t.g = 1 ORDER BY t.o",
    );
    let impact = |changed: &[&str], rows: &[&str]| {
        let Impact { rows, order, outputs } =
            lineage.affected_outputs(&columns(changed), &relations(rows));
        format!("rows {rows}, order {order}, outputs {outputs:?}")
    };
    insta::assert_snapshot!(
        [
            impact(&[], &[]),
            impact(&["d.p.t.a"], &[]),
            impact(&["d.p.t.c", "d.p.t.b"], &[]),
            impact(&["d.p.u.f"], &[]),
            impact(&["d.p.t.o"], &[]),
            impact(&["d.p.t.g"], &[]),
            impact(&[], &["d.p.t"]),
            impact(&[], &["d.p.u"]),
            impact(&["d.p.t.z", "d.q.t.a"], &["d.p.v"]),
            impact(&["d.p.u.*"], &[]),
        ]
        .join("\n")
    );
}

#[test]
fn a_column_that_cannot_be_told_is_every_column() {
    let lineage = lineage("SELECT x.m AS m FROM d.p.t AS x (m, n)");
    let outputs =
        |changed| lineage.affected_outputs(&columns(&[changed]), &BTreeSet::new()).outputs;
    assert_eq!(outputs("d.p.t.whatever"), [0]);
    assert_eq!(outputs("d.p.u.whatever"), [0_usize; 0]);
}

#[test]
fn long_and_deep_queries_are_read() {
    let terms: Vec<_> = (0..20_000).map(|number| format!("t.c{}", number % 7)).collect();
    let long = lineage(&format!("SELECT {} AS s FROM d.p.t AS t", terms.join(" + ")));
    assert_eq!(long.outputs()[0].sources.len(), 7);

    let branch = |number| format!("SELECT t{number}.a AS a FROM d.p.t{number} AS t{number}");
    let branches: Vec<_> = (0..1_000).map(branch).collect();
    let wide = lineage(&branches.join(" UNION ALL "));
    assert_eq!(wide.outputs()[0].sources.len(), 1_000);

    let deep = (0..40).fold("SELECT t.a AS a FROM d.p.t AS t".to_owned(), |inner, number| {
        format!("SELECT x{number}.a + 1 AS a FROM ({inner}) AS x{number}")
    });
    assert_eq!(lineage(&deep).scopes().len(), 41);
}

#[test]
fn the_root_is_the_last_scope_and_others_come_before_their_readers() {
    let lineage = lineage(
        "WITH c AS (SELECT max(t.a) AS a FROM d.p.t AS t) SELECT y.a AS a FROM \
         (SELECT x.a AS a FROM c AS x) AS y",
    );
    let kinds: Vec<_> = lineage.scopes().iter().map(|scope| scope.kind).collect();
    assert_eq!(kinds, [ScopeKind::Input, ScopeKind::Cte, ScopeKind::Derived, ScopeKind::Root]);
}

#[test]
fn stored_lineage_is_read_back_and_a_damaged_one_is_refused() {
    let lineage = lineage(
        "SELECT t.a AS a, max(t.b) AS m FROM d.p.t AS t WHERE t.c = 1 GROUP BY t.a ORDER BY m",
    );
    let stored = serde_json::to_string(&lineage).unwrap();
    insta::assert_snapshot!(stored);
    assert_eq!(serde_json::from_str::<Lineage>(&stored).unwrap(), lineage);
    let refuse = |from: &str, to: &str| {
        assert!(stored.contains(from), "{stored}");
        serde_json::from_str::<Lineage>(&stored.replace(from, to)).unwrap_err().to_string()
    };
    insta::assert_snapshot!(
        [
            refuse("[0,\"identity\"]", "[9,\"identity\"]"),
            refuse("\"root\"", "\"cte\""),
            refuse("\"column\":\"a\"", "\"column\":\"z\""),
            refuse("\"relations\":[0]", "\"relations\":[1]"),
        ]
        .join("\n")
    );
}

fn database(random: &mut Random) -> Database {
    let mut table = || {
        let row = |random: &mut Random| -> Row {
            (0..3).map(|_| Some(random.below(4) as i64).filter(|value| *value < 3)).collect()
        };
        (0..random.below(5)).map(|_| row(random)).collect::<Vec<_>>()
    };
    Database([table(), table(), table()])
}

/// The rows in some order of their own, without the outputs that may have changed.
fn kept(rows: &[Row], impact: &Impact) -> Vec<Row> {
    let keep = |row: &Row| {
        let values = row.iter().enumerate();
        let values = values.filter(|(output, _)| !impact.outputs.contains(output));
        values.map(|(_, value)| *value).collect::<Row>()
    };
    let mut rows: Vec<_> = rows.iter().map(keep).collect();
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases.max(1_000),
        ..ProptestConfig::default()
    })]

    /// A column that an output does not depend on changes nothing in it when its values change,
    /// and neither do the rows of a relation that it does not depend on.
    #[test]
    fn what_is_not_listed_changes_nothing(seed in any::<u64>()) {
        let query = Generator::new(seed).statement();
        let text = Writer { alias: &|number| format!("x{number}") }.query(&query);
        let lineage = lineage(&text);
        let mut random = Random::new(!seed);
        let before = database(&mut random);
        let result = run(&query, &before);
        for table in 0..3 {
            let relation = format!("d.p.t{table}");
            for (position, column) in BASE_COLUMNS.into_iter().enumerate() {
                let changed = columns(&[&format!("{relation}.{column}")]);
                let impact = lineage.affected_outputs(&changed, &BTreeSet::new());
                let mut after = before.clone();
                for row in &mut after.0[table] {
                    row[position] = Some(random.below(4) as i64).filter(|value| *value < 3);
                }
                let changed = run(&query, &after);
                if !impact.rows {
                    prop_assert_eq!(
                        kept(&result, &impact), kept(&changed, &impact),
                        "{} in {:?}\n{}\n{}", column, before, text, show(&lineage)
                    );
                }
            }
            let impact = lineage.affected_outputs(&BTreeSet::new(), &relations(&[&relation]));
            let mut after = before.clone();
            after.0[table] = database(&mut random).0[0].clone();
            let changed = run(&query, &after);
            if !impact.rows {
                prop_assert_eq!(
                    kept(&result, &impact), kept(&changed, &impact),
                    "{} in {:?}\n{}\n{}", relation, before, text, show(&lineage)
                );
            }
        }
    }

    /// Other aliases, other names of scopes; nothing else.
    #[test]
    fn aliases_do_not_matter(seed in any::<u64>()) {
        let query = Generator::new(seed).statement();
        let one = Writer { alias: &|number| format!("x{number}") }.query(&query);
        let other = Writer { alias: &|number| format!("b{}", (number * 7919) % 10_007) };
        let (mut one, mut other) = (lineage(&one), lineage(&other.query(&query)));
        for scope in one.scopes.iter_mut().chain(&mut other.scopes) {
            scope.name = None;
        }
        prop_assert_eq!(one, other);
    }

    /// Both questions get the same answer: what an output depends on, and whom a change reaches.
    #[test]
    fn dependencies_and_impact_agree(seed in any::<u64>()) {
        let query = Generator::new(seed).statement();
        let lineage = lineage(&Writer { alias: &|number| format!("x{number}") }.query(&query));
        let none = BTreeSet::new();
        for column in lineage.columns() {
            let impact = lineage.affected_outputs(&BTreeSet::from([column.clone()]), &none);
            prop_assert_eq!(impact.rows, lineage.rows_depend_on().columns.contains(&column));
            for output in 0..lineage.outputs().len() {
                let depends = lineage.output_depends_on(output).columns.contains(&column);
                prop_assert_eq!(impact.outputs.contains(&output), depends);
            }
            let order = lineage.order_depends_on().columns.contains(&column);
            prop_assert_eq!(impact.order, impact.rows || order);
        }
        let none = BTreeSet::new();
        for relation in lineage.relations() {
            let impact = lineage.affected_outputs(&none, &BTreeSet::from([relation.clone()]));
            prop_assert_eq!(impact.rows, lineage.rows_depend_on().relations.contains(&relation));
            for output in 0..lineage.outputs().len() {
                let depends = lineage.output_depends_on(output).relations.contains(&relation);
                prop_assert_eq!(impact.outputs.contains(&output), depends);
            }
        }
    }

    /// A lineage that is stored is read back as the same.
    #[test]
    fn storing_keeps_everything(seed in any::<u64>()) {
        let query = Generator::new(seed).statement();
        let lineage = lineage(&Writer { alias: &|number| format!("x{number}") }.query(&query));
        let stored = serde_json::to_vec(&lineage).unwrap();
        prop_assert_eq!(serde_json::from_slice::<Lineage>(&stored).unwrap(), lineage);
    }
}

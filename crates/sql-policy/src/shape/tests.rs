use std::collections::BTreeMap;

use proptest::{collection, prelude::*};

use super::*;
use crate::fixtures::{
    Known,
    edit::{edit, lookalikes},
    generate::{Choices, Made, parse, parse_in, queries, text},
    respell::{rename, respell},
};

fn id(query: &Query) -> Fingerprint {
    of(query, &Known, false)
}

fn shown(sql: &str) -> String {
    form(&parse(sql), &Known, false).to_string()
}

mod pairs;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn names_inside_do_not_matter(
        Made(query) in queries(),
        bytes in collection::vec(any::<u8>(), 0..100),
    ) {
        let mut renamed = query.clone();
        rename(&mut renamed, &mut Choices::new(&bytes));
        prop_assert_eq!(id(&query), id(&renamed), "\n{}\n{}", text(&query), text(&renamed));
    }

    #[test]
    fn spelling_does_not_matter(
        Made(query) in queries(),
        bytes in collection::vec(any::<u8>(), 0..300),
    ) {
        let respelled = respell(&query, &mut Choices::new(&bytes));
        prop_assert_eq!(
            id(&query), id(&respelled),
            "\n{}\n{}\n{}\n{}",
            text(&query), text(&respelled),
            form(&query, &Known, false), form(&respelled, &Known, false)
        );
    }

}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000, max_global_rejects: 10_000, ..ProptestConfig::default()
    })]

    #[test]
    fn meaning_matters(Made(query) in queries(), bytes in collection::vec(any::<u8>(), 0..8)) {
        let edited = edit(&query, &mut Choices::new(&bytes));
        prop_assume!(edited.is_some());
        let Some((edited, kind)) = edited else { return Ok(()) };
        prop_assume!(!lookalikes(&query) && !lookalikes(&edited));
        prop_assert_ne!(
            id(&query), id(&edited),
            "{:?}\n{}\n{}\n{}",
            kind, text(&query), text(&edited), form(&query, &Known, false)
        );
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// The form of a form is itself, whichever spelling it came from; the input stays.
    #[test]
    fn the_form_is_in_form(Made(query) in queries(), bytes in collection::vec(any::<u8>(), 0..200)) {
        let query = respell(&query, &mut Choices::new(&bytes));
        let before = query.clone();
        let once = form(&query, &Known, false);
        prop_assert!(query == before);
        let twice = form(&once, &Known, false);
        prop_assert!(once == twice, "\n{}\n{}\n{}", text(&query), text(&once), text(&twice));
        prop_assert_eq!(id(&query), id(&once));
    }
}

#[test]
fn forms_are_queries() {
    insta::assert_snapshot!(
        shown(
            "WITH late AS (SELECT o.id AS k, o.day AS d FROM datafusion.public.orders AS o \
             WHERE NOT (o.paid OR 3 > o.amount) ORDER BY d), \
             early AS (SELECT l.k AS k FROM late AS l) \
             SELECT e.k AS id, count(1) AS \"N\" FROM early AS e \
             JOIN datafusion.public.items AS i ON i.order_id = e.k AND i.quantity BETWEEN 1 AND 2 \
             WHERE EXISTS (SELECT 1 FROM late AS m WHERE m.k = e.k AND m.d > '2020-01-01'::date) \
             GROUP BY e.k ORDER BY \"N\" DESC, id ASC LIMIT 010"
        ),
        @r#"WITH _c0 AS (SELECT _t0.id AS _0, _t0.day AS _1 FROM datafusion.public.orders AS _t0 WHERE NOT _t0.paid AND _t0.amount >= 3), _c1 AS (SELECT _t1._0 AS _0 FROM _c0 AS _t1) SELECT _t2._0 AS id, count(*) AS "N" FROM _c1 AS _t2, datafusion.public.items AS _t3 WHERE _t2._0 = _t3.order_id AND _t3.quantity >= 1 AND _t3.quantity <= 2 AND EXISTS (SELECT 1 AS _0 FROM _c0 AS _t4 WHERE _t2._0 = _t4._0 AND _t4._1 > CAST('2020-01-01' AS DATE)) GROUP BY _t2._0 ORDER BY "N" DESC, id LIMIT 10"#
    );
}

/// A chain of operators is one level, however long it is.
#[test]
fn long_chains_do_not_overflow_the_stack() {
    let column = |index: usize| format!("a.x{index}");
    for (op, last) in [
        (" AND ", true),
        (" OR ", true),
        (" + ", false),
        (" * ", false),
        (" - ", false),
        (" || ", false),
    ] {
        let mut terms: Vec<_> = (0..10_000).map(column).collect();
        let query =
            |terms: &[String]| parse(&format!("SELECT {} AS x FROM c.s.t AS a", terms.join(op)));
        let one = query(&terms);
        terms.reverse();
        let two = query(&terms);
        assert_eq!(id(&one) == id(&two), last, "{op}");
        let size = measure(&one);
        assert!(size.height >= 10_000);
        let once = form(&one, &Known, false);
        let twice = form(&once, &Known, false);
        assert_eq!(id(&once), id(&twice));
        for tree in [one, two, once, twice] {
            size.dropping(|| drop(tree));
        }
    }
}

#[test]
fn other_deep_trees_do_not_overflow_the_stack_either() {
    let mut expr = parse("SELECT a.x AS x FROM c.s.t AS a");
    let SetExpr::Select(select) = &mut *expr.body else { panic!("a SELECT") };
    let Some(sqlparser::ast::SelectItem::ExprWithAlias { expr: item, .. }) =
        select.projection.first_mut()
    else {
        panic!("an item")
    };
    for level in 0..4_000 {
        let inner = Box::new(take(item));
        *item = if level % 2 == 0 {
            Expr::UnaryOp { op: sqlparser::ast::UnaryOperator::Not, expr: inner }
        } else {
            Expr::IsNull(inner)
        };
    }
    let size = measure(&expr);
    let form = form(&expr, &Known, false);
    assert_eq!(id(&form), id(&expr));
    for tree in [expr, form] {
        size.dropping(|| drop(tree));
    }
}

/// Sums of sums of sums: no operand is compared with more than its like.
#[test]
fn wide_trees_take_linear_time() {
    let mut terms: Vec<_> = (0..4_096).map(|index| format!("a.x{index}")).collect();
    while terms.len() > 1 {
        terms = terms.chunks(2).map(|pair| format!("({})", pair.join(" + "))).collect();
    }
    let balanced = parse(&format!("SELECT {} AS x FROM c.s.t AS a", terms[0]));
    let sums: Vec<_> = (0..5_000).map(|index| format!("(a.x{index} + a.y)")).collect();
    let chain = parse(&format!("SELECT {} AS x FROM c.s.t AS a", sums.join(" + ")));
    let started = std::time::Instant::now();
    for query in [balanced, chain] {
        id(&query);
        measure(&query).dropping(|| drop(query));
    }
    assert!(started.elapsed() < std::time::Duration::from_secs(20));
}

/// One report as people write them: two queries, seven tables, 250 expressions.
fn report() -> Query {
    const DAYS: [&str; 7] =
        ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
    let sums: Vec<_> = DAYS
        .iter()
        .map(|day| {
            format!(
                "sum(CASE WHEN d.day_name = '{day}' THEN s.price * s.quantity ELSE 0 END) AS {}",
                day.to_lowercase()
            )
        })
        .collect();
    let ratios: Vec<_> = DAYS
        .iter()
        .map(|day| format!("y.{0} / coalesce(z.{0}, 1.0) AS {0}", day.to_lowercase()))
        .collect();
    parse(&format!(
        "WITH weeks AS (SELECT d.week AS week, s.store AS store, {} FROM c.s.sales AS s \
         JOIN c.s.dates AS d ON d.id = s.sold AND d.year BETWEEN 2000 AND 2002 \
         JOIN c.s.items AS i ON i.id = s.item \
         JOIN c.s.people AS p ON s.person = p.id AND p.region IN ('a', 'b', 'c') \
         LEFT JOIN c.s.promotions AS o ON o.id = s.promotion AND o.channel = 'mail' \
         WHERE i.price > 10.5 AND i.color IN ('red', 'blue', 'green') AND NOT (p.age < 18 OR p.kind = 'x') \
         AND s.quantity <> 0 AND coalesce(o.cost, 0) + s.cost < i.price * 2 AND s.net > 0.9 * s.price \
         GROUP BY d.week, s.store HAVING count(*) > 10) \
         SELECT t.name AS name, y.week AS week, {} FROM weeks AS y \
         JOIN weeks AS z ON y.store = z.store AND y.week = z.week - 53 \
         JOIN c.s.stores AS t ON t.id = y.store \
         WHERE t.state = 'CA' AND EXISTS (SELECT r.id FROM c.s.returns AS r WHERE r.store = t.id AND r.week = y.week AND r.amount > 100) \
         ORDER BY name, week LIMIT 100",
        sums.join(", "),
        ratios.join(", "),
    ))
}

/// Run in release: `cargo test --release -- --ignored shape --nocapture`.
#[test]
#[ignore = "measures"]
#[expect(clippy::print_stdout, reason = "what it measures is for people")]
fn speed() {
    use std::{
        hint::black_box,
        time::{Duration, Instant},
    };
    let query = report();
    let mut nodes = 0;
    let _ = sqlparser::ast::visit_expressions(&query, |_| {
        nodes += 1;
        ControlFlow::<()>::Continue(())
    });
    let mut best = [Duration::MAX; 5];
    for _ in 0..2_000 {
        let mut time = |at: usize, work: &dyn Fn()| {
            let started = Instant::now();
            work();
            best[at] = best[at].min(started.elapsed());
        };
        time(0, &|| drop(black_box(query.clone())));
        time(1, &|| {
            black_box(fingerprint::of(&query));
        });
        time(2, &|| drop(black_box(local(&query, &Known, false))));
        time(3, &|| drop(black_box(form(&query, &Known, false))));
        time(4, &|| {
            black_box(id(&query));
        });
    }
    let [clone, ast, local, form, shape] = best;
    println!(
        "{nodes} expressions: clone {clone:?}, ast {ast:?}, local {local:?}, form {form:?}, shape {shape:?}"
    );
}

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::support::{put_rows, run, session, transcript};

type Row = (i64, Option<i64>, Option<&'static str>);

const ROWS: &[Row] = &[
    (1, Some(2), Some("b")),
    (1, Some(2), Some("a")),
    (1, None, Some("z")),
    (2, Some(5), None),
    (2, Some(1), Some("c")),
    (1, Some(1), Some("b")),
    (2, Some(5), Some("d")),
    (3, None, Some("e")),
];

#[tokio::test]
async fn groups_give_the_same_whatever_the_partitions() {
    let context = session();
    put_rows(&context, ROWS);
    insta::assert_snapshot!(
        transcript(
            &context,
            &[
                "SELECT g, arg_max(v, k), arg_min(v, k), any_value_det(v, k), asof_select(v, k, 2) \
                 FROM rows GROUP BY g ORDER BY g",
                "SELECT g, count_if(k > 1), count_if(k > 1) FILTER (WHERE v <> 'a'), \
                 arg_max(v, k) FILTER (WHERE k < 5), collect_set(v), \
                 list_unique(v ORDER BY k DESC NULLS LAST, v), \
                 list_unique(v ORDER BY v) IGNORE NULLS FROM rows GROUP BY g ORDER BY g",
                "SELECT arg_max(v, k), count_if(v IS NULL), collect_set(k), list_unique(k ORDER BY k) \
                 FROM rows",
                "SELECT arg_max(v, k), count_if(v IS NULL), collect_set(k), list_unique(k) \
                 FROM rows WHERE g = 9",
                "SELECT count_if(v) FROM rows",
                "SELECT arg_max(v) FROM rows",
                "SELECT arg_max(value => v, key => k) FROM rows",
                "SELECT arg_max({a: v}, [k, 1]) FROM rows",
            ],
        )
        .await
    );
}

#[tokio::test]
async fn windows_that_move_take_rows_away_again() {
    let context = session();
    put_rows(&context, ROWS);
    insta::assert_snapshot!(
        transcript(
            &context,
            &["SELECT g, k, v, \
                 count_if(v = 'b') OVER w, arg_max(v, k) OVER w, arg_min(v, k) OVER w, \
                 collect_set(v) OVER w, list_unique(v) OVER w \
                 FROM rows WINDOW w AS (ORDER BY g, k, v ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) \
                 ORDER BY g, k, v",],
        )
        .await
    );
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let value = prop::sample::select(vec![None, Some("a"), Some("b"), Some("c")]);
    prop::collection::vec((0_i64..3, prop::option::of(0_i64..3), value), 0..14)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Over all orders and partitions of the rows, the same row is chosen: the first by key, then by
    /// value with NULL last.
    #[test]
    fn the_chosen_value_does_not_depend_on_the_order_of_rows(
        mut rows in rows(),
        shuffle in any::<prop::sample::Index>(),
    ) {
        let mut best: BTreeMap<i64, (i64, (bool, &str))> = BTreeMap::new();
        for (g, k, v) in &rows {
            let Some(k) = k else { continue };
            let found = (-k, (v.is_none(), v.unwrap_or("")));
            let entry = best.entry(*g).or_insert(found);
            *entry = found.min(*entry);
        }
        let expected: Vec<String> =
            best.iter().map(|(g, (_, (_, v)))| format!("{g}={v}")).collect();
        if !rows.is_empty() {
            let at = shuffle.index(rows.len());
            rows.rotate_left(at);
        }
        let context = session();
        put_rows(&context, &rows);
        let sql = "SELECT concat_ws('=', CAST(g AS VARCHAR), coalesce(arg_max(v, k), '')) AS x \
                   FROM rows WHERE k IS NOT NULL GROUP BY g ORDER BY g";
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(run(&context, sql));
        let found: Vec<&str> = found
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split_once(" ").map(|(text, _)| text))
            .filter(|text| text.contains('='))
            .collect();
        prop_assert_eq!(found, expected);
    }
}

mod align;
mod cases;
mod impact;
mod properties;
mod scale;
mod support;

use super::*;
use support::{Pair, pair};

fn category(old: &str, new: &str) -> Category {
    pair(old, new).diff().category
}

#[test]
fn a_category_names_its_columns() {
    let added = category("SELECT t.a AS a FROM #t AS t", "SELECT t.a AS a, t.b AS b FROM #t AS t");
    assert_eq!(added, Category::Additive { columns: vec!["b".to_owned()] });
    let broken = category(
        "SELECT t.a AS a, t.b AS b, t.c AS c FROM #t AS t",
        "SELECT t.a AS a, t.b + 1 AS b, t.c AS d FROM #t AS t",
    );
    assert_eq!(broken, Category::ColumnBreaking { columns: vec!["b".to_owned(), "c".to_owned()] });
    let moved = category(
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT t.b AS b, t.a AS a FROM #t AS t",
    );
    assert_eq!(moved, Category::SchemaBreaking { columns: vec!["a".to_owned()] });
}

#[test]
fn severity_rises_and_only_the_first_three_leave_readers_alone() {
    let columns = Vec::new;
    let all = [
        Category::Identical,
        Category::Cosmetic,
        Category::Additive { columns: columns() },
        Category::OrderOnly,
        Category::ColumnBreaking { columns: columns() },
        Category::RowSetBreaking,
        Category::SchemaBreaking { columns: columns() },
        Category::Unknown,
    ];
    assert!(all.windows(2).all(|pair| pair[0].severity() < pair[1].severity()));
    let shown = all.iter().map(|category| {
        format!("{category} {} {}", category.is_breaking(), category.sqlmesh().unwrap_or("-"))
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r#"
    identical false -
    cosmetic false metadata
    additive false non_breaking
    order_only true breaking
    column_breaking true breaking
    row_set_breaking true breaking
    schema_breaking true breaking
    unknown true breaking
    "#);
}

#[test]
fn codes_have_one_name_each() {
    let names: std::collections::BTreeSet<_> =
        ReasonCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), ReasonCode::ALL.len());
    for code in ReasonCode::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        assert_eq!(code.to_string(), code.as_str());
    }
}

#[test]
fn a_diff_is_stored_and_read_back() {
    let diff = pair(
        "SELECT t.a AS a, t.b AS b FROM #t AS t",
        "SELECT t.a AS a, t.c AS b, t.d AS d FROM #t AS t WHERE t.a > 1",
    )
    .diff();
    let stored = serde_json::to_string_pretty(&diff).unwrap();
    assert_eq!(serde_json::from_str::<Diff>(&stored).unwrap(), diff);
    insta::assert_snapshot!(stored, @r#"
    {
      "category": {
        "kind": "row_set_breaking"
      },
      "rows": true,
      "order": false,
      "columns": [
        {
          "change": "redefined",
          "name": "b"
        },
        {
          "change": "added",
          "name": "d"
        }
      ],
      "reasons": [
        {
          "code": "filter_changed",
          "message": "the filter demands more",
          "new": {
            "start": 72,
            "end": 79
          }
        },
        {
          "code": "column_redefined",
          "message": "column `b` is computed otherwise",
          "old": {
            "start": 17,
            "end": 25
          },
          "new": {
            "start": 17,
            "end": 25
          }
        },
        {
          "code": "column_appended",
          "message": "column `d` is added",
          "new": {
            "start": 27,
            "end": 35
          }
        }
      ]
    }
    "#);
}

#[test]
fn spans_mark_what_is_meant_in_either_text() {
    let pair = pair(
        "WITH x AS (SELECT t.a AS a FROM #t AS t WHERE t.b > 1 AND t.c = 2)\n\
         SELECT x1.a AS a FROM x AS x1 ORDER BY a LIMIT 3",
        "WITH x AS (SELECT t.a AS a FROM #t AS t WHERE t.b > 10 AND t.c = 2)\n\
         SELECT x1.a AS a, 1 AS one FROM x AS x1 ORDER BY a LIMIT 4",
    );
    let diff = pair.diff();
    let shown = diff.reasons.iter().map(|reason| {
        let marked = |text: &SourceText, span: Option<Span>| {
            span.map_or("-".to_owned(), |span| text.text()[span.start..span.end].to_owned())
        };
        let (old, new) =
            (marked(&pair.old.source, reason.old), marked(&pair.new.source, reason.new));
        format!("{}: `{old}` `{new}`", reason.code)
    });
    insta::assert_snapshot!(shown.collect::<Vec<_>>().join("\n"), @r#"
    filter_changed: `t.b > 1` `t.b > 10`
    column_appended: `-` `1 AS one`
    limit_changed: `3` `4`
    "#);
}

#[test]
fn a_type_that_changes_under_the_same_text_breaks_the_schema() {
    let sql = "SELECT t.a AS a, t.b AS b FROM #t AS t";
    let types = |types: [&str; 2]| Some(types.map(str::to_owned).to_vec());
    let with = |new: &str, old_types, new_types| {
        let mut pair = pair(sql, new);
        (pair.old.types, pair.new.types) = (old_types, new_types);
        let diff = pair.diff();
        (diff.category.clone(), diff)
    };
    let (category, diff) = with(sql, types(["Int64", "Utf8"]), types(["Int64", "Date32"]));
    assert_eq!(category, Category::SchemaBreaking { columns: vec!["b".to_owned()] });
    assert!(!diff.rows);
    assert_eq!(diff.reach().columns, ["b".to_owned()].into());
    insta::assert_snapshot!(diff.reasons[0].message, @"column `b` has the type Date32 instead of Utf8");

    let (category, _) = with(sql, types(["Int64", "Utf8"]), types(["Int64", "Utf8"]));
    assert_eq!(category, Category::Identical);
    let (category, _) = with(sql, None, types(["Int64", "Utf8"]));
    assert_eq!(category, Category::Identical);
    let wider = "SELECT t.a AS a, t.b AS b, t.c AS c FROM #t AS t";
    let (category, _) = with(wider, types(["Int64", "Utf8"]), types(["Int32", "Utf8"]));
    assert_eq!(category, Category::SchemaBreaking { columns: vec!["a".to_owned()] });
}

#[test]
fn a_function_that_is_another_one_makes_the_same_text_unknown() {
    let sql = "SELECT abs(t.a) AS a FROM #t AS t";
    let mut pair = pair(sql, sql);
    assert_eq!(pair.diff().category, Category::Identical);
    pair.new.functions[0].facts.as_mut().unwrap().volatility = Volatility::Volatile;
    let diff = pair.diff();
    assert_eq!(diff.category, Category::Unknown);
    assert!(diff.rows);
    assert_eq!(diff.reasons[0].code, ReasonCode::FunctionChanged);
}

/// Shapes that differ without anything to be seen in what are never called harmless.
#[test]
fn forms_that_differ_in_what_is_not_seen_are_unknown_when_volatile() {
    let mut pair = pair(
        "SELECT t.a AS a FROM #t AS t WHERE random() > 0.5 AND random() < t.a",
        "SELECT t.a AS a FROM #t AS t WHERE random() < t.a AND random() > 0.5",
    );
    assert_eq!(pair.diff().category, Category::Unknown);
    pair.new.shape = pair.old.shape;
    assert_eq!(pair.diff().category, Category::Cosmetic);
}

#[test]
fn a_query_is_compared_however_it_is_nested() {
    for depth in [1, 7, 300] {
        let nest = |leaf: &str| {
            (0..depth).fold(format!("SELECT t.a AS a FROM #t AS t WHERE {leaf}"), |inner, level| {
                format!("SELECT q{level}.a AS a FROM ({inner}) AS q{level}")
            })
        };
        let pair = pair(&nest("t.b = 1"), &nest("t.b = 2"));
        assert_eq!(pair.diff().category, Category::RowSetBreaking);
    }
}

impl Pair {
    pub(super) fn diff(&self) -> Diff {
        diff(&self.old.side(), &self.new.side())
    }
}

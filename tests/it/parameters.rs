//! Values in the place of parameters and templates, beside the same queries with literals in them.

use std::fmt::Write as _;

use viewlane_sql_policy::{ParameterValue, ParameterValues, TemplateValue, TemplateValues};

use crate::engine::{Answer, Engine, outcome};

/// A column of each type, with a NULL and with what is compared with.
const TABLE: &str = "CREATE TABLE k AS SELECT value AS id, \
    CASE WHEN value = 6 THEN NULL ELSE value % 2 = 0 END AS truth, \
    nullif(value, 6) - 3 AS number, \
    CAST(nullif(value, 6) AS DOUBLE) / 2 AS float, \
    CAST(nullif(value, 6) AS DECIMAL(10, 2)) - CAST('2.50' AS DECIMAL(10, 2)) AS price, \
    CASE value WHEN 1 THEN 'it''s' WHEN 2 THEN '' WHEN 3 THEN 'x' WHEN 4 THEN 'x' WHEN 5 THEN 'é' END AS word, \
    CASE WHEN value < 6 THEN DATE '2024-02-27' + CAST(value || ' days' AS INTERVAL) END AS day, \
    CASE WHEN value < 6 THEN CAST('2024-02-29T12:00:00.5' AS TIMESTAMP(6)) END AS moment \
    FROM generate_series(1, 6)";

/// Micros of 2024-02-29T12:00:00.5.
const MOMENT: i64 = 1_709_208_000_500_000;

/// Values, the literals that are written for them by hand, and the column that holds such values.
fn values() -> Vec<(ParameterValue, &'static str, &'static str)> {
    let text = |text: &str| ParameterValue::Utf8(text.to_owned());
    let decimal = |digits: &str| ParameterValue::Decimal {
        digits: digits.to_owned(),
        precision: 10,
        scale: 2,
    };
    vec![
        (ParameterValue::Null, "NULL", "number"),
        (ParameterValue::Null, "NULL", "word"),
        (ParameterValue::Boolean(true), "true", "truth"),
        (ParameterValue::Boolean(false), "false", "truth"),
        (ParameterValue::Int64(1), "1", "number"),
        (ParameterValue::Int64(-2), "-2", "number"),
        (ParameterValue::Int64(i64::MIN), "-9223372036854775808", "number"),
        (ParameterValue::Int64(2), "2", "price"),
        (ParameterValue::Float64(1.5), "CAST('1.5' AS DOUBLE)", "float"),
        (ParameterValue::Float64(-0.0), "CAST('-0.0' AS DOUBLE)", "float"),
        (ParameterValue::Float64(f64::NAN), "CAST('NaN' AS DOUBLE)", "float"),
        (ParameterValue::Float64(f64::INFINITY), "CAST('inf' AS DOUBLE)", "float"),
        (decimal("0.50"), "CAST('0.50' AS DECIMAL(10, 2))", "price"),
        (decimal("-1.5"), "CAST('-1.50' AS DECIMAL(10, 2))", "price"),
        (text("x"), "'x'", "word"),
        (text(""), "''", "word"),
        (text("it's"), "'it''s'", "word"),
        (text("é"), "'é'", "word"),
        (ParameterValue::Date(19_782), "DATE '2024-02-29'", "day"),
        (ParameterValue::Date(-1), "DATE '1969-12-31'", "day"),
        (
            ParameterValue::Timestamp(MOMENT),
            "CAST('2024-02-29T12:00:00.5' AS TIMESTAMP(6))",
            "moment",
        ),
    ]
}

/// Where a value of any type may stand. `#` is the value, `~` the column.
const ANYWHERE: [&str; 15] = [
    "SELECT id FROM k WHERE ~ = # ORDER BY id",
    "SELECT id FROM k WHERE ~ IS DISTINCT FROM # ORDER BY id",
    "SELECT id FROM k WHERE ~ IN (#, #) ORDER BY id",
    "SELECT id FROM k WHERE ~ NOT IN (#) ORDER BY id",
    "SELECT id FROM k WHERE ~ BETWEEN # AND # ORDER BY id",
    "SELECT id FROM k WHERE ~ >= # OR # IS NULL ORDER BY id",
    "SELECT # AS x FROM k",
    "SELECT id, coalesce(~, #) AS x FROM k ORDER BY id",
    "SELECT id, nullif(~, #) AS x FROM k ORDER BY id",
    "SELECT id, CASE WHEN ~ = # THEN 'yes' WHEN ~ < # THEN 'no' ELSE 'other' END AS x FROM k ORDER BY id",
    "SELECT id, CASE ~ WHEN # THEN # ELSE ~ END AS x FROM k ORDER BY id",
    "SELECT CAST(# AS VARCHAR) AS x, # IS NULL AS y FROM k WHERE id = 1",
    "SELECT ~ AS x, count(*) AS n FROM k GROUP BY ~ HAVING max(~) <= # OR count(*) > 1 ORDER BY 1",
    "SELECT k.id, l.id AS other FROM k JOIN k AS l ON k.~ = l.~ AND l.~ = # ORDER BY 1, 2",
    "SELECT id FROM k WHERE id IN (SELECT l.id FROM k AS l WHERE l.~ = #) \
     UNION ALL SELECT d.id FROM (SELECT id, # AS x FROM k) AS d WHERE d.x = # ORDER BY id",
];

/// Where only a whole number may stand.
const COUNTS: [&str; 8] = [
    "SELECT id FROM k ORDER BY id LIMIT #",
    "SELECT id FROM k ORDER BY id LIMIT # OFFSET #",
    "SELECT id FROM k ORDER BY id OFFSET #",
    "SELECT d.id FROM (SELECT id FROM k ORDER BY id DESC LIMIT #) AS d ORDER BY d.id",
    "SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN # PRECEDING AND CURRENT ROW) AS x FROM k ORDER BY id",
    "SELECT id, count(*) OVER (ORDER BY id ROWS BETWEEN # PRECEDING AND # FOLLOWING) AS x FROM k ORDER BY id",
    "SELECT id, lag(id, #) OVER (ORDER BY id) AS x FROM k ORDER BY id",
    "SELECT id, id + # AS x, # * id AS y FROM k ORDER BY id",
];

fn filled(sql: &str, value: &str, column: &str) -> String {
    sql.replace('#', value).replace('~', column)
}

/// Holds the outcome of a query against that of its literals. Whether it gives rows at all.
fn same(
    found: Result<Answer, String>,
    expected: &Result<Answer, String>,
    what: &str,
    wrong: &mut String,
) -> bool {
    let same = match (&found, expected) {
        (Ok(found), Ok(expected)) => found == expected,
        (Err(_), Err(_)) => true,
        _ => false,
    };
    if !same {
        writeln!(wrong, "{what}\n  literal {}\n  value   {}", outcome(expected), outcome(&found))
            .unwrap();
    }
    found.is_ok_and(|answer| !answer.rows.is_empty())
}

#[test]
fn a_bound_value_gives_what_its_literal_gives() {
    let engine = Engine::new(&[TABLE]);
    let (mut runs, mut with_rows) = (0, 0);
    let mut wrong = String::new();
    let anywhere = values().into_iter().map(|value| (value, &ANYWHERE[..]));
    let counts = (0..4).map(|n| {
        let literal = ["0", "1", "2", "3"][n as usize];
        ((ParameterValue::Int64(n), literal, "id"), &COUNTS[..])
    });
    for ((value, literal, column), places) in anywhere.chain(counts) {
        for place in places {
            let expected = engine.raw(&filled(place, literal, column));
            for parameter in [":p", "@p", "$p", "?1"] {
                let sql = filled(place, parameter, column);
                let name = if parameter == "?1" { "1" } else { "p" };
                let query = engine.compile_template(&sql, &TemplateValues::new());
                let query = query.unwrap_or_else(|refusal| panic!("{sql}\n{refusal}"));
                let values = ParameterValues::new().set(name, value.clone());
                let bound =
                    query.bind(&values).unwrap_or_else(|refusal| panic!("{sql}\n{refusal}"));
                let what = format!("{sql}\n  {value:?}");
                with_rows +=
                    usize::from(same(engine.statement(bound), &expected, &what, &mut wrong));
                runs += 1;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(runs >= 1_300 && with_rows * 10 >= runs * 6, "{with_rows} of {runs} give rows");
}

#[test]
fn a_rendered_value_gives_what_its_literal_gives() {
    let engine = Engine::new(&[TABLE]);
    let text = |text: &str| TemplateValue::String(text.to_owned());
    let cases = [
        (TemplateValue::Null, "NULL", "number"),
        (TemplateValue::Boolean(true), "true", "truth"),
        (TemplateValue::Integer(1), "1", "number"),
        (TemplateValue::Integer(-2), "(-2)", "number"),
        (TemplateValue::Float(1.5), "1.5", "float"),
        (TemplateValue::Float(-0.25), "(-0.25)", "float"),
        (text("x"), "'x'", "word"),
        (text("it's"), "'it''s'", "word"),
        (text(""), "''", "word"),
        (TemplateValue::Identifier("number".to_owned()), "number", "number"),
        (
            TemplateValue::List(vec![TemplateValue::Integer(1), TemplateValue::Integer(2)]),
            "1, 2",
            "number",
        ),
        (TemplateValue::List(vec![text("x"), text("it's")]), "'x', 'it''s'", "word"),
    ];
    let counts = (0..4).map(|n| {
        let literal = ["0", "1", "2", "3"][n as usize];
        ((TemplateValue::Integer(n), literal, "id"), &COUNTS[..])
    });
    let (mut runs, mut with_rows) = (0, 0);
    let mut wrong = String::new();
    let cases = cases.into_iter().map(|case| (case, &ANYWHERE[..]));
    for ((value, literal, column), places) in cases.chain(counts) {
        let list = matches!(value, TemplateValue::List(_));
        for place in places {
            // Several values stand where one stands among several.
            if list && !place.contains("IN (#") {
                continue;
            }
            let values = TemplateValues::new().set("p", value.clone());
            let sql = filled(place, "{{ p }}", column);
            let expected = engine.raw(&filled(place, literal, column));
            let found = match engine.compile_template(&sql, &values) {
                Ok(query) => engine.run(&query),
                Err(refusal) => Err(refusal.to_string()),
            };
            let what = format!("{sql}\n  {value:?}");
            with_rows += usize::from(same(found, &expected, &what, &mut wrong));
            runs += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(runs >= 180 && with_rows * 10 >= runs * 6, "{with_rows} of {runs} give rows");
}

/// Texts that are more than a text wherever they stand as they are.
const HOSTILE: [&str; 20] = [
    "'; DROP TABLE k; --",
    "' OR '1' = '1",
    "'",
    "''",
    "\\",
    "\\'",
    "\\'; DROP TABLE k; --",
    "\"",
    "`",
    "-- all of it",
    "/* never closed",
    "*/ closed",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# a comment",
    "${7}",
    ":p @p $p ?",
    "$$ $tag$",
    "%_\n\r\t\u{0}",
    "’ ＇ 𝕏 \u{202e}",
];

#[test]
fn a_hostile_text_is_a_text() {
    let engine = Engine::new(&[TABLE]);
    let sql = |value: &str| {
        format!(
            "SELECT {value} AS x, octet_length({value}) AS n, {value} = {value} AS y, count(*) AS k \
             FROM k WHERE {value} IN ('no', {value}) AND CASE WHEN true THEN {value} END = {value}"
        )
    };
    let plain = TemplateValues::new();
    for text in HOSTILE {
        let expected = [format!("'{text}'"), text.len().to_string(), "true".into(), "6".into()];
        for parameter in [":p", "@p", "$p"] {
            let query = engine.compile_template(&sql(parameter), &plain).unwrap();
            let values = ParameterValues::new().set("p", ParameterValue::Utf8(text.to_owned()));
            let bound = query.bind(&values).unwrap();
            assert_eq!(
                engine.statement(bound).unwrap().rows,
                std::slice::from_ref(&expected),
                "{text:?}"
            );
        }
        let values = TemplateValues::new().set("p", text);
        let query = engine.compile_template(&sql("{{ p }}"), &values).unwrap();
        assert_eq!(engine.run(&query).unwrap().rows, std::slice::from_ref(&expected), "{text:?}");
        // The text that people are shown is read back as the same query.
        let again = engine.compile(&query.sql()).unwrap();
        assert_eq!(engine.run(&again).unwrap().rows, [expected], "{text:?}");
    }
    assert_eq!(engine.raw("SELECT count(*) AS n FROM k").unwrap().rows, [["6"]]);
}

/// A name is one name, whatever stands in it.
#[test]
fn a_hostile_name_is_a_name() {
    let engine = Engine::new(&[TABLE]);
    for text in HOSTILE {
        let values = TemplateValues::new().set("p", TemplateValue::Identifier(text.to_owned()));
        let Ok(query) = engine.compile_template("SELECT id AS {{ p }} FROM k LIMIT 1", &values)
        else {
            continue;
        };
        assert_eq!(query.outputs(), [Some(text.to_owned())], "{text:?}");
        let answer = engine.run(&query).unwrap();
        assert_eq!(answer.schema.field(0).name(), text);
        assert_eq!(answer.rows.len(), 1);
    }
}

use proptest::prelude::*;
use viewlane_core::SourceText;

use super::*;
use crate::testing::{lane_in, refusal};

/// What the guard of a dialect marks, or `-`.
fn marks_in(dialect: &str, sql: &str) -> String {
    let lane = lane_in(dialect);
    let found = scan(sql, Lexis::of(lane.policy()));
    let shown: Vec<_> = found.iter().map(|mark| format!("{:?} {}", mark.kind, mark.text)).collect();
    if shown.is_empty() { "-".to_owned() } else { shown.join(", ") }
}

fn marks(texts: &[&str]) -> String {
    texts.iter().map(|sql| format!("{sql}  =>  {}\n", marks_in("generic", sql))).collect()
}

#[test]
fn templates_and_parameters_are_marked() {
    insta::assert_snapshot!(marks(&[
        "select {{ col }} from t",
        "{% if x %} select 1 {% endif %}",
        "{# note #} select 1",
        "select ${x}, a_${env}, '${not}' from t_${env}",
        "select <%= x %>",
        "select * from t where a = :name and b = $1 and c = ? and d = @var and e = $named and f = ?2",
        "select :a, (:b), x=:c, @@version",
        "select '{{' || {{ x }}",
    ]), @"
    select {{ col }} from t  =>  Template {{
    {% if x %} select 1 {% endif %}  =>  Template {%, Template {%
    {# note #} select 1  =>  Template {#
    select ${x}, a_${env}, '${not}' from t_${env}  =>  Template ${, Template ${, Template ${
    select <%= x %>  =>  Template <%
    select * from t where a = :name and b = $1 and c = ? and d = @var and e = $named and f = ?2  =>  Parameter :name, Parameter $1, Parameter ?, Parameter @var, Parameter $named, Parameter ?2
    select :a, (:b), x=:c, @@version  =>  Parameter :a, Parameter :b, Parameter :c, Parameter @@version
    select '{{' || {{ x }}  =>  Template {{
    ");
}

#[test]
fn strings_comments_and_operators_are_not_marked() {
    insta::assert_snapshot!(marks(&[
        "select 'it''s {{ x }} :a $1 ?' from t",
        r"select E'\'{{ x }}', e'\\' from t",
        "select \"{{ x }}\", \"a\"\"${b}\", `:x` from t",
        "select $$ {{ x }} $1 $$, $tag$ ? $$ :x $tag$ from t",
        "select 1 -- {{ x }} ? :a",
        "select /* {{ x /* nested {% */ still $1 */ 1",
        "select a::int, a::text::varchar, b[1:2], b[:2], {a: 1}, {'a': 1, 'b': {c: 2}}, [x:y] from t",
        "select a @> b, a <@ b, a <@b, a @? b, a ?| b, a ?& b, a := 1 from t",
        "select a$1, a#b, a@b, x:y, x['k']:z from t",
    ]), @r#"
    select 'it''s {{ x }} :a $1 ?' from t  =>  -
    select E'\'{{ x }}', e'\\' from t  =>  -
    select "{{ x }}", "a""${b}", `:x` from t  =>  -
    select $$ {{ x }} $1 $$, $tag$ ? $$ :x $tag$ from t  =>  -
    select 1 -- {{ x }} ? :a  =>  -
    select /* {{ x /* nested {% */ still $1 */ 1  =>  -
    select a::int, a::text::varchar, b[1:2], b[:2], {a: 1}, {'a': 1, 'b': {c: 2}}, [x:y] from t  =>  -
    select a @> b, a <@ b, a <@b, a @? b, a ?| b, a ?& b, a := 1 from t  =>  -
    select a$1, a#b, a@b, x:y, x['k']:z from t  =>  -
    "#);
}

#[test]
fn dialects_decide_where_strings_and_comments_end() {
    insta::assert_snapshot!(
        [
            ("mysql", r"select 'it\'s {{ x }}', 1 # {{ y }}"),
            ("generic", r"select 'it\', {{ x }}"),
            ("mysql", "select \"\\\"{{ x }}\""),
            ("ansi", "select /* /* */ {{ x }} */ 1"),
            ("mssql", "select [{{ x }}]"),
            ("sqlite", "select $$ {{ x }} $$"),
        ]
        .map(|(dialect, sql)| format!("[{dialect}] {sql}  =>  {}\n", marks_in(dialect, sql)))
        .concat(),
        @r#"
    [mysql] select 'it\'s {{ x }}', 1 # {{ y }}  =>  -
    [generic] select 'it\', {{ x }}  =>  Template {{
    [mysql] select "\"{{ x }}"  =>  -
    [ansi] select /* /* */ {{ x }} */ 1  =>  -
    [mssql] select [{{ x }}]  =>  -
    [sqlite] select $$ {{ x }} $$  =>  Template {{
    "#
    );
}

#[test]
fn all_markers_are_told_with_their_places() {
    let lane = lane_in("generic");
    let text = SourceText::new("q.sql", "select {{ a }},\n  :b from t");
    let rejection = guard(lane.policy(), &text).unwrap_err();
    insta::assert_snapshot!(refusal(&rejection), @"
    VL-P0101: `{{` begins a template, not SQL @ 1:8 `{{`
      help: render the template first: a view is plain SQL
    VL-P0102: `:b` is a parameter, and there is nobody to give it a value @ 2:3 `:b`
      help: write the value itself: views take no parameters
    ");
}

proptest! {
    /// Any text is scanned to its end, and every mark is a piece of it.
    #[test]
    fn any_text_can_be_scanned(text in ".{0,80}", dialect in 0usize..3) {
        let lane = lane_in(["generic", "mysql", "mssql"][dialect]);
        for mark in scan(&text, Lexis::of(lane.policy())) {
            prop_assert_eq!(&text[mark.span.start..mark.span.end], mark.text);
        }
    }

    /// The same for texts made of what the scanner looks at.
    #[test]
    fn any_soup_can_be_scanned(parts in prop::collection::vec(
        prop::sample::select(vec![
            "'", "\"", "`", "$", "$$", "$a$", "{", "}", "{{", "[", "]", ":", "::", "@", "?", "<",
            "%", "--", "\n", "/*", "*/", "\\", "E'", "a", "é", "1", "#", " ",
        ]),
        0..25,
    )) {
        let text = parts.concat();
        let lane = lane_in("generic");
        for mark in scan(&text, Lexis::of(lane.policy())) {
            prop_assert_eq!(&text[mark.span.start..mark.span.end], mark.text);
        }
    }

    /// Whatever stands in a string literal is text.
    #[test]
    fn nothing_inside_a_string_is_marked(inner in "[^'\\\\]{0,30}") {
        let sql = format!("select '{inner}' from t");
        prop_assert_eq!(marks_in("generic", &sql), "-");
    }
}

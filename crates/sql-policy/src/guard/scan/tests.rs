use proptest::prelude::*;
use sqlparser::tokenizer::{Token, Tokenizer, Whitespace};

use super::*;
use crate::{Policy, fixtures::lane_in};

/// What the scanner of a dialect marks, or `-`.
fn marks_in(dialect: &str, sql: &str) -> String {
    let lane = lane_in(dialect);
    let found = scan(sql, &Lexis::of(lane.policy())).marks;
    let shown = found.iter().map(|mark| {
        let kind = match &mark.kind {
            MarkKind::Tag(_) | MarkKind::Foreign => "Template",
            MarkKind::Parameter(_) => "Parameter",
            MarkKind::Member(_) => "Member",
            MarkKind::Variable => "Variable",
        };
        format!("{kind} {}", mark.text)
    });
    let shown: Vec<_> = shown.collect();
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
    select :a, (:b), x=:c, @@version  =>  Parameter :a, Parameter :b, Parameter :c, Variable @@version
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
fn parameters_are_told_from_operators_and_separators() {
    insta::assert_snapshot!(marks(&[
        "select [1, :a], a[:n], a[n:m], a[f(:n):(:m)], {a: :x, 'b': f(:y)}, a[1 : n]",
        "select case when :a then :b else :c end, x in (:d), between :e and :f limit :g offset :h",
        "select a :b, (a) :b, 'x':b, 12:30, {all:x, from:y}, cast(a as struct<x :int>)",
        "select ?, ?1, ? || 'x', a ?| b, a ?& b, a @? b, f(?), [?]",
        "select t.$1, t.:a, t . ?, t.@b, .5, t.5",
        "select @a, a @> b, a <@ b, @@a, a @@ b, @ 5, @'x'",
        "select :1, $0, :1e5, :a$b, @a.b",
        "select {fn now()}, {ts '2020-01-01 12:00:00'}, {d '2020-01-01'}, x -> :y, (a, b) -> a",
        "select timestamp '2020-01-01 12:30:00', time '12:30', '12:30'::time",
    ]), @"
    select [1, :a], a[:n], a[n:m], a[f(:n):(:m)], {a: :x, 'b': f(:y)}, a[1 : n]  =>  Parameter :a, Parameter :n, Parameter :m, Parameter :x, Parameter :y
    select case when :a then :b else :c end, x in (:d), between :e and :f limit :g offset :h  =>  Parameter :a, Parameter :b, Parameter :c, Parameter :d, Parameter :e, Parameter :f, Parameter :g, Parameter :h
    select a :b, (a) :b, 'x':b, 12:30, {all:x, from:y}, cast(a as struct<x :int>)  =>  -
    select ?, ?1, ? || 'x', a ?| b, a ?& b, a @? b, f(?), [?]  =>  Parameter ?, Parameter ?1, Parameter ?, Parameter ?, Parameter ?
    select t.$1, t.:a, t . ?, t.@b, .5, t.5  =>  Member $1, Member :a, Member ?, Member @b
    select @a, a @> b, a <@ b, @@a, a @@ b, @ 5, @'x'  =>  Parameter @a, Variable @@a
    select :1, $0, :1e5, :a$b, @a.b  =>  Parameter :1, Parameter $0, Parameter :1e5, Parameter :a$b, Parameter @a
    select {fn now()}, {ts '2020-01-01 12:00:00'}, {d '2020-01-01'}, x -> :y, (a, b) -> a  =>  Parameter :y
    select timestamp '2020-01-01 12:30:00', time '12:30', '12:30'::time  =>  -
    ");
}

#[test]
fn question_marks_are_operators_where_the_dialect_has_them() {
    insta::assert_snapshot!(
        [
            ("postgres", "select a ? 'k', a ?| b, a ?& b, ? , f(?), x = ? and data ? ?"),
            ("postgres", "select a -- :x\n, /* /* :y */ */ :z"),
            ("redshift", "select a ? 'k' where b = ?"),
            ("generic", "select a ? 'k'"),
            ("mysql", "select @a, @@b, ?, :c, `?`, \"?\""),
            ("snowflake", "select src:a.b, src :c, $1, // :d\n ?"),
            ("mssql", "select $1.50, @a, [a:b]"),
            ("sqlite", "select $a, ?2, @b, :c, [?]"),
            ("bigquery", "select '''it's :a''', r'\\', b\"?\", @c"),
            ("oracle", "select q'[it's :a]', nq'{?}', :b"),
        ]
        .map(|(dialect, sql)| format!("[{dialect}] {sql}  =>  {}\n", marks_in(dialect, sql)))
        .concat(),
        @r#"
        [postgres] select a ? 'k', a ?| b, a ?& b, ? , f(?), x = ? and data ? ?  =>  Parameter ?, Parameter ?, Parameter ?, Parameter ?
        [postgres] select a -- :x
        , /* /* :y */ */ :z  =>  Parameter :z
        [redshift] select a ? 'k' where b = ?  =>  Parameter ?
        [generic] select a ? 'k'  =>  Parameter ?
        [mysql] select @a, @@b, ?, :c, `?`, "?"  =>  Parameter @a, Variable @@b, Parameter ?, Parameter :c
        [snowflake] select src:a.b, src :c, $1, // :d
         ?  =>  Parameter $1, Parameter ?
        [mssql] select $1.50, @a, [a:b]  =>  Parameter $1, Parameter @a
        [sqlite] select $a, ?2, @b, :c, [?]  =>  Parameter $a, Parameter ?2, Parameter @b, Parameter :c
        [bigquery] select '''it's :a''', r'\', b"?", @c  =>  Parameter @c
        [oracle] select q'[it's :a]', nq'{?}', :b  =>  Parameter :b
        "#
    );
}

#[test]
fn tags_end_where_the_template_says() {
    insta::assert_snapshot!(marks(&[
        "select {{ \"}}\" }}, {{ '\\'}}' }}, {{- x -}}, {#- }} :a -#} 1, {{ x",
        "{% if a == \"%}\" %} 1 {% endif %} :b",
        "select {{ x }}:b, {{ x }} ? 1",
    ]), @r#"
    select {{ "}}" }}, {{ '\'}}' }}, {{- x -}}, {#- }} :a -#} 1, {{ x  =>  Template {{, Template {{, Template {{, Template {#, Template {{
    {% if a == "%}" %} 1 {% endif %} :b  =>  Template {%, Template {%
    select {{ x }}:b, {{ x }} ? 1  =>  Template {{, Template {{, Parameter ?
    "#);
}

const DIALECTS: [&str; 16] = [
    "generic",
    "ansi",
    "bigquery",
    "clickhouse",
    "databricks",
    "duckdb",
    "hive",
    "mssql",
    "mysql",
    "oracle",
    "postgres",
    "redshift",
    "snowflake",
    "spark",
    "sqlite",
    "teradata",
];

/// Strings, quoted names and comments as the parser's tokeniser sees them.
fn by_the_tokeniser(policy: &Policy, text: &str) -> Option<Vec<String>> {
    let dialect = policy.parser_dialect();
    let tokens = Tokenizer::new(&*dialect, text).tokenize_with_location().ok()?;
    let source = viewlane_core::SourceText::new("t", text);
    let lines = crate::text::Lines::new(&source);
    let literals = tokens.iter().filter(|token| match &token.token {
        Token::Word(word) => word.quote_style.is_some(),
        Token::Whitespace(space) => {
            !matches!(space, Whitespace::Space | Whitespace::Newline | Whitespace::Tab)
        }
        Token::SingleQuotedString(_)
        | Token::DoubleQuotedString(_)
        | Token::TripleSingleQuotedString(_)
        | Token::TripleDoubleQuotedString(_)
        | Token::DollarQuotedString(_)
        | Token::SingleQuotedByteStringLiteral(_)
        | Token::DoubleQuotedByteStringLiteral(_)
        | Token::TripleSingleQuotedByteStringLiteral(_)
        | Token::TripleDoubleQuotedByteStringLiteral(_)
        | Token::SingleQuotedRawStringLiteral(_)
        | Token::DoubleQuotedRawStringLiteral(_)
        | Token::TripleSingleQuotedRawStringLiteral(_)
        | Token::TripleDoubleQuotedRawStringLiteral(_)
        | Token::NationalStringLiteral(_)
        | Token::QuoteDelimitedStringLiteral(_)
        | Token::NationalQuoteDelimitedStringLiteral(_)
        | Token::EscapedStringLiteral(_)
        | Token::UnicodeStringLiteral(_) => true,
        // `0x1` is one as well.
        Token::HexStringLiteral(_) => text[lines.bytes(token.span).start..].starts_with(['x', 'X']),
        _ => false,
    });
    let spans = literals.map(|token| lines.bytes(token.span));
    Some(spans.map(|span| text[span.start..span.end].to_owned()).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// What is text to the scanner is text to the parser, and nothing else is, in every dialect.
    #[test]
    fn the_tokeniser_sees_the_same_literals(
        dialect in prop::sample::select(&DIALECTS[..]),
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "'", "'", "''", "'''", "\"", "\"\"\"", "`", "$", "$$", "$a$", "[", "]", "--", "-- ",
                "//", "#", "\n", "\r", "/*", "*/", "\\", "\\\\", "E'", "e", "N'", "n", "B'", "b\"",
                "r'", "X'", "x", "U&'", "q'[", "]'", "nq'(", ")'", "a", "é", "1", "1e", "0x",
                " ", " ", "(", ")", ",", "=", "a'", "1'", "+", "::", ";",
                "?", "@", "<", ">", "-", "|", "&", "*", "/", "~",
            ]),
            0..14,
        ),
    ) {
        let text = parts.concat();
        let lane = lane_in(dialect);
        // In these dialects the tokeniser takes the character after some operators into them.
        let geometric = lane.policy().parser_dialect().supports_geometric_types();
        let odd = geometric && text.contains(['@', '&', '?', '<', '>', '|', '~', '=']);
        let skipped = odd || text.contains("@0") || text.contains("@1");
        if let Some(expected) = by_the_tokeniser(lane.policy(), &text)
            && !skipped
        {
            let found = scan(&text, &Lexis::of(lane.policy())).literals;
            let found: Vec<_> =
                found.iter().map(|one| text[one.span.start..one.span.end].to_owned()).collect();
            prop_assert_eq!(found, expected, "[{}] {}", dialect, text);
        }
    }
}
proptest! {
    /// Any text is scanned to its end, and every mark is a piece of it.
    #[test]
    fn any_text_can_be_scanned(text in ".{0,80}", dialect in 0usize..16) {
        let lane = lane_in(DIALECTS[dialect]);
        for mark in scan(&text, &Lexis::of(lane.policy())).marks {
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
        for mark in scan(&text, &Lexis::of(lane.policy())).marks {
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

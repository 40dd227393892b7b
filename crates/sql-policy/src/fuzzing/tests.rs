//! The same as the fuzzer does, for a bounded time, with texts that get further than bytes.

use proptest::{prelude::*, sample::select};
use sqlparser::{
    dialect::GenericDialect,
    tokenizer::{Token, Tokenizer},
};
use viewlane_core::Kinded;

use super::*;
use crate::{Rejection, codes};

/// Words, operators, literals and brackets of the language.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "HAVING", "QUALIFY", "LIMIT", "OFFSET",
    "FETCH", "FIRST", "ROWS", "ONLY", "WITH", "RECURSIVE", "AS", "DISTINCT", "ALL", "ON", "TOP",
    "UNION", "INTERSECT", "EXCEPT", "MINUS", "VALUES", "TABLE", "LATERAL", "UNNEST", "JOIN",
    "LEFT", "RIGHT", "FULL", "INNER", "OUTER", "CROSS", "SEMI", "ANTI", "NATURAL", "USING", "APPLY",
    "CASE", "WHEN", "THEN", "ELSE", "END", "AND", "OR", "NOT", "NULL", "TRUE", "FALSE", "UNKNOWN",
    "IN", "LIKE", "ILIKE", "ESCAPE", "SIMILAR", "TO", "RLIKE", "BETWEEN", "IS", "EXISTS", "ANY",
    "SOME", "CAST", "TRY_CAST", "CONVERT", "EXTRACT", "YEAR", "DAY", "SUBSTRING", "TRIM", "OVERLAY",
    "PLACING", "POSITION", "FLOOR", "CEIL", "INTERVAL", "DATE", "TIMESTAMP", "AT", "TIME", "ZONE",
    "COLLATE", "OVER", "PARTITION", "RANGE", "GROUPS", "PRECEDING", "FOLLOWING", "UNBOUNDED",
    "CURRENT", "ROW", "WINDOW", "FILTER", "WITHIN", "IGNORE", "RESPECT", "NULLS", "ASC", "DESC",
    "LAST", "ROLLUP", "CUBE", "GROUPING", "SETS", "PIVOT", "UNPIVOT", "FOR", "UPDATE", "TABLESAMPLE",
    "MATCH_RECOGNIZE", "CREATE", "MATERIALIZED", "VIEW", "PRIMARY", "KEY", "DEFAULT", "OPTIONS",
    "INSERT", "INTO", "DELETE", "MERGE", "EXPLAIN", "SET", "ARRAY", "STRUCT", "MAP", "INT", "VARCHAR",
    "DECIMAL", "BOOLEAN", "REPLACE", "EXCLUDE", "RENAME", "LAMBDA", "ORDINALITY", "PREWHERE",
    "a", "b", "t", "u", "\"Q q\"", "`k`", "[x]", "é", "_", "sum", "count", "max", "abs", "coalesce",
    "row_number", "range", "random", "current_date", "datafusion", "public",
    "0", "1", "-1", "1.5", "1e5", "99999999999999999999", "0x1F", "1_000", "'s'", "''", "'it''s'",
    "E'\\n'", "N'x'", "X'00'", "$$d$$", "'2020-01-01'", "DATE '2020-01-01'", "INTERVAL '1' DAY",
    "(", ")", "(", ")", "[", "]", "{", "}", ",", ",", ".", ".", ";", ":", "::", "*", "+", "-", "/",
    "%", "||", "=", "<", ">", "<=", ">=", "<>", "!=", "==", "<=>", "~", "~*", "!~", "&", "|", "^",
    "#", "<<", ">>", "->", "->>", "=>", ":=", "@>", "<@", "@@", "?", "?|", "?&", "!", "|>", "\\",
    "--", "/*", "*/", "{{", "${", "$1", ":p", "@v", "\"", "'", "`", "\u{0}", "\u{feff}", "\n",
];

/// Texts that reach every stage.
const TEXTS: &[&str] = &[
    "SELECT a, sum(b) AS s FROM t WHERE NOT (a > 1 AND b BETWEEN 1 AND 2) GROUP BY a HAVING sum(b) > 1",
    "WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM x WHERE a < 5) SELECT x.a FROM x",
    "SELECT t.a, u.* EXCLUDE (b) FROM t LEFT JOIN u ON t.a = u.a, UNNEST(t.c) AS e (f) ORDER BY 1 NULLS LAST",
    "SELECT row_number() OVER (PARTITION BY a ORDER BY b ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS n FROM t QUALIFY n = 1",
    "SELECT CASE a WHEN 1 THEN 'x' ELSE NULL END, a::INT, CAST(b AS DECIMAL(10, 2)), b[1], c.d FROM t",
    "SELECT a FROM t WHERE a IN (SELECT b FROM u) OR EXISTS (SELECT 1 FROM v WHERE v.a = t.a) OR a = ANY (SELECT 1)",
    "SELECT EXTRACT(YEAR FROM d), SUBSTRING(s FROM 1 FOR 2), TRIM(BOTH 'x' FROM s), INTERVAL '1' DAY, d AT TIME ZONE 'UTC' FROM t",
    "SELECT count(*) FILTER (WHERE a IS NOT NULL), array_agg(DISTINCT a ORDER BY b), max(b) FROM t GROUP BY ROLLUP (a, b), CUBE (c)",
    "(SELECT a FROM t UNION SELECT b FROM u) INTERSECT SELECT c FROM v EXCEPT VALUES (1), (2)",
    "SELECT DISTINCT ON (a) a, b FROM (SELECT 1 AS a, [1, 2] AS b) AS d (a, b), range(1, 2) AS r, (t JOIN u USING (a)) WHERE 1 = 1 LIMIT 5 OFFSET 2",
    "SELECT {a: 1, 'b': [1]}, map {'k': 1}, array_transform([1], x -> x + 1), a LIKE 'x%' ESCAPE '!', a IS DISTINCT FROM b FROM t",
    "CREATE MATERIALIZED VIEW v (a INT NOT NULL, b DECIMAL(10, 2) DEFAULT 1, PRIMARY KEY (a)) WITH (refresh = 'full', tags = ('x', 'y')) AS SELECT a, b FROM t",
    "SELECT a FROM t TABLESAMPLE (10) WHERE a SIMILAR TO 'x' FOR UPDATE",
    "SELECT $1, {{ a }}, ?, :b FROM t",
];

fn tokens(sql: &str) -> Vec<String> {
    let tokens = Tokenizer::new(&GenericDialect, sql).tokenize().expect("a text above");
    let tokens = tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_)));
    tokens.map(|token| token.to_string()).collect()
}

/// One change of a list of tokens.
fn edit(tokens: &mut Vec<String>, (kind, at, from, word): (u8, usize, usize, usize)) {
    let other = self::tokens(TEXTS[from % TEXTS.len()]);
    let word = TOKENS[word % TOKENS.len()].to_owned();
    if tokens.is_empty() {
        tokens.push(word);
        return;
    }
    let at = at % tokens.len();
    match kind % 7 {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, word),
        2 => tokens[at] = word,
        3 => {
            let again = tokens[at].clone();
            tokens.insert(at, again);
        }
        4 => {
            let with = from % tokens.len();
            tokens.swap(at, with);
        }
        5 => {
            let start = at % other.len();
            let end = (start + 1 + from % 8).min(other.len());
            tokens.splice(at..at, other[start..end].iter().cloned());
        }
        _ => tokens.truncate(at),
    }
}

fn through_the_lane(choice: u8, text: &str) {
    let mut data = vec![choice];
    data.extend_from_slice(text.as_bytes());
    run(&data);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// No soup of tokens makes the lane panic, and what passes passes again.
    #[test]
    fn any_tokens_have_an_outcome(
        choice in any::<u8>(),
        select_first in any::<bool>(),
        parts in proptest::collection::vec(select(TOKENS), 0..40),
    ) {
        let start = if select_first { "SELECT " } else { "" };
        through_the_lane(choice, &format!("{start}{}", parts.join(" ")));
    }

    /// Neither does a text that was right before somebody changed it.
    #[test]
    fn any_edited_text_has_an_outcome(
        choice in any::<u8>(),
        which in 0..TEXTS.len(),
        edits in proptest::collection::vec(any::<(u8, usize, usize, usize)>(), 0..5),
    ) {
        let mut tokens = tokens(TEXTS[which]);
        edits.into_iter().for_each(|change| edit(&mut tokens, change));
        through_the_lane(choice, &tokens.join(" "));
    }
}

proptest! {
    /// Neither do bytes that are no text.
    #[test]
    fn any_bytes_have_an_outcome(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        run(&data);
    }
}

/// A text of many terms, compiled under limits that are wide enough for the parser.
fn compile(sql: &str, limits: Limits) -> Result<(), Rejection> {
    let policy = Policy::builder().naming(Naming::Stable).limits(limits);
    let lane = Lane::new(policy.build().expect("limits above zero"));
    let text = SourceText::new("deep.sql", sql);
    super::compile(&lane, &text, true).map(|query| {
        // Printed, copied and dropped, as whoever compiles does.
        drop(query.sql());
        drop(query.statement());
    })
}

fn limits() -> Limits {
    Limits { bytes: 1 << 24, ..Limits::default() }
}

fn joined(terms: usize, by: &str) -> String {
    let terms: Vec<_> = (0..terms).map(|term| format!("a > {term}")).collect();
    format!("SELECT a FROM t WHERE {}", terms.join(by))
}

#[test]
fn long_chains_are_compiled_up_to_the_limit_and_refused_beyond() {
    for by in [" AND ", " OR ", " AND NOT ", " AND a < 1 OR "] {
        assert!(compile(&joined(9_000, by), limits()).is_ok(), "{by}");
    }
    // A comparison of its own is one level, as the first of the chain is.
    let fits = Limits { chain: 10_001, ..limits() };
    assert!(compile(&joined(10_000, " AND "), fits).is_ok());
    let short = Limits { chain: 10_000, ..limits() };
    assert_eq!(compile(&joined(10_000, " AND "), short).unwrap_err().code(), codes::LIMIT);
    assert_eq!(compile(&joined(50_000, " AND "), limits()).unwrap_err().code(), codes::LIMIT);
}

/// Where a level may stand, each as what opens, what is inside and what closes.
const LEVELS: [(&str, &str, &str, &str); 9] = [
    ("SELECT a FROM t WHERE ", "(", "a = 1", ")"),
    ("SELECT a FROM t WHERE ", "(a = 1 AND ", "a = 2", ")"),
    ("SELECT a FROM t WHERE ", "(a = 1 OR ", "a = 2", ")"),
    ("SELECT ", "abs(", "1", ")"),
    ("SELECT ", "CASE WHEN ", "1 = 1", " THEN TRUE END"),
    ("SELECT ", "- ", "1", ""),
    ("", "(", "SELECT 1", ")"),
    ("", "SELECT a FROM (", "SELECT 1 AS a", ") AS d"),
    ("SELECT a FROM t WHERE a IN ", "(SELECT a FROM t WHERE a IN ", "(1)", ")"),
];

#[test]
fn nesting_is_compiled_or_refused_at_every_depth() {
    for (head, open, middle, close) in LEVELS {
        for levels in (1..60).step_by(7).chain([100, 1_000, 10_000]) {
            let sql = format!("{head}{}{middle}{}", open.repeat(levels), close.repeat(levels));
            match compile(&sql, limits()) {
                Ok(()) => assert!(levels <= 60, "{levels} × {open}"),
                Err(refused) => {
                    let code = refused.code();
                    assert!(
                        levels > 10 && (code == codes::TOO_DEEP || code == codes::SYNTAX),
                        "{levels} × {open}: {refused}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_higher_limit_lets_deeper_nesting_pass() {
    for (head, open, middle, close) in LEVELS {
        for levels in [100, 300] {
            let sql = format!("{head}{}{middle}{}", open.repeat(levels), close.repeat(levels));
            let deep = Limits { depth: 4 * levels, ..limits() };
            if let Err(refused) = compile(&sql, deep) {
                panic!("{levels} × {open}: {refused}");
            }
        }
    }
}

/// What the parser reads twice where there is an error is not nested so deep that it takes long.
#[test]
fn errors_deep_inside_are_found_soon() {
    for open in [
        "NOT (",
        "CAST(",
        "TRY_CAST(",
        "CEIL(",
        "FLOOR(",
        "SUBSTRING(",
        "POSITION(",
        "OVERLAY(",
        "ARRAY[",
        "CONVERT(",
        "CURRENT_DATE(",
        "EXTRACT(YEAR FROM ",
        "TRIM(",
        "EXISTS (",
        "abs(",
        "(",
        "[",
        "{a: ",
        "CASE WHEN (",
        "INTERVAL (",
        "STRUCT(",
        "a IN (",
        "(SELECT ",
        "a = ANY(",
    ] {
        for levels in [5, 30] {
            let sql = format!("SELECT a FROM t WHERE {}1 1 1", open.repeat(levels));
            let code = compile(&sql, limits()).unwrap_err().code();
            assert!(code == codes::SYNTAX || code == codes::TOO_DEEP, "{levels} × {open}");
        }
    }
    let nots = |levels| format!("SELECT {}a{} FROM t", "NOT (".repeat(levels), ")".repeat(levels));
    assert!(compile(&nots(16), limits()).is_ok());
    assert_eq!(compile(&nots(17), limits()).unwrap_err().code(), codes::TOO_DEEP);
}

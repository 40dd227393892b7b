use std::collections::BTreeMap;

use proptest::prelude::*;
use sqlparser::{dialect::GenericDialect, keywords::Keyword, tokenizer::Token};

use viewlane_core::{Kinded, RelationName};

use super::*;
use crate::fixtures::{Known, lane, lane_in, lay_out, query, refusal, show, text, tokens, view};
use crate::{Naming, Transforms, codes};

/// Queries whose tokens are laid out anew, edited and compiled again.
const QUERIES: &[&str] = &[
    "SELECT a, sum(b) AS total FROM orders WHERE c > 10 AND d = 'x y' GROUP BY a HAVING sum(b) > 1",
    "WITH x AS (SELECT a, b FROM t) SELECT x.a, u.\"B c\" FROM x LEFT JOIN u ON x.a = u.a ORDER BY 1",
    "SELECT a, row_number() OVER (PARTITION BY b ORDER BY c DESC) AS n FROM t QUALIFY n = 1 LIMIT 5",
    "SELECT CASE WHEN a IS NULL THEN 0 ELSE a::INT END FROM t WHERE b IN (1, 2) OR EXISTS (SELECT 1 FROM u)",
    "SELECT a FROM t UNION ALL SELECT b FROM u EXCEPT SELECT c FROM v",
    "SELECT EXTRACT(YEAR FROM d), CAST(a AS DECIMAL(10, 2)), INTERVAL '1 day' FROM s.t AS q",
    "SELECT [1, 2, 3][1], {'k': 1}, coalesce(a, -1.50) FROM UNNEST([1, 2]) AS e (a)",
    "VALUES (1, 'a'), (2, 'b')",
];

/// What the queries read.
fn schemas() -> BTreeMap<RelationName, Vec<String>> {
    [
        ("orders", &["a", "b", "c", "d"][..]),
        ("t", &["a", "b", "c", "k", "s"]),
        ("u", &["a", "b", "B c", "d", "k"]),
        ("v", &["c", "e", "f", "k"]),
        ("s.t", &["a", "d"]),
    ]
    .map(|(name, columns)| {
        (name.parse().unwrap(), columns.iter().map(|column| column.to_string()).collect())
    })
    .into()
}

fn compiled(sql: &str) -> Result<CompiledQuery, Rejection> {
    compiled_with(Transforms::default(), sql)
}

fn stable(transforms: Transforms) -> Lane {
    let policy = Policy::builder().naming(Naming::Stable).transforms(transforms).build();
    Lane::new(policy.unwrap())
}

fn compiled_with(transforms: Transforms, sql: &str) -> Result<CompiledQuery, Rejection> {
    let lane = stable(transforms);
    let gated = lane.read_query(&text(sql), &Known)?;
    lane.resolve(gated, &schemas(), &())
}

/// The tree of a query, compiled again.
fn again(query: &CompiledQuery, tree: impl Into<Tree>) -> CompiledQuery {
    let lane = stable(Transforms::default());
    let gated = lane.read_ast(tree, query.source(), &Known).unwrap();
    lane.resolve(gated, &schemas(), &()).unwrap()
}

fn chain(terms: usize) -> String {
    let terms: Vec<_> = (0..terms).map(|n| format!("a = {n}")).collect();
    format!("SELECT * FROM t WHERE {}", terms.join(" AND "))
}

#[test]
fn long_chains_do_not_overflow_the_stack() {
    let query = compiled(&chain(10_000)).unwrap();
    assert_eq!(query.relations().len(), 1);
    assert_eq!(query.lineage().columns().len(), 5);
    assert_ne!(query.shape(), compiled(&chain(9_999)).unwrap().shape());
}

#[test]
fn long_chains_can_be_copied() {
    let sql = chain(10_000);
    let query = compiled(&sql).unwrap();
    let again = again(&query, *unwrap_query(query.statement()));
    assert_eq!(again.fingerprint(), query.fingerprint());
}

/// What an alias or a number stands for is copied to where it is written, which makes higher trees.
#[test]
fn long_chains_can_be_referred_to() {
    let sum = format!("a{}", " + 1".repeat(10_000));
    for sql in [
        format!("SELECT {sum} AS total FROM t GROUP BY 1 ORDER BY 1"),
        format!(
            "SELECT {sum} AS total FROM t GROUP BY total HAVING total{} > 1",
            " + 1".repeat(9_000)
        ),
    ] {
        let query = compiled(&sql).unwrap();
        drop(query.statement());
        assert!(query.sql().len() > 2 * sum.len());
    }
}

/// A short text must not become a tree without bounds.
#[test]
fn what_is_written_out_counts() {
    let many = vec!["total"; 300].join(" + ");
    let sum = vec!["a"; 1_000].join(" + ");
    insta::assert_snapshot!(
        refusal(&compiled(&format!("SELECT {sum} AS total FROM t GROUP BY total HAVING {many} > 1")).unwrap_err()),
        @"
    VL-P0405: the names and numbers of outputs stand for more than 200000 expressions, which is what the policy allows @ 1:4836 `total`
      help: compute the output in a derived table and refer to its column, or raise the limit `expressions`
    "
    );
    let stars = vec!["*"; 2_001].join(", ");
    insta::assert_snapshot!(refusal(&compiled(&format!("SELECT {stars} FROM t")).unwrap_err()), @"
    VL-P0405: the list has more than 10000 items, spelled out @ 1:1 `S`
      help: select fewer columns, or raise the limit `columns`
    VL-P0703: more than one output is called `a` @ 1:1 `S`
      help: give the outputs different aliases
    VL-P0703: more than one output is called `b` @ 1:1 `S`
      help: give the outputs different aliases
    VL-P0703: more than one output is called `c` @ 1:1 `S`
      help: give the outputs different aliases
    VL-P0703: more than one output is called `k` @ 1:1 `S`
      help: give the outputs different aliases
    VL-P0703: more than one output is called `s` @ 1:1 `S`
      help: give the outputs different aliases
    ");
}

/// Each transform is made when it is asked for, and not before.
#[test]
fn transforms_are_made_when_asked_for() {
    let compile = |transforms, sql: &str| compiled_with(transforms, sql).unwrap().sql();
    let off = Transforms::default();
    let shown = [
        (
            Transforms { hoist_ctes: true, ..off },
            "SELECT a FROM (WITH x AS (SELECT a FROM t) SELECT a FROM x) AS q",
        ),
        (
            Transforms { eliminate_qualify: true, ..off },
            "SELECT a FROM t QUALIFY row_number() OVER (ORDER BY b) = 1",
        ),
        (
            Transforms { join_commas: true, ..off },
            "SELECT t.a FROM t, u WHERE t.a = u.a AND t.b > 1",
        ),
        (
            Transforms { normalise_predicates: Some(128), ..off },
            "SELECT a FROM t WHERE NOT (a > 1 AND b IS NULL)",
        ),
        (Transforms { lower_unnest: true, ..off }, "SELECT a, x FROM t, UNNEST(t.s) AS v (x)"),
    ]
    .map(|(transforms, sql)| {
        let (without, with) = (compile(off, sql), compile(transforms, sql));
        assert_ne!(without, with, "{sql}");
        format!("{without}\n    {with}")
    });
    insta::assert_snapshot!(shown.join("\n"), @"
    SELECT q.a AS a FROM (WITH x AS (SELECT t.a AS a FROM datafusion.public.t AS t) SELECT x.a AS a FROM x AS x) AS q
        WITH x AS (SELECT t.a AS a FROM datafusion.public.t AS t) SELECT q.a AS a FROM (SELECT x.a AS a FROM x AS x) AS q
    SELECT t.a AS a FROM datafusion.public.t AS t QUALIFY row_number() OVER (ORDER BY t.b) = 1
        SELECT __vl_1.__vl_2 AS a FROM (SELECT t.a AS __vl_2, row_number() OVER (ORDER BY t.b) AS __vl_3 FROM datafusion.public.t AS t) AS __vl_1 WHERE __vl_1.__vl_3 = 1
    SELECT t.a AS a FROM datafusion.public.t AS t, datafusion.public.u AS u WHERE t.a = u.a AND t.b > 1
        SELECT t.a AS a FROM datafusion.public.t AS t INNER JOIN datafusion.public.u AS u ON t.a = u.a WHERE t.b > 1
    SELECT t.a AS a FROM datafusion.public.t AS t WHERE NOT (t.a > 1 AND t.b IS NULL)
        SELECT t.a AS a FROM datafusion.public.t AS t WHERE t.a <= 1 OR t.b IS NOT NULL
    SELECT t.a AS a, v.x AS x FROM datafusion.public.t AS t, UNNEST(t.s) AS v (x)
        SELECT t.a AS a, t.x AS x FROM (SELECT t_1.a AS a, unnest(t_1.s) AS x FROM datafusion.public.t AS t_1) AS t
    ");
}

#[test]
fn long_chains_can_be_shown() {
    assert!(compiled(&chain(10_000)).unwrap().sql().len() > 10_000);
}

#[test]
fn other_long_chains_do_not_overflow_the_stack_either() {
    let sums = format!("SELECT 1{}", " + 1".repeat(10_000));
    assert!(compiled(&sums).is_ok());
    let unions = format!("SELECT a FROM t{}", " UNION ALL SELECT a FROM t".repeat(1_000));
    drop(compiled(&unions).unwrap().statement());
    let casts = format!("SELECT 1{}", "::INT".repeat(5_000));
    assert!(compiled(&casts).is_ok());
    let refused = format!("SELECT {} SIMILAR TO 'x'", vec!["a"; 5_000].join(" || "));
    assert!(query(&refused).is_err());
    let too_long = format!("SELECT 1{}", " + 1".repeat(100_000));
    insta::assert_snapshot!(show(query(&too_long)), @"
    VL-P0405: the query has 200001 expressions, the policy allows 200000 @ 1:1 `S`
      help: split the query into several views, or raise the limit `expressions`
    VL-P0405: the query has 100001 expressions inside each other, the policy allows 20000 @ 1:1 `S`
      help: split the query into several views, or raise the limit `chain`
    ");
    let two = format!("SELECT 1{}; SELECT 2", "+1".repeat(200_000));
    assert!(view(&two).is_err());
    let broken = format!("SELECT 1{} +", "+1".repeat(200_000));
    assert!(query(&broken).is_err());
}

/// The parser bounds only some of its recursion; none of these may end the process.
#[test]
fn deep_nesting_is_refused() {
    for (head, open, middle, close) in [
        ("SELECT * FROM ", "(", "t", ")"),
        ("SELECT ", "(", "1", ")"),
        ("SELECT ", "(SELECT ", "1", ")"),
        ("SELECT ", "abs(", "1", ")"),
        ("SELECT ", "[", "1", "]"),
        ("SELECT ", "{a: ", "1", "}"),
        ("SELECT ", "CASE WHEN ", "a", " THEN 1 END"),
        ("SELECT ", "NOT ", "a", ""),
        ("SELECT ", "INTERVAL ", "'1 day'", ""),
        ("SELECT CAST(1 AS ", "ARRAY<", "INT", ">"),
        ("SELECT CAST(1 AS ", "STRUCT<a ", "INT", ">"),
        ("SELECT CAST(1 AS ", "STRUCT(a ", "INT", ")"),
        ("SELECT CAST(1 AS INT", "", "", "[]"),
        ("", "(", "SELECT 1", ")"),
    ] {
        let sql = format!("{head}{}{middle}{}", open.repeat(5_000), close.repeat(5_000));
        for dialect in ["generic", "duckdb", "bigquery"] {
            let refused = lane_in(dialect).read_query(&text(&sql), &Known).unwrap_err();
            // Where the parser tries several ways, it tells of the last one it tried.
            let code = refused.code();
            assert!(code == codes::TOO_DEEP || code == codes::SYNTAX, "{dialect}: {refused}");
        }
        let fits = format!("{head}{}{middle}{}", open.repeat(40), close.repeat(40));
        let _ = query(&fits);
    }
}

fn unwrap_query(statement: sqlparser::ast::Statement) -> Box<sqlparser::ast::Query> {
    match statement {
        sqlparser::ast::Statement::Query(query) => query,
        other => panic!("{other} is not a query"),
    }
}

#[test]
fn a_stored_tree_passes_the_same_gate() {
    let tree = |sql: &str| {
        let mut parsed = sqlparser::parser::Parser::parse_sql(&GenericDialect, sql).unwrap();
        *unwrap_query(parsed.remove(0))
    };
    let origin = SourceText::new("stored definition", "");
    let compile = |sql: &str| show(lane().read_ast(tree(sql), &origin, &Known));
    insta::assert_snapshot!(compile("SELECT A FROM T"), @"
    SELECT a FROM t
    reads t
    ");
    insta::assert_snapshot!(compile("SELECT $1, nope(a) FROM t FOR UPDATE"), @"
    VL-P0102: `$1` is a parameter, and there is nobody to give it a value @ 1:1 ``
      help: write the value itself: views take no parameters
    VL-P0401: the function `nope` is not known @ 1:1 ``
      help: check the spelling, or register the function
    VL-P0301: the engine would silently ignore `FOR UPDATE` @ 1:1 ``
      help: leave it out: a view reads pinned versions and locks nothing
    ");
    assert_eq!(
        lane().read_ast(tree("SELECT A FROM T"), &origin, &Known).unwrap().fingerprint(),
        query("select a from t").unwrap().fingerprint(),
    );
}

#[test]
fn uses_carry_the_place_of_the_first_one() {
    let sql = "SELECT ABS(b.x), abs(1), Lower('x') FROM s.T AS a, \"B\" AS b, s.t AS c, t";
    let compiled = query(sql).unwrap();
    let relations: Vec<_> = compiled
        .relations()
        .iter()
        .map(|used| format!("{} `{}`", used.name, &sql[used.span.start..used.span.end]))
        .collect();
    assert_eq!(relations, ["\"B\" `\"B\"`", "s.t `s.T`", "t `t`"]);
    let functions: Vec<_> = compiled
        .functions()
        .iter()
        .map(|used| format!("{} `{}`", used.name, &sql[used.span.start..used.span.end]))
        .collect();
    assert_eq!(functions, ["abs `ABS`", "lower `Lower`"]);
}

/// The policy hash knows the facts of the functions used, and of no others.
#[test]
fn the_policy_fingerprint_depends_on_the_functions_used() {
    let id = |sql: &str| compiled(sql).unwrap().policy_fingerprint();
    assert_eq!(id("SELECT abs(1)"), id("SELECT abs(a) + abs(b) FROM t"));
    assert_ne!(id("SELECT abs(1)"), id("SELECT 1"));
    assert_ne!(id("SELECT abs(1)"), id("SELECT lower('a')"));
    assert_eq!(id("SELECT array_cat([1], [2])"), id("SELECT array_concat([1], [2])"));
}

proptest! {
    /// Blanks, comments and the case of words do not matter.
    #[test]
    fn layout_does_not_matter(
        which in 0..QUERIES.len(),
        seed in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let laid_out = lay_out(&GenericDialect, QUERIES[which], &seed, |_| true);
        let one = compiled(QUERIES[which]).unwrap();
        let two = compiled(&laid_out).unwrap();
        prop_assert_eq!(one.fingerprint(), two.fingerprint(), "{}", laid_out);
        prop_assert_eq!(one.policy_fingerprint(), two.policy_fingerprint());
    }

    /// Another literal or another name is another query.
    #[test]
    fn every_edit_matters(which in 0..QUERIES.len(), at in any::<prop::sample::Index>()) {
        let mut tokens = tokens(&GenericDialect, QUERIES[which]);
        let editable: Vec<_> = (0..tokens.len())
            .filter(|index| match &tokens[*index] {
                Token::Number(..) | Token::SingleQuotedString(_) => true,
                Token::Word(word) => {
                    let called = matches!(tokens.get(index + 1), Some(Token::LParen));
                    word.keyword == Keyword::NoKeyword && !called
                }
                _ => false,
            })
            .collect();
        let index = editable[at.index(editable.len())];
        match &mut tokens[index] {
            Token::Number(digits, _) => digits.push('7'),
            Token::SingleQuotedString(text) => text.push('!'),
            Token::Word(word) => word.value.push('z'),
            _ => unreachable!("only these are editable"),
        }
        let edited: String = tokens.iter().map(|token| format!("{token} ")).collect();
        // Some edits make a text that is refused, such as a window that nobody defines.
        if let Ok(two) = query(&edited) {
            let one = query(QUERIES[which]).unwrap();
            prop_assert_ne!(one.fingerprint(), two.fingerprint(), "{}", edited);
        }
        // Another name may be another spelling of the same; another literal never is.
        let literal = !matches!(tokens[index], Token::Word(_));
        if literal && let Ok(two) = compiled(&edited) {
            let one = compiled(QUERIES[which]).unwrap();
            prop_assert_ne!(one.fingerprint(), two.fingerprint(), "{}", edited);
        }
    }

    /// Canonical form of canonical form is itself, from the tree and from its text.
    #[test]
    fn canonical_form_is_stable(
        which in 0..QUERIES.len(),
        seed in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let once = query(&lay_out(&GenericDialect, QUERIES[which], &seed, |_| true)).unwrap();
        let tree = lane().read_ast(once.ast().clone(), once.source(), &Known).unwrap();
        prop_assert_eq!(once.ast(), tree.ast());
        let printed = query(&once.sql()).unwrap();
        prop_assert_eq!(once.fingerprint(), printed.fingerprint(), "{}", once.sql());
        let once = compiled(&lay_out(&GenericDialect, QUERIES[which], &seed, |_| true)).unwrap();
        let tree = again(&once, once.ast().clone());
        prop_assert_eq!(once.ast(), tree.ast());
        let printed = compiled(&once.sql()).unwrap();
        prop_assert_eq!(once.ast(), printed.ast(), "{}", once.sql());
    }

    /// A name is itself in quotes, whatever word of the language it is.
    #[test]
    fn quoted_names_print_as_themselves(name in "[a-zA-Z_][a-zA-Z0-9_]{0,8}|[a-z ]{1,6}|select|null|date|end") {
        let sql = format!("SELECT \"{name}\" AS \"{name}\" FROM \"{name}\" AS \"{name}\"");
        let once = query(&sql).unwrap();
        let printed = query(&once.sql()).unwrap();
        prop_assert_eq!(once.fingerprint(), printed.fingerprint(), "{}", once.sql());
    }

    /// No text makes the lane panic.
    #[test]
    fn any_text_has_an_outcome(text in ".{0,80}") {
        let _ = view(&text).map(|view| view.query().sql());
        let _ = compiled(&text);
    }

    /// No soup of tokens makes the lane panic, and what passes is stable.
    #[test]
    fn any_soup_has_an_outcome(parts in prop::collection::vec(
        prop::sample::select(vec![
            "SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "WITH", "AS", "(", ")", ",", "a",
            "t", "\"Q\"", "'s'", "1", "*", "JOIN", "ON", "UNION", "OVER", "CREATE", "VIEW", "abs",
            "CASE", "WHEN", "END", "NOT", "NULL", "IN", "=", "::", "INT", "[", "]", "{", "}", ":",
            "LATERAL", "VALUES", "PRIMARY KEY", "DEFAULT", ";", "LIMIT", "RECURSIVE", "->", ".",
            "EXISTS", "BETWEEN", "AND", "INTERVAL", "MATERIALIZED", "UNNEST", "WINDOW", "é",
        ]),
        0..18,
    )) {
        let sql = parts.join(" ");
        let _ = view(&sql);
        let _ = compiled(&sql);
        if let Ok(once) = query(&sql) {
            let again = lane().read_ast(once.ast().clone(), once.source(), &Known).unwrap();
            prop_assert_eq!(once.fingerprint(), again.fingerprint());
        }
    }
}

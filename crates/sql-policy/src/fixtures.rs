//! What the tests of all stages share: a small set of functions, and one way to show an outcome.

pub(crate) mod edit;
pub(crate) mod generate;
pub(crate) mod respell;

use std::{collections::BTreeMap, fmt::Write as _, sync::Arc};

use arrow_schema::{DataType, Field, Schema};
use sqlparser::{
    dialect::Dialect,
    keywords::Keyword,
    tokenizer::{Token, Tokenizer, Word},
};
use viewlane_core::{
    ColumnSource, FunctionFacts, FunctionKind, FunctionSource, RelationName, SourceText, Volatility,
};

use crate::{CompiledQuery, GatedQuery, GatedView, Input, Lane, Naming, Policy, Rejection};

/// Functions as an engine would know them.
#[derive(Debug)]
pub(crate) struct Known;

impl FunctionSource for Known {
    fn facts(&self, name: &str) -> Option<FunctionFacts> {
        use FunctionKind::{Aggregate, Scalar, Table, Window};
        use Volatility::{Immutable, Stable, Volatile};
        let (name, kind, volatility) = match name {
            "abs" | "lower" | "concat" | "coalesce" | "map" | "array_transform" | "now2"
            | "named_struct" => (name, Scalar, Immutable),
            "array_cat" | "array_concat" => ("array_concat", Scalar, Immutable),
            "now" | "current_date" => (name, Scalar, Stable),
            "random" => (name, Scalar, Volatile),
            "count" | "sum" | "max" | "min" | "array_agg" | "first_value" | "percentile_cont"
            | "grouping" => (name, Aggregate, Immutable),
            "row_number" | "lag" => (name, Window, Immutable),
            "generate_series" | "range" | "lake.files" => (name, Table, Immutable),
            _ => return None,
        };
        Some(FunctionFacts { name: name.to_owned(), kind, volatility })
    }
}

pub(crate) fn text(sql: &str) -> SourceText {
    SourceText::new("q.sql", sql)
}

pub(crate) fn lane() -> Lane {
    lane_in("generic")
}

pub(crate) fn lane_in(dialect: &str) -> Lane {
    Lane::new(Policy::builder().dialect(dialect).build().expect("a known dialect"))
}

pub(crate) fn query(sql: &str) -> Result<GatedQuery, Rejection> {
    lane().read_query(&text(sql), &Known)
}

pub(crate) fn view(sql: &str) -> Result<GatedView, Rejection> {
    lane().read_view(&text(sql), &Known)
}

/// A few relations: `t (a, b, c, k, s)`, `u (a, d, k)`, `v (e, f, k)`, and `o.w (a, g)`.
pub(crate) fn schemas() -> BTreeMap<RelationName, Arc<Schema>> {
    let table = |name: &str, columns: &str| {
        let field = |name| Field::new(name, DataType::Int64, true);
        let fields: Vec<_> = columns.split(' ').map(field).collect();
        (name.parse().expect("a name"), Arc::new(Schema::new(fields)))
    };
    BTreeMap::from([
        table("t", "a b c k s"),
        table("u", "a d k"),
        table("v", "e f k"),
        table("o.w", "a g"),
        table("big", "A Be"),
        table("users", "user current_time current_date"),
    ])
}

/// Knows every relation; each has the columns `a` to `z`.
#[derive(Debug)]
pub(crate) struct Letters;

impl ColumnSource for Letters {
    fn columns(&self, _: &RelationName) -> Option<Vec<String>> {
        Some(('a'..='z').map(String::from).collect())
    }
}

/// A query over [`Letters`].
pub(crate) fn compile<'a>(
    lane: &Lane,
    input: impl Into<Input<'a>>,
) -> Result<CompiledQuery, Rejection> {
    lane.resolve(lane.read_query(input, &Known)?, &Letters, &())
}

/// A query over [`schemas`], under names that do not depend on an engine.
pub(crate) fn compiled(sql: &str) -> Result<CompiledQuery, Rejection> {
    let policy = Policy::builder().naming(Naming::Stable).build().expect("a policy");
    let lane = Lane::new(policy);
    let gated = lane.read_query(&text(sql), &Known)?;
    lane.resolve(gated, &schemas(), &())
}

/// What the lane makes of a query: its canonical text and what it reads, or why it is refused.
#[track_caller]
pub(crate) fn check(sql: &str) -> String {
    show(query(sql))
}

#[track_caller]
pub(crate) fn check_in(dialect: &str, sql: &str) -> String {
    show(lane_in(dialect).read_query(&text(sql), &Known))
}

pub(crate) fn show(outcome: Result<GatedQuery, Rejection>) -> String {
    match outcome {
        Ok(query) => {
            let mut shown = query.sql();
            let relations = query.relations().iter().map(|used| used.name.to_string());
            let relations: Vec<_> = relations.collect();
            let functions = query.functions().iter().map(|used| used.name.clone());
            let functions: Vec<_> = functions.collect();
            if !relations.is_empty() {
                let _ = write!(shown, "\nreads {}", relations.join(", "));
            }
            if !functions.is_empty() {
                let _ = write!(shown, "\ncalls {}", functions.join(", "));
            }
            shown
        }
        Err(rejection) => refusal(&rejection),
    }
}

/// One line for each finding, and one for what to do.
pub(crate) fn refusal(rejection: &Rejection) -> String {
    let mut shown = String::new();
    for found in rejection.diagnostics() {
        let _ = write!(shown, "{}: {}", found.code, found.message);
        if let Some(place) = &found.location {
            let marked: String =
                place.line_text.chars().skip(place.column - 1).take(place.width).collect();
            let _ = write!(shown, " @ {}:{} `{marked}`", place.line, place.column);
        }
        let _ = writeln!(shown, "\n  help: {}", found.help.as_deref().unwrap_or("none"));
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// The tokens of a text, without blanks and comments.
pub(crate) fn tokens(dialect: &dyn Dialect, sql: &str) -> Vec<Token> {
    let tokens = Tokenizer::new(dialect, sql).with_unescape(false).tokenize();
    let tokens = tokens.expect("a text of tokens");
    tokens.into_iter().filter(|token| !matches!(token, Token::Whitespace(_))).collect()
}

/// The tokens with other blanks, comments and cases of words between them. `shout` tells which
/// keywords may be in capitals: not those that name something which is taken verbatim.
pub(crate) fn lay_out(
    dialect: &dyn Dialect,
    sql: &str,
    seed: &[u8],
    shout: impl Fn(&Word) -> bool,
) -> String {
    const BLANKS: [&str; 6] = [" ", "\n\t", " -- c\n", " /* c */", "  /* a 'b */ ", "\r\n"];
    let nested = dialect.supports_nested_comments();
    let mut out = String::new();
    for (index, token) in tokens(dialect, sql).iter().enumerate() {
        let dice = seed[index % seed.len()];
        let shown = token.to_string();
        let shown = match token {
            Token::Word(word) if word.quote_style.is_none() && dice & 1 == 0 => {
                shown.to_lowercase()
            }
            Token::Word(word)
                if word.keyword != Keyword::NoKeyword && dice & 2 == 0 && shout(word) =>
            {
                shown.to_uppercase()
            }
            _ => shown,
        };
        out.push_str(match BLANKS[usize::from(dice >> 2) % BLANKS.len()] {
            " /* c */" if nested => " /* a /* b */ ' */",
            blank => blank,
        });
        out.push_str(&shown);
    }
    out
}

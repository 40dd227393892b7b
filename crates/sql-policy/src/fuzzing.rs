//! What a fuzzer calls: any bytes go through the whole lane. Not for users.

use std::sync::LazyLock;

use viewlane_core::{
    ColumnSource, FunctionFacts, FunctionKind, FunctionSource, RelationName, SourceText, Volatility,
};

use crate::{Category, CompiledQuery, Lane, Limits, Naming, Policy, Rejection, Transforms};

/// Takes bytes as a query or a view: compiled, or refused with a code. The first byte chooses the
/// dialect, the entrance, the limits and the rewrites, the rest is the text.
///
/// # Panics
///
/// When what is compiled does not keep what the crate promises of it.
pub fn run(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else { return };
    let lane = &LANES[usize::from(choice >> 1) % LANES.len()];
    let text = SourceText::new("fuzz.sql", String::from_utf8_lossy(text));
    match compile(lane, &text, choice & 1 == 0) {
        Ok(query) => check(lane, &query),
        Err(rejection) => assert!(!rejection.diagnostics().is_empty(), "a refusal says why"),
    }
}

fn compile(lane: &Lane, text: &SourceText, bare: bool) -> Result<CompiledQuery, Rejection> {
    let gated = if bare {
        lane.read_query(text, &Permissive)?
    } else {
        lane.read_view(text, &Permissive)?.into_parts().1
    };
    lane.resolve(gated, &Permissive, &())
}

fn check(lane: &Lane, query: &CompiledQuery) {
    let again = lane
        .read_ast(query.ast().clone(), query.source(), &Permissive)
        .and_then(|gated| lane.resolve(gated, &Permissive, &()))
        .unwrap_or_else(|refused| panic!("{}\nis refused: {refused}", query.sql()));
    assert_eq!(again.fingerprint(), query.fingerprint(), "{}\n{}", query.sql(), again.sql());
    assert_eq!(again.shape(), query.shape(), "{}", query.sql());
    assert_eq!(query.lineage().outputs().len(), query.outputs().len(), "{}", query.sql());
    let (artifact, other) = (query.artifact(), again.artifact());
    assert_eq!(artifact.diff(&other).category, Category::Identical);
}

static LANES: LazyLock<Vec<Lane>> = LazyLock::new(|| {
    let all = Transforms {
        hoist_ctes: true,
        eliminate_qualify: true,
        join_commas: true,
        normalise_predicates: Some(64),
        lower_unnest: true,
    };
    let deep = Limits { depth: 100, ..Limits::default() };
    let dialects = ["generic", "duckdb", "postgres", "bigquery", "snowflake", "clickhouse"];
    let policies = dialects.into_iter().flat_map(|dialect| {
        let policy = Policy::builder().dialect(dialect).naming(Naming::Stable);
        [policy.clone(), policy.limits(deep).transforms(all)]
    });
    policies.map(|policy| Lane::new(policy.build().expect("a known dialect"))).collect()
});

/// Knows every function and every relation. A function's name says what kind it is of; a relation
/// has the columns `a` to `z`.
struct Permissive;

impl FunctionSource for Permissive {
    fn facts(&self, name: &str) -> Option<FunctionFacts> {
        let kind = match name {
            "unnest" | "unnest_outer" | "make_map" => return None,
            "sum" | "max" | "count" | "array_agg" | "first_value" => FunctionKind::Aggregate,
            "row_number" | "lag" | "rank" => FunctionKind::Window,
            "range" | "generate_series" => FunctionKind::Table,
            _ => FunctionKind::Scalar,
        };
        let volatility =
            if name == "random" { Volatility::Volatile } else { Volatility::Immutable };
        Some(FunctionFacts { name: name.to_owned(), kind, volatility })
    }
}

impl ColumnSource for Permissive {
    fn columns(&self, _: &RelationName) -> Option<Vec<String>> {
        Some(('a'..='z').map(String::from).collect())
    }
}

#[cfg(test)]
mod tests;

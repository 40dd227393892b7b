//! Reads the facts of every function that a session knows.

use datafusion::{execution::SessionState, logical_expr::Volatility as EngineVolatility};
use viewlane_core::{FunctionFacts, FunctionKind, Volatility};

use crate::FunctionCatalog;

/// Names that DataFusion's SQL planner resolves without asking a registry.
///
/// `unnest` and `unnest_outer` give several rows for one, so they are relations wherever they stand.
const PLANNED: &[(&str, FunctionKind)] =
    &[("unnest", FunctionKind::Table), ("unnest_outer", FunctionKind::Table)];

/// Names that an expression planner turns into a call of another function.
const REWRITTEN: &[(&str, &str)] = &[("make_map", "map")];

/// Table functions say nothing about their volatility. These two are the engine's own and depend on
/// nothing but their arguments; any other may read anything.
pub(crate) const PURE_TABLE_FUNCTIONS: &[&str] = &["generate_series", "range"];

impl FunctionCatalog {
    /// Every function of a session: scalar, higher-order, aggregate, window and table functions, by
    /// every name under which they are registered, and those names that the planner itself resolves.
    ///
    /// Higher-order functions count as scalar: they give one value for each row.
    pub fn from_session(state: &SessionState) -> Self {
        let mut catalog = Self::new();
        let facts = |name: &str, kind, volatility| FunctionFacts {
            name: name.to_owned(),
            kind,
            volatility: from_engine(volatility),
        };

        for (name, kind) in PLANNED {
            catalog.put(name, facts(name, *kind, EngineVolatility::Immutable));
        }
        // Before the scalar functions, because the planner prefers those of the same name. The maps
        // of the session are unordered, the catalog is not: order of insertion within one map does
        // not matter.
        for (name, function) in state.higher_order_functions() {
            let volatility = function.signature().volatility;
            catalog.put(name, facts(function.name(), FunctionKind::Scalar, volatility));
        }
        for (name, function) in state.scalar_functions() {
            let volatility = function.signature().volatility;
            catalog.put(name, facts(function.name(), FunctionKind::Scalar, volatility));
        }
        for (name, function) in state.aggregate_functions() {
            let volatility = function.signature().volatility;
            catalog.put(name, facts(function.name(), FunctionKind::Aggregate, volatility));
        }
        for (name, function) in state.window_functions() {
            let volatility = function.signature().volatility;
            catalog.put(name, facts(function.name(), FunctionKind::Window, volatility));
        }
        for name in state.table_functions().keys() {
            let volatility = match PURE_TABLE_FUNCTIONS.contains(&name.as_str()) {
                true => EngineVolatility::Immutable,
                false => EngineVolatility::Volatile,
            };
            catalog.put(name, facts(name, FunctionKind::Table, volatility));
        }
        for (name, target) in REWRITTEN {
            if let Some(target) = catalog.facts_as(target, FunctionKind::Scalar).cloned() {
                catalog.put(name, target);
            }
        }
        catalog
    }
}

pub(crate) fn from_engine(volatility: EngineVolatility) -> Volatility {
    match volatility {
        EngineVolatility::Immutable => Volatility::Immutable,
        EngineVolatility::Stable => Volatility::Stable,
        EngineVolatility::Volatile => Volatility::Volatile,
    }
}

#[cfg(test)]
mod tests;

use viewlane_core::{Code, FunctionFacts, FunctionKind, Kinded, Volatility};

use crate::codes;

/// Why function facts could not be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// One name would mean two different functions.
    #[error(
        "function `{name}` is {} already and cannot also be {}",
        describe(.known),
        describe(.given)
    )]
    ConflictingFacts {
        /// The name or alias.
        name: String,
        /// What it means already.
        known: FunctionFacts,
        /// What it was now said to mean.
        given: FunctionFacts,
    },
}

impl Kinded for Error {
    fn code(&self) -> Code {
        match self {
            Self::ConflictingFacts { .. } => codes::CONFLICTING_FACTS,
        }
    }
}

/// As in "an immutable scalar function `abs`".
fn describe(facts: &FunctionFacts) -> String {
    let volatility = match facts.volatility {
        Volatility::Immutable => "an immutable",
        Volatility::Stable => "a stable",
        Volatility::Volatile => "a volatile",
    };
    let kind = match facts.kind {
        FunctionKind::Scalar => "scalar",
        FunctionKind::Aggregate => "aggregate",
        FunctionKind::Window => "window",
        FunctionKind::Table => "table",
    };
    format!("{volatility} {kind} function `{}`", facts.name)
}

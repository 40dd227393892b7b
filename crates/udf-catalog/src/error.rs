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
    /// A function cannot have a name that the session uses already.
    #[error("the session has a function `{name}` already")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// A slow function is allowed that is not there.
    #[error(
        "`{name}` is allowed as a slow function, but there is none of this name{}",
        .nearest.as_ref().map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
    )]
    UnknownSlowFunction {
        /// The name.
        name: String,
        /// A name that was likely meant.
        nearest: Option<String>,
    },
    /// The engine did not take a function.
    #[cfg(feature = "datafusion")]
    #[error("a function cannot be registered")]
    Register(#[source] EngineError),
    /// The table of functions, the session and the documentation do not say the same.
    #[error("{} functions are not what the table says, the first: {}", .differences.len(), .differences[0])]
    NoParity {
        /// What differs, one sentence each; never empty.
        differences: Vec<String>,
    },
}

/// The engine's own account. Opaque, so that an upgrade of it is not a breaking change here.
#[cfg(feature = "datafusion")]
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct EngineError(pub(crate) std::sync::Arc<datafusion::error::DataFusionError>);

#[cfg(feature = "datafusion")]
impl PartialEq for EngineError {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
    }
}

#[cfg(feature = "datafusion")]
impl Eq for EngineError {}

impl Kinded for Error {
    fn code(&self) -> Code {
        match self {
            Self::ConflictingFacts { .. } => codes::CONFLICTING_FACTS,
            Self::NameTaken { .. } => codes::NAME_TAKEN,
            Self::UnknownSlowFunction { .. } => codes::UNKNOWN_SLOW_FUNCTION,
            #[cfg(feature = "datafusion")]
            Self::Register(_) => codes::NOT_REGISTERED,
            Self::NoParity { .. } => codes::NO_PARITY,
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

//! Everything that calls the lane.

use datafusion::execution::SessionState;
use viewlane_core::{Kinded, SourceText};
use viewlane_sql_policy::{CompiledQuery, Rejection};
use viewlane_udf_catalog::FunctionCatalog;

use crate::lane::SessionLane;

/// What the lane made of a text.
pub(super) struct Compiled {
    pub(super) query: CompiledQuery,
    /// What is wrong when the compiled tree is compiled again: it must come out as it is.
    pub(super) again: Option<String>,
}

/// Why there is nothing to run.
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Self { code: rejection.code().as_str().to_owned(), message: rejection.to_string() }
    }
}

/// Compiles a text as the session would have it read.
pub(super) async fn compile(
    state: &SessionState,
    functions: &FunctionCatalog,
    text: &SourceText,
) -> Result<Compiled, Refusal> {
    let lane = SessionLane::new(state, functions);
    let query = lane.compile(text).await?;
    let again = match lane.compile_again(&query).await {
        Ok(again) if again.fingerprint() == query.fingerprint() => None,
        Ok(again) => Some(format!("compiled again it is `{}`", again.sql())),
        Err(rejection) => Some(format!("compiled again it is refused: {rejection}")),
    };
    Ok(Compiled { query, again })
}

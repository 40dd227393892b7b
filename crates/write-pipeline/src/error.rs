use viewlane_core::{Code, ErrorKind, Kinded, PortError};

/// A column declared `NOT NULL` holds NULL.
pub(crate) const NOT_NULL: Code = Code::new("VL-W0101", ErrorKind::Failed);
/// A value does not fit the stored type.
pub(crate) const CAST: Code = Code::new("VL-W0102", ErrorKind::Failed);
/// The query failed while its rows were read.
pub(crate) const QUERY: Code = Code::new("VL-W0103", ErrorKind::Failed);

/// A row breaks a check.
pub(crate) const CHECK: Code = Code::new("VL-W0104", ErrorKind::Failed);
/// Too many or too few rows.
pub(crate) const ROW_COUNT: Code = Code::new("VL-W0105", ErrorKind::Failed);
/// A check cannot be decided.
pub(crate) const CHECK_UNUSABLE: Code = Code::new("VL-W0106", ErrorKind::Failed);

/// Why rows did not arrive in the target. Nothing was committed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A column declared `NOT NULL`, or part of the key, holds NULL.
    #[error(
        "column `{column}` is declared NOT NULL, but {count} of {rows} rows seen are NULL; the first: {first}"
    )]
    NotNull {
        /// The column.
        column: String,
        /// NULLs in the batch that broke the rule.
        count: usize,
        /// Rows of that batch.
        rows: usize,
        /// The first offending row, as text.
        first: String,
    },
    /// A value does not fit the type under which it is stored.
    #[error("a value of column `{column}` does not fit its stored type {expected}")]
    Cast {
        /// The column.
        column: String,
        /// The stored type.
        expected: String,
        /// Arrow's account.
        #[source]
        source: arrow::error::ArrowError,
    },
    /// The query itself failed on its data.
    #[error("the query failed while it ran")]
    Query(#[source] datafusion::error::DataFusionError),
    /// A row breaks a check. NULL never does.
    #[error("check `{name}` fails for {count} of {rows} rows seen; the first: {first}")]
    Check {
        /// Name of the check.
        name: String,
        /// Offending rows in the batch that broke the check.
        count: usize,
        /// Rows of that batch.
        rows: usize,
        /// The first offending rows, as text.
        first: String,
    },
    /// There are more or fewer rows than expected.
    #[error("{rows} rows came, but {bound} are expected")]
    RowCount {
        /// How many came, as text: a write stops at the first row too many.
        rows: String,
        /// The bound that does not hold, as text.
        bound: String,
    },
    /// A check is not boolean, or fails on the data.
    #[error("check `{name}` cannot be decided")]
    CheckUnusable {
        /// Name of the check.
        name: String,
        /// The engine's account.
        #[source]
        source: datafusion::error::DataFusionError,
    },
    /// The target failed.
    #[error(transparent)]
    Target(PortError),
}

impl Kinded for Error {
    fn code(&self) -> Code {
        match self {
            Self::NotNull { .. } => NOT_NULL,
            Self::Cast { .. } => CAST,
            Self::Query(_) => QUERY,
            Self::Check { .. } => CHECK,
            Self::RowCount { .. } => ROW_COUNT,
            Self::CheckUnusable { .. } => CHECK_UNUSABLE,
            Self::Target(error) => error.code(),
        }
    }
}

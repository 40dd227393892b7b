use viewlane_core::{Code, ErrorKind, Kinded, PortError};

/// A column declared `NOT NULL` holds NULL.
pub(crate) const NOT_NULL: Code = Code::new("VL-W0101", ErrorKind::Failed);
/// A value does not fit the stored type.
pub(crate) const CAST: Code = Code::new("VL-W0102", ErrorKind::Failed);
/// The query failed while its rows were read.
pub(crate) const QUERY: Code = Code::new("VL-W0103", ErrorKind::Failed);

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
            Self::Target(error) => error.code(),
        }
    }
}

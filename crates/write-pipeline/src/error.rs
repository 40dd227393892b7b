use std::error::Error as StdError;

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

/// There is no such option.
pub(crate) const UNKNOWN_OPTION: Code = Code::new("VL-W0201", ErrorKind::Invalid);
/// An option has a value that it cannot have.
pub(crate) const BAD_OPTION: Code = Code::new("VL-W0202", ErrorKind::Invalid);
/// An option would change nothing.
pub(crate) const NO_EFFECT: Code = Code::new("VL-W0203", ErrorKind::Invalid);
/// An option names a column that does not exist.
pub(crate) const UNKNOWN_COLUMN: Code = Code::new("VL-W0204", ErrorKind::Invalid);
/// Every column is a partition column.
pub(crate) const NO_DATA_COLUMNS: Code = Code::new("VL-W0205", ErrorKind::Invalid);
/// The format has no form for a type.
pub(crate) const UNSUPPORTED_TYPE: Code = Code::new("VL-W0206", ErrorKind::Unsupported);
/// Files cannot be written in this mode.
pub(crate) const UNSUPPORTED_MODE: Code = Code::new("VL-W0207", ErrorKind::Unsupported);
/// Files cannot be written to this place.
pub(crate) const UNSUPPORTED_PLACE: Code = Code::new("VL-W0208", ErrorKind::Unsupported);
/// Something is there already.
pub(crate) const EXISTS: Code = Code::new("VL-W0209", ErrorKind::Denied);
/// What is there is of another kind.
pub(crate) const OTHER_KIND: Code = Code::new("VL-W0210", ErrorKind::Mismatch);
/// Another write to the same destination is under way.
pub(crate) const BUSY: Code = Code::new("VL-W0211", ErrorKind::Conflict);
/// Files cannot be written.
pub(crate) const STAGING: Code = Code::new("VL-W0212", ErrorKind::Io);
/// Complete files cannot be made visible.
pub(crate) const PUBLISH: Code = Code::new("VL-W0213", ErrorKind::Io);
/// A value has no form where it is to be stored.
pub(crate) const VALUE: Code = Code::new("VL-W0214", ErrorKind::Failed);

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
    /// There is no such option.
    #[error("there is no option `{option}`; {hint}")]
    UnknownOption {
        /// What was given.
        option: String,
        /// The nearest option, or all there are.
        hint: String,
    },
    /// An option has a value that it cannot have.
    #[error("`{option}` {reason}")]
    BadOption {
        /// The option.
        option: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An option would change nothing.
    #[error("`{option}` has no effect: {why}")]
    NoEffect {
        /// The option.
        option: String,
        /// Why it has none.
        why: String,
    },
    /// An option names a column that does not exist.
    #[error("`{option}` names the column `{column}`, which does not exist; {hint}")]
    UnknownColumn {
        /// The option.
        option: String,
        /// The column it names.
        column: String,
        /// The nearest column, or all there are.
        hint: String,
    },
    /// Every column is a partition column, so that nothing is left for the files.
    #[error("all columns are partition columns: {columns}")]
    NoDataColumns {
        /// The columns.
        columns: String,
    },
    /// The format has no form for a type.
    #[error("column `{column}` of type {data_type} {why}")]
    UnsupportedType {
        /// The column.
        column: String,
        /// Its type.
        data_type: String,
        /// What cannot be done with it.
        why: String,
    },
    /// Files cannot be written in this mode.
    #[error("{why}")]
    UnsupportedMode {
        /// The mode, and what is in its way.
        why: String,
    },
    /// Files cannot be written to this place.
    #[error("files cannot be written to `{place}`: {why}")]
    UnsupportedPlace {
        /// The place.
        place: String,
        /// Why not.
        why: String,
    },
    /// Something is there already.
    #[error("there is something at `{path}` already")]
    Exists {
        /// The destination.
        path: String,
    },
    /// What is there is of another kind than what is to be written.
    #[error("`{path}` is {what}")]
    OtherKind {
        /// The destination, or what is below it.
        path: String,
        /// What it is, and what was expected.
        what: String,
    },
    /// Another write to the same destination is under way.
    #[error("another write to `{path}` is under way")]
    Busy {
        /// The destination.
        path: String,
    },
    /// Files cannot be written: the disk is full, read-only or failing.
    #[error("cannot write files for `{path}`")]
    Staging {
        /// The destination.
        path: String,
        /// The system's account.
        #[source]
        source: Box<dyn StdError + Send + Sync>,
    },
    /// The files are complete and cannot be made visible; what was there before still is.
    #[error("cannot make the new files visible at `{path}`")]
    Publish {
        /// The destination.
        path: String,
        /// The system's account.
        #[source]
        source: std::io::Error,
    },
    /// A value has no form where it is to be stored.
    #[error("a value of column `{column}` {why}")]
    Value {
        /// The column.
        column: String,
        /// What cannot be done with it.
        why: String,
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
            Self::UnknownOption { .. } => UNKNOWN_OPTION,
            Self::BadOption { .. } => BAD_OPTION,
            Self::NoEffect { .. } => NO_EFFECT,
            Self::UnknownColumn { .. } => UNKNOWN_COLUMN,
            Self::NoDataColumns { .. } => NO_DATA_COLUMNS,
            Self::UnsupportedType { .. } => UNSUPPORTED_TYPE,
            Self::UnsupportedMode { .. } => UNSUPPORTED_MODE,
            Self::UnsupportedPlace { .. } => UNSUPPORTED_PLACE,
            Self::Exists { .. } => EXISTS,
            Self::OtherKind { .. } => OTHER_KIND,
            Self::Busy { .. } => BUSY,
            Self::Staging { .. } => STAGING,
            Self::Publish { .. } => PUBLISH,
            Self::Value { .. } => VALUE,
            Self::Target(error) => error.code(),
        }
    }
}

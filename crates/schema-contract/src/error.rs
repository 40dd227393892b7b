use viewlane_core::{Code, ErrorKind, Kinded};

/// A contract that contradicts itself.
pub(crate) const CONTRACT: Code = Code::new("VL-S0101", ErrorKind::Invalid);
/// Columns that are not what was declared.
pub(crate) const VIOLATION: Code = Code::new("VL-S0201", ErrorKind::Mismatch);

/// Why a contract cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A column is declared twice.
    #[error("column `{0}` is declared twice")]
    Duplicate(String),
    /// A key names a column that is not declared.
    #[error("the key names `{0}`, which is not a declared column")]
    UnknownKey(String),
    /// The contract declares nothing.
    #[error("a contract needs at least one column")]
    Empty,
}

impl Kinded for Error {
    fn code(&self) -> Code {
        CONTRACT
    }
}

//! The error codes of this crate. Each has a section in `docs/errors.md`.

use viewlane_core::{Code, ErrorKind};

/// Two catalogs say different things about one function name.
pub const CONFLICTING_FACTS: Code = Code::new("VL-F0101", ErrorKind::Mismatch);
/// A function is to be registered under a name that the session has already.
pub const NAME_TAKEN: Code = Code::new("VL-F0102", ErrorKind::Mismatch);
/// The policy for slow functions allows a name that is none.
pub const UNKNOWN_SLOW_FUNCTION: Code = Code::new("VL-F0103", ErrorKind::Invalid);
/// The engine did not take a function.
pub const NOT_REGISTERED: Code = Code::new("VL-F0104", ErrorKind::Invalid);
/// The table of functions, the session and the documentation do not say the same.
pub const NO_PARITY: Code = Code::new("VL-F0201", ErrorKind::Mismatch);

//! The error codes of this crate. Each has a section in `docs/errors.md`.

use viewlane_core::{Code, ErrorKind};

/// Two catalogs say different things about one function name.
pub const CONFLICTING_FACTS: Code = Code::new("VL-F0101", ErrorKind::Mismatch);

use std::fmt;

use serde::Serialize;

/// A stable error code such as `VL-P0102`.
///
/// The letter names the area: `P` policy lane, `C` configuration and project files, `G` graph,
/// `D` Delta tables, `W` writing, `E` engine, `R` runtime profile, `F` functions, `S` schema
/// contracts. Every code has a section in `docs/errors.md`; a code is never reused.
///
/// ```
/// use viewlane_core::{Code, ErrorKind};
///
/// const EXAMPLE: Code = Code::new("VL-X0001", ErrorKind::Invalid);
/// assert_eq!(EXAMPLE.to_string(), "VL-X0001");
/// assert_eq!(EXAMPLE.kind(), ErrorKind::Invalid);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code {
    text: &'static str,
    kind: ErrorKind,
}

impl Code {
    /// Names a code. Declared once, as a constant of the crate that raises it.
    pub const fn new(text: &'static str, kind: ErrorKind) -> Self {
        Self { text, kind }
    }

    /// The code as users see it.
    pub const fn as_str(self) -> &'static str {
        self.text
    }

    /// What a caller can do about it.
    pub const fn kind(self) -> ErrorKind {
        self.kind
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text)
    }
}

/// What the receiver of an error can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input is wrong; the same input fails again.
    Invalid,
    /// A policy forbids it; another policy would allow it.
    Denied,
    /// Something named does not exist.
    NotFound,
    /// Somebody else changed the same thing first; a retry may succeed.
    Conflict,
    /// What is stored contradicts what is declared.
    Mismatch,
    /// A computation failed on the data it was given.
    Failed,
    /// A file, a store or the network failed; a retry may succeed.
    Io,
    /// The environment cannot do what was asked (version, feature, format).
    Unsupported,
}

impl ErrorKind {
    /// Whether the very same request may succeed later without any change of input.
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Conflict | Self::Io)
    }

    /// The name as shown: lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::Mismatch => "mismatch",
            Self::Failed => "failed",
            Self::Io => "io",
            Self::Unsupported => "unsupported",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Errors that carry a stable code, and through it a kind.
pub trait Kinded {
    /// The stable code.
    fn code(&self) -> Code;

    /// What a caller can do about it.
    fn kind(&self) -> ErrorKind {
        self.code().kind()
    }
}

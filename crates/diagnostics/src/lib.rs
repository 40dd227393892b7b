//! Shows diagnostics to people and records what happened as JSON lines.
//!
//! ```
//! use viewlane_core::{Code, Diagnostic, ErrorKind, SourceText, Span};
//! use viewlane_diagnostics::render;
//!
//! const CODE: Code = Code::new("VL-X0001", ErrorKind::Invalid);
//! let text = SourceText::new("views/a.sql", "select x frm t");
//! let found = Diagnostic::error(CODE, "expected end of statement")
//!     .at(text.locate(Span::new(13, 14)))
//!     .help("did you mean `from`");
//! assert_eq!(
//!     render(&found),
//!     "error[VL-X0001]: expected end of statement
//!   --> views/a.sql:1:14
//!    |
//!  1 | select x frm t
//!    |              ^
//!   = help: did you mean `from`
//! "
//! );
//! ```
//!
//! # What is not here
//!
//! No decision and no exit code: an event that is recorded, or lost because a disk is full, never
//! changes the outcome of what it describes. No network: sinks that need one come as features.

mod error;
mod render;
mod sink;

pub use error::Error;
pub use render::render;
pub use sink::{JsonLines, Memory};

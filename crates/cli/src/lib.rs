//! The command line of viewlane: arguments in, lines and an exit code out.
//!
//! | exit code | meaning |
//! |---|---|
//! | 0 | done, or nothing to do |
//! | 1 | a view or verification failed |
//! | 2 | usage or configuration; nothing was written |
//! | 3 | changes are pending (`plan --exit-code` only) |
//! | 4 | another run won the race; safe to retry |
//! | 130 | interrupted |
//!
//! ```
//! // `viewlane --version` and `viewlane help` need no project.
//! let mut out = Vec::new();
//! let code = viewlane::run_with(["viewlane", "--version"], &mut out, &mut Vec::new());
//! assert_eq!(code, 0);
//! assert!(String::from_utf8(out).unwrap().starts_with("viewlane "));
//! ```
//!
//! # What is not here
//!
//! No decision: what is refreshed, and how, is the engine's. This crate alone reads the clock, the
//! environment and the arguments, and this crate alone prints.

mod args;
mod codes;
mod outside;
mod progress;
mod report;
mod run;

pub use run::{main, run_with};

//! What the tests and benches across crates share: throw-away projects, oracles that use nothing of
//! the engine under test, and the corpus, which compares the lane with the engine alone.
//!
//! ```
//! use viewlane_tests::TestProject;
//!
//! let project = TestProject::new("shop");
//! project.view("one", "create materialized view as select 1 as n");
//! assert!(project.root().join("views/one.sql").is_file());
//! ```
//!
//! # What is not here
//!
//! No test of the product and no bench: those are in `it/` and `benches/`. What stands here as a
//! test is about this crate itself.

#![allow(clippy::unwrap_used, reason = "test support: a failure here is a failing test")]

pub mod corpus;
mod figures;
pub mod lane;
mod oracle;
mod project;
pub mod provenance;

pub use figures::{Figure, Figures, median};
pub use oracle::{append, bag, commits, compact, create, query, session_over};
pub use project::{Finished, TestProject};

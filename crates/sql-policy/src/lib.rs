//! One lane from SQL text to a query that may run: guard, parse, gate, canonicalise, fingerprint.
//!
//! ```
//! use viewlane_core::{FunctionFacts, FunctionKind, FunctionSource, SourceText, Volatility};
//! use viewlane_sql_policy::{Lane, Policy};
//!
//! struct Sum;
//!
//! impl FunctionSource for Sum {
//!     fn facts(&self, name: &str) -> Option<FunctionFacts> {
//!         (name == "sum").then(|| FunctionFacts {
//!             name: name.to_owned(),
//!             kind: FunctionKind::Aggregate,
//!             volatility: Volatility::Immutable,
//!         })
//!     }
//! }
//!
//! let lane = Lane::new(Policy::builder().build()?);
//! let text = SourceText::new(
//!     "views/revenue.sql",
//!     "create materialized view with (refresh = full) as -- by day
//!      select Day, sum(price) as revenue from Orders group by day",
//! );
//! let view = lane.compile_view(&text, &Sum)?;
//!
//! assert!(view.header().materialized);
//! assert_eq!(
//!     view.query().sql(),
//!     "SELECT day, sum(price) AS revenue FROM orders GROUP BY day"
//! );
//! assert_eq!(view.query().relations()[0].name.to_string(), "orders");
//!
//! // What the engine would accept and ignore is refused, with its place and a way out.
//! let text = SourceText::new("views/new.sql", "select a from t prewhere a > 1");
//! let rejection = lane.compile_view(&text, &Sum).unwrap_err();
//! assert_eq!(
//!     rejection.to_string(),
//!     "VL-P0301: the engine would silently ignore `PREWHERE` (views/new.sql:1:17)"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! What a [`CompiledQuery`] promises:
//!
//! * its tree runs as it is: the engine plans the tree, never a printed text;
//! * every clause in it is one that the engine carries out, every function one that is known;
//! * it gives the rows, types, names and errors of the text it was made from;
//! * compiling its tree again gives the same tree and the same fingerprint;
//! * its fingerprint does not depend on layout, comments, the case of keywords and of unquoted
//!   names, or quotes that change nothing.
//!
//! All of this holds for an engine that normalises identifiers, which is its default.
//!
//! # Features
//!
//! `datafusion` adds `plan_gate`, the second lock: a check of the plan that the engine made.
//!
//! # What is not here
//!
//! No schemas: a column that does not exist is found by the engine's planner. No templates and no
//! parameters: a text that needs rendering is refused. No lowering: a clause that the engine lacks
//! is refused even where it could be written otherwise. No lineage, no form that is equal up to
//! renaming, and nothing that runs.

mod canonical;
pub mod codes;
mod compiled;
mod error;
mod fingerprint;
mod gate;
mod guard;
mod lane;
mod parse;
#[cfg(feature = "datafusion")]
pub mod plan_gate;
mod policy;
mod room;
#[cfg(test)]
mod testing;
mod text;

pub use compiled::{
    ColumnDeclaration, CompiledQuery, CompiledView, FunctionUse, OptionValue, RelationUse,
    ViewHeader, ViewOption,
};
pub use error::{Error, Rejection};
pub use lane::Lane;
pub use policy::{Limits, Policy, PolicyBuilder};

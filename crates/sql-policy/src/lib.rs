//! One lane from SQL text to a query that may run: guard, parse, gate, canonicalise, resolve,
//! fingerprint.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use viewlane_core::{FunctionFacts, FunctionKind, FunctionSource, RelationName, SourceText, Volatility};
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
//!      select Day, sum(price) as revenue from Orders group by 1",
//! );
//!
//! // First what it reads, then what that means.
//! let view = lane.read_view(&text, &Sum)?;
//! assert!(view.header().materialized);
//! assert_eq!(view.query().relations()[0].name.to_string(), "orders");
//!
//! let orders: RelationName = "orders".parse()?;
//! let columns = BTreeMap::from([(orders, vec!["day".to_owned(), "price".to_owned()])]);
//! let view = lane.resolve_view(view, &columns, &())?;
//! assert_eq!(
//!     view.query().sql(),
//!     "SELECT orders.day AS day, sum(orders.price) AS revenue \
//!      FROM datafusion.public.orders AS orders GROUP BY orders.day"
//! );
//!
//! // What the engine would accept and ignore is refused, with its place and a way out.
//! let text = SourceText::new("views/new.sql", "select a from t prewhere a > 1");
//! let rejection = lane.read_view(&text, &Sum).unwrap_err();
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
//! * every clause in it is one that the engine carries out, every function one that is known, every
//!   name bound: `docs/policy.md` describes the normal form;
//! * it gives the rows, types, names and order of the text it was made from, but for the closed list
//!   of [`Deviation`]s;
//! * compiling its tree again gives the same tree and the same fingerprint;
//! * its fingerprint does not depend on layout, comments, the case of keywords and of unquoted
//!   names, quotes, parentheses and qualifiers that change nothing.
//!
//! All of this holds for an engine that normalises identifiers, which is its default.
//!
//! # Features
//!
//! `datafusion` adds `plan_gate`, the second lock: a check of the plan that the engine made.
//!
//! # What is not here
//!
//! No types: the engine knows them, this crate binds names. No templates and no parameters: a text
//! that needs rendering is refused. Nothing runs.

mod artifact;
mod canonical;
pub mod codes;
mod compiled;
mod deviation;
mod error;
mod fingerprint;
mod gate;
mod guard;
mod lane;
mod lineage;
mod lower;
mod normalise;
mod parse;
#[cfg(feature = "datafusion")]
pub mod plan_gate;
mod policy;
mod print;
mod qnf;
mod resolve;
mod room;
mod shape;
#[cfg(test)]
mod testing;
mod text;
mod transform;
mod tree;
mod unnest;
mod walk;

pub use artifact::Artifact;
pub use compiled::{
    ColumnDeclaration, CompiledQuery, CompiledView, FunctionUse, GatedQuery, GatedView,
    OptionValue, RelationUse, ViewHeader, ViewOption,
};
pub use deviation::{Deviation, Lowering};
pub use error::{Error, Rejection};
pub use lane::Lane;
pub use lineage::{
    ColumnId, DependsOn, DirectKind, Impact, IndirectKind, Lineage, OutputLineage, RowSets,
    ScopeKind, ScopeLineage, SourceColumn,
};
pub use policy::{Limits, Naming, Policy, PolicyBuilder, Transforms};
pub use resolve::OutputNamer;
pub use tree::Tree;

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
//! # Templates and parameters
//!
//! Both are refused unless the policy allows them. A template is rendered before it is compiled;
//! its values are typed, and come out as literals and quoted names, never as code. A parameter
//! stays in the tree, is no part of the fingerprint's value, and gets its value when it runs.
//!
//! ```
//! # use viewlane_core::{FunctionFacts, FunctionSource, SourceText};
//! # use viewlane_sql_policy::*;
//! # use std::collections::BTreeMap;
//! # struct None_;
//! # impl FunctionSource for None_ {
//! #     fn facts(&self, _: &str) -> Option<FunctionFacts> { None }
//! # }
//! # let orders: viewlane_core::RelationName = "orders".parse()?;
//! # let columns = ["a", "region", "day"].map(str::to_owned).to_vec();
//! # let columns = BTreeMap::from([(orders, columns)]);
//! let policy = Policy::builder()
//!     .templates(Templates::Render)
//!     .parameters(ParameterStyle::Colon, Parameters::Bind)
//!     .build()?;
//! let lane = Lane::new(policy);
//!
//! let text = SourceText::new(
//!     "views/day.sql",
//!     "select a from {{ table }} where region in ({{ regions }}) and day = :day",
//! );
//! let values = TemplateValues::new()
//!     .set("table", TemplateValue::Identifier("orders".to_owned()))
//!     .set("regions", vec!["north", "d'or"]);
//! let rendered = lane.render(&text, &values)?;
//! let query = lane.resolve(lane.read_query(&rendered, &None_)?, &columns, &())?;
//! assert_eq!(
//!     query.sql(),
//!     "SELECT orders.a AS a FROM datafusion.public.orders AS orders \
//!      WHERE orders.region IN ('north', 'd''or') AND orders.day = $day"
//! );
//!
//! let statement = query.bind(&ParameterValues::new().set("day", ParameterValue::Date(20_000)))?;
//! assert!(statement.to_string().ends_with("orders.day = CAST('2024-10-04' AS DATE)"));
//! assert!(query.bind(&ParameterValues::new()).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! `templates`, on by default, adds `Templates::Render`. `datafusion` adds `plan_gate`, the second
//! lock: a check of the plan that the engine made.
//!
//! # What is not here
//!
//! No types: the engine knows them, this crate binds names. No template language beyond choosing and
//! repeating: no includes, no macros, no arithmetic, no raw text. Nothing runs.

mod artifact;
mod build;
mod canonical;
pub mod codes;
mod compiled;
mod deviation;
mod diff;
mod error;
mod fingerprint;
#[cfg(test)]
mod fixtures;
#[doc(hidden)]
pub mod fuzzing;
mod gate;
mod guard;
mod lane;
mod lineage;
mod lower;
mod normalise;
mod parameter;
mod parse;
#[cfg(feature = "datafusion")]
pub mod plan_gate;
mod policy;
mod print;
mod qnf;
mod resolve;
mod room;
mod shape;
mod statement;
mod template;
pub mod testing;
mod text;
mod transform;
mod tree;
mod unnest;
mod visit;
mod walk;

pub use artifact::Artifact;
pub use compiled::{
    ColumnDeclaration, CompiledQuery, CompiledView, FunctionUse, GatedQuery, GatedView,
    OptionValue, RelationUse, ViewHeader, ViewOption,
};
pub use deviation::{Deviation, Lowering};
pub use diff::{Affected, Category, ColumnChange, Diff, Reach, Reason, ReasonCode, impact};
pub use error::{Error, Rejection};
pub use lane::Lane;
pub use lineage::{
    ColumnId, DependsOn, DirectKind, Impact, IndirectKind, Lineage, OutputLineage, RowSets,
    ScopeKind, ScopeLineage, SourceColumn,
};
pub use parameter::{Parameter, ParameterValue, ParameterValues};
pub use policy::{
    Limits, Naming, ParameterStyle, Parameters, Policy, PolicyBuilder, Templates, Transforms,
};
pub use resolve::OutputNamer;
pub use statement::{Preset, StatementKind};
pub use template::{Input, Rendered, TemplateUse, TemplateValue, TemplateValues};
pub use tree::Tree;

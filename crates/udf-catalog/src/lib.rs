//! Facts about SQL functions, and the functions of our own.
//!
//! ```
//! use viewlane_core::{FunctionFacts, FunctionKind, FunctionSource, Volatility};
//! use viewlane_udf_catalog::FunctionCatalog;
//!
//! let mut catalog = FunctionCatalog::own();
//! let now = FunctionFacts {
//!     name: "now".to_owned(),
//!     kind: FunctionKind::Scalar,
//!     volatility: Volatility::Stable,
//! };
//! catalog.add(&now, ["current_timestamp"])?;
//!
//! assert_eq!(catalog.facts("current_timestamp"), Some(now));
//! assert_eq!(catalog.facts("random"), None); // unknown: volatile for every purpose
//! # Ok::<(), viewlane_udf_catalog::Error>(())
//! ```
//!
//! # Features
//!
//! `kernels` adds the functions over Arrow columns, without an engine. `datafusion` adds them as the
//! engine takes them, `Installer`, which puts all into a session, and `FunctionCatalog::from_session`,
//! which reads what a session knows. `spans` adds the functions on spans of text to either.
//!
//! # What is not here
//!
//! No list of the engine's own functions: it would be wrong after the next upgrade, so it is read
//! from a session. No judgement on functions: which may be used where is the policy's business.

mod catalog;
pub mod codes;
#[cfg(feature = "datafusion")]
mod delta;
mod docs;
mod error;
#[cfg(feature = "datafusion")]
mod install;
#[cfg(feature = "kernels")]
pub mod kernels;
#[cfg(feature = "datafusion")]
mod macros;
#[cfg(feature = "datafusion")]
mod operators;
mod own;
#[cfg(feature = "datafusion")]
mod pack;
#[cfg(feature = "datafusion")]
mod parity;
#[cfg(feature = "datafusion")]
mod session;
#[cfg(feature = "datafusion")]
mod session_snapshot;
#[cfg(feature = "datafusion")]
mod slow;
mod snapshot;
#[cfg(feature = "datafusion")]
#[cfg(test)]
mod support;
#[cfg(feature = "datafusion")]
mod tables;
mod text;

pub use catalog::FunctionCatalog;
#[cfg(feature = "datafusion")]
pub use delta::{DeltaCall, DeltaFunctions};
pub use docs::functions_document;
#[cfg(feature = "datafusion")]
pub use error::EngineError;
pub use error::Error;
#[cfg(feature = "datafusion")]
pub use install::{Installer, register_delta};
#[cfg(feature = "datafusion")]
pub use macros::MacroFactory;
#[cfg(feature = "datafusion")]
pub use operators::NestedOperators;
pub use own::{Lane, Nulls, OwnFunction, Pack, Parameter, Returns, Takes, Tier};
#[cfg(all(feature = "datafusion", feature = "spans"))]
pub use pack::SpanFunctions;
#[cfg(feature = "datafusion")]
pub use pack::ViewlaneFunctions;
#[cfg(feature = "datafusion")]
pub use parity::{Parity, check_parity};
#[cfg(feature = "datafusion")]
pub use slow::{SlowFunction, SlowPolicy};
pub use snapshot::{FunctionEntry, FunctionSnapshot};
pub use text::{
    ColumnError, ColumnUnit, NormalForm, PARTS_NULL, Parts, change_rank, col_to_byte, is_blank,
    normalize, stable_hash64, stable_hash128,
};

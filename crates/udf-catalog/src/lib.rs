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
//! `datafusion` adds the functions themselves, as `ViewlaneFunctions`, and
//! `FunctionCatalog::from_session`, which reads what a session knows.
//!
//! # What is not here
//!
//! No list of the engine's own functions: it would be wrong after the next upgrade, so it is read
//! from a session. No judgement on functions: which may be used where is the policy's business.

mod catalog;
pub mod codes;
mod error;
mod own;
#[cfg(feature = "datafusion")]
mod pack;
#[cfg(feature = "datafusion")]
mod session;
mod text;

pub use catalog::FunctionCatalog;
pub use error::Error;
pub use own::{OwnFunction, Parameter};
#[cfg(feature = "datafusion")]
pub use pack::ViewlaneFunctions;
pub use text::{is_blank, stable_hash64};

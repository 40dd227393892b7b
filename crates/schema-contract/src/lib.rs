//! Declared columns against actual Arrow schemas, with typed violations.
//!
//! ```
//! use arrow_schema::{DataType, Field, Schema};
//! use viewlane_schema_contract::{Column, Contract, Evolution, Violation};
//!
//! let contract = Contract::builder(Evolution::Strict)
//!     .column(Column::new("id", DataType::Int64).not_null())
//!     .build()?;
//! let actual = Schema::new(vec![Field::new("id", DataType::Utf8, true)]);
//! let found = contract.check(&actual);
//! assert!(matches!(found[..], [Violation::Type { .. }]));
//! # Ok::<(), viewlane_schema_contract::Error>(())
//! ```
//!
//! # What is not here
//!
//! No data and no SQL types: whether a column holds NULLs is seen while writing, and a declared SQL
//! type becomes an Arrow type in the engine. A contract is never derived from what it checks.

mod abi;
mod contract;
mod error;

pub use abi::{fingerprint, fingerprint_of};
pub use contract::{Column, Contract, ContractBuilder, Evolution, Violation};
pub use error::Error;

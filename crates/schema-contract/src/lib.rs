//! Declared columns against actual Arrow schemas, and everything else that is known of a schema
//! without its data.
//!
//! ```
//! use arrow_schema::{DataType, Field, Schema};
//! use viewlane_schema_contract::{Column, Contract, DifferenceKind, Evolution};
//!
//! let contract = Contract::builder(Evolution::Strict)
//!     .column(Column::new("id", DataType::Int64).not_null())
//!     .build()?;
//! let actual = Schema::new(vec![Field::new("id", DataType::Utf8, true)]);
//! let found = contract.check(&actual);
//! assert_eq!(found[0].kind(), DifferenceKind::Type);
//! assert_eq!(found[0].to_string(), "column `id` is declared as Int64, the query gives Utf8");
//! # Ok::<(), viewlane_schema_contract::Error>(())
//! ```
//!
//! - [`Contract`] says what is promised; it comes from a column list, from a file
//!   ([`read_contract`]) or from an accepted snapshot ([`Accepted`]).
//! - [`encode`] and [`decode`] are schemas as bytes, [`type_text`] and [`parse_type`] types as text.
//! - [`plan_evolution`] says what makes a stored table the wanted one, and what refuses.
//! - [`union`], [`plan_cast`] and [`NestedSpec`] join, reshape and take nested shapes apart.
//!
//! # What is not here
//!
//! No data and no SQL: whether a column holds NULLs is seen while writing, a declared SQL type
//! becomes an Arrow type in the engine, and the engine makes statements and expressions of the
//! plans that are made here. A contract is never derived from what it checks.

mod abi;
mod cast;
pub mod codes;
mod compare;
mod contract;
mod difference;
#[cfg(test)]
mod docs;
mod error;
mod evolution;
mod evolve;
mod file;
mod information;
mod nested;
mod notation;
mod path;
mod relation;
mod snapshot;
#[cfg(test)]
mod testing;
mod union;
mod valid;

pub use abi::{decode, encode, fingerprint, fingerprint_of};
pub use cast::{Cast, CastField, ShapeCast, plan_cast};
pub use contract::{Column, Contract, ContractBuilder};
pub use difference::{Difference, DifferenceKind, Violation};
pub use error::Error;
pub use evolution::Evolution;
pub use evolve::{Action, EvolutionPlan, Need, RULES, Refusal, Rule, plan_evolution};
pub use file::read_contract;
pub use information::{InformationColumn, schemas};
pub use nested::{Access, Level, NestedColumn, NestedSpec, NestedView, Unnest};
pub use notation::{parse_type, type_text};
pub use path::{ColumnPath, Segment};
pub use relation::{Relation, SortColumn, SortColumnError};
pub use snapshot::{Accepted, Change, Drift, Snapshot};
pub use union::union;

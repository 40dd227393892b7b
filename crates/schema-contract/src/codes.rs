//! Every code this crate raises. A code is never reused; `docs/errors.md` explains each.

use viewlane_core::{Code, ErrorKind};

use ErrorKind::{Denied, Invalid, Mismatch, NotFound, Unsupported};

// 01: what is read

/// A contract that contradicts itself.
pub const CONTRACT: Code = Code::new("VL-S0101", Invalid);
/// A contract file that is not TOML.
pub const FILE_SYNTAX: Code = Code::new("VL-S0102", Invalid);
/// A key that contract files do not have.
pub const UNKNOWN_KEY: Code = Code::new("VL-S0103", Invalid);
/// A value that its key does not take, or a value that is missing.
pub const FILE_VALUE: Code = Code::new("VL-S0104", Invalid);
/// A text that is not a type.
pub const TYPE_TEXT: Code = Code::new("VL-S0105", Invalid);
/// A text that is not a snapshot.
pub const SNAPSHOT: Code = Code::new("VL-S0106", Invalid);
/// Bytes that do not encode a schema.
pub const ABI: Code = Code::new("VL-S0107", Invalid);
/// Rows of `information_schema` that contradict one another.
pub const INFORMATION: Code = Code::new("VL-S0108", Invalid);
/// A numbered contract that was changed without a greater number.
pub const VERSION: Code = Code::new("VL-S0109", Invalid);

// 02: what differs

/// Columns that are not what was declared.
pub const VIOLATION: Code = Code::new("VL-S0201", Mismatch);
/// A relation that is not what was accepted.
pub const DRIFT: Code = Code::new("VL-S0202", Mismatch);

// 03: what cannot change

/// A change of schema that the policy of the contract refuses.
pub const EVOLUTION: Code = Code::new("VL-S0301", Denied);
/// Two schemas that have no union.
pub const UNION: Code = Code::new("VL-S0302", Mismatch);
/// A type that cannot be cast to another by name.
pub const CAST: Code = Code::new("VL-S0303", Unsupported);

// 04: paths

/// A path that leads nowhere.
pub const PATH: Code = Code::new("VL-S0401", NotFound);
/// A value carried down from where the path does not pass, or an output name given twice.
pub const NESTED: Code = Code::new("VL-S0402", Invalid);

//! The error codes of this crate. Each has a section in `docs/errors.md`.

use viewlane_core::{Code, ErrorKind};

/// A preset of this name does not exist.
pub const UNKNOWN_PRESET: Code = Code::new("VL-R0101", ErrorKind::Invalid);
/// A knob of this name does not exist.
pub const UNKNOWN_KNOB: Code = Code::new("VL-R0102", ErrorKind::Invalid);
/// A knob was given a value of another type.
pub const WRONG_TYPE: Code = Code::new("VL-R0103", ErrorKind::Invalid);
/// A knob was given a value of the right type that it does not accept.
pub const NOT_ACCEPTED: Code = Code::new("VL-R0104", ErrorKind::Invalid);
/// Two knobs were given values that cannot both hold.
pub const CONTRADICTION: Code = Code::new("VL-R0105", ErrorKind::Invalid);
/// The engine of this build does not take an effective setting.
pub const SETTING: Code = Code::new("VL-R0201", ErrorKind::Unsupported);
/// The runtime could not be built: usually the spill directory cannot be made.
pub const RUNTIME: Code = Code::new("VL-R0202", ErrorKind::Io);

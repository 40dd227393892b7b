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
/// The engine has no option of this key that could be set.
pub const UNKNOWN_OPTION: Code = Code::new("VL-R0106", ErrorKind::Invalid);
/// An option of the engine that nobody may set, or that is a knob.
pub const REFUSED_OPTION: Code = Code::new("VL-R0107", ErrorKind::Invalid);
/// An environment variable that begins like those of profiles and sets nothing.
pub const UNKNOWN_VARIABLE: Code = Code::new("VL-R0108", ErrorKind::Invalid);
/// Two flags set the same.
pub const GIVEN_TWICE: Code = Code::new("VL-R0109", ErrorKind::Invalid);
/// The engine of this build does not take an effective setting.
pub const SETTING: Code = Code::new("VL-R0201", ErrorKind::Unsupported);
/// The runtime could not be built: usually the spill directory cannot be made.
pub const RUNTIME: Code = Code::new("VL-R0202", ErrorKind::Io);
/// Two object stores or two table factories under one name.
pub const REGISTERED_TWICE: Code = Code::new("VL-R0203", ErrorKind::Invalid);

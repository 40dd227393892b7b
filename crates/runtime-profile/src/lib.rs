//! One typed runtime profile: read with every problem and its place, hashed and applied from the
//! same map.
//!
//! ```
//! use viewlane_core::SourceText;
//! use viewlane_runtime_profile::Profile;
//!
//! let text = SourceText::new("viewlane.toml", "preset = \"prod\"\nbatch_sise = 4096\n");
//! let table = toml::de::DeTable::parse(text.text())?;
//!
//! let found = Profile::from_toml(table.get_ref(), &text).unwrap_err();
//! assert_eq!(
//!     found[0].to_string(),
//!     "VL-R0102: there is no knob `batch_sise` (viewlane.toml:2:1)",
//! );
//! assert_eq!(found[0].help.as_deref(), Some("did you mean `batch_size`?"));
//! # Ok::<(), toml::de::Error>(())
//! ```
//!
//! A profile is a preset and the [knobs](Knob) that differ from it. From the knobs one map is
//! computed, the effective [`Settings`]: exactly this map is applied to a session, hashed into
//! [`Profile::fingerprint`] and printed. What is derived from the machine stands in it as `auto`, so
//! that the same project has the same profile everywhere.
//!
//! # Features
//!
//! `datafusion` adds `apply`, which makes sessions under a profile.
//!
//! # What is not here
//!
//! No reading of files, clock or environment: text and [`Machine`] are handed in. No functions,
//! tables or catalogs: those belong to whoever composes a session. A setting that is neither a knob
//! nor fixed is the engine's own default.

#[cfg(feature = "datafusion")]
pub mod apply;
pub mod codes;
mod error;
mod from_toml;
mod knobs;
mod machine;
mod preset;
mod profile;
mod settings;
mod value;

pub use error::{EngineError, Error};
pub use knobs::{Group, Knob};
pub use machine::Machine;
pub use preset::Preset;
pub use profile::{Profile, ProfileBuilder};
pub use settings::Settings;
pub use value::{
    ByteSize, ByteSizeError, FloatLiterals, Limit, MemoryPool, NullOrdering, Parallelism, TimeZone,
    TimeZoneError,
};

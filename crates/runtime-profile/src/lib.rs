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
//! A profile is a preset and the [knobs](Knob) that differ from it, said in files, environment
//! variables and flags: [`Layers`]. From the knobs one map is computed, the effective [`Settings`]:
//! exactly this map is applied to a session, hashed into [`Profile::fingerprint`] and printed, row by
//! row with where each value comes from, by [`Profile::rows`]. What is derived from the machine
//! stands in it as `auto`, so that the same project has the same profile everywhere.
//!
//! Every setting of DataFusion is a knob, an [`EngineOption`] that may be passed through, or a
//! [`RefusedOption`] with the reason.
//!
//! # Features
//!
//! `datafusion` adds `apply`, which makes sessions under a profile.
//!
//! # What is not here
//!
//! No reading of files, clock or environment: text, variables and [`Machine`] are handed in. No
//! functions, tables or catalogs: those belong to whoever composes a session.

#[cfg(feature = "datafusion")]
pub mod apply;
pub mod codes;
mod docs;
mod error;
mod from_toml;
mod knobs;
mod layers;
mod machine;
mod options;
mod origin;
mod preset;
mod profile;
mod settings;
mod value;

pub use docs::profile_document;
pub use error::{EngineError, Error};
pub use knobs::{
    CacheKnobs, CatalogKnobs, DeterminismKnobs, ExecutionKnobs, ExplainKnobs, FeatureKnobs, Group,
    JoinKnobs, Knob, MemoryKnobs, OptimizerKnobs, ParallelismKnobs, ReadingKnobs, SqlKnobs,
    WritingKnobs,
};
pub use layers::Layers;
pub use machine::Machine;
pub use options::{EngineOption, OptionKind, RefusedOption};
pub use origin::{Origin, SettingRow};
pub use preset::Preset;
pub use profile::{Profile, ProfileBuilder};
pub use settings::Settings;
pub use value::{
    AnalyzeLevel, AtMost, Budget, ByteSize, ByteSizeError, CacheLimit, Determinism, ExplainFormat,
    FloatLiterals, JoinStrategy, Limit, MemoryPool, NullOrdering, Parallelism, ParquetCompression,
    ParquetStatistics, SpillCompression, TimeToLive, TimeZone, TimeZoneError,
};

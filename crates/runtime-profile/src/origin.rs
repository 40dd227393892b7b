use std::fmt;

use serde::Serialize;
use viewlane_core::Location;

use crate::{Machine, Preset, Profile};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// From a preset.
    Preset(Preset),
    /// From a file, at this place.
    File(Location),
    /// From the environment variable of this name.
    Environment(String),
    /// From a flag of the command line that sets the knob of this name.
    Flag(String),
    /// From a caller in code.
    Code,
    /// From a stored profile.
    Stored,
    /// It follows from the knob of this name.
    Derived(&'static str),
    /// The engine's own default, written out.
    Engine,
    /// Nobody can set it.
    Fixed,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Preset(preset) => write!(f, "preset `{preset}`"),
            Self::File(place) => place.fmt(f),
            Self::Environment(name) => write!(f, "environment variable `{name}`"),
            Self::Flag(name) => write!(f, "flag `{name}`"),
            Self::Code => f.write_str("code"),
            Self::Stored => f.write_str("stored profile"),
            Self::Derived(knob) => write!(f, "follows from `{knob}`"),
            Self::Engine => f.write_str("default of the engine"),
            Self::Fixed => f.write_str("fixed"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One effective setting, for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SettingRow {
    /// Its key among the effective settings; of a folder for spill files, `spill_dir`.
    pub key: &'static str,
    /// What is applied on the machine.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
    /// What stands for it in the fingerprint; `None` when it is not hashed.
    pub hashed_as: Option<String>,
}

impl Profile {
    /// Every effective setting with what is applied on a machine, where it comes from, and what is
    /// hashed; sorted by key. The rows of `viewlane doctor --profile`.
    ///
    /// ```
    /// use viewlane_runtime_profile::{Machine, Profile};
    ///
    /// let machine = Machine::new(4.try_into()?, "/tmp", "/project");
    /// let profile = Profile::builder().set("batch_size", "4096")?.build()?;
    /// let rows = profile.rows(&machine);
    ///
    /// let row = rows.iter().find(|row| row.key.ends_with("target_partitions")).expect("it is set");
    /// assert_eq!((row.value.as_str(), row.hashed_as.as_deref()), ("4", Some("auto")));
    /// assert_eq!(row.origin.to_string(), "preset `default`");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn rows(&self, machine: &Machine) -> Vec<SettingRow> {
        let mut rows: Vec<_> = self
            .settings()
            .iter_keys()
            .map(|(key, value)| SettingRow {
                key,
                value: machine.applied(value).into_owned(),
                origin: self.origin_of(key),
                hashed_as: Some(value.to_owned()),
            })
            .collect();
        for folder in machine.spill_dirs(self.spill_dirs()) {
            rows.push(SettingRow {
                key: "spill_dir",
                value: folder.display().to_string(),
                origin: self.origin_of("spill_dir"),
                hashed_as: None,
            });
        }
        rows.sort_by_key(|row| row.key);
        rows
    }
}

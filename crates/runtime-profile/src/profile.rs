use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroUsize,
    path::Path,
};

use serde::{Deserialize, Serialize};
use viewlane_core::{Diagnostic, Fingerprint, SourceText};

use crate::{
    Error, Knob, Limit, MemoryPool, Preset, Settings, from_toml, knobs::Knobs, value::Raw,
};

/// Under which settings views are computed.
///
/// Invariant: no two knobs contradict each other, and [`settings`](Self::settings) and
/// [`fingerprint`](Self::fingerprint) are those of the knobs. Stored as a map from knob to value;
/// that map has the folder for spill files in it, the settings do not.
///
/// ```
/// use viewlane_runtime_profile::{ByteSize, Limit, Profile};
///
/// let profile = Profile::builder().memory_limit(Limit::Bytes(ByteSize::gib(2))).build()?;
/// assert_eq!(profile.settings().get("datafusion.runtime.memory_limit"), Some("2GiB"));
/// assert_ne!(profile.fingerprint(), Profile::default().fingerprint());
/// # Ok::<(), viewlane_runtime_profile::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "BTreeMap<String, String>", try_from = "BTreeMap<String, String>")]
pub struct Profile {
    knobs: Knobs,
    settings: Settings,
    fingerprint: Fingerprint,
}

impl Profile {
    /// Starts from the preset `default`.
    pub fn builder() -> ProfileBuilder {
        ProfileBuilder { knobs: Preset::Default.knobs(), given: BTreeSet::new() }
    }

    /// The preset of this name.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownPreset`], with the nearest name when there is one.
    pub fn preset(name: &str) -> Result<Self, Error> {
        name.parse().map(Self::of_preset)
    }

    /// A preset as a profile.
    pub fn of_preset(preset: Preset) -> Self {
        Self::new(preset.knobs())
    }

    /// Reads the table `[profile]` of a project file: `preset` first, then the knobs that differ.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the table, in the order of the file, each with its place.
    pub fn from_toml(
        table: &toml::de::DeTable<'_>,
        source: &SourceText,
    ) -> Result<Self, Vec<Diagnostic>> {
        Self::default().overlay_toml(table, source)
    }

    /// Reads a table like `[profile]` that says only what differs from this profile, as an
    /// environment does. A `preset` in it puts this profile aside.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the table, in the order of the file, each with its place.
    pub fn overlay_toml(
        &self,
        table: &toml::de::DeTable<'_>,
        source: &SourceText,
    ) -> Result<Self, Vec<Diagnostic>> {
        from_toml::overlay(&self.knobs, table, source).map(Self::new)
    }

    /// The effective settings: what is applied, hashed and printed.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Digest over exactly [`settings`](Self::settings), in the domain `profile`.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Those settings that change what a statement means, sorted by key: part of a policy's hash.
    pub fn meaning_settings(&self) -> impl Iterator<Item = (&str, &str)> {
        self.settings.meaning()
    }

    /// How many views are computed at once on a machine with this many cores.
    pub fn max_concurrent_views(&self, cores: NonZeroUsize) -> NonZeroUsize {
        self.knobs.max_concurrent_views.on(cores)
    }

    /// The folder for spill files, as configured.
    pub fn spill_dir(&self) -> Option<&Path> {
        self.knobs.spill_dir.as_deref()
    }

    pub(crate) fn knobs(&self) -> &Knobs {
        &self.knobs
    }

    fn new(mut knobs: Knobs) -> Self {
        if knobs.memory_limit == Limit::Unbounded {
            // What has no effect must not tell two profiles apart.
            knobs.memory_pool = MemoryPool::Greedy;
        }
        let settings = Settings::of(&knobs);
        let fingerprint = settings.fingerprint();
        Self { knobs, settings, fingerprint }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::of_preset(Preset::Default)
    }
}

impl From<Profile> for BTreeMap<String, String> {
    fn from(profile: Profile) -> Self {
        Knob::all()
            .iter()
            .map(|knob| (knob.name.to_owned(), knob.value(&profile)))
            .filter(|(_, value)| !value.is_empty())
            .collect()
    }
}

/// Reads a stored profile. A knob that is not in it, as when it is younger than what was stored,
/// has its default.
impl TryFrom<BTreeMap<String, String>> for Profile {
    type Error = Error;

    fn try_from(stored: BTreeMap<String, String>) -> Result<Self, Self::Error> {
        let mut knobs = Preset::Default.knobs();
        for (name, value) in &stored {
            find(name)?.set(&mut knobs, &Raw::Untyped(value))?;
        }
        // Contradictions are between what somebody wrote; here every knob is written.
        Ok(Self::new(knobs))
    }
}

/// Makes a [`Profile`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ProfileBuilder {
    pub(crate) knobs: Knobs,
    /// What was said explicitly: only that can contradict.
    pub(crate) given: BTreeSet<&'static str>,
}

impl ProfileBuilder {
    /// Starts over from a preset; what was set before is forgotten.
    pub fn preset(self, preset: Preset) -> Self {
        Self { knobs: preset.knobs(), given: BTreeSet::new() }
    }

    /// Sets a knob by name from text, as a command line has it: `batch_size`, `4096`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKnob`] and [`Error::NotAccepted`].
    pub fn set(mut self, name: &str, value: &str) -> Result<Self, Error> {
        let knob = find(name)?;
        knob.set(&mut self.knobs, &Raw::Untyped(value))?;
        self.given.insert(knob.name);
        Ok(self)
    }

    /// The profile.
    ///
    /// # Errors
    ///
    /// [`Error::Contradiction`] when two knobs that were both set cannot both hold.
    pub fn build(self) -> Result<Profile, Error> {
        match contradictions(&self.knobs, &self.given).into_iter().next() {
            Some(error) => Err(error),
            None => Ok(Profile::new(self.knobs)),
        }
    }
}

/// What was given and cannot hold together.
pub(crate) fn contradictions(knobs: &Knobs, given: &BTreeSet<&'static str>) -> Vec<Error> {
    let unbounded = knobs.memory_limit == Limit::Unbounded && given.contains("memory_limit");
    ["memory_pool", "spill_limit"]
        .into_iter()
        .filter(|knob| unbounded && given.contains(knob))
        .map(|knob| Error::Contradiction {
            knob,
            other: "memory_limit",
            value: knobs.memory_limit.to_string(),
        })
        .collect()
}

/// The knob of a name.
pub(crate) fn find(name: &str) -> Result<&'static Knob, Error> {
    Knob::named(name).ok_or_else(|| Error::UnknownKnob {
        name: name.to_owned(),
        nearest: viewlane_core::nearest(name, Knob::all().iter().map(|knob| knob.name)),
    })
}

#[cfg(test)]
mod tests;

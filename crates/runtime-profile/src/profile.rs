use std::collections::BTreeMap;
use std::{num::NonZeroUsize, path::PathBuf};

use serde::{Deserialize, Serialize};
use viewlane_core::{Diagnostic, Fingerprint, SourceText};

use crate::{
    Determinism, EngineOption, Error, JoinStrategy, Knob, Limit, MemoryPool, Origin, Parallelism,
    Preset, RefusedOption, Settings, from_toml,
    knobs::{CacheKnobs, Knobs},
    layers::{self, Draft},
    settings::JOIN_BUILD_BUDGET,
    value::{Budget, Raw},
};

/// Under which settings views are computed.
///
/// Invariant: no two knobs contradict each other, and [`settings`](Self::settings) and
/// [`fingerprint`](Self::fingerprint) are those of the knobs and options. Stored as a map from knob
/// to value, with options of the engine by key where they are not the default; that map has the
/// folders for spill files in it, the settings do not. Where a value comes from is no part of a
/// profile's identity: it is neither compared nor stored.
///
/// ```
/// use viewlane_runtime_profile::{ByteSize, Limit, Profile};
///
/// let profile = Profile::builder().memory_limit(Limit::Bytes(ByteSize::gib(2))).build()?;
/// assert_eq!(profile.settings().get("datafusion.runtime.memory_limit"), Some("2GiB"));
/// assert_eq!(profile.memory().memory_limit.bytes(), Some(2 << 30));
/// assert_ne!(profile.fingerprint(), Profile::default().fingerprint());
/// # Ok::<(), viewlane_runtime_profile::Error>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "BTreeMap<String, String>", try_from = "BTreeMap<String, String>")]
pub struct Profile {
    base: Base,
    settings: Settings,
    fingerprint: Fingerprint,
}

/// What a profile is made of.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub(crate) knobs: Knobs,
    /// Only those that are not the engine's default.
    options: BTreeMap<&'static str, String>,
    /// What no origin is known of is from here.
    otherwise: Origin,
    /// By name of knob or key of option.
    origins: BTreeMap<&'static str, Origin>,
}

impl Base {
    pub(crate) fn of(preset: Preset) -> Self {
        Self {
            knobs: preset.knobs(),
            options: BTreeMap::new(),
            otherwise: Origin::Preset(preset),
            origins: BTreeMap::new(),
        }
    }

    /// Takes what a draft says.
    pub(crate) fn lay_over(&mut self, draft: &Draft) {
        for knob in Knob::all().iter().filter(|knob| draft.given.contains_key(knob.name)) {
            (knob.copy)(&mut self.knobs, &draft.knobs);
        }
        self.options.extend(draft.options.iter().map(|(key, value)| (*key, value.clone())));
        self.origins.extend(draft.given.iter().map(|(name, origin)| (*name, origin.clone())));
    }

    /// What has no effect must not tell two profiles apart, and what follows from a knob follows
    /// here, so that everybody reads the same.
    fn settle(&mut self) {
        let knobs = &mut self.knobs;
        if knobs.memory.memory_limit == Limit::Unbounded {
            knobs.memory.memory_pool = MemoryPool::Greedy;
            self.origins.insert("memory_pool", Origin::Derived("memory_limit"));
        }
        if knobs.joins.join_strategy != JoinStrategy::ByBudget {
            knobs.joins.join_build_budget = Budget::Auto;
        }
        if knobs.caches.list_files_cache_limit.bytes() == 0 {
            knobs.caches.list_files_cache_ttl = CacheKnobs::default().list_files_cache_ttl;
        }
        if knobs.determinism.determinism != Determinism::BestEffort {
            knobs.parallelism.target_partitions = Parallelism::Exactly(NonZeroUsize::MIN);
            self.origins.insert("target_partitions", Origin::Derived("determinism"));
        }
        if !knobs.optimizer.dynamic_filters {
            knobs.optimizer.join_dynamic_filters = false;
            knobs.optimizer.topk_dynamic_filters = false;
            knobs.optimizer.aggregate_dynamic_filters = false;
            for name in DYNAMIC_FILTERS {
                self.origins.insert(name, Origin::Derived("dynamic_filters"));
            }
        }
        self.options.retain(|key, value| {
            let option = EngineOption::all().iter().find(|option| option.key == *key);
            option.is_none_or(|option| option.default != Some(value.as_str()))
        });
    }
}

const DYNAMIC_FILTERS: [&str; 3] =
    ["join_dynamic_filters", "topk_dynamic_filters", "aggregate_dynamic_filters"];

impl Profile {
    /// Starts from the preset `default`.
    pub fn builder() -> ProfileBuilder {
        ProfileBuilder { preset: Preset::Default, draft: Draft::default() }
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
        Self::new(Base::of(preset))
    }

    /// Reads the table `[profile]` of a project file: `preset` first, then the knobs that differ,
    /// and the options of the engine in `[profile.datafusion]`.
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
        let (draft, found) = from_toml::read(table, source);
        let base = match &draft.preset {
            Some((preset, _)) => Base::of(*preset),
            None => self.base.clone(),
        };
        layers::finish(base, &[&draft], found)
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
        self.base.knobs.parallelism.max_concurrent_views.on(cores)
    }

    /// The folders for spill files, as configured; none when the machine's own is used.
    pub fn spill_dirs(&self) -> &[PathBuf] {
        &self.base.knobs.memory.spill_dir
    }

    /// The memory that the hash table of one join may take, when joins are planned by it.
    pub fn join_budget(&self) -> Option<Limit> {
        let knobs = &self.base.knobs;
        let by_budget = knobs.joins.join_strategy == JoinStrategy::ByBudget;
        by_budget.then(|| knobs.joins.join_build_budget.under(knobs.memory.memory_limit))
    }

    /// Where the value of a knob, or of an option of the engine by its full key, comes from; `None`
    /// when there is neither of that name.
    pub fn origin(&self, name: &str) -> Option<Origin> {
        let knob = Knob::named(name).map(|knob| knob.name);
        let option = || EngineOption::all().iter().find(|option| option.key == name);
        knob.or_else(|| option().map(|option| option.key)).map(|name| self.origin_of(name))
    }

    /// Where a setting comes from, by its key or by the name of its knob.
    pub(crate) fn origin_of(&self, key: &str) -> Origin {
        if RefusedOption::all().iter().any(|refused| refused.key == key) {
            return Origin::Fixed;
        }
        let knob = Knob::all().iter().find(|knob| knob.name == key || knob.key == Some(key));
        let origins = &self.base.origins;
        let Some(knob) = knob else {
            return origins.get(key).cloned().unwrap_or(Origin::Engine);
        };
        let auto = self.base.knobs.joins.join_build_budget == Budget::Auto;
        match origins.get(knob.name) {
            _ if auto && key == JOIN_BUILD_BUDGET => Origin::Derived("memory_limit"),
            Some(origin) => origin.clone(),
            None => self.base.otherwise.clone(),
        }
    }

    pub(crate) fn knobs(&self) -> &Knobs {
        &self.base.knobs
    }

    pub(crate) fn new(mut base: Base) -> Self {
        base.settle();
        let settings = Settings::of(&base.knobs, &base.options);
        let fingerprint = settings.fingerprint();
        Self { base, settings, fingerprint }
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::of_preset(Preset::Default)
    }
}

impl PartialEq for Profile {
    fn eq(&self, other: &Self) -> bool {
        self.base.knobs == other.base.knobs && self.base.options == other.base.options
    }
}

impl Eq for Profile {}

impl From<Profile> for BTreeMap<String, String> {
    fn from(profile: Profile) -> Self {
        let options =
            profile.base.options.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        Knob::all()
            .iter()
            .map(|knob| (knob.name.to_owned(), knob.value(&profile)))
            .filter(|(_, value)| !value.is_empty())
            .chain(options)
            .collect()
    }
}

/// Reads a stored profile. A knob that is not in it, as when it is younger than what was stored,
/// has its default.
impl TryFrom<BTreeMap<String, String>> for Profile {
    type Error = Error;

    fn try_from(stored: BTreeMap<String, String>) -> Result<Self, Self::Error> {
        let mut draft = Draft::default();
        for (name, value) in &stored {
            draft.set(name, &Raw::Untyped(value), Origin::Stored)?;
        }
        // Contradictions are between what somebody wrote; here every knob is written.
        let mut base = Base::of(Preset::Default);
        base.lay_over(&draft);
        Ok(Self::new(base))
    }
}

/// Makes a [`Profile`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ProfileBuilder {
    preset: Preset,
    pub(crate) draft: Draft,
}

impl ProfileBuilder {
    /// Starts over from a preset; what was set before is forgotten.
    pub fn preset(self, preset: Preset) -> Self {
        Self { preset, draft: Draft::default() }
    }

    /// Sets a knob by name, or an option of the engine by its full key, from text as a command line
    /// has it: `batch_size`, `4096`.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownKnob`], [`Error::UnknownOption`], [`Error::RefusedOption`] and
    /// [`Error::NotAccepted`].
    pub fn set(mut self, name: &str, value: &str) -> Result<Self, Error> {
        self.draft.set(name, &Raw::Untyped(value), Origin::Code)?;
        match self.draft.preset.take() {
            Some((preset, _)) => Ok(self.preset(preset)),
            None => Ok(self),
        }
    }

    /// The profile.
    ///
    /// # Errors
    ///
    /// [`Error::Contradiction`] when two knobs that were both set cannot both hold.
    pub fn build(self) -> Result<Profile, Error> {
        let mut base = Base::of(self.preset);
        base.lay_over(&self.draft);
        let given = |name: &str| self.draft.given.contains_key(name);
        match contradictions(&base.knobs, given).into_iter().next() {
            Some(error) => Err(error),
            None => Ok(Profile::new(base)),
        }
    }
}

/// What was given and cannot hold together.
pub(crate) fn contradictions(knobs: &Knobs, given: impl Fn(&str) -> bool) -> Vec<Error> {
    let Knobs { memory, parallelism, reading, caches, optimizer, joins, determinism, .. } = knobs;
    let unbounded = memory.memory_limit == Limit::Unbounded;
    let bound = "give `memory_limit` a bound";
    let one = parallelism.target_partitions == Parallelism::Exactly(NonZeroUsize::MIN);
    let off = !optimizer.dynamic_filters;
    let on = "set `dynamic_filters` to `true`";
    let rules: [(&'static str, &'static str, bool, &'static str); 10] = [
        ("memory_pool", "memory_limit", unbounded, bound),
        ("spill_limit", "memory_limit", unbounded, bound),
        ("spill_compression", "memory_limit", unbounded, bound),
        (
            "list_files_cache_ttl",
            "list_files_cache_limit",
            caches.list_files_cache_limit.bytes() == 0,
            "give `list_files_cache_limit` a size",
        ),
        ("join_dynamic_filters", "dynamic_filters", off && optimizer.join_dynamic_filters, on),
        ("topk_dynamic_filters", "dynamic_filters", off && optimizer.topk_dynamic_filters, on),
        (
            "aggregate_dynamic_filters",
            "dynamic_filters",
            off && optimizer.aggregate_dynamic_filters,
            on,
        ),
        (
            "join_build_budget",
            "join_strategy",
            joins.join_strategy != JoinStrategy::ByBudget,
            "set `join_strategy` to `by_budget`",
        ),
        (
            "parquet_reorder_filters",
            "parquet_pushdown_filters",
            reading.parquet_reorder_filters && !reading.parquet_pushdown_filters,
            "set `parquet_pushdown_filters` to `true`",
        ),
        (
            "target_partitions",
            "determinism",
            determinism.determinism != Determinism::BestEffort && !one,
            "set `determinism` to `best_effort`",
        ),
    ];
    rules
        .into_iter()
        .filter(|(knob, other, holds, _)| *holds && given(knob) && given(other))
        .map(|(knob, other, _, instead)| Error::Contradiction {
            knob,
            other,
            value: Knob::named(other).map_or_else(String::new, |other| (other.show)(knobs)),
            instead,
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

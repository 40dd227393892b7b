use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use viewlane_core::Fingerprint;

use crate::{
    EngineOption, JoinStrategy, Knob, Limit, Machine, RefusedOption, knobs::Knobs, value::in_bytes,
};

/// The effective settings: one map from key to value, computed once, which is what is applied, what
/// is hashed and what is printed.
///
/// Keys are those of DataFusion, or begin with `viewlane.` where DataFusion has none. Values derived
/// from the machine are `auto`. Folders for spill files are not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<&'static str, String>);

/// Stands for the cores of whatever machine it is.
pub(crate) const AUTO: &str = "auto";

pub(crate) const MEMORY_POOL: &str = "viewlane.memory_pool";
pub(crate) const JOIN_BUILD_BUDGET: &str = "viewlane.join_build_budget";
pub(crate) const LIST_FILES_CACHE_TTL: &str = "datafusion.runtime.list_files_cache_ttl";

impl Settings {
    pub(crate) fn of(knobs: &Knobs, options: &BTreeMap<&'static str, String>) -> Self {
        let fixed = RefusedOption::all()
            .iter()
            .filter_map(|refused| Some((refused.key, refused.value?.to_owned())));
        let defaults = EngineOption::all()
            .iter()
            .filter_map(|option| Some((option.key, option.default?.to_owned())));
        let given =
            Knob::all().iter().filter_map(|knob| knob.key.map(|key| (key, (knob.setting)(knobs))));
        let options = options.iter().map(|(key, value)| (*key, value.clone()));
        let mut map: BTreeMap<_, _> = fixed.chain(defaults).chain(given).chain(options).collect();

        // What has no effect is not there, so that it cannot tell two profiles apart.
        if knobs.memory.memory_limit == Limit::Unbounded {
            map.insert(MEMORY_POOL, "unbounded".to_owned());
        }
        match knobs.joins.join_strategy {
            JoinStrategy::ByBudget => {
                let budget = knobs.joins.join_build_budget.under(knobs.memory.memory_limit);
                map.insert(JOIN_BUILD_BUDGET, budget.to_string());
            }
            JoinStrategy::Hash | JoinStrategy::SortMerge => _ = map.remove(JOIN_BUILD_BUDGET),
        }
        if knobs.caches.list_files_cache_limit.bytes() == 0 {
            map.remove(LIST_FILES_CACHE_TTL);
        }
        Self(map)
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The value under a key as the engine takes it on a machine: a size as its number of bytes,
    /// `auto` as the number of cores.
    ///
    /// ```
    /// use viewlane_runtime_profile::{Machine, Profile};
    ///
    /// let machine = Machine::new(4.try_into()?, "/tmp", "/project");
    /// let profile = Profile::default();
    /// let key = "datafusion.execution.sort_spill_reservation_bytes";
    /// assert_eq!(profile.settings().get(key), Some("10MiB"));
    /// assert_eq!(profile.settings().applied(key, &machine).as_deref(), Some("10485760"));
    /// # Ok::<(), std::num::TryFromIntError>(())
    /// ```
    pub fn applied(&self, key: &str, machine: &Machine) -> Option<String> {
        let value = machine.applied(self.get(key)?);
        let sized = Knob::all().iter().any(|knob| knob.in_bytes && knob.key == Some(key))
            || EngineOption::all().iter().any(|option| option.kind.in_bytes() && option.key == key);
        let bytes = in_bytes(&value).filter(|_| sized);
        Some(bytes.map_or_else(|| value.into_owned(), |bytes| bytes.to_string()))
    }

    /// Keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// Those settings that change what a statement means, sorted by key.
    pub fn meaning(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(key, _)| changes_meaning(key))
    }

    pub(crate) fn iter_keys(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(key, value)| (*key, value.as_str()))
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        let mut builder = Fingerprint::builder("profile");
        for (key, value) in self.iter() {
            builder.add(key, value);
        }
        builder.finish()
    }
}

/// One `key = value` a line.
impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|(key, value)| writeln!(f, "{key} = {value}"))
    }
}

fn changes_meaning(key: &str) -> bool {
    RefusedOption::all().iter().any(|refused| refused.meaning && refused.key == key)
        || Knob::all().iter().any(|knob| knob.meaning && knob.key == Some(key))
}

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use viewlane_core::Fingerprint;

use crate::{Knob, Limit, knobs::Knobs};

/// The effective settings: one map from key to value, computed once, which is what is applied, what
/// is hashed and what is printed.
///
/// Keys are those of DataFusion, or begin with `viewlane.` where DataFusion has none. Values derived
/// from the machine are `auto`. The folder for spill files is not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<&'static str, String>);

/// A setting that no knob moves.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) key: &'static str,
    value: &'static str,
    meaning: bool,
}

/// Written out even where it is the engine's own default, so that an upgrade of the engine that
/// changes a default changes neither a meaning nor, unnoticed, a hash.
pub(crate) static FIXED: &[Fixed] = &[
    // Errors point at the text they are about.
    Fixed { key: "datafusion.sql_parser.collect_spans", value: "true", meaning: false },
    // `viewlane_core::RelationName` folds unquoted names in the same way.
    Fixed { key: "datafusion.sql_parser.enable_ident_normalization", value: "true", meaning: true },
    // The three decide how strings are typed; the Delta provider gives `Utf8View`.
    Fixed {
        key: "datafusion.sql_parser.map_string_types_to_utf8view",
        value: "true",
        meaning: true,
    },
    Fixed {
        key: "datafusion.execution.parquet.schema_force_view_types",
        value: "true",
        meaning: true,
    },
    Fixed { key: "datafusion.execution.parquet.binary_as_string", value: "false", meaning: true },
    // VARCHAR(n) is taken, and n is not enforced.
    Fixed {
        key: "datafusion.sql_parser.support_varchar_with_length",
        value: "true",
        meaning: true,
    },
    // Casts and arithmetic give NULL or wrap as the functions say, not as the session says.
    Fixed { key: "datafusion.execution.enable_ansi_mode", value: "false", meaning: true },
    // Whether an ORDER BY of a subquery survives decides which rows an outer LIMIT keeps.
    Fixed {
        key: "datafusion.sql_parser.enable_subquery_sort_elimination",
        value: "true",
        meaning: true,
    },
    // A rule that fails is a bug to be seen, not a plan to be run half optimised.
    Fixed { key: "datafusion.optimizer.skip_failed_rules", value: "false", meaning: false },
    // The engine's default is the cores it counts itself; here the caller says how many there are.
    Fixed { key: "datafusion.execution.planning_concurrency", value: AUTO, meaning: false },
];

/// Stands for the cores of whatever machine it is.
pub(crate) const AUTO: &str = "auto";

impl Settings {
    pub(crate) fn of(knobs: &Knobs) -> Self {
        let fixed = FIXED.iter().map(|fixed| (fixed.key, fixed.value.to_owned()));
        let given =
            Knob::all().iter().filter_map(|knob| knob.key.map(|key| (key, (knob.setting)(knobs))));
        let mut map: BTreeMap<_, _> = fixed.chain(given).collect();
        if knobs.memory_limit == Limit::Unbounded {
            // Nothing is shared out: neither pool is in force.
            map.remove("viewlane.memory_pool");
        }
        Self(map)
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Keys and values, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (*key, value.as_str()))
    }

    /// Those settings that change what a statement means, sorted by key.
    pub fn meaning(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(key, _)| changes_meaning(key))
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
    FIXED.iter().any(|fixed| fixed.meaning && fixed.key == key)
        || Knob::all().iter().any(|knob| knob.meaning && knob.key == Some(key))
}

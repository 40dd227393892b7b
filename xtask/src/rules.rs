//! The tables under `[workspace.metadata]` of the root `Cargo.toml`.
//!
//! They hold what was decided; the gates hold the workspace to them. A rule is changed
//! there, in one place and in a diff, and not in the code of a gate.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use serde::Deserialize;

/// Every table that a gate reads.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Rules {
    /// Crate to the workspace crates it may name under `[dependencies]`.
    pub(crate) layering: BTreeMap<String, BTreeSet<String>>,
    /// Crate to the number of crates it may compile. A crate with a budget is a light one.
    pub(crate) weight: BTreeMap<String, usize>,
    /// Package to the only workspace crates that may name it under `[dependencies]`.
    pub(crate) only: BTreeMap<String, BTreeSet<String>>,
    /// Family to the version line its members share.
    pub(crate) families: BTreeMap<String, Family>,
    /// Under what licences a dependency may be.
    pub(crate) licences: Licences,
}

impl Rules {
    pub(crate) fn read(metadata: &serde_json::Value) -> anyhow::Result<Self> {
        Self::deserialize(metadata)
            .context("cannot read the `[workspace.metadata.*]` tables of `Cargo.toml`")
    }

    /// Whether a crate promised to stay small.
    pub(crate) fn is_light(&self, package: &str) -> bool {
        self.weight.contains_key(package)
    }
}

/// The packages `name`, `name-*` and `name_*`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Family {
    /// All members share the line.
    Line(String),
    /// Some members have a version number of their own.
    Split {
        line: String,
        #[serde(default)]
        apart: BTreeSet<String>,
    },
}

impl Family {
    pub(crate) fn line(&self) -> &str {
        match self {
            Self::Line(line) | Self::Split { line, .. } => line,
        }
    }

    /// Members that do not share the line. They, too, must be there in one version only.
    pub(crate) fn apart(&self) -> impl Iterator<Item = &str> {
        let apart = match self {
            Self::Line(_) => None,
            Self::Split { apart, .. } => Some(apart),
        };
        apart.into_iter().flatten().map(String::as_str)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Licences {
    /// Identifiers that any package may be under.
    pub(crate) allow: BTreeSet<String>,
    /// Package to the one expression accepted for it, so that a change of licence shows.
    #[serde(default)]
    pub(crate) exceptions: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_family_is_a_line_or_a_line_with_exceptions() {
        let rules = Rules::read(&json!({
            "layering": {}, "weight": {}, "only": {}, "licences": { "allow": [] },
            "families": {
                "arrow": "59",
                "deltalake": { "line": "1.1", "apart": ["deltalake-derive"] },
            },
        }))
        .unwrap();

        assert_eq!(rules.families["arrow"].line(), "59");
        assert_eq!(rules.families["arrow"].apart().count(), 0);
        assert_eq!(rules.families["deltalake"].line(), "1.1");
        assert!(rules.families["deltalake"].apart().eq(["deltalake-derive"]));
    }

    #[test]
    fn a_missing_table_is_named() {
        let error = Rules::read(&json!({ "layering": {} })).unwrap_err();

        assert!(format!("{error:#}").contains("weight"), "{error:#}");
    }
}

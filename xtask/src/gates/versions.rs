//! Holds: each engine family is there in one version, on the line that is pinned.
//!
//! Two versions of Arrow or DataFusion compile side by side and meet as a type error, or not
//! at all: a provider of one is simply no provider to the other.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Context;
use crate::failure::Failure;
use crate::rules::Family;

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let packages: Vec<_> = context
        .metadata
        .packages
        .iter()
        .map(|package| (package.name.to_string(), package.version.to_string()))
        .collect();
    Ok(judge(&packages, &context.rules.families))
}

fn judge(packages: &[(String, String)], families: &BTreeMap<String, Family>) -> Vec<Failure> {
    families
        .iter()
        .flat_map(|(name, family)| {
            let mut members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
            for (package, version) in packages {
                if belongs(package, name) {
                    members.entry(package).or_default().insert(version);
                }
            }
            judge_family(name, family, &members)
        })
        .collect()
}

fn judge_family(
    name: &str,
    family: &Family,
    members: &BTreeMap<&str, BTreeSet<&str>>,
) -> Vec<Failure> {
    let mut failures = Vec::new();
    if members.is_empty() {
        let what = format!("no package of the family `{name}` is used");
        failures.push(Failure::new(what, unlist(name)).at("Cargo.toml"));
    }
    for gone in family.apart().filter(|apart| !members.contains_key(apart)) {
        let what = format!("the family `{name}` sets `{gone}` apart, which is not used");
        failures.push(Failure::new(what, unlist(gone)).at("Cargo.toml"));
    }
    for (member, versions) in members {
        if versions.len() > 1 {
            let all: Vec<_> = versions.iter().copied().collect();
            failures.push(Failure::new(
                format!("`{member}` is there in {} versions: {}", all.len(), all.join(", ")),
                who_asks(member, all[0]),
            ));
        }
        if family.apart().any(|apart| apart == *member) {
            continue;
        }
        let line = family.line();
        for version in versions.iter().filter(|version| !on_line(version, line)) {
            failures.push(Failure::new(
                format!("`{member}` {version} is not on the line {line} of `{name}`"),
                who_asks(member, version),
            ));
        }
    }
    failures
}

/// `arrow`, `arrow-array` and `arrow_array` belong to `arrow`; `arrowhead` does not.
fn belongs(package: &str, family: &str) -> bool {
    package.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
}

/// 55.2.0 is on the line 55.2, and 55.20.0 is not.
fn on_line(version: &str, line: &str) -> bool {
    version.strip_prefix(line).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn who_asks(package: &str, version: &str) -> String {
    format!(
        "move the whole family in Cargo.toml; \
         `cargo tree --workspace --invert {package}@{version}` shows who asks for this one"
    )
}

fn unlist(name: &str) -> String {
    format!("remove `{name}` from `[workspace.metadata.families]`")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(packages: &[(&str, &str)]) -> Vec<String> {
        let packages: Vec<_> =
            packages.iter().map(|&(name, version)| (name.to_owned(), version.to_owned())).collect();
        let families = BTreeMap::from([
            ("arrow".to_owned(), Family::Line("59".to_owned())),
            (
                "deltalake".to_owned(),
                Family::Split {
                    line: "1.1".to_owned(),
                    apart: BTreeSet::from(["deltalake-derive".to_owned()]),
                },
            ),
        ]);
        judge(&packages, &families)
            .iter()
            .map(|failure| failure.to_string().lines().next().unwrap().to_owned())
            .collect()
    }

    const SOUND: [(&str, &str); 5] = [
        ("arrow", "59.3.2"),
        ("arrow-schema", "59.3.2"),
        ("arrowhead", "0.1.0"),
        ("deltalake", "1.1.2"),
        ("deltalake-derive", "1.0.0"),
    ];

    #[test]
    fn one_version_on_the_line_passes() {
        assert!(check(&SOUND).is_empty());
    }

    #[test]
    fn a_second_version_fails_even_on_the_same_line() {
        let packages = [&SOUND[..], &[("arrow-schema", "59.2.0")]].concat();

        assert_eq!(check(&packages), ["`arrow-schema` is there in 2 versions: 59.2.0, 59.3.2"]);
    }

    #[test]
    fn a_member_on_another_line_fails() {
        let packages = [&SOUND[..], &[("arrow-ipc", "58.1.0"), ("deltalake-core", "1.10.0")]];

        assert_eq!(
            check(&packages.concat()),
            [
                "`arrow-ipc` 58.1.0 is not on the line 59 of `arrow`",
                "`deltalake-core` 1.10.0 is not on the line 1.1 of `deltalake`",
            ]
        );
    }

    #[test]
    fn a_rule_about_nothing_fails() {
        assert_eq!(
            check(&[("arrow", "59.0.0")]),
            [
                "no package of the family `deltalake` is used",
                "the family `deltalake` sets `deltalake-derive` apart, which is not used",
            ]
        );
    }
}

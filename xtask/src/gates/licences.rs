//! Holds: every dependency that ships or builds is under a licence of the allow-list.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context as _;
use cargo_metadata::DependencyKind;

use crate::context::Context;
use crate::failure::Failure;
use crate::rules::Licences;

mod expression;

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    Ok(judge(&packages(context)?, &context.rules.licences))
}

#[derive(Clone, Debug)]
struct Package {
    name: String,
    version: String,
    licence: Option<String>,
}

/// Everything reached from the workspace over normal and build dependencies, for all
/// platforms. What only our own tests use is not distributed.
fn packages(context: &Context) -> anyhow::Result<Vec<Package>> {
    let resolve = context.metadata.resolve.as_ref().context("`cargo metadata` resolved nothing")?;
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let mut open: Vec<_> = context.metadata.workspace_members.iter().collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let dependencies = nodes.get(id).map(|node| &node.deps).into_iter().flatten();
        open.extend(
            dependencies
                .filter(|dependency| {
                    let kinds = &dependency.dep_kinds;
                    kinds.iter().any(|k| k.kind != DependencyKind::Development)
                })
                .map(|dependency| &dependency.pkg),
        );
    }
    let packages = context.metadata.packages.iter();
    Ok(packages
        .filter(|package| reached.contains(&package.id))
        .map(|package| Package {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
        })
        .collect())
}

fn judge(packages: &[Package], rules: &Licences) -> Vec<Failure> {
    let mut failures: Vec<_> = packages
        .iter()
        .filter_map(|package| {
            let what = objection(package, rules)?;
            let mend = format!(
                "do without it, or read the licence and list it in \
                 `[workspace.metadata.licences]`; `cargo tree --workspace --invert {}@{}` shows \
                 who asks for it",
                package.name, package.version
            );
            Some(Failure::new(what, mend))
        })
        .collect();
    failures.extend(needless(packages, rules));
    failures
}

/// Why a package may not be used.
fn objection(package: &Package, rules: &Licences) -> Option<String> {
    let Package { name, version, licence } = package;
    let Some(licence) = licence else {
        let excepted = rules.exceptions.contains_key(name);
        return (!excepted).then(|| format!("`{name}` {version} states no licence"));
    };
    if rules.exceptions.get(name) == Some(licence) {
        return None;
    }
    match expression::allows(licence, &rules.allow) {
        Ok(true) => None,
        Ok(false) => Some(format!("`{name}` {version} is under `{licence}`")),
        Err(error) => Some(format!("`{name}` {version} is under `{licence}`: {error}")),
    }
}

/// Entries without which nothing would change. The list says what is there, not what might be.
fn needless(packages: &[Package], rules: &Licences) -> Vec<Failure> {
    let objections = |rules: &Licences| {
        packages.iter().filter(|package| objection(package, rules).is_some()).count()
    };
    let before = objections(rules);
    let allowed = rules.allow.iter().map(|entry| {
        let mut fewer = rules.clone();
        fewer.allow.remove(entry);
        (entry, fewer)
    });
    let excepted = rules.exceptions.keys().map(|entry| {
        let mut fewer = rules.clone();
        fewer.exceptions.remove(entry);
        (entry, fewer)
    });
    allowed
        .chain(excepted)
        .filter(|(_, fewer)| objections(fewer) == before)
        .map(|(entry, _)| {
            let what = format!("`{entry}` is listed and no package needs it");
            let mend = format!("remove `{entry}` from `[workspace.metadata.licences]`");
            Failure::new(what, mend).at("Cargo.toml")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, licence: Option<&str>) -> Package {
        Package {
            name: name.to_owned(),
            version: "1.0.0".to_owned(),
            licence: licence.map(str::to_owned),
        }
    }

    fn check(packages: &[Package], allow: &[&str], exceptions: &[(&str, &str)]) -> Vec<String> {
        let rules = Licences {
            allow: allow.iter().map(|&entry| entry.to_owned()).collect(),
            exceptions: exceptions
                .iter()
                .map(|&(name, licence)| (name.to_owned(), licence.to_owned()))
                .collect(),
        };
        judge(packages, &rules)
            .iter()
            .map(|failure| failure.to_string().lines().next().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn a_licence_outside_the_list_is_named_and_so_is_a_missing_one() {
        let packages = [
            package("good", Some("MIT OR GPL-3.0-only")),
            package("strict", Some("GPL-3.0-only")),
            package("silent", None),
        ];

        assert_eq!(
            check(&packages, &["MIT"], &[]),
            ["`strict` 1.0.0 is under `GPL-3.0-only`", "`silent` 1.0.0 states no licence",]
        );
    }

    #[test]
    fn an_exception_holds_for_one_package_and_one_licence() {
        let option_ext = package("option-ext", Some("MPL-2.0"));
        let other = package("other", Some("MPL-2.0"));
        let exceptions = [("option-ext", "MPL-2.0")];

        assert!(check(std::slice::from_ref(&option_ext), &[], &exceptions).is_empty());
        assert_eq!(
            check(&[option_ext, other], &[], &exceptions),
            ["`other` 1.0.0 is under `MPL-2.0`"]
        );
        assert!(
            check(&[package("option-ext", Some("GPL-3.0-only"))], &[], &exceptions)
                .contains(&"`option-ext` 1.0.0 is under `GPL-3.0-only`".to_owned())
        );
    }

    #[test]
    fn an_entry_that_nothing_needs_fails() {
        assert_eq!(
            check(&[package("one", Some("MIT"))], &["MIT", "Zlib"], &[]),
            ["`Zlib` is listed and no package needs it"]
        );
    }
}

//! Holds: the edges between crates are those of the tables in the root `Cargo.toml`.

use std::collections::BTreeSet;

use cargo_metadata::DependencyKind;

use crate::context::Context;
use crate::failure::Failure;
use crate::heavy::is_heavy;
use crate::rules::Rules;

const TABLES: &str = "Cargo.toml";

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let members: Vec<_> = context
        .members()
        .into_iter()
        .map(|package| Member {
            name: package.name.to_string(),
            manifest: context.relative(&package.manifest_path),
            edges: package
                .dependencies
                .iter()
                .map(|dependency| Edge {
                    to: dependency.name.clone(),
                    kind: dependency.kind,
                    optional: dependency.optional,
                })
                .collect(),
        })
        .collect();
    Ok(judge(&members, &context.rules))
}

/// A package of the workspace and what its manifest names.
#[derive(Debug)]
struct Member {
    name: String,
    manifest: String,
    edges: Vec<Edge>,
}

#[derive(Debug)]
struct Edge {
    to: String,
    kind: DependencyKind,
    optional: bool,
}

impl Edge {
    /// Whether a user of the crate gets it. What tests need is nobody else's business.
    fn shipped(&self) -> bool {
        self.kind != DependencyKind::Development
    }
}

fn judge(members: &[Member], rules: &Rules) -> Vec<Failure> {
    let names: BTreeSet<_> = members.iter().map(|member| member.name.as_str()).collect();
    let mut failures = strangers(&names, rules);
    for member in members {
        let Some(allowed) = rules.layering.get(&member.name) else {
            let what = format!("`{}` is not in `[workspace.metadata.layering]`", member.name);
            let mend = format!("add `{} = []` to that table in {TABLES}", member.name);
            failures.push(Failure::new(what, mend).at(&member.manifest));
            continue;
        };
        for edge in member.edges.iter().filter(|edge| edge.shipped()) {
            let broken = if names.contains(edge.to.as_str()) {
                inside(member, edge, allowed)
            } else {
                outside(member, edge, rules)
            };
            failures.extend(broken.map(|what| {
                let mend = format!("cargo remove --package {} {}", member.name, edge.to);
                Failure::new(what, mend).at(&member.manifest)
            }));
        }
    }
    failures
}

/// Why an edge to another crate of the workspace may not be.
fn inside(member: &Member, edge: &Edge, allowed: &BTreeSet<String>) -> Option<String> {
    (!allowed.contains(&edge.to))
        .then(|| format!("`{}` may not depend on `{}`", member.name, edge.to))
}

/// Why an edge to a package from elsewhere may not be.
fn outside(member: &Member, edge: &Edge, rules: &Rules) -> Option<String> {
    if let Some(only) = rules.only.get(&edge.to)
        && !only.contains(&member.name)
    {
        let only: Vec<_> = only.iter().map(|name| format!("`{name}`")).collect();
        return Some(format!(
            "`{}` → `{}`: only {} may name it",
            member.name,
            edge.to,
            only.join(", "),
        ));
    }
    (rules.is_light(&member.name) && is_heavy(&edge.to) && !edge.optional).then(|| {
        format!(
            "`{}` → `{}`: a light crate may name it only with `optional = true`",
            member.name, edge.to,
        )
    })
}

/// Names in a table that no package bears: a rule about nothing protects nothing.
fn strangers(names: &BTreeSet<&str>, rules: &Rules) -> Vec<Failure> {
    let layering = rules
        .layering
        .iter()
        .flat_map(|(from, to)| to.iter().chain([from]))
        .map(|name| ("layering", name));
    let weight = rules.weight.keys().map(|name| ("weight", name));
    let only = rules.only.values().flatten().map(|name| ("only", name));
    let unknown: BTreeSet<_> = layering
        .chain(weight)
        .chain(only)
        .filter(|(_, name)| !names.contains(name.as_str()))
        .collect();
    unknown
        .into_iter()
        .map(|(table, name)| {
            let what = format!("`[workspace.metadata.{table}]` names `{name}`, which is no crate");
            Failure::new(what, format!("remove `{name}` from that table")).at(TABLES)
        })
        .collect()
}

#[cfg(test)]
mod tests;

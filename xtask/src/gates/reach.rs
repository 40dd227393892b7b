//! Holds: a light crate, alone, compiles no engine, directly or through others.
//!
//! `layering` reads what a manifest names; this gate sees what comes of it, such as a
//! default feature that switches an optional dependency on.

use crate::context::Context;
use crate::failure::Failure;
use crate::heavy::is_heavy;
use crate::tree::Tree;

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for package in context.rules.weight.keys() {
        failures.extend(judge(package, &Tree::of(context, package)?));
    }
    Ok(failures)
}

fn judge(package: &str, tree: &Tree) -> Vec<Failure> {
    tree.ways_to(is_heavy)
        .into_iter()
        .filter_map(|way| {
            let reached = way.last()?;
            Some(Failure::new(
                format!("`{package}` compiles `{reached}`: {}", way.join(" → ")),
                format!(
                    "make the edge optional or drop the feature that switches it on; \
                     `cargo tree --package {package} --edges features --invert {reached}` \
                     shows which"
                ),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_behind_another_crate_is_found_with_the_way_to_it() {
        let tree = Tree::parse(
            "0 viewlane-sql-policy v0.1.0\n1 viewlane-core v0.1.0\n2 datafusion v55.2.0\n\
             3 tokio v1.50.0\n1 sqlparser v0.62.0\n",
        )
        .unwrap();

        let failures = judge("viewlane-sql-policy", &tree);

        assert_eq!(failures.len(), 1);
        assert!(
            failures[0].to_string().starts_with(
                "`viewlane-sql-policy` compiles `datafusion`: \
                 viewlane-sql-policy → viewlane-core → datafusion\n"
            ),
            "{}",
            failures[0]
        );
    }

    #[test]
    fn arrow_types_are_light() {
        let tree = Tree::parse("0 viewlane-core v0.1.0\n1 arrow-schema v59.3.2\n").unwrap();

        assert_eq!(judge("viewlane-core", &tree), []);
    }
}

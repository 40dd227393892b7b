//! What one package compiles when it is built alone.

use std::collections::BTreeSet;

use anyhow::Context as _;

use crate::context::Context;

/// The normal dependencies of a package, as `cargo tree` prints them.
///
/// `cargo tree`, not `cargo metadata`: only the former resolves the features of one package
/// alone, which is what a user of that crate gets. Metadata unites the features of the whole
/// workspace, where every light crate has its `datafusion` feature on.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    depth: usize,
    name: String,
    version: String,
}

impl Tree {
    pub(crate) fn of(context: &Context, package: &str) -> anyhow::Result<Self> {
        // With repeated subtrees cut off (no `--no-dedupe`): the set of crates is the same,
        // and a DataFusion that slips in does not print millions of lines.
        let arguments = [
            "tree",
            "--locked",
            "--package",
            package,
            "--edges",
            "normal",
            "--prefix",
            "depth",
            "--format",
            " {p}",
        ];
        let text = context
            .cargo(&arguments)
            .read()
            .with_context(|| format!("cannot see what `{package}` compiles"))?;
        Self::parse(&text)
    }

    /// Reads lines such as `2 serde_core v1.0.229 (*)`: depth, name, version.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let nodes = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| {
                let mut words = line.split_whitespace();
                let node = (|| {
                    Some(Node {
                        depth: words.next()?.parse().ok()?,
                        name: words.next()?.to_owned(),
                        version: words.next()?.to_owned(),
                    })
                })();
                node.with_context(|| format!("cannot read `{line}` in the output of `cargo tree`"))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { nodes })
    }

    /// How many crates are compiled, the package itself included. Two versions are two crates.
    pub(crate) fn weight(&self) -> usize {
        let crates: BTreeSet<_> =
            self.nodes.iter().map(|node| (&node.name, &node.version)).collect();
        crates.len()
    }

    /// For each crate that `wanted` names, one way from the package to it.
    ///
    /// A crate that is found only below another such crate is left out: who removes the
    /// upper one removes it, too.
    pub(crate) fn ways_to(&self, wanted: impl Fn(&str) -> bool) -> Vec<Vec<&str>> {
        let mut ways: Vec<Vec<&str>> = Vec::new();
        let mut way: Vec<&str> = Vec::new();
        for node in &self.nodes {
            way.truncate(node.depth);
            let below_another = way.iter().any(|name| wanted(name));
            way.push(&node.name);
            let known = ways.iter().any(|way| way.last() == Some(&node.name.as_str()));
            if wanted(&node.name) && !below_another && !known {
                ways.push(way.clone());
            }
        }
        ways
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
0 viewlane-view-graph v0.1.0 (/viewlane/crates/view-graph)
1 petgraph v0.8.3
2 hashbrown v0.15.5
1 viewlane-core v0.1.0 (/viewlane/crates/core)
2 hashbrown v0.16.1
2 petgraph v0.8.3 (*)
2 datafusion v55.2.0
3 datafusion-expr v55.2.0
3 tokio v1.50.0
1 tokio v1.50.0 (*)
";

    #[test]
    fn a_crate_counts_once_and_each_version_of_it_counts() {
        assert_eq!(Tree::parse(TEXT).unwrap().weight(), 8);
    }

    #[test]
    fn a_way_leads_from_the_package_to_the_outermost_find() {
        let tree = Tree::parse(TEXT).unwrap();

        assert_eq!(
            tree.ways_to(|name| name.starts_with("datafusion") || name == "tokio"),
            [
                vec!["viewlane-view-graph", "viewlane-core", "datafusion"],
                vec!["viewlane-view-graph", "tokio"],
            ]
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_is_an_error_and_not_a_lighter_crate() {
        assert!(Tree::parse("serde v1.0.0").is_err());
    }
}

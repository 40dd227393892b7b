//! Holds: `docs/ARCHITECTURE.md` has one section per crate, and none for another.

use std::collections::BTreeMap;

use crate::context::Context;
use crate::failure::Failure;
use crate::markdown::{Outline, outline};

const DOCUMENT: &str = "docs/ARCHITECTURE.md";
const MEND: &str = "edit docs/ARCHITECTURE.md, then cargo xtask check --only architecture";

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let directories: Vec<_> = context
        .members()
        .into_iter()
        .filter_map(|package| package.manifest_path.parent())
        .map(|directory| context.relative(directory))
        .collect();
    Ok(match context.text(DOCUMENT)? {
        Some(text) => judge(&directories, &outline(&text)),
        None => vec![Failure::new(format!("there is no {DOCUMENT}"), MEND)],
    })
}

fn judge(directories: &[String], outline: &Outline<'_>) -> Vec<Failure> {
    let mut sections: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for heading in &outline.headings {
        let name = heading.text.strip_prefix('`').and_then(|text| text.strip_suffix('`'));
        if let (3, Some(name)) = (heading.level, name) {
            sections.entry(name).or_default().push(heading.line);
        }
    }
    let missing = directories
        .iter()
        .filter(|directory| !sections.contains_key(directory.as_str()))
        .map(|directory| {
            let what = format!("there is no section ### `{directory}`");
            Failure::new(what, MEND).at(DOCUMENT)
        });
    // Other headings may well be a name in backticks; a path below `crates` is a claim.
    let gone = sections
        .iter()
        .filter(|(name, _)| name.starts_with("crates/"))
        .filter(|(name, _)| !directories.iter().any(|directory| directory == *name))
        .map(|(name, lines)| {
            let what = format!("there is no crate `{name}`");
            Failure::new(what, MEND).at(format!("{DOCUMENT}:{}", lines[0]))
        });
    let double = sections.iter().filter(|(_, lines)| lines.len() > 1).map(|(name, lines)| {
        let what = format!("there is a second section ### `{name}`");
        Failure::new(what, MEND).at(format!("{DOCUMENT}:{}", lines[1]))
    });
    missing.chain(gone).chain(double).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Vec<String> {
        let directories = ["crates/cli", "crates/core", "xtask"].map(str::to_owned);
        judge(&directories, &outline(text)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn one_section_each_passes() {
        let text = "# Map\n### `crates/cli`\n### `crates/core`\n### `xtask`\n### Why\n### `x`\n";

        assert!(check(text).is_empty());
    }

    #[test]
    fn a_missing_a_needless_and_a_second_section_fail() {
        let text = "### `crates/cli`\n### `crates/old`\n### `xtask`\n### `xtask`\n\
                    ```md\n### `crates/core`\n```\n";

        let failures = check(text);

        assert_eq!(failures.len(), 3, "{failures:?}");
        assert!(failures[0].starts_with("there is no section ### `crates/core`"));
        assert!(failures[1].starts_with("there is no crate `crates/old`"));
        assert!(failures[1].contains("ARCHITECTURE.md:2"));
        assert!(failures[2].starts_with("there is a second section ### `xtask`"));
    }
}

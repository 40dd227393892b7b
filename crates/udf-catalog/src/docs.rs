//! Writes `docs/functions.md`.

use std::fmt::Write as _;

use viewlane_core::FunctionKind;

use crate::{OwnFunction, Pack};

const HEAD: &str = "\
# Functions

Every function of DataFusion can be used in a view; these come with viewlane, or are promised to be
there. `SELECT * FROM functions()` and `SELECT * FROM function_docs()` list all functions of a session.
Arguments can be given by name, `f(text => 'a')`, but not to table functions, nor where a parameter can
be given several times.
Strings may be `Utf8`, `LargeUtf8`, `Utf8View` or a dictionary of one of them.

This page is written from the table in `crates/udf-catalog/src/own`; a test holds the two equal.
To write it anew: `UPDATE_DOCS=1 cargo test -p viewlane-udf-catalog functions_page`.
";

/// The text of `docs/functions.md`, from the table of this crate.
///
/// ```
/// let page = viewlane_udf_catalog::functions_document();
/// assert!(page.contains("### `stable_id(prefix, text)`"));
/// ```
pub fn functions_document() -> String {
    let mut page = HEAD.to_owned();
    for (title, chosen) in chapters() {
        let functions: Vec<_> = OwnFunction::all().iter().filter(|f| chosen(f)).collect();
        if functions.is_empty() {
            continue;
        }
        write!(page, "\n## {title}\n").expect("a string can be written to");
        for function in functions {
            page.push_str(&section(function));
        }
    }
    page
}

/// The section of one function, as it stands in the page.
pub(crate) fn section(function: &OwnFunction) -> String {
    let mut text = format!("\n### `{}`\n\n{}\n\n", function.syntax(), function.description);
    if !function.parameters.is_empty() {
        text.push_str("| parameter | takes | left out | |\n|---|---|---|---|\n");
        for parameter in function.parameters {
            let literal = if parameter.constant { ", literal" } else { "" };
            writeln!(
                text,
                "| `{}` | {}{literal} | {} | {} |",
                parameter.name,
                parameter.takes,
                parameter.default.unwrap_or(""),
                parameter.description
            )
            .expect("a string can be written to");
        }
        text.push('\n');
    }
    let mut facts = vec![
        format!("Gives {}", function.returns),
        function.nulls.to_string(),
        function.volatility.as_str().to_owned(),
        (if function.fallible { "can fail" } else { "cannot fail" }).to_owned(),
        format!("tier `{}`", function.tier),
    ];
    if function.kind == FunctionKind::Table {
        facts.remove(1);
    }
    let lanes: Vec<&str> = function.lanes.iter().map(|lane| lane.as_str()).collect();
    facts.push(format!("lanes `{}`", lanes.join("`, `")));
    if !function.aliases.is_empty() {
        facts.push(format!("also `{}`", function.aliases.join("`, `")));
    }
    facts.push(format!("tags `{}`", function.tags.join("`, `")));
    writeln!(text, "{}.\n", facts.join("; ")).expect("a string can be written to");
    writeln!(text, "```sql\n{};\n-- {}\n```", function.example, function.example_result)
        .expect("a string can be written to");
    text
}

type Choice = fn(&OwnFunction) -> bool;

fn chapters() -> [(&'static str, Choice); 8] {
    [
        ("Scalar functions", |f| f.pack == Pack::Viewlane && f.kind == FunctionKind::Scalar),
        ("Aggregate functions", |f| f.kind == FunctionKind::Aggregate),
        ("Window functions", |f| f.kind == FunctionKind::Window),
        ("Spans (feature `spans`)", |f| f.pack == Pack::Spans),
        ("Tables about the session", |f| f.pack == Pack::Tables),
        ("Tables of the lake", |f| f.pack == Pack::Delta),
        ("Asynchronous functions", |f| f.pack == Pack::Async),
        ("Of the engine, and promised", |f| f.pack == Pack::Engine),
    ]
}

/// The page in the repository, which is what a reader sees.
#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/functions.md");

    #[test]
    fn the_functions_page_is_written_from_the_table() {
        let page = functions_document();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(PAGE, &page).unwrap();
        }
        let stored = std::fs::read_to_string(PAGE).unwrap();
        assert!(stored == page, "docs/functions.md is not what the table says; see its head");
    }

    #[test]
    fn every_function_has_one_section() {
        let page = functions_document();
        for function in OwnFunction::all() {
            assert_eq!(page.matches(&section(function)).count(), 1, "{}", function.name);
        }
    }
}

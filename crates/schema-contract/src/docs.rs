//! The tables of `docs/contracts.md` are those of the code.
//!
//! `UPDATE_DOCS=1 cargo test -p viewlane-schema-contract docs` writes them.

use std::{env, fs};

use crate::{
    DifferenceKind, Evolution, Need, RULES,
    file::{COLUMN_KEYS, FILE_KEYS, Key},
};

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/contracts.md");

#[test]
fn the_document_holds_the_tables_of_the_code() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let tables = [
        ("file keys", keys(&FILE_KEYS)),
        ("column keys", keys(&COLUMN_KEYS)),
        ("policies", policies()),
        ("actions", actions()),
        ("needs", needs()),
    ];
    let wanted = tables.iter().fold(text.clone(), |text, (name, table)| put(&text, name, table));
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(DOCUMENT, wanted).unwrap();
    } else {
        assert!(
            text == wanted,
            "docs/contracts.md is not what the code says; write it anew:\n  \
             UPDATE_DOCS=1 cargo test -p viewlane-schema-contract docs"
        );
    }
}

/// Puts a table between its two marks.
fn put(text: &str, name: &str, table: &str) -> String {
    let (start, end) = (format!("<!-- table: {name} -->\n"), "<!-- end -->");
    let (before, rest) = text.split_once(&start).unwrap_or_else(|| panic!("no mark for `{name}`"));
    let (_, after) = rest.split_once(end).unwrap_or_else(|| panic!("`{name}` has no end"));
    format!("{before}{start}{table}{end}{after}")
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let head_line = line(head.iter().map(ToString::to_string).collect());
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    head_line + &rule + &rows.map(line).collect::<String>()
}

fn keys(keys: &[Key]) -> String {
    let row =
        |key: &Key| vec![format!("`{}`", key.name), key.takes.to_owned(), key.about.to_owned()];
    table(&["key", "takes", "means"], keys.iter().map(row))
}

fn policies() -> String {
    let row = |kind: DifferenceKind| {
        let cell = |policy: Evolution| match policy.allows(kind) {
            true => "allowed".to_owned(),
            false => "violation".to_owned(),
        };
        let mut row = vec![format!("`{kind}`"), kind.about().to_owned()];
        row.extend(Evolution::ALL.map(cell));
        row
    };
    let head = ["difference", "means", "`strict`", "`additive`", "`relaxed`"];
    table(&head, DifferenceKind::ALL.into_iter().map(row))
}

fn actions() -> String {
    let row = |rule: &crate::Rule| {
        let code = |text: Option<String>| text.map_or("–".to_owned(), |text| format!("`{text}`"));
        vec![
            format!("`{}`", rule.name),
            rule.about.to_owned(),
            code(rule.allowed_from.map(|policy| policy.to_string())),
            rule.needs.map_or("–".to_owned(), |need| format!("{need:?}").to_lowercase()),
            code(rule.ddl.map(str::to_owned)),
            rule.because.to_owned(),
        ]
    };
    let head = ["action", "when", "allowed from", "needs", "`ALTER TABLE`", "refused because"];
    table(&head, RULES.iter().map(row))
}

fn needs() -> String {
    let row = |need: Need| vec![format!("{need:?}").to_lowercase(), need.delta().to_owned()];
    table(&["needs", "of Delta"], Need::ALL.into_iter().map(row))
}

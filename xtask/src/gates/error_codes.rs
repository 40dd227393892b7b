//! Holds: each error code is declared once, in code, and explained once, in the docs.
//!
//! Codes are found by searching for `Code::new("…")` in the sources: no crate is compiled,
//! and a code that nothing raises yet is seen as well.

use std::collections::{BTreeMap, BTreeSet};

use crate::context::Context;
use crate::failure::Failure;
use crate::files;
use crate::markdown::{Outline, outline};

const DOCUMENT: &str = "docs/errors.md";
const DECLARATION: &str = "Code::new(";

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let mut found = Found::default();
    for package in context.members() {
        let Some(directory) = package.manifest_path.parent() else {
            continue;
        };
        let sources = directory.join("src");
        if !context.relative(directory).starts_with("crates/") || !sources.is_dir() {
            continue;
        }
        for file in files::below(sources.as_std_path())? {
            let path = context.relative(&file);
            if path.ends_with(".rs") && !is_test(&path) {
                found.scan(&path, &context.text(&path)?.unwrap_or_default());
            }
        }
    }
    let text = context.text(DOCUMENT)?;
    if text.is_none() && !found.declared.is_empty() {
        let mend = format!("create it with one heading `### {}` per code", found.declared[0].code);
        return Ok(vec![Failure::new(format!("there is no {DOCUMENT}"), mend)]);
    }
    Ok(judge(&found, &outline(&text.unwrap_or_default())))
}

/// What the sources say.
#[derive(Debug, Default)]
struct Found {
    /// Arguments of `Code::new`, whatever they look like.
    declared: Vec<Mention>,
    /// String literals in the shape of a code, declarations included.
    literals: Vec<Mention>,
}

#[derive(Debug)]
struct Mention {
    code: String,
    place: String,
}

impl Found {
    fn scan(&mut self, path: &str, text: &str) {
        let code = shipped(text);
        for (start, _) in code.match_indices(DECLARATION) {
            // `ErrorCode::new(` and the like are somebody else's.
            let part_of_a_name = code[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            let argument = code[start + DECLARATION.len()..].trim_start();
            if let Some(literal) = argument.strip_prefix('"').filter(|_| !part_of_a_name) {
                self.declared.extend(mention(path, &code, start, literal));
            }
        }
        for (start, _) in code.match_indices("\"VL-") {
            let found = mention(path, &code, start, &code[start + 1..]);
            self.literals.extend(found.filter(|mention| is_code(&mention.code)));
        }
    }
}

/// The literal that `rest` begins with.
fn mention(path: &str, text: &str, start: usize, rest: &str) -> Option<Mention> {
    let line = text[..start].matches('\n').count() + 1;
    let (code, _) = rest.split_once('"')?;
    Some(Mention { code: code.to_owned(), place: format!("{path}:{line}") })
}

/// The text without comments, whose examples declare nothing, and without the unit tests at
/// its end. Lines stay where they are.
fn shipped(text: &str) -> String {
    let lines: Vec<_> = text.lines().collect();
    let tests =
        lines.windows(2).position(|pair| pair[0] == "#[cfg(test)]" && pair[1].ends_with('{'));
    lines[..tests.unwrap_or(lines.len())]
        .iter()
        .flat_map(|line| {
            let comment = line.trim_start().starts_with("//");
            [if comment { "" } else { line }, "\n"]
        })
        .collect()
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// `VL-`, a letter for the area, four digits.
fn is_code(text: &str) -> bool {
    let Some([area, digits @ ..]) = text.strip_prefix("VL-").map(str::as_bytes) else {
        return false;
    };
    area.is_ascii_uppercase() && digits.len() == 4 && digits.iter().all(u8::is_ascii_digit)
}

fn judge(found: &Found, outline: &Outline<'_>) -> Vec<Failure> {
    let mut documented: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for heading in outline.headings.iter().filter(|heading| heading.level == 3) {
        let word = heading.text.split_whitespace().next().unwrap_or_default();
        let word = word.trim_end_matches(':').trim_matches('`');
        if is_code(word) {
            documented.entry(word).or_default().push(heading.line);
        }
    }
    let mut failures = Vec::new();
    let mut declared = BTreeMap::new();
    for mention in &found.declared {
        let code = mention.code.as_str();
        if !is_code(code) {
            let what = format!("`{code}` is not an error code");
            let mend = "write `VL-`, one capital letter and four digits";
            failures.push(Failure::new(what, mend).at(&mention.place));
        } else if let Some(first) = declared.insert(code, &mention.place) {
            let what = format!("`{code}` is declared a second time, first in {first}");
            let mend = "name the first declaration, or take the next free number";
            failures.push(Failure::new(what, mend).at(&mention.place));
        } else if !documented.contains_key(code) {
            let what = format!("`{code}` is not explained in {DOCUMENT}");
            let mend = format!("add a section `### {code}` to {DOCUMENT}");
            failures.push(Failure::new(what, mend).at(&mention.place));
        }
    }
    let mut reported = BTreeSet::new();
    for literal in &found.literals {
        let code = literal.code.as_str();
        if !declared.contains_key(code) && reported.insert(code) {
            let what = format!("`{code}` is used and declared nowhere");
            let mend = "name the constant that `Code::new` declares";
            failures.push(Failure::new(what, mend).at(&literal.place));
        }
    }
    for (code, lines) in &documented {
        let place = |line| format!("{DOCUMENT}:{line}");
        if !declared.contains_key(code) {
            let what = format!("`{code}` is explained and declared nowhere");
            let mend = format!("remove its section from {DOCUMENT}");
            failures.push(Failure::new(what, mend).at(place(lines[0])));
        }
        if let Some(&second) = lines.get(1) {
            let what = format!("`{code}` is explained a second time");
            failures.push(Failure::new(what, "make one section of the two").at(place(second)));
        }
    }
    failures
}

#[cfg(test)]
mod tests;

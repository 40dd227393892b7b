//! Holds: no snapshot waits to be reviewed, and none outlives the test that wrote it.

use crate::context::Context;
use crate::failure::Failure;
use crate::files;

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let mut found = Vec::new();
    for file in files::below(context.root())? {
        let path = context.relative(&file);
        let source = if path.ends_with(".snap") {
            let text = context.text(&path)?.unwrap_or_default();
            source(&text).map(|source| {
                let exists = context.root().join(source).is_file();
                (source.to_owned(), exists)
            })
        } else {
            None
        };
        found.push(File { path, source });
    }
    Ok(judge(&found))
}

#[derive(Debug)]
struct File {
    path: String,
    /// For a snapshot: the test file it names, and whether that exists.
    source: Option<(String, bool)>,
}

fn judge(files: &[File]) -> Vec<Failure> {
    files
        .iter()
        .filter_map(|file| {
            let (what, mend) = if is_pending(&file.path) {
                let mend = "cargo insta review   (or delete the file)".to_owned();
                ("a snapshot waits to be reviewed".to_owned(), mend)
            } else if let Some((source, false)) = &file.source {
                let what = format!("the snapshot was written by `{source}`, which is gone");
                (what, format!("rm {}", file.path))
            } else {
                return None;
            };
            Some(Failure::new(what, mend).at(&file.path))
        })
        .collect()
}

fn is_pending(path: &str) -> bool {
    path.ends_with(".snap.new") || path.ends_with(".pending-snap")
}

/// The `source:` of the header that insta writes between two lines of `---`.
fn source(snapshot: &str) -> Option<&str> {
    let mut lines = snapshot.lines();
    if lines.next() != Some("---") {
        return None;
    }
    lines
        .take_while(|line| *line != "---")
        .find_map(|line| line.strip_prefix("source:"))
        .map(|source| source.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, source: Option<(&str, bool)>) -> File {
        File {
            path: path.to_owned(),
            source: source.map(|(path, exists)| (path.to_owned(), exists)),
        }
    }

    #[test]
    fn leftovers_of_a_review_are_named() {
        let failures = judge(&[
            file("crates/a/src/snapshots/a__one.snap.new", None),
            file("crates/a/src/.lib.rs.pending-snap", None),
            file("crates/a/src/lib.rs", None),
        ]);

        assert_eq!(failures.len(), 2);
        assert!(failures[0].to_string().contains("a__one.snap.new"));
    }

    #[test]
    fn a_snapshot_must_belong_to_a_test_file() {
        let failures = judge(&[
            file("a.snap", Some(("crates/a/src/tests.rs", true))),
            file("b.snap", Some(("crates/b/src/tests.rs", false))),
        ]);

        assert_eq!(failures.len(), 1);
        assert!(failures[0].to_string().contains("`crates/b/src/tests.rs`, which is gone"));
    }

    #[test]
    fn the_source_stands_in_the_header_only() {
        assert_eq!(
            source("---\nsource: crates/a/src/tests.rs\nexpression: x\n---\nsource: b.rs\n"),
            Some("crates/a/src/tests.rs")
        );
        assert_eq!(source("---\nexpression: x\n---\nsource: b.rs\n"), None);
    }
}

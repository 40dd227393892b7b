//! Holds: every source file is formatted.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::failure::Failure;

const MEND: &str = "cargo fmt --all";

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    // `-l` names the files instead of printing differences that the mend makes anyway.
    let output =
        context.cargo(&["fmt", "--all", "--", "--check", "-l"]).ignore_status().output()?;
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    // A set: a file that two targets share is named twice.
    let files: BTreeSet<_> = stdout.lines().map(|file| context.relative(file)).collect();
    Ok(judge(output.status.success(), &files, &stderr))
}

fn judge(succeeded: bool, files: &BTreeSet<String>, stderr: &str) -> Vec<Failure> {
    let mut failures: Vec<_> =
        files.iter().map(|file| Failure::new("not formatted", MEND).at(file)).collect();
    if !succeeded && failures.is_empty() {
        failures.push(Failure::new(format!("cannot format:\n{stderr}"), MEND));
    }
    failures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_unformatted_file_is_named() {
        let files = BTreeSet::from(["crates/core/src/lib.rs".to_owned()]);

        let failures = judge(false, &files, "");

        assert_eq!(failures, [Failure::new("not formatted", MEND).at("crates/core/src/lib.rs")]);
        assert_eq!(judge(true, &BTreeSet::new(), ""), []);
    }

    #[test]
    fn a_file_that_cannot_be_parsed_is_a_failure() {
        let failures = judge(false, &BTreeSet::new(), "error: expected `;`");

        assert!(failures[0].to_string().contains("expected `;`"));
    }
}

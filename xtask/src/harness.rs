//! Reads what the test harness printed, so that a failed test is named and not just counted.

use crate::cargo::Run;
use crate::context::Context;
use crate::failure::Failure;

/// Runs `cargo test` for `selection`, every test binary of it, and names what failed.
///
/// `--no-fail-fast`, because one failed binary says nothing about the others.
/// `INSTA_UPDATE=no`, because a gate compares and never leaves a pending snapshot behind;
/// `CI` is handed on as it is.
pub(crate) fn test(context: &Context, selection: &[&str]) -> anyhow::Result<Vec<Failure>> {
    let options = ["--locked", "--no-fail-fast", "--message-format", "json"];
    let command = context.cargo(&["test"]).args(selection).args(options).env("INSTA_UPDATE", "no");
    Ok(judge(&Run::of(command)?, selection))
}

fn judge(run: &Run, selection: &[&str]) -> Vec<Failure> {
    let command = format!("cargo test {}", selection.join(" "));
    let mut failures = run.compile_failures(&command);
    let failed = failed_tests(&run.text);
    failures.extend(failed.iter().map(|test| test.failure(&command)));

    failures.extend(silent_targets(&run.progress).iter().map(|(target, cause)| {
        let what = format!("{target} ended before it could report: {cause}");
        Failure::new(what, &command)
    }));
    run.or_last_words(failures, &command)
}

/// A test that failed, and what it printed.
#[derive(Debug, PartialEq, Eq)]
struct FailedTest<'a> {
    name: &'a str,
    output: String,
}

impl FailedTest<'_> {
    fn failure(&self, command: &str) -> Failure {
        let what = format!("test `{}` failed:\n{}", self.name, self.output.trim());
        // A doctest's name is a sentence with its line; the harness takes its first word.
        let filter = self.name.split_whitespace().next().unwrap_or(self.name);
        if self.output.contains("Snapshot Summary") {
            let mend = format!(
                "INSTA_UPDATE=always {command} -- {filter}   (then read the difference in git)"
            );
            return Failure::new(what, mend);
        }
        Failure::new(what, format!("{command} -- {filter}"))
    }
}

/// The sections `---- name stdout ----` of all test binaries.
fn failed_tests(text: &str) -> Vec<FailedTest<'_>> {
    let mut failed: Vec<FailedTest<'_>> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let title = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----"));
        if let Some(name) = title {
            let output = String::new();
            failed.push(FailedTest { name, output });
            open = true;
        } else if line == "failures:" || line.starts_with("test result:") {
            open = false;
        } else if open && let Some(test) = failed.last_mut() {
            test.output.push_str(line);
            test.output.push('\n');
        }
    }
    failed
}

/// The test binaries that did not end as a harness ends, each with what cargo says of it.
///
/// A binary that is killed or overflows its stack prints no section at all, and would be
/// missing in the report whenever another one failed in the ordinary way. Cargo gives a
/// cause only for these.
fn silent_targets(progress: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    let mut failed = None;
    let mut lines = progress.lines().filter(|line| !line.is_empty());
    while let Some(line) = lines.next() {
        if let (Some(target), "Caused by:") = (failed, line) {
            found.push((target, lines.next().unwrap_or_default().trim()));
        }
        failed = line
            .strip_prefix("error: ")
            .and_then(|error| error.split_once("failed, to rerun pass "))
            .map(|(_, target)| target);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: &str = "\
running 2 tests
test a ... ok
test b::wraps ... FAILED

failures:

---- b::wraps stdout ----
thread 'b::wraps' panicked at src/lib.rs:3:5:
left is not right


failures:
    b::wraps

test result: FAILED. 1 passed; 1 failed; 0 ignored
";

    fn check(text: &str, progress: &str) -> Vec<String> {
        let run = Run::parse(false, text, progress.to_owned()).unwrap();
        judge(&run, &["-p", "viewlane-core"]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_failed_test_is_named_with_its_output_and_the_command_that_repeats_it() {
        let progress = "error: test failed, to rerun pass `-p viewlane-core --lib`\n";

        assert_eq!(
            check(FAILED, progress),
            ["test `b::wraps` failed:\n\
              thread 'b::wraps' panicked at src/lib.rs:3:5:\n\
              left is not right\n  \
              mend: cargo test -p viewlane-core -- b::wraps"]
        );
    }

    #[test]
    fn a_changed_snapshot_is_mended_by_accepting_it() {
        let text = FAILED.replace("left is not right", "━━━ Snapshot Summary ━━━");

        let failures = check(&text, "");

        assert!(failures[0].contains("INSTA_UPDATE=always"), "{failures:?}");
    }

    #[test]
    fn a_binary_that_died_is_reported_beside_one_that_failed() {
        let progress = "\
error: test failed, to rerun pass `-p a --lib`
     Running tests/it.rs
error: test failed, to rerun pass `-p b --test it`

Caused by:
  process didn't exit successfully: `it` (signal: 6, SIGABRT)
error: 2 targets failed:
    `-p a --lib`
    `-p b --test it`
";

        let failures = check(FAILED, progress);

        assert_eq!(failures.len(), 2);
        assert!(
            failures[1].starts_with("`-p b --test it` ended before it could report: process"),
            "{failures:?}"
        );
    }

    #[test]
    fn a_run_that_fails_without_a_word_from_the_harness_is_a_failure() {
        let failures = check("", "error: package ID specification did not match\n");

        assert_eq!(failures.len(), 1);
        assert!(failures[0].contains("did not match"));
    }
}

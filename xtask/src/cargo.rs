//! Long cargo runs: progress is shown as it comes, findings are kept for the end.

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::thread;

use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel};
use xshell::Cmd;

use crate::failure::Failure;

/// How many lines of progress are repeated when nothing better explains a failed run.
const TAIL: usize = 30;

/// What a finished run left behind.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) succeeded: bool,
    /// Errors of the compiler, of clippy or of rustdoc.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// What else stood on stdout: the words of the test harness.
    pub(crate) text: String,
    /// What cargo said of its progress.
    pub(crate) progress: String,
}

impl Run {
    /// Runs a command that was asked for `--message-format json`.
    pub(crate) fn of(command: Cmd<'_>) -> anyhow::Result<Self> {
        let mut child = Command::from(command)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut stdout = child.stdout.take().expect("stdout was asked for as a pipe");
        let stderr = child.stderr.take().expect("stderr was asked for as a pipe");

        // Two pipes, two readers: with one, the child would stop when the other pipe is full.
        let reader = thread::spawn(move || -> io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            stdout.read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let mut progress = String::new();
        for line in BufReader::new(stderr).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            eprintln!("{line}");
            progress.push_str(&line);
            progress.push('\n');
        }
        let bytes = reader.join().expect("the reader of stdout does not panic")?;
        let succeeded = child.wait()?.success();
        Self::parse(succeeded, &String::from_utf8_lossy(&bytes), progress)
    }

    pub(crate) fn parse(succeeded: bool, stdout: &str, progress: String) -> anyhow::Result<Self> {
        let mut run = Self { succeeded, progress, ..Self::default() };
        for message in Message::parse_stream(stdout.as_bytes()) {
            match message? {
                Message::CompilerMessage(message) => run.diagnostics.push(message.message),
                Message::TextLine(line) => {
                    run.text.push_str(&line);
                    run.text.push('\n');
                }
                _ => {}
            }
        }
        run.diagnostics.retain(is_finding);
        Ok(run)
    }

    /// One failure per diagnostic; a library and its unit tests report the same ones.
    pub(crate) fn compile_failures(&self, mend: &str) -> Vec<Failure> {
        let mut seen = BTreeSet::new();
        self.diagnostics
            .iter()
            .map(|diagnostic| {
                let what = diagnostic.rendered.as_ref().unwrap_or(&diagnostic.message);
                let failure = Failure::new(what, mend);
                match diagnostic.spans.iter().find(|span| span.is_primary) {
                    Some(span) => failure.at(format!("{}:{}", span.file_name, span.line_start)),
                    None => failure,
                }
            })
            .filter(|failure| seen.insert(failure.clone()))
            .collect()
    }

    /// The failures if there are any; else, if the run failed all the same, its last words.
    pub(crate) fn or_last_words(&self, failures: Vec<Failure>, command: &str) -> Vec<Failure> {
        if self.succeeded || !failures.is_empty() {
            return failures;
        }
        let what = format!("`{command}` failed:\n{}", self.last_words());
        vec![Failure::new(what, command)]
    }

    fn last_words(&self) -> String {
        let lines: Vec<_> = self.progress.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }
}

/// An error that says something: not a warning, and not the count of errors at the end.
fn is_finding(diagnostic: &Diagnostic) -> bool {
    let error = matches!(diagnostic.level, DiagnosticLevel::Error | DiagnosticLevel::Ice);
    let is_count = diagnostic.spans.is_empty() && diagnostic.message.starts_with("aborting due to");
    error && !is_count
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn message(level: &str, text: &str, spans: Value) -> String {
        let message = json!({
            "reason": "compiler-message",
            "package_id": "path+file:///w/crates/core#0.1.0",
            "target": {
                "kind": ["lib"], "crate_types": ["lib"], "name": "core", "src_path": "/w/lib.rs",
                "edition": "2024", "doc": true, "doctest": true, "test": true,
            },
            "message": {
                "rendered": format!("{level}: {text}\n"), "message": text, "code": null,
                "level": level, "children": [], "spans": spans,
            },
        });
        format!("{message}\n")
    }

    fn span(line: usize) -> Value {
        json!([{
            "file_name": "crates/core/src/lib.rs", "byte_start": 0, "byte_end": 1,
            "line_start": line, "line_end": line, "column_start": 1, "column_end": 2,
            "is_primary": true, "text": [], "label": null, "suggested_replacement": null,
            "suggestion_applicability": null, "expansion": null,
        }])
    }

    #[test]
    fn an_error_is_one_failure_with_its_place() {
        let error = message("error", "this is wrong", span(7));
        let stdout = [
            error.clone(),
            error,
            message("warning", "this is odd", span(8)),
            message("error", "aborting due to 1 previous error", json!([])),
            "running 1 test\n".to_owned(),
        ]
        .concat();

        let run = Run::parse(false, &stdout, String::new()).unwrap();

        assert_eq!(run.text, "running 1 test\n");
        assert_eq!(
            run.compile_failures("fix it"),
            [Failure::new("error: this is wrong\n", "fix it").at("crates/core/src/lib.rs:7")]
        );
    }

    #[test]
    fn a_failed_run_without_a_finding_is_not_a_success() {
        let run = Run::parse(false, "", "error: no such package\n".to_owned()).unwrap();

        let failures = run.or_last_words(Vec::new(), "cargo doc");

        assert_eq!(failures.len(), 1);
        assert!(failures[0].to_string().contains("no such package"));
    }

    #[test]
    fn a_successful_run_has_no_failure() {
        let run = Run::parse(true, "", "Finished\n".to_owned()).unwrap();

        assert_eq!(run.or_last_words(Vec::new(), "cargo doc"), []);
    }
}

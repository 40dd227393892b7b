//! Holds: clippy and the compiler have nothing to say, in tests and benches either.

use crate::cargo::Run;
use crate::context::Context;
use crate::failure::Failure;

/// `xtask` apart from the rest, for the reason given in `workspace_tests`.
const SELECTIONS: [&[&str]; 2] = [
    &["--workspace", "--exclude", "xtask", "--all-targets"],
    &["--package", "xtask", "--all-targets"],
];

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for selection in SELECTIONS {
        let command = context.cargo(&["clippy"]).args(selection).args([
            "--locked",
            "--message-format",
            "json",
            "--",
            "-D",
            "warnings",
        ]);
        let run = Run::of(command)?;
        let mend = format!("cargo clippy {} --fix --allow-dirty", selection.join(" "));
        let again = format!("cargo clippy {} -- -D warnings", selection.join(" "));
        failures.extend(run.or_last_words(run.compile_failures(&mend), &again));
    }
    Ok(failures)
}

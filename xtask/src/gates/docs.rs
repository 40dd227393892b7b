//! Holds: the documentation builds without a warning.

use crate::cargo::Run;
use crate::context::Context;
use crate::failure::Failure;

/// Without `xtask`, which nobody links to and which would bring features of its own; see
/// `workspace_tests`.
const SELECTION: [&str; 4] = ["--workspace", "--exclude", "xtask", "--no-deps"];

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let command = context
        .cargo(&["doc"])
        .args(SELECTION)
        .args(["--locked", "--message-format", "json"])
        .env("RUSTDOCFLAGS", "-D warnings");
    let run = Run::of(command)?;
    let again = format!("RUSTDOCFLAGS='-D warnings' cargo doc {}", SELECTION.join(" "));
    Ok(run.or_last_words(run.compile_failures(&again), &again))
}

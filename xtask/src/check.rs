//! Runs gates: every one of them, whatever the others found.

use std::process::ExitCode;
use std::time::Instant;

use crate::cli::CheckArgs;
use crate::context::Context;
use crate::failure::Failure;
use crate::gates::{self, Gate};

pub(crate) fn list() {
    for gate in gates::ALL {
        println!("{:<12}  {}", gate.name, gate.about);
    }
}

pub(crate) fn run(context: &Context, args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let mut failures = Vec::new();
    for gate in chosen(args) {
        let start = Instant::now();
        let found = findings(gate, context);
        let verdict = if found.is_empty() { "ok" } else { "failed" };
        let seconds = start.elapsed().as_secs_f64();
        println!("{:<12}  {verdict:<6}  {seconds:>6.1} s", gate.name);
        failures.extend(found.into_iter().map(|failure| (gate.name, failure)));
    }
    for (gate, failure) in &failures {
        println!("\n[{gate}] {failure}");
    }
    if failures.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let s = if failures.len() == 1 { "" } else { "s" };
    println!("\n{} failure{s}", failures.len());
    Ok(ExitCode::FAILURE)
}

/// The gates to run, in the order of the list and not of the command line.
fn chosen(args: &CheckArgs) -> Vec<&'static Gate> {
    let named = |names: &[String], gate: &Gate| names.iter().any(|name| name == gate.name);
    gates::ALL
        .iter()
        .filter(|gate| args.only.is_empty() || named(&args.only, gate))
        .filter(|gate| !named(&args.skip, gate))
        .collect()
}

/// A gate that could not look has not passed.
fn findings(gate: &Gate, context: &Context) -> Vec<Failure> {
    (gate.run)(context).unwrap_or_else(|error| {
        vec![Failure::new(
            format!("the gate could not run: {error:#}"),
            format!("cargo xtask check --only {}", gate.name),
        )]
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(only: &[&str], skip: &[&str]) -> Vec<&'static str> {
        let owned = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let args = CheckArgs { only: owned(only), skip: owned(skip), list: false };
        chosen(&args).iter().map(|gate| gate.name).collect()
    }

    #[test]
    fn all_gates_run_unless_some_are_named() {
        assert_eq!(names(&[], &[]).len(), gates::ALL.len());
        assert_eq!(names(&["weight", "format"], &[]), ["format", "weight"]);
        assert_eq!(names(&["weight", "format"], &["format"]), ["weight"]);
        assert!(!names(&[], &["tests"]).contains(&"tests"));
    }
}

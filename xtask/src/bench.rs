//! Runs the benches of `viewlane-tests` by name.

use std::process::{Command, ExitCode};

use anyhow::Context as _;
use cargo_metadata::TargetKind;

use crate::cli::{BenchArgs, Output};
use crate::context::Context;

/// The package that holds all benches, so that they can reach every crate.
const PACKAGE: &str = "viewlane-tests";

/// The usage error of this command line, the same as clap's.
const USAGE: u8 = 2;

pub(crate) fn run(context: &Context, args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let known = known(context);
    if args.list {
        match args.output {
            Output::Human => known.iter().for_each(|name| println!("{name}")),
            Output::Json => println!("{}", serde_json::to_string(&known)?),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let unknown: Vec<_> = unknown(&known, &args.names).collect();
    for name in &unknown {
        eprintln!("error: {}", explain(&known, name));
    }
    if !unknown.is_empty() {
        return Ok(ExitCode::from(USAGE));
    }
    if known.is_empty() {
        eprintln!("`{PACKAGE}` has no bench yet; a `[[bench]]` in its manifest makes one");
        return Ok(ExitCode::SUCCESS);
    }
    let names = if args.names.is_empty() { &known } else { &args.names };
    let mut code = ExitCode::SUCCESS;
    for name in names {
        let arguments = [
            "bench",
            "--locked",
            "--package",
            PACKAGE,
            "--bench",
            name,
            "--",
            "--output",
            args.output.as_str(),
        ];
        // Inherits stdout and stderr: what the bench prints passes through unchanged.
        let status = Command::from(context.cargo(&arguments))
            .status()
            .with_context(|| format!("cannot run the bench `{name}`"))?;
        if !status.success() {
            eprintln!("error: the bench `{name}` failed");
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// The bench targets there are, sorted.
pub(crate) fn known(context: &Context) -> Vec<String> {
    let mut names: Vec<_> = context
        .members()
        .into_iter()
        .filter(|package| package.name.as_str() == PACKAGE)
        .flat_map(|package| &package.targets)
        .filter(|target| target.is_kind(TargetKind::Bench))
        .map(|target| target.name.clone())
        .collect();
    names.sort();
    names
}

pub(crate) fn unknown<'a>(
    known: &[String],
    names: &'a [String],
) -> impl Iterator<Item = &'a String> {
    names.iter().filter(|name| !known.contains(name))
}

pub(crate) fn explain(known: &[String], name: &str) -> String {
    match known.iter().min_by_key(|other| strsim::osa_distance(other, name)) {
        Some(nearest) => format!("there is no bench `{name}`; the nearest is `{nearest}`"),
        None => format!("there is no bench `{name}`; `{PACKAGE}` has none yet"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_known_one() {
        let known = ["refresh".to_owned(), "startup".to_owned()];
        let asked = ["refesh".to_owned(), "startup".to_owned()];

        assert!(unknown(&known, &asked).eq(&["refesh"]));
        assert_eq!(
            explain(&known, "refesh"),
            "there is no bench `refesh`; the nearest is `refresh`"
        );
    }

    #[test]
    fn without_any_bench_it_says_so() {
        assert!(explain(&[], "refresh").contains("has none yet"));
    }
}

//! Runs the benches of the workspace by name.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::Context as _;
use cargo_metadata::{Package, TargetKind};

use crate::cli::{BenchArgs, Output};
use crate::context::Context;

/// Tells a bench where the program it is compared with is installed.
const PEER_VENV: &str = "VIEWLANE_PEER_VENV";

/// The usage error of this command line, the same as clap's.
const USAGE: u8 = 2;

pub(crate) fn run(context: &Context, args: &BenchArgs) -> anyhow::Result<ExitCode> {
    let benches = benches(context);
    let known: Vec<_> = benches.keys().cloned().collect();
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
        eprintln!("there is no bench yet; a `[[bench]]` in a manifest makes one");
        return Ok(ExitCode::SUCCESS);
    }
    let names = if args.names.is_empty() { &known } else { &args.names };
    let mut code = ExitCode::SUCCESS;
    for name in names {
        let arguments = [
            "bench",
            "--locked",
            "--package",
            &benches[name],
            "--bench",
            name,
            "--",
            "--output",
            args.output.as_str(),
        ];
        let mut command = Command::from(context.cargo(&arguments));
        let variable = || std::env::var_os(PEER_VENV).map(PathBuf::from);
        if let Some(venv) = args.peer_venv.clone().or_else(variable) {
            // A bench runs in the folder of its package, where a relative path leads elsewhere.
            command.env(PEER_VENV, std::path::absolute(venv)?);
        }
        // Inherits stdout and stderr: what the bench prints passes through unchanged.
        let status = command.status().with_context(|| format!("cannot run the bench `{name}`"))?;
        if !status.success() {
            eprintln!("error: the bench `{name}` failed");
            code = ExitCode::FAILURE;
        }
    }
    Ok(code)
}

/// The names of the bench targets there are, sorted.
pub(crate) fn known(context: &Context) -> Vec<String> {
    benches(context).into_keys().collect()
}

/// The bench targets there are, each with its package. No two have the same name.
fn benches(context: &Context) -> BTreeMap<String, String> {
    let of_package = |package: &Package| {
        let targets = package.targets.iter().filter(|target| target.is_kind(TargetKind::Bench));
        let package = package.name.to_string();
        targets.map(|target| (target.name.clone(), package.clone())).collect::<Vec<_>>()
    };
    context.members().into_iter().flat_map(of_package).collect()
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
        None => format!("there is no bench `{name}`; there is none yet"),
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
        assert!(explain(&[], "refresh").contains("there is none yet"));
    }
}

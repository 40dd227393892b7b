//! Runs the corpus of `viewlane-tests`: queries through the lane, beside the same without it.

use std::process::{Command, ExitCode};

use anyhow::Context as _;

use crate::cli::CorpusArgs;
use crate::context::Context;

const PACKAGE: &str = "viewlane-tests";
const BINARY: &str = "corpus";

pub(crate) fn run(context: &Context, args: &CorpusArgs) -> anyhow::Result<ExitCode> {
    let mut arguments = vec!["run", "--quiet", "--locked", "--package", PACKAGE, "--bin", BINARY];
    if args.release {
        arguments.push("--release");
    }
    arguments.push("--");
    let handed_on = handed_on(args);
    arguments.extend(handed_on.iter().map(String::as_str));
    // Inherits stdout and stderr: what the corpus prints passes through unchanged.
    let status =
        Command::from(context.cargo(&arguments)).status().context("cannot run the corpus")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

/// What the binary is to be told. A folder is named from where the command was typed.
fn handed_on(args: &CorpusArgs) -> Vec<String> {
    let CorpusArgs { file, suite, extra, output, list, limit, jobs, timeout, release: _ } = args;
    let mut arguments = Vec::new();
    let mut add = |name: &str, value: &str| {
        arguments.push(format!("--{name}"));
        arguments.push(value.to_owned());
    };
    file.iter().for_each(|pattern| add("file", pattern));
    suite.iter().for_each(|name| add("suite", name.as_str()));
    if let Some(folder) = extra {
        let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.clone());
        add("extra", &folder.to_string_lossy());
    }
    add("output", output.as_str());
    list.iter().for_each(|kind| add("list", kind));
    for (name, value) in [("limit", limit), ("jobs", jobs), ("timeout", timeout)] {
        if let Some(value) = value {
            add(name, &value.to_string());
        }
    }
    arguments
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    fn check(arguments: &[&str]) -> String {
        let typed = ["xtask", "corpus"].iter().chain(arguments);
        let Command::Corpus(args) = Cli::try_parse_from(typed).unwrap().command else {
            panic!("`corpus` was typed");
        };
        handed_on(&args).join(" ")
    }

    #[test]
    fn every_option_is_handed_on() {
        assert_eq!(check(&[]), "--output human");
        assert_eq!(
            check(&[
                "--file",
                "cte.slt",
                "--file",
                "array/*",
                "--suite",
                "tpch",
                "--extra",
                "/x",
                "--output",
                "json",
                "--list",
                "rescued",
                "--limit",
                "5",
                "--jobs",
                "1",
                "--timeout",
                "9",
                "--release",
            ]),
            "--file cte.slt --file array/* --suite tpch --extra /x --output json --list rescued \
             --limit 5 --jobs 1 --timeout 9"
        );
    }
}

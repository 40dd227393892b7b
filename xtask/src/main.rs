//! Gates, benches and the corpus of the workspace.
//!
//! ```text
//! cargo xtask check                  every gate, cheap ones first
//! cargo xtask check --only layering  one gate
//! cargo xtask bench --list           the benches there are
//! cargo xtask corpus                 queries through the lane, beside the same without it
//! ```
//!
//! A gate is a module under `gates` in two halves: one gathers facts (from cargo, from
//! files), the other judges them and is a function from values to failures, so that a test
//! can hand it a broken workspace without building one.
//!
//! # What is not here
//!
//! No workspace crate: a gate must still run when what it guards does not compile. Nothing
//! that needs more than the Rust toolchain, and no parser of TOML or of dependency graphs:
//! cargo has read both already.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line; what it prints is its result"
)]

mod bench;
mod cargo;
mod check;
mod cli;
mod context;
mod corpus;
mod failure;
mod files;
mod gates;
mod harness;
mod heavy;
mod markdown;
mod rules;
mod tree;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::{Cli, Command};
use crate::context::Context;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Check(args) if args.list => {
            check::list();
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(args) => check::run(&Context::load()?, &args),
        Command::Bench(args) => bench::run(&Context::load()?, &args),
        Command::Corpus(args) => corpus::run(&Context::load()?, &args),
    }
}

//! What can be typed after `cargo xtask`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::gates;

/// Gates and benches of the workspace.
#[derive(Debug, Parser)]
#[command(name = "xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gates, cheap ones first, and report every failure of all of them.
    Check(CheckArgs),
    /// Run benches of `viewlane-tests`.
    Bench(BenchArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Run this gate only (may be repeated).
    #[arg(long, value_name = "GATE", value_parser = gate_name())]
    pub(crate) only: Vec<String>,
    /// Leave this gate out (may be repeated).
    #[arg(long, value_name = "GATE", value_parser = gate_name())]
    pub(crate) skip: Vec<String>,
    /// Name each gate and what it holds, and run none.
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BenchArgs {
    /// Benches to run; all of them if none is named.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// How the benches print their results.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
    /// Name the benches there are, and run none.
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    #[default]
    Human,
    Json,
}

impl Output {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
        }
    }
}

fn gate_name() -> PossibleValuesParser {
    PossibleValuesParser::new(gates::ALL.iter().map(|gate| gate.name))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_gate_that_does_not_exist_is_a_usage_error() {
        let error = Cli::try_parse_from(["xtask", "check", "--only", "layerin"]).unwrap_err();

        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("layering"), "{error}");
    }
}

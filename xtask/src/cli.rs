//! What can be typed after `cargo xtask`.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::gates;

/// Gates, benches and the corpus of the workspace.
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
    /// Run benches of the workspace.
    Bench(BenchArgs),
    /// Run queries through the lane, beside the same queries without it, and count what differs.
    Corpus(CorpusArgs),
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
    /// A virtual environment of Python that holds the peer of a bench, for benches that have one;
    /// without it, the variable VIEWLANE_PEER_VENV counts.
    #[arg(long, value_name = "DIR")]
    pub(crate) peer_venv: Option<PathBuf>,
    /// Name the benches there are, and run none.
    #[arg(long)]
    pub(crate) list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CorpusArgs {
    /// Only sqllogictest files whose path or name matches (may be repeated).
    #[arg(long, value_name = "GLOB")]
    pub(crate) file: Vec<String>,
    /// Only this suite (may be repeated); without it, all of them.
    #[arg(long, value_enum)]
    pub(crate) suite: Vec<Suite>,
    /// Another folder of `.slt` and `.test` files; without `--suite`, nothing else is run.
    #[arg(long, value_name = "DIR")]
    pub(crate) extra: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) output: Output,
    /// List the queries of a kind (may be repeated): `wrong`, `names`, `types`, `rescued`,
    /// `refused`, a code, `error_equal`, `skipped`, `volatile`, `unordered_limit`, `unstable`,
    /// `float_sum`, `unexpected`, `empty`, `equal`, `all`; or `files` with their times.
    #[arg(long, value_name = "KIND")]
    pub(crate) list: Vec<String>,
    /// How many to list of each kind; 50 without it.
    #[arg(long, value_name = "COUNT")]
    pub(crate) limit: Option<u64>,
    /// How many files run side by side; 2 without it.
    #[arg(long, value_name = "COUNT")]
    pub(crate) jobs: Option<u64>,
    /// Seconds that one query may take; 60 without it.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// Build with optimisation.
    #[arg(long)]
    pub(crate) release: bool,
}

/// Where queries come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Suite {
    /// DataFusion's own sqllogictest files.
    Slt,
    /// The 22 queries of TPC-H.
    Tpch,
    /// The queries of `tests/queries/tpcds`.
    Tpcds,
}

impl Suite {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Slt => "slt",
            Self::Tpch => "tpch",
            Self::Tpcds => "tpcds",
        }
    }
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

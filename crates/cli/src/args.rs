use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// View-first data pipelines over DataFusion and Delta Lake.
#[derive(Debug, Parser)]
#[command(name = "viewlane", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// Folder of the project. Default: the nearest one with a `viewlane.toml`, from here upwards.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) project_dir: Option<PathBuf>,
    /// Form of the output.
    #[arg(long, global = true, value_enum, default_value = "human")]
    pub(crate) output: Output,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// Lines for people.
    Human,
    /// One JSON object on standard output.
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build what changed: seeds, then views in order, one commit each.
    Run(RunArgs),
    /// Say what `run` would do, and why. Changes no table.
    Plan(PlanArgs),
    /// Compile every view and the graph. Touches no table.
    Check(ProjectArg),
    /// Recompute stored versions from their recorded sources, and compare.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ProjectArg {
    /// Folder of the project.
    #[arg(value_name = "PROJECT")]
    pub(crate) project: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Selection {
    /// Only these views: names, `+v`, `v+`, `2+v`, `@v`, `tag:`, `path:`, `source:`; space is
    /// union, comma is intersection. May be given more than once.
    #[arg(short, long, value_name = "SELECTOR")]
    pub(crate) select: Vec<String>,
    /// All but these. May be given more than once.
    #[arg(long, value_name = "SELECTOR")]
    pub(crate) exclude: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArg,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Refresh unchanged views too.
    #[arg(long)]
    pub(crate) full_refresh: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Exit with 3 when changes are pending.
    #[arg(long)]
    pub(crate) exit_code: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArg,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

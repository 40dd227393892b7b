use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use viewlane_core::{Maintenance, RelationName};

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
    /// Set the profile over the project file, such as `memory_limit=512MiB`. May be given more than
    /// once.
    #[arg(long = "set", global = true, value_name = "NAME=VALUE", value_parser = setting)]
    pub(crate) settings: Vec<(String, String)>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
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
    /// Answer a query over views, seeds and sources as they are now.
    Sql(SqlArgs),
    /// Tell the versions of a stored view, a seed or a source, newest first.
    History(HistoryArgs),
    /// Put small files together, delete dead ones, write checkpoints. Rows stay as they are.
    Maintain(MaintainArgs),
    /// List what there is.
    Ls(LsArgs),
    /// Keep the schemas of all relations as accepted, or compare with those that were.
    Snapshot(SnapshotArgs),
    /// Look whether everything that a run needs is there. Changes nothing.
    Doctor(DoctorArgs),
}

#[derive(Debug, Args)]
pub(crate) struct LsArgs {
    /// What to list.
    #[arg(value_enum, default_value = "views")]
    pub(crate) what: Listed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listed {
    /// Views, in the order in which they are built.
    Views,
    /// Functions that a view may call.
    Functions,
}

#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArg,
    /// Write nothing; exit with 1 when a schema is not the accepted one.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArg,
    /// Show every effective setting, where it comes from, and how it is hashed.
    #[arg(long)]
    pub(crate) profile: bool,
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
pub(crate) struct SqlArgs {
    /// The query; `-` reads it from standard input.
    #[arg(value_name = "QUERY")]
    pub(crate) query: String,
    /// Only so many rows; 0 for all of them.
    #[arg(short = 'n', long, value_name = "ROWS", default_value_t = 100)]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// Name of the table, such as `marts.revenue`.
    #[arg(value_name = "NAME")]
    pub(crate) name: RelationName,
    /// Only so many versions.
    #[arg(short = 'n', long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct MaintainArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArg,
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Keep files that no version needs any more for so many hours.
    #[arg(long, value_name = "HOURS", default_value_t = Maintenance::default().retention_hours)]
    pub(crate) retention: u64,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) project: ProjectArg,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

//! What `cargo xtask corpus` runs: queries through the lane, beside the same queries without it.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is a command line; what it prints is its result"
)]

use std::{
    collections::BTreeSet, panic, path::PathBuf, process::ExitCode, time::Duration, time::Instant,
};

use clap::{Parser, ValueEnum};
use viewlane_tests::corpus::{Case, Corpus, Report, Suite};

/// Runs queries through the lane, beside the same queries without it.
///
/// Ends with 1 when rows, names, types or lineage differ anywhere, or when one query in two hundred or
/// more is refused.
#[derive(Debug, Parser)]
#[command(name = "corpus", bin_name = "cargo xtask corpus")]
struct Arguments {
    /// Only sqllogictest files whose path or name matches (may be repeated).
    #[arg(long, value_name = "GLOB")]
    file: Vec<String>,
    /// Only this suite (may be repeated); all three without it.
    #[arg(long, value_enum)]
    suite: Vec<Name>,
    /// Another folder of `.slt` and `.test` files; without `--suite`, nothing else is run.
    #[arg(long, value_name = "DIR")]
    extra: Option<PathBuf>,
    /// How to print.
    #[arg(long, value_enum, default_value_t = Output::Human)]
    output: Output,
    /// List the queries of a kind (may be repeated): `wrong`, `names`, `types`, `lineage`, `rescued`,
    /// `refused`, a code, `error_equal`, `skipped`, `volatile`, `unordered_limit`, `unstable`,
    /// `float_sum`, `unexpected`, `empty`, `equal`, `all`; or `files` with their times.
    #[arg(long, value_name = "KIND")]
    list: Vec<String>,
    /// How many to list of each kind.
    #[arg(long, value_name = "COUNT", default_value_t = 50)]
    limit: usize,
    /// How many files run side by side.
    #[arg(long, value_name = "COUNT", default_value_t = 2)]
    jobs: usize,
    /// Seconds that one query may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Name {
    Slt,
    Tpch,
    Tpcds,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Output {
    Human,
    Json,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    for pattern in &arguments.file {
        if let Err(error) = glob::Pattern::new(pattern) {
            eprintln!("error: `{pattern}` is not a pattern: {error}");
            return ExitCode::from(2);
        }
    }
    let mut suites: Vec<_> = arguments
        .suite
        .iter()
        .map(|name| match name {
            Name::Slt => Suite::Slt,
            Name::Tpch => Suite::Tpch,
            Name::Tpcds => Suite::Tpcds,
        })
        .collect();
    if suites.is_empty() && arguments.extra.is_none() {
        suites = vec![Suite::Slt];
        if arguments.file.is_empty() {
            suites.extend([Suite::Tpch, Suite::Tpcds]);
        }
    }
    let mut corpus = Corpus::new(suites)
        .files(arguments.file.iter().map(String::as_str))
        .jobs(arguments.jobs)
        .limit(Duration::from_secs(arguments.timeout));
    if let Some(folder) = &arguments.extra {
        if !folder.is_dir() {
            eprintln!("error: there is no folder `{}`", folder.display());
            return ExitCode::from(2);
        }
        corpus = corpus.extra(folder.clone());
    }
    // What panics is caught and told with its query. Only this thread may say so itself.
    let own = std::thread::current().id();
    let said = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == own {
            said(panic);
        }
    }));
    let started = Instant::now();
    let report = corpus.run();
    if report.files().is_empty() {
        eprintln!("error: no file matches");
        return ExitCode::from(2);
    }
    let seconds = started.elapsed().as_secs_f64();
    match arguments.output {
        Output::Human => human(&report, &arguments, seconds),
        Output::Json => json(&report, &arguments, seconds),
    }
    if report.total().passes() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn human(report: &Report, arguments: &Arguments, seconds: f64) {
    let kinds: Vec<&str> = match arguments.list.is_empty() {
        true => vec!["wrong", "names", "types", "lineage"],
        false => arguments.list.iter().map(String::as_str).collect(),
    };
    let mut shown = BTreeSet::new();
    for kind in kinds {
        if kind == "files" {
            let mut files: Vec<_> = report.files().iter().collect();
            files.sort_by(|one, other| other.seconds.total_cmp(&one.seconds));
            for file in files.iter().take(arguments.limit) {
                println!("{:8.1} s {:5} queries  {}", file.seconds, file.cases.len(), file.file);
            }
            println!();
            continue;
        }
        let cases: Vec<_> = report.listed(kind).collect();
        for case in cases.iter().take(arguments.limit) {
            // A place may stand in several listings.
            if shown.insert((&case.place, &case.sql)) {
                print(case);
            }
        }
        if cases.len() > arguments.limit {
            println!("… and {} more of `{kind}`\n", cases.len() - arguments.limit);
        }
    }
    for suite in report.suites() {
        println!("[{}]", suite.name());
        println!("{}", report.suite(suite));
    }
    if report.suites().len() > 1 {
        println!("[all]\n{}", report.total());
    }
    println!("{seconds:.0} s");
}

fn print(case: &Case) {
    println!("{}: {}", case.place, case.kind());
    for line in case.sql.trim().lines().take(40) {
        println!("    {line}");
    }
    let reason = case.reason();
    if !reason.is_empty() {
        let reason: String = reason.chars().take(1000).collect();
        println!("  = {}", reason.trim().replace('\n', "\n    "));
    }
    println!();
}

fn json(report: &Report, arguments: &Arguments, seconds: f64) {
    let mut object = report.to_json();
    object["seconds"] = seconds.into();
    if !arguments.list.is_empty() {
        let cases: Vec<_> = report
            .cases()
            .filter(|case| arguments.list.iter().any(|kind| case.belongs_to(kind)))
            .map(Case::to_json)
            .collect();
        object["cases"] = cases.into();
    }
    println!("{object}");
}

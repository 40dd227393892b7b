use std::{
    ffi::OsString,
    io::{self, Write},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use clap::Parser;
use serde_json::json;
use viewlane_core::{Diagnostic, Maintenance, Recorder, SourceText};
use viewlane_diagnostics::JsonLines;
use viewlane_engine::{Engine, Failure, Project, RunOptions};

use crate::{
    args::{Cli, Command, Listed, Output, ProjectArg, RunArgs, Selection},
    codes,
    outside::{Fanout, RandomIds, SystemClock},
    progress::{Progress, Sink},
    report,
};

/// Stack of the threads that compile and run: plans are deep trees, walked recursively.
const STACK: usize = 16 * 1024 * 1024;

const DONE: u8 = 0;
const FAILED: u8 = 1;
const USAGE: u8 = 2;
const PENDING: u8 = 3;
const RACED: u8 = 4;
const INTERRUPTED: u8 = 130;

/// The whole program: reads the process's arguments, prints, and gives its exit code.
pub fn main() -> ExitCode {
    ExitCode::from(execute(
        std::env::args_os(),
        Arc::new(Mutex::new(io::stdout())),
        &mut io::stderr(),
    ))
}

/// The program with arguments and outputs handed in; the exit code.
pub fn run_with<I, T>(arguments: I, out: &mut Vec<u8>, err: &mut dyn Write) -> u8
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let sink: Arc<Mutex<Vec<u8>>> = Arc::default();
    let code = execute(arguments, sink.clone(), err);
    out.append(&mut sink.lock().unwrap_or_else(PoisonError::into_inner));
    code
}

fn execute<I, T>(arguments: I, out: Sink, err: &mut dyn Write) -> u8
where
    I: IntoIterator<Item = T>,
    T: Into<OsString> + Clone,
{
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            let text = error.render().to_string();
            // Help and version are answers, not complaints.
            let code = if error.use_stderr() { USAGE } else { DONE };
            if error.use_stderr() {
                let _ = err.write_all(text.as_bytes());
            } else {
                print(&out, &text);
            }
            return code;
        }
    };
    let output = cli.output;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores().get())
        .thread_stack_size(STACK)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let found =
                Diagnostic::error(codes::SETUP, "cannot start threads").because(error.to_string());
            return refuse(&Failure::from(found), output, &out, err);
        }
    };
    let printed = Arc::clone(&out);
    // On a worker, whose stack is large; the main thread's is the system's choice.
    let task = runtime.spawn(async move {
        tokio::select! {
            outcome = command(cli, printed) => outcome,
            _ = tokio::signal::ctrl_c() => Ok((INTERRUPTED, Vec::new())),
        }
    });
    match runtime.block_on(task) {
        Ok(Ok((code, warnings))) => {
            if output == Output::Human {
                let _ = err.write_all(report::diagnostics(&warnings).as_bytes());
            }
            code
        }
        Ok(Err(failure)) => refuse(&failure, output, &out, err),
        Err(error) => {
            // Commits made before it stand; nothing is said about what was written.
            let message = "the program was interrupted by a defect of its own";
            let found = Diagnostic::error(codes::DEFECT, message)
                .because(error.to_string())
                .help("report it; running again is safe");
            match output {
                Output::Human => {
                    let _ = err.write_all(viewlane_diagnostics::render(&found).as_bytes());
                }
                Output::Json => print(&out, &format!("{}\n", json!({ "errors": [found] }))),
            }
            FAILED
        }
    }
}

/// Tells why nothing was done.
fn refuse(failure: &Failure, output: Output, out: &Sink, err: &mut dyn Write) -> u8 {
    match output {
        Output::Human => {
            let _ = err.write_all(report::diagnostics(failure.diagnostics()).as_bytes());
        }
        Output::Json => print(out, &format!("{}\n", json!({ "errors": failure.diagnostics() }))),
    }
    if failure.is_conflict() { RACED } else { USAGE }
}

fn print(out: &Sink, text: &str) {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = out.write_all(text.as_bytes());
    let _ = out.flush();
}

fn cores() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

type Outcome = Result<(u8, Vec<Diagnostic>), Failure>;

async fn command(cli: Cli, out: Sink) -> Outcome {
    let Cli { project_dir, output, settings, command } = cli;
    let open = |argument: &ProjectArg, name: &str| {
        open(argument, project_dir.clone(), &settings, output, &out, name)
    };
    match command {
        Command::Run(args) => {
            let (engine, project) = open(&args.project, "run")?;
            let compiled = Arc::new(engine.compile(project).await?);
            let plan = engine.plan(&compiled, &options(&args)).await?;
            let mut warnings: Vec<_> = compiled.write_manifest().err().into_iter().collect();
            warnings.extend(plan.warnings().iter().cloned());
            let mut results = engine.run(Arc::clone(&compiled), plan).await;
            results.warnings.extend(warnings.iter().cloned());
            if let Err(found) = results.write(compiled.project().root()) {
                results.warnings.push(found);
            }
            match output {
                Output::Human => print(&out, &report::run(&results)),
                Output::Json => print(&out, &format!("{}\n", json!(results))),
            }
            let code = if results.is_conflict() {
                RACED
            } else if results.failures().next().is_some() {
                FAILED
            } else {
                DONE
            };
            Ok((code, results.warnings))
        }
        Command::Plan(args) => {
            let (engine, project) = open(&args.run.project, "plan")?;
            let compiled = engine.compile(project).await?;
            let plan = engine.plan(&compiled, &options(&args.run)).await?;
            match output {
                Output::Human => print(&out, &report::plan(&plan)),
                Output::Json => print(&out, &format!("{}\n", report::plan_json(&plan))),
            }
            let code = if args.exit_code && plan.has_changes() { PENDING } else { DONE };
            let warnings = compiled.warnings().iter().chain(plan.warnings()).cloned().collect();
            Ok((code, warnings))
        }
        Command::Check(project) => {
            let (engine, project) = open(&project, "check")?;
            let compiled = engine.compile(project).await?;
            let views = compiled.views();
            match output {
                Output::Human => print(&out, &format!("{views} views compile\n")),
                Output::Json => print(
                    &out,
                    &format!("{}\n", json!({ "views": views, "warnings": compiled.warnings() })),
                ),
            }
            Ok((DONE, compiled.warnings().to_vec()))
        }
        Command::Verify(args) => {
            let (engine, project) = open(&args.project, "verify")?;
            let compiled = engine.compile(project).await?;
            let options = RunOptions { full_refresh: false, ..selection(&args.selection) };
            let results = engine.verify(&compiled, &options).await?;
            match output {
                Output::Human => print(&out, &report::verify(&results)),
                Output::Json => print(&out, &format!("{}\n", json!(results))),
            }
            let proven = results.summary.equal == results.summary.views;
            Ok((if proven { DONE } else { FAILED }, compiled.warnings().to_vec()))
        }
        Command::Sql(args) => {
            let none = ProjectArg { project: None };
            let (engine, project) = open(&none, "sql")?;
            let compiled = engine.compile(project).await?;
            let text = match args.query.as_str() {
                "-" => io::read_to_string(io::stdin()).map_err(|error| {
                    let message = "the query cannot be read from standard input";
                    let found = Diagnostic::error(codes::INPUT, message);
                    Failure::from(found.because(error.to_string()))
                })?,
                query => query.to_owned(),
            };
            let answer = engine.ask(&compiled, &SourceText::new("query", text)).await?;
            let rows = answer.first((args.limit > 0).then_some(args.limit)).await?;
            match output {
                Output::Human => print(&out, &report::rows(&rows)?),
                Output::Json => print(&out, &format!("{}\n", rows.json()?)),
            }
            Ok((DONE, compiled.warnings().to_vec()))
        }
        Command::History(args) => {
            let none = ProjectArg { project: None };
            let (engine, project) = open(&none, "history")?;
            let compiled = engine.compile(project).await?;
            let history = engine.history(&compiled, &args.name, args.limit).await?;
            match output {
                Output::Human => print(&out, &report::history(&history)),
                Output::Json => print(&out, &format!("{}\n", json!({ "versions": history }))),
            }
            Ok((DONE, compiled.warnings().to_vec()))
        }
        Command::Maintain(args) => {
            let (engine, project) = open(&args.project, "maintain")?;
            let compiled = engine.compile(project).await?;
            let options = selection(&args.selection);
            let maintenance = Maintenance {
                retention_hours: args.retention,
                dry_run: args.dry_run,
                ..Maintenance::default()
            };
            let results = engine.maintain(&compiled, &options, &maintenance).await?;
            match output {
                Output::Human => print(&out, &report::maintain(&results, args.dry_run)),
                Output::Json => print(&out, &format!("{}\n", json!(results))),
            }
            let failed = results.tables.iter().any(|table| table.error.is_some());
            Ok((if failed { FAILED } else { DONE }, compiled.warnings().to_vec()))
        }
        Command::Ls(args) => {
            let (engine, project) = open(&ProjectArg { project: None }, "ls")?;
            let compiled = engine.compile(project).await?;
            match (args.what, output) {
                (Listed::Views, Output::Human) => print(&out, &report::views(&compiled.listing())),
                (Listed::Views, Output::Json) => {
                    print(&out, &format!("{}\n", json!({ "views": compiled.listing() })));
                }
                (Listed::Functions, Output::Human) => {
                    print(&out, &report::functions(&compiled.functions()));
                }
                (Listed::Functions, Output::Json) => {
                    print(&out, &format!("{}\n", json!({ "functions": compiled.functions() })));
                }
            }
            Ok((DONE, compiled.warnings().to_vec()))
        }
        Command::Snapshot(args) => {
            let (engine, project) = open(&args.project, "snapshot")?;
            let compiled = engine.compile(project).await?;
            let live = engine.schemas(&compiled).await?;
            let drift = match compiled.drift(&live) {
                // What cannot be read is written anew, as its error says.
                Err(_) if !args.check => None,
                drift => drift?,
            };
            let code = match (args.check, drift.as_deref()) {
                (true, None | Some([_, ..])) => FAILED,
                _ => DONE,
            };
            if !args.check {
                compiled.accept(&live)?;
            }
            let relations = live.relations().len();
            match output {
                Output::Human => {
                    print(&out, &report::snapshot(relations, drift.as_deref(), args.check));
                }
                Output::Json => {
                    let told = report::snapshot_json(relations, drift.as_deref());
                    print(&out, &format!("{told}\n"));
                }
            }
            Ok((code, compiled.warnings().to_vec()))
        }
        Command::Doctor(args) => {
            let (engine, project) = open(&args.project, "doctor")?;
            if args.profile {
                let rows = engine.settings(&project);
                match output {
                    Output::Human => print(&out, &report::settings(&rows)),
                    Output::Json => print(&out, &format!("{}\n", json!({ "settings": rows }))),
                }
                return Ok((DONE, Vec::new()));
            }
            let checks = engine.doctor(project).await;
            match output {
                Output::Human => print(&out, &report::doctor(&checks)),
                Output::Json => print(&out, &format!("{}\n", json!({ "checks": checks }))),
            }
            let well = checks.iter().all(|check| check.ok);
            Ok((if well { DONE } else { FAILED }, Vec::new()))
        }
    }
}

fn options(args: &RunArgs) -> RunOptions {
    RunOptions { full_refresh: args.full_refresh, ..selection(&args.selection) }
}

fn selection(selection: &Selection) -> RunOptions {
    let join = |terms: &[String]| (!terms.is_empty()).then(|| terms.join(" "));
    RunOptions {
        select: join(&selection.select),
        exclude: join(&selection.exclude),
        full_refresh: false,
    }
}

/// Finds and reads the project, and makes the engine that records what happens to it.
fn open(
    argument: &ProjectArg,
    project_dir: Option<PathBuf>,
    settings: &[(String, String)],
    output: Output,
    out: &Sink,
    command: &str,
) -> Result<(Arc<Engine>, Project), Failure> {
    if argument.project.is_some() && project_dir.is_some() {
        return Err(Failure::from(
            Diagnostic::error(codes::TWO_PROJECTS, "two project folders are named")
                .help("give the folder as the argument or as `--project-dir`, not as both"),
        ));
    }
    let folder = match argument.project.clone().or(project_dir) {
        Some(folder) => folder,
        None => {
            let here = std::env::current_dir().unwrap_or_default();
            Project::find(&here).ok_or_else(|| {
                Failure::from(
                    Diagnostic::error(
                        codes::NOT_IN_A_PROJECT,
                        "there is no `viewlane.toml` here or above",
                    )
                    .help("go to a project folder, or name one with `--project-dir`"),
                )
            })?
        }
    };
    let mut recorders: Vec<Box<dyn Recorder>> = Vec::new();
    if output == Output::Human && matches!(command, "run" | "verify") {
        recorders.push(Box::new(Progress::new(Arc::clone(out))));
    }
    if matches!(command, "run" | "verify") && folder.join(viewlane_engine::PROJECT_FILE).is_file() {
        // A log that cannot be written is no reason not to run.
        if let Ok(log) = JsonLines::create(&log_file(&folder, command)) {
            recorders.push(Box::new(log));
        }
    }
    let engine = Engine::builder()
        .clock(Arc::new(SystemClock))
        .ids(Arc::new(RandomIds))
        .recorder(Arc::new(Fanout(recorders)))
        .variables(|name| std::env::var(name).ok())
        .environment(std::env::vars_os().filter_map(|(name, value)| {
            // A value that is no text is no value of a setting, which whoever reads it says.
            Some((name.into_string().ok()?, value.to_string_lossy().into_owned()))
        }))
        .cores(cores());
    let engine =
        settings.iter().fold(engine, |engine, (name, value)| engine.setting(name, value)).build();
    let project = engine.load(&folder)?;
    Ok((engine, project))
}

fn log_file(folder: &Path, command: &str) -> PathBuf {
    folder.join("target").join("logs").join(format!("{command}.jsonl"))
}

//! Files of sqllogictest records.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use datafusion_sqllogictest::{
    DFColumnType, TestContext, df_value_validator, is_spark_path, read_dir_recursive,
    value_normalizer,
};
use serde_json::Value;
use sqllogictest::{
    Location, QueryExpect, Record, Runner, StatementExpect, parse_file, strict_column_validator,
};

use super::{
    Watch,
    case::{Case, Verdict},
    database::{Database, Desk, Paths, Seen},
};

/// The package that carries the files.
const PACKAGE: &str = "datafusion-sqllogictest";

/// One file.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) path: PathBuf,
    /// Its path from the folder of all.
    pub(super) name: String,
}

impl Source {
    /// Something with a name that is not a file.
    pub(super) fn named(name: &str) -> Self {
        Self { path: PathBuf::new(), name: name.to_owned() }
    }

    /// Bytes of the file.
    pub(super) fn size(&self) -> u64 {
        fs::metadata(&self.path).map_or(0, |file| file.len())
    }
}

/// The folder `test_files`, where cargo has unpacked it.
pub(super) fn folder() -> PathBuf {
    package().join("test_files")
}

fn package() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version", "1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().expect("cargo lists the packages");
    let manifest = packages
        .iter()
        .find(|package| package["name"] == PACKAGE)
        .and_then(|package| package["manifest_path"].as_str())
        .expect("the manifest of this package names it");
    Path::new(manifest).parent().expect("a manifest stands in a folder").to_owned()
}

/// The files of a folder, sorted; parts that others include are not among them.
pub(super) fn files(folder: &Path) -> Vec<Source> {
    let mut files: Vec<_> = read_dir_recursive(folder)
        .unwrap()
        .into_iter()
        .filter(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str());
            matches!(extension, Some("slt" | "test"))
        })
        .map(|path| {
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
            Source { path, name }
        })
        .collect();
    files.sort_by(|one, other| one.name.cmp(&other.name));
    files
}

/// Runs one file.
pub(super) async fn run(source: &Source, limit: Duration, watch: &Watch) -> Vec<Case> {
    let relative = Path::new(&source.name);
    let records = match records(&source.path) {
        Ok(records) => records,
        Err(error) => return vec![Case::skipped(&source.name, error)],
    };
    watch.at(&source.name);
    let Some(context) = TestContext::try_new_for_test_file(relative).await else {
        let reason = "it needs a feature that is not built".to_owned();
        return vec![Case::skipped(&source.name, reason)];
    };
    let files = source.path.ancestors().find(|folder| folder.ends_with("test_files"));
    let paths = Arc::new(Paths::new(relative, files.and_then(Path::parent)));
    let desk = Arc::new(Desk::default());
    let mut runner = Runner::new(|| async {
        Ok(Database::new(
            context.session_ctx().clone(),
            limit,
            Arc::clone(&desk),
            Arc::clone(&paths),
            is_spark_path(relative),
        ))
    });
    runner.add_label("Datafusion");
    runner.with_column_validator(strict_column_validator);
    runner.with_normalizer(value_normalizer);
    runner.with_validator(df_value_validator);

    // Those files expect the values of another engine, in another format.
    let sqlite = is_sqlite(&source.path);
    let mut cases = Vec::new();
    for record in records {
        let expected_error = match &record {
            Record::Halt { .. } => break,
            Record::System { .. } | Record::Sleep { .. } => continue,
            Record::Statement { expected, .. } => matches!(expected, StatementExpect::Error(_)),
            Record::Query { expected, .. } => matches!(expected, QueryExpect::Error(_)),
            _ => false,
        };
        if let Record::Statement { loc, sql, .. }
        | Record::Query { loc, sql, .. }
        | Record::Let { loc, sql, .. } = &record
        {
            let sql = sql.clone();
            let place = place(loc, source);
            watch.at(&place);
            desk.at(&place, expected_error);
            let as_expected = runner.run_async(record).await.is_ok();
            if let Some(Seen { verdict, rows, traced }) = desk.take() {
                let verdict = match verdict {
                    // The engine alone should have run it: what it needs is not here.
                    Verdict::ErrorEqual { error, .. }
                        if !expected_error || desk.is_about_absent_data(&error) =>
                    {
                        Verdict::Skipped(error)
                    }
                    other => other,
                };
                let verdict = verdict.map(|text| paths.restore(text));
                let stand_in = desk.has_stand_ins();
                let as_expected = (!stand_in && !sqlite).then_some(as_expected);
                cases.push(Case { place, sql, verdict, rows, as_expected, stand_in, traced });
            }
        } else {
            // Sort modes, hash thresholds, substitution: a failure shows in what follows.
            let _ = runner.run_async(record).await;
        }
    }
    cases
}

/// The records of a file, with those it includes.
fn records(path: &Path) -> Result<Vec<Record<DFColumnType>>, String> {
    if !is_sqlite(path) {
        return parse_file(path).map_err(|error| error.to_string());
    }
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let name = path.to_string_lossy().into_owned();
    sqllogictest::parse_with_name(&plain(&text), name).map_err(|error| error.to_string())
}

/// Whether a file is of the kind that SQLite began with.
fn is_sqlite(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "test")
}

/// What SQLite's files have and the parser does not know, line by line: a comment behind a condition,
/// and a condition before `halt`.
fn plain(text: &str) -> String {
    let is_condition = |line: &str| line.starts_with("skipif ") || line.starts_with("onlyif ");
    let mut lines: Vec<&str> = text
        .lines()
        .map(|line| match line.split_once('#') {
            Some((condition, _)) if is_condition(line) => condition.trim_end(),
            _ => line.trim_end(),
        })
        .collect();
    for at in 1..lines.len() {
        if lines[at] == "halt" && is_condition(lines[at - 1]) {
            if lines[at - 1].starts_with("onlyif ") {
                lines[at] = "";
            }
            lines[at - 1] = "";
        }
    }
    lines.join("\n")
}

/// File and line; for a part that is included, also by whom.
fn place(loc: &Location, source: &Source) -> String {
    let folder = source.path.to_string_lossy();
    let folder = folder.strip_suffix(&source.name).unwrap_or_default();
    let inner = loc.file().strip_prefix(folder).unwrap_or(loc.file());
    match inner == source.name {
        true => format!("{inner}:{}", loc.line()),
        false => format!("{inner}:{} (in {})", loc.line(), source.name),
    }
}

//! What is printed at the end.

use std::fmt::Write as _;

use serde_json::{Value, json};
use viewlane_core::{Diagnostic, HistoryEntry};
use viewlane_diagnostics::render;
use viewlane_engine::{
    Check, Drift, Failure, FirstRows, FunctionEntry, MaintenanceResults, Proof, RunPlan,
    RunResults, SettingRow, TableMaintenance, VerifyResults, ViewEntry,
};

/// A count with its thousands apart: `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// The end of a run: failures again, then the summary.
pub(crate) fn run(results: &RunResults) -> String {
    let mut out = String::new();
    for node in results.failures() {
        let _ = write!(out, "\n`{}` failed:\n", node.name);
        if let Some(error) = &node.error {
            out.push_str(&render(error));
        }
    }
    let summary = &results.summary;
    let _ = write!(
        out,
        "\n{} views: {} committed, {} skipped, {} failed",
        summary.views, summary.committed, summary.skipped, summary.failed
    );
    if summary.seeds_committed + summary.seeds_failed > 0 {
        let _ = write!(
            out,
            "; {} seeds loaded, {} failed",
            summary.seeds_committed, summary.seeds_failed
        );
    }
    out.push('\n');
    out
}

/// What `plan` found.
pub(crate) fn plan(plan: &RunPlan) -> String {
    let mut out = String::new();
    let (mut pending, mut unchanged) = (0, 0);
    for (name, verdict) in plan.verdicts() {
        use viewlane_engine::Verdict;
        let (sign, reason) = match verdict {
            Verdict::Full { reason } => {
                pending += 1;
                ('+', reason.as_str())
            }
            Verdict::Skip { reason } => {
                unchanged += 1;
                (' ', reason.as_str())
            }
            _ => (' ', "not stored"),
        };
        let _ = writeln!(out, "{sign} {:<44} {verdict:<5} ({reason})", name.to_string());
    }
    let _ = writeln!(out, "\n{pending} to build, {unchanged} unchanged");
    out
}

/// `plan` as JSON.
pub(crate) fn plan_json(plan: &RunPlan) -> Value {
    use viewlane_engine::Verdict;
    let nodes: Vec<_> = plan
        .verdicts()
        .map(|(name, verdict)| {
            let reason = match verdict {
                Verdict::Full { reason } | Verdict::Skip { reason } => Some(reason),
                _ => None,
            };
            json!({ "name": name, "mode": verdict.to_string(), "reason": reason })
        })
        .collect();
    json!({ "pending": plan.has_changes(), "nodes": nodes, "warnings": plan.warnings() })
}

/// The end of a verification.
pub(crate) fn verify(results: &VerifyResults) -> String {
    let mut out = String::new();
    for view in &results.views {
        let name = &view.name;
        match &view.proof {
            Proof::Different { missing, extra, sample } => {
                let version = view.version.map(|v| format!("v{v}")).unwrap_or_default();
                let _ = writeln!(
                    out,
                    "\n`{name}` {version} is not what its definition gives at {}: {} rows are missing, {} are extra",
                    view.sources.join(", "),
                    thousands(*missing),
                    thousands(*extra),
                );
                for row in sample {
                    let _ = writeln!(out, "  {row}");
                }
            }
            Proof::Unproven { error } => {
                let _ = write!(out, "\n`{name}` is not proven:\n{}", render(error));
            }
            Proof::Equal { rounded, .. } if *rounded > 0 => {
                let _ = writeln!(
                    out,
                    "\n`{name}` is equal, {} rows up to the rounding of floats",
                    thousands(*rounded)
                );
            }
            _ => {}
        }
    }
    let summary = &results.summary;
    let _ = writeln!(
        out,
        "\n{} views: {} equal, {} different, {} not proven",
        summary.views, summary.equal, summary.different, summary.unproven
    );
    out
}

/// Rows of a query, with their number below.
pub(crate) fn rows(rows: &FirstRows) -> Result<String, Failure> {
    let table = rows.table()?;
    let count = match (rows.len(), rows.more) {
        (1, false) => "1 row".to_owned(),
        (count, false) => format!("{} rows", thousands(count as u64)),
        (count, true) => {
            format!("the first {} rows; `--limit` shows more", thousands(count as u64))
        }
    };
    Ok(format!("{table}\n{count}\n"))
}

/// The versions of a table, newest first.
pub(crate) fn history(history: &[HistoryEntry]) -> String {
    let mut out = String::new();
    for entry in history {
        let at = entry.at.and_then(utc).unwrap_or_else(|| "-".to_owned());
        let operation = entry.operation.as_deref().unwrap_or("-");
        let files = format!("+{} -{}", entry.files_added, entry.files_removed);
        let _ = write!(out, "v{:<6} {at:<20} {operation:<14} {files:<12}", entry.version);
        if let Some(record) = &entry.record {
            let sources: Vec<String> =
                record.sources.iter().map(|s| format!("{}@{}", s.relation, s.to)).collect();
            let _ = write!(
                out,
                " {} {} rows {} {}",
                record.mode,
                thousands(record.rows),
                record.definition.short(),
                sources.join(" "),
            );
        }
        while out.ends_with(' ') {
            out.pop();
        }
        out.push('\n');
    }
    out
}

/// Milliseconds since 1970 as a date and time.
fn utc(millis: i64) -> Option<String> {
    let at = chrono::DateTime::from_timestamp_millis(millis)?;
    Some(at.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// What maintenance did, or would do.
pub(crate) fn maintain(results: &MaintenanceResults, dry_run: bool) -> String {
    let mut out = String::new();
    let (mut done, mut failed) = (0, 0);
    for TableMaintenance { name, report, error } in &results.tables {
        let name = name.to_string();
        if let Some(error) = error {
            failed += 1;
            let _ = write!(out, "! {name}\n{}", render(error));
        }
        let steps = report.iter().flat_map(|report| &report.steps);
        for step in steps.filter(|step| step.needed) {
            done += 1;
            let task = step.task.as_str();
            let _ = writeln!(
                out,
                "+ {name:<44} {task:<10} -{} +{} files ({})",
                step.files_removed, step.files_added, step.because
            );
        }
    }
    let did = if dry_run { "to do" } else { "done" };
    let _ = writeln!(out, "{} tables: {done} tasks {did}, {failed} failed", results.tables.len());
    out
}

/// Diagnostics for people, with a count of the errors among them.
pub(crate) fn diagnostics(found: &[Diagnostic]) -> String {
    let mut out: String = found.iter().map(|found| render(found) + "\n").collect();
    match found.iter().filter(|found| found.is_error()).count() {
        0 => {}
        1 => out.push_str("1 error; nothing was written\n"),
        errors => {
            let _ = writeln!(out, "{errors} errors; nothing was written");
        }
    }
    out
}

/// Names and kinds of views, in the order in which they are built.
pub(crate) fn views(views: &[ViewEntry]) -> String {
    views.iter().fold(String::new(), |mut out, view| {
        let kind = if view.materialized { "stored" } else { "plain" };
        let _ = writeln!(out, "{:<44} {kind:<6} {}", view.name.to_string(), view.file);
        out
    })
}

/// A line for each function: how it is called, what it is, what it does.
pub(crate) fn functions(functions: &[FunctionEntry]) -> String {
    let mut out = String::new();
    for function in functions {
        let called = if function.syntax.is_empty() { &function.name } else { &function.syntax };
        let first = function.description.lines().next().unwrap_or_default();
        let kind = function.kind.as_str();
        let tier = function.tier.to_string();
        let _ = writeln!(out, "{called:<44} {kind:<9} {tier:<9} {first}");
    }
    let _ = writeln!(out, "\n{} functions", functions.len());
    out
}

/// What a snapshot of schemas came to.
pub(crate) fn snapshot(relations: usize, drift: Option<&[Drift]>, check: bool) -> String {
    let mut out = String::new();
    for drift in drift.unwrap_or_default() {
        out.push_str(&render(&drift.to_diagnostic()));
    }
    let changes = drift.map_or(0, <[Drift]>::len);
    let _ = match (check, drift) {
        (true, None) => writeln!(out, "no schemas were accepted yet; run `viewlane snapshot`"),
        (true, Some([])) => writeln!(out, "{relations} relations are as accepted"),
        (true, Some(_)) => {
            writeln!(out, "\n{changes} changes of schema; `viewlane snapshot` accepts them")
        }
        (false, None) => writeln!(out, "{relations} relations accepted"),
        (false, Some(_)) => writeln!(out, "{relations} relations accepted, {changes} changes"),
    };
    out
}

/// The same as JSON.
pub(crate) fn snapshot_json(relations: usize, drift: Option<&[Drift]>) -> Value {
    let told = drift.map(|drift| drift.iter().map(Drift::to_diagnostic).collect::<Vec<_>>());
    json!({ "relations": relations, "accepted": drift.is_some(), "drift": told.unwrap_or_default() })
}

/// Every effective setting: key, value, what is hashed where that differs, and origin.
pub(crate) fn settings(rows: &[SettingRow]) -> String {
    rows.iter().fold(String::new(), |mut out, row| {
        let hashed = match &row.hashed_as {
            None => " (not hashed)".to_owned(),
            Some(hashed) if *hashed == row.value => String::new(),
            Some(hashed) => format!(" (hashed as {hashed})"),
        };
        let value = format!("{}{hashed}", row.value);
        let _ = writeln!(out, "{:<66} {value:<24} {}", row.key, row.origin);
        out
    })
}

/// What the doctor saw.
pub(crate) fn doctor(checks: &[Check]) -> String {
    let mut out = String::new();
    for check in checks {
        let sign = if check.ok { ' ' } else { '!' };
        let _ = writeln!(out, "{sign} {:<8} {}", check.name, check.detail);
        if let Some(help) = &check.help {
            let _ = writeln!(out, "           = help: {help}");
        }
    }
    let wrong = checks.iter().filter(|check| !check.ok).count();
    let _ = match wrong {
        0 => writeln!(out, "\nall is well"),
        wrong => writeln!(out, "\n{wrong} of {} are not as they should be", checks.len()),
    };
    out
}

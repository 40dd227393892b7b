//! The scoreboard.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Suite,
    case::{Case, Difference, Verdict},
};

/// What came of one file, or of one suite without files.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// Where it is from.
    pub suite: Suite,
    /// Its name.
    pub file: String,
    /// How long it took.
    pub seconds: f64,
    /// Its queries, in order.
    pub cases: Vec<Case>,
}

/// What came of everything.
#[derive(Clone, Debug)]
pub struct Report {
    files: Vec<FileReport>,
}

/// How many of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Scoreboard {
    /// Files with a query that was compared.
    pub files: usize,
    /// Files without one.
    pub files_skipped: usize,
    /// Queries that the engine alone runs, or that the lane rescues.
    pub candidates: usize,
    /// Of these, queries of files in which other rows stand in for data that is not here.
    pub stand_in: usize,
    /// Same rows, order, types and names.
    pub equal: usize,
    /// Of the equal ones, those whose rows cannot be compared, by reason.
    pub excused: BTreeMap<String, usize>,
    /// The engine alone fails, the lane makes it run.
    pub rescued: usize,
    /// The same by the stage at which the engine alone fails.
    pub rescued_by_stage: BTreeMap<String, usize>,
    /// The engine alone runs it, the lane refuses it.
    pub refused: usize,
    /// The same by code.
    pub refused_by_code: BTreeMap<String, usize>,
    /// Other rows, other order, or no run at all.
    pub wrong: usize,
    /// Other names of columns.
    pub names_differ: usize,
    /// Other types, nullability or metadata of columns.
    pub types_differ: usize,
    /// Of the equal ones, those whose lineage was held against the plan of the engine.
    pub traced: usize,
    /// Other lineage than the plan says.
    pub lineage_differs: usize,
    /// Queries that the engine alone is to fail, and fails.
    pub error_cases: usize,
    /// Of these, those that fail through the lane, too.
    pub error_equal: usize,
    /// Of these, those that the lane itself refuses, by code.
    pub error_refused_by_code: BTreeMap<String, usize>,
    /// Queries whose data or features are not here, and files that cannot be run at all.
    pub skipped: usize,
    /// Queries that the engine alone runs, but not with the outcome the file says.
    pub raw_unexpected: usize,
    /// Queries that the engine alone runs, and that give no rows.
    pub empty: usize,
}

impl Scoreboard {
    fn count(&mut self, case: &Case) {
        let add = |map: &mut BTreeMap<String, usize>, key: &str| {
            *map.entry(key.to_owned()).or_default() += 1;
        };
        match &case.verdict {
            Verdict::Equal(excuse) => {
                self.equal += 1;
                if let Some(excuse) = excuse {
                    add(&mut self.excused, excuse.name());
                }
            }
            Verdict::Differs(found) => {
                let has = |kind: &str| usize::from(found.iter().any(|found| found.kind() == kind));
                self.wrong += has("wrong");
                self.names_differ += has("names");
                self.types_differ += has("types");
                self.lineage_differs += has("lineage");
            }
            Verdict::Refused { code, .. } => {
                self.refused += 1;
                add(&mut self.refused_by_code, code);
            }
            Verdict::Rescued { stage, .. } => {
                self.rescued += 1;
                add(&mut self.rescued_by_stage, stage.name());
            }
            Verdict::ErrorEqual { code, .. } => {
                self.error_equal += 1;
                if let Some(code) = code {
                    add(&mut self.error_refused_by_code, code);
                }
            }
            Verdict::Skipped(_) => self.skipped += 1,
        }
        self.traced += usize::from(case.traced);
        match &case.verdict {
            Verdict::Equal(_) | Verdict::Differs(_) | Verdict::Refused { .. } => {
                self.candidates += 1;
                self.stand_in += usize::from(case.stand_in);
                self.empty += usize::from(case.rows == Some(0));
                self.raw_unexpected += usize::from(case.as_expected == Some(false));
            }
            Verdict::Rescued { .. } => {
                self.candidates += 1;
                self.stand_in += usize::from(case.stand_in);
                self.error_cases += 1;
            }
            Verdict::ErrorEqual { .. } => self.error_cases += 1,
            Verdict::Skipped(_) => {}
        }
    }

    /// Whether nothing differs and less than one query in two hundred is refused.
    pub fn passes(&self) -> bool {
        self.wrong + self.names_differ + self.types_differ + self.lineage_differs == 0
            && self.refused * 200 < self.candidates.max(1)
    }
}

impl fmt::Display for Scoreboard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = |map: &BTreeMap<String, usize>| -> String {
            let parts: Vec<_> = map.iter().map(|(key, count)| format!("{key} {count}")).collect();
            if parts.is_empty() { String::new() } else { format!("  ({})", parts.join(", ")) }
        };
        for (name, count, more) in [
            ("files", self.files, format!("  ({} more without a query)", self.files_skipped)),
            (
                "candidates",
                self.candidates,
                format!("  ({} without rows, {} over stand-ins)", self.empty, self.stand_in),
            ),
            ("equal", self.equal, detail(&self.excused)),
            ("rescued", self.rescued, detail(&self.rescued_by_stage)),
            ("refused", self.refused, detail(&self.refused_by_code)),
            ("wrong", self.wrong, String::new()),
            ("names_differ", self.names_differ, String::new()),
            ("types_differ", self.types_differ, String::new()),
            ("traced", self.traced, String::new()),
            ("lineage_differs", self.lineage_differs, String::new()),
            ("error_cases", self.error_cases, String::new()),
            ("error_equal", self.error_equal, detail(&self.error_refused_by_code)),
            ("skipped", self.skipped, String::new()),
            ("raw_unexpected", self.raw_unexpected, String::new()),
        ] {
            writeln!(f, "{name:<16}{count:>7}{more}")?;
        }
        Ok(())
    }
}

impl Report {
    pub(super) fn new(files: Vec<FileReport>) -> Self {
        Self { files }
    }

    /// Every file, in order.
    pub fn files(&self) -> &[FileReport] {
        &self.files
    }

    /// Every query, in order.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.files.iter().flat_map(|file| &file.cases)
    }

    /// All suites together.
    pub fn total(&self) -> Scoreboard {
        scoreboard(self.files.iter())
    }

    /// One suite.
    pub fn suite(&self, suite: Suite) -> Scoreboard {
        scoreboard(self.files.iter().filter(|file| file.suite == suite))
    }

    /// The suites that ran.
    pub fn suites(&self) -> Vec<Suite> {
        let mut suites: Vec<_> = self.files.iter().map(|file| file.suite).collect();
        suites.sort_unstable();
        suites.dedup();
        suites
    }

    /// The cases of a kind: a kind of difference, `rescued`, `refused` or the beginning of a code,
    /// `error_equal`, `skipped`, `equal`, an excuse, `unexpected`, `empty`, or `all`.
    pub fn listed<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Case> {
        self.cases().filter(move |case| case.belongs_to(kind))
    }

    /// As one object.
    pub fn to_json(&self) -> Value {
        let mut object = serde_json::to_value(self.total()).unwrap();
        let suites: BTreeMap<_, _> =
            self.suites().into_iter().map(|suite| (suite.name(), self.suite(suite))).collect();
        object["suites"] = json!(suites);
        object
    }
}

fn scoreboard<'a>(files: impl Iterator<Item = &'a FileReport>) -> Scoreboard {
    let mut board = Scoreboard::default();
    for file in files {
        let ran = file.cases.iter().any(|case| !matches!(case.verdict, Verdict::Skipped(_)));
        board.files += usize::from(ran);
        board.files_skipped += usize::from(!ran);
        for case in &file.cases {
            board.count(case);
        }
    }
    board
}

impl Case {
    /// Whether it belongs to a listing, by the names of [`Report::listed`].
    pub fn belongs_to(&self, kind: &str) -> bool {
        let verdict = match &self.verdict {
            Verdict::Equal(excuse) => {
                kind == "equal" || excuse.is_some_and(|excuse| excuse.name() == kind)
            }
            Verdict::Differs(found) => found.iter().any(|found| found.kind() == kind),
            Verdict::Refused { code, .. } => kind == "refused" || starts(code, kind),
            Verdict::Rescued { .. } => kind == "rescued",
            Verdict::ErrorEqual { code, .. } => {
                kind == "error_equal" || code.as_ref().is_some_and(|code| starts(code, kind))
            }
            Verdict::Skipped(_) => kind == "skipped",
        };
        let unexpected = self.as_expected == Some(false)
            && matches!(
                self.verdict,
                Verdict::Equal(_) | Verdict::Differs(_) | Verdict::Refused { .. }
            );
        verdict
            || kind == "all"
            || (kind == "empty" && self.rows == Some(0))
            || (kind == "unexpected" && unexpected)
    }

    /// What it is called in listings.
    pub fn kind(&self) -> String {
        match &self.verdict {
            Verdict::Equal(None) => "equal".to_owned(),
            Verdict::Equal(Some(excuse)) => format!("equal, {}", excuse.name()),
            Verdict::Differs(found) => {
                found.iter().map(Difference::kind).collect::<Vec<_>>().join(", ")
            }
            Verdict::Refused { code, .. } => format!("refused {code}"),
            Verdict::Rescued { stage, .. } => format!("rescued, {}", stage.name()),
            Verdict::ErrorEqual { code: None, stage, .. } => format!("error, {}", stage.name()),
            Verdict::ErrorEqual { code: Some(code), stage, .. } => {
                format!("error, {}, {code}", stage.name())
            }
            Verdict::Skipped(_) => "skipped".to_owned(),
        }
    }

    /// Why it is what it is.
    pub fn reason(&self) -> String {
        match &self.verdict {
            Verdict::Equal(_) => String::new(),
            Verdict::Differs(found) => {
                found.iter().map(Difference::text).collect::<Vec<_>>().join("; ")
            }
            Verdict::Refused { message, .. } => message.clone(),
            Verdict::Rescued { error, .. } | Verdict::ErrorEqual { error, .. } => error.clone(),
            Verdict::Skipped(reason) => reason.clone(),
        }
    }

    /// As an object.
    pub fn to_json(&self) -> Value {
        json!({
            "place": self.place, "kind": self.kind(), "reason": self.reason(),
            "sql": self.sql, "rows": self.rows,
        })
    }
}

/// Whether a kind is the beginning of a code.
fn starts(code: &str, kind: &str) -> bool {
    kind.starts_with("VL-") && code.starts_with(kind)
}

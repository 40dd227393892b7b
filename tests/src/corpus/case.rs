use std::any::Any;

/// One query, and what came of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// File and line.
    pub place: String,
    /// The text.
    pub sql: String,
    /// What came of it.
    pub verdict: Verdict,
    /// How many rows the engine alone gives, if it gives any answer.
    pub rows: Option<usize>,
    /// Whether the engine alone gave what the file says it should; unknown without
    /// such a file, and where other rows stand in for its data.
    pub as_expected: Option<bool>,
    /// Whether a table of its file holds other rows than it should.
    pub stand_in: bool,
    /// Whether its lineage could be held against the plan of the engine.
    pub traced: bool,
}

impl Case {
    pub(super) fn skipped(place: &str, reason: String) -> Self {
        Self {
            place: place.to_owned(),
            sql: String::new(),
            verdict: Verdict::Skipped(reason),
            rows: None,
            as_expected: None,
            stand_in: false,
            traced: false,
        }
    }
}

/// What came of one query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Both ran, and the outcome is the same; with an excuse, as far as it can be known.
    Equal(Option<Excuse>),
    /// Both ran, or should have, and the outcome is not the same.
    Differs(Vec<Difference>),
    /// The engine alone runs it, the lane refuses it.
    Refused {
        /// Code of the first finding.
        code: String,
        /// All of it.
        message: String,
    },
    /// The engine alone fails, the lane makes it run.
    Rescued {
        /// Where the engine alone fails.
        stage: Stage,
        /// What it says.
        error: String,
    },
    /// Both fail.
    ErrorEqual {
        /// Where the engine alone fails.
        stage: Stage,
        /// What it says.
        error: String,
        /// The code with which the lane refuses it; without one, the engine fails again.
        code: Option<String>,
    },
    /// Nothing can be learnt from it here.
    Skipped(String),
}

impl Verdict {
    /// The same with every text in it changed.
    pub(super) fn map(self, text: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Equal(excuse) => Self::Equal(excuse),
            Self::Differs(found) => Self::Differs(
                found
                    .into_iter()
                    .map(|found| match found {
                        Difference::Wrong(said) => Difference::Wrong(text(&said)),
                        Difference::Names(said) => Difference::Names(text(&said)),
                        Difference::Types(said) => Difference::Types(text(&said)),
                        Difference::Lineage(said) => Difference::Lineage(text(&said)),
                    })
                    .collect(),
            ),
            Self::Refused { code, message } => Self::Refused { code, message: text(&message) },
            Self::Rescued { stage, error } => Self::Rescued { stage, error: text(&error) },
            Self::ErrorEqual { stage, error, code } => {
                Self::ErrorEqual { stage, error: text(&error), code }
            }
            Self::Skipped(reason) => Self::Skipped(text(&reason)),
        }
    }
}

/// What is not the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Rows, or their order; or the compiled query does not run.
    Wrong(String),
    /// Names of the columns.
    Names(String),
    /// Types of the columns, whether they may be null, or their metadata.
    Types(String),
    /// The columns that an output is made of, by the engine's plan and by lineage.
    Lineage(String),
}

impl Difference {
    /// What it is called in listings.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Wrong(_) => "wrong",
            Self::Names(_) => "names",
            Self::Types(_) => "types",
            Self::Lineage(_) => "lineage",
        }
    }

    /// What it says.
    pub fn text(&self) -> &str {
        match self {
            Self::Wrong(text) | Self::Names(text) | Self::Types(text) | Self::Lineage(text) => text,
        }
    }
}

/// Why rows that are not the same still count as equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Excuse {
    /// It calls a volatile function: schema and number of rows are compared.
    Volatile,
    /// A limit without a complete order: schema, number of rows and sort keys are compared.
    UnorderedLimit,
    /// The engine alone does not give the same rows twice.
    Unstable,
    /// Sums of floating point numbers, equal to one part in a thousand million.
    FloatSum,
}

impl Excuse {
    /// What it is called in listings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Volatile => "volatile",
            Self::UnorderedLimit => "unordered_limit",
            Self::Unstable => "unstable",
            Self::FloatSum => "float_sum",
        }
    }
}

/// Where the engine fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The text is not parsed.
    Parse,
    /// The statement is not planned.
    Plan,
    /// The plan fails.
    Run,
}

impl Stage {
    /// What it is called in listings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Parse => "parse",
            Self::Plan => "plan",
            Self::Run => "run",
        }
    }
}

/// What a panic says.
pub(super) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!("panic: {}", text.unwrap_or_else(|| "without a word".to_owned()))
}

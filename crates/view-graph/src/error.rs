use viewlane_core::{Code, ErrorKind, Kinded, RelationName};

/// Result of building a graph.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Two definitions of one name.
pub(crate) const DUPLICATE: Code = Code::new("VL-G0101", ErrorKind::Invalid);
/// A view reads something that does not exist.
pub(crate) const UNKNOWN: Code = Code::new("VL-G0102", ErrorKind::NotFound);
/// Views that read one another in a circle.
pub(crate) const CYCLE: Code = Code::new("VL-G0103", ErrorKind::Invalid);
/// A selector that cannot be read.
pub(crate) const SELECTOR: Code = Code::new("VL-G0201", ErrorKind::Invalid);

/// The graph cannot be built; all problems are named at once.
#[derive(Debug, thiserror::Error)]
#[error("{} in the view graph", match problems.len() { 1 => "one problem".to_owned(), n => format!("{n} problems") })]
pub struct Error {
    problems: Vec<Problem>,
}

impl Error {
    pub(crate) fn new(problems: Vec<Problem>) -> Self {
        Self { problems }
    }

    /// Every problem found, sorted by the name it is about.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

/// One thing wrong with a set of views.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[non_exhaustive]
pub enum Problem {
    /// Several definitions give one name.
    #[error("`{name}` is defined {count} times")]
    Duplicate {
        /// The name.
        name: RelationName,
        /// How often it is defined.
        count: usize,
    },
    /// A view reads a relation that is neither a view nor a dataset.
    #[error("`{view}` reads `{relation}`, which does not exist")]
    Unknown {
        /// The reader.
        view: RelationName,
        /// What it reads.
        relation: RelationName,
        /// The nearest name that exists.
        nearest: Option<RelationName>,
    },
    /// Views that read one another in a circle.
    #[error("views read one another in a circle: {}", circle(path))]
    Cycle {
        /// The circle, beginning with its smallest name: each reads the next, the last the first.
        path: Vec<RelationName>,
    },
}

fn circle(path: &[RelationName]) -> String {
    let names = path.iter().chain(path.first()).map(|name| format!("`{name}`"));
    names.collect::<Vec<_>>().join(" → ")
}

impl Kinded for Problem {
    fn code(&self) -> Code {
        match self {
            Self::Duplicate { .. } => DUPLICATE,
            Self::Unknown { .. } => UNKNOWN,
            Self::Cycle { .. } => CYCLE,
        }
    }
}

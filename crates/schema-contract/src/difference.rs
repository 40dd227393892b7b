use std::fmt;

use arrow_schema::DataType;
use viewlane_core::{Code, Kinded};

use crate::{ColumnPath, Evolution, SortColumn, codes, relation::Subject, type_text};

/// One way in which something is not what was declared or accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// What was declared is not there.
    Missing {
        /// The declared column or field.
        path: ColumnPath,
        /// The declared type; `None` when any would do.
        expected: Option<DataType>,
        /// The nearest name that is there and was not declared.
        nearest: Option<String>,
    },
    /// Something is there that was not declared.
    Extra {
        /// The column or field.
        path: ColumnPath,
        /// Its type.
        actual: DataType,
    },
    /// A name is there twice, so that nobody can say which one is meant.
    Duplicate {
        /// The column or field.
        path: ColumnPath,
    },
    /// Another type.
    Type {
        /// The innermost place at which the types differ.
        path: ColumnPath,
        /// The declared type.
        expected: DataType,
        /// The actual type.
        actual: DataType,
    },
    /// NULL is possible where it was refused, or the other way round.
    Nullability {
        /// The column, field, element or value.
        path: ColumnPath,
        /// Whether NULL was declared possible. Actually it is the other way round.
        expected: bool,
    },
    /// What is on both sides stands in another order.
    Order {
        /// The struct; empty for the columns.
        path: ColumnPath,
        /// Declared order.
        expected: Vec<String>,
        /// Actual order.
        actual: Vec<String>,
    },
    /// The rows are identified by other columns.
    Key {
        /// Declared key.
        expected: Vec<String>,
        /// Actual key.
        actual: Vec<String>,
    },
    /// The table is split by other columns.
    Partition {
        /// Declared columns.
        expected: Vec<String>,
        /// Actual columns.
        actual: Vec<String>,
    },
    /// The rows are sorted by other columns.
    Sorting {
        /// Declared columns.
        expected: Vec<SortColumn>,
        /// Actual columns.
        actual: Vec<SortColumn>,
    },
    /// An entry of metadata is another, or only on one side.
    Metadata {
        /// Whose metadata; empty for the relation's own.
        path: ColumnPath,
        /// The key of the entry.
        key: String,
        /// The declared value.
        expected: Option<String>,
        /// The actual value.
        actual: Option<String>,
    },
    /// A condition on rows is another, or only on one side.
    Constraint {
        /// Its name.
        name: String,
        /// The declared SQL.
        expected: Option<String>,
        /// The actual SQL.
        actual: Option<String>,
    },
}

/// The kinds of [`Difference`], as policies tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// See [`Difference::Missing`].
    Missing,
    /// See [`Difference::Extra`].
    Extra,
    /// See [`Difference::Duplicate`].
    Duplicate,
    /// See [`Difference::Type`].
    Type,
    /// NULL is possible where it was refused.
    Nullable,
    /// NULL is refused where it was possible.
    NotNull,
    /// See [`Difference::Order`].
    Order,
    /// See [`Difference::Key`].
    Key,
    /// See [`Difference::Partition`].
    Partition,
    /// See [`Difference::Sorting`].
    Sorting,
    /// See [`Difference::Metadata`].
    Metadata,
    /// A declared condition on rows is not there, or is another.
    Constraint,
    /// There is a condition on rows that was not declared.
    ExtraConstraint,
}

impl DifferenceKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Missing,
        Self::Extra,
        Self::Duplicate,
        Self::Type,
        Self::Nullable,
        Self::NotNull,
        Self::Order,
        Self::Key,
        Self::Partition,
        Self::Sorting,
        Self::Metadata,
        Self::Constraint,
        Self::ExtraConstraint,
    ];

    /// The strictest policy that allows it; `None`: none does.
    pub fn allowed_from(self) -> Option<Evolution> {
        match self {
            Self::Extra | Self::NotNull | Self::Order | Self::ExtraConstraint => {
                Some(Evolution::Additive)
            }
            Self::Missing | Self::Partition | Self::Sorting | Self::Metadata => {
                Some(Evolution::Relaxed)
            }
            Self::Duplicate | Self::Type | Self::Nullable | Self::Key | Self::Constraint => None,
        }
    }

    /// The name, as artifacts and documents have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Duplicate => "duplicate",
            Self::Type => "type",
            Self::Nullable => "nullable",
            Self::NotNull => "not_null",
            Self::Order => "order",
            Self::Key => "key",
            Self::Partition => "partition",
            Self::Sorting => "sorting",
            Self::Metadata => "metadata",
            Self::Constraint => "constraint",
            Self::ExtraConstraint => "extra_constraint",
        }
    }

    /// What it means, in a few words.
    pub fn about(self) -> &'static str {
        match self {
            Self::Missing => "a declared column or field is not there",
            Self::Extra => "a column or field is there that was not declared",
            Self::Duplicate => "a name is there twice",
            Self::Type => "a column, field, element or value has another type",
            Self::Nullable => "NULL is possible where it was refused",
            Self::NotNull => "NULL is refused where it was declared possible",
            Self::Order => "the columns, or the fields of a struct, stand in another order",
            Self::Key => "the rows are identified by other columns",
            Self::Partition => "the table is split by other columns",
            Self::Sorting => "the rows are sorted by other columns",
            Self::Metadata => "a declared entry of metadata is not there, or has another value",
            Self::Constraint => "a declared condition on rows is not there, or is another",
            Self::ExtraConstraint => "there is a condition on rows that was not declared",
        }
    }
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Difference {
    /// What kind it is.
    pub fn kind(&self) -> DifferenceKind {
        match self {
            Self::Missing { .. } => DifferenceKind::Missing,
            Self::Extra { .. } => DifferenceKind::Extra,
            Self::Duplicate { .. } => DifferenceKind::Duplicate,
            Self::Type { .. } => DifferenceKind::Type,
            Self::Nullability { expected: false, .. } => DifferenceKind::Nullable,
            Self::Nullability { expected: true, .. } => DifferenceKind::NotNull,
            Self::Order { .. } => DifferenceKind::Order,
            Self::Key { .. } => DifferenceKind::Key,
            Self::Partition { .. } => DifferenceKind::Partition,
            Self::Sorting { .. } => DifferenceKind::Sorting,
            Self::Metadata { .. } => DifferenceKind::Metadata,
            Self::Constraint { expected: Some(_), .. } => DifferenceKind::Constraint,
            Self::Constraint { expected: None, .. } => DifferenceKind::ExtraConstraint,
        }
    }

    /// Where; empty when it is about the relation as a whole.
    pub fn path(&self) -> ColumnPath {
        match self {
            Self::Missing { path, .. }
            | Self::Extra { path, .. }
            | Self::Duplicate { path }
            | Self::Type { path, .. }
            | Self::Nullability { path, .. }
            | Self::Order { path, .. }
            | Self::Metadata { path, .. } => path.clone(),
            Self::Key { .. }
            | Self::Partition { .. }
            | Self::Sorting { .. }
            | Self::Constraint { .. } => ColumnPath::default(),
        }
    }

    /// What was declared or accepted, as text; `None`: nothing.
    pub fn expected(&self) -> Option<String> {
        match self {
            Self::Missing { expected, .. } => {
                Some(expected.as_ref().map_or_else(|| "any type".to_owned(), type_text))
            }
            Self::Extra { .. } => None,
            Self::Duplicate { .. } => Some("one".to_owned()),
            Self::Type { expected, .. } => Some(type_text(expected)),
            Self::Nullability { expected, .. } => Some(null_text(*expected).to_owned()),
            Self::Order { expected, .. }
            | Self::Key { expected, .. }
            | Self::Partition { expected, .. } => Some(list(expected)),
            Self::Sorting { expected, .. } => Some(list(expected)),
            Self::Metadata { expected, .. } | Self::Constraint { expected, .. } => expected.clone(),
        }
    }

    /// What there is, as text; `None`: nothing.
    pub fn actual(&self) -> Option<String> {
        match self {
            Self::Missing { .. } => None,
            Self::Extra { actual, .. } | Self::Type { actual, .. } => Some(type_text(actual)),
            Self::Duplicate { .. } => Some("more than one".to_owned()),
            Self::Nullability { expected, .. } => Some(null_text(!*expected).to_owned()),
            Self::Order { actual, .. }
            | Self::Key { actual, .. }
            | Self::Partition { actual, .. } => Some(list(actual)),
            Self::Sorting { actual, .. } => Some(list(actual)),
            Self::Metadata { actual, .. } | Self::Constraint { actual, .. } => actual.clone(),
        }
    }

    /// What it is about, in words: a column, a field, the key.
    fn noun(&self) -> String {
        let path = self.path();
        match self {
            Self::Key { .. } => "the key".to_owned(),
            Self::Partition { .. } => "the partition".to_owned(),
            Self::Sorting { .. } => "the order of rows".to_owned(),
            Self::Constraint { name, .. } => format!("constraint `{name}`"),
            Self::Order { .. } if path.segments().is_empty() => "the order of columns".to_owned(),
            Self::Order { .. } => format!("the order of fields in `{path}`"),
            Self::Metadata { key, .. } if path.segments().is_empty() => format!("metadata `{key}`"),
            Self::Metadata { key, .. } => format!("metadata `{key}` of `{path}`"),
            _ => thing(&path),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = self.noun();
        match (self.expected(), self.actual()) {
            (Some(expected), Some(actual)) => write!(f, "{noun}: {expected} became {actual}"),
            (Some(expected), None) => write!(f, "{noun} is gone: it was {expected}"),
            (None, Some(actual)) => write!(f, "{noun} is new: {actual}"),
            (None, None) => write!(f, "{noun} differs"),
        }
    }
}

/// A difference that the policy of a contract does not allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub(crate) difference: Difference,
    pub(crate) subject: Subject,
}

impl Violation {
    /// What differs.
    pub fn difference(&self) -> &Difference {
        &self.difference
    }

    /// What kind it is.
    pub fn kind(&self) -> DifferenceKind {
        self.difference.kind()
    }

    /// Where; empty when it is about the relation as a whole.
    pub fn path(&self) -> ColumnPath {
        self.difference.path()
    }

    /// The column it is about or inside, if it is about one.
    pub fn column(&self) -> Option<&str> {
        match &self.difference {
            Difference::Missing { path, .. }
            | Difference::Extra { path, .. }
            | Difference::Duplicate { path }
            | Difference::Type { path, .. }
            | Difference::Nullability { path, .. }
            | Difference::Order { path, .. }
            | Difference::Metadata { path, .. } => path.root(),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> String {
        use Difference as D;
        let (who, gives) = self.subject.words();
        let looser = |policy: Evolution, what: &str| {
            format!("or set `contract = '{policy}'` to allow {what}")
        };
        match &self.difference {
            D::Missing { nearest: Some(near), .. } => {
                format!("{who} {gives} `{near}`: rename one of the two")
            }
            D::Missing { .. } => format!("add it to {who}, or take it off the column list"),
            D::Extra { .. } => {
                format!("declare it, {}", looser(Evolution::Additive, "further columns"))
            }
            D::Duplicate { .. } => "give one of the two another name".to_owned(),
            D::Type { expected, .. } => {
                format!("cast it to {}, or change the column list", type_text(expected))
            }
            D::Nullability { expected: false, .. } => {
                "take the NULLs out, for example by `coalesce`, or declare it without NOT NULL"
                    .into()
            }
            D::Nullability { expected: true, .. } => {
                format!("declare it NOT NULL, {}", looser(Evolution::Additive, "stricter columns"))
            }
            D::Order { .. } => {
                format!("reorder one of the two, {}", looser(Evolution::Additive, "any order"))
            }
            D::Key { .. } => "change the key of one of the two".to_owned(),
            D::Partition { .. } => {
                format!(
                    "split one of the two anew, {}",
                    looser(Evolution::Relaxed, "any partition")
                )
            }
            D::Sorting { .. } => {
                format!("sort one of the two anew, {}", looser(Evolution::Relaxed, "any order"))
            }
            D::Metadata { .. } => {
                format!("change one of the two, {}", looser(Evolution::Relaxed, "other metadata"))
            }
            D::Constraint { expected: Some(_), actual: Some(_), .. } => {
                "change one of the two".to_owned()
            }
            D::Constraint { expected: Some(_), .. } => {
                format!("add it to {who}, or take it out of the contract")
            }
            D::Constraint { expected: None, .. } => {
                format!("declare it, {}", looser(Evolution::Additive, "further constraints"))
            }
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use Difference as D;
        let (who, gives) = self.subject.words();
        let noun = self.difference.noun();
        let expected = self.difference.expected().unwrap_or_default();
        match (&self.difference, self.difference.actual()) {
            (D::Missing { .. }, _) => {
                let not = if self.subject == Subject::Query { "give" } else { "have" };
                write!(f, "{noun} is declared, but {who} does not {not} it")
            }
            (D::Extra { .. } | D::Constraint { expected: None, .. }, _) => {
                write!(f, "{who} {gives} {noun}, which is not declared")
            }
            (D::Duplicate { .. }, _) => write!(f, "{who} {gives} {noun} twice"),
            (D::Nullability { expected: false, .. }, _) => {
                write!(f, "{noun} is declared NOT NULL, in {who} it can be NULL")
            }
            (D::Nullability { expected: true, .. }, _) => {
                write!(f, "{noun} is declared nullable, in {who} it is NOT NULL")
            }
            (D::Order { path, .. }, Some(actual)) if path.segments().is_empty() => {
                write!(f, "columns are declared as {expected}, {who} {gives} {actual}")
            }
            (_, Some(actual)) => {
                write!(f, "{noun} is declared as {expected}, {who} {gives} {actual}")
            }
            (_, None) => write!(f, "{noun} is declared as {expected}, {who} {gives} none"),
        }
    }
}

impl Kinded for Violation {
    fn code(&self) -> Code {
        codes::VIOLATION
    }
}

impl Subject {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Query => ("the query", "gives"),
            Self::Table => ("the table", "has"),
        }
    }
}

fn thing(path: &ColumnPath) -> String {
    if path.is_nested() { format!("`{path}`") } else { format!("column `{path}`") }
}

fn null_text(nullable: bool) -> &'static str {
    if nullable { "nullable" } else { "NOT NULL" }
}

fn list(items: &[impl ToString]) -> String {
    if items.is_empty() {
        return "none".to_owned();
    }
    format!("({})", items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
}

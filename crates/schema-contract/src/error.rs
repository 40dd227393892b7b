use viewlane_core::{Code, Diagnostic, Kinded};

use crate::{ColumnPath, codes, type_text};
use arrow_schema::DataType;

/// Why something cannot be read, made or planned.
///
/// Advice is beside the message: [`help`](Self::help).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A column or a field is declared twice.
    #[error("column `{0}` is declared twice")]
    Duplicate(String),
    /// A key names a column that is not declared.
    #[error("the key names `{0}`, which is not a declared column")]
    UnknownKey(String),
    /// A partition or an order names a column that is not declared.
    #[error("{what} names `{column}`, which is not a declared column")]
    UnknownColumn {
        /// The part of the contract that names it.
        what: &'static str,
        /// The column.
        column: String,
    },
    /// A key, a partition or an order names a column twice.
    #[error("{what} names `{column}` twice")]
    NamedTwice {
        /// The part of the contract that names it.
        what: &'static str,
        /// The column.
        column: String,
    },
    /// The contract declares nothing.
    #[error("a contract needs at least one column")]
    Empty,
    /// A numbered contract was changed without a greater number.
    #[error("the contract was version {}, and this one, which differs, is {}",
        earlier.map_or("unnumbered".into(), |n| n.to_string()),
        later.map_or("unnumbered".into(), |n| n.to_string()))]
    Version {
        /// The number of the earlier contract.
        earlier: Option<u32>,
        /// The number of this one.
        later: Option<u32>,
    },
    /// A text is not a type.
    #[error("`{text}` is not a type: at byte {at}, {reason}")]
    Type {
        /// The text.
        text: String,
        /// The byte at which it stops being one.
        at: usize,
        /// What is wrong there.
        reason: String,
        /// The type that was likely meant.
        nearest: Option<&'static str>,
    },
    /// Bytes are not the encoding of a schema.
    #[error("the bytes do not encode a schema: at byte {at}, {reason}")]
    Abi {
        /// The byte at which they stop being one.
        at: usize,
        /// What is wrong there.
        reason: String,
    },
    /// Rows of `information_schema` contradict one another, or cannot be read.
    #[error("`information_schema` on `{relation}`: {reason}")]
    Information {
        /// The relation, as the rows name it.
        relation: String,
        /// What is wrong.
        reason: String,
    },
    /// Two types have no common type that holds the values of both.
    #[error("`{path}` is {} on one side and {} on the other", type_text(left), type_text(right))]
    Union {
        /// Where.
        path: ColumnPath,
        /// The type on the left.
        left: DataType,
        /// The type on the right.
        right: DataType,
    },
    /// A name stands twice among fields that are matched by name.
    #[error("`{path}` stands twice among fields that are matched by name")]
    Ambiguous {
        /// The name that stands twice.
        path: ColumnPath,
    },
    /// A value cannot be cast by name.
    #[error(
        "{} cannot be cast from {} to {}: {reason}",
        place(path, "the value"),
        type_text(from),
        type_text(to)
    )]
    Cast {
        /// Where.
        path: ColumnPath,
        /// The type there is.
        from: DataType,
        /// The type that is asked for.
        to: DataType,
        /// Why not.
        reason: String,
    },
    /// A path leads nowhere.
    #[error("there is no `{name}` in {}", place(at, "the relation"))]
    Path {
        /// The name that is not there.
        name: String,
        /// How far the path leads; empty: the relation itself.
        at: ColumnPath,
        /// The nearest name that is there.
        nearest: Option<String>,
    },
    /// A path goes on from a value that holds no others.
    #[error("{} is {}, which has nothing inside", place(at, "the relation"), type_text(data_type))]
    Leaf {
        /// How far the path leads.
        at: ColumnPath,
        /// What is there.
        data_type: DataType,
    },
    /// A value is carried down from inside a list or map that the path does not pass.
    #[error("`{alias}` lies inside `{at}`, which the path does not pass")]
    Aside {
        /// The name that the value would have.
        alias: String,
        /// The list or map that is not passed.
        at: ColumnPath,
    },
    /// Two values that are carried down would have one name.
    #[error("`{0}` is the name of two values that are carried down")]
    Alias(String),
}

fn place(path: &ColumnPath, whole: &str) -> String {
    if path.segments().is_empty() { whole.to_owned() } else { format!("`{path}`") }
}

impl Error {
    /// What to do, in one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Duplicate(_) | Self::NamedTwice { .. } => "take one of the two away".into(),
            Self::UnknownKey(_) | Self::UnknownColumn { .. } => {
                "declare the column, or name one that is declared".into()
            }
            Self::Empty => "declare the columns, or take the contract away".into(),
            Self::Version { earlier, .. } => {
                let next = earlier.map_or(1, |number| number.saturating_add(1));
                format!("write `version = {next}`, or take the change back")
            }
            Self::Type { nearest: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Type { nearest: None, .. } => {
                "write a type as Arrow does, such as `Int64`, `Decimal128(10, 2)` or `List(Utf8)`"
                    .into()
            }
            Self::Abi { .. } => "encode the schema again with this version".into(),
            Self::Information { .. } => {
                "give the rows of one query of `information_schema.columns`, all of them".into()
            }
            Self::Union { .. } => "cast one of the two, or give it another name".into(),
            Self::Ambiguous { .. } => "give each field a name of its own".into(),
            Self::Cast { .. } => "write the cast that is meant in the query".into(),
            Self::Path { nearest: Some(near), .. } => format!("did you mean `{near}`?"),
            Self::Path { nearest: None, .. } => "name a field that is there".into(),
            Self::Leaf { .. } => "end the path there".into(),
            Self::Aside { .. } => {
                "carry down a value from a list or map that the path passes, or from a struct"
                    .into()
            }
            Self::Alias(_) => "give one of the two another name".into(),
        }
    }

    /// The error as a finding, without a place.
    pub fn to_diagnostic(&self) -> Diagnostic {
        Diagnostic::error(self.code(), self.to_string()).help(self.help())
    }
}

impl Kinded for Error {
    fn code(&self) -> Code {
        match self {
            Self::Duplicate(_)
            | Self::UnknownKey(_)
            | Self::UnknownColumn { .. }
            | Self::NamedTwice { .. }
            | Self::Empty => codes::CONTRACT,
            Self::Version { .. } => codes::VERSION,
            Self::Type { .. } => codes::TYPE_TEXT,
            Self::Abi { .. } => codes::ABI,
            Self::Information { .. } => codes::INFORMATION,
            Self::Union { .. } | Self::Ambiguous { .. } => codes::UNION,
            Self::Cast { .. } => codes::CAST,
            Self::Path { .. } | Self::Leaf { .. } => codes::PATH,
            Self::Aside { .. } | Self::Alias(_) => codes::NESTED,
        }
    }
}

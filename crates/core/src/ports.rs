use std::{fmt, sync::Arc};

use arrow_schema::Schema;
use serde::{Deserialize, Serialize};

use crate::{Event, RelationName};

/// Tells the columns of a relation.
///
/// Implemented by the composition root over whatever it has opened; taken as `&dyn SchemaSource`.
///
/// # Contract
///
/// Pure for the life of one compilation: the same name gives the same schema. `None` means the
/// relation does not exist, never "not known yet".
pub trait SchemaSource {
    /// The schema of a relation, or `None` when there is no such relation.
    fn schema(&self, relation: &RelationName) -> Option<Arc<Schema>>;
}

impl SchemaSource for std::collections::BTreeMap<RelationName, Arc<Schema>> {
    fn schema(&self, relation: &RelationName) -> Option<Arc<Schema>> {
        self.get(relation).cloned()
    }
}

/// Tells the names of a relation's columns, which is all that binding names needs.
///
/// Implemented by the composition root; taken as `&dyn ColumnSource`.
///
/// # Contract
///
/// As for [`SchemaSource`]: pure for the life of one compilation, `None` means that there is no such
/// relation. The names are in order and differ from one another.
pub trait ColumnSource {
    /// The columns of a relation, or `None` when there is no such relation.
    fn columns(&self, relation: &RelationName) -> Option<Vec<String>>;
}

impl ColumnSource for std::collections::BTreeMap<RelationName, Arc<Schema>> {
    fn columns(&self, relation: &RelationName) -> Option<Vec<String>> {
        let schema = self.get(relation)?;
        Some(schema.fields().iter().map(|field| field.name().clone()).collect())
    }
}

impl ColumnSource for std::collections::BTreeMap<RelationName, Vec<String>> {
    fn columns(&self, relation: &RelationName) -> Option<Vec<String>> {
        self.get(relation).cloned()
    }
}

/// Tells what is known about a function.
///
/// # Contract
///
/// Names are matched as the engine matches them: the caller passes the normalised name. A function
/// that is not known is volatile and fallible for every purpose.
pub trait FunctionSource {
    /// The facts of a function by its name or one of its aliases.
    fn facts(&self, name: &str) -> Option<FunctionFacts>;
}

/// What the lane needs to know about one function.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FunctionFacts {
    /// Canonical name; aliases lead here.
    pub name: String,
    /// Scalar, aggregate, window or table.
    pub kind: FunctionKind,
    /// How its result depends on its arguments.
    pub volatility: Volatility,
}

/// What a function is applied to and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FunctionKind {
    /// One value for each row.
    Scalar,
    /// One value for each group.
    Aggregate,
    /// One value for each row, from its window.
    Window,
    /// A relation.
    Table,
}

impl FunctionKind {
    /// The word for it, as it is serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Aggregate => "aggregate",
            Self::Window => "window",
            Self::Table => "table",
        }
    }
}

/// How a function's result depends on its arguments (PostgreSQL's three classes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Volatility {
    /// Equal arguments give equal results, always.
    Immutable,
    /// Equal arguments give equal results within one statement, such as `now()`.
    Stable,
    /// Anything may happen, such as `random()`.
    Volatile,
}

impl Volatility {
    /// The word for it, as it is serialised.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Immutable => "immutable",
            Self::Stable => "stable",
            Self::Volatile => "volatile",
        }
    }
}

/// Receives what happens. Implemented in `viewlane-diagnostics`, taken as `&dyn Recorder` by every
/// crate that has something to say.
///
/// # Contract
///
/// `record` must not block on I/O, must not fail and must not panic: recording never changes the
/// outcome of the operation it describes.
pub trait Recorder: fmt::Debug + Send + Sync {
    /// Takes one event.
    fn record(&self, event: Event);
}

/// Discards everything.
impl Recorder for () {
    fn record(&self, _: Event) {}
}

/// Tells the time. Handed in, so that no library crate reads a clock.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Milliseconds since the Unix epoch, UTC.
    fn now_millis(&self) -> i64;
}

/// Makes identifiers. Handed in, so that no library crate draws randomness.
pub trait Ids: fmt::Debug + Send + Sync {
    /// An identifier that is new each time, unique across machines.
    fn next_id(&self) -> String;
}

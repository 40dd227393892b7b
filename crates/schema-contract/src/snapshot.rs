//! What tables looked like when somebody said yes to it.

mod read;
mod write;

use std::{collections::BTreeMap, fmt, sync::Arc};

use arrow_schema::Schema;
use viewlane_core::{Code, Diagnostic, Kinded, RelationName, SourceText};

use crate::{Column, Contract, Difference, Error, Evolution, Relation, codes, compare};

/// Relations as they are at one time.
///
/// `Display` is the form that is kept in a file and reviewed: one line for each column and each
/// field inside it, in a fixed order, so that a change of schema is a change of a few lines.
///
/// ```
/// use std::sync::Arc;
/// use arrow_schema::{DataType, Field, Schema};
/// use viewlane_core::SourceText;
/// use viewlane_schema_contract::{Accepted, Relation, Snapshot};
///
/// let mut live = Snapshot::default();
/// let schema = Schema::new(vec![Field::new("id", DataType::Int64, false)]);
/// live.insert("marts.orders".parse()?, Relation::table(Arc::new(schema)).key(["id"]));
/// assert_eq!(
///     live.to_string(),
///     "viewlane snapshot 1\n\nrelation marts.orders\n  column id: Int64 not null\n  key id\n"
/// );
/// let accepted = Accepted::read(&SourceText::new("schema.snapshot", live.to_string())).unwrap();
/// assert!(accepted.drift(&live).is_empty());
/// # Ok::<(), viewlane_core::NameError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    relations: BTreeMap<RelationName, Relation>,
}

impl Snapshot {
    /// Adds a relation; one of the same name that was there before.
    pub fn insert(&mut self, name: RelationName, relation: Relation) -> Option<Relation> {
        // What is kept is always a table: nobody accepts the guesses of a planner.
        self.relations
            .insert(name, Relation { subject: crate::relation::Subject::Table, ..relation })
    }

    /// The relations by name.
    pub fn relations(&self) -> &BTreeMap<RelationName, Relation> {
        &self.relations
    }

    /// What became of these relations: everything, to the last entry of metadata.
    pub fn drift(&self, later: &Self) -> Vec<Drift> {
        let mut found = Vec::new();
        for (name, relation) in &self.relations {
            match later.relations.get(name) {
                None => found.push(Drift { relation: name.clone(), change: Change::Gone }),
                Some(now) => {
                    found.extend(compare::exactly(relation, now).into_iter().map(|difference| {
                        Drift { relation: name.clone(), change: Change::Differs(difference) }
                    }))
                }
            }
        }
        let new = later.relations.keys().filter(|name| !self.relations.contains_key(*name));
        found.extend(new.map(|name| Drift { relation: name.clone(), change: Change::New }));
        found
    }
}

impl FromIterator<(RelationName, Arc<Schema>)> for Snapshot {
    fn from_iter<I: IntoIterator<Item = (RelationName, Arc<Schema>)>>(schemas: I) -> Self {
        let relation = |(name, schema)| (name, Relation::table(schema));
        Self { relations: schemas.into_iter().map(relation).collect() }
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&write::text(self))
    }
}

/// A snapshot that was read from a file, and so was accepted by whoever keeps the file.
///
/// Invariant: there is no other way to get one, so nothing is ever compared with itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted(Snapshot);

impl Accepted {
    /// Reads the text of a snapshot.
    ///
    /// # Errors
    ///
    /// Each line that cannot be read, with its place.
    pub fn read(source: &SourceText) -> Result<Self, Vec<Diagnostic>> {
        read::snapshot(source).map(Self)
    }

    /// What was accepted.
    pub fn snapshot(&self) -> &Snapshot {
        &self.0
    }

    /// What is no longer as it was accepted.
    pub fn drift(&self, live: &Snapshot) -> Vec<Drift> {
        self.0.drift(live)
    }

    /// The contract that an accepted relation is held to from now on; `None` when there is no such
    /// relation.
    ///
    /// # Errors
    ///
    /// [`Error`] when the relation has no columns or a name twice.
    pub fn contract(
        &self,
        name: &RelationName,
        evolution: Evolution,
    ) -> Option<Result<Contract, Error>> {
        let relation = self.0.relations.get(name)?;
        let mut builder = Contract::builder(evolution);
        for field in relation.schema.fields() {
            let mut column = Column::new(field.name(), field.data_type().clone());
            column.not_null = !field.is_nullable();
            column.metadata =
                field.metadata().iter().map(|(k, v)| (k.clone(), v.clone())).collect();
            builder = builder.column(column);
        }
        let facts = relation.facts.clone();
        builder = builder
            .key(facts.key.unwrap_or_default())
            .partition_by(facts.partition_by.unwrap_or_default())
            .sort_by(facts.sort_by.unwrap_or_default());
        for (name, sql) in facts.constraints.unwrap_or_default() {
            builder = builder.constraint(name, sql);
        }
        Some(builder.build())
    }
}

/// One thing that is no longer as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The relation.
    pub relation: RelationName,
    /// What became of it.
    pub change: Change,
}

/// What became of a relation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// It is not there any more.
    Gone,
    /// It was not there before.
    New,
    /// It is there, and differs.
    Differs(Difference),
}

impl Drift {
    /// What to do about it.
    pub fn help(&self) -> String {
        "accept it by writing the snapshot anew, or change the table back".to_owned()
    }

    /// The drift as a finding, without a place.
    pub fn to_diagnostic(&self) -> Diagnostic {
        Diagnostic::error(self.code(), self.to_string()).help(self.help())
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relation = &self.relation;
        match &self.change {
            Change::Gone => write!(f, "`{relation}` is gone"),
            Change::New => write!(f, "`{relation}` is new"),
            Change::Differs(difference) => write!(f, "`{relation}`: {difference}"),
        }
    }
}

impl Kinded for Drift {
    fn code(&self) -> Code {
        codes::DRIFT
    }
}

#[cfg(test)]
mod tests;

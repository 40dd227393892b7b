//! Which columns of which views a change reaches.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use viewlane_core::RelationName;

use super::{Category, ColumnChange, Diff};
use crate::{Impact, SourceColumn, artifact::Artifact};

/// What of a relation may be other than it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reach {
    /// Whether the rows may be others, or there may be more or fewer of them. Then nothing of the
    /// relation is sure to be as it was.
    pub rows: bool,
    /// Columns that may have other values, or are gone.
    pub columns: BTreeSet<String>,
}

impl Reach {
    /// Whether all is as it was.
    pub fn is_empty(&self) -> bool {
        !self.rows && self.columns.is_empty()
    }
}

impl Diff {
    /// What of the view may be other than it was, by the names its columns had.
    ///
    /// New columns and the order of rows are no part of it: nobody reads the former yet, and a
    /// relation does not keep the latter.
    pub fn reach(&self) -> Reach {
        let columns = self.columns.iter().filter_map(|change| match change {
            ColumnChange::Added { .. } | ColumnChange::Moved { .. } => None,
            ColumnChange::Removed { name }
            | ColumnChange::Renamed { from: name, to: _ }
            | ColumnChange::Redefined { name }
            | ColumnChange::Retyped { name, from: _, to: _ } => Some(name.clone()),
        });
        Reach { rows: self.rows || self.category == Category::Unknown, columns: columns.collect() }
    }
}

/// A view that a change reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    /// The view.
    pub view: RelationName,
    /// Whether its rows may be others.
    pub rows: bool,
    /// The columns that may have other values.
    pub columns: Vec<String>,
}

/// Which columns of which views the change of a view reaches, each view after those it reads.
///
/// `downstream` are views as they were compiled before the change, each after those it reads; the
/// changed view itself and views that read none of it may be among them. Names are full ones, as a
/// [`Lineage`](crate::Lineage) has them. A view that reads columns by a star, or a name that a new
/// column makes ambiguous, changes by itself when it is compiled again: that is a diff of its own.
pub fn impact<'d>(
    view: &RelationName,
    diff: &Diff,
    downstream: impl IntoIterator<Item = (&'d RelationName, &'d Artifact)>,
) -> Vec<Affected> {
    let mut reached = Reached::default();
    reached.note(view, diff.reach());
    let mut affected = Vec::new();
    for (name, reader) in downstream {
        if name == view {
            continue;
        }
        let reach = reached.of(reader);
        if reach.is_empty() {
            continue;
        }
        affected.push(Affected {
            view: name.clone(),
            rows: reach.rows,
            columns: reach.columns.iter().cloned().collect(),
        });
        reached.note(name, reach);
    }
    affected
}

/// What a change has reached so far.
#[derive(Default)]
struct Reached {
    columns: BTreeSet<SourceColumn>,
    rows: BTreeSet<RelationName>,
}

impl Reached {
    fn note(&mut self, relation: &RelationName, reach: Reach) {
        if reach.rows {
            self.rows.insert(relation.clone());
            let column = SourceColumn::ALL.to_owned();
            self.columns.insert(SourceColumn { relation: relation.clone(), column });
        }
        let columns = reach.columns.into_iter();
        self.columns
            .extend(columns.map(|column| SourceColumn { relation: relation.clone(), column }));
    }

    fn of(&self, reader: &Artifact) -> Reach {
        let Impact { rows, order: _, outputs } =
            reader.lineage().affected_outputs(&self.columns, &self.rows);
        let mut reach = Reach { rows, ..Reach::default() };
        for output in outputs {
            match reader.outputs().get(output) {
                Some(Some(name)) => {
                    reach.columns.insert(name.clone());
                }
                // Which columns they are is for the engine to say.
                Some(None) | None => reach.rows = true,
            }
        }
        reach
    }
}

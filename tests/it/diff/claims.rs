//! What a diff claims, held against the rows of the two queries.

use std::collections::BTreeSet;

use arrow::datatypes::DataType;
use viewlane_sql_policy::{Category, ColumnChange, Diff};

use crate::engine::Answer;

/// Names, types and rows; floating point numbers without the digits that depend on the order of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rows {
    pub(crate) names: Vec<String>,
    types: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Rows {
    pub(crate) fn of(answer: &Answer) -> Self {
        let fields = answer.schema.fields();
        let floats: Vec<bool> = fields
            .iter()
            .map(|field| matches!(field.data_type(), DataType::Float64 | DataType::Float32))
            .collect();
        let cell = |(cell, float): (&String, &bool)| match cell.parse::<f64>() {
            Ok(number) if *float => format!("{number:.6e}"),
            _ => cell.clone(),
        };
        let row = |row: &Vec<String>| row.iter().zip(&floats).map(cell).collect();
        Self {
            names: fields.iter().map(|field| field.name().clone()).collect(),
            types: fields.iter().map(|field| field.data_type().to_string()).collect(),
            rows: answer.rows.iter().map(row).collect(),
        }
    }

    pub(crate) fn bag(&self) -> Vec<Vec<String>> {
        let all: Vec<_> = (0..self.names.len()).collect();
        self.only(&all, false)
    }

    pub(crate) fn only(&self, places: &[usize], ordered: bool) -> Vec<Vec<String>> {
        let row = |row: &Vec<String>| places.iter().map(|at| row[*at].clone()).collect();
        let mut rows: Vec<Vec<String>> = self.rows.iter().map(row).collect();
        if !ordered {
            rows.sort();
        }
        rows
    }

    /// Whether every column has a name of its own. Nothing else tells columns of two results apart.
    pub(crate) fn are_named(&self) -> bool {
        self.names.iter().collect::<BTreeSet<_>>().len() == self.names.len()
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|other| other == name)
    }
}

/// Holds the claims of a diff against the rows. `ordered` says that the order of the old rows is
/// complete.
pub(crate) fn check(diff: &Diff, old: &Rows, new: &Rows, ordered: bool) -> Result<(), String> {
    let listed = match &diff.category {
        Category::Identical | Category::Cosmetic => {
            same(old, new, &[], ordered)?;
            return no_change(diff);
        }
        Category::Additive { columns } => {
            same(old, new, columns, ordered)?;
            return added(diff, columns);
        }
        Category::OrderOnly => {
            let added: Vec<String> = diff
                .columns
                .iter()
                .filter_map(|change| match change {
                    ColumnChange::Added { name } => Some(name.clone()),
                    _ => None,
                })
                .collect();
            return same(old, new, &added, false);
        }
        Category::ColumnBreaking { columns } => {
            if diff.rows {
                return Err("the category says the same rows, `rows` others".to_owned());
            }
            columns.iter().cloned().collect()
        }
        Category::Unknown => return Ok(()),
        // What the parts of the diff say holds in any category.
        _ => touched(diff),
    };
    names(diff, old, new)?;
    if diff.rows {
        return Ok(());
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (place, name) in old.names.iter().enumerate() {
        if listed.contains(name) {
            continue;
        }
        let Some(there) = new.place(name) else { return Err(format!("`{name}` is gone")) };
        ours.push(place);
        theirs.push(there);
    }
    compare(&old.only(&ours, false), &new.only(&theirs, false))
}

/// The old columns in their order, the same rows in them, and the new columns beside them.
fn same(old: &Rows, new: &Rows, added: &[String], ordered: bool) -> Result<(), String> {
    let kept: Vec<usize> =
        (0..new.names.len()).filter(|at| !added.contains(&new.names[*at])).collect();
    let names: Vec<_> = kept.iter().map(|at| &new.names[*at]).collect();
    if names != old.names.iter().collect::<Vec<_>>() || kept.len() + added.len() != new.names.len()
    {
        return Err(format!("{:?} and {added:?} are not {:?}", old.names, new.names));
    }
    let types: Vec<_> = kept.iter().map(|at| &new.types[*at]).collect();
    if types != old.types.iter().collect::<Vec<_>>() {
        return Err(format!("other types: {:?}, {:?}", old.types, new.types));
    }
    let all: Vec<_> = (0..old.names.len()).collect();
    compare(&old.only(&all, ordered), &new.only(&kept, ordered))
}

fn compare(ours: &[Vec<String>], theirs: &[Vec<String>]) -> Result<(), String> {
    if ours == theirs {
        return Ok(());
    }
    let differ = ours.iter().zip(theirs).find(|(ours, theirs)| ours != theirs);
    Err(format!("{} rows, {} rows; {differ:?}", ours.len(), theirs.len()))
}

fn no_change(diff: &Diff) -> Result<(), String> {
    let quiet = !diff.rows && !diff.order && diff.columns.is_empty();
    if quiet { Ok(()) } else { Err(format!("the parts say more than the category: {diff:?}")) }
}

fn added(diff: &Diff, columns: &[String]) -> Result<(), String> {
    let names = diff.columns.iter().map(|change| match change {
        ColumnChange::Added { name } => Some(name),
        _ => None,
    });
    let same = names.eq(columns.iter().map(Some)) && !diff.rows && !diff.order;
    if same { Ok(()) } else { Err(format!("the parts say more than the category: {diff:?}")) }
}

/// The old columns that a diff says anything of.
fn touched(diff: &Diff) -> BTreeSet<String> {
    let name = |change: &ColumnChange| match change {
        ColumnChange::Removed { name }
        | ColumnChange::Renamed { from: name, .. }
        | ColumnChange::Redefined { name }
        | ColumnChange::Retyped { name, .. } => Some(name.clone()),
        _ => None,
    };
    diff.columns.iter().filter_map(name).collect()
}

/// The new names are the old ones and what the diff says became of them.
fn names(diff: &Diff, old: &Rows, new: &Rows) -> Result<(), String> {
    let mut expected: Vec<String> = old.names.clone();
    // First what goes, for a name may go and come.
    for change in &diff.columns {
        if let ColumnChange::Removed { name: gone } | ColumnChange::Renamed { from: gone, .. } =
            change
        {
            let Some(at) = expected.iter().position(|name| name == gone) else {
                return Err(format!("`{gone}` was not there"));
            };
            expected.remove(at);
        }
    }
    for change in &diff.columns {
        if let ColumnChange::Added { name: new } | ColumnChange::Renamed { to: new, .. } = change {
            expected.push(new.clone());
        }
    }
    let mut names = new.names.clone();
    expected.sort();
    names.sort();
    if expected == names { Ok(()) } else { Err(format!("{expected:?} are not {names:?}")) }
}

/// Whether the result is the old one, apart from order, with or without new columns.
pub(crate) fn nothing_is_lost(old: &Rows, new: &Rows) -> bool {
    let mut at = 0;
    let mut kept = Vec::new();
    for name in &old.names {
        let Some(step) = new.names[at..].iter().position(|other| other == name) else {
            return false;
        };
        kept.push(at + step);
        at += step + 1;
    }
    let all: Vec<_> = (0..old.names.len()).collect();
    let types = kept.iter().zip(&all).all(|(new_at, at)| new.types[*new_at] == old.types[*at]);
    types && old.only(&all, false) == new.only(&kept, false)
}

//! The walk over what is declared and what there is.

use std::collections::{BTreeMap, BTreeSet};

use arrow_schema::{DataType, Field, Fields, Schema};

use crate::{
    Column, ColumnPath, Contract, Difference, Relation,
    notation::sorted,
    path::{Here, Trail},
    relation::{Facts, Subject, plain, same_leaf},
};

/// Names are compared letter by letter for so many missing columns; a schema that shares nothing
/// with its contract gets no suggestions worth the time.
const SUGGESTIONS: usize = 16;

pub(crate) fn with_contract(
    contract: &Contract,
    subject: Subject,
    schema: &Schema,
    facts: &Facts,
) -> Vec<Difference> {
    let mut walk = Walk::new(false, false, subject == Subject::Table);
    let key: BTreeSet<&str> = contract.key().iter().map(String::as_str).collect();
    let declared: Vec<_> = contract
        .columns()
        .iter()
        .map(|column| Declared {
            name: &column.name,
            data_type: column.data_type.as_ref(),
            nullable: !column.not_null && !key.contains(column.name.as_str()),
            metadata: Metadata::Column(&column.metadata),
        })
        .collect();
    walk.columns(&declared, schema.fields());
    let promised = |columns: &[String]| (!columns.is_empty()).then(|| columns.to_vec());
    let (sort_by, constraints) = (contract.sort_by(), contract.constraints());
    walk.facts(
        &Facts {
            key: promised(contract.key()),
            partition_by: promised(contract.partition_by()),
            sort_by: (!sort_by.is_empty()).then(|| sort_by.to_vec()),
            constraints: (!constraints.is_empty()).then(|| constraints.clone()),
        },
        facts,
    );
    walk.found
}

/// Compares to the last entry of metadata. Nothing is found exactly when the schemas are equal and
/// what is known of both is.
pub(crate) fn exactly(accepted: &Relation, live: &Relation) -> Vec<Difference> {
    whole(Walk::new(true, true, true), accepted, live)
}

/// Compares what a table stores: how a batch holds values is no part of it.
pub(crate) fn as_stored(stored: &Relation, wanted: &Relation) -> Vec<Difference> {
    let nullability = wanted.subject == Subject::Table;
    whole(Walk::new(false, true, nullability), stored, wanted)
}

fn whole<'a>(mut walk: Walk<'a>, accepted: &'a Relation, live: &'a Relation) -> Vec<Difference> {
    let declared: Vec<_> =
        accepted.schema.fields().iter().map(|f| Declared::from_field(f)).collect();
    walk.columns(&declared, live.schema.fields());
    let entries = |schema: &Schema| -> BTreeMap<String, String> {
        schema.metadata().iter().map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    walk.entries(&entries(&accepted.schema), &entries(&live.schema));
    walk.facts(&accepted.facts, &live.facts);
    walk.found
}

pub(crate) fn not_null_inside(columns: &[Column]) -> Vec<ColumnPath> {
    fn inside<'a>(data_type: &'a DataType, trail: &mut Trail<'a>, found: &mut Vec<ColumnPath>) {
        let mut step = |here: Here<'a>, field: &'a Field, can_be_null: bool| {
            trail.push(here);
            if !can_be_null {
                found.push(trail.path());
            }
            inside(field.data_type(), trail, found);
            trail.pop();
        };
        match plain(data_type) {
            DataType::Struct(fields) => {
                fields.iter().for_each(|f| step(Here::Field(f.name()), f, f.is_nullable()));
            }
            // The keys of a map are never NULL; nobody need count.
            DataType::Map(entries, _) => {
                if let Some((key, value)) = pair(entries) {
                    step(Here::Key, key, true);
                    step(Here::Value, value, value.is_nullable());
                }
            }
            other => {
                if let Some(item) = item(other) {
                    step(Here::Item, item, item.is_nullable());
                }
            }
        }
    }
    let mut found = Vec::new();
    for column in columns {
        if let Some(data_type) = &column.data_type {
            let mut trail = Trail::default();
            trail.push(Here::Field(&column.name));
            inside(data_type, &mut trail, &mut found);
        }
    }
    found
}

/// What a list holds, of whatever kind it is.
pub(crate) fn item(data_type: &DataType) -> Option<&Field> {
    use DataType as T;
    match data_type {
        T::List(item)
        | T::LargeList(item)
        | T::ListView(item)
        | T::LargeListView(item)
        | T::FixedSizeList(item, _) => Some(item),
        _ => None,
    }
}

/// The key and the value of the entries of a map.
pub(crate) fn pair(entries: &Field) -> Option<(&Field, &Field)> {
    match entries.data_type() {
        DataType::Struct(pair) if pair.len() == 2 => Some((&pair[0], &pair[1])),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Declared<'a> {
    name: &'a str,
    data_type: Option<&'a DataType>,
    nullable: bool,
    metadata: Metadata<'a>,
}

#[derive(Clone, Copy)]
enum Metadata<'a> {
    Column(&'a BTreeMap<String, String>),
    Field(&'a Field),
}

impl<'a> Declared<'a> {
    fn from_field(field: &'a Field) -> Self {
        Self {
            name: field.name(),
            data_type: Some(field.data_type()),
            nullable: field.is_nullable(),
            metadata: Metadata::Field(field),
        }
    }
}

struct Walk<'a> {
    /// Whether it counts how a batch holds values.
    exact: bool,
    /// Whether metadata counts that is on the other side only.
    all_metadata: bool,
    nullability: bool,
    trail: Trail<'a>,
    suggestions: usize,
    found: Vec<Difference>,
}

impl<'a> Walk<'a> {
    fn new(exact: bool, all_metadata: bool, nullability: bool) -> Self {
        let trail = Trail::default();
        Self {
            exact,
            all_metadata,
            nullability,
            trail,
            suggestions: SUGGESTIONS,
            found: Vec::new(),
        }
    }

    fn columns(&mut self, declared: &[Declared<'a>], actual: &'a Fields) {
        let mut by_name: Option<BTreeMap<&str, usize>> = None;
        let mut taken = vec![false; actual.len()];
        let mut places = Vec::with_capacity(declared.len());
        for (index, column) in declared.iter().enumerate() {
            // Nearly always each column stands where it is declared.
            let here = actual.get(index).is_some_and(|f| f.name() == column.name && !taken[index]);
            let place = if here {
                Some(index)
            } else {
                let by_name = by_name.get_or_insert_with(|| first_places(actual));
                by_name.get(column.name).copied().filter(|place| !taken[*place])
            };
            if let Some(place) = place {
                taken[place] = true;
            }
            places.push(place);
        }
        let spare: Vec<_> =
            taken.iter().zip(actual).filter(|(t, _)| !**t).map(|(_, f)| f).collect();

        for (column, place) in declared.iter().zip(&places) {
            match place {
                Some(place) => self.one(Here::Field(column.name), *column, &actual[*place]),
                None => self.missing(*column, spare.iter().map(|f| f.name().as_str())),
            }
        }
        let mut known: BTreeSet<&str> = BTreeSet::new();
        if !spare.is_empty() {
            known.extend(declared.iter().map(|column| column.name));
        }
        for field in spare {
            let path = self.trail.field(field.name());
            self.found.push(if known.insert(field.name()) {
                Difference::Extra { path, actual: field.data_type().clone() }
            } else {
                Difference::Duplicate { path }
            });
        }
        let places: Vec<usize> = places.into_iter().flatten().collect();
        if !places.is_sorted() {
            let of = |place: &usize| actual[*place].name().clone();
            let mut standing = places.clone();
            standing.sort_unstable();
            self.found.push(Difference::Order {
                path: self.trail.path(),
                expected: places.iter().map(of).collect(),
                actual: standing.iter().map(of).collect(),
            });
        }
    }

    fn missing<'n>(&mut self, column: Declared<'a>, spare: impl Iterator<Item = &'n str>) {
        let nearest = match self.suggestions.checked_sub(1) {
            Some(left) => {
                self.suggestions = left;
                viewlane_core::nearest(column.name, spare).map(str::to_owned)
            }
            None => None,
        };
        self.found.push(Difference::Missing {
            path: self.trail.field(column.name),
            expected: column.data_type.cloned(),
            nearest,
        });
    }

    fn one(&mut self, here: Here<'a>, declared: Declared<'a>, actual: &'a Field) {
        self.trail.push(here);
        if self.nullability && declared.nullable != actual.is_nullable() {
            let path = self.trail.path();
            self.found.push(Difference::Nullability { path, expected: declared.nullable });
        }
        self.metadata(declared.metadata, actual);
        if let Some(expected) = declared.data_type {
            self.types(expected, actual.data_type());
        }
        self.trail.pop();
    }

    fn metadata(&mut self, declared: Metadata<'a>, actual: &Field) {
        let declared: Vec<(&String, &String)> = match declared {
            Metadata::Column(entries) => entries.iter().collect(),
            Metadata::Field(field) if field.metadata().is_empty() => Vec::new(),
            Metadata::Field(field) => sorted(field),
        };
        for (key, value) in &declared {
            let there = actual.metadata().get(*key);
            if there != Some(value) {
                self.entry(key, Some(value), there);
            }
        }
        if self.all_metadata && !actual.metadata().is_empty() {
            for (key, value) in sorted(actual) {
                if !declared.iter().any(|(known, _)| *known == key) {
                    self.entry(key, None, Some(value));
                }
            }
        }
    }

    fn entries(&mut self, one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) {
        for key in one.keys().chain(other.keys().filter(|key| !one.contains_key(*key))) {
            if one.get(key) != other.get(key) {
                self.entry(key, one.get(key), other.get(key));
            }
        }
    }

    fn entry(&mut self, key: &str, expected: Option<&String>, actual: Option<&String>) {
        self.found.push(Difference::Metadata {
            path: self.trail.path(),
            key: key.to_owned(),
            expected: expected.cloned(),
            actual: actual.cloned(),
        });
    }

    fn types(&mut self, expected: &'a DataType, actual: &'a DataType) {
        // Equality sees everything inside as well, and is by far the most frequent outcome.
        if expected == actual {
            return;
        }
        let before = self.found.len();
        let known = self.inside(expected, actual);
        let unexplained = self.exact && self.found.len() == before;
        if !known || unexplained {
            self.found.push(Difference::Type {
                path: self.trail.path(),
                expected: expected.clone(),
                actual: actual.clone(),
            });
        }
    }

    /// Compares what two types hold inside; `false` when they are not of one kind.
    fn inside(&mut self, expected: &'a DataType, actual: &'a DataType) -> bool {
        use DataType as T;
        let (expected, actual) =
            if self.exact { (expected, actual) } else { (plain(expected), plain(actual)) };
        match (expected, actual) {
            (T::Struct(one), T::Struct(other)) => {
                let declared: Vec<_> = one.iter().map(|f| Declared::from_field(f)).collect();
                self.columns(&declared, other);
                true
            }
            (T::Map(one, _), T::Map(other, _)) => match (pair(one), pair(other)) {
                (Some((key, value)), Some((other_key, other_value))) => {
                    // Keys are never NULL, whatever a schema says of them.
                    let key =
                        Declared { nullable: other_key.is_nullable(), ..Declared::from_field(key) };
                    self.one(Here::Key, key, other_key);
                    self.one(Here::Value, Declared::from_field(value), other_value);
                    true
                }
                _ => false,
            },
            (T::FixedSizeList(_, one), T::FixedSizeList(_, other)) if one != other => false,
            (T::FixedSizeList(..), other) | (other, T::FixedSizeList(..))
                if !matches!(other, T::FixedSizeList(..)) =>
            {
                false
            }
            (T::Union(one, mode), T::Union(other, other_mode)) => {
                let ids = one.iter().map(|(id, _)| id).eq(other.iter().map(|(id, _)| id));
                let names = one.iter().zip(other.iter()).all(|(a, b)| a.1.name() == b.1.name());
                if mode != other_mode || !ids || !names {
                    return false;
                }
                for ((_, a), (_, b)) in one.iter().zip(other.iter()) {
                    self.one(Here::Field(a.name()), Declared::from_field(a), b);
                }
                true
            }
            (one, other) => match (item(one), item(other)) {
                (Some(a), Some(b)) => {
                    self.one(Here::Item, Declared::from_field(a), b);
                    true
                }
                _ => !self.exact && same_leaf(one, other),
            },
        }
    }

    fn facts(&mut self, expected: &Facts, actual: &Facts) {
        if let Some((expected, actual)) = differ(&expected.key, &actual.key) {
            self.found.push(Difference::Key { expected, actual });
        }
        if let Some((expected, actual)) = differ(&expected.partition_by, &actual.partition_by) {
            self.found.push(Difference::Partition { expected, actual });
        }
        if let Some((expected, actual)) = differ(&expected.sort_by, &actual.sort_by) {
            self.found.push(Difference::Sorting { expected, actual });
        }
        if let Some((expected, actual)) = differ(&expected.constraints, &actual.constraints) {
            let names: BTreeSet<&String> = expected.keys().chain(actual.keys()).collect();
            for name in names {
                let (expected, actual) = (expected.get(name), actual.get(name));
                if expected != actual {
                    self.found.push(Difference::Constraint {
                        name: name.clone(),
                        expected: expected.cloned(),
                        actual: actual.cloned(),
                    });
                }
            }
        }
    }
}

/// Both, when both are known and they differ.
fn differ<T: Clone + PartialEq>(one: &Option<T>, other: &Option<T>) -> Option<(T, T)> {
    match (one, other) {
        (Some(one), Some(other)) if one != other => Some((one.clone(), other.clone())),
        _ => None,
    }
}

fn first_places(fields: &Fields) -> BTreeMap<&str, usize> {
    let mut places = BTreeMap::new();
    for (index, field) in fields.iter().enumerate() {
        places.entry(field.name().as_str()).or_insert(index);
    }
    places
}

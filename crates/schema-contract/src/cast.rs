//! From one nested shape to another, by name.

use std::{collections::BTreeSet, sync::Arc};

use arrow_schema::{DataType, Field, FieldRef, Fields};

use crate::{
    ColumnPath, Error, Segment,
    compare::{item, pair},
    relation::{plain, same_leaf},
    union::widens,
};

/// How the values of one type become those of another: fields matched by name, put into the wanted
/// order, filled with NULL where there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShapeCast {
    /// What is done with each value.
    pub cast: Cast,
    /// Fields that have no value in the source and become NULL.
    pub filled: Vec<ColumnPath>,
    /// Fields of the source that are not asked for and go away.
    pub dropped: Vec<ColumnPath>,
}

/// One step of a [`ShapeCast`]: what is done with a value, by what is done with those inside.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cast {
    /// Nothing.
    Keep,
    /// A cast between types without others inside that loses nothing.
    Leaf {
        /// The wanted type.
        to: DataType,
    },
    /// NULL, of this type, in every row.
    Null {
        /// The wanted type.
        to: DataType,
    },
    /// A struct from the fields of another.
    Struct {
        /// The wanted fields in the wanted order.
        fields: Vec<CastField>,
    },
    /// A list of cast items.
    List {
        /// What is done with each item.
        item: Box<Cast>,
        /// The wanted type of the list.
        to: DataType,
    },
    /// A map of cast keys and values.
    Map {
        /// What is done with each key.
        key: Box<Cast>,
        /// What is done with each value.
        value: Box<Cast>,
        /// The wanted type of the map.
        to: DataType,
    },
}

/// A field of a struct that a cast makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CastField {
    /// The wanted field.
    pub field: FieldRef,
    /// Where the source has it; `None`: nowhere, and the cast is [`Cast::Null`].
    pub from: Option<usize>,
    /// What is done with it.
    pub cast: Cast,
}

/// Plans a cast by name. For whole rows, give the columns as structs.
///
/// # Errors
///
/// Every place that stands in the way: [`Error::Cast`] where values would be lost, where NULL would
/// come into what refuses it, and between structs without a name in common, which is nearly always
/// a slip; [`Error::Ambiguous`] where a struct has a name twice.
///
/// ```
/// use arrow_schema::{DataType, Field};
/// use viewlane_schema_contract::{parse_type, plan_cast};
///
/// let from = parse_type(r#"Struct("b": Int32, "a": Utf8)"#)?;
/// let to = parse_type(r#"Struct("a": Utf8View, "b": Int64, "c": Date32)"#)?;
/// let cast = plan_cast(&from, &to).unwrap();
/// assert_eq!(cast.filled[0].to_string(), "c");
/// assert!(plan_cast(&to, &from).is_err()); // not every 64-bit integer is one of 32 bits
/// # Ok::<(), viewlane_schema_contract::Error>(())
/// ```
pub fn plan_cast(from: &DataType, to: &DataType) -> Result<ShapeCast, Vec<Error>> {
    let mut planner = Planner::default();
    let cast = planner.value(from, to, &ColumnPath::default());
    match planner.wrong.is_empty() {
        true => Ok(ShapeCast { cast, filled: planner.filled, dropped: planner.dropped }),
        false => Err(planner.wrong),
    }
}

#[derive(Default)]
struct Planner {
    filled: Vec<ColumnPath>,
    dropped: Vec<ColumnPath>,
    wrong: Vec<Error>,
}

impl Planner {
    /// With something in [`Self::wrong`], what this gives is of no use.
    fn value(&mut self, from: &DataType, to: &DataType, at: &ColumnPath) -> Cast {
        use DataType as T;
        if from == to {
            return Cast::Keep;
        }
        if *from == T::Null {
            return Cast::Null { to: to.clone() };
        }
        match (plain(from), plain(to)) {
            (T::Struct(source), T::Struct(target)) => self.fields(source, target, (from, to), at),
            (T::Map(source, _), T::Map(target, target_sorted)) => {
                let (Some((key, value)), Some((to_key, to_value))) = (pair(source), pair(target))
                else {
                    return self.refuse(from, to, at, "a map without keys and values");
                };
                if *target_sorted && !matches!(plain(from), T::Map(_, true)) {
                    return self.refuse(from, to, at, "the keys may be in any order");
                }
                Cast::Map {
                    // Keys are never NULL, whatever a schema says of them.
                    key: Box::new(self.value(
                        key.data_type(),
                        to_key.data_type(),
                        &at.then(Segment::Key),
                    )),
                    value: Box::new(self.inside(value, to_value, &at.then(Segment::Value))),
                    to: to.clone(),
                }
            }
            (source, T::FixedSizeList(_, size)) if !matches!(source, T::FixedSizeList(_, other) if other == size) => {
                self.refuse(from, to, at, "lists may be of another length")
            }
            (source, target) => match (item(source), item(target)) {
                (Some(source), Some(target)) => Cast::List {
                    item: Box::new(self.inside(source, target, &at.then(Segment::Item))),
                    to: to.clone(),
                },
                (None, None) if same_leaf(source, target) || widens(source, target) => {
                    Cast::Leaf { to: to.clone() }
                }
                _ => self.refuse(from, to, at, "values would be lost or read as something else"),
            },
        }
    }

    fn inside(&mut self, from: &Field, to: &Field, at: &ColumnPath) -> Cast {
        if from.is_nullable() && !to.is_nullable() {
            let (from, to) = (from.data_type(), to.data_type());
            return self.refuse(from, to, at, "it can be NULL, and the target refuses NULL");
        }
        self.value(from.data_type(), to.data_type(), at)
    }

    fn fields(
        &mut self,
        source: &Fields,
        target: &Fields,
        (from, to): (&DataType, &DataType),
        at: &ColumnPath,
    ) -> Cast {
        for side in [source, target] {
            let mut names = BTreeSet::new();
            if let Some(twice) = side.iter().find(|field| !names.insert(field.name())) {
                self.wrong.push(Error::Ambiguous { path: at.field(twice.name()) });
                return Cast::Keep;
            }
        }
        let shared = target.iter().any(|field| source.find(field.name()).is_some());
        if !shared && !source.is_empty() && !target.is_empty() {
            return self.refuse(from, to, at, "the two have no name in common");
        }
        let dropped = source.iter().filter(|field| target.find(field.name()).is_none());
        self.dropped.extend(dropped.map(|field| at.field(field.name())));
        let fields = target
            .iter()
            .map(|field| {
                let at = at.field(field.name());
                let found = source.find(field.name());
                let cast = match found {
                    Some((_, given)) => self.inside(given, field, &at),
                    None if field.is_nullable() => {
                        self.filled.push(at);
                        Cast::Null { to: field.data_type().clone() }
                    }
                    None => {
                        let reason = "there is no value for it, and the target refuses NULL";
                        self.refuse(&DataType::Null, field.data_type(), &at, reason)
                    }
                };
                CastField { field: Arc::clone(field), from: found.map(|(index, _)| index), cast }
            })
            .collect();
        Cast::Struct { fields }
    }

    fn refuse(&mut self, from: &DataType, to: &DataType, at: &ColumnPath, reason: &str) -> Cast {
        self.wrong.push(Error::Cast {
            path: at.clone(),
            from: from.clone(),
            to: to.clone(),
            reason: reason.to_owned(),
        });
        Cast::Keep
    }
}

#[cfg(test)]
mod tests;

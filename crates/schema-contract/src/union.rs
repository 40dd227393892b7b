//! The smallest schema that holds the rows of two.

use std::{collections::BTreeSet, sync::Arc};

use arrow_schema::{DataType, Field, FieldRef, Fields, Schema};

use crate::{
    ColumnPath, Error, Segment,
    compare::{item, pair},
    relation::{plain, same_leaf},
};

/// The union by name of two schemas: the columns of the left, then those that only the right has.
///
/// Columns of both get the smallest type that holds the values of both, inside structs, lists and
/// maps as well; a column of only one side can be NULL. Of metadata and of ways to hold the same
/// values in a batch, the left's stays.
///
/// The union is associative, also in whether there is one: in whatever groups schemas are united,
/// the outcome is the same. It is not commutative: the order of columns is the order of schemas.
///
/// # Errors
///
/// [`Error::Union`] where two types have no common one that loses nothing, [`Error::Ambiguous`]
/// where one side has a name twice.
///
/// ```
/// use arrow_schema::{DataType, Field, Schema};
/// use viewlane_schema_contract::union;
///
/// let one = Schema::new(vec![Field::new("a", DataType::Int32, false)]);
/// let two = Schema::new(vec![Field::new("a", DataType::Int64, false)]);
/// assert_eq!(union(&one, &two)?.field(0).data_type(), &DataType::Int64);
/// # Ok::<(), viewlane_schema_contract::Error>(())
/// ```
pub fn union(left: &Schema, right: &Schema) -> Result<Schema, Error> {
    let fields = fields(left.fields(), right.fields(), &ColumnPath::default())?;
    let mut metadata = right.metadata().clone();
    metadata.extend(left.metadata().iter().map(|(k, v)| (k.clone(), v.clone())));
    Ok(Schema::new_with_metadata(fields, metadata))
}

/// Whether every value of one type is a value of the other, so that a cast loses nothing.
pub(crate) fn widens(from: &DataType, to: &DataType) -> bool {
    join(from, to, &ColumnPath::default()).is_ok_and(|both| same_values(&both, to))
}

fn same_values(one: &DataType, other: &DataType) -> bool {
    same_leaf(plain(one), plain(other))
}

fn fields(left: &Fields, right: &Fields, at: &ColumnPath) -> Result<Fields, Error> {
    for side in [left, right] {
        let mut names = BTreeSet::new();
        if let Some(twice) = side.iter().find(|field| !names.insert(field.name())) {
            return Err(Error::Ambiguous { path: at.field(twice.name()) });
        }
    }
    let only_here = |field: &FieldRef| Arc::new(field.as_ref().clone().with_nullable(true));
    let mut united = Vec::new();
    for field in left {
        united.push(match right.find(field.name()) {
            Some((_, other)) => one(field, other, &at.field(field.name()))?,
            None => only_here(field),
        });
    }
    united.extend(right.iter().filter(|f| left.find(f.name()).is_none()).map(only_here));
    Ok(united.into())
}

fn one(left: &Field, right: &Field, at: &ColumnPath) -> Result<FieldRef, Error> {
    let data_type = join(left.data_type(), right.data_type(), at)?;
    let mut metadata = right.metadata().clone();
    metadata.extend(left.metadata().iter().map(|(k, v)| (k.clone(), v.clone())));
    let nullable = left.is_nullable() || right.is_nullable();
    Ok(Arc::new(Field::new(left.name(), data_type, nullable).with_metadata(metadata)))
}

fn join(left: &DataType, right: &DataType, at: &ColumnPath) -> Result<DataType, Error> {
    use DataType as T;
    let conflict = || Error::Union { path: at.clone(), left: left.clone(), right: right.clone() };
    if let (T::Null, other) | (other, T::Null) = (left, right) {
        return Ok(other.clone());
    }
    let (one_type, other) = (plain(left), plain(right));
    let joined = match (one_type, other) {
        (T::Struct(a), T::Struct(b)) => T::Struct(fields(a, b, at)?),
        (T::Map(a, sorted), T::Map(b, other_sorted)) => {
            let (Some((key, value)), Some((other_key, other_value))) = (pair(a), pair(b)) else {
                return Err(conflict());
            };
            let key = one(key, other_key, &at.then(Segment::Key))?;
            let value = one(value, other_value, &at.then(Segment::Value))?;
            let entries = a.as_ref().clone().with_data_type(T::Struct(vec![key, value].into()));
            T::Map(Arc::new(entries), *sorted && *other_sorted)
        }
        (T::FixedSizeList(a, size), T::FixedSizeList(b, other)) if size == other => {
            T::FixedSizeList(one(a, b, &at.then(Segment::Item))?, *size)
        }
        (T::FixedSizeList(..), _) | (_, T::FixedSizeList(..)) => return Err(conflict()),
        (a, b) => match (item(a), item(b)) {
            (Some(x), Some(y)) => with_item(a, one(x, y, &at.then(Segment::Item))?),
            _ => leaf(a, b).ok_or_else(conflict)?,
        },
    };
    // What the left can hold already stays as the left holds it.
    Ok(if joined == *one_type { left.clone() } else { joined })
}

/// A list of the same kind of other items.
fn with_item(list: &DataType, item: FieldRef) -> DataType {
    match list {
        DataType::LargeList(_) => DataType::LargeList(item),
        DataType::ListView(_) => DataType::ListView(item),
        DataType::LargeListView(_) => DataType::LargeListView(item),
        _ => DataType::List(item),
    }
}

fn leaf(left: &DataType, right: &DataType) -> Option<DataType> {
    if same_leaf(left, right) {
        return Some(left.clone());
    }
    if let (Some(a), Some(b)) = (Integer::of(left), Integer::of(right)) {
        return a.join(b).data_type();
    }
    if let (Some(a), Some(b)) = (float(left), float(right)) {
        return Some(if a >= b { left.clone() } else { right.clone() });
    }
    decimal(left, right)
}

/// Integers by the bits that signed and unsigned ones need; 0: there were none.
#[derive(Clone, Copy)]
struct Integer {
    signed: u32,
    unsigned: u32,
}

impl Integer {
    fn of(data_type: &DataType) -> Option<Self> {
        use DataType as T;
        let (signed, unsigned) = match data_type {
            T::Int8 => (8, 0),
            T::Int16 => (16, 0),
            T::Int32 => (32, 0),
            T::Int64 => (64, 0),
            T::UInt8 => (0, 8),
            T::UInt16 => (0, 16),
            T::UInt32 => (0, 32),
            T::UInt64 => (0, 64),
            _ => return None,
        };
        Some(Self { signed, unsigned })
    }

    fn join(self, other: Self) -> Self {
        let Self { signed, unsigned } = self;
        Self { signed: signed.max(other.signed), unsigned: unsigned.max(other.unsigned) }
    }

    fn data_type(self) -> Option<DataType> {
        use DataType as T;
        Some(match self {
            Self { signed: 0, unsigned: 8 } => T::UInt8,
            Self { signed: 0, unsigned: 16 } => T::UInt16,
            Self { signed: 0, unsigned: 32 } => T::UInt32,
            Self { signed: 0, .. } => T::UInt64,
            // A signed integer holds the unsigned ones of half its width.
            Self { signed, unsigned } => match signed.max(2 * unsigned) {
                8 => T::Int8,
                16 => T::Int16,
                32 => T::Int32,
                64 => T::Int64,
                _ => return None,
            },
        })
    }
}

fn float(data_type: &DataType) -> Option<u32> {
    match data_type {
        DataType::Float16 => Some(16),
        DataType::Float32 => Some(32),
        DataType::Float64 => Some(64),
        _ => None,
    }
}

/// The digits before and after the point are those of the wider; the width is the smallest that
/// holds them and is not below either.
fn decimal(left: &DataType, right: &DataType) -> Option<DataType> {
    use DataType as T;
    let parts = |data_type: &DataType| match data_type {
        T::Decimal32(p, s) => Some((9, *p, *s)),
        T::Decimal64(p, s) => Some((18, *p, *s)),
        T::Decimal128(p, s) => Some((38, *p, *s)),
        T::Decimal256(p, s) => Some((76, *p, *s)),
        _ => None,
    };
    let ((width, p, s), (other_width, q, t)) = (parts(left)?, parts(right)?);
    let whole = (i16::from(p) - i16::from(s)).max(i16::from(q) - i16::from(t));
    let scale = s.max(t);
    let precision = u8::try_from(whole + i16::from(scale)).ok()?;
    match precision.max(width).max(other_width) {
        9 => Some(T::Decimal32(precision, scale)),
        10..=18 => Some(T::Decimal64(precision, scale)),
        19..=38 => Some(T::Decimal128(precision, scale)),
        39..=76 => Some(T::Decimal256(precision, scale)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

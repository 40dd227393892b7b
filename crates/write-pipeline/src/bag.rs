use std::{fmt, sync::Arc};

use arrow::{
    array::{Array, ArrayRef, AsArray},
    compute::cast,
    datatypes::{
        DataType, Date32Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
        Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
        TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
    },
    error::ArrowError,
    record_batch::RecordBatch,
};

/// An additive checksum over a bag of rows: the sum, modulo 2^128, of a 128-bit digest of each row.
///
/// Independent of order, batches, partitions and of how Arrow holds a value (views, dictionaries,
/// large offsets); sensitive to values, NULLs, nesting and multiplicities. Floats are compared as
/// SQL groups them: every NaN is one value, and so are both zeros. Columns count by position, not
/// by name.
///
/// Source of the idea: additive multiset hashing, Clarke et al., "Incremental Multiset Hash
/// Functions and Their Application to Memory Integrity Checking", ASIACRYPT 2003.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BagChecksum(u128);

impl BagChecksum {
    /// Adds every row of a batch.
    ///
    /// # Errors
    ///
    /// A column of a type that is never stored.
    pub fn add(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let columns = batch.columns().iter().map(Encoder::new).collect::<Result<Vec<_>, _>>()?;
        let mut bytes = Vec::new();
        for row in 0..batch.num_rows() {
            bytes.clear();
            columns.iter().for_each(|column| column.encode(row, &mut bytes));
            let digest = blake3::hash(&bytes);
            let mut low = [0; 16];
            low.copy_from_slice(&digest.as_bytes()[..16]);
            self.0 = self.0.wrapping_add(u128::from_le_bytes(low));
        }
        Ok(())
    }

    /// Whether rows with such a column have a checksum.
    pub(crate) fn holds(column: &ArrayRef) -> bool {
        Encoder::new(column).is_ok()
    }

    /// Joins the checksum of another part of the same bag.
    pub fn merge(&mut self, other: &Self) {
        self.0 = self.0.wrapping_add(other.0);
    }
}

impl fmt::Display for BagChecksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A column prepared for being read row by row in the canonical encoding: one tag byte (0 for
/// NULL), then the value, length-framed where its length varies.
enum Encoder {
    Fixed { array: ArrayRef, value: fn(&dyn Array, usize, &mut Vec<u8>) },
    List { array: ArrayRef, child: Box<Encoder> },
    Map { array: ArrayRef, key: Box<Encoder>, value: Box<Encoder> },
    Struct { array: ArrayRef, children: Vec<Encoder> },
}

fn frame(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

impl Encoder {
    fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        use DataType as T;
        macro_rules! primitive {
            ($type:ty) => {
                |array, row, out| {
                    out.extend_from_slice(&array.as_primitive::<$type>().value(row).to_le_bytes());
                }
            };
        }
        let fixed = |value| Ok(Self::Fixed { array: Arc::clone(array), value });
        let recast = |to: &T| Self::new(&cast(array, to)?);
        match array.data_type() {
            T::Boolean => {
                fixed(|array, row, out| out.push(u8::from(array.as_boolean().value(row))))
            }
            T::Int8 => fixed(primitive!(Int8Type)),
            T::Int16 => fixed(primitive!(Int16Type)),
            T::Int32 => fixed(primitive!(Int32Type)),
            T::Int64 => fixed(primitive!(Int64Type)),
            T::UInt8 => fixed(primitive!(UInt8Type)),
            T::UInt16 => fixed(primitive!(UInt16Type)),
            T::UInt32 => fixed(primitive!(UInt32Type)),
            T::UInt64 => fixed(primitive!(UInt64Type)),
            T::Float32 => fixed(|array, row, out| {
                let value = array.as_primitive::<Float32Type>().value(row);
                let value = if value.is_nan() { f32::NAN } else { value + 0.0 };
                out.extend_from_slice(&value.to_le_bytes());
            }),
            T::Float64 => fixed(|array, row, out| {
                let value = array.as_primitive::<Float64Type>().value(row);
                let value = if value.is_nan() { f64::NAN } else { value + 0.0 };
                out.extend_from_slice(&value.to_le_bytes());
            }),
            T::Date32 => fixed(primitive!(Date32Type)),
            T::Timestamp(TimeUnit::Microsecond, _) => fixed(primitive!(TimestampMicrosecondType)),
            T::Decimal32(..) => fixed(primitive!(Decimal32Type)),
            T::Decimal64(..) => fixed(primitive!(Decimal64Type)),
            T::Decimal128(..) => fixed(primitive!(Decimal128Type)),
            T::Decimal256(..) => fixed(primitive!(Decimal256Type)),
            // The unit is part of the type, and a bag is of one type.
            T::Date64 | T::Time64(_) | T::Timestamp(..) | T::Duration(_) => recast(&T::Int64),
            T::Time32(_) => recast(&T::Int32),
            T::Float16 => recast(&T::Float32),
            T::Null => recast(&T::Boolean),
            T::Utf8 => fixed(|array, row, out| {
                frame(array.as_string::<i32>().value(row).as_bytes(), out);
            }),
            T::Utf8View => fixed(|array, row, out| {
                frame(array.as_string_view().value(row).as_bytes(), out);
            }),
            T::Binary => fixed(|array, row, out| frame(array.as_binary::<i32>().value(row), out)),
            T::LargeUtf8 => recast(&T::Utf8),
            T::LargeBinary | T::BinaryView | T::FixedSizeBinary(_) => recast(&T::Binary),
            T::Dictionary(_, value) => recast(value),
            T::LargeList(item) | T::FixedSizeList(item, _) => recast(&T::List(Arc::clone(item))),
            T::List(_) => Ok(Self::List {
                array: Arc::clone(array),
                child: Box::new(Self::new(array.as_list::<i32>().values())?),
            }),
            T::Map(..) => {
                let map = array.as_map();
                Ok(Self::Map {
                    array: Arc::clone(array),
                    key: Box::new(Self::new(map.keys())?),
                    value: Box::new(Self::new(map.values())?),
                })
            }
            T::Struct(_) => Ok(Self::Struct {
                array: Arc::clone(array),
                children: array
                    .as_struct()
                    .columns()
                    .iter()
                    .map(Self::new)
                    .collect::<Result<_, _>>()?,
            }),
            other => Err(ArrowError::NotYetImplemented(format!("no checksum for {other}"))),
        }
    }

    fn encode(&self, row: usize, out: &mut Vec<u8>) {
        let array = match self {
            Self::Fixed { array, .. }
            | Self::List { array, .. }
            | Self::Map { array, .. }
            | Self::Struct { array, .. } => array,
        };
        if array.is_null(row) {
            out.push(0);
            return;
        }
        out.push(1);
        match self {
            Self::Fixed { array, value } => value(array.as_ref(), row, out),
            Self::List { array, child } => {
                let offsets = array.as_list::<i32>().value_offsets();
                let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
                out.extend_from_slice(&((to - from) as u64).to_le_bytes());
                (from..to).for_each(|item| child.encode(item, out));
            }
            Self::Map { array, key, value } => {
                let offsets = array.as_map().value_offsets();
                let (from, to) = (offsets[row] as usize, offsets[row + 1] as usize);
                out.extend_from_slice(&((to - from) as u64).to_le_bytes());
                for item in from..to {
                    key.encode(item, out);
                    value.encode(item, out);
                }
            }
            Self::Struct { children, .. } => {
                children.iter().for_each(|child| child.encode(row, out));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::{
            DictionaryArray, Float64Array, Int64Array, LargeStringArray, ListArray, StringArray,
            StringViewArray, StructArray,
        },
        datatypes::{Field, Fields, Int32Type, Schema},
    };
    use proptest::prelude::*;

    use super::*;

    fn sum(columns: Vec<ArrayRef>) -> String {
        let fields = columns
            .iter()
            .enumerate()
            .map(|(i, c)| Field::new(format!("c{i}"), c.data_type().clone(), true));
        let schema = Arc::new(Schema::new(fields.collect::<Fields>()));
        let mut sum = BagChecksum::default();
        sum.add(&RecordBatch::try_new(schema, columns).unwrap()).unwrap();
        sum.to_string()
    }

    #[test]
    fn how_arrow_holds_a_text_does_not_matter() {
        let texts =
            [Some("a"), None, Some(""), Some("a much longer text than a view holds inline")];
        let plain = sum(vec![Arc::new(StringArray::from_iter(texts))]);
        assert_eq!(plain, sum(vec![Arc::new(StringViewArray::from_iter(texts))]));
        assert_eq!(plain, sum(vec![Arc::new(LargeStringArray::from_iter(texts))]));
        assert_eq!(plain, sum(vec![Arc::new(DictionaryArray::<Int32Type>::from_iter(texts))]));
        assert_ne!(
            plain,
            sum(vec![Arc::new(StringArray::from_iter([Some("a"), None, None, texts[3]]))])
        );
    }

    #[test]
    fn floats_compare_as_sql_groups_them() {
        let one = |value: f64| sum(vec![Arc::new(Float64Array::from(vec![value]))]);
        assert_eq!(one(0.0), one(-0.0));
        assert_eq!(one(f64::NAN), one(-f64::NAN));
        assert_ne!(one(1.0), one(1.0 + f64::EPSILON));
    }

    #[test]
    fn what_hides_under_a_null_does_not_count() {
        let fields = Fields::from(vec![Field::new("x", DataType::Int64, true)]);
        let with = |hidden: i64| {
            let child: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), Some(hidden)]));
            let nulls = Some(vec![true, false].into());
            sum(vec![Arc::new(StructArray::new(fields.clone(), vec![child], nulls))])
        };
        assert_eq!(with(5), with(6));
    }

    #[test]
    fn nested_values_are_framed() {
        let lists = |rows: Vec<Option<Vec<Option<i64>>>>| {
            sum(vec![Arc::new(ListArray::from_iter_primitive::<Int64Type, _, _>(rows))])
        };
        let a = lists(vec![Some(vec![Some(1), Some(2)]), Some(vec![])]);
        assert_ne!(a, lists(vec![Some(vec![Some(1)]), Some(vec![Some(2)])]));
        assert_ne!(a, lists(vec![Some(vec![Some(1), Some(2)]), None]));
        assert_ne!(a, lists(vec![Some(vec![Some(2), Some(1)]), Some(vec![])]));
    }

    proptest! {
        /// Equal bags, and only these, have equal checksums, however they are cut into batches.
        #[test]
        fn checksum_is_equality_of_bags(
            a in prop::collection::vec((prop::option::of(0i64..3), "[ab]{0,2}"), 0..6),
            b in prop::collection::vec((prop::option::of(0i64..3), "[ab]{0,2}"), 0..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let columns = |rows: &[(Option<i64>, String)]| -> Vec<ArrayRef> {
                vec![
                    Arc::new(rows.iter().map(|r| r.0).collect::<Int64Array>()),
                    Arc::new(rows.iter().map(|r| Some(r.1.as_str())).collect::<StringArray>()),
                ]
            };
            let (mut one, mut two) = (a.clone(), b.clone());
            one.sort();
            two.sort();
            prop_assert_eq!(sum(columns(&a)) == sum(columns(&b)), one == two);
            if !a.is_empty() {
                let (left, right) = a.split_at(cut.index(a.len()));
                let part = |rows: &[(Option<i64>, String)]| u128::from_str_radix(&sum(columns(rows)), 16).unwrap();
                prop_assert_eq!(format!("{:032x}", part(left).wrapping_add(part(right))), sum(columns(&a)));
            }
        }
    }
}

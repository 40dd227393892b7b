//! Random schemas, for the tests of every module.

use std::{collections::BTreeMap, sync::Arc};

use arrow_schema::{
    DataType, Field, FieldRef, Fields, IntervalUnit, Schema, TimeUnit, UnionFields, UnionMode,
};
use proptest::prelude::*;

use crate::{Column, ColumnPath, Contract, ContractBuilder, DifferenceKind, Evolution, Segment};

/// Schemas up to six levels deep, with names and metadata of any characters.
pub(crate) fn schema() -> impl Strategy<Value = Schema> {
    (fields(data_type(6), 1..5), metadata()).prop_map(|(fields, metadata)| {
        Schema::new_with_metadata(fields, metadata.into_iter().collect())
    })
}

/// Types up to `depth` levels deep.
pub(crate) fn data_type(depth: u32) -> impl Strategy<Value = DataType> + Clone {
    leaf().prop_recursive(depth, 24, 3, |inner| {
        let item = || field(inner.clone());
        prop_oneof![
            item().prop_map(DataType::List),
            item().prop_map(DataType::LargeList),
            item().prop_map(DataType::ListView),
            item().prop_map(DataType::LargeListView),
            (item(), 0..9_i32).prop_map(|(item, size)| DataType::FixedSizeList(item, size)),
            fields(inner.clone(), 0..4).prop_map(DataType::Struct),
            fields(inner.clone(), 0..4).prop_map(DataType::Struct),
            (fields(inner.clone(), 2..3), any::<bool>()).prop_map(|(pair, sorted)| {
                DataType::Map(
                    Arc::new(Field::new("entries", DataType::Struct(pair), false)),
                    sorted,
                )
            }),
            (fields(inner.clone(), 0..3), any::<bool>()).prop_map(|(members, dense)| {
                let mode = if dense { UnionMode::Dense } else { UnionMode::Sparse };
                let ids = (0..members.len()).map(|id| i8::try_from(id * 3).unwrap());
                let members = members.iter().cloned();
                DataType::Union(UnionFields::try_new(ids, members).unwrap(), mode)
            }),
            inner.clone().prop_map(|value| {
                DataType::Dictionary(Box::new(DataType::UInt16), Box::new(value))
            }),
            item().prop_map(|values| {
                let ends = Arc::new(Field::new("run_ends", DataType::Int32, false));
                DataType::RunEndEncoded(ends, values)
            }),
        ]
    })
}

fn leaf() -> impl Strategy<Value = DataType> + Clone {
    use DataType as T;
    let zone = prop_oneof![Just("UTC"), Just("+02:00"), Just("a\"b\\")];
    let unit = prop_oneof![
        Just(TimeUnit::Second),
        Just(TimeUnit::Millisecond),
        Just(TimeUnit::Microsecond),
        Just(TimeUnit::Nanosecond)
    ];
    let plain = prop::sample::select(vec![
        T::Null,
        T::Boolean,
        T::Int8,
        T::Int16,
        T::Int32,
        T::Int64,
        T::UInt8,
        T::UInt16,
        T::UInt32,
        T::UInt64,
        T::Float16,
        T::Float32,
        T::Float64,
        T::Date32,
        T::Date64,
        T::Binary,
        T::LargeBinary,
        T::BinaryView,
        T::Utf8,
        T::LargeUtf8,
        T::Utf8View,
        T::FixedSizeBinary(3),
        T::Time32(TimeUnit::Second),
        T::Time32(TimeUnit::Millisecond),
        T::Time64(TimeUnit::Microsecond),
        T::Time64(TimeUnit::Nanosecond),
        T::Interval(IntervalUnit::YearMonth),
        T::Interval(IntervalUnit::DayTime),
        T::Interval(IntervalUnit::MonthDayNano),
    ]);
    prop_oneof![
        4 => plain,
        1 => (unit.clone(), prop::option::of(zone))
            .prop_map(|(unit, zone)| T::Timestamp(unit, zone.map(Into::into))),
        1 => unit.prop_map(T::Duration),
        2 => decimal(),
    ]
}

fn decimal() -> impl Strategy<Value = DataType> + Clone {
    use DataType as T;
    (1..77_u8, -3..77_i8, any::<bool>()).prop_map(|(precision, scale, wide)| {
        let scale = scale.min(i8::try_from(precision).unwrap());
        match precision {
            1..=9 if !wide => T::Decimal32(precision, scale),
            1..=18 if !wide => T::Decimal64(precision, scale),
            1..=38 => T::Decimal128(precision, scale),
            _ => T::Decimal256(precision, scale),
        }
    })
}

fn field(data_type: impl Strategy<Value = DataType> + Clone) -> impl Strategy<Value = FieldRef> {
    (name(), data_type, any::<bool>(), metadata()).prop_map(
        |(name, data_type, nullable, metadata)| {
            let field = Field::new(name, data_type, nullable);
            Arc::new(field.with_metadata(metadata.into_iter().collect()))
        },
    )
}

/// Fields of different names.
fn fields(
    data_type: impl Strategy<Value = DataType> + Clone,
    count: std::ops::Range<usize>,
) -> impl Strategy<Value = Fields> {
    prop::collection::vec(field(data_type), count).prop_map(|fields| {
        let numbered = |(index, field): (usize, FieldRef)| {
            let name = format!("{}{index}", field.name());
            Arc::new(field.as_ref().clone().with_name(name))
        };
        fields.into_iter().enumerate().map(numbered).collect::<Vec<_>>().into()
    })
}

fn name() -> impl Strategy<Value = String> + Clone {
    prop_oneof![
        4 => "[a-c]{1,3}",
        1 => Just("item".to_owned()),
        1 => "[a-cA-Z .,:\"'\\\\\né\u{202e}(){}@-]{0,4}",
    ]
}

fn metadata() -> impl Strategy<Value = BTreeMap<String, String>> + Clone {
    prop_oneof![
        3 => Just(BTreeMap::new()),
        1 => prop::collection::btree_map(name(), name(), 1..3),
    ]
}

/// The contract that somebody wrote down from a schema.
pub(crate) fn written(schema: &Schema, evolution: Evolution) -> ContractBuilder {
    schema.fields().iter().fold(Contract::builder(evolution), |builder, field| {
        let mut column = Column::new(field.name(), field.data_type().clone());
        column.not_null = !field.is_nullable();
        column.metadata = field.metadata().clone().into_iter().collect();
        builder.column(column)
    })
}

/// A schema after one change, what kind of difference that is, and where.
pub(crate) type Mutation<T> = (T, DifferenceKind, ColumnPath);

/// Every way to change one thing of a schema, in each place.
pub(crate) fn mutations(schema: &Schema) -> Vec<Mutation<Schema>> {
    let changed = of_fields(schema.fields(), &ColumnPath::default());
    let whole = |fields: Fields| Schema::new_with_metadata(fields, schema.metadata().clone());
    changed.into_iter().map(|(fields, kind, path)| (whole(fields), kind, path)).collect()
}

fn of_fields(fields: &Fields, at: &ColumnPath) -> Vec<Mutation<Fields>> {
    let list = || fields.iter().cloned().collect::<Vec<_>>();
    let mut all = Vec::new();
    let mut more = list();
    more.push(Arc::new(Field::new("quite another", DataType::Int64, true)));
    all.push((more.into(), DifferenceKind::Extra, at.field("quite another")));
    if let Some(first) = fields.first() {
        let mut twice = list();
        twice.push(Arc::clone(first));
        all.push((twice.into(), DifferenceKind::Duplicate, at.field(first.name())));
    }
    if fields.len() > 1 {
        let mut turned = list();
        turned.rotate_left(1);
        all.push((turned.into(), DifferenceKind::Order, at.clone()));
    }
    for (index, field) in fields.iter().enumerate() {
        let path = at.field(field.name());
        let mut fewer = list();
        fewer.remove(index);
        all.push((fewer.into(), DifferenceKind::Missing, path.clone()));
        for (other, kind, path) in of_field(field, &path) {
            let mut changed = list();
            changed[index] = Arc::new(other);
            all.push((changed.into(), kind, path));
        }
    }
    all
}

fn of_field(field: &Field, at: &ColumnPath) -> Vec<Mutation<Field>> {
    let flipped = field.clone().with_nullable(!field.is_nullable());
    let null = if field.is_nullable() { DifferenceKind::NotNull } else { DifferenceKind::Nullable };
    let mut all = vec![(flipped, null, at.clone())];
    if let Some(key) = field.metadata().keys().min() {
        let mut metadata = field.metadata().clone();
        metadata.insert(key.clone(), "quite another".to_owned());
        all.push((field.clone().with_metadata(metadata), DifferenceKind::Metadata, at.clone()));
    }
    let types = of_type(field.data_type(), at).into_iter();
    all.extend(types.map(|(t, kind, path)| (field.clone().with_data_type(t), kind, path)));
    all
}

fn of_type(data_type: &DataType, at: &ColumnPath) -> Vec<Mutation<DataType>> {
    use DataType as T;
    let other = match crate::relation::plain(data_type) {
        T::Boolean => T::Date32,
        _ => T::Boolean,
    };
    let mut all = vec![(other, DifferenceKind::Type, at.clone())];
    let mut items = |item: &Field, list: &dyn Fn(FieldRef) -> T| {
        let changed = of_field(item, &at.then(Segment::Item)).into_iter();
        all.extend(changed.map(|(item, kind, path)| (list(Arc::new(item)), kind, path)));
    };
    match data_type {
        T::List(item) => items(item, &T::List),
        T::LargeList(item) => items(item, &T::LargeList),
        T::ListView(item) => items(item, &T::ListView),
        T::LargeListView(item) => items(item, &T::LargeListView),
        T::FixedSizeList(item, size) => {
            items(item, &|item| T::FixedSizeList(item, *size));
            let longer = T::FixedSizeList(Arc::clone(item), size + 1);
            all.push((longer, DifferenceKind::Type, at.clone()));
        }
        T::Struct(fields) => {
            let changed = of_fields(fields, at).into_iter();
            all.extend(changed.map(|(fields, kind, path)| (T::Struct(fields), kind, path)));
        }
        T::Map(entries, sorted) => {
            let (key, value) = crate::compare::pair(entries).unwrap();
            for (changed, kind, path) in of_field(value, &at.then(Segment::Value)) {
                let pair = T::Struct(vec![Arc::new(key.clone()), Arc::new(changed)].into());
                let entries = entries.as_ref().clone().with_data_type(pair);
                all.push((T::Map(Arc::new(entries), *sorted), kind, path));
            }
        }
        _ => {}
    }
    all
}

/// A value, for what plans say about values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Leaf(u64),
    Struct(Vec<(String, Value)>),
    List(Vec<Value>),
    Map(Vec<(Value, Value)>),
}

/// Some value of a type; `seed` decides which.
pub(crate) fn value(data_type: &DataType, nullable: bool, seed: &mut u64) -> Value {
    let mut next = |below: u64| {
        *seed =
            seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*seed >> 33) % below
    };
    if nullable && next(5) == 0 {
        return Value::Null;
    }
    let count = next(3);
    let leaf = next(100);
    match crate::relation::plain(data_type) {
        DataType::Null => Value::Null,
        DataType::Struct(fields) => Value::Struct(
            fields
                .iter()
                .map(|f| (f.name().clone(), value(f.data_type(), f.is_nullable(), seed)))
                .collect(),
        ),
        DataType::Map(entries, _) => {
            let (key, of) = crate::compare::pair(entries).unwrap();
            let entry = |_| {
                (value(key.data_type(), false, seed), value(of.data_type(), of.is_nullable(), seed))
            };
            Value::Map((0..count).map(entry).collect())
        }
        other => match crate::compare::item(other) {
            Some(item) => Value::List(
                (0..count).map(|_| value(item.data_type(), item.is_nullable(), seed)).collect(),
            ),
            None => Value::Leaf(leaf),
        },
    }
}

use proptest::prelude::*;

use super::*;
use crate::{parse_type, plan_cast, testing};

/// Types that often have a union with one another.
fn near() -> impl Strategy<Value = DataType> + Clone {
    use DataType as T;
    let leaf = prop_oneof![
        prop::sample::select(vec![
            T::Null,
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
            T::Utf8,
            T::LargeUtf8,
            T::Utf8View,
            T::Boolean,
        ]),
        prop::sample::select(vec![
            T::Decimal32(9, 0),
            T::Decimal32(9, 9),
            T::Decimal64(18, 0),
            T::Decimal64(12, 4),
            T::Decimal128(38, 0),
            T::Decimal128(38, 38),
            T::Decimal128(10, -2),
            T::Decimal256(76, 30),
        ]),
    ];
    let leaf = prop_oneof![
        4 => leaf.clone(),
        1 => leaf.prop_map(|value| T::Dictionary(Box::new(T::Int8), Box::new(value))),
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let item = || {
            ("[ab]", inner.clone(), any::<bool>())
                .prop_map(|(n, t, null)| Arc::new(Field::new(n, t, null)))
        };
        prop_oneof![
            item().prop_map(T::List),
            item().prop_map(T::LargeList),
            item().prop_map(|item| T::FixedSizeList(item, 2)),
            prop::collection::vec(item(), 0..3).prop_map(|fields| T::Struct(distinct(fields))),
            (inner.clone(), item(), any::<bool>()).prop_map(|(key, value, sorted)| {
                let pair =
                    vec![Field::new("key", key, false), value.as_ref().clone().with_name("value")];
                T::Map(Arc::new(Field::new("entries", T::Struct(pair.into()), false)), sorted)
            }),
        ]
    })
}

fn distinct(fields: Vec<FieldRef>) -> Fields {
    let mut names = BTreeSet::new();
    fields.into_iter().filter(|field| names.insert(field.name().clone())).collect()
}

fn schema() -> impl Strategy<Value = Schema> {
    let field = ("[ab]", near(), any::<bool>(), prop::option::of("[xy]")).prop_map(
        |(n, t, null, value)| {
            let metadata = value.map(|value| ("k".to_owned(), value)).into_iter().collect();
            Arc::new(Field::new(n, t, null).with_metadata(metadata))
        },
    );
    prop::collection::vec(field, 0..3).prop_map(|fields| Schema::new(distinct(fields)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    /// In whatever groups three schemas are united, the outcome is the same, also when there is none.
    #[test]
    fn union_is_associative(a in schema(), b in schema(), c in schema()) {
        let left = union(&a, &b).and_then(|both| union(&both, &c)).ok();
        let right = union(&b, &c).and_then(|both| union(&a, &both)).ok();
        prop_assert_eq!(left, right);
    }

    /// A union holds the rows of both sides: there is a cast by name from either, and it loses
    /// nothing.
    #[test]
    fn a_union_holds_both(a in schema(), b in schema()) {
        if let Ok(both) = union(&a, &b) {
            let rows = |schema: &Schema| DataType::Struct(schema.fields().clone());
            for side in [&a, &b] {
                if let Err(wrong) = plan_cast(&rows(side), &rows(&both)) {
                    // What is cast by name shares a name; a union need not.
                    prop_assert!(wrong.iter().all(|e| e.to_string().ends_with("no name in common")), "{wrong:?}");
                } else {
                    prop_assert!(plan_cast(&rows(side), &rows(&both)).unwrap().dropped.is_empty());
                }
            }
        }
    }

    /// A schema united with itself is itself.
    #[test]
    fn a_schema_is_its_own_union(schema in testing::schema()) {
        if let Ok(same) = union(&schema, &schema) {
            prop_assert_eq!(same, schema);
        }
    }
}

#[test]
fn what_two_types_have_in_common() {
    let pairs = [
        ("Int8", "UInt8"),
        ("UInt32", "Int8"),
        ("UInt64", "Int8"),
        ("Float32", "Float64"),
        ("Int32", "Float64"),
        ("Decimal32(9, 0)", "Decimal32(9, 9)"),
        ("Utf8", "LargeUtf8"),
        ("Utf8", "Binary"),
        ("Null", "Date32"),
        ("Date32", "Date64"),
        (
            r#"List(Struct("a": non-null Int8))"#,
            r#"List(Struct("a": non-null Int16, "b": non-null Utf8))"#,
        ),
        ("FixedSizeList(2 x Int8)", "List(Int8)"),
        ("Dictionary(Int8, Utf8)", "Utf8"),
        ("Dictionary(Int8, Int8)", "Int64"),
    ];
    let lines = pairs.map(|(left, right)| {
        let schema =
            |text: &str| Schema::new(vec![Field::new("x", parse_type(text).unwrap(), false)]);
        let outcome = match union(&schema(left), &schema(right)) {
            Ok(both) => crate::type_text(both.field(0).data_type()),
            Err(error) => error.to_string(),
        };
        format!("{left} | {right} = {outcome}")
    });
    insta::assert_snapshot!(lines.join("\n"));
}

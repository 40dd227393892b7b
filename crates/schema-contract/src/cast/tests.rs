use proptest::prelude::*;

use super::*;
use crate::{
    parse_type,
    testing::{self, Value},
};

/// Does what a plan says.
fn run(cast: &Cast, value: &Value) -> Value {
    match (cast, value) {
        (Cast::Null { .. }, _) | (_, Value::Null) => Value::Null,
        (Cast::Keep | Cast::Leaf { .. }, value) => value.clone(),
        (Cast::Struct { fields }, Value::Struct(given)) => Value::Struct(
            fields
                .iter()
                .map(|field| {
                    let value =
                        field.from.map_or(Value::Null, |index| run(&field.cast, &given[index].1));
                    (field.field.name().clone(), value)
                })
                .collect(),
        ),
        (Cast::List { item, .. }, Value::List(items)) => {
            Value::List(items.iter().map(|value| run(item, value)).collect())
        }
        (Cast::Map { key, value, .. }, Value::Map(entries)) => {
            Value::Map(entries.iter().map(|(k, v)| (run(key, k), run(value, v))).collect())
        }
        (cast, value) => panic!("{cast:?} of {value:?}"),
    }
}

/// What the value should be, by looking each name up.
fn by_name(to: &DataType, value: &Value) -> Value {
    match (plain(to), value) {
        (DataType::Struct(fields), Value::Struct(given)) => Value::Struct(
            fields
                .iter()
                .map(|field| {
                    let found = given.iter().find(|(name, _)| name == field.name());
                    let value = found.map_or(Value::Null, |(_, v)| by_name(field.data_type(), v));
                    (field.name().clone(), value)
                })
                .collect(),
        ),
        (DataType::Map(entries, _), Value::Map(given)) => {
            let (key, of) = pair(entries).unwrap();
            let entry =
                |(k, v): &(Value, Value)| (by_name(key.data_type(), k), by_name(of.data_type(), v));
            Value::Map(given.iter().map(entry).collect())
        }
        (list, Value::List(items)) => {
            let item = item(list).unwrap();
            Value::List(items.iter().map(|v| by_name(item.data_type(), v)).collect())
        }
        (_, value) => value.clone(),
    }
}

proptest! {
    /// A planned cast gives each name its value, in the wanted order, and NULL where there is none;
    /// what is filled and dropped is said.
    #[test]
    fn a_cast_is_a_lookup_by_name(schema in testing::schema(), seed in any::<u64>()) {
        let from = DataType::Struct(schema.fields().clone());
        for (changed, ..) in testing::mutations(&schema) {
            let to = DataType::Struct(changed.fields().clone());
            if let Ok(plan) = plan_cast(&from, &to) {
                let value = testing::value(&from, false, &mut seed.clone());
                prop_assert_eq!(run(&plan.cast, &value), by_name(&to, &value));
            }
        }
    }

    /// Every type is cast to itself by doing nothing.
    #[test]
    fn a_type_is_kept(data_type in testing::data_type(6)) {
        let plan = plan_cast(&data_type, &data_type).unwrap();
        prop_assert_eq!(plan, ShapeCast { cast: Cast::Keep, filled: vec![], dropped: vec![] });
    }
}

#[test]
fn what_a_cast_does_and_refuses() {
    let pairs = [
        (
            r#"Struct("a": Int8, "b": Utf8, "c": Int8)"#,
            r#"Struct("b": Utf8View, "d": Date32, "a": Int64)"#,
        ),
        (r#"List(Struct("a": Int8))"#, r#"LargeList(Struct("x": Utf8, "a": Int16))"#),
        (
            r#"Map("entries": non-null Struct("key": non-null Utf8, "value": Int8), unsorted)"#,
            r#"Map("kv": non-null Struct("k": non-null Utf8View, "v": Int32), unsorted)"#,
        ),
        ("Int64", "Int32"),
        ("Utf8", "Int32"),
        (r#"Struct("a": Int8)"#, r#"Struct("b": Int8)"#),
        (r#"Struct("a": Int8)"#, r#"Struct("a": non-null Int8, "b": non-null Int8)"#),
        (r#"Struct("a": Int8, "a": Int8)"#, r#"Struct("a": Int16)"#),
        ("List(Int8)", "FixedSizeList(2 x Int8)"),
        ("FixedSizeList(2 x Int8)", "List(Int16)"),
        ("Null", r#"Struct("a": Int8)"#),
        ("Dictionary(Int8, Utf8)", "Utf8"),
        ("Int8", "List(Int8)"),
    ];
    let lines = pairs.map(|(from, to)| {
        let outcome = match plan_cast(&parse_type(from).unwrap(), &parse_type(to).unwrap()) {
            Ok(plan) => {
                let names = |paths: &[ColumnPath]| {
                    paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
                };
                format!("filled [{}], dropped [{}]", names(&plan.filled), names(&plan.dropped))
            }
            Err(wrong) => wrong.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n    "),
        };
        format!("{from} -> {to}\n    {outcome}")
    });
    insta::assert_snapshot!(lines.join("\n"));
}

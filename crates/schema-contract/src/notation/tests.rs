use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::testing;

proptest! {
    /// A type is what its text reads back as, metadata and names of any characters included.
    #[test]
    fn parse_undoes_write(data_type in testing::data_type(6)) {
        let text = type_text(&data_type);
        prop_assert_eq!(parse_type(&text).unwrap(), data_type, "{}", text);
        prop_assert!(!text.contains(['\n', '\u{202e}']), "{}", text);
    }

    /// What Arrow prints of a type with names of letters is read as that type.
    #[test]
    fn what_arrow_prints_is_read(data_type in testing::data_type(4)) {
        let plain = renamed(&data_type);
        prop_assert_eq!(parse_type(&plain.to_string()).unwrap(), plain);
    }

    /// Arrow reads the text of a type as the same type, as long as there is no metadata.
    #[test]
    fn arrow_reads_it(data_type in testing::data_type(4)) {
        let plain = renamed(&data_type);
        // Arrow 59 does not read a union without members.
        let text = type_text(&plain);
        prop_assume!(!text.contains("Union(Sparse)") && !text.contains("Union(Dense)"));
        // A zone is read without its escapes.
        prop_assume!(!text.contains('\\'));
        prop_assert_eq!(text.parse::<DataType>().unwrap(), plain, "{}", text);
    }

    /// Any text has an outcome, and the place of an error is in the text.
    #[test]
    fn any_text_is_answered(data_type in testing::data_type(3), cut in any::<prop::sample::Index>(), insert in ".{0,3}") {
        let mut text = type_text(&data_type);
        let mut place = cut.index(text.len() + 1);
        while !text.is_char_boundary(place) {
            place -= 1;
        }
        text.insert_str(place, &insert);
        if let Err(Error::Type { at, .. }) = parse_type(&text) {
            prop_assert!(at <= text.len());
        }
    }
}

/// The same type with names of letters and no metadata.
fn renamed(data_type: &DataType) -> DataType {
    use DataType as T;
    let one = |field: &Field, name: &str| {
        Arc::new(Field::new(name, renamed(field.data_type()), field.is_nullable()))
    };
    match data_type {
        T::List(item) => T::List(one(item, "item")),
        T::LargeList(item) => T::LargeList(one(item, "element")),
        T::ListView(item) => T::ListView(one(item, "item")),
        T::LargeListView(item) => T::LargeListView(one(item, "item")),
        T::FixedSizeList(item, size) => T::FixedSizeList(one(item, "item"), *size),
        T::Struct(fields) => T::Struct(fields.iter().map(|f| one(f, "a b")).collect()),
        T::Map(entries, sorted) => T::Map(one(entries, "entries"), *sorted),
        T::Dictionary(key, value) => T::Dictionary(key.clone(), Box::new(renamed(value))),
        T::RunEndEncoded(ends, values) => {
            T::RunEndEncoded(one(ends, "run_ends"), one(values, "values"))
        }
        T::Union(members, mode) => {
            T::Union(members.iter().map(|(id, f)| (id, one(f, "m"))).collect(), *mode)
        }
        other => other.clone(),
    }
}

#[test]
fn what_is_no_type_is_explained() {
    let deep = "List(".repeat(1_000_000);
    let texts = [
        "",
        "Int",
        "int64",
        "Strng",
        "Int64 x",
        "Decimal128(10)",
        "Decimal128(39, 2)",
        "Decimal128(2, 3)",
        "Timestamp(us, UTC)",
        "Timestamp(min)",
        "Time32(us)",
        "List(Int64",
        "Struct(a: Int64)",
        "Struct(\"a\" Int64)",
        "Map(\"e\": Int64, sorted)",
        "Dictionary(Utf8, Utf8)",
        "FixedSizeList(-1 x Int8)",
        "FixedSizeBinary(99999999999)",
        "Union(Sparse, 1: (\"a\": Int8), 1: (\"b\": Int8))",
        "Struct(\"a\\q\": Int8)",
        "List(Int8, metadata: {\"a\": \"b\", \"a\": \"c\"})",
        "RunEndEncoded(\"r\": Int8, \"v\": Int8)",
        &deep,
    ];
    let lines = texts.map(|text| {
        let error = parse_type(text).unwrap_err();
        let shown = if text.len() < 80 {
            error.to_string()
        } else {
            error.to_string().replace(text, "List(…")
        };
        format!("{shown}; {}", error.help())
    });
    insta::assert_snapshot!(lines.join("\n"));
}

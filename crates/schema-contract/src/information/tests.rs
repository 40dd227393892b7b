use proptest::prelude::*;

use super::*;
use crate::{Snapshot, testing};

fn row(schema: &str, table: &str, column: &str, place: u64, data_type: &str) -> InformationColumn {
    InformationColumn {
        table_catalog: "lake".into(),
        table_schema: schema.into(),
        table_name: table.into(),
        column_name: column.into(),
        ordinal_position: place,
        is_nullable: "NO".into(),
        data_type: data_type.into(),
    }
}

#[test]
fn tables_of_one_name_in_two_schemas_are_two() {
    let rows = [
        row("a", "t", "y", 2, "Utf8View"),
        row("b", "t", "x", 1, "Timestamp(µs, \"UTC\")"),
        row("a", "t", "x", 1, "List(Struct(\"p\": Decimal128(10, 2)))"),
    ];
    let snapshot: Snapshot = schemas(rows).unwrap().into_iter().collect();
    insta::assert_snapshot!(snapshot.to_string());
}

#[test]
fn rows_that_contradict_one_another_are_all_named() {
    let mut nullable = row("a", "t", "q", 7, "Int8");
    nullable.is_nullable = "MAYBE".into();
    let rows = [
        row("a", "t", "x", 1, "Int8"),
        row("a", "t", "x", 2, "Int8"),
        row("a", "t", "y", 1, "Int8"),
        row("a", "t", "z", 3, "Int9"),
        row("", "t", "x", 1, "Int8"),
        nullable,
    ];
    let found = schemas(rows).unwrap_err();
    insta::assert_snapshot!(found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
}

proptest! {
    /// The order of rows does not matter, and nothing that a row can say is lost.
    #[test]
    fn schemas_are_what_rows_say(schema in testing::schema(), seed in any::<u64>()) {
        // Rows carry no metadata of columns, and Arrow prints names of elements without escapes.
        let plain = |f: &&Arc<Field>| !f.data_type().is_nested();
        let fields: Vec<_> = schema.fields().iter().filter(plain).map(|f| {
            f.as_ref().clone().with_metadata(Default::default())
        }).collect();
        prop_assume!(!fields.is_empty());
        let mut rows: Vec<_> = fields.iter().enumerate().map(|(place, f)| InformationColumn {
            is_nullable: if f.is_nullable() { "YES".into() } else { "NO".into() },
            ..row("a", "t", f.name(), place as u64, &f.data_type().to_string())
        }).collect();
        let turn = usize::try_from(seed % 7).unwrap() % rows.len();
        rows.rotate_left(turn);
        let read = schemas(rows).unwrap();
        prop_assert_eq!(read[&"lake.a.t".parse().unwrap()].as_ref(), &Schema::new(fields));
    }
}

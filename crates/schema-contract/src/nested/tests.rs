use proptest::prelude::*;

use super::*;
use crate::{
    parse_type,
    testing::{self, Value},
};

fn orders() -> Schema {
    let field = |name: &str, text: &str, null| Field::new(name, parse_type(text).unwrap(), null);
    Schema::new(vec![
        field("id", "Int64", false),
        field("head", r#"Struct("customer": Utf8, "at": non-null Date32)"#, true),
        field(
            "lines",
            r#"List(Struct("id": Int8, "price": Struct("net": non-null Int64), "parts": List(Struct("part": Utf8, "n": Int8)), "tags": Map("entries": non-null Struct("k": non-null Utf8, "v": Int64), unsorted)))"#,
            true,
        ),
        field("grid", "List(non-null List(non-null Int32))", false),
    ])
}

fn show(spec: &NestedSpec) -> String {
    let access = |access: &Access| {
        let names: String = access.fields.iter().map(|name| format!(".{name}")).collect();
        format!("{}{names}", access.level)
    };
    match spec.plan(&orders()) {
        Ok(view) => {
            let levels =
                view.levels.iter().map(|l| format!("{:?} {}", l.unnest, access(&l.source)));
            let columns = view.columns.iter().map(|c| {
                let null = if c.field.is_nullable() { "" } else { " not null" };
                format!(
                    "{}: {}{null} = {}",
                    c.field.name(),
                    crate::type_text(c.field.data_type()),
                    access(&c.value)
                )
            });
            levels.chain(columns).collect::<Vec<_>>().join("\n")
        }
        Err(error) => format!("{error}; {}", error.help()),
    }
}

#[test]
fn paths_are_followed() {
    let specs = [
        NestedSpec::new(["head"]),
        NestedSpec::new(["head", "at"]),
        NestedSpec::new(["lines"]).identity(["id"]).context("customer", ["head", "customer"]),
        NestedSpec::new(["lines", "parts"]).identity(["id"]).context("line", ["lines", "id"]),
        NestedSpec::new(["lines", "tags"])
            .context("net", ["lines", "price", "net"])
            .context("key", ["id"]),
        NestedSpec::new(["lines", "price"]),
        NestedSpec::new(["lines", "tags", "value"]).identity(["id"]),
        NestedSpec::new(["grid"]).identity(["id"]),
        NestedSpec::new(["line"]),
        NestedSpec::new(["lines", "prise"]),
        NestedSpec::new(["lines", "id", "x"]),
        NestedSpec::new(["lines"]).context("part", ["lines", "parts", "part"]),
        NestedSpec::new(["lines", "parts"]).context("tag", ["lines", "tags", "key"]),
        NestedSpec::new(["lines"]).context("a", ["id"]).context("a", ["id"]),
        NestedSpec::new(["lines"]).identity(["zzz"]),
        NestedSpec::default(),
    ];
    insta::assert_snapshot!(specs.iter().map(show).collect::<Vec<_>>().join("\n--\n"));
}

/// The rows that a plan gives for one row.
fn run(view: &NestedView, row: &Value) -> Vec<Vec<Value>> {
    let mut rows = vec![vec![row.clone()]];
    for level in &view.levels {
        rows = rows
            .into_iter()
            .flat_map(|row| {
                let elements = match get(&row, &level.source) {
                    Value::List(items) => items,
                    Value::Map(entries) => entries.into_iter().map(entry).collect(),
                    _ => Vec::new(),
                };
                elements.into_iter().map(move |element| {
                    let mut row = row.clone();
                    row.push(element);
                    row
                })
            })
            .collect();
    }
    rows.iter()
        .map(|row| view.columns.iter().map(|column| get(row, &column.value)).collect())
        .collect()
}

fn entry((key, value): (Value, Value)) -> Value {
    Value::Struct(vec![("key".to_owned(), key), ("value".to_owned(), value)])
}

fn get(row: &[Value], access: &Access) -> Value {
    access.fields.iter().fold(row[access.level].clone(), |value, name| field(&value, name))
}

fn field(value: &Value, name: &str) -> Value {
    match value {
        Value::Struct(fields) => {
            fields.iter().find(|(n, _)| n == name).map_or(Value::Null, |(_, v)| v.clone())
        }
        _ => Value::Null,
    }
}

/// The values at a path, found by walking, without a plan.
fn walk(value: &Value, path: &[String]) -> Vec<Value> {
    match value {
        Value::List(items) => items.iter().flat_map(|item| walk(item, path)).collect(),
        Value::Map(entries) => {
            entries.iter().cloned().flat_map(|e| walk(&entry(e), path)).collect()
        }
        value => match path.split_first() {
            None => vec![value.clone()],
            Some((name, rest)) => walk(&field(value, name), rest),
        },
    }
}

/// Whether NULL stands for a list or map somewhere on the way, which gives no row.
fn rows_of(schema: &Schema, path: &[String], row: &Value) -> Vec<Value> {
    let mut follow = Follow::of(schema);
    path.iter().for_each(|name| follow.name(name).unwrap());
    follow.unwrap_all();
    let view = NestedView {
        levels: follow.levels,
        columns: vec![NestedColumn { value: follow.at, field: follow.field }],
    };
    run(&view, row).into_iter().map(|mut row| row.remove(0)).collect()
}

proptest! {
    /// Following any path gives the values that walking there gives; NULL in place of a list gives
    /// no row, where a walk finds the NULL itself.
    #[test]
    fn a_plan_gives_what_a_walk_finds(schema in testing::schema(), picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6), seed in any::<u64>()) {
        let mut follow = Follow::of(&schema);
        let mut path = Vec::new();
        for pick in picks {
            follow.unwrap_all();
            let DataType::Struct(fields) = plain(follow.field.data_type()).clone() else { break };
            if fields.is_empty() { break }
            let name = fields[pick.index(fields.len())].name().clone();
            follow.name(&name).unwrap();
            path.push(name);
        }
        let row = testing::value(&DataType::Struct(schema.fields().clone()), false, &mut seed.clone());
        let planned = rows_of(&schema, &path, &row);
        let found = walk(&row, &path);
        let some = |values: &[Value]| values.iter().filter(|v| **v != Value::Null).cloned().collect::<Vec<_>>();
        prop_assert_eq!(some(&planned), some(&found));
        prop_assert!(planned.len() <= found.len());
        let view = NestedSpec::new(path).plan(&schema).unwrap();
        prop_assert_eq!(run(&view, &row).len(), planned.len());
        // Names differ from one another, and a value that can be NULL says so.
        for row in run(&view, &row) {
            for (value, column) in row.iter().zip(&view.columns) {
                prop_assert!(*value != Value::Null || column.field.is_nullable() || plain(column.field.data_type()) == &DataType::Null, "{:?}", column);
            }
        }
    }
}

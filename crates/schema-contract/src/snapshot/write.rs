use std::fmt::{self, Write as _};

use arrow_schema::{DataType, Field};

use super::Snapshot;
use crate::{
    Relation, SortColumn,
    notation::{quoted, sorted},
    relation::name_text,
    type_text,
};

/// The first line of every snapshot.
pub(super) const HEADER: &str = "viewlane snapshot 1";

pub(super) fn text(snapshot: &Snapshot) -> String {
    let mut out = Out(String::from(HEADER));
    out.0.push('\n');
    for (name, relation) in &snapshot.relations {
        let parts: Vec<_> = name.parts().iter().map(|part| name_text(part)).collect();
        out.0.push('\n');
        out.line(0, format_args!("relation {}", parts.join(".")));
        out.relation(relation);
    }
    out.0
}

struct Out(String);

impl Out {
    fn line(&mut self, level: usize, text: fmt::Arguments<'_>) {
        for _ in 0..level {
            self.0.push_str("  ");
        }
        self.0.write_fmt(text).expect("a string takes everything");
        self.0.push('\n');
    }

    fn relation(&mut self, relation: &Relation) {
        let mut metadata: Vec<_> = relation.schema.metadata().iter().collect();
        metadata.sort();
        for (key, value) in metadata {
            self.line(1, format_args!("@{} = {}", quoted(key), quoted(value)));
        }
        for field in relation.schema.fields() {
            self.field(1, "column ", field);
        }
        let facts = &relation.facts;
        let names = |names: &[String]| list(names.iter().map(|name| name_text(name)));
        if let Some(columns) = &facts.key {
            self.line(1, format_args!("key{}", names(columns)));
        }
        if let Some(columns) = &facts.partition_by {
            self.line(1, format_args!("partition_by{}", names(columns)));
        }
        if let Some(columns) = &facts.sort_by {
            let columns = list(columns.iter().map(SortColumn::to_string));
            self.line(1, format_args!("sort_by{columns}"));
        }
        if let Some(constraints) = &facts.constraints {
            self.line(1, format_args!("constraints"));
            for (name, sql) in constraints {
                self.line(2, format_args!("{}: {}", name_text(name), quoted(sql)));
            }
        }
    }

    /// A field in its line, what is inside in the lines below it.
    fn field(&mut self, level: usize, prefix: &str, field: &Field) {
        use DataType as T;
        let data_type = field.data_type();
        let head = match data_type {
            T::Struct(_) => "Struct".to_owned(),
            T::List(_) => "List".to_owned(),
            T::LargeList(_) => "LargeList".to_owned(),
            T::ListView(_) => "ListView".to_owned(),
            T::LargeListView(_) => "LargeListView".to_owned(),
            T::FixedSizeList(_, size) => format!("FixedSizeList {size}"),
            T::Map(_, true) => "Map sorted".to_owned(),
            T::Map(_, false) => "Map".to_owned(),
            T::Union(_, mode) => format!("Union {mode:?}"),
            T::RunEndEncoded(..) => "RunEndEncoded".to_owned(),
            inline => type_text(inline),
        };
        let not_null = if field.is_nullable() { "" } else { " not null" };
        self.line(level, format_args!("{prefix}{}: {head}{not_null}", name_text(field.name())));
        for (key, value) in sorted(field) {
            self.line(level + 1, format_args!("@{} = {}", quoted(key), quoted(value)));
        }
        match data_type {
            T::Struct(fields) => fields.iter().for_each(|f| self.field(level + 1, "", f)),
            T::List(item)
            | T::LargeList(item)
            | T::ListView(item)
            | T::LargeListView(item)
            | T::FixedSizeList(item, _)
            | T::Map(item, _) => self.field(level + 1, "", item),
            T::RunEndEncoded(ends, values) => {
                self.field(level + 1, "", ends);
                self.field(level + 1, "", values);
            }
            T::Union(fields, _) => {
                for (id, member) in fields.iter() {
                    self.field(level + 1, &format!("{id} "), member);
                }
            }
            _ => {}
        }
    }
}

fn list(items: impl Iterator<Item = String>) -> String {
    let items: Vec<_> = items.collect();
    if items.is_empty() { String::new() } else { format!(" {}", items.join(", ")) }
}

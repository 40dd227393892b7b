use std::{collections::BTreeMap, sync::Arc};

use arrow_schema::{DataType, Field, FieldRef, Schema, UnionFields, UnionMode};
use viewlane_core::{Diagnostic, RelationName, SourceText, Span};

use super::{Snapshot, write::HEADER};
use crate::{
    Relation, SortColumn, codes,
    notation::{MAX_DEPTH, unquoted},
    parse_type,
    relation::name_and_rest,
    valid,
};

/// A line, and the lines that are indented below it.
struct Line<'a> {
    text: &'a str,
    span: Span,
    below: Vec<Line<'a>>,
}

pub(super) fn snapshot(source: &SourceText) -> Result<Snapshot, Vec<Diagnostic>> {
    let mut reader = Reader { source, found: Vec::new() };
    let mut snapshot = Snapshot::default();
    for line in reader.lines() {
        if let Some((name, relation)) = reader.relation(&line)
            && snapshot.relations.insert(name, relation).is_some()
        {
            reader.wrong(line.span, "the relation is there twice");
        }
    }
    if reader.found.is_empty() { Ok(snapshot) } else { Err(reader.found) }
}

struct Reader<'a> {
    source: &'a SourceText,
    found: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn wrong(&mut self, span: Span, message: impl AsRef<str>) {
        let found = Diagnostic::error(codes::SNAPSHOT, message.as_ref())
            .at(self.source.locate(span))
            .help("write the snapshot anew instead of editing it");
        self.found.push(found);
    }

    /// The relations, each with its lines below it.
    fn lines(&mut self) -> Vec<Line<'a>> {
        let source = self.source;
        let mut at = 0;
        let mut first = true;
        // The lines that may still get lines below them, the outermost first.
        let mut open: Vec<Line<'a>> = Vec::new();
        let mut done = Vec::new();
        let close = |open: &mut Vec<Line<'a>>, done: &mut Vec<Line<'a>>, to: usize| {
            while open.len() > to {
                if let Some(line) = open.pop() {
                    open.last_mut().map_or(&mut *done, |parent| &mut parent.below).push(line);
                }
            }
        };
        for raw in source.text().split_inclusive('\n') {
            let start = at;
            at += raw.len();
            let line = raw.trim_end_matches(['\n', '\r']);
            let text = line.trim_start_matches(' ');
            let indent = line.len() - text.len();
            let span = Span::new(start + indent, start + line.len());
            if std::mem::take(&mut first) {
                if line != HEADER {
                    self.wrong(span, format!("a snapshot starts with the line `{HEADER}`"));
                    return Vec::new();
                }
                continue;
            }
            if text.is_empty() {
                continue;
            }
            let level = indent / 2;
            if !indent.is_multiple_of(2) || level > open.len() || level > MAX_DEPTH + 2 {
                self.wrong(span, "the line is indented where nothing is above it");
                continue;
            }
            close(&mut open, &mut done, level);
            open.push(Line { text, span, below: Vec::new() });
        }
        if first {
            self.wrong(Span::new(0, 0), format!("a snapshot starts with the line `{HEADER}`"));
        }
        close(&mut open, &mut done, 0);
        done
    }

    fn relation(&mut self, line: &Line<'a>) -> Option<(RelationName, Relation)> {
        let Some(name) = line.text.strip_prefix("relation ").and_then(relation_name) else {
            self.wrong(line.span, "a line `relation` with a name is expected");
            return None;
        };
        let (mut fields, mut metadata) = (Vec::new(), BTreeMap::new());
        let (mut key, mut partition_by, mut sort_by, mut constraints) = (None, None, None, None);
        for line in &line.below {
            let (word, rest) = line.text.split_once(' ').unwrap_or((line.text, ""));
            let leaf = line.below.is_empty();
            let fits = match word {
                "column" => {
                    fields.extend(self.field(line, rest));
                    true
                }
                "key" if leaf && key.is_none() => take(&mut key, names(rest)),
                "partition_by" if leaf && partition_by.is_none() => {
                    take(&mut partition_by, names(rest))
                }
                "sort_by" if leaf && sort_by.is_none() => take(&mut sort_by, sorting(rest)),
                "constraints" if rest.is_empty() && constraints.is_none() => {
                    take(&mut constraints, self.constraints(&line.below))
                }
                _ => leaf && entry(line.text, &mut metadata),
            };
            if !fits {
                self.wrong(
                    line.span,
                    "the line says nothing that a relation has, or says it again",
                );
            }
        }
        let schema = Schema::new_with_metadata(fields, metadata.into_iter().collect());
        let mut relation = Relation::table(Arc::new(schema));
        relation.facts = crate::relation::Facts { key, partition_by, sort_by, constraints };
        Some((name, relation))
    }

    fn constraints(&mut self, lines: &[Line<'a>]) -> Option<BTreeMap<String, String>> {
        let mut read = BTreeMap::new();
        for line in lines {
            let entry = name_and_rest(line.text).and_then(|(name, rest)| {
                let (sql, rest) = unquoted(rest.strip_prefix(": ")?)?;
                (rest.is_empty() && line.below.is_empty()).then_some((name, sql))
            });
            match entry {
                Some((name, sql)) if !read.contains_key(&name) => _ = read.insert(name, sql),
                _ => self
                    .wrong(line.span, "a name of its own and a condition in quotes are expected"),
            }
        }
        Some(read)
    }

    /// A field: `text` is its line without what stands before its name.
    fn field(&mut self, line: &Line<'a>, text: &'a str) -> Option<FieldRef> {
        let Some((name, rest)) = name_and_rest(text) else {
            self.wrong(line.span, "a name is expected");
            return None;
        };
        let Some(head) = rest.strip_prefix(": ") else {
            self.wrong(line.span, "a colon and a type are expected after the name");
            return None;
        };
        let (head, nullable) = match head.strip_suffix(" not null") {
            Some(head) => (head, false),
            None => (head, true),
        };
        let mut metadata = BTreeMap::new();
        let mut below = Vec::new();
        for line in &line.below {
            if line.text.starts_with('@') {
                if !line.below.is_empty() || !entry(line.text, &mut metadata) {
                    self.wrong(line.span, "an entry of metadata has a key of its own and a text");
                }
            } else {
                below.push(line);
            }
        }
        let data_type = self.data_type(line, head, &below)?;
        if let Some(reason) = valid::why_not(&data_type) {
            self.wrong(line.span, reason);
            return None;
        }
        let field = Field::new(name, data_type, nullable);
        Some(Arc::new(field.with_metadata(metadata.into_iter().collect())))
    }

    fn data_type(&mut self, line: &Line<'a>, head: &str, below: &[&Line<'a>]) -> Option<DataType> {
        use DataType as T;
        if let Some(mode) = head.strip_prefix("Union ") {
            return self.union(line, mode, below);
        }
        let (word, size) = head.split_once(' ').unwrap_or((head, ""));
        let size = size.parse::<i32>();
        let kinds =
            ["Struct", "List", "LargeList", "ListView", "LargeListView", "Map", "RunEndEncoded"];
        let nested = kinds.contains(&head)
            || head == "Map sorted"
            || (word == "FixedSizeList" && size.is_ok());
        if !nested {
            if let Some(first) = below.first() {
                self.wrong(first.span, "the type above has nothing inside");
            }
            return match parse_type(head) {
                Ok(data_type) => Some(data_type),
                Err(error) => {
                    let wrong = error.to_diagnostic().at(self.source.locate(line.span));
                    self.found.push(wrong);
                    None
                }
            };
        }
        let before = self.found.len();
        let fields: Vec<_> = below.iter().filter_map(|line| self.field(line, line.text)).collect();
        if self.found.len() > before {
            return None;
        }
        let data_type = match (head, &fields[..]) {
            ("Struct", _) => Some(T::Struct(fields.into())),
            ("List", [item]) => Some(T::List(item.clone())),
            ("LargeList", [item]) => Some(T::LargeList(item.clone())),
            ("ListView", [item]) => Some(T::ListView(item.clone())),
            ("LargeListView", [item]) => Some(T::LargeListView(item.clone())),
            ("Map", [entries]) => Some(T::Map(entries.clone(), false)),
            ("Map sorted", [entries]) => Some(T::Map(entries.clone(), true)),
            ("RunEndEncoded", [ends, values]) => {
                Some(T::RunEndEncoded(ends.clone(), values.clone()))
            }
            (_, [item]) => size.ok().map(|size| T::FixedSizeList(item.clone(), size)),
            _ => None,
        };
        if data_type.is_none() {
            self.wrong(line.span, "the type has not as many lines below it as it has fields");
        }
        data_type
    }

    fn union(&mut self, line: &Line<'a>, mode: &str, below: &[&Line<'a>]) -> Option<DataType> {
        let mode = match mode {
            "Sparse" => UnionMode::Sparse,
            "Dense" => UnionMode::Dense,
            _ => {
                self.wrong(line.span, "a union is `Sparse` or `Dense`");
                return None;
            }
        };
        let (mut ids, mut fields) = (Vec::new(), Vec::new());
        for line in below {
            let member =
                line.text.split_once(' ').and_then(|(id, rest)| Some((id.parse().ok()?, rest)));
            let Some((id, rest)) = member else {
                self.wrong(line.span, "a number is expected before the name of a member");
                continue;
            };
            if let Some(field) = self.field(line, rest) {
                ids.push(id);
                fields.push(field);
            }
        }
        match UnionFields::try_new(ids, fields) {
            Ok(fields) => Some(DataType::Union(fields, mode)),
            Err(error) => {
                self.wrong(line.span, error.to_string());
                None
            }
        }
    }
}

fn take<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

fn relation_name(text: &str) -> Option<RelationName> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let (part, after) = name_and_rest(rest)?;
        parts.push(part);
        if after.is_empty() {
            return RelationName::from_parts(parts).ok();
        }
        rest = after.strip_prefix('.')?;
    }
}

/// `a, b`; nothing at all is no name.
fn names(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (name, after) = name_and_rest(rest)?;
        names.push(name);
        rest = if after.is_empty() { after } else { after.strip_prefix(", ")? };
    }
    Some(names)
}

/// `a, b desc nulls last`: no word after a name holds a comma.
fn sorting(text: &str) -> Option<Vec<SortColumn>> {
    let mut columns = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (_, words) = name_and_rest(rest)?;
        let start = rest.len() - words.len();
        let end = words.find(", ").map_or(rest.len(), |comma| start + comma);
        columns.push(rest[..end].parse().ok()?);
        rest = rest.get(end + 2..).unwrap_or_default();
    }
    Some(columns)
}

/// `@"key" = "value"`.
fn entry(text: &str, entries: &mut BTreeMap<String, String>) -> bool {
    let read = || {
        let (key, rest) = unquoted(text.strip_prefix('@')?)?;
        let (value, rest) = unquoted(rest.strip_prefix(" = ")?)?;
        rest.is_empty().then_some((key, value))
    };
    match read() {
        Some((key, value)) => entries.insert(key, value).is_none(),
        None => false,
    }
}

//! Contracts as files of a project: `contracts/**/*.toml`.

use std::{collections::BTreeMap, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use viewlane_core::{Code, Diagnostic, SourceText, Span};

use crate::{Column, Contract, Error, Evolution, SortColumn, codes, parse_type};

/// A key of a contract file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) takes: &'static str,
    pub(crate) about: &'static str,
}

const fn key(name: &'static str, takes: &'static str, about: &'static str) -> Key {
    Key { name, takes, about }
}

/// What a contract file holds.
pub(crate) const FILE_KEYS: [Key; 8] = [
    key("version", "a whole number", "number of the contract; grows with each change"),
    key("contract", "`strict`, `additive` or `relaxed`", "the policy; `strict` when left out"),
    key("description", "a text", "what the view is, for people"),
    key("key", "a list of columns", "what identifies a row"),
    key("partition_by", "a list of columns", "what the table is split by"),
    key("sort_by", "a list such as `[\"day desc nulls last\"]`", "what the rows are sorted by"),
    key("constraints", "a table of SQL conditions by name", "what every row meets"),
    key("columns", "tables `[[columns]]`", "the columns in their order"),
];

/// What a table `[[columns]]` holds.
pub(crate) const COLUMN_KEYS: [Key; 6] = [
    key("name", "a text", "the column; needed"),
    key("type", "a type, such as `List(Utf8)`", "the type; left to the query when left out"),
    key("not_null", "`true` or `false`", "whether NULL is refused; `false` when left out"),
    key("default", "SQL as a text", "what stands in for a value that is not given"),
    key("description", "a text", "what the column means, for people"),
    key("metadata", "a table of texts", "Arrow metadata that the column carries"),
];

/// Reads a contract from the text of a file.
///
/// # Errors
///
/// Everything that is wrong, from top to bottom, each with its place: what is not TOML, a key that
/// contract files do not have with the nearest one they have, a value its key does not take, a
/// contract that contradicts itself.
///
/// ```
/// use viewlane_core::SourceText;
/// use viewlane_schema_contract::read_contract;
///
/// let text = SourceText::new("contracts/marts/revenue.toml", r#"
/// contract = "additive"
/// key = ["id"]
///
/// [[columns]]
/// name = "id"
/// type = "Int64"
/// "#);
/// let contract = read_contract(&text).unwrap();
/// assert_eq!(contract.columns()[0].name, "id");
/// ```
pub fn read_contract(source: &SourceText) -> Result<Contract, Vec<Diagnostic>> {
    let table = DeTable::parse(source.text()).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let message = format!("the contract is not TOML: {}", error.message());
        let found = Diagnostic::error(codes::FILE_SYNTAX, message);
        vec![found.at(source.locate(to_span(span))).help("correct the marked place")]
    })?;
    let mut file = File { found: Vec::new() };
    let contract = file.contract(table.get_ref());
    let mut found = file.found;
    if found.is_empty() {
        match contract.build() {
            Ok(contract) => return Ok(contract),
            Err(error) => found.push((place_of(&error, table.get_ref()), error.to_diagnostic())),
        }
    }
    // Tables are sorted by key; people read from top to bottom.
    found.sort_by_key(|(span, _)| *span);
    Err(found.into_iter().map(|(span, wrong)| wrong.at(source.locate(span))).collect())
}

struct File {
    found: Vec<(Span, Diagnostic)>,
}

impl File {
    fn wrong(&mut self, span: Range<usize>, code: Code, message: String, help: String) {
        self.found.push((to_span(span), Diagnostic::error(code, message).help(help)));
    }

    fn contract(&mut self, table: &DeTable<'_>) -> crate::ContractBuilder {
        self.known(table, &FILE_KEYS, "a contract");
        let policy = table.get("contract").and_then(|value| {
            let text = self.text("contract", value)?;
            let policy = text.parse().ok();
            if policy.is_none() {
                let names = Evolution::ALL.map(|policy| policy.to_string());
                let near = viewlane_core::nearest(&text, names.iter().map(String::as_str));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("policies are {}", names.map(|n| format!("`{n}`")).join(", ")),
                };
                let message = format!("there is no policy `{text}`");
                self.wrong(value.span(), codes::FILE_VALUE, message, help);
            }
            policy
        });
        let mut builder = Contract::builder(policy.unwrap_or_default());
        if let Some(value) = table.get("version") {
            match value.get_ref().as_integer().map(|n| u32::from_str_radix(n.as_str(), n.radix())) {
                Some(Ok(version)) => builder = builder.version(version),
                _ => self.refuse(&FILE_KEYS[0], value),
            }
        }
        if let Some(text) = table.get("description").and_then(|v| self.text("description", v)) {
            builder = builder.description(text);
        }
        builder = builder
            .key(self.texts("key", table).into_iter().map(|(text, _)| text))
            .partition_by(self.texts("partition_by", table).into_iter().map(|(text, _)| text));
        let mut sort_by = Vec::new();
        for (text, span) in self.texts("sort_by", table) {
            match text.parse::<SortColumn>() {
                Ok(column) => sort_by.push(column),
                Err(error) => {
                    let help = "write such as `day desc nulls last`".to_owned();
                    self.wrong(span, codes::FILE_VALUE, error.to_string(), help);
                }
            }
        }
        builder = builder.sort_by(sort_by);
        for (name, sql) in self.entries("constraints", table) {
            builder = builder.constraint(name, sql);
        }
        for column in self.columns(table) {
            builder = builder.column(column);
        }
        builder
    }

    fn columns(&mut self, table: &DeTable<'_>) -> Vec<Column> {
        let Some(value) = table.get("columns") else {
            return Vec::new();
        };
        let Some(tables) = value.get_ref().as_array() else {
            self.refuse(&FILE_KEYS[7], value);
            return Vec::new();
        };
        let mut columns = Vec::new();
        for value in tables {
            match value.get_ref().as_table() {
                Some(table) => columns.extend(self.column(table, value.span())),
                None => self.refuse(&FILE_KEYS[7], value),
            }
        }
        columns
    }

    fn column(&mut self, table: &DeTable<'_>, span: Range<usize>) -> Option<Column> {
        self.known(table, &COLUMN_KEYS, "a column");
        let Some(name) = table.get("name") else {
            let message = "a column has no `name`".to_owned();
            self.wrong(span, codes::FILE_VALUE, message, "write `name = \"…\"`".to_owned());
            return None;
        };
        let mut column = Column::untyped(self.text("name", name)?);
        if let Some(value) = table.get("type") {
            match parse_type(&self.text("type", value)?) {
                Ok(data_type) => column.data_type = Some(data_type),
                Err(error) => self.found.push((to_span(value.span()), error.to_diagnostic())),
            }
        }
        if let Some(value) = table.get("not_null") {
            match value.get_ref().as_bool() {
                Some(not_null) => column.not_null = not_null,
                None => self.refuse(&COLUMN_KEYS[2], value),
            }
        }
        column.default = table.get("default").and_then(|value| self.text("default", value));
        column.description =
            table.get("description").and_then(|value| self.text("description", value));
        column.metadata = self.entries("metadata", table);
        Some(column)
    }

    fn known(&mut self, table: &DeTable<'_>, keys: &[Key], of: &str) {
        for (key, _) in table {
            let name = key.get_ref().as_ref();
            if keys.iter().any(|known| known.name == name) {
                continue;
            }
            let names = || keys.iter().map(|known| known.name);
            let help = match viewlane_core::nearest(name, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => {
                    let names: Vec<_> = names().map(|name| format!("`{name}`")).collect();
                    format!("the keys of {of} are {}", names.join(", "))
                }
            };
            let message = format!("{of} has no key `{name}`");
            self.wrong(key.span(), codes::UNKNOWN_KEY, message, help);
        }
    }

    fn text(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let text = value.get_ref().as_str().map(str::to_owned);
        if text.is_none() {
            let message = format!("`{name}` takes a text, not {}", kind(value.get_ref()));
            let help = format!("write `{name} = \"…\"`");
            self.wrong(value.span(), codes::FILE_VALUE, message, help);
        }
        text
    }

    fn texts(&mut self, name: &str, table: &DeTable<'_>) -> Vec<(String, Range<usize>)> {
        let Some(value) = table.get(name) else {
            return Vec::new();
        };
        let items = value.get_ref().as_array().map(|items| {
            let text = |item: &Spanned<DeValue<'_>>| {
                Some((item.get_ref().as_str()?.to_owned(), item.span()))
            };
            items.iter().map(text).collect::<Option<Vec<_>>>()
        });
        match items {
            Some(Some(items)) => items,
            _ => {
                let message = format!("`{name}` takes a list of texts");
                let help = format!("write `{name} = [\"…\"]`");
                self.wrong(value.span(), codes::FILE_VALUE, message, help);
                Vec::new()
            }
        }
    }

    fn entries(&mut self, name: &str, table: &DeTable<'_>) -> BTreeMap<String, String> {
        let Some(value) = table.get(name) else {
            return BTreeMap::new();
        };
        let Some(entries) = value.get_ref().as_table() else {
            let message = format!("`{name}` takes a table, not {}", kind(value.get_ref()));
            let help = format!("write `{name} = {{ a = \"…\" }}`");
            self.wrong(value.span(), codes::FILE_VALUE, message, help);
            return BTreeMap::new();
        };
        let mut read = BTreeMap::new();
        for (key, value) in entries {
            let key = key.get_ref().as_ref();
            if let Some(text) = self.text(key, value) {
                read.insert(key.to_owned(), text);
            }
        }
        read
    }

    fn refuse(&mut self, key: &Key, value: &Spanned<DeValue<'_>>) {
        let Key { name, takes, about } = key;
        let message = format!("`{name}` takes {takes}, not {}", shown(value.get_ref()));
        self.wrong(
            value.span(),
            codes::FILE_VALUE,
            message,
            format!("give `{name}` {takes}: {about}"),
        );
    }
}

/// The key of the file that a contradiction is about; the start when there is none.
fn place_of(error: &Error, table: &DeTable<'_>) -> Span {
    let key = match error {
        Error::UnknownKey(_) | Error::NamedTwice { what: "the key", .. } => "key",
        Error::UnknownColumn { what, .. } | Error::NamedTwice { what, .. } => match *what {
            "the partition" => "partition_by",
            _ => "sort_by",
        },
        _ => "columns",
    };
    let named = table.iter().find(|(name, _)| name.get_ref().as_ref() == key);
    named.map_or(Span::new(0, 0), |(name, _)| to_span(name.span()))
}

fn shown(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(number) => format!("`{number}`"),
        other => kind(other).to_owned(),
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn to_span(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

#[cfg(test)]
mod tests;

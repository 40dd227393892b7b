//! Reads tables of the project file so that no key is passed over.

use std::{collections::BTreeSet, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use viewlane_core::{Diagnostic, SourceText, Span, nearest};

use crate::{codes, failure::Located};

/// One table being read: every key is asked for by name, and what was not asked for is an error.
pub(crate) struct Reader<'a> {
    table: &'a DeTable<'a>,
    /// Where the table is, for keys that are missing.
    span: Span,
    /// What the table is called in messages, such as `[project]`.
    name: String,
    source: &'a SourceText,
    asked: BTreeSet<&'static str>,
}

pub(crate) fn span(range: Range<usize>) -> Span {
    Span::new(range.start, range.end)
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        table: &'a DeTable<'a>,
        range: Range<usize>,
        name: impl Into<String>,
        source: &'a SourceText,
    ) -> Self {
        Self { table, span: span(range), name: name.into(), source, asked: BTreeSet::new() }
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.asked.insert(key);
        self.table.get(key)
    }

    /// A text, with its place.
    pub(crate) fn string(
        &mut self,
        key: &'static str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(String, Span)> {
        let value = self.get(key)?;
        match value.get_ref().as_str() {
            Some(text) => Some((text.to_owned(), span(value.span()))),
            None => {
                found.push(self.wrong_type(key, value, "a text in quotes"));
                None
            }
        }
    }

    /// A text that must be there.
    pub(crate) fn required(
        &mut self,
        key: &'static str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(String, Span)> {
        if self.table.get(key).is_none() {
            self.asked.insert(key);
            let message = format!("{} needs `{key}`", self.name);
            found.push(
                self.source
                    .error(codes::MISSING_KEY, self.span, message)
                    .help(format!("add a line `{key} = \"…\"`")),
            );
        }
        self.string(key, found)
    }

    /// A positive number, whole or not.
    pub(crate) fn positive(
        &mut self,
        key: &'static str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(f64, Span)> {
        let value = self.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => {
                i64::from_str_radix(number.as_str(), number.radix()).ok().map(|n| n as f64)
            }
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        match number.filter(|number: &f64| number.is_finite() && *number > 0.0) {
            Some(number) => Some((number, span(value.span()))),
            None => {
                let written = &self.source.text()[value.span()];
                let message = format!("`{key}` must be a number above zero, not `{written}`");
                found.push(self.source.error(codes::BAD_VALUE, span(value.span()), message));
                None
            }
        }
    }

    /// A truth value.
    pub(crate) fn boolean(
        &mut self,
        key: &'static str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<bool> {
        let value = self.get(key)?;
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            found.push(self.wrong_type(key, value, "`true` or `false`"));
        }
        truth
    }

    /// A list of texts.
    pub(crate) fn strings(
        &mut self,
        key: &'static str,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<(String, Span)> {
        let Some(value) = self.get(key) else { return Vec::new() };
        let Some(list) = value.get_ref().as_array() else {
            found.push(self.wrong_type(key, value, "a list of texts"));
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in list.iter() {
            match item.get_ref().as_str() {
                Some(text) => texts.push((text.to_owned(), span(item.span()))),
                None => found.push(self.wrong_type(key, item, "a text in quotes")),
            }
        }
        texts
    }

    /// A table below this one.
    pub(crate) fn table(
        &mut self,
        key: &'static str,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(&'a DeTable<'a>, Range<usize>)> {
        let value = self.get(key)?;
        match value.get_ref().as_table() {
            Some(table) => Some((table, value.span())),
            None => {
                found.push(self.wrong_type(key, value, "a table"));
                None
            }
        }
    }

    /// The named tables below a table below this one, such as every `[sources.*]`.
    pub(crate) fn tables(
        &mut self,
        key: &'static str,
        found: &mut Vec<Diagnostic>,
    ) -> Vec<(String, Span, &'a DeTable<'a>, Range<usize>)> {
        let Some((table, _)) = self.table(key, found) else { return Vec::new() };
        let mut tables = Vec::new();
        for (name, value) in table.iter() {
            match value.get_ref().as_table() {
                Some(inner) => tables.push((
                    name.get_ref().to_string(),
                    span(name.span()),
                    inner,
                    value.span(),
                )),
                None => found.push(self.wrong_type(name.get_ref(), value, "a table")),
            }
        }
        tables.sort_by(|a, b| a.0.cmp(&b.0));
        tables
    }

    /// Every key that nobody asked for is an error that names the nearest one.
    pub(crate) fn finish(self, found: &mut Vec<Diagnostic>) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.asked.contains(name) {
                continue;
            }
            let message = format!("{} has no key `{name}`", self.name);
            let help = match nearest(name, self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "use one of: {}",
                    self.asked.iter().copied().collect::<Vec<_>>().join(", ")
                ),
            };
            found.push(self.source.error(codes::UNKNOWN_KEY, span(key.span()), message).help(help));
        }
    }

    fn wrong_type(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) -> Diagnostic {
        let message = format!("`{key}` must be {wanted}, this is {}", article(value.get_ref()));
        self.source.error(codes::BAD_VALUE, span(value.span()), message)
    }
}

fn article(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a truth value",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

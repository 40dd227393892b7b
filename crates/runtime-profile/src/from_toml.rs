//! From the table `[profile]` of a project file to what it says, with every problem and its place.

use toml::de::{DeTable, DeValue};
use viewlane_core::{Diagnostic, Location, SourceText, Span};

use crate::{
    Error, Knob, Origin, Preset,
    layers::{Draft, PRESET},
    options,
    profile::find,
    value::Raw,
};

/// The table within `[profile]` that sets options of the engine.
const DATAFUSION: &str = "datafusion";

pub(crate) fn read(table: &DeTable<'_>, source: &SourceText) -> (Draft, Vec<Diagnostic>) {
    let mut reader = Reader { source, draft: Draft::default(), found: Vec::new() };
    for (key, value) in table {
        let (name, key_place) = (key.get_ref().as_ref(), reader.place(key.span()));
        let value_place = reader.place(value.span());
        let set = match (name, value.get_ref()) {
            (PRESET, value) => read_preset(&raw(value))
                .map(|preset| reader.draft.preset = Some((preset, Origin::File(key_place))))
                .map_err(|error| (value_place, error)),
            (DATAFUSION, DeValue::Table(options)) => {
                reader.options("", options);
                Ok(())
            }
            (DATAFUSION, value) => Err((
                value_place,
                Error::WrongType {
                    knob: DATAFUSION,
                    accepts: "a table of options of the engine".to_owned(),
                    found: type_name(value),
                    example: "`[profile.datafusion]`".to_owned(),
                },
            )),
            (name, value) => match find(name) {
                Err(error) => Err((key_place, with_preset_in_mind(name, error))),
                Ok(knob) => reader
                    .draft
                    .set_knob(knob, &raw(value), Origin::File(key_place))
                    .map_err(|error| (value_place, error)),
            },
        };
        if let Err((place, error)) = set {
            reader.found.push(error.to_diagnostic().at(place));
        }
    }
    (reader.draft, reader.found)
}

struct Reader<'a> {
    source: &'a SourceText,
    draft: Draft,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Options by their dotted keys, whether dots are of keys or of tables.
    fn options(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = format!("{prefix}{}", key.get_ref());
            if let DeValue::Table(table) = value.get_ref() {
                self.options(&format!("{name}."), table);
                continue;
            }
            let key_place = self.place(key.span());
            let set = match options::find(&name) {
                Err(error) => Err((key_place, error)),
                Ok(option) => self
                    .draft
                    .set_option(option, &raw(value.get_ref()), Origin::File(key_place))
                    .map_err(|error| (self.place(value.span()), error)),
            };
            if let Err((place, error)) = set {
                self.found.push(error.to_diagnostic().at(place));
            }
        }
    }

    fn place(&self, range: std::ops::Range<usize>) -> Location {
        self.source.locate(Span::new(range.start, range.end))
    }
}

pub(crate) fn read_preset(raw: &Raw<'_>) -> Result<Preset, Error> {
    match raw {
        Raw::Text(name) | Raw::Untyped(name) => name.parse(),
        raw => Err(Error::WrongType {
            knob: PRESET,
            accepts: "the name of a preset".to_owned(),
            found: raw.type_name(),
            example: "`preset = \"prod\"`".to_owned(),
        }),
    }
}

/// A slip such as `presets` is nearest to a key that is no knob.
pub(crate) fn with_preset_in_mind(name: &str, error: Error) -> Error {
    let keys = Knob::all().iter().map(|knob| knob.name).chain([PRESET, DATAFUSION]);
    match error {
        Error::UnknownKnob { .. } => Error::UnknownKnob {
            name: name.to_owned(),
            nearest: viewlane_core::nearest(name, keys),
        },
        error => error,
    }
}

fn raw<'a>(value: &'a DeValue<'_>) -> Raw<'a> {
    match value {
        DeValue::String(text) => Raw::Text(text),
        DeValue::Integer(number) => Raw::Integer(number.as_str(), number.radix()),
        DeValue::Float(number) => Raw::Float(number.as_str()),
        DeValue::Boolean(value) => Raw::Boolean(*value),
        DeValue::Array(items) => {
            let texts: Option<Vec<_>> = items.iter().map(|item| item.get_ref().as_str()).collect();
            texts.map_or(Raw::Other(type_name(value)), Raw::Texts)
        }
        other => Raw::Other(type_name(other)),
    }
}

fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "an array",
        DeValue::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests;

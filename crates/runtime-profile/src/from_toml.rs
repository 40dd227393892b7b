//! From the table `[profile]` of a project file to knobs, with every problem and its place.

use std::collections::{BTreeMap, BTreeSet};

use toml::de::{DeTable, DeValue};
use viewlane_core::{Diagnostic, SourceText, Span};

use crate::{
    Error, Knob, Preset,
    knobs::Knobs,
    profile::{contradictions, find},
    value::Raw,
};

/// The key that names a preset. Not a knob: it is read before all of them.
const PRESET: &str = "preset";

pub(crate) fn overlay(
    base: &Knobs,
    table: &DeTable<'_>,
    source: &SourceText,
) -> Result<Knobs, Vec<Diagnostic>> {
    let mut found: Vec<(Span, Error)> = Vec::new();
    let mut knobs = match table.get(PRESET) {
        None => base.clone(),
        Some(value) => read_preset(value.get_ref()).map_or_else(
            |error| {
                found.push((value.span().to_span(), error));
                base.clone()
            },
            Preset::knobs,
        ),
    };

    let mut given = BTreeSet::new();
    let mut keys = BTreeMap::new();
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if name == PRESET {
            continue;
        }
        match find(name) {
            Err(error) => found.push((key.span().to_span(), with_preset_in_mind(name, error))),
            Ok(knob) => {
                keys.insert(knob.name, key.span().to_span());
                match knob.set(&mut knobs, &raw(value.get_ref())) {
                    Ok(()) => _ = given.insert(knob.name),
                    Err(error) => found.push((value.span().to_span(), error)),
                }
            }
        }
    }
    for error in contradictions(&knobs, &given) {
        if let Error::Contradiction { knob, .. } = &error {
            found.push((keys[knob], error));
        }
    }

    if found.is_empty() {
        return Ok(knobs);
    }
    // The table is sorted by key; people read from top to bottom.
    found.sort_by_key(|(span, _)| *span);
    Err(found
        .into_iter()
        .map(|(span, error)| error.to_diagnostic().at(source.locate(span)))
        .collect())
}

fn read_preset(value: &DeValue<'_>) -> Result<Preset, Error> {
    match value.as_str() {
        Some(name) => name.parse(),
        None => Err(Error::WrongType {
            knob: PRESET,
            accepts: "the name of a preset",
            found: type_name(value),
            example: "`preset = \"prod\"`".to_owned(),
        }),
    }
}

/// A slip such as `presets` is nearest to a key that is no knob.
fn with_preset_in_mind(name: &str, error: Error) -> Error {
    let keys = Knob::all().iter().map(|knob| knob.name).chain([PRESET]);
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
        DeValue::Boolean(value) => Raw::Boolean(*value),
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

trait ToSpan {
    fn to_span(self) -> Span;
}

impl ToSpan for std::ops::Range<usize> {
    fn to_span(self) -> Span {
        Span::new(self.start, self.end)
    }
}

#[cfg(test)]
mod tests;

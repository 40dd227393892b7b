//! Which tables are read and written at all, by what their protocol asks for.
//!
//! The tables below are the whole truth: a feature that is not in them is refused by its name
//! before anything is read or written, whatever the library underneath would do.

use deltalake::{DeltaTable, kernel::Protocol};
use serde_json::Value;
use viewlane_core::{PortError, TableLocation};

use crate::codes;

/// Reader features whose tables are read right.
pub(crate) const READS: &[&str] =
    &["columnMapping", "deletionVectors", "timestampNtz", "v2Checkpoint"];

/// Writer features whose rules are kept when writing.
pub(crate) const WRITES: &[&str] = &[
    "appendOnly",
    "changeDataFeed",
    "checkConstraints",
    "deletionVectors",
    "generatedColumns",
    "invariants",
    "timestampNtz",
    "v2Checkpoint",
];

/// Features that each writer version before features implied.
const IMPLIED: &[(i64, &str)] = &[
    (2, "appendOnly"),
    (2, "invariants"),
    (3, "checkConstraints"),
    (4, "changeDataFeed"),
    (4, "generatedColumns"),
    (5, "columnMapping"),
    (6, "identityColumns"),
];

/// The writer version that has features instead of implying them.
const FEATURES_SINCE: i64 = 7;

/// What a protocol asks for.
pub(crate) struct Asked {
    reader: i64,
    writer: i64,
    pub(crate) readers: Vec<String>,
    pub(crate) writers: Vec<String>,
}

impl Asked {
    pub(crate) fn of(protocol: &Protocol) -> Result<Self, serde_json::Error> {
        serde_json::to_value(protocol).map(|value| Self::of_json(&value))
    }

    fn of_json(value: &Value) -> Self {
        let version = |key: &str| value.get(key).and_then(Value::as_i64).unwrap_or(1);
        let names = |key: &str| -> Vec<String> {
            let list = value.get(key).and_then(Value::as_array);
            list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let (reader, writer) = (version("minReaderVersion"), version("minWriterVersion"));
        let (mut readers, mut writers) = (names("readerFeatures"), names("writerFeatures"));
        if reader == 2 {
            readers.push("columnMapping".to_owned());
        }
        if writer < FEATURES_SINCE {
            let implied = IMPLIED.iter().filter(|(since, _)| *since <= writer);
            writers.extend(implied.map(|(_, name)| (*name).to_owned()));
        }
        Self { reader, writer, readers, writers }
    }
}

/// Refuses a table that could not even be loaded, by what its log asks for.
pub(crate) fn loadable(protocol: &Value, location: &TableLocation) -> Result<(), PortError> {
    let asked = Asked::of_json(protocol);
    refuse(location, "read", ("reader", asked.reader, 3), &asked.readers, READS)
}

/// Refuses a table that would not be read right.
pub(crate) fn readable(table: &DeltaTable, location: &TableLocation) -> Result<(), PortError> {
    let asked = asked(table, location)?;
    refuse(location, "read", ("reader", asked.reader, 3), &asked.readers, READS)
}

/// Refuses a table whose rules would not be kept.
///
/// A legacy writer version implies features that a table need not use; those are judged by whether
/// it does.
pub(crate) fn writable(table: &DeltaTable, location: &TableLocation) -> Result<(), PortError> {
    readable(table, location)?;
    let asked = asked(table, location)?;
    let read = |error| crate::store::read_error(location, error);
    let snapshot = table.snapshot().map_err(read)?;
    let mapped = snapshot.metadata().configuration().get("delta.columnMapping.mode");
    let mapped = mapped.is_some_and(|mode| mode != "none");
    let identity = snapshot
        .schema()
        .fields()
        .any(|field| field.metadata().keys().any(|key| key.starts_with("delta.identity.")));
    let legacy = asked.writer < FEATURES_SINCE;
    let used = asked.writers.into_iter().filter(|name| match name.as_str() {
        "columnMapping" => mapped || !legacy,
        "identityColumns" => identity || !legacy,
        _ => true,
    });
    let used: Vec<_> = used.collect();
    refuse(location, "written", ("writer", asked.writer, FEATURES_SINCE), &used, WRITES)
}

fn asked(table: &DeltaTable, location: &TableLocation) -> Result<Asked, PortError> {
    let snapshot = table.snapshot().map_err(|error| crate::store::read_error(location, error))?;
    Asked::of(snapshot.protocol()).map_err(|error| {
        let what = format!("the protocol of `{location}` cannot be understood");
        PortError::with_source(codes::PROTOCOL, what, error)
    })
}

fn refuse(
    location: &TableLocation,
    done: &str,
    (kind, version, newest): (&str, i64, i64),
    features: &[String],
    known: &[&str],
) -> Result<(), PortError> {
    if version > newest {
        let what = format!(
            "the table at `{location}` cannot be {done}: it needs {kind} version {version}, and \
             this build knows {newest}"
        );
        return Err(PortError::new(codes::PROTOCOL, what));
    }
    let mut unknown: Vec<_> =
        features.iter().map(String::as_str).filter(|name| !known.contains(name)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    unknown.sort_unstable();
    unknown.dedup();
    let what = format!(
        "the table at `{location}` cannot be {done}: it needs the {kind} feature `{}`",
        unknown.join("`, `")
    );
    Err(PortError::new(codes::PROTOCOL, what))
}

#[cfg(test)]
mod tests;

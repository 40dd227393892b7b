//! Reads what commits say about themselves, straight from the JSON entries of the log.
//!
//! Loading a snapshot replays the whole log; deciding that nothing is to be done needs its newest
//! entry only, because each of our commits carries the complete record. The store of the table is
//! all that is asked, so it works wherever tables are.

use std::collections::BTreeMap;

use deltalake::{ObjectStoreError, Path, logstore::LogStoreRef};
use futures::TryStreamExt;
use object_store::ObjectStoreExt;
use serde_json::{Map, Value};
use viewlane_core::{CommitRecord, DatasetState, HistoryEntry, PortError, TableLocation};

use crate::codes;

/// Prefix of every key that a refresh adds to `commitInfo`.
pub(crate) const PREFIX: &str = "viewlane.";
/// Key under which a commit that is no refresh says which run made it.
pub(crate) const RUN: &str = "viewlane-operation.run_id";
/// Key of what tells one attempt to commit from every other, whoever makes it.
pub(crate) const COMMIT: &str = "viewlane-operation.commit_id";
/// Owner mark in the folder of a table that is being created. Hidden files are none of Delta's.
pub(crate) const OWNER_FILE: &str = "_viewlane_owner";

/// What the identity of a fence ends with.
pub(crate) const FENCE_MARK: &str = "#gen";

/// Identity of the fence transaction of an owner, `<project>/<view>`.
pub(crate) fn fence_id(owner: &str) -> String {
    format!("{owner}{FENCE_MARK}")
}

/// Identity of the cursor transaction of one source of a view.
pub(crate) fn cursor_id(project: &str, relation: &str, table_id: &str) -> String {
    format!("{project}/{relation}/{table_id}")
}

/// The newest state of a table, from its log alone.
pub(crate) async fn state(
    log_store: &LogStoreRef,
    location: &TableLocation,
    owner: &str,
) -> Result<Option<DatasetState>, PortError> {
    let Some(version) = newest_version(log_store, location).await? else {
        return absent(log_store, location, owner).await.map(|()| None);
    };
    let fence = fence_id(owner);
    // Ours is nearly always the newest entry; after maintenance by another tool it is further back.
    let mut table_id = None;
    let mut record = None;
    let mut generation = None;
    let mut changed_since = false;
    for at in (0..=version).rev() {
        let Some(entry) = read_entry(log_store, location, at).await? else { break };
        table_id = table_id.or(entry.table_id);
        if record.is_none() {
            generation = generation.or_else(|| entry.txns.get(&fence).copied());
            changed_since |= entry.record.is_none() && entry.changes_data;
            record = entry.record.map(|record| (at, record));
        }
        if record.is_some() && table_id.is_some() {
            break;
        }
    }
    // What the entries no longer tell, because they were cleaned away, a checkpoint still knows.
    let (Some(table_id), Some(record)) = (table_id, record) else {
        return Err(needs_snapshot(location));
    };
    let generation = generation.or(Some(record.1.generation));
    Ok(Some(DatasetState { table_id, version, record: Some(record), generation, changed_since }))
}

/// The newest versions, newest first.
pub(crate) async fn history(
    log_store: &LogStoreRef,
    location: &TableLocation,
    most: usize,
) -> Result<Option<Vec<HistoryEntry>>, PortError> {
    let Some(newest) = newest_version(log_store, location).await? else { return Ok(None) };
    let mut history = Vec::new();
    for version in (0..=newest).rev().take(most) {
        let Some(entry) = read_entry(log_store, location, version).await? else { break };
        let Entry { mut record, changes_data, at, engine, operation, files, .. } = entry;
        if let Some(record) = &mut record {
            record.body.clear();
        }
        let (files_added, files_removed) = files;
        history.push(HistoryEntry {
            version,
            at,
            operation,
            engine,
            files_added,
            files_removed,
            changes_data,
            record,
        });
    }
    Ok(Some(history))
}

/// Signals that the log's entries do not go back far enough; see [`is_needs_snapshot`].
fn needs_snapshot(location: &TableLocation) -> PortError {
    PortError::new(codes::RECORD, format!("{NEEDS_SNAPSHOT} `{location}`"))
}

const NEEDS_SNAPSHOT: &str = "the log entries do not name the table at";

/// Whether an error of [`state`] only means that a snapshot has to be loaded instead.
pub(crate) fn is_needs_snapshot(error: &PortError) -> bool {
    error.to_string().starts_with(NEEDS_SNAPSHOT)
}

/// Nothing is there, or only what a killed creation by the same owner left.
async fn absent(
    log_store: &LogStoreRef,
    location: &TableLocation,
    owner: &str,
) -> Result<(), PortError> {
    let not_a_table = |what: String| {
        Err(PortError::new(
            codes::NOT_A_TABLE,
            format!("`{location}` holds no Delta table: {what}"),
        ))
    };
    if is_file(log_store) {
        return not_a_table("it is a file".to_owned());
    }
    let store = log_store.object_store(None);
    match store.get(&Path::from(OWNER_FILE)).await {
        Ok(found) => {
            let found = found.bytes().await.map_err(|error| read_error(location, error))?;
            return match String::from_utf8_lossy(&found) {
                found if found == owner => Ok(()),
                found => not_a_table(format!("`{found}` is creating one there")),
            };
        }
        Err(ObjectStoreError::NotFound { .. }) => {}
        Err(error) => return Err(read_error(location, error)),
    }
    let inside = match store.list_with_delimiter(None).await {
        Ok(inside) => inside,
        Err(ObjectStoreError::NotFound { .. }) => return Ok(()),
        Err(error) => return Err(read_error(location, error)),
    };
    let files = inside.objects.into_iter().map(|file| file.location);
    for path in inside.common_prefixes.into_iter().chain(files) {
        // A creation killed before its mark got its name left no more than this.
        if !path.filename().is_some_and(|name| name.starts_with(OWNER_FILE)) {
            return not_a_table(format!("it holds `{path}`"));
        }
    }
    Ok(())
}

/// Whether a file of the local disk is where the folder of a table should be.
fn is_file(log_store: &LogStoreRef) -> bool {
    let root = log_store.root_url();
    // With its closing slash the path would be one of a folder.
    let path = root.to_file_path().unwrap_or_default();
    root.scheme() == "file" && path.components().as_path().is_file()
}

/// Leaves the mark by which a killed creation is recognised.
pub(crate) async fn mark_owner(
    log_store: &LogStoreRef,
    location: &TableLocation,
    owner: &str,
) -> Result<(), PortError> {
    let mark = log_store.object_store(None);
    mark.put(&Path::from(OWNER_FILE), owner.to_owned().into()).await.map_err(|error| {
        PortError::with_source(codes::WRITE, format!("cannot create `{location}`"), error)
    })?;
    Ok(())
}

/// The newest version that the log has an entry of; `None` without any.
pub(crate) async fn newest_version(
    log_store: &LogStoreRef,
    location: &TableLocation,
) -> Result<Option<u64>, PortError> {
    if is_file(log_store) {
        return Ok(None);
    }
    let store = log_store.object_store(None);
    let folder = log_store.log_path();
    // A hint only: entries before a checkpoint need not be listed.
    let hint = last_checkpoint(log_store).await.unwrap_or_default().unwrap_or(0);
    for since in if hint > 0 { vec![hint, 0] } else { vec![0] } {
        let entries = match since {
            0 => store.list(Some(folder)),
            since => {
                store.list_with_offset(Some(folder), &folder.clone().join(format!("{since:020}")))
            }
        };
        let versions = entries.try_filter_map(async |entry| {
            let own = entry.location.prefix_match(folder).map(Iterator::count) == Some(1);
            Ok(entry.location.filename().filter(|_| own).and_then(version_of))
        });
        let newest = versions.try_fold(None, async |newest, version| Ok(Some(version).max(newest)));
        match newest.await {
            Ok(None) => {}
            Ok(newest) => return Ok(newest),
            Err(ObjectStoreError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(read_error(location, error)),
        }
    }
    Ok(None)
}

/// The version of the newest checkpoint, by the hint that its writer leaves. A hint that cannot be
/// read is none.
pub(crate) async fn last_checkpoint(
    log_store: &LogStoreRef,
) -> Result<Option<u64>, ObjectStoreError> {
    let hint = log_store.log_path().clone().join("_last_checkpoint");
    match log_store.object_store(None).get(&hint).await {
        Ok(found) => {
            let hint: Value = serde_json::from_slice(&found.bytes().await?).unwrap_or_default();
            Ok(hint.get("version").and_then(Value::as_u64))
        }
        Err(ObjectStoreError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The newest protocol that the entries of the log tell of, which is the one of the table.
pub(crate) async fn protocol(
    log_store: &LogStoreRef,
    location: &TableLocation,
    newest: u64,
) -> Result<Option<Value>, PortError> {
    for version in (0..=newest).rev() {
        let Some(bytes) = entry_bytes(log_store, location, version).await? else { break };
        let lines = bytes.split(|byte| *byte == b'\n');
        let actions = lines.filter_map(|line| serde_json::from_slice::<Value>(line).ok());
        let mut protocols = actions.filter_map(|action| action.get("protocol").cloned());
        if let Some(protocol) = protocols.next() {
            return Ok(Some(protocol));
        }
    }
    Ok(None)
}

/// The version of a log entry by its file name: twenty digits and `.json`.
fn version_of(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".json")?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten()
}

fn read_error(location: &TableLocation, error: ObjectStoreError) -> PortError {
    PortError::with_source(codes::READ, format!("cannot read the log of `{location}`"), error)
}

/// What one log entry tells.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    /// Identity of the table, when the entry names it: by its metadata, or by our record.
    pub(crate) table_id: Option<String>,
    /// Our record, when the entry is ours.
    pub(crate) record: Option<CommitRecord>,
    /// Whether it adds or removes rows; an OPTIMIZE does not.
    pub(crate) changes_data: bool,
    /// When it was made, by what and as what, as its writer says.
    pub(crate) at: Option<i64>,
    pub(crate) engine: Option<String>,
    pub(crate) operation: Option<String>,
    /// Files that came and went.
    pub(crate) files: (u64, u64),
    /// What it says to have consumed, and its fences.
    pub(crate) txns: BTreeMap<String, i64>,
    /// The attempt that made it, where it is one of ours.
    pub(crate) commit_id: Option<String>,
}

/// The bytes of a log entry, if it is there.
pub(crate) async fn entry_bytes(
    log_store: &LogStoreRef,
    location: &TableLocation,
    version: u64,
) -> Result<Option<bytes::Bytes>, PortError> {
    let bytes = log_store.read_commit_entry(version).await;
    bytes.map_err(|error| crate::store::read_error(location, error))
}

/// What one log entry tells, if the entry is there.
pub(crate) async fn read_entry(
    log_store: &LogStoreRef,
    location: &TableLocation,
    version: u64,
) -> Result<Option<Entry>, PortError> {
    let bytes = entry_bytes(log_store, location, version).await?;
    bytes.map(|bytes| parse_entry(&bytes, location, version)).transpose()
}

/// The actions of an entry that matter here. Unknown actions, and the many `add` and `remove`
/// lines, are passed over without building them.
#[derive(serde::Deserialize)]
struct Action {
    #[serde(rename = "commitInfo")]
    commit_info: Option<Map<String, Value>>,
    #[serde(rename = "metaData")]
    metadata: Option<Metadata>,
    txn: Option<Txn>,
    add: Option<DataFile>,
    remove: Option<DataFile>,
}

/// A file that came or went.
#[derive(serde::Deserialize)]
struct DataFile {
    #[serde(rename = "dataChange")]
    data_change: bool,
}

#[derive(serde::Deserialize)]
struct Metadata {
    id: String,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Txn {
    app_id: String,
    version: i64,
}

/// Reads an entry. A record of ours counts only if the transactions of the same entry say the same:
/// a record that was copied into another commit, or half of one, is an error and never a guess.
pub(crate) fn parse_entry(
    bytes: &[u8],
    location: &TableLocation,
    version: u64,
) -> Result<Entry, PortError> {
    let broken = |why: String| {
        PortError::new(
            codes::RECORD,
            format!("version {version} of `{location}` has a record that cannot be used: {why}"),
        )
    };
    let mut entry = Entry::default();
    let mut info = None;
    for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        // Lines of files are long and many; they begin with the name of their action.
        if line.starts_with(b"{\"add\"") || line.starts_with(b"{\"remove\"") {
            // Anything but a plain no counts as a yes, however a writer spaces it.
            const SAME: &[u8] = b"\"dataChange\":false";
            match line.starts_with(b"{\"add\"") {
                true => entry.files.0 += 1,
                false => entry.files.1 += 1,
            }
            entry.changes_data |= !line.windows(SAME.len()).any(|window| window == SAME);
            continue;
        }
        let action: Action =
            serde_json::from_slice(line).map_err(|error| broken(error.to_string()))?;
        // Files on lines that do not begin as most writers begin them.
        entry.files.0 += u64::from(action.add.is_some());
        entry.files.1 += u64::from(action.remove.is_some());
        entry.changes_data |= action.add.into_iter().chain(action.remove).any(|f| f.data_change);
        if let Some(metadata) = action.metadata {
            entry.table_id = Some(metadata.id);
        }
        if let Some(txn) = action.txn {
            entry.txns.insert(txn.app_id, txn.version);
        }
        info = info.or(action.commit_info);
    }
    let Some(info) = info else { return Ok(entry) };
    let text = |key: &str| info.get(key).and_then(Value::as_str).map(str::to_owned);
    entry.at = info.get("timestamp").and_then(Value::as_i64);
    entry.operation = text("operation");
    entry.engine = text("engineInfo").or_else(|| text("clientVersion"));
    entry.commit_id = text(COMMIT);
    let mut ours: Map<String, Value> = info
        .into_iter()
        .filter_map(|(key, value)| Some((key.strip_prefix(PREFIX)?.to_owned(), value)))
        .collect();
    if ours.is_empty() {
        return Ok(entry);
    }
    if let Some(Value::String(id)) = ours.remove("table_id") {
        entry.table_id.get_or_insert(id);
    }
    let record: CommitRecord =
        serde_json::from_value(Value::Object(ours)).map_err(|error| broken(error.to_string()))?;
    let relation = record.relation.to_string();
    let expected = record
        .sources
        .iter()
        .map(|source| {
            let version = i64::try_from(source.to).unwrap_or(i64::MAX);
            (cursor_id(&record.project, &relation, &source.table_id), version)
        })
        .chain([(fence_id(&format!("{}/{relation}", record.project)), record.generation)]);
    for (app_id, version) in expected {
        if entry.txns.get(&app_id) != Some(&version) {
            return Err(broken(format!("transaction `{app_id}` is not at {version}")));
        }
    }
    entry.record = Some(record);
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer may space its entries as it likes; to miss a change would leave views stale.
    #[test]
    fn a_change_of_rows_is_seen_however_the_entry_is_written() {
        let told = |line: &str| {
            let entry = parse_entry(line.as_bytes(), &TableLocation::new("t"), 1).unwrap();
            (entry.changes_data, entry.files)
        };
        for changes in [true, false] {
            assert_eq!(
                told(&format!(r#"{{"add":{{"path":"a","dataChange":{changes}}}}}"#)),
                (changes, (1, 0))
            );
            assert_eq!(
                told(&format!(r#"{{ "remove" : {{"path":"a", "dataChange" : {changes} }} }}"#)),
                (changes, (0, 1))
            );
        }
        // Not known to leave the rows alone.
        assert_eq!(told(r#"{"add":{"path":"a","dataChange" : true}}"#), (true, (1, 0)));
        assert_eq!(told(r#"{"txn":{"appId":"a","version":1}}"#), (false, (0, 0)));
    }
}

//! The log between two versions.

use deltalake::{
    DeltaTableError,
    kernel::{Action, Add, AddCDCFile, Remove},
    logstore::{LogStoreRef, get_actions},
};

/// One commit, as far as changes are concerned.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) version: u64,
    pub(super) adds: Vec<Add>,
    pub(super) removes: Vec<Remove>,
    pub(super) feed: Vec<AddCDCFile>,
    /// The configuration that it sets says that a feed is recorded from here on, or no longer.
    pub(super) records_feed: Option<bool>,
    pub(super) operation: Option<String>,
    pub(super) engine: Option<String>,
}

/// The commits after the first version of a range, up to its last.
#[derive(Debug)]
pub(super) struct Entries(pub(super) Vec<Entry>);

impl Entries {
    /// `None` if not all of them are there.
    pub(super) async fn read(
        log_store: &LogStoreRef,
        from: u64,
        to: u64,
    ) -> Result<Option<Self>, DeltaTableError> {
        let mut entries = Vec::new();
        for version in from + 1..=to {
            let Some(bytes) = log_store.read_commit_entry(version).await? else {
                return Ok(None);
            };
            entries.push(Entry::new(version, get_actions(version, &bytes)?));
        }
        Ok(Some(Self(entries)))
    }
}

impl Entry {
    fn new(version: u64, actions: Vec<Action>) -> Self {
        let mut entry = Self {
            version,
            adds: Vec::new(),
            removes: Vec::new(),
            feed: Vec::new(),
            records_feed: None,
            operation: None,
            engine: None,
        };
        for action in actions {
            match action {
                Action::Add(add) => entry.adds.push(add),
                Action::Remove(remove) => entry.removes.push(remove),
                Action::Cdc(file) => entry.feed.push(file),
                Action::Metadata(metadata) => {
                    let on = metadata.configuration().get("delta.enableChangeDataFeed");
                    entry.records_feed =
                        Some(on.is_some_and(|value| value.eq_ignore_ascii_case("true")));
                }
                Action::CommitInfo(info) => {
                    entry.operation = info.operation;
                    entry.engine = info.engine_info.or_else(|| {
                        let version = info.info.get("clientVersion")?;
                        version.as_str().map(str::to_owned)
                    });
                }
                Action::Protocol(_) | Action::Txn(_) | Action::DomainMetadata(_) => {}
            }
        }
        entry
    }

    /// Whether the commit is the given operation of delta-rs.
    pub(super) fn is_delta_rs(&self, operation: &str) -> bool {
        self.is(operation)
            && self.engine.as_deref().is_none_or(|engine| engine.starts_with("delta-rs"))
    }

    pub(super) fn is(&self, operation: &str) -> bool {
        self.operation.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(operation))
    }
}

//! The one way in which a commit is made.
//!
//! What a commit says about itself is decided before anything is written ([`Ticket`]). It is held
//! against the snapshot that the commit is built on ([`Ticket::check`]); whatever then makes the
//! commit, an operation of delta-rs or actions of our own, does it on that very snapshot and with
//! the properties of the [`Pass`]; and what came of it is read back from the log
//! ([`Pass::settle`]), which alone knows.

use std::collections::BTreeMap;

use deltalake::{
    DeltaTable, DeltaTableError,
    kernel::{
        Transaction,
        transaction::{CommitProperties, TransactionError},
    },
    logstore::LogStoreRef,
};
use serde_json::{Value, json};
use viewlane_core::{
    CommitIntent, CommitOutcome, CommitReceipt, CommitRecord, PortError, SkipReason, TableLocation,
    WriteCounts,
};

use crate::{
    codes, log,
    operation::{ConsumedStep, OperationIntent},
    store::read_error,
};

/// How often a log entry that cannot be read is asked for again before its fate counts as unknown.
const READ_BACK: usize = 3;
/// Prefixes of `commitInfo` keys that are not for callers.
const OWN_PREFIXES: [&str; 4] = ["viewlane", "viewlane-operation", "delta", "operation"];

/// All that one commit is to say about itself.
pub(crate) struct Ticket {
    /// Identity of the fence: of all that its owner commits, one thing at a time.
    fence: String,
    run_id: String,
    consumed: Vec<Consumed>,
    about: About,
}

/// What a commit takes from one source.
struct Consumed {
    app_id: String,
    step: ConsumedStep,
}

enum About {
    /// The record of a refresh.
    Refresh(Box<CommitIntent>, WriteCounts),
    /// Keys of the caller.
    Operation(BTreeMap<String, Value>),
}

impl Ticket {
    /// The ticket of a refresh. One that replaces the whole content may be repeated; one that adds
    /// to it must start where the table is.
    pub(crate) fn of_refresh(intent: CommitIntent, counts: &WriteCounts, replaces: bool) -> Self {
        let relation = intent.relation.to_string();
        let consumed = intent.sources.iter().map(|source| {
            let step = match replaces {
                true => ConsumedStep::Restart { to: source.to },
                false => ConsumedStep::Advance { from: source.from, to: source.to },
            };
            Consumed { app_id: log::cursor_id(&intent.project, &relation, &source.table_id), step }
        });
        Self {
            fence: log::fence_id(&format!("{}/{relation}", intent.project)),
            run_id: intent.run_id.clone(),
            consumed: consumed.collect(),
            about: About::Refresh(Box::new(intent), counts.clone()),
        }
    }

    /// The ticket of any other commit.
    pub(crate) fn of_operation(intent: OperationIntent) -> Result<Self, PortError> {
        let OperationIntent { owner, run_id, consumed, metadata } = intent;
        for key in metadata.keys() {
            let refuse = |why: &str| {
                let message = format!("`{key}` cannot be a key of commit metadata: {why}");
                Err(PortError::new(codes::METADATA_KEY, message))
            };
            match key.split_once('.') {
                None => return refuse("write it with a prefix of your own, as in `team.key`"),
                Some((prefix, name)) if prefix.is_empty() || name.is_empty() => {
                    return refuse("prefix and name must not be empty");
                }
                Some((prefix, _)) if OWN_PREFIXES.contains(&prefix) => {
                    return refuse("the prefix is reserved");
                }
                Some(_) => {}
            }
        }
        let consumed = consumed
            .into_iter()
            .map(|(source, step)| Consumed { app_id: format!("{owner}/{source}"), step });
        Ok(Self {
            fence: log::fence_id(&owner),
            run_id,
            consumed: consumed.collect(),
            about: About::Operation(metadata),
        })
    }

    /// Holds the ticket against the snapshot that the commit will be built on; `None` is a table
    /// that does not exist.
    pub(crate) async fn check(
        self,
        table: Option<&DeltaTable>,
        location: &TableLocation,
    ) -> Result<Result<Pass, CommitOutcome>, PortError> {
        let known = |app_id: String| async move {
            let Some(table) = table else { return Ok(None) };
            let read = |error| read_error(location, error);
            let snapshot = table.snapshot().map_err(read)?;
            let version = snapshot.transaction_version(&table.log_store(), app_id).await;
            version.map_err(read)
        };
        let base = table.and_then(DeltaTable::version);
        let (mut advances, mut reached, mut astray) = (0, 0, None);
        for Consumed { app_id, step } in &self.consumed {
            let ConsumedStep::Advance { from, to } = step else { continue };
            advances += 1;
            // What was taken back by a restore is written as a version before the first.
            let stored = known(app_id.clone()).await?.and_then(|stored| u64::try_from(stored).ok());
            if stored >= Some(*to) {
                reached += 1;
            } else if stored != *from {
                let told = |version: Option<u64>| {
                    version.map_or("nothing".to_owned(), |version| format!("version {version}"))
                };
                astray = Some(format!(
                    "the table has consumed {} of `{app_id}`, and the commit starts from {}",
                    told(stored),
                    told(*from)
                ));
            }
        }
        if let Some(version) = base
            && advances > 0
            && reached == advances
        {
            let because = SkipReason::AlreadyCommitted;
            return Ok(Err(CommitOutcome::Skipped { version, because }));
        }
        if let Some(detail) = astray {
            return Ok(Err(CommitOutcome::Conflict { detail }));
        }
        let generation = known(self.fence.clone()).await?.unwrap_or(0) + 1;
        let table_id = match table {
            None => None,
            Some(table) => {
                let snapshot = table.snapshot().map_err(|error| read_error(location, error))?;
                Some(snapshot.metadata().id().to_owned())
            }
        };
        self.pass(generation, base, table_id).map(Ok)
    }

    fn pass(
        self,
        generation: i64,
        base: Option<u64>,
        table_id: Option<String>,
    ) -> Result<Pass, PortError> {
        let has_news = !self.consumed.is_empty();
        // No `lastUpdated`: an entry without it never expires.
        let consumed = self.consumed.into_iter().map(|consumed| {
            let (ConsumedStep::Advance { to, .. } | ConsumedStep::Restart { to }) = consumed.step;
            Transaction::new(consumed.app_id, i64::try_from(to).unwrap_or(i64::MAX))
        });
        let fence = Transaction::new(self.fence.clone(), generation);
        let (mut metadata, rows): (Vec<_>, _) = match self.about {
            About::Refresh(intent, counts) => {
                let record = CommitRecord::new(*intent, generation, &counts);
                (record_keys(&record, table_id.as_deref())?, Some(counts.rows))
            }
            About::Operation(mut keys) => {
                keys.insert(log::RUN.to_owned(), json!(self.run_id));
                (keys.into_iter().collect(), None)
            }
        };
        // Of writers that race, each must know its own entry, even if they are of one run.
        let commit_id = uuid::Uuid::new_v4().simple().to_string();
        metadata.push((log::COMMIT.to_owned(), json!(commit_id)));
        let transactions = consumed.chain([fence]).collect();
        let properties = CommitProperties::default()
            .with_metadata(metadata)
            .with_application_transactions(transactions)
            // A commit that finds the table moved must not be rebased: what it says rests on its
            // own snapshot.
            .with_max_retries(0);
        Ok(Pass { commit_id, base, table_id, rows, has_news, properties })
    }
}

/// Leave to make one commit on one snapshot.
pub(crate) struct Pass {
    /// What tells this attempt from every other.
    commit_id: String,
    /// The version of the snapshot.
    pub(crate) base: Option<u64>,
    table_id: Option<String>,
    /// Rows, where they were counted already.
    rows: Option<u64>,
    /// Whether the commit is worth making even if it leaves the rows as they are.
    pub(crate) has_news: bool,
    pub(crate) properties: CommitProperties,
}

impl Pass {
    /// Further transactions of the commit.
    pub(crate) fn also(&mut self, transactions: Vec<Transaction>) {
        let mut properties = std::mem::take(&mut self.properties);
        for transaction in transactions {
            properties = properties.with_application_transaction(transaction);
        }
        self.properties = properties;
    }

    /// What came of the attempt to make the commit.
    ///
    /// An error says little: the entry may be durable all the same, because what runs after it,
    /// such as writing a checkpoint, fails with an error too, and because a request whose answer
    /// was lost and that was sent again meets its own entry. So the log is asked in any case.
    pub(crate) async fn settle(
        self,
        log_store: &LogStoreRef,
        location: &TableLocation,
        attempt: Result<(), DeltaTableError>,
    ) -> Result<CommitOutcome, PortError> {
        let next = self.base.map_or(0, |base| base + 1);
        let found = self.read_back(log_store, location, next).await;
        let committed = |tally: Tally, warning: Option<String>| {
            let table_id = self.table_id.clone().or(tally.table_id).unwrap_or_default();
            CommitOutcome::Committed(CommitReceipt {
                version: tally.version,
                table_id,
                rows: self.rows.unwrap_or(tally.rows),
                bytes: tally.bytes,
                files: tally.files,
                files_removed: tally.files_removed,
                warning,
            })
        };
        let failed = |error: DeltaTableError, what: &str| {
            let message = format!("cannot commit to `{location}`{what}");
            Err(PortError::with_source(codes::COMMIT, message, error))
        };
        match (attempt, found) {
            (Ok(()), Ok(Some(tally))) => Ok(committed(tally, None)),
            (Err(error), Ok(Some(tally))) => Ok(committed(tally, Some(error.to_string()))),
            (Ok(()), Err(error)) => Ok(committed(
                Tally { version: next, ..Tally::default() },
                Some(format!("what was committed cannot be counted: {error}")),
            )),
            (Ok(()), Ok(None)) => {
                let message = format!("version {next} of `{location}` is not what was committed");
                Err(PortError::new(codes::COMMIT, message))
            }
            (Err(error), Ok(None)) if is_conflict(&error) => {
                Ok(CommitOutcome::Conflict { detail: error.to_string() })
            }
            (Err(error), Ok(None)) => Err(operation_error(location, error)),
            (Err(error), Err(unknown)) => {
                failed(error, &format!("; whether it was made cannot be told: {unknown}"))
            }
        }
    }

    /// The first entry from a version on that this very commit made. Behind another one it is only
    /// where what made it may be rebased.
    async fn read_back(
        &self,
        log_store: &LogStoreRef,
        location: &TableLocation,
        next: u64,
    ) -> Result<Option<Tally>, PortError> {
        let mut tries = 1;
        let mut version = next;
        loop {
            let bytes = match log::entry_bytes(log_store, location, version).await {
                Ok(Some(bytes)) => bytes,
                Ok(None) => return Ok(None),
                Err(error) if tries == READ_BACK => return Err(error),
                Err(_) => {
                    tries += 1;
                    continue;
                }
            };
            let entry = log::parse_entry(&bytes, location, version)?;
            if entry.commit_id.as_ref() == Some(&self.commit_id) {
                let tally = Tally::of(version, &bytes);
                return tally.map(Some).map_err(|error| read_error(location, error));
            }
            version += 1;
        }
    }
}

/// What an entry of the log brought and took.
#[derive(Default)]
struct Tally {
    version: u64,
    table_id: Option<String>,
    rows: u64,
    bytes: u64,
    files: u64,
    files_removed: u64,
}

impl Tally {
    fn of(version: u64, entry: &bytes::Bytes) -> Result<Self, DeltaTableError> {
        use deltalake::kernel::Action;
        let mut tally = Self { version, ..Self::default() };
        for action in deltalake::logstore::get_actions(version, entry)? {
            match action {
                Action::Add(add) => {
                    tally.files += 1;
                    tally.bytes += add.size.unsigned_abs();
                    let stats = add.stats.as_deref().map(serde_json::from_str::<Value>);
                    let rows = stats.and_then(Result::ok).and_then(|s| s["numRecords"].as_u64());
                    tally.rows += rows.unwrap_or(0);
                }
                Action::Remove(_) => tally.files_removed += 1,
                Action::Metadata(metadata) => tally.table_id = Some(metadata.id().to_owned()),
                _ => {}
            }
        }
        Ok(tally)
    }
}

/// Whether somebody else committed first.
fn is_conflict(error: &DeltaTableError) -> bool {
    matches!(
        error,
        DeltaTableError::Transaction {
            source: TransactionError::CommitConflict(_)
                | TransactionError::MaxCommitAttempts(_)
                | TransactionError::VersionAlreadyExists(_),
        } | DeltaTableError::VersionAlreadyExists(_)
    )
}

/// An error before the commit, with the code of what was wrong.
pub(crate) fn operation_error(location: &TableLocation, error: DeltaTableError) -> PortError {
    let text = chain(&error);
    let (code, what) = if text.contains("multiple source rows") {
        (codes::DUPLICATE_KEY, format!("several rows of the source match one row of `{location}`"))
    } else if text.contains("Invalid data found") || text.contains("violated") {
        (codes::ROWS, format!("`{location}` does not take the rows"))
    } else if text.contains("Object at location") && text.contains("not found") {
        (codes::READ, format!("a file of `{location}` is gone"))
    } else {
        match &error {
            DeltaTableError::ObjectStore { .. }
            | DeltaTableError::Io { .. }
            | DeltaTableError::Transaction { .. } => {
                (codes::COMMIT, format!("cannot commit to `{location}`"))
            }
            _ => (codes::OPERATION, format!("the operation on `{location}` failed")),
        }
    };
    PortError::with_source(code, what, error)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// The record as `commitInfo` keys, each with the prefix.
fn record_keys(
    record: &CommitRecord,
    table_id: Option<&str>,
) -> Result<Vec<(String, Value)>, PortError> {
    let value = serde_json::to_value(record).map_err(|error| {
        PortError::with_source(codes::COMMIT, "cannot encode the commit record", error)
    })?;
    let Value::Object(fields) = value else {
        return Err(PortError::new(codes::COMMIT, "the commit record is not an object"));
    };
    // The create commit holds the table's metadata itself; later ones repeat its identity, so that
    // the newest entry alone tells the whole state.
    let table_id = table_id.map(|id| ("table_id".to_owned(), json!(id)));
    Ok(fields
        .into_iter()
        .chain(table_id)
        .map(|(key, value)| (format!("{}{key}", log::PREFIX), value))
        .collect())
}

mod history;

use std::collections::{BTreeMap, btree_map::Entry};

use arrow::{
    array::AsArray,
    datatypes::Int64Type,
    record_batch::RecordBatch,
    util::display::{ArrayFormatter, FormatOptions},
};
use datafusion::prelude::SessionContext;
use deltalake::DeltaTable;

pub(crate) use self::history::History;
use self::history::KINDS;
use super::*;

/// How often each row is there. A row is the text of its columns, by name.
type Bag = BTreeMap<String, i64>;

async fn rows(provider: Arc<dyn TableProvider>) -> Vec<RecordBatch> {
    SessionContext::new().read_table(provider).unwrap().collect().await.unwrap()
}

/// The rows of a batch as text, in the order of `columns`; NULL for a column that it does not have.
fn texts(batch: &RecordBatch, columns: &Schema) -> Vec<String> {
    let options = FormatOptions::default().with_null("NULL");
    let known: Vec<_> = columns
        .fields()
        .iter()
        .map(|field| {
            let column = batch.column_by_name(field.name())?;
            Some(ArrayFormatter::try_new(column.as_ref(), &options).unwrap())
        })
        .collect();
    let row = |row: usize| {
        let cells = known.iter().map(|column| match column {
            Some(column) => column.value(row).to_string(),
            None => "NULL".to_owned(),
        });
        cells.collect::<Vec<_>>().join(" | ")
    };
    (0..batch.num_rows()).map(row).collect()
}

async fn bag(table: &DeltaTable, version: u64, columns: &Schema) -> Bag {
    let snapshot = Snapshot::try_new(&*table.log_store(), Some(version)).await.unwrap();
    let scan = DeltaScanNext::new(Arc::new(snapshot), scan_config()).unwrap();
    let mut bag = Bag::new();
    for batch in rows(Arc::new(scan)).await {
        texts(&batch, columns).into_iter().for_each(|row| *bag.entry(row).or_default() += 1);
    }
    bag
}

/// What has to be told: the rows of one version less those of the other.
fn difference(old: &Bag, new: &Bag) -> Bag {
    let mut difference = new.clone();
    for (row, count) in old {
        *difference.entry(row.clone()).or_default() -= count;
    }
    difference.retain(|_, count| *count != 0);
    difference
}

async fn told(provider: &Arc<dyn TableProvider>, columns: &Schema) -> Bag {
    let mut bag = Bag::new();
    for batch in rows(Arc::clone(provider)).await {
        let weights = batch.column_by_name(WEIGHT).unwrap().as_primitive::<Int64Type>().clone();
        for (row, text) in texts(&batch, columns).into_iter().enumerate() {
            *bag.entry(text).or_default() += weights.value(row);
        }
    }
    bag.retain(|_, count| *count != 0);
    bag
}

async fn ends(table: &DeltaTable, from: u64, to: u64) -> Ends {
    let log_store = table.log_store();
    let old = Arc::new(Snapshot::try_new(&*log_store, Some(from)).await.unwrap());
    let new = Arc::new(Snapshot::try_new(&*log_store, Some(to)).await.unwrap());
    let columns = DeltaScanNext::new(Arc::clone(&new), scan_config()).unwrap().schema();
    let schema = weighted(&columns, &TableLocation::new("t")).unwrap();
    Ends { log_store, old, new, columns, schema }
}

async fn between_versions(history: &History, from: u64, to: u64) -> ChangeSet {
    let table_id = history.table.snapshot().unwrap().metadata().id().to_owned();
    let range = VersionRange { table_id, from, to };
    between(history.table.log_store(), &TableLocation::new("t"), &range).await.unwrap()
}

/// What was done to tables, and which origins were held against them.
#[derive(Debug, Default)]
struct Tally {
    commits: u64,
    kinds: BTreeMap<&'static str, usize>,
    origins: BTreeMap<&'static str, usize>,
}

/// Each origin that is trusted tells what came and went, over histories of every kind of commit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_origin_that_is_trusted_tells_the_difference() {
    let mut tables = tokio::task::JoinSet::new();
    (0..10).for_each(|seed| drop(tables.spawn(one_history(seed))));
    let mut all = Tally::default();
    while let Some(tally) = tables.join_next().await {
        let Tally { commits, kinds, origins } = tally.unwrap();
        all.commits += commits;
        kinds.into_iter().for_each(|(kind, count)| *all.kinds.entry(kind).or_default() += count);
        let sums = origins.into_iter();
        sums.for_each(|(origin, count)| *all.origins.entry(origin).or_default() += count);
    }
    assert!(all.commits >= 400, "{all:?}");
    assert!(["appends", "feed", "files", "chosen"].iter().all(|o| all.origins[o] >= 40), "{all:?}");
    assert!(KINDS.iter().all(|kind| all.kinds.contains_key(kind)), "{all:?}");
}

async fn one_history(seed: u64) -> Tally {
    let mut tally = Tally::default();
    let mut history = History::start(seed).await;
    while history.version() < 42 {
        let kind = history.step().await;
        *tally.kinds.entry(kind).or_default() += 1;
    }
    tally.commits = history.version() + 1;
    let last = history.version();
    let mut known: BTreeMap<(u64, usize), Bag> = BTreeMap::new();
    let ranges = (0..last).map(|from| (from, from + 1));
    let wide = (0..10).map(|at| (at * 4 % last, last - at % 5)).filter(|(from, to)| from < to);
    for (from, to) in ranges.chain(wide).collect::<Vec<_>>() {
        let ends = ends(&history.table, from, to).await;
        if crossing(&ends.old, &ends.new).is_some() {
            continue;
        }
        // Most ranges have an end in common.
        let width = ends.columns.fields().len();
        for version in [from, to] {
            if let Entry::Vacant(entry) = known.entry((version, width)) {
                entry.insert(bag(&history.table, version, &ends.columns).await);
            }
        }
        let expected = difference(&known[&(from, width)], &known[&(to, width)]);
        let entries = Entries::read(&ends.log_store, from, to).await.unwrap().unwrap();
        let files = files::Difference::of(&ends).await.unwrap().unwrap();
        let mut origins = Vec::new();
        if let Ok(found) = appends::find(&ends, &entries).await.unwrap() {
            origins.push(("appends", found.provider));
        }
        if let Ok(found) = feed::find(&ends, &entries, &files, u64::MAX).await.unwrap() {
            origins.push(("feed", found.provider));
        }
        if !files.is_empty() {
            origins.push(("files", files.found(&ends).unwrap().provider));
        }
        if let ChangeSet::Changes(changes) = between_versions(&history, from, to).await {
            origins.push(("chosen", changes.provider));
        }
        for (origin, provider) in origins {
            assert_eq!(provider.schema(), ends.schema, "{origin}");
            let told = told(&provider, &ends.columns).await;
            assert_eq!(told, expected, "seed {seed}, {from} to {to}, {origin}");
            *tally.origins.entry(origin).or_default() += 1;
        }
    }
    tally
}

/// A table of one column `a` and these values, with a change feed.
async fn table_of(values: &[i64]) -> History {
    let mut history = History::start(1).await;
    history.insert(values).await;
    history
}

fn told_of(changes: &ChangeSet) -> (ChangeOrigin, Vec<(ChangeOrigin, &'static str)>) {
    match changes {
        ChangeSet::Changes(changes) => {
            let passed = changes.passed_over.iter();
            (changes.origin, passed.map(|(origin, why)| (*origin, why.code())).collect())
        }
        ChangeSet::Cannot(why) => panic!("{why}"),
    }
}

fn cannot(changes: ChangeSet) -> NoChanges {
    match changes {
        ChangeSet::Changes(changes) => panic!("{changes:?}"),
        ChangeSet::Cannot(why) => why,
    }
}

async fn values(changes: ChangeSet) -> BTreeMap<String, i64> {
    let ChangeSet::Changes(changes) = changes else { panic!("{changes:?}") };
    let column = Schema::new(vec![Field::new("a", DataType::Int64, true)]);
    told(&changes.provider, &column).await
}

/// delta-rs takes the rows of an update that have equals for unchanged, and the sum of the rows
/// does not show it.
#[tokio::test]
async fn the_feed_of_an_update_is_not_believed() {
    let mut history = table_of(&[1, 1, 2, 7]).await;
    let from = history.version();
    history.update("CASE a WHEN 1 THEN 2 WHEN 2 THEN 1 ELSE 8 END").await;
    let changes = between_versions(&history, from, from + 1).await;
    let (origin, passed) = told_of(&changes);
    assert_eq!(origin, ChangeOrigin::Files);
    assert!(passed.contains(&(ChangeOrigin::Feed, "feed_of_update")), "{passed:?}");
    let expected = [("1", -1), ("2", 1), ("7", -1), ("8", 1)];
    let expected: Bag = expected.map(|(value, count)| (value.to_owned(), count)).into();
    assert_eq!(values(changes).await, expected);
}

/// A feed that lost a file has another sum of rows than the log.
#[tokio::test]
async fn a_feed_that_does_not_add_up_is_not_believed() {
    let mut history = table_of(&[1, 2, 3, 4, 5, 6, 7, 8]).await;
    let from = history.version();
    history.delete("a = 3").await;
    let ends = ends(&history.table, from, from + 1).await;
    let mut entries = Entries::read(&ends.log_store, from, from + 1).await.unwrap().unwrap();
    let files = files::Difference::of(&ends).await.unwrap().unwrap();
    assert!(feed::find(&ends, &entries, &files, u64::MAX).await.unwrap().is_ok());
    assert!(!entries.0[0].feed.is_empty(), "a delete writes a feed of its own");
    let log = history.log_entry(from + 1);
    let without: String = std::fs::read_to_string(&log)
        .unwrap()
        .lines()
        .filter(|line| !line.contains("\"cdc\""))
        .map(|line| format!("{}\n", line.replace("\"dataChange\":true", "\"dataChange\":false")))
        .collect();
    std::fs::write(&log, without).unwrap();
    entries = Entries::read(&ends.log_store, from, from + 1).await.unwrap().unwrap();
    let reason = feed::find(&ends, &entries, &files, u64::MAX).await.unwrap().err();
    assert_eq!(reason, Some(PassedOver::FeedRowCount { feed: 0, log: -1 }));
}

#[tokio::test]
async fn an_optimize_changes_nothing() {
    let mut history = table_of(&[1, 2]).await;
    history.insert(&[3]).await;
    let from = history.version();
    history.optimize().await;
    assert!(history.version() > from);
    let changes = between_versions(&history, from, history.version()).await;
    assert_eq!(told_of(&changes).0, ChangeOrigin::Nothing);
    assert_eq!(values(changes).await, Bag::new());
    // Rows that came before it are still appends, though they are in another file now.
    let changes = between_versions(&history, from - 1, history.version()).await;
    assert_eq!(told_of(&changes).0, ChangeOrigin::Appends);
    assert_eq!(values(changes).await, Bag::from([("3".to_owned(), 1)]));
    // Until that file is gone from storage: then all that was compacted comes and goes.
    history.vacuum().await;
    let changes = between_versions(&history, from - 1, history.version()).await;
    assert!(matches!(cannot(changes), NoChanges::FileGone { .. }));
}

#[tokio::test]
async fn what_cannot_be_told_says_why() {
    // Without a feed, because with one the protocol would allow for a constraint already.
    let mut history = History::start(3).await;
    history.insert(&[1, 2]).await;
    let from = history.version();
    let table_id = history.table.snapshot().unwrap().metadata().id().to_owned();
    assert_eq!(
        cannot(between_versions(&history, from, from - 1).await),
        NoChanges::Backwards { from, to: from - 1 }
    );
    let range = VersionRange { table_id: "another".to_owned(), from: 0, to: from };
    let changes =
        between(history.table.log_store(), &TableLocation::new("t"), &range).await.unwrap();
    assert_eq!(
        cannot(changes),
        NoChanges::Recreated { expected: "another".to_owned(), found: table_id }
    );
    history.constrain("a > 0").await;
    let changes = between_versions(&history, from, history.version()).await;
    assert_eq!(cannot(changes), NoChanges::ProtocolChanged);
    let before = history.version();
    history.retype().await;
    let changes = between_versions(&history, before, history.version()).await;
    let NoChanges::SchemaChanged { detail } = cannot(changes) else { panic!() };
    insta::assert_snapshot!(detail, @"`a` is Utf8 and was Int64");
    // An entry without a snapshot below it is no version that can be read.
    history.forget(0);
    let changes = between_versions(&history, 0, before).await;
    assert!(matches!(cannot(changes), NoChanges::VersionGone { version: 0, .. }));
}

#[tokio::test]
async fn a_column_with_the_name_of_a_weight_is_refused() {
    let schema = Schema::new(vec![Field::new(WEIGHT, DataType::Int64, true)]);
    let error = weighted(&schema, &TableLocation::new("t")).unwrap_err();
    insta::assert_snapshot!(error, @"`t` has a column `__vl_weight`, which changes need for their own");
}

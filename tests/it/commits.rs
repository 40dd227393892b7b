//! Commits through the port: what is visible, when, and what a second writer meets.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use arrow::{
    array::{ArrayRef, Int64Array},
    datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit},
    record_batch::RecordBatch,
};
use datafusion::{
    execution::SendableRecordBatchStream, physical_plan::stream::RecordBatchStreamAdapter,
};
use viewlane_core::{
    CommitIntent, CommitOutcome, CommitReceipt, DatasetStore, Fingerprint, Pin, RefreshMode,
    SourceCursor, TableLocation, TableSpec, WriteCounts, WriteMode, WriteTarget,
};
use viewlane_delta_io::DeltaStore;
use viewlane_tests::{bag, commits, query, session_over};

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]))
}

fn rows(values: Vec<i64>) -> SendableRecordBatchStream {
    let columns: Vec<ArrayRef> = vec![Arc::new(Int64Array::from(values))];
    let batch = RecordBatch::try_new(schema(), columns).unwrap();
    Box::pin(RecordBatchStreamAdapter::new(schema(), futures::stream::iter([Ok(batch)])))
}

fn location(path: &Path) -> TableLocation {
    TableLocation::new(path.to_string_lossy())
}

fn spec() -> TableSpec {
    TableSpec {
        owner: "p/v".to_owned(),
        properties: BTreeMap::from([("delta.enableChangeDataFeed".to_owned(), "true".to_owned())]),
        ..TableSpec::default()
    }
}

async fn begin(path: &Path) -> Box<dyn WriteTarget> {
    DeltaStore::new().begin(&location(path), schema(), spec(), WriteMode::Overwrite).await.unwrap()
}

fn intent(run: &str, to: u64) -> CommitIntent {
    let digest = |name: &str| Fingerprint::builder(name).finish();
    CommitIntent {
        project: "p".to_owned(),
        relation: "v".parse().unwrap(),
        run_id: run.to_owned(),
        definition: digest("definition"),
        policy: digest("policy"),
        schema: digest("schema"),
        profile: digest("profile"),
        sources: vec![SourceCursor {
            relation: "s".parse().unwrap(),
            table_id: "source-id".to_owned(),
            from: None,
            to,
        }],
        mode: RefreshMode::Full,
        reason: "test".to_owned(),
        body: String::new(),
    }
}

async fn finish(target: Box<dyn WriteTarget>, run: &str, to: u64) -> CommitOutcome {
    let counts = WriteCounts { rows: 1, bag: "0".to_owned() };
    target.commit(intent(run, to), &counts).await.unwrap()
}

fn committed(outcome: CommitOutcome) -> CommitReceipt {
    match outcome {
        CommitOutcome::Committed(receipt) => receipt,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn data_cursors_fence_and_record_are_one_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let mut target = begin(&path).await;
    assert!(target.base().is_none());
    target.write(vec![rows(vec![1, 2]), rows(vec![3])]).await.unwrap();
    assert!(commits(&path).is_empty(), "nothing is visible before the commit");
    let receipt = committed(finish(target, "one", 7).await);
    assert_eq!((receipt.version, receipt.rows), (0, 1));

    let log = commits(&path);
    let [entry] = &log[..] else { panic!("one commit is expected, not {}", log.len()) };
    let kinds = |name: &str| entry.iter().filter(|action| action.get(name).is_some()).count();
    assert!(kinds("add") >= 1);
    assert_eq!([kinds("txn"), kinds("metaData"), kinds("commitInfo")], [2, 1, 1]);
    let txns: BTreeMap<_, _> = entry
        .iter()
        .filter_map(|action| action.get("txn"))
        .map(|txn| {
            assert!(txn.get("lastUpdated").is_none_or(serde_json::Value::is_null));
            (txn["appId"].as_str().unwrap(), txn["version"].as_i64().unwrap())
        })
        .collect();
    assert_eq!(txns, BTreeMap::from([("p/v#gen", 1), ("p/v/source-id", 7)]));
    let metadata = entry.iter().find_map(|action| action.get("metaData")).unwrap();
    assert_eq!(metadata["configuration"]["delta.enableChangeDataFeed"], "true");

    let state = DeltaStore::new().state(&location(&path), "p/v").await.unwrap().unwrap();
    let (version, record) = state.record.unwrap();
    assert_eq!((state.version, version, record.generation), (0, 0, 1));
    assert_eq!(record.sources[0].to, 7);
    assert_eq!(state.table_id, metadata["id"]);
}

#[tokio::test]
async fn the_second_of_two_writers_on_one_snapshot_conflicts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    for round in 0..3_u64 {
        // Round zero races for the creation, later rounds for an overwrite.
        let (mut one, mut two) = (begin(&path).await, begin(&path).await);
        one.write(vec![rows(vec![1])]).await.unwrap();
        two.write(vec![rows(vec![2])]).await.unwrap();
        // Different source versions, so that only the snapshot can tell.
        let first = committed(finish(one, "one", round).await);
        assert_eq!(first.version, round);
        let second = finish(two, "two", round + 100).await;
        assert!(matches!(second, CommitOutcome::Conflict { .. }), "{second:?}");
        assert_eq!(commits(&path).len() as u64, round + 1);
        let session = session_over(&[("v", &path, None)]).await;
        assert_eq!(query(&session, "select * from v").await, BTreeMap::from([("1".to_owned(), 1)]));
    }
}

#[tokio::test]
async fn an_overwrite_conflicts_with_an_append_of_another_tool() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![1])]).await.unwrap();
    committed(finish(target, "one", 0).await);
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![2])]).await.unwrap();
    viewlane_tests::append(&path, "select 9 as n").await;
    let outcome = finish(target, "two", 1).await;
    assert!(matches!(outcome, CommitOutcome::Conflict { .. }), "{outcome:?}");
    let session = session_over(&[("v", &path, None)]).await;
    let expected = BTreeMap::from([("1".to_owned(), 1), ("9".to_owned(), 1)]);
    assert_eq!(query(&session, "select * from v").await, expected);
    // The record is still found below the other tool's commit.
    let state = DeltaStore::new().state(&location(&path), "p/v").await.unwrap().unwrap();
    assert_eq!((state.version, state.record.unwrap().0), (1, 0));
}

#[tokio::test]
async fn what_a_killed_creation_leaves_is_ours_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![1])]).await.unwrap();
    drop(target);
    assert!(fs::read_dir(&path).unwrap().count() > 1, "data files were written");
    let store = DeltaStore::new();
    assert_eq!(store.state(&location(&path), "p/v").await.unwrap(), None);
    let error = store.state(&location(&path), "q/v").await.unwrap_err();
    assert!(error.to_string().contains("`p/v` is creating one there"), "{error}");
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![2])]).await.unwrap();
    assert_eq!(committed(finish(target, "again", 0).await).version, 0);
    let session = session_over(&[("v", &path, None)]).await;
    assert_eq!(query(&session, "select * from v").await, BTreeMap::from([("2".to_owned(), 1)]));
}

#[tokio::test]
async fn a_record_that_contradicts_its_transactions_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![1])]).await.unwrap();
    committed(finish(target, "one", 7).await);
    let entry = path.join("_delta_log/00000000000000000000.json");
    let text = fs::read_to_string(&entry).unwrap();
    let changed = text.replace(
        "{\"txn\":{\"appId\":\"p/v/source-id\",\"version\":7",
        "{\"txn\":{\"appId\":\"p/v/source-id\",\"version\":8",
    );
    assert_ne!(text, changed);
    fs::write(&entry, changed).unwrap();
    let error = DeltaStore::new().state(&location(&path), "p/v").await.unwrap_err();
    assert!(error.to_string().ends_with("transaction `p/v/source-id` is not at 7"), "{error}");
}

#[tokio::test]
async fn columns_change_with_the_content_and_old_versions_keep_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![1])]).await.unwrap();
    committed(finish(target, "one", 0).await);

    // A timestamp without zone needs a table feature that the table did not have.
    let seen = DataType::Timestamp(TimeUnit::Microsecond, None);
    let wider = Arc::new(Schema::new(vec![
        Field::new("n", DataType::Int64, true),
        Field::new("seen", seen.clone(), true),
    ]));
    let store = DeltaStore::new();
    let mut target =
        store.begin(&location(&path), wider.clone(), spec(), WriteMode::Overwrite).await.unwrap();
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(vec![5])), arrow::array::new_null_array(&seen, 1)];
    let batch = RecordBatch::try_new(wider.clone(), columns).unwrap();
    let stream = RecordBatchStreamAdapter::new(wider, futures::stream::iter([Ok(batch)]));
    target.write(vec![Box::pin(stream)]).await.unwrap();
    committed(finish(target, "two", 1).await);

    let old = store.open(&location(&path), Pin::Version(0)).await.unwrap();
    let new = store.open(&location(&path), Pin::Latest).await.unwrap();
    assert_eq!([old.schema.fields().len(), new.schema.fields().len()], [1, 2]);
    assert_eq!([old.version, new.version], [0, 1]);
    let session = datafusion::prelude::SessionContext::new();
    let read = session.read_table(new.provider).unwrap().collect().await.unwrap();
    assert_eq!(bag(&read), BTreeMap::from([("5|NULL".to_owned(), 1)]));
    assert!(store.open(&location(&path), Pin::Version(2)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn large_results_use_several_writers_and_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let mut target = begin(&path).await;
    let part = |from: i64| -> SendableRecordBatchStream {
        let batches = (0..80).map(move |batch| {
            let start = from + batch * 8192;
            let columns: Vec<ArrayRef> =
                vec![Arc::new(Int64Array::from_iter_values(start..start + 8192))];
            Ok(RecordBatch::try_new(schema(), columns).unwrap())
        });
        Box::pin(RecordBatchStreamAdapter::new(schema(), futures::stream::iter(batches)))
    };
    target.write(vec![part(0), part(80 * 8192)]).await.unwrap();
    let receipt = committed(finish(target, "one", 0).await);
    assert_eq!(receipt.files, 2);
    let session = session_over(&[("v", &path, None)]).await;
    let facts = query(&session, "select count(*), count(distinct n), min(n), max(n) from v").await;
    assert_eq!(facts, BTreeMap::from([("1310720|1310720|0|1310719".to_owned(), 1)]));
}

#[tokio::test]
async fn a_failing_stream_ends_the_write() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let mut target = begin(&path).await;
    let failing = futures::stream::iter([Err(datafusion::error::DataFusionError::Execution(
        "no".to_owned(),
    ))]);
    let stream = RecordBatchStreamAdapter::new(schema(), failing);
    assert!(target.write(vec![rows(vec![1]), Box::pin(stream)]).await.is_err());
    drop(target);
    assert!(commits(&path).is_empty());
}

#[tokio::test]
async fn a_creation_killed_before_its_mark_had_a_name_is_ours() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("_viewlane_owner.0123"), "p/").unwrap();
    assert_eq!(DeltaStore::new().state(&location(&path), "p/v").await.unwrap(), None);
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![1])]).await.unwrap();
    committed(finish(target, "one", 0).await);
}

#[tokio::test]
async fn the_fence_outlives_cleaned_log_entries_and_content_changes_are_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let store = DeltaStore::new();
    for round in 0..2 {
        let mut target = begin(&path).await;
        target.write(vec![rows(vec![round])]).await.unwrap();
        committed(finish(target, "one", 0).await);
    }
    let state = store.state(&location(&path), "p/v").await.unwrap().unwrap();
    assert_eq!((state.generation, state.changed_since), (Some(2), false));
    viewlane_tests::append(&path, "select 9 as n").await;
    let state = store.state(&location(&path), "p/v").await.unwrap().unwrap();
    assert_eq!((state.generation, state.changed_since), (Some(2), true));
    // A checkpoint, and the entries below it gone, as log cleanup does.
    let url = url::Url::from_directory_path(&path).unwrap();
    let table = deltalake::open_table(url).await.unwrap();
    deltalake::protocol::checkpoints::create_checkpoint(&table, None).await.unwrap();
    for version in 0..2 {
        fs::remove_file(path.join(format!("_delta_log/{version:020}.json"))).unwrap();
    }
    let state = store.state(&location(&path), "p/v").await.unwrap().unwrap();
    assert_eq!((state.version, state.generation, state.record), (2, Some(2), None));
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![5])]).await.unwrap();
    committed(finish(target, "two", 3).await);
    let state = store.state(&location(&path), "p/v").await.unwrap().unwrap();
    assert_eq!(state.generation, Some(3));
}

#[tokio::test]
async fn tables_with_properties_that_would_be_lost_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v");
    let mut target = begin(&path).await;
    target.write(vec![rows(vec![1])]).await.unwrap();
    committed(finish(target, "one", 0).await);
    let url = url::Url::from_directory_path(&path).unwrap();
    let table = deltalake::open_table(url).await.unwrap();
    table.add_constraint().with_constraint("positive", "n > 0").await.unwrap();
    let begun =
        DeltaStore::new().begin(&location(&path), schema(), spec(), WriteMode::Overwrite).await;
    let error = begun.unwrap_err().to_string();
    assert!(error.ends_with("it has the property `delta.constraints.positive`"), "{error}");
}

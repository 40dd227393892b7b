use object_store::ObjectStoreExt;
use serde_json::json;
use viewlane_core::{DatasetStore, Maintenance, Pin};

use super::*;
use crate::fixture::*;

/// A table whose first entry says that it needs another protocol.
async fn with_protocol(protocol: &Value) -> Lake {
    let lake = Lake::new();
    lake.done(append("select 1 as k").await).await;
    let url = crate::location::resolve(&lake.location).unwrap();
    let store = lake.log_store(&url).object_store(None);
    let path = deltalake::logstore::commit_uri_from_version(Some(0));
    let bytes = store.get(&path).await.unwrap().bytes().await.unwrap();
    let lines = std::str::from_utf8(&bytes).unwrap().lines().map(|line| {
        let mut action: Value = serde_json::from_str(line).unwrap();
        if action.get("protocol").is_some() {
            action = json!({ "protocol": protocol });
        }
        format!("{action}\n")
    });
    let text: String = lines.collect();
    store.put(&path, text.into()).await.unwrap();
    lake
}

fn features(readers: &[&str], writers: &[&str]) -> Value {
    json!({
        "minReaderVersion": 3,
        "minWriterVersion": 7,
        "readerFeatures": readers,
        "writerFeatures": writers,
    })
}

/// Every way in, so that none is forgotten.
async fn every_read(lake: &Lake) -> Vec<Result<(), PortError>> {
    let location = &lake.location;
    let always = crate::Predicate::Sql("true".to_owned());
    vec![
        lake.store.open(location, Pin::Latest).await.map(drop),
        lake.store.files(location, Pin::Latest).await.map(drop),
        lake.store.open_pruned(location, Pin::Latest, always).await.map(drop),
    ]
}

async fn every_write(lake: &Lake) -> Vec<Result<(), PortError>> {
    let location = &lake.location;
    let overwrite = write(viewlane_core::WriteMode::Overwrite, "select 2 as k").await;
    vec![
        lake.operate(append("select 2 as k").await, lake.intent()).await.map(drop),
        lake.operate(overwrite, lake.intent()).await.map(drop),
        lake.operate(delete("k = 7"), lake.intent()).await.map(drop),
        lake.store.maintain(location, &Maintenance::default()).await.map(drop),
        lake.store.clean_log(location).await.map(drop),
    ]
}

#[tokio::test]
async fn what_is_listed_is_read_and_written() {
    for feature in READS {
        let lake = with_protocol(&features(&[feature], &[feature])).await;
        assert_eq!(lake.rows().await, bag_of(&["1"]), "{feature}");
        every_read(&lake).await.into_iter().for_each(|done| done.unwrap());
    }
    for feature in WRITES {
        let readers: Vec<_> = READS.iter().copied().filter(|reader| reader == feature).collect();
        let lake = with_protocol(&features(&readers, &[feature, "appendOnly"])).await;
        every_write(&lake).await.into_iter().for_each(|done| done.unwrap());
    }
    for writer in 1..=6 {
        let protocol = json!({ "minReaderVersion": 1, "minWriterVersion": writer });
        let lake = with_protocol(&protocol).await;
        let written = every_write(&lake).await;
        if writer < 5 {
            written.into_iter().for_each(|done| done.unwrap());
        }
    }
}

#[tokio::test]
async fn anything_else_is_refused_by_name_before_anything_happens() {
    let mut told = Vec::new();
    for (readers, writers) in [
        (&["typeWidening"][..], &["typeWidening"][..]),
        (&["catalogManaged", "madeUp"], &["catalogManaged", "madeUp"]),
        (&[], &["rowTracking", "domainMetadata"]),
        (&[], &["identityColumns"]),
        (&[], &["inCommitTimestamp"]),
        (&[], &["clustering"]),
        (&["columnMapping"], &["columnMapping"]),
    ] {
        let lake = with_protocol(&features(readers, writers)).await;
        let before = lake.version().await;
        let reads = every_read(&lake).await;
        let unread = !readers.iter().all(|name| READS.contains(name));
        for done in &reads {
            assert_eq!(done.is_err(), unread, "{readers:?}: {done:?}");
        }
        let mut refused: Vec<_> = every_write(&lake)
            .await
            .into_iter()
            .map(|done| done.unwrap_err().to_string())
            .collect();
        refused.dedup();
        assert_eq!(refused.len(), 1, "{refused:?}");
        told.append(&mut refused);
        assert_eq!(lake.version().await, before);
    }
    let newer = with_protocol(&json!({ "minReaderVersion": 4, "minWriterVersion": 8 })).await;
    told.extend(
        every_write(&newer).await.into_iter().map(|done| done.unwrap_err().to_string()).take(1),
    );
    insta::assert_snapshot!(told.join("\n"), @"
        the table at `memory:///lake/t` cannot be read: it needs the reader feature `typeWidening`
        the table at `memory:///lake/t` cannot be read: it needs the reader feature `catalogManaged`, `madeUp`
        the table at `memory:///lake/t` cannot be written: it needs the writer feature `domainMetadata`, `rowTracking`
        the table at `memory:///lake/t` cannot be written: it needs the writer feature `identityColumns`
        the table at `memory:///lake/t` cannot be written: it needs the writer feature `inCommitTimestamp`
        the table at `memory:///lake/t` cannot be written: it needs the writer feature `clustering`
        the table at `memory:///lake/t` cannot be written: it needs the writer feature `columnMapping`
        the table at `memory:///lake/t` cannot be read: it needs reader version 4, and this build knows 3
        ");
}

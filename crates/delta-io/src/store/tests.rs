//! What is no table, or no longer one.

use std::fs;

use super::*;
use crate::fixture::*;

fn on_disk() -> (tempfile::TempDir, Lake) {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("t");
    let lake = Lake::at(DeltaStore::new(), place.to_str().unwrap());
    (folder, lake)
}

/// Every error, without where the test ran.
async fn everything(lake: &Lake) -> String {
    let location = &lake.location;
    let mut told = Vec::new();
    let mut tell = |what: &str, error: Option<PortError>| {
        let text = error.map_or("works".to_owned(), |error| crate::fixture::told(&error));
        let first = text.lines().next().unwrap().replace(location.as_str(), "[t]");
        told.push(format!("{what}: {first}"));
    };
    tell("open", lake.store.open(location, Pin::Latest).await.err());
    tell("state", lake.store.state(location, "p/v").await.err());
    tell("history", lake.store.history(location, 5).await.err());
    tell("files", lake.store.files(location, Pin::Latest).await.err());
    tell("maintain", lake.store.maintain(location, &Maintenance::default()).await.err());
    let row = append("select 1 as k").await;
    tell("write", lake.operate(row, lake.intent()).await.err());
    tell("delete", lake.operate(delete("k = 1"), lake.intent()).await.err());
    told.join("\n")
}

#[tokio::test]
async fn what_holds_something_else_is_no_table() {
    let (_folder, lake) = on_disk();
    fs::create_dir_all(lake.location.as_str()).unwrap();
    fs::write(format!("{}/notes.txt", lake.location), "mine").unwrap();
    insta::assert_snapshot!(everything(&lake).await, @"
        open: VL-D0103: there is no Delta table at `[t]`
        state: VL-D0102: `[t]` holds no Delta table: it holds `notes.txt`
        history: works
        files: VL-D0103: there is no Delta table at `[t]`
        maintain: works
        write: VL-D0102: `[t]` holds no Delta table: it holds `notes.txt`
        delete: VL-D0103: there is no Delta table at `[t]`
        ");
    let (_folder, lake) = on_disk();
    fs::write(lake.location.as_str(), "a file").unwrap();
    insta::assert_snapshot!(everything(&lake).await, @"
        open: VL-D0103: there is no Delta table at `[t]`
        state: VL-D0102: `[t]` holds no Delta table: it is a file
        history: works
        files: VL-D0103: there is no Delta table at `[t]`
        maintain: works
        write: VL-D0102: `[t]` holds no Delta table: it is a file
        delete: VL-D0103: there is no Delta table at `[t]`
        ");
}

#[tokio::test]
async fn an_entry_that_cannot_be_understood_is_an_error_of_its_table() {
    let (_folder, lake) = on_disk();
    lake.done(append("select 1 as k").await).await;
    lake.done(append("select 2 as k").await).await;
    let entry = format!("{}/_delta_log/{:020}.json", lake.location, 1);
    fs::write(&entry, "{\"add\": {\"path\"").unwrap();
    insta::assert_snapshot!(everything(&lake).await, @"
        open: VL-D0104: cannot read the table at `[t]`
        state: VL-D0104: cannot read the table at `[t]`
        history: works
        files: VL-D0104: cannot read the table at `[t]`
        maintain: VL-D0104: cannot read the table at `[t]`
        write: VL-D0104: cannot read the table at `[t]`
        delete: VL-D0104: cannot read the table at `[t]`
        ");
}

#[tokio::test]
async fn a_data_file_that_is_gone_is_an_error_and_no_rows() {
    let (_folder, lake) = on_disk();
    lake.done(append("select 1 as k").await).await;
    for entry in fs::read_dir(lake.location.as_str()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            fs::remove_file(path).unwrap();
        }
    }
    let told = lake.refused(update("true", "k", "k + 1")).await;
    let told = told.lines().next().unwrap().replace(lake.location.as_str(), "[t]");
    insta::assert_snapshot!(told, @"VL-D0104: a file of `[t]` is gone");
    let open = lake.store.open(&lake.location, Pin::Latest).await.unwrap();
    let session = datafusion::prelude::SessionContext::new();
    let read = session.read_table(open.provider).unwrap().collect().await;
    assert!(read.unwrap_err().to_string().contains(".parquet"), "the file is named");
}

#[tokio::test]
async fn a_version_that_is_not_there_is_never_another() {
    let (_folder, lake) = on_disk();
    lake.done(append("select 1 as k").await).await;
    let error = lake.store.open(&lake.location, Pin::Version(7)).await.unwrap_err();
    let told = told(&error).replace(lake.location.as_str(), "[t]");
    insta::assert_snapshot!(told, @"VL-D0108: `[t]` has no version 7; its newest is 0");
}

#[tokio::test]
async fn a_folder_may_have_an_odd_name() {
    for name in ["a b", "100%", "é", "q?r#s", "a+b&c=d"] {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join(name).join("t");
        let lake = Lake::at(DeltaStore::new(), place.to_str().unwrap());
        lake.done(append("select 1 as k, 'x' as v").await).await;
        lake.done(append("select 2 as k, 'y' as v").await).await;
        lake.done(update("k = 2", "v", "'z'")).await;
        assert_eq!(lake.rows().await, bag_of(&["1|x", "2|z"]), "{name}");
        assert!(place.join("_delta_log").is_dir(), "{name}");
    }
}

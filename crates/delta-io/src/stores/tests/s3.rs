//! Tables in an S3 that runs in this process.

use viewlane_core::{
    ChangeOrigin, ChangeSet, CommitOutcome, DatasetStore, Maintenance, Pin, VersionRange, WriteMode,
};

use super::{
    options,
    server::{ACCESS_KEY, Server},
    *,
};
use crate::{DeltaStore, fixture::*};

/// A table of odd name in a bucket.
const PLACE: &str = "s3://lake/a b/100%/t";

fn lake(server: &Server, key: &str) -> Lake {
    let settings = options(&[
        ("aws_endpoint_url", &server.endpoint),
        ("aws_access_key_id", key),
        ("aws_secret_access_key", "SECRET"),
        ("aws_region", "nowhere"),
        ("allow_http", "true"),
    ]);
    Lake::at(DeltaStore::with_options(settings, BTreeMap::new()).unwrap(), PLACE)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_lives_in_a_bucket() {
    let server = Server::start();
    let lake = lake(&server, ACCESS_KEY);
    assert_eq!(lake.version().await, None);
    lake.done(write(WriteMode::Overwrite, "select 1 as k, 'a' as v").await).await;
    lake.done(append("select * from (values (2, 'b'), (3, 'c')) as t(k, v)").await).await;
    lake.done(delete("k = 2")).await;
    lake.done(merge(&["k"], None, "select * from (values (3, 'C'), (4, 'd')) as t(k, v)").await)
        .await;
    assert_eq!(lake.rows().await, bag_of(&["1|a", "3|C", "4|d"]));
    assert_eq!(lake.rows_at(Pin::Version(1)).await, bag_of(&["1|a", "2|b", "3|c"]));
    assert!(server.keys().iter().all(|key| key.starts_with("lake/a b/100%/t/")));

    let state = lake.store.open(&lake.location, Pin::Latest).await.unwrap();
    let range = VersionRange { table_id: state.table_id, from: 0, to: 1 };
    let ChangeSet::Changes(changes) = lake.store.changes(&lake.location, &range).await.unwrap()
    else {
        panic!("an append is told")
    };
    assert_eq!(changes.origin, ChangeOrigin::Appends);
    let session = datafusion::prelude::SessionContext::new();
    let rows = session.read_table(changes.provider).unwrap().collect().await.unwrap();
    assert_eq!(bag(&rows), bag_of(&["2|b|1|1", "3|c|1|1"]));
    let range = VersionRange { to: 3, ..range };
    let ChangeSet::Changes(changes) = lake.store.changes(&lake.location, &range).await.unwrap()
    else {
        panic!("files tell a merge")
    };
    assert_eq!(changes.origin, ChangeOrigin::Files);
    assert!(lake.store.may_have_changed(&lake.location, 0, 1).await.unwrap());

    let maintenance = Maintenance { checkpoint_after: 1, ..Maintenance::default() };
    let report = lake.store.maintain(&lake.location, &maintenance).await.unwrap().unwrap();
    assert!(report.steps[0].needed && report.steps[2].needed, "{report:?}");
    assert_eq!(lake.rows().await, bag_of(&["1|a", "3|C", "4|d"]));
    let history = lake.store.history(&lake.location, 10).await.unwrap().unwrap();
    assert_eq!(history.len() as u64, report.version + 1);
    // Read through the checkpoint.
    lake.done(append("select 9 as k, 'z' as v").await).await;
    assert_eq!(lake.rows().await["9|z"], 1);
}

/// The conditional put is the only lock there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_commits_that_race_exactly_one_wins_each_version() {
    let server = Server::start();
    let one = lake(&server, ACCESS_KEY);
    one.done(write(WriteMode::Overwrite, "select 0 as k, 'start' as v").await).await;
    let mut expected = bag_of(&["0|start"]);
    let mut landed = 0;
    for round in 1..=6 {
        let writers = (0..4).map(|writer| {
            let lake = lake(&server, ACCESS_KEY);
            async move {
                let rows = append(&format!("select {round} as k, 'w{writer}' as v")).await;
                (writer, lake.operate(rows, lake.intent()).await.unwrap())
            }
        });
        for (writer, outcome) in futures::future::join_all(writers).await {
            match outcome {
                CommitOutcome::Committed(_) => {
                    landed += 1;
                    expected.insert(format!("{round}|w{writer}"), 1);
                }
                CommitOutcome::Conflict { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(one.rows().await, expected);
    assert_eq!(one.version().await, Some(landed));
    assert!(landed >= 6, "each round has a winner");
    assert!(server.refused() > 0, "none of the commits raced");
}

#[tokio::test]
async fn what_a_store_refuses_is_said_without_its_secrets() {
    let server = Server::start();
    let lake_in = lake(&server, ACCESS_KEY);
    lake_in.done(write(WriteMode::Overwrite, "select 1 as k").await).await;
    let out = lake(&server, "SECRET-KEY");
    let error = out.store.open(&out.location, Pin::Latest).await.unwrap_err();
    let text = told(&error);
    assert!(text.starts_with(&format!("VL-D0104: cannot read the log of `{PLACE}`")), "{text}");
    assert!(text.contains("InvalidAccessKeyId") && !text.contains("SECRET"), "{text}");

    server.set_read_only(true);
    let text = lake_in.refused(append("select 2 as k").await).await;
    assert!(text.starts_with(&format!("VL-D0301: cannot write data files of `{PLACE}`")), "{text}");
    assert!(text.contains("AccessDenied") && !text.contains("SECRET"), "{text}");
    server.set_read_only(false);
    assert_eq!(lake_in.rows().await, bag_of(&["1"]));
}

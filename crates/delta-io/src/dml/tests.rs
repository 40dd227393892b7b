use datafusion::prelude::SessionContext;
use viewlane_core::{DatasetStore, Pin};

use crate::{Operation, fixture::*};

/// Runs statements, each on the newest version, and tells the count of each or its error.
async fn run(lake: &Lake, statements: &[&str]) -> String {
    let mut told = Vec::new();
    for sql in statements {
        let open = lake.store.open_for_writing(&lake.location, lake.intent()).await.unwrap();
        let session = SessionContext::new();
        session.register_table("t", open.provider).unwrap();
        let done = async { session.sql(sql).await?.collect().await }.await;
        told.push(match done {
            Ok(batches) => format!("{sql}: {}", bag(&batches).into_keys().collect::<String>()),
            Err(error) => format!("{sql}: {}", error.to_string().replace("External error: ", "")),
        });
    }
    told.join("\n")
}

#[tokio::test]
async fn sql_writes_through_the_guarded_commit() {
    let lake = Lake::new();
    lake.done(append("select * from (values (1, 'a'), (2, 'b')) as t(k, v)").await).await;
    let constraint = Operation::AddConstraint {
        name: "c".to_owned(),
        expression: "k < 100 or k is null".to_owned(),
    };
    lake.done(constraint).await;
    let told = run(
        &lake,
        &[
            "insert into t values (3, 'c'), (null, 'd')",
            "insert into t (v) values ('e')",
            "insert into t values (300, 'x')",
            "delete from t where k = 1",
            "update t set v = upper(v) where k >= 2",
            "delete from t",
            "update t set k = 5",
        ],
    )
    .await;
    insta::assert_snapshot!(told, @"
        insert into t values (3, 'c'), (null, 'd'): 2
        insert into t (v) values ('e'): 1
        insert into t values (300, 'x'): `memory:///lake/t` does not take a row: constraint `c` (k < 100 OR k IS NULL) does not hold for (k = 300, v = x)
        delete from t where k = 1: 1
        update t set v = upper(v) where k >= 2: 2
        delete from t: DELETE operation on table 't'
        caused by
        a statement without WHERE would mean every row of `memory:///lake/t`; write `WHERE true` if it does
        update t set k = 5: UPDATE operation on table 't'
        caused by
        a statement without WHERE would mean every row of `memory:///lake/t`; write `WHERE true` if it does
        ");
}

#[tokio::test]
async fn what_sql_wrote_is_in_the_log_with_its_owner() {
    let lake = Lake::new();
    lake.done(append("select 1 as k").await).await;
    let open = lake.store.open_for_writing(&lake.location, lake.intent()).await.unwrap();
    let session = SessionContext::new();
    session.register_table("t", open.provider).unwrap();
    session.sql("insert into t values (2)").await.unwrap().collect().await.unwrap();
    // A pin is a pin: what was written shows in a table that is opened again.
    let rows = session.sql("select * from t").await.unwrap().collect().await.unwrap();
    assert_eq!(bag(&rows), bag_of(&["1"]));
    assert_eq!(lake.rows().await, bag_of(&["1", "2"]));
    session.sql("insert into t values (3)").await.unwrap().collect().await.unwrap();
    let info = lake.store.entry(&lake.location, 2).await.unwrap();
    assert_eq!(info[crate::log::RUN], "run 1/1");
    session.sql("truncate table t").await.unwrap().collect().await.unwrap();
    assert_eq!(lake.rows_at(Pin::Latest).await, bag_of(&[]));
    let state = lake.store.state(&lake.location, "p/v").await;
    let generation = state.unwrap().unwrap().generation;
    assert_eq!(generation, Some(4), "each statement passed the fence");
}

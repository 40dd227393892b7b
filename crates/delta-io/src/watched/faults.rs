//! Every call of every write goes wrong once, in every way.

use std::sync::Arc;

use object_store::memory::InMemory;
use viewlane_core::{
    CommitOutcome, DatasetStore, Maintenance, SkipReason, TableLocation, TableSpec,
};

use super::{Fault, Watched};
use crate::{DeltaStore, Operation, fixture::*, stores::Stores};

const PLACE: &str = "memory:///lake/t";

/// What a fault may do to a table of two files.
async fn set_up() -> Arc<InMemory> {
    let memory = Arc::new(InMemory::new());
    let lake = over(&memory, None).0;
    let rows = batches("select * from (values (1, 'a'), (2, 'b')) as t(k, v)").await;
    lake.done(Operation::Write {
        mode: viewlane_core::WriteMode::Append,
        schema: rows[0].schema(),
        spec: TableSpec {
            // A checkpoint after each commit, so that there is something to go wrong after it.
            properties: [("delta.checkpointInterval".to_owned(), "1".to_owned())].into(),
            ..TableSpec::default()
        },
        rows: streams(rows),
    })
    .await;
    lake.done(append("select 3 as k, 'c' as v").await).await;
    memory
}

fn over(memory: &Arc<InMemory>, fault: Option<(usize, Fault)>) -> (Lake, Watched) {
    let store = Watched::new(Arc::clone(memory) as _);
    store.watch(fault);
    let stores = Stores::default().with_root("memory://", Arc::new(store.clone()));
    (Lake::at(DeltaStore::with_stores(stores), PLACE), store)
}

/// Runs a write with each of its calls going wrong in each way. `write` must be one that changes the
/// rows to `after`.
async fn every_call(write: impl AsyncFn() -> Operation, after: &Bag) -> usize {
    let start = set_up().await;
    let (lake, _) = over(&start, None);
    let before = lake.rows().await;
    assert_ne!(&before, after);
    let mut faults = 0;
    for fault in Fault::ALL {
        for nth in 1.. {
            let memory = Arc::new(start.fork());
            let (lake, store) = over(&memory, Some((nth, fault)));
            let outcome = lake.operate(write().await, lake.step("s", None, 1)).await;
            let calls = store.calls();
            if calls.len() < nth {
                assert!(matches!(outcome, Ok(CommitOutcome::Committed(_))), "{outcome:?}");
                break;
            }
            faults += 1;
            let what = format!("{fault:?} at call {nth}, {:?}: {outcome:?}", calls[nth - 1]);
            let (lake, _) = over(&memory, None);
            let rows = lake.rows().await;
            let version = lake.version().await;
            match &outcome {
                Ok(CommitOutcome::Committed(receipt)) => {
                    assert_eq!((&rows, version), (after, Some(receipt.version)), "{what}");
                }
                Ok(_) => assert_eq!((&rows, version), (&before, Some(1)), "{what}"),
                // An error that comes back is of a write that was not made.
                Err(_) => assert_eq!((&rows, version), (&before, Some(1)), "{what}"),
            }
            let again = lake.operate(write().await, lake.step("s", None, 1)).await.unwrap();
            match again {
                CommitOutcome::Committed(_) => assert_eq!(rows, before, "{what}"),
                CommitOutcome::Skipped { because: SkipReason::AlreadyCommitted, .. } => {
                    assert_eq!(&rows, after, "{what}");
                }
                other => panic!("{what}: {other:?}"),
            }
            assert_eq!(&lake.rows().await, after, "{what}");
            assert_eq!(lake.version().await, Some(2), "{what}");
        }
    }
    faults
}

#[tokio::test]
async fn an_append_is_made_once_whatever_goes_wrong() {
    let after = bag_of(&["1|a", "2|b", "3|c", "4|d"]);
    let faults = every_call(async || append("select 4 as k, 'd' as v").await, &after).await;
    assert!(faults > 40, "{faults}");
}

#[tokio::test]
async fn an_overwrite_is_made_once_whatever_goes_wrong() {
    let write =
        async || write(viewlane_core::WriteMode::Overwrite, "select 4 as k, 'd' as v").await;
    let faults = every_call(write, &bag_of(&["4|d"])).await;
    assert!(faults > 40, "{faults}");
}

#[tokio::test]
async fn a_merge_is_made_once_whatever_goes_wrong() {
    let source = "select * from (values (2, 'B'), (3, 'C'), (9, 'i')) as t(k, v)";
    let after = bag_of(&["1|a", "2|B", "3|C", "9|i"]);
    let faults = every_call(async || merge(&["k"], None, source).await, &after).await;
    assert!(faults > 40, "{faults}");
}

#[tokio::test]
async fn a_replacement_is_made_once_whatever_goes_wrong() {
    let after = bag_of(&["1|a", "2|x", "3|c"]);
    let write = async || replace_where("k = 2", "select 2 as k, 'x' as v").await;
    let faults = every_call(write, &after).await;
    assert!(faults > 40, "{faults}");
}

#[tokio::test]
async fn maintenance_changes_no_row_whatever_goes_wrong() {
    let start = set_up().await;
    let rows = over(&start, None).0.rows().await;
    let location = TableLocation::new(PLACE);
    let maintenance = Maintenance { checkpoint_after: 1, ..Maintenance::default() };
    let mut faults = 0;
    for fault in Fault::ALL {
        for nth in 1.. {
            let memory = Arc::new(start.fork());
            let (lake, store) = over(&memory, Some((nth, fault)));
            let outcome = lake.store.maintain(&location, &maintenance).await;
            let calls = store.calls();
            if calls.len() < nth {
                outcome.unwrap().unwrap();
                break;
            }
            faults += 1;
            let what = format!("{fault:?} at call {nth}, {:?}: {outcome:?}", calls[nth - 1]);
            let (lake, _) = over(&memory, None);
            assert_eq!(lake.rows().await, rows, "{what}");
            lake.store.maintain(&location, &maintenance).await.unwrap().unwrap();
            let report = lake.store.maintain(&location, &maintenance).await.unwrap().unwrap();
            assert!(!report.steps[0].needed, "{what}: {report:?}");
            assert_eq!(lake.rows().await, rows, "{what}");
        }
    }
    assert!(faults > 40, "{faults}");
}

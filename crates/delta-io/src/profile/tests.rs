use arrow::datatypes::DataType;
use datafusion::prelude::SessionContext;
use viewlane_core::{DatasetStore, TableSpec, WriteMode};

use super::*;
use crate::{Operation, fixture::*};

async fn lake() -> Lake {
    let lake = Lake::new();
    for row in ["1, 'a'", "2, 'b'"] {
        let rows = batches(&format!("select * from (values ({row})) as t(k, p)")).await;
        lake.done(Operation::Write {
            mode: WriteMode::Append,
            schema: rows[0].schema(),
            spec: TableSpec { partition_by: vec!["p".to_owned()], ..TableSpec::default() },
            rows: streams(rows),
        })
        .await;
    }
    lake
}

#[tokio::test]
async fn a_scan_is_pinned_in_one_way() {
    let lake = lake().await;
    let open = async |profile: ScanProfile| lake.store.open_with(&lake.location, &profile).await;
    let at = |version, timestamp| ScanProfile { version, timestamp, ..ScanProfile::default() };
    let history = lake.store.history(&lake.location, 2).await.unwrap().unwrap();
    let (newest, first) = (history[0].at.unwrap(), history[1].at.unwrap());
    assert_eq!(open(at(None, None)).await.unwrap().1.version, 1);
    assert_eq!(open(at(Some(0), None)).await.unwrap().1.version, 0);
    assert_eq!(open(at(None, Some(newest + 1))).await.unwrap().1.version, 1);
    let then = open(at(None, Some(first))).await.unwrap().1.version;
    assert_eq!(then, u64::from(newest == first));
    let told = [
        open(at(Some(0), Some(5))).await.unwrap_err(),
        open(at(None, Some(5))).await.unwrap_err(),
        open(at(Some(9), None)).await.unwrap_err(),
    ];
    let told: Vec<_> = told.iter().map(crate::fixture::told).collect();
    insta::assert_snapshot!(told.join("\n"), @"
        VL-D0109: `memory:///lake/t` is pinned to version 0 and to the time 5; take one of them
        VL-D0108: the log of `memory:///lake/t` does not go back to the time 5
        VL-D0108: `memory:///lake/t` has no version 9; its newest is 1
        ");
}

#[tokio::test]
async fn what_is_set_counts_and_nothing_else() {
    let lake = lake().await;
    let default = ScanProfile::default();
    let (open, effective) = lake.store.open_with(&lake.location, &default).await.unwrap();
    assert_eq!(open.schema, lake.store.open(&lake.location, Pin::Latest).await.unwrap().schema);
    let profiles = [
        ScanProfile { view_types: Some(false), ..default.clone() },
        ScanProfile { wrap_partition_values: Some(true), ..default.clone() },
        ScanProfile { parquet_pushdown: Some(true), ..default.clone() },
        ScanProfile { file_column: Some("file".to_owned()), ..default.clone() },
        ScanProfile { version: Some(0), ..default.clone() },
    ];
    let mut seen = std::collections::BTreeSet::from([effective.fingerprint()]);
    for profile in &profiles {
        let (_, other) = lake.store.open_with(&lake.location, profile).await.unwrap();
        assert!(seen.insert(other.fingerprint()), "{profile:?}");
    }
    let (same, _) = lake.store.open_with(&lake.location, &profiles[0]).await.unwrap();
    assert_eq!(same.schema.field_with_name("p").unwrap().data_type(), &DataType::Utf8);
    let (wrapped, _) = lake.store.open_with(&lake.location, &profiles[1]).await.unwrap();
    let wrapped = wrapped.schema.field_with_name("p").unwrap().data_type().clone();
    assert!(matches!(wrapped, DataType::Dictionary(..)), "{wrapped}");
    let (files, _) = lake.store.open_with(&lake.location, &profiles[3]).await.unwrap();
    let session = SessionContext::new();
    session.register_table("t", files.provider).unwrap();
    let counted = session.sql("select count(distinct file) from t").await.unwrap();
    assert_eq!(bag(&counted.collect().await.unwrap()), bag_of(&["2"]));
    let taken = ScanProfile { file_column: Some("k".to_owned()), ..default };
    let error = lake.store.open_with(&lake.location, &taken).await.unwrap_err();
    insta::assert_snapshot!(told(&error), @"VL-D0109: `memory:///lake/t` has a column `k`; name the file column otherwise");
}

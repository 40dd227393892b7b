use std::sync::Arc;

use arrow::{
    array::{ArrayRef, Int64Array, StringViewArray},
    datatypes::{DataType, Field, Schema},
    record_batch::RecordBatch,
};
use async_trait::async_trait;
use datafusion::{
    common::DFSchema,
    error::DataFusionError,
    logical_expr::Expr,
    physical_plan::stream::RecordBatchStreamAdapter,
    prelude::{SessionContext, col, lit},
};
use futures::TryStreamExt;
use viewlane_core::{CommitIntent, CommitOutcome, DatasetState, Kinded, PortError};

use super::*;
use crate::BagChecksum;

/// A target that keeps what it is given.
#[derive(Debug, Default)]
struct Kept(Vec<RecordBatch>);

#[async_trait]
impl WriteTarget for Kept {
    fn base(&self) -> Option<&DatasetState> {
        None
    }

    async fn write(&mut self, streams: Vec<SendableRecordBatchStream>) -> Result<(), PortError> {
        for stream in streams {
            let batches: Vec<_> = stream.try_collect().await.map_err(|error| {
                PortError::with_source(crate::error::QUERY, "target saw the failure", error)
            })?;
            self.0.extend(batches);
        }
        Ok(())
    }

    async fn commit(
        self: Box<Self>,
        _: CommitIntent,
        _: &WriteCounts,
    ) -> Result<CommitOutcome, PortError> {
        unreachable!("these tests do not commit")
    }
}

fn batch(ids: Vec<Option<i64>>, names: Vec<Option<&str>>) -> RecordBatch {
    let columns: Vec<ArrayRef> =
        vec![Arc::new(Int64Array::from(ids)), Arc::new(StringViewArray::from(names))];
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("name", DataType::Utf8View, true),
    ]);
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

async fn run(
    parts: Vec<Vec<Result<RecordBatch, DataFusionError>>>,
    id_type: DataType,
    not_null: &[&str],
) -> (Kept, Result<WriteCounts, Error>) {
    run_with(parts, id_type, |request| {
        request.not_null = not_null.iter().map(|name| (*name).to_owned()).collect();
    })
    .await
}

async fn run_with(
    parts: Vec<Vec<Result<RecordBatch, DataFusionError>>>,
    id_type: DataType,
    demand: impl FnOnce(&mut WriteRequest),
) -> (Kept, Result<WriteCounts, Error>) {
    let schema = Arc::new(Schema::new(vec![
        Field::new("id", id_type, true),
        Field::new("name", DataType::Utf8, true),
    ]));
    let streams = parts
        .into_iter()
        .map(|batches| -> SendableRecordBatchStream {
            let input = batch(vec![], vec![]).schema();
            Box::pin(RecordBatchStreamAdapter::new(input, futures::stream::iter(batches)))
        })
        .collect();
    let mut request = WriteRequest::new(streams, schema);
    demand(&mut request);
    let mut target = Kept::default();
    let counts = write(&mut target, request).await;
    (target, counts)
}

#[tokio::test]
async fn rows_arrive_in_stored_types_and_are_counted_over_all_streams() {
    let parts = vec![
        vec![Ok(batch(vec![Some(1), None], vec![Some("a"), None]))],
        vec![],
        vec![Ok(batch(vec![Some(3)], vec![Some("c")])), Ok(batch(vec![], vec![]))],
    ];
    let (kept, counts) = run(parts, DataType::Int32, &[]).await;
    let counts = counts.unwrap();
    assert_eq!(counts.rows, 3);
    assert!(kept.0.iter().all(|batch| batch.schema().field(0).data_type() == &DataType::Int32));
    // The checksum is that of what was stored, computed anew from what the target holds.
    let mut again = BagChecksum::default();
    kept.0.iter().for_each(|batch| again.add(batch).unwrap());
    assert_eq!(counts.bag, again.to_string());
}

#[tokio::test]
async fn violations_are_told_with_the_first_row() {
    let show = |result: Result<WriteCounts, Error>| {
        let error = result.unwrap_err();
        format!("{}: {error}", error.code())
    };
    let rows =
        || vec![vec![Ok(batch(vec![Some(1), None, None], vec![Some("a"), Some("b"), None]))]];
    insta::assert_snapshot!(
        show(run(rows(), DataType::Int64, &["id"]).await.1),
        @"VL-W0101: column `id` is declared NOT NULL, but 2 of 3 rows seen are NULL; the first: id = NULL, name = b"
    );
    let big = vec![vec![Ok(batch(vec![Some(i64::MAX)], vec![None]))]];
    insta::assert_snapshot!(
        show(run(big, DataType::Int32, &[]).await.1),
        @"VL-W0102: a value of column `id` does not fit its stored type Int32"
    );
    let failing = vec![vec![Err(DataFusionError::Execution("divide by zero".to_owned()))]];
    insta::assert_snapshot!(
        show(run(failing, DataType::Int64, &[]).await.1),
        @"VL-W0103: the query failed while it ran"
    );
}

fn check(name: &str, condition: Expr) -> Result<Check, Error> {
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, true),
        Field::new("name", DataType::Utf8, true),
    ]);
    let names = DFSchema::try_from(schema.clone()).unwrap();
    let condition = SessionContext::new().create_physical_expr(condition, &names).unwrap();
    Check::new(name, condition, &schema)
}

fn five() -> Vec<Vec<Result<RecordBatch, DataFusionError>>> {
    vec![
        vec![Ok(batch(vec![Some(1), None], vec![Some("a"), None]))],
        vec![Ok(batch(vec![Some(-3), Some(-4), Some(7)], vec![Some("c"), None, None]))],
    ]
}

#[tokio::test]
async fn a_check_is_broken_by_false_and_not_by_null() {
    let with = |condition: Expr| async {
        let check = check("id is positive", condition).unwrap();
        run_with(five(), DataType::Int64, |request| request.checks.push(check)).await.1
    };
    assert_eq!(with(col("id").gt(lit(-5i64))).await.unwrap().rows, 5);
    let error = with(col("id").gt(lit(0i64))).await.unwrap_err();
    insta::assert_snapshot!(
        format!("{}: {error}", error.code()),
        @"VL-W0104: check `id is positive` fails for 2 of 3 rows seen; the first: id = -3, name = c; id = -4, name = NULL"
    );
}

#[tokio::test]
async fn a_condition_that_cannot_be_decided_is_told_with_its_name() {
    let error = check("sum", col("id") + lit(1i64)).unwrap_err();
    insta::assert_snapshot!(
        format!("{}: {error}: {}", error.code(), std::error::Error::source(&error).unwrap()),
        @"VL-W0106: check `sum` cannot be decided: Error during planning: `id@0 + 1` is of type Int64, not Boolean"
    );
    let division = check("ratio", (lit(1i64) / (col("id") - lit(1i64))).gt(lit(0i64))).unwrap();
    let error = run_with(five(), DataType::Int64, |request| request.checks.push(division)).await.1;
    insta::assert_snapshot!(error.unwrap_err(), @"check `ratio` cannot be decided");
}

#[tokio::test]
async fn too_many_and_too_few_rows_are_refused() {
    let with = |min, max| async move {
        let rows = RowLimits { min, max };
        let (_, counts) = run_with(five(), DataType::Int64, |request| request.rows = rows).await;
        counts.map(|counts| counts.rows).map_err(|error| format!("{}: {error}", error.code()))
    };
    assert_eq!(with(Some(5), Some(5)).await, Ok(5));
    insta::assert_snapshot!(
        with(None, Some(4)).await.unwrap_err(),
        @"VL-W0105: at least 5 rows came, but at most 4 are expected"
    );
    insta::assert_snapshot!(
        with(Some(6), None).await.unwrap_err(),
        @"VL-W0105: 5 rows came, but at least 6 are expected"
    );
}

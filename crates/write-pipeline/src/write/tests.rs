use arrow::{
    array::{ArrayRef, Int64Array, StringViewArray},
    datatypes::{DataType, Field, Schema},
};
use async_trait::async_trait;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use futures::TryStreamExt;
use viewlane_core::{CommitIntent, CommitOutcome, DatasetState, Kinded, PortError};

use super::*;

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
    let not_null = not_null.iter().map(|name| (*name).to_owned()).collect();
    let mut target = Kept::default();
    let counts = write(&mut target, WriteRequest { streams, schema, not_null }).await;
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

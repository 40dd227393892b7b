use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, StringArray,
        TimestampMicrosecondArray,
    },
    datatypes::{Field, Schema},
    record_batch::RecordBatch,
};
use proptest::prelude::*;
use viewlane_write_pipeline::{FileMode, FileOutcome, SortKey, WritePolicy, write_files};

use crate::helpers::{assert_no_litter, bag, files, read, request, session, settings, target};

type Row = (Option<i32>, Option<String>, Option<f64>, Option<bool>, Option<i32>, Option<i64>);

fn row() -> impl Strategy<Value = Row> {
    (
        prop::option::of(-3i32..4),
        // Everything that needs quotes or encoding, and never nothing, which is NULL to CSV.
        prop::option::of("[a-cä%/=\",;'\\\\ \n\t.]{1,4}"),
        prop::option::of(-1e9f64..1e9),
        prop::option::of(any::<bool>()),
        prop::option::of(-100_000i32..100_000),
        prop::option::of(-4_000_000_000_000_000i64..4_000_000_000_000_000),
    )
}

fn batch(rows: &[Row]) -> RecordBatch {
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("i", Arc::new(rows.iter().map(|r| r.0).collect::<Int32Array>())),
        ("s", Arc::new(rows.iter().map(|r| r.1.as_deref()).collect::<StringArray>())),
        ("f", Arc::new(rows.iter().map(|r| r.2).collect::<Float64Array>())),
        ("b", Arc::new(rows.iter().map(|r| r.3).collect::<BooleanArray>())),
        ("d", Arc::new(rows.iter().map(|r| r.4).collect::<Date32Array>())),
        ("t", Arc::new(rows.iter().map(|r| r.5).collect::<TimestampMicrosecondArray>())),
    ];
    let fields: Vec<_> =
        columns.iter().map(|(name, c)| Field::new(*name, c.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// Options that any rows can be written with.
fn policy() -> impl Strategy<Value = WritePolicy> {
    let format = prop::sample::select(vec![
        "format = 'parquet'",
        "format = 'parquet'\nparquet = { dictionary = false, version = '2.0', max_row_group_rows = 3 }",
        "format = 'parquet'\nparquet = { compression = 'lz4', statistics = 'none', skip_arrow_metadata = true }",
        "format = 'csv'\ncsv = {}",
        "format = 'csv'\ncsv = { delimiter = ';', quote = \"'\", compression = 'gzip' }",
        "format = 'csv'\ncsv = { quote_style = 'always', header = false }",
        "format = 'json'",
        "format = 'json'\njson = { compression = 'zstd' }",
        "format = 'arrow'",
        "format = 'arrow'\narrow = { compression = 'zstd' }",
    ]);
    let columns = || prop::sample::select(vec!["i", "s", "f", "b", "d", "t"]);
    (
        format,
        prop::collection::btree_set(columns(), 0..3),
        prop::collection::btree_set(columns(), 0..3),
        prop::option::of(1u64..8),
        prop::option::of(1u64..3000),
        any::<[bool; 3]>(),
    )
        .prop_map(|(format, folders, order, max_file_rows, target_file_bytes, flags)| {
            let mut policy = settings(format);
            let order = order.into_iter().filter(|column| !folders.contains(column));
            policy.sort_by = order
                .map(|column| SortKey {
                    descending: flags[0],
                    nulls_first: flags[1],
                    ..column.into()
                })
                .collect();
            if flags[2] {
                policy.single_file = true;
            } else {
                policy.partition_by = folders.into_iter().map(str::to_owned).collect();
                policy.max_file_rows = max_file_rows;
                policy.target_file_bytes = target_file_bytes;
            }
            policy
        })
}

fn parts() -> impl Strategy<Value = Vec<Vec<Vec<Row>>>> {
    let batch = prop::collection::vec(row(), 0..8);
    prop::collection::vec(prop::collection::vec(batch, 0..3), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    /// Whatever the rows and the options, an engine reads back what went in: of the first write, of
    /// an append and of an overwrite.
    #[test]
    fn rows_read_back_as_they_were_written(first in parts(), second in parts(), policy in policy()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let root = tempfile::tempdir().unwrap();
            let to = target(&root.path().join("t"));
            let batches = |parts: &[Vec<Vec<Row>>]| -> Vec<Vec<RecordBatch>> {
                parts.iter().map(|part| part.iter().map(|rows| batch(rows)).collect()).collect()
            };
            let schema = batch(&[]).schema();
            let (first, second) = (batches(&first), batches(&second));
            let (one, two): (Vec<_>, Vec<_>) = (first.concat(), second.concat());
            let receipt = write_files(&to, request(first, &schema), &policy, &session()).await.unwrap();
            assert_eq!(receipt.outcome, FileOutcome::Created);
            assert_eq!(bag(&read(to.path(), &policy, &schema).await), bag(&one));
            assert_eq!(receipt.bag, bag(&one));
            assert_eq!(receipt.rows, receipt.files.iter().map(|file| file.rows).sum::<u64>());
            let mut wanted = one;
            if !policy.single_file {
                let append = WritePolicy { mode: FileMode::Append, ..policy.clone() };
                write_files(&to, request(second.clone(), &schema), &append, &session()).await.unwrap();
                wanted.extend(two.clone());
                assert_eq!(bag(&read(to.path(), &policy, &schema).await), bag(&wanted));
            }
            let overwrite = WritePolicy { mode: FileMode::Overwrite, ..policy.clone() };
            let receipt = write_files(&to, request(second, &schema), &overwrite, &session()).await.unwrap();
            assert_eq!(bag(&read(to.path(), &policy, &schema).await), bag(&two));
            assert_eq!(receipt.files.len(), files(root.path()).len());
            assert_no_litter(root.path());
        });
    }
}

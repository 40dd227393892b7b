use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayRef, AsArray, BooleanArray, Date32Array, Decimal128Array, Float64Array,
        Int64Array, StringArray, TimestampMicrosecondArray,
    },
    compute::concat_batches,
    datatypes::{Field, Int64Type, Schema},
    record_batch::RecordBatch,
};
use parquet::{arrow::arrow_reader::ParquetRecordBatchReaderBuilder, file::reader::FileReader};
use viewlane_write_pipeline::{WritePolicy, write_files};

use crate::helpers::{
    assert_no_litter, bag, files, people, read, request, session, settings, target, told, write,
};

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let fields: Vec<_> =
        columns.iter().map(|(name, c)| Field::new(*name, c.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

fn names(root: &std::path::Path) -> Vec<String> {
    let folder = |path: std::path::PathBuf| {
        path.parent().unwrap().strip_prefix(root).unwrap().display().to_string()
    };
    let mut names: Vec<_> = files(root).into_iter().map(folder).collect();
    names.dedup();
    names
}

#[tokio::test]
async fn values_of_every_kind_name_folders_and_are_read_back() {
    let texts = vec![
        Some("plain"),
        None,
        Some(""),
        Some("a/b c"),
        Some("50%=ä\n:*"),
        Some(".."),
        Some("x%2Fy"),
    ];
    let some = |n: i64| (n != 2).then_some(n);
    let columns: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from(texts)),
        Arc::new(Int64Array::from_iter((0..7).map(|n| some(n - 3)))),
        Arc::new(BooleanArray::from_iter((0..7).map(|n| some(n).map(|n| n % 2 == 0)))),
        Arc::new(Date32Array::from_iter((0..7).map(|n| some(n).map(|n| n as i32 * 1000 - 900)))),
        Arc::new(TimestampMicrosecondArray::from_iter(
            (0..7).map(|n| some(n).map(|n| n * 1_234_567_890_123 - 5)),
        )),
        Arc::new(
            Decimal128Array::from_iter(
                (0..7).map(|n| some(n).map(|n| i128::from(n) * 12_345 - 99)),
            )
            .with_precision_and_scale(12, 3)
            .unwrap(),
        ),
        Arc::new(Float64Array::from_iter((0..7).map(|n| some(n).map(|n| n as f64 / 3.0 - 1.0)))),
    ];
    for (index, column) in columns.into_iter().enumerate() {
        for format in ["parquet", "csv", "json", "arrow"] {
            let root = tempfile::tempdir().unwrap();
            let rows = table(vec![
                ("p", Arc::clone(&column)),
                ("n", Arc::new(Int64Array::from_iter_values(0..7))),
            ]);
            let policy = settings(&format!("format = '{format}'\npartition_by = ['p']"));
            write(&root.path().join("t"), std::slice::from_ref(&rows), &policy).await.unwrap();
            let found = read(&root.path().join("t"), &policy, &rows.schema()).await;
            assert_eq!(bag(&found), bag(&[rows]), "{format} {index}: {:?}", names(root.path()));
            assert_no_litter(root.path());
        }
    }
}

#[tokio::test]
async fn folders_are_named_as_hive_names_them() {
    let root = tempfile::tempdir().unwrap();
    let rows = table(vec![
        ("n", Arc::new(Int64Array::from(vec![1, 2, 3]))),
        ("day", Arc::new(Date32Array::from(vec![Some(0), Some(0), None]))),
        ("kind", Arc::new(StringArray::from(vec!["a b", "a/b", "a b"]))),
    ]);
    let policy = settings("partition_by = ['kind', 'day']");
    write(root.path(), std::slice::from_ref(&rows), &policy).await.unwrap();
    insta::assert_snapshot!(names(root.path()).join("\n"), @r"
    kind=a%20b/day=1970-01-01
    kind=a%20b/day=__HIVE_DEFAULT_PARTITION__
    kind=a%2Fb/day=1970-01-01
    ");
    let one = std::fs::File::open(&files(root.path())[0]).unwrap();
    let held = ParquetRecordBatchReaderBuilder::try_new(one).unwrap().schema().clone();
    assert_eq!(held.fields().iter().map(|f| f.name().as_str()).collect::<Vec<_>>(), ["n"]);
}

#[tokio::test]
async fn partition_columns_are_kept_in_the_files_on_demand() {
    let root = tempfile::tempdir().unwrap();
    let policy = settings("partition_by = ['name']\nkeep_partition_columns = true\nformat = 'csv'");
    write(root.path(), &[people(0, 2)], &policy).await.unwrap();
    let text = std::fs::read_to_string(&files(root.path())[0]).unwrap();
    assert_eq!(text, "id,name\n0,name 0\n");
}

#[tokio::test]
async fn a_value_that_would_be_read_as_another_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let text = |value: &str| {
        table(vec![
            ("p", Arc::new(StringArray::from(vec![value]))),
            ("n", Arc::new(Int64Array::from(vec![1]))),
        ])
    };
    let policy = settings("partition_by = ['p']");
    insta::assert_snapshot!(
        told(write(root.path(), &[text("__HIVE_DEFAULT_PARTITION__")], &policy).await, root.path()),
        @"VL-W0214: a value of column `p` is the name of the folder for NULL"
    );
    insta::assert_snapshot!(
        told(write(root.path(), &[text(&"x".repeat(300))], &policy).await, root.path()),
        @"VL-W0214: a value of column `p` is too long for the name of a folder"
    );
    let json = settings("format = 'json'");
    let nan = table(vec![("x", Arc::new(Float64Array::from(vec![1.0, f64::NAN])))]);
    insta::assert_snapshot!(told(write(root.path(), &[nan], &json).await, root.path()), @"VL-W0214: a value of column `x` is infinite or no number, which JSON cannot hold");
}

#[tokio::test]
async fn each_folder_has_one_file_however_many_streams_there_are() {
    let root = tempfile::tempdir().unwrap();
    let parts: Vec<_> = (0..4).map(|part| vec![people(part * 100, 100)]).collect();
    let all: Vec<_> = parts.iter().flatten().cloned().collect();
    let policy = settings("partition_by = ['name']");
    let to = target(&root.path().join("t"));
    let receipt =
        write_files(&to, request(parts, &all[0].schema()), &policy, &session()).await.unwrap();
    assert_eq!(receipt.files.len(), 10, "nine names and NULL");
    assert!(receipt.files.iter().all(|file| file.rows == 40));
    assert_eq!(bag(&read(to.path(), &policy, &all[0].schema()).await), bag(&all));
}

fn ids(path: &std::path::Path) -> Vec<Option<i64>> {
    let reader =
        ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(path).unwrap()).unwrap();
    let schema = reader.schema().clone();
    let batches: Vec<_> = reader.build().unwrap().map(Result::unwrap).collect();
    let rows = concat_batches(&schema, &batches).unwrap();
    rows.column_by_name("id").unwrap().as_primitive::<Int64Type>().iter().collect()
}

#[tokio::test]
async fn sorted_rows_are_in_order_within_files_and_from_file_to_file() {
    let root = tempfile::tempdir().unwrap();
    let scrambled = |part: i64| {
        let ids = (0..100).map(|n| (n != 7).then_some((n * 37 + part * 13) % 101));
        table(vec![("id", Arc::new(Int64Array::from_iter(ids)))])
    };
    let parts: Vec<_> = (0..3).map(|part| vec![scrambled(part)]).collect();
    let all: Vec<_> = parts.iter().flatten().cloned().collect();
    let policy = settings(
        "sort_by = [{ column = 'id', descending = true, nulls_first = true }]\nmax_file_rows = 70",
    );
    let to = target(&root.path().join("t"));
    write_files(&to, request(parts, &all[0].schema()), &policy, &session()).await.unwrap();
    let found = files(to.path());
    assert_eq!(found.len(), 5);
    let order: Vec<_> = found.iter().flat_map(|path| ids(path)).collect();
    let mut wanted = order.clone();
    wanted.sort_by_key(|id| (id.is_some(), id.map(|id| -id)));
    assert_eq!(order, wanted);
    assert_eq!(bag(&read(to.path(), &policy, &all[0].schema()).await), bag(&all));
    let footer = parquet::file::serialized_reader::SerializedFileReader::new(
        std::fs::File::open(&found[0]).unwrap(),
    )
    .unwrap();
    let sorting = footer.metadata().row_group(0).sorting_columns().unwrap();
    assert_eq!(
        (sorting[0].column_idx, sorting[0].descending, sorting[0].nulls_first),
        (0, true, true)
    );
}

#[tokio::test]
async fn rows_of_a_folder_are_sorted_too() {
    let root = tempfile::tempdir().unwrap();
    let parts: Vec<_> = (0..3).rev().map(|part| vec![people(part * 30, 30)]).collect();
    let policy =
        settings("partition_by = ['name']\nsort_by = [{ column = 'id' }]\nmax_file_rows = 4");
    let to = target(&root.path().join("t"));
    write_files(&to, request(parts, &people(0, 0).schema()), &policy, &session()).await.unwrap();
    let mut folders = std::collections::BTreeMap::<_, Vec<_>>::new();
    for path in files(to.path()) {
        folders.entry(path.parent().unwrap().to_owned()).or_default().extend(ids(&path));
    }
    assert_eq!(folders.len(), 10);
    assert!(folders.values().all(|ids| ids.len() == 9 && ids.is_sorted()), "{folders:?}");
}

#[tokio::test]
async fn a_sort_beyond_the_memory_spills() {
    let root = tempfile::tempdir().unwrap();
    let runtime = datafusion::execution::runtime_env::RuntimeEnvBuilder::new()
        .with_memory_limit(8 << 20, 1.0)
        .build_arc()
        .unwrap();
    let config =
        datafusion::prelude::SessionConfig::new().with_sort_spill_reservation_bytes(1 << 20);
    let context = datafusion::prelude::SessionContext::new_with_config_rt(config, runtime);
    let mut session = session();
    session.task = context.task_ctx();
    // 32 MB of rows in descending order.
    let batches: Vec<_> = (0..250).rev().map(|n| people(n * 4000, 4000)).collect();
    let wanted = bag(&batches);
    let policy = settings("format = 'arrow'\nsort_by = [{ column = 'id' }]\nsingle_file = true");
    let to = target(&root.path().join("t.arrow"));
    let receipt =
        write_files(&to, request(vec![batches], &people(0, 0).schema()), &policy, &session)
            .await
            .unwrap();
    assert_eq!((receipt.rows, receipt.bag), (1_000_000, wanted));
    let spilled =
        arrow::ipc::reader::FileReader::try_new(std::fs::File::open(to.path()).unwrap(), None)
            .unwrap();
    let mut next = 0;
    for batch in spilled {
        for id in batch.unwrap().column(0).as_primitive::<Int64Type>().values() {
            assert_eq!(*id, next);
            next += 1;
        }
    }
}

#[tokio::test]
async fn many_streams_make_one_file_on_demand_and_their_own_otherwise() {
    let root = tempfile::tempdir().unwrap();
    let parts = || (0..3).map(|part| vec![people(part * 10, 10)]).collect::<Vec<_>>();
    for (settings_text, wanted) in [("single_file = true", 1), ("", 3)] {
        let to = root.path().join(format!("t{wanted}"));
        let policy = settings(settings_text);
        let rows = request(parts(), &people(0, 0).schema());
        let receipt = write_files(&target(&to), rows, &policy, &session()).await.unwrap();
        assert_eq!(receipt.files.len(), wanted);
        let found = read(&to, &policy, &people(0, 0).schema()).await;
        assert_eq!(bag(&found), bag(&[people(0, 30)]));
    }
}

#[tokio::test]
async fn files_end_at_the_size_that_is_asked_for() {
    let batches: Vec<_> = (0..100).map(|n| people(n * 100, 100)).collect();
    for format in ["parquet", "csv", "json", "arrow"] {
        let root = tempfile::tempdir().unwrap();
        let policy = WritePolicy {
            target_file_bytes: Some(20_000),
            ..settings(&format!("format = '{format}'"))
        };
        let receipt = write(&root.path().join("t"), &batches, &policy).await.unwrap();
        assert!(receipt.files.len() > 2, "{format}: {:?}", receipt.files);
        let (last, full) = receipt.files.split_last().unwrap();
        // A footer and the batch that filled it come on top; Parquet estimates what is not encoded yet.
        assert!(
            full.iter().all(|file| file.bytes < 40_000 && file.bytes > 5_000),
            "{format}: {full:?}"
        );
        assert!(last.bytes <= 40_000);
        let found = read(&root.path().join("t"), &policy, &batches[0].schema()).await;
        assert_eq!(bag(&found), bag(&batches));
    }
}

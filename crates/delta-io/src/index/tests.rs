use std::collections::BTreeSet;

use arrow::{
    array::RecordBatch,
    datatypes::{Field, TimeUnit},
};
use datafusion::{
    common::ScalarValue,
    logical_expr::{Operator, binary_expr, ident, lit},
    prelude::SessionContext,
};
use proptest::prelude::*;
use viewlane_core::{Pin, TableSpec, WriteMode};

use super::*;
use crate::{Operation, Predicate, fixture::*, watched::Watched};

/// Values of each kind, from which columns and literals are drawn.
fn values(data_type: &DataType) -> Vec<ScalarValue> {
    let long = "a".repeat(40);
    match data_type {
        DataType::Int32 => [-7, 0, 3, 4, i32::MAX].map(|v| ScalarValue::Int32(Some(v))).into(),
        DataType::Decimal128(precision, scale) => {
            [-150, 0, 101, 10_i128.pow(u32::from(*precision)) - 1]
                .map(|v| ScalarValue::Decimal128(Some(v), *precision, *scale))
                .into()
        }
        DataType::Float64 => [f64::NAN, f64::NEG_INFINITY, -1.5, -0.0, 0.0, 2.5, f64::INFINITY]
            .map(|v| ScalarValue::Float64(Some(v)))
            .into(),
        DataType::Date32 => [-800, 0, 19_000].map(|v| ScalarValue::Date32(Some(v))).into(),
        DataType::Timestamp(_, zone) => [-1, 0, 1_700_000_000_123_456, 1_700_000_000_123_999]
            .map(|v| ScalarValue::TimestampMicrosecond(Some(v), zone.clone()))
            .into(),
        DataType::Utf8 => {
            ["", "a", "ab", "b%", "é", &format!("{long}y"), &format!("{long}z"), "\u{10FFFF}"]
                .map(|v| ScalarValue::Utf8(Some(v.to_owned())))
                .into()
        }
        DataType::Boolean => [true, false].map(|v| ScalarValue::Boolean(Some(v))).into(),
        DataType::Binary => {
            [&b""[..], b"\x00", b"\xff\xfe"].map(|v| ScalarValue::Binary(Some(v.to_vec()))).into()
        }
        other => panic!("{other}"),
    }
}

fn types() -> Vec<DataType> {
    vec![
        DataType::Int32,
        DataType::Decimal128(10, 2),
        DataType::Decimal128(38, 4),
        DataType::Float64,
        DataType::Date32,
        DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Utf8,
        DataType::Boolean,
        DataType::Binary,
    ]
}

/// A comparison of a column, of one of several forms.
fn comparison(name: &str, data_type: &DataType, form: u8, one: usize, two: usize) -> Expr {
    let known = values(data_type);
    let (one, two) = (lit(known[one % known.len()].clone()), lit(known[two % known.len()].clone()));
    let column = ident(name);
    let operators = [
        Operator::Eq,
        Operator::NotEq,
        Operator::Lt,
        Operator::LtEq,
        Operator::Gt,
        Operator::GtEq,
        Operator::IsDistinctFrom,
        Operator::IsNotDistinctFrom,
    ];
    match form % 16 {
        form @ 0..=7 => binary_expr(column, operators[usize::from(form)], one),
        8 => column.in_list(vec![one, two], false),
        9 => column.in_list(vec![one, two], true),
        10 => column.between(one, two),
        11 => column.not_between(one, two),
        12 => column.is_null(),
        13 => column.is_not_null(),
        _ if *data_type == DataType::Utf8 => {
            let pattern = ["a%", "%", "aaaa%", "b\\%%", "é%", "_b"][(usize::from(form) + 1) % 6];
            match form % 2 {
                0 => column.like(lit(pattern)),
                _ => column.not_like(lit(pattern)),
            }
        }
        _ => binary_expr(column, Operator::Eq, lit(ScalarValue::try_from(data_type).unwrap())),
    }
}

/// Rows of one file: for each column the places of its values, `None` for NULL.
type Rows = Vec<Vec<Option<usize>>>;

fn batch_of(rows: &Rows, schema: &SchemaRef) -> RecordBatch {
    let columns = schema.fields().iter().enumerate().map(|(column, field)| {
        let known = values(field.data_type());
        let null = ScalarValue::try_from(field.data_type()).unwrap();
        let cells = rows.iter().map(|row| match row[column] {
            None => null.clone(),
            Some(place) => known[place % known.len()].clone(),
        });
        ScalarValue::iter_to_array(cells).unwrap()
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect()).unwrap()
}

fn schema() -> SchemaRef {
    let fields = types().into_iter().enumerate();
    let mut fields: Vec<_> =
        fields.map(|(at, data_type)| Field::new(format!("c{at}"), data_type, true)).collect();
    // Folders of each kind that a folder can be of.
    fields.push(Field::new("p", DataType::Int32, true));
    fields.push(Field::new("q", DataType::Utf8, true));
    Arc::new(Schema::new(fields))
}

async fn table(files: &[Rows]) -> Lake {
    let lake = Lake::new();
    for rows in files {
        let batch = batch_of(rows, &schema());
        lake.done(Operation::Write {
            mode: WriteMode::Append,
            schema: schema(),
            spec: TableSpec {
                partition_by: vec!["p".to_owned(), "q".to_owned()],
                ..TableSpec::default()
            },
            rows: streams(vec![batch]),
        })
        .await;
    }
    lake
}

async fn filtered(provider: Arc<dyn TableProvider>, predicate: &Expr) -> Bag {
    let frame = SessionContext::new().read_table(provider).unwrap();
    bag(&frame.filter(predicate.clone()).unwrap().collect().await.unwrap())
}

/// The rows that a predicate is true of by the definition of it: every file is read and nothing is
/// pushed into the scan.
async fn expected(lake: &Lake, predicate: &Expr) -> Bag {
    use viewlane_core::DatasetStore;
    let all = lake.store.open(&lake.location, Pin::Latest).await.unwrap();
    filtered(in_memory(all.provider).await, predicate).await
}

/// The same rows with nothing to push a filter into.
async fn in_memory(provider: Arc<dyn TableProvider>) -> Arc<dyn TableProvider> {
    let schema = provider.schema();
    let rows = SessionContext::new().read_table(provider).unwrap().collect().await.unwrap();
    Arc::new(MemTable::try_new(schema, vec![rows]).unwrap())
}

/// Whether a row holds NaN. Statistics inside files leave it out, and what the engine leaves out by
/// them is not the choice of files.
fn holds_nan(files: &[Rows]) -> bool {
    let floats = types().iter().position(|kind| *kind == DataType::Float64).unwrap();
    let known = values(&DataType::Float64);
    files.iter().flatten().any(|row| {
        row[floats].is_some_and(|place| {
            matches!(known[place % known.len()], ScalarValue::Float64(Some(x)) if x.is_nan())
        })
    })
}

fn rows() -> impl Strategy<Value = Rows> {
    let cell = prop_oneof![1 => Just(None), 4 => (0_usize..8).prop_map(Some)];
    let row = proptest::collection::vec(cell, types().len() + 2);
    proptest::collection::vec(row, 1..4)
}

fn predicates() -> impl Strategy<Value = Expr> {
    let columns = types().len() + 2;
    let simple =
        (0..columns, any::<u8>(), 0_usize..8, 0_usize..8).prop_map(|(column, form, one, two)| {
            let schema = schema();
            let field = schema.field(column);
            comparison(field.name(), field.data_type(), form, one, two)
        });
    simple.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|expr| Expr::Not(Box::new(expr))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| a.and(b)),
            (inner.clone(), inner).prop_map(|(a, b)| a.or(b)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Leaving files out never leaves rows out.
    #[test]
    fn what_is_read_of_candidates_is_what_is_read_of_all(
        files in proptest::collection::vec(rows(), 1..5),
        asked in proptest::collection::vec(predicates(), 40),
        forgotten in any::<u8>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let lake = table(&files).await;
            forget(&lake, forgotten).await;
            for predicate in asked {
                let expected = expected(&lake, &predicate).await;
                let (open, found) = lake
                    .store
                    .open_pruned(&lake.location, Pin::Latest, predicate.clone().into())
                    .await
                    .unwrap();
                let kept = in_memory(Arc::clone(&open.provider)).await;
                let kept = filtered(kept, &predicate).await;
                assert_eq!(kept, expected, "{predicate}: {found:?}");
                if !holds_nan(&files) {
                    let told = filtered(open.provider, &predicate).await;
                    assert_eq!(told, expected, "{predicate}: {found:?}");
                }
                assert_eq!(found.because.values().sum::<usize>(), found.total);
            }
        });
    }
}

/// Takes statistics out of entries of the log: all of them, those of some columns, or the counts.
async fn forget(lake: &Lake, what: u8) {
    edit(lake, |version, stats| match (what as u64 + version) % 5 {
        0 => *stats = Value::Null,
        1 => stats["minValues"] = Value::Null,
        2 => stats["nullCount"] = Value::Null,
        3 => drop(stats.as_object_mut().unwrap().remove("maxValues")),
        _ => {}
    })
    .await;
}

/// Other writers leave NaN out of the greatest value.
#[tokio::test]
async fn the_greatest_of_floats_is_not_relied_on() {
    let lake = Lake::new();
    lake.done(append("select * from (values (1.0), (cast('NaN' as double))) as t(x)").await).await;
    edit(&lake, |_, stats| {
        stats["minValues"] = serde_json::json!({ "x": 1.0 });
        stats["maxValues"] = serde_json::json!({ "x": 1.0 });
    })
    .await;
    let index = lake.store.files(&lake.location, Pin::Latest).await.unwrap();
    assert_eq!(index.candidates(&[ident("x").gt(lit(5.0))]).files, [0]);
    assert_eq!(index.candidates(&[ident("x").lt(lit(0.5))]).files, [0; 0]);
}

/// Changes the statistics in the entries of the log, each with its version.
async fn edit(lake: &Lake, change: impl Fn(u64, &mut Value)) {
    use object_store::ObjectStoreExt;
    let url = crate::location::resolve(&lake.location).unwrap();
    let log_store = lake.log_store(&url);
    let store = log_store.object_store(None);
    let newest = lake.version().await.unwrap();
    for version in 0..=newest {
        let path = deltalake::logstore::commit_uri_from_version(Some(version));
        let bytes = store.get(&path).await.unwrap().bytes().await.unwrap();
        let lines = std::str::from_utf8(&bytes).unwrap().lines().map(|line| {
            let mut action: Value = serde_json::from_str(line).unwrap();
            if let Some(text) = action["add"]["stats"].as_str() {
                let mut stats: Value = serde_json::from_str(text).unwrap();
                change(version, &mut stats);
                action["add"]["stats"] = match stats {
                    Value::Null => Value::Null,
                    stats => Value::String(stats.to_string()),
                };
            }
            format!("{action}\n")
        });
        let text: String = lines.collect();
        store.put(&path, text.into()).await.unwrap();
    }
}

/// Not one column of one kind escapes the property by chance.
#[test]
fn every_kind_of_value_is_drawn() {
    for (data_type, field) in types().iter().zip(schema().fields()) {
        assert_eq!(data_type, field.data_type());
        assert!(values(data_type).len() > 1);
        let session = session::plain();
        for form in 0..16 {
            let predicate = comparison(field.name(), data_type, form, 0, 1);
            session::physical(&session, predicate, &schema()).unwrap();
        }
    }
}

/// Four files, of which one has no statistics of `k`.
async fn four() -> Lake {
    let lake = Lake::new();
    for row in ["1, 'a'", "20, 'b'", "30, 'b'", "40, cast(null as varchar)"] {
        let rows = batches(&format!("select * from (values ({row})) as t(k, p)")).await;
        lake.done(Operation::Write {
            mode: WriteMode::Append,
            schema: rows[0].schema(),
            spec: TableSpec { partition_by: vec!["p".to_owned()], ..TableSpec::default() },
            rows: streams(rows),
        })
        .await;
    }
    forget(&lake, 5).await;
    lake
}

#[tokio::test]
async fn why_files_are_left_out_and_kept_is_told() {
    let lake = four().await;
    let index = lake.store.files(&lake.location, Pin::Latest).await.unwrap();
    let told = |predicate: Expr| {
        let found = index.candidates(&[predicate]);
        let because = found.because.iter().map(|(why, files)| format!("{} {files}", why.code()));
        format!(
            "{} of {}: {}",
            found.files.len(),
            found.total,
            because.collect::<Vec<_>>().join(", ")
        )
    };
    insta::assert_snapshot!(
        [
            told(ident("p").eq(lit("b"))),
            told(ident("k").gt(lit(25_i64)).and(ident("p").eq(lit("b")))),
            told(ident("p").is_null()),
            told(ident("k").eq(lit(1_i64))),
            told(ident("k").eq(lit(-5_i64))),
            told(ident("unknown").eq(lit(1_i64))),
        ]
        .join("\n"),
        @"
        2 of 4: partition_excluded 1, statistics_excluded 1, may_match 2
        1 of 4: partition_excluded 1, statistics_excluded 2, may_match 1
        1 of 4: partition_excluded 3, may_match 1
        2 of 4: statistics_excluded 2, may_match 1, no_statistics 1
        2 of 4: statistics_excluded 2, may_match 1, no_statistics 1
        4 of 4: no_predicate 4
        "
    );
    assert_eq!(index.candidates(&[]).files.len(), 4, "without a predicate all are kept");
}

#[tokio::test]
async fn the_index_is_a_table() {
    let lake = four().await;
    let index = lake.store.files(&lake.location, Pin::Version(2)).await.unwrap();
    assert_eq!((index.len(), index.is_empty()), (3, false));
    let session = SessionContext::new();
    session.register_table("files", index.provider().unwrap()).unwrap();
    let sql = "select split_part(path, '/', 1) as folder, size_bytes > 0 as sized, \
               modified_at > '2020-01-01' as dated, num_records, deletion_vector, \
               partition_values['p'] as p, min['k'] as least, max['k'] as most, \
               null_count['k'] as nulls from files order by p, path";
    let found = session.sql(sql).await.unwrap().collect().await.unwrap();
    let mut told: Vec<_> = bag(&found).into_keys().collect();
    told.sort();
    insta::assert_snapshot!(told.join("\n"), @"
        p=a|true|true|NULL|false|a|NULL|NULL|NULL
        p=b|true|true|1|false|b|30|30|NULL
        p=b|true|true|1|false|b|NULL|20|0
        ");
}

/// 200 folders of 5 files each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_thousand_files_only_candidates_are_opened() {
    let store = Watched::new(Arc::new(object_store::memory::InMemory::new()));
    let opened = || -> BTreeSet<String> {
        let paths = store.calls().into_iter().map(|(_, path)| path);
        paths.filter(|path| path.ends_with(".parquet")).collect()
    };
    let lake = Lake::over(Arc::new(store.clone()));
    for round in 0..5 {
        let sql = format!(
            "select value as k, value % 200 as p from generate_series({}, {}) as t(value)",
            round * 200,
            round * 200 + 199
        );
        let rows = batches(&sql).await;
        lake.done(Operation::Write {
            mode: WriteMode::Append,
            schema: rows[0].schema(),
            spec: TableSpec { partition_by: vec!["p".to_owned()], ..TableSpec::default() },
            rows: streams(rows),
        })
        .await;
    }
    for (predicate, folders, files) in [
        ("p = 7", 1, 5),
        ("p = 7 AND k > 600", 1, 2),
        ("k = 333", 1, 1),
        ("p IN (3, 4)", 2, 10),
        ("k < 0", 0, 0),
    ] {
        store.watch(None);
        let asked = Predicate::Sql(predicate.to_owned());
        let (open, found) =
            lake.store.open_pruned(&lake.location, Pin::Latest, asked).await.unwrap();
        assert_eq!((found.total, found.files.len()), (1000, files), "{predicate}");
        assert!(opened().is_empty(), "no file of rows is opened to choose");
        let session = SessionContext::new();
        session.register_table("t", open.provider).unwrap();
        let frame = session.sql(&format!("select k from t where {predicate}")).await.unwrap();
        let plan = frame.create_physical_plan().await.unwrap();
        let planned = opened();
        assert!(planned.len() <= files, "{predicate}: planning opened {planned:?}");
        let context = session.task_ctx();
        let rows = datafusion::physical_plan::collect(plan, context).await.unwrap();
        assert_eq!(rows.iter().map(RecordBatch::num_rows).sum::<usize>(), files, "{predicate}");
        let opened = opened();
        assert_eq!(opened.len(), files, "{predicate}: {opened:?}");
        let of: BTreeSet<_> = opened.iter().map(|path| path.rsplit_once('/').unwrap().0).collect();
        assert_eq!(of.len(), folders, "{predicate}");
    }
}

use std::collections::BTreeMap;

use arrow::{array::RecordBatch, datatypes::UnionMode};
use datafusion::common::ScalarValue;
use viewlane_core::{DatasetStore, Pin, TableSpec, WriteMode};

use super::*;
use crate::{Operation, fixture::*};

fn utc() -> Option<Arc<str>> {
    Some("UTC".into())
}

fn item(data_type: DataType) -> FieldRef {
    Arc::new(Field::new("any", data_type, true))
}

fn element(data_type: DataType) -> FieldRef {
    Arc::new(Field::new("element", data_type, true))
}

fn map(entries: &str, key: &str, value: DataType) -> DataType {
    let pair = vec![Field::new(key, DataType::Utf8, false), Field::new("value", value, true)];
    DataType::Map(Arc::new(Field::new(entries, DataType::Struct(pair.into()), false)), false)
}

/// Each type, and what it is stored as; `None` is refused.
fn table() -> Vec<(DataType, Option<DataType>)> {
    use DataType as T;
    use TimeUnit as U;
    let same = |t: T| (t.clone(), Some(t));
    let to = |from: T, to: T| (from, Some(to));
    let no = |t: T| (t, None);
    let micros = T::Timestamp(U::Microsecond, None);
    let micros_utc = T::Timestamp(U::Microsecond, utc());
    let fields = vec![Field::new("a", T::Int64, true), Field::new("b", T::Utf8View, true)];
    let stored = vec![Field::new("a", T::Int64, true), Field::new("b", T::Utf8, true)];
    let none: [(i8, FieldRef); 0] = [];
    vec![
        same(T::Boolean),
        same(T::Int8),
        same(T::Int16),
        same(T::Int32),
        same(T::Int64),
        same(T::Float32),
        same(T::Float64),
        same(T::Date32),
        to(T::Date64, T::Date32),
        same(T::Decimal128(38, 10)),
        to(T::Decimal32(9, 2), T::Decimal128(9, 2)),
        to(T::Decimal64(18, 2), T::Decimal128(18, 2)),
        same(T::Utf8),
        to(T::LargeUtf8, T::Utf8),
        to(T::Utf8View, T::Utf8),
        same(T::Binary),
        to(T::LargeBinary, T::Binary),
        to(T::BinaryView, T::Binary),
        to(T::FixedSizeBinary(3), T::Binary),
        to(T::Dictionary(Box::new(T::Int32), Box::new(T::Utf8)), T::Utf8),
        to(T::Timestamp(U::Second, None), micros.clone()),
        to(T::Timestamp(U::Millisecond, utc()), micros_utc.clone()),
        same(micros),
        same(micros_utc),
        to(T::List(item(T::Utf8View)), T::List(element(T::Utf8))),
        to(T::LargeList(item(T::Int32)), T::List(element(T::Int32))),
        to(T::FixedSizeList(item(T::Int32), 2), T::List(element(T::Int32))),
        to(T::Struct(fields.into()), T::Struct(stored.into())),
        to(map("entries", "keys", T::Int64), map("key_value", "key", T::Int64)),
        no(T::UInt8),
        no(T::UInt16),
        no(T::UInt32),
        no(T::UInt64),
        no(T::Float16),
        no(T::Decimal256(50, 2)),
        no(T::Time32(U::Second)),
        no(T::Time64(U::Microsecond)),
        no(T::Duration(U::Second)),
        no(T::Interval(arrow::datatypes::IntervalUnit::DayTime)),
        no(T::Null),
        no(T::Timestamp(U::Nanosecond, None)),
        no(T::Timestamp(U::Nanosecond, utc())),
        no(T::Timestamp(U::Microsecond, Some("+00:00".into()))),
        no(T::Timestamp(U::Microsecond, Some("Europe/Berlin".into()))),
        no(T::Union(none.into_iter().collect(), UnionMode::Dense)),
        no(T::RunEndEncoded(
            Arc::new(Field::new("run_ends", T::Int32, false)),
            Arc::new(Field::new("values", T::Utf8, true)),
        )),
        no(T::List(item(T::UInt64))),
        no(T::Struct(vec![Field::new("t", T::Time32(U::Second), true)].into())),
    ]
}

/// Cell by cell: what is stored comes back as it was, what is not is refused with advice.
#[tokio::test]
async fn each_type_is_stored_as_the_table_says_or_refused() {
    for (from, to) in table() {
        let metadata = BTreeMap::from([("k".to_owned(), "v".to_owned())]).into_iter().collect();
        let field = Field::new("c", from.clone(), false).with_metadata(metadata);
        let schema = Arc::new(Schema::new(vec![field]));
        let told = stored_schema(&schema);
        let Some(to) = to else {
            let error = told.unwrap_err().to_string();
            assert!(error.contains("which Delta cannot hold: "), "{error}");
            continue;
        };
        let told = told.unwrap();
        // Nothing that other engines trip over: no metadata, and everything may be NULL.
        assert_eq!(told.fields()[..], [Arc::new(Field::new("c", to.clone(), true))], "{from}");

        let lake = Lake::new();
        let column = match &from {
            // The engine has no map to begin with.
            DataType::Map(..) => arrow::array::new_null_array(&from, 2),
            _ => ScalarValue::new_default(&from).unwrap().to_array_of_size(2).unwrap(),
        };
        let schema = Field::new("c", column.data_type().clone(), true);
        let schema = Arc::new(Schema::new(vec![schema]));
        let batch = RecordBatch::try_new(Arc::clone(&schema), vec![column]).unwrap();
        lake.done(Operation::Write {
            mode: WriteMode::Append,
            schema,
            spec: TableSpec::default(),
            rows: streams(vec![batch.clone()]),
        })
        .await;
        let back = lake.store.open(&lake.location, Pin::Latest).await.unwrap();
        let session = datafusion::prelude::SessionContext::new();
        let back = session.read_table(back.provider).unwrap().collect().await.unwrap();
        let written = match arrow::compute::cast(batch.column(0), &to) {
            Ok(cast) => RecordBatch::try_from_iter([("c", cast)]).unwrap(),
            Err(_) => batch,
        };
        assert_eq!(bag(&back), bag(&[written]), "{from}");
    }
}

#[test]
fn two_columns_that_differ_in_case_only_are_refused() {
    let columns = ["a", "A"].map(|name| Field::new(name, DataType::Int64, true));
    let error = stored_schema(&Schema::new(columns.to_vec())).unwrap_err();
    assert_eq!(error.to_string(), "two columns are named `A`; Delta ignores case in names");
}

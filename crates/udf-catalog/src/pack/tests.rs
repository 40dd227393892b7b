use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{
            Array, ArrayRef, AsArray, DictionaryArray, Int8Array, RecordBatch, StringArray,
            new_empty_array,
        },
        compute::cast,
        datatypes::{DataType, Field, Int8Type, Schema},
        util::pretty::pretty_format_batches,
    },
    common::config::ConfigOptions,
    logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs},
    prelude::SessionContext,
};
use proptest::prelude::*;

use super::*;
use crate::{is_blank, stable_hash64};

fn session() -> SessionContext {
    let mut context = SessionContext::new();
    ViewlaneFunctions.register(&mut context).unwrap();
    context
}

fn function(name: &str) -> Arc<ScalarUDF> {
    ViewlaneFunctions.functions().into_iter().find(|f| f.name() == name).unwrap()
}

/// Every way in which a column of strings comes.
fn string_types() -> Vec<DataType> {
    let dictionary = |key, value| DataType::Dictionary(Box::new(key), Box::new(value));
    vec![
        DataType::Utf8,
        DataType::LargeUtf8,
        DataType::Utf8View,
        dictionary(DataType::Int32, DataType::Utf8),
        dictionary(DataType::UInt16, DataType::LargeUtf8),
        dictionary(DataType::Int64, DataType::Utf8View),
    ]
}

fn column(values: &[Option<&str>], data_type: &DataType) -> ArrayRef {
    cast(&StringArray::from(values.to_vec()), data_type).unwrap()
}

/// Calls a function on a column, without a session.
fn call(name: &str, array: &ArrayRef) -> ArrayRef {
    let field = Arc::new(Field::new("text", array.data_type().clone(), true));
    let function = function(name);
    let return_field = function
        .return_field_from_args(ReturnFieldArgs {
            arg_fields: &[Arc::clone(&field)],
            scalar_arguments: &[None],
        })
        .unwrap();
    let args = ScalarFunctionArgs {
        args: vec![ColumnarValue::Array(Arc::clone(array))],
        arg_fields: vec![field],
        number_rows: array.len(),
        return_field: Arc::clone(&return_field),
        config_options: Arc::new(ConfigOptions::default()),
    };
    let ColumnarValue::Array(result) = function.invoke_with_args(args).unwrap() else {
        panic!("a column gives a column");
    };
    assert_eq!(result.data_type(), return_field.data_type());
    assert_eq!(result.len(), array.len());
    result
}

fn hashes(array: &ArrayRef) -> Vec<Option<i64>> {
    call("stable_hash64", array)
        .as_primitive::<datafusion::arrow::datatypes::Int64Type>()
        .iter()
        .collect()
}

fn non_blank(array: &ArrayRef) -> Vec<Option<String>> {
    let result = call("utf8_null_if_blank", array);
    assert_eq!(result.data_type(), array.data_type());
    let plain = cast(&result, &DataType::Utf8).unwrap();
    plain.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect()
}

#[track_caller]
fn agrees_with_one_text_at_a_time(values: &[Option<&str>], array: &ArrayRef) {
    let expected: Vec<_> = values.iter().map(|text| text.map(stable_hash64)).collect();
    assert_eq!(hashes(array), expected);
    let expected: Vec<_> =
        values.iter().map(|text| text.filter(|text| !is_blank(text)).map(str::to_owned)).collect();
    assert_eq!(non_blank(array), expected);
}

#[test]
fn every_kind_of_string_column_gives_the_same() {
    let values = [Some(""), None, Some("alpha"), Some(" \t"), Some("éclair"), Some("\u{a0}"), None];
    for data_type in string_types() {
        let array = column(&values, &data_type);
        agrees_with_one_text_at_a_time(&values, &array);
        agrees_with_one_text_at_a_time(&values[2..6], &array.slice(2, 4));
        agrees_with_one_text_at_a_time(&[], &array.slice(3, 0));
        agrees_with_one_text_at_a_time(&[], &new_empty_array(&data_type));
    }
}

#[test]
fn a_null_among_the_values_of_a_dictionary_is_null() {
    let values = Arc::new(StringArray::from(vec![Some("alpha"), None, Some(" ")]));
    let keys = Int8Array::from(vec![Some(1), Some(0), None, Some(2)]);
    let array: ArrayRef = Arc::new(DictionaryArray::<Int8Type>::new(keys, values));
    agrees_with_one_text_at_a_time(&[None, Some("alpha"), None, Some(" ")], &array);
}

proptest! {
    #[test]
    fn a_column_agrees_with_one_text_at_a_time(
        values in prop::collection::vec(prop::option::of("[ \\t\u{2003}aé]{0,14}"), 0..12),
        kind in 0_usize..6,
        cut in (0_usize..12, 0_usize..12),
    ) {
        let values: Vec<Option<&str>> = values.iter().map(Option::as_deref).collect();
        let array = column(&values, &string_types()[kind]);
        let start = cut.0.min(values.len());
        let length = cut.1.min(values.len() - start);
        agrees_with_one_text_at_a_time(&values[start..start + length], &array.slice(start, length));
    }
}

/// The result of a query as a table, or the first line of why there is none.
async fn run(sql: &str) -> String {
    let result = async {
        let values = [Some("alpha"), Some("  "), None];
        let context = session();
        for (name, data_type) in ["plain", "large", "view", "dict"].iter().zip(string_types()) {
            let schema = Schema::new(vec![Field::new("s", data_type.clone(), true)]);
            let columns = vec![column(&values, &data_type)];
            let batch = RecordBatch::try_new(Arc::new(schema), columns)?;
            context.register_batch(*name, batch)?;
        }
        context.sql(sql).await?.collect().await
    };
    match result.await {
        Ok(batches) => pretty_format_batches(&batches).unwrap().to_string(),
        Err(error) => error.to_string().lines().next().unwrap_or_default().to_owned(),
    }
}

#[tokio::test]
async fn functions_run_from_sql_on_columns() {
    for table in ["plain", "large", "view"] {
        let sql = format!("select stable_hash64(s) h, utf8_null_if_blank(s) n from {table}");
        let result = run(&sql).await;
        insta::allow_duplicates! {
            insta::assert_snapshot!(result, @"
            +---------------------+-------+
            | h                   | n     |
            +---------------------+-------+
            | 5982700193828047002 | alpha |
            | 6930493719157557725 |       |
            |                     |       |
            +---------------------+-------+
            ");
        }
    }
    insta::assert_snapshot!(
        run("select hash64(s) h, null_if_blank(s) n, arrow_typeof(null_if_blank(s)) t from dict").await,
        @"
        +---------------------+-------+-------------------------+
        | h                   | n     | t                       |
        +---------------------+-------+-------------------------+
        | 5982700193828047002 | alpha | Dictionary(Int32, Utf8) |
        | 6930493719157557725 |       | Dictionary(Int32, Utf8) |
        |                     |       | Dictionary(Int32, Utf8) |
        +---------------------+-------+-------------------------+
        "
    );
    insta::assert_snapshot!(
        run("select count(*) n from plain where stable_hash64(s) < 0 or s = 'nobody'").await,
        @"
        +---+
        | n |
        +---+
        | 0 |
        +---+
        "
    );
}

#[tokio::test]
async fn functions_run_from_sql_on_literals_and_by_named_argument() {
    insta::assert_snapshot!(
        run("select stable_hash64('éclair') a, stable_hash64(text => '') b, stable_hash64(null) c").await,
        @"
        +---------------------+---------------------+---+
        | a                   | b                   | c |
        +---------------------+---------------------+---+
        | 5951269960789405296 | 7252660547403494068 |   |
        +---------------------+---------------------+---+
        "
    );
    insta::assert_snapshot!(
        run("select utf8_null_if_blank(text => ' ') a, utf8_null_if_blank('x') b, utf8_null_if_blank(null) c").await,
        @"
        +---+---+---+
        | a | b | c |
        +---+---+---+
        |   | x |   |
        +---+---+---+
        "
    );
}

#[tokio::test]
async fn what_is_no_string_is_refused() {
    insta::assert_snapshot!(run("select stable_hash64(1)").await, @"Error during planning: Function 'stable_hash64' requires String, but received Int64 (DataType: Int64).. No function matches the given name and argument types 'stable_hash64(Int64)'. You might need to add explicit type casts.");
    insta::assert_snapshot!(run("select utf8_null_if_blank(true)").await, @"Error during planning: Function 'utf8_null_if_blank' requires String, but received Boolean (DataType: Boolean).. No function matches the given name and argument types 'utf8_null_if_blank(Boolean)'. You might need to add explicit type casts.");
    insta::assert_snapshot!(run("select stable_hash64()").await, @"Error during planning: 'stable_hash64' does not support zero arguments. No function matches the given name and argument types 'stable_hash64()'. You might need to add explicit type casts.");
    insta::assert_snapshot!(run("select stable_hash64('a', 'b')").await, @"Error during planning: Function 'stable_hash64' expects 1 arguments but received 2. No function matches the given name and argument types 'stable_hash64(Utf8, Utf8)'. You might need to add explicit type casts.");
    insta::assert_snapshot!(run("select stable_hash64(value => 'a')").await, @"Error during planning: Unknown parameter name 'value'. Valid parameters are: [text]");
}

#[tokio::test]
async fn calls_on_literals_are_folded() {
    let plan = session()
        .sql("select stable_hash64('alpha') h, utf8_null_if_blank(' ') n")
        .await
        .unwrap()
        .into_optimized_plan()
        .unwrap();
    insta::assert_snapshot!(plan, @"
    Projection: Int64(5982700193828047002) AS h, Utf8(NULL) AS n
      EmptyRelation: rows=1
    ");
}

#[tokio::test]
async fn a_hash_is_null_only_where_a_text_can_be() {
    let context = session();
    let schema = Arc::new(Schema::new(vec![Field::new("s", DataType::Utf8, false)]));
    let batch = RecordBatch::try_new(schema, vec![column(&[Some("a")], &DataType::Utf8)]).unwrap();
    context.register_batch("t", batch).unwrap();
    let frame = context.sql("select hash64(s) h, null_if_blank(s) n from t").await.unwrap();
    let nullable: Vec<_> = frame.schema().fields().iter().map(|f| f.is_nullable()).collect();
    assert_eq!(nullable, [false, true]);
}

/// Results of every kind of argument, that the table cannot tell by one example.
#[tokio::test]
async fn functions_on_nested_values_changes_and_columns_run_from_sql() {
    let context = crate::support::session();
    let transcript = crate::support::transcript(
        &context,
        &[
            "SELECT list_unique_sorted(l) FROM (VALUES ([3, 1, NULL, 3]), (NULL), ([])) t(l)",
            "SELECT map_get_default(m, 'a', 0), map_get_default(m, k, 9) FROM \
             (VALUES (MAP {'a': 1}, 'b'), (MAP {'a': NULL}, 'a'), (NULL, 'a')) t(m, k)",
            "SELECT map_normalize(MAP {'B': 1, 'a': 2, 'b': 3}), \
             map_normalize(MAP {'B': 1, 'a': 2}, 'upper', false)",
            "SELECT map_normalize(MAP {'a': 1}, 'title')",
            "SELECT map_get_default(MAP {'a': 1}, 2, 3)",
            "SELECT struct_pick({a: 1, b: 'x', c: true}, 'c', 'a')",
            "SELECT struct_pick({a: 1}, 'd')",
            "SELECT struct_pick({a: 1}, 'a', 'a')",
            "SELECT c, cdf_change_rank(c), cdf_is_upsert(c), cdf_is_delete(c) FROM (VALUES \
             ('insert'), ('delete'), ('update_preimage'), ('update_postimage'), ('x'), (NULL)) t(c)",
            "SELECT col_to_byte('😀a', 2, 'utf16'), col_to_byte('abc', 99, 'byte'), \
             col_to_byte('abc', -1, 3), col_to_byte(NULL, 1, 'utf8')",
            "SELECT col_to_byte('éclair', 1, 'UTF-8')",
            "SELECT col_to_byte('éclair', 1, 'chars')",
            "SELECT utf8_normalize('Ａ  b', 'NFC'), utf8_normalize('A  b', casefold => false, \
             form => 'NFC'), utf8_normalize(' '), utf8_normalize('a', 'NFX')",
            "SELECT stable_hash_any(NULL) = stable_hash_any('__NULL__'), \
             stable_hash_any([1, 2]) = stable_hash_any([1, 3]), \
             stable_hash_any(NULL, true, 'x') = stable_hash128('x')",
            "SELECT stable_id_parts('p', 1, NULL, 'a') = stable_id_parts('p', '1', NULL, 'a'), \
             stable_id_parts('p', 'a\u{1f}b') = stable_id_parts('p', 'a', 'b'), \
             stable_id_parts(NULL, 'a')",
            "SELECT stable_id_parts('p')",
            "SELECT stable_id_parts('p', [1])",
        ],
    );
    insta::assert_snapshot!(transcript.await);
}

#[cfg(feature = "spans")]
#[tokio::test]
async fn functions_on_spans_run_from_sql() {
    let context = crate::support::session();
    let transcript = crate::support::transcript(
        &context,
        &[
            "SELECT span_make(1, 4), span_make(bstart => 1, bend => 4, line_base => 1, \
             col_unit => 'utf8', end_exclusive => false), span_make(NULL, 4)",
            "SELECT span_make(4, 1)",
            "SELECT span_make(1, 4, 3000000000)",
            "SELECT span_len(span_make(1, 4)), span_len(span_make(1, 4, 0, 'byte', false)), \
             span_len(NULL), span_len({bstart: 1, bend: NULL::bigint})",
            "SELECT span_overlaps(span_make(0, 4), span_make(4, 8)), \
             span_overlaps(span_make(0, 4, 0, 'byte', false), span_make(4, 8)), \
             span_contains(span_make(0, 9), span_make(4, 8, 0, 'byte', false)), \
             span_contains(span_make(0, 8), span_make(4, 8, 0, 'byte', false))",
            "SELECT span_id('span', 'a.py', 1, 4), span_id('span', 'a.py', 1, 4, NULL) \
             = span_id('span', 'a.py', 1, 4)",
            "SELECT span_len({a: 1})",
            "SELECT interval_align_score(0, 5, 10, 20), interval_align_score(NULL, 5, 10, 20)",
        ],
    );
    insta::assert_snapshot!(transcript.await);
}

/// A filter on the kind of change is one that a scan can be asked to apply.
#[tokio::test]
async fn changes_are_rewritten_to_what_can_be_pushed_down() {
    let plan = session()
        .sql("select * from (values ('insert')) t(c) where cdf_is_upsert(c) and not cdf_is_delete(c)")
        .await
        .unwrap()
        .into_optimized_plan()
        .unwrap()
        .to_string();
    assert!(!plan.contains("cdf_is"), "{plan}");
}

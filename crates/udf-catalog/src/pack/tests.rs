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
    execution::SessionStateBuilder,
    logical_expr::{ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs},
    prelude::SessionContext,
};
use proptest::prelude::*;

use super::*;
use crate::{FunctionCatalog, is_blank, stable_hash64};

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

#[test]
fn facts_are_what_is_registered() {
    let mut state = SessionStateBuilder::new().build();
    ViewlaneFunctions.register(&mut state).unwrap();
    let registered = FunctionCatalog::from_session(&state);
    let own = FunctionCatalog::own();
    let planner = ["unnest", "unnest_outer"];
    assert!(registered.iter().filter(|(name, _)| !planner.contains(name)).eq(own.iter()));

    let names: Vec<_> = ViewlaneFunctions.facts().into_iter().map(|facts| facts.name).collect();
    assert!(names.is_sorted());
    assert_eq!(
        names,
        ViewlaneFunctions.functions().iter().map(|f| f.name().to_owned()).collect::<Vec<_>>()
    );
    for function in ViewlaneFunctions.functions() {
        let row = row(function.name());
        let parameters: Vec<_> = row.parameters.iter().map(|p| p.name.to_owned()).collect();
        assert_eq!(function.signature().parameter_names, Some(parameters));
        assert_eq!(function.documentation().unwrap().description, row.description);
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

#[tokio::test]
async fn the_example_of_every_function_gives_what_it_says() {
    for function in OwnFunction::all() {
        let batches = session().sql(function.example).await.unwrap().collect().await.unwrap();
        let text = cast(batches[0].column(0), &DataType::Utf8).unwrap();
        assert_eq!(text.as_string::<i32>().value(0), function.example_result, "{}", function.name);
    }
}

use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Fields, IntervalUnit, Schema, SchemaRef, TimeUnit};
use viewlane_core::Kinded;

use super::*;

fn told<T>(result: Result<T, Error>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(error) => format!("{}: {error}", error.code()),
    }
}

fn parse(text: &str) -> Result<WritePolicy, Error> {
    WritePolicy::from_settings(toml::Deserializer::parse(text).unwrap())
}

fn schema() -> SchemaRef {
    let point = Fields::from(vec![Field::new("x", DataType::Float64, true)]);
    Arc::new(Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("name", DataType::Utf8, true),
        Field::new("day", DataType::Date32, true),
        Field::new("point", DataType::Struct(point), true),
    ]))
}

fn flat() -> SchemaRef {
    Arc::new(Schema::new(schema().fields()[..3].to_vec()))
}

/// What becomes of settings that meet the columns `id`, `name`, `day` and, unless `flat`, `point`.
fn check(text: &str, schema: &SchemaRef) -> String {
    told(parse(text).and_then(|policy| policy.check(schema)))
}

#[test]
fn settings_read_back_as_they_were_written() {
    let policy = parse(
        r#"
        format = "csv"
        mode = "append"
        partition_by = ["day"]
        sort_by = [{ column = "id", descending = true }]
        csv = { delimiter = "|", quote_style = "non_numeric" }
        "#,
    )
    .unwrap();
    let value = toml::Table::try_from(&policy).unwrap();
    assert_eq!(WritePolicy::from_settings(value).unwrap(), policy);
    assert_eq!(parse("").unwrap(), WritePolicy::default());
}

#[test]
fn unknown_options_and_words_are_told_with_the_nearest_known_one() {
    insta::assert_snapshot!(told(parse("fromat = 'csv'")), @"VL-W0201: there is no option `fromat`; did you mean `format`?");
    insta::assert_snapshot!(told(parse("parquet = { bloom_fitler = true }")), @"VL-W0201: there is no option `bloom_fitler`; did you mean `bloom_filter`?");
    insta::assert_snapshot!(told(parse("parquet = { columns = { id = { compresion = 'zstd' } } }")), @"VL-W0201: there is no option `compresion`; did you mean `compression`?");
    insta::assert_snapshot!(told(parse("json = { zzz = 1 }")), @"VL-W0201: there is no option `zzz`; there are `compression`, `compression_level`");
    insta::assert_snapshot!(told(parse("sort_by = [{ column = 'id', desc = true }]")), @"VL-W0201: there is no option `desc`; there are `column`, `descending`, `nulls_first`");
    insta::assert_snapshot!(told(parse("mode = 'overwrit'")), @"VL-W0202: `overwrit` is no word of this option; did you mean `overwrite`?");
    insta::assert_snapshot!(told(parse("csv = { compression = 'lz4' }")), @"VL-W0202: `lz4` is no word of this option; there are `none`, `gzip`, `zstd`, `bzip2`, `xz`");
    let wrong = told(parse("max_file_rows = 'many'"));
    assert!(wrong.starts_with("VL-W0202: `settings` cannot be read: "), "{wrong}");
}

#[test]
fn options_of_another_format_are_refused() {
    for (format, others) in [
        ("parquet", ["csv", "json", "arrow"]),
        ("csv", ["parquet", "json", "arrow"]),
        ("json", ["parquet", "csv", "arrow"]),
        ("arrow", ["parquet", "csv", "json"]),
    ] {
        assert_eq!(check(&format!("format = '{format}'\n{format} = {{}}"), &flat()), "accepted");
        for other in others {
            assert_eq!(
                check(&format!("format = '{format}'\n{other} = {{}}"), &flat()),
                format!("VL-W0203: `{other}` has no effect: the format is {format}")
            );
        }
    }
}

#[test]
fn options_without_effect_are_refused() {
    let check = |text: &str| check(text, &flat());
    let parquet = |text: &str| check(&format!("parquet = {{ {text} }}"));
    let csv = |text: &str| check(&format!("format = 'csv'\ncsv = {{ {text} }}"));
    insta::assert_snapshot!(check("single_file = true\nmax_file_rows = 1"), @"VL-W0203: `max_file_rows` has no effect: `single_file` asks for one file");
    insta::assert_snapshot!(check("single_file = true\ntarget_file_bytes = 1"), @"VL-W0203: `target_file_bytes` has no effect: `single_file` asks for one file");
    insta::assert_snapshot!(check("single_file = true\npartition_by = ['day']"), @"VL-W0203: `partition_by` has no effect: `single_file` asks for one file");
    insta::assert_snapshot!(check("keep_partition_columns = true"), @"VL-W0203: `keep_partition_columns` has no effect: there are no partition columns");
    insta::assert_snapshot!(check("partition_by = ['day']\nsort_by = [{ column = 'day' }]"), @"VL-W0203: `sort_by` has no effect: `day` has one value in each folder");
    insta::assert_snapshot!(parquet("bloom_filter_fpp = 0.1"), @"VL-W0203: `parquet.bloom_filter_fpp` has no effect: there is no Bloom filter");
    insta::assert_snapshot!(parquet("bloom_filter = false, bloom_filter_ndv = 10"), @"VL-W0203: `parquet.bloom_filter_ndv` has no effect: there is no Bloom filter");
    insta::assert_snapshot!(parquet("columns = { id = { bloom_filter_ndv = 10 } }"), @"VL-W0203: `parquet.columns.id.bloom_filter_ndv` has no effect: there is no Bloom filter");
    insta::assert_snapshot!(parquet("compression = 'snappy', compression_level = 3"), @"VL-W0203: `parquet.compression_level` has no effect: the codec has no levels");
    insta::assert_snapshot!(parquet("columns = { id = { compression = 'lz4', compression_level = 3 } }"), @"VL-W0203: `parquet.columns.id.compression_level` has no effect: the codec has no levels");
    insta::assert_snapshot!(parquet("statistics = 'none', statistics_truncate_bytes = 3"), @"VL-W0203: `parquet.statistics_truncate_bytes` has no effect: there are no statistics");
    insta::assert_snapshot!(parquet("statistics = 'chunk', column_index_truncate_bytes = 3"), @"VL-W0203: `parquet.column_index_truncate_bytes` has no effect: there are no statistics of pages");
    insta::assert_snapshot!(parquet("dictionary = false, dictionary_page_bytes = 3"), @"VL-W0203: `parquet.dictionary_page_bytes` has no effect: there are no dictionaries");
    insta::assert_snapshot!(parquet("encoding = 'plain'"), @"VL-W0203: `parquet.encoding` has no effect: dictionaries go before it; set `dictionary = false`");
    insta::assert_snapshot!(parquet("columns = { id = { encoding = 'plain' } }"), @"VL-W0203: `parquet.columns.id.encoding` has no effect: dictionaries go before it; set `dictionary = false`");
    insta::assert_snapshot!(csv("escape = '+'"), @"VL-W0203: `csv.escape` has no effect: quotes are doubled; set `double_quote = false`");
    insta::assert_snapshot!(csv("compression_level = 3"), @"VL-W0203: `csv.compression_level` has no effect: nothing is compressed");
    // One column makes the difference.
    for text in [
        "bloom_filter_fpp = 0.1, columns = { id = { bloom_filter = true } }",
        "statistics = 'none', statistics_truncate_bytes = 3, columns = { id = { statistics = 'chunk' } }",
        "dictionary = false, dictionary_page_bytes = 3, columns = { id = { dictionary = true } }",
        "columns = { id = { dictionary = false, encoding = 'plain' } }",
    ] {
        assert_eq!(parquet(text), "accepted", "{text}");
    }
}

#[test]
fn values_out_of_range_are_refused() {
    let check = |text: &str| check(text, &flat());
    let parquet = |text: &str| check(&format!("parquet = {{ {text} }}"));
    let csv = |text: &str| check(&format!("format = 'csv'\ncsv = {{ {text} }}"));
    insta::assert_snapshot!(check("max_file_rows = 0"), @"VL-W0202: `max_file_rows` must be at least 1");
    insta::assert_snapshot!(check("target_file_bytes = 0"), @"VL-W0202: `target_file_bytes` must be at least 1");
    insta::assert_snapshot!(check("partition_by = ['day', 'day']"), @"VL-W0202: `partition_by` names the column `day` twice");
    insta::assert_snapshot!(check("sort_by = [{ column = 'id' }, { column = 'id' }]"), @"VL-W0202: `sort_by` names the column `id` twice");
    insta::assert_snapshot!(parquet("max_row_group_rows = 0"), @"VL-W0202: `parquet.max_row_group_rows` must be at least 1");
    insta::assert_snapshot!(parquet("compression_level = 23"), @"VL-W0202: `parquet.compression_level` must be 1 to 22");
    insta::assert_snapshot!(parquet("compression = 'gzip', compression_level = 10"), @"VL-W0202: `parquet.compression_level` must be 0 to 9");
    insta::assert_snapshot!(parquet("bloom_filter = true, bloom_filter_fpp = 1.0"), @"VL-W0202: `parquet.bloom_filter_fpp` must be between 0 and 1");
    insta::assert_snapshot!(parquet("bloom_filter = true, bloom_filter_ndv = 0"), @"VL-W0202: `parquet.bloom_filter_ndv` must be at least 1");
    insta::assert_snapshot!(parquet("dictionary = false, encoding = 'delta_binary_packed'"), @"VL-W0202: `parquet.encoding` delta_binary_packed cannot hold column `name`, which is stored as BYTE_ARRAY");
    insta::assert_snapshot!(parquet("columns = { name = { dictionary = false, encoding = 'byte_stream_split' } }"), @"VL-W0202: `parquet.columns.name.encoding` byte_stream_split cannot hold column `name`, which is stored as BYTE_ARRAY");
    insta::assert_snapshot!(csv("delimiter = 'ä'"), @"VL-W0202: `csv.delimiter` must be one ASCII character and no line break");
    insta::assert_snapshot!(csv("quote = ','"), @"VL-W0202: `csv.quote` must differ from the delimiter");
    insta::assert_snapshot!(csv("compression = 'zstd', compression_level = 0"), @"VL-W0202: `csv.compression_level` must be 1 to 22");
}

#[test]
fn columns_that_do_not_exist_are_told_with_the_nearest_one() {
    insta::assert_snapshot!(check("partition_by = ['dya']", &flat()), @"VL-W0204: `partition_by` names the column `dya`, which does not exist; did you mean `day`?");
    insta::assert_snapshot!(check("sort_by = [{ column = 'zzz' }]", &flat()), @"VL-W0204: `sort_by` names the column `zzz`, which does not exist; there are `id`, `name`, `day`");
    insta::assert_snapshot!(check("parquet = { columns = { nmae = { dictionary = true } } }", &flat()), @"VL-W0204: `parquet.columns` names the column `nmae`, which does not exist; did you mean `name`?");
    insta::assert_snapshot!(check("parquet = { columns = { point = { dictionary = true } } }", &schema()), @"VL-W0204: `parquet.columns` names the column `point`, which does not exist; did you mean `point.x`?");
    assert_eq!(
        check("parquet = { columns = { 'point.x' = { dictionary = true } } }", &schema()),
        "accepted"
    );
    // It is in the names of folders and no longer in the files.
    insta::assert_snapshot!(
        check("partition_by = ['day']\nparquet = { columns = { day = { dictionary = true } } }", &flat()),
        @"VL-W0204: `parquet.columns` names the column `day`, which does not exist; there are `id`, `name`"
    );
}

#[test]
fn what_files_cannot_do_is_refused() {
    insta::assert_snapshot!(check("replace_where = 'id > 3'", &flat()), @"VL-W0207: `replace_where` needs a Delta table; files are replaced as a whole");
    insta::assert_snapshot!(check("partition_by = ['name', 'id', 'day']", &flat()), @"VL-W0205: all columns are partition columns: name, id, day");
    assert_eq!(
        check("partition_by = ['name', 'id', 'day']\nkeep_partition_columns = true", &flat()),
        "accepted"
    );
    let odd = Arc::new(Schema::new(vec![
        Field::new("a/b", DataType::Utf8, true),
        Field::new("n", DataType::Int64, true),
    ]));
    insta::assert_snapshot!(check("partition_by = ['a/b']", &odd), @"VL-W0202: `partition_by` has the column `a/b`, which names the folder; only letters, digits, `_`, `-` and `.` may stand in it");
}

#[test]
fn types_without_a_form_are_refused() {
    insta::assert_snapshot!(check("format = 'csv'", &schema()), @r#"VL-W0206: column `point` of type Struct("x": Float64) has no form in csv files"#);
    insta::assert_snapshot!(check("partition_by = ['point']", &schema()), @r#"VL-W0206: column `point` of type Struct("x": Float64) cannot name folders"#);
    insta::assert_snapshot!(check("sort_by = [{ column = 'point' }]", &schema()), @r#"VL-W0206: column `point` of type Struct("x": Float64) has no order"#);
    let one = |data_type| Arc::new(Schema::new(vec![Field::new("c", data_type, true)]));
    let interval = one(DataType::Interval(IntervalUnit::MonthDayNano));
    insta::assert_snapshot!(check("format = 'json'", &interval), @"VL-W0206: column `c` of type Interval(MonthDayNano) has no checksum, which every write tells");
    insta::assert_snapshot!(check("format = 'parquet'", &interval), @"VL-W0206: column `c` of type Interval(MonthDayNano) has no checksum, which every write tells");
    insta::assert_snapshot!(check("format = 'csv'", &one(DataType::Binary)), @"VL-W0206: column `c` of type Binary has no form in csv files");
    let duration = one(DataType::Duration(TimeUnit::Second));
    assert_eq!(check("format = 'arrow'", &duration), "accepted");
    for format in ["parquet", "csv", "json", "arrow"] {
        for data_type in [
            DataType::Utf8View,
            DataType::Decimal128(38, 10),
            DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        ] {
            assert_eq!(check(&format!("format = '{format}'"), &one(data_type)), "accepted");
        }
    }
}

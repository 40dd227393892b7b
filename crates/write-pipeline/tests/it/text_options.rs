use std::{fs, io::Read, sync::Arc};

use arrow::{
    array::{
        ArrayRef, Date32Array, Date64Array, Int64Array, StringArray, Time32SecondArray,
        TimestampMicrosecondArray,
    },
    datatypes::{Field, Schema},
    record_batch::RecordBatch,
};

use crate::helpers::{bag, files, people, read, settings, write};

fn rows() -> RecordBatch {
    let moment = TimestampMicrosecondArray::from(vec![Some(1_700_000_000_123_456), None]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("n", Arc::new(Int64Array::from(vec![Some(1), None]))),
        ("t", Arc::new(StringArray::from(vec![Some(" say \"hi\", x "), None]))),
        ("d", Arc::new(Date32Array::from(vec![Some(19_000), None]))),
        ("d64", Arc::new(Date64Array::from(vec![Some(1_641_600_000_000), None]))),
        ("c", Arc::new(Time32SecondArray::from(vec![Some(3_723), None]))),
        ("m", Arc::new(moment.clone())),
        ("z", Arc::new(moment.with_timezone("UTC"))),
    ];
    let fields: Vec<_> =
        columns.iter().map(|(name, c)| Field::new(*name, c.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

async fn bytes(rows: &[RecordBatch], text: &str) -> Vec<u8> {
    let root = tempfile::tempdir().unwrap();
    write(&root.path().join("t"), rows, &settings(text)).await.unwrap();
    let found = files(root.path());
    assert_eq!(found.len(), 1);
    fs::read(&found[0]).unwrap()
}

async fn csv(options: &str) -> String {
    let text = format!("format = 'csv'\ncsv = {{ {options} }}");
    String::from_utf8(bytes(&[rows()], &text).await).unwrap()
}

#[tokio::test]
async fn every_option_of_csv_shows_in_the_text() {
    insta::assert_snapshot!(csv("").await, @r#"
    n,t,d,d64,c,m,z
    1," say ""hi"", x ",2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("header = false").await, @r#"
    1," say ""hi"", x ",2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("delimiter = ';'").await, @r#"
    n;t;d;d64;c;m;z
    1;" say ""hi"", x ";2022-01-08;2022-01-08T00:00:00;01:02:03;2023-11-14T22:13:20.123456;2023-11-14T22:13:20.123456Z
    ;;;;;;
    "#);
    insta::assert_snapshot!(csv("quote = '+'").await, @r#"
    n,t,d,d64,c,m,z
    1,+ say "hi", x +,2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("quote_style = 'always'").await, @r#"
    "n","t","d","d64","c","m","z"
    "1"," say ""hi"", x ","2022-01-08","2022-01-08T00:00:00","01:02:03","2023-11-14T22:13:20.123456","2023-11-14T22:13:20.123456Z"
    "","","","","","",""
    "#);
    insta::assert_snapshot!(csv("quote_style = 'non_numeric'").await, @r#"
    "n","t","d","d64","c","m","z"
    1," say ""hi"", x ","2022-01-08","2022-01-08T00:00:00","01:02:03","2023-11-14T22:13:20.123456","2023-11-14T22:13:20.123456Z"
    "","","","","","",""
    "#);
    insta::assert_snapshot!(csv("quote_style = 'necessary', double_quote = false").await, @r#"
    n,t,d,d64,c,m,z
    1," say \"hi\", x ",2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("double_quote = false, escape = '^'").await, @r#"
    n,t,d,d64,c,m,z
    1," say ^"hi^", x ",2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("null_value = 'NULL'").await, @r#"
    n,t,d,d64,c,m,z
    1," say ""hi"", x ",2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    NULL,NULL,NULL,NULL,NULL,NULL,NULL
    "#);
    insta::assert_snapshot!(csv("date_format = '%d.%m.%Y'").await, @r#"
    n,t,d,d64,c,m,z
    1," say ""hi"", x ",08.01.2022,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("datetime_format = '%Y'").await, @r#"
    n,t,d,d64,c,m,z
    1," say ""hi"", x ",2022-01-08,2022,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("time_format = '%H'").await, @r#"
    n,t,d,d64,c,m,z
    1," say ""hi"", x ",2022-01-08,2022-01-08T00:00:00,01,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("timestamp_format = '%d/%m/%Y'").await, @r#"
    n,t,d,d64,c,m,z
    1," say ""hi"", x ",2022-01-08,2022-01-08T00:00:00,01:02:03,14/11/2023,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("timestamp_tz_format = '%d/%m/%Y'").await, @r#"
    n,t,d,d64,c,m,z
    1," say ""hi"", x ",2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,14/11/2023
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("trim_leading = true").await, @r#"
    n,t,d,d64,c,m,z
    1,"say ""hi"", x ",2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
    insta::assert_snapshot!(csv("trim_trailing = true").await, @r#"
    n,t,d,d64,c,m,z
    1," say ""hi"", x",2022-01-08,2022-01-08T00:00:00,01:02:03,2023-11-14T22:13:20.123456,2023-11-14T22:13:20.123456Z
    ,,,,,,
    "#);
}

#[tokio::test]
async fn a_csv_file_has_one_header_however_many_batches_it_has() {
    let text = bytes(&[people(0, 2), people(2, 1)], "format = 'csv'").await;
    assert_eq!(String::from_utf8(text).unwrap(), "id,name\n0,name 0\n1,name 1\n2,name 2\n");
}

#[tokio::test]
async fn json_is_one_object_on_each_line() {
    let text = bytes(&[rows()], "format = 'json'").await;
    insta::assert_snapshot!(String::from_utf8(text).unwrap(), @r#"
    {"n":1,"t":" say \"hi\", x ","d":"2022-01-08","d64":"2022-01-08T00:00:00","c":"01:02:03","m":"2023-11-14T22:13:20.123456","z":"2023-11-14T22:13:20.123456Z"}
    {}
    "#);
}

fn unpacked(codec: &str, bytes: &[u8]) -> Vec<u8> {
    use datafusion::{
        common::parsers::CompressionTypeVariant as Codec,
        datasource::file_format::file_compression_type::FileCompressionType,
    };
    let codec = match codec {
        "gzip" => Codec::GZIP,
        "zstd" => Codec::ZSTD,
        "bzip2" => Codec::BZIP2,
        "xz" => Codec::XZ,
        _ => Codec::UNCOMPRESSED,
    };
    let mut text = Vec::new();
    FileCompressionType::from(codec)
        .convert_read(std::io::Cursor::new(bytes.to_vec()))
        .unwrap()
        .read_to_end(&mut text)
        .unwrap();
    text
}

#[tokio::test]
async fn text_is_compressed_with_every_codec_and_level() {
    let rows = [people(0, 20_000)];
    for format in ["csv", "json"] {
        let plain = bytes(&rows, &format!("format = '{format}'")).await;
        for (codec, ending, least, most) in [
            ("gzip", "gz", 0, 9),
            ("zstd", "zst", 1, 22),
            ("bzip2", "bz2", 1, 9),
            ("xz", "xz", 0, 9),
        ] {
            let root = tempfile::tempdir().unwrap();
            let options = |level: Option<u32>| {
                let level =
                    level.map_or(String::new(), |level| format!(", compression_level = {level}"));
                format!("format = '{format}'\n{format} = {{ compression = '{codec}'{level} }}")
            };
            let policy = settings(&options(None));
            write(root.path(), &rows, &policy).await.unwrap();
            let file = &files(root.path())[0];
            assert!(file.to_str().unwrap().ends_with(&format!(".{format}.{ending}")));
            assert_eq!(unpacked(codec, &fs::read(file).unwrap()), plain);
            let found = read(root.path(), &policy, &rows[0].schema()).await;
            assert_eq!(bag(&found), bag(&rows));
            let weak = bytes(&rows, &options(Some(least))).await;
            let strong = bytes(&rows, &options(Some(most))).await;
            assert_eq!(unpacked(codec, &weak), plain);
            assert_eq!(unpacked(codec, &strong), plain);
            assert_ne!(weak.len(), strong.len(), "{format} {codec}");
        }
    }
}

#[tokio::test]
async fn arrow_files_are_compressed_as_asked() {
    let rows = [people(0, 20_000)];
    let mut sizes = Vec::new();
    for codec in ["none", "lz4", "zstd"] {
        let text = format!("format = 'arrow'\narrow = {{ compression = '{codec}' }}");
        let file = bytes(&rows, &text).await;
        let reader =
            arrow::ipc::reader::FileReader::try_new(std::io::Cursor::new(&file), None).unwrap();
        let found: Vec<_> = reader.map(Result::unwrap).collect();
        assert_eq!(bag(&found), bag(&rows));
        sizes.push(file.len());
    }
    assert!(sizes[0] > sizes[1] && sizes[1] > sizes[2], "{sizes:?}");
    assert_eq!(bytes(&rows, "format = 'arrow'").await.len(), sizes[1], "LZ4 unless told otherwise");
}

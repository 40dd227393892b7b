use std::{fs::File, path::PathBuf, sync::Arc};

use arrow::{
    array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray},
    datatypes::{Field, Schema},
    record_batch::RecordBatch,
};
use parquet::{
    basic::{Compression, Encoding},
    file::{
        metadata::{ColumnChunkMetaData, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader},
        statistics::Statistics,
    },
};

use crate::helpers::{bag, files, read, settings, write};

fn rows() -> RecordBatch {
    let n = 10_000;
    let long = |i: i64| format!("a text that is much longer than others, number {}", i % 100);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("n", Arc::new(Int64Array::from_iter_values((0..n).map(|i| i * 7_919 % 100_003)))),
        ("text", Arc::new(StringArray::from_iter_values((0..n).map(long)))),
        ("x", Arc::new(Float64Array::from_iter_values((0..n).map(|i| (i as f64).sin())))),
        ("flag", Arc::new(BooleanArray::from_iter((0..n).map(|i| Some(i % 3 == 0))))),
    ];
    let fields: Vec<_> =
        columns.iter().map(|(name, c)| Field::new(*name, c.data_type().clone(), true)).collect();
    let columns = columns.into_iter().map(|(_, column)| column).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// A written file, held against the rows that went in.
struct Written {
    _root: tempfile::TempDir,
    path: PathBuf,
    footer: ParquetMetaData,
}

async fn written(options: impl AsRef<str>) -> Written {
    let options = options.as_ref();
    let root = tempfile::tempdir().unwrap();
    let policy = settings(&format!("parquet = {{ {options} }}"));
    let batches: Vec<_> = (0..10).map(|n| rows().slice(n * 1_000, 1_000)).collect();
    write(&root.path().join("t"), &batches, &policy).await.unwrap();
    let found = read(&root.path().join("t"), &policy, &rows().schema()).await;
    assert_eq!(bag(&found), bag(&[rows()]), "{options}");
    let path = files(root.path()).remove(0);
    let footer = ParquetMetaDataReader::new()
        .with_page_index_policy(PageIndexPolicy::Optional)
        .parse_and_finish(&File::open(&path).unwrap())
        .unwrap();
    Written { _root: root, path, footer }
}

impl Written {
    fn column(&self, index: usize) -> &ColumnChunkMetaData {
        self.footer.row_group(0).column(index)
    }

    fn bytes(&self) -> u64 {
        self.path.metadata().unwrap().len()
    }

    fn pages(&self, column: usize) -> usize {
        self.footer.offset_index().unwrap()[0][column].page_locations().len()
    }

    fn has_page_statistics(&self, column: usize) -> bool {
        use parquet::file::page_index::column_index::ColumnIndexMetaData;
        self.footer
            .column_index()
            .is_some_and(|index| !matches!(index[0][column], ColumnIndexMetaData::NONE))
    }

    fn greatest_text(&self) -> usize {
        match self.column(1).statistics() {
            Some(Statistics::ByteArray(values)) => values.max_opt().unwrap().len(),
            other => panic!("{other:?}"),
        }
    }

    fn bloom(&self, column: usize) -> Option<i32> {
        self.column(column).bloom_filter_offset()?;
        self.column(column).bloom_filter_length()
    }
}

#[tokio::test]
async fn codec_and_level_are_those_of_the_footer() {
    assert!(matches!(written("").await.column(0).compression(), Compression::ZSTD(_)));
    for (word, wanted) in [
        ("uncompressed", "UNCOMPRESSED"),
        ("snappy", "SNAPPY"),
        ("gzip", "GZIP"),
        ("brotli", "BROTLI"),
        ("lz4", "LZ4_RAW"),
        ("zstd", "ZSTD"),
    ] {
        let file = written(&format!("compression = '{word}'")).await;
        let codec = format!("{:?}", file.column(0).compression());
        assert!(codec.starts_with(wanted), "{word}: {codec}");
    }
    for (codec, weak, strong) in [("gzip", 1, 9), ("brotli", 0, 9), ("zstd", 1, 19)] {
        let of = |level| {
            written(format!(
                "dictionary = false, compression = '{codec}', compression_level = {level}"
            ))
        };
        assert!(of(weak).await.bytes() > of(strong).await.bytes(), "{codec}");
    }
    // A level alone is one of the default codec.
    let level = |level| written(format!("dictionary = false, compression_level = {level}"));
    assert!(level(1).await.bytes() > level(19).await.bytes());
}

#[tokio::test]
async fn statistics_are_of_nothing_of_chunks_or_of_pages() {
    let none = written("statistics = 'none'").await;
    assert!(none.column(0).statistics().is_none() && !none.has_page_statistics(0));
    let chunk = written("statistics = 'chunk'").await;
    assert!(chunk.column(0).statistics().is_some() && !chunk.has_page_statistics(0));
    let page = written("statistics = 'page'").await;
    assert!(page.column(0).statistics().is_some() && page.has_page_statistics(0));
    assert!(written("").await.has_page_statistics(0), "as without the option");
    assert_eq!(written("statistics_truncate_bytes = 5").await.greatest_text(), 5);
    assert_eq!(written("statistics_truncate_bytes = 9").await.greatest_text(), 9);
    let short = written("column_index_truncate_bytes = 2, data_page_rows = 100").await;
    let long = written("column_index_truncate_bytes = 60, data_page_rows = 100").await;
    assert!(short.column(1).column_index_length() < long.column(1).column_index_length());
}

#[tokio::test]
async fn bloom_filters_are_there_on_demand_and_as_large_as_asked() {
    assert_eq!(written("").await.bloom(0), None);
    assert_eq!(written("bloom_filter = false").await.bloom(0), None);
    let plain = written("bloom_filter = true").await;
    assert!(plain.bloom(0).is_some() && plain.bloom(1).is_some());
    let sloppy = written("bloom_filter = true, bloom_filter_fpp = 0.5").await;
    assert!(sloppy.bloom(0) < plain.bloom(0), "{:?} {:?}", sloppy.bloom(0), plain.bloom(0));
    let few = written("bloom_filter = true, bloom_filter_ndv = 10").await;
    assert!(few.bloom(0) < plain.bloom(0), "{:?} {:?}", few.bloom(0), plain.bloom(0));
}

#[tokio::test]
async fn dictionaries_and_encodings_are_those_of_the_footer() {
    let encodings = |file: &Written, column| file.column(column).encodings().collect::<Vec<_>>();
    let plain = written("").await;
    assert!(plain.column(1).dictionary_page_offset().is_some());
    let without = written("dictionary = false").await;
    assert!(without.column(1).dictionary_page_offset().is_none());
    // Ten thousand numbers do not fit into so small a dictionary, and go on without it.
    let small = written("dictionary_page_bytes = 100").await;
    assert!(encodings(&small, 0).contains(&Encoding::PLAIN), "{:?}", encodings(&small, 0));
    assert!(small.column(0).compressed_size() != plain.column(0).compressed_size());
    for (column, position, word, wanted) in [
        ("n", 0, "delta_binary_packed", Encoding::DELTA_BINARY_PACKED),
        ("n", 0, "byte_stream_split", Encoding::BYTE_STREAM_SPLIT),
        ("text", 1, "delta_length_byte_array", Encoding::DELTA_LENGTH_BYTE_ARRAY),
        ("text", 1, "delta_byte_array", Encoding::DELTA_BYTE_ARRAY),
        ("x", 2, "byte_stream_split", Encoding::BYTE_STREAM_SPLIT),
        ("x", 2, "plain", Encoding::PLAIN),
    ] {
        let options =
            format!("columns = {{ {column} = {{ dictionary = false, encoding = '{word}' }} }}");
        let file = written(&options).await;
        assert!(encodings(&file, position).contains(&wanted), "{options}");
        assert!(
            encodings(&file, if position == 0 { 1 } else { 0 }).contains(&Encoding::RLE_DICTIONARY)
        );
    }
    let flag = written("columns = { flag = { dictionary = false, encoding = 'rle' } }").await;
    assert!(encodings(&flag, 3).contains(&Encoding::RLE));
    let all = written("dictionary = false, encoding = 'plain', version = '2.0'").await;
    assert!(encodings(&all, 0).contains(&Encoding::PLAIN));
    assert!(
        !encodings(&written("dictionary = false, version = '2.0'").await, 0)
            .contains(&Encoding::PLAIN)
    );
}

#[tokio::test]
async fn row_groups_and_pages_end_where_asked() {
    let groups = |file: &Written| {
        file.footer.row_groups().iter().map(|group| group.num_rows()).collect::<Vec<_>>()
    };
    assert_eq!(groups(&written("").await), [10_000]);
    assert_eq!(groups(&written("max_row_group_rows = 4000").await), [4_000, 4_000, 2_000]);
    assert!(
        groups(
            &written(
                "dictionary = false, max_row_group_bytes = 100000, compression = 'uncompressed'"
            )
            .await
        )
        .len()
            > 1
    );
    assert_eq!(written("").await.pages(0), 1);
    assert_eq!(written("data_page_rows = 1000").await.pages(0), 10);
    assert!(written("data_page_bytes = 10000, dictionary = false").await.pages(0) > 4);
}

#[tokio::test]
async fn the_footer_says_version_author_and_what_else_it_was_given() {
    let of = |file: &Written| file.footer.file_metadata().version();
    assert_eq!(
        (of(&written("version = '1.0'").await), of(&written("version = '2.0'").await)),
        (1, 2)
    );
    let mine = written("created_by = 'me', metadata = { owner = 'us' }").await;
    assert_eq!(mine.footer.file_metadata().created_by(), Some("me"));
    let pairs = |file: &Written| {
        let pairs = file.footer.file_metadata().key_value_metadata().cloned().unwrap_or_default();
        pairs.into_iter().map(|pair| (pair.key, pair.value.unwrap_or_default())).collect::<Vec<_>>()
    };
    assert!(pairs(&mine).contains(&("owner".to_owned(), "us".to_owned())));
    let has_schema =
        |file: &Written| pairs(file).iter().filter(|(key, _)| key == "ARROW:schema").count();
    assert_eq!(has_schema(&written("").await), 1);
    assert_eq!(has_schema(&written("skip_arrow_metadata = true").await), 0);
}

#[tokio::test]
async fn options_of_a_column_go_before_those_of_the_file() {
    let file = written(
        "compression = 'snappy', statistics = 'none', bloom_filter = true, bloom_filter_fpp = 0.01, dictionary = false, \
         columns = { n = { compression = 'gzip', compression_level = 9, statistics = 'chunk', bloom_filter = false, dictionary = true }, \
         text = { bloom_filter_fpp = 0.5, bloom_filter_ndv = 20 } }",
    )
    .await;
    assert!(matches!(file.column(0).compression(), Compression::GZIP(_)));
    assert!(matches!(file.column(1).compression(), Compression::SNAPPY));
    assert!(file.column(0).statistics().is_some() && file.column(1).statistics().is_none());
    assert!(
        file.column(0).dictionary_page_offset().is_some()
            && file.column(1).dictionary_page_offset().is_none()
    );
    assert!(file.bloom(0).is_none());
    assert!(file.bloom(1) < file.bloom(2));
    let one = written("bloom_filter_fpp = 0.3, columns = { n = { bloom_filter = true } }").await;
    assert!(one.bloom(0).is_some() && one.bloom(1).is_none());
    let sharp =
        written("bloom_filter_fpp = 0.001, columns = { n = { bloom_filter = true } }").await;
    assert!(sharp.bloom(0) > one.bloom(0), "the rate for all is that of the one column, too");
}

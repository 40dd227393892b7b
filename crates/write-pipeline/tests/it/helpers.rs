use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arrow::{
    array::{ArrayRef, Int64Array, StringArray},
    datatypes::{DataType, Field, Schema, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::{
    common::parsers::CompressionTypeVariant,
    datasource::{
        file_format::file_compression_type::FileCompressionType,
        file_format::{
            FileFormat as EngineFormat, arrow::ArrowFormat, csv::CsvFormat, json::JsonFormat,
            parquet::ParquetFormat,
        },
        listing::{ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl},
    },
    execution::SendableRecordBatchStream,
    functions::core::expr_fn::nullif,
    physical_plan::stream::RecordBatchStreamAdapter,
    prelude::{SessionContext, cast, ident, lit},
};
use viewlane_core::{Ids, Kinded};
use viewlane_write_pipeline::{
    BagChecksum, Error, FileFormat, FileReceipt, FileSession, FileTarget, TextCodec, WritePolicy,
    WriteRequest, write_files,
};

/// Names that differ, in one process and from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Counted(AtomicU64);

impl Ids for Counted {
    fn next_id(&self) -> String {
        format!("{:x}-{}", std::process::id(), self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub(crate) fn session() -> FileSession {
    static IDS: std::sync::LazyLock<Arc<Counted>> = std::sync::LazyLock::new(Arc::default);
    FileSession {
        task: SessionContext::new().task_ctx(),
        ids: Arc::clone(&IDS) as Arc<dyn Ids>,
        progress: Arc::new(()),
    }
}

pub(crate) fn settings(text: &str) -> WritePolicy {
    WritePolicy::from_settings(toml::Deserializer::parse(text).unwrap()).unwrap()
}

pub(crate) fn request(parts: Vec<Vec<RecordBatch>>, schema: &SchemaRef) -> WriteRequest {
    let streams = parts.into_iter().map(|batches| -> SendableRecordBatchStream {
        let batches = futures::stream::iter(batches.into_iter().map(Ok));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(schema), batches))
    });
    WriteRequest::new(streams.collect(), Arc::clone(schema))
}

pub(crate) fn target(path: &Path) -> FileTarget {
    FileTarget::at(path.to_str().unwrap()).unwrap()
}

pub(crate) async fn write(
    path: &Path,
    batches: &[RecordBatch],
    policy: &WritePolicy,
) -> Result<FileReceipt, Error> {
    let schema = batches[0].schema();
    write_files(&target(path), request(vec![batches.to_vec()], &schema), policy, &session()).await
}

/// The code and the message, with the folder of the test left out.
pub(crate) fn told<T: std::fmt::Debug>(result: Result<T, Error>, folder: &Path) -> String {
    let error = result.unwrap_err();
    format!("{}: {error}", error.code()).replace(folder.to_str().unwrap(), "")
}

/// `id` from `from` on, and a `name` for each that comes again after ten.
pub(crate) fn people(from: i64, rows: i64) -> RecordBatch {
    let names = (from..from + rows).map(|id| (id % 10 != 3).then(|| format!("name {}", id % 10)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values(from..from + rows)),
        Arc::new(StringArray::from_iter(names)),
    ];
    let schema = Schema::new(vec![
        Field::new("id", DataType::Int64, false),
        Field::new("name", DataType::Utf8, true),
    ]);
    RecordBatch::try_new(Arc::new(schema), columns).unwrap()
}

pub(crate) fn bag(batches: &[RecordBatch]) -> String {
    let mut sum = BagChecksum::default();
    batches.iter().for_each(|batch| sum.add(batch).unwrap());
    sum.to_string()
}

/// What an engine reads at a destination, in the types and the order of `schema`.
pub(crate) async fn read(
    path: &Path,
    policy: &WritePolicy,
    schema: &SchemaRef,
) -> Vec<RecordBatch> {
    let compression = |codec: TextCodec| {
        FileCompressionType::from(match codec {
            TextCodec::None => CompressionTypeVariant::UNCOMPRESSED,
            TextCodec::Gzip => CompressionTypeVariant::GZIP,
            TextCodec::Zstd => CompressionTypeVariant::ZSTD,
            TextCodec::Bzip2 => CompressionTypeVariant::BZIP2,
            TextCodec::Xz => CompressionTypeVariant::XZ,
        })
    };
    let format: Arc<dyn EngineFormat> = match policy.format {
        FileFormat::Parquet => Arc::new(ParquetFormat::default()),
        FileFormat::Csv => {
            let own = policy.csv.clone().unwrap_or_default();
            Arc::new(
                CsvFormat::default()
                    .with_has_header(own.header.unwrap_or(true))
                    .with_delimiter(own.delimiter.unwrap_or(',') as u8)
                    .with_quote(own.quote.unwrap_or('"') as u8)
                    .with_escape(own.escape.map(|c| c as u8))
                    .with_newlines_in_values(true)
                    .with_file_compression_type(compression(own.compression)),
            )
        }
        FileFormat::Json => {
            let own = policy.json.clone().unwrap_or_default();
            Arc::new(JsonFormat::default().with_file_compression_type(compression(own.compression)))
        }
        FileFormat::Arrow => Arc::new(ArrowFormat),
    };
    let partitions = policy.partition_by.iter().map(|name| (name.clone(), DataType::Utf8));
    let options = ListingOptions::new(format)
        .with_file_extension("")
        .with_table_partition_cols(partitions.collect());
    let stored = schema.fields().iter().filter(|field| !policy.partition_by.contains(field.name()));
    // As files of other writers would be read: every column may hold NULL.
    let stored: Vec<_> = stored.map(|field| field.as_ref().clone().with_nullable(true)).collect();
    let folder = if path.is_dir() { "/" } else { "" };
    let url = ListingTableUrl::parse(format!("{}{folder}", path.display())).unwrap();
    let config = ListingTableConfig::new(url)
        .with_listing_options(options)
        .with_schema(Arc::new(Schema::new(stored)));
    let context = SessionContext::new();
    let columns = schema.fields().iter().map(|field| {
        let column = ident(field.name());
        if policy.partition_by.contains(field.name()) {
            // The engine does not know the folder of NULL.
            let value = nullif(column, lit("__HIVE_DEFAULT_PARTITION__"));
            cast(value, field.data_type().clone()).alias(field.name())
        } else {
            column
        }
    });
    context
        .read_table(Arc::new(ListingTable::try_new(config).unwrap()))
        .unwrap()
        .select(columns.collect::<Vec<_>>())
        .unwrap()
        .collect()
        .await
        .unwrap()
}

/// Every file and folder below a folder, sorted, hidden ones included.
pub(crate) fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        }
        found.push(path);
    }
    found.sort();
    found
}

/// Files below a folder, by their names.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    tree(folder).into_iter().filter(|path| path.is_file()).collect()
}

/// Nothing stands beside the destination, and nothing hidden in it.
pub(crate) fn assert_no_litter(folder: &Path) {
    let hidden =
        |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(['.', '_']);
    let litter: Vec<_> = tree(folder).into_iter().filter(hidden).collect();
    assert!(litter.is_empty(), "{litter:?}");
}

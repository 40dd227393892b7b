use std::sync::Arc;

use arrow::{
    array::{Array, AsArray},
    csv::WriterBuilder,
    datatypes::{DataType, Float16Type, Float32Type, Float64Type, SchemaRef},
    ipc::{
        CompressionType, MetadataVersion,
        writer::{FileWriter as IpcWriter, IpcWriteOptions},
    },
    json::LineDelimitedWriter,
    record_batch::RecordBatch,
};
use datafusion::{
    datasource::file_format::file_compression_type::FileCompressionType,
    execution::memory_pool::{MemoryConsumer, MemoryPool, MemoryReservation},
};
use object_store::{ObjectStore, buffered::BufWriter, path::Path};
use parquet::{
    arrow::{ArrowSchemaConverter, AsyncArrowWriter, arrow_writer::ArrowWriterOptions},
    file::{
        metadata::SortingColumn,
        properties::{WriterProperties, WriterPropertiesBuilder},
    },
};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::{ArrowCodec, Error, FileFormat, TextCodec, WritePolicy};

/// Why a batch does not get into a file.
pub(super) enum Failure {
    /// The store, the memory or the encoder.
    Store(Box<dyn std::error::Error + Send + Sync>),
    /// The rows.
    Rows(Error),
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Store(Box::new(error))
    }
}

/// How each file of a write is encoded: the policy in the words of the encoders, worked out once.
pub(super) struct Encoding {
    schema: SchemaRef,
    format: Format,
    /// Bytes that are held before a file is sent to the store in parts.
    buffer: usize,
    pool: Arc<dyn MemoryPool>,
}

enum Format {
    Parquet { properties: Box<WriterProperties>, skip_arrow_metadata: bool },
    Csv { builder: WriterBuilder, header: bool, compression: TextCodec, level: Option<u32> },
    Json { compression: TextCodec, level: Option<u32> },
    Arrow(IpcWriteOptions),
}

impl Encoding {
    pub(super) fn new(
        schema: SchemaRef,
        policy: &WritePolicy,
        buffer: usize,
        pool: Arc<dyn MemoryPool>,
    ) -> Result<Self, Error> {
        let format = match policy.format {
            FileFormat::Parquet => parquet_format(&schema, policy)?,
            FileFormat::Csv => {
                let own = policy.csv.clone().unwrap_or_default();
                Format::Csv {
                    builder: own.writer()?.writer_options,
                    header: own.header.unwrap_or(true),
                    compression: own.compression,
                    level: own.compression_level,
                }
            }
            FileFormat::Json => {
                let own = policy.json.clone().unwrap_or_default();
                Format::Json { compression: own.compression, level: own.compression_level }
            }
            FileFormat::Arrow => {
                let codec = match policy.arrow.clone().unwrap_or_default().compression {
                    ArrowCodec::None => None,
                    ArrowCodec::Lz4 => Some(CompressionType::LZ4_FRAME),
                    ArrowCodec::Zstd => Some(CompressionType::ZSTD),
                };
                let options = IpcWriteOptions::try_new(64, false, MetadataVersion::V5)
                    .and_then(|options| options.try_with_compression(codec))
                    .map_err(|error| unusable("arrow", &error))?;
                Format::Arrow(options)
            }
        };
        Ok(Self { schema, format, buffer, pool })
    }

    /// The columns of a file.
    pub(super) const fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// Begins a file.
    pub(super) fn begin(
        &self,
        store: &Arc<dyn ObjectStore>,
        path: &Path,
    ) -> Result<Encoder, Failure> {
        let output = BufWriter::with_capacity(Arc::clone(store), path.clone(), self.buffer);
        let text = |output, compression: TextCodec, level| {
            FileCompressionType::from(compression.engine())
                .convert_async_writer_with_level(output, level)
        };
        let to = match &self.format {
            Format::Parquet { properties, skip_arrow_metadata } => {
                let options = ArrowWriterOptions::new()
                    .with_properties(properties.as_ref().clone())
                    .with_skip_arrow_metadata(*skip_arrow_metadata);
                let schema = Arc::clone(&self.schema);
                let writer = AsyncArrowWriter::try_new_with_options(output, schema, options)?;
                let memory = MemoryConsumer::new("write_files").register(&self.pool);
                To::Parquet { writer: Box::new(writer), memory }
            }
            Format::Csv { builder, header, compression, level } => To::Csv {
                builder: builder.clone(),
                header: *header,
                output: text(output, *compression, *level)?,
            },
            Format::Json { compression, level } => {
                To::Json { output: text(output, *compression, *level)? }
            }
            Format::Arrow(options) => {
                let writer =
                    IpcWriter::try_new_with_options(Vec::new(), &self.schema, options.clone())?;
                To::Arrow { writer: Box::new(writer), output: Box::new(output) }
            }
        };
        Ok(Encoder { to, bytes: 0 })
    }
}

/// A file that is being written.
pub(super) struct Encoder {
    to: To,
    bytes: u64,
}

enum To {
    Parquet {
        writer: Box<AsyncArrowWriter<BufWriter>>,
        memory: MemoryReservation,
    },
    Csv {
        builder: WriterBuilder,
        header: bool,
        output: Output,
    },
    Json {
        output: Output,
    },
    /// The encoder fills a buffer, which is emptied after each batch.
    Arrow {
        writer: Box<IpcWriter<Vec<u8>>>,
        output: Output,
    },
}

type Output = Box<dyn AsyncWrite + Send + Unpin>;

impl Encoder {
    /// Takes rows.
    pub(super) async fn write(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        match &mut self.to {
            To::Parquet { writer, memory } => {
                writer.write(batch).await?;
                memory.try_resize(writer.memory_size())?;
                self.bytes = (writer.bytes_written() + writer.in_progress_size()) as u64;
            }
            To::Csv { builder, header, output } => {
                let mut text = Vec::new();
                let mut writer = builder.clone().with_header(*header).build(&mut text);
                writer.write(batch)?;
                drop(writer);
                *header = false;
                output.write_all(&text).await?;
                self.bytes += text.len() as u64;
            }
            To::Json { output } => {
                refuse_non_finite(batch).map_err(Failure::Rows)?;
                let mut text = Vec::new();
                LineDelimitedWriter::new(&mut text).write(batch)?;
                output.write_all(&text).await?;
                self.bytes += text.len() as u64;
            }
            To::Arrow { writer, output } => {
                writer.write(batch)?;
                let bytes = std::mem::take(writer.get_mut());
                output.write_all(&bytes).await?;
                self.bytes += bytes.len() as u64;
            }
        }
        Ok(())
    }

    /// Bytes so far; of text before compression.
    pub(super) const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Ends the file. It is complete in the store afterwards, and not before.
    pub(super) async fn finish(self) -> Result<(), Failure> {
        match self.to {
            To::Parquet { writer, .. } => {
                writer.close().await?;
            }
            To::Csv { mut output, .. } | To::Json { mut output } => output.shutdown().await?,
            To::Arrow { mut writer, mut output } => {
                writer.finish()?;
                output.write_all(writer.get_ref()).await?;
                output.shutdown().await?;
            }
        }
        Ok(())
    }
}

fn parquet_format(schema: &SchemaRef, policy: &WritePolicy) -> Result<Format, Error> {
    let own = policy.parquet.clone().unwrap_or_default();
    let stored =
        ArrowSchemaConverter::new().convert(schema).map_err(|error| unusable("parquet", &error))?;
    let leaves: Vec<_> = stored.columns().iter().map(|leaf| leaf.path().string()).collect();
    let mut options = own.engine(&leaves)?;
    let skip_arrow_metadata = options.global.skip_arrow_metadata;
    if !skip_arrow_metadata {
        options.arrow_schema(schema);
    }
    let builder =
        WriterPropertiesBuilder::try_from(&options).map_err(|error| unusable("parquet", &error))?;
    let sorting: Vec<_> = policy
        .sort_by
        .iter()
        .filter_map(|key| {
            // Fields of structs are columns of their own in a file, so that positions differ.
            let leaf = stored
                .columns()
                .iter()
                .position(|leaf| leaf.path().parts() == [key.column.clone()])?;
            Some(SortingColumn {
                column_idx: i32::try_from(leaf).ok()?,
                descending: key.descending,
                nulls_first: key.nulls_first,
            })
        })
        .collect();
    let builder = builder.set_sorting_columns((!sorting.is_empty()).then_some(sorting));
    Ok(Format::Parquet { properties: Box::new(builder.build()), skip_arrow_metadata })
}

fn unusable(option: &str, error: &dyn std::error::Error) -> Error {
    Error::BadOption { option: option.to_owned(), reason: error.to_string() }
}

/// JSON has no form for infinities and NaN, and the encoder would write NULL in their place.
fn refuse_non_finite(batch: &RecordBatch) -> Result<(), Error> {
    for (column, field) in batch.columns().iter().zip(batch.schema_ref().fields()) {
        if !all_finite(column.as_ref()) {
            return Err(Error::Value {
                column: field.name().clone(),
                why: "is infinite or no number, which JSON cannot hold".to_owned(),
            });
        }
    }
    Ok(())
}

fn all_finite(array: &dyn Array) -> bool {
    match array.data_type() {
        DataType::Float16 => {
            array.as_primitive::<Float16Type>().iter().flatten().all(|v| v.is_finite())
        }
        DataType::Float32 => {
            array.as_primitive::<Float32Type>().iter().flatten().all(f32::is_finite)
        }
        DataType::Float64 => {
            array.as_primitive::<Float64Type>().iter().flatten().all(f64::is_finite)
        }
        DataType::List(_) => all_finite(array.as_list::<i32>().values()),
        DataType::LargeList(_) => all_finite(array.as_list::<i64>().values()),
        DataType::FixedSizeList(..) => all_finite(array.as_fixed_size_list().values()),
        DataType::Map(..) => all_finite(array.as_map().entries()),
        DataType::Struct(_) => array.as_struct().columns().iter().all(|child| all_finite(child)),
        _ => true,
    }
}

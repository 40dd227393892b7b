use std::{
    fmt::Write,
    path::{Path as FilePath, PathBuf},
    sync::Arc,
};

use arrow::{
    array::{Array, ArrayRef, AsArray, StringArray},
    compute::{CastOptions, cast_with_options, partition},
    datatypes::{DataType, SchemaRef},
    record_batch::RecordBatch,
};
use datafusion::execution::SendableRecordBatchStream;
use futures::StreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};

use super::{
    FileSession, Progress, WriteEvent, WrittenFile,
    encode::{Encoder, Encoding, Failure},
    staging,
    work::SINGLE_FILE,
};
use crate::{Error, WritePolicy};

/// The folder of NULL, as Hive, Spark and others name it.
const NULL_FOLDER: &str = "__HIVE_DEFAULT_PARTITION__";
/// Bytes of a name that every file system takes.
const LONGEST_NAME: usize = 255;

/// Where the rows of a write go: each into a file of its folder, and on to the next when one is full.
pub(super) struct Sink {
    target: PathBuf,
    store: Arc<dyn ObjectStore>,
    encoding: Encoding,
    progress: Arc<dyn Progress>,
    /// Positions of the partition columns.
    folders: Vec<usize>,
    /// Positions of the columns that the files hold.
    stored: Vec<usize>,
    id: String,
    extension: String,
    single_file: bool,
    most_bytes: u64,
    most_rows: u64,
}

impl Sink {
    pub(super) fn new(
        target: &FilePath,
        store: Arc<dyn ObjectStore>,
        schema: &SchemaRef,
        policy: &WritePolicy,
        session: &FileSession,
    ) -> Result<Self, Error> {
        let stored = policy.file_schema(schema);
        let position = |name: &String| schema.index_of(name).ok();
        let buffer =
            session.task.session_config().options().execution.objectstore_writer_buffer_size;
        let pool = Arc::clone(session.task.memory_pool());
        Ok(Self {
            target: target.to_owned(),
            store,
            folders: policy.partition_by.iter().filter_map(position).collect(),
            stored: stored.fields().iter().filter_map(|field| position(field.name())).collect(),
            encoding: Encoding::new(stored, policy, buffer, pool)?,
            progress: Arc::clone(&session.progress),
            id: session.ids.next_id(),
            extension: policy.extension(),
            single_file: policy.single_file,
            most_bytes: policy.target_file_bytes.unwrap_or(u64::MAX),
            most_rows: policy.max_file_rows.unwrap_or(u64::MAX),
        })
    }

    pub(super) fn has_folders(&self) -> bool {
        !self.folders.is_empty()
    }

    pub(super) fn staging(
        &self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Error {
        staging(&self.target, source)
    }

    /// Writes a stream to its end.
    pub(super) async fn drain(
        &self,
        stream: usize,
        mut rows: SendableRecordBatchStream,
    ) -> Result<Vec<WrittenFile>, Error> {
        let mut files = Vec::new();
        let mut open: Option<Open> = None;
        while let Some(batch) = rows.next().await {
            let batch = batch.map_err(Error::Query)?;
            for (folder, batch) in self.split(&batch)? {
                let mut from = 0;
                while from < batch.num_rows() {
                    let fits = |file: &Open| {
                        file.folder == folder
                            && file.rows < self.most_rows
                            && file.encoder.bytes() < self.most_bytes
                    };
                    let mut file = match open.take() {
                        Some(file) if fits(&file) => file,
                        full => {
                            if let Some(full) = full {
                                files.push(self.close(full).await?);
                            }
                            self.open(&folder, stream, files.len())?
                        }
                    };
                    let room = usize::try_from(self.most_rows - file.rows).unwrap_or(usize::MAX);
                    let part = batch.slice(from, room.min(batch.num_rows() - from));
                    file.encoder.write(&part).await.map_err(|failure| self.failed(failure))?;
                    let rows = part.num_rows() as u64;
                    file.rows += rows;
                    from += part.num_rows();
                    self.progress.record(WriteEvent::Rows { rows });
                    open = Some(file);
                }
            }
        }
        if let Some(last) = open {
            files.push(self.close(last).await?);
        }
        Ok(files)
    }

    /// A file that holds the columns and no row.
    pub(super) async fn empty_file(&self) -> Result<WrittenFile, Error> {
        let mut file = self.open("", 0, 0)?;
        let none = RecordBatch::new_empty(Arc::clone(self.encoding.schema()));
        file.encoder.write(&none).await.map_err(|failure| self.failed(failure))?;
        self.close(file).await
    }

    fn open(&self, folder: &str, stream: usize, file: usize) -> Result<Open, Error> {
        let path = if self.single_file {
            SINGLE_FILE.to_owned()
        } else {
            // In the order in which they were written, so that sorted files sort by name.
            format!("{folder}part-{stream:05}-{file:05}-{}.{}", self.id, self.extension)
        };
        let path = Path::parse(&path).map_err(|error| self.staging(error))?;
        let encoder =
            self.encoding.begin(&self.store, &path).map_err(|failure| self.failed(failure))?;
        Ok(Open { folder: folder.to_owned(), path, encoder, rows: 0 })
    }

    async fn close(&self, file: Open) -> Result<WrittenFile, Error> {
        file.encoder.finish().await.map_err(|failure| self.failed(failure))?;
        let bytes = self.store.head(&file.path).await.map_err(|error| self.staging(error))?.size;
        let path = if self.single_file {
            self.target.file_name().unwrap_or_default().to_string_lossy().into_owned()
        } else {
            file.path.to_string()
        };
        self.progress.record(WriteEvent::File { path: &path, rows: file.rows, bytes });
        Ok(WrittenFile { path, rows: file.rows, bytes })
    }

    fn failed(&self, failure: Failure) -> Error {
        match failure {
            Failure::Store(source) => self.staging(source),
            Failure::Rows(error) => error,
        }
    }

    /// The batch by folders: neighbours of one folder stay together, and only what files hold.
    fn split(&self, batch: &RecordBatch) -> Result<Vec<(String, RecordBatch)>, Error> {
        let refused = |error| {
            Error::Query(datafusion::error::DataFusionError::ArrowError(Box::new(error), None))
        };
        if self.folders.is_empty() {
            return Ok(vec![(String::new(), batch.clone())]);
        }
        let keys: Vec<_> =
            self.folders.iter().map(|index| Arc::clone(batch.column(*index))).collect();
        let held = batch.project(&self.stored).map_err(refused)?;
        let ranges = partition(&keys).map_err(refused)?.ranges();
        ranges
            .into_iter()
            .map(|range| {
                let mut folder = String::new();
                for (index, key) in self.folders.iter().zip(&keys) {
                    let name = batch.schema_ref().field(*index).name().clone();
                    self.add_folder(&mut folder, &name, &key.slice(range.start, 1))?;
                }
                Ok((folder, held.slice(range.start, range.len())))
            })
            .collect()
    }

    /// Adds `name=value/` for the one value in `key`.
    fn add_folder(&self, folder: &mut String, name: &str, key: &ArrayRef) -> Result<(), Error> {
        let refused = |why: &str| Error::Value { column: name.to_owned(), why: why.to_owned() };
        let options = CastOptions { safe: false, ..CastOptions::default() };
        let text = cast_with_options(key, &DataType::Utf8, &options)
            .map_err(|error| refused(&format!("cannot name a folder: {error}")))?;
        let text: &StringArray = text.as_string();
        let from = folder.len();
        folder.push_str(name);
        folder.push('=');
        if text.is_null(0) {
            folder.push_str(NULL_FOLDER);
        } else if text.value(0) == NULL_FOLDER {
            return Err(refused("is the name of the folder for NULL"));
        } else {
            encode_into(folder, text.value(0));
        }
        if folder.len() - from > LONGEST_NAME {
            return Err(refused("is too long for the name of a folder"));
        }
        folder.push('/');
        Ok(())
    }
}

/// A file that takes rows.
struct Open {
    folder: String,
    path: Path,
    encoder: Encoder,
    rows: u64,
}

/// Percent-encodes what file systems or readers could take for something else.
fn encode_into(folder: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            folder.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(folder, "%{byte:02X}");
        }
    }
}

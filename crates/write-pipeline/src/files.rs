//! Files at a destination: encoded as they come, built beside it, made visible in one step.

mod encode;
mod plan;
mod receipt;
mod route;
mod work;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use datafusion::execution::TaskContext;
use object_store::{ObjectStore, local::LocalFileSystem};
use tokio::task::JoinSet;
use viewlane_core::Ids;

use crate::{Error, FileMode, WritePolicy, WriteRequest, checked::Pass};

use self::{
    route::Sink,
    work::{Survey, Work},
};

pub use receipt::{FileOutcome, FileReceipt, Progress, WriteEvent, WrittenFile};

/// A folder or file on a local disk, where [`write_files`] puts rows.
///
/// # What a kill leaves
///
/// Files are built in a folder `.NAME.viewlane` beside the destination `NAME`. When all are
/// complete and on disk, one rename makes them visible:
///
/// | destination | mode | the one step | after a kill |
/// |---|---|---|---|
/// | nothing, or a single file | all | rename | old or new |
/// | folder | overwrite | the old and the new folder change names | old or new |
/// | folder | append | the same; the new folder holds links to the old files | old or new |
///
/// Where the system or the file system cannot make two folders change names at once, the old one is
/// renamed away and the new one in. A kill between the two leaves the destination empty, until the
/// next write or [`recover`](Self::recover) puts the old folder back.
///
/// Whoever listed the old folder and opens a file of it afterwards still finds it after an append,
/// and no longer after an overwrite.
///
/// One write at a time: a second one to the same destination fails with `VL-W0211`. What others put
/// into the folder while an append is being made visible may be lost.
///
/// Stores without renames, such as S3, are refused.
#[derive(Clone, Debug)]
pub struct FileTarget {
    path: PathBuf,
    #[cfg(test)]
    store: Option<fn(LocalFileSystem) -> Arc<dyn ObjectStore>>,
}

impl FileTarget {
    /// A target at an absolute path or a `file://` URL. Nothing is touched yet.
    ///
    /// ```
    /// use viewlane_write_pipeline::FileTarget;
    ///
    /// assert!(FileTarget::at("/data/export/orders").is_ok());
    /// let bucket = FileTarget::at("s3://lake/orders").unwrap_err();
    /// assert_eq!(
    ///     bucket.to_string(),
    ///     "files cannot be written to `s3://lake/orders`: `s3` has no rename that makes them visible in one step"
    /// );
    /// ```
    ///
    /// # Errors
    ///
    /// `VL-W0208` for a relative path, the root, and every store that is no local disk.
    pub fn at(location: &str) -> Result<Self, Error> {
        let refused =
            |why: &str| Error::UnsupportedPlace { place: location.to_owned(), why: why.to_owned() };
        let path = match location.split_once("://") {
            Some(("file", _)) => url::Url::parse(location)
                .ok()
                .and_then(|url| url.to_file_path().ok())
                .ok_or_else(|| refused("it is no local path"))?,
            Some((scheme, _)) => {
                let why = format!("`{scheme}` has no rename that makes them visible in one step");
                return Err(refused(&why));
            }
            None => PathBuf::from(location),
        };
        if !path.is_absolute() {
            return Err(refused("the path is not absolute"));
        }
        if path.file_name().is_none() {
            return Err(refused("it has no name"));
        }
        Ok(Self {
            path,
            #[cfg(test)]
            store: None,
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Puts back or clears away what a killed write left; says whether there was anything. Every write
    /// begins with this.
    ///
    /// # Errors
    ///
    /// `VL-W0211` when a write is under way, `VL-W0212` when the disk fails.
    pub async fn recover(&self) -> Result<bool, Error> {
        let path = self.path.clone();
        blocking(&self.path, move || Work::recover(&path)).await
    }

    /// The store below a folder of new files.
    fn store(&self, folder: &Path) -> Result<Arc<dyn ObjectStore>, Error> {
        let local = LocalFileSystem::new_with_prefix(folder)
            .map_err(|source| staging(&self.path, source))?;
        #[cfg(test)]
        if let Some(wrap) = self.store {
            return Ok(wrap(local));
        }
        Ok(Arc::new(local))
    }
}

/// What a write needs from its surroundings.
///
/// ```
/// use std::sync::Arc;
/// use datafusion::prelude::SessionContext;
/// use viewlane_write_pipeline::FileSession;
///
/// # #[derive(Debug)] struct Uuids;
/// # impl viewlane_core::Ids for Uuids { fn next_id(&self) -> String { "id".to_owned() } }
/// let session = FileSession {
///     task: SessionContext::new().task_ctx(),
///     ids: Arc::new(Uuids),
///     progress: Arc::new(()),
/// };
/// ```
#[derive(Clone)]
pub struct FileSession {
    /// Memory pool, spill folder, batch size and number of partitions for sorting.
    pub task: Arc<TaskContext>,
    /// Where unique names of files come from.
    pub ids: Arc<dyn Ids>,
    /// Who is told how far the write is. `()` tells nobody.
    pub progress: Arc<dyn Progress>,
}

impl std::fmt::Debug for FileSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileSession")
            .field("ids", &self.ids)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

/// Writes a request as files, and makes them visible in one step after everything that is demanded
/// of the rows was found to hold.
///
/// Rows are streamed: what is held at any moment is a batch and what the encoders buffer. Sorting and
/// splitting into folders go through the engine, which spills.
///
/// A folder gets at least one file even without rows, so that it can be read; an append without rows,
/// and folders of partitions, do not.
///
/// # Errors
///
/// Whatever [`WritePolicy::check`] and [`write`](crate::write) find, and `VL-W0209` to `VL-W0214`. What
/// was at the destination before is still there, whatever the error.
pub async fn write_files(
    target: &FileTarget,
    request: WriteRequest,
    policy: &WritePolicy,
    session: &FileSession,
) -> Result<FileReceipt, Error> {
    policy.check(&request.schema)?;
    let (path, wanted) = (target.path.clone(), policy.clone());
    let (work, before) = match blocking(&target.path, move || Work::begin(&path, &wanted)).await? {
        Some(begun) => begun,
        None => return Ok(FileReceipt::ignored()),
    };
    let schema = Arc::clone(&request.schema);
    let (streams, pass) = Pass::over(request);
    let written = async {
        let streams =
            plan::arrange(streams, &schema, policy, &session.task).map_err(Error::Query)?;
        let store = target.store(&work.new_folder())?;
        let sink = Arc::new(Sink::new(&target.path, store, &schema, policy, session)?);
        write_all(&sink, streams, before.is_empty() || policy.mode == FileMode::Overwrite).await
    }
    .await;
    pass.failure()?;
    let files = written?;
    let counts = pass.counts()?;
    let (mode, single) = (policy.mode, policy.single_file);
    let published = if files.is_empty() && mode == FileMode::Append && !before.is_empty() {
        None // nothing to add
    } else {
        blocking(&target.path, move || work.publish(mode, single)).await?
    };
    let receipt = FileReceipt::new(files, counts, policy.mode, before, published);
    session.progress.record(WriteEvent::Visible {
        files: receipt.files.len() as u64,
        rows: receipt.rows,
        bytes: receipt.bytes,
    });
    Ok(receipt)
}

/// Drains the streams side by side; the first failure ends all of them.
async fn write_all(
    sink: &Arc<Sink>,
    streams: Vec<datafusion::execution::SendableRecordBatchStream>,
    at_least_one: bool,
) -> Result<Vec<WrittenFile>, Error> {
    let mut tasks = JoinSet::new();
    for (index, stream) in streams.into_iter().enumerate() {
        let sink = Arc::clone(sink);
        tasks.spawn(async move { sink.drain(index, stream).await });
    }
    let mut files = Vec::new();
    while let Some(joined) = tasks.join_next().await {
        let done = joined.unwrap_or_else(|failed| Err(sink.staging(failed)));
        match done {
            Ok(written) => files.extend(written),
            Err(error) => {
                tasks.shutdown().await;
                return Err(error);
            }
        }
    }
    if files.is_empty() && at_least_one && !sink.has_folders() {
        files.push(sink.empty_file().await?);
    }
    files.sort_by(|one, two| one.path.cmp(&two.path));
    Ok(files)
}

/// Runs what waits for the disk where it holds up nobody. It is carried through even when the caller
/// goes away, so that no step is left half done.
async fn blocking<T: Send + 'static>(
    path: &Path,
    step: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(step).await.unwrap_or_else(|failed| Err(staging(path, failed)))
}

fn staging(path: &Path, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Staging { path: path.display().to_string(), source: source.into() }
}

#[cfg(test)]
mod tests;

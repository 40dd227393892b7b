use std::{
    error::Error as _,
    sync::atomic::{AtomicUsize, Ordering},
};

use arrow::{
    array::Int64Array,
    datatypes::{DataType, Field, Schema},
    record_batch::RecordBatch,
};
use async_trait::async_trait;
use datafusion::{physical_plan::stream::RecordBatchStreamAdapter, prelude::SessionContext};
use futures::stream::BoxStream;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result, path::Path as StorePath,
};
use viewlane_core::Kinded;

use super::*;

#[derive(Debug, Default)]
struct Counted(AtomicUsize);

impl Ids for Counted {
    fn next_id(&self) -> String {
        self.0.fetch_add(1, Ordering::Relaxed).to_string()
    }
}

/// A disk that takes two files, and then is full.
#[derive(Debug)]
struct Full {
    disk: LocalFileSystem,
    taken: AtomicUsize,
}

impl std::fmt::Display for Full {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.disk.fmt(f)
    }
}

#[async_trait]
impl ObjectStore for Full {
    async fn put_opts(
        &self,
        to: &StorePath,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        if self.taken.fetch_add(1, Ordering::Relaxed) >= 2 {
            let source = std::io::Error::from(std::io::ErrorKind::StorageFull);
            return Err(object_store::Error::Generic { store: "disk", source: Box::new(source) });
        }
        self.disk.put_opts(to, payload, options).await
    }

    async fn put_multipart_opts(
        &self,
        to: &StorePath,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        self.disk.put_multipart_opts(to, options).await
    }

    async fn get_opts(&self, from: &StorePath, options: GetOptions) -> Result<GetResult> {
        self.disk.get_opts(from, options).await
    }

    fn delete_stream(
        &self,
        paths: BoxStream<'static, Result<StorePath>>,
    ) -> BoxStream<'static, Result<StorePath>> {
        self.disk.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&StorePath>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.disk.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&StorePath>) -> Result<ListResult> {
        self.disk.list_with_delimiter(prefix).await
    }

    async fn copy_opts(
        &self,
        from: &StorePath,
        to: &StorePath,
        options: CopyOptions,
    ) -> Result<()> {
        self.disk.copy_opts(from, to, options).await
    }
}

fn request(rows: i64) -> WriteRequest {
    let schema = Arc::new(Schema::new(vec![Field::new("n", DataType::Int64, true)]));
    let values = Arc::new(Int64Array::from_iter_values(0..rows));
    let batch = RecordBatch::try_new(Arc::clone(&schema), vec![values]).unwrap();
    let rows = futures::stream::iter([Ok(batch)]);
    WriteRequest::new(
        vec![Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&schema), rows))],
        schema,
    )
}

fn session() -> FileSession {
    FileSession {
        task: SessionContext::new().task_ctx(),
        ids: Arc::new(Counted::default()),
        progress: Arc::new(()),
    }
}

#[tokio::test]
async fn a_disk_that_fills_up_leaves_everything_as_it_was() {
    let root = tempfile::tempdir().unwrap();
    let mut target = FileTarget::at(root.path().join("t").to_str().unwrap()).unwrap();
    let mut policy = WritePolicy { max_file_rows: Some(10), ..WritePolicy::default() };
    write_files(&target, request(10), &policy, &session()).await.unwrap();
    let before: Vec<_> =
        std::fs::read_dir(target.path()).unwrap().map(|e| e.unwrap().path()).collect();
    target.store = Some(|disk| Arc::new(Full { disk, taken: AtomicUsize::new(0) }));
    for mode in [FileMode::Overwrite, FileMode::Append] {
        for format in [
            crate::FileFormat::Parquet,
            crate::FileFormat::Csv,
            crate::FileFormat::Json,
            crate::FileFormat::Arrow,
        ] {
            if (mode, format) != (FileMode::Append, crate::FileFormat::Parquet)
                && mode == FileMode::Append
            {
                continue; // other files are refused before the disk is asked
            }
            policy = WritePolicy { mode, format, ..policy };
            let error = write_files(&target, request(100), &policy, &session()).await.unwrap_err();
            assert_eq!(error.code().as_str(), "VL-W0212", "{error}");
            assert!(error.kind().may_retry());
            let mut causes = vec![error.to_string()];
            let mut cause = error.source();
            while let Some(error) = cause {
                causes.push(error.to_string());
                cause = error.source();
            }
            assert!(causes.join(": ").contains("no storage space"), "{causes:?}");
            let after: Vec<_> =
                std::fs::read_dir(target.path()).unwrap().map(|e| e.unwrap().path()).collect();
            assert_eq!(before, after);
            assert_eq!(
                std::fs::read_dir(root.path()).unwrap().count(),
                1,
                "nothing is left beside it"
            );
        }
    }
}

#[tokio::test]
async fn a_write_that_is_given_up_leaves_nothing() {
    let root = tempfile::tempdir().unwrap();
    let target = FileTarget::at(root.path().join("t").to_str().unwrap()).unwrap();
    let mut endless = request(1);
    let schema = Arc::clone(&endless.schema);
    endless
        .streams
        .push(Box::pin(RecordBatchStreamAdapter::new(schema, futures::stream::pending())));
    let (policy, session) = (WritePolicy::default(), session());
    let write = write_files(&target, endless, &policy, &session);
    assert!(tokio::time::timeout(std::time::Duration::from_millis(200), write).await.is_err());
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn places_that_cannot_be_written_in_one_step_are_refused() {
    let told = |place: &str| {
        let error = FileTarget::at(place).unwrap_err();
        format!("{}: {error}", error.code())
    };
    insta::assert_snapshot!(told("data/out"), @"VL-W0208: files cannot be written to `data/out`: the path is not absolute");
    insta::assert_snapshot!(told("/"), @"VL-W0208: files cannot be written to `/`: it has no name");
    insta::assert_snapshot!(told("gs://b/x"), @"VL-W0208: files cannot be written to `gs://b/x`: `gs` has no rename that makes them visible in one step");
    assert_eq!(FileTarget::at("file:///data/a%20b").unwrap().path(), Path::new("/data/a b"));
}

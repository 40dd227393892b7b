//! A store for tests that watches every call, and lets chosen ones go wrong.

use std::{
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use deltalake::{ObjectMeta, Path};
use futures::{StreamExt, stream::BoxStream};
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectStore,
    ObjectStoreExt, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
    UploadPart,
};

/// How a call goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing is done, and an error is the answer.
    Fails,
    /// It is done, and an error is the answer.
    Forgets,
    /// Half of it is done, and an error is the answer. Half of an object is left as stores leave
    /// it: entries of a log, which stores put whole or not at all, beside their place.
    Tears,
    /// It is done twice, and the answer is the second one.
    Doubles,
    /// It is done late.
    Delays,
}

impl Fault {
    pub(crate) const ALL: [Self; 5] =
        [Self::Fails, Self::Forgets, Self::Tears, Self::Doubles, Self::Delays];
}

/// What was asked for, and what is to go wrong.
#[derive(Default, Debug)]
pub(crate) struct Watch {
    calls: Vec<(&'static str, String)>,
    /// The call, counted from one since the watch began, and what happens to it.
    fault: Option<(usize, Fault)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Watched {
    inner: Arc<dyn ObjectStore>,
    watch: Arc<Mutex<Watch>>,
}

impl fmt::Display for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

impl Watched {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>) -> Self {
        Self { inner, watch: Arc::default() }
    }

    /// Forgets what was asked for so far, and lets one of the next calls go wrong.
    pub(crate) fn watch(&self, fault: Option<(usize, Fault)>) {
        *self.watch.lock().unwrap() = Watch { calls: Vec::new(), fault };
    }

    /// What was asked for since.
    pub(crate) fn calls(&self) -> Vec<(&'static str, String)> {
        self.watch.lock().unwrap().calls.clone()
    }

    /// The fault of a call that is made now.
    fn call(&self, kind: &'static str, path: &Path) -> Option<Fault> {
        let mut watch = self.watch.lock().unwrap();
        watch.calls.push((kind, path.to_string()));
        let now = watch.calls.len();
        watch.fault.filter(|(at, _)| *at == now).map(|(_, fault)| fault)
    }
}

fn error(fault: Fault) -> Error {
    Error::Generic { store: "Watched", source: format!("{fault:?}").into() }
}

/// A call that can be made twice, with what is wrong with it.
async fn with<T, F: Future<Output = Result<T>>>(
    fault: Option<Fault>,
    call: impl Fn() -> F,
) -> Result<T> {
    match fault {
        None => call().await,
        Some(Fault::Fails | Fault::Tears) => Err(error(Fault::Fails)),
        Some(Fault::Forgets) => {
            call().await?;
            Err(error(Fault::Forgets))
        }
        Some(Fault::Doubles) => {
            call().await?;
            call().await
        }
        Some(Fault::Delays) => {
            tokio::time::sleep(Duration::from_millis(2)).await;
            call().await
        }
    }
}

#[async_trait]
impl ObjectStore for Watched {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        let fault = self.call("put", location);
        if fault == Some(Fault::Tears) {
            let bytes: bytes::Bytes = payload.into();
            let half = bytes.slice(..bytes.len() / 2);
            let place = match location.as_ref().contains("_delta_log") {
                true => Path::from(format!("{location}.torn")),
                false => location.clone(),
            };
            self.inner.put(&place, half.into()).await?;
            return Err(error(Fault::Tears));
        }
        with(fault, || self.inner.put_opts(location, payload.clone(), options.clone())).await
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let fault = self.call("begin", location);
        let upload =
            with(fault, || self.inner.put_multipart_opts(location, options.clone())).await?;
        Ok(Box::new(Upload { upload, store: self.clone(), location: location.clone() }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        let fault = self.call("get", location);
        with(fault, || self.inner.get_opts(location, options.clone())).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let this = self.clone();
        locations
            .then(move |location| {
                let this = this.clone();
                async move {
                    let location = location?;
                    let fault = this.call("delete", &location);
                    with(fault, || this.inner.delete(&location)).await?;
                    Ok(location)
                }
            })
            .boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        match self.call("list", prefix.unwrap_or(&Path::default())) {
            Some(fault @ (Fault::Fails | Fault::Forgets | Fault::Tears)) => {
                // Some of it, and then the error.
                let some = self.inner.list(prefix).take(1);
                some.chain(futures::stream::iter([Err(error(fault))])).boxed()
            }
            _ => self.inner.list(prefix),
        }
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        let fault = self.call("list", prefix.unwrap_or(&Path::default()));
        with(fault, || self.inner.list_with_delimiter(prefix)).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        let fault = self.call("copy", from);
        with(fault, || self.inner.copy_opts(from, to, options.clone())).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        let fault = self.call("rename", from);
        with(fault, || self.inner.rename_opts(from, to, options.clone())).await
    }
}

/// An upload in parts.
#[derive(Debug)]
struct Upload {
    upload: Box<dyn MultipartUpload>,
    store: Watched,
    location: Path,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        match self.store.call("part", &self.location) {
            Some(fault @ (Fault::Fails | Fault::Tears)) => {
                Box::pin(async move { Err(error(fault)) })
            }
            Some(Fault::Forgets) => {
                let part = self.upload.put_part(data);
                Box::pin(async move { part.await.and(Err(error(Fault::Forgets))) })
            }
            _ => self.upload.put_part(data),
        }
    }

    async fn complete(&mut self) -> Result<PutResult> {
        match self.store.call("complete", &self.location) {
            Some(fault @ (Fault::Fails | Fault::Tears)) => Err(error(fault)),
            Some(Fault::Forgets) => {
                self.upload.complete().await?;
                Err(error(Fault::Forgets))
            }
            _ => self.upload.complete().await,
        }
    }

    async fn abort(&mut self) -> Result<()> {
        match self.store.call("abort", &self.location) {
            Some(fault @ (Fault::Fails | Fault::Tears)) => Err(error(fault)),
            _ => self.upload.abort().await,
        }
    }
}

mod faults;

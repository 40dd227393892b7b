use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use deltalake::logstore::{
    LogStoreConfig, LogStoreRef, ObjectStoreRef, StorageConfig, default_logstore,
};
use object_store::local::LocalFileSystem;
use url::{Position, Url};
use viewlane_core::{PortError, TableLocation};

use crate::codes;

mod options;

/// The stores behind locations, each made once.
///
/// Commits are made by conditional put, which every store here honours: no lock is kept anywhere
/// else. Plain `http` does not and is for reading.
#[derive(Default)]
pub(crate) struct Stores {
    options: BTreeMap<String, String>,
    /// Settings of the process, of which those that a store knows are used.
    #[cfg_attr(
        not(any(feature = "s3", feature = "gcs", feature = "azure")),
        expect(dead_code, reason = "local disks have no settings")
    )]
    environment: BTreeMap<String, String>,
    roots: Mutex<BTreeMap<String, ObjectStoreRef>>,
}

impl fmt::Debug for Stores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names only: values may be secrets.
        f.debug_struct("Stores").field("options", &self.options.keys()).finish_non_exhaustive()
    }
}

impl Stores {
    /// Stores with these options. A name that no store of this build knows is refused.
    pub(crate) fn new(
        options: BTreeMap<String, String>,
        environment: BTreeMap<String, String>,
    ) -> Result<Self, PortError> {
        options::check(options.keys())?;
        Ok(Self { options, environment, roots: Mutex::default() })
    }

    /// A store that is used for every location of a scheme.
    #[cfg(test)]
    pub(crate) fn with_root(self, root: &str, store: ObjectStoreRef) -> Self {
        self.roots.lock().unwrap().insert(root.to_owned(), store);
        self
    }

    /// What reads and writes the log of the table at a URL.
    pub(crate) fn log_store(
        &self,
        url: &Url,
        location: &TableLocation,
    ) -> Result<LogStoreRef, PortError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
            let what = format!("the store of `{location}` cannot be used");
            PortError::with_source(codes::STORE, what, error)
        };
        let root = self.root(url).map_err(failed)?;
        let config = StorageConfig::default();
        let prefixed = LogStoreConfig::new(url, config.clone())
            .decorate_store(Arc::clone(&root), None)
            .map_err(|error| failed(error.into()))?;
        Ok(default_logstore(Arc::from(prefixed), root, url, &config))
    }

    fn root(&self, url: &Url) -> Result<ObjectStoreRef, Box<dyn std::error::Error + Send + Sync>> {
        let key = url[..Position::BeforePath].to_owned();
        let mut roots = self.roots.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(root) = roots.get(&key) {
            return Ok(Arc::clone(root));
        }
        let root: ObjectStoreRef = match url.scheme() {
            "file" => Arc::new(LocalFileSystem::new()),
            #[cfg(test)]
            "memory" => Arc::new(object_store::memory::InMemory::new()),
            #[cfg(feature = "s3")]
            "s3" => Arc::new(options::s3(url, &self.options, &self.environment)?),
            #[cfg(feature = "gcs")]
            "gs" => Arc::new(options::gcs(url, &self.options, &self.environment)?),
            #[cfg(feature = "azure")]
            "az" | "abfs" | "abfss" => {
                Arc::new(options::azure(url, &self.options, &self.environment)?)
            }
            #[cfg(feature = "http")]
            "http" | "https" => Arc::new(options::http(&key, &self.options)?),
            other => return Err(format!("nothing opens `{other}`").into()),
        };
        roots.insert(key, Arc::clone(&root));
        Ok(root)
    }
}

#[cfg(test)]
mod tests;

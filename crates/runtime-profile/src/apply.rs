//! From a profile to DataFusion sessions. The only module of this crate that names DataFusion types.

use std::{collections::BTreeMap, num::NonZeroUsize, sync::Arc, time::Duration};

use datafusion::{
    arrow::array::timezone::Tz,
    catalog::TableProviderFactory,
    execution::{
        SessionState, SessionStateBuilder,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{
            FairSpillPool, GreedyMemoryPool, MemoryPool as EnginePool, TrackConsumersPool,
            UnboundedMemoryPool,
        },
        object_store::ObjectStoreUrl,
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    object_store::ObjectStore,
    prelude::{SessionConfig, SessionContext},
};

use crate::{
    Determinism, Error, Limit, Machine, MemoryPool, Profile, TimeToLive, error::EngineError,
};

mod canonical;
mod joins;

/// How many of the largest consumers an out-of-memory error names.
const CONSUMERS_NAMED: NonZeroUsize = NonZeroUsize::new(5).expect("not zero");

/// Setting it sets the three filters of its kind too, so that it goes first.
const SETS_OTHERS: &str = "datafusion.optimizer.enable_dynamic_filter_pushdown";

/// Makes sessions under one profile. They share one runtime: memory pool, spill files, caches and
/// object stores.
///
/// A profile belongs to one factory for the life of a process; two factories share nothing, even
/// when their profiles are equal.
///
/// # Contract
///
/// A factory does not change: object stores and table factories are registered before it is built,
/// and so before any statement can name them. The runtime is built in code, never through SET:
/// DataFusion's `SET datafusion.runtime.memory_limit` replaces a fair pool by a greedy one, and
/// `SET datafusion.runtime.max_temp_directory_size` drops the configured folders. Whoever runs
/// statements of users must refuse SET; what SET changes in one session, no other session sees.
#[derive(Clone, Debug)]
pub struct SessionFactory {
    config: SessionConfig,
    runtime: Arc<RuntimeEnv>,
    table_factories: BTreeMap<String, Arc<dyn TableProviderFactory>>,
    profile: Profile,
}

impl SessionFactory {
    /// A factory for a profile on a machine. Makes the spill directories, and in each a folder of
    /// its own that is removed when the last session is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] when this build of the engine does not take a setting, such as a time zone
    /// that does not exist; [`Error::Runtime`] when a spill directory cannot be made.
    pub fn new(profile: &Profile, machine: &Machine) -> Result<Self, Error> {
        Self::builder(profile, machine).build()
    }

    /// Starts a factory to which object stores and table factories are to be added.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use datafusion::{execution::object_store::ObjectStoreUrl, object_store::memory::InMemory};
    /// use viewlane_runtime_profile::{Machine, Profile, apply::SessionFactory};
    ///
    /// let folder = std::env::temp_dir().join("viewlane-doc");
    /// let machine = Machine::new(2.try_into()?, &folder, &folder);
    /// let factory = SessionFactory::builder(&Profile::default(), &machine)
    ///     .object_store(ObjectStoreUrl::parse("memory://lake")?, Arc::new(InMemory::new()))
    ///     .build()?;
    /// assert!(factory.runtime().object_store(ObjectStoreUrl::parse("memory://lake")?).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn builder<'a>(profile: &'a Profile, machine: &'a Machine) -> SessionFactoryBuilder<'a> {
        SessionFactoryBuilder {
            profile,
            machine,
            object_stores: Vec::new(),
            table_factories: Vec::new(),
        }
    }

    /// The runtime that all sessions of this factory share.
    pub fn runtime(&self) -> Arc<RuntimeEnv> {
        Arc::clone(&self.runtime)
    }

    /// The configuration of a new session. It holds the settings, and not the rules by which joins
    /// and the order of results follow from the profile: those are in
    /// [`session_state_builder`](Self::session_state_builder).
    pub fn session_config(&self) -> SessionConfig {
        self.config.clone()
    }

    /// The start of a session state, with the engine's built-in functions, rules and formats.
    ///
    /// Register further functions on the state that is built: `with_scalar_functions` and its like
    /// replace the built-in ones, and `with_physical_optimizer_rules` the rules of the profile.
    pub fn session_state_builder(&self) -> SessionStateBuilder {
        let mut builder = SessionStateBuilder::new()
            .with_config(self.session_config())
            .with_runtime_env(self.runtime())
            .with_default_features()
            .with_physical_optimizer_rules(joins::rules(&self.profile));
        for (name, factory) in &self.table_factories {
            builder = builder.with_table_factory(name.clone(), Arc::clone(factory));
        }
        match self.profile.determinism().determinism {
            Determinism::BestEffort | Determinism::StableSet => builder,
            Determinism::Canonical => {
                builder.with_analyzer_rule(Arc::new(canonical::CanonicalOrder))
            }
        }
    }

    /// A new session state with nothing but what is built in.
    pub fn session_state(&self) -> SessionState {
        self.session_state_builder().build()
    }

    /// A new session with nothing but what is built in.
    pub fn session_context(&self) -> SessionContext {
        SessionContext::new_with_state(self.session_state())
    }
}

/// Makes a [`SessionFactory`].
#[derive(Debug)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct SessionFactoryBuilder<'a> {
    profile: &'a Profile,
    machine: &'a Machine,
    object_stores: Vec<(ObjectStoreUrl, Arc<dyn ObjectStore>)>,
    table_factories: Vec<(String, Arc<dyn TableProviderFactory>)>,
}

impl SessionFactoryBuilder<'_> {
    /// Registers the object store behind a scheme and host, such as `s3://bucket`.
    pub fn object_store(mut self, url: ObjectStoreUrl, store: Arc<dyn ObjectStore>) -> Self {
        self.object_stores.push((url, store));
        self
    }

    /// Registers what makes tables of a format, as `CREATE EXTERNAL TABLE … STORED AS` names it; a
    /// format that is built in is replaced.
    pub fn table_factory(mut self, format: &str, factory: Arc<dyn TableProviderFactory>) -> Self {
        // The engine looks formats up in capitals.
        self.table_factories.push((format.to_uppercase(), factory));
        self
    }

    /// The factory.
    ///
    /// # Errors
    ///
    /// Those of [`SessionFactory::new`], and [`Error::RegisteredTwice`].
    pub fn build(self) -> Result<SessionFactory, Error> {
        let twice = |what, name: &str| Error::RegisteredTwice { what, name: name.to_owned() };
        let mut table_factories = BTreeMap::new();
        for (format, factory) in self.table_factories {
            if table_factories.insert(format.clone(), factory).is_some() {
                return Err(twice("table factories", &format));
            }
        }
        let mut object_stores = BTreeMap::new();
        for (url, store) in self.object_stores {
            if object_stores.insert(url.as_str().to_owned(), (url.clone(), store)).is_some() {
                return Err(twice("object stores", url.as_str()));
            }
        }
        let config = config(self.profile, self.machine)?;
        let runtime = runtime(self.profile, self.machine)?;
        for (url, store) in object_stores.into_values() {
            runtime.register_object_store(url.as_ref(), store);
        }
        Ok(SessionFactory { config, runtime, table_factories, profile: self.profile.clone() })
    }
}

/// Every effective setting under a key of the session, applied from the very map that is hashed.
fn config(profile: &Profile, machine: &Machine) -> Result<SessionConfig, Error> {
    let mut config = SessionConfig::new();
    let settings = profile.settings();
    let keys = || settings.iter().map(|(key, _)| key).filter(|key| is_session_key(key));
    let (first, others) = (keys().filter(|key| *key == SETS_OTHERS), keys());
    for key in first.chain(others.filter(|key| *key != SETS_OTHERS)) {
        let value = settings.applied(key, machine).unwrap_or_default();
        config.options_mut().set(key, &value).map_err(|error| refused(key, &value, error))?;
    }
    // The engine takes any text here, and some functions take a zone they do not know for UTC.
    let zone = profile.sql().time_zone.as_str();
    zone.parse::<Tz>().map_err(|error| refused("datafusion.execution.time_zone", zone, error))?;
    Ok(config)
}

fn runtime(profile: &Profile, machine: &Machine) -> Result<Arc<RuntimeEnv>, Error> {
    let (memory, caches) = (profile.memory(), profile.caches());
    let pool: Arc<dyn EnginePool> = match (memory.memory_limit, memory.memory_pool) {
        (Limit::Unbounded, _) => Arc::new(UnboundedMemoryPool::default()),
        (Limit::Bytes(size), kind) => {
            let bytes = to_usize("datafusion.runtime.memory_limit", size.bytes())?;
            match kind {
                MemoryPool::Greedy => tracked(GreedyMemoryPool::new(bytes)),
                MemoryPool::Fair => tracked(FairSpillPool::new(bytes)),
            }
        }
    };
    let spill_dirs = machine.spill_dirs(profile.spill_dirs());
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| Error::Runtime {
        spill_dir: spill_dirs
            .iter()
            .map(|folder| folder.display().to_string())
            .collect::<Vec<_>>()
            .join("`, `"),
        source: EngineError::new(error),
    };
    for folder in &spill_dirs {
        // The engine makes the last part of a missing path only.
        std::fs::create_dir_all(folder).map_err(|error| failed(error.into()))?;
    }
    let ttl = match caches.list_files_cache_ttl {
        TimeToLive::Forever => None,
        TimeToLive::Seconds(seconds) => Some(Duration::from_secs(seconds.get().into())),
    };
    RuntimeEnvBuilder::new()
        .with_memory_pool(pool)
        .with_disk_manager_builder(
            DiskManagerBuilder::default()
                .with_mode(DiskManagerMode::Directories(spill_dirs.clone()))
                .with_max_temp_directory_size(memory.spill_limit.bytes().unwrap_or(u64::MAX))
                .with_max_spill_merge_fan_in(memory.spill_merge_files.or_zero()),
        )
        .with_metadata_cache_limit(to_usize(
            "datafusion.runtime.metadata_cache_limit",
            caches.metadata_cache_limit.bytes(),
        )?)
        .with_file_statistics_cache_limit(to_usize(
            "datafusion.runtime.file_statistics_cache_limit",
            caches.statistics_cache_limit.bytes(),
        )?)
        .with_object_list_cache_limit(to_usize(
            "datafusion.runtime.list_files_cache_limit",
            caches.list_files_cache_limit.bytes(),
        )?)
        .with_object_list_cache_ttl(ttl)
        .build_arc()
        .map_err(|error| failed(error.into()))
}

fn tracked<P: EnginePool + 'static>(pool: P) -> Arc<dyn EnginePool> {
    Arc::new(TrackConsumersPool::new(pool, CONSUMERS_NAMED))
}

fn is_session_key(key: &str) -> bool {
    key.starts_with("datafusion.") && !key.starts_with("datafusion.runtime.")
}

fn to_usize(key: &str, bytes: u64) -> Result<usize, Error> {
    usize::try_from(bytes).map_err(|error| refused(key, &bytes.to_string(), error))
}

fn refused(
    key: &str,
    value: &str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::Setting {
        key: key.to_owned(),
        value: value.to_owned(),
        source: EngineError::new(source),
    }
}

#[cfg(test)]
mod tests;

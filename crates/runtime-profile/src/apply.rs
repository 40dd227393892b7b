//! From a profile to DataFusion sessions. The only file of this crate that names DataFusion types.

use std::{num::NonZeroUsize, sync::Arc};

use datafusion::{
    arrow::array::timezone::Tz,
    execution::{
        SessionState, SessionStateBuilder,
        disk_manager::{DiskManagerBuilder, DiskManagerMode},
        memory_pool::{
            FairSpillPool, GreedyMemoryPool, MemoryPool as EnginePool, TrackConsumersPool,
            UnboundedMemoryPool,
        },
        runtime_env::{RuntimeEnv, RuntimeEnvBuilder},
    },
    prelude::{SessionConfig, SessionContext},
};

use crate::{Error, Limit, Machine, MemoryPool, Profile, error::EngineError, settings::AUTO};

/// How many of the largest consumers an out-of-memory error names.
const CONSUMERS_NAMED: NonZeroUsize = NonZeroUsize::new(5).expect("not zero");

/// Makes sessions under one profile. They share one runtime: memory pool, spill files, caches and
/// object stores.
///
/// A profile belongs to one factory for the life of a process; two factories share nothing, even
/// when their profiles are equal.
///
/// # Contract
///
/// The runtime is built in code, never through SET: DataFusion's `SET datafusion.runtime.memory_limit`
/// replaces a fair pool by a greedy one, and `SET datafusion.runtime.max_temp_directory_size` drops
/// the configured folder. Whoever runs statements of users must refuse SET.
#[derive(Clone, Debug)]
pub struct SessionFactory {
    config: SessionConfig,
    runtime: Arc<RuntimeEnv>,
}

impl SessionFactory {
    /// A factory for a profile on a machine. Makes the spill directory, and in it a folder of its
    /// own that is removed when the last session is gone.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] when this build of the engine does not take a setting, such as a time zone
    /// that does not exist; [`Error::Runtime`] when the spill directory cannot be made.
    pub fn new(profile: &Profile, machine: &Machine) -> Result<Self, Error> {
        Ok(Self { config: config(profile, machine)?, runtime: runtime(profile, machine)? })
    }

    /// The runtime that all sessions of this factory share.
    pub fn runtime(&self) -> Arc<RuntimeEnv> {
        Arc::clone(&self.runtime)
    }

    /// The configuration of a new session.
    pub fn session_config(&self) -> SessionConfig {
        self.config.clone()
    }

    /// The start of a session state, with the engine's built-in functions, rules and formats.
    ///
    /// Register further functions on the state that is built: `with_scalar_functions` and its like
    /// replace the built-in ones.
    pub fn session_state_builder(&self) -> SessionStateBuilder {
        SessionStateBuilder::new()
            .with_config(self.session_config())
            .with_runtime_env(self.runtime())
            .with_default_features()
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

/// Every effective setting under a key of the session, applied from the very map that is hashed.
fn config(profile: &Profile, machine: &Machine) -> Result<SessionConfig, Error> {
    let mut config = SessionConfig::new();
    let cores = machine.cores.to_string();
    for (key, value) in profile.settings().iter().filter(|(key, _)| is_session_key(key)) {
        let value = if value == AUTO { &cores } else { value };
        config.options_mut().set(key, value).map_err(|error| refused(key, value, error))?;
    }
    // The engine takes any text here, and some functions take a zone they do not know for UTC.
    let zone = profile.knobs().time_zone.as_str();
    zone.parse::<Tz>().map_err(|error| refused("datafusion.execution.time_zone", zone, error))?;
    Ok(config)
}

fn runtime(profile: &Profile, machine: &Machine) -> Result<Arc<RuntimeEnv>, Error> {
    let knobs = profile.knobs();
    let pool: Arc<dyn EnginePool> = match (knobs.memory_limit, knobs.memory_pool) {
        (Limit::Unbounded, _) => Arc::new(UnboundedMemoryPool::default()),
        (Limit::Bytes(size), kind) => {
            let bytes = to_usize("datafusion.runtime.memory_limit", size.bytes())?;
            match kind {
                MemoryPool::Greedy => tracked(GreedyMemoryPool::new(bytes)),
                MemoryPool::Fair => tracked(FairSpillPool::new(bytes)),
            }
        }
    };
    let spill_dir = machine.spill_dir(profile.spill_dir());
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| Error::Runtime {
        spill_dir: spill_dir.display().to_string(),
        source: EngineError::new(error),
    };
    // The engine makes the last part of a missing path only.
    std::fs::create_dir_all(&spill_dir).map_err(|error| failed(error.into()))?;
    RuntimeEnvBuilder::new()
        .with_memory_pool(pool)
        .with_disk_manager_builder(
            DiskManagerBuilder::default()
                .with_mode(DiskManagerMode::Directories(vec![spill_dir.clone()]))
                .with_max_temp_directory_size(knobs.spill_limit.bytes().unwrap_or(u64::MAX)),
        )
        .with_metadata_cache_limit(to_usize(
            "datafusion.runtime.metadata_cache_limit",
            knobs.metadata_cache_limit.bytes(),
        )?)
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

use std::{
    fmt,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

use viewlane_core::{Clock, DatasetStore, Event, EventKind, Executor, Ids, Recorder, RelationName};
use viewlane_delta_io::DeltaStore;
use viewlane_runtime_profile::Machine;

use crate::{Failure, Project, session::LocalExecutor};

/// Looks up an environment variable by its name.
type Lookup = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// One operation on a project: what it needs from outside, and its identity.
pub struct Engine {
    run_id: String,
    clock: Arc<dyn Clock>,
    recorder: Arc<dyn Recorder>,
    pub(crate) store: Arc<dyn DatasetStore>,
    pub(crate) executor: Arc<dyn Executor>,
    variables: Lookup,
    overrides: Overrides,
    cores: NonZeroUsize,
    temp_dir: Option<PathBuf>,
}

/// Settings of the profile from outside the project, which go before those in its file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Overrides {
    /// Names and values of environment variables.
    pub(crate) environment: Vec<(String, String)>,
    /// Names and values of settings.
    pub(crate) flags: Vec<(String, String)>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("run_id", &self.run_id).finish_non_exhaustive()
    }
}

impl Engine {
    /// Starts with what a test or an embedding needs: a fixed clock, one run id, no recorder, no
    /// environment.
    pub fn builder() -> EngineBuilder {
        EngineBuilder {
            clock: Arc::new(Stopped),
            ids: Arc::new(Stopped),
            recorder: Arc::new(()),
            variables: Box::new(|_| None),
            overrides: Overrides::default(),
            cores: NonZeroUsize::MIN,
            temp_dir: None,
        }
    }

    /// Reads a project folder.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with its files, each with its place.
    pub fn load(&self, folder: &Path) -> Result<Project, Failure> {
        Project::load(folder, &*self.variables, &self.overrides)
    }

    /// Identity of this operation in every record it leaves.
    pub fn run_id(&self) -> &str {
        &self.run_id
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now_millis()
    }

    pub(crate) fn cores(&self) -> NonZeroUsize {
        self.cores
    }

    pub(crate) fn machine(&self, project_dir: &Path) -> Machine {
        let spill =
            self.temp_dir.clone().unwrap_or_else(|| project_dir.join("target").join("spill"));
        Machine::new(self.cores, spill, project_dir)
    }

    pub(crate) fn record(&self, run_id: &str, node: &RelationName, kind: EventKind) {
        self.recorder.record(Event {
            at: self.now(),
            run_id: run_id.to_owned(),
            operation_id: node.to_string(),
            kind,
        });
    }

    pub(crate) fn record_run(&self, kind: EventKind) {
        self.recorder.record(Event {
            at: self.now(),
            run_id: self.run_id.clone(),
            operation_id: "run".to_owned(),
            kind,
        });
    }
}

/// Collects what an engine needs from outside.
#[must_use = "a builder does nothing until `build` is called"]
pub struct EngineBuilder {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    recorder: Arc<dyn Recorder>,
    variables: Lookup,
    overrides: Overrides,
    cores: NonZeroUsize,
    temp_dir: Option<PathBuf>,
}

impl fmt::Debug for EngineBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EngineBuilder").finish_non_exhaustive()
    }
}

impl EngineBuilder {
    /// Tells the time of records.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Makes the run's identity. Two runs that may meet need two identities.
    pub fn ids(mut self, ids: Arc<dyn Ids>) -> Self {
        self.ids = ids;
        self
    }

    /// Receives what happens.
    pub fn recorder(mut self, recorder: Arc<dyn Recorder>) -> Self {
        self.recorder = recorder;
        self
    }

    /// Looks up a variable where a value of the project file says `${NAME}`.
    pub fn variables(
        mut self,
        variables: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.variables = Box::new(variables);
        self
    }

    /// Environment variables by name and value. Those named `VIEWLANE_PROFILE_…` set the profile
    /// over the project file; all others are left alone.
    pub fn environment(mut self, variables: impl IntoIterator<Item = (String, String)>) -> Self {
        self.overrides.environment.extend(variables);
        self
    }

    /// Sets the profile over the project file and the environment.
    pub fn setting(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.overrides.flags.push((name.into(), value.into()));
        self
    }

    /// What `auto` stands for in the profile.
    pub fn cores(mut self, cores: NonZeroUsize) -> Self {
        self.cores = cores;
        self
    }

    /// Where to spill when the profile names no folder. Default: `target/spill` of the project.
    pub fn temp_dir(mut self, folder: PathBuf) -> Self {
        self.temp_dir = Some(folder);
        self
    }

    /// The engine.
    pub fn build(self) -> Arc<Engine> {
        Arc::new(Engine {
            run_id: self.ids.next_id(),
            clock: self.clock,
            recorder: self.recorder,
            store: Arc::new(DeltaStore::new()),
            executor: Arc::new(LocalExecutor),
            variables: self.variables,
            overrides: self.overrides,
            cores: self.cores,
            temp_dir: self.temp_dir,
        })
    }
}

/// A clock that stands still, and identities that are all alike.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now_millis(&self) -> i64 {
        0
    }
}

impl Ids for Stopped {
    fn next_id(&self) -> String {
        "run".to_owned()
    }
}

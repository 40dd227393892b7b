use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

/// What a session takes from the machine it runs on.
///
/// Handed in, so that no library crate reads the environment. Nothing of it enters a fingerprint:
/// a setting that is derived from it is shown and hashed as `auto`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Cores to use: what `auto` stands for.
    pub cores: NonZeroUsize,
    /// Where to spill when the profile names no folder.
    pub temp_dir: PathBuf,
    /// What a relative `spill_dir` is relative to: the folder of the project.
    pub project_dir: PathBuf,
}

impl Machine {
    /// A machine from its parts.
    pub fn new(
        cores: NonZeroUsize,
        temp_dir: impl Into<PathBuf>,
        project_dir: impl Into<PathBuf>,
    ) -> Self {
        Self { cores, temp_dir: temp_dir.into(), project_dir: project_dir.into() }
    }

    /// The folder for spill files under a profile that names, or does not name, one.
    pub fn spill_dir(&self, configured: Option<&Path>) -> PathBuf {
        match configured {
            // Joining an absolute path gives that path.
            Some(path) => self.project_dir.join(path),
            None => self.temp_dir.clone(),
        }
    }
}

use std::{
    borrow::Cow,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use crate::settings::AUTO;

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

    /// The folders for spill files under a profile that names some, or none.
    pub fn spill_dirs(&self, configured: &[impl AsRef<Path>]) -> Vec<PathBuf> {
        if configured.is_empty() {
            return vec![self.temp_dir.clone()];
        }
        // Joining an absolute path gives that path.
        configured.iter().map(|path| self.project_dir.join(path)).collect()
    }

    /// What a setting stands for here.
    pub(crate) fn applied<'a>(&self, setting: &'a str) -> Cow<'a, str> {
        match setting == AUTO {
            true => Cow::Owned(self.cores.to_string()),
            false => Cow::Borrowed(setting),
        }
    }
}

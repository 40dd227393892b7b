use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
};

use super::staging;
use crate::{Error, FileMode, WritePolicy};

/// How often the folder of a write is made anew when the writer before is just clearing it away.
const ATTEMPTS: usize = 64;

/// What a single file is called until it has the name of the destination.
pub(super) const SINGLE_FILE: &str = "file";

/// The folder `.NAME.viewlane` beside a destination, in which one write at a time builds what will
/// stand there. It holds `new`, and `old` while folders are renamed one after the other.
///
/// The lock is on the folder itself: whoever clears it away holds it, and a folder that is gone
/// cannot be locked by mistake, because a lock counts only while the folder has its name.
#[derive(Debug)]
pub(super) struct Work {
    /// Where the files shall be.
    to: PathBuf,
    folder: PathBuf,
    _lock: File,
}

impl Work {
    /// Takes the destination for one write, after putting right what a killed one left. `None` when
    /// there is something and the mode is to ignore that.
    pub(super) fn begin(to: &Path, policy: &WritePolicy) -> Result<Option<(Self, Survey)>, Error> {
        let to = real(to)?;
        let parent = to.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(parent).map_err(|source| staging(&to, source))?;
        let work = Self::take(&to)?;
        work.put_right()?;
        let before = Survey::of(&to, policy)?;
        match policy.mode {
            FileMode::Error if !before.is_empty() => {
                return Err(Error::Exists { path: to.display().to_string() });
            }
            FileMode::Ignore if !before.is_empty() => return Ok(None),
            FileMode::Error | FileMode::Ignore | FileMode::Append | FileMode::Overwrite => {}
        }
        fs::create_dir(work.new_folder()).map_err(|source| staging(&to, source))?;
        Ok(Some((work, before)))
    }

    /// Puts right what a killed write left; says whether there was anything.
    pub(super) fn recover(to: &Path) -> Result<bool, Error> {
        let to = real(to)?;
        if !folder_for(&to).exists() {
            return Ok(false);
        }
        Self::take(&to)?.put_right()?;
        Ok(true)
    }

    /// Where the new files are built.
    pub(super) fn new_folder(&self) -> PathBuf {
        self.folder.join("new")
    }

    fn old_folder(&self) -> PathBuf {
        self.folder.join("old")
    }

    fn take(to: &Path) -> Result<Self, Error> {
        let folder = folder_for(to);
        let failed = |source: io::Error| staging(to, source);
        for _ in 0..ATTEMPTS {
            match fs::create_dir(&folder) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(failed(error)),
            }
            let lock = match File::open(&folder) {
                Ok(lock) => lock,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(failed(error)),
            };
            match lock.try_lock() {
                Ok(()) => {}
                Err(fs::TryLockError::WouldBlock) => {
                    return Err(Error::Busy { path: to.display().to_string() });
                }
                Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
            }
            if is_named(&lock, &folder) {
                return Ok(Self { to: to.to_owned(), folder, _lock: lock });
            }
        }
        Err(Error::Busy { path: to.display().to_string() })
    }

    /// Back to what was visible before a killed write, or to what it had made visible already.
    fn put_right(&self) -> Result<(), Error> {
        let old = self.old_folder();
        if old.exists() && !self.to.exists() {
            fs::rename(&old, &self.to).map_err(|source| self.unpublished(source))?;
        }
        self.clear().map_err(|source| staging(&self.to, source))
    }

    /// Empties the folder.
    fn clear(&self) -> io::Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.is_dir() { fs::remove_dir_all(path)? } else { fs::remove_file(path)? }
        }
        Ok(())
    }

    /// Makes the new files visible. The answer is a warning, should the old ones not go away.
    pub(super) fn publish(self, mode: FileMode, single: bool) -> Result<Option<String>, Error> {
        let new = self.new_folder();
        let done = if single {
            self.publish_file(&new)
        } else {
            self.publish_folder(&new, mode == FileMode::Append)
        };
        done.map_err(|source| self.unpublished(source))?;
        // What was there is gone from sight: failing to delete it does not undo the write.
        let left = self.clear().err();
        Ok(left.map(|error| format!("cannot clear `{}`: {error}", self.folder.display())))
    }

    fn publish_file(&self, new: &Path) -> io::Result<()> {
        let from = new.join(SINGLE_FILE);
        File::open(&from)?.sync_all()?;
        fs::rename(from, &self.to)?;
        sync_parent(&self.to)
    }

    fn publish_folder(&self, new: &Path, append: bool) -> io::Result<()> {
        // Before links to old files join them, which are on disk already.
        sync_tree(new)?;
        match fs::metadata(&self.to) {
            Ok(before) => {
                if append {
                    link_tree(&self.to, new)?;
                }
                fs::set_permissions(new, before.permissions())?;
                self.replace(new)?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => fs::rename(new, &self.to)?,
            Err(error) => return Err(error),
        }
        sync_parent(&self.to)
    }

    /// The new folder in place of the one that is there.
    fn replace(&self, new: &Path) -> io::Result<()> {
        match exchange(new, &self.to) {
            Err(error) if error.kind() == ErrorKind::Unsupported => self.replace_in_two_steps(new),
            done => done,
        }
    }

    /// For systems that cannot do it in one: a kill in between is put right by the next write.
    fn replace_in_two_steps(&self, new: &Path) -> io::Result<()> {
        let old = self.old_folder();
        fs::rename(&self.to, &old)?;
        fs::rename(new, &self.to).inspect_err(|_| {
            // Nothing better can be done than to try; if it fails too, the next write does it.
            let _ = fs::rename(&old, &self.to);
        })
    }

    fn unpublished(&self, source: io::Error) -> Error {
        Error::Publish { path: self.to.display().to_string(), source }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // Still locked. What cannot be cleared away now is, when the next write begins.
        let _ = self.clear();
        let _ = fs::remove_dir(&self.folder);
    }
}

/// What is at a destination before a write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Survey {
    pub(super) files: u64,
    pub(super) bytes: u64,
    /// A file, or a folder with anything in it.
    something: bool,
}

impl Survey {
    pub(super) const fn is_empty(&self) -> bool {
        !self.something
    }

    /// Looks around, and refuses what a write of this policy must not touch.
    fn of(to: &Path, policy: &WritePolicy) -> Result<Self, Error> {
        let other =
            |path: &Path, what: String| Error::OtherKind { path: path.display().to_string(), what };
        let metadata = match fs::metadata(to) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(staging(to, error)),
        };
        // Whoever only asks whether something is there gets the answer, whatever it is.
        let touched = matches!(policy.mode, FileMode::Append | FileMode::Overwrite);
        if metadata.is_file() {
            if touched && !policy.single_file {
                return Err(other(to, "a file, and a folder is to be written".to_owned()));
            }
            return Ok(Self { files: 1, bytes: metadata.len(), something: true });
        }
        if policy.single_file {
            return Err(other(to, "a folder, and a single file is to be written".to_owned()));
        }
        let mut survey = Self::default();
        if touched && to.join("_delta_log").exists() {
            return Err(other(
                to,
                "a Delta table, which has ways of its own to be written".to_owned(),
            ));
        }
        survey.walk(to, &mut Vec::new(), policy).map_err(|found| match found {
            Found::Failed(error) => staging(to, error),
            Found::Other(path, what) => other(&path, what),
        })?;
        Ok(survey)
    }

    fn walk(
        &mut self,
        folder: &Path,
        keys: &mut Vec<String>,
        policy: &WritePolicy,
    ) -> Result<(), Found> {
        for entry in fs::read_dir(folder).map_err(Found::Failed)? {
            let entry = entry.map_err(Found::Failed)?;
            let metadata = entry.metadata().map_err(Found::Failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let hidden = name.starts_with(['_', '.']);
            self.something = true;
            if metadata.is_dir() {
                keys.push(name.split('=').next().unwrap_or_default().to_owned());
                self.walk(&entry.path(), keys, policy)?;
                keys.pop();
                continue;
            }
            self.files += 1;
            self.bytes += metadata.len();
            if policy.mode != FileMode::Append || hidden {
                continue;
            }
            // Files that differ in kind could no longer be read together.
            let extension = policy.extension();
            if !name.ends_with(&format!(".{extension}")) {
                let what = format!("not one of the `.{extension}` files to be appended");
                return Err(Found::Other(entry.path(), what));
            }
            if *keys != policy.partition_by {
                let what = format!(
                    "split by `{}`, and files split by `{}` are to be appended",
                    keys.join("`, `"),
                    policy.partition_by.join("`, `")
                );
                return Err(Found::Other(entry.path(), what));
            }
        }
        Ok(())
    }
}

enum Found {
    Failed(io::Error),
    Other(PathBuf, String),
}

/// The path without links in it, so that what is renamed stands beside what it replaces.
fn real(to: &Path) -> Result<PathBuf, Error> {
    match fs::canonicalize(to) {
        Ok(path) => Ok(path),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(to.to_owned()),
        Err(error) => Err(staging(to, error)),
    }
}

fn folder_for(to: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(to.file_name().unwrap_or_default());
    name.push(".viewlane");
    to.with_file_name(name)
}

/// Links every file below `from` to the same place below `to`. Never replaces one.
fn link_tree(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&place)?;
            link_tree(&entry.path(), &place)?;
        } else {
            fs::hard_link(entry.path(), place)?;
        }
    }
    Ok(())
}

/// Waits until all files and names below a folder are on disk.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Makes two folders change names at once.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn exchange(one: &Path, two: &Path) -> io::Result<()> {
    use rustix::{
        fs::{CWD, RenameFlags, renameat_with},
        io::Errno,
    };
    renameat_with(CWD, one, CWD, two, RenameFlags::EXCHANGE).map_err(|error| match error {
        Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP => ErrorKind::Unsupported.into(),
        other => other.into(),
    })
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

/// Whether the open folder is still the one of this name.
#[cfg(unix)]
fn is_named(open: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (open.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(named)) => (open.dev(), open.ino()) == (named.dev(), named.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_named(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests;

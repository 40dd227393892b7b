//! The files of the checkout, in a fixed order.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

/// Every file below `directory`, sorted, without what is built or belongs to git.
pub(crate) fn below(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![directory.to_owned()];
    while let Some(directory) = open.pop() {
        let entries = std::fs::read_dir(&directory)
            .with_context(|| format!("cannot list `{}`", directory.display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_file() {
                found.push(entry.path());
            } else if kind.is_dir() && entry.file_name() != "target" && entry.file_name() != ".git"
            {
                open.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

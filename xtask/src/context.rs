//! What every gate may look at: the workspace as cargo sees it, its files, and its rules.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use cargo_metadata::{CargoOpt, Metadata, MetadataCommand, Package};
use xshell::{Cmd, Shell};

use crate::rules::Rules;

#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) metadata: Metadata,
    pub(crate) rules: Rules,
    root: PathBuf,
    shell: Shell,
}

impl Context {
    pub(crate) fn load() -> anyhow::Result<Self> {
        // All features: what a feature pulls in ships as well, and has a licence as well.
        let mut command = MetadataCommand::new();
        command
            .cargo_path(cargo())
            .features(CargoOpt::AllFeatures)
            .other_options(["--locked".to_owned()]);
        for name in variables_of_the_outer_cargo() {
            command.env_remove(name);
        }
        let metadata =
            command.exec().context("cannot read the workspace with `cargo metadata --locked`")?;
        let root = metadata.workspace_root.clone().into_std_path_buf();
        let shell = Shell::new()?;
        shell.change_dir(&root);
        Ok(Self { rules: Rules::read(&metadata.workspace_metadata)?, metadata, root, shell })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The packages of the workspace, by name.
    pub(crate) fn members(&self) -> Vec<&Package> {
        let mut members = self.metadata.workspace_packages();
        members.sort_by(|a, b| a.name.cmp(&b.name));
        members
    }

    /// A path as it reads from the root of the workspace.
    pub(crate) fn relative(&self, path: impl AsRef<Path>) -> String {
        let path = path.as_ref();
        let inside = path.strip_prefix(&self.root).unwrap_or(path);
        inside.to_string_lossy().replace('\\', "/")
    }

    /// The text of a file named from the root, or nothing if there is no such file.
    pub(crate) fn text(&self, path: &str) -> anyhow::Result<Option<String>> {
        if !self.root.join(path).is_file() {
            return Ok(None);
        }
        Ok(Some(self.shell.read_file(path)?))
    }

    /// A cargo command in the root of the workspace, as if it had been typed there.
    pub(crate) fn cargo<'a>(&'a self, arguments: &[&str]) -> Cmd<'a> {
        let command = self.shell.cmd(cargo()).args(arguments).quiet();
        variables_of_the_outer_cargo()
            .into_iter()
            .fold(command, |command, name| command.env_remove(name))
    }
}

fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// What `cargo run` tells this very process about `xtask`.
///
/// Handed on, it would reach the build scripts: that of `ring` asks to run again when
/// `CARGO_MANIFEST_DIR` or `CARGO_PKG_NAME` changes, and everything above it (TLS, object
/// stores, Delta) would be built anew whenever a gate and a plain `cargo test` take turns.
fn variables_of_the_outer_cargo() -> Vec<OsString> {
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| name.to_str().is_some_and(is_about_the_running_package))
        .collect()
}

fn is_about_the_running_package(variable: &str) -> bool {
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|beginning| variable.starts_with(beginning))
        || ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR"]
            .contains(&variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_the_user_are_handed_on_and_facts_about_xtask_are_not() {
        for dropped in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION_PRE"] {
            assert!(is_about_the_running_package(dropped), "{dropped}");
        }
        for kept in ["CARGO_TARGET_DIR", "CARGO_HOME", "CARGO_INCREMENTAL", "CI"] {
            assert!(!is_about_the_running_package(kept), "{kept}");
        }
    }
}

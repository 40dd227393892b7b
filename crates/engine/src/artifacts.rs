//! What a run leaves in `target/`: disposable, for people and tools to read.

use std::{fs, path::Path};

use serde::Serialize;
use serde_json::json;
use viewlane_core::Diagnostic;
use viewlane_view_graph::Node;

use crate::{Compiled, RunResults, codes, decide::show};

/// Version of the artifacts' schema; grows when a field changes its meaning.
const SCHEMA_VERSION: u32 = 1;

impl Compiled {
    /// Writes `target/manifest.json`: every node with what it is and reads. Same project, same
    /// bytes.
    ///
    /// # Errors
    ///
    /// A diagnostic when the file cannot be written.
    pub fn write_manifest(&self) -> Result<(), Diagnostic> {
        let levels = self.graph.levels();
        let nodes: Vec<_> = self
            .graph
            .order()
            .map(|name| {
                let reads: Vec<_> = self.graph.parents(name).into_iter().collect();
                let level = levels[name];
                let Some(view) = self.views.get(name) else {
                    let seed = self.project.seeds.iter().any(|seed| seed.name == *name);
                    let kind = if seed { "seed" } else { "source" };
                    return json!({ "name": name, "kind": kind, "level": level });
                };
                debug_assert_eq!(self.graph.node(name), Some(Node::View));
                json!({
                    "name": name,
                    "kind": if view.materialized() { "materialized_view" } else { "view" },
                    "level": level,
                    "file": view.text.file(),
                    "reads": reads,
                    "definition": view.definition,
                    "ast": view.query.fingerprint(),
                    "policy": view.query.policy_fingerprint(),
                    "refresh": view.options.refresh.as_str(),
                    "partition_by": view.options.partition_by.iter().map(|(c, _)| c).collect::<Vec<_>>(),
                    "sort_by": view.options.sort_by.iter().map(|(c, _)| c).collect::<Vec<_>>(),
                    "tags": view.options.tags,
                    "owner": view.options.owner,
                    "description": view.options.description,
                    "location": view.location.as_ref().map(|location| show(self, location)),
                    "sql": view.query.sql(),
                })
            })
            .collect();
        let manifest = json!({
            "schema_version": SCHEMA_VERSION,
            "project": self.project.name,
            "profile": self.project.profile.fingerprint(),
            "nodes": nodes,
        });
        write_json(&self.project.root, "manifest.json", &manifest)
    }
}

impl RunResults {
    /// Writes `target/run_results.json`: what happened to each node, and when.
    ///
    /// # Errors
    ///
    /// A diagnostic when the file cannot be written.
    pub fn write(&self, project_root: &Path) -> Result<(), Diagnostic> {
        #[derive(Serialize)]
        struct Versioned<'a> {
            schema_version: u32,
            #[serde(flatten)]
            results: &'a RunResults,
        }
        let results = Versioned { schema_version: SCHEMA_VERSION, results: self };
        write_json(project_root, "run_results.json", &results)
    }
}

/// Writes a file beside and renames it, so that a reader sees the old file or the new one.
pub(crate) fn write_whole(folder: &Path, name: &str, text: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let beside = folder.join(format!(".{name}.{}", std::process::id()));
    fs::write(&beside, text)?;
    fs::rename(beside, folder.join(name))
}

fn write_json(root: &Path, name: &str, value: &impl Serialize) -> Result<(), Diagnostic> {
    let write = || -> std::io::Result<()> {
        let mut text = serde_json::to_vec_pretty(value)?;
        text.push(b'\n');
        write_whole(&root.join("target"), name, &text)
    };
    write().map_err(|error| {
        Diagnostic::warning(codes::ARTIFACT, format!("cannot write `target/{name}`"))
            .because(error.to_string())
            .help("make the folder `target` of the project writable")
    })
}

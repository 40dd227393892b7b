//! What a project and its session look like: settings, functions, schemas, and whether all is well.

use std::{collections::BTreeSet, fs, io, path::Path, sync::Arc};

use serde::Serialize;
use viewlane_core::{Diagnostic, Pin, RelationName, SourceText};
use viewlane_runtime_profile::SettingRow;
use viewlane_schema_contract::{Accepted, Drift, Relation, Snapshot, SortColumn};
use viewlane_udf_catalog::{FunctionEntry, FunctionSnapshot};

use crate::{
    Compiled, Engine, Failure, Project, artifacts::write_whole, codes, compile::port_failure,
    session::Catalog, view::View,
};

/// The file that keeps the schemas somebody said yes to, below the project.
const SNAPSHOT_FILE: &str = "snapshots/schema.snapshot";

/// One thing that was looked at, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was seen.
    pub detail: String,
    /// What to do, if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Check {
    fn fine(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, ok: true, detail: detail.into(), help: None }
    }

    fn wrong(name: &'static str, detail: impl Into<String>, help: impl Into<String>) -> Self {
        Self { name, ok: false, detail: detail.into(), help: Some(help.into()) }
    }
}

impl Engine {
    /// Every effective setting of a project on this machine: its value, where the value comes from,
    /// and what stands for it in the fingerprint. Sorted by key.
    pub fn settings(&self, project: &Project) -> Vec<SettingRow> {
        project.profile.rows(&self.machine(&project.root))
    }

    /// Looks at everything that a run needs, and changes nothing: folders can be written, sources
    /// opened, views compiled.
    pub async fn doctor(self: &Arc<Self>, project: Project) -> Vec<Check> {
        let mut checks = vec![
            Check::fine("project", format!("`{}`", project.name)),
            Check::fine("profile", project.profile.fingerprint().short().to_string()),
            self.writable("lake", &project.lake),
        ];
        for row in self.settings(&project).iter().filter(|row| row.key == "spill_dir") {
            checks.push(self.writable("spill", Path::new(&row.value)));
        }
        for source in &project.sources {
            checks.push(match self.store.open(&source.location, Pin::Latest).await {
                Ok(opened) => Check::fine(
                    "source",
                    format!("`{}` at version {}", source.name, opened.version),
                ),
                Err(error) => Check::wrong(
                    "source",
                    format!("`{}`: {error}", source.name),
                    format!("check the location of source `{}`", source.name),
                ),
            });
        }
        checks.push(match self.compile(project).await {
            Ok(compiled) => Check::fine("views", format!("{} views compile", compiled.views())),
            Err(failure) => {
                let errors = failure.diagnostics();
                let first = errors.first().map_or("", |error| error.message.as_str());
                let detail = format!("{} errors, the first: {first}", errors.len());
                Check::wrong("views", detail, "see `viewlane check`")
            }
        });
        checks
    }

    /// Whether a file can be made in a folder, or in the nearest one above it that is there.
    fn writable(&self, name: &'static str, folder: &Path) -> Check {
        let shown = folder.display();
        let there = folder.ancestors().find(|folder| folder.is_dir());
        let probed = there.map_or(Err(io::ErrorKind::NotFound.into()), |there| {
            let probe = there.join(format!(".viewlane-{}", self.run_id()));
            fs::File::create_new(&probe).and_then(|_| fs::remove_file(&probe))
        });
        match probed {
            Ok(()) => Check::fine(name, format!("`{shown}` can be written")),
            Err(error) => Check::wrong(
                name,
                format!("`{shown}` cannot be written: {error}"),
                "make the folder writable, or name another",
            ),
        }
    }

    /// The relations of a project as they are now: columns, keys, folders and order of views, and
    /// the columns of seeds and sources.
    ///
    /// # Errors
    ///
    /// A seed or source that cannot be read, a view that cannot be planned.
    pub async fn schemas(&self, compiled: &Compiled) -> Result<Snapshot, Failure> {
        let mut found = Vec::new();
        let datasets = self.datasets(&compiled.project, &compiled.session, &mut found).await;
        Failure::unless_clean(found)?;
        let mut catalog = Catalog::new(&compiled.session);
        let mut snapshot = Snapshot::default();
        for name in compiled.graph.order() {
            let relation = match compiled.views.get(name) {
                None => Relation::table(datasets[name].clone()),
                Some(view) => {
                    let plan = catalog.plan(&view.query).await.map_err(Failure::of)?;
                    let schema = plan.schema().inner().clone();
                    if view.materialized() {
                        let stored = self.store.stored_schema(&schema);
                        let stored = stored.map_err(|e| Failure::from(port_failure(&e, None)))?;
                        let names = |list: &[(String, _)]| -> Vec<String> {
                            list.iter().map(|(name, _)| name.clone()).collect()
                        };
                        Relation::table(stored)
                            .key(names(&view.header.primary_key))
                            .partition_by(names(&view.options.partition_by))
                            .sort_by(
                                names(&view.options.sort_by).into_iter().map(SortColumn::ascending),
                            )
                    } else {
                        Relation::table(schema)
                    }
                }
            };
            let columns = catalog.columns(name, relation.schema().clone());
            columns.map_err(|error| {
                let message = format!("`{name}` cannot be read");
                let found = Diagnostic::error(codes::PLANNING, message);
                Failure::from(found.because(error.to_string()))
            })?;
            snapshot.insert(name.clone(), relation);
        }
        Ok(snapshot)
    }
}

/// One view, as it is listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ViewEntry {
    /// Its name.
    pub name: RelationName,
    /// Whether it is stored.
    pub materialized: bool,
    /// Its file, below the project.
    pub file: String,
    /// Its tags.
    pub tags: BTreeSet<String>,
}

impl Compiled {
    /// Every view, in the order in which they are built.
    pub fn listing(&self) -> Vec<ViewEntry> {
        let views = self.graph.order().filter_map(|name| self.views.get(name));
        let entry = |view: &View| ViewEntry {
            name: view.name.clone(),
            materialized: view.materialized(),
            file: view.text.file().to_owned(),
            tags: view.options.tags.clone(),
        };
        views.map(entry).collect()
    }

    /// Every function that a view may call, sorted by name.
    pub fn functions(&self) -> Vec<FunctionEntry> {
        FunctionSnapshot::from_session(&self.session).functions().to_vec()
    }

    /// Keeps schemas as those that are accepted, whatever was kept before.
    ///
    /// # Errors
    ///
    /// The file cannot be written.
    pub fn accept(&self, snapshot: &Snapshot) -> Result<(), Failure> {
        let (folder, name) = SNAPSHOT_FILE.split_once('/').expect("the file is in a folder");
        let folder = self.project.root.join(folder);
        write_whole(&folder, name, snapshot.to_string().as_bytes()).map_err(|error| {
            let message = format!("`{SNAPSHOT_FILE}` cannot be written");
            Failure::from(Diagnostic::error(codes::ARTIFACT, message).because(error.to_string()))
        })
    }

    /// How the schemas differ from those that were accepted. `None` when none were.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is none that this program wrote.
    pub fn drift(&self, live: &Snapshot) -> Result<Option<Vec<Drift>>, Failure> {
        let text = match fs::read_to_string(self.project.root.join(SNAPSHOT_FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                let message = format!("`{SNAPSHOT_FILE}` cannot be read");
                let found = Diagnostic::error(codes::UNREADABLE, message);
                return Err(Failure::from(found.because(error.to_string())));
            }
        };
        let accepted =
            Accepted::read(&SourceText::new(SNAPSHOT_FILE, text)).map_err(Failure::of)?;
        Ok(Some(accepted.drift(live)))
    }
}

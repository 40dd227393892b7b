//! Stored tables beside their rows: what happened to them, and what they need.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use viewlane_core::{
    Diagnostic, HistoryEntry, Maintenance, MaintenanceReport, PortError, RelationName,
    TableLocation, nearest,
};

use crate::{
    Compiled, Engine, Failure, RunOptions, codes,
    compile::port_failure,
    decide::{owner, select},
    verify::source_location,
};

/// What maintenance did for one table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableMaintenance {
    /// The view that is stored in it.
    pub name: RelationName,
    /// What was done; `None` where nothing is stored yet, or it failed.
    #[serde(flatten)]
    pub report: Option<MaintenanceReport>,
    /// Why it failed, if it did.
    pub error: Option<Box<Diagnostic>>,
}

/// What maintenance did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MaintenanceResults {
    /// Identity of the operation.
    pub run_id: String,
    /// Every selected stored view, in graph order.
    pub tables: Vec<TableMaintenance>,
}

impl Engine {
    /// Tells the newest versions of a stored view, a seed or a source, newest first.
    ///
    /// # Errors
    ///
    /// A name that is none of them, nothing stored yet, or a log that cannot be read.
    pub async fn history(
        &self,
        compiled: &Compiled,
        name: &RelationName,
        most: usize,
    ) -> Result<Vec<HistoryEntry>, Failure> {
        let Some(location) = source_location(compiled, name) else {
            let names = compiled.views.keys().map(ToString::to_string).collect::<Vec<_>>();
            let found = Diagnostic::error(
                codes::UNKNOWN_TABLE,
                format!("nothing is stored under the name `{name}`"),
            );
            let near = nearest(&name.to_string(), names.iter().map(String::as_str));
            return Err(Failure::from(match near {
                Some(near) => found.help(format!("did you mean `{near}`?")),
                None => found.help("name a stored view, a seed or a source"),
            }));
        };
        let history = self.store.history(&location, most).await;
        match history.map_err(|error| Failure::from(port_failure(&error, None)))? {
            Some(history) => Ok(history),
            None => Err(Failure::from(
                Diagnostic::error(codes::NOT_BUILT, format!("`{name}` was never built"))
                    .help("run it first"),
            )),
        }
    }

    /// Maintains the tables of the selected stored views, one after the other. Versions from which
    /// other views still read changes are kept.
    ///
    /// # Errors
    ///
    /// A selector that cannot be read, or a view whose log does not tell which versions it reads.
    /// What fails for one table after that is told in its result, and the others go on.
    pub async fn maintain(
        &self,
        compiled: &Compiled,
        options: &RunOptions,
        maintenance: &Maintenance,
    ) -> Result<MaintenanceResults, Failure> {
        let selected = select(compiled, options)?;
        let read = self.versions_read(compiled).await;
        let read = read.map_err(|error| Failure::from(port_failure(&error, None)))?;
        let mut tables = Vec::new();
        for name in compiled.graph.order().filter(|name| selected.contains(*name)) {
            let Some(location) = compiled.views.get(name).and_then(|view| view.location.as_ref())
            else {
                continue;
            };
            let mut own = maintenance.clone();
            own.keep_versions.extend(read.get(name).into_iter().flatten());
            let (report, error) = match self.maintain_one(compiled, name, location, &own).await {
                Ok(report) => (report, None),
                Err(found) => (None, Some(found)),
            };
            tables.push(TableMaintenance { name: name.clone(), report, error });
        }
        Ok(MaintenanceResults { run_id: self.run_id().to_owned(), tables })
    }

    async fn maintain_one(
        &self,
        compiled: &Compiled,
        name: &RelationName,
        location: &TableLocation,
        maintenance: &Maintenance,
    ) -> Result<Option<MaintenanceReport>, Box<Diagnostic>> {
        let port = |error: PortError| Box::new(port_failure(&error, None));
        let state = self.store.state(location, &owner(compiled, name)).await.map_err(port)?;
        // Deleting files of somebody else's table is nobody's wish.
        if state.is_some_and(|state| state.generation.is_none()) {
            let message = format!("the table at `{location}` was not written by `{name}`");
            let found = Diagnostic::error(codes::FOREIGN_TABLE, message);
            return Err(Box::new(found.help(format!("move it away, or store `{name}` elsewhere"))));
        }
        self.store.maintain(location, maintenance).await.map_err(port)
    }

    /// The versions of each table that stored views were last refreshed from: their next refresh and
    /// their proof start there.
    async fn versions_read(
        &self,
        compiled: &Compiled,
    ) -> Result<BTreeMap<RelationName, BTreeSet<u64>>, PortError> {
        let mut read: BTreeMap<RelationName, BTreeSet<u64>> = BTreeMap::new();
        for (reader, view) in &compiled.views {
            let Some(location) = view.location.as_ref() else { continue };
            let state = self.store.state(location, &owner(compiled, reader)).await?;
            let record = state.and_then(|state| state.record).map(|(_, record)| record);
            for source in record.into_iter().flat_map(|record| record.sources) {
                read.entry(source.relation).or_default().insert(source.to);
            }
        }
        Ok(read)
    }
}

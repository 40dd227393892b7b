//! Loads a project, decides what to refresh, runs it and proves it.
//!
//! The only composition root: here the lane, the graph, the store and the sessions meet. Stages
//! follow one another by type: [`Project`] → [`Compiled`] → [`RunPlan`] → [`RunResults`].
//!
//! ```
//! use viewlane_engine::{Engine, RunOptions};
//!
//! # let folder = std::env::temp_dir().join(format!("viewlane-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(folder.join("views"))?;
//! # std::fs::create_dir_all(folder.join("seeds"))?;
//! # std::fs::write(folder.join("viewlane.toml"), "[project]\nname = \"shop\"\n")?;
//! # std::fs::write(folder.join("seeds/orders.csv"), "id,amount\n1,10\n2,20\n")?;
//! # std::fs::write(folder.join("views/total.sql"), "create materialized view as select sum(amount) as total from orders")?;
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # runtime.block_on(async {
//! // `folder` holds viewlane.toml, seeds/orders.csv and views/total.sql
//! let engine = Engine::builder().build();
//! let compiled = engine.compile(engine.load(&folder)?).await?;
//! let plan = engine.plan(&compiled, &RunOptions::default()).await?;
//! let results = engine.run(compiled.into(), plan).await;
//! assert_eq!(results.summary.committed, 1);
//!
//! // Nothing changed, so nothing is committed.
//! let engine = Engine::builder().build();
//! let compiled = engine.compile(engine.load(&folder)?).await?;
//! let plan = engine.plan(&compiled, &RunOptions::default()).await?;
//! assert_eq!(engine.run(compiled.into(), plan).await.summary.skipped, 1);
//! # Ok::<(), viewlane_engine::Failure>(())
//! # })?;
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is not here
//!
//! No argument parsing, no printing and no exit codes: those are the command line's. No delta-rs and
//! no second way to write: every row goes through `viewlane-write-pipeline` into a `WriteTarget`.

mod artifacts;
mod ask;
mod body;
mod codes;
mod compile;
mod decide;
mod engine;
mod failure;
mod inspect;
mod lake;
mod project;
mod run;
mod seed;
mod session;
mod settings;
mod tables;
mod verify;
mod view;

pub use ask::{Answer, FirstRows};
pub use compile::Compiled;
pub use decide::{RunOptions, RunPlan, Verdict};
pub use engine::{Engine, EngineBuilder};
pub use failure::Failure;
pub use inspect::{Check, ViewEntry};
pub use project::{PROJECT_FILE, Project};
pub use run::{NodeResult, RunResults, Status, Summary};
pub use tables::{MaintenanceResults, TableMaintenance};
pub use verify::{Proof, ProofResult, ProofSummary, VerifyResults};
pub use viewlane_runtime_profile::SettingRow;
pub use viewlane_schema_contract::Drift;
pub use viewlane_udf_catalog::FunctionEntry;

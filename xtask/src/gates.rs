//! The gates, cheap ones first.

mod architecture;
mod clippy;
mod docs;
mod error_codes;
mod format;
mod layering;
mod licences;
mod light_tests;
mod reach;
mod readme;
mod snapshots;
mod versions;
mod weight;
mod workspace_tests;

use crate::context::Context;
use crate::failure::Failure;

/// Something that the workspace promises, and the function that holds it to it.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) name: &'static str,
    /// One sentence: what is true when the gate is passed.
    pub(crate) about: &'static str,
    /// An error means that the gate could not look, and counts as a failure.
    pub(crate) run: fn(&Context) -> anyhow::Result<Vec<Failure>>,
}

/// In the order in which they run.
///
/// The light crates' tests come before `docs` because they need no DataFusion and answer in
/// seconds. `docs` and `clippy` stand together: both need the dependencies checked and not
/// built, and share those artifacts.
pub(crate) const ALL: &[Gate] = &[
    Gate {
        name: "format",
        about: "Every source file is formatted as `cargo fmt` formats it.",
        run: format::run,
    },
    Gate {
        name: "snapshots",
        about: "No snapshot waits to be reviewed, and each belongs to a test file that exists.",
        run: snapshots::run,
    },
    Gate {
        name: "architecture",
        about: "`docs/ARCHITECTURE.md` has one section per crate and none for another.",
        run: architecture::run,
    },
    Gate {
        name: "error-codes",
        about: "Each error code is declared once and explained once in `docs/errors.md`.",
        run: error_codes::run,
    },
    Gate {
        name: "readme",
        about: "The commands that the READMEs show name subcommands, benches and paths that exist.",
        run: readme::run,
    },
    Gate {
        name: "layering",
        about: "Crates depend on each other, and on engines, only as the tables allow.",
        run: layering::run,
    },
    Gate {
        name: "versions",
        about: "Each engine family is there in one version, on the line that is pinned.",
        run: versions::run,
    },
    Gate {
        name: "licences",
        about: "Every dependency is under a licence of the allow-list.",
        run: licences::run,
    },
    Gate {
        name: "weight",
        about: "A light crate, alone, compiles no more crates than its budget.",
        run: weight::run,
    },
    Gate {
        name: "reach",
        about: "A light crate, alone, compiles no DataFusion, Delta, Tokio, Parquet or Arrow kernels.",
        run: reach::run,
    },
    Gate {
        name: "light-tests",
        about: "Each light crate builds and passes its tests alone, with default features.",
        run: light_tests::run,
    },
    Gate { name: "docs", about: "The documentation builds without a warning.", run: docs::run },
    Gate {
        name: "clippy",
        about: "Clippy and the compiler have nothing to say.",
        run: clippy::run,
    },
    Gate {
        name: "tests",
        about: "All tests of the workspace pass: unit, property, snapshot, integration and doc.",
        run: workspace_tests::run,
    },
];

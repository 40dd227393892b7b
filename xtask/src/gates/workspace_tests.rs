//! Holds: all tests pass.
//!
//! `xtask` is tested apart: `cargo_metadata` asks for a feature of `serde_json` that nothing
//! else needs, and cargo unites the features of all packages it builds together. In one run
//! with the rest it would have `serde_json` built anew, and with it all of Arrow, DataFusion
//! and Delta that stands on it.

use crate::context::Context;
use crate::failure::Failure;
use crate::harness;

const SELECTIONS: [&[&str]; 2] = [&["--workspace", "--exclude", "xtask"], &["--package", "xtask"]];

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for selection in SELECTIONS {
        failures.extend(harness::test(context, selection)?);
    }
    Ok(failures)
}

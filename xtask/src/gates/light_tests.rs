//! Holds: each light crate builds and passes its tests alone, with default features.
//!
//! In the whole workspace the light crates are compiled with their `datafusion` features on,
//! because the engine asks for them. Only alone does it show that they do without.

use crate::context::Context;
use crate::failure::Failure;
use crate::harness;

pub(crate) fn run(context: &Context) -> anyhow::Result<Vec<Failure>> {
    let mut failures = Vec::new();
    for package in context.rules.weight.keys() {
        failures.extend(harness::test(context, &["--package", package])?);
    }
    Ok(failures)
}

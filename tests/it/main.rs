//! Tests across crates: the real program, real tables, real failures.

#![allow(clippy::unwrap_used, reason = "what cannot be unwrapped here is a failing test")]

mod bad_input;
mod commits;
mod corpus;
mod deviations;
mod diff;
mod engine;
mod fixpoint;
mod inspect;
mod kill;
mod lineage;
mod parameters;
mod policy;
mod race;
mod random;
mod run;
mod selection;
mod tables;
mod transforms;
mod verify;

/// The program under test: the very source of the shipped one.
const PROGRAM: &str = env!("CARGO_BIN_EXE_viewlane-under-test");

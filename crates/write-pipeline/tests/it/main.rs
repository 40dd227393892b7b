//! Files as other programs find them.

#![allow(clippy::unwrap_used, reason = "test support: a failure here is a failing test")]

mod folders;
mod helpers;
mod kill;
mod modes;
mod parquet_options;
mod random;
mod text_options;

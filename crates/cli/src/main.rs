//! The command line of viewlane.

use std::process::ExitCode;

fn main() -> ExitCode {
    viewlane::main()
}

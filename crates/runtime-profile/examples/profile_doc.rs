//! Writes `docs/profile.md` to the standard output.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(viewlane_runtime_profile::profile_document().as_bytes())
}

//! What a gate found wrong.

use std::fmt;

/// One thing that is wrong, where it is, and how it is put right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Failure {
    what: String,
    place: Option<String>,
    mend: String,
}

impl Failure {
    /// `mend` is a command where one exists, and otherwise one instruction.
    pub(crate) fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), place: None, mend: mend.into() }
    }

    /// The file, or file and line, that it is about.
    pub(crate) fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.what.trim_end())?;
        if let Some(place) = &self.place {
            writeln!(f, "  at: {place}")?;
        }
        write!(f, "  mend: {}", self.mend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_ends_with_what_mends_it() {
        let failure = Failure::new("not formatted", "cargo fmt --all").at("a.rs");

        assert_eq!(failure.to_string(), "not formatted\n  at: a.rs\n  mend: cargo fmt --all");
    }
}

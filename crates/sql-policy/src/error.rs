use std::fmt;

use viewlane_core::{Code, Diagnostic, Kinded};

/// What can go wrong before there is a text to judge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The policy cannot be what was asked for.
    #[error("the policy is not valid: {0}")]
    Policy(Rejection),
}

impl Error {
    /// All that is wrong, in the order of the settings.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::Policy(rejection) => rejection.diagnostics(),
        }
    }
}

impl Kinded for Error {
    fn code(&self) -> Code {
        match self {
            Self::Policy(rejection) => rejection.code(),
        }
    }
}

/// Why a text was not accepted: everything one stage found, never nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    diagnostics: Vec<Diagnostic>,
}

impl Rejection {
    /// `Ok` when nothing was found.
    pub(crate) fn unless_empty(diagnostics: Vec<Diagnostic>) -> Result<(), Self> {
        if diagnostics.is_empty() { Ok(()) } else { Err(Self { diagnostics }) }
    }

    /// The findings, in the order in which they were found: mostly that of the text.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    /// The findings, in the order in which they were found: mostly that of the text.
    pub fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }
}

impl From<Diagnostic> for Rejection {
    fn from(diagnostic: Diagnostic) -> Self {
        Self { diagnostics: vec![diagnostic] }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.diagnostics.iter().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejection {}

impl Kinded for Rejection {
    /// The code of the first finding.
    fn code(&self) -> Code {
        self.diagnostics.first().expect("a rejection has at least one finding").code
    }
}

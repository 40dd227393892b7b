use std::{fmt, str::FromStr};

use crate::DifferenceKind;

/// How far the actual columns may go beyond the declared ones, and how far a stored table may be
/// changed to follow its contract. The tables in `docs/contracts.md` say what each means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Evolution {
    /// Exactly what is declared.
    #[default]
    Strict,
    /// At least what is declared.
    Additive,
    /// What is there of the declared columns is as declared.
    Relaxed,
}

impl Evolution {
    /// All policies, the strictest first: what one allows, the next allows too.
    pub const ALL: [Self; 3] = [Self::Strict, Self::Additive, Self::Relaxed];

    /// Whether an actual schema may differ in this way from the declared one.
    pub fn allows(self, kind: DifferenceKind) -> bool {
        kind.allowed_from().is_some_and(|from| from <= self)
    }
}

impl fmt::Display for Evolution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strict => "strict",
            Self::Additive => "additive",
            Self::Relaxed => "relaxed",
        })
    }
}

impl FromStr for Evolution {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|policy| policy.to_string() == text).ok_or(())
    }
}

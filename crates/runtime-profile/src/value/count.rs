//! Kinds of knobs that count.

use std::{
    fmt,
    num::{NonZeroU64, NonZeroUsize},
};

use super::{KnobValue, Raw, Refusal, wrong_type};

/// A number of things that run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Parallelism {
    /// As many as the machine has cores. Hashed as `auto`, so that the same project has the same
    /// profile on every machine.
    Auto,
    /// Exactly this many, on every machine.
    Exactly(NonZeroUsize),
}

impl Parallelism {
    /// The number on a machine with this many cores.
    pub const fn on(self, cores: NonZeroUsize) -> NonZeroUsize {
        match self {
            Self::Auto => cores,
            Self::Exactly(count) => count,
        }
    }

    /// The most that is taken from text. More is taken for a slip of the hand: thousands of
    /// partitions cost more than they bring, on any machine.
    const MAX: u64 = 4096;
}

impl fmt::Display for Parallelism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Exactly(count) => count.fmt(f),
        }
    }
}

impl KnobValue for Parallelism {
    const ACCEPTS: &'static str = "an integer from 1 to 4096, or \"auto\"";
    const QUOTED: bool = false;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        match raw {
            Raw::Text("auto") | Raw::Untyped("auto") => Ok(Self::Auto),
            Raw::Text(text) => Err(only_word(text, "auto")),
            raw => count(raw, 1, Self::MAX).map(Self::Exactly),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl KnobValue for NonZeroUsize {
    const ACCEPTS: &'static str = "an integer from 1 to 1048576";
    const QUOTED: bool = false;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        count(raw, 1, 1 << 20)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// A number of rows or values that may go beyond what fits memory.
impl KnobValue for NonZeroU64 {
    const ACCEPTS: &'static str = "an integer from 1 to 1000000000000";
    const QUOTED: bool = false;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        let number = integer(raw, 1, 1_000_000_000_000)?;
        Ok(Self::new(number).expect("it is at least one"))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// How many things are worked on in one go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AtMost {
    /// At most this many.
    Count(NonZeroUsize),
    /// As many as there are.
    Unbounded,
}

impl AtMost {
    /// The number for an engine to which zero is no bound.
    pub const fn or_zero(self) -> usize {
        match self {
            Self::Count(count) => count.get(),
            Self::Unbounded => 0,
        }
    }
}

impl fmt::Display for AtMost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Count(count) => count.fmt(f),
            Self::Unbounded => f.write_str("unbounded"),
        }
    }
}

impl KnobValue for AtMost {
    const ACCEPTS: &'static str = "an integer from 2 to 1048576, or \"unbounded\"";
    const QUOTED: bool = false;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        match raw {
            Raw::Text("unbounded") | Raw::Untyped("unbounded") => Ok(Self::Unbounded),
            Raw::Text(text) => Err(only_word(text, "unbounded")),
            raw => count(raw, 2, 1 << 20).map(Self::Count),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

fn only_word(text: &str, word: &str) -> Refusal {
    Refusal::NotAccepted {
        value: text.to_owned(),
        reason: format!("the only text is `{word}`"),
        help: format!("write an integer without quotes, or \"{word}\""),
    }
}

fn count(raw: &Raw<'_>, min: u64, max: u64) -> Result<NonZeroUsize, Refusal> {
    let number = integer(raw, min, max)?;
    // Bounds of knobs are at least one and far below what 32 bits count.
    Ok(usize::try_from(number).ok().and_then(NonZeroUsize::new).expect("bounds of knobs fit"))
}

/// A whole number from `min` to `max`.
pub(crate) fn integer(raw: &Raw<'_>, min: u64, max: u64) -> Result<u64, Refusal> {
    let refuse = |value: String, reason: &str| Refusal::NotAccepted {
        value,
        reason: reason.to_owned(),
        help: format!("write an integer from {min} to {max}"),
    };
    let (number, shown) = match raw {
        Raw::Integer(digits, radix) => {
            let number = i128::from_str_radix(digits, *radix).ok();
            (number, number.map_or_else(|| (*digits).to_owned(), |n| n.to_string()))
        }
        Raw::Untyped(text) => match text.parse::<i128>() {
            Ok(number) => (Some(number), (*text).to_owned()),
            Err(_) => return Err(refuse((*text).to_owned(), "it is not an integer")),
        },
        raw => return Err(wrong_type(raw)),
    };
    match number {
        Some(number) if number < 0 => Err(refuse(shown, "it must not be negative")),
        Some(0) if min > 0 => Err(refuse(shown, "it must not be zero")),
        Some(number) if number < i128::from(min) => Err(refuse(shown, "it is too small")),
        Some(number) => match u64::try_from(number) {
            Ok(number) if number <= max => Ok(number),
            _ => Err(refuse(shown, "it is too large")),
        },
        None => Err(refuse(shown, "it is too large")),
    }
}

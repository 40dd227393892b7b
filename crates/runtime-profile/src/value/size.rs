//! Kinds of knobs that measure memory and time.

use std::{fmt, num::NonZeroU32, str::FromStr};

use super::{KnobValue, Raw, Refusal, text};

/// A number of bytes, at least one.
///
/// Read strictly: a whole number and a binary unit, nothing between them. `4GB` is refused, because
/// people mean two different numbers by it. Shown in the largest unit that loses nothing, so that
/// `1024MiB` and `1GiB` are the same setting.
///
/// ```
/// use viewlane_runtime_profile::ByteSize;
///
/// let size: ByteSize = "1536MiB".parse()?;
/// assert_eq!(size.bytes(), 1_610_612_736);
/// assert_eq!("1024MiB".parse::<ByteSize>()?.to_string(), "1GiB");
/// assert!("1.5GiB".parse::<ByteSize>().is_err());
/// # Ok::<(), viewlane_runtime_profile::ByteSizeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

const UNITS: [(&str, u32); 5] = [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0)];

impl ByteSize {
    /// A size in bytes; `None` for zero.
    pub const fn from_bytes(bytes: u64) -> Option<Self> {
        if bytes == 0 { None } else { Some(Self(bytes)) }
    }

    /// A size in units of 2^10 bytes. Meant for constants.
    ///
    /// # Panics
    ///
    /// When `count` is zero or the bytes do not fit 64 bits.
    pub const fn kib(count: u64) -> Self {
        assert!(count > 0 && count < 1 << 54, "a size is at least a byte and fits 64 bits");
        Self(count << 10)
    }

    /// A size in units of 2^20 bytes. Meant for constants.
    ///
    /// # Panics
    ///
    /// When `count` is zero or the bytes do not fit 64 bits.
    pub const fn mib(count: u64) -> Self {
        assert!(count > 0 && count < 1 << 44, "a size is at least a byte and fits 64 bits");
        Self(count << 20)
    }

    /// A size in units of 2^30 bytes. Meant for constants.
    ///
    /// # Panics
    ///
    /// When `count` is zero or the bytes do not fit 64 bits.
    pub const fn gib(count: u64) -> Self {
        assert!(count > 0 && count < 1 << 34, "a size is at least a byte and fits 64 bits");
        Self(count << 30)
    }

    /// The size in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

/// Why a text is not a size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ByteSizeError {
    /// The text is not a whole number followed by a unit.
    #[error("a size is a whole number followed by `B`, `KiB`, `MiB`, `GiB` or `TiB`")]
    Form,
    /// A unit of which people disagree whether it is a power of ten or of two.
    #[error("the unit is ambiguous; units are powers of two and end in `iB`")]
    AmbiguousUnit,
    /// Zero bytes.
    #[error("a size must not be zero")]
    Zero,
    /// More than 64 bits can count.
    #[error("the size does not fit 64 bits")]
    TooLarge,
}

impl FromStr for ByteSize {
    type Err = ByteSizeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        if number.is_empty() {
            return Err(ByteSizeError::Form);
        }
        let Some((_, shift)) = UNITS.iter().find(|(name, _)| *name == unit) else {
            let looks_decimal = matches!(
                unit.trim().to_ascii_uppercase().as_str(),
                "K" | "M" | "G" | "T" | "KB" | "MB" | "GB" | "TB"
            );
            return Err(match looks_decimal {
                true => ByteSizeError::AmbiguousUnit,
                false => ByteSizeError::Form,
            });
        };
        let number: u64 = number.parse().map_err(|_| ByteSizeError::TooLarge)?;
        let bytes = number.checked_mul(1 << shift).ok_or(ByteSizeError::TooLarge)?;
        Self::from_bytes(bytes).ok_or(ByteSizeError::Zero)
    }
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, shift) = UNITS
            .iter()
            .find(|(_, shift)| self.0.trailing_zeros() >= *shift)
            .expect("every number of bytes is a multiple of one byte");
        write!(f, "{}{unit}", self.0 >> shift)
    }
}

impl KnobValue for ByteSize {
    const ACCEPTS: &'static str = "a size such as \"512MiB\"";
    const QUOTED: bool = true;
    const IN_BYTES: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        let text = text(raw)?;
        text.parse().map_err(|error| refuse_size(text, error, Self::ACCEPTS))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// An upper bound in bytes, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// At most this many bytes.
    Bytes(ByteSize),
    /// No bound.
    Unbounded,
}

impl Limit {
    /// The bound, if there is one.
    pub const fn bytes(self) -> Option<u64> {
        match self {
            Self::Bytes(size) => Some(size.bytes()),
            Self::Unbounded => None,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(size) => size.fmt(f),
            Self::Unbounded => f.write_str("unbounded"),
        }
    }
}

impl KnobValue for Limit {
    const ACCEPTS: &'static str = "a size such as \"4GiB\", or \"unbounded\"";
    const QUOTED: bool = true;
    const IN_BYTES: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        match text(raw)? {
            "unbounded" => Ok(Self::Unbounded),
            text => match text.parse() {
                Ok(size) => Ok(Self::Bytes(size)),
                Err(error) => Err(refuse_size(text, error, Self::ACCEPTS)),
            },
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// A bound in bytes on what is kept, or nothing is kept at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CacheLimit {
    /// Nothing is kept.
    Off,
    /// At most this many bytes.
    Bytes(ByteSize),
}

impl CacheLimit {
    /// A bound in units of 2^20 bytes. Meant for constants.
    ///
    /// # Panics
    ///
    /// As [`ByteSize::mib`].
    pub const fn mib(count: u64) -> Self {
        Self::Bytes(ByteSize::mib(count))
    }

    /// The bound in bytes; zero when off.
    pub const fn bytes(self) -> u64 {
        match self {
            Self::Off => 0,
            Self::Bytes(size) => size.bytes(),
        }
    }
}

impl fmt::Display for CacheLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Bytes(size) => size.fmt(f),
        }
    }
}

impl KnobValue for CacheLimit {
    const ACCEPTS: &'static str = "a size such as \"64MiB\", or \"off\"";
    const QUOTED: bool = true;
    const IN_BYTES: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        match text(raw)? {
            "off" => Ok(Self::Off),
            text => match text.parse() {
                Ok(size) => Ok(Self::Bytes(size)),
                Err(error) => Err(refuse_size(text, error, Self::ACCEPTS)),
            },
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Memory that may be planned for one thing: a share of the limit on memory, or said outright.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Budget {
    /// A quarter of the limit on memory; without a limit, no bound.
    Auto,
    /// Exactly this many bytes.
    Bytes(ByteSize),
}

impl Budget {
    /// The budget under a limit on memory.
    pub fn under(self, limit: Limit) -> Limit {
        match (self, limit) {
            (Self::Bytes(size), _) => Limit::Bytes(size),
            (Self::Auto, Limit::Unbounded) => Limit::Unbounded,
            (Self::Auto, Limit::Bytes(size)) => {
                Limit::Bytes(ByteSize::from_bytes(size.bytes() / 4).unwrap_or(size))
            }
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Bytes(size) => size.fmt(f),
        }
    }
}

impl KnobValue for Budget {
    const ACCEPTS: &'static str = "a size such as \"512MiB\", or \"auto\"";
    const QUOTED: bool = true;
    const IN_BYTES: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        match text(raw)? {
            "auto" => Ok(Self::Auto),
            text => match text.parse() {
                Ok(size) => Ok(Self::Bytes(size)),
                Err(error) => Err(refuse_size(text, error, Self::ACCEPTS)),
            },
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// How long something that was read may be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeToLive {
    /// For this many seconds.
    Seconds(NonZeroU32),
    /// For as long as the process runs.
    Forever,
}

impl TimeToLive {
    /// A whole number of seconds. Meant for constants.
    ///
    /// # Panics
    ///
    /// When `count` is zero.
    pub const fn seconds(count: u32) -> Self {
        Self::Seconds(NonZeroU32::new(count).expect("a time to live is at least a second"))
    }
}

const TIMES: [(&str, u32); 3] = [("h", 3600), ("m", 60), ("s", 1)];

impl fmt::Display for TimeToLive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Seconds(seconds) = self else { return f.write_str("forever") };
        let (unit, length) = TIMES
            .iter()
            .find(|(_, length)| seconds.get().is_multiple_of(*length))
            .expect("every number of seconds is a multiple of one second");
        write!(f, "{}{unit}", seconds.get() / length)
    }
}

impl KnobValue for TimeToLive {
    const ACCEPTS: &'static str = "a time such as \"90s\", \"2m\" or \"1h\", or \"forever\"";
    const QUOTED: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        let text = text(raw)?;
        if text == "forever" {
            return Ok(Self::Forever);
        }
        let refuse = |reason: &str| Refusal::NotAccepted {
            value: text.to_owned(),
            reason: reason.to_owned(),
            help: format!("write {}", Self::ACCEPTS),
        };
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let Some((_, length)) = TIMES.iter().find(|(name, _)| *name == unit) else {
            return Err(refuse("a time is a whole number followed by `s`, `m` or `h`"));
        };
        if number.is_empty() {
            return Err(refuse("a time is a whole number followed by `s`, `m` or `h`"));
        }
        let seconds = number.parse::<u32>().ok().and_then(|number| number.checked_mul(*length));
        let seconds = seconds.ok_or_else(|| refuse("it is too long"))?;
        let seconds = NonZeroU32::new(seconds).ok_or_else(|| refuse("it must not be zero"))?;
        Ok(Self::Seconds(seconds))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

pub(crate) fn refuse_size(text: &str, error: ByteSizeError, accepts: &str) -> Refusal {
    let help = match error {
        ByteSizeError::AmbiguousUnit => {
            // The guard of this arm is that the text is a number and one of a few units.
            let number: String = text.chars().take_while(char::is_ascii_digit).collect();
            let unit = text[number.len()..].trim().to_ascii_uppercase();
            format!("write \"{number}{}iB\"", &unit[..1])
        }
        _ => format!("write {accepts}"),
    };
    Refusal::NotAccepted { value: text.to_owned(), reason: error.to_string(), help }
}

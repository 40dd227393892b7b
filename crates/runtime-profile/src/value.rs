//! The types of knobs: how each is read from text, shown, and handed to the engine.

use std::{fmt, num::NonZeroUsize, path::PathBuf, str::FromStr};

/// A value as somebody wrote it.
#[derive(Clone, Debug)]
pub(crate) enum Raw<'a> {
    /// A TOML string.
    Text(&'a str),
    /// A TOML integer: its digits, and their base.
    Integer(&'a str, u32),
    /// A TOML boolean.
    Boolean(bool),
    /// Any other TOML value, by the name of its type with its article.
    Other(&'static str),
    /// Text where types are not written, such as `name=value` on a command line.
    Untyped(&'a str),
}

/// Why a value was not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    WrongType(&'static str),
    NotAccepted { value: String, reason: String, help: String },
}

/// What a knob can hold.
pub(crate) trait KnobValue: Sized {
    /// What is taken, to go after "takes".
    const ACCEPTS: &'static str;
    /// Whether it is written as a string in TOML.
    const QUOTED: bool;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal>;

    /// As written in `viewlane.toml`, without quotes.
    fn show(&self) -> String;

    /// As handed to the engine.
    fn setting(&self) -> String {
        self.show()
    }
}

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
    const MAX: i128 = 4096;
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
            Raw::Text(text) => Err(Refusal::NotAccepted {
                value: (*text).to_owned(),
                reason: "the only text is `auto`".to_owned(),
                help: "write an integer without quotes, or \"auto\"".to_owned(),
            }),
            raw => count(raw, Self::MAX).map(Self::Exactly),
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
        count(raw, 1 << 20)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl KnobValue for bool {
    const ACCEPTS: &'static str = "`true` or `false`";
    const QUOTED: bool = false;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        match raw {
            Raw::Boolean(value) => Ok(*value),
            Raw::Untyped(text) => text.parse().map_err(|_| Refusal::NotAccepted {
                value: (*text).to_owned(),
                reason: "it is neither `true` nor `false`".to_owned(),
                help: "write `true` or `false`".to_owned(),
            }),
            raw => Err(wrong_type(raw)),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl KnobValue for Option<PathBuf> {
    const ACCEPTS: &'static str = "the path of a folder";
    const QUOTED: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        match text(raw)? {
            "" => Err(Refusal::NotAccepted {
                value: "\"\"".to_owned(),
                reason: "the path is empty".to_owned(),
                help: "name a folder, or remove the line to spill into the machine's own"
                    .to_owned(),
            }),
            path => Ok(Some(PathBuf::from(path))),
        }
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(String::new, |path| path.display().to_string())
    }
}

/// A time zone: `UTC`, an offset such as `+02:00`, or an IANA name such as `Europe/Berlin`.
///
/// Invariant: well-formed. Whether an IANA name exists is known to the engine only, and checked
/// when a session is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(String);

impl TimeZone {
    /// Coordinated universal time, spelled as Delta Lake stores it.
    pub fn utc() -> Self {
        Self("UTC".to_owned())
    }

    /// The zone as the engine takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text does not look like a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeZoneError {
    /// Another spelling of `UTC`.
    #[error("Delta Lake stores this zone only under the name `UTC`")]
    OtherUtc,
    /// Neither an offset nor a name.
    #[error("it is neither `UTC`, nor an offset, nor the IANA name of a zone")]
    Form,
}

impl FromStr for TimeZone {
    type Err = TimeZoneError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let other_utc = ["z", "utc", "gmt", "+00:00", "-00:00", "+0000", "+00", "etc/utc"];
        let bytes = text.as_bytes();
        if text == "UTC" {
            Ok(Self::utc())
        } else if other_utc.contains(&text.to_ascii_lowercase().as_str()) {
            Err(TimeZoneError::OtherUtc)
        } else if let [b'+' | b'-', h1, h0, b':', m1, m0] = bytes {
            let valid = matches!((h1, h0), (b'0', b'0'..=b'9') | (b'1', b'0'..=b'4'))
                && matches!((m1, m0), (b'0'..=b'5', b'0'..=b'9'));
            valid.then(|| Self(text.to_owned())).ok_or(TimeZoneError::Form)
        } else {
            let named = bytes.first().is_some_and(u8::is_ascii_uppercase)
                && text.contains('/')
                && text.split('/').all(|part| !part.is_empty())
                && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"/_-+".contains(b));
            named.then(|| Self(text.to_owned())).ok_or(TimeZoneError::Form)
        }
    }
}

impl KnobValue for TimeZone {
    const ACCEPTS: &'static str = "a time zone such as \"UTC\", \"+02:00\" or \"Europe/Berlin\"";
    const QUOTED: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        let text = text(raw)?;
        text.parse().map_err(|error: TimeZoneError| Refusal::NotAccepted {
            value: text.to_owned(),
            reason: error.to_string(),
            help: match error {
                TimeZoneError::OtherUtc => "write \"UTC\"".to_owned(),
                TimeZoneError::Form => {
                    "write \"UTC\", an offset such as \"+02:00\", or a name such as \"Europe/Berlin\""
                        .to_owned()
                }
            },
        })
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// Declares an enum that is written as one of a few words.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident takes $accepts:literal {
            $($(#[$variant_meta:meta])* $variant:ident = $word:literal => $setting:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            const WORDS: &[&'static str] = &[$($word),+];

            /// The word for it in `viewlane.toml`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl KnobValue for $name {
            const ACCEPTS: &'static str = $accepts;
            const QUOTED: bool = true;

            fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
                match text(raw)? {
                    $($word => Ok(Self::$variant),)+
                    other => Err(refuse_word(other, Self::WORDS)),
                }
            }

            fn show(&self) -> String {
                self.as_str().to_owned()
            }

            fn setting(&self) -> String {
                match self {
                    $(Self::$variant => $setting,)+
                }
                .to_owned()
            }
        }
    };
}

words! {
    /// How operators share bounded memory.
    pub enum MemoryPool takes "\"greedy\" or \"fair\"" {
        /// First come, first served.
        Greedy = "greedy" => "greedy",
        /// Every operator that can spill gets an equal share.
        Fair = "fair" => "fair",
    }
}

words! {
    /// What a literal such as `1.5` is.
    pub enum FloatLiterals takes "\"float64\" or \"decimal\"" {
        /// A binary floating point number.
        Float64 = "float64" => "false",
        /// An exact decimal number.
        Decimal = "decimal" => "true",
    }
}

words! {
    /// Where NULLs go in an ORDER BY that does not say.
    pub enum NullOrdering takes
        "\"nulls_max\", \"nulls_min\", \"nulls_first\" or \"nulls_last\""
    {
        /// NULL is greater than every value: last when ascending, first when descending.
        NullsMax = "nulls_max" => "nulls_max",
        /// NULL is less than every value: first when ascending, last when descending.
        NullsMin = "nulls_min" => "nulls_min",
        /// First in either direction.
        NullsFirst = "nulls_first" => "nulls_first",
        /// Last in either direction.
        NullsLast = "nulls_last" => "nulls_last",
    }
}

fn text<'a>(raw: &Raw<'a>) -> Result<&'a str, Refusal> {
    match raw {
        Raw::Text(text) | Raw::Untyped(text) => Ok(text),
        raw => Err(wrong_type(raw)),
    }
}

fn count(raw: &Raw<'_>, max: i128) -> Result<NonZeroUsize, Refusal> {
    let refuse = |value: String, reason: &str| Refusal::NotAccepted {
        value,
        reason: reason.to_owned(),
        help: format!("write an integer from 1 to {max}"),
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
        Some(0) => Err(refuse(shown, "it must not be zero")),
        Some(number) if number < 0 => Err(refuse(shown, "it must not be negative")),
        Some(number) if number <= max => usize::try_from(number)
            .ok()
            .and_then(NonZeroUsize::new)
            .ok_or_else(|| refuse(shown, "this machine cannot count that far")),
        _ => Err(refuse(shown, "it is too large")),
    }
}

fn wrong_type(raw: &Raw<'_>) -> Refusal {
    Refusal::WrongType(match raw {
        Raw::Text(_) | Raw::Untyped(_) => "a string",
        Raw::Integer(..) => "an integer",
        Raw::Boolean(_) => "a boolean",
        Raw::Other(name) => name,
    })
}

fn refuse_size(text: &str, error: ByteSizeError, accepts: &str) -> Refusal {
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

fn refuse_word(text: &str, words: &'static [&'static str]) -> Refusal {
    let list = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    Refusal::NotAccepted {
        value: text.to_owned(),
        reason: format!("it is none of {list}"),
        help: match viewlane_core::nearest(text, words.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {list}"),
        },
    }
}

#[cfg(test)]
mod tests;

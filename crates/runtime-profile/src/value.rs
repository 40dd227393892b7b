//! The types of knobs: how each is read from text, shown, and handed to the engine.

use std::path::PathBuf;

mod count;
mod size;
mod words;
mod zone;

pub(crate) use count::integer;
pub use count::{AtMost, Parallelism};
pub(crate) use size::refuse_size;
pub use size::{Budget, ByteSize, ByteSizeError, CacheLimit, Limit, TimeToLive};
pub(crate) use words::refuse_word;
pub use words::{
    AnalyzeLevel, Determinism, ExplainFormat, FloatLiterals, JoinStrategy, MemoryPool,
    NullOrdering, ParquetCompression, ParquetStatistics, SpillCompression,
};
pub use zone::{TimeZone, TimeZoneError};

/// A value as somebody wrote it.
#[derive(Clone, Debug)]
pub(crate) enum Raw<'a> {
    /// A TOML string.
    Text(&'a str),
    /// A TOML integer: its digits, and their base.
    Integer(&'a str, u32),
    /// A TOML boolean.
    Boolean(bool),
    /// A TOML float, as written.
    Float(&'a str),
    /// A TOML array of strings.
    Texts(Vec<&'a str>),
    /// Any other TOML value, by the name of its type with its article.
    Other(&'static str),
    /// Text where types are not written, such as `name=value` on a command line.
    Untyped(&'a str),
}

impl Raw<'_> {
    /// Its type with its article.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) | Self::Untyped(_) => "a string",
            Self::Integer(..) => "an integer",
            Self::Float(_) => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Texts(_) => "an array",
            Self::Other(name) => name,
        }
    }
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
    /// Whether the engine takes the number of bytes rather than the text.
    const IN_BYTES: bool = false;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal>;

    /// As written in `viewlane.toml`, without quotes.
    fn show(&self) -> String;

    /// As it stands among the effective settings.
    fn setting(&self) -> String {
        self.show()
    }
}

/// The number of bytes that a setting stands for; `off` is none.
pub(crate) fn in_bytes(setting: &str) -> Option<u64> {
    match setting {
        "off" => Some(0),
        size => size.parse::<ByteSize>().ok().map(ByteSize::bytes),
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

/// Folders; none when the machine's own is to be used.
impl KnobValue for Vec<PathBuf> {
    const ACCEPTS: &'static str = "the path of a folder, or an array of them";
    const QUOTED: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        let folders: Self = match raw {
            Raw::Text(path) => vec![PathBuf::from(path)],
            Raw::Texts(paths) => paths.iter().map(PathBuf::from).collect(),
            Raw::Untyped(paths) => std::env::split_paths(paths).collect(),
            raw => return Err(wrong_type(raw)),
        };
        let refuse = |value: &str, reason: &str, help: &str| Refusal::NotAccepted {
            value: value.to_owned(),
            reason: reason.to_owned(),
            help: help.to_owned(),
        };
        if folders.is_empty() || folders.iter().any(|folder| folder.as_os_str().is_empty()) {
            return Err(refuse(
                "\"\"",
                "the path is empty",
                "name a folder, or remove the line to spill into the machine's own",
            ));
        }
        if std::env::join_paths(&folders).is_err() {
            return Err(refuse(
                &folders.iter().map(|folder| folder.display().to_string()).collect::<String>(),
                "it holds the character that stands between paths in a list of them",
                "name a folder without that character",
            ));
        }
        Ok(folders)
    }

    fn show(&self) -> String {
        // Reading refuses what cannot be joined.
        std::env::join_paths(self).unwrap_or_default().to_string_lossy().into_owned()
    }
}

pub(crate) fn text<'a>(raw: &Raw<'a>) -> Result<&'a str, Refusal> {
    match raw {
        Raw::Text(text) | Raw::Untyped(text) => Ok(text),
        raw => Err(wrong_type(raw)),
    }
}

pub(crate) fn wrong_type(raw: &Raw<'_>) -> Refusal {
    Refusal::WrongType(raw.type_name())
}

#[cfg(test)]
mod tests;

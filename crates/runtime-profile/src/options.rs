//! The settings of the engine that are no knobs: those that `[profile.datafusion]` may set, and
//! those that nobody may, each with the reason.

use crate::{
    Error, Knob,
    value::{ByteSize, Raw, Refusal, integer, refuse_size, refuse_word, text, wrong_type},
};

mod table;

/// Where all keys of the engine begin.
pub(crate) const ENGINE: &str = "datafusion.";

/// A setting of the engine that `[profile.datafusion]` may set.
///
/// These are of the engine's version, not of this crate: a knob stays, an option may go with an
/// upgrade of the engine.
///
/// ```
/// use viewlane_runtime_profile::{EngineOption, Profile};
///
/// let option = EngineOption::named("optimizer.prefer_existing_sort").expect("it is in the table");
/// assert_eq!(option.default, Some("false"));
///
/// let profile = Profile::builder().set("datafusion.optimizer.prefer_existing_sort", "true")?.build()?;
/// assert_eq!(profile.settings().get(option.key), Some("true"));
/// # Ok::<(), viewlane_runtime_profile::Error>(())
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct EngineOption {
    /// Its key among the effective settings, which is the engine's.
    pub key: &'static str,
    /// What it takes.
    pub kind: OptionKind,
    /// Its value when nobody sets it; `None` when it is unset then.
    pub default: Option<&'static str>,
}

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OptionKind {
    /// `true` or `false`.
    Flag,
    /// A whole number from the first to the second.
    Count(u64, u64),
    /// A size such as `64MiB`.
    Size,
    /// A size, or `off`.
    SizeOrOff,
    /// A number from 0 to 1.
    Fraction,
    /// One of a few words.
    Word(&'static [&'static str]),
    /// One or more of a few words, with commas between them; or one of the two that stand alone.
    Words(&'static [&'static str], [&'static str; 2]),
}

/// A setting of the engine that nobody may set, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct RefusedOption {
    /// Its key, which is the engine's.
    pub key: &'static str,
    /// Its value among the effective settings; `None` when it is left to the engine.
    pub value: Option<&'static str>,
    /// Whether it changes what a statement means.
    pub meaning: bool,
    /// Why it cannot be set.
    pub reason: &'static str,
}

impl EngineOption {
    /// Every option, sorted by key.
    pub fn all() -> &'static [Self] {
        table::OPEN
    }

    /// The option of a key, given without `datafusion.`.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|option| option.name() == name)
    }

    /// Its key without `datafusion.`, as `[profile.datafusion]` has it.
    pub fn name(&self) -> &'static str {
        &self.key[ENGINE.len()..]
    }

    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        let name = self.key.to_ascii_uppercase().replace('.', "__");
        format!("{}{name}", crate::layers::PREFIX)
    }

    /// Reads a value and gives it as it stands among the effective settings.
    pub(crate) fn read(&self, raw: &Raw<'_>) -> Result<String, Error> {
        self.kind.read(raw).map_err(|refusal| match refusal {
            Refusal::WrongType(found) => Error::WrongType {
                knob: self.key,
                accepts: self.kind.accepts(),
                found,
                example: self.kind.accepts(),
            },
            Refusal::NotAccepted { value, reason, help } => {
                Error::NotAccepted { knob: self.key, value, reason, help }
            }
        })
    }
}

impl RefusedOption {
    /// Every refused option, sorted by key.
    pub fn all() -> &'static [Self] {
        table::REFUSED
    }
}

impl OptionKind {
    /// What is taken, to go after "takes".
    pub fn accepts(self) -> String {
        match self {
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Count(min, max) => format!("an integer from {min} to {max}"),
            Self::Size => "a size such as \"64MiB\"".to_owned(),
            Self::SizeOrOff => "a size such as \"64MiB\", or \"off\"".to_owned(),
            Self::Fraction => "a number from 0.0 to 1.0".to_owned(),
            Self::Word(words) => format!("one of {}", quoted(words)),
            Self::Words(words, alone) => {
                format!(
                    "some of {} with commas between them, or one of {}",
                    quoted(words),
                    quoted(&alone)
                )
            }
        }
    }

    pub(crate) fn in_bytes(self) -> bool {
        matches!(self, Self::Size | Self::SizeOrOff)
    }

    fn read(self, raw: &Raw<'_>) -> Result<String, Refusal> {
        match self {
            Self::Flag => <bool as crate::value::KnobValue>::read(raw).map(|flag| flag.to_string()),
            Self::Count(min, max) => integer(raw, min, max).map(|number| number.to_string()),
            Self::SizeOrOff if matches!(raw, Raw::Text("off") | Raw::Untyped("off")) => {
                Ok("off".to_owned())
            }
            Self::Size | Self::SizeOrOff => {
                let text = text(raw)?;
                match text.parse::<ByteSize>() {
                    Ok(size) => Ok(size.to_string()),
                    Err(error) => Err(refuse_size(text, error, &self.accepts())),
                }
            }
            Self::Fraction => fraction(raw),
            Self::Word(words) => word(text(raw)?, words),
            Self::Words(words, alone) => {
                let text = text(raw)?;
                if alone.contains(&text) {
                    return Ok(text.to_owned());
                }
                let mut given = text
                    .split(',')
                    .map(|part| word(part.trim(), words))
                    .collect::<Result<Vec<_>, _>>()?;
                // In the order of the table, so that one set has one spelling.
                given.sort_by_key(|given| words.iter().position(|word| word == given));
                given.dedup();
                Ok(given.join(","))
            }
        }
    }
}

fn word(text: &str, words: &'static [&'static str]) -> Result<String, Refusal> {
    match words.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(refuse_word(text, words.iter().copied())),
    }
}

fn fraction(raw: &Raw<'_>) -> Result<String, Refusal> {
    let written = match raw {
        Raw::Float(text) | Raw::Untyped(text) => (*text).to_owned(),
        Raw::Integer(digits, 10) => (*digits).to_owned(),
        raw => return Err(wrong_type(raw)),
    };
    let number = written.replace('_', "").parse::<f64>().ok();
    match number.filter(|number| (0.0..=1.0).contains(number)) {
        // Adding zero makes one zero of the two there are.
        Some(number) => Ok((number + 0.0).to_string()),
        None => Err(Refusal::NotAccepted {
            value: written,
            reason: "it is not a number from 0.0 to 1.0".to_owned(),
            help: "write a number from 0.0 to 1.0, such as 0.5".to_owned(),
        }),
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// The option of a name without `datafusion.`.
pub(crate) fn find(name: &str) -> Result<&'static EngineOption, Error> {
    if let Some(option) = EngineOption::named(name) {
        return Ok(option);
    }
    let key = format!("{ENGINE}{name}");
    if let Some(knob) = Knob::all().iter().find(|knob| knob.key == Some(&key)) {
        return Err(Error::RefusedOption {
            key,
            reason: format!("it is the knob `{}`", knob.name),
            help: format!("write {} in [profile]", knob.example_line()),
        });
    }
    if let Some(refused) = RefusedOption::all().iter().find(|refused| refused.key == key) {
        return Err(Error::RefusedOption {
            key,
            reason: refused.reason.to_owned(),
            help: "remove it".to_owned(),
        });
    }
    let nearest = viewlane_core::nearest(name, EngineOption::all().iter().map(EngineOption::name));
    Err(Error::UnknownOption { name: name.to_owned(), nearest })
}

#[cfg(test)]
mod tests;

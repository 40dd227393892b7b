use viewlane_core::{Code, Diagnostic, Kinded};

use crate::{Knob, Preset, codes};

/// Why a profile, or a session under it, could not be made.
///
/// Advice is beside the message: [`help`](Self::help).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no preset of this name.
    #[error("there is no preset `{name}`")]
    UnknownPreset {
        /// The name given.
        name: String,
        /// The preset it was likely meant to be.
        nearest: Option<&'static str>,
    },
    /// There is no knob of this name.
    #[error("there is no knob `{name}`")]
    UnknownKnob {
        /// The name given.
        name: String,
        /// The knob it was likely meant to be.
        nearest: Option<&'static str>,
    },
    /// The value is not of the type the knob takes.
    #[error("`{knob}` takes {accepts}, not {found}")]
    WrongType {
        /// The knob.
        knob: &'static str,
        /// What it takes.
        accepts: String,
        /// What it was given, with its article.
        found: &'static str,
        /// A value it takes, as written in `viewlane.toml`.
        example: String,
    },
    /// The value is of the right type, and the knob does not take it.
    #[error("`{knob}` does not take `{value}`: {reason}")]
    NotAccepted {
        /// The knob.
        knob: &'static str,
        /// The value given.
        value: String,
        /// What is wrong with it.
        reason: String,
        /// What to write instead.
        help: String,
    },
    /// Two knobs that were both given cannot both hold.
    #[error("`{knob}` has no meaning when `{other}` is `{value}`")]
    Contradiction {
        /// The knob that loses its meaning.
        knob: &'static str,
        /// The knob that takes it away.
        other: &'static str,
        /// The value by which it does.
        value: String,
        /// What to do with the other knob, if the first is to stay.
        instead: &'static str,
    },
    /// The engine has no option of this key that could be set.
    #[error("there is no option `{name}` of the engine")]
    UnknownOption {
        /// The key given, without `datafusion.`.
        name: String,
        /// The option it was likely meant to be.
        nearest: Option<&'static str>,
    },
    /// The engine has this option, and it cannot be set here.
    #[error("`{key}` cannot be set: {reason}")]
    RefusedOption {
        /// Its key.
        key: String,
        /// Why not.
        reason: String,
        /// What to do instead.
        help: String,
    },
    /// An environment variable with the prefix of profiles sets nothing.
    #[error("the environment variable `{name}` sets nothing")]
    UnknownVariable {
        /// Its name.
        name: String,
        /// The variable it was likely meant to be.
        nearest: Option<String>,
    },
    /// Two flags set the same.
    #[error("`{name}` is given twice")]
    GivenTwice {
        /// The name given.
        name: String,
    },
    /// Two object stores, or two table factories, were registered under one name.
    #[error("there are two {what} for `{name}`")]
    RegisteredTwice {
        /// What was registered.
        what: &'static str,
        /// Under which name.
        name: String,
    },
    /// The engine does not take an effective setting.
    #[error("the engine does not take `{value}` for `{key}`")]
    Setting {
        /// Key of the effective setting.
        key: String,
        /// Its value.
        value: String,
        /// The engine's own account.
        #[source]
        source: EngineError,
    },
    /// Memory pool, spill directory or caches could not be made.
    #[error("cannot build the runtime that spills into `{spill_dir}`")]
    Runtime {
        /// The folder for spill files.
        spill_dir: String,
        /// The engine's own account.
        #[source]
        source: EngineError,
    },
}

/// The engine's own account of a failure. Opaque, so that an upgrade of the engine is not a
/// breaking change here.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EngineError(Box<dyn std::error::Error + Send + Sync>);

impl EngineError {
    #[cfg(feature = "datafusion")]
    pub(crate) fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl Error {
    /// What to do, in one sentence.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::UnknownPreset { nearest: Some(near), .. }
            | Self::UnknownKnob { nearest: Some(near), .. } => {
                Some(format!("did you mean `{near}`?"))
            }
            Self::UnknownPreset { nearest: None, .. } => {
                Some(format!("presets are {}", list(Preset::ALL.map(Preset::name))))
            }
            Self::UnknownKnob { nearest: None, .. } => {
                Some("docs/profile.md lists the knobs".to_owned())
            }
            Self::WrongType { example, .. } => Some(format!("write {example}")),
            Self::NotAccepted { help, .. } => Some(help.clone()),
            Self::Contradiction { knob, instead, .. } => {
                Some(format!("remove `{knob}`, or {instead}"))
            }
            Self::UnknownOption { nearest: Some(near), .. } => {
                Some(format!("did you mean `{near}`?"))
            }
            Self::UnknownOption { nearest: None, .. } => {
                Some("docs/profile.md lists the options that can be set".to_owned())
            }
            Self::RefusedOption { help, .. } => Some(help.clone()),
            Self::UnknownVariable { nearest: Some(near), .. } => {
                Some(format!("did you mean `{near}`?"))
            }
            Self::UnknownVariable { nearest: None, .. } => {
                Some("docs/profile.md lists the knobs; unset the variable".to_owned())
            }
            Self::GivenTwice { .. } => Some("remove one of them".to_owned()),
            Self::RegisteredTwice { .. } => Some("register one of them".to_owned()),
            Self::Setting { key, .. } => Knob::all()
                .iter()
                .find(|knob| knob.key == Some(key))
                .map(|knob| format!("write another value, such as {}", knob.example_line())),
            Self::Runtime { .. } => {
                Some("set `spill_dir` to a folder that can be written to".to_owned())
            }
        }
    }

    /// The error as a finding, without a place.
    pub fn to_diagnostic(&self) -> Diagnostic {
        let mut found = Diagnostic::error(self.code(), self.to_string());
        if let Some(help) = self.help() {
            found = found.help(help);
        }
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            found = found.because(error.to_string());
            cause = error.source();
        }
        found
    }
}

impl Kinded for Error {
    fn code(&self) -> Code {
        match self {
            Self::UnknownPreset { .. } => codes::UNKNOWN_PRESET,
            Self::UnknownKnob { .. } => codes::UNKNOWN_KNOB,
            Self::WrongType { .. } => codes::WRONG_TYPE,
            Self::NotAccepted { .. } => codes::NOT_ACCEPTED,
            Self::Contradiction { .. } => codes::CONTRADICTION,
            Self::UnknownOption { .. } => codes::UNKNOWN_OPTION,
            Self::RefusedOption { .. } => codes::REFUSED_OPTION,
            Self::UnknownVariable { .. } => codes::UNKNOWN_VARIABLE,
            Self::GivenTwice { .. } => codes::GIVEN_TWICE,
            Self::RegisteredTwice { .. } => codes::REGISTERED_TWICE,
            Self::Setting { .. } => codes::SETTING,
            Self::Runtime { .. } => codes::RUNTIME,
        }
    }
}

fn list(names: impl IntoIterator<Item = &'static str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

use std::collections::BTreeMap;

use viewlane_core::{Diagnostic, SourceText};

use crate::{
    EngineOption, Error, Knob, Origin, Preset, Profile, from_toml,
    knobs::Knobs,
    options::{self, ENGINE},
    profile::{self, Base},
    value::Raw,
};

/// How environment variables that set something begin.
pub(crate) const PREFIX: &str = "VIEWLANE_PROFILE_";

/// The key that names a preset. Not a knob: it is read before all of them.
pub(crate) const PRESET: &str = "preset";

/// What one source of settings says.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) preset: Option<(Preset, Origin)>,
    /// Only those in `given` were said.
    pub(crate) knobs: Knobs,
    pub(crate) options: BTreeMap<&'static str, String>,
    /// Names of knobs and keys of options, each with the place where it was said.
    pub(crate) given: BTreeMap<&'static str, Origin>,
}

impl Draft {
    /// Takes a knob, an option by its full key, or the preset, from text.
    pub(crate) fn set(&mut self, name: &str, raw: &Raw<'_>, origin: Origin) -> Result<(), Error> {
        if name == PRESET {
            self.preset = Some((from_toml::read_preset(raw)?, origin));
        } else if let Some(name) = name.strip_prefix(ENGINE) {
            self.set_option(options::find(name)?, raw, origin)?;
        } else {
            self.set_knob(profile::find(name)?, raw, origin)?;
        }
        Ok(())
    }

    pub(crate) fn set_knob(
        &mut self,
        knob: &'static Knob,
        raw: &Raw<'_>,
        origin: Origin,
    ) -> Result<(), Error> {
        knob.set(&mut self.knobs, raw)?;
        self.given.insert(knob.name, origin);
        Ok(())
    }

    pub(crate) fn set_option(
        &mut self,
        option: &'static EngineOption,
        raw: &Raw<'_>,
        origin: Origin,
    ) -> Result<(), Error> {
        self.options.insert(option.key, option.read(raw)?);
        self.given.insert(option.key, origin);
        Ok(())
    }
}

/// Loads a profile from its sources: preset ← files ← environment ← flags, of which each overrides
/// what stands to its left.
///
/// The preset is the one that the last of them names, and knobs of all of them hold over it: a flag
/// that names another preset leaves what a file says about a knob in force. In whichever order the
/// methods are called, sources rank as above; of several files, the later ranks higher.
///
/// ```
/// use viewlane_core::SourceText;
/// use viewlane_runtime_profile::Profile;
///
/// let text = SourceText::new("viewlane.toml", "preset = \"prod\"\nbatch_size = 1024\n");
/// let table = toml::de::DeTable::parse(text.text())?;
/// let profile = Profile::layers()
///     .file(table.get_ref(), &text)
///     .environment([("VIEWLANE_PROFILE_BATCH_SIZE", "2048"), ("HOME", "/root")])
///     .flag("memory_limit", "1GiB")
///     .load()
///     .expect("nothing is wrong");
///
/// assert_eq!(profile.origin("batch_size").unwrap().to_string(), "environment variable `VIEWLANE_PROFILE_BATCH_SIZE`");
/// assert_eq!(profile.origin("memory_limit").unwrap().to_string(), "flag `memory_limit`");
/// assert_eq!(profile.origin("memory_pool").unwrap().to_string(), "preset `prod`");
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "nothing is loaded until `load` is called"]
pub struct Layers {
    files: Vec<Draft>,
    environment: Draft,
    flags: Draft,
    found: Vec<Diagnostic>,
}

impl Profile {
    /// Starts with nothing, which is the preset `default`.
    pub fn layers() -> Layers {
        Layers::default()
    }
}

impl Layers {
    /// Reads the table `[profile]` of a file.
    pub fn file(mut self, table: &toml::de::DeTable<'_>, source: &SourceText) -> Self {
        let (draft, found) = from_toml::read(table, source);
        self.files.push(draft);
        self.found.extend(found);
        self
    }

    /// Reads those environment variables that begin with `VIEWLANE_PROFILE_`; what follows is
    /// `PRESET`, the name of a knob in capitals, or `DATAFUSION__` and the key of an option of the
    /// engine with two underscores for each dot. Others are passed over.
    pub fn environment<N: AsRef<str>, V: AsRef<str>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        // Sorted, so that problems are told in the same order each time.
        let variables: BTreeMap<String, String> = variables
            .into_iter()
            .filter(|(name, _)| name.as_ref().starts_with(PREFIX))
            .map(|(name, value)| (name.as_ref().to_owned(), value.as_ref().to_owned()))
            .collect();
        for (name, value) in variables {
            let origin = Origin::Environment(name.clone());
            let set = named(&name).and_then(|known| {
                self.environment.set(&known, &Raw::Untyped(&value), origin.clone())
            });
            if let Err(error) = set {
                self.found.push(told(&error, &origin));
            }
        }
        self
    }

    /// Takes one flag, such as `batch_size` and `4096`. The name is `preset`, that of a knob, or the
    /// key of an option of the engine with `datafusion.` before it. Two flags of one name are an
    /// error.
    pub fn flag(mut self, name: &str, value: &str) -> Self {
        let origin = Origin::Flag(name.to_owned());
        let again =
            self.flags.given.contains_key(name) || (name == PRESET && self.flags.preset.is_some());
        let set = match again {
            true => Err(Error::GivenTwice { name: name.to_owned() }),
            false => self.flags.set(name, &Raw::Untyped(value), origin.clone()),
        };
        if let Err(error) = set {
            let error = match error {
                Error::UnknownKnob { .. } => from_toml::with_preset_in_mind(name, error),
                error => error,
            };
            self.found.push(told(&error, &origin));
        }
        self
    }

    /// The profile.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with any of the sources, and what two of them say that cannot both
    /// hold: what has a place in a file first, from top to bottom.
    pub fn load(self) -> Result<Profile, Vec<Diagnostic>> {
        let drafts: Vec<_> = self.files.iter().chain([&self.environment, &self.flags]).collect();
        let preset = drafts.iter().rev().find_map(|draft| draft.preset.as_ref());
        let base = Base::of(preset.map_or(Preset::Default, |(preset, _)| *preset));
        finish(base, &drafts, self.found)
    }
}

/// Lays drafts over a base, and adds what they say that cannot hold together.
pub(crate) fn finish(
    mut base: Base,
    drafts: &[&Draft],
    mut found: Vec<Diagnostic>,
) -> Result<Profile, Vec<Diagnostic>> {
    let mut given = BTreeMap::new();
    for draft in drafts {
        base.lay_over(draft);
        given.extend(draft.given.iter().map(|(name, origin)| (*name, origin)));
    }
    for error in profile::contradictions(&base.knobs, |name| given.contains_key(name)) {
        let Error::Contradiction { knob, other, .. } = error else { continue };
        let mut told = told(&error, given[knob]);
        let both_in_files =
            [knob, other].iter().all(|name| matches!(given[*name], Origin::File(_)));
        if !both_in_files {
            told = told.because(format!("`{other}` is from {}", given[other]));
        }
        found.push(told);
    }
    if found.is_empty() {
        return Ok(Profile::new(base));
    }
    // A table is sorted by key; people read from top to bottom.
    found.sort_by_key(|found| match &found.location {
        Some(place) => (0, place.file.clone(), place.line, place.column),
        None => (1, String::new(), 0, 0),
    });
    Err(found)
}

/// An error as a finding, at its place or with its origin as the cause.
fn told(error: &Error, origin: &Origin) -> Diagnostic {
    let told = error.to_diagnostic();
    match origin {
        Origin::File(place) => told.at(place.clone()),
        // The message names the variable itself.
        Origin::Environment(_) if matches!(error, Error::UnknownVariable { .. }) => told,
        origin => told.because(format!("it is from {origin}")),
    }
}

/// What a variable with the prefix sets.
fn named(variable: &str) -> Result<String, Error> {
    let name = variable.strip_prefix(PREFIX).unwrap_or(variable);
    if name.starts_with("DATAFUSION__") && !name.contains(char::is_lowercase) {
        return Ok(name.to_ascii_lowercase().replace("__", "."));
    }
    let known = || Knob::all().iter().map(|knob| knob.name).chain([PRESET]);
    if let Some(known) = known().find(|known| known.to_ascii_uppercase() == name) {
        return Ok(known.to_owned());
    }
    let nearest = viewlane_core::nearest(name, known());
    Err(Error::UnknownVariable {
        name: variable.to_owned(),
        nearest: nearest.map(|known| format!("{PREFIX}{}", known.to_ascii_uppercase())),
    })
}

#[cfg(test)]
mod tests;

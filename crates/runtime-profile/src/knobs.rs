//! What a knob is, and the macro by which the one table of knobs becomes fields, defaults, keys,
//! documentation and setters.

use crate::{
    Error, Profile,
    value::{Raw, Refusal},
};

mod table;

pub(crate) use table::Knobs;
pub use table::{
    CacheKnobs, CatalogKnobs, DeterminismKnobs, ExecutionKnobs, ExplainKnobs, FeatureKnobs, Group,
    JoinKnobs, MemoryKnobs, OptimizerKnobs, ParallelismKnobs, ReadingKnobs, SqlKnobs, WritingKnobs,
};

/// One thing a profile can be told, as `[profile]` in `viewlane.toml` names it.
///
/// ```
/// use viewlane_runtime_profile::{Knob, Profile};
///
/// let knob = Knob::named("batch_size").expect("it is in the table");
/// assert_eq!(knob.key, Some("datafusion.execution.batch_size"));
/// assert_eq!(knob.value(&Profile::default()), "8192");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Knob {
    /// Its name in `viewlane.toml`.
    pub name: &'static str,
    /// What it is about.
    pub group: Group,
    /// What it takes.
    pub accepts: &'static str,
    /// A value it takes, as written in `viewlane.toml`. Never the default.
    pub example: &'static str,
    /// Its key among the effective settings; `None` when it is applied and not hashed.
    pub key: Option<&'static str>,
    /// Whether it changes what a statement means, and not only how fast it runs.
    pub meaning: bool,
    documentation: &'static str,
    /// Whether the value is written as a string in TOML.
    quoted: bool,
    /// Whether the engine takes the number of bytes.
    pub(crate) in_bytes: bool,
    pub(crate) show: fn(&Knobs) -> String,
    pub(crate) setting: fn(&Knobs) -> String,
    pub(crate) copy: fn(&mut Knobs, &Knobs),
    read: fn(&mut Knobs, &Raw<'_>) -> Result<(), Refusal>,
}

impl Knob {
    /// Every knob, in the order of the documentation.
    pub fn all() -> &'static [Self] {
        table::KNOBS
    }

    /// The knob of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|knob| knob.name == name)
    }

    /// What it does, with unit and default.
    pub fn documentation(&self) -> &'static str {
        self.documentation.trim()
    }

    /// Its value in a profile, as written in `viewlane.toml` without quotes; empty when unset.
    pub fn value(&self, profile: &Profile) -> String {
        (self.show)(profile.knobs())
    }

    /// The example as a line of `viewlane.toml`.
    pub fn example_line(&self) -> String {
        format!("`{} = {}`", self.name, self.toml(self.example))
    }

    /// The environment variable that sets it.
    pub fn variable(&self) -> String {
        format!("{}{}", crate::layers::PREFIX, self.name.to_ascii_uppercase())
    }

    pub(crate) fn set(&self, knobs: &mut Knobs, raw: &Raw<'_>) -> Result<(), Error> {
        (self.read)(knobs, raw).map_err(|refusal| match refusal {
            Refusal::WrongType(found) => Error::WrongType {
                knob: self.name,
                accepts: self.accepts.to_owned(),
                found,
                example: self.example_line(),
            },
            Refusal::NotAccepted { value, reason, help } => {
                Error::NotAccepted { knob: self.name, value, reason, help }
            }
        })
    }

    /// A value as written in `viewlane.toml`. A value such as `auto` is quoted where numbers are not.
    pub(crate) fn toml(&self, value: &str) -> String {
        let bare = value == "true" || value == "false" || value.parse::<u64>().is_ok();
        if self.quoted || !bare { format!("\"{value}\"") } else { value.to_owned() }
    }
}

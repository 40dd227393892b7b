use serde::Serialize;
use viewlane_core::{Fingerprint, FunctionKind, Volatility, nearest};

use crate::{Lane, OwnFunction, Pack, Tier};

/// All there is to know about the functions of a session, or of this crate.
///
/// Sorted by name and kind, and made of facts only: the same bytes on every machine.
///
/// ```
/// use viewlane_udf_catalog::FunctionSnapshot;
///
/// let snapshot = FunctionSnapshot::own();
/// let entry = snapshot.find("hash64").expect("aliases are found, too");
/// assert_eq!(entry.name, "stable_hash64");
/// assert_eq!(entry.parameters, ["text"]);
/// assert_eq!(snapshot.fingerprint(), FunctionSnapshot::own().fingerprint());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FunctionSnapshot {
    functions: Vec<FunctionEntry>,
}

/// One function of a [`FunctionSnapshot`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FunctionEntry {
    /// Canonical name.
    pub name: String,
    /// Other names, sorted.
    pub aliases: Vec<String>,
    /// Scalar, aggregate, window or table.
    pub kind: FunctionKind,
    /// What it is made of.
    pub tier: Tier,
    /// The set it is registered with.
    pub pack: Pack,
    /// The ways in which a call can be carried out, the preferred one first.
    pub lanes: Vec<Lane>,
    /// How its result depends on its arguments.
    pub volatility: Volatility,
    /// Whether it can fail. A function whose author does not say is taken to.
    pub fallible: bool,
    /// Names of its parameters, in order; empty when they are not known.
    pub parameters: Vec<String>,
    /// The types it takes, one text for each list of arguments; empty when they are not known.
    pub signatures: Vec<String>,
    /// The type of its result; empty when it is not known.
    pub returns: String,
    /// What it is about, sorted.
    pub tags: Vec<String>,
    /// What it does; empty when its author does not say.
    pub description: String,
    /// How it is called; empty when its author does not say.
    pub syntax: String,
    /// A query that shows it; empty when there is none.
    pub example: String,
    /// What each parameter is, as far as its author says: name and description.
    pub arguments: Vec<(String, String)>,
    /// The chapter of the documentation.
    pub section: String,
}

impl FunctionSnapshot {
    /// The functions of this crate's table.
    pub fn own() -> Self {
        Self::new(OwnFunction::all().iter().map(|row| FunctionEntry::of(row)).collect())
    }

    /// Puts entries into order; of two with one name and kind the first stays.
    pub fn new(mut functions: Vec<FunctionEntry>) -> Self {
        functions.sort_by(|one, other| (&one.name, one.kind).cmp(&(&other.name, other.kind)));
        functions.dedup_by(|later, first| (&later.name, later.kind) == (&first.name, first.kind));
        Self { functions }
    }

    /// The functions, sorted by name and kind.
    pub fn functions(&self) -> &[FunctionEntry] {
        &self.functions
    }

    /// The function of a name or alias: the first by kind, as an expression would find it.
    pub fn find(&self, name: &str) -> Option<&FunctionEntry> {
        let named = |entry: &&FunctionEntry| entry.names().any(|known| known == name);
        self.functions.iter().filter(named).min_by_key(|entry| (entry.name != name, entry.kind))
    }

    /// The known name that an unknown one was likely meant to be.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.functions.iter().flat_map(FunctionEntry::names))
    }

    /// Digest over everything but the texts for people, in the domain `function-snapshot`.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut builder = Fingerprint::builder("function-snapshot");
        for entry in &self.functions {
            builder = entry.feed(builder);
        }
        builder.finish()
    }

    /// One row of texts for each function, for a command that lists them: name, kind, tier,
    /// volatility, syntax and description.
    ///
    /// ```
    /// let rows = viewlane_udf_catalog::FunctionSnapshot::own().listing();
    /// assert!(rows.iter().any(|row| row[0] == "stable_id" && row[4] == "stable_id(prefix, text)"));
    /// ```
    pub fn listing(&self) -> Vec<[String; 6]> {
        self.functions
            .iter()
            .map(|entry| {
                [
                    entry.name.clone(),
                    entry.kind.as_str().to_owned(),
                    entry.tier.to_string(),
                    entry.volatility.as_str().to_owned(),
                    entry.syntax.clone(),
                    entry.description.clone(),
                ]
            })
            .collect()
    }
}

impl FunctionEntry {
    /// What the table of this crate says about a function.
    pub fn of(row: &OwnFunction) -> Self {
        let texts =
            |texts: &[&str]| -> Vec<String> { texts.iter().map(|t| (*t).to_owned()).collect() };
        let mut aliases = texts(row.aliases);
        aliases.sort();
        Self {
            name: row.name.to_owned(),
            aliases,
            kind: row.kind,
            tier: row.tier,
            pack: row.pack,
            lanes: row.lanes.to_vec(),
            volatility: row.volatility,
            fallible: row.fallible,
            parameters: row.parameters.iter().map(|p| p.name.to_owned()).collect(),
            signatures: row.signatures(),
            returns: row.returns.to_string(),
            tags: texts(row.tags),
            description: row.description.to_owned(),
            syntax: row.syntax(),
            example: row.example.to_owned(),
            arguments: row
                .parameters
                .iter()
                .map(|p| (p.name.to_owned(), p.description.to_owned()))
                .collect(),
            section: row.pack.to_string(),
        }
    }

    /// Its canonical name, then its aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [self.name.as_str()].into_iter().chain(self.aliases.iter().map(String::as_str))
    }

    fn feed(
        &self,
        builder: viewlane_core::FingerprintBuilder,
    ) -> viewlane_core::FingerprintBuilder {
        let lanes = self.lanes.iter().map(|lane| lane.as_str());
        builder
            .field("name", &self.name)
            .list("aliases", &self.aliases)
            .field("kind", self.kind.as_str())
            .field("tier", self.tier.as_str())
            .field("pack", self.pack.as_str())
            .list("lanes", lanes)
            .field("volatility", self.volatility.as_str())
            .field("fallible", [u8::from(self.fallible)])
            .list("parameters", &self.parameters)
            .list("signatures", &self.signatures)
            .field("returns", &self.returns)
            .list("tags", &self.tags)
    }
}

#[cfg(test)]
mod tests;

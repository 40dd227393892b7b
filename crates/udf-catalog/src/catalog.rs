use std::collections::BTreeMap;

use serde::Serialize;
use viewlane_core::{Fingerprint, FunctionFacts, FunctionKind, FunctionSource, nearest};

use crate::{Error, OwnFunction};

/// What is known about functions, by every name a statement can use for them.
///
/// One name can stand for several functions, because SQL tells them apart by place: `range` is a
/// scalar function in a SELECT list and a table function in FROM; `first_value` is an aggregate, and
/// with OVER a window function.
///
/// ```
/// use viewlane_core::{FunctionSource, Volatility};
/// use viewlane_udf_catalog::FunctionCatalog;
///
/// let catalog = FunctionCatalog::own();
/// let facts = catalog.facts("hash64").expect("an alias leads to the function");
/// assert_eq!(facts.name, "stable_hash64");
/// assert_eq!(facts.volatility, Volatility::Immutable);
/// assert_eq!(catalog.nearest("stabel_hash64"), Some("stable_hash64"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct FunctionCatalog {
    names: BTreeMap<String, BTreeMap<FunctionKind, FunctionFacts>>,
}

impl FunctionCatalog {
    /// A catalog that knows nothing: not even the functions of the engine.
    pub fn new() -> Self {
        Self::default()
    }

    /// The functions of this crate.
    pub fn own() -> Self {
        let mut catalog = Self::new();
        for function in OwnFunction::all() {
            for name in function.names() {
                catalog.put(name, function.facts());
            }
        }
        catalog
    }

    /// Adds one function under its name and its aliases. Adding the same again changes nothing.
    ///
    /// # Errors
    ///
    /// [`Error::ConflictingFacts`] when one of the names means another function already; the catalog
    /// is then as it was.
    pub fn add<'a>(
        &mut self,
        facts: &FunctionFacts,
        aliases: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Error> {
        let mut other = Self::new();
        other.put(&facts.name, facts.clone());
        for alias in aliases {
            other.put(alias, facts.clone());
        }
        self.merge(&other)
    }

    /// Adds everything another catalog knows.
    ///
    /// # Errors
    ///
    /// [`Error::ConflictingFacts`] for the first name that means another function already; the
    /// catalog is then as it was.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        for (name, given) in other.iter() {
            if let Some(known) = self.meanings(name).find(|known| conflict(known, given)) {
                return Err(Error::ConflictingFacts {
                    name: name.to_owned(),
                    known: known.clone(),
                    given: given.clone(),
                });
            }
        }
        for (name, given) in other.iter() {
            self.put(name, given.clone());
        }
        Ok(())
    }

    /// All that a name can mean, in the order in which the planner of an expression would look:
    /// scalar, aggregate, window, then table functions.
    pub fn meanings(&self, name: &str) -> impl Iterator<Item = &FunctionFacts> {
        self.names.get(name).into_iter().flat_map(BTreeMap::values)
    }

    /// What a name means as a function of one kind.
    pub fn facts_as(&self, name: &str, kind: FunctionKind) -> Option<&FunctionFacts> {
        self.names.get(name)?.get(&kind)
    }

    /// Every name and alias with all it can mean, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FunctionFacts)> {
        self.names
            .iter()
            .flat_map(|(name, meanings)| meanings.values().map(move |facts| (name.as_str(), facts)))
    }

    /// Every name and alias, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// The known name that an unknown one was likely meant to be.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.names())
    }

    /// Digest over all that is known, in the domain `functions`.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut builder = Fingerprint::builder("functions");
        for (name, FunctionFacts { name: canonical, kind, volatility }) in self.iter() {
            builder = builder.list(
                name,
                [canonical.as_bytes(), kind.as_str().as_bytes(), volatility.as_str().as_bytes()],
            );
        }
        builder.finish()
    }

    pub(crate) fn put(&mut self, name: &str, facts: FunctionFacts) {
        self.names.entry(name.to_owned()).or_default().insert(facts.kind, facts);
    }
}

/// Of several meanings the first of [`meanings`](FunctionCatalog::meanings): what the name means in
/// an expression, and a table function only when it means nothing there.
impl FunctionSource for FunctionCatalog {
    fn facts(&self, name: &str) -> Option<FunctionFacts> {
        self.meanings(name).next().cloned()
    }
}

/// Whether one name cannot mean both. A scalar function hides aggregates and window functions of its
/// name; all else is told apart by place.
fn conflict(known: &FunctionFacts, given: &FunctionFacts) -> bool {
    use FunctionKind::{Aggregate, Scalar, Window};

    match (known.kind, given.kind) {
        (Scalar, Aggregate | Window) | (Aggregate | Window, Scalar) => true,
        (one, other) => one == other && known != given,
    }
}

#[cfg(test)]
mod tests;

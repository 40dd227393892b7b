//! The one table of our own functions: facts, documentation and signatures come from it.

use viewlane_core::{FunctionFacts, FunctionKind, Volatility};

/// What there is to know about one of our own functions without running it.
#[derive(Debug)]
#[non_exhaustive]
pub struct OwnFunction {
    /// Canonical name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Scalar, aggregate, window or table.
    pub kind: FunctionKind,
    /// How its result depends on its arguments.
    pub volatility: Volatility,
    /// Its parameters, in order; each can be given by name.
    pub parameters: &'static [Parameter],
    /// The type of its result, for people.
    pub returns: &'static str,
    /// What it does.
    pub description: &'static str,
    /// A query that shows it.
    pub example: &'static str,
    /// What the query of the example gives, as text.
    pub example_result: &'static str,
}

/// A parameter of one of our own functions.
#[derive(Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name, as in `f(name => value)`.
    pub name: &'static str,
    /// What it takes, for people.
    pub description: &'static str,
}

/// Sorted by name.
static OWN: &[OwnFunction] = &[
    OwnFunction {
        name: "stable_hash64",
        aliases: &["hash64"],
        kind: FunctionKind::Scalar,
        volatility: Volatility::Immutable,
        parameters: &[Parameter { name: "text", description: "string of any kind" }],
        returns: "BIGINT",
        description: "A hash of a text that is the same on every machine and in every version: the \
                      BLAKE2b digest of 8 bytes over its UTF-8 bytes, read as a big-endian number \
                      without its highest bit, so never negative. NULL gives NULL.",
        example: "SELECT stable_hash64('alpha')",
        example_result: "5982700193828047002",
    },
    OwnFunction {
        name: "utf8_null_if_blank",
        aliases: &["null_if_blank"],
        kind: FunctionKind::Scalar,
        volatility: Volatility::Immutable,
        parameters: &[Parameter { name: "text", description: "string of any kind" }],
        returns: "the type of `text`",
        description: "NULL when a text is empty or has nothing but white space, as Unicode defines \
                      it; else the text as it is, untrimmed.",
        example: "SELECT utf8_null_if_blank('  ') IS NULL",
        example_result: "true",
    },
];

impl OwnFunction {
    /// Every function of this crate, sorted by name.
    pub fn all() -> &'static [Self] {
        OWN
    }

    /// The function of this canonical name.
    pub fn named(name: &str) -> Option<&'static Self> {
        OWN.iter().find(|function| function.name == name)
    }

    /// Its facts.
    pub fn facts(&self) -> FunctionFacts {
        FunctionFacts { name: self.name.to_owned(), kind: self.kind, volatility: self.volatility }
    }

    /// Its canonical name, then its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.name].into_iter().chain(self.aliases.iter().copied())
    }

    /// How it is called: `f(a, b)`.
    pub fn syntax(&self) -> String {
        let parameters: Vec<_> = self.parameters.iter().map(|p| p.name).collect();
        format!("{}({})", self.name, parameters.join(", "))
    }
}

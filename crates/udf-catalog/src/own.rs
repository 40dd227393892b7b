//! The one table of our own functions: registration, signatures, documentation, the snapshot and
//! the parity check all come from it.

use std::{fmt, sync::LazyLock};

use viewlane_core::{FunctionFacts, FunctionKind, Volatility};

mod aggregates;
mod cdf;
mod delta;
mod engine;
mod hashing;
mod nested;
mod spans;
mod tables;
mod text;
mod windows;

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
    /// Which set of functions it is registered with.
    pub pack: Pack,
    /// What it is made of.
    pub tier: Tier,
    /// The ways in which a call can be carried out, the preferred one first.
    pub lanes: &'static [Lane],
    /// How its result depends on its arguments.
    pub volatility: Volatility,
    /// Whether a value of the right type can make it fail.
    pub fallible: bool,
    /// Its parameters, in order; each can be given by name.
    pub parameters: &'static [Parameter],
    /// The type of its result.
    pub returns: Returns,
    /// When its result is NULL.
    pub nulls: Nulls,
    /// What it is about, sorted: rewrites and searches select by these words.
    pub tags: &'static [&'static str],
    /// What it does.
    pub description: &'static str,
    /// A query that shows it.
    pub example: &'static str,
    /// What the query of the example gives in its first row and column, as text.
    pub example_result: &'static str,
}

/// A parameter of one of our own functions.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// Its name, as in `f(name => value)`.
    pub name: &'static str,
    /// The types it takes.
    pub takes: Takes,
    /// What stands for it when it is left out, in SQL; without one it must be given.
    pub default: Option<&'static str>,
    /// Whether it can be given several times; only the last parameter can.
    pub repeated: bool,
    /// Whether it must be a literal.
    pub constant: bool,
    /// A value for it in SQL that the function accepts: the parity check calls with it.
    pub sample: &'static str,
    /// What it is, for people.
    pub description: &'static str,
}

/// The types a parameter takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Takes {
    /// A string of any kind.
    Text,
    /// A whole number of any width.
    Integer,
    /// True or false.
    Boolean,
    /// A string of any kind or a whole number.
    TextOrInteger,
    /// Any type that has a text: not a list, map or structure.
    Plain,
    /// Any type.
    Any,
    /// Any type whose values have an order.
    Ordered,
    /// The type of the parameter before it.
    LikeBefore,
    /// A list of any kind.
    List,
    /// A map.
    Map,
    /// A key of the map that is the first argument.
    KeyOfMap,
    /// A value of the map that is the first argument.
    ValueOfMap,
    /// A structure.
    Struct,
    /// A structure with whole numbers `bstart` and `bend`.
    Span,
}

/// The type of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Returns {
    /// 64-bit whole number.
    BigInt,
    /// 32-bit whole number.
    Int,
    /// 64-bit whole number that is never negative.
    UnsignedBigInt,
    /// 64-bit floating point number.
    Double,
    /// True or false.
    Boolean,
    /// String.
    Text,
    /// Map from string to string.
    TextMap,
    /// Structure of a span.
    Span,
    /// The type of the argument with this number, counted from 0.
    SameAs(usize),
    /// List of the type of the first argument.
    ListOf,
    /// Type of the values of the map that is the first argument.
    ValueOfMap,
    /// Structure of the chosen fields.
    Picked,
    /// What the engine says.
    Engine,
    /// A relation.
    Relation,
}

/// When a result is NULL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Nulls {
    /// When an argument is NULL, and only then.
    Propagate,
    /// Never.
    Never,
    /// As the description says.
    Described,
}

/// What a function is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tier {
    /// The engine's own.
    Builtin,
    /// Compiled, over whole columns.
    Rust,
    /// A template over other functions.
    SqlMacro,
    /// Waits for something outside; slow.
    Async,
}

/// A way in which a call can be carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Lane {
    /// Replaced by an expression of the engine while planning.
    Rewrite,
    /// The engine runs it.
    Engine,
    /// Our kernel runs it on whole columns.
    Kernel,
    /// Awaited, batch by batch.
    Await,
}

/// A set of functions that is registered together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Pack {
    /// Registered by the engine itself; listed because views may count on it.
    Engine,
    /// General functions.
    Viewlane,
    /// Spans of text; registered with feature `spans`.
    Spans,
    /// Tables about the session.
    Tables,
    /// Tables of a lake; registered when somebody gives them.
    Delta,
    /// Asynchronous functions; registered when the policy names them.
    Async,
}

macro_rules! words {
    ($($type:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        impl $type {
            /// The word for it, as it is serialised.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )+};
}

words! {
    Tier { Builtin = "builtin", Rust = "rust", SqlMacro = "sql_macro", Async = "async" }
    Lane { Rewrite = "rewrite", Engine = "engine", Kernel = "kernel", Await = "await" }
    Pack {
        Engine = "engine", Viewlane = "viewlane", Spans = "spans", Tables = "tables",
        Delta = "delta", Async = "async",
    }
    Nulls {
        Propagate = "NULL when an argument is NULL",
        Never = "never NULL",
        Described = "as described",
    }
    Takes {
        Text = "string", Integer = "integer", Boolean = "boolean",
        TextOrInteger = "string or integer", Plain = "any type with a text",
        Any = "any type", Ordered = "any type with an order",
        LikeBefore = "type of the parameter before", List = "list", Map = "map",
        KeyOfMap = "key type of `map`", ValueOfMap = "value type of `map`",
        Struct = "struct", Span = "span",
    }
}

impl fmt::Display for Returns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::BigInt => "BIGINT",
            Self::Int => "INT",
            Self::UnsignedBigInt => "BIGINT UNSIGNED",
            Self::Double => "DOUBLE",
            Self::Boolean => "BOOLEAN",
            Self::Text => "VARCHAR",
            Self::TextMap => "MAP(VARCHAR, VARCHAR)",
            Self::Span => "span",
            Self::SameAs(number) => return write!(f, "type of argument {}", number + 1),
            Self::ListOf => "list of the type of argument 1",
            Self::ValueOfMap => "value type of `map`",
            Self::Picked => "struct of the chosen fields",
            Self::Engine => "as the engine says",
            Self::Relation => "relation",
        };
        f.write_str(text)
    }
}

/// What most functions are; a row says how it differs.
const SCALAR: OwnFunction = OwnFunction {
    name: "",
    aliases: &[],
    kind: FunctionKind::Scalar,
    pack: Pack::Viewlane,
    tier: Tier::Rust,
    lanes: &[Lane::Kernel],
    volatility: Volatility::Immutable,
    fallible: false,
    parameters: &[],
    returns: Returns::Text,
    nulls: Nulls::Propagate,
    tags: &[],
    description: "",
    example: "",
    example_result: "",
};

static ALL: LazyLock<Vec<&'static OwnFunction>> = LazyLock::new(|| {
    let tables = [
        aggregates::ROWS,
        cdf::ROWS,
        delta::ROWS,
        engine::ROWS,
        hashing::ROWS,
        nested::ROWS,
        spans::ROWS,
        tables::ROWS,
        text::ROWS,
        windows::ROWS,
    ];
    let mut all: Vec<_> = tables.into_iter().flatten().collect();
    all.sort_by_key(|function| function.name);
    all
});

impl OwnFunction {
    /// Every function of this crate, sorted by name.
    pub fn all() -> &'static [&'static Self] {
        &ALL
    }

    /// The function of this canonical name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|function| function.name == name).copied()
    }

    /// Its facts.
    pub fn facts(&self) -> FunctionFacts {
        FunctionFacts { name: self.name.to_owned(), kind: self.kind, volatility: self.volatility }
    }

    /// Its canonical name, then its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.name].into_iter().chain(self.aliases.iter().copied())
    }

    /// How it is called: `f(a[, b])`, `f(a, …)` when the last can be given several times.
    pub fn syntax(&self) -> String {
        let mut text = format!("{}(", self.name);
        for (number, parameter) in self.parameters.iter().enumerate() {
            let comma = if number > 0 { ", " } else { "" };
            match parameter.default {
                Some(_) => text.push_str(&format!("[{comma}{}", parameter.name)),
                None => text.push_str(&format!("{comma}{}", parameter.name)),
            }
            if parameter.repeated {
                text.push_str(", …");
            }
        }
        text.push_str(&"]".repeat(self.parameters.len() - self.required()));
        text + ")"
    }

    /// How many arguments must be given.
    pub fn required(&self) -> usize {
        self.parameters.iter().filter(|parameter| parameter.default.is_none()).count()
    }

    /// The types it takes, one list for each number of arguments it can have.
    pub fn signatures(&self) -> Vec<String> {
        (self.required()..=self.parameters.len())
            .map(|count| {
                let types: Vec<String> = self.parameters[..count]
                    .iter()
                    .map(|p| format!("{}{}", p.takes, if p.repeated { "…" } else { "" }))
                    .collect();
                format!("({})", types.join(", "))
            })
            .collect()
    }
}

impl Parameter {
    const fn new(
        name: &'static str,
        takes: Takes,
        sample: &'static str,
        description: &'static str,
    ) -> Self {
        Self { name, takes, default: None, repeated: false, constant: false, sample, description }
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn repeated(mut self) -> Self {
        self.repeated = true;
        self
    }

    const fn constant(mut self) -> Self {
        self.constant = true;
        self
    }
}

#[cfg(test)]
mod tests;

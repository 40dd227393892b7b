//! Kinds of knobs that are written as one of a few words.

use std::fmt;

use super::{KnobValue, Raw, Refusal, text};

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
            pub(crate) const WORDS: &[&'static str] = &[$($word),+];

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
                    other => Err(refuse_word(other, Self::WORDS.iter().copied())),
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

words! {
    /// How spill files are compressed.
    pub enum SpillCompression takes "\"uncompressed\", \"lz4_frame\" or \"zstd\"" {
        /// Not at all.
        Uncompressed = "uncompressed" => "uncompressed",
        /// Fast, and larger.
        Lz4Frame = "lz4_frame" => "lz4_frame",
        /// Smaller, and slower.
        Zstd = "zstd" => "zstd",
    }
}

words! {
    /// How a join with keys is computed.
    pub enum JoinStrategy takes "\"by_budget\", \"hash\" or \"sort_merge\"" {
        /// By a hash table when it surely fits the budget, else by sorting both sides.
        ByBudget = "by_budget" => "by_budget",
        /// By a hash table: fast, and fails when the table does not fit memory.
        Hash = "hash" => "hash",
        /// By sorting both sides: slower, and spills.
        SortMerge = "sort_merge" => "sort_merge",
    }
}

words! {
    /// Which statistics a written Parquet file has.
    pub enum ParquetStatistics takes "\"none\", \"chunk\" or \"page\"" {
        /// None.
        None = "none" => "none",
        /// For each column of each row group.
        Chunk = "chunk" => "chunk",
        /// For each page too.
        Page = "page" => "page",
    }
}

words! {
    /// How EXPLAIN shows a plan.
    pub enum ExplainFormat takes "\"indent\", \"tree\", \"pgjson\" or \"graphviz\"" {
        /// One operator a line.
        Indent = "indent" => "indent",
        /// Boxes.
        Tree = "tree" => "tree",
        /// JSON as PostgreSQL shows it.
        Pgjson = "pgjson" => "pgjson",
        /// A graph in the language `dot`.
        Graphviz = "graphviz" => "graphviz",
    }
}

words! {
    /// How much EXPLAIN ANALYZE shows.
    pub enum AnalyzeLevel takes "\"summary\" or \"dev\"" {
        /// What a user of a query looks at.
        Summary = "summary" => "summary",
        /// Everything that operators measure.
        Dev = "dev" => "dev",
    }
}

words! {
    /// How much of a result is the same each time.
    ///
    /// Whatever the tier, a result is one that the statement allows.
    pub enum Determinism takes "\"best_effort\", \"stable_set\" or \"canonical\"" {
        /// Rows in any order. Of rows that tie, a LIMIT keeps some; a sum of floats is rounded in
        /// the order in which rows came.
        BestEffort = "best_effort" => "best_effort",
        /// One partition: rows come in the order in which they are stored, and sums round alike.
        StableSet = "stable_set" => "stable_set",
        /// As `stable_set`, and the rows of a result are sorted by all its columns, after its own
        /// ORDER BY; a LIMIT keeps the first of them.
        Canonical = "canonical" => "canonical",
    }
}

/// How written Parquet files are compressed: a codec and, for some, a level.
///
/// Invariant: the codec exists and the level is one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParquetCompression(String);

/// A codec and its levels, where it has any.
const CODECS: &[(&str, Option<(u32, u32)>)] = &[
    ("brotli", Some((0, 11))),
    ("gzip", Some((0, 9))),
    ("lz4", None),
    ("lz4_raw", None),
    ("snappy", None),
    ("uncompressed", None),
    ("zstd", Some((1, 22))),
];

impl ParquetCompression {
    /// Zstandard at a level from 1 to 22. Meant for constants.
    ///
    /// # Panics
    ///
    /// When there is no such level.
    pub fn zstd(level: u32) -> Self {
        assert!((1..=22).contains(&level), "levels of zstd are 1 to 22");
        Self(format!("zstd({level})"))
    }

    /// As the engine takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl KnobValue for ParquetCompression {
    const ACCEPTS: &'static str =
        "a codec such as \"snappy\" or \"uncompressed\", or one with a level such as \"zstd(3)\"";
    const QUOTED: bool = true;

    fn read(raw: &Raw<'_>) -> Result<Self, Refusal> {
        let text = text(raw)?;
        let (name, level) = match text.split_once('(') {
            Some((name, rest)) => (name, rest.strip_suffix(')')),
            None => (text, None),
        };
        let Some((codec, levels)) = CODECS.iter().find(|(codec, _)| *codec == name) else {
            return Err(refuse_word(name, CODECS.iter().map(|(codec, _)| *codec)));
        };
        let refuse = |help: String| Refusal::NotAccepted {
            value: text.to_owned(),
            reason: "the level is not one of this codec".to_owned(),
            help,
        };
        match (levels, level) {
            (None, None) if name == text => Ok(Self((*codec).to_owned())),
            (None, _) => Err(refuse(format!("write \"{codec}\""))),
            (Some((least, most)), level) => {
                let level = level
                    .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_digit()))
                    .and_then(|digits| digits.parse::<u32>().ok())
                    .filter(|level| (least..=most).contains(&level));
                match level {
                    Some(level) => Ok(Self(format!("{codec}({level})"))),
                    None => {
                        Err(refuse(format!("write \"{codec}({least})\" to \"{codec}({most})\"")))
                    }
                }
            }
        }
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

pub(crate) fn refuse_word(
    text: &str,
    words: impl IntoIterator<Item = &'static str, IntoIter: Clone>,
) -> Refusal {
    let words = words.into_iter();
    let list = words.clone().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    Refusal::NotAccepted {
        value: text.to_owned(),
        reason: format!("it is none of {list}"),
        help: match viewlane_core::nearest(text, words) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write one of {list}"),
        },
    }
}

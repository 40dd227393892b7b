//! The one table of knobs: fields, defaults, keys, documentation and setters come from it.

use std::{num::NonZeroUsize, path::PathBuf};

use crate::{
    ByteSize, Error, FloatLiterals, Limit, MemoryPool, NullOrdering, Parallelism, Profile,
    ProfileBuilder, TimeZone,
    value::{KnobValue, Raw, Refusal},
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
    show: fn(&Knobs) -> String,
    pub(crate) setting: fn(&Knobs) -> String,
    read: fn(&mut Knobs, &Raw<'_>) -> Result<(), Refusal>,
}

/// What a knob is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Group {
    /// Memory and what happens when it is full.
    Memory,
    /// How much runs at once.
    Parallelism,
    /// How plans are made and files are read.
    Planning,
    /// What SQL means.
    Meaning,
}

impl Knob {
    /// Every knob, in the order of the documentation.
    pub fn all() -> &'static [Self] {
        KNOBS
    }

    /// The knob of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KNOBS.iter().find(|knob| knob.name == name)
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

    pub(crate) fn set(&self, knobs: &mut Knobs, raw: &Raw<'_>) -> Result<(), Error> {
        (self.read)(knobs, raw).map_err(|refusal| match refusal {
            Refusal::WrongType(found) => Error::WrongType {
                knob: self.name,
                accepts: self.accepts,
                found,
                example: self.example_line(),
            },
            Refusal::NotAccepted { value, reason, help } => {
                Error::NotAccepted { knob: self.name, value, reason, help }
            }
        })
    }

    fn toml(&self, value: &str) -> String {
        if self.quoted { format!("\"{value}\"") } else { value.to_owned() }
    }
}

macro_rules! knobs {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident: $type:ty = $default:expr, {
            group: $group:ident,
            key: $key:expr,
            meaning: $meaning:literal,
            example: $example:literal $(,)?
        }
    )+) => {
        /// Every knob with its type.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct Knobs {
            $(pub(crate) $name: $type,)+
        }

        /// The preset `default`.
        impl Default for Knobs {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        static KNOBS: &[Knob] = &[$(
            Knob {
                name: stringify!($name),
                group: Group::$group,
                accepts: <$type as KnobValue>::ACCEPTS,
                example: $example,
                key: $key,
                meaning: $meaning,
                documentation: concat!($($doc, "\n"),+),
                quoted: <$type as KnobValue>::QUOTED,
                show: |knobs| knobs.$name.show(),
                setting: |knobs| knobs.$name.setting(),
                read: |knobs, raw| {
                    knobs.$name = <$type as KnobValue>::read(raw)?;
                    Ok(())
                },
            },
        )+];

        /// One setter for each knob.
        impl ProfileBuilder {
            $(
                $(#[doc = $doc])+
                pub fn $name(mut self, value: $type) -> Self {
                    self.knobs.$name = value;
                    self.given.insert(stringify!($name));
                    self
                }
            )+
        }
    };
}

knobs! {
    /// Memory that operators may hold together, in bytes, over all views of a process.
    /// Operators that can spill do so when it is reached; others fail. Default: `8GiB`.
    memory_limit: Limit = Limit::Bytes(ByteSize::gib(8)), {
        group: Memory,
        key: Some("datafusion.runtime.memory_limit"),
        meaning: false,
        example: "2GiB",
    }

    /// How operators share the memory: first come first served, or equal shares for those that can
    /// spill. Cannot be given when `memory_limit` is `unbounded`. Default: `greedy`.
    memory_pool: MemoryPool = MemoryPool::Greedy, {
        group: Memory,
        key: Some("viewlane.memory_pool"),
        meaning: false,
        example: "fair",
    }

    /// Folder for spill files; relative to the project. It is applied and not hashed: a path says
    /// where a computation runs, never what it gives. Default: the temporary folder of the machine.
    spill_dir: Option<PathBuf> = None, {
        group: Memory,
        key: None,
        meaning: false,
        example: "target/spill",
    }

    /// Disk that spill files may take together, in bytes. Cannot be given when `memory_limit` is
    /// `unbounded`, because nothing spills then. Default: `100GiB`.
    spill_limit: Limit = Limit::Bytes(ByteSize::gib(100)), {
        group: Memory,
        key: Some("datafusion.runtime.max_temp_directory_size"),
        meaning: false,
        example: "20GiB",
    }

    /// Memory for footers of Parquet files, in bytes; it is beside `memory_limit`, not part of it.
    /// Default: `256MiB`.
    metadata_cache_limit: ByteSize = ByteSize::mib(256), {
        group: Memory,
        key: Some("datafusion.runtime.metadata_cache_limit"),
        meaning: false,
        example: "64MiB",
    }

    /// Partitions into which one query is split, each worked on by one task. Default: `auto`, the
    /// cores of the machine.
    target_partitions: Parallelism = Parallelism::Auto, {
        group: Parallelism,
        key: Some("datafusion.execution.target_partitions"),
        meaning: false,
        example: "4",
    }

    /// Views that are computed at once. Default: `auto`, the cores of the machine.
    max_concurrent_views: Parallelism = Parallelism::Auto, {
        group: Parallelism,
        key: Some("viewlane.max_concurrent_views"),
        meaning: false,
        example: "2",
    }

    /// Rows that operators hand on at a time. Default: `8192`.
    batch_size: NonZeroUsize = const { NonZeroUsize::new(8192).expect("not zero") }, {
        group: Parallelism,
        key: Some("datafusion.execution.batch_size"),
        meaning: false,
        example: "4096",
    }

    /// Whether joins build hash tables, which is fast and cannot spill, or sort both sides, which
    /// can. Default: `true`.
    prefer_hash_join: bool = true, {
        group: Planning,
        key: Some("datafusion.optimizer.prefer_hash_join"),
        meaning: false,
        example: "false",
    }

    /// Whether filters are evaluated while Parquet files are decoded: less memory and less decoding
    /// when few rows pass, slower when many do. Default: `false`.
    parquet_pushdown_filters: bool = false, {
        group: Planning,
        key: Some("datafusion.execution.parquet.pushdown_filters"),
        meaning: false,
        example: "true",
    }

    /// The zone of `now()`, of timestamps read from text and of TIMESTAMP WITH TIME ZONE. Delta Lake
    /// stores timestamps with the zone `UTC` only; under another zone convert before storing.
    /// Default: `UTC`.
    time_zone: TimeZone = TimeZone::utc(), {
        group: Meaning,
        key: Some("datafusion.execution.time_zone"),
        meaning: true,
        example: "Europe/Berlin",
    }

    /// What a literal such as `1.5` is: a binary floating point number or an exact decimal.
    /// Default: `float64`.
    float_literals: FloatLiterals = FloatLiterals::Float64, {
        group: Meaning,
        key: Some("datafusion.sql_parser.parse_float_as_decimal"),
        meaning: true,
        example: "decimal",
    }

    /// Where NULLs go in an ORDER BY that does not say. Default: `nulls_max`, as in PostgreSQL.
    default_null_ordering: NullOrdering = NullOrdering::NullsMax, {
        group: Meaning,
        key: Some("datafusion.sql_parser.default_null_ordering"),
        meaning: true,
        example: "nulls_first",
    }
}

use std::{fmt, num::NonZeroUsize, str::FromStr};

use crate::{
    AnalyzeLevel, ByteSize, CacheLimit, Determinism, Error, JoinStrategy, Limit, MemoryPool,
    Parallelism, TimeToLive, knobs::Knobs,
};

/// A named set of knobs to start from. What a preset does not mention is as in
/// [`Default`](Self::Default).
///
/// | preset | memory | pool | spill | partitions | batch | views at once | joins | footers | rows of a result |
/// |---|---|---|---|---|---|---|---|---|---|
/// | `default` | 8GiB | greedy | 100GiB | auto | 8192 | auto | by budget | 256MiB | in any order |
/// | `dev` | 4GiB | greedy | 50GiB | 4 | 4096 | 2 | by budget | 128MiB | in any order |
/// | `prod` | 16GiB | fair | 200GiB | auto | 8192 | auto | by budget | 512MiB | in any order |
/// | `memory_tight` | 1GiB | fair | 100GiB | 2 | 4096 | 1 | sort-merge | 32MiB | in any order |
/// | `bulk` | 16GiB | fair | 500GiB | auto | 16384 | 1 | by budget | 256MiB | in any order |
/// | `deterministic` | 8GiB | greedy | 100GiB | 1 | 8192 | 1 | by budget | 256MiB | as stored |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Preset {
    /// A workstation with nothing else to do.
    #[default]
    Default,
    /// A laptop on which somebody works meanwhile; plans small enough to be read.
    Dev,
    /// A server of its own.
    Prod,
    /// A small container: little runs at once, and every operator that holds much can spill.
    MemoryTight,
    /// Few very large views, one after the other.
    Bulk,
    /// One partition and one view at a time: rows come in the same order on every machine.
    Deterministic,
}

impl Preset {
    /// Every preset.
    pub const ALL: [Self; 6] =
        [Self::Default, Self::Dev, Self::Prod, Self::MemoryTight, Self::Bulk, Self::Deterministic];

    /// What it is for, in one sentence.
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Default => "A workstation with nothing else to do.",
            Self::Dev => {
                "A laptop on which somebody works meanwhile; plans small enough to be read."
            }
            Self::Prod => "A server of its own.",
            Self::MemoryTight => {
                "A small container: little runs at once, and every operator that holds much can spill."
            }
            Self::Bulk => "Few very large views, one after the other.",
            Self::Deterministic => {
                "One partition and one view at a time: rows come in the same order on every machine."
            }
        }
    }

    /// Its name in `viewlane.toml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Dev => "dev",
            Self::Prod => "prod",
            Self::MemoryTight => "memory_tight",
            Self::Bulk => "bulk",
            Self::Deterministic => "deterministic",
        }
    }

    pub(crate) fn knobs(self) -> Knobs {
        let mut knobs = Knobs::default();
        let Knobs { execution, memory, parallelism, reading, caches, joins, explain, .. } =
            &mut knobs;
        match self {
            Self::Default => {}
            Self::Dev => {
                execution.batch_size = count::<4096>();
                execution.metadata_concurrency = count::<4>();
                memory.memory_limit = Limit::Bytes(ByteSize::gib(4));
                memory.spill_limit = Limit::Bytes(ByteSize::gib(50));
                parallelism.target_partitions = exactly::<4>();
                parallelism.max_concurrent_views = exactly::<2>();
                parallelism.planning_concurrency = exactly::<2>();
                reading.parquet_metadata_hint = ByteSize::kib(512);
                reading.parquet_predicate_cache = CacheLimit::mib(32);
                caches.metadata_cache_limit = CacheLimit::mib(128);
                caches.list_files_cache_limit = CacheLimit::mib(64);
                explain.explain_schema = true;
                explain.explain_statistics = true;
            }
            Self::Prod => {
                execution.metadata_concurrency = count::<16>();
                memory.memory_limit = Limit::Bytes(ByteSize::gib(16));
                memory.memory_pool = MemoryPool::Fair;
                memory.spill_limit = Limit::Bytes(ByteSize::gib(200));
                reading.parquet_metadata_hint = ByteSize::mib(2);
                reading.parquet_predicate_cache = CacheLimit::mib(128);
                caches.metadata_cache_limit = CacheLimit::mib(512);
                caches.list_files_cache_limit = CacheLimit::mib(256);
                caches.list_files_cache_ttl = TimeToLive::seconds(300);
                explain.explain_analyze_level = AnalyzeLevel::Summary;
            }
            Self::MemoryTight => {
                execution.batch_size = count::<4096>();
                execution.metadata_concurrency = count::<4>();
                memory.memory_limit = Limit::Bytes(ByteSize::gib(1));
                memory.memory_pool = MemoryPool::Fair;
                parallelism.target_partitions = exactly::<2>();
                parallelism.max_concurrent_views = exactly::<1>();
                parallelism.planning_concurrency = exactly::<1>();
                reading.parquet_metadata_hint = ByteSize::kib(512);
                reading.parquet_predicate_cache = CacheLimit::mib(16);
                caches.metadata_cache_limit = CacheLimit::mib(32);
                caches.statistics_cache_limit = CacheLimit::mib(8);
                caches.list_files_cache_limit = CacheLimit::mib(16);
                caches.list_files_cache_ttl = TimeToLive::seconds(60);
                // A hash table cannot spill; sorted runs can.
                joins.join_strategy = JoinStrategy::SortMerge;
                explain.explain_analyze_level = AnalyzeLevel::Summary;
            }
            Self::Bulk => {
                execution.batch_size = count::<16384>();
                memory.memory_limit = Limit::Bytes(ByteSize::gib(16));
                memory.memory_pool = MemoryPool::Fair;
                memory.spill_limit = Limit::Bytes(ByteSize::gib(500));
                parallelism.max_concurrent_views = exactly::<1>();
            }
            Self::Deterministic => {
                parallelism.target_partitions = exactly::<1>();
                parallelism.max_concurrent_views = exactly::<1>();
                parallelism.planning_concurrency = exactly::<1>();
                knobs.determinism.determinism = Determinism::StableSet;
            }
        }
        knobs
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Preset {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|preset| preset.name() == text).ok_or_else(|| {
            Error::UnknownPreset {
                name: text.to_owned(),
                nearest: viewlane_core::nearest(text, Self::ALL.map(Self::name)),
            }
        })
    }
}

const fn count<const N: usize>() -> NonZeroUsize {
    const { NonZeroUsize::new(N).expect("presets name no zero") }
}

const fn exactly<const N: usize>() -> Parallelism {
    Parallelism::Exactly(count::<N>())
}

use std::{fmt, num::NonZeroUsize, str::FromStr};

use crate::{ByteSize, Error, Limit, MemoryPool, Parallelism, knobs::Knobs};

/// A named set of knobs to start from. What a preset does not mention is as in
/// [`Default`](Self::Default).
///
/// | preset | memory | pool | spill | partitions | batch | views at once | joins | footers |
/// |---|---|---|---|---|---|---|---|---|
/// | `default` | 8GiB | greedy | 100GiB | auto | 8192 | auto | hash | 256MiB |
/// | `dev` | 4GiB | greedy | 50GiB | 4 | 4096 | 2 | hash | 128MiB |
/// | `prod` | 16GiB | fair | 200GiB | auto | 8192 | auto | hash | 512MiB |
/// | `memory_tight` | 1GiB | fair | 100GiB | 2 | 4096 | 1 | sort-merge | 32MiB |
/// | `bulk` | 16GiB | fair | 500GiB | auto | 16384 | 1 | hash | 256MiB |
/// | `deterministic` | 8GiB | greedy | 100GiB | 1 | 8192 | 1 | hash | 256MiB |
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
        let base = Knobs::default();
        match self {
            Self::Default => base,
            Self::Dev => Knobs {
                memory_limit: Limit::Bytes(ByteSize::gib(4)),
                spill_limit: Limit::Bytes(ByteSize::gib(50)),
                metadata_cache_limit: ByteSize::mib(128),
                target_partitions: exactly::<4>(),
                max_concurrent_views: exactly::<2>(),
                batch_size: count::<4096>(),
                ..base
            },
            Self::Prod => Knobs {
                memory_limit: Limit::Bytes(ByteSize::gib(16)),
                memory_pool: MemoryPool::Fair,
                spill_limit: Limit::Bytes(ByteSize::gib(200)),
                metadata_cache_limit: ByteSize::mib(512),
                ..base
            },
            Self::MemoryTight => Knobs {
                memory_limit: Limit::Bytes(ByteSize::gib(1)),
                memory_pool: MemoryPool::Fair,
                metadata_cache_limit: ByteSize::mib(32),
                target_partitions: exactly::<2>(),
                max_concurrent_views: exactly::<1>(),
                batch_size: count::<4096>(),
                // A hash table cannot spill; sorted runs can.
                prefer_hash_join: false,
                ..base
            },
            Self::Bulk => Knobs {
                memory_limit: Limit::Bytes(ByteSize::gib(16)),
                memory_pool: MemoryPool::Fair,
                spill_limit: Limit::Bytes(ByteSize::gib(500)),
                max_concurrent_views: exactly::<1>(),
                batch_size: count::<16384>(),
                ..base
            },
            Self::Deterministic => Knobs {
                target_partitions: exactly::<1>(),
                max_concurrent_views: exactly::<1>(),
                ..base
            },
        }
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

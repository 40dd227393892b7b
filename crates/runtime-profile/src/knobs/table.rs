//! The one table of knobs: fields, defaults, keys, documentation and setters come from it.

use std::{
    num::{NonZeroU64, NonZeroUsize},
    path::PathBuf,
};

use super::Knob;
use crate::{
    AnalyzeLevel, AtMost, Budget, ByteSize, CacheLimit, Determinism, ExplainFormat, FloatLiterals,
    JoinStrategy, Limit, MemoryPool, NullOrdering, Origin, Parallelism, ParquetCompression,
    ParquetStatistics, Profile, ProfileBuilder, SpillCompression, TimeToLive, TimeZone,
    value::KnobValue,
};

macro_rules! knobs {
    ($(
        $(#[doc = $group_doc:literal])+
        $field:ident: $group:ident as $variant:ident, $title:literal {
            $(
                $(#[doc = $doc:literal])+
                $name:ident: $type:ty = $default:expr, {
                    key: $key:expr,
                    meaning: $meaning:literal,
                    example: $example:literal $(,)?
                }
            )+
        }
    )+) => {
        /// Every knob with its type.
        #[derive(Clone, Debug, Default, PartialEq, Eq)]
        pub(crate) struct Knobs {
            $(pub(crate) $field: $group,)+
        }

        /// What a knob is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Group {
            $($(#[doc = $group_doc])+ $variant,)+
        }

        impl Group {
            /// Every group, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name as a heading.
            pub const fn title(self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)+
                }
            }

            /// What it is about.
            pub fn documentation(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($group_doc, "\n"),+).trim(),)+
                }
            }
        }

        $(
            $(#[doc = $group_doc])+
            #[derive(Clone, Debug, PartialEq, Eq)]
            #[non_exhaustive]
            pub struct $group {
                $($(#[doc = $doc])+ pub $name: $type,)+
            }

            /// The preset `default`.
            impl Default for $group {
                fn default() -> Self {
                    Self { $($name: $default,)+ }
                }
            }
        )+

        /// The knobs by group, as they are in force.
        impl Profile {
            $(
                $(#[doc = $group_doc])+
                pub fn $field(&self) -> &$group {
                    &self.knobs().$field
                }
            )+
        }

        pub(super) static KNOBS: &[Knob] = &[$($(
            Knob {
                name: stringify!($name),
                group: Group::$variant,
                accepts: <$type as KnobValue>::ACCEPTS,
                example: $example,
                key: $key,
                meaning: $meaning,
                documentation: concat!($($doc, "\n"),+),
                quoted: <$type as KnobValue>::QUOTED,
                in_bytes: <$type as KnobValue>::IN_BYTES,
                show: |knobs| knobs.$field.$name.show(),
                setting: |knobs| knobs.$field.$name.setting(),
                copy: |to, from| to.$field.$name.clone_from(&from.$field.$name),
                read: |knobs, raw| {
                    knobs.$field.$name = <$type as KnobValue>::read(raw)?;
                    Ok(())
                },
            },
        )+)+];

        /// One setter for each knob.
        impl ProfileBuilder {
            $($(
                $(#[doc = $doc])+
                pub fn $name(mut self, value: $type) -> Self {
                    self.draft.knobs.$field.$name = value;
                    self.draft.given.insert(stringify!($name), Origin::Code);
                    self
                }
            )+)+
        }
    };
}

knobs! {
    /// How rows flow through operators.
    execution: ExecutionKnobs as Execution, "Execution" {
        /// Rows that operators hand on at a time. Default: `8192`.
        batch_size: NonZeroUsize = const { NonZeroUsize::new(8192).expect("not zero") }, {
            key: Some("datafusion.execution.batch_size"),
            meaning: false,
            example: "4096",
        }

        /// Whether files of a new table are asked how many rows they have and from where to where their
        /// values go. Joins are planned by it. Default: `true`.
        collect_statistics: bool = true, {
            key: Some("datafusion.execution.collect_statistics"),
            meaning: false,
            example: "false",
        }

        /// Files whose metadata is read at once when a table is made. Default: `8`.
        metadata_concurrency: NonZeroUsize = const { NonZeroUsize::new(8).expect("not zero") }, {
            key: Some("datafusion.execution.meta_fetch_concurrency"),
            meaning: false,
            example: "4",
        }

        /// Whether joins hand on no more than `batch_size` rows at a time: less memory where a filter of
        /// the join drops most pairs, and a little slower. Default: `false`.
        limit_join_batches: bool = false, {
            key: Some("datafusion.execution.enforce_batch_size_in_joins"),
            meaning: false,
            example: "true",
        }
    }

    /// Memory and what happens when it is full.
    memory: MemoryKnobs as Memory, "Memory and spilling" {
        /// Memory that operators may hold together, in bytes, over all views of a process.
        /// Operators that can spill do so when it is reached; others fail. Default: `8GiB`.
        memory_limit: Limit = Limit::Bytes(ByteSize::gib(8)), {
            key: Some("datafusion.runtime.memory_limit"),
            meaning: false,
            example: "2GiB",
        }

        /// How operators share the memory: first come first served, or equal shares for those that can
        /// spill. Cannot be given when `memory_limit` is `unbounded`. Default: `greedy`.
        memory_pool: MemoryPool = MemoryPool::Greedy, {
            key: Some("viewlane.memory_pool"),
            meaning: false,
            example: "fair",
        }

        /// Folder for spill files, or an array of them among which files are spread; relative to the
        /// project. On a command line several stand with `:` between them (`;` on Windows). It is applied
        /// and not hashed: a path says where a computation runs, never what it gives.
        /// Default: the temporary folder of the machine.
        spill_dir: Vec<PathBuf> = Vec::new(), {
            key: None,
            meaning: false,
            example: "target/spill",
        }

        /// Disk that spill files may take together, in bytes. Cannot be given when `memory_limit` is
        /// `unbounded`, because nothing spills then. Default: `100GiB`.
        spill_limit: Limit = Limit::Bytes(ByteSize::gib(100)), {
            key: Some("datafusion.runtime.max_temp_directory_size"),
            meaning: false,
            example: "20GiB",
        }

        /// How spill files are compressed. Cannot be given when `memory_limit` is `unbounded`.
        /// Default: `uncompressed`.
        spill_compression: SpillCompression = SpillCompression::Uncompressed, {
            key: Some("datafusion.execution.spill_compression"),
            meaning: false,
            example: "lz4_frame",
        }

        /// Bytes after which an exchange between partitions begins another spill file, so that space of
        /// files that were read is given back. Default: `128MiB`.
        spill_file_size: ByteSize = ByteSize::mib(128), {
            key: Some("datafusion.execution.max_spill_file_size_bytes"),
            meaning: false,
            example: "32MiB",
        }

        /// Spill files that one pass of a merge reads at once; with a bound, more passes and fewer open
        /// files. Default: `unbounded`.
        spill_merge_files: AtMost = AtMost::Unbounded, {
            key: Some("datafusion.runtime.max_spill_merge_fan_in"),
            meaning: false,
            example: "16",
        }

        /// Memory that each sort keeps back for merging what it spilled, in bytes. With many partitions
        /// and little memory it is what runs out first. Default: `10MiB`.
        sort_reservation: ByteSize = ByteSize::mib(10), {
            key: Some("datafusion.execution.sort_spill_reservation_bytes"),
            meaning: false,
            example: "2MiB",
        }
    }

    /// How much runs at once.
    parallelism: ParallelismKnobs as Parallelism, "Parallelism" {
        /// Partitions into which one query is split, each worked on by one task. Default: `auto`, the
        /// cores of the machine.
        target_partitions: Parallelism = Parallelism::Auto, {
            key: Some("datafusion.execution.target_partitions"),
            meaning: false,
            example: "4",
        }

        /// Views that are computed at once. Default: `auto`, the cores of the machine.
        max_concurrent_views: Parallelism = Parallelism::Auto, {
            key: Some("viewlane.max_concurrent_views"),
            meaning: false,
            example: "2",
        }

        /// Branches of one plan that are planned at once. Default: `auto`, the cores of the machine.
        planning_concurrency: Parallelism = Parallelism::Auto, {
            key: Some("datafusion.execution.planning_concurrency"),
            meaning: false,
            example: "2",
        }

        /// Whether the rows of a join are spread over the partitions by its keys. Default: `true`.
        repartition_joins: bool = true, {
            key: Some("datafusion.optimizer.repartition_joins"),
            meaning: false,
            example: "false",
        }

        /// Whether the rows of an aggregation are spread over the partitions by its keys.
        /// Default: `true`.
        repartition_aggregations: bool = true, {
            key: Some("datafusion.optimizer.repartition_aggregations"),
            meaning: false,
            example: "false",
        }

        /// Whether the rows of window functions are spread over the partitions by PARTITION BY.
        /// Default: `true`.
        repartition_windows: bool = true, {
            key: Some("datafusion.optimizer.repartition_windows"),
            meaning: false,
            example: "false",
        }

        /// Whether each partition is sorted by itself and then merged. Default: `true`.
        repartition_sorts: bool = true, {
            key: Some("datafusion.optimizer.repartition_sorts"),
            meaning: false,
            example: "false",
        }

        /// Whether one file may be read by several partitions. Default: `true`.
        repartition_file_scans: bool = true, {
            key: Some("datafusion.optimizer.repartition_file_scans"),
            meaning: false,
            example: "false",
        }

        /// Size below which a file is read by one partition, in bytes. Default: `1MiB`.
        repartition_file_min_size: ByteSize = ByteSize::mib(1), {
            key: Some("datafusion.optimizer.repartition_file_min_size"),
            meaning: false,
            example: "8MiB",
        }
    }

    /// What a session knows by name.
    catalog: CatalogKnobs as Catalog, "Catalog" {
        /// Whether `information_schema` can be read. Default: `true`.
        information_schema: bool = true, {
            key: Some("datafusion.catalog.information_schema"),
            meaning: false,
            example: "false",
        }
    }

    /// How Parquet files are read.
    reading: ReadingKnobs as Reading, "Parquet reading" {
        /// Whether filters are evaluated while Parquet files are decoded: less memory and less decoding
        /// when few rows pass, slower when many do. Default: `false`.
        parquet_pushdown_filters: bool = false, {
            key: Some("datafusion.execution.parquet.pushdown_filters"),
            meaning: false,
            example: "true",
        }

        /// Whether such filters are evaluated cheapest first. Cannot be given when
        /// `parquet_pushdown_filters` is given as `false`. Default: `false`.
        parquet_reorder_filters: bool = false, {
            key: Some("datafusion.execution.parquet.reorder_filters"),
            meaning: false,
            example: "true",
        }

        /// Whether row groups are skipped by the smallest and largest values in their metadata.
        /// Default: `true`.
        parquet_pruning: bool = true, {
            key: Some("datafusion.execution.parquet.pruning"),
            meaning: false,
            example: "false",
        }

        /// Whether pages are skipped in the same way, when a file has an index of them.
        /// Default: `true`.
        parquet_page_index: bool = true, {
            key: Some("datafusion.execution.parquet.enable_page_index"),
            meaning: false,
            example: "false",
        }

        /// Whether row groups are skipped by the Bloom filters that a file has. Default: `true`.
        parquet_bloom_filters: bool = true, {
            key: Some("datafusion.execution.parquet.bloom_filter_on_read"),
            meaning: false,
            example: "false",
        }

        /// Bytes that are read from the end of a file at once in the hope that they hold its metadata: one
        /// request to an object store instead of two. Default: `1MiB`.
        parquet_metadata_hint: ByteSize = ByteSize::mib(1), {
            key: Some("datafusion.execution.parquet.metadata_size_hint"),
            meaning: false,
            example: "64KiB",
        }

        /// Memory for columns that a filter decoded and the result needs too, in bytes for each reader of
        /// a file; used with `parquet_pushdown_filters`. Default: `64MiB`.
        parquet_predicate_cache: CacheLimit = CacheLimit::mib(64), {
            key: Some("datafusion.execution.parquet.max_predicate_cache_size"),
            meaning: false,
            example: "16MiB",
        }
    }

    /// How files are written.
    writing: WritingKnobs as Writing, "Writing" {
        /// Codec of Parquet files, with its level where it has levels. Default: `zstd(3)`.
        write_compression: ParquetCompression = ParquetCompression::zstd(3), {
            key: Some("datafusion.execution.parquet.compression"),
            meaning: false,
            example: "snappy",
        }

        /// Rows of a row group; a writer holds one in memory. Default: `1048576`.
        write_row_group_rows: NonZeroUsize = const { NonZeroUsize::new(1048576).expect("not zero") }, {
            key: Some("datafusion.execution.parquet.max_row_group_size"),
            meaning: false,
            example: "65536",
        }

        /// Which statistics Parquet files have. Default: `page`.
        write_statistics: ParquetStatistics = ParquetStatistics::Page, {
            key: Some("datafusion.execution.parquet.statistics_enabled"),
            meaning: false,
            example: "chunk",
        }

        /// Whether columns of Parquet files begin with a dictionary. Default: `true`.
        write_dictionary: bool = true, {
            key: Some("datafusion.execution.parquet.dictionary_enabled"),
            meaning: false,
            example: "false",
        }

        /// Bytes that are gathered before they are sent to an object store, for each file being written.
        /// Stores that limit the number of parts need more for files beyond 100GiB. Default: `10MiB`.
        write_buffer: ByteSize = ByteSize::mib(10), {
            key: Some("datafusion.execution.objectstore_writer_buffer_size"),
            meaning: false,
            example: "4MiB",
        }

        /// Files that are written at once, at least. Default: `4`.
        write_parallel_files: NonZeroUsize = const { NonZeroUsize::new(4).expect("not zero") }, {
            key: Some("datafusion.execution.minimum_parallel_output_files"),
            meaning: false,
            example: "1",
        }

        /// Rows after which another file is begun, about. Default: `50000000`.
        write_rows_per_file: NonZeroU64 = const { NonZeroU64::new(50_000_000).expect("not zero") }, {
            key: Some("datafusion.execution.soft_max_rows_per_output_file"),
            meaning: false,
            example: "1000000",
        }
    }

    /// What is kept between queries. All of it is beside `memory_limit`, not part of it.
    caches: CacheKnobs as Caches, "Caches" {
        /// Memory for footers of Parquet files, in bytes. Default: `256MiB`.
        metadata_cache_limit: CacheLimit = CacheLimit::mib(256), {
            key: Some("datafusion.runtime.metadata_cache_limit"),
            meaning: false,
            example: "64MiB",
        }

        /// Memory for statistics of files, in bytes. What is kept of a file is dropped when its size or
        /// time changes. Default: `20MiB`.
        statistics_cache_limit: CacheLimit = CacheLimit::mib(20), {
            key: Some("datafusion.runtime.file_statistics_cache_limit"),
            meaning: false,
            example: "8MiB",
        }

        /// Memory for listings of folders, in bytes. Default: `128MiB`.
        list_files_cache_limit: CacheLimit = CacheLimit::mib(128), {
            key: Some("datafusion.runtime.list_files_cache_limit"),
            meaning: false,
            example: "32MiB",
        }

        /// How long a listing is believed: a file that is new is seen after this time at the latest. Tables
        /// with a log, such as Delta tables, are not listed. Cannot be given when `list_files_cache_limit`
        /// is `off`. Default: `2m`.
        list_files_cache_ttl: TimeToLive = TimeToLive::seconds(120), {
            key: Some("datafusion.runtime.list_files_cache_ttl"),
            meaning: false,
            example: "30s",
        }
    }

    /// What SQL means.
    sql: SqlKnobs as Sql, "SQL" {
        /// The zone of `now()`, of timestamps read from text and of TIMESTAMP WITH TIME ZONE. Delta Lake
        /// stores timestamps with the zone `UTC` only; under another zone convert before storing.
        /// Default: `UTC`.
        time_zone: TimeZone = TimeZone::utc(), {
            key: Some("datafusion.execution.time_zone"),
            meaning: true,
            example: "Europe/Berlin",
        }

        /// What a literal such as `1.5` is: a binary floating point number or an exact decimal.
        /// Default: `float64`.
        float_literals: FloatLiterals = FloatLiterals::Float64, {
            key: Some("datafusion.sql_parser.parse_float_as_decimal"),
            meaning: true,
            example: "decimal",
        }

        /// Where NULLs go in an ORDER BY that does not say. Default: `nulls_max`, as in PostgreSQL.
        default_null_ordering: NullOrdering = NullOrdering::NullsMax, {
            key: Some("datafusion.sql_parser.default_null_ordering"),
            meaning: true,
            example: "nulls_first",
        }
    }

    /// How plans are made.
    optimizer: OptimizerKnobs as Optimizer, "Optimizer and dynamic filters" {
        /// Whether operators tell scans, while they run, which rows can still matter. `false` switches off
        /// the three below. Default: `true`.
        dynamic_filters: bool = true, {
            key: Some("datafusion.optimizer.enable_dynamic_filter_pushdown"),
            meaning: false,
            example: "false",
        }

        /// Whether hash joins do so by the keys of their build side. Cannot be given as `true` when
        /// `dynamic_filters` is given as `false`. Default: `true`.
        join_dynamic_filters: bool = true, {
            key: Some("datafusion.optimizer.enable_join_dynamic_filter_pushdown"),
            meaning: false,
            example: "false",
        }

        /// Whether an ORDER BY with LIMIT does so by the rows it holds. Cannot be given as `true` when
        /// `dynamic_filters` is given as `false`. Default: `true`.
        topk_dynamic_filters: bool = true, {
            key: Some("datafusion.optimizer.enable_topk_dynamic_filter_pushdown"),
            meaning: false,
            example: "false",
        }

        /// Whether `min` and `max` do so by what they have seen. Cannot be given as `true` when
        /// `dynamic_filters` is given as `false`. Default: `true`.
        aggregate_dynamic_filters: bool = true, {
            key: Some("datafusion.optimizer.enable_aggregate_dynamic_filter_pushdown"),
            meaning: false,
            example: "false",
        }

        /// Whether scans are asked to read files in the order that is wanted. Default: `true`.
        sort_pushdown: bool = true, {
            key: Some("datafusion.optimizer.enable_sort_pushdown"),
            meaning: false,
            example: "false",
        }

        /// Whether an aggregation under a LIMIT keeps only what the limit can keep. Default: `true`.
        topk_aggregation: bool = true, {
            key: Some("datafusion.optimizer.enable_topk_aggregation"),
            meaning: false,
            example: "false",
        }

        /// Times that the logical rules go over a plan, at most. Default: `3`.
        optimizer_passes: NonZeroUsize = const { NonZeroUsize::new(3).expect("not zero") }, {
            key: Some("datafusion.optimizer.max_passes"),
            meaning: false,
            example: "5",
        }
    }

    /// How joins are computed within the memory there is.
    joins: JoinKnobs as Joins, "Joins by memory" {
        /// Whether joins with keys build a hash table, which is fast and cannot spill, or sort both sides,
        /// which can: one of them always, or the hash table where its rows surely fit `join_build_budget`.
        /// Default: `by_budget`.
        join_strategy: JoinStrategy = JoinStrategy::ByBudget, {
            key: Some("viewlane.join_strategy"),
            meaning: false,
            example: "sort_merge",
        }

        /// Memory that the hash table of one join may take, in bytes. A side whose size nobody knows is
        /// taken to be larger. Cannot be given when `join_strategy` is given as another than `by_budget`.
        /// Default: `auto`, a quarter of `memory_limit`.
        join_build_budget: Budget = Budget::Auto, {
            key: Some("viewlane.join_build_budget"),
            meaning: false,
            example: "64MiB",
        }

        /// Whether the sides of a join are swapped so that the smaller one is built. Default: `true`.
        join_reordering: bool = true, {
            key: Some("datafusion.optimizer.join_reordering"),
            meaning: false,
            example: "false",
        }

        /// Bytes up to which one hash table is built for all partitions, rather than one for each.
        /// Default: `1MiB`.
        join_collect_size: ByteSize = ByteSize::mib(1), {
            key: Some("datafusion.optimizer.hash_join_single_partition_threshold"),
            meaning: false,
            example: "4MiB",
        }

        /// Rows up to which one hash table is built for all partitions, where the bytes are not known.
        /// Default: `131072`.
        join_collect_rows: NonZeroUsize = const { NonZeroUsize::new(131072).expect("not zero") }, {
            key: Some("datafusion.optimizer.hash_join_single_partition_threshold_rows"),
            meaning: false,
            example: "1000",
        }
    }

    /// What EXPLAIN shows.
    explain: ExplainKnobs as Explain, "EXPLAIN" {
        /// How EXPLAIN shows a plan. Default: `indent`.
        explain_format: ExplainFormat = ExplainFormat::Indent, {
            key: Some("datafusion.explain.format"),
            meaning: false,
            example: "tree",
        }

        /// Whether EXPLAIN shows what is known of the rows of each operator. Default: `false`.
        explain_statistics: bool = false, {
            key: Some("datafusion.explain.show_statistics"),
            meaning: false,
            example: "true",
        }

        /// Whether EXPLAIN shows the sizes of partitions. Default: `true`.
        explain_sizes: bool = true, {
            key: Some("datafusion.explain.show_sizes"),
            meaning: false,
            example: "false",
        }

        /// Whether EXPLAIN shows the columns of each operator. Default: `false`.
        explain_schema: bool = false, {
            key: Some("datafusion.explain.show_schema"),
            meaning: false,
            example: "true",
        }

        /// How much EXPLAIN ANALYZE shows. Default: `dev`.
        explain_analyze_level: AnalyzeLevel = AnalyzeLevel::Dev, {
            key: Some("datafusion.explain.analyze_level"),
            meaning: false,
            example: "summary",
        }
    }

    /// Parts of the engine that can be switched on and off.
    features: FeatureKnobs as Features, "Features" {
        /// Whether WITH RECURSIVE is planned; a query that does not end needs no table. Default: `true`.
        recursive_ctes: bool = true, {
            key: Some("datafusion.execution.enable_recursive_ctes"),
            meaning: false,
            example: "false",
        }

        /// Whether a join by one comparison such as `a < b` is computed by sorting. Default: `false`.
        piecewise_merge_joins: bool = false, {
            key: Some("datafusion.optimizer.enable_piecewise_merge_join"),
            meaning: false,
            example: "true",
        }

        /// Whether a filter on `row_number()` keeps only the first rows of each group while they come,
        /// instead of sorting all; for few groups. Default: `false`.
        window_topn: bool = false, {
            key: Some("datafusion.optimizer.enable_window_topn"),
            meaning: false,
            example: "true",
        }

        /// Whether a UNION of selections from one table becomes one scan. Default: `false`.
        unions_to_filter: bool = false, {
            key: Some("datafusion.optimizer.enable_unions_to_filter"),
            meaning: false,
            example: "true",
        }

        /// Whether sizes of joins are estimated by the newer, pluggable estimator. Default: `false`.
        statistics_registry: bool = false, {
            key: Some("datafusion.optimizer.use_statistics_registry"),
            meaning: false,
            example: "true",
        }
    }

    /// How much of a result is the same each time.
    determinism: DeterminismKnobs as Determinism, "Determinism" {
        /// `best_effort`: rows come in any order. `stable_set`: one partition, so rows come in the order in
        /// which they are stored and sums of floats round alike. `canonical`: that, and rows are sorted by
        /// all columns, after their own ORDER BY, before a LIMIT. The latter two set `target_partitions` to
        /// 1. Default: `best_effort`.
        determinism: Determinism = Determinism::BestEffort, {
            key: Some("viewlane.determinism"),
            meaning: false,
            example: "canonical",
        }
    }
}

//! Every setting of the engine that is no knob. A test holds this list against the engine's own.

use super::{
    EngineOption,
    OptionKind::{self, Count, Flag, Fraction, Size, SizeOrOff, Word, Words},
    RefusedOption,
};

const ENCODINGS: &[&str] = &[
    "bit_packed",
    "byte_stream_split",
    "delta_binary_packed",
    "delta_byte_array",
    "delta_length_byte_array",
    "plain",
    "plain_dictionary",
    "rle",
    "rle_dictionary",
];

const fn open(key: &'static str, kind: OptionKind, default: Option<&'static str>) -> EngineOption {
    EngineOption { key, kind, default }
}

/// Left as the engine has it, for it is of no consequence here.
const fn left(key: &'static str, reason: &'static str) -> RefusedOption {
    RefusedOption { key, value: None, meaning: false, reason }
}

/// Written out even where it is the engine's own default, so that an upgrade of the engine that
/// changes a default changes neither a meaning nor, unnoticed, a hash.
const fn fixed(key: &'static str, value: &'static str, reason: &'static str) -> RefusedOption {
    RefusedOption { key, value: Some(value), meaning: false, reason }
}

/// As [`fixed`], of what decides what a statement means.
const fn meaning(key: &'static str, value: &'static str, reason: &'static str) -> RefusedOption {
    RefusedOption { key, value: Some(value), meaning: true, reason }
}

/// Sorted by key. Defaults are those of the engine, as they stand among the effective settings.
pub(super) static OPEN: &[EngineOption] = &[
    open("datafusion.execution.coalesce_batches", Flag, Some("true")),
    open("datafusion.execution.enable_file_stream_work_stealing", Flag, Some("true")),
    open("datafusion.execution.enable_migration_aggregate", Flag, Some("true")),
    open("datafusion.execution.hash_join_buffering_capacity", SizeOrOff, Some("off")),
    open("datafusion.execution.max_buffered_batches_per_output_file", Count(2, 1048576), Some("2")),
    open("datafusion.execution.parquet.allow_single_file_parallelism", Flag, Some("true")),
    open("datafusion.execution.parquet.bloom_filter_fpp", Fraction, None),
    open("datafusion.execution.parquet.bloom_filter_ndv", Count(1, 1000000000000), None),
    open("datafusion.execution.parquet.bloom_filter_on_write", Flag, Some("false")),
    open(
        "datafusion.execution.parquet.column_index_truncate_length",
        Count(1, 1048576),
        Some("64"),
    ),
    open("datafusion.execution.parquet.content_defined_chunking.enabled", Flag, Some("false")),
    open(
        "datafusion.execution.parquet.content_defined_chunking.max_chunk_size",
        Size,
        Some("1MiB"),
    ),
    open(
        "datafusion.execution.parquet.content_defined_chunking.min_chunk_size",
        Size,
        Some("256KiB"),
    ),
    open(
        "datafusion.execution.parquet.content_defined_chunking.norm_level",
        Count(0, 10),
        Some("0"),
    ),
    open(
        "datafusion.execution.parquet.data_page_row_count_limit",
        Count(1, 1000000000000),
        Some("20000"),
    ),
    open("datafusion.execution.parquet.data_pagesize_limit", Size, Some("1MiB")),
    open("datafusion.execution.parquet.dictionary_page_size_limit", Size, Some("1MiB")),
    open("datafusion.execution.parquet.encoding", Word(ENCODINGS), None),
    open("datafusion.execution.parquet.force_filter_selections", Flag, Some("false")),
    open("datafusion.execution.parquet.max_in_list_size", Count(0, 1048576), Some("20")),
    open("datafusion.execution.parquet.max_row_group_bytes", Size, None),
    open(
        "datafusion.execution.parquet.maximum_buffered_record_batches_per_stream",
        Count(1, 1048576),
        Some("2"),
    ),
    open(
        "datafusion.execution.parquet.maximum_parallel_row_group_writers",
        Count(1, 1048576),
        Some("1"),
    ),
    open("datafusion.execution.parquet.statistics_truncate_length", Count(1, 1048576), Some("64")),
    open("datafusion.execution.parquet.write_batch_size", Count(1, 1048576), Some("1024")),
    open("datafusion.execution.parquet.writer_version", Word(&["1.0", "2.0"]), Some("1.0")),
    open("datafusion.execution.perfect_hash_join_min_key_density", Fraction, Some("0.15")),
    open(
        "datafusion.execution.perfect_hash_join_small_build_threshold",
        Count(0, 1000000000000),
        Some("1024"),
    ),
    open(
        "datafusion.execution.skip_partial_aggregation_probe_ratio_threshold",
        Fraction,
        Some("0.8"),
    ),
    open(
        "datafusion.execution.skip_partial_aggregation_probe_rows_threshold",
        Count(0, 1000000000000),
        Some("100000"),
    ),
    open("datafusion.execution.sort_in_place_threshold_bytes", SizeOrOff, Some("1MiB")),
    open("datafusion.execution.sort_pushdown_buffer_capacity", Size, Some("1GiB")),
    open("datafusion.execution.split_file_groups_by_statistics", Flag, Some("false")),
    open(
        "datafusion.execution.use_row_number_estimates_to_optimize_partitioning",
        Flag,
        Some("false"),
    ),
    open(
        "datafusion.explain.analyze_categories",
        Words(&["rows", "bytes", "timing", "uncategorized"], ["all", "none"]),
        Some("all"),
    ),
    open("datafusion.explain.logical_plan_only", Flag, Some("false")),
    open("datafusion.explain.physical_plan_only", Flag, Some("false")),
    open("datafusion.explain.tree_maximum_render_width", Count(0, 1048576), Some("240")),
    open("datafusion.optimizer.allow_symmetric_joins_without_pruning", Flag, Some("true")),
    open("datafusion.optimizer.default_filter_selectivity", Count(0, 100), Some("20")),
    open("datafusion.optimizer.enable_distinct_aggregation_soft_limit", Flag, Some("true")),
    open("datafusion.optimizer.enable_leaf_expression_pushdown", Flag, Some("true")),
    open("datafusion.optimizer.enable_round_robin_repartition", Flag, Some("true")),
    open("datafusion.optimizer.enable_topk_repartition", Flag, Some("true")),
    open("datafusion.optimizer.enable_window_limits", Flag, Some("true")),
    open("datafusion.optimizer.filter_null_join_keys", Flag, Some("false")),
    open(
        "datafusion.optimizer.hash_join_inlist_pushdown_max_distinct_values",
        Count(0, 1000000000000),
        Some("150"),
    ),
    open("datafusion.optimizer.hash_join_inlist_pushdown_max_size", SizeOrOff, Some("128KiB")),
    open("datafusion.optimizer.prefer_existing_sort", Flag, Some("false")),
    open("datafusion.optimizer.prefer_existing_union", Flag, Some("false")),
    open("datafusion.optimizer.preserve_file_partitions", Count(0, 1048576), Some("0")),
    open("datafusion.optimizer.subset_repartition_threshold", Count(0, 1048576), Some("4")),
    open("datafusion.optimizer.top_down_join_key_reordering", Flag, Some("true")),
    open("datafusion.sql_parser.recursion_limit", Count(1, 100000), Some("50")),
];

/// Sorted by key.
pub(super) static REFUSED: &[RefusedOption] = &[
    fixed(
        "datafusion.catalog.create_default_catalog_and_schema",
        "true",
        "names of relations are resolved by the policy, in its own namespace",
    ),
    left(
        "datafusion.catalog.default_catalog",
        "names of relations are resolved by the policy, in its own namespace",
    ),
    left(
        "datafusion.catalog.default_schema",
        "names of relations are resolved by the policy, in its own namespace",
    ),
    left(
        "datafusion.catalog.format",
        "tables are declared in the project, never found by looking into a folder",
    ),
    left(
        "datafusion.catalog.has_header",
        "how a file is read is said where the file is named, not for all files of a session",
    ),
    left(
        "datafusion.catalog.location",
        "tables are declared in the project, never found by looking into a folder",
    ),
    left(
        "datafusion.catalog.newlines_in_values",
        "how a file is read is said where the file is named, not for all files of a session",
    ),
    meaning(
        "datafusion.execution.enable_ansi_mode",
        "false",
        "casts and arithmetic do as the functions say, not as the session says",
    ),
    left(
        "datafusion.execution.keep_partition_by_columns",
        "what is written is the columns of the view; the layout of files is said with the target",
    ),
    left(
        "datafusion.execution.listing_table_factory_infer_partitions",
        "how a file is read is said where the file is named, not for all files of a session",
    ),
    left(
        "datafusion.execution.listing_table_ignore_subdirectory",
        "how a file is read is said where the file is named, not for all files of a session",
    ),
    meaning(
        "datafusion.execution.parquet.binary_as_string",
        "false",
        "it decides how strings are typed, and the types of a view are part of its schema",
    ),
    left(
        "datafusion.execution.parquet.coerce_int96",
        "how a file is read is said where the file is named, not for all files of a session",
    ),
    left(
        "datafusion.execution.parquet.coerce_int96_tz",
        "how a file is read is said where the file is named, not for all files of a session",
    ),
    left("datafusion.execution.parquet.created_by", "it says which program wrote a file"),
    meaning(
        "datafusion.execution.parquet.schema_force_view_types",
        "true",
        "it decides how strings are typed, and the Delta provider gives `Utf8View`",
    ),
    left(
        "datafusion.execution.parquet.skip_arrow_metadata",
        "what is stored in a file besides its columns is the writer's business",
    ),
    left(
        "datafusion.execution.parquet.skip_metadata",
        "how a file is read is said where the file is named, not for all files of a session",
    ),
    left(
        "datafusion.execution.skip_physical_aggregate_schema_check",
        "a plan whose types do not agree is a bug to be seen",
    ),
    left("datafusion.format.date_format", "results are formatted by whoever shows them"),
    left("datafusion.format.datetime_format", "results are formatted by whoever shows them"),
    left("datafusion.format.duration_format", "results are formatted by whoever shows them"),
    left("datafusion.format.null", "results are formatted by whoever shows them"),
    left("datafusion.format.safe", "results are formatted by whoever shows them"),
    left("datafusion.format.time_format", "results are formatted by whoever shows them"),
    left("datafusion.format.timestamp_format", "results are formatted by whoever shows them"),
    left("datafusion.format.timestamp_tz_format", "results are formatted by whoever shows them"),
    left("datafusion.format.types_info", "results are formatted by whoever shows them"),
    left(
        "datafusion.optimizer.enable_physical_uncorrelated_scalar_subquery",
        "without it a subquery of several rows silently gives a wrong result",
    ),
    left(
        "datafusion.optimizer.expand_views_at_output",
        "it decides how strings are typed, and the types of a view are part of its schema",
    ),
    fixed(
        "datafusion.optimizer.prefer_hash_join",
        "true",
        "how joins are computed is the knob `join_strategy`, which holds for one partition too",
    ),
    fixed(
        "datafusion.optimizer.skip_failed_rules",
        "false",
        "a rule that fails is a bug to be seen, not a plan to be run half optimised",
    ),
    left("datafusion.runtime.temp_directory", "where spill files go is the knob `spill_dir`"),
    left("datafusion.spark.map_key_dedup_policy", "the functions that it is about are not there"),
    fixed("datafusion.sql_parser.collect_spans", "true", "errors point at the text they are about"),
    left(
        "datafusion.sql_parser.dialect",
        "statements are parsed by the policy: the dialect is said in [policy]",
    ),
    meaning(
        "datafusion.sql_parser.enable_ident_normalization",
        "true",
        "unquoted names are folded everywhere in the same way",
    ),
    left("datafusion.sql_parser.enable_options_value_normalization", "the engine ignores it"),
    meaning(
        "datafusion.sql_parser.enable_subquery_sort_elimination",
        "true",
        "whether an ORDER BY of a subquery survives decides which rows an outer LIMIT keeps",
    ),
    meaning(
        "datafusion.sql_parser.map_string_types_to_utf8view",
        "true",
        "it decides how strings are typed, and the types of a view are part of its schema",
    ),
    meaning(
        "datafusion.sql_parser.support_varchar_with_length",
        "true",
        "VARCHAR(n) is taken, and n is not enforced",
    ),
];

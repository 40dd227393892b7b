use toml::de::DeTable;
use viewlane_core::SourceText;

use crate::{Knob, Preset, Profile};

/// Reads the table `[profile]` of a project file and shows what is wrong as a person sees it.
#[track_caller]
fn check(profile: &str) -> String {
    match read(profile) {
        Ok(profile) => format!("{profile:?}"),
        Err(found) => found
            .iter()
            .map(|found| {
                let place = found.location.as_ref().expect("every problem has a place");
                format!(
                    "{}: {}\n  {place}\n  | {}\n  | {}{}\n  {}\n",
                    found.code,
                    found.message,
                    place.line_text,
                    " ".repeat(place.column - 1),
                    "^".repeat(place.width),
                    found.help.as_deref().expect("every problem has an advice"),
                )
            })
            .collect(),
    }
}

fn read(profile: &str) -> Result<Profile, Vec<viewlane_core::Diagnostic>> {
    let text = format!("[project]\nname = \"é\"\n\n[profile]\n{profile}");
    let source = SourceText::new("viewlane.toml", text);
    let file = DeTable::parse(source.text()).expect("the test is TOML");
    let table = file.get_ref().get("profile").and_then(|table| table.get_ref().as_table());
    Profile::from_toml(table.expect("there is a profile"), &source)
}

#[test]
fn an_empty_table_is_the_default() {
    assert_eq!(read("").unwrap(), Profile::default());
}

#[test]
fn a_preset_comes_first_wherever_it_stands() {
    let profile = read("batch_size = 1_024\npreset = \"memory_tight\"").unwrap();
    assert_eq!(profile.settings().get("datafusion.execution.batch_size"), Some("1024"));
    assert_eq!(profile.settings().get("viewlane.memory_pool"), Some("fair"));
}

#[test]
fn every_knob_is_read_from_its_example() {
    for knob in Knob::all() {
        let line = knob.example_line();
        let profile = read(line.trim_matches('`')).unwrap();
        assert_eq!(knob.value(&profile), knob.example);
    }
}

#[test]
fn an_overlay_keeps_what_it_does_not_name() {
    let source = SourceText::new("viewlane.toml", "batch_size = 1");
    let table = DeTable::parse(source.text()).unwrap();
    let base = Profile::of_preset(Preset::MemoryTight);
    let profile = base.overlay_toml(table.get_ref(), &source).unwrap();
    assert_eq!(Knob::named("batch_size").unwrap().value(&profile), "1");
    assert_eq!(Knob::named("memory_limit").unwrap().value(&profile), "1GiB");
}

#[test]
fn unknown_keys_name_the_nearest_known_one() {
    insta::assert_snapshot!(check("batchsize = 8192"), @"
    VL-R0102: there is no knob `batchsize`
      viewlane.toml:5:1
      | batchsize = 8192
      | ^^^^^^^^^
      did you mean `batch_size`?
    ");
    insta::assert_snapshot!(check("presets = \"dev\""), @r#"
    VL-R0102: there is no knob `presets`
      viewlane.toml:5:1
      | presets = "dev"
      | ^^^^^^^
      did you mean `preset`?
    "#);
    insta::assert_snapshot!(check("wombat = true"), @"
    VL-R0102: there is no knob `wombat`
      viewlane.toml:5:1
      | wombat = true
      | ^^^^^^
      docs/profile.md lists the knobs
    ");
}

#[test]
fn unknown_presets_name_the_nearest_known_one() {
    insta::assert_snapshot!(check("preset = \"memory-tight\""), @r#"
    VL-R0101: there is no preset `memory-tight`
      viewlane.toml:5:10
      | preset = "memory-tight"
      |          ^^^^^^^^^^^^^^
      did you mean `memory_tight`?
    "#);
    insta::assert_snapshot!(check("preset = \"gigantic\""), @r#"
    VL-R0101: there is no preset `gigantic`
      viewlane.toml:5:10
      | preset = "gigantic"
      |          ^^^^^^^^^^
      presets are `default`, `dev`, `prod`, `memory_tight`, `bulk`, `deterministic`
    "#);
    insta::assert_snapshot!(check("preset = 1"), @r#"
    VL-R0103: `preset` takes the name of a preset, not an integer
      viewlane.toml:5:10
      | preset = 1
      |          ^
      write `preset = "prod"`
    "#);
}

#[test]
fn values_of_another_type_are_refused() {
    insta::assert_snapshot!(check("memory_limit = 4"), @r#"
    VL-R0103: `memory_limit` takes a size such as "4GiB", or "unbounded", not an integer
      viewlane.toml:5:16
      | memory_limit = 4
      |                ^
      write `memory_limit = "2GiB"`
    "#);
    insta::assert_snapshot!(check("batch_size = \"8192\""), @r#"
    VL-R0103: `batch_size` takes an integer from 1 to 1048576, not a string
      viewlane.toml:5:14
      | batch_size = "8192"
      |              ^^^^^^
      write `batch_size = 4096`
    "#);
    insta::assert_snapshot!(check("batch_size = 1.5"), @"
    VL-R0103: `batch_size` takes an integer from 1 to 1048576, not a float
      viewlane.toml:5:14
      | batch_size = 1.5
      |              ^^^
      write `batch_size = 4096`
    ");
    insta::assert_snapshot!(check("target_partitions = true"), @r#"
    VL-R0103: `target_partitions` takes an integer from 1 to 4096, or "auto", not a boolean
      viewlane.toml:5:21
      | target_partitions = true
      |                     ^^^^
      write `target_partitions = 4`
    "#);
    insta::assert_snapshot!(check("collect_statistics = \"false\""), @r#"
    VL-R0103: `collect_statistics` takes `true` or `false`, not a string
      viewlane.toml:5:22
      | collect_statistics = "false"
      |                      ^^^^^^^
      write `collect_statistics = false`
    "#);
    insta::assert_snapshot!(check("time_zone = 02:00:00"), @r#"
    VL-R0103: `time_zone` takes a time zone such as "UTC", "+02:00" or "Europe/Berlin", not a date or time
      viewlane.toml:5:13
      | time_zone = 02:00:00
      |             ^^^^^^^^
      write `time_zone = "Europe/Berlin"`
    "#);
    insta::assert_snapshot!(check("spill_dir = [\"a\", 1]"), @r#"
    VL-R0103: `spill_dir` takes the path of a folder, or an array of them, not an array
      viewlane.toml:5:13
      | spill_dir = ["a", 1]
      |             ^^^^^^^^
      write `spill_dir = "target/spill"`
    "#);
    insta::assert_snapshot!(check("memory_pool = { kind = \"fair\" }"), @r#"
    VL-R0103: `memory_pool` takes "greedy" or "fair", not a table
      viewlane.toml:5:15
      | memory_pool = { kind = "fair" }
      |               ^^^^^^^^^^^^^^^^^
      write `memory_pool = "fair"`
    "#);
}

#[test]
fn zero_and_what_is_out_of_range_are_refused() {
    insta::assert_snapshot!(check("batch_size = 0"), @"
    VL-R0104: `batch_size` does not take `0`: it must not be zero
      viewlane.toml:5:14
      | batch_size = 0
      |              ^
      write an integer from 1 to 1048576
    ");
    insta::assert_snapshot!(check("max_concurrent_views = -1"), @"
    VL-R0104: `max_concurrent_views` does not take `-1`: it must not be negative
      viewlane.toml:5:24
      | max_concurrent_views = -1
      |                        ^^
      write an integer from 1 to 4096
    ");
    insta::assert_snapshot!(check("target_partitions = 100000"), @"
    VL-R0104: `target_partitions` does not take `100000`: it is too large
      viewlane.toml:5:21
      | target_partitions = 100000
      |                     ^^^^^^
      write an integer from 1 to 4096
    ");
    insta::assert_snapshot!(check("batch_size = 999999999999999999999999999999999999999999"), @"
    VL-R0104: `batch_size` does not take `999999999999999999999999999999999999999999`: it is too large
      viewlane.toml:5:14
      | batch_size = 999999999999999999999999999999999999999999
      |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      write an integer from 1 to 1048576
    ");
    insta::assert_snapshot!(check("memory_limit = \"0GiB\""), @r#"
    VL-R0104: `memory_limit` does not take `0GiB`: a size must not be zero
      viewlane.toml:5:16
      | memory_limit = "0GiB"
      |                ^^^^^^
      write a size such as "4GiB", or "unbounded"
    "#);
    insta::assert_snapshot!(check("spill_limit = \"99999999TiB\""), @r#"
    VL-R0104: `spill_limit` does not take `99999999TiB`: the size does not fit 64 bits
      viewlane.toml:5:15
      | spill_limit = "99999999TiB"
      |               ^^^^^^^^^^^^^
      write a size such as "4GiB", or "unbounded"
    "#);
}

#[test]
fn texts_that_are_not_taken_are_refused() {
    insta::assert_snapshot!(check("memory_limit = \"4GB\""), @r#"
    VL-R0104: `memory_limit` does not take `4GB`: the unit is ambiguous; units are powers of two and end in `iB`
      viewlane.toml:5:16
      | memory_limit = "4GB"
      |                ^^^^^
      write "4GiB"
    "#);
    insta::assert_snapshot!(check("memory_limit = \"unlimited\""), @r#"
    VL-R0104: `memory_limit` does not take `unlimited`: a size is a whole number followed by `B`, `KiB`, `MiB`, `GiB` or `TiB`
      viewlane.toml:5:16
      | memory_limit = "unlimited"
      |                ^^^^^^^^^^^
      write a size such as "4GiB", or "unbounded"
    "#);
    insta::assert_snapshot!(check("target_partitions = \"8\""), @r#"
    VL-R0104: `target_partitions` does not take `8`: the only text is `auto`
      viewlane.toml:5:21
      | target_partitions = "8"
      |                     ^^^
      write an integer without quotes, or "auto"
    "#);
    insta::assert_snapshot!(check("memory_pool = \"gready\""), @r#"
    VL-R0104: `memory_pool` does not take `gready`: it is none of `greedy`, `fair`
      viewlane.toml:5:15
      | memory_pool = "gready"
      |               ^^^^^^^^
      did you mean `greedy`?
    "#);
    insta::assert_snapshot!(check("float_literals = \"f32\""), @r#"
    VL-R0104: `float_literals` does not take `f32`: it is none of `float64`, `decimal`
      viewlane.toml:5:18
      | float_literals = "f32"
      |                  ^^^^^
      write one of `float64`, `decimal`
    "#);
    insta::assert_snapshot!(check("default_null_ordering = \"last\""), @r#"
    VL-R0104: `default_null_ordering` does not take `last`: it is none of `nulls_max`, `nulls_min`, `nulls_first`, `nulls_last`
      viewlane.toml:5:25
      | default_null_ordering = "last"
      |                         ^^^^^^
      write one of `nulls_max`, `nulls_min`, `nulls_first`, `nulls_last`
    "#);
    insta::assert_snapshot!(check("time_zone = \"+00:00\""), @r#"
    VL-R0104: `time_zone` does not take `+00:00`: Delta Lake stores this zone only under the name `UTC`
      viewlane.toml:5:13
      | time_zone = "+00:00"
      |             ^^^^^^^^
      write "UTC"
    "#);
    insta::assert_snapshot!(check("time_zone = \"Berlin\""), @r#"
    VL-R0104: `time_zone` does not take `Berlin`: it is neither `UTC`, nor an offset, nor the IANA name of a zone
      viewlane.toml:5:13
      | time_zone = "Berlin"
      |             ^^^^^^^^
      write "UTC", an offset such as "+02:00", or a name such as "Europe/Berlin"
    "#);
    insta::assert_snapshot!(check("spill_dir = \"\""), @r#"
    VL-R0104: `spill_dir` does not take `""`: the path is empty
      viewlane.toml:5:13
      | spill_dir = ""
      |             ^^
      name a folder, or remove the line to spill into the machine's own
    "#);
}

#[test]
fn contradictions_are_refused_and_only_between_what_was_written() {
    insta::assert_snapshot!(check("memory_limit = \"unbounded\"\nmemory_pool = \"fair\""), @r#"
    VL-R0105: `memory_pool` has no meaning when `memory_limit` is `unbounded`
      viewlane.toml:6:1
      | memory_pool = "fair"
      | ^^^^^^^^^^^
      remove `memory_pool`, or give `memory_limit` a bound
    "#);
    insta::assert_snapshot!(check("spill_limit = \"1GiB\"\nmemory_limit = \"unbounded\""), @r#"
    VL-R0105: `spill_limit` has no meaning when `memory_limit` is `unbounded`
      viewlane.toml:5:1
      | spill_limit = "1GiB"
      | ^^^^^^^^^^^
      remove `spill_limit`, or give `memory_limit` a bound
    "#);
    assert!(read("preset = \"prod\"\nmemory_limit = \"unbounded\"").is_ok());
}

#[test]
fn all_problems_are_told_at_once_and_from_top_to_bottom() {
    insta::assert_snapshot!(
        check("preset = \"prd\"\nmemory_pool = \"fair\"\nbatch_size = 0\nx = 1\nmemory_limit = \"unbounded\"\ntime_zone = 'é'"),
        @r#"
        VL-R0101: there is no preset `prd`
          viewlane.toml:5:10
          | preset = "prd"
          |          ^^^^^
          did you mean `prod`?
        VL-R0105: `memory_pool` has no meaning when `memory_limit` is `unbounded`
          viewlane.toml:6:1
          | memory_pool = "fair"
          | ^^^^^^^^^^^
          remove `memory_pool`, or give `memory_limit` a bound
        VL-R0104: `batch_size` does not take `0`: it must not be zero
          viewlane.toml:7:14
          | batch_size = 0
          |              ^
          write an integer from 1 to 1048576
        VL-R0102: there is no knob `x`
          viewlane.toml:8:1
          | x = 1
          | ^
          docs/profile.md lists the knobs
        VL-R0104: `time_zone` does not take `é`: it is neither `UTC`, nor an offset, nor the IANA name of a zone
          viewlane.toml:10:13
          | time_zone = 'é'
          |             ^^^
          write "UTC", an offset such as "+02:00", or a name such as "Europe/Berlin"
        "#
    );
}

#[test]
fn options_of_the_engine_are_read_however_their_keys_are_written() {
    let option = "datafusion.optimizer.preserve_file_partitions";
    for text in [
        "[profile.datafusion]\noptimizer.preserve_file_partitions = 7",
        "[profile.datafusion]\n\"optimizer.preserve_file_partitions\" = 7",
        "[profile.datafusion.optimizer]\npreserve_file_partitions = 0x7",
        "datafusion.optimizer.preserve_file_partitions = 7",
    ] {
        let profile = read(text).unwrap();
        assert_eq!(profile.settings().get(option), Some("7"), "{text}");
    }
    let profile = read("[profile.datafusion.execution]\nperfect_hash_join_min_key_density = 0.250\nparquet.encoding = \"plain\"\nsort_in_place_threshold_bytes = \"off\"\n[profile.datafusion.explain]\nanalyze_categories = \"bytes, rows,bytes\"").unwrap();
    for (key, value) in [
        ("execution.perfect_hash_join_min_key_density", "0.25"),
        ("execution.parquet.encoding", "plain"),
        ("execution.sort_in_place_threshold_bytes", "off"),
        ("explain.analyze_categories", "rows,bytes"),
    ] {
        assert_eq!(profile.settings().get(&format!("datafusion.{key}")), Some(value));
    }
}

#[test]
fn options_that_cannot_be_set_are_refused_with_the_reason() {
    insta::assert_snapshot!(
        check("datafusion = 1\n"),
        @r#"
    VL-R0103: `datafusion` takes a table of options of the engine, not an integer
      viewlane.toml:5:14
      | datafusion = 1
      |              ^
      write `[profile.datafusion]`
    "#
    );
    insta::assert_snapshot!(
        check("[profile.datafusion]\noptimizer.prefer_existing_sorts = true\nexecution.batch_size = 1\ncatalog.location = \"x\"\nwombat = 1\noptimizer.prefer_existing_sort = 1\noptimizer.default_filter_selectivity = 101\nexecution.parquet.writer_version = \"3.0\"\nexecution.perfect_hash_join_min_key_density = 1.5"),
        @r#"
    VL-R0106: there is no option `optimizer.prefer_existing_sorts` of the engine
      viewlane.toml:6:11
      | optimizer.prefer_existing_sorts = true
      |           ^^^^^^^^^^^^^^^^^^^^^
      did you mean `optimizer.prefer_existing_sort`?
    VL-R0107: `datafusion.execution.batch_size` cannot be set: it is the knob `batch_size`
      viewlane.toml:7:11
      | execution.batch_size = 1
      |           ^^^^^^^^^^
      write `batch_size = 4096` in [profile]
    VL-R0107: `datafusion.catalog.location` cannot be set: tables are declared in the project, never found by looking into a folder
      viewlane.toml:8:9
      | catalog.location = "x"
      |         ^^^^^^^^
      remove it
    VL-R0106: there is no option `wombat` of the engine
      viewlane.toml:9:1
      | wombat = 1
      | ^^^^^^
      docs/profile.md lists the options that can be set
    VL-R0103: `datafusion.optimizer.prefer_existing_sort` takes `true` or `false`, not an integer
      viewlane.toml:10:34
      | optimizer.prefer_existing_sort = 1
      |                                  ^
      write `true` or `false`
    VL-R0104: `datafusion.optimizer.default_filter_selectivity` does not take `101`: it is too large
      viewlane.toml:11:40
      | optimizer.default_filter_selectivity = 101
      |                                        ^^^
      write an integer from 0 to 100
    VL-R0104: `datafusion.execution.parquet.writer_version` does not take `3.0`: it is none of `1.0`, `2.0`
      viewlane.toml:12:36
      | execution.parquet.writer_version = "3.0"
      |                                    ^^^^^
      did you mean `1.0`?
    VL-R0104: `datafusion.execution.perfect_hash_join_min_key_density` does not take `1.5`: it is not a number from 0.0 to 1.0
      viewlane.toml:13:47
      | execution.perfect_hash_join_min_key_density = 1.5
      |                                               ^^^
      write a number from 0.0 to 1.0, such as 0.5
    "#
    );
}

#[test]
fn every_contradiction_is_told() {
    let contradictions = |text: &str| {
        let found = read(text).unwrap_err();
        found.iter().map(|found| format!("{}\n", found.message)).collect::<String>()
    };
    insta::assert_snapshot!(
        contradictions("list_files_cache_limit = \"off\"\nlist_files_cache_ttl = \"1m\"\ndynamic_filters = false\njoin_dynamic_filters = true\ntopk_dynamic_filters = true\naggregate_dynamic_filters = true\njoin_strategy = \"hash\"\njoin_build_budget = \"1GiB\"\nparquet_pushdown_filters = false\nparquet_reorder_filters = true\ndeterminism = \"canonical\"\ntarget_partitions = \"auto\"\nmemory_limit = \"unbounded\"\nspill_compression = \"zstd\""),
        @"
    `list_files_cache_ttl` has no meaning when `list_files_cache_limit` is `off`
    `join_dynamic_filters` has no meaning when `dynamic_filters` is `false`
    `topk_dynamic_filters` has no meaning when `dynamic_filters` is `false`
    `aggregate_dynamic_filters` has no meaning when `dynamic_filters` is `false`
    `join_build_budget` has no meaning when `join_strategy` is `hash`
    `parquet_reorder_filters` has no meaning when `parquet_pushdown_filters` is `false`
    `target_partitions` has no meaning when `determinism` is `canonical`
    `spill_compression` has no meaning when `memory_limit` is `unbounded`
    "
    );
    assert!(read("determinism = \"canonical\"\ntarget_partitions = 1").is_ok());
    assert!(read("dynamic_filters = false\njoin_dynamic_filters = false").is_ok());
}

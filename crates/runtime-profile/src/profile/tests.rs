use proptest::prelude::*;

use super::*;
use std::collections::BTreeSet;

use crate::{ByteSize, Machine, Parallelism};

fn with(knob: &str, value: &str) -> Profile {
    Profile::builder().set(knob, value).unwrap().build().unwrap()
}

#[test]
fn the_effective_settings_of_the_default_are_pinned() {
    insta::assert_snapshot!(Profile::default().settings());
    insta::assert_snapshot!(Profile::default().fingerprint(), @"128c05ac1c8d7d044c835c576e66e4a37ce9bdc3e9beb04db81f98b5b8a68c9f");
}

#[test]
fn the_settings_that_change_a_meaning_are_pinned() {
    let meaning: Vec<_> = Profile::default()
        .meaning_settings()
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    insta::assert_snapshot!(meaning.join("\n"), @"
    datafusion.execution.enable_ansi_mode = false
    datafusion.execution.parquet.binary_as_string = false
    datafusion.execution.parquet.schema_force_view_types = true
    datafusion.execution.time_zone = UTC
    datafusion.sql_parser.default_null_ordering = nulls_max
    datafusion.sql_parser.enable_ident_normalization = true
    datafusion.sql_parser.enable_subquery_sort_elimination = true
    datafusion.sql_parser.map_string_types_to_utf8view = true
    datafusion.sql_parser.parse_float_as_decimal = false
    datafusion.sql_parser.support_varchar_with_length = true
    ");
}

#[test]
fn presets_differ_from_the_default_as_their_table_says() {
    let default = Profile::default();
    let mut table = String::new();
    for preset in Preset::ALL {
        let profile = Profile::preset(preset.name()).unwrap();
        table += &format!("{preset}\n");
        for knob in Knob::all() {
            if knob.value(&profile) != knob.value(&default) {
                table += &format!("  {} = {}\n", knob.name, knob.value(&profile));
            }
        }
    }
    insta::assert_snapshot!(table);
}

#[test]
fn every_knob_but_the_spill_dir_changes_the_hash() {
    let default = Profile::default();
    for knob in Knob::all() {
        let changed = with(knob.name, knob.example);
        assert_eq!(knob.value(&changed), knob.example, "`{}`", knob.name);
        assert_ne!(
            knob.value(&changed),
            knob.value(&default),
            "the example of `{}` is its default",
            knob.name
        );
        assert_eq!(
            changed.fingerprint() != default.fingerprint(),
            knob.name != "spill_dir",
            "`{}`",
            knob.name
        );
        assert_ne!(changed, default, "`{}`", knob.name);
    }
}

/// The settings that follow from a knob beside its own.
fn following(knob: &str) -> &'static [&'static str] {
    match knob {
        "memory_limit" | "join_strategy" => &["viewlane.join_build_budget"],
        "determinism" => &["datafusion.execution.target_partitions"],
        "dynamic_filters" => &[
            "datafusion.optimizer.enable_aggregate_dynamic_filter_pushdown",
            "datafusion.optimizer.enable_join_dynamic_filter_pushdown",
            "datafusion.optimizer.enable_topk_dynamic_filter_pushdown",
        ],
        _ => &[],
    }
}

#[test]
fn exactly_the_settings_of_a_knob_change_with_it() {
    let default = Profile::default();
    for knob in Knob::all() {
        let changed = with(knob.name, knob.example);
        let keys: BTreeSet<_> = default
            .settings()
            .iter()
            .chain(changed.settings().iter())
            .map(|(key, _)| key)
            .collect();
        let moved: BTreeSet<_> = keys
            .into_iter()
            .filter(|key| default.settings().get(key) != changed.settings().get(key))
            .collect();
        let expected = knob.key.iter().chain(following(knob.name)).copied().collect();
        assert_eq!(moved, expected, "`{}`", knob.name);
        let meaning = default.meaning_settings().ne(changed.meaning_settings());
        assert_eq!(meaning, knob.meaning, "`{}`", knob.name);
    }
}

#[test]
fn a_hash_is_the_same_each_time_it_is_computed() {
    let profile = || {
        Profile::builder()
            .preset(Preset::MemoryTight)
            .target_partitions(Parallelism::Auto)
            .build()
            .unwrap()
    };
    assert_eq!(profile(), profile());
    for preset in Preset::ALL.map(Profile::of_preset).into_iter().chain([profile()]) {
        let snapshot = || {
            let profile = preset.clone();
            let rows = profile.rows(&Machine::new(NonZeroUsize::MIN, "/tmp", "/project"));
            (profile.fingerprint(), serde_json::to_string(&(profile.settings(), rows)).unwrap())
        };
        assert_eq!(snapshot(), snapshot());
    }
    assert_ne!(profile().fingerprint(), Profile::of_preset(Preset::MemoryTight).fingerprint());
}

#[test]
fn what_depends_on_the_machine_is_auto() {
    let profile = Profile::default();
    let auto: Vec<_> = profile
        .settings()
        .iter()
        .filter(|(_, value)| *value == "auto")
        .map(|(key, _)| key)
        .collect();
    assert_eq!(
        auto,
        [
            "datafusion.execution.planning_concurrency",
            "datafusion.execution.target_partitions",
            "viewlane.max_concurrent_views",
        ]
    );
    let cores = NonZeroUsize::new(7).unwrap();
    assert_eq!(profile.max_concurrent_views(cores), cores);
    assert_eq!(with("max_concurrent_views", "3").max_concurrent_views(cores).get(), 3);
}

#[test]
fn two_spellings_of_a_size_are_one_setting() {
    assert_eq!(with("memory_limit", "2048MiB"), with("memory_limit", "2GiB"));
}

#[test]
fn without_a_bound_on_memory_there_is_no_pool_to_tell_apart() {
    let profile = with("memory_limit", "unbounded");
    assert_eq!(profile.settings().get("viewlane.memory_pool"), Some("unbounded"));
    assert_eq!(profile.origin("memory_pool"), Some(Origin::Derived("memory_limit")));

    let fair =
        Profile::builder().preset(Preset::Prod).memory_limit(Limit::Unbounded).build().unwrap();
    assert_eq!(fair, profile_of("prod", "unbounded"));
    assert_eq!(fair.settings().get("viewlane.memory_pool"), Some("unbounded"));
}

fn profile_of(preset: &str, memory: &str) -> Profile {
    let preset = Profile::builder().set("preset", preset).unwrap();
    preset.set("memory_limit", memory).unwrap().build().unwrap()
}

#[test]
fn what_follows_from_a_knob_is_there_for_everybody() {
    let one = Parallelism::Exactly(NonZeroUsize::MIN);
    for tier in ["stable_set", "canonical"] {
        let profile = with("determinism", tier);
        assert_eq!(profile.parallelism().target_partitions, one);
        assert_eq!(profile.origin("target_partitions"), Some(Origin::Derived("determinism")));
    }
    assert!(!with("dynamic_filters", "false").optimizer().topk_dynamic_filters);

    let budget = |profile: &Profile| profile.join_budget().map(|budget| budget.to_string());
    assert_eq!(budget(&Profile::default()).as_deref(), Some("2GiB"));
    assert_eq!(budget(&with("memory_limit", "512MiB")).as_deref(), Some("128MiB"));
    assert_eq!(budget(&with("memory_limit", "unbounded")).as_deref(), Some("unbounded"));
    assert_eq!(budget(&with("join_build_budget", "1MiB")).as_deref(), Some("1MiB"));
    assert_eq!(budget(&with("join_strategy", "hash")), None);
    // A budget that is said and the one that follows are one setting.
    let said = with("join_build_budget", "2GiB");
    assert_eq!(said.fingerprint(), Profile::default().fingerprint());
}

#[test]
fn an_option_that_is_set_to_its_default_is_not_set() {
    let same = with("datafusion.optimizer.prefer_existing_sort", "false");
    assert_eq!(same, Profile::default());
    let other = with("datafusion.optimizer.prefer_existing_sort", "true");
    assert_ne!(other, Profile::default());
    let stored: BTreeMap<String, String> = other.clone().into();
    assert_eq!(Profile::try_from(stored).unwrap(), other);
}

#[test]
fn rows_tell_value_origin_and_what_is_hashed() {
    let machine = Machine::new(NonZeroUsize::new(7).unwrap(), "/tmp", "/project");
    let profile = Profile::builder()
        .preset(Preset::Prod)
        .set("batch_size", "1024")
        .unwrap()
        .set("datafusion.optimizer.prefer_existing_sort", "true")
        .unwrap()
        .spill_dir(vec!["spill".into()])
        .build()
        .unwrap();
    let rows = profile.rows(&machine);
    // Nothing that is hashed is not shown, and nothing else.
    let hashed: Vec<_> =
        rows.iter().filter_map(|row| Some((row.key, row.hashed_as.as_deref()?))).collect();
    assert_eq!(hashed, profile.settings().iter().collect::<Vec<_>>());
    let table: Vec<_> = rows
        .iter()
        .map(|row| {
            let hashed = row.hashed_as.as_deref().unwrap_or("-");
            format!("{} | {} | {} | {hashed}", row.key, row.value, row.origin)
        })
        .collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[track_caller]
fn refused(result: Result<impl std::fmt::Debug, Error>) -> String {
    let error = result.unwrap_err();
    let found = error.to_diagnostic();
    format!("{found}\n{}", found.help.as_deref().unwrap_or_default())
}

#[test]
fn a_builder_names_what_is_wrong() {
    insta::assert_snapshot!(refused(Profile::preset("memory-tight")), @"
    VL-R0101: there is no preset `memory-tight`
    did you mean `memory_tight`?
    ");
    insta::assert_snapshot!(refused(Profile::preset("warehouse")), @"
    VL-R0101: there is no preset `warehouse`
    presets are `default`, `dev`, `prod`, `memory_tight`, `bulk`, `deterministic`
    ");
    insta::assert_snapshot!(refused(Profile::builder().set("batchsize", "1")), @"
    VL-R0102: there is no knob `batchsize`
    did you mean `batch_size`?
    ");
    insta::assert_snapshot!(refused(Profile::builder().set("batch_size", "many")), @"
    VL-R0104: `batch_size` does not take `many`: it is not an integer
    write an integer from 1 to 1048576
    ");
    insta::assert_snapshot!(
        refused(
            Profile::builder()
                .memory_pool(MemoryPool::Fair)
                .memory_limit(Limit::Unbounded)
                .build()
        ),
        @"
        VL-R0105: `memory_pool` has no meaning when `memory_limit` is `unbounded`
        remove `memory_pool`, or give `memory_limit` a bound
        "
    );
    // A preset forgets what was said before it.
    let started_over = Profile::builder()
        .memory_pool(MemoryPool::Fair)
        .preset(Preset::Default)
        .memory_limit(Limit::Unbounded)
        .build();
    assert!(started_over.is_ok());
}

#[test]
fn every_knob_is_documented_with_its_default() {
    for knob in Knob::all() {
        let default = match knob.name {
            "spill_dir" => "the temporary folder of the machine".to_owned(),
            _ => format!("`{}`", knob.value(&Profile::default())),
        };
        let documentation = knob.documentation();
        assert!(documentation.contains(&format!("Default: {default}")), "{documentation}");
    }
}

#[test]
fn knobs_are_listed_once_and_by_group() {
    let mut names: Vec<_> = Knob::all().iter().map(|knob| knob.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Knob::all().len());
    assert!(Knob::all().is_sorted_by_key(|knob| knob.group));
}

#[test]
fn a_stored_profile_is_read_back() {
    let profile = Profile::builder()
        .preset(Preset::Prod)
        .memory_limit(Limit::Unbounded)
        .spill_dir(vec!["target/spill".into()])
        .build()
        .unwrap();
    let stored = serde_json::to_string_pretty(&profile).unwrap();
    insta::assert_snapshot!(stored);
    assert_eq!(serde_json::from_str::<Profile>(&stored).unwrap(), profile);
    insta::assert_snapshot!(
        serde_json::from_str::<Profile>(r#"{"batch_size": "0"}"#).unwrap_err(),
        @"`batch_size` does not take `0`: it must not be zero"
    );
}

proptest! {
    /// Whatever is set to whatever it takes, equal profiles have equal settings and hashes, storing
    /// loses nothing, and nothing but the spill folder differs without changing the hash.
    #[test]
    fn settings_hash_and_stored_form_agree(one in any_profile(), other in any_profile()) {
        let stored: BTreeMap<String, String> = one.clone().into();
        prop_assert_eq!(&Profile::try_from(stored).unwrap(), &one);

        let same = one.settings() == other.settings();
        prop_assert_eq!(one.fingerprint() == other.fingerprint(), same);
        let rest = |profile: &Profile| {
            let mut base = profile.base.clone();
            base.knobs.memory.spill_dir = Vec::new();
            Profile::new(base)
        };
        prop_assert_eq!(rest(&one) == rest(&other), same);
    }
}

fn any_profile() -> impl Strategy<Value = Profile> {
    let flips = prop::collection::vec(any::<bool>(), Knob::all().len());
    let preset = prop::sample::select(Preset::ALL.to_vec());
    let memory = prop_oneof![
        Just(Limit::Unbounded),
        (1_u64..4).prop_map(|gib| Limit::Bytes(ByteSize::gib(gib))),
    ];
    (preset, flips, memory).prop_map(|(preset, flips, memory)| {
        let mut base = Base::of(preset);
        for (knob, _) in Knob::all().iter().zip(flips).filter(|(_, flip)| *flip) {
            knob.set(&mut base.knobs, &Raw::Untyped(knob.example)).unwrap();
        }
        base.knobs.memory.memory_limit = memory;
        Profile::new(base)
    })
}

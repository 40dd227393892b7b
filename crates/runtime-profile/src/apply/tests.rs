use std::{collections::BTreeMap, num::NonZeroUsize, path::Path};

use datafusion::{
    arrow::{array::AsArray, util::pretty::pretty_format_batches},
    config::ConfigOptions,
    execution::memory_pool::MemoryLimit,
    physical_plan::{ExecutionPlan, collect},
};
use tempfile::TempDir;

use super::*;
use crate::{ByteSize, Knob, Preset};

const CORES: NonZeroUsize = NonZeroUsize::new(3).expect("not zero");

fn machine(folder: &Path) -> Machine {
    Machine::new(CORES, folder.join("tmp"), folder.join("project"))
}

fn factory(profile: &Profile) -> (SessionFactory, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (SessionFactory::new(profile, &machine(folder.path())).unwrap(), folder)
}

fn with(knob: &str, value: &str) -> Profile {
    Profile::builder().set(knob, value).unwrap().build().unwrap()
}

fn entries(options: &ConfigOptions) -> BTreeMap<String, Option<String>> {
    options.entries().into_iter().map(|entry| (entry.key, entry.value)).collect()
}

/// What a session, or the runtime below it, says about a setting: never what the profile says.
fn read_back(factory: &SessionFactory, key: &str) -> Option<String> {
    let runtime = factory.runtime();
    let size = |bytes: u64| ByteSize::from_bytes(bytes).map(|size| size.to_string());
    match key {
        "datafusion.runtime.memory_limit" => match runtime.memory_pool.memory_limit() {
            MemoryLimit::Infinite => Some("unbounded".to_owned()),
            MemoryLimit::Finite(bytes) => size(bytes as u64),
            MemoryLimit::Unknown => None,
        },
        "viewlane.memory_pool" => {
            let pool = runtime.memory_pool.as_ref();
            if pool.is::<TrackConsumersPool<FairSpillPool>>() {
                Some("fair".to_owned())
            } else {
                pool.is::<TrackConsumersPool<GreedyMemoryPool>>().then(|| "greedy".to_owned())
            }
        }
        "datafusion.runtime.max_temp_directory_size" => {
            match runtime.disk_manager.max_temp_directory_size() {
                u64::MAX => Some("unbounded".to_owned()),
                bytes => size(bytes),
            }
        }
        "datafusion.runtime.metadata_cache_limit" => {
            size(runtime.cache_manager.get_metadata_cache_limit() as u64)
        }
        key => {
            let state = factory.session_state();
            entries(state.config().options()).remove(key).flatten()
        }
    }
}

/// Fails for a knob that nobody applies: what the session says would not change with it.
#[test]
fn every_knob_is_applied() {
    for knob in Knob::all() {
        let profile = with(knob.name, knob.example);
        let (factory, folder) = factory(&profile);
        match (knob.name, knob.key) {
            ("spill_dir", None) => {
                let expected = folder.path().join("project").join(knob.example);
                let actual = factory.runtime().disk_manager.temp_dir_paths();
                assert_eq!(actual.len(), 1);
                assert!(actual[0].starts_with(&expected), "{actual:?}");
            }
            // Applied by whoever schedules views.
            ("max_concurrent_views", Some(_)) => {
                assert_eq!(profile.max_concurrent_views(CORES).to_string(), knob.example);
            }
            (name, Some(key)) => {
                let expected = profile.settings().get(key).map(str::to_owned);
                assert_eq!(read_back(&factory, key), expected, "`{name}`");
                let (default, _folder) = super::tests::factory(&Profile::default());
                assert_ne!(read_back(&default, key), expected, "`{name}`");
            }
            (name, None) => panic!("`{name}` is neither hashed nor known to this test"),
        }
    }
}

/// The map that is hashed is the map that is in force, for every preset and every key.
#[test]
fn every_effective_setting_is_in_force() {
    let unbounded = Profile::builder().memory_limit(Limit::Unbounded).build().unwrap();
    for profile in Preset::ALL.map(Profile::of_preset).into_iter().chain([unbounded]) {
        let (factory, _folder) = factory(&profile);
        for (key, value) in profile.settings().iter() {
            if key == "viewlane.max_concurrent_views" {
                continue;
            }
            let expected = if value == AUTO { CORES.to_string() } else { value.to_owned() };
            assert_eq!(read_back(&factory, key), Some(expected), "`{key}`");
        }
    }
}

/// Everything else is as the engine has it, so nothing is in force that is not in the map.
#[test]
fn no_other_setting_is_changed() {
    let profile = Profile::default();
    let (factory, _folder) = factory(&profile);
    let ours = entries(factory.session_config().options());
    for (key, value) in entries(&ConfigOptions::new()) {
        if profile.settings().get(&key).is_none() {
            assert_eq!(ours[&key], value, "`{key}`");
        }
    }
}

/// Two machines differ in nothing but their cores.
#[test]
fn a_session_is_made_of_profile_and_machine_alone() {
    let folder = tempfile::tempdir().unwrap();
    let on = |cores| {
        let machine = Machine { cores, ..machine(folder.path()) };
        let factory = SessionFactory::new(&Profile::default(), &machine).unwrap();
        entries(factory.session_config().options())
    };
    let (one, other) = (on(NonZeroUsize::MIN), on(CORES));
    let different: Vec<_> =
        one.iter().zip(&other).filter(|(a, b)| a != b).map(|((key, _), _)| key.as_str()).collect();
    assert_eq!(
        different,
        ["datafusion.execution.planning_concurrency", "datafusion.execution.target_partitions",]
    );
}

#[test]
fn sessions_of_a_factory_share_one_runtime_and_factories_share_none() {
    let (one, _a) = factory(&Profile::default());
    let (other, _b) = factory(&Profile::default());
    let context = one.session_context();
    assert!(Arc::ptr_eq(&context.runtime_env(), &one.runtime()));
    assert!(Arc::ptr_eq(one.session_state().runtime_env(), &one.runtime()));
    assert!(!Arc::ptr_eq(&one.runtime(), &other.runtime()));
}

#[test]
fn spill_files_go_where_the_machine_says_unless_the_profile_says_otherwise() {
    let (factory, folder) = factory(&Profile::default());
    let paths = factory.runtime().disk_manager.temp_dir_paths();
    assert!(paths[0].starts_with(folder.path().join("tmp")), "{paths:?}");

    // An absolute path is taken as it is, and the folder goes with the last session.
    let elsewhere = tempfile::tempdir().unwrap();
    let absolute = with("spill_dir", elsewhere.path().to_str().unwrap());
    let (factory, _folder) = super::tests::factory(&absolute);
    let context = factory.session_context();
    drop(factory);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 1);
    drop(context);
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn now_is_of_the_time_zone_of_the_profile() {
    for zone in ["UTC", "+02:00", "Europe/Berlin"] {
        let (factory, _folder) = factory(&with("time_zone", zone));
        let batches = factory
            .session_context()
            .sql("select arrow_typeof(now()), arrow_typeof(to_timestamp('2026-01-01T00:00:00'))")
            .await
            .unwrap()
            .collect()
            .await
            .unwrap();
        for column in batches[0].columns() {
            let expected = format!("Timestamp(ns, \"{zone}\")");
            assert_eq!(column.as_string::<i32>().value(0), expected);
        }
    }
}

async fn run(profile: &Profile, sql: &str) -> String {
    let (factory, _folder) = factory(profile);
    let batches = factory.session_context().sql(sql).await.unwrap().collect().await.unwrap();
    pretty_format_batches(&batches).unwrap().to_string()
}

#[tokio::test]
async fn knobs_of_meaning_change_results() {
    let sql = "select arrow_typeof(1.5) as t, x from (values (1), (null)) v(x) order by x";
    insta::assert_snapshot!(run(&Profile::default(), sql).await, @"
    +---------+---+
    | t       | x |
    +---------+---+
    | Float64 | 1 |
    | Float64 |   |
    +---------+---+
    ");
    let other = Profile::builder()
        .float_literals(crate::FloatLiterals::Decimal)
        .default_null_ordering(crate::NullOrdering::NullsMin)
        .build()
        .unwrap();
    insta::assert_snapshot!(run(&other, sql).await, @"
    +------------------+---+
    | t                | x |
    +------------------+---+
    | Decimal128(2, 1) |   |
    | Decimal128(2, 1) | 1 |
    +------------------+---+
    ");
}

#[tokio::test]
async fn errors_point_at_the_text() {
    let (factory, _folder) = factory(&Profile::default());
    let context = factory.session_context();
    let error = context.sql("select nobody from (values (1)) v(x)").await.unwrap_err();
    let span = error.diagnostic().and_then(|found| found.span).expect("spans are collected");
    assert_eq!((span.start.line, span.start.column), (1, 8));
}

/// A sort that does not fit spills, and gives what it gives without a bound.
#[tokio::test]
async fn a_sort_that_does_not_fit_spills() {
    let sql = "select count(*) n, sum(v * r) s from ( \
                 select v, row_number() over (order by v % 1000, v) r \
                 from generate_series(1, 400000) t(v))";
    let tight = Profile::builder()
        .preset(Preset::MemoryTight)
        .memory_limit(Limit::Bytes(ByteSize::mib(14)))
        .build()
        .unwrap();
    let (spilled, result) = run_and_count_spills(&tight, sql).await;
    let (in_memory, expected) = run_and_count_spills(&with("memory_limit", "unbounded"), sql).await;
    assert!(spilled > 0);
    assert_eq!(in_memory, 0);
    assert_eq!(result, expected);
}

async fn run_and_count_spills(profile: &Profile, sql: &str) -> (usize, String) {
    let (factory, _folder) = factory(profile);
    let context = factory.session_context();
    let plan = context.sql(sql).await.unwrap().create_physical_plan().await.unwrap();
    let batches = collect(Arc::clone(&plan), context.task_ctx()).await.unwrap();
    (spills(plan.as_ref()), pretty_format_batches(&batches).unwrap().to_string())
}

fn spills(plan: &dyn ExecutionPlan) -> usize {
    let own = plan.metrics().and_then(|metrics| metrics.spill_count()).unwrap_or(0);
    own + plan.children().into_iter().map(|child| spills(child.as_ref())).sum::<usize>()
}

#[track_caller]
fn refused(profile: &Profile, machine: &Machine) -> String {
    let found = SessionFactory::new(profile, machine).unwrap_err().to_diagnostic();
    format!("{found}\n{}\n{}", found.causes.join(": "), found.help.as_deref().unwrap_or_default())
}

#[test]
fn a_zone_that_does_not_exist_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    insta::assert_snapshot!(
        refused(&with("time_zone", "Europe/Atlantis"), &machine(folder.path())),
        @r#"
        VL-R0201: the engine does not take `Europe/Atlantis` for `datafusion.execution.time_zone`
        Parser error: Invalid timezone "Europe/Atlantis": failed to parse timezone
        write another value, such as `time_zone = "Europe/Berlin"`
        "#
    );
}

#[test]
fn a_spill_dir_that_cannot_be_made_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("tmp"), "a file").unwrap();
    let text = refused(&Profile::default(), &machine(folder.path()));
    // The middle line is the operating system's.
    let ours: Vec<_> = text.lines().filter(|line| !line.contains("os error")).collect();
    let text = ours.join("\n").replace(folder.path().to_str().unwrap(), "[folder]");
    insta::assert_snapshot!(text, @"
    VL-R0202: cannot build the runtime that spills into `[folder]/tmp`
    set `spill_dir` to a folder that can be written to
    ");
}

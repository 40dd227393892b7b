use std::{collections::BTreeMap, num::NonZeroUsize, path::Path};

use datafusion::{
    arrow::{
        array::{AsArray, Int64Array, RecordBatch},
        datatypes::Int64Type,
        util::pretty::pretty_format_batches,
    },
    config::ConfigOptions,
    datasource::{MemTable, provider::DefaultTableFactory},
    execution::memory_pool::MemoryLimit,
    object_store::{ObjectStoreExt, memory::InMemory},
    physical_plan::{ExecutionPlan, collect, displayable},
};
use tempfile::TempDir;

use super::*;
use crate::{ByteSize, EngineOption, Knob, OptionKind, Preset, RefusedOption};

const CORES: NonZeroUsize = NonZeroUsize::new(3).expect("not zero");

fn machine(folder: &Path) -> Machine {
    Machine::new(CORES, folder.join("tmp"), folder.join("project"))
}

pub(super) fn factory(profile: &Profile) -> (SessionFactory, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (SessionFactory::new(profile, &machine(folder.path())).unwrap(), folder)
}

pub(super) fn with(knob: &str, value: &str) -> Profile {
    Profile::builder().set(knob, value).unwrap().build().unwrap()
}

/// A session with the tables `small` and `large`, of 3 rows and of 2 million, with columns k and v.
pub(super) fn context(factory: &SessionFactory) -> SessionContext {
    let context = factory.session_context();
    let batch = |rows: i64| {
        let (k, v) = (Int64Array::from_iter_values(0..rows), Int64Array::from_iter_values(0..rows));
        RecordBatch::try_from_iter([("k", Arc::new(k) as _), ("v", Arc::new(v) as _)]).unwrap()
    };
    for (name, rows, batches) in [("small", 3, 1), ("large", 20_000, 100)] {
        let batches = vec![batch(rows); batches];
        let table = MemTable::try_new(batches[0].schema(), vec![batches]).unwrap();
        context.register_table(name, Arc::new(table)).unwrap();
    }
    context
}

/// The physical plan of a query, as EXPLAIN shows it.
pub(super) async fn plan(profile: &Profile, sql: &str) -> String {
    let (factory, _folder) = factory(profile);
    let plan = context(&factory).sql(sql).await.unwrap().create_physical_plan().await.unwrap();
    displayable(plan.as_ref()).indent(false).to_string()
}

fn entries(options: &ConfigOptions) -> BTreeMap<String, Option<String>> {
    options.entries().into_iter().map(|entry| (entry.key, entry.value)).collect()
}

/// What a session, or the runtime below it, says about a setting, as the engine takes it: never what
/// the profile says. A key that nobody knows how to read back has no answer, and fails its test.
fn read_back(factory: &SessionFactory, key: &str) -> Option<String> {
    let runtime = factory.runtime();
    let caches = &runtime.cache_manager;
    match key {
        "datafusion.runtime.memory_limit" => match runtime.memory_pool.memory_limit() {
            MemoryLimit::Infinite => Some("unbounded".to_owned()),
            MemoryLimit::Finite(bytes) => Some(bytes.to_string()),
            MemoryLimit::Unknown => None,
        },
        "viewlane.memory_pool" => {
            let pool = runtime.memory_pool.as_ref();
            let kinds = [
                ("fair", pool.is::<TrackConsumersPool<FairSpillPool>>()),
                ("greedy", pool.is::<TrackConsumersPool<GreedyMemoryPool>>()),
                ("unbounded", pool.is::<UnboundedMemoryPool>()),
            ];
            kinds.iter().find(|(_, is)| *is).map(|(kind, _)| (*kind).to_owned())
        }
        "datafusion.runtime.max_temp_directory_size" => {
            match runtime.disk_manager.max_temp_directory_size() {
                u64::MAX => Some("unbounded".to_owned()),
                bytes => Some(bytes.to_string()),
            }
        }
        "datafusion.runtime.max_spill_merge_fan_in" => {
            match runtime.disk_manager.max_spill_merge_fan_in() {
                0 => Some("unbounded".to_owned()),
                files => Some(files.to_string()),
            }
        }
        "datafusion.runtime.metadata_cache_limit" => {
            Some(caches.get_metadata_cache_limit().to_string())
        }
        "datafusion.runtime.file_statistics_cache_limit" => {
            Some(caches.get_file_statistic_cache_limit().to_string())
        }
        "datafusion.runtime.list_files_cache_limit" => {
            Some(caches.get_list_files_cache_limit().to_string())
        }
        "datafusion.runtime.list_files_cache_ttl" => match caches.get_list_files_cache_ttl() {
            None => Some("forever".to_owned()),
            Some(time) => {
                let seconds = u32::try_from(time.as_secs()).unwrap();
                Some(TimeToLive::seconds(seconds).to_string())
            }
        },
        key if is_session_key(key) => {
            let state = factory.session_state();
            entries(state.config().options()).remove(key).flatten()
        }
        _ => None,
    }
}

/// What shows that a knob is in force where there is nothing to read back.
async fn behaviour(knob: &str, profile: &Profile) -> Option<String> {
    let operators = async |sql: &str| {
        let plan = plan(profile, sql).await;
        let known = ["HashJoinExec", "SortMergeJoinExec", "SortExec"];
        known.into_iter().filter(|name| plan.contains(name)).collect::<Vec<_>>().join(",")
    };
    match knob {
        "spill_dir" => {
            let (factory, folder) = factory(profile);
            let paths = factory.runtime().disk_manager.temp_dir_paths();
            assert_eq!(paths.len(), 1);
            let inside = paths[0].strip_prefix(folder.path()).unwrap();
            Some(inside.parent().unwrap().display().to_string())
        }
        // Applied by whoever schedules views.
        "max_concurrent_views" => Some(profile.max_concurrent_views(CORES).to_string()),
        "join_strategy" => Some(operators("select * from small a join small b using (k)").await),
        "join_build_budget" => {
            Some(operators("select * from large a join large b using (k)").await)
        }
        "determinism" => Some(operators("select k from small").await),
        _ => None,
    }
}

/// The gate: every knob is seen in force, and changes the hash. Fails for a knob that nobody
/// applies, and for one that nobody knows how to see.
#[tokio::test]
async fn every_knob_is_applied_and_hashed() {
    let default = Profile::default();
    let (default_factory, _folder) = factory(&default);
    for knob in Knob::all() {
        let name = knob.name;
        let profile = with(name, knob.example);
        assert_eq!(knob.value(&profile), knob.example, "`{name}`");
        let (factory, folder) = factory(&profile);
        if let Some(seen) = behaviour(name, &profile).await {
            assert_ne!(Some(seen), behaviour(name, &default).await, "`{name}` does nothing");
        } else {
            let key = knob.key.unwrap_or_else(|| panic!("`{name}` has neither key nor probe"));
            let seen = read_back(&factory, key);
            assert!(seen.is_some(), "`{name}` has no probe");
            let expected = profile.settings().applied(key, &machine(folder.path()));
            assert_eq!(seen, expected, "`{name}`");
            assert_ne!(seen, read_back(&default_factory, key), "`{name}` does nothing");
        }
        let hashed = profile.fingerprint() != default.fingerprint();
        assert_eq!(hashed, name != "spill_dir", "`{name}`");
    }
}

/// The same for what is passed through.
#[test]
fn every_option_of_the_engine_is_applied_and_hashed() {
    let default = Profile::default();
    let (default_factory, _folder) = factory(&default);
    for option in EngineOption::all() {
        let key = option.key;
        let profile = with(key, &another_value(option));
        let (factory, folder) = factory(&profile);
        let seen = read_back(&factory, key);
        assert_eq!(seen, profile.settings().applied(key, &machine(folder.path())), "`{key}`");
        assert_ne!(seen, read_back(&default_factory, key), "`{key}` does nothing");
        assert_ne!(profile.fingerprint(), default.fingerprint(), "`{key}`");
    }
}

fn another_value(option: &EngineOption) -> String {
    let values = match option.kind {
        OptionKind::Flag => vec!["true".to_owned(), "false".to_owned()],
        OptionKind::Count(min, _) => vec![(min + 1).to_string(), (min + 2).to_string()],
        OptionKind::Size | OptionKind::SizeOrOff => vec!["3MiB".to_owned()],
        OptionKind::Fraction => vec!["0.25".to_owned()],
        OptionKind::Word(words) | OptionKind::Words(words, _) => {
            words.iter().map(|word| (*word).to_owned()).collect()
        }
    };
    values.into_iter().find(|value| Some(value.as_str()) != option.default).unwrap()
}

/// No setting of the engine is forgotten, and none has two owners.
#[test]
fn every_setting_of_the_engine_is_a_knob_or_an_option_or_refused() {
    let mut engine: Vec<_> = entries(&ConfigOptions::new()).into_keys().collect();
    engine.extend(RuntimeEnvBuilder::new().entries().into_iter().map(|entry| entry.key));
    engine.sort();

    let knobs = Knob::all().iter().filter_map(|knob| knob.key);
    let knobs = knobs.filter(|key| !key.starts_with("viewlane."));
    let options = EngineOption::all().iter().map(|option| option.key);
    let refused = RefusedOption::all().iter().map(|refused| refused.key);
    let mut ours: Vec<_> = knobs.chain(options).chain(refused).map(str::to_owned).collect();
    ours.sort();

    let missing: Vec<_> = engine.iter().filter(|key| !ours.contains(key)).collect();
    let gone: Vec<_> = ours.iter().filter(|key| !engine.contains(key)).collect();
    assert!(missing.is_empty() && gone.is_empty(), "missing: {missing:#?}, gone: {gone:#?}");
    assert_eq!(ours, engine, "a setting has two owners");
    assert!(RefusedOption::all().iter().all(|refused| !refused.reason.is_empty()));
}

/// What the tables call the engine's default is that; an upgrade that changes one shows here.
#[test]
fn defaults_of_options_are_those_of_the_engine() {
    let profile = Profile::default();
    let folder = tempfile::tempdir().unwrap();
    let engine = entries(&ConfigOptions::new());
    for option in EngineOption::all() {
        let ours = profile.settings().applied(option.key, &machine(folder.path()));
        assert_eq!(ours, engine[option.key], "`{}`", option.key);
    }
}

/// The map that is hashed is the map that is in force, for every preset and every key.
#[test]
fn every_effective_setting_is_in_force() {
    let unbounded = Profile::builder().memory_limit(Limit::Unbounded).build().unwrap();
    for profile in Preset::ALL.map(Profile::of_preset).into_iter().chain([unbounded]) {
        let (factory, folder) = factory(&profile);
        for (key, _) in profile.settings().iter() {
            let by_behaviour =
                ["max_concurrent_views", "join_strategy", "join_build_budget", "determinism"];
            if key.strip_prefix("viewlane.").is_some_and(|name| by_behaviour.contains(&name)) {
                continue;
            }
            let expected = profile.settings().applied(key, &machine(folder.path()));
            assert_eq!(read_back(&factory, key), expected, "`{key}`");
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
        ["datafusion.execution.planning_concurrency", "datafusion.execution.target_partitions"]
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

pub(super) async fn run(profile: &Profile, sql: &str) -> String {
    let (factory, _folder) = factory(profile);
    let batches = context(&factory).sql(sql).await.unwrap().collect().await.unwrap();
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

pub(super) async fn run_and_count_spills(profile: &Profile, sql: &str) -> (usize, String) {
    let (factory, _folder) = factory(profile);
    let context = context(&factory);
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

/// What one session sets, no other sees.
#[tokio::test]
async fn a_factory_does_not_change() {
    let (factory, _folder) = factory(&with("memory_pool", "fair"));
    let before = factory.profile.settings().clone();
    let context = factory.session_context();
    for statement in [
        "SET datafusion.execution.batch_size = 7",
        "SET datafusion.runtime.memory_limit = '1M'",
        "SET datafusion.runtime.max_temp_directory_size = '1M'",
    ] {
        context.sql(statement).await.unwrap().collect().await.unwrap();
    }
    for key in [
        "datafusion.execution.batch_size",
        "datafusion.runtime.memory_limit",
        "datafusion.runtime.max_temp_directory_size",
        "viewlane.memory_pool",
    ] {
        let expected = before.applied(key, &machine(Path::new("/nowhere")));
        assert_eq!(read_back(&factory, key), expected, "`{key}`");
    }
}

#[tokio::test]
async fn stores_and_factories_are_there_before_the_first_statement() {
    let folder = tempfile::tempdir().unwrap();
    let (machine, profile) = (machine(folder.path()), Profile::default());
    let store = Arc::new(InMemory::new());
    store.put(&"t.csv".into(), "x\n1\n2\n".into()).await.unwrap();
    let url = || ObjectStoreUrl::parse("memory://lake").unwrap();
    let delta: Arc<dyn TableProviderFactory> = Arc::new(DefaultTableFactory::new());
    let factory = SessionFactory::builder(&profile, &machine)
        .object_store(url(), Arc::clone(&store) as _)
        .table_factory("DeltaTable", Arc::clone(&delta))
        .build()
        .unwrap();
    let state = factory.session_state();
    assert!(Arc::ptr_eq(&state.table_factories()["DELTATABLE"], &delta));
    assert!(state.table_factories().contains_key("PARQUET"));

    let context = factory.session_context();
    let run = async |sql: &str| context.sql(sql).await.unwrap().collect().await.unwrap();
    run("create external table t stored as csv location 'memory://lake/t.csv'").await;
    assert_eq!(
        run("select sum(x) from t").await[0].column(0).as_primitive::<Int64Type>().value(0),
        3
    );
    let elsewhere = "create external table u stored as csv location 's3://nobody/u.csv'";
    assert!(context.sql(elsewhere).await.is_err());

    let twice = SessionFactory::builder(&profile, &machine)
        .object_store(url(), Arc::clone(&store) as _)
        .object_store(url(), store)
        .build();
    insta::assert_snapshot!(twice.unwrap_err().to_diagnostic(), @"VL-R0203: there are two object stores for `memory://lake/`");
    let twice = SessionFactory::builder(&profile, &machine)
        .table_factory("delta", Arc::clone(&delta))
        .table_factory("DELTA", delta)
        .build();
    insta::assert_snapshot!(twice.unwrap_err().to_diagnostic(), @"VL-R0203: there are two table factories for `DELTA`");
}

#[test]
fn files_are_spilled_into_every_folder_that_is_named() {
    let profile = Profile::builder().spill_dir(vec!["a".into(), "b/c".into()]).build().unwrap();
    let (factory, folder) = factory(&profile);
    let paths = factory.runtime().disk_manager.temp_dir_paths();
    let project = folder.path().join("project");
    assert_eq!(paths.len(), 2);
    assert!(paths[0].starts_with(project.join("a")) && paths[1].starts_with(project.join("b/c")));
}

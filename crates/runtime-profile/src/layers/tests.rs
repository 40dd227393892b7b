use proptest::prelude::*;
use toml::de::DeTable;

use super::*;

/// A file, variables and flags, each with lines such as `batch_size=1`.
fn load(
    file: &[(&str, &str)],
    environment: &[(&str, &str)],
    flags: &[(&str, &str)],
) -> Result<Profile, Vec<Diagnostic>> {
    let lines: String = file
        .iter()
        .map(|(name, value)| match Knob::named(name) {
            Some(knob) => format!("{name} = {}\n", knob.toml(value)),
            None => format!("{name} = \"{value}\"\n"),
        })
        .collect();
    let source = SourceText::new("viewlane.toml", lines);
    let table = DeTable::parse(source.text()).unwrap();
    let variables = environment.iter().map(|(name, value)| (variable(name), *value));
    let layers = Profile::layers().file(table.get_ref(), &source).environment(variables);
    flags.iter().fold(layers, |layers, (name, value)| layers.flag(name, value)).load()
}

fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_uppercase().replace('.', "__"))
}

#[track_caller]
fn refused(result: Result<Profile, Vec<Diagnostic>>) -> String {
    let told = result.unwrap_err().into_iter().map(|found| {
        let causes: String =
            found.causes.iter().map(|cause| format!("  because {cause}\n")).collect();
        format!("{found}\n{causes}  {}\n", found.help.as_deref().unwrap_or_default())
    });
    told.collect()
}

/// For every knob and every pair of sources, the stronger says what holds, whichever of two values
/// it says; and a knob that only the weaker names is the weaker's.
#[test]
fn each_source_overrides_those_before_it_for_every_knob() {
    let sources: [fn(&Origin) -> bool; 4] = [
        |origin| matches!(origin, Origin::Preset(_)),
        |origin| matches!(origin, Origin::File(_)),
        |origin| matches!(origin, Origin::Environment(_)),
        |origin| matches!(origin, Origin::Flag(_)),
    ];
    for knob in Knob::all() {
        let default = match knob.name {
            "spill_dir" => "elsewhere".to_owned(),
            _ => knob.value(&Profile::default()),
        };
        let values = [knob.example, default.as_str()];
        for (strong, is_strong) in sources.iter().enumerate().skip(1) {
            for weak in 0..strong {
                for (low, high) in [(values[0], values[1]), (values[1], values[0])] {
                    let mut said: [Vec<(&str, &str)>; 4] = Default::default();
                    said[weak] = vec![(knob.name, low)];
                    said[strong] = vec![(knob.name, high)];
                    let profile = load(&said[1], &said[2], &said[3]).unwrap();
                    assert_eq!(knob.value(&profile), high, "`{}`", knob.name);
                    let origin = profile.origin(knob.name).unwrap();
                    assert!(is_strong(&origin), "`{}` is from {origin}", knob.name);
                }
            }
            let mut said: [Vec<(&str, &str)>; 4] = Default::default();
            said[strong] = vec![(knob.name, knob.example)];
            let profile = load(&said[1], &said[2], &said[3]).unwrap();
            assert_eq!(knob.value(&profile), knob.example, "`{}`", knob.name);
        }
        assert!(
            sources[0](&Profile::default().origin(knob.name).unwrap())
                || knob.name == "join_build_budget"
        );
    }
}

#[test]
fn the_strongest_preset_counts_and_knobs_hold_over_it() {
    let profile = load(
        &[("preset", "prod"), ("batch_size", "1000")],
        &[("preset", "memory_tight"), ("memory_limit", "3GiB")],
        &[("preset", "dev")],
    )
    .unwrap();
    let value = |name: &str| {
        let value = Knob::named(name).unwrap().value(&profile);
        format!("{value} from {}", profile.origin(name).unwrap())
    };
    assert_eq!(value("batch_size"), "1000 from viewlane.toml:2:1");
    assert_eq!(
        value("memory_limit"),
        "3GiB from environment variable `VIEWLANE_PROFILE_MEMORY_LIMIT`"
    );
    assert_eq!(value("target_partitions"), "4 from preset `dev`");
    assert_eq!(value("memory_pool"), "greedy from preset `dev`");
}

#[test]
fn options_of_the_engine_go_through_every_source() {
    let option = "datafusion.optimizer.preserve_file_partitions";
    for [environment, flags] in
        [[vec![(option, "1")], vec![(option, "2")]], [vec![(option, "2")], vec![]]]
    {
        let profile = load(&[], &environment, &flags).unwrap();
        assert_eq!(profile.settings().get(option), Some("2"));
    }
    for option in EngineOption::all() {
        assert_eq!(named(&option.variable()).unwrap(), option.key);
    }
    for knob in Knob::all() {
        assert_eq!(named(&knob.variable()).unwrap(), knob.name);
    }
}

#[test]
fn variables_and_flags_that_are_wrong_say_where_they_are_from() {
    insta::assert_snapshot!(
        refused(load(
            &[("batch_size", "7")],
            &[
                ("batchsize", "1"),
                ("wombat", "1"),
                ("preset", "prd"),
                ("memory_limit", ""),
                ("datafusion.catalog.location", "x"),
            ],
            &[("presets", "dev"), ("batch_size", "0"), ("batch_size", "8"), ("batch_size", "9"), ("preset", "dev"), ("preset", "dev")],
        )),
        @r#"
        VL-R0108: the environment variable `VIEWLANE_PROFILE_BATCHSIZE` sets nothing
          did you mean `VIEWLANE_PROFILE_BATCH_SIZE`?
        VL-R0107: `datafusion.catalog.location` cannot be set: tables are declared in the project, never found by looking into a folder
          because it is from environment variable `VIEWLANE_PROFILE_DATAFUSION__CATALOG__LOCATION`
          remove it
        VL-R0104: `memory_limit` does not take ``: a size is a whole number followed by `B`, `KiB`, `MiB`, `GiB` or `TiB`
          because it is from environment variable `VIEWLANE_PROFILE_MEMORY_LIMIT`
          write a size such as "4GiB", or "unbounded"
        VL-R0101: there is no preset `prd`
          because it is from environment variable `VIEWLANE_PROFILE_PRESET`
          did you mean `prod`?
        VL-R0108: the environment variable `VIEWLANE_PROFILE_WOMBAT` sets nothing
          docs/profile.md lists the knobs; unset the variable
        VL-R0102: there is no knob `presets`
          because it is from flag `presets`
          did you mean `preset`?
        VL-R0104: `batch_size` does not take `0`: it must not be zero
          because it is from flag `batch_size`
          write an integer from 1 to 1048576
        VL-R0109: `batch_size` is given twice
          because it is from flag `batch_size`
          remove one of them
        VL-R0109: `preset` is given twice
          because it is from flag `preset`
          remove one of them
        "#
    );
    insta::assert_snapshot!(
        refused(load(&[("memory_limit", "unbounded")], &[], &[("memory_pool", "fair")])),
        @"
        VL-R0105: `memory_pool` has no meaning when `memory_limit` is `unbounded`
          because it is from flag `memory_pool`
          because `memory_limit` is from viewlane.toml:1:1
          remove `memory_pool`, or give `memory_limit` a bound
        "
    );
    insta::assert_snapshot!(
        refused(load(&[("memory_pool", "fair")], &[("memory_limit", "unbounded")], &[])),
        @"
        VL-R0105: `memory_pool` has no meaning when `memory_limit` is `unbounded` (viewlane.toml:1:1)
          because `memory_limit` is from environment variable `VIEWLANE_PROFILE_MEMORY_LIMIT`
          remove `memory_pool`, or give `memory_limit` a bound
        "
    );
}

/// A stronger source takes the sting out of a weaker one.
#[test]
fn only_what_is_in_force_contradicts() {
    let profile = load(
        &[("memory_limit", "unbounded"), ("memory_pool", "fair")],
        &[],
        &[("memory_limit", "1GiB")],
    );
    assert_eq!(profile.unwrap().settings().get("viewlane.memory_pool"), Some("fair"));
}

#[test]
fn variables_of_others_are_passed_over() {
    let others = [("PATH", "/bin"), ("VIEWLANE_CORES", "x"), ("viewlane_profile_batch_size", "0")];
    let profile = Profile::layers().environment(others).load().unwrap();
    assert_eq!(profile, Profile::default());
}

/// For each knob one of nothing, its example and its default.
fn said() -> impl Strategy<Value = Vec<(usize, bool)>> {
    prop::collection::btree_map(0..Knob::all().len(), any::<bool>(), 0..6)
        .prop_map(|said| said.into_iter().collect())
}

fn pairs(said: &[(usize, bool)]) -> Vec<(&'static str, String)> {
    let pairs = said.iter().map(|(knob, example)| {
        let knob = &Knob::all()[*knob];
        let default = knob.value(&Profile::default());
        let value = if *example || default.is_empty() { knob.example.to_owned() } else { default };
        (knob.name, value)
    });
    pairs.collect()
}

fn text<'a>(pairs: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    pairs.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

proptest! {
    /// In whatever order keys, variables and flags come, they give the same hash or the same errors.
    #[test]
    fn the_order_of_what_is_said_does_not_matter(
        (said, shuffled) in said().prop_flat_map(|said| (Just(said.clone()), Just(said).prop_shuffle())),
    ) {
        let (one, other) = (pairs(&said), pairs(&shuffled));
        let (one, other) = (text(&one), text(&other));
        let hash = |result: Result<Profile, Vec<Diagnostic>>| {
            result.map(|profile| profile.fingerprint()).map_err(|found| {
                let mut found: Vec<_> = found.into_iter().map(|found| found.message).collect();
                found.sort();
                found
            })
        };
        let expected = hash(load(&one, &[], &[]));
        prop_assert_eq!(&hash(load(&other, &[], &[])), &expected);
        prop_assert_eq!(&hash(load(&[], &one, &[])), &expected);
        prop_assert_eq!(&hash(load(&[], &other, &[])), &expected);
        prop_assert_eq!(&hash(load(&[], &[], &other)), &expected);
    }

    /// Over all knobs and sources at once, what holds is what the last source said.
    #[test]
    fn precedence_is_that_of_a_simple_model(file in said(), environment in said(), flags in said(), preset in prop::sample::select(Preset::ALL.to_vec())) {
        let layers = [pairs(&file), pairs(&environment), pairs(&flags)];
        let mut model = BTreeMap::new();
        for (name, value) in layers.iter().flatten() {
            model.insert(*name, value.as_str());
        }
        let mut flags = text(&layers[2]);
        flags.push(("preset", preset.name()));
        let Ok(profile) = load(&text(&layers[0]), &text(&layers[1]), &flags) else {
            // Contradictions, which have tests of their own.
            return Ok(());
        };
        for knob in Knob::all() {
            if matches!(profile.origin(knob.name), Some(Origin::Derived(_))) {
                continue;
            }
            let of_preset = knob.value(&Profile::of_preset(preset));
            let ineffective = match knob.name {
                "join_build_budget" => profile.join_budget().is_none(),
                "list_files_cache_ttl" => profile.caches().list_files_cache_limit.bytes() == 0,
                _ => false,
            };
            if !ineffective {
                let expected = model.get(knob.name).copied().unwrap_or(&of_preset);
                prop_assert_eq!(knob.value(&profile), expected, "{}", knob.name);
            }
        }
    }
}

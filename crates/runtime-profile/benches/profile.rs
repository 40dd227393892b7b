//! What it costs to load and hash a profile, in CPU time of this process.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{hint::black_box, num::NonZeroUsize, time::Duration};

use cpu_time::ProcessTime;
use viewlane_core::SourceText;
use viewlane_runtime_profile::{Knob, Machine, Profile};

use self::figures::{Figure, Figures, median};

// One form of figures for all benches of the workspace; the crate that owns it is a heavy one.
#[path = "../../../tests/src/figures.rs"]
pub mod figures;

const ROUNDS: usize = 15;
const ROUND: Duration = Duration::from_millis(20);
/// Microseconds that loading and hashing may take.
const LIMIT: f64 = 1000.0;

fn main() {
    let figures = Figures::from_arguments("profile");
    let small = "preset = \"prod\"\nmemory_limit = \"4GiB\"\nbatch_size = 4096\n";
    // Every knob but those that contradict the example of another.
    let large: String = Knob::all()
        .iter()
        .filter(|knob| {
            !["target_partitions", "join_build_budget", "parquet_reorder_filters"]
                .contains(&knob.name)
        })
        .map(|knob| format!("{}\n", knob.example_line().trim_matches('`')))
        .collect();
    let variables: Vec<_> =
        Knob::all().iter().take(12).map(|knob| (knob.variable(), knob.example)).collect();
    let machine = Machine::new(NonZeroUsize::MIN, "/tmp", "/project");

    for (name, text) in [("small", small), ("every_knob", large.as_str())] {
        let load = || {
            let source = SourceText::new("viewlane.toml", text);
            let table = toml::de::DeTable::parse(source.text()).unwrap();
            let layers = Profile::layers().file(table.get_ref(), &source);
            layers.load().unwrap().fingerprint()
        };
        print(figures, &format!("load_and_hash_{name}"), micros(load));
    }
    let layered = || {
        let source = SourceText::new("viewlane.toml", large.as_str());
        let table = toml::de::DeTable::parse(source.text()).unwrap();
        let layers = Profile::layers().file(table.get_ref(), &source);
        let layers = layers.environment(variables.iter().map(|(name, value)| (name, value)));
        layers.flag("batch_size", "1024").load().unwrap().fingerprint()
    };
    print(figures, "load_and_hash_every_source", micros(layered));
    let profile = Profile::default();
    print(figures, "rows", micros(|| profile.rows(&machine)));
}

fn print(figures: Figures, figure: &str, value: f64) {
    let peer = format!("limit of {LIMIT} µs");
    figures.print(Figure {
        figure,
        value,
        unit: "µs",
        peer: &peer,
        ratio: value / LIMIT,
        target: 1.0,
    });
}

/// CPU microseconds of one call: the median of several rounds.
fn micros<T>(work: impl Fn() -> T) -> f64 {
    drop(black_box(work()));
    let rounds = (0..ROUNDS).map(|_| {
        let started = ProcessTime::now();
        let mut calls = 0_u32;
        loop {
            drop(black_box(work()));
            calls += 1;
            let elapsed = started.elapsed();
            if elapsed >= ROUND {
                return elapsed.as_secs_f64() * 1e6 / f64::from(calls);
            }
        }
    });
    median(rounds.collect())
}

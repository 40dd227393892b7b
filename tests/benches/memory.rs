//! Peak resident memory at scale factor 1 of TPC-H: of loading the tables, and of building the whole
//! example with little memory for queries, which then have to spill.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{fs, path::Path, thread, time::Duration};

use viewlane_tests::{Figure, Figures, TestProject};

const PROGRAM: &str = env!("CARGO_BIN_EXE_viewlane-under-test");
/// MiB that the load may take.
const LIMIT: f64 = 1536.0;

/// MiB that the process may take while queries share [`POOL`].
const TIGHT_LIMIT: f64 = 900.0;
/// What queries may hold at once.
const POOL: &str = "512MiB";

fn main() {
    let figures = Figures::from_arguments("memory");
    let mut project = TestProject::new("seeds");
    project.settings("[seeds.tpch]\ngenerator = \"tpch\"\nscale_factor = 1");
    project
        .view("lines", "create materialized view as select count(*) as lines from tpch.lineitem");
    let (results, peak) = watched(&project, &["run", "--output", "json"]);
    assert_eq!(results["summary"]["seeds_committed"], 8, "{results}");
    assert_eq!(results["summary"]["committed"], 1, "{results}");
    figures.print(Figure {
        figure: "peak_rss_sf1_seeds",
        value: peak.resident,
        unit: "MiB",
        peer: &format!("limit of {LIMIT} MiB"),
        ratio: peak.resident / LIMIT,
        target: 1.0,
    });

    let project = TestProject::example("tpch");
    let settings = fs::read_to_string(project.root().join("viewlane.toml")).unwrap();
    project.file("viewlane.toml", &settings.replace("scale_factor = 0.1", "scale_factor = 1"));
    let pool = format!("memory_limit={POOL}");
    let (results, peak) = watched(&project, &["run", "--output", "json", "--set", &pool]);
    assert_eq!(results["summary"]["failed"], 0, "{results}");
    assert_eq!(results["summary"]["committed"], 37, "{results}");
    assert!(peak.spilled > 0.0, "nothing was spilled");
    figures.print(Figure {
        figure: "peak_rss_sf1_example",
        value: peak.resident,
        unit: "MiB",
        peer: &format!("limit of {TIGHT_LIMIT} MiB; {:.0} MiB on disk at once", peak.spilled),
        ratio: peak.resident / TIGHT_LIMIT,
        target: 1.0,
    });
}

/// The most that a run took at once, in MiB.
#[derive(Clone, Copy, Default)]
struct Peak {
    resident: f64,
    /// In files for what did not fit.
    spilled: f64,
}

/// Runs the program and looks at it until it ends.
fn watched(project: &TestProject, arguments: &[&str]) -> (serde_json::Value, Peak) {
    let child = project.start(PROGRAM, arguments);
    let status = format!("/proc/{}/status", child.id());
    let waiting = thread::spawn(move || child.wait_with_output().unwrap());
    let mut peak = Peak::default();
    while !waiting.is_finished() {
        // VmHWM of proc(5) only grows, so the last look before the end is the peak so far.
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        peak.resident = peak.resident.max(kib.unwrap_or(0.0) / 1024.0);
        let spilled = bytes_below(&project.root().join("target/spill"));
        peak.spilled = peak.spilled.max(spilled as f64 / 1024.0 / 1024.0);
        thread::sleep(Duration::from_millis(5));
    }
    let output = waiting.join().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), peak)
}

/// The bytes of all files below a folder. What goes while it is looked at does not count.
fn bytes_below(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = entries.map(|entry| match entry.metadata() {
        Ok(found) if found.is_dir() => bytes_below(&entry.path()),
        Ok(found) => found.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

//! Peak resident memory of loading TPC-H at scale factor 1 into Delta tables.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{fs, thread, time::Duration};

use viewlane_tests::{Figure, Figures, TestProject};

const PROGRAM: &str = env!("CARGO_BIN_EXE_viewlane-under-test");
/// MiB that the load may take.
const LIMIT: f64 = 1536.0;

fn main() {
    let figures = Figures::from_arguments("memory");
    let mut project = TestProject::new("seeds");
    project.settings("[seeds.tpch]\ngenerator = \"tpch\"\nscale_factor = 1");
    project
        .view("lines", "create materialized view as select count(*) as lines from tpch.lineitem");
    let child = project.start(PROGRAM, &["run", "--output", "json"]);
    let status = format!("/proc/{}/status", child.id());
    let waiting = thread::spawn(move || child.wait_with_output().unwrap());
    // VmHWM of proc(5) only grows, so the last look before the end is the peak so far.
    let mut peak = 0.0_f64;
    while !waiting.is_finished() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        peak = peak.max(kib.unwrap_or(0.0) / 1024.0);
        thread::sleep(Duration::from_millis(5));
    }
    let output = waiting.join().unwrap();
    let results: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(results["summary"]["seeds_committed"], 8, "{results}");
    assert_eq!(results["summary"]["committed"], 1, "{results}");
    figures.print(Figure {
        figure: "peak_rss_sf1_seeds",
        value: peak,
        unit: "MiB",
        peer: &format!("limit of {LIMIT} MiB"),
        ratio: peak / LIMIT,
        target: 1.0,
    });
}

//! What it costs to find out that there is nothing to do: load, compile and decide, for generated
//! projects of 100 and 1,000 stored views, as CPU time of the program itself.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{fmt::Write as _, fs, process::Command};

use viewlane_tests::{Figure, Figures, TestProject, median};

const PROGRAM: &str = env!("CARGO_BIN_EXE_viewlane-under-test");
const ROUNDS: usize = 9;
/// CPU milliseconds that a project of 1,000 views may take.
const LIMIT: f64 = 400.0;

fn main() {
    let figures = Figures::from_arguments("noop");
    for views in [100_usize, 1000] {
        let project = generate(views);
        let first = project.run(PROGRAM, &["run", "--output", "json"]);
        assert_eq!(first.code, 0, "{}", first.stderr);
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let before = children_cpu_millis();
            let done = project.run(PROGRAM, &["run", "--output", "json"]);
            times.push(children_cpu_millis() - before);
            let results: serde_json::Value = serde_json::from_str(&done.stdout).unwrap();
            assert_eq!(results["summary"]["skipped"], views, "{}", results["summary"]);
        }
        let limit = LIMIT * views as f64 / 1000.0;
        let value = median(times);
        figures.print(Figure {
            figure: &format!("cpu_{views}_views"),
            value,
            unit: "ms",
            peer: &format!("limit of {limit} ms"),
            ratio: value / limit,
            target: 1.0,
        });
    }
}

/// A seed, and views that read it and one another, ten wide.
fn generate(views: usize) -> TestProject {
    let mut project = TestProject::new("generated");
    project.settings("[profile]\ntarget_partitions = 1");
    let mut csv = "id,kind,amount\n".to_owned();
    (0..20).for_each(|row| writeln!(csv, "{row},k{},{}", row % 3, row * 7).unwrap());
    project.file("seeds/orders.csv", &csv);
    for view in 0..views {
        let from = match view {
            0..10 => "orders".to_owned(),
            _ => format!("layer{}.v{}", (view - 10) / 10, view - 10),
        };
        let sql = format!(
            "create materialized view with (tags = 'generated') as\n-- view {view}\nselect o.id, o.kind, o.amount + {view} as amount\nfrom {from} as o\njoin orders as p on p.id = o.id\nwhere o.amount > 3 and p.kind in ('k0', 'k1')\n"
        );
        project.view(&format!("layer{}.v{view}", view / 10), &sql);
    }
    project
}

/// CPU time of all children that ended so far, in milliseconds.
fn children_cpu_millis() -> f64 {
    // Fields 16 and 17 of proc(5): user and system time of waited-for children, in clock ticks.
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: f64 = [13, 14].iter().map(|field| fields[*field].parse::<f64>().unwrap()).sum();
    ticks * 1000.0 / ticks_per_second()
}

fn ticks_per_second() -> f64 {
    let output = Command::new("getconf").arg("CLK_TCK").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    text.ok().and_then(|text| text.trim().parse().ok()).unwrap_or(100.0)
}

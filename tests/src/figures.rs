//! What benches print: one figure a line, against a named peer or limit.

use serde_json::json;

/// Prints figures in the form that the arguments ask for.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    bench: &'static str,
    json: bool,
}

/// One measured figure.
#[derive(Clone, Copy, Debug)]
pub struct Figure<'a> {
    /// What was measured.
    pub figure: &'a str,
    /// The measured value.
    pub value: f64,
    /// Its unit.
    pub unit: &'a str,
    /// What it is compared with.
    pub peer: &'a str,
    /// The value in terms of the peer's, from the same run.
    pub ratio: f64,
    /// The ratio that is aimed at, at most.
    pub target: f64,
}

impl Figures {
    /// Reads `--output json` from the arguments of the process.
    pub fn from_arguments(bench: &'static str) -> Self {
        let arguments: Vec<String> = std::env::args().collect();
        let json = arguments.windows(2).any(|pair| pair == ["--output", "json"]);
        Self { bench, json }
    }

    /// Prints one figure.
    #[expect(clippy::print_stdout, reason = "this is what a bench is for")]
    pub fn print(self, figure: Figure<'_>) {
        let Figure { figure, value, unit, peer, ratio, target } = figure;
        let bench = self.bench;
        if self.json {
            let line = json!({
                "bench": bench, "figure": figure, "value": value, "unit": unit,
                "peer": peer, "ratio": ratio, "target": target,
            });
            println!("{line}");
        } else {
            println!(
                "{bench}: {figure}: {value:.1} {unit}; {ratio:.3} of {peer} (target: at most {target:.2})"
            );
        }
    }
}

/// The middle of several measurements.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

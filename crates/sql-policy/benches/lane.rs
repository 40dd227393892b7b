//! What the lane costs for each query of TPC-H and of a set shaped like TPC-DS, in CPU time of this
//! process, and how the cost grows with the size of a query.
//!
//! With `VIEWLANE_PEER_VENV` set to a virtual environment of Python that holds SQLGlot, the same
//! texts go through that as well.
#![allow(clippy::unwrap_used, reason = "a bench that cannot measure should stop")]
#![allow(missing_docs, reason = "a program of its own")]

use std::{
    collections::BTreeMap,
    env, fs,
    hint::black_box,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use cpu_time::ProcessTime;
use serde_json::{Value, json};
use sqlparser::{dialect::GenericDialect, parser::Parser};
use viewlane_core::{
    FunctionFacts, FunctionKind, FunctionSource, RelationName, SourceText, Volatility,
};
use viewlane_sql_policy::{CompiledQuery, Lane, Naming, Policy};

use self::figures::{Figure, Figures, median};

// One form of figures for all benches of the workspace; the crate that owns it is a heavy one.
#[path = "../../../tests/src/figures.rs"]
pub mod figures;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const PEER_VENV: &str = "VIEWLANE_PEER_VENV";
const ROUNDS: usize = 9;
const ROUND: Duration = Duration::from_millis(1);

/// What is measured of ours, and the CPU microseconds that the median query may take.
const STAGES: [(&str, f64); 3] = [("lane", 300.0), ("lineage", 50.0), ("diff", 100.0)];
/// A stage of ours, the stage of the peer that it is compared with, and the share of the peer's
/// time that is aimed at. The peer's `lane` also types expressions and normalises predicates.
const COMPARED: [(&str, &str, f64); 3] =
    [("parse", "parse", 0.25), ("lane", "names", 0.2), ("lane", "lane", 0.1)];
/// Steps and, as SQLGlot counts them, nodes of generated queries.
const CHAINS: [(usize, f64); 2] = [(4, 1_189.0), (68, 20_069.0)];
const CHAIN_COLUMNS: usize = 40;

fn main() {
    // The stack of a worker in the program: with less, the parser is given a new one each time.
    thread::Builder::new().stack_size(16 * 1024 * 1024).spawn(run).unwrap().join().unwrap();
}

fn run() {
    let figures = Figures::from_arguments("lane");
    let sets = [tpch(), tpcds()];
    let mut measured = BTreeMap::new();
    for set in &sets {
        let times = measure(set);
        print(figures, set.name, &times);
        measured.insert(set.name, times);
    }
    print(figures, "all", &together(&measured));
    print_growth(figures);
    match env::var_os(PEER_VENV) {
        Some(venv) => print_peer(figures, &sets, &measured, Path::new(&venv)),
        #[expect(clippy::print_stderr, reason = "a bench has no other way to say so")]
        None => eprintln!("no peer: {PEER_VENV} names no virtual environment with SQLGlot"),
    }
}

/// CPU microseconds by stage and query.
type Times = BTreeMap<&'static str, BTreeMap<String, f64>>;

struct Set {
    name: &'static str,
    lane: Ours,
    texts: Vec<Text>,
    /// Relations, each with its columns and their types.
    relations: BTreeMap<RelationName, Vec<(String, String)>>,
}

struct Text {
    name: String,
    source: SourceText,
    /// The same with one literal changed.
    edited: SourceText,
}

/// CPU microseconds of the work on one text, by stage.
fn work(lane: &Ours, text: &Text) -> Vec<(&'static str, f64)> {
    let parse = micros(|| Parser::parse_sql(&GenericDialect {}, text.source.text()).unwrap());
    let whole = micros(|| lane.compile(&text.source).fingerprint());
    // Kept by the query once it is there.
    let lineage = micros_after(
        || lane.compile(&text.source),
        |query| {
            black_box(query.lineage());
        },
    );
    let (old, new) = (lane.compile(&text.source).artifact(), lane.compile(&text.edited).artifact());
    let diff = micros(|| old.diff(&new));
    vec![("parse", parse), ("lane", whole), ("lineage", lineage), ("diff", diff)]
}

/// The lane, with what it has to be told.
struct Ours {
    lane: Lane,
    columns: BTreeMap<RelationName, Vec<String>>,
}

impl Ours {
    fn new(columns: BTreeMap<RelationName, Vec<String>>) -> Self {
        // No engine is asked for names.
        let policy = Policy::builder().naming(Naming::Stable).build().unwrap();
        Self { lane: Lane::new(policy), columns }
    }

    /// From the text to the fingerprint.
    fn compile(&self, text: &SourceText) -> CompiledQuery {
        let read = self.lane.read_query(text, &Functions);
        let query = read.and_then(|query| self.lane.resolve(query, &self.columns, &()));
        query.unwrap_or_else(|rejection| panic!("{rejection}"))
    }

    /// Checks that nothing is measured that is not the work itself.
    fn check(&self, text: &Text) {
        let query = self.compile(&text.source);
        for used in query.relations() {
            assert!(self.columns.contains_key(&used.name), "no columns for {}", used.name);
        }
        assert_ne!(query.fingerprint(), self.compile(&text.edited).fingerprint(), "{}", text.name);
    }
}

/// The functions that the queries call.
struct Functions;

impl FunctionSource for Functions {
    fn facts(&self, name: &str) -> Option<FunctionFacts> {
        use FunctionKind::{Aggregate, Scalar, Window};
        let kind = match name {
            "abs" | "coalesce" | "concat_ws" | "greatest" | "least" | "nullif" | "round"
            | "substr" | "trim" | "upper" => Scalar,
            "avg" | "count" | "first_value" | "grouping" | "max" | "min" | "stddev"
            | "stddev_pop" | "sum" => Aggregate,
            "dense_rank" | "lag" | "ntile" | "rank" | "row_number" => Window,
            _ => return None,
        };
        Some(FunctionFacts { name: name.to_owned(), kind, volatility: Volatility::Immutable })
    }
}

fn measure(set: &Set) -> Times {
    let mut times = Times::new();
    for text in &set.texts {
        set.lane.check(text);
        for (stage, micros) in work(&set.lane, text) {
            times.entry(stage).or_default().insert(text.name.clone(), micros);
        }
    }
    times
}

/// CPU microseconds of one call: the median of several rounds.
fn micros<T>(work: impl Fn() -> T) -> f64 {
    const CALLS: u32 = 4;
    black_box(work());
    let rounds = (0..ROUNDS).map(|_| {
        let started = ProcessTime::now();
        let mut calls = 0;
        loop {
            (0..CALLS).for_each(|_| drop(black_box(work())));
            calls += CALLS;
            let elapsed = started.elapsed();
            if elapsed >= ROUND {
                return elapsed.as_secs_f64() * 1e6 / f64::from(calls);
            }
        }
    });
    median(rounds.collect())
}

/// As [`micros`], of what is done to something that is made anew for each call.
fn micros_after<T>(make: impl Fn() -> T, work: impl Fn(&T)) -> f64 {
    const CALLS: usize = 16;
    let rounds = (0..ROUNDS).map(|_| {
        let made: Vec<T> = (0..CALLS).map(|_| make()).collect();
        let started = ProcessTime::now();
        made.iter().for_each(&work);
        started.elapsed().as_secs_f64() * 1e6 / CALLS as f64
    });
    median(rounds.collect())
}

/// The times of all sets as those of one.
fn together(measured: &BTreeMap<&str, Times>) -> Times {
    let mut all = Times::new();
    for (set, times) in measured {
        for (stage, times) in times {
            let named = times.iter().map(|(name, time)| (format!("{set}/{name}"), *time));
            all.entry(stage).or_default().extend(named);
        }
    }
    all
}

fn print(figures: Figures, set: &str, times: &Times) {
    let middle = |stage: &str| median(times[stage].values().copied().collect());
    let (parse, lane) = (middle("parse"), middle("lane"));
    figures.print(Figure {
        figure: &format!("{set}_parse"),
        value: parse,
        unit: "µs",
        peer: &format!("the whole lane ({lane:.1} µs)"),
        ratio: parse / lane,
        target: 1.0,
    });
    for (stage, limit) in STAGES {
        let all: Vec<f64> = times[stage].values().copied().collect();
        let middle = middle(stage);
        let mean = all.iter().sum::<f64>() / all.len() as f64;
        let most = all.iter().copied().fold(0.0, f64::max);
        let (limited, among) =
            (format!("limit of {limit} µs"), format!("the median of {}", all.len()));
        for (suffix, value, peer, of, target) in [
            ("", middle, &limited, limit, 1.0),
            ("_mean", mean, &among, middle, 2.0),
            ("_max", most, &among, middle, 10.0),
        ] {
            figures.print(Figure {
                figure: &format!("{set}_{stage}{suffix}"),
                value,
                unit: "µs",
                peer,
                ratio: value / of,
                target,
            });
        }
    }
}

/// How the cost of each stage grows with a query: linear is a ratio of one.
fn print_growth(figures: Figures) {
    let columns = (0..CHAIN_COLUMNS).map(|column| format!("c{column}")).collect();
    let lane = Ours::new(BTreeMap::from([("wide".parse().unwrap(), columns)]));
    let [small, large] = CHAINS.map(|(steps, nodes)| {
        let text = Text::new(format!("chain_{steps}"), &chain(steps));
        lane.check(&text);
        let times = work(&lane, &text).into_iter().map(|(stage, micros)| (stage, micros / nodes));
        times.collect::<BTreeMap<_, _>>()
    });
    for (stage, _) in STAGES {
        let (per_node, nodes) = (large[stage], CHAINS[1].1);
        figures.print(Figure {
            figure: &format!("chain_{stage}"),
            value: per_node * nodes / 1000.0,
            unit: "ms",
            peer: &format!("{nodes} nodes at the cost of a node among {}", CHAINS[0].1),
            ratio: per_node / small[stage],
            target: 1.5,
        });
    }
}

/// A chain of common table expressions, each over the one before.
fn chain(steps: usize) -> String {
    let mut from = "wide".to_owned();
    let steps: Vec<_> = (0..steps)
        .map(|step| {
            let items =
                (0..CHAIN_COLUMNS).map(|column| format!("s.c{column} + {step} AS c{column}"));
            let items = items.collect::<Vec<_>>().join(", ");
            let name = format!("step{step}");
            let text = format!("{name} AS (SELECT {items} FROM {from} AS s WHERE s.c0 > {step})");
            from = name;
            text
        })
        .collect();
    format!("WITH {} SELECT c0, c{} FROM {from}", steps.join(", "), CHAIN_COLUMNS - 1)
}

/// Runs the peer and compares over the queries that it can do.
fn print_peer(figures: Figures, sets: &[Set], ours: &BTreeMap<&str, Times>, venv: &Path) {
    let peer = run_peer(sets, venv);
    let name = peer["peer"].as_str().unwrap();
    for set in sets {
        for (stage, other, target) in COMPARED {
            let theirs = peer["times"][set.name][other].as_object().unwrap();
            let both = theirs
                .iter()
                .map(|(query, time)| (ours[set.name][stage][query], time.as_f64().unwrap()));
            let (ours, theirs): (Vec<_>, Vec<_>) = both.unzip();
            let (count, ours, theirs) = (ours.len(), median(ours), median(theirs));
            figures.print(Figure {
                figure: &format!("{}_{stage}_vs_sqlglot_{other}", set.name),
                value: ours,
                unit: "µs",
                peer: &format!("{name}, over {count} queries ({theirs:.1} µs)"),
                ratio: ours / theirs,
                target,
            });
        }
    }
}

fn run_peer(sets: &[Set], venv: &Path) -> Value {
    let input: BTreeMap<_, _> = sets
        .iter()
        .map(|set| {
            let relations = set.relations.iter().map(|(name, columns)| (name.to_string(), columns));
            let queries =
                set.texts.iter().map(|text| (&text.name, [text.source.text(), text.edited.text()]));
            let value = json!({
                "relations": relations.collect::<BTreeMap<_, _>>(),
                "queries": queries.collect::<BTreeMap<_, _>>(),
            });
            (set.name, value)
        })
        .collect();
    let python = venv.join("bin/python");
    let mut child = Command::new(&python)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peer_sqlglot.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", python.display()));
    child.stdin.take().unwrap().write_all(json!(input).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the peer failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The 22 marts of the example, without what stands before their queries.
fn tpch() -> Set {
    let texts = files("docs/examples/tpch/views/marts").into_iter().map(|(name, text)| {
        let query = text.split_once(") AS\n").map_or(text.as_str(), |(_, query)| query);
        Text::new(name, query)
    });
    set("tpch", texts.collect())
}

fn tpcds() -> Set {
    let texts = files("tests/queries/tpcds").into_iter().map(|(name, text)| Text::new(name, &text));
    set("tpcds", texts.collect())
}

fn set(name: &'static str, texts: Vec<Text>) -> Set {
    let relations = relations(&Path::new(ROOT).join("tests/queries").join(name).join("tables.txt"));
    let columns = relations.iter().map(|(relation, columns)| {
        (relation.clone(), columns.iter().map(|(column, _)| column.clone()).collect())
    });
    Set { name, lane: Ours::new(columns.collect()), texts, relations }
}

impl Text {
    fn new(name: String, sql: &str) -> Self {
        let source = SourceText::new(name.clone(), sql);
        let edited = SourceText::new(name.clone(), edited(sql));
        Self { name, source, edited }
    }
}

/// The text with its first string, or else its first number, made longer by a character.
fn edited(sql: &str) -> String {
    let comment = |line: &&str| line.starts_with("--");
    let start: usize = sql.split_inclusive('\n').take_while(comment).map(str::len).sum();
    let (comments, query) = sql.split_at(start);
    if let Some((before, after)) = query.split_once('\'') {
        return format!("{comments}{before}'x{after}");
    }
    let number = query.match_indices(|c: char| c.is_ascii_digit()).map(|(at, _)| at);
    let alone = |at: &usize| !query[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let at = number.into_iter().find(alone).unwrap();
    format!("{comments}{}1{}", &query[..at], &query[at..])
}

/// Relations of a list: a name at the start of a line, then its columns, indented, each with its
/// type; a `?` marks those that may be NULL.
fn relations(path: &Path) -> BTreeMap<RelationName, Vec<(String, String)>> {
    let text = fs::read_to_string(path).unwrap();
    let mut relations = BTreeMap::new();
    let mut last: Option<(RelationName, Vec<(String, String)>)> = None;
    for line in text.lines() {
        match line.strip_prefix("  ").map(|column| column.split_once(' ').unwrap()) {
            Some((column, data_type)) => {
                let data_type = data_type.trim_end_matches('?');
                last.as_mut().unwrap().1.push((column.to_owned(), data_type.to_owned()));
            }
            None => relations.extend(last.replace((line.parse().unwrap(), Vec::new()))),
        }
    }
    relations.extend(last);
    relations
}

/// The SQL files of a folder with their texts, by name.
fn files(folder: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(Path::new(ROOT).join(folder)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "sql"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

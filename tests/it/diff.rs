//! What a diff says of a change, held against what the two queries give.

mod claims;
mod edits;
mod impact;

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use arrow::{
    array::{RecordBatch, UInt32Array},
    compute::{concat_batches, take},
};
use datafusion::datasource::MemTable;
use viewlane_sql_policy::{Artifact, Category};

use self::{
    claims::Rows,
    edits::{Dice, KINDS},
};
use crate::{
    engine::Engine,
    fixpoint::{MARTS, REPORTS},
    policy::{probes, tables},
    random::{cases, random_queries},
};

/// Pairs of queries, of which at least [`HELD`] run both ways. More of them are looked at on demand.
const PAIRS: u32 = 5_900;
const HELD: usize = 5_000;

/// Room for the planner's recursion, which takes a lot of it without optimisation.
const STACK: usize = 64 * 1024 * 1024;

/// The tables of the random grammar with more rows: NULLs in every column, and many rows twice.
const TABLES: [&str; 3] = [
    "CREATE TABLE t AS SELECT nullif(value % 5, 4) AS a, nullif(value * 3 % 7 % 5, 4) AS b, \
     CASE value % 4 WHEN 0 THEN 'x' WHEN 1 THEN 'y' WHEN 2 THEN 'z' END AS s \
     FROM (SELECT value FROM generate_series(1, 9) UNION ALL VALUES (2), (4), (7)) AS g",
    "CREATE TABLE u AS SELECT nullif(value % 4, 3) AS a, nullif(value % 6, 5) AS c, \
     CASE value % 3 WHEN 0 THEN 'x' WHEN 1 THEN 'y' END AS s \
     FROM (SELECT value FROM generate_series(1, 7) UNION ALL VALUES (1), (6)) AS g",
    "CREATE TABLE v AS SELECT nullif(value % 4, 2) AS b, nullif(value % 3, 0) AS d \
     FROM (SELECT value FROM generate_series(1, 5) UNION ALL VALUES (1), (3)) AS g",
];

/// Edits that may leave relations without a condition between them. The product of many relations
/// takes too long.
const LOOSENING: [&str; 5] =
    ["remove_conjunct", "negate_conjunct", "other_comparison", "add_branch", "two_edits"];
const RELATIONS: usize = 4;

/// Where queries come from.
#[derive(Clone, Copy, Debug)]
enum Source {
    Random,
    Probes,
    Marts,
    Reports,
}

impl Source {
    const ALL: [Self; 4] = [Self::Random, Self::Probes, Self::Marts, Self::Reports];

    /// Its share of the pairs, in hundredths.
    fn share(self) -> usize {
        match self {
            Self::Random => 70,
            Self::Probes => 18,
            Self::Marts => 5,
            Self::Reports => 7,
        }
    }

    fn engine(self) -> Engine {
        match self {
            Self::Random => Engine::new(&TABLES),
            Self::Probes => Engine::new(&tables()),
            Self::Marts => MARTS.load().0,
            Self::Reports => REPORTS.load().0,
        }
    }

    fn queries(self, pairs: usize) -> Vec<String> {
        match self {
            Self::Random => random_queries((pairs / 10 + 1) as u32),
            Self::Probes => probes().into_iter().map(str::to_owned).collect(),
            Self::Marts => MARTS.load().1,
            Self::Reports => REPORTS.load().1,
        }
    }
}

/// The same tables three times: as they were made, and twice with their rows in another order, in
/// other batches and on several partitions.
struct Engines {
    first: Engine,
    others: [Engine; 2],
}

impl Engines {
    fn of(source: Source) -> Self {
        let other = |order| in_another_order(source.engine(), order);
        Self { first: source.engine(), others: [other(1), other(2)] }
    }
}

fn in_another_order(mut engine: Engine, order: u64) -> Engine {
    let catalog = engine.context.catalog("datafusion").unwrap();
    for schema in catalog.schema_names() {
        let schema = catalog.schema(&schema).unwrap();
        for name in schema.table_names() {
            let Some(provider) = engine.block_on(schema.table(&name)).unwrap() else { continue };
            let frame = engine.context.read_table(provider).unwrap();
            let batches = engine.block_on(frame.collect()).unwrap();
            let Some(first) = batches.first() else { continue };
            let all = concat_batches(&first.schema(), &batches).unwrap();
            let mut rows: Vec<u32> = (0..all.num_rows() as u32).collect();
            rows.sort_by_key(|row| Dice::new(order * 1000 + u64::from(*row)).pick(usize::MAX));
            let mut partitions: [Vec<RecordBatch>; 3] = Default::default();
            for (number, rows) in rows.chunks(2).enumerate() {
                let rows = UInt32Array::from(rows.to_vec());
                let columns = all.columns().iter().map(|column| take(column, &rows, None).unwrap());
                let batch = RecordBatch::try_new(all.schema(), columns.collect()).unwrap();
                partitions[number % 3].push(batch);
            }
            let table = MemTable::try_new(all.schema(), partitions.to_vec()).unwrap();
            schema.deregister_table(&name).unwrap();
            schema.register_table(name, Arc::new(table)).unwrap();
        }
    }
    let state = engine.context.state_ref();
    state.write().config_mut().options_mut().execution.target_partitions = 3;
    engine.refresh();
    engine
}

/// What became of some pairs.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// All of them.
    pairs: usize,
    /// Those whose rows were compared, and were as claimed.
    hold: usize,
    /// Those whose rows were not as claimed.
    wrong: usize,
    /// Those of which one query gives something else when its tables have their rows in another order.
    undetermined: usize,
    /// Those of which one query fails when it runs.
    failed: usize,
    /// Those with two columns of one name.
    unnamed: usize,
    /// Of those that hold, breaking ones after which nothing was lost.
    severe: usize,
    /// Of those that hold, ones with rows.
    with_rows: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.hold += other.hold;
        self.wrong += other.wrong;
        self.undetermined += other.undetermined;
        self.failed += other.failed;
        self.unnamed += other.unnamed;
        self.severe += other.severe;
        self.with_rows += other.with_rows;
    }
}

/// What became of all pairs, by kind of edit and category.
#[derive(Clone, Debug, Default)]
struct Board {
    counts: BTreeMap<(&'static str, &'static str), Count>,
    /// Edits after which the text is no query that compiles.
    refused: BTreeMap<&'static str, usize>,
    wrong: Vec<String>,
}

impl Board {
    fn add(&mut self, other: Self) {
        for (key, count) in other.counts {
            self.counts.entry(key).or_default().add(count);
        }
        for (kind, count) in other.refused {
            *self.refused.entry(kind).or_default() += count;
        }
        self.wrong.extend(other.wrong);
    }

    fn by(
        &self,
        key: impl Fn(&(&'static str, &'static str)) -> &'static str,
    ) -> BTreeMap<&str, Count> {
        let mut by: BTreeMap<&str, Count> = BTreeMap::new();
        for (both, count) in &self.counts {
            by.entry(key(both)).or_default().add(*count);
        }
        by
    }

    fn category(&self, name: &str) -> Count {
        self.by(|key| key.1).get(name).copied().unwrap_or_default()
    }

    fn total(&self) -> Count {
        self.by(|_| "all").get("all").copied().unwrap_or_default()
    }
}

impl fmt::Display for Board {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = "pairs  hold wrong undetermined failed unnamed severe with_rows";
        writeln!(f, "{:<24}{head}", "")?;
        let line = |f: &mut fmt::Formatter<'_>, name: &str, count: &Count| {
            let Count { pairs, hold, wrong, undetermined, failed, unnamed, severe, with_rows } =
                count;
            writeln!(
                f,
                "{name:<24}{pairs:>5} {hold:>5} {wrong:>5} {undetermined:>12} {failed:>6} \
                 {unnamed:>7} {severe:>6} {with_rows:>9}"
            )
        };
        for (name, count) in self.by(|key| key.1) {
            line(f, name, &count)?;
        }
        writeln!(f)?;
        for (name, count) in self.by(|key| key.0) {
            line(f, name, &count)?;
        }
        writeln!(f)?;
        line(f, "all", &self.total())?;
        writeln!(f, "refused {}", self.refused.values().sum::<usize>())?;
        for (key, count) in &self.counts {
            if count.severe > 0 {
                writeln!(f, "too severe: {} {} {}", key.0, key.1, count.severe)?;
            }
        }
        Ok(())
    }
}

/// Edits one query so many times, and holds each diff against the rows.
fn edit(engines: &Engines, complete: bool, sql: &str, pairs: usize, seed: u64, board: &mut Board) {
    let engine = &engines.first;
    let Ok(query) = engine.compile(sql) else { return };
    let Some(tree) = edits::parse(sql) else { return };
    // An edited recursion may never end.
    if tree.with.as_ref().is_some_and(|with| with.recursive) {
        return;
    }
    let ordered = complete && query.ast().order_by.is_some();
    let old = query.artifact();
    let before = engine.run(&query).map(|answer| Rows::of(&answer));
    let stable = before.as_ref().is_ok_and(|before| {
        let again = engines.others[0].run(&query);
        again.is_ok_and(|answer| Rows::of(&answer).bag() == before.bag())
    });
    let mut dice = Dice::new(seed);
    let mut done = 0;
    for _ in 0..pairs * 4 {
        if done == pairs {
            break;
        }
        let (mut kind, change) = KINDS[dice.pick(KINDS.len())];
        let mut tree = tree.clone();
        if !change(&mut tree, &mut dice) {
            continue;
        }
        if dice.pick(5) == 0 && KINDS[dice.pick(KINDS.len())].1(&mut tree, &mut dice) {
            kind = "two_edits";
        }
        if query.relations().len() > RELATIONS && LOOSENING.contains(&kind) {
            continue;
        }
        let text = tree.to_string();
        let edited = panic::catch_unwind(AssertUnwindSafe(|| engine.compile(&text)));
        let edited = match edited {
            Ok(Ok(edited)) => edited,
            Ok(Err(_)) => {
                *board.refused.entry(kind).or_default() += 1;
                continue;
            }
            Err(_) => {
                board.wrong.push(format!("{kind}\n{text}\nthe lane panics"));
                continue;
            }
        };
        done += 1;
        let diff = old.diff(&edited.artifact());
        let count = board.counts.entry((kind, diff.category.as_str())).or_default();
        count.pairs += 1;
        let Ok(before) = &before else {
            count.failed += 1;
            continue;
        };
        if !stable {
            count.undetermined += 1;
            continue;
        }
        let Ok(after) = engine.run(&edited) else {
            count.failed += 1;
            continue;
        };
        let after = Rows::of(&after);
        if !before.are_named() || !after.are_named() {
            count.unnamed += 1;
            continue;
        }
        if let Err(what) = claims::check(&diff, before, &after, ordered) {
            let others = |query, rows: &Rows| {
                engines.others.iter().any(|engine| {
                    let answer = engine.run(query);
                    answer.is_ok_and(|answer| Rows::of(&answer).bag() != rows.bag())
                })
            };
            if others(&query, before) || others(&edited, &after) {
                count.undetermined += 1;
                continue;
            }
            count.wrong += 1;
            let mut told = String::new();
            write!(told, "{kind}\n{sql}\n{text}\n{}: {what}\n", diff.category).unwrap();
            write!(told, "{}\n{}\n{diff:?}", old.sql(), edited.sql()).unwrap();
            board.wrong.push(told);
            continue;
        }
        count.hold += 1;
        count.with_rows += usize::from(!before.rows.is_empty());
        let ordered_otherwise = diff.category == Category::OrderOnly;
        let severe = diff.category.is_breaking() && !ordered_otherwise;
        count.severe += usize::from(severe && claims::nothing_is_lost(before, &after));
    }
}

/// Everything, on as many threads as there are processors.
fn run(pairs: usize) -> Board {
    let mut jobs = Vec::new();
    for source in Source::ALL {
        let share = pairs * source.share() / 100;
        let queries = source.queries(share);
        let each = share.div_ceil(queries.len());
        let chunks: Vec<_> = queries.chunks(24).map(<[String]>::to_vec).collect();
        jobs.extend(chunks.into_iter().map(|queries| (source, queries, each)));
    }
    // Those that take long are begun first.
    jobs.reverse();
    let next = AtomicUsize::new(0);
    let boards = thread::scope(|scope| {
        let work = || {
            let mut board = Board::default();
            while let Some((source, queries, each)) = jobs.get(next.fetch_add(1, Ordering::Relaxed))
            {
                let engines = Engines::of(*source);
                let complete = matches!(source, Source::Random);
                for sql in queries {
                    let seed = sql.bytes().fold(7, |seed: u64, byte| {
                        seed.wrapping_mul(31).wrapping_add(u64::from(byte))
                    });
                    edit(&engines, complete, sql, *each, seed, &mut board);
                }
            }
            board
        };
        let threads = thread::available_parallelism().map_or(2, usize::from).min(8);
        let started: Vec<_> = (0..threads)
            .map(|_| thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).unwrap())
            .collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let mut all = Board::default();
    for board in boards {
        all.add(board);
    }
    all
}

#[test]
#[expect(clippy::print_stdout, reason = "the figures of a long search are its result")]
fn a_diff_claims_nothing_that_rows_contradict() {
    let pairs = cases(PAIRS) as usize;
    let board = run(pairs);
    if std::env::var_os("VIEWLANE_CASES").is_some() {
        println!("{board}");
    }
    assert!(board.wrong.is_empty(), "{board}\n{}", board.wrong.join("\n\n"));

    let total = board.total();
    assert!(total.pairs * 10 >= pairs * 8, "{board}");
    assert!(total.hold * PAIRS as usize >= pairs * HELD, "{board}");
    assert!(total.with_rows * 10 >= total.hold * 6, "{board}");
    // A diff that called everything breaking would be right, and of no use.
    for (category, least) in [
        ("identical", 40),
        ("cosmetic", 6),
        ("additive", 16),
        ("order_only", 40),
        ("column_breaking", 40),
    ] {
        assert!(board.category(category).hold * least >= total.pairs, "{category}\n{board}");
    }
    let kinds = board.by(|key| key.0);
    let compared =
        KINDS.iter().filter(|kind| kinds.get(kind.0).is_some_and(|count| count.hold > 0));
    assert!(compared.count() * 10 >= KINDS.len() * 9, "{board}");
}

/// Rows of another query than the one that was compared are not taken for what was claimed.
#[test]
fn rows_that_contradict_a_claim_are_found() {
    let engine = Engine::new(&TABLES);
    let rows = |sql: &str| Rows::of(&engine.raw(sql).unwrap());
    let old = "SELECT a, b FROM t WHERE a > 0";
    for (category, new, others) in [
        (
            "cosmetic",
            "SELECT a, b FROM t WHERE 0 < a",
            [
                "SELECT DISTINCT a, b FROM t WHERE a > 0",
                "SELECT a, b FROM t",
                "SELECT b AS a, a AS b FROM t WHERE a > 0",
                "SELECT b, a FROM t WHERE a > 0",
            ],
        ),
        (
            "additive",
            "SELECT a, s, b FROM t WHERE a > 0",
            [
                "SELECT DISTINCT a, s, b FROM t WHERE a > 0",
                "SELECT a, s, a AS b FROM t WHERE a > 0",
                "SELECT a, b FROM t WHERE a > 0",
                "SELECT b, s, a FROM t WHERE a > 0",
            ],
        ),
        (
            "order_only",
            "SELECT a, b FROM t WHERE a > 0 ORDER BY b",
            [
                "SELECT a, b FROM t WHERE a > 0 ORDER BY b LIMIT 3",
                "SELECT b AS a, a AS b FROM t WHERE a > 0 ORDER BY b",
                "SELECT a, b, s FROM t WHERE a > 0",
                "SELECT a, b FROM t WHERE a > 1",
            ],
        ),
        (
            "column_breaking",
            "SELECT a, b + 1 AS b FROM t WHERE a > 0",
            [
                "SELECT a + 1 AS a, b + 1 AS b FROM t WHERE a > 0",
                "SELECT b + 1 AS b FROM t WHERE a > 0",
                "SELECT a, b + 1 AS b FROM t",
                "SELECT DISTINCT a, b + 1 AS b FROM t WHERE a > 0",
            ],
        ),
    ] {
        let diff = stored(&engine, old).diff(&stored(&engine, new));
        assert_eq!(diff.category.as_str(), category);
        claims::check(&diff, &rows(old), &rows(new), false).unwrap();
        for other in others {
            claims::check(&diff, &rows(old), &rows(other), false).expect_err(other);
        }
    }
}

/// What is stored of a query and read back.
fn stored(engine: &Engine, sql: &str) -> Artifact {
    let query = engine.compile(sql).unwrap_or_else(|refusal| panic!("{sql}\n{refusal}"));
    let bytes = serde_json::to_vec(&query.artifact()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

//! Queries through the lane, beside the same queries without it.
//!
//! A query is first planned and run as the engine alone would do it, then compiled by the lane and
//! run again in the very same state of the session. What comes out must be equal: rows, order where
//! order is asked for, types, names. Tables whose files nobody has here are filled with other rows.
//! Where the queries come from:
//!
//! * DataFusion's own sqllogictest files, as the crate `datafusion-sqllogictest` carries them;
//! * the 22 queries of TPC-H over generated tables;
//! * the `.sql` files of `tests/queries/tpcds` over generated tables of TPC-DS;
//! * any folder of sqllogictest files.

mod case;
mod compare;
mod database;
mod judge;
mod lane;
mod report;
mod slt;
mod standin;
mod tpc;

use std::{
    panic,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};

pub use case::{Case, Difference, Excuse, Stage, Verdict};
pub use report::{FileReport, Report, Scoreboard};
pub use tpc::{tpch_queries, tpch_tables};

/// Room for the planner's recursion, which takes a lot of it without optimisation.
const STACK: usize = 64 * 1024 * 1024;

/// How many times its limit a query may take before it counts as one that never gives way.
const PATIENCE: u32 = 5;

/// Where queries come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suite {
    /// DataFusion's sqllogictest files.
    Slt,
    /// TPC-H at a scale factor of 0.01.
    Tpch,
    /// The queries of `tests/queries/tpcds`.
    Tpcds,
    /// The sqllogictest files of another folder.
    Extra,
}

impl Suite {
    /// The name in reports and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Slt => "slt",
            Self::Tpch => "tpch",
            Self::Tpcds => "tpcds",
            Self::Extra => "extra",
        }
    }
}

/// Which queries to run, and how.
///
/// ```no_run
/// use viewlane_tests::corpus::{Corpus, Suite};
///
/// let report = Corpus::new([Suite::Slt]).files(["cte.slt"]).run();
/// assert_eq!(report.total().wrong, 0);
/// ```
#[derive(Clone, Debug)]
pub struct Corpus {
    suites: Vec<Suite>,
    files: Vec<glob::Pattern>,
    except: Vec<glob::Pattern>,
    extra: Option<PathBuf>,
    jobs: usize,
    limit: Duration,
}

impl Corpus {
    /// Everything of some suites, on two threads, with a minute for each query.
    pub fn new(suites: impl IntoIterator<Item = Suite>) -> Self {
        Self {
            suites: suites.into_iter().collect(),
            files: Vec::new(),
            except: Vec::new(),
            extra: None,
            jobs: 2,
            limit: Duration::from_secs(60),
        }
    }

    /// Only files whose path or name one of these matches.
    ///
    /// # Panics
    ///
    /// When one of them is not a pattern.
    pub fn files<'a>(mut self, patterns: impl IntoIterator<Item = &'a str>) -> Self {
        self.files.extend(patterns.into_iter().map(|pattern| glob::Pattern::new(pattern).unwrap()));
        self
    }

    /// No file whose path or name one of these matches.
    ///
    /// # Panics
    ///
    /// When one of them is not a pattern.
    pub fn except<'a>(mut self, patterns: impl IntoIterator<Item = &'a str>) -> Self {
        self.except
            .extend(patterns.into_iter().map(|pattern| glob::Pattern::new(pattern).unwrap()));
        self
    }

    /// The folder of [`Suite::Extra`].
    pub fn extra(mut self, folder: PathBuf) -> Self {
        self.suites.push(Suite::Extra);
        self.extra = Some(folder);
        self
    }

    /// How many files run side by side.
    pub fn jobs(mut self, jobs: usize) -> Self {
        self.jobs = jobs.max(1);
        self
    }

    /// How long one query may take.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs everything. What comes out stands in the order of suites, files and lines, whatever
    /// ended first.
    ///
    /// # Panics
    ///
    /// When the corpus cannot be found, or when a query does not even end when it is told to.
    pub fn run(&self) -> Report {
        let jobs: Arc<Vec<Job>> = Arc::new(self.all_jobs());
        // The largest first, so that none of them is left over at the end.
        let mut order: Vec<_> = (0..jobs.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(jobs[*index].source.size()));
        let (order, next) = (Arc::new(order), Arc::new(AtomicUsize::new(0)));
        let watches: Vec<_> = (0..self.jobs).map(|_| Watch::default()).collect();
        let (sender, receiver) = mpsc::channel();
        // Not scoped: a thread that never ends could not be left behind.
        for watch in &watches {
            let (jobs, order) = (Arc::clone(&jobs), Arc::clone(&order));
            let (next, sender, watch) = (Arc::clone(&next), sender.clone(), watch.clone());
            thread::Builder::new()
                .stack_size(STACK)
                .spawn(move || {
                    while let Some(index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let report = work(&jobs[*index], &watch);
                        if sender.send((*index, report)).is_err() {
                            return;
                        }
                    }
                })
                .unwrap();
        }
        drop(sender);

        let mut done: Vec<(usize, FileReport)> = Vec::new();
        loop {
            match receiver.recv_timeout(Duration::from_secs(1)) {
                Ok(report) => done.push(report),
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    for watch in &watches {
                        watch.bark(self.limit * PATIENCE);
                    }
                }
            }
        }
        assert_eq!(done.len(), jobs.len(), "a file brought its thread down");
        done.sort_by_key(|(index, _)| *index);
        Report::new(done.into_iter().map(|(_, report)| report).collect())
    }

    fn all_jobs(&self) -> Vec<Job> {
        let matches = |patterns: &[glob::Pattern], path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            patterns.iter().any(|pattern| pattern.matches(path) || pattern.matches(name))
        };
        let chosen = |path: &str| {
            (self.files.is_empty() || matches(&self.files, path)) && !matches(&self.except, path)
        };
        let mut suites = self.suites.clone();
        suites.sort_unstable();
        suites.dedup();
        let mut jobs = Vec::new();
        for suite in suites {
            let sources = match suite {
                Suite::Slt => slt::files(&slt::folder()),
                Suite::Extra => slt::files(self.extra.as_deref().expect("`extra` sets both")),
                Suite::Tpch => vec![slt::Source::named("tpch")],
                Suite::Tpcds => vec![slt::Source::named("tpcds")],
            };
            let has_files = matches!(suite, Suite::Slt | Suite::Extra);
            let sources = sources.into_iter().filter(|source| !has_files || chosen(&source.name));
            jobs.extend(sources.map(|source| Job { suite, source, limit: self.limit }));
        }
        jobs
    }
}

/// What one thread takes at a time.
#[derive(Debug)]
struct Job {
    suite: Suite,
    source: slt::Source,
    limit: Duration,
}

/// Runs one job. A runtime of this thread alone: with nothing in parallel, a query without a complete
/// order gives the same rows whenever its plan is the same.
fn work(job: &Job, watch: &Watch) -> FileReport {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let started = Instant::now();
    let cases = panic::catch_unwind(panic::AssertUnwindSafe(|| {
        runtime.block_on(async {
            match job.suite {
                Suite::Slt | Suite::Extra => slt::run(&job.source, job.limit, watch).await,
                Suite::Tpch => tpc::tpch(job.limit, watch).await,
                Suite::Tpcds => tpc::tpcds(job.limit, watch).await,
            }
        })
    }));
    let cases = cases.unwrap_or_else(|panic| {
        let reason = format!("the file cannot be run: {}", case::panic_message(&*panic));
        vec![Case::skipped(&job.source.name, reason)]
    });
    watch.rest();
    runtime.shutdown_background();
    FileReport {
        suite: job.suite,
        file: job.source.name.clone(),
        seconds: started.elapsed().as_secs_f64(),
        cases,
    }
}

/// What a thread is at, and since when.
#[derive(Clone, Debug, Default)]
struct Watch(Arc<Mutex<Option<(String, Instant)>>>);

impl Watch {
    fn at(&self, place: &str) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((place.to_owned(), Instant::now()));
    }

    fn rest(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// A query that does not give way, such as one in an endless loop of the planner, cannot be
    /// ended from outside.
    fn bark(&self, limit: Duration) {
        let at = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((place, since)) = at {
            assert!(since.elapsed() < limit, "{place} does not end");
        }
    }
}

//! One line for each node as it ends.

use std::{
    fmt,
    io::Write,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use viewlane_core::{Event, EventKind, Recorder};

use crate::report::thousands;

/// Where lines go.
pub(crate) type Sink = Arc<Mutex<dyn Write + Send>>;

/// Prints what happens to each view, with its place in the run.
pub(crate) struct Progress {
    sink: Sink,
    total: AtomicUsize,
    done: AtomicUsize,
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

impl Progress {
    pub(crate) fn new(sink: Sink) -> Self {
        Self { sink, total: AtomicUsize::new(0), done: AtomicUsize::new(0) }
    }

    fn line(&self, status: &str, name: &impl fmt::Display, rest: &str) {
        let index = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        let total = self.total.load(Ordering::Relaxed);
        let width = total.to_string().len();
        let name = name.to_string();
        let mut sink = self.sink.lock().unwrap_or_else(PoisonError::into_inner);
        // A closed pipe must not stop a run.
        let _ = writeln!(sink, "{index:>width$} of {total} {status:<5} {name:<44} {rest}");
    }
}

impl Recorder for Progress {
    fn record(&self, event: Event) {
        match event.kind {
            EventKind::RunStarted { nodes, .. } => self.total.store(nodes, Ordering::Relaxed),
            EventKind::ViewCommitted { view, reason, version, rows, millis } => {
                let rows = thousands(rows);
                let seconds = millis as f64 / 1000.0;
                let rest = format!("full {rows:>12} rows {seconds:>8.2}s  v{version}  ({reason})");
                self.line("OK", &view, &rest);
            }
            EventKind::ViewSkipped { view, reason } => {
                self.line("SKIP", &view, &format!("({reason})"));
            }
            EventKind::ViewFailed { view, diagnostic } => {
                self.line("ERROR", &view, &diagnostic.to_string());
            }
            EventKind::ViewVerified { view, version, equal } => {
                let status = if equal { "OK" } else { "ERROR" };
                let verdict = if equal { "equal" } else { "different" };
                self.line(status, &view, &format!("v{version} {verdict}"));
            }
            _ => {}
        }
    }
}

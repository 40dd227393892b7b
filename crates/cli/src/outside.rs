//! What the libraries are handed: the clock, identities, and where events go.

use std::time::{SystemTime, UNIX_EPOCH};

use viewlane_core::{Clock, Event, Ids, Recorder};

/// The system's clock.
#[derive(Debug)]
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now_millis(&self) -> i64 {
        // Before 1970 is a clock that is not set; recording then is still better than failing.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Random identities.
#[derive(Debug)]
pub(crate) struct RandomIds;

impl Ids for RandomIds {
    fn next_id(&self) -> String {
        uuid::Uuid::new_v4().to_string()
    }
}

/// Hands each event to several recorders, in order.
#[derive(Debug)]
pub(crate) struct Fanout(pub(crate) Vec<Box<dyn Recorder>>);

impl Recorder for Fanout {
    fn record(&self, event: Event) {
        for recorder in &self.0 {
            recorder.record(event.clone());
        }
    }
}

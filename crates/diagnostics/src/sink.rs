use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
    sync::{
        Mutex,
        mpsc::{self, Sender, TryRecvError},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use viewlane_core::{Event, Recorder};

use crate::Error;

/// How long the writer rests when there is nothing to write.
const PAUSE: Duration = Duration::from_millis(5);

/// Writes each event as one line of JSON, in the order of arrival.
///
/// Writing happens on a thread of its own, so that `record` never waits for a disk. Dropping the
/// sink writes what is left.
#[derive(Debug)]
pub struct JsonLines {
    sender: Option<Sender<Event>>,
    writer: Option<JoinHandle<()>>,
}

impl JsonLines {
    /// Creates the file, and its folder when it is missing.
    ///
    /// # Errors
    ///
    /// [`Error::Create`] when the file cannot be created. Later failures lose lines, silently by
    /// contract: recording never changes an outcome.
    pub fn create(path: &Path) -> Result<Self, Error> {
        let error = |source| Error::Create { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(error)?;
        }
        let mut file = BufWriter::new(File::create(path).map_err(error)?);
        let (sender, receiver) = mpsc::channel::<Event>();
        let writer = thread::Builder::new()
            .name("viewlane-events".to_owned())
            .spawn(move || {
                // Looks now and then rather than waiting for each event: a thread that waits has to
                // be woken by whoever records, which costs more than the record itself.
                loop {
                    let last = match receiver.try_recv() {
                        Ok(event) => {
                            if let Ok(line) = serde_json::to_string(&event) {
                                let _ = writeln!(file, "{line}");
                            }
                            continue;
                        }
                        Err(reason) => reason,
                    };
                    match last {
                        TryRecvError::Empty => thread::sleep(PAUSE),
                        TryRecvError::Disconnected => break,
                    }
                }
                let _ = file.flush();
            })
            .map_err(error)?;
        Ok(Self { sender: Some(sender), writer: Some(writer) })
    }
}

impl Recorder for JsonLines {
    fn record(&self, event: Event) {
        if let Some(sender) = &self.sender {
            let _ = sender.send(event);
        }
    }
}

impl Drop for JsonLines {
    fn drop(&mut self) {
        drop(self.sender.take());
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

/// Keeps events in memory, for tests and for embedding.
#[derive(Debug, Default)]
pub struct Memory {
    events: Mutex<Vec<Event>>,
}

impl Memory {
    /// What was recorded so far, in order.
    pub fn events(&self) -> Vec<Event> {
        match self.events.lock() {
            Ok(events) => events.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }
}

impl Recorder for Memory {
    fn record(&self, event: Event) {
        match self.events.lock() {
            Ok(mut events) => events.push(event),
            Err(poisoned) => poisoned.into_inner().push(event),
        }
    }
}

#[cfg(test)]
mod tests {
    use viewlane_core::EventKind;

    use super::*;

    fn event(number: usize) -> Event {
        Event {
            at: 7,
            run_id: "r".to_owned(),
            operation_id: "run".to_owned(),
            kind: EventKind::RunFinished { committed: number, skipped: 0, failed: 0 },
        }
    }

    #[test]
    fn every_event_is_a_line_in_order_once_the_sink_is_gone() {
        let path = std::env::temp_dir().join(format!("viewlane-sink-{}", std::process::id()));
        let file = path.join("logs").join("run.jsonl");
        let sink = JsonLines::create(&file).unwrap();
        (0..1000).for_each(|number| sink.record(event(number)));
        drop(sink);
        let text = fs::read_to_string(&file).unwrap();
        fs::remove_dir_all(&path).unwrap();
        assert_eq!(text.lines().count(), 1000);
        insta::assert_snapshot!(
            text.lines().nth(41).unwrap(),
            @r#"{"at":7,"run_id":"r","operation_id":"run","event":"run_finished","committed":41,"skipped":0,"failed":0}"#
        );
    }

    #[test]
    fn memory_keeps_what_it_got() {
        let memory = Memory::default();
        memory.record(event(1));
        memory.record(event(2));
        assert_eq!(memory.events(), [event(1), event(2)]);
    }
}

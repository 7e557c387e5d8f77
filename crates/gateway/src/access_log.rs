//! Where access events are written: lines are gathered and handed to one writer thread.
//!
//! 1. A request never waits for the disk: when the writer is [`QUEUE`] batches behind, further
//!    lines are dropped and counted (`symbolon_access_log_dropped_total`).
//! 2. Lines leave at the latest after [`FLUSH_EVERY`], or when [`BATCH_BYTES`] are together.

mod whole_lines;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use symbolon_core::Timestamp;

use crate::config::AccessLog;
use whole_lines::WholeLines;

/// The most batches that wait for the writer.
const QUEUE: usize = 64;
/// The size of a batch, in bytes.
const BATCH_BYTES: usize = 32 * 1024;
/// The longest time that a line waits.
pub(crate) const FLUSH_EVERY: Duration = Duration::from_millis(100);

/// One worker's end of the access log.
#[derive(Clone)]
pub(crate) struct AccessLogger(Option<Arc<Gathering>>);

struct Gathering {
    lines: Mutex<Lines>,
    writer: SyncSender<String>,
    dropped: Counter,
}

/// Lines that were gathered, and the time of the last one as text, which seldom changes.
#[derive(Default)]
pub(crate) struct Lines {
    text: String,
    second: i64,
    stamp: String,
}

/// The writer; makes a logger for each worker.
pub(crate) struct AccessLogWriter {
    sender: Option<SyncSender<String>>,
    dropped: Counter,
    thread: Option<thread::JoinHandle<()>>,
}

impl AccessLogWriter {
    /// Opens the destination and starts the writer.
    pub(crate) fn start(destination: &AccessLog) -> io::Result<Self> {
        let out: Box<dyn Write + Send> = match destination {
            AccessLog::Off => {
                return Ok(Self { sender: None, dropped: Counter::default(), thread: None });
            }
            AccessLog::Stdout => Box::new(WholeLines(io::stdout())),
            AccessLog::Stderr => Box::new(WholeLines(io::stderr())),
            AccessLog::File(path) => {
                Box::new(OpenOptions::new().create(true).append(true).open(path)?)
            }
        };
        let (sender, batches) = sync_channel(QUEUE);
        let thread = thread::Builder::new()
            .name("access-log".to_owned())
            .spawn(move || run(&batches, out))?;
        Ok(Self { sender: Some(sender), dropped: Counter::default(), thread: Some(thread) })
    }

    /// An end for one worker.
    pub(crate) fn logger(&self) -> AccessLogger {
        AccessLogger(self.sender.as_ref().map(|sender| {
            Arc::new(Gathering {
                lines: Mutex::default(),
                writer: sender.clone(),
                dropped: self.dropped.clone(),
            })
        }))
    }

    /// Lines that were dropped because the writer was too far behind.
    pub(crate) fn dropped(&self) -> &Counter {
        &self.dropped
    }

    /// Waits until everything is written; all loggers must be gone by then.
    pub(crate) fn finish(mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has nothing left to write.
            let _ = thread.join();
        }
    }
}

impl AccessLogger {
    /// Whether anything is logged at all.
    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Appends what `line` writes.
    pub(crate) fn write(&self, line: impl FnOnce(&mut Lines)) {
        let Some(gathering) = &self.0 else { return };
        let mut lines = gathering.lines.lock();
        line(&mut lines);
        if lines.text.len() >= BATCH_BYTES {
            gathering.hand_over(&mut lines);
        }
    }

    /// Hands over what was gathered.
    pub(crate) fn flush(&self) {
        if let Some(gathering) = &self.0 {
            gathering.hand_over(&mut gathering.lines.lock());
        }
    }
}

impl Lines {
    /// The gathered text, to append to.
    pub(crate) fn text(&mut self) -> &mut String {
        &mut self.text
    }

    /// Makes room, and appends `before` and a time as RFC 3339 in UTC with milliseconds.
    pub(crate) fn push_time(&mut self, before: &str, at: Timestamp, room: usize) {
        self.text.reserve(room);
        if self.second != at.as_secs() || self.stamp.is_empty() {
            self.second = at.as_secs();
            self.stamp.clear();
            self.stamp.push_str(at.to_string().trim_end_matches('Z'));
        }
        let millis = at.as_micros().rem_euclid(1_000_000) / 1000;
        self.text.push_str(before);
        self.text.push_str(&self.stamp);
        // The leading 1 keeps the zeros and is left out.
        let mut digits = itoa::Buffer::new();
        let digits = digits.format(1000 + millis);
        self.text.push('.');
        self.text.push_str(digits.get(1..).unwrap_or("000"));
        self.text.push('Z');
    }
}

impl Gathering {
    fn hand_over(&self, lines: &mut Lines) {
        if lines.text.is_empty() {
            return;
        }
        let batch = std::mem::replace(&mut lines.text, String::with_capacity(BATCH_BYTES + 1024));
        if let Err(error) = self.writer.try_send(batch) {
            let (std::sync::mpsc::TrySendError::Full(batch)
            | std::sync::mpsc::TrySendError::Disconnected(batch)) = error;
            let lost = batch.bytes().filter(|byte| *byte == b'\n').count();
            self.dropped.inc_by(lost as u64);
        }
    }
}

impl Drop for Gathering {
    fn drop(&mut self) {
        let lines = std::mem::take(&mut self.lines.lock().text);
        // At the end there is time to wait for the writer.
        let _ = self.writer.send(lines);
    }
}

fn run(batches: &Receiver<String>, mut out: Box<dyn Write + Send>) {
    for batch in batches {
        // A full disk must not stop requests; what cannot be written is lost.
        if let Err(error) = out.write_all(batch.as_bytes()).and_then(|()| out.flush()) {
            tracing::error!(%error, "access log cannot be written");
        }
    }
}

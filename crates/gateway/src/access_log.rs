//! Where access events are written: lines are gathered and handed to one writer thread.
//!
//! 1. A request never waits for the destination: when the writer is [`QUEUE`] batches behind,
//!    further lines are dropped and counted (`symbolon_access_log_dropped_total`).
//! 2. Lines leave at the latest after [`FLUSH_EVERY`], or when [`BATCH_BYTES`] are together.

mod choice;
mod file;
mod line_sink;
mod lines;
mod loss;
mod sink;
mod syslog;
mod whole_lines;

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus_client::metrics::counter::Counter;
use symbolon_core::Timestamp;

use crate::config::access_log::{AccessLog, Destination, Format};

use choice::Chosen;
pub(crate) use choice::Outcome;
pub use line_sink::LineSink;
use lines::Envelope;
pub(crate) use lines::Lines;
use loss::Loss;
use sink::Sink;

/// How long the end of the log may take to be written.
const FINISH_WITHIN: Duration = Duration::from_secs(5);
/// The most batches that wait for the writer.
const QUEUE: usize = 64;
/// The size of a batch, in bytes.
const BATCH_BYTES: usize = 32 * 1024;
/// The longest time that a line waits.
pub(crate) const FLUSH_EVERY: Duration = Duration::from_millis(100);
/// How often it is looked whether the file was renamed away, where nothing is written.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often, and with which pauses, a worker that ends tries to hand over its last lines.
const LAST_TRIES: u32 = 100;
const LAST_PAUSE: Duration = Duration::from_millis(10);

/// One worker's end of the access log.
#[derive(Clone)]
pub(crate) struct AccessLogger(Option<Arc<Gathering>>);

struct Gathering {
    lines: Mutex<Lines>,
    format: Format,
    chosen: Chosen,
    writer: SyncSender<String>,
    loss: Loss,
}

/// The writer; makes a logger for each worker.
pub(crate) struct AccessLogWriter {
    sender: Option<SyncSender<String>>,
    log: AccessLog,
    envelope: Option<Arc<Envelope>>,
    loss: Loss,
    /// Closed when the writer has come to its end.
    ended: Option<Receiver<Infallible>>,
}

impl AccessLogWriter {
    /// Opens the destination and starts the writer.
    pub(crate) fn start(log: &AccessLog) -> io::Result<Self> {
        let mut writer = Self {
            sender: None,
            log: log.clone(),
            envelope: match &log.destination {
                Destination::Syslog(to) => Some(Arc::new(syslog::envelope(to, "access"))),
                _ => None,
            },
            loss: Loss::default(),
            ended: None,
        };
        if let Some(sink) = Sink::open(&log.destination)? {
            let (sender, batches) = sync_channel(QUEUE);
            let loss = writer.loss.clone();
            let thread = thread::Builder::new().name("access-log".to_owned());
            let (running, ended) = sync_channel(0);
            thread.spawn(move || {
                let _running = running;
                run(&batches, sink, &loss);
            })?;
            (writer.sender, writer.ended) = (Some(sender), Some(ended));
        }
        Ok(writer)
    }

    /// An end for one worker; chance begins at `seed`.
    pub(crate) fn logger(&self, seed: u64) -> AccessLogger {
        AccessLogger(self.sender.as_ref().map(|sender| {
            Arc::new(Gathering {
                lines: Mutex::new(Lines::new(self.envelope.clone())),
                format: self.log.format.clone(),
                chosen: Chosen::new(self.log.choice, seed),
                writer: sender.clone(),
                loss: self.loss.clone(),
            })
        }))
    }

    /// Lines that were lost because the writer was too far behind, or could not write.
    pub(crate) fn dropped(&self) -> &Counter {
        self.loss.counter()
    }

    /// Waits until everything is written; all loggers must be gone by then. A destination that takes
    /// nothing is not waited for longer than [`FINISH_WITHIN`].
    pub(crate) fn finish(mut self) {
        self.sender = None;
        let ended = self.ended.take().map(|ended| ended.recv_timeout(FINISH_WITHIN));
        if let Some(Err(RecvTimeoutError::Timeout)) = ended {
            tracing::warn!(
                "the end of the access log is lost: what it is written to takes nothing"
            );
        }
    }
}

impl AccessLogger {
    /// Appends what `write` makes of a request that came `at` some time, if it has a line.
    pub(crate) fn write(
        &self,
        at: Timestamp,
        outcome: impl FnOnce() -> Outcome,
        write: impl FnOnce(&Format, &mut Lines),
    ) {
        let Some(gathering) = &self.0 else { return };
        if !gathering.chosen.is_all() && !gathering.chosen.has(outcome()) {
            return;
        }
        let mut lines = gathering.lines.lock();
        lines.begin(at);
        write(&gathering.format, &mut lines);
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

impl Gathering {
    fn hand_over(&self, lines: &mut Lines) {
        if lines.text.is_empty() {
            return;
        }
        let batch = std::mem::replace(&mut lines.text, String::with_capacity(BATCH_BYTES + 1024));
        if let Err(TrySendError::Full(batch) | TrySendError::Disconnected(batch)) =
            self.writer.try_send(batch)
        {
            self.loss.of(&batch, "the writer is too far behind");
        }
    }
}

impl Drop for Gathering {
    fn drop(&mut self) {
        let mut lines = std::mem::take(&mut self.lines.lock().text);
        // At the end there is time to wait for the writer, but not for ever.
        for _ in 0..LAST_TRIES {
            match self.writer.try_send(lines) {
                Err(TrySendError::Full(again)) => lines = again,
                Ok(()) | Err(TrySendError::Disconnected(_)) => return,
            }
            thread::sleep(LAST_PAUSE);
        }
        self.loss.of(&lines, "the writer is too far behind");
    }
}

fn run(batches: &Receiver<String>, mut sink: Sink, loss: &Loss) {
    loop {
        match batches.recv_timeout(LOOK_EVERY) {
            Ok(batch) => sink.write(&batch, loss),
            Err(RecvTimeoutError::Timeout) => sink.look(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

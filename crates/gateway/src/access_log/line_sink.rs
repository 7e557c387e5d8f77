//! The destinations of the access log, for another log that must not lose a line: whoever writes
//! learns whether all of it was taken, and comes again.

use std::io;
use std::sync::Arc;

use symbolon_core::Timestamp;

use super::lines::{Envelope, Lines};
use super::loss::Loss;
use super::sink::Sink;
use super::syslog;
use crate::config::access_log::Destination;

/// An open destination.
#[derive(Debug)]
pub struct LineSink {
    sink: Sink,
    envelope: Option<Arc<Envelope>>,
    loss: Loss,
}

impl LineSink {
    /// Opens a destination; `message` is the kind of its messages where it is a log service
    /// (`MSGID`, RFC 5424 section 6.2.7). `None` for one that is off.
    pub fn open(destination: &Destination, message: &str) -> io::Result<Option<Self>> {
        let envelope = match destination {
            Destination::Syslog(to) => Some(Arc::new(syslog::envelope(to, message))),
            _ => None,
        };
        let sink = Sink::open(destination)?;
        Ok(sink.map(|sink| Self { sink, envelope, loss: Loss::default() }))
    }

    /// Writes lines with their times, and says whether all were taken. It may block for some
    /// seconds, where a log service is away.
    pub fn write<'a>(&mut self, lines: impl Iterator<Item = (Timestamp, &'a str)>) -> bool {
        let mut text = Lines::new(self.envelope.clone());
        for (at, line) in lines {
            text.begin(at);
            text.text().push_str(line);
            text.text().push('\n');
        }
        let lost = self.loss.counter().get();
        self.sink.write(&text.text, &self.loss);
        self.loss.counter().get() == lost
    }
}

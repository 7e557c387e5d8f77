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
    /// (`MSGID`, RFC 5424 section 6.2.7), and `shorten` makes of a line that is too long for a
    /// datagram what is told in its place. `None` for one that is off.
    pub fn open(
        destination: &Destination,
        message: &str,
        shorten: fn(&str) -> String,
    ) -> io::Result<Option<Self>> {
        let envelope = match destination {
            Destination::Syslog(to) => Some(Arc::new(syslog::envelope(to, message))),
            _ => None,
        };
        let mut sink = Sink::open(destination)?;
        if let Some(Sink::Syslog(service)) = &mut sink
            && let Some(envelope) = &envelope
        {
            service.shorten_by(Arc::clone(envelope), shorten);
        }
        Ok(sink.map(|sink| Self { sink, envelope, loss: Loss::default() }))
    }

    /// Writes lines with their times, and says whether all were taken, and are on the disk where
    /// it is a file. It may block for some seconds, where a log service is away.
    pub fn write<'a>(&mut self, lines: impl Iterator<Item = (Timestamp, &'a str)>) -> bool {
        let mut text = Lines::new(self.envelope.clone());
        for (at, line) in lines {
            text.begin(at);
            text.text().push_str(line);
            text.text().push('\n');
        }
        let lost = self.loss.counter().get();
        self.sink.write(&text.text, &self.loss);
        self.loss.counter().get() == lost && self.sink.sync().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;
    use crate::config::access_log::{Syslog, SyslogAddress};

    #[test]
    fn a_line_that_is_too_long_for_a_datagram_is_told_shortly_and_stops_nothing() {
        let service = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = service.local_addr().unwrap().to_string();
        let destination = Destination::Syslog(Syslog {
            address: SyslogAddress::Udp(address.as_str().into()),
            facility: 13,
            app_name: "symbolon".into(),
        });
        let shorten = |line: &str| format!("{} bytes", line.len());
        let mut sink = LineSink::open(&destination, "audit", shorten).unwrap().unwrap();
        let long = "x".repeat(70_000);
        let lines = ["one", long.as_str(), "two"];
        let at = Timestamp::from_secs(1_800_000_000);
        assert!(sink.write(lines.iter().map(|line| (at, *line))));
        let mut buffer = [0; 1000];
        for end in ["audit - one", "audit - 70000 bytes", "audit - two"] {
            let length = service.recv(&mut buffer).unwrap();
            let message = std::str::from_utf8(&buffer[..length]).unwrap();
            assert!(message.ends_with(end), "{message}");
        }
    }
}

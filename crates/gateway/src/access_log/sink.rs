//! Where batches of lines end: a stream of the process, a file, or a log service.

use std::io::{self, Stderr, Stdout};

use super::file::LogFile;
use super::loss::Loss;
use super::syslog::LogService;
use super::whole_lines::WholeLines;
use crate::config::access_log::Destination;

/// A destination that is open.
#[derive(Debug)]
pub(super) enum Sink {
    Stdout(WholeLines<Stdout>),
    Stderr(WholeLines<Stderr>),
    File(LogFile),
    Syslog(LogService),
}

impl Sink {
    /// Nothing for a log that is off.
    pub(super) fn open(destination: &Destination) -> io::Result<Option<Self>> {
        Ok(Some(match destination {
            Destination::Off => return Ok(None),
            Destination::Stdout => Self::Stdout(WholeLines::to(io::stdout())),
            Destination::Stderr => Self::Stderr(WholeLines::to(io::stderr())),
            Destination::File(path) => Self::File(LogFile::open(path)?),
            Destination::Syslog(syslog) => Self::Syslog(LogService::new(syslog.address.clone())),
        }))
    }

    /// Writes whole lines. What cannot be written is lost: neither a full disk nor a log service
    /// that is away must stop requests.
    pub(super) fn write(&mut self, lines: &str, loss: &Loss) {
        let written = match self {
            Self::Stdout(out) => write_out(out, lines),
            Self::Stderr(out) => write_out(out, lines),
            Self::File(file) => file.write(lines),
            Self::Syslog(service) => return service.send(lines, loss),
        };
        if let Err(error) = written {
            loss.of(lines, &format!("they cannot be written: {error}"));
        }
    }

    /// Waits until what was written is on the disk, where it is a file.
    pub(super) fn sync(&self) -> io::Result<()> {
        match self {
            Self::File(file) => file.sync(),
            Self::Stdout(_) | Self::Stderr(_) | Self::Syslog(_) => Ok(()),
        }
    }

    /// Looks whether the file, where it is one, is still in its place.
    pub(super) fn look(&mut self) {
        if let Self::File(file) = self {
            file.look();
        }
    }
}

fn write_out(mut out: impl io::Write, lines: &str) -> io::Result<()> {
    out.write_all(lines.as_bytes())?;
    out.flush()
}

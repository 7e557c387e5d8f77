//! Which lines the access log has, what they look like, and where they go.

use std::path::PathBuf;
use std::sync::Arc;

use super::Sampling;
pub use crate::event::{Field, Template, TemplateError};

/// The access log.
#[derive(Clone, Debug)]
pub struct AccessLog {
    /// Where it goes.
    pub destination: Destination,
    /// What a line looks like.
    pub format: Format,
    /// Which requests have one.
    pub choice: Choice,
}

/// Where the access log goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Nowhere.
    Off,
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// Appended to a file, which is opened again when it is renamed away.
    File(PathBuf),
    /// Told to a log service.
    Syslog(Syslog),
}

/// What a line looks like.
#[derive(Clone, Debug)]
pub enum Format {
    /// An object with a name for each field.
    Json,
    /// A text with fields in it.
    Template(Arc<Template>),
}

/// Which requests have a line.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    /// The share of the requests that have one; `None` for all.
    pub sampling: Option<Sampling>,
    /// Whether those of status 500 and above have one in any case.
    pub keeps_errors: bool,
    /// Whether those of status 401, 403 and 429 have one in any case.
    pub keeps_rejections: bool,
}

/// A log service, and what it is told of us (RFC 5424).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Syslog {
    /// Where it is.
    pub address: SyslogAddress,
    /// Facility (RFC 5424 section 6.2.1), at most 23.
    pub facility: u8,
    /// `APP-NAME`: 1 to 48 printable ASCII characters.
    pub app_name: Arc<str>,
}

/// Where a log service is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SyslogAddress {
    /// A socket for datagrams, such as `/dev/log`.
    Unix(PathBuf),
    /// `HOST:PORT`, a datagram for each line (RFC 5426).
    Udp(Arc<str>),
    /// `HOST:PORT`, each line with its length before it (RFC 6587 section 3.4.1).
    Tcp(Arc<str>),
}

/// A line for every request.
impl Default for Choice {
    fn default() -> Self {
        Self { sampling: None, keeps_errors: true, keeps_rejections: false }
    }
}

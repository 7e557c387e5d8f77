//! A service and its targets.

use std::sync::Arc;
use std::time::Duration;

use super::{Balancing, IdentityHeaders};
use crate::tls::SecureTarget;

/// A named upstream group with an audience.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its name.
    pub name: Arc<str>,
    /// The `aud` of the internal tokens made for it.
    pub audience: Arc<str>,
    /// Where it runs.
    pub targets: Targets,
    /// What its targets speak.
    pub protocol: Protocol,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// How requests are spread, and what happens when a target fails.
    pub balancing: Balancing,
    /// Keys of the session data that it may change.
    pub session_writes: Vec<String>,
    /// What it is told of the caller besides the internal token.
    pub identity_headers: IdentityHeaders,
}

/// What the targets of a service speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// HTTP/1.1, one exchange at a time on each connection.
    #[default]
    H1,
    /// HTTP/2, many exchanges on one connection; without TLS by prior knowledge.
    H2,
}

/// Where a service runs.
#[derive(Clone, Debug)]
pub enum Targets {
    /// Over the network; used in turn by weight.
    Network(Vec<Target>),
    /// The authentication service inside this process.
    InProcess,
}

/// One address of a service.
#[derive(Clone, Debug)]
pub struct Target {
    /// `host:port`, or the name of an SRV record.
    pub authority: Arc<str>,
    /// What the authority is.
    pub kind: TargetKind,
    /// Share of the requests relative to the others, at least 1.
    pub weight: u32,
    /// How it is verified; without it the connection is plain.
    pub tls: Option<Arc<SecureTarget>>,
}

/// What stands where a target is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TargetKind {
    /// An IP address with its port.
    Address,
    /// The name of a host, with a port: each of its addresses is a target.
    Host,
    /// The name of an SRV record (RFC 2782): each address of each service is a target.
    Service,
}

/// How long to wait for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the head of the response after the request was sent.
    pub response: Duration,
    /// Between two pieces of a body, and for an idle kept connection.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(1),
            response: Duration::from_secs(30),
            idle: Duration::from_mins(1),
        }
    }
}

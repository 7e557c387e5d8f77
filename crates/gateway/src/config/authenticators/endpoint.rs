//! An HTTP endpoint of another system.

use std::sync::Arc;
use std::time::Duration;

use crate::tls::TargetTls;

/// Where something is asked, and for how long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Host name or address, without brackets.
    pub address: Arc<str>,
    /// Its port.
    pub port: u16,
    /// What `Host` says.
    pub host: Arc<str>,
    /// Path and query.
    pub target: Arc<str>,
    /// How it is verified, where it is reached over TLS.
    pub tls: Option<TargetTls>,
    /// The longest that a question takes altogether.
    pub timeout: Duration,
    /// The longest that connecting takes, TLS included.
    pub connect_timeout: Duration,
    /// The most questions under way.
    pub connections: usize,
    /// The most questions that wait for their turn.
    pub queue: usize,
}

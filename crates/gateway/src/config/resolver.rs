//! Who is asked for the addresses of targets.

use std::net::SocketAddr;
use std::time::Duration;

/// Name servers, and for how long their answers are believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolver {
    /// Asked in this order; never empty.
    pub servers: Vec<SocketAddr>,
    /// For one answer of one server.
    pub timeout: Duration,
    /// An answer is believed at least so long, whatever its TTL.
    pub min_ttl: Duration,
    /// And at most so long.
    pub max_ttl: Duration,
}

//! From where a listener takes connections (`allow_sources`, `deny_sources`).

use std::net::SocketAddr;

use crate::config::Listener;
use crate::worker::Shared;

/// Whether a connection from there goes on. One that does not is counted, and the log names some.
pub(super) fn is_welcome(source: SocketAddr, listener: &Listener, shared: &Shared) -> bool {
    let refuses = listener.sources.as_ref().and_then(|sources| sources.refuses(source.ip()));
    let Some(rule) = refuses else { return true };
    shared.metrics.arrivals.denied(rule);
    if let Some(untold) = shared.metrics.arrivals.denials.tell() {
        let listener = listener.address;
        tracing::info!(%source, %listener, rule, untold, "connection denied");
    }
    false
}

//! What the gateway knows about the caller's side and hands on inside the process.

use std::net::IpAddr;
use std::sync::Arc;

/// A request extension that only the gateway inserts; nothing in it was believed without proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Downstream {
    /// Address of the caller, after trusted proxies were taken off.
    pub source: Option<IpAddr>,
    /// Identifier of the request, as it stands in the access log.
    pub request_id: Arc<str>,
}

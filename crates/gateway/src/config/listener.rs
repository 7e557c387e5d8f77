//! A socket for requests from outside.

use std::net::SocketAddr;
use std::sync::Arc;

use http::HeaderValue;

use crate::limit::Sources;
use crate::tls::ServerTls;

/// A socket for requests from outside, and what has to happen before a request.
#[derive(Clone, Debug)]
pub struct Listener {
    /// Where it listens.
    pub address: SocketAddr,
    /// Its certificates; without them it is plain.
    pub tls: Option<ServerTls>,
    /// From where connections may come; `None` from everywhere.
    pub sources: Option<Sources>,
    /// Whether a load balancer has to say who connects.
    pub proxy_protocol: ProxyProtocol,
    /// The site to which every request is sent away: `https://shop.example.com`.
    pub redirect_to: Option<Arc<str>>,
    /// `Strict-Transport-Security` of every answer (RFC 6797).
    pub hsts: Option<HeaderValue>,
}

/// Whether connections begin with a header that says where they come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProxyProtocol {
    /// They do not.
    #[default]
    Off,
    /// They have to, and have to come from a trusted proxy.
    Required,
}

impl Listener {
    /// A plain listener.
    pub fn plain(address: SocketAddr) -> Self {
        Self {
            address,
            tls: None,
            sources: None,
            proxy_protocol: ProxyProtocol::Off,
            redirect_to: None,
            hsts: None,
        }
    }
}

//! Which hosts a TLS connection is for (RFC 9110 section 15.5.20, RFC 9113 section 9.1.1).
//!
//! 1. A client may ask for any host that the certificate covers which it was shown; browsers do
//!    over HTTP/2.
//! 2. A host that only another certificate covers, of this listener or of another one, or that
//!    another one covers by its very name and this one by a wildcard, is misdirected: what was
//!    demanded of clients there, such as a certificate of theirs, was not demanded here.
//! 3. A host that no certificate covers is nobody's in particular: addresses, and names that only
//!    routes know.
//! 4. Judged by what is served now: a connection outlives a certificate that was renewed.

use std::sync::Arc;

use super::ServerTls;
use super::names::{Cover, Named};
use crate::config::Listener;

/// The name that a client asked for in its handshake (SNI), in lower case.
#[derive(Clone, Debug)]
pub(crate) struct AskedFor(Option<Arc<str>>);

impl AskedFor {
    pub(crate) fn new(name: Option<&str>) -> Self {
        Self(name.map(|name| name.to_ascii_lowercase().into()))
    }

    /// Whether a request for this host belongs on another connection.
    pub(crate) fn is_misdirected(
        &self,
        host: &str,
        listener: &Listener,
        listeners: &[Listener],
    ) -> bool {
        let Some(shown) = &listener.tls else { return false };
        let mut others = listeners.iter().filter_map(|listener| listener.tls.as_ref());
        match shown.shows_for(self.0.as_deref(), host) {
            Some(Cover::Exact) => false,
            Some(Cover::Wildcard) => others.any(|tls| tls.covers(host) == Some(Cover::Exact)),
            None => others.any(|tls| tls.covers(host).is_some()),
        }
    }
}

impl ServerTls {
    /// How what is shown to who asks for `name` covers `host`.
    fn shows_for(&self, name: Option<&str>, host: &str) -> Option<Cover> {
        best(self.names().shown_for(name), host)
    }

    /// How any certificate covers `host`.
    fn covers(&self, host: &str) -> Option<Cover> {
        best(self.names().named(host)?, host)
    }
}

fn best(certificates: &[Named], host: &str) -> Option<Cover> {
    certificates.iter().filter_map(|certificate| certificate.covers(host)).min()
}

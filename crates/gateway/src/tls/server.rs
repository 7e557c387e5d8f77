//! What a listener shows, and whom it lets shake hands. Read again when its files change.
//!
//! 1. A new certificate holds from the next handshake on; open connections keep theirs.
//! 2. Sessions are resumed by tickets (RFC 8446 section 4.6.1) that are sealed with a key of this
//!    process, made anew every six hours and kept for as long again. Certificates may change in
//!    between. No early data (0-RTT) is taken: it could be replayed.
//! 3. Where clients show certificates nothing is resumed, so that whoever is revoked or has expired
//!    is judged at each connection.

use std::path::Path;
use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::Ticketer;
use rustls::server::{
    NoServerSessionStorage, ProducesTickets, ResolvesServerCert, WebPkiClientVerifier,
};
use symbolon_core::Timestamp;

use super::alpn;
use super::files::ReadFile;
use super::names::ByName;
use super::{Certificate, ClientCertificates, TlsError, provider};

/// The TLS of one listener; copies are the same one.
#[derive(Clone, Debug)]
pub struct ServerTls(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    served: ArcSwap<Served>,
    tickets: Arc<dyn ProducesTickets>,
}

/// What is served at a moment.
#[derive(Debug)]
struct Served {
    certificates: Vec<Certificate>,
    clients: Option<ClientCertificates>,
    names: Arc<ByName>,
    config: Arc<ServerConfig>,
}

impl ServerTls {
    /// Serves these certificates, the first one where no other fits.
    pub fn new(
        certificates: Vec<Certificate>,
        clients: Option<ClientCertificates>,
    ) -> Result<Self, TlsError> {
        let tickets = Ticketer::new().map_err(|error| TlsError::Refused(error.to_string()))?;
        let served = Served::new(certificates, clients, &tickets)?;
        Ok(Self(Arc::new(Inner { served: ArcSwap::from_pointee(served), tickets })))
    }

    /// Reads all files again; when one of them is broken, everything stays as it was.
    pub fn reload(&self, now: Timestamp) -> Result<(), TlsError> {
        let old = self.0.served.load_full();
        let certificates: Result<Vec<_>, _> = old
            .certificates
            .iter()
            .map(|certificate| Certificate::load(certificate.files().clone()))
            .collect();
        let clients = old.clients.as_ref();
        let clients = clients.map(|clients| ClientCertificates::load(clients.files().clone()));
        let served = Served::new(certificates?, clients.transpose()?, &self.0.tickets)?;
        self.0.served.store(Arc::new(served));
        self.warn(now);
        Ok(())
    }

    /// Says what is wrong with the dates of the certificates.
    pub(crate) fn warn(&self, now: Timestamp) {
        for certificate in &self.0.served.load().certificates {
            certificate.warn(now);
        }
    }

    /// Calls `tell` with the file of each certificate and until when it is valid.
    pub(crate) fn tell_ends(&self, mut tell: impl FnMut(&Path, Timestamp)) {
        for certificate in &self.0.served.load().certificates {
            if let Some((file, not_after)) = certificate.not_after() {
                tell(file, not_after);
            }
        }
    }

    /// All files that it is made of.
    pub fn files(&self) -> Vec<ReadFile> {
        let served = self.0.served.load();
        let pairs = served.certificates.iter().flat_map(|certificate| &certificate.read);
        let clients = served.clients.iter().flat_map(|clients| &clients.read);
        pairs.chain(clients).cloned().collect()
    }

    /// The certificates that are shown now, by their names.
    pub(super) fn names(&self) -> Arc<ByName> {
        Arc::clone(&self.0.served.load().names)
    }

    /// What the next handshake is made with.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.served.load().config)
    }
}

impl Served {
    fn new(
        certificates: Vec<Certificate>,
        clients: Option<ClientCertificates>,
        tickets: &Arc<dyn ProducesTickets>,
    ) -> Result<Self, TlsError> {
        let verifier = match &clients {
            Some(clients) => Arc::clone(&clients.verifier),
            None => WebPkiClientVerifier::no_client_auth(),
        };
        let names = Arc::new(ByName::new(&certificates));
        let mut config = ServerConfig::builder_with_provider(Arc::clone(provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Refused(error.to_string()))?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::clone(&names) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = alpn::offered();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        if clients.is_some() {
            config.send_tls13_tickets = 0;
        } else {
            config.ticketer = Arc::clone(tickets);
        }
        Ok(Self { certificates, clients, names, config: Arc::new(config) })
    }
}

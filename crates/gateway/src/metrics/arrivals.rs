//! What is counted before a connection speaks HTTP.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;

/// The meters of handshakes, PROXY headers and certificates.
pub(crate) struct Arrivals {
    handshakes: Family<Labels, Counter>,
    proxy_headers: Family<Labels, Counter>,
    reloads: Family<Labels, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    outcome: &'static str,
}

impl Arrivals {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let (handshakes, proxy_headers) = (Family::default(), Family::default());
        let reloads = Family::default();
        registry.register(
            "tls_handshakes",
            "TLS handshakes of clients",
            Family::clone(&handshakes),
        );
        registry.register(
            "proxy_headers",
            "PROXY headers by what became of them",
            Family::clone(&proxy_headers),
        );
        registry.register(
            "certificate_reloads",
            "Reloads of the certificates of a listener",
            Family::clone(&reloads),
        );
        Self { handshakes, proxy_headers, reloads }
    }

    pub(crate) fn handshake(&self, outcome: &'static str) {
        self.handshakes.get_or_create(&Labels { outcome }).inc();
    }

    pub(crate) fn certificates_reloaded(&self, outcome: &'static str) {
        self.reloads.get_or_create(&Labels { outcome }).inc();
    }

    pub(crate) fn proxy_header(&self, outcome: &'static str) {
        self.proxy_headers.get_or_create(&Labels { outcome }).inc();
    }
}

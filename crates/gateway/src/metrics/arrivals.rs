//! What is counted before a connection speaks HTTP.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::seldom::Seldom;
use crate::tls::ServerTls;

/// The shortest time between two denied connections that the log names.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// The meters of handshakes, PROXY headers and certificates.
pub(crate) struct Arrivals {
    handshakes: Family<Labels, Counter>,
    proxy_headers: Family<Labels, Counter>,
    denied: Family<RuleLabels, Counter>,
    /// When the log names one of them.
    pub(crate) denials: Seldom,
    reloads: Family<Labels, Counter>,
    certificate_ends: Family<CertificateLabels, Gauge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RuleLabels {
    rule: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CertificateLabels {
    cert_file: String,
}

impl Arrivals {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let (handshakes, proxy_headers) = (Family::default(), Family::default());
        let (reloads, certificate_ends) = (Family::default(), Family::default());
        let denied = Family::default();
        registry.register(
            "connections_denied",
            "Connections from addresses that a listener does not take",
            Family::clone(&denied),
        );
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
        registry.register(
            "certificate_not_after_seconds",
            "Until when a listener's certificate is valid, as a Unix time",
            Family::clone(&certificate_ends),
        );
        let denials = Seldom::new(TELL_EVERY);
        Self { handshakes, proxy_headers, denied, denials, reloads, certificate_ends }
    }

    pub(crate) fn handshake(&self, outcome: &'static str) {
        self.handshakes.get_or_create(&Labels { outcome }).inc();
    }

    pub(crate) fn denied(&self, rule: &'static str) {
        self.denied.get_or_create(&RuleLabels { rule }).inc();
    }

    pub(crate) fn certificates_reloaded(&self, outcome: &'static str) {
        self.reloads.get_or_create(&Labels { outcome }).inc();
    }

    /// Notes until when the certificates of a listener are valid.
    pub(crate) fn certificates_serve(&self, tls: &ServerTls) {
        tls.tell_ends(|file, not_after| {
            let labels = CertificateLabels { cert_file: file.display().to_string() };
            self.certificate_ends.get_or_create(&labels).set(not_after.as_secs());
        });
    }

    pub(crate) fn proxy_header(&self, outcome: &'static str) {
        self.proxy_headers.get_or_create(&Labels { outcome }).inc();
    }
}

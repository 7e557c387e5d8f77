//! TLS (RFC 8446, RFC 5246 for 1.2): what a listener shows, whom it lets shake hands, and what a
//! target has to show.
//!
//! 1. One stack, rustls, on one provider, aws-lc-rs. Versions and cipher suites are the stack's
//!    own safe choice; there is no key to weaken them.
//! 2. Everything here is read from files, and valid once it is read. What a listener serves can be
//!    read again while it serves: whole, or the old one stays.
//! 3. What handshakes make of it is in [`crate::downstream`] and [`crate::upstream`].

pub(crate) mod alpn;
mod authorities;
mod certificate;
mod client_certificates;
mod error;
mod files;
mod misdirected;
mod names;
mod server;
mod target;
#[cfg(test)]
pub(crate) mod testing;
mod validity;

use std::sync::{Arc, OnceLock};

use rustls::crypto::{CryptoProvider, aws_lc_rs};

pub use rustls::pki_types::ServerName;

pub use certificate::{Certificate, CertificateFiles};
pub use client_certificates::{ClientCertificates, ClientCertificatesFiles};
pub use error::TlsError;
pub use files::{FileState, ReadFile};
pub(crate) use misdirected::AskedFor;
pub use server::ServerTls;
pub use target::{SecureTarget, TargetTls, TargetTlsFiles};

/// The one provider of cryptography.
fn provider() -> &'static Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(aws_lc_rs::default_provider()))
}

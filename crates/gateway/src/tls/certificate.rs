//! A certificate with its key, as it is shown to whoever connects.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::Error;
use rustls::sign::CertifiedKey;
use symbolon_core::Timestamp;

use super::files::ReadFile;
use super::validity::Validity;
use super::{TlsError, files, provider};

/// Where a certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// PEM: the certificate first, then those that lead to its authority.
    pub cert_file: PathBuf,
    /// PEM: the private key.
    pub key_file: PathBuf,
}

/// A certificate that was read, whose key fits.
#[derive(Clone, Debug)]
pub struct Certificate {
    files: CertificateFiles,
    pub(super) read: [ReadFile; 2],
    pub(super) shown: Arc<CertifiedKey>,
    /// The names that it is for, in lower case: `a.example`, `*.a.example`.
    pub(super) names: Vec<String>,
    validity: Option<Validity>,
}

impl Certificate {
    /// Reads both files.
    pub fn load(files: CertificateFiles) -> Result<Self, TlsError> {
        let CertificateFiles { cert_file, key_file } = &files;
        let (chain, read_cert) = super::files::certificates(cert_file)?;
        let (key, read_key) = super::files::private_key(key_file)?;
        let first = chain.first().cloned();
        let unusable = |error: &dyn std::fmt::Display| {
            files::unusable(cert_file, files::CERTIFICATE, &error.to_string())
        };
        let leaf = first.as_ref().map(webpki::EndEntityCert::try_from);
        let names: Vec<String> = match leaf {
            Some(Ok(leaf)) => leaf.valid_dns_names().map(str::to_ascii_lowercase).collect(),
            Some(Err(error)) => return Err(unusable(&error)),
            None => Vec::new(),
        };
        let shown =
            CertifiedKey::from_der(chain, key, provider()).map_err(|error| match error {
                Error::InconsistentKeys(_) => TlsError::KeyDoesNotFit {
                    cert_file: cert_file.clone(),
                    key_file: key_file.clone(),
                },
                Error::InvalidCertificate(error) => unusable(&error),
                error => files::unusable(key_file, files::PRIVATE_KEY, &error),
            })?;
        let validity = first.as_ref().and_then(|certificate| Validity::of(certificate));
        Ok(Self { shown: Arc::new(shown), names, validity, read: [read_cert, read_key], files })
    }

    pub(super) fn files(&self) -> &CertificateFiles {
        &self.files
    }

    /// Until when it is valid, with the file that it is in.
    pub(super) fn not_after(&self) -> Option<(&Path, Timestamp)> {
        self.validity.map(|validity| (self.files.cert_file.as_path(), validity.not_after))
    }

    /// What an operator should know about its dates.
    pub(super) fn warn(&self, now: Timestamp) {
        let Some(Validity { not_before, not_after }) = self.validity else { return };
        let cert_file = self.files.cert_file.display();
        if now > not_after {
            tracing::warn!(%cert_file, %not_after, "certificate has expired");
        } else if now < not_before {
            tracing::warn!(%cert_file, %not_before, "certificate is not valid yet");
        }
    }
}

//! Who may shake hands: certificates of clients (RFC 8446 section 4.4.2).
//!
//! 1. One that is shown has to lead to an authority of `ca_file`, be valid now, be meant for
//!    clients and not be revoked; else the handshake fails with the alert that says why.
//! 2. With a list of revocations, every certificate below the authority has to be covered by a list
//!    that has not expired: what nobody can vouch for is refused.
//! 3. Whether none may be shown is `required`.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::files::ReadFile;
use super::{TlsError, authorities, files, provider};

/// Where it stands whose certificates are accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificatesFiles {
    /// PEM: the authorities.
    pub ca_file: PathBuf,
    /// PEM: the revoked certificates.
    pub crl_file: Option<PathBuf>,
    /// Whether every client has to show one.
    pub required: bool,
}

/// The judge of certificates of clients.
#[derive(Clone, Debug)]
pub struct ClientCertificates {
    files: ClientCertificatesFiles,
    pub(super) read: Vec<ReadFile>,
    pub(super) verifier: Arc<dyn ClientCertVerifier>,
}

impl ClientCertificates {
    /// Reads the files.
    pub fn load(files: ClientCertificatesFiles) -> Result<Self, TlsError> {
        let (roots, read) = authorities::of_file(&files.ca_file)?;
        let mut read = vec![read];
        let provider = Arc::clone(provider());
        let mut builder = WebPkiClientVerifier::builder_with_provider(roots, provider);
        if !files.required {
            builder = builder.allow_unauthenticated();
        }
        if let Some(file) = &files.crl_file {
            let (lists, read_list) = super::files::revocation_lists(file)?;
            read.push(read_list);
            builder = builder.with_crls(lists).enforce_revocation_expiration();
        }
        let file = files.crl_file.as_ref().unwrap_or(&files.ca_file);
        let verifier = builder
            .build()
            .map_err(|error| files::unusable(file, files::REVOCATION_LIST, &error))?;
        Ok(Self { files, read, verifier })
    }

    pub(super) fn files(&self) -> &ClientCertificatesFiles {
        &self.files
    }
}

//! What a service's targets have to show, and what we show them.
//!
//! 1. A target is verified: its certificate leads to an authority and is for the name under which
//!    it is reached, or for `server_name`.
//! 2. Sessions are resumed, by all workers together.
//! 3. Connections are shared only between targets with the same of these: see
//!    [`SecureTarget`].

mod unverified;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::alpn;
use super::files::ReadFile;
use super::{Certificate, CertificateFiles, TlsError, authorities, provider};
use crate::config::Protocol;
use unverified::Unverified;

/// Numbers what is loaded, so that no two of them share connections.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// Where it stands how targets are verified.
#[derive(Clone, Debug, Default)]
pub struct TargetTlsFiles {
    /// PEM: the authorities, instead of those of the system.
    pub ca_file: Option<PathBuf>,
    /// The name in the targets' certificates, instead of the one under which they are reached.
    pub server_name: Option<ServerName<'static>>,
    /// What we show when we are asked.
    pub client_certificate: Option<CertificateFiles>,
    /// Whether anybody is believed to be the target.
    pub danger_accept_any_certificate: bool,
}

/// How the targets of a service are connected to; copies are the same one.
#[derive(Clone)]
pub struct TargetTls {
    connector: TlsConnector,
    server_name: Option<ServerName<'static>>,
    is_verified: bool,
    files: Arc<[ReadFile]>,
    number: u64,
}

impl TargetTls {
    /// Reads the files; the targets speak `protocol`.
    pub fn load(files: TargetTlsFiles, protocol: Protocol) -> Result<Self, TlsError> {
        Self::load_for(files, alpn::offered_to_targets(protocol))
    }

    /// Reads the files; the other end is a directory, which has no protocol to choose.
    pub fn load_for_directory(files: TargetTlsFiles) -> Result<Self, TlsError> {
        Self::load_for(files, Vec::new())
    }

    fn load_for(files: TargetTlsFiles, alpn: Vec<Vec<u8>>) -> Result<Self, TlsError> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| TlsError::Refused(error.to_string()))?;
        let mut read = Vec::new();
        let builder = if files.danger_accept_any_certificate {
            let unverified = Arc::new(Unverified(Arc::clone(provider())));
            builder.dangerous().with_custom_certificate_verifier(unverified)
        } else {
            let roots = match &files.ca_file {
                Some(file) => {
                    let (roots, read_file) = authorities::of_file(file)?;
                    read.push(read_file);
                    roots
                }
                None => authorities::of_the_system()?,
            };
            builder.with_root_certificates(roots)
        };
        let mut config = match files.client_certificate {
            Some(pair) => {
                let certificate = Certificate::load(pair)?;
                read.extend(certificate.read);
                let resolver = rustls::sign::SingleCertAndKey::from(certificate.shown);
                builder.with_client_cert_resolver(Arc::new(resolver))
            }
            None => builder.with_no_client_auth(),
        };
        config.alpn_protocols = alpn;
        Ok(Self {
            connector: TlsConnector::from(Arc::new(config)),
            server_name: files.server_name,
            is_verified: !files.danger_accept_any_certificate,
            files: read.into(),
            number: NUMBERS.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// The name that the certificate of `host` has to be for; `None` where none could be.
    pub(crate) fn name_of(&self, host: &str) -> Option<ServerName<'static>> {
        match &self.server_name {
            Some(name) => Some(name.clone()),
            None => ServerName::try_from(host.to_owned()).ok(),
        }
    }

    /// What a handshake goes by.
    pub(crate) fn client_config(&self) -> Arc<ClientConfig> {
        Arc::clone(self.connector.config())
    }

    /// All files that the verification is made of.
    pub fn files(&self) -> &[ReadFile] {
        &self.files
    }

    /// The target at `host:port`; `None` where no certificate could be for it.
    pub fn target(&self, authority: &str) -> Option<Arc<SecureTarget>> {
        let name = self.name_of(bare(authority))?;
        let pool_key = format!("{authority}#{}", self.number).into();
        Some(Arc::new(SecureTarget {
            connector: self.connector.clone(),
            name,
            pool_key,
            is_verified: self.is_verified,
            files: Arc::clone(&self.files),
            number: self.number,
        }))
    }
}

/// One target, and how it is connected to.
#[derive(Clone)]
pub struct SecureTarget {
    pub(crate) connector: TlsConnector,
    /// The name that its certificate has to be for.
    pub(crate) name: ServerName<'static>,
    /// Under what its connections are kept: the authority alone would hand the connection of one
    /// service, with its certificate and its judgement, to another.
    pub(crate) pool_key: Arc<str>,
    /// Whether it is anybody in particular.
    pub(crate) is_verified: bool,
    files: Arc<[ReadFile]>,
    number: u64,
}

impl SecureTarget {
    /// What tells it from other targets at one address, whatever is loaded when.
    pub(crate) fn identity(&self, authority: &str) -> Arc<str> {
        format!("https://{}@{authority}", self.name.to_str()).into()
    }

    /// The same at one of the addresses that its name has.
    pub(crate) fn at(&self, address: &str) -> Arc<Self> {
        // The name with it: two of them may have one address, and be different targets.
        let pool_key = format!("{}@{address}#{}", self.name.to_str(), self.number).into();
        Arc::new(Self { pool_key, ..self.clone() })
    }

    /// All files that its verification is made of.
    pub fn files(&self) -> &[ReadFile] {
        &self.files
    }
}

impl std::fmt::Debug for SecureTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecureTarget").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whether both go by the same, whenever it was read: the files were the same ones.
impl PartialEq for TargetTls {
    fn eq(&self, other: &Self) -> bool {
        let files = |tls: &Self| -> Vec<_> {
            tls.files.iter().map(|file| (file.path().to_owned(), file.state())).collect()
        };
        (&self.server_name, self.is_verified) == (&other.server_name, other.is_verified)
            && self.client_config().alpn_protocols == other.client_config().alpn_protocols
            && files(self) == files(other)
    }
}

impl Eq for TargetTls {}

/// Nothing in it is worth reading.
impl std::fmt::Debug for TargetTls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TargetTls").field("number", &self.number).finish_non_exhaustive()
    }
}

/// The host of `host:port` and `[v6]:port`.
fn bare(authority: &str) -> &str {
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_host_without_its_port() {
        assert_eq!(bare("a.example:443"), "a.example");
        assert_eq!(bare("[::1]:443"), "::1");
        assert_eq!(bare("127.0.0.1:1"), "127.0.0.1");
    }
}

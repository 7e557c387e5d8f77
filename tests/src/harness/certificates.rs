//! Authorities, certificates and lists of revoked ones, made on the spot.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose,
    RevokedCertParams, SerialNumber, date_time_ymd,
};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};

/// No two certificates have the same number.
static SERIALS: AtomicU64 = AtomicU64::new(1000);

/// An authority whose certificate is believed where a test says so.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
}

/// A certificate with its key.
pub(crate) struct Pair {
    pub(crate) certificate: CertificateDer<'static>,
    key: KeyPair,
    serial: u64,
}

/// The provider that the program under test has, too.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// A certificate for servers and clients of these names.
    pub(crate) fn issue(&self, names: &[&str]) -> Pair {
        self.issue_until(names, 2100)
    }

    /// The same until the beginning of a year.
    pub(crate) fn issue_until(&self, names: &[&str], year: i32) -> Pair {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        let serial = SERIALS.fetch_add(1, Ordering::Relaxed);
        params.serial_number = Some(SerialNumber::from(serial));
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(year, 1, 1);
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        Pair { certificate, key, serial }
    }

    /// Writes the authority's own certificate.
    pub(crate) fn write(&self, file: &Path) {
        write_pem(file, "CERTIFICATE", &self.certificate);
    }

    /// Writes the list of what this authority has revoked.
    pub(crate) fn write_revoked(&self, revoked: &[&Pair], file: &Path) {
        let revoked = revoked.iter().map(|pair| RevokedCertParams {
            serial_number: SerialNumber::from(pair.serial),
            revocation_time: date_time_ymd(2021, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2021, 1, 1),
            next_update: date_time_ymd(2100, 1, 1),
            crl_number: SerialNumber::from(1_u64),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        write_pem(file, "X509 CRL", list.signed_by(&self.issuer).unwrap().der());
    }

    /// A client that believes this authority, and shows what it has.
    pub(crate) fn client(&self, shown: Option<&Pair>) -> ClientConfig {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(self.roots());
        match shown {
            Some(pair) => builder.with_client_auth_cert(pair.chain(), pair.private_key()).unwrap(),
            None => builder.with_no_client_auth(),
        }
    }

    /// The store with this authority alone.
    pub(crate) fn roots(&self) -> Arc<RootCertStore> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).unwrap();
        Arc::new(roots)
    }
}

impl Pair {
    /// A server that shows it.
    pub(crate) fn server(&self) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = builder.with_no_client_auth();
        Arc::new(builder.with_single_cert(self.chain(), self.private_key()).unwrap())
    }

    /// The same for clients whom an authority vouches for.
    pub(crate) fn server_for(&self, clients: &Authority) -> Arc<ServerConfig> {
        let verifier = WebPkiClientVerifier::builder_with_provider(clients.roots(), provider());
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap());
        Arc::new(builder.with_single_cert(self.chain(), self.private_key()).unwrap())
    }

    /// Writes `NAME.pem` and `NAME.key`, each of them whole.
    pub(crate) fn write(&self, folder: &Path, name: &str) {
        write_pem(&folder.join(format!("{name}.pem")), "CERTIFICATE", &self.certificate);
        write_pem(&folder.join(format!("{name}.key")), "PRIVATE KEY", self.key.serialized_der());
    }

    /// Its chain and key, as a client shows them.
    pub(crate) fn shown(&self) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        (self.chain(), self.private_key())
    }

    fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.clone()]
    }

    fn private_key(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::try_from(self.key.serialize_der()).unwrap()
    }
}

fn write_pem(file: &Path, label: &str, der: &[u8]) {
    let encoded = STANDARD.encode(der);
    // OpenSSL wants short lines (RFC 7468 section 2).
    let lines = encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap());
    let text = lines.collect::<Vec<_>>().join("\n");
    let new = file.with_extension("new");
    fs::write(&new, format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")).unwrap();
    fs::rename(new, file).unwrap();
}

//! Certificates for tests, made on the spot.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Certificate, CertificateFiles};

/// A certificate for these names, written to a folder and read from there.
pub(crate) fn certificate(folder: &Path, names: &[&str]) -> Certificate {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let key = rcgen::KeyPair::generate().unwrap();
    let signed = rcgen::CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    let (cert_file, key_file) = (folder.join("a.pem"), folder.join("a.key"));
    std::fs::write(&cert_file, pem("CERTIFICATE", signed.der())).unwrap();
    std::fs::write(&key_file, pem("PRIVATE KEY", key.serialized_der())).unwrap();
    Certificate::load(CertificateFiles { cert_file, key_file }).unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

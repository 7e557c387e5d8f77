//! A folder with certificates for the files that name some, made once.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer,
    KeyIdMethod, KeyPair, KeyUsagePurpose, PublicKeyData as _, SerialNumber, date_time_ymd,
};
use tempfile::TempDir;

/// `tls/site.pem` with its key in both halves, `tls/site.crl`; `tls/other.pem` with its own; `policies/own.cedar`.
pub(super) fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    let made = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("tls")).unwrap();
        for name in ["site", "other"] {
            write(&folder.path().join("tls"), name);
        }
        fs::create_dir(folder.path().join("policies")).unwrap();
        let policy = "permit (principal, action, resource);\n";
        fs::write(folder.path().join("policies/own.cedar"), policy).unwrap();
        folder
    });
    made.path()
}

fn write(folder: &Path, name: &str) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![format!("{name}.example")]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(&key).unwrap();
    let put = |ending: &str, label: &str, der: &[u8]| {
        let text =
            format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der));
        fs::write(folder.join(format!("{name}.{ending}")), text).unwrap();
    };
    put("pem", "CERTIFICATE", certificate.der());
    put("key", "PRIVATE KEY", key.serialized_der());
    put("pub", "PUBLIC KEY", &key.subject_public_key_info());
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2020, 1, 1),
        next_update: date_time_ymd(2100, 1, 1),
        crl_number: SerialNumber::from(1_u64),
        issuing_distribution_point: None,
        revoked_certs: Vec::new(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    let list = list.signed_by(&Issuer::from_params(&params, &key)).unwrap();
    put("crl", "X509 CRL", list.der());
}

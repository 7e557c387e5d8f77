//! The certificate that every program shows: ECDSA on P-256, made by an authority of the run.

use std::path::PathBuf;

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use crate::{
    folder::Folder,
    workload::{CLIENT_NAME, SERVER_NAME},
};

/// PEM files for as long as the value lives.
pub(crate) struct Certificate {
    /// The certificate of the authority.
    pub(crate) authority: PathBuf,
    /// The certificate.
    pub(crate) chain: PathBuf,
    /// Its private key.
    pub(crate) key: PathBuf,
    /// Both in one file, as HAProxy has it.
    pub(crate) both: PathBuf,
    /// Certificate and key of a client.
    pub(crate) client: PathBuf,
    /// Those of one whom nobody knows, by the same authority.
    pub(crate) stranger: PathBuf,
    _folder: Folder,
}

impl Certificate {
    /// Makes authority and certificate.
    pub(crate) fn new() -> Result<Self> {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().context("cannot make a key")?;
        let authority = params.self_signed(&key).context("cannot make an authority")?;
        let issuer = Issuer::new(params, key);

        let params = CertificateParams::new(vec![SERVER_NAME.to_owned()]);
        let key = KeyPair::generate().context("cannot make a key")?;
        let signed = params.and_then(|params| params.signed_by(&key, &issuer));
        let signed = signed.context("cannot make a certificate")?;

        let folder = Folder::new()?;
        let chain = pem("CERTIFICATE", signed.der());
        let key = pem("PRIVATE KEY", key.serialized_der());
        Ok(Self {
            authority: folder.write("authority.pem", &pem("CERTIFICATE", authority.der()))?,
            chain: folder.write("chain.pem", &chain)?,
            key: folder.write("key.pem", &key)?,
            both: folder.write("both.pem", &format!("{chain}{key}"))?,
            client: folder.write("client.pem", &of_client(CLIENT_NAME, &issuer)?)?,
            stranger: folder.write("stranger.pem", &of_client("stranger.example", &issuer)?)?,
            _folder: folder,
        })
    }
}

/// Certificate and key of a client with this name, which is its subject and its DNS name.
fn of_client(name: &str, issuer: &Issuer<'_, KeyPair>) -> Result<String> {
    let mut params =
        CertificateParams::new(vec![name.to_owned()]).context("the name of a client")?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let key = KeyPair::generate().context("cannot make a key")?;
    let signed = params.signed_by(&key, issuer).context("cannot make a certificate")?;
    Ok(pem("CERTIFICATE", signed.der()) + &pem("PRIVATE KEY", key.serialized_der()))
}

/// RFC 7468; a line has at most 64 characters.
pub(crate) fn pem(label: &str, der: &[u8]) -> String {
    let mut text = format!("-----BEGIN {label}-----\n");
    for (at, character) in BASE64_STANDARD.encode(der).chars().enumerate() {
        if at > 0 && at % 64 == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text + &format!("\n-----END {label}-----\n")
}

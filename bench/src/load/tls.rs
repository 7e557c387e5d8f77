//! TLS from the client's side: version, cipher suite and key exchange are the same for every
//! program, because the client offers no others.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, ensure};
use rustls::{
    ClientConfig, HandshakeKind, ProtocolVersion, RootCertStore,
    client::Resumption,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
    version::TLS13,
};
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::connection;
use crate::workload::SERVER_NAME;

/// A client that believes this authority, goes on with no earlier session and shows this
/// certificate, or none where there is no such file.
pub(crate) fn config(authority: &Path, client: &Path) -> Result<ClientConfig> {
    let provider = CryptoProvider {
        cipher_suites: vec![aws_lc_rs::cipher_suite::TLS13_AES_128_GCM_SHA256],
        kx_groups: vec![aws_lc_rs::kx_group::X25519],
        ..aws_lc_rs::default_provider()
    };
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(authority).context("cannot read a PEM file")?;
    roots.add(certificate).context("the authority is no certificate")?;
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])
        .context("no TLS 1.3")?
        .with_root_certificates(roots);
    let mut config = if client.as_os_str().is_empty() {
        builder.with_no_client_auth()
    } else {
        let chain = CertificateDer::from_pem_file(client).context("cannot read a PEM file")?;
        let key = PrivateKeyDer::from_pem_file(client).context("cannot read a PEM file")?;
        builder.with_client_auth_cert(vec![chain], key).context("no certificate of a client")?
    };
    config.resumption = Resumption::disabled();
    Ok(config)
}

/// Connects and shakes hands, in the way that is expected.
pub(super) async fn connect(
    port: u16,
    config: &Arc<ClientConfig>,
    expected: HandshakeKind,
) -> Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(SERVER_NAME).context("the name in the certificates")?;
    let stream = connection::connect(port).await?;
    let connector = TlsConnector::from(Arc::clone(config));
    let stream = connector.connect(name, stream).await.context("no TLS handshake")?;
    let (_, agreed) = stream.get_ref();
    ensure!(agreed.protocol_version() == Some(ProtocolVersion::TLSv1_3), "no TLS 1.3");
    ensure!(
        agreed.handshake_kind() == Some(expected),
        "the handshake was {:?}, not {expected:?}",
        agreed.handshake_kind()
    );
    Ok(stream)
}

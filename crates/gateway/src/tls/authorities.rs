//! Whose signature under a certificate is believed.

use std::path::Path;
use std::sync::Arc;

use rustls::RootCertStore;

use super::{TlsError, files};

/// The authorities of a file; each of them has to be usable.
pub(super) fn of_file(file: &Path) -> files::Read<Arc<RootCertStore>> {
    let mut roots = RootCertStore::empty();
    let (certificates, read) = files::certificates(file)?;
    for certificate in certificates {
        roots
            .add(certificate)
            .map_err(|error| files::unusable(file, files::CERTIFICATE, &error))?;
    }
    Ok((Arc::new(roots), read))
}

/// The authorities that the system believes; some of them may be of no use.
pub(super) fn of_the_system() -> Result<Arc<RootCertStore>, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (usable, _) = roots.add_parsable_certificates(found.certs);
    if usable == 0 {
        let reason = found.errors.first().map_or("none was found".to_owned(), ToString::to_string);
        return Err(TlsError::NoSystemAuthorities(reason));
    }
    Ok(Arc::new(roots))
}

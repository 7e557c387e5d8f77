//! Which certificate is shown to whom (SNI, RFC 6066 section 3).
//!
//! 1. One that is for exactly the name that was asked for, else one with a wildcard in place of
//!    its first label; of several, the first of the list whose key the client can use.
//! 2. A client that names nobody, or somebody unknown, is shown the first of the list: whether it
//!    accepts that is for the client to judge.

use std::sync::Arc;

use hashbrown::HashMap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::Certificate;

/// The certificates of a listener by their names.
#[derive(Debug)]
pub(super) struct ByName {
    names: HashMap<String, Vec<Arc<CertifiedKey>>>,
    all: Vec<Arc<CertifiedKey>>,
}

impl ByName {
    pub(super) fn new(certificates: &[Certificate]) -> Self {
        let mut names: HashMap<String, Vec<Arc<CertifiedKey>>> = HashMap::new();
        for certificate in certificates {
            for name in &certificate.names {
                names.entry(name.clone()).or_default().push(Arc::clone(&certificate.shown));
            }
        }
        let all = certificates.iter().map(|certificate| Arc::clone(&certificate.shown)).collect();
        Self { names, all }
    }

    /// Those for a name, by rank.
    fn named(&self, name: &str) -> Option<&[Arc<CertifiedKey>]> {
        let name = name.to_ascii_lowercase();
        let exact = self.names.get(&name);
        let named = exact.or_else(|| {
            let (_, parent) = name.split_once('.')?;
            self.names.get(&format!("*.{parent}"))
        });
        named.map(Vec::as_slice)
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let named = hello.server_name().and_then(|name| self.named(name));
        // Of the default, too, there may be one for each kind of key.
        let candidates = named.unwrap_or(self.all.get(..1)?);
        let fits = |candidate: &&Arc<CertifiedKey>| {
            candidate.key.choose_scheme(hello.signature_schemes()).is_some()
        };
        candidates.iter().find(fits).or(candidates.first()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::testing::certificate;

    #[test]
    fn the_exact_name_comes_before_a_wildcard_and_a_wildcard_is_one_label() {
        let folder = tempfile::tempdir().unwrap();
        let wild = certificate(folder.path(), &["*.a.example", "a.example"]);
        let exact = certificate(folder.path(), &["x.a.example"]);
        let names = ByName::new(&[wild.clone(), exact.clone()]);
        let is = |name: &str, certificate: &Certificate| {
            names.named(name).is_some_and(|named| Arc::ptr_eq(&named[0], &certificate.shown))
        };
        assert!(is("X.a.example", &exact));
        assert!(is("y.a.example", &wild));
        assert!(is("a.example", &wild));
        for stranger in ["z.y.a.example", "b.example", "example", ""] {
            assert!(names.named(stranger).is_none(), "{stranger}");
        }
    }
}

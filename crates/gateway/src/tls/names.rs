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
    names: HashMap<String, Vec<Named>>,
    all: Vec<Named>,
}

/// A certificate as it is shown, with the names that it is for.
#[derive(Clone, Debug)]
pub(super) struct Named {
    shown: Arc<CertifiedKey>,
    names: Arc<[String]>,
}

/// How a certificate is for a host, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cover {
    Exact,
    Wildcard,
}

impl Named {
    /// How it is for a host, in lower case.
    pub(super) fn covers(&self, host: &str) -> Option<Cover> {
        let parent = host.split_once('.').map(|(_, parent)| parent);
        let by = |name: &String| match name.strip_prefix("*.") {
            _ if name == host => Some(Cover::Exact),
            Some(wild) if parent == Some(wild) => Some(Cover::Wildcard),
            _ => None,
        };
        self.names.iter().filter_map(by).min()
    }
}

impl ByName {
    pub(super) fn new(certificates: &[Certificate]) -> Self {
        let all: Vec<Named> = certificates
            .iter()
            .map(|certificate| Named {
                shown: Arc::clone(&certificate.shown),
                names: certificate.names.as_slice().into(),
            })
            .collect();
        let mut names: HashMap<String, Vec<Named>> = HashMap::new();
        for certificate in &all {
            for name in certificate.names.iter() {
                names.entry(name.clone()).or_default().push(certificate.clone());
            }
        }
        Self { names, all }
    }

    /// What may be shown to who asks for a name, or for none.
    pub(super) fn shown_for(&self, name: Option<&str>) -> &[Named] {
        let named = name.and_then(|name| self.named(name));
        // Of the default, too, there may be one for each kind of key.
        named.unwrap_or_else(|| self.all.get(..1).unwrap_or_default())
    }

    /// Those for a name in lower case, by rank.
    pub(super) fn named(&self, name: &str) -> Option<&[Named]> {
        let exact = self.names.get(name);
        let named = exact.or_else(|| {
            let (_, parent) = name.split_once('.')?;
            self.names.get(&format!("*.{parent}"))
        });
        named.map(Vec::as_slice)
    }
}

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_ascii_lowercase);
        let candidates = self.shown_for(name.as_deref());
        let fits = |candidate: &&Named| {
            candidate.shown.key.choose_scheme(hello.signature_schemes()).is_some()
        };
        let fitting = candidates.iter().find(fits).or(candidates.first())?;
        Some(Arc::clone(&fitting.shown))
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
            names.named(name).is_some_and(|named| Arc::ptr_eq(&named[0].shown, &certificate.shown))
        };
        assert!(is("x.a.example", &exact));
        assert!(is("y.a.example", &wild));
        assert!(is("a.example", &wild));
        for stranger in ["z.y.a.example", "b.example", "example", ""] {
            assert!(names.named(stranger).is_none(), "{stranger}");
        }
    }

    #[test]
    fn a_certificate_covers_what_it_names() {
        let folder = tempfile::tempdir().unwrap();
        let names = ByName::new(&[
            certificate(folder.path(), &["a.example", "*.b.example"]),
            certificate(folder.path(), &["c.example"]),
        ]);
        let covers =
            |name, host| names.shown_for(name).iter().any(|named| named.covers(host).is_some());
        for host in ["a.example", "x.b.example"] {
            assert!(covers(Some("a.example"), host) && covers(None, host), "{host}");
            assert!(!covers(Some("c.example"), host), "{host}");
        }
        for host in ["b.example", "y.x.b.example", "example", "c.example", "", "127.0.0.1"] {
            assert!(!covers(Some("a.example"), host), "{host}");
        }
    }
}

//! Published vectors, and what must not pass.

mod bodies;
mod components;
mod corpus;
mod keys;
mod older;
mod policy;
mod vectors;

use super::*;

/// A request that owns what it is made of.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) authority: String,
    pub(super) scheme: &'static str,
    pub(super) version: &'static str,
    pub(super) fields: Vec<(String, Vec<u8>)>,
}

impl Sample {
    pub(super) fn new(method: &'static str, target: &str, authority: &str) -> Self {
        Self {
            method,
            target: target.to_owned(),
            authority: authority.to_owned(),
            scheme: "https",
            version: "HTTP/1.1",
            fields: vec![("host".to_owned(), authority.as_bytes().to_vec())],
        }
    }

    pub(super) fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.fields.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With another value of a header.
    pub(super) fn changed(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(other, _)| other != name);
        self.with(name, value)
    }

    pub(super) fn ask<T>(&self, ask: impl FnOnce(&Request<'_>) -> T) -> T {
        let fields: Vec<_> =
            self.fields.iter().map(|(name, value)| (name.as_bytes(), value.as_slice())).collect();
        ask(&Request {
            method: self.method,
            target: &self.target,
            absolute: None,
            authority: &self.authority,
            scheme: self.scheme,
            version: self.version,
            fields: &fields,
        })
    }

    pub(super) fn find(&self) -> Result<Vec<Unverified>, Failure> {
        self.ask(|request| find(request, &Form::ALL))
    }

    /// The only signature.
    pub(super) fn one(&self) -> Unverified {
        let mut found = self.find().unwrap();
        assert_eq!(found.len(), 1);
        found.pop().unwrap()
    }

    pub(super) fn base(&self) -> String {
        String::from_utf8(self.one().base).unwrap()
    }
}

/// Takes everything but a date far off.
pub(super) fn lenient() -> Policy {
    Policy { required: Vec::new(), ..Policy::default() }
}

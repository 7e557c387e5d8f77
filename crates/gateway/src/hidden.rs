//! What a route's authenticators look at and its service does not get to see, and what it sees again
//! although it is taken out of every other request.

use http::header::HeaderName;
use symbolon_core::cookie;

use crate::config::authenticators::{Authenticate, AuthenticatorKind, Places};
use crate::identity_headers;
use crate::query;

/// Places of a request that are emptied on the way.
#[derive(Debug)]
pub(crate) struct Hidden(Places);

/// Headers of credentials that were taken out on entry and that the service of this route is to see
/// (`hide_credentials: false`).
#[derive(Debug)]
pub(crate) struct Shown(Vec<HeaderName>);

/// What a route's own authenticators judge and hide, and no service outside is asked with.
#[derive(Debug)]
pub(crate) struct Withheld {
    places: Hidden,
    /// Schemes of `Authorization`.
    schemes: Vec<&'static str>,
}

impl Hidden {
    /// Of a route; `None` where nothing is hidden, which is the most frequent case.
    pub(crate) fn of(authenticate: &Authenticate) -> Option<Self> {
        let mut places = Places::default();
        for authenticator in authenticate.authenticators() {
            places.extend(authenticator.hidden_places());
        }
        (!places.is_empty()).then_some(Self(places))
    }

    /// Whether this header is left out.
    fn has(&self, name: &HeaderName) -> bool {
        self.hides(name.as_str().as_bytes())
    }

    /// Whether a field of this name is left out.
    pub(crate) fn hides(&self, name: &[u8]) -> bool {
        self.0.headers.iter().any(|hidden| hidden.as_str().as_bytes() == name)
    }

    /// Whether a cookie of this name is left out.
    fn hides_cookie(&self, name: &[u8]) -> bool {
        self.0.cookies.iter().any(|hidden| hidden.as_bytes() == name)
    }

    /// A `Cookie` field without what is hidden, which may be nothing: `None` where it stays.
    pub(crate) fn without_cookies(&self, value: &[u8]) -> Option<Vec<u8>> {
        let is_hidden = |name: &[u8]| self.hides_cookie(name);
        (!self.0.cookies.is_empty()).then(|| cookie::without(value, is_hidden).unwrap_or_default())
    }

    /// The query without what is hidden; `None` where it stays as it is.
    pub(crate) fn without_parameters(&self, query: &str) -> Option<String> {
        let is_hidden = |name: &str| self.0.query.iter().any(|hidden| **hidden == *name);
        if self.0.query.is_empty() { None } else { query::without(query, is_hidden) }
    }
}

impl Withheld {
    /// Of a route. What those services themselves say in their answers is no credential.
    pub(crate) fn of(authenticate: &Authenticate) -> Self {
        let mut withheld = Self { places: Hidden(Places::default()), schemes: Vec::new() };
        for one in authenticate.authenticators() {
            if !matches!(one.kind, AuthenticatorKind::Forward(_)) {
                withheld.places.0.extend(one.hidden_places());
                withheld.schemes.extend(one.kind.hidden_schemes());
            }
        }
        withheld
    }

    /// Whether a header of this name does not go out.
    pub(crate) fn has(&self, name: &HeaderName) -> bool {
        self.places.has(name)
    }

    /// Whether a cookie of this name does not.
    pub(crate) fn has_cookie(&self, name: &[u8]) -> bool {
        self.places.hides_cookie(name)
    }

    /// Whether this value of `Authorization` does not.
    pub(crate) fn has_authorization(&self, value: &[u8]) -> bool {
        let value = value.trim_ascii_start();
        let scheme = value.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        self.schemes.iter().any(|hidden| scheme.eq_ignore_ascii_case(hidden.as_bytes()))
    }
}

impl Shown {
    /// Of a route; `None` where nothing is shown again. What one authenticator hides, no other
    /// shows.
    pub(crate) fn of(authenticate: &Authenticate, hidden: Option<&Hidden>) -> Option<Self> {
        let mut shown: Vec<HeaderName> = Vec::new();
        let authenticators = authenticate.authenticators();
        for name in authenticators.iter().flat_map(|authenticator| authenticator.shown_headers()) {
            let is_kept_back = hidden.is_some_and(|hidden| hidden.has(&name));
            // What is not taken out passes with all other fields.
            if identity_headers::is_stripped(name.as_str())
                && !is_kept_back
                && !shown.contains(&name)
            {
                shown.push(name);
            }
        }
        (!shown.is_empty()).then_some(Self(shown))
    }

    /// Their names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &HeaderName> {
        self.0.iter()
    }
}

//! The credentials that came along with a request, taken out of its fields: no service sees them.

use http::header::{self, HeaderMap, HeaderValue};
use symbolon_core::cookie::{self, Found};

use crate::fields::{Fields, Place, Places};

/// The header of a client's API key.
pub(super) const API_KEY: &[u8] = b"apikey";

/// Where the fields stand that are credentials, once they are no fields any more.
#[derive(Debug, Default)]
pub(super) struct Taken {
    cookies: Places,
    authorization: Places,
    api_key: Places,
}

/// Credentials as they were sent; nothing is verified yet. Cannot be printed.
#[derive(Clone, Copy)]
pub(crate) struct Presented<'a> {
    fields: &'a Fields,
    taken: &'a Taken,
    session_cookie: &'a str,
}

/// What `Authorization` says of a bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bearer<'a> {
    /// No `Authorization`, or one of another scheme.
    None,
    /// One token.
    Token(&'a [u8]),
    /// Several `Authorization` headers, or no token behind the scheme.
    Malformed,
}

impl<'a> Presented<'a> {
    /// The session cookie's value.
    pub(crate) fn session_cookie(self) -> Found<'a> {
        cookie::find(self.values(&self.taken.cookies), self.session_cookie.as_bytes())
    }

    /// Another cookie, as it came; services see it unless the route hides it.
    pub(crate) fn cookie(self, name: &str) -> Found<'a> {
        cookie::find(self.values(&self.taken.cookies), name.as_bytes())
    }

    /// The value behind a scheme of `Authorization`, without white space around it: `Err` where
    /// there are several headers, `None` where there is none of this scheme.
    pub(crate) fn scheme(self, wanted: &str) -> Result<Option<&'a [u8]>, ()> {
        let mut values = self.values(&self.taken.authorization);
        let (value, another) = (values.next(), values.next());
        let value = value.and_then(|value| {
            let (scheme, rest) = value.split_at_checked(wanted.len())?;
            let is_wanted = scheme.eq_ignore_ascii_case(wanted.as_bytes());
            let is_whole = rest.is_empty() || rest.starts_with(b" ");
            (is_wanted && is_whole).then(|| rest.trim_ascii())
        });
        if another.is_some() { Err(()) } else { Ok(value) }
    }

    /// The bearer token (RFC 6750 section 2.1).
    pub(crate) fn bearer(self) -> Bearer<'a> {
        let mut values = self.values(&self.taken.authorization);
        let (value, another) = (values.next(), values.next());
        let Some(value) = value else { return Bearer::None };
        if another.is_some() {
            return Bearer::Malformed;
        }
        match value.split_at_checked(6) {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case(b"bearer") => match rest {
                [b' ', token @ ..] if !token.trim_ascii().is_empty() => {
                    Bearer::Token(token.trim_ascii())
                }
                [] | [b' ', ..] => Bearer::Malformed,
                _ => Bearer::None,
            },
            _ => Bearer::None,
        }
    }

    /// Every value of `apikey`, which services see under no other name.
    pub(crate) fn api_keys(self) -> impl Iterator<Item = &'a [u8]> {
        self.values(&self.taken.api_key)
    }

    /// All of them with the names of their fields.
    pub(super) fn all(self) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let places = [&self.taken.cookies, &self.taken.authorization, &self.taken.api_key];
        let places = places.into_iter().flatten();
        places.map(move |place| (self.fields.name(*place), self.fields.value(*place)))
    }

    /// Every `Authorization`, whatever its scheme.
    pub(crate) fn authorizations(self) -> impl Iterator<Item = &'a [u8]> {
        self.values(&self.taken.authorization)
    }

    /// Whether there are some that a browser sends on its own, whoever makes it ask: cookies, or
    /// what it was once given for a scheme such as `Basic`.
    pub(crate) fn is_ambient(self) -> bool {
        let is_other_scheme =
            !self.taken.authorization.is_empty() && !matches!(self.bearer(), Bearer::Token(_));
        !self.taken.cookies.is_empty() || is_other_scheme
    }

    /// Puts cookies and `Authorization` back, for the authentication service in this process.
    pub(crate) fn restore(self, headers: &mut HeaderMap) {
        headers.remove(header::COOKIE);
        let rows = [
            (header::COOKIE, &self.taken.cookies),
            (header::AUTHORIZATION, &self.taken.authorization),
        ];
        for (name, places) in rows {
            for value in self.values(places) {
                // INVARIANT: it was the value of a field.
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    headers.append(name.clone(), value);
                }
            }
        }
    }

    fn values(self, places: &'a Places) -> impl Iterator<Item = &'a [u8]> {
        let Self { fields, .. } = self;
        places.iter().map(|place| fields.value(*place))
    }
}

impl Taken {
    /// Takes a field that is a credential.
    pub(super) fn take(&mut self, name: &[u8], place: Place) -> bool {
        match name {
            b"cookie" => self.cookies.push(place),
            b"authorization" => self.authorization.push(place),
            API_KEY => self.api_key.push(place),
            _ => return false,
        }
        true
    }

    /// Gives the cookies that are not ours back to the fields.
    pub(super) fn leave_foreign_cookies(&self, fields: &mut Fields, session_cookie: &str) {
        for place in &self.cookies {
            let kept = cookie::without(fields.value(*place), |name| {
                cookie::is_of_session(name, session_cookie)
            });
            if let Some(kept) = kept {
                fields.append("cookie", &kept);
            }
        }
    }
}

impl<'a> Presented<'a> {
    pub(super) fn new(fields: &'a Fields, taken: &'a Taken, session_cookie: &'a str) -> Self {
        Self { fields, taken, session_cookie }
    }
}

impl std::fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Presented(..)")
    }
}

/// A token that stands in a header of its own, which may be written as in `Authorization`.
pub(crate) fn bare(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => token.trim_ascii(),
        _ => value,
    }
}

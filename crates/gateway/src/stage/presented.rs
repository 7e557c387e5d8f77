//! The credentials that came along with a request, taken out of its headers: no service sees them.

use std::sync::Arc;

use http::header::{self, Entry, HeaderMap, HeaderName, HeaderValue};
use smallvec::SmallVec;
use symbolon_core::cookie::{self, Found};

/// The header of a client's API key.
const API_KEY: HeaderName = HeaderName::from_static("apikey");
/// What the authentication service appends to the name for the cookie of its log-in form.
const LOGIN_SUFFIX: &[u8] = b"-login";

/// Credentials as they were sent; nothing is verified yet. Cannot be printed.
#[derive(Default)]
pub(crate) struct Presented {
    cookies: SmallVec<[HeaderValue; 1]>,
    authorization: SmallVec<[HeaderValue; 1]>,
    api_key: SmallVec<[HeaderValue; 1]>,
    session_cookie: Arc<str>,
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

impl Presented {
    /// Takes the credentials out, and the session cookie out of the cookies that stay.
    pub(super) fn take(headers: &mut HeaderMap, session_cookie: &Arc<str>) -> Self {
        let presented = Self {
            cookies: take_all(headers, header::COOKIE),
            authorization: take_all(headers, header::AUTHORIZATION),
            api_key: take_all(headers, API_KEY),
            session_cookie: Arc::clone(session_cookie),
        };
        if !presented.cookies.is_empty() {
            presented.leave_foreign_cookies(headers);
        }
        presented
    }

    /// The session cookie's value.
    pub(crate) fn session_cookie(&self) -> Found<'_> {
        let values = self.cookies.iter().map(HeaderValue::as_bytes);
        cookie::find(values, self.session_cookie.as_bytes())
    }

    /// The bearer token (RFC 6750 section 2.1).
    pub(crate) fn bearer(&self) -> Bearer<'_> {
        let [value] = self.authorization.as_slice() else {
            return if self.authorization.is_empty() { Bearer::None } else { Bearer::Malformed };
        };
        let value = value.as_bytes();
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

    /// The API key; `Err` when there are several.
    pub(crate) fn api_key(&self) -> Result<Option<&[u8]>, ()> {
        match self.api_key.as_slice() {
            [] => Ok(None),
            [key] => Ok(Some(key.as_bytes())),
            _ => Err(()),
        }
    }

    /// Whether there are some that a browser sends on its own, whoever makes it ask: cookies, or
    /// what it was once given for a scheme such as `Basic`.
    pub(crate) fn is_ambient(&self) -> bool {
        let is_other_scheme =
            !self.authorization.is_empty() && !matches!(self.bearer(), Bearer::Token(_));
        !self.cookies.is_empty() || is_other_scheme
    }

    /// Puts cookies and `Authorization` back, for the authentication service in this process.
    pub(crate) fn restore(&self, headers: &mut HeaderMap) {
        headers.remove(header::COOKIE);
        for value in &self.cookies {
            headers.append(header::COOKIE, value.clone());
        }
        for value in &self.authorization {
            headers.append(header::AUTHORIZATION, value.clone());
        }
    }

    fn leave_foreign_cookies(&self, headers: &mut HeaderMap) {
        for value in &self.cookies {
            let kept =
                cookie::without(value.as_bytes(), |name| is_ours(name, &self.session_cookie));
            if let Some(Ok(kept)) = kept.map(|kept| HeaderValue::from_bytes(&kept)) {
                headers.append(header::COOKIE, kept);
            }
        }
    }
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Presented(..)")
    }
}

/// All values of a name, moved out.
fn take_all(headers: &mut HeaderMap, name: HeaderName) -> SmallVec<[HeaderValue; 1]> {
    match headers.entry(name) {
        Entry::Occupied(entry) => entry.remove_entry_mult().1.collect(),
        Entry::Vacant(_) => SmallVec::new(),
    }
}

/// Whether a cookie is ours in any spelling: with or without prefix, in any case.
pub(crate) fn is_ours(name: &[u8], session_cookie: &str) -> bool {
    let (name, ours) = (without_prefix(name), without_prefix(session_cookie.as_bytes()));
    match name.split_at_checked(ours.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(ours) => {
            rest.is_empty() || rest.eq_ignore_ascii_case(LOGIN_SUFFIX)
        }
        _ => false,
    }
}

fn without_prefix(name: &[u8]) -> &[u8] {
    let prefixes: [&[u8]; 2] = [b"__host-", b"__secure-"];
    for prefix in prefixes {
        if let Some((start, rest)) = name.split_at_checked(prefix.len())
            && start.eq_ignore_ascii_case(prefix)
        {
            return rest;
        }
    }
    name
}

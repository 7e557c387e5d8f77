//! The credentials that came along with a request, taken out of its headers: no service sees them.

use http::HeaderValue;
use http::header::{self, HeaderMap};
use smallvec::SmallVec;
use symbolon_core::cookie::{self, Found};

/// The header of a client's API key.
const API_KEY: &str = "apikey";

/// Credentials as they were sent; nothing is verified yet. Cannot be printed.
#[derive(Default)]
pub(crate) struct Presented {
    cookies: SmallVec<[HeaderValue; 1]>,
    authorization: SmallVec<[HeaderValue; 1]>,
    api_key: SmallVec<[HeaderValue; 1]>,
    session_cookie: String,
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
    pub(super) fn take(headers: &mut HeaderMap, session_cookie: &str) -> Self {
        let all = |name: header::HeaderName| headers.get_all(name).iter().cloned().collect();
        let presented = Self {
            cookies: all(header::COOKIE),
            authorization: all(header::AUTHORIZATION),
            api_key: all(header::HeaderName::from_static(API_KEY)),
            session_cookie: session_cookie.to_owned(),
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
        headers.remove(header::COOKIE);
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

/// Whether a cookie is ours in any spelling: with or without prefix, in any case.
pub(crate) fn is_ours(name: &[u8], session_cookie: &str) -> bool {
    let bare = |name: &[u8]| {
        let lower = name.to_ascii_lowercase();
        ["__host-", "__secure-"]
            .iter()
            .find_map(|prefix| lower.strip_prefix(prefix.as_bytes()).map(<[u8]>::to_vec))
            .unwrap_or(lower)
    };
    let ours = bare(session_cookie.as_bytes());
    let name = bare(name);
    name == ours || name.strip_prefix(ours.as_slice()).is_some_and(|rest| rest == b"-login")
}

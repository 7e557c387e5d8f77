//! The log-in form's own cookie and token, before there is a session.

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symbolon_core::random::{self, Random};

use super::{CsrfKeys, sign, verify};
use crate::cookies;

/// Random bytes in the cookie.
const VALUE_BYTES: usize = 16;

/// One browser's log-in form: the cookie's value and the token that fits it.
pub(crate) struct LoginForm {
    /// The cookie's value; random, says nothing.
    pub(crate) cookie: String,
    /// The hidden field's value.
    pub(crate) token: String,
}

impl LoginForm {
    /// The browser's form if it has one already, so that two open tabs both work; else a new one.
    pub(crate) fn open(
        headers: &HeaderMap,
        cookie_name: &str,
        keys: &CsrfKeys,
        random: &dyn Random,
    ) -> Self {
        let cookie = presented(headers, cookie_name)
            .unwrap_or_else(|| URL_SAFE_NO_PAD.encode(random::bytes::<VALUE_BYTES>(random)));
        let token = sign(&keys.login, cookie.as_bytes());
        Self { cookie, token }
    }

    /// Whether cookie and hidden field of a sent form fit each other.
    pub(crate) fn fits(
        headers: &HeaderMap,
        cookie_name: &str,
        keys: &CsrfKeys,
        token: &str,
    ) -> bool {
        presented(headers, cookie_name)
            .is_some_and(|cookie| verify(&keys.login, cookie.as_bytes(), token))
    }
}

fn presented(headers: &HeaderMap, cookie_name: &str) -> Option<String> {
    let value = std::str::from_utf8(cookies::find(headers, cookie_name)?).ok()?;
    let is_ours = URL_SAFE_NO_PAD.decode(value).is_ok_and(|bytes| bytes.len() == VALUE_BYTES);
    is_ours.then(|| value.to_owned())
}

//! Against request forgery: a form counts only if it was filled in on our own page.
//!
//! 1. Every form that changes something carries a token that another site cannot read or guess:
//!    an HMAC over the session's identifier, or, before there is a session, over the value of a
//!    cookie that only this page sets ([`LoginForm`]; without it an attacker could log a victim
//!    in to the attacker's account).
//! 2. `Origin` and `Sec-Fetch-Site`, where the browser sends them, must name this very site
//!    ([`same_origin`]). `null` is another site.
//! 3. A bearer token is not sent by a browser on its own, so a request with one needs no token.

mod login_form;
mod same_origin;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symbolon_core::SessionId;
use symbolon_core::seal::MasterKey;

pub(crate) use login_form::LoginForm;
pub(crate) use same_origin::is_same_origin;

/// The keys of both kinds of tokens.
pub(crate) struct CsrfKeys {
    session: hmac::Key,
    login: hmac::Key,
}

impl CsrfKeys {
    pub(crate) fn derive(master: &MasterKey) -> Self {
        Self { session: master.derive("session-csrf"), login: master.derive("login-csrf") }
    }

    /// The token for forms of a session.
    pub(crate) fn for_session(&self, session: SessionId) -> String {
        sign(&self.session, &session.to_bytes())
    }

    /// Whether a form's token belongs to a session; compared in constant time.
    pub(crate) fn is_of_session(&self, token: &str, session: SessionId) -> bool {
        verify(&self.session, &session.to_bytes(), token)
    }
}

fn sign(key: &hmac::Key, message: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(hmac::sign(key, message))
}

fn verify(key: &hmac::Key, message: &[u8], token: &str) -> bool {
    URL_SAFE_NO_PAD.decode(token).is_ok_and(|tag| hmac::verify(key, message, &tag).is_ok())
}

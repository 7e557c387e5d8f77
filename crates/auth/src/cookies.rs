//! Cookies in and out (RFC 6265bis).
//!
//! A session cookie has no `Expires`: it ends with the browser or with the session, whichever is
//! first. `Path=/` and no `Domain`, as `__Host-` demands. What only our pages need goes only to
//! them.

use axum::http::{HeaderMap, HeaderValue, header};
use symbolon_core::PlainToken;
use symbolon_core::cookie::{self, Found};
use symbolon_core::throttle::PROOF_LIFETIME;

use crate::config::CookieConfig;

/// How long a log-in form may stay open, in seconds.
const LOGIN_FORM_SECONDS: u32 = 2 * 3600;

/// The path of what goes to everything.
const ROOT: &str = "/";

/// The value of the one cookie of that name; two of a name are worth none.
pub(crate) fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let values = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    match cookie::find(values, name.as_bytes()) {
        Found::One(value) => Some(value),
        Found::None | Found::Several => None,
    }
}

/// Whether there are several cookies of that name.
pub(crate) fn are_several(headers: &HeaderMap, name: &str) -> bool {
    let values = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes);
    matches!(cookie::find(values, name.as_bytes()), Found::Several)
}

impl CookieConfig {
    /// The name of the log-in form's cookie, with the same prefix as the session's.
    pub(crate) fn login_form_name(&self) -> String {
        format!("{}{}", self.name, cookie::LOGIN_FORM)
    }

    /// The name of the cookie of a browser that is known. It goes to our own pages only, which
    /// `__Host-` does not allow.
    pub(crate) fn browser_name(&self) -> String {
        let name = self.name.strip_prefix("__Host-").unwrap_or(&self.name);
        let prefix = if self.secure && !name.starts_with("__Secure-") { "__Secure-" } else { "" };
        format!("{prefix}{name}{}", cookie::KNOWN_BROWSER)
    }

    /// `Set-Cookie` for a new session token.
    pub(crate) fn set_session(&self, token: &PlainToken) -> HeaderValue {
        let site = self.same_site.as_str();
        self.header(&self.name, token.reveal(), ROOT, &format!("SameSite={site}"))
    }

    /// `Set-Cookie` that makes the browser forget the session's token.
    pub(crate) fn clear_session(&self) -> HeaderValue {
        let site = self.same_site.as_str();
        self.header(&self.name, "", ROOT, &format!("SameSite={site}; Max-Age=0"))
    }

    /// `Set-Cookie` for the log-in form.
    pub(crate) fn set_login_form(&self, value: &str) -> HeaderValue {
        let life = format!("SameSite=Lax; Max-Age={LOGIN_FORM_SECONDS}");
        self.header(&self.login_form_name(), value, ROOT, &life)
    }

    /// `Set-Cookie` that makes the browser forget the log-in form's cookie.
    pub(crate) fn clear_login_form(&self) -> HeaderValue {
        self.header(&self.login_form_name(), "", ROOT, "SameSite=Lax; Max-Age=0")
    }

    /// `Set-Cookie` for a browser in which the password was right: for the pages under `mount`,
    /// and for as long as it is known.
    pub(crate) fn set_browser(&self, value: &str, mount: &str) -> HeaderValue {
        let life = format!("SameSite=Strict; Max-Age={}", PROOF_LIFETIME.as_secs());
        self.header(&self.browser_name(), value, mount, &life)
    }

    fn header(&self, name: &str, value: &str, path: &str, attributes: &str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let line = format!("{name}={value}; Path={path}; HttpOnly; {attributes}{secure}");
        // Name and value are of our own making. Should a configured name be no header text, an
        // empty line sets nothing.
        let mut header = HeaderValue::from_str(&line).unwrap_or(HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }
}

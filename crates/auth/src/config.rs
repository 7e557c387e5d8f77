//! What the authentication service is told when it is made.

use symbolon_core::session::Lifetime;

/// Settings, already resolved: nothing here can be wrong in form.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where people reach this system.
    pub public_url: PublicUrl,
    /// Path under which the service answers, such as `/auth`; no slash at the end.
    pub mount: String,
    /// The session cookie.
    pub cookie: CookieConfig,
    /// How long sessions live.
    pub lifetime: Lifetime,
    /// How long the tokens live that clients get for their credentials.
    pub client_token_lifetime: std::time::Duration,
    /// What this system is called on its pages.
    pub service_name: String,
}

/// Scheme and authority of every link and cookie; never taken from a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    /// As a browser writes it in `Origin`: `https://shop.example.com`, no slash at the end.
    pub origin: String,
    /// Whether the scheme is `https`.
    pub is_https: bool,
}

/// The session cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieConfig {
    /// Whole name, with `__Host-` in front where the public URL is https.
    pub name: String,
    /// Whether it is sent over https only.
    pub secure: bool,
    /// Which requests from other sites carry it.
    pub same_site: SameSite,
}

/// `SameSite` (RFC 6265bis section 5.6.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// With navigations from other sites.
    Lax,
    /// With nothing from other sites.
    Strict,
}

/// The names of this very machine in a URL.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

impl PublicUrl {
    /// Whether browsers treat it as a secure context (W3C Secure Contexts section 3.1).
    pub(crate) fn is_trustworthy(&self) -> bool {
        self.is_https || loopback_port(&self.origin).is_some()
    }

    /// Whether an `Origin` is this one: to the letter, except that on loopback people open
    /// `localhost` and `127.0.0.1` alike and mean the same listener.
    pub(crate) fn is(&self, origin: &str) -> bool {
        let here = loopback_port(&self.origin);
        self.origin == origin || (here.is_some() && here == loopback_port(origin))
    }
}

/// What follows the host of a plain HTTP origin on loopback: `:8080`, or nothing.
fn loopback_port(origin: &str) -> Option<&str> {
    let authority = origin.strip_prefix("http://")?;
    LOOPBACK
        .iter()
        .filter_map(|host| authority.strip_prefix(host))
        .find(|rest| rest.is_empty() || rest.starts_with(':'))
}

impl SameSite {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::Strict => "Strict",
        }
    }
}

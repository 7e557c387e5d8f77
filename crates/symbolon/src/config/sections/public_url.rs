//! `public_url`: the scheme and host of every link, cookie and issuer.

use std::fmt;
use std::str::FromStr;

use symbolon_gateway::pattern::HostPattern;

/// A site's scheme and authority, without a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicUrl {
    pub(crate) is_https: bool,
    authority: String,
}

/// A text that is no site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it must be `https://HOST`, `https://HOST:PORT` or the same with `http`, without a path")]
pub(crate) struct PublicUrlError;

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, PublicUrlError> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let (is_https, authority) = match text.split_once("://") {
            Some(("https", authority)) => (true, authority),
            Some(("http", authority)) => (false, authority),
            _ => return Err(PublicUrlError),
        };
        let default_port = if is_https { 443 } else { 80 };
        let (host, port) = split_port(authority).ok_or(PublicUrlError)?;
        match HostPattern::parse(host) {
            Ok(HostPattern::Exact(_)) => {}
            _ => return Err(PublicUrlError),
        }
        let authority = match port {
            // Browsers leave the default port out of `Host` and `Origin`.
            Some(port) if port != default_port => format!("{host}:{port}"),
            _ => host.to_owned(),
        };
        Ok(Self { is_https, authority })
    }
}

/// Splits `host:port` and `[v6]:port`; no port is `None`, a wrong one fails.
pub(super) fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let host_end = authority.rfind(']').map_or(0, |at| at + 1);
    let Some(colon) = authority.get(host_end..)?.find(':') else {
        return Some((authority, None));
    };
    let (host, port) = authority.split_at_checked(host_end + colon)?;
    let digits = port.strip_prefix(':')?;
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.parse().ok().filter(|port| is_plain && *port != 0)?;
    Some((host, Some(port)))
}

/// `https://shop.example.com`, without a slash at the end.
impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.authority)
    }
}

//! Where something is fetched from: `https`, or `http` on this machine alone.

use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;
use http::uri::Authority;

/// An absolute address without credentials or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    authority: Authority,
    path: String,
    is_secure: bool,
}

/// Why an address is not fetched from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an absolute URL of `https` or `http`, or one with credentials.
    #[error("it is not an https:// address")]
    NotAnAddress,
    /// `http` to somebody who is not on this machine.
    #[error("http:// is for addresses of this machine only; use https://")]
    NotSecure,
    /// An issuer with a query or fragment (`OpenID` Connect Discovery 2, RFC 8414 2).
    #[error("an issuer has no query and no fragment")]
    NotAnIssuer,
}

impl Address {
    /// The addresses of an issuer's metadata: behind its path (`OpenID` Connect Discovery 4.1), and
    /// before it (RFC 8414 3.1).
    pub(crate) fn of_metadata(issuer: &str) -> Result<Vec<Self>, AddressError> {
        if issuer.contains(['?', '#']) {
            return Err(AddressError::NotAnIssuer);
        }
        let base: Self = issuer.parse()?;
        let path = base.path.strip_suffix('/').unwrap_or(&base.path).to_owned();
        let behind = format!("{path}/.well-known/openid-configuration");
        let before = format!("/.well-known/oauth-authorization-server{path}");
        Ok([behind, before].map(|path| Self { path, ..base.clone() }).into())
    }

    /// Whether TLS is spoken.
    pub(crate) fn is_secure(&self) -> bool {
        self.is_secure
    }

    /// `host` or `host:port`, as `Host` says it.
    pub(super) fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// `host:port` to connect to.
    pub(super) fn endpoint(&self) -> String {
        let port = self.authority.port_u16().unwrap_or(if self.is_secure { 443 } else { 80 });
        format!("{}:{port}", self.authority.host())
    }

    /// Path and query.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError::NotAnAddress)?;
        let authority = uri.authority().ok_or(AddressError::NotAnAddress)?;
        if authority.as_str().contains('@') || authority.host().is_empty() || text.contains('#') {
            return Err(AddressError::NotAnAddress);
        }
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if is_loopback(authority.host()) => false,
            Some("http") => return Err(AddressError::NotSecure),
            _ => return Err(AddressError::NotAnAddress),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self { authority: authority.clone(), path: path.to_owned(), is_secure })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scheme = if self.is_secure { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_is_for_this_machine_alone() {
        for good in [
            "https://login.example",
            "https://login.example:8443/a?b=c",
            "http://127.0.0.1:9000/",
            "http://[::1]:9000",
            "http://localhost/jwks",
        ] {
            assert!(good.parse::<Address>().is_ok(), "{good}");
        }
        for bad in
            ["http://login.example/", "http://127.0.0.1.evil.example/", "http://localhost.x/"]
        {
            assert_eq!(bad.parse::<Address>(), Err(AddressError::NotSecure), "{bad}");
        }
        for bad in ["", "/jwks", "ftp://a/", "https://u:p@a/", "file:///etc/passwd", "https://a/#b"]
        {
            assert_eq!(bad.parse::<Address>(), Err(AddressError::NotAnAddress), "{bad}");
        }
    }

    #[test]
    fn metadata_stand_behind_and_before_the_path() {
        let of = |issuer| {
            let all = Address::of_metadata(issuer).unwrap();
            all.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let plain = [
            "https://a.example/.well-known/openid-configuration",
            "https://a.example/.well-known/oauth-authorization-server",
        ];
        assert_eq!(of("https://a.example"), plain);
        assert_eq!(of("https://a.example/"), plain);
        assert_eq!(
            of("https://a.example/t/1"),
            [
                "https://a.example/t/1/.well-known/openid-configuration",
                "https://a.example/.well-known/oauth-authorization-server/t/1",
            ]
        );
        assert_eq!(Address::of_metadata("https://a/?x"), Err(AddressError::NotAnIssuer));
    }
}

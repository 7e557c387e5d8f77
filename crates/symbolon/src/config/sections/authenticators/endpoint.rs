//! Where another system is asked: an address, what proves that it is the right one, and bounds.

use symbolon_gateway::config::Protocol;
use symbolon_gateway::config::authenticators::Endpoint;
use symbolon_gateway::pattern::HostPattern;
use symbolon_gateway::tls::TargetTls;

use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::sections::public_url::split_port;
use crate::config::sections::services;
use crate::config::shape::{Key, SECOND, Shape};
use crate::config::surroundings::Surroundings;

/// How the other end is verified.
pub(super) const TLS: Key = services::TLS;

/// That passwords or tokens may go over the network in clear.
pub(super) const UNENCRYPTED: Key = Key::default(
    "danger_unencrypted",
    "Whether credentials may go to another machine without encryption",
    Shape::Truth,
    "false",
);

/// The time of a question.
pub(super) const TIMEOUT: Key = Key::default(
    "timeout",
    "The longest that a question takes, from its place in the queue to the end of the answer",
    Shape::Duration { min: 1, max: 60 * SECOND },
    "5s",
);

/// The time of a connection.
pub(super) const CONNECT_TIMEOUT: Key = Key::default(
    "connect_timeout",
    "The longest that connecting takes, TLS included",
    Shape::Duration { min: 1, max: 60 * SECOND },
    "2s",
);

/// Questions at once.
pub(super) const CONNECTIONS: Key = Key::default(
    "connections",
    "The most questions that are under way",
    Shape::Integer { min: 1, max: 1_024 },
    "16",
);

/// Questions that wait.
pub(super) const QUEUE: Key = Key::default(
    "queue",
    "The most questions that wait for their turn; further ones are answered 503",
    Shape::Integer { min: 0, max: 65_536 },
    "256",
);

/// Answers that are known.
pub(super) const CACHE_ENTRIES: Key = Key::default(
    "cache_entries",
    "The most good answers that are kept, and as many bad ones",
    Shape::Integer { min: 0, max: 10_000_000 },
    "10000",
);

/// `SCHEME://HOST[:PORT][/PATH]` in its parts.
pub(super) struct Address<'a> {
    pub(super) is_secure: bool,
    /// Without brackets.
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) authority: &'a str,
    pub(super) target: &'a str,
}

impl<'a> Address<'a> {
    /// Reads one of two schemes, the plain one first, with their ports.
    pub(super) fn read(text: &'a str, schemes: [(&str, u16); 2]) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let at = schemes.iter().position(|(name, _)| *name == scheme)?;
        let (_, usual_port) = *schemes.get(at)?;
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at_checked(end)?;
        let (host, port) = split_port(authority)?;
        let is_host = matches!(HostPattern::parse(host), Ok(HostPattern::Exact(_)));
        let is_plain = target.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
        if !is_host || !is_plain || target.starts_with('?') {
            return None;
        }
        let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        Some(Self {
            is_secure: at == 1,
            host: bare,
            port: port.unwrap_or(usual_port),
            authority,
            target,
        })
    }

    /// Whether it is this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

/// Reads the HTTP endpoint that `url` names, and what stands beside it.
pub(super) fn read(
    fields: Fields<'_>,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Endpoint> {
    let node = fields.get("url")?;
    let text = node.scalar()?;
    let Some(address) = Address::read(text, [("http", 80), ("https", 443)]) else {
        let message = format!("`url`: `{text}` must be `https://HOST[:PORT]/PATH`");
        mistakes.add(node.place, message);
        return None;
    };
    check_encrypted(fields, &address, mistakes);
    let tls = tls(fields, address.is_secure, surroundings, mistakes, |files| {
        TargetTls::load(files, Protocol::H1)
    });
    let target = if address.target.is_empty() { "/" } else { address.target };
    Some(Endpoint {
        address: address.host.into(),
        port: address.port,
        host: address.authority.into(),
        target: target.into(),
        tls,
        timeout: fields.duration("timeout"),
        connect_timeout: fields.duration("connect_timeout"),
        connections: number(fields, "connections"),
        queue: number(fields, "queue"),
    })
}

/// Credentials do not go over a network in clear, unless somebody wrote that they may.
pub(super) fn check_encrypted(fields: Fields<'_>, address: &Address<'_>, mistakes: &mut Mistakes) {
    let is_allowed = fields.is_true("danger_unencrypted");
    if address.is_secure || address.is_loopback() || is_allowed {
        return;
    }
    let place = fields.get("url").map_or(fields.place(), |node| node.place);
    let hint = "`danger_unencrypted: true` sends them all the same";
    let message = "`url`: credentials would go to another machine without encryption";
    mistakes.push(Mistake::new(place, message).hint(Some(hint.to_owned())));
}

/// Reads `tls`, where there is something to verify.
pub(super) fn tls(
    fields: Fields<'_>,
    is_needed: bool,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
    load: impl Fn(
        symbolon_gateway::tls::TargetTlsFiles,
    ) -> Result<TargetTls, symbolon_gateway::tls::TlsError>,
) -> Option<TargetTls> {
    services::read_tls(fields, is_needed, load, surroundings, mistakes)
}

/// A whole number, which the shape has bounded.
pub(super) fn number(fields: Fields<'_>, key: &'static str) -> usize {
    fields.integer(key).and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host_and_nothing_odd() {
        let read = |text| Address::read(text, [("http", 80), ("https", 443)]);
        let address = read("https://as.example:8443/introspect?x=1").unwrap();
        assert_eq!(
            (address.host, address.port, address.target),
            ("as.example", 8443, "/introspect?x=1")
        );
        assert!(address.is_secure && !address.is_loopback());
        let address = read("http://[::1]").unwrap();
        assert_eq!((address.host, address.port, address.target), ("::1", 80, ""));
        assert!(address.is_loopback());
        for bad in [
            "ftp://a",
            "https://",
            "https://a b",
            "https://user@a/",
            "https://a/ b",
            "https://a/#b",
            "https://a:0/",
            "https://*.a/",
            "a/b",
            "https://a?x",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }
}

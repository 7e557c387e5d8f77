//! Who is really calling: the peer itself, or what a trusted proxy says of it.
//!
//! 1. Only the word of a trusted peer counts, and only hop by hop: the list is read from the
//!    right, and reading stops at the first address that is not a trusted proxy.
//! 2. `X-Forwarded-For` is what proxies send in practice; `Forwarded` (RFC 7239) is read where it
//!    is absent. Anything unreadable ends the reading: the last known address stands.
//! 3. Scheme and host come from the configuration (`public_url`) and from the request itself,
//!    never from these headers.

use std::net::{IpAddr, SocketAddr};

use crate::fields::{Fields, as_text};
use crate::trusted::TrustedProxies;

/// The most hops that are read.
const MAX_HOPS: usize = 32;

/// The address a request came from.
pub(crate) fn source(peer: IpAddr, fields: &Fields, trusted: &TrustedProxies) -> IpAddr {
    let mut source = peer.to_canonical();
    if !trusted.contains(source) {
        return source;
    }
    for hop in hops(fields).into_iter().rev().take(MAX_HOPS) {
        let Some(address) = hop else { break };
        source = address.to_canonical();
        if !trusted.contains(source) {
            break;
        }
    }
    source
}

fn hops(fields: &Fields) -> Vec<Option<IpAddr>> {
    let listed = |value: &str| value.split(',').map(|hop| address(hop.trim())).collect::<Vec<_>>();
    let readable = |value| as_text(value).unwrap_or("?");
    if fields.contains("x-forwarded-for") {
        return fields.get_all("x-forwarded-for").map(readable).flat_map(listed).collect();
    }
    let values = fields.get_all("forwarded").map(readable);
    values.flat_map(|value| value.split(',').map(forwarded_for)).collect()
}

/// The `for` parameter of one element (RFC 7239 section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let node = element.split(';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        name.trim().eq_ignore_ascii_case("for").then_some(value.trim())
    })?;
    address(node.trim_matches('"'))
}

/// An address with or without a port: `1.2.3.4`, `1.2.3.4:5`, `::1`, `[::1]`, `[::1]:5`.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source_of(peer: &str, name: &'static str, value: &str) -> String {
        let fields = [(name, value)].into_iter().collect();
        let trusted = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        source(peer.parse().unwrap(), &fields, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(source_of("192.0.2.1", "x-forwarded-for", "10.0.0.9"), "192.0.2.1");
    }

    #[test]
    fn a_trusted_proxy_is_believed_up_to_the_first_stranger() {
        assert_eq!(source_of("10.0.0.1", "x-forwarded-for", "6.6.6.6, 192.0.2.7"), "192.0.2.7");
        assert_eq!(source_of("10.0.0.1", "x-forwarded-for", "192.0.2.7, 10.0.0.2"), "192.0.2.7");
        assert_eq!(
            source_of("10.0.0.1", "forwarded", "for=6.6.6.6, For=\"[2001:db8::7]:80\";proto=http"),
            "2001:db8::7"
        );
    }

    #[test]
    fn reading_stops_at_what_cannot_be_read() {
        assert_eq!(source_of("10.0.0.1", "x-forwarded-for", "192.0.2.7, unknown"), "10.0.0.1");
        assert_eq!(source_of("10.0.0.1", "forwarded", "for=_hidden"), "10.0.0.1");
    }
}

//! What is counted separately.

use std::net::IpAddr;

use http::header::HeaderName;

use crate::identity_headers::is_taken_out;
use crate::stage::{Clean, Identity};

/// What a rule counts separately.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CountBy {
    /// Each address; of IPv6, each network of 64 bits, which is what one customer gets.
    Source,
    /// Everything together.
    Route,
    /// Each value of a header; each source where there is none.
    Header(HeaderName),
    /// Each principal; each source where nobody is known.
    Principal,
    /// Each client; each principal where there is none.
    Client,
}

/// One thing that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key<'a> {
    Route,
    V4(u32),
    /// The first 64 bits.
    V6(u64),
    Header(&'a [u8]),
    Subject(&'a str),
    Client(&'a str),
}

impl CountBy {
    /// A header that requests really have when they are counted.
    pub fn header(name: &str) -> Option<Self> {
        let name = HeaderName::try_from(name).ok()?;
        (!is_taken_out(&name)).then_some(Self::Header(name))
    }

    /// Whether it can be told before anybody is authenticated.
    pub(super) fn needs_identity(&self) -> bool {
        matches!(self, Self::Principal | Self::Client)
    }

    /// Whether all callers count together.
    pub(super) fn is_of_all(&self) -> bool {
        matches!(self, Self::Route)
    }

    pub(super) fn name(&self) -> &str {
        match self {
            Self::Source => "source",
            Self::Route => "route",
            Self::Header(name) => name.as_str(),
            Self::Principal => "principal",
            Self::Client => "client",
        }
    }

    /// What a request counts for.
    pub(super) fn key<'a>(&self, clean: &'a Clean, identity: Option<&'a Identity>) -> Key<'a> {
        let source = || of_source(clean.source().ip());
        match (self, identity) {
            (Self::Route, _) => Key::Route,
            (Self::Header(name), _) => clean.fields().get(name).map_or_else(source, Key::Header),
            (Self::Client, Some(identity)) if let Some(client) = identity.client() => {
                Key::Client(client.as_str())
            }
            (Self::Principal | Self::Client, Some(identity))
                if let Some(subject) = identity.subject() =>
            {
                Key::Subject(subject)
            }
            (Self::Principal, Some(identity)) if let Some(client) = identity.client() => {
                Key::Client(client.as_str())
            }
            (Self::Source | Self::Principal | Self::Client, _) => source(),
        }
    }
}

fn of_source(address: IpAddr) -> Key<'static> {
    match address.to_canonical() {
        IpAddr::V4(v4) => Key::V4(v4.to_bits()),
        IpAddr::V6(v6) => Key::V6(u64::try_from(v6.to_bits() >> 64).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let key = |text: &str| of_source(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }

    #[test]
    fn a_header_that_is_removed_on_entry_cannot_be_counted_by() {
        assert!(CountBy::header("X-Device").is_some());
        for name in ["x-user", "Authorization", "apikey", "x-forwarded-for", "a b"] {
            assert!(CountBy::header(name).is_none(), "{name}");
        }
    }
}

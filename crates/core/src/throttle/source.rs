//! Where an attempt comes from, as coarse as one customer of a network provider.

use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address, or the /64 of an IPv6 address: whoever has one address of a /64 has all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// An IPv4 address or an IPv6 network.
    Network(IpAddr),
    /// Nobody told; all such attempts share one budget.
    Unknown,
}

impl Source {
    /// The text under which it is kept; never empty.
    pub fn to_text(self) -> String {
        match self {
            Self::Network(address) => address.to_string(),
            Self::Unknown => "unknown".to_owned(),
        }
    }

    /// From such a text.
    pub fn from_text(text: &str) -> Self {
        text.parse().map_or(Self::Unknown, Self::Network)
    }
}

impl From<Option<IpAddr>> for Source {
    fn from(address: Option<IpAddr>) -> Self {
        match address.map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Self::Network(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into())
            }
            Some(address) => Self::Network(address),
            None => Self::Unknown,
        }
    }
}

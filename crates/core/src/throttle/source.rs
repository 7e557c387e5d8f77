//! Where an attempt comes from: one customer of a network provider, or a browser that is known.

use std::net::{IpAddr, Ipv6Addr};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What stands before a browser's number in the text of a source; no address begins like that.
const BROWSER: &str = "browser ";

/// An IPv4 address, the /64 of an IPv6 address (whoever has one address of a /64 has all), or a
/// browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// An IPv4 address or an IPv6 network.
    Network(IpAddr),
    /// A browser that shows, by a value that only this system makes, that the password of this
    /// very account was right in it within [`super::PROOF_LIFETIME`]. Wherever it is, it is
    /// known, and shares its budget with nobody.
    Browser([u8; 16]),
    /// Nobody told; all such attempts share one budget.
    Unknown,
}

impl Source {
    /// The text under which it is kept; never empty.
    pub fn to_text(self) -> String {
        match self {
            Self::Network(address) => address.to_string(),
            Self::Browser(number) => format!("{BROWSER}{}", URL_SAFE_NO_PAD.encode(number)),
            Self::Unknown => "unknown".to_owned(),
        }
    }

    /// From such a text.
    pub fn from_text(text: &str) -> Self {
        let number = text.strip_prefix(BROWSER).and_then(|number| {
            URL_SAFE_NO_PAD.decode(number).ok().and_then(|number| number.try_into().ok())
        });
        match number {
            Some(number) => Self::Browser(number),
            None => text.parse().map_or(Self::Unknown, Self::Network),
        }
    }

    /// Whether it proved the password by what it showed.
    pub fn is_known(self) -> bool {
        matches!(self, Self::Browser(_))
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

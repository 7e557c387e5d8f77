//! The address a request came from, with its text, which is written several times.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

/// An address and its text.
#[derive(Clone, Debug)]
pub(crate) struct SourceAddress {
    ip: IpAddr,
    text: Arc<str>,
}

impl SourceAddress {
    /// Writes the text once.
    pub(crate) fn new(ip: IpAddr) -> Self {
        let mut text = String::with_capacity(15);
        match ip {
            IpAddr::V4(v4) => {
                let mut separator = "";
                for octet in v4.octets() {
                    text.push_str(separator);
                    text.push_str(itoa::Buffer::new().format(octet));
                    separator = ".";
                }
            }
            IpAddr::V6(v6) => {
                // Writing to a string cannot fail.
                let _ = write!(text, "{v6}");
            }
        }
        Self { ip, text: text.into() }
    }

    /// The address.
    pub(crate) fn ip(&self) -> IpAddr {
        self.ip
    }

    /// Its text.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_the_address() {
        for text in ["192.0.2.255", "0.0.0.0", "2001:db8::1"] {
            let ip: IpAddr = text.parse().unwrap();
            assert_eq!(SourceAddress::new(ip).as_str(), text);
        }
    }
}

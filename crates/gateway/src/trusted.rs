//! Which peers are proxies of ours, whose word about the original client is believed.
//!
//! The default is nobody.

use std::net::IpAddr;
use std::str::FromStr;

/// A set of address ranges.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<Cidr>);

/// An address range in CIDR notation (RFC 4632); a plain address is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    network: u128,
    mask: u128,
    is_v4: bool,
}

/// A text that is not an address range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CidrError {
    /// The part before `/` is no address.
    #[error("not an IP address")]
    Address,
    /// The part after `/` is no prefix length, or longer than the address.
    #[error("not a prefix length")]
    Prefix,
    /// An IPv4 address in the clothes of IPv6: addresses are compared without them.
    #[error("is IPv4 written as IPv6; write it as IPv4")]
    Mapped,
    /// Bits are set beyond the prefix, so that it is unclear what was meant.
    #[error("has bits set beyond its prefix length")]
    HostBits,
}

impl TrustedProxies {
    /// The union of some ranges.
    pub fn new(ranges: Vec<Cidr>) -> Self {
        Self(ranges)
    }

    /// Whether the word of this peer is believed.
    pub fn contains(&self, peer: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(peer))
    }
}

impl Cidr {
    /// Whether it is one of IPv4 addresses.
    pub(crate) fn is_v4(&self) -> bool {
        self.is_v4
    }

    /// Its first and its last address, as numbers.
    pub(crate) fn bounds(&self) -> (u128, u128) {
        let width = if self.is_v4 { u128::from(u32::MAX) } else { u128::MAX };
        (self.network, self.network | !self.mask & width)
    }

    /// Whether the address lies in the range; an IPv4-mapped IPv6 address counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        let (bits, is_v4) = bits(address.to_canonical());
        is_v4 == self.is_v4 && bits & self.mask == self.network
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| CidrError::Address)?;
        if address.to_canonical() != address {
            return Err(CidrError::Mapped);
        }
        let (network, is_v4) = bits(address);
        let width: u32 = if is_v4 { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                digits.parse().map_err(|_| CidrError::Prefix)?
            }
            Some(_) => return Err(CidrError::Prefix),
            None => width,
        };
        let host_bits = width.checked_sub(prefix).ok_or(CidrError::Prefix)?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        if network & !mask != 0 {
            return Err(CidrError::HostBits);
        }
        Ok(Self { network, mask, is_v4 })
    }
}

fn bits(address: IpAddr) -> (u128, bool) {
    match address {
        IpAddr::V4(v4) => (u128::from(v4.to_bits()), true),
        IpAddr::V6(v6) => (v6.to_bits(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_trusted_by_default() {
        assert!(!TrustedProxies::default().contains("127.0.0.1".parse().unwrap()));
    }

    #[test]
    fn a_range_holds_its_addresses_and_no_others() {
        let range: Cidr = "10.0.0.0/8".parse().unwrap();
        for (address, inside) in [
            ("10.255.0.1", true),
            ("11.0.0.1", false),
            ("::ffff:10.1.1.1", true),
            ("a00::1", false),
        ] {
            assert_eq!(range.contains(address.parse().unwrap()), inside, "{address}");
        }
        let all: Cidr = "::/0".parse().unwrap();
        assert!(all.contains("2001:db8::1".parse().unwrap()));
        assert!(!all.contains("1.2.3.4".parse().unwrap()));
    }

    #[test]
    fn unclear_ranges_are_refused() {
        for bad in [
            "10.0.0.1/8",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0/8",
            "",
            "::/129",
            "/8",
            "::ffff:10.0.0.0/104",
        ] {
            assert!(bad.parse::<Cidr>().is_err(), "{bad}");
        }
    }
}

//! Version 2: a signature, four bytes, addresses, additional fields (TLV).

use std::net::{IpAddr, SocketAddr};

use super::checksum::crc32c;
use super::{Parsed, ProxyError};

/// How a header begins.
pub(super) const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version, family, length.
const FIXED: usize = 16;
/// The most that may follow, in bytes. Load balancers send some hundred.
const MAX_REST: usize = 4096;
/// The longest header.
pub(super) const MAX_BYTES: usize = FIXED + MAX_REST;

/// The additional field with the checksum (section 2.2.3 of the specification).
const CHECKSUM: u8 = 0x03;

/// What the header says of the connection that is passed on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Nothing, or a Unix socket; with the length of its addresses.
    Nameless(usize),
    /// TCP over IPv4.
    V4,
    /// TCP over IPv6.
    V6,
}

pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, ProxyError> {
    let Some((fixed, rest)) = bytes.split_at_checked(FIXED) else {
        return Ok(Parsed::Incomplete);
    };
    let &[.., command, family, high, low] = fixed else {
        return Ok(Parsed::Incomplete);
    };
    let is_local = match command {
        0x20 => true,
        0x21 => false,
        _ => return Err(ProxyError::Malformed("unknown version or command")),
    };
    let family = match family {
        0x00 => Family::Nameless(0),
        0x11 => Family::V4,
        0x21 => Family::V6,
        0x31 => Family::Nameless(216),
        _ => return Err(ProxyError::Malformed("neither TCP nor a local socket")),
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    if length > MAX_REST {
        return Err(ProxyError::TooLong);
    }
    let Some(rest) = rest.get(..length) else {
        return Ok(Parsed::Incomplete);
    };
    let (addresses, fields) = rest
        .split_at_checked(family.address_bytes())
        .ok_or(ProxyError::Malformed("shorter than its addresses"))?;
    let length = FIXED + length;
    check(bytes.get(..length).unwrap_or_default(), fields)?;
    let source = if is_local { None } else { family.source(addresses) };
    Ok(Parsed::Complete { length, source })
}

impl Family {
    fn address_bytes(self) -> usize {
        match self {
            Self::Nameless(length) => length,
            Self::V4 => 12,
            Self::V6 => 36,
        }
    }

    /// The address and port of the source, which stand before and after that of the destination.
    fn source(self, addresses: &[u8]) -> Option<SocketAddr> {
        let (address, port): (IpAddr, _) = match self {
            Self::Nameless(_) => return None,
            Self::V4 => (addresses.first_chunk::<4>().copied()?.into(), 8),
            Self::V6 => (addresses.first_chunk::<16>().copied()?.into(), 32),
        };
        let port = addresses.get(port..)?.first_chunk::<2>().copied()?;
        Some(SocketAddr::new(address, u16::from_be_bytes(port)))
    }
}

/// Walks over the additional fields of a header.
fn check(header: &[u8], mut fields: &[u8]) -> Result<(), ProxyError> {
    let overrun = ProxyError::Malformed("an additional field is longer than the header");
    let mut is_checked = false;
    while !fields.is_empty() {
        let &[kind, high, low, ref rest @ ..] = fields else { return Err(overrun) };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let (value, after) = rest.split_at_checked(length).ok_or(overrun)?;
        if kind == CHECKSUM {
            let at = header.len() - rest.len();
            let is_second = std::mem::replace(&mut is_checked, true);
            let expected = value.first_chunk::<4>().filter(|_| length == 4 && !is_second);
            let expected = expected.ok_or(ProxyError::Malformed("not one checksum"))?;
            if crc32c(header, at..at + 4) != u32::from_be_bytes(*expected) {
                return Err(ProxyError::Checksum);
            }
        }
        fields = after;
    }
    Ok(())
}

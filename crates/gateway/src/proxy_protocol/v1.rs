//! Version 1: one line of text, `PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::{Parsed, ProxyError};

/// How a header begins.
pub(super) const SIGNATURE: &[u8] = b"PROXY ";
/// The longest line with its end, in bytes (section 2.1 of the specification).
const MAX_BYTES: usize = 107;

pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, ProxyError> {
    let Some(end) = bytes.iter().position(|byte| *byte == b'\r') else {
        return if bytes.len() >= MAX_BYTES {
            Err(ProxyError::TooLong)
        } else if bytes.iter().any(|byte| !matches!(byte, b' '..=b'~')) {
            Err(ProxyError::Malformed("not a line of text"))
        } else {
            Ok(Parsed::Incomplete)
        };
    };
    let length = end + 2;
    if length > MAX_BYTES {
        return Err(ProxyError::TooLong);
    }
    let line = bytes.get(..end).unwrap_or_default();
    let line = std::str::from_utf8(line)
        .ok()
        .filter(|line| line.bytes().all(|byte| matches!(byte, b' '..=b'~')))
        .ok_or(ProxyError::Malformed("not a line of text"))?;
    match bytes.get(end + 1) {
        None => return Ok(Parsed::Incomplete),
        Some(b'\n') => {}
        Some(_) => return Err(ProxyError::Malformed("not a line of text")),
    }
    Ok(Parsed::Complete { length, source: source(line)? })
}

fn source(line: &str) -> Result<Option<SocketAddr>, ProxyError> {
    let mut words = line.split(' ').skip(1);
    let protocol = words.next();
    // Whatever follows is to be ignored.
    if protocol == Some("UNKNOWN") {
        return Ok(None);
    }
    let address = |text: &str| -> Option<IpAddr> {
        match protocol {
            Some("TCP4") => text.parse::<Ipv4Addr>().ok().map(IpAddr::V4),
            Some("TCP6") => text.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
            _ => None,
        }
    };
    let mut read = || {
        let (from, to) = (address(words.next()?)?, address(words.next()?)?);
        let (from_port, _) = (port(words.next()?)?, port(words.next()?)?);
        let _ = to;
        words.next().is_none().then_some(SocketAddr::new(from, from_port))
    };
    read().map(Some).ok_or(ProxyError::Malformed("not two addresses with their ports"))
}

/// A decimal number without leading zeros.
fn port(text: &str) -> Option<u16> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let is_padded = text.len() > 1 && text.starts_with('0');
    (is_plain && !is_padded).then(|| text.parse().ok()).flatten()
}

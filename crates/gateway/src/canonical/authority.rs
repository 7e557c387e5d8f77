//! The host that a request is for: from `Host`, or from an absolute target that agrees with it.

use std::borrow::Cow;

/// Why a request names no host, or more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// No `Host` header in HTTP/1.1 (RFC 9112 section 3.2), or an empty one.
    #[error("no host")]
    Missing,
    /// Several `Host` headers, or one that differs from the absolute target.
    #[error("more than one host")]
    Several,
    /// Not a host name or address with an optional port.
    #[error("malformed host")]
    Malformed,
}

/// The host in lower case, without port and without a trailing dot.
pub fn host_of(authority: &str) -> Result<Cow<'_, str>, AuthorityError> {
    if authority.is_empty() {
        return Err(AuthorityError::Missing);
    }
    let (host, port) = split_port(authority)?;
    let port_is_fine = port.is_none_or(|port| {
        port.is_empty()
            || port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
    });
    let host = host.strip_suffix('.').unwrap_or(host);
    if !port_is_fine || !is_host(host) {
        return Err(AuthorityError::Malformed);
    }
    if host.bytes().map(|byte| u8::from(byte.is_ascii_uppercase())).fold(0, |any, one| any | one)
        > 0
    {
        Ok(Cow::Owned(host.to_ascii_lowercase()))
    } else {
        Ok(Cow::Borrowed(host))
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<&str>), AuthorityError> {
    if authority.starts_with('[') {
        let end = authority.find(']').ok_or(AuthorityError::Malformed)?;
        let (host, rest) = authority.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(AuthorityError::Malformed),
        };
    }
    Ok(authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port))))
}

fn is_host(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return inner.parse::<std::net::Ipv6Addr>().is_ok();
    }
    // One pass: labels are letters, digits, `-` and `_`, none is empty.
    let mut before = b'.';
    for byte in host.bytes() {
        let is_fine = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !(is_fine || byte == b'.' && before != b'.') {
            return false;
        }
        before = byte;
    }
    host.len() <= 253 && before != b'.'
}

//! Ways in for the fuzz targets to parsers that nobody else needs to reach; only built for them.

use std::net::{IpAddr, Ipv4Addr};

use bytes::BytesMut;
use http::header::HeaderValue;

use crate::proxy_protocol::{self, Parsed};
use crate::trusted::TrustedProxies;
use crate::{balance, forwarded, upstream};

/// Parses an answer's head until nothing more comes of it.
pub fn response_head(data: &[u8]) {
    upstream::fuzzing::response_head(&mut BytesMut::from(data));
}

/// Parses a request's head: whole, and cut off at every place.
pub fn request_head(data: &[u8]) {
    crate::serving::fuzzing::request_head(data);
}

/// The body that comes out of chunks fed `step` bytes at a time; `None` where they are malformed
/// or incomplete.
pub fn chunked(data: &[u8], step: usize) -> Option<Vec<u8>> {
    upstream::fuzzing::chunked(data, step)
}

/// Reads a PROXY header, at once and byte by byte.
pub fn proxy_header(data: &[u8]) {
    let Ok(Parsed::Complete { length, source }) = proxy_protocol::parse(data) else { return };
    assert!(length <= data.len() && length <= proxy_protocol::MAX_BYTES);
    for end in 0..length {
        let beginning = data.get(..end).unwrap_or_default();
        assert_eq!(proxy_protocol::parse(beginning), Ok(Parsed::Incomplete));
    }
    let exact = data.get(..length).unwrap_or_default();
    assert_eq!(proxy_protocol::parse(exact), Ok(Parsed::Complete { length, source }));
}

/// Reads a DNS answer.
pub fn dns_answer(data: &[u8]) {
    balance::fuzzing::dns_answer(data);
}

/// Reads `X-Forwarded-For` of a trusted peer.
pub fn forwarded(data: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(data) else { return };
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let trusted = "127.0.0.0/8".parse().map(|range| TrustedProxies::new(vec![range]));
    for name in ["x-forwarded-for", "forwarded"] {
        let fields = [(name, value.as_bytes())].into_iter().collect();
        let nobody = TrustedProxies::default();
        assert_eq!(forwarded::source(loopback, &fields, &nobody), loopback);
        if let Ok(trusted) = &trusted {
            forwarded::source(loopback, &fields, trusted);
        }
    }
}

/// The frames of HTTP/2 in bytes fed `step` at a time: type, length, end of stream.
pub fn http2_frames(data: &[u8], step: usize) -> Vec<(&'static str, usize, bool)> {
    crate::serving::fuzzing::frames(data, step)
}

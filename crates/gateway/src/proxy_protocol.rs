//! The PROXY protocol, versions 1 and 2: what a load balancer says of a connection it passes on.
//!
//! 1. Strict and bounded: what is not exactly a header is refused, and nothing is guessed.
//! 2. A header without an address (`UNKNOWN`, `LOCAL`, a Unix socket) leaves the load balancer
//!    itself as the source: that is how it checks our health.
//! 3. Additional fields of version 2 are passed over; a checksum among them is verified.
//!
//! Whose header is believed is decided in [`crate::arrival`].

mod checksum;
mod v1;
mod v2;

use std::net::SocketAddr;

/// The longest header, in bytes; more is read for nobody.
pub(crate) const MAX_BYTES: usize = v2::MAX_BYTES;

/// What the beginning of a connection says so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    /// All of it belongs to a header, which is not over.
    Incomplete,
    /// A header of so many bytes.
    Complete {
        /// Where the request begins.
        length: usize,
        /// Who has connected to the load balancer, where it says so.
        source: Option<SocketAddr>,
    },
}

/// Why something is no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ProxyError {
    /// It begins like none.
    #[error("no PROXY header")]
    Signature,
    /// It is longer than it may be.
    #[error("the PROXY header is too long")]
    TooLong,
    /// A part of it is not what it should be.
    #[error("malformed PROXY header: {0}")]
    Malformed(&'static str),
    /// Its checksum is another.
    #[error("the checksum of the PROXY header is wrong")]
    Checksum,
}

/// Reads the header with which these bytes begin.
pub(crate) fn parse(bytes: &[u8]) -> Result<Parsed, ProxyError> {
    if is_beginning(bytes, v1::SIGNATURE) {
        v1::parse(bytes)
    } else if is_beginning(bytes, v2::SIGNATURE) {
        v2::parse(bytes)
    } else {
        Err(ProxyError::Signature)
    }
}

/// Whether the bytes begin with the signature, or are themselves the beginning of it.
fn is_beginning(bytes: &[u8], signature: &[u8]) -> bool {
    bytes.iter().zip(signature).all(|(byte, expected)| byte == expected)
}

#[cfg(test)]
mod tests;

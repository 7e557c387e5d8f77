//! What a run of the load generator is made of.

use std::{fmt, str::FromStr};

use anyhow::{Context, Error};

/// What is done again and again, and counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Load {
    /// A request on a kept connection, HTTP/1.1.
    Requests,
    /// The same over TLS 1.3.
    TlsRequests,
    /// A connection, a full TLS 1.3 handshake, a request, the end of the connection.
    FullHandshakes,
    /// The same with a handshake that goes on with an earlier session.
    ResumedHandshakes,
    /// A request in a stream of a kept HTTP/2 connection without TLS.
    Http2,
    /// The same over TLS 1.3.
    Http2Tls,
    /// A message through an open WebSocket, and its echo.
    Messages,
    /// A request that is answered with a large body.
    Download,
    /// A request with a large body.
    Upload,
    /// A request on a kept connection that is signed as the clients of Kong do, each anew.
    SignedKong,
    /// The same by RFC 9421.
    SignedMessage,
    /// Connections that have carried one request each and stay open, until another order to hold.
    Hold,
}

const NAMES: [(Load, &str); 12] = [
    (Load::Requests, "requests"),
    (Load::TlsRequests, "tls-requests"),
    (Load::FullHandshakes, "full-handshakes"),
    (Load::ResumedHandshakes, "resumed-handshakes"),
    (Load::Http2, "http2"),
    (Load::Http2Tls, "http2-tls"),
    (Load::Messages, "messages"),
    (Load::Download, "download"),
    (Load::Upload, "upload"),
    (Load::SignedKong, "signed-kong"),
    (Load::SignedMessage, "signed-message"),
    (Load::Hold, "hold"),
];

impl Load {
    /// Whether clients speak TLS.
    pub(crate) fn is_tls(self) -> bool {
        matches!(
            self,
            Self::TlsRequests | Self::FullHandshakes | Self::ResumedHandshakes | Self::Http2Tls
        )
    }

    /// Whether clients speak HTTP/2.
    pub(crate) fn is_http2(self) -> bool {
        matches!(self, Self::Http2 | Self::Http2Tls)
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = NAMES.iter().find(|(load, _)| load == self).map_or("", |(_, name)| name);
        f.write_str(name)
    }
}

impl FromStr for Load {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = NAMES.iter().find(|(_, name)| *name == text);
        known.map(|(load, _)| *load).with_context(|| format!("no load is called `{text}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Load, NAMES};

    #[test]
    fn every_load_has_a_name() {
        for (load, _) in NAMES {
            assert_eq!(load.to_string().parse::<Load>().unwrap(), load);
        }
    }
}

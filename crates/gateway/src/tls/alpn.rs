//! Which protocol a handshake agreed on (ALPN, RFC 7301): the one place that knows their names.

/// What is spoken over a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// HTTP/1.1 (RFC 9112); also where nothing was said.
    Http1,
}

impl Protocol {
    /// The protocols of a listener, the preferred one first.
    pub(crate) fn offered() -> Vec<Vec<u8>> {
        vec![b"http/1.1".to_vec()]
    }

    /// The protocols that targets are offered.
    pub(crate) fn offered_to_targets() -> Vec<Vec<u8>> {
        vec![b"http/1.1".to_vec()]
    }

    /// What the handshake came to. One that offers only what we do not speak has failed before.
    pub(crate) fn negotiated(_name: Option<&[u8]>) -> Self {
        Self::Http1
    }
}

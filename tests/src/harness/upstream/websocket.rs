//! The service's end of a WebSocket (RFC 6455), as much as an echo of short messages needs.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Peer, Received};

/// Section 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// The opcode of a closing frame (section 5.5.1).
const CLOSE: u8 = 8;

impl Peer {
    /// Accepts the WebSocket that the request asks for.
    pub(crate) fn accept_messages(&mut self, request: &Received) {
        let key = request.headers().get("sec-websocket-key").unwrap();
        let accept = digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{GUID}").as_bytes());
        let accept = STANDARD.encode(accept);
        let head =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
        self.write(format!("{head}Sec-WebSocket-Accept: {accept}\r\n\r\n").as_bytes());
    }

    /// The same, and sends every message back.
    pub(crate) fn echo_messages(&mut self, request: &Received) {
        self.accept_messages(request);
        while let Some((first, message)) = self.frame() {
            let length = u8::try_from(message.len()).unwrap();
            self.write(&[&[first, length], message.as_slice()].concat());
            if first & 0x0f == CLOSE {
                return;
            }
        }
    }

    /// The first byte of a frame and its unmasked message (section 5.2).
    fn frame(&mut self) -> Option<(u8, Vec<u8>)> {
        let head = self.exactly(2)?;
        let length = usize::from(head[1] & 0x7f);
        assert!(head[1] & 0x80 != 0 && length < 126, "no short masked frame: {head:?}");
        let mask = self.exactly(4)?;
        let masked = self.exactly(length)?;
        let message = masked.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        Some((head[0], message.collect()))
    }
}

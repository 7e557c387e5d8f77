//! As much of the WebSocket protocol (RFC 6455) as a short message and its echo need.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::{Engine, prelude::BASE64_STANDARD};

/// The key that every client sends (section 1.3, the example): it proves nothing, being known.
pub(crate) const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
/// The mask of every frame from a client (section 5.3).
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];
/// FIN and the opcode of a text frame (section 5.2).
const WHOLE_TEXT: u8 = 0x81;
/// The bit that says that the payload is masked, and those of the length.
const MASKED: u8 = 0x80;
const LENGTH: u8 = 0x7f;

/// What the server answers to a key (section 4.2.2).
pub(crate) fn accept(key: &str) -> String {
    let text = format!("{key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    BASE64_STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()))
}

/// A text frame with this payload of at most 125 octets; those from clients are masked.
pub(crate) fn frame(payload: &[u8], is_masked: bool) -> Vec<u8> {
    let length = u8::try_from(payload.len()).unwrap_or(LENGTH) & LENGTH;
    let mut octets = vec![WHOLE_TEXT, length | if is_masked { MASKED } else { 0 }];
    if is_masked {
        octets.extend(MASK);
        octets.extend(payload.iter().zip(MASK.iter().cycle()).map(|(octet, mask)| octet ^ mask));
    } else {
        octets.extend(payload);
    }
    octets
}

/// The payload of the frame at the beginning and the octets that it takes; nothing until it is
/// whole, and nothing of a frame that is not of the measurement.
pub(crate) fn parse(octets: &[u8]) -> Option<(Vec<u8>, usize)> {
    let [WHOLE_TEXT, second, rest @ ..] = octets else {
        return None;
    };
    let length = usize::from(second & LENGTH);
    if second & MASKED == 0 {
        return Some((rest.get(..length)?.to_vec(), 2 + length));
    }
    let (mask, rest) = rest.split_first_chunk::<4>()?;
    let payload = rest.get(..length)?.iter().zip(mask.iter().cycle());
    Some((payload.map(|(octet, mask)| octet ^ mask).collect(), 6 + length))
}

#[cfg(test)]
mod tests {
    use super::{KEY, accept, frame, parse};

    #[test]
    fn the_example_of_the_rfc_is_answered_as_it_says() {
        assert_eq!(accept(KEY), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_frame_is_read_back_when_it_is_whole() {
        for is_masked in [true, false] {
            let octets = frame(b"Hello", is_masked);
            assert_eq!(parse(&octets), Some((b"Hello".to_vec(), octets.len())));
            assert_eq!(parse(&octets[..octets.len() - 1]), None);
        }
        // RFC 6455, section 5.7.
        assert_eq!(frame(b"Hello", true)[..7], [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f]);
    }
}

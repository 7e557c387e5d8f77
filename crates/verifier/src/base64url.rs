//! base64url without padding, in its one canonical form (RFC 7515 2, RFC 4648 3.5).
//!
//! Padding, line breaks, the other alphabet and non-zero trailing bits are refused, so that no two
//! spellings of a token are the same token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};

    #[test]
    fn only_the_canonical_spelling_is_read() {
        assert_eq!(decode("-_8").unwrap(), [0xfb, 0xff]);
        for other in ["-_8=", "-_9", "+/8", "-_8\n", " -_8", "-_8-1", "-"] {
            assert_eq!(decode(other), None, "{other:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_read_is_spelled_the_same_again(text in "[A-Za-z0-9_=+/-]{0,12}") {
            if let Some(bytes) = decode(&text) {
                proptest::prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}

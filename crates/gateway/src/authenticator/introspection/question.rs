//! How a token is asked about (RFC 7662 section 2.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Method;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use zeroize::Zeroizing;

use crate::authenticator::http_client::Question;
use crate::config::authenticators::introspection::ClientAuthentication;

/// The longest token that is asked about, in bytes.
const MAX_TOKEN: usize = 8 * 1024;

/// Whether this can be a token at all (RFC 6750 section 2.1: `b64token`).
pub(super) fn is_token(text: &[u8]) -> bool {
    let core = text.trim_ascii_end();
    let end = core.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    end > 0 && text.len() <= MAX_TOKEN && core.iter().take(end).all(is_inner)
}

/// The request about a token.
pub(super) fn about(token: &[u8], client: &ClientAuthentication) -> Question {
    let mut headers = HeaderMap::new();
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    headers.insert(CONTENT_TYPE, form);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(USER_AGENT, HeaderValue::from_static("symbolon"));
    if let Some(mut proof) = proof(client) {
        proof.set_sensitive(true);
        headers.insert(AUTHORIZATION, proof);
    }
    let body = format!("token={}&token_type_hint=access_token", encoded(token));
    Question { method: Method::POST, headers, body: Bytes::from(body) }
}

fn proof(client: &ClientAuthentication) -> Option<HeaderValue> {
    let text = match client {
        ClientAuthentication::Basic { id, secret } => {
            // Both are encoded before (RFC 6749 section 2.3.1).
            let pair = format!("{}:{}", encoded(id.as_bytes()), encoded(secret.reveal()));
            Zeroizing::new(format!("Basic {}", STANDARD.encode(Zeroizing::new(pair).as_bytes())))
        }
        ClientAuthentication::Bearer(token) => {
            Zeroizing::new(format!("Bearer {}", String::from_utf8_lossy(token.reveal())))
        }
        ClientAuthentication::Certificate => return None,
    };
    // INVARIANT: the configuration was checked for secrets that cannot stand in a header.
    HeaderValue::from_str(&text).ok()
}

/// As forms are encoded.
fn encoded(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(char::from(*byte));
            }
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use symbolon_core::secret::Secret;

    use super::*;

    #[test]
    fn a_token_cannot_add_a_parameter() {
        let question = about(b"a+b/c=", &ClientAuthentication::Certificate);
        assert_eq!(&*question.body, b"token=a%2Bb%2Fc%3D&token_type_hint=access_token");
        assert!(!question.headers.contains_key(AUTHORIZATION));
    }

    #[test]
    fn id_and_secret_are_encoded_before_they_are_put_together() {
        let secret = Secret::new(&b"p:w d"[..]);
        let basic = ClientAuthentication::Basic { id: "a:b".to_owned(), secret };
        let expected = format!("Basic {}", STANDARD.encode("a%3Ab:p%3Aw%20d"));
        assert_eq!(about(b"t", &basic).headers[AUTHORIZATION], expected);
        let bearer = ClientAuthentication::Bearer(Secret::new(&b"own"[..]));
        assert_eq!(about(b"t", &bearer).headers[AUTHORIZATION], "Bearer own");
    }

    #[test]
    fn what_is_no_token_is_not_asked_about() {
        for token in [&b"abc"[..], b"a.b-c_d~e+f/g==", b"2YotnFZFEjr1zCsicMWpAA"] {
            assert!(is_token(token), "{token:?}");
        }
        let long = [b'a'; MAX_TOKEN + 1];
        for bad in [&b""[..], b"=", b"a b", b"a=b", b"a\"b", b"a\x00", b"a\xc3\xa9", &long] {
            assert!(!is_token(bad), "{bad:?}");
        }
    }
}

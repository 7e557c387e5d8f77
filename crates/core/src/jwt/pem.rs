//! Reads a public key out of PEM (RFC 7468), as `openssl` writes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::KeyError;

/// The algorithm of an RSA key with its parameters: `rsaEncryption`, NULL (RFC 3279 2.3.1).
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// The one block of the text, as a `SubjectPublicKeyInfo`.
pub(super) fn public_key(text: &str) -> Result<Vec<u8>, KeyError> {
    let (label, der) = block(text.trim()).ok_or(KeyError::Malformed)?;
    match label {
        "PUBLIC KEY" => Ok(der),
        // RFC 8017 A.1.1: the key alone, without saying that it is RSA.
        "RSA PUBLIC KEY" => Ok(wrapped(&der)),
        _ if label.ends_with("PRIVATE KEY") => Err(KeyError::Private),
        _ => Err(KeyError::Malformed),
    }
}

/// Label and content of a text that is one block and nothing else.
fn block(text: &str) -> Option<(&str, Vec<u8>)> {
    let (label, rest) = text.strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let (body, end) = rest.split_once("-----END ")?;
    if end.strip_suffix("-----")? != label {
        return None;
    }
    let body: String = body.split_ascii_whitespace().collect();
    Some((label, STANDARD.decode(body).ok()?))
}

/// RFC 5280 4.1: the algorithm, then the key in a string of bits of which none is unused.
fn wrapped(key: &[u8]) -> Vec<u8> {
    let bits = element(0x03, &[&[0], key].concat());
    element(0x30, &[RSA_ENCRYPTION.as_slice(), &bits].concat())
}

/// A DER element (X.690 8.1): tag, length, content.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes: Vec<u8> =
                length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            // INVARIANT: at most the eight bytes of a length.
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(0));
            out.extend(bytes);
        }
    }
    out.extend(content);
    out
}

//! One public key in PEM (RFC 7468).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a public key may be labelled with.
const LABELS: [&str; 2] = ["PUBLIC KEY", "RSA PUBLIC KEY"];

/// The bytes between the markers. Text around them is skipped, as RFC 7468 section 2 wants; a
/// second block is not, because it would be anybody's guess which of the two is meant.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    let (label, rest) = rest.split_once("-----")?;
    let (body, behind) = rest.split_once(&format!("-----END {label}-----"))?;
    if !LABELS.contains(&label) || behind.contains("-----BEGIN ") {
        return None;
    }
    let body: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_block_of_a_public_key_is_read() {
        let block = "-----BEGIN PUBLIC KEY-----\nAQID\n-----END PUBLIC KEY-----\n";
        assert_eq!(read(&format!("a comment\n{block}")), Some(vec![1, 2, 3]));
        let wrong = [
            String::new(),
            block.repeat(2),
            block.replace("PUBLIC", "PRIVATE"),
            block.replace("END PUBLIC", "END RSA PUBLIC"),
            block.replace("AQID", "AQ!D"),
        ];
        for text in wrong {
            assert_eq!(read(&text), None, "{text}");
        }
    }
}

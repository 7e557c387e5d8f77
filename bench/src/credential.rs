//! The credentials that the peers know: opaque tokens, and a name with a password.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD as BASE64URL},
};

/// Who logs in and calls, everywhere.
pub(crate) const NAME: &str = "bench";
/// Their password.
pub(crate) const PASSWORD: &str = "four proxies walked into a bar";
/// It as nginx knows it, by the program that has made it so.
pub(crate) const PASSWORD_HASHES: [(&str, &str); 3] = [
    ("sha", "{SHA}KkRLLbvkoMkReqXAsC8aI60GQ7c="),
    ("apr1", "$apr1$bench123$g.SvCzRLWmLT3gWvi60BY1"),
    ("bcrypt", "$2b$05$ns8wZGZlznNZGRNEEQINrueh6vFep3zFv8ZlY87M8a3r1Cll6mFhu"),
];

/// The opaque token with this number, as long as ours are.
pub(crate) fn opaque_token(number: u32) -> String {
    let seed = format!("bench session {number}");
    format!("sym_{}", BASE64URL.encode(digest(&SHA256, seed.as_bytes())))
}

/// The lowercase hexadecimal SHA-256 of a token.
pub(crate) fn token_hash(token: &str) -> String {
    digest(&SHA256, token.as_bytes())
        .as_ref()
        .iter()
        .flat_map(|octet| [octet >> 4, octet & 0x0f])
        .filter_map(|nibble| char::from_digit(nibble.into(), 16))
        .collect()
}

/// The header line with name and password (RFC 7617).
pub(crate) fn basic_line() -> String {
    format!("authorization: Basic {}", BASE64_STANDARD.encode(format!("{NAME}:{PASSWORD}")))
}

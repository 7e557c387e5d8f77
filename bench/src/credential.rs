//! The credentials of the peers: opaque tokens, and a JWT signed with ES256.

use anyhow::{Context, Result};
use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};

/// Who signs, in the peers' configurations.
pub(crate) const ISSUER: &str = "https://bench.example/auth/internal";
/// For whom it is signed.
pub(crate) const AUDIENCE: &str = "orders";
/// A day in 2100, so that it never expires during a run.
const EXPIRES: u64 = 4_102_444_800;

/// A JWT with the claims of an internal token, and the key set that verifies it.
pub(crate) struct SignedToken {
    /// The compact form.
    pub(crate) jwt: String,
    /// The JSON Web Key Set.
    pub(crate) key_set: String,
}

/// Signs one with a fresh key.
pub(crate) fn signed_token() -> Result<SignedToken> {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .context("cannot make an ES256 key")?;
    let header = r#"{"alg":"ES256","typ":"at+jwt","kid":"bench-1"}"#;
    let claims = format!(
        r#"{{"iss":"{ISSUER}","sub":"01890a5d-ac96-774b-bcce-b302099a8057","aud":"{AUDIENCE}","exp":{EXPIRES},"iat":1795000000,"jti":"01890a5d-ac96-774b-bcce-b302099a8058","sid":"01890a5d-ac96-774b-bcce-b302099a8059","auth_time":1795000000,"amr":["pwd"],"roles":["customer"],"groups":[],"scope":"","session":{{"cart":[],"locale":"en"}}}}"#
    );
    let signed = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(claims));
    let signature =
        key.sign(&SystemRandom::new(), signed.as_bytes()).context("cannot sign with ES256")?;
    let point = key.public_key().as_ref();
    // SEC 1, 2.3.3: 0x04, then x and y of 32 octets each.
    let (x, y) = point
        .get(1..33)
        .zip(point.get(33..65))
        .context("the public key is no uncompressed point")?;
    Ok(SignedToken {
        jwt: format!("{signed}.{}", BASE64URL.encode(signature.as_ref())),
        key_set: format!(
            r#"{{"keys":[{{"kty":"EC","crv":"P-256","alg":"ES256","use":"sig","kid":"bench-1","x":"{}","y":"{}"}}]}}"#,
            BASE64URL.encode(x),
            BASE64URL.encode(y)
        ),
    })
}

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

//! JWTs that the peers inject or verify, one for each algorithm, with the keys that verify them.

use anyhow::{Context, Result};
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    hmac,
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL};

use crate::certificate::pem;

/// Who signs.
pub(crate) const ISSUER: &str = "https://bench.example/auth/internal";
/// For whom it is signed.
pub(crate) const AUDIENCE: &str = "orders";
/// What the tokens call their key.
pub(crate) const KEY_ID: &str = "bench-1";
/// The key of HS256: what a configuration can have between quotes, longer than a hash.
const SECRET: &str = "three-proxies-and-a-gateway-share-one-secret";
/// A day in 2100, so that it never expires during a run.
const EXPIRES: u64 = 4_102_444_800;
/// RFC 8017, A.1.1: where the modulus of 2048 bits stands in a public key, behind two heads and a
/// zero. The exponent is 65537.
const MODULUS: std::ops::Range<usize> = 9..265;

/// A JWT with the claims of an internal token, and what verifies it.
pub(crate) struct SignedToken {
    /// Its algorithm.
    pub(crate) algorithm: &'static str,
    /// The compact form.
    pub(crate) jwt: String,
    /// The JSON Web Key Set; of nobody where the key is shared.
    pub(crate) key_set: String,
    /// The public key in PEM, or the shared one.
    pub(crate) key: String,
}

/// One of each.
pub(crate) struct SignedTokens {
    pub(crate) hs256: SignedToken,
    pub(crate) rs256: SignedToken,
    pub(crate) es256: SignedToken,
}

impl SignedTokens {
    /// Signs them with fresh keys.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self { hs256: hs256(), rs256: rs256()?, es256: es256()? })
    }
}

fn hs256() -> SignedToken {
    let signed = signed("HS256");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = hmac::sign(&key, signed.as_bytes());
    token("HS256", &signed, signature.as_ref(), "", SECRET.to_owned())
}

fn rs256() -> Result<SignedToken> {
    let signed = signed("RS256");
    let pair = rsa::KeyPair::generate(KeySize::Rsa2048).context("cannot make an RSA key")?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .context("cannot sign with RS256")?;
    let modulus = pair.public_key().as_ref().get(MODULUS).context("an RSA key of another form")?;
    let members = format!(r#""kty":"RSA","n":"{}","e":"AQAB""#, BASE64URL.encode(modulus));
    let key = public_pem(pair.public_key())?;
    Ok(token("RS256", &signed, &signature, &members, key))
}

fn es256() -> Result<SignedToken> {
    let signed = signed("ES256");
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
        .context("cannot make an ES256 key")?;
    let signature =
        pair.sign(&SystemRandom::new(), signed.as_bytes()).context("cannot sign with ES256")?;
    let point = pair.public_key().as_ref();
    // SEC 1, 2.3.3: 0x04, then x and y of 32 octets each.
    let (x, y) = point
        .get(1..33)
        .zip(point.get(33..65))
        .context("the public key is no uncompressed point")?;
    let (x, y) = (BASE64URL.encode(x), BASE64URL.encode(y));
    let members = format!(r#""kty":"EC","crv":"P-256","x":"{x}","y":"{y}""#);
    let key = public_pem(pair.public_key())?;
    Ok(token("ES256", &signed, signature.as_ref(), &members, key))
}

/// What is signed.
fn signed(algorithm: &str) -> String {
    let header = format!(r#"{{"alg":"{algorithm}","typ":"at+jwt","kid":"{KEY_ID}"}}"#);
    let claims = format!(
        r#"{{"iss":"{ISSUER}","sub":"01890a5d-ac96-774b-bcce-b302099a8057","aud":"{AUDIENCE}","exp":{EXPIRES},"iat":1795000000,"jti":"01890a5d-ac96-774b-bcce-b302099a8058","sid":"01890a5d-ac96-774b-bcce-b302099a8059","auth_time":1795000000,"amr":["pwd"],"roles":["customer"],"groups":[],"scope":"","session":{{"cart":[],"locale":"en"}}}}"#
    );
    format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(claims))
}

/// The token and its key set; `members` are those of the key that depend on its type.
fn token(
    algorithm: &'static str,
    signed: &str,
    signature: &[u8],
    members: &str,
    key: String,
) -> SignedToken {
    SignedToken {
        algorithm,
        jwt: format!("{signed}.{}", BASE64URL.encode(signature)),
        key_set: format!(
            r#"{{"keys":[{{{members},"alg":"{algorithm}","use":"sig","kid":"{KEY_ID}"}}]}}"#
        ),
        key,
    }
}

fn public_pem(key: &impl AsDer<PublicKeyX509Der<'static>>) -> Result<String> {
    Ok(pem("PUBLIC KEY", key.as_der().context("cannot write a public key")?.as_ref()))
}

impl SignedToken {
    /// The header line with it.
    pub(crate) fn line(&self) -> String {
        format!("authorization: Bearer {}", self.jwt)
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

    use super::{BASE64URL, Engine, SignedTokens};

    #[test]
    fn the_modulus_in_the_key_set_is_that_of_the_key() {
        let token = SignedTokens::new().unwrap().rs256;
        let (_, rest) = token.key_set.split_once(r#""n":""#).unwrap();
        let n = BASE64URL.decode(rest.split('"').next().unwrap()).unwrap();
        let (signed, signature) = token.jwt.rsplit_once('.').unwrap();
        let signature = BASE64URL.decode(signature).unwrap();
        let key = RsaPublicKeyComponents { n, e: vec![1, 0, 1] };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &signature).unwrap();
    }
}

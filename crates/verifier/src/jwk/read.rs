//! Reads one JWK out of a set, or says that it is none of ours.
//!
//! RFC 7517 5 lets a reader ignore keys it does not understand, and a set may carry keys for other
//! purposes. A key is used only when all of these hold:
//! 1. it is EC on P-256, OKP on Ed25519, or RSA of 2048 to 8192 bits;
//! 2. it has a `kid`;
//! 3. `use`, `key_ops` and `alg`, where present, allow verification with its one algorithm;
//! 4. it carries no private member: whoever can read the set could sign with it.

use serde::Deserialize;
use serde_json::Value;

use super::{Jwk, PublicKey};
use crate::base64url;

/// The smallest RSA modulus accepted, in bits (RFC 7518 3.3).
const MIN_RSA_BITS: usize = 2048;
/// The largest RSA modulus accepted, in bits: a larger one only costs time.
const MAX_RSA_BITS: usize = 8192;

/// The members that decide. Others are ignored (RFC 7517 4).
#[derive(Deserialize)]
struct Members {
    kty: String,
    kid: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// The private part of all three key types.
    d: Option<Value>,
}

/// The key in `value`, or `None` where it is not one that verifies internal tokens.
pub(crate) fn read(value: Value) -> Option<Jwk> {
    let members: Members = serde_json::from_value(value).ok()?;
    let key = members.public_key()?;
    let jwk = Jwk { kid: members.kid, key };

    let is_for_signatures = members.purpose.is_none_or(|purpose| purpose == "sig");
    let may_verify = members.key_ops.is_none_or(|ops| ops.iter().any(|op| op == "verify"));
    let fits_algorithm = members.alg.is_none_or(|alg| alg == jwk.algorithm().name());
    let is_public = members.d.is_none();
    (is_for_signatures && may_verify && fits_algorithm && is_public).then_some(jwk)
}

impl Members {
    fn public_key(&self) -> Option<PublicKey> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("EC", Some("P-256")) => Some(PublicKey::EcP256 {
                x: fixed(self.x.as_deref()?)?,
                y: fixed(self.y.as_deref()?)?,
            }),
            ("OKP", Some("Ed25519")) => Some(PublicKey::Ed25519 { x: fixed(self.x.as_deref()?)? }),
            ("RSA", None) => {
                let n = number(self.n.as_deref()?)?;
                let e = number(self.e.as_deref()?)?;
                (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits(&n)).then_some(PublicKey::Rsa { n, e })
            }
            _ => None,
        }
    }
}

/// A coordinate, always of full length (RFC 7518 6.2.1.2).
fn fixed(text: &str) -> Option<[u8; 32]> {
    base64url::decode(text)?.try_into().ok()
}

/// A positive number of the fewest octets (RFC 7518 2, `Base64urlUInt`).
fn number(text: &str) -> Option<Vec<u8>> {
    base64url::decode(text).filter(|bytes| bytes.first().is_some_and(|&first| first != 0))
}

fn bits(number: &[u8]) -> usize {
    let leading_zeros = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - leading_zeros
}

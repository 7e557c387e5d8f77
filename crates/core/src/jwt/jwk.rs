//! Reads one public JWK (RFC 7517 4, RFC 7518 6, RFC 8037 2) as a key for one algorithm.

use aws_lc_rs::signature::RsaPublicKeyComponents;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::Value;

use super::algorithm::Algorithm;
use super::key::{KeyError, RSA_BITS, VerifyingKey};

/// The members that decide. Others are ignored (RFC 7517 4).
#[derive(Deserialize)]
pub(super) struct Members {
    kty: String,
    pub(super) kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// The private part of all three kinds.
    d: Option<Value>,
    /// The secret of a symmetric key.
    k: Option<Value>,
}

/// The key in `value`, for `algorithm`.
pub(super) fn read(value: &Value, algorithm: Algorithm) -> Result<VerifyingKey, KeyError> {
    Members::read(value).ok_or(KeyError::Malformed)?.key(algorithm)
}

impl Members {
    pub(super) fn read(value: &Value) -> Option<Self> {
        Self::deserialize(value).ok()
    }

    /// The one algorithm, out of those `accepted`, that this key is for: what it says itself, or
    /// what its kind leaves. `None` where none is left, or several.
    pub(super) fn algorithm(&self, accepted: &[Algorithm]) -> Option<Algorithm> {
        let fits = |algorithm: &&Algorithm| {
            self.alg.as_deref().is_none_or(|name| algorithm.is_named(name))
                && self.is_of_kind(**algorithm)
        };
        let mut fitting = accepted.iter().filter(fits);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }

    pub(super) fn key(&self, algorithm: Algorithm) -> Result<VerifyingKey, KeyError> {
        if self.d.is_some() || self.k.is_some() {
            return Err(KeyError::Private);
        }
        if !self.is_of_kind(algorithm) {
            return Err(KeyError::Kind);
        }
        let is_for_signatures = self.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        let may_verify =
            self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let fits = self.alg.as_deref().is_none_or(|name| algorithm.is_named(name));
        if !(is_for_signatures && may_verify && fits) {
            return Err(KeyError::OtherPurpose);
        }
        match curve_bytes(algorithm) {
            Some(length) => {
                let x = coordinate(self.x.as_deref(), length)?;
                let y = coordinate(self.y.as_deref(), length)?;
                // SEC 1 2.3.3: 0x04 announces an uncompressed point.
                VerifyingKey::of_bytes(algorithm, &[&[4], x.as_slice(), &y].concat())
            }
            None if algorithm == Algorithm::EdDsa => {
                VerifyingKey::of_bytes(algorithm, &coordinate(self.x.as_deref(), 32)?)
            }
            None => self.rsa(algorithm),
        }
    }

    fn rsa(&self, algorithm: Algorithm) -> Result<VerifyingKey, KeyError> {
        let (n, e) = (number(self.n.as_deref())?, number(self.e.as_deref())?);
        if !RSA_BITS.contains(&bits(&n)) {
            return Err(KeyError::Bits);
        }
        let components = RsaPublicKeyComponents { n, e };
        let parameters = &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
        let key = components.to_parsed_public_key(parameters).map_err(|_| KeyError::Malformed)?;
        VerifyingKey::of_der(algorithm, key.as_ref())
    }

    fn is_of_kind(&self, algorithm: Algorithm) -> bool {
        use super::algorithm::Family;

        let curve = match algorithm {
            Algorithm::Es256 => Some("P-256"),
            Algorithm::Es384 => Some("P-384"),
            Algorithm::Es512 => Some("P-521"),
            Algorithm::EdDsa => Some("Ed25519"),
            _ => None,
        };
        let kind = match algorithm.family() {
            Family::Hmac => return false,
            Family::Rsa => "RSA",
            Family::Ec => "EC",
            Family::Ed25519 => "OKP",
        };
        self.kty == kind && (curve.is_none() || self.crv.as_deref() == curve)
    }
}

/// The length of a coordinate (RFC 7518 6.2.1.2).
fn curve_bytes(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::Es256 => Some(32),
        Algorithm::Es384 => Some(48),
        Algorithm::Es512 => Some(66),
        _ => None,
    }
}

fn coordinate(text: Option<&str>, length: usize) -> Result<Vec<u8>, KeyError> {
    let bytes = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    bytes.filter(|bytes| bytes.len() == length).ok_or(KeyError::Malformed)
}

/// A positive number of the fewest octets (RFC 7518 2, `Base64urlUInt`).
fn number(text: Option<&str>) -> Result<Vec<u8>, KeyError> {
    let bytes = text.and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    bytes.filter(|bytes| bytes.first().is_some_and(|&first| first != 0)).ok_or(KeyError::Malformed)
}

fn bits(number: &[u8]) -> usize {
    let leading_zeros = number.first().map_or(0, |first| first.leading_zeros() as usize);
    number.len() * 8 - leading_zeros
}

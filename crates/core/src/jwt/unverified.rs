//! A compact JWS (RFC 7515 7.1) taken apart, about which nothing is known yet.
//!
//! What it says of itself serves to find the key and for nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use symbolon_verifier::strict_json;

use super::algorithm::Algorithm;
use super::claims::{Claims, claim_at};
use super::error::JwtError;
use super::key::VerifyingKey;

/// The longest token looked at, in bytes.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Header parameters that offer a key (RFC 7515 4.1.2, 4.1.3, 4.1.5, 4.1.6).
const KEYS: [&str; 4] = ["jku", "jwk", "x5u", "x5c"];
/// Header parameters that change what the payload is (RFC 7515 4.1.11, RFC 7797 3).
const EXTENSIONS: [&str; 2] = ["crit", "b64"];
/// Header parameters of encrypted tokens only (RFC 7516 4.1.2, 4.1.3).
const ENCRYPTION: [&str; 2] = ["enc", "zip"];

/// A token taken apart.
pub struct Unverified<'token> {
    header: Header,
    claims: Map<String, Value>,
    signing_input: &'token str,
    signature: Vec<u8>,
}

/// Claims whose signature has been checked, and nothing else of them.
pub struct Signed {
    pub(super) typ: Option<String>,
    pub(super) claims: Claims,
}

struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
}

/// Whether this is meant to be a JWT rather than an opaque token: neither ours nor those of
/// RFC 6750 that other servers hand out have a dot in them.
#[must_use]
pub fn has_shape(token: &[u8]) -> bool {
    memchr::memchr(b'.', token).is_some()
}

impl<'token> Unverified<'token> {
    /// Takes a token apart.
    pub fn parse(token: &'token str) -> Result<Self, JwtError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(JwtError::TooLong);
        }
        let (header, payload, signature) = parts(token)?;
        let signing_input = token.get(..header.len() + 1 + payload.len());
        let header = Header::read(&decoded(header)?)?;
        let claims = strict_json::object(&decoded(payload)?).map_err(|_| JwtError::Claims)?;
        if signature.is_empty() {
            return Err(JwtError::Unsigned);
        }
        Ok(Self {
            header,
            claims,
            signing_input: signing_input.ok_or(JwtError::Malformed)?,
            signature: decoded(signature)?,
        })
    }

    /// The algorithm it is said to be signed with.
    pub fn alg(&self) -> &str {
        &self.header.alg
    }

    /// The key it is said to be signed with.
    pub fn kid(&self) -> Option<&str> {
        self.header.kid.as_deref()
    }

    /// A claim of text, **to find the key with and for nothing else**.
    pub fn claimed(&self, path: &str) -> Option<&str> {
        claim_at(&self.claims, path).and_then(Value::as_str)
    }

    /// Checks the signature with a key that the token did not bring.
    pub fn verify(self, key: &VerifyingKey) -> Result<Signed, JwtError> {
        if !key.algorithm().is_named(&self.header.alg) {
            return Err(JwtError::Algorithm);
        }
        if !key.has_signed(self.signing_input.as_bytes(), &self.signature) {
            return Err(JwtError::Signature);
        }
        Ok(Signed { typ: self.header.typ, claims: Claims::new(self.claims) })
    }

    /// Whether a key of this algorithm could have signed it, by its own word.
    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        algorithm.is_named(&self.header.alg)
    }
}

/// Nothing of it is printed: it may be good.
impl std::fmt::Debug for Unverified<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unverified(..)")
    }
}

/// Names only what is public.
impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signed({:?}, ..)", self.typ)
    }
}

impl Header {
    fn read(json: &[u8]) -> Result<Self, JwtError> {
        let mut members: Map<String, Value> =
            strict_json::object(json).map_err(|_| JwtError::Header)?;
        let has = |names: &[&str]| names.iter().any(|name| members.contains_key(*name));
        if has(&ENCRYPTION) {
            return Err(JwtError::Encrypted);
        }
        if has(&EXTENSIONS) {
            return Err(JwtError::Critical);
        }
        if has(&KEYS) {
            return Err(JwtError::EmbeddedKey);
        }
        let alg = text(&mut members, "alg")?.ok_or(JwtError::Header)?;
        if alg.eq_ignore_ascii_case("none") {
            return Err(JwtError::Unsigned);
        }
        Ok(Self { alg, kid: text(&mut members, "kid")?, typ: text(&mut members, "typ")? })
    }
}

fn text(members: &mut Map<String, Value>, name: &str) -> Result<Option<String>, JwtError> {
    match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwtError::Header),
    }
}

/// Three parts; five are an encrypted token (RFC 7516 7.1).
fn parts(token: &str) -> Result<(&str, &str, &str), JwtError> {
    let mut parts = token.split('.');
    let (header, payload, signature) = (parts.next(), parts.next(), parts.next());
    match (header, payload, signature, parts.count()) {
        (Some(header), Some(payload), Some(signature), 0) => Ok((header, payload, signature)),
        (_, _, _, 2) => Err(JwtError::Encrypted),
        _ => Err(JwtError::Malformed),
    }
}

/// base64url in its one canonical form: no padding, no line breaks, no trailing bits.
fn decoded(part: &str) -> Result<Vec<u8>, JwtError> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| JwtError::Malformed)
}

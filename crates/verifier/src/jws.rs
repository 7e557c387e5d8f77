//! Compact JWS (RFC 7515 7.1), taken apart strictly and opened only with the right key.
//!
//! 1. Three non-empty parts of canonical base64url, at most 64 KiB together.
//! 2. The header is an object of `alg`, `kid` and `typ`. Any other parameter is refused rather than
//!    ignored: `crit` and `b64` change the meaning of the token, `jku`, `jwk`, `x5u` and `x5c` offer
//!    a key, and keys come from the configured set only (RFC 8725 3.10).
//! 3. `alg` must be the key's own algorithm (RFC 8725 3.1), so `none` and HMAC cannot match.
//!
//! The payload can be had only through [`Unverified::open`], after the signature has been checked.

use serde::Deserialize;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::VerifyError;
use crate::key_set::{KeySet, VerifyingKey};
use crate::strict_json;

/// The longest token looked at, in bytes. Session data is at most 16 KiB, so this is ample.
pub const MAX_TOKEN_BYTES: usize = 64 * 1024;

/// A token taken apart, about which nothing is known yet.
pub(crate) struct Unverified<'token> {
    header: Header,
    signing_input: &'token str,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

/// A payload whose signature has been checked, with the type its header gave it.
pub(crate) struct Signed {
    pub(crate) typ: Option<String>,
    pub(crate) payload: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: String,
    typ: Option<String>,
}

impl<'token> Unverified<'token> {
    pub(crate) fn parse(token: &'token str) -> Result<Self, VerifyError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(VerifyError::TooLong);
        }
        let (signing_input, signature) =
            token.rsplit_once('.').ok_or(VerifyError::NotCompactJws)?;
        let (header, payload) = signing_input.split_once('.').ok_or(VerifyError::NotCompactJws)?;
        let (header, payload, signature) = (part(header)?, part(payload)?, part(signature)?);
        let header = strict_json::object(&header).map_err(|_| VerifyError::Header)?;
        Ok(Self { header, signing_input, payload, signature })
    }

    /// The id of the key that is said to have signed this token.
    #[cfg(feature = "fetch")]
    pub(crate) fn kid(&self) -> &str {
        &self.header.kid
    }

    /// Checks the signature with the key of `keys` that the header names, if that key's algorithm
    /// is among those `accepted`.
    pub(crate) fn open(self, keys: &KeySet, accepted: &[Algorithm]) -> Result<Signed, VerifyError> {
        let key = keys.find(&self.header.kid).ok_or(VerifyError::UnknownKey)?;
        if !accepted.contains(&key.algorithm()) {
            return Err(VerifyError::Algorithm);
        }
        self.check_signature(key)?;
        Ok(Signed { typ: self.header.typ, payload: self.payload })
    }

    fn check_signature(&self, key: &VerifyingKey) -> Result<(), VerifyError> {
        if self.header.alg != key.algorithm().name() {
            return Err(VerifyError::Algorithm);
        }
        if !key.has_signed(self.signing_input.as_bytes(), &self.signature) {
            return Err(VerifyError::Signature);
        }
        Ok(())
    }
}

/// One part of the token. An empty one is refused: there is no internal token without a signature
/// or a payload. A fourth part fails here, because a dot is not in the alphabet.
fn part(text: &str) -> Result<Vec<u8>, VerifyError> {
    base64url::decode(text).filter(|bytes| !bytes.is_empty()).ok_or(VerifyError::NotCompactJws)
}

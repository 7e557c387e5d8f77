//! Mints internal tokens: claims, signature, compact form (RFC 7515 section 7.1).

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use symbolon_verifier::MAX_LIFETIME;

use super::grant::Grant;
use super::key_ring::KeyRing;
use crate::random::{self, Random};
use crate::time::Timestamp;

/// A token is not reused in the last part of its life, so that it does not expire on the way:
/// a quarter of its lifetime, and this at most.
const LONGEST_RESERVE: Duration = Duration::from_secs(10);

/// Mints for one issuer, every token with the same lifetime.
#[derive(Clone, Debug)]
pub struct Minter {
    issuer: String,
    lifetime_secs: i64,
}

/// A token for one service.
#[derive(Clone)]
pub struct Minted {
    /// The token in compact form, to be sent as `Authorization: Bearer`.
    pub token: Arc<str>,
    /// Until when it may be sent again instead of minting a new one.
    pub reuse_until: Timestamp,
}

/// The lifetime is not one that services accept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("lifetime of internal tokens must be 1 to {} seconds", MAX_LIFETIME.as_secs())]
pub struct LifetimeError;

/// Why no token was minted; the request is then not passed on.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// Every key was pulled, or none has begun to sign.
    #[error("no signing key is active")]
    NoActiveKey,
    /// The claims could not be written as JSON.
    #[error("claims cannot be encoded")]
    Claims(#[source] serde_json::Error),
    /// The cryptographic library refused to sign.
    #[error("token cannot be signed")]
    Sign,
}

impl Minter {
    /// For `issuer`; `lifetime` counts in whole seconds, the rest is dropped.
    ///
    /// # Errors
    /// [`LifetimeError`] below a second or over [`MAX_LIFETIME`], which no service accepts.
    pub fn new(issuer: impl Into<String>, lifetime: Duration) -> Result<Self, LifetimeError> {
        if lifetime > MAX_LIFETIME || lifetime < Duration::from_secs(1) {
            return Err(LifetimeError);
        }
        Ok(Self { issuer: issuer.into(), lifetime_secs: lifetime.as_secs().cast_signed() })
    }

    /// The issuer, as it stands in `iss`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A token for `audience` that lives from `now`, rounded down to the second, for the lifetime,
    /// or until what proves the principal ends.
    pub fn mint(
        &self,
        ring: &KeyRing,
        grant: &Grant<'_>,
        audience: &str,
        now: Timestamp,
        random: &dyn Random,
    ) -> Result<Minted, MintError> {
        let key = &ring.signer(now).ok_or(MintError::NoActiveKey)?.key;
        let jti: [u8; 16] = random::bytes(random);

        let mut claims = grant.claims();
        claims.iss.clone_from(&self.issuer);
        audience.clone_into(&mut claims.aud);
        claims.iat = now.as_secs();
        let ends_at = grant.ends_at.map_or(i64::MAX, Timestamp::as_secs);
        claims.exp = claims.iat.saturating_add(self.lifetime_secs).min(ends_at);
        claims.jti = URL_SAFE_NO_PAD.encode(jti);

        let payload = serde_json::to_vec(&claims).map_err(MintError::Claims)?;
        let mut token = String::with_capacity(key.header().len() + payload.len() * 4 / 3 + 96);
        token.push_str(key.header());
        URL_SAFE_NO_PAD.encode_string(&payload, &mut token);
        let signature = key.sign(token.as_bytes()).ok_or(MintError::Sign)?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);

        Ok(Minted {
            token: token.into(),
            reuse_until: Timestamp::from_secs(claims.exp).minus(self.reserve()),
        })
    }

    fn reserve(&self) -> Duration {
        LONGEST_RESERVE.min(Duration::from_secs(self.lifetime_secs.unsigned_abs()) / 4)
    }
}

//! The client token: what a client gets for one of its credentials, to show instead of it for a
//! few minutes.
//!
//! 1. It is for this system alone: issuer and audience are the public URL, the type is
//!    [`TYP`], and it is signed with a key that is derived from the master key and that no service
//!    can verify with. So it can be taken neither for an internal token nor the other way round.
//! 2. It says which client and by which credential, and carries no right of its own: roles, groups
//!    and scopes are the client's at the moment of a request.
//! 3. It is bound to the credential as it was. Where that is changed, disabled or gone, so is the
//!    token: from the next request on.
//! 4. It is not itself a credential that another token can be had for.

#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_lc_rs::constant_time;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::client::Proof;
use crate::id::ClientId;
use crate::jwt::{Algorithm, Claims, Expected, JwtError, Unverified, VerifyingKey};
use crate::random::{self, Random};
use crate::seal::MasterKey;
use crate::time::Timestamp;

/// The type in the token's header (RFC 8725 3.11).
pub const TYP: &str = "client+jwt";
/// How long it lives unless set otherwise.
pub const DEFAULT_LIFETIME: Duration = Duration::from_mins(5);
/// The longest that it may live.
pub const MAX_LIFETIME: Duration = Duration::from_mins(15);

/// How far the clocks of two nodes may differ.
const LEEWAY: Duration = Duration::from_secs(5);

/// Makes and judges client tokens.
#[derive(Clone)]
pub struct ClientTokens {
    signing: hmac::Key,
    binding: hmac::Key,
    verifying: VerifyingKey,
    expected: Expected,
}

/// A credential that was shown and is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedClient {
    /// Whose it is.
    pub client: ClientId,
    /// The credential, by its public name; `None` where an operator vouches.
    pub credential: Option<ProvedCredential>,
}

/// Which credential, and how it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedCredential {
    /// Its public name.
    pub id: std::sync::Arc<str>,
    /// What tells it from what it was or will be: [`Proof::digest`].
    pub digest: [u8; 32],
    /// From then on it is not good any more.
    pub expires_at: Option<Timestamp>,
}

/// A token for a client.
#[derive(Clone)]
pub struct IssuedToken {
    /// In compact form.
    pub token: String,
    /// For how long it is good.
    pub lifetime: Duration,
}

impl ClientTokens {
    /// For the system that is reached at `public_url`.
    pub fn derive(master: &MasterKey, public_url: &str) -> Self {
        let secret = hmac::sign(&master.derive("client-tokens"), b"signature");
        // INVARIANT: HMAC-SHA-256 makes the 32 bytes that HS256 asks for.
        let verifying = VerifyingKey::secret(Algorithm::Hs256, secret.as_ref())
            .unwrap_or_else(|_| std::process::abort());
        Self {
            signing: hmac::Key::new(hmac::HMAC_SHA256, secret.as_ref()),
            binding: master.derive("client-tokens: credentials"),
            verifying,
            expected: Expected {
                issuer: Some(public_url.to_owned()),
                audience: vec![public_url.to_owned()],
                audience_may_be_missing: false,
                types: vec![TYP.to_owned()],
                leeway: LEEWAY,
                max_lifetime: Some(MAX_LIFETIME),
            },
        }
    }

    /// `iss` of every client token: the public URL.
    pub fn issuer(&self) -> &str {
        self.expected.issuer.as_deref().unwrap_or_default()
    }

    /// A token for a client; no longer than its credential lives.
    pub fn issue(
        &self,
        client: &ProvedClient,
        lifetime: Duration,
        now: Timestamp,
        random: &dyn Random,
    ) -> IssuedToken {
        let begin = now.as_secs();
        let longest = lifetime.clamp(Duration::from_secs(1), MAX_LIFETIME).as_secs();
        let mut end = begin.saturating_add(longest.cast_signed());
        let mut claims = json!({
            "iss": self.issuer(),
            "aud": self.issuer(),
            "sub": client.client.as_str(),
            "client_id": client.client.as_str(),
            "iat": begin,
            "jti": URL_SAFE_NO_PAD.encode(random::bytes::<16>(random)),
        });
        if let (Some(credential), Some(members)) = (&client.credential, claims.as_object_mut()) {
            end = end.min(credential.expires_at.map_or(i64::MAX, Timestamp::as_secs));
            members.insert("credential".into(), json!(&*credential.id));
            members.insert("credential_state".into(), json!(self.bound_to(&credential.digest)));
        }
        if let Some(members) = claims.as_object_mut() {
            members.insert("exp".into(), json!(end));
        }
        let header = json!({ "alg": Algorithm::Hs256.name(), "typ": TYP }).to_string();
        let mut token = URL_SAFE_NO_PAD.encode(header);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let tag = hmac::sign(&self.signing, token.as_bytes());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(tag, &mut token);
        let lifetime = Duration::from_secs(end.saturating_sub(begin).max(0).unsigned_abs());
        IssuedToken { token, lifetime }
    }

    /// The claims of a token, and until when it counts. What its client and credential are by now
    /// is for the caller to find out: [`Self::is_bound_to`].
    pub fn verify(
        &self,
        token: Unverified<'_>,
        now: Timestamp,
    ) -> Result<(Claims, Timestamp), JwtError> {
        self.expected.check(token.verify(&self.verifying)?, now)
    }

    /// Whether a token was made for this credential as it is now.
    #[must_use]
    pub fn is_bound_to(&self, claims: &Claims, proof: &Proof) -> bool {
        let state = claims.text("credential_state").unwrap_or_default();
        let now = self.bound_to(&proof.digest());
        constant_time::verify_slices_are_equal(state.as_bytes(), now.as_bytes()).is_ok()
    }

    /// A keyed hash, so that nobody can try out secrets on a token.
    fn bound_to(&self, digest: &[u8; 32]) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.binding, digest))
    }
}

impl std::fmt::Debug for ClientTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ClientTokens(..)")
    }
}

impl std::fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuedToken(..)")
    }
}

//! `jwt`: a signed token (RFC 7519) of a client, of an outside issuer, or of this system.
//!
//! 1. `iss` decides whose rules hold: this system's own, those of the issuer of exactly that name,
//!    or else those of the client whose key the token names. The signature then has to be theirs.
//! 2. Rights are never taken from a token that its holder signed: a client's roles, groups and
//!    scopes are those that it was registered with. Of an outside issuer only what the settings
//!    name is believed.
//! 3. What was verified is remembered until it expires, and counts only while the key, the client
//!    and the credential are still the same: see [`verified::Basis`].

mod client_key;
mod client_token;
mod offered;
mod verified;
mod vouched;

use std::sync::Arc;

use symbolon_core::Timestamp;
use symbolon_core::client_token::ClientTokens;
use symbolon_core::jwt::{JwtError, Unverified};
use symbolon_store::Known;

use super::{Asked, Failure, Found, Means};
use crate::config::authenticators::Jwt as Settings;
use crate::issuers::Issuer;
use verified::{Verified, VerifiedTokens};

/// The authenticator with the keys that it knows and the tokens that it has seen.
pub(super) struct Jwt {
    issuers: Vec<Arc<Issuer>>,
    client_tokens: Arc<ClientTokens>,
    verified: VerifiedTokens,
}

/// Why a token is not taken.
enum Refusal {
    Token(JwtError),
    /// The client or its credential is none any more.
    Ended,
    /// There are no keys to judge it with.
    Unavailable(String),
}

impl Jwt {
    pub(super) fn new(settings: &Settings, means: &Means) -> Self {
        let issuers = settings.issuers.iter().map(|issuer| means.issuers.get(issuer));
        Self {
            issuers: issuers.collect(),
            client_tokens: Arc::clone(&means.client_tokens),
            verified: VerifiedTokens::new(&*means.random),
        }
    }

    pub(super) async fn ask(&self, settings: &Settings, asked: &Asked<'_>) -> Found {
        let token = match offered::token(settings, asked) {
            Ok(Some(token)) => token,
            Ok(None) => return Found::NotOffered,
            Err(failure) => return failure.into(),
        };
        let key = self.verified.key(&token);
        if let Some(verified) = self.verified.get(&key, asked.now)
            && verified.basis.holds(asked)
        {
            return verified.found(asked);
        }
        match self.judge(&token, settings, asked).await {
            Ok(verified) => {
                let found = verified.found(asked);
                if !asked.is_dry {
                    self.verified.put(key, verified, asked.now);
                }
                found
            }
            Err(Refusal::Token(error)) => refused(error.code(), error.to_string()).into(),
            // To whoever holds it, what was taken away is as unknown as what never was.
            Err(Refusal::Ended) => {
                let why = "the client or its credential is not known any more";
                refused("unknown_client", why.to_owned()).into()
            }
            Err(Refusal::Unavailable(why)) => Found::Unavailable(why),
        }
    }

    async fn judge(
        &self,
        token: &str,
        settings: &Settings,
        asked: &Asked<'_>,
    ) -> Result<Verified, Refusal> {
        let token = Unverified::parse(token)?;
        let issuer = token.claimed("iss");
        if issuer == Some(self.client_tokens.issuer()) {
            if !settings.client_tokens {
                return Err(JwtError::UnknownIssuer.into());
            }
            return client_token::judge(token, &self.client_tokens, asked);
        }
        let of_that_name = |one: &&Arc<Issuer>| issuer == Some(&*one.settings().issuer);
        if let Some(issuer) = self.issuers.iter().find(of_that_name) {
            return vouched::judge(token, issuer, &settings.claims, asked.now).await;
        }
        match &settings.client_keys {
            Some(keys) => client_key::judge(token, keys, asked),
            None => Err(JwtError::UnknownIssuer.into()),
        }
    }
}

impl From<JwtError> for Refusal {
    fn from(error: JwtError) -> Self {
        Self::Token(error)
    }
}

/// RFC 6750 section 3.1; the text is of characters that need no escape.
fn refused(code: &'static str, why: String) -> Failure {
    let params = format!("error=\"invalid_token\", error_description=\"{why}\"");
    Failure { params: Some(params.into()), ..Failure::new(code, why) }
}

/// A principal whose proof ends: by itself, or with the token.
fn until(known: &Known, end: Timestamp) -> Timestamp {
    known.expires_at.map_or(end, |expiry| expiry.min(end))
}

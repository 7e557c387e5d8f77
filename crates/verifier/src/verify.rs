//! Judges a token: is it an internal token, from our issuer, for this service, valid now?
//!
//! The order is fixed: signature, then type (RFC 9068 4), then issuer, audience and times
//! (RFC 7519 4.1). No clock and no I/O: the time is an argument, the keys are given.

use std::time::Duration;

use serde::Deserialize;

use crate::algorithm::Algorithm;
use crate::claims::{Claims, TYP};
use crate::error::VerifyError;
use crate::jws::{Signed, Unverified};
use crate::key_set::KeySet;
use crate::strict_json;

/// How far clocks may differ unless set otherwise.
pub const DEFAULT_LEEWAY: Duration = Duration::from_secs(5);
/// The most that clocks may be said to differ. A larger setting counts as this.
pub const MAX_LEEWAY: Duration = Duration::from_mins(1);
/// The longest life an internal token may have. The issuer's default is 60 seconds.
pub const MAX_LIFETIME: Duration = Duration::from_mins(10);

/// Verifies tokens with a fixed set of keys.
#[derive(Clone, Debug)]
pub struct Verifier {
    expected: Expected,
    keys: KeySet,
}

/// What a token has to say to be accepted by this service.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    issuer: String,
    audience: String,
    leeway: Duration,
    algorithms: Vec<Algorithm>,
}

impl Verifier {
    /// Accepts tokens that `issuer` minted for `audience`, this service's name, with one of `keys`.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, keys: KeySet) -> Self {
        Self { expected: Expected::new(issuer.into(), audience.into()), keys }
    }

    /// How far this machine's clock may differ from the issuer's: [`DEFAULT_LEEWAY`] unless set,
    /// [`MAX_LEEWAY`] at most.
    #[must_use]
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.expected.set_leeway(leeway);
        self
    }

    /// The algorithms to accept, where not every one that the issuer may be set to.
    #[must_use]
    pub fn with_algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.expected.set_algorithms(algorithms);
        self
    }

    /// The claims of `token`, if it is acceptable at `now`, in seconds since the Unix epoch.
    pub fn verify(&self, token: &str, now: i64) -> Result<Claims, VerifyError> {
        self.expected.verify(Unverified::parse(token)?, &self.keys, now)
    }
}

impl Expected {
    pub(crate) fn new(issuer: String, audience: String) -> Self {
        Self { issuer, audience, leeway: DEFAULT_LEEWAY, algorithms: Algorithm::ALL.to_vec() }
    }

    pub(crate) fn set_algorithms(&mut self, algorithms: &[Algorithm]) {
        self.algorithms = algorithms.to_vec();
    }

    pub(crate) fn set_leeway(&mut self, leeway: Duration) {
        self.leeway = leeway.min(MAX_LEEWAY);
    }

    pub(crate) fn verify(
        &self,
        token: Unverified<'_>,
        keys: &KeySet,
        now: i64,
    ) -> Result<Claims, VerifyError> {
        let Signed { typ, payload } = token.open(keys, &self.algorithms)?;
        if !typ.is_some_and(|typ| is_internal_token_type(&typ)) {
            return Err(VerifyError::TokenType);
        }
        let claims: Claims = read(&payload)?;
        if claims.iss != self.issuer {
            return Err(VerifyError::Issuer);
        }
        if claims.aud != self.audience {
            return Err(VerifyError::Audience);
        }
        self.check_times(&claims, read::<NotBefore>(&payload)?.nbf, now)?;
        Ok(claims)
    }

    fn check_times(&self, claims: &Claims, nbf: Option<i64>, now: i64) -> Result<(), VerifyError> {
        let leeway = seconds(self.leeway);
        let latest_start = now.saturating_add(leeway);
        // RFC 7519 4.1.4: not accepted on or after the expiry.
        if now >= claims.exp.saturating_add(leeway) {
            return Err(VerifyError::Expired);
        }
        if claims.iat > latest_start || nbf.is_some_and(|nbf| nbf > latest_start) {
            return Err(VerifyError::NotYetValid);
        }
        match claims.exp.checked_sub(claims.iat) {
            Some(1..=LONGEST) => Ok(()),
            _ => Err(VerifyError::Lifetime),
        }
    }
}

/// The issuer sets no `nbf`; one that is there is respected all the same (RFC 7519 4.1.5).
#[derive(Deserialize)]
struct NotBefore {
    nbf: Option<i64>,
}

const LONGEST: i64 = seconds(MAX_LIFETIME);

fn read<T: serde::de::DeserializeOwned>(payload: &[u8]) -> Result<T, VerifyError> {
    strict_json::object(payload).map_err(|_| VerifyError::Claims)
}

/// RFC 9068 4 and RFC 7515 4.1.9: a media type, compared without case, `application/` optional.
fn is_internal_token_type(typ: &str) -> bool {
    let typ = typ.to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == TYP
}

const fn seconds(duration: Duration) -> i64 {
    duration.as_secs().cast_signed()
}

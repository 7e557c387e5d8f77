//! Verifies tokens with keys fetched from the issuer, for services that run beside a gateway.
//!
//! The rules about keeping and refreshing keys are in `remote/key_source.rs`, those about fetching
//! in `remote/fetch.rs`. Nothing is fetched until the first token arrives, so a service may start
//! before its gateway.

mod clock;
mod discovery;
mod fetch;
mod key_source;

use std::sync::Arc;
use std::time::Duration;

pub use fetch::{FETCH_TIMEOUT, FetchError, MAX_METADATA_BYTES};
pub use key_source::{
    MAX_STALENESS, MIN_FETCH_INTERVAL, MIN_FETCH_INTERVAL_WITHOUT_KEYS, REFRESH_AFTER,
    REFRESH_FIRST_AFTER,
};

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::error::VerifyError;
use crate::jws::Unverified;
use crate::verify::{DEFAULT_LEEWAY, Expected};
use discovery::KeyLocation;
use key_source::KeySource;

/// Verifies tokens with the keys that the issuer publishes. Clones share their keys.
#[derive(Clone, Debug)]
pub struct RemoteVerifier {
    expected: Arc<Expected>,
    source: Arc<KeySource>,
}

/// Settings of a [`RemoteVerifier`].
#[derive(Clone, Debug)]
#[must_use = "nothing happens until `build`"]
pub struct RemoteVerifierBuilder {
    jwks_url: Option<String>,
    issuer: String,
    audience: String,
    leeway: Duration,
    algorithms: Vec<Algorithm>,
}

/// Why a [`RemoteVerifier`] did not accept a token.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RemoteError {
    /// The token is refused: the caller's fault.
    #[error(transparent)]
    Token(#[from] VerifyError),
    /// No keys, or none fetched within [`MAX_STALENESS`]: nobody can be judged.
    #[error("the issuer's keys cannot be had")]
    KeysUnavailable(#[source] Option<Arc<FetchError>>),
}

impl RemoteVerifier {
    /// Fetches the keys from `jwks_url` and accepts tokens that `issuer` minted for `audience`,
    /// this service's name.
    pub fn builder(
        jwks_url: impl Into<String>,
        issuer: impl Into<String>,
        audience: impl Into<String>,
    ) -> RemoteVerifierBuilder {
        RemoteVerifierBuilder {
            jwks_url: Some(jwks_url.into()),
            ..Self::discover(issuer, audience)
        }
    }

    /// As [`RemoteVerifier::builder`], with the address of the keys read from the issuer's
    /// `/.well-known/openid-configuration` (`OpenID` Connect Discovery 4).
    pub fn discover(
        issuer: impl Into<String>,
        audience: impl Into<String>,
    ) -> RemoteVerifierBuilder {
        RemoteVerifierBuilder {
            jwks_url: None,
            issuer: issuer.into(),
            audience: audience.into(),
            leeway: DEFAULT_LEEWAY,
            algorithms: Algorithm::ALL.to_vec(),
        }
    }

    /// The claims of `token`, if it is acceptable now. Has to run on a tokio runtime.
    ///
    /// Waits for the network only when the token names a key that is not at hand. Dropping the
    /// future does not stop a fetch that others may be waiting for.
    pub async fn verify(&self, token: &str) -> Result<Claims, RemoteError> {
        let token = Unverified::parse(token)?;
        let keys = self.source.keys_with(token.kid()).await?;
        Ok(self.expected.verify(token, &keys, clock::unix_seconds())?)
    }
}

impl RemoteVerifierBuilder {
    /// How far this machine's clock may differ from the issuer's: [`DEFAULT_LEEWAY`] unless set,
    /// [`MAX_LEEWAY`](crate::MAX_LEEWAY) at most.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// The algorithms to accept, where not every one that the issuer may be set to.
    pub fn algorithms(mut self, algorithms: &[Algorithm]) -> Self {
        self.algorithms = algorithms.to_vec();
        self
    }

    /// Checks the address. Fails with [`FetchError::Address`] where it is not an `http` URL.
    pub fn build(self) -> Result<RemoteVerifier, FetchError> {
        let location = match self.jwks_url {
            Some(url) => KeyLocation::at(&url)?,
            None => KeyLocation::of_issuer(&self.issuer)?,
        };
        let mut expected = Expected::new(self.issuer, self.audience);
        expected.set_leeway(self.leeway);
        expected.set_algorithms(&self.algorithms);
        Ok(RemoteVerifier {
            expected: Arc::new(expected),
            source: Arc::new(KeySource::new(location)),
        })
    }
}

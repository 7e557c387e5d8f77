//! What proves who a principal is: one file for each kind, and the same question to all.
//!
//! 1. Each answers *not offered*, *authenticated* or *failed*, or that it cannot tell right now.
//! 2. A failure has a code that the caller may read and a detail for the log. Neither repeats what
//!    was shown, and neither tells whether a name exists.
//! 3. What an authenticator keeps (caches, pools, keys of others) lives as long as its settings
//!    stay the same, over reloads.

mod api_key;
mod bearer;
mod chain;
mod failure;
mod jwt;
mod registry;
mod session;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use symbolon_core::Timestamp;
use symbolon_store::{Directories, Known, Sessions, StoreError};

use crate::config::authenticators::{Authenticator, AuthenticatorKind};
use crate::downstream::Downstream;
use crate::stage::{Clean, Identity};

pub(crate) use chain::{BoundChain, Outcome, Witness};
pub(crate) use failure::{Failed, Failure};
pub(crate) use registry::{Authenticators, Means};

/// A request whose sender wants to be known, and what there is to tell by.
pub(crate) struct Asked<'a> {
    pub(crate) clean: &'a Clean,
    pub(crate) downstream: &'a Downstream,
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) clients: Directories<'a>,
    pub(crate) now: Timestamp,
    /// Whether more than one of the route's authenticators looks at `Authorization: Bearer`: then
    /// each takes only what has its own shape.
    pub(crate) shares_bearer: bool,
    /// Where a session cookie that opens nothing is noted and otherwise overlooked; `None` where it
    /// is a failure like any other.
    pub(crate) dead_cookie: Option<&'a AtomicBool>,
    /// Whether this is only to explain a request: nothing is counted, remembered or used up.
    pub(crate) is_dry: bool,
}

/// What an authenticator says.
pub(crate) enum Answer {
    NotOffered,
    Authenticated(Identity),
    /// Offered and not good.
    Failed(Failure),
    /// Nobody can say; what is wrong is for the log.
    Unavailable(String),
}

/// An authenticator with what it keeps.
pub(crate) struct BoundAuthenticator {
    pub(crate) settings: Arc<Authenticator>,
    kept: Kept,
}

/// What an authenticator keeps between requests.
enum Kept {
    Nothing,
    Jwt(Box<jwt::Jwt>),
}

impl BoundAuthenticator {
    pub(crate) fn new(settings: Arc<Authenticator>, means: &Means) -> Self {
        let kept = match &settings.kind {
            AuthenticatorKind::Jwt(settings) => {
                let Means { issuers, client_tokens, random } = means;
                Kept::Jwt(Box::new(jwt::Jwt::new(settings, issuers, client_tokens, &**random)))
            }
            _ => Kept::Nothing,
        };
        Self { settings, kept }
    }

    /// Its name in the configuration.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.settings.name
    }

    pub(crate) async fn ask(&self, asked: &Asked<'_>) -> Answer {
        match (&self.settings.kind, &self.kept) {
            (AuthenticatorKind::Session, _) => session::ask(asked).await,
            (AuthenticatorKind::Bearer, _) => bearer::ask(asked).await,
            (AuthenticatorKind::ApiKey(settings), _) => self.known(api_key::ask(settings, asked)),
            (AuthenticatorKind::Jwt(settings), Kept::Jwt(jwt)) => {
                self.known(jwt.ask(settings, asked).await)
            }
            // INVARIANT: what is kept is made of the settings. Were it not, nobody would be let in.
            (AuthenticatorKind::Jwt(_), _) => Answer::Unavailable("no keys are kept".to_owned()),
        }
    }

    /// What it asks for in `WWW-Authenticate` (RFC 9110 section 11.6.1), without parameters of a
    /// failure.
    pub(crate) fn challenge(&self) -> &'static str {
        match &self.settings.kind {
            // RFC 9110 wants a challenge, and there is no registered scheme for cookies.
            AuthenticatorKind::Session | AuthenticatorKind::Bearer | AuthenticatorKind::Jwt(_) => {
                "Bearer realm=\"symbolon\""
            }
            AuthenticatorKind::ApiKey(_) => "ApiKey realm=\"symbolon\"",
        }
    }

    /// Somebody without a session of ours, proved by this authenticator.
    fn known(&self, found: Found) -> Answer {
        match found {
            Found::NotOffered => Answer::NotOffered,
            Found::Known(known) => {
                Answer::Authenticated(Identity::Known { known, by: Arc::clone(self.name()) })
            }
            Found::Failed(failure) => Answer::Failed(failure),
            Found::Unavailable(why) => Answer::Unavailable(why),
        }
    }
}

/// What an authenticator finds that knows no sessions.
pub(crate) enum Found {
    NotOffered,
    Known(Arc<Known>),
    Failed(Failure),
    Unavailable(String),
}

impl From<Failure> for Found {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<StoreError> for Answer {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(symbolon_core::error::chain(&error))
    }
}

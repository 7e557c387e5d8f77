//! What proves who a principal is: one file for each kind, and the same question to all.
//!
//! 1. Each answers *not offered*, *authenticated* or *failed*, or that it cannot tell right now.
//! 2. A failure has a code that the caller may read and a detail for the log. Neither repeats what
//!    was shown, and neither tells whether a name exists.
//! 3. What an authenticator keeps (caches, pools, keys of others) lives as long as its settings
//!    stay the same, over reloads.

mod api_key;
mod basic;
mod bearer;
mod chain;
mod failure;
mod jwt;
mod mtls;
mod registry;
mod session;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use symbolon_core::Timestamp;
use symbolon_store::{Directories, Known, Passwords, Sessions, StoreError};

use crate::config::authenticators::{Authenticator, AuthenticatorKind};
use crate::downstream::Downstream;
use crate::stage::{Clean, Identity};
use crate::trusted::TrustedProxies;

pub(crate) use chain::{BoundChain, Outcome};
pub(crate) use failure::{Failed, Failure};
pub(crate) use registry::{Authenticators, Means};

/// A request whose sender wants to be known, and what there is to tell by.
pub(crate) struct Asked<'a> {
    pub(crate) clean: &'a Clean,
    pub(crate) downstream: &'a Downstream,
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) clients: Directories<'a>,
    pub(crate) passwords: &'a Passwords,
    pub(crate) trusted_proxies: &'a TrustedProxies,
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
    /// Too many guesses: nothing was verified. When it is worth trying again.
    Throttled(Duration),
}

/// An authenticator with what it keeps.
pub(crate) struct BoundAuthenticator {
    pub(crate) settings: Arc<Authenticator>,
    state: State,
}

/// What is kept between requests.
enum State {
    Nothing,
    Basic(basic::State),
    Jwt(Box<jwt::Jwt>),
}

impl State {
    fn of(kind: &AuthenticatorKind, means: &Means) -> Self {
        match kind {
            AuthenticatorKind::Basic(_) => Self::Basic(basic::State::new()),
            AuthenticatorKind::Jwt(settings) => Self::Jwt(Box::new(jwt::Jwt::new(settings, means))),
            _ => Self::Nothing,
        }
    }
}

impl BoundAuthenticator {
    pub(crate) fn new(settings: Arc<Authenticator>, means: &Means) -> Self {
        Self { state: State::of(&settings.kind, means), settings }
    }

    /// Its name in the configuration.
    pub(crate) fn name(&self) -> &Arc<str> {
        &self.settings.name
    }

    pub(crate) async fn ask(&self, asked: &Asked<'_>) -> Answer {
        match (&self.settings.kind, &self.state) {
            (AuthenticatorKind::Session, _) => session::ask(asked).await,
            (AuthenticatorKind::Bearer, _) => bearer::ask(asked).await,
            (AuthenticatorKind::ApiKey(settings), _) => self.known(api_key::ask(settings, asked)),
            (AuthenticatorKind::Mtls(settings), _) => self.known(mtls::ask(settings, asked)),
            (AuthenticatorKind::Basic(settings), State::Basic(state)) => {
                self.known(state.ask(settings, asked).await)
            }
            (AuthenticatorKind::Jwt(settings), State::Jwt(state)) => {
                self.known(state.ask(settings, asked).await)
            }
            // INVARIANT: the state was made for the kind.
            _ => Answer::Unavailable("an authenticator without what it works with".to_owned()),
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
            AuthenticatorKind::Basic(_) => "Basic realm=\"symbolon\", charset=\"UTF-8\"",
            AuthenticatorKind::Mtls(_) => "ClientCertificate realm=\"symbolon\"",
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
            Found::Throttled(wait) => Answer::Throttled(wait),
        }
    }
}

/// What an authenticator finds that knows no sessions.
pub(crate) enum Found {
    NotOffered,
    Known(Arc<Known>),
    Failed(Failure),
    Unavailable(String),
    Throttled(Duration),
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

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
pub(crate) mod forward;
mod generations;
mod hmac;
mod http_client;
mod introspection;
mod jwt;
mod known_cache;
pub(crate) mod ldap;
mod mtls;
mod outside;
mod own;
mod registry;
mod scalars;
mod session;
mod takers;
mod turns;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use symbolon_core::Timestamp;
use symbolon_core::throttle::Source;
use symbolon_store::{Directories, Known, Passwords, Sessions, StoreError};

use crate::config::authenticators::{Authenticator, AuthenticatorKind};
use crate::downstream::Downstream;
use crate::replay::Replays;
use crate::signed_body::Demands;
use crate::stage::{Clean, Identity, Matched};
use crate::trusted::TrustedProxies;

pub(crate) use chain::{BoundChain, Outcome};
pub(crate) use failure::{Failed, Failure, Refusal, Whose};
use outside::Outside;
pub(crate) use registry::{Authenticators, Means};
pub(crate) use takers::Takers;

/// A request whose sender wants to be known, and what there is to tell by.
pub(crate) struct Asked<'a> {
    pub(crate) clean: &'a Clean,
    pub(crate) matched: &'a Matched,
    pub(crate) downstream: &'a Downstream,
    pub(crate) sessions: &'a Arc<Sessions>,
    pub(crate) clients: Directories<'a>,
    /// Signatures that were used.
    pub(crate) replays: &'a Replays,
    /// `http` or `https`, from the public URL.
    pub(crate) public_scheme: &'static str,
    /// The length of the body, where it was announced.
    pub(crate) announced: Option<u64>,
    /// What credentials say of the body, for whoever reads it.
    pub(crate) body: &'a Demands,
    pub(crate) passwords: &'a Passwords,
    pub(crate) trusted_proxies: &'a TrustedProxies,
    /// The public URL without its scheme.
    pub(crate) site: &'a str,
    pub(crate) now: Timestamp,
    /// Who of the route's authenticators looks at `Authorization: Bearer`.
    pub(crate) takers: Takers,
    /// Where a session cookie that opens nothing is noted and otherwise overlooked; `None` where it
    /// is a failure like any other.
    pub(crate) dead_cookie: Option<&'a AtomicBool>,
    /// Whether this is only to explain a request: nothing is counted, remembered or used up.
    pub(crate) is_dry: bool,
}

impl Asked<'_> {
    /// The scheme by which the caller reached us.
    pub(crate) fn scheme(&self) -> &'static str {
        self.downstream.scheme(self.public_scheme)
    }

    /// Where the request comes from, as budgets see it.
    pub(crate) fn source(&self) -> Source {
        Source::from(Some(self.clean.source().ip()))
    }

    /// How long the request's source has to wait, because wrong credentials came from there. To
    /// be asked before a question to somebody else. What can be checked here, keys and signatures,
    /// is checked all the same, so that a right credential passes whoever guesses beside it.
    pub(crate) fn blocked(&self) -> Option<Duration> {
        self.passwords.attempts().blocked(self.source())
    }
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
    Ldap(ldap::Directory),
    Introspection(introspection::Server),
    Forward(forward::Service),
    Jwt(Box<jwt::Jwt>),
}

impl State {
    fn of(settings: &Authenticator, outside: &Arc<Outside>, means: &Means) -> Self {
        let name = &settings.name;
        match &settings.kind {
            AuthenticatorKind::Basic(_) => Self::Basic(basic::State::new()),
            AuthenticatorKind::Jwt(jwt) => Self::Jwt(Box::new(jwt::Jwt::new(jwt, means))),
            AuthenticatorKind::Ldap(ldap) => Self::Ldap(ldap::Directory::new(name, ldap, outside)),
            AuthenticatorKind::Introspection(introspection) => {
                Self::Introspection(introspection::Server::new(name, introspection, outside))
            }
            AuthenticatorKind::Forward(forward) => {
                Self::Forward(forward::Service::new(name, forward, outside))
            }
            _ => Self::Nothing,
        }
    }
}

impl BoundAuthenticator {
    pub(crate) fn new(settings: Arc<Authenticator>, outside: &Arc<Outside>, means: &Means) -> Self {
        Self { state: State::of(&settings, outside, means), settings }
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
            (AuthenticatorKind::Hmac(settings), _) => {
                self.known(hmac::ask(settings, self.name(), asked))
            }
            (AuthenticatorKind::Mtls(settings), _) => self.known(mtls::ask(*settings, asked)),
            // What may wait for others keeps much while it waits: that has a place of its own, so
            // that every other request does not make room for it.
            (AuthenticatorKind::Basic(settings), State::Basic(state)) => {
                self.known(Box::pin(state.ask(settings, asked)).await)
            }
            (AuthenticatorKind::Jwt(settings), State::Jwt(state)) => {
                self.known(Box::pin(state.ask(settings, asked)).await)
            }
            (_, State::Ldap(directory)) => self.known(Box::pin(directory.ask(asked)).await),
            (_, State::Introspection(server)) => self.known(Box::pin(server.ask(asked)).await),
            (_, State::Forward(service)) => self.known(Box::pin(service.ask(asked)).await),
            // INVARIANT: the state was made for the kind.
            _ => Answer::Unavailable("an authenticator without what it works with".to_owned()),
        }
    }

    /// What it asks for in `WWW-Authenticate` (RFC 9110 section 11.6.1), without parameters of a
    /// failure.
    pub(crate) fn challenge(&self) -> &'static str {
        match &self.settings.kind {
            // RFC 9110 wants a challenge, and there is no registered scheme for cookies.
            AuthenticatorKind::Session
            | AuthenticatorKind::Bearer
            | AuthenticatorKind::Jwt(_)
            | AuthenticatorKind::Introspection(_)
            | AuthenticatorKind::Forward(_) => "Bearer realm=\"symbolon\"",
            AuthenticatorKind::Ldap(settings) => ldap::challenge(settings),
            AuthenticatorKind::ApiKey(_) => "ApiKey realm=\"symbolon\"",
            AuthenticatorKind::Hmac(settings) => hmac::challenge(settings),
            AuthenticatorKind::Basic(_) => "Basic realm=\"symbolon\", charset=\"UTF-8\"",
            AuthenticatorKind::Mtls(_) => "ClientCertificate realm=\"symbolon\"",
        }
    }

    /// Somebody without a session of ours, proved by this authenticator.
    fn known(&self, found: Found) -> Answer {
        match found {
            Found::NotOffered => Answer::NotOffered,
            Found::Known(known) => Answer::Authenticated(Identity::Known {
                known,
                by: Arc::clone(self.name()),
                beside: Vec::new(),
            }),
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

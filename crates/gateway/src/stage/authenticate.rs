//! authenticate: the route's chain of authenticators, first offered credential decides.
//!
//! Each authenticator answers *not offered*, *authenticated* or *failed*; a failed one ends the
//! chain. One exception, on routes where anonymous is welcome: a session cookie that opens
//! nothing is sent by the browser on its own, so there it counts as not offered and is cleared.

mod api_key;
mod bearer;
mod session;

use std::sync::Arc;

use symbolon_core::{ClientId, Timestamp};
use symbolon_store::{LiveSession, Sessions};

use super::{Admitted, login};
use crate::config::{Authenticate, Authenticator, WhenUnauthenticated};
use crate::rejection::{Challenge, Reason, Rejection};
use crate::snapshot::{KnownClient, Snapshot};

/// A request whose principal is known, or which may be anonymous.
#[derive(Debug)]
pub(crate) struct Identified {
    admitted: Admitted,
    identity: Identity,
    clear_cookie: bool,
}

/// Who, and how that was proved.
#[derive(Clone)]
pub(crate) enum Identity {
    /// Nobody was asked for, or nobody needs to be known.
    Anonymous,
    /// An end user with a session.
    Session { live: Arc<LiveSession>, by: Authenticator },
    /// A client with its own key.
    Client(Arc<KnownClient>),
}

/// What an authenticator says.
pub(super) enum Answer {
    NotOffered,
    Authenticated(Identity),
    /// Offered and not good; why is for the log.
    Failed(&'static str),
    /// The store cannot say.
    Unavailable(symbolon_store::StoreError),
}

impl Admitted {
    /// Walks through the chain.
    pub(crate) async fn authenticate(
        self,
        sessions: &Arc<Sessions>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Result<Identified, Rejection> {
        let route = &self.matched().route().route;
        let Authenticate::Any { chain, optional } = &route.authenticate else {
            return Ok(self.identified(Identity::Anonymous, false));
        };
        let mut clear_cookie = false;
        for authenticator in chain {
            match self.ask(*authenticator, sessions, snapshot, now).await {
                Answer::NotOffered => {}
                Answer::Authenticated(identity) => return Ok(self.identified(identity, false)),
                Answer::Failed(_) if *optional && *authenticator == Authenticator::Session => {
                    clear_cookie = true;
                }
                Answer::Failed(why) => {
                    // A foreign page must not make the browser forget a session that goes on.
                    let from_cookie = *authenticator == Authenticator::Session
                        && !self.matched().clean().is_foreign_upgrade();
                    let reason = self.unauthenticated(Some(*authenticator));
                    return Err(Rejection::new(reason, why).clearing_cookie(from_cookie));
                }
                Answer::Unavailable(error) => {
                    let detail = symbolon_core::error::chain(&error);
                    return Err(Rejection::new(Reason::Unavailable, detail));
                }
            }
        }
        if *optional {
            return Ok(self.identified(Identity::Anonymous, clear_cookie));
        }
        let reason = self.unauthenticated(None);
        Err(Rejection::new(reason, "no credential was offered"))
    }

    async fn ask(
        &self,
        authenticator: Authenticator,
        sessions: &Arc<Sessions>,
        snapshot: &Snapshot,
        now: Timestamp,
    ) -> Answer {
        let clean = self.matched().clean();
        let presented = clean.presented();
        match authenticator {
            Authenticator::Session if clean.is_foreign_upgrade() => {
                Answer::Failed("a page of another origin opens a WebSocket")
            }
            Authenticator::Session => session::ask(presented, sessions, now).await,
            Authenticator::Bearer => bearer::ask(presented, sessions, now).await,
            Authenticator::ApiKey => api_key::ask(presented, &snapshot.clients),
        }
    }

    /// What an unauthenticated request is told: log in, or 401.
    pub(super) fn unauthenticated(&self, failed: Option<Authenticator>) -> Reason {
        let clean = self.matched().clean();
        let route = &self.matched().route().route;
        let log_in = match route.when_unauthenticated {
            WhenUnauthenticated::Auto => {
                login::can_log_in(&route.authenticate, failed) && login::is_navigation(clean)
            }
            WhenUnauthenticated::Login => true,
            WhenUnauthenticated::Reject => false,
        };
        if log_in {
            return Reason::LogIn(login::return_to(clean));
        }
        let challenge = match &route.authenticate {
            Authenticate::Any { chain, .. }
                if chain.iter().all(|one| *one == Authenticator::ApiKey) =>
            {
                Challenge::ApiKey
            }
            _ => Challenge::Bearer,
        };
        match failed {
            Some(_) => Reason::BadCredentials(challenge),
            None => Reason::NoCredentials(challenge),
        }
    }

    fn identified(self, identity: Identity, clear_cookie: bool) -> Identified {
        Identified { admitted: self, identity, clear_cookie }
    }
}

impl Identified {
    pub(crate) fn admitted(&self) -> &Admitted {
        &self.admitted
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// Whether a session cookie came along that opens nothing.
    pub(crate) fn clear_cookie(&self) -> bool {
        self.clear_cookie
    }
}

impl Identity {
    /// The session, where there is one.
    pub(crate) fn session(&self) -> Option<&Arc<LiveSession>> {
        match self {
            Self::Session { live, .. } => Some(live),
            Self::Anonymous | Self::Client(_) => None,
        }
    }

    /// The principal's name.
    pub(crate) fn principal(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Session { live, .. } => Some(live.session.subject.as_str()),
            Self::Client(client) => Some(ClientId::as_str(&client.id)),
        }
    }

    /// The authenticator that proved it, in the words of the configuration.
    pub(crate) fn authenticator(&self) -> Option<&'static str> {
        match self {
            Self::Anonymous => None,
            Self::Session { by, .. } => Some(by.name()),
            Self::Client(_) => Some(Authenticator::ApiKey.name()),
        }
    }
}

/// Names only what is public.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({:?} by {:?})", self.principal(), self.authenticator())
    }
}

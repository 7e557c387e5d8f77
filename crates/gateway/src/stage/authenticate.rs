//! authenticate: the route's chain of authenticators ([`crate::authenticator`]).
//!
//! A credential that was offered and is not good ends the chain. One exception, on routes where
//! anonymous is welcome: a session cookie that opens nothing is sent by the browser on its own, so
//! there it counts as not offered and is cleared.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use symbolon_core::Timestamp;
use symbolon_store::Directories;

use super::{Admitted, Identity, login};
use crate::authenticator::{Asked, Failed, Outcome};
use crate::config::WhenUnauthenticated;
use crate::decide::Grounds;
use crate::progress::Progress;
use crate::rejection::{Reason, Rejection, Unauthenticated};
use crate::signed_body::Demands;

/// A request whose principal is known, or which may be anonymous.
#[derive(Debug)]
pub(crate) struct Identified {
    admitted: Admitted,
    identity: Identity,
    clear_cookie: bool,
    demands: Demands,
    at: Timestamp,
}

impl Admitted {
    /// Walks through the chain.
    pub(crate) async fn authenticate(
        self,
        grounds: &Grounds<'_>,
        progress: &mut dyn Progress,
    ) -> Result<Identified, Rejection> {
        let bound = self.matched().route();
        let Some(guard) = bound.guard() else {
            return Ok(self.identified(Identity::Anonymous, false, grounds.now));
        };
        // Whoever else has the store may have changed clients.
        grounds.clients.follow().await.map_err(|error| {
            Rejection::new(Reason::Unavailable, symbolon_core::error::chain(&error))
        })?;
        let dead_cookie = AtomicBool::new(false);
        let demands = Demands::default();
        let asked = Asked {
            clean: self.matched().clean(),
            matched: self.matched(),
            downstream: grounds.downstream,
            sessions: grounds.sessions,
            clients: Directories { file: &grounds.snapshot.clients, store: grounds.clients },
            replays: grounds.replays,
            public_scheme: grounds.snapshot.scheme,
            announced: self.announced(),
            body: &demands,
            passwords: grounds.passwords,
            trusted_proxies: &grounds.snapshot.trusted_proxies,
            site: &grounds.snapshot.authority,
            now: grounds.now,
            takers: guard.takers,
            dead_cookie: guard.optional.then_some(&dead_cookie),
            is_dry: grounds.is_dry,
        };
        match guard.chain.ask(&asked, progress).await {
            Outcome::Authenticated(identity) => {
                Ok(Identified { demands, ..self.identified(identity, false, grounds.now) })
            }
            Outcome::NotOffered if guard.optional => {
                let is_dead = dead_cookie.load(Ordering::Relaxed);
                let clear_cookie = is_dead && !self.is_of_foreign_page();
                Ok(self.identified(Identity::Anonymous, clear_cookie, grounds.now))
            }
            Outcome::NotOffered => {
                Err(Rejection::new(self.unauthenticated(None), "no credential was offered"))
            }
            Outcome::Failed(failed) => Err(self.refuse(*failed)),
            Outcome::Unavailable(why) => Err(Rejection::new(Reason::Unavailable, why)),
            Outcome::Throttled(wait) => {
                Err(Rejection::new(Reason::Throttled(wait.as_secs().max(1)), "guesses"))
            }
        }
    }

    fn refuse(&self, failed: Failed) -> Rejection {
        let is_dead = failed.is_session && !failed.failure.keeps_cookie;
        let clear_cookie = is_dead && !self.is_of_foreign_page();
        let why = failed.failure.detail.clone();
        let authenticator = Arc::clone(&failed.authenticator);
        if let Some(refusal) = &failed.failure.refusal {
            let (status, refusal) = (refusal.status, Arc::clone(refusal));
            let reason = Reason::RefusedOutside(status, refusal);
            return Rejection::new(reason, why).of(&authenticator);
        }
        Rejection::new(self.unauthenticated(Some(failed)), why)
            .of(&authenticator)
            .clearing_cookie(clear_cookie)
    }

    /// Whether a foreign page asks: it must not make the browser forget a session that goes on.
    fn is_of_foreign_page(&self) -> bool {
        self.matched().clean().is_foreign_upgrade()
    }

    /// What an unauthenticated request is told: log in, or 401.
    pub(super) fn unauthenticated(&self, failed: Option<Failed>) -> Reason {
        let matched = self.matched();
        let bound = matched.route();
        let log_in = match bound.route.when_unauthenticated {
            WhenUnauthenticated::Auto => {
                let cookie_may_help = failed.as_ref().is_none_or(|failed| failed.is_session);
                cookie_may_help
                    && bound.route.authenticate.takes_sessions()
                    && login::is_navigation(matched.clean())
            }
            WhenUnauthenticated::Login => true,
            WhenUnauthenticated::Reject => false,
        };
        if log_in {
            return Reason::LogIn(login::return_to(matched));
        }
        let challenges = bound.guard().map(|guard| Arc::clone(&guard.challenges));
        let said = Box::new(Unauthenticated { challenges: challenges.unwrap_or_default(), failed });
        if said.failed.is_some() {
            Reason::BadCredentials(said)
        } else {
            Reason::NoCredentials(said)
        }
    }

    fn identified(self, identity: Identity, clear_cookie: bool, at: Timestamp) -> Identified {
        let demands = Demands::default();
        Identified { admitted: self, identity, clear_cookie, demands, at }
    }
}

impl Identified {
    pub(crate) fn admitted(&self) -> &Admitted {
        &self.admitted
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }

    /// When that was judged.
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    /// What was signed of the body.
    pub(crate) fn demands(&self) -> &Demands {
        &self.demands
    }

    /// Whether a session cookie came along that opens nothing.
    pub(crate) fn clear_cookie(&self) -> bool {
        self.clear_cookie
    }
}

//! A route's authenticators: any of them, all of them, or both in turn.
//!
//! 1. Of *any*, the first that is offered a credential decides. One that was offered and is not
//!    good ends it: a stolen key must not be tried behind a good one, and the caller learns which
//!    of their credentials is wrong.
//! 2. Of *all*, each has to be satisfied, and together they must speak of one end user and of one
//!    client. Where none is offered anything, nothing was offered; where some are, the first that
//!    is missing is the failure.
//! 3. Whoever answers without a credential (`forward`) is asked last of *all*, and only once the
//!    others are satisfied: its yes is nothing that anybody offered.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Answer, Asked, BoundAuthenticator, Failed, Failure};
use crate::config::authenticators::AuthenticatorKind;
use crate::progress::Progress;
use crate::stage::Identity;

/// A chain with what its authenticators keep.
pub(crate) enum BoundChain {
    One(Arc<BoundAuthenticator>),
    Any(Vec<BoundChain>),
    All(Vec<BoundChain>),
}

/// What a chain says.
pub(crate) enum Outcome {
    NotOffered,
    Authenticated(Identity),
    Failed(Box<Failed>),
    Unavailable(String),
    Throttled(Duration),
}

impl BoundChain {
    /// Asks.
    pub(crate) async fn ask(&self, asked: &Asked<'_>, progress: &mut dyn Progress) -> Outcome {
        match self {
            Self::One(one) => one.outcome(asked, progress).await,
            Self::Any(chains) => {
                for chain in chains {
                    // Nearly every chain is flat; only what is nested costs an allocation.
                    let outcome = match chain {
                        Self::One(one) => one.outcome(asked, progress).await,
                        nested => nested.ask_nested(asked, progress).await,
                    };
                    if !matches!(outcome, Outcome::NotOffered) {
                        return outcome;
                    }
                }
                Outcome::NotOffered
            }
            Self::All(chains) => ask_all(chains, asked, progress).await,
        }
    }

    fn ask_nested<'a>(
        &'a self,
        asked: &'a Asked<'_>,
        progress: &'a mut dyn Progress,
    ) -> Pin<Box<dyn Future<Output = Outcome> + Send + 'a>> {
        Box::pin(self.ask(asked, progress))
    }

    /// Whether it answers whatever a request has: as [`Chain::is_unprompted`].
    ///
    /// [`Chain::is_unprompted`]: crate::config::Chain::is_unprompted
    pub(super) fn is_unprompted(&self) -> bool {
        match self {
            Self::One(one) => one.settings.kind.is_unprompted(),
            Self::Any(chains) | Self::All(chains) => chains.iter().all(Self::is_unprompted),
        }
    }

    /// Every authenticator in it, in order.
    pub(crate) fn authenticators(&self) -> Vec<&Arc<BoundAuthenticator>> {
        match self {
            Self::One(one) => vec![one],
            Self::Any(chains) | Self::All(chains) => {
                chains.iter().flat_map(Self::authenticators).collect()
            }
        }
    }
}

async fn ask_all(chains: &[BoundChain], asked: &Asked<'_>, progress: &mut dyn Progress) -> Outcome {
    let mut identity: Option<Identity> = None;
    let mut missing: Option<&BoundChain> = None;
    for chain in chains {
        if missing.is_some() && chain.is_unprompted() {
            break;
        }
        match chain.ask_nested(asked, progress).await {
            Outcome::NotOffered => missing = missing.or(Some(chain)),
            Outcome::Authenticated(one) => {
                let Some(before) = identity.take() else {
                    identity = Some(one);
                    continue;
                };
                match before.and(&one) {
                    Ok(both) => identity = Some(both),
                    Err(why) => return failed(chain, Failure::new("contradiction", why)),
                }
            }
            ended => return ended,
        }
    }
    match (identity, missing) {
        (Some(identity), None) => Outcome::Authenticated(identity),
        (None, _) => Outcome::NotOffered,
        (Some(_), Some(missing)) => {
            let failure = Failure::new("missing", "not offered, and all are needed");
            failed(missing, failure)
        }
    }
}

/// The failure of a chain as a whole, said of its first authenticator.
fn failed(chain: &BoundChain, failure: Failure) -> Outcome {
    match chain.authenticators().first() {
        // Its own credential may be good, and the cookie that of a session that lives.
        Some(one) => {
            Outcome::Failed(Box::new(one.failed(Failure { keeps_cookie: true, ..failure })))
        }
        None => Outcome::NotOffered,
    }
}

impl BoundAuthenticator {
    async fn outcome(&self, asked: &Asked<'_>, progress: &mut dyn Progress) -> Outcome {
        let answer = self.of_no_foreign_page(self.ask(asked).await, asked);
        let answer = self.paced(answer, asked);
        progress.asked(self, &answer);
        match answer {
            Answer::NotOffered => Outcome::NotOffered,
            Answer::Authenticated(identity) => Outcome::Authenticated(identity),
            Answer::Failed(failure) => match asked.dead_cookie {
                Some(dead) if self.is_session() => {
                    dead.store(!failure.keeps_cookie, Ordering::Relaxed);
                    Outcome::NotOffered
                }
                _ => Outcome::Failed(Box::new(self.failed(failure))),
            },
            Answer::Unavailable(why) => Outcome::Unavailable(why),
            Answer::Throttled(wait) => Outcome::Throttled(wait),
        }
    }

    /// No same-origin policy keeps a foreign page from opening a WebSocket with what the browser
    /// shows on its own (RFC 6455 section 10.2).
    fn of_no_foreign_page(&self, answer: Answer, asked: &Asked<'_>) -> Answer {
        let is_let_in = matches!(answer, Answer::Authenticated(_));
        if is_let_in && asked.clean.is_foreign_upgrade() && self.settings.kind.is_ambient() {
            let why = "a page of another origin opens a WebSocket";
            return Answer::Failed(Failure::new("foreign_origin", why));
        }
        answer
    }

    /// A wrong credential is charged to its source; from one that has failed too often, it is not
    /// even told what was wrong.
    fn paced(&self, answer: Answer, asked: &Asked<'_>) -> Answer {
        let Answer::Failed(failure) = &answer else { return answer };
        if !self.settings.kind.is_guess(failure.code) {
            return answer;
        }
        let blocked = asked.blocked();
        if !asked.is_dry {
            asked.passwords.attempts().failed(asked.source());
        }
        blocked.map_or(answer, Answer::Throttled)
    }

    fn failed(&self, failure: Failure) -> Failed {
        Failed {
            authenticator: Arc::clone(self.name()),
            challenge: self.challenge(),
            is_session: self.is_session(),
            failure,
        }
    }

    fn is_session(&self) -> bool {
        self.settings.kind == AuthenticatorKind::Session
    }
}

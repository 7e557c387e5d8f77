//! What outlives the decision about it: streams and tunnels of a session, or of a client that showed
//! a credential, are looked at again and again, and cut once session or credential is over.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use symbolon_core::{SubjectId, Timestamp};
use symbolon_store::{Clients, Clock, Known, LiveSession, Sessions};
use tokio::time::{Sleep, sleep};

use crate::stage::Identity;

/// How often a quiet stream's session is looked at; a busy one is looked at with every piece.
const RECHECK: Duration = Duration::from_secs(5);

/// Watches one session, or one credential, or both, on behalf of something long-lived.
pub(crate) struct SessionGuard {
    session: Option<(Arc<LiveSession>, Arc<Sessions>)>,
    credential: Option<(Arc<Known>, Arc<Clients>)>,
    account: Option<(Began, Arc<Sessions>)>,
    /// When the proof ends by itself, such as a token that runs out.
    ends_at: Option<Timestamp>,
    clock: Arc<dyn Clock>,
    waiting: Option<Pin<Box<Sleep>>>,
}

/// An account that proved itself without a session, and when.
struct Began {
    subject: SubjectId,
    at: Timestamp,
}

impl SessionGuard {
    /// Of what somebody proved who they are by; `None` where nothing of it can end.
    pub(crate) fn of(
        identity: &Identity,
        (sessions, clients): (&Arc<Sessions>, &Arc<Clients>),
        clock: &Arc<dyn Clock>,
    ) -> Option<Self> {
        let session = identity.session().map(|live| (Arc::clone(live), Arc::clone(sessions)));
        let known = identity.known().filter(|known| known.is_of_client());
        let credential = known.map(|known| (Arc::clone(known), Arc::clone(clients)));
        let account = identity.known().and_then(|known| known.account()).map(|subject| {
            let began = Began { subject, at: clock.now() };
            (began, Arc::clone(sessions))
        });
        let ends_at = identity.known().and_then(|known| known.expires_at);
        let clock = Arc::clone(clock);
        let is_some =
            session.is_some() || credential.is_some() || account.is_some() || ends_at.is_some();
        is_some.then(|| Self { session, credential, account, ends_at, clock, waiting: None })
    }

    /// Whether a stream is to be cut, right after it gave a piece or said that none is there.
    pub(crate) fn cuts(&mut self, is_quiet: bool, cx: &mut Context<'_>) -> bool {
        if is_quiet { self.poll_over(cx).is_ready() } else { self.is_over() }
    }

    /// Whether one of them is over. Asking counts as use of the session.
    fn is_over(&self) -> bool {
        let now = self.clock.now();
        let session = self.session.as_ref().is_some_and(|(live, sessions)| {
            sessions.seen(live, now);
            sessions.is_revoked(&live.session) || !live.is_live(now)
        });
        // Whatever ends all sessions of an account, such as disabling it, ends this as well.
        let account = self
            .account
            .as_ref()
            .is_some_and(|(began, sessions)| sessions.is_subject_revoked(&began.subject, began.at));
        let has_run_out = self.ends_at.is_some_and(|at| at <= now);
        let credential = self.credential.as_ref();
        session
            || account
            || has_run_out
            || credential.is_some_and(|(known, clients)| !clients.still_prove(known, now))
    }

    /// Ready once one of them is over.
    pub(crate) fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(RECHECK)));
            ready!(waiting.as_mut().poll(cx));
            self.waiting = None;
            if self.is_over() {
                return Poll::Ready(());
            }
        }
    }
}

//! What outlives the decision about it: streams and tunnels of a session, or of a client that showed
//! a credential, are looked at again and again, and cut once session or credential is over.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use symbolon_core::{SubjectId, Timestamp};
use symbolon_store::{Clients, Clock, Known, LiveSession, Sessions};
use tokio::time::{Instant, Sleep, sleep};

use crate::stage::Identified;

/// How often a quiet stream's session is looked at; a busy one is looked at with every piece, once
/// it has gone on for as long: an answer of less is none that the end of its session cuts.
const RECHECK: Duration = Duration::from_secs(5);

/// Watches a session, or other proofs, or both, on behalf of something long-lived. Where several
/// were asked for together, the first that is over ends it.
pub(crate) struct SessionGuard {
    session: Option<Arc<LiveSession>>,
    proofs: Vec<Proof>,
    /// When all of them were judged.
    at: Timestamp,
    /// When something long began.
    begun: Instant,
    sessions: Arc<Sessions>,
    clients: Arc<Clients>,
    clock: Arc<dyn Clock>,
    waiting: Option<Pin<Box<Sleep>>>,
}

/// What is known of somebody without a session, and whose account of ours that is.
struct Proof {
    known: Arc<Known>,
    account: Option<SubjectId>,
}

impl Proof {
    fn of(known: &Arc<Known>) -> Self {
        Self { known: Arc::clone(known), account: known.account() }
    }

    /// Whether something may put an end to it: a client or its credential, an account, time.
    fn can_end(&self) -> bool {
        let Self { known, account } = self;
        account.is_some() || known.own_client().is_some() || known.expires_at.is_some()
    }
}

impl SessionGuard {
    /// Of what somebody proved who they are by; `None` where nothing of it can end.
    pub(crate) fn of(
        identified: &Identified,
        (sessions, clients): (&Arc<Sessions>, &Arc<Clients>),
        clock: &Arc<dyn Clock>,
    ) -> Option<Self> {
        let identity = identified.identity();
        let session = identity.session().cloned();
        let proofs: Vec<_> = identity.proofs().map(Proof::of).filter(Proof::can_end).collect();
        (session.is_some() || !proofs.is_empty()).then(|| Self {
            session,
            proofs,
            at: identified.at(),
            begun: Instant::now(),
            sessions: Arc::clone(sessions),
            clients: Arc::clone(clients),
            clock: Arc::clone(clock),
            waiting: None,
        })
    }

    /// Whether a stream is to be cut, right after it gave a piece or said that none is there.
    pub(crate) fn cuts(&mut self, is_quiet: bool, cx: &mut Context<'_>) -> bool {
        if is_quiet {
            return self.poll_over(cx).is_ready();
        }
        self.begun.elapsed() >= RECHECK && self.is_over()
    }

    /// Whether one of them is over. Asking counts as use of the session.
    fn is_over(&self) -> bool {
        let now = self.clock.now();
        let session = self.session.as_ref().is_some_and(|live| {
            self.sessions.seen(live, now);
            self.sessions.is_revoked(&live.session) || !live.is_live(now)
        });
        session || self.proofs.iter().any(|proof| self.is_proof_over(proof, now))
    }

    fn is_proof_over(&self, proof: &Proof, now: Timestamp) -> bool {
        let has_run_out = proof.known.expires_at.is_some_and(|at| at <= now);
        // Whatever ends all sessions of an account, such as disabling it, ends this as well; and
        // whatever ends a client, be it let in again a moment later.
        let account = proof.account.as_ref();
        has_run_out
            || account.is_some_and(|subject| self.sessions.is_subject_revoked(subject, self.at))
            || !self.clients.still_prove(&proof.known, self.at, now)
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

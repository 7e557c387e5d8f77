//! What outlives the decision about it: streams and tunnels of a session are looked at again and
//! again, and cut once the session is over.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use symbolon_store::{Clock, LiveSession, Sessions};
use tokio::time::{Sleep, sleep};

/// How often a quiet stream's session is looked at; a busy one is looked at with every piece.
const RECHECK: Duration = Duration::from_secs(5);

/// Watches one session on behalf of something long-lived.
pub(crate) struct SessionGuard {
    live: Arc<LiveSession>,
    sessions: Arc<Sessions>,
    clock: Arc<dyn Clock>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl SessionGuard {
    pub(crate) fn new(
        live: &Arc<LiveSession>,
        sessions: &Arc<Sessions>,
        clock: &Arc<dyn Clock>,
    ) -> Self {
        Self {
            live: Arc::clone(live),
            sessions: Arc::clone(sessions),
            clock: Arc::clone(clock),
            waiting: None,
        }
    }

    /// Whether a stream is to be cut, right after it gave a piece or said that none is there.
    pub(crate) fn cuts(&mut self, is_quiet: bool, cx: &mut Context<'_>) -> bool {
        if is_quiet { self.poll_over(cx).is_ready() } else { self.is_over() }
    }

    /// Whether the session is over. Asking counts as use of it.
    fn is_over(&self) -> bool {
        let now = self.clock.now();
        self.sessions.seen(&self.live, now);
        self.sessions.is_revoked(&self.live.session) || !self.live.is_live(now)
    }

    /// Ready once the session is over.
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

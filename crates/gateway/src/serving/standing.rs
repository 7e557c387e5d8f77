//! How a connection stands: which streams are open, since when it is idle, and how often its
//! client asked for something only to cancel it (rapid reset, CVE-2023-44487).

use parking_lot::Mutex;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How many more requests may be cancelled than come to their end. A page that is left cancels
/// what it was loading, so some are ordinary.
const MAX_CANCELLED: u32 = 200;

/// What the streams of one connection have in common.
#[derive(Debug)]
pub(super) struct Standing {
    state: Mutex<State>,
    exhausted: Notify,
}

#[derive(Debug)]
struct State {
    open: usize,
    /// The last time a stream began or ended.
    since: Instant,
    cancelled: u32,
}

impl Standing {
    /// A connection that begins now.
    pub(super) fn new() -> Self {
        let state = State { open: 0, since: Instant::now(), cancelled: 0 };
        Self { state: Mutex::new(state), exhausted: Notify::new() }
    }

    /// A stream begins.
    pub(super) fn opened(&self) {
        let mut state = self.state.lock();
        state.open += 1;
        state.since = Instant::now();
    }

    /// A stream is over, its task at least.
    pub(super) fn closed(&self) {
        let mut state = self.state.lock();
        state.open = state.open.saturating_sub(1);
        state.since = Instant::now();
    }

    /// How many streams are open.
    pub(super) fn open(&self) -> usize {
        self.state.lock().open
    }

    /// A request came to its end, or its client wanted it no more.
    pub(super) fn ended(&self, is_cancelled: bool) {
        let mut state = self.state.lock();
        if !is_cancelled {
            state.cancelled = state.cancelled.saturating_sub(1);
            return;
        }
        state.cancelled += 1;
        if state.cancelled > MAX_CANCELLED {
            self.exhausted.notify_one();
        }
    }

    /// Ends when too many requests were cancelled.
    pub(super) async fn exhausted(&self) {
        self.exhausted.notified().await;
    }

    /// Ends when no stream was open for as long as `limit`.
    pub(super) async fn idle(&self, limit: Duration) {
        loop {
            let (is_idle, since) = {
                let state = self.state.lock();
                (state.open == 0, state.since)
            };
            let now = Instant::now();
            let until = if is_idle { since + limit } else { now + limit };
            if until <= now {
                return;
            }
            sleep_until(until).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{advance, timeout};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn who_cancels_more_than_it_finishes_is_told_apart() {
        let standing = Standing::new();
        for _ in 0..1000 {
            standing.ended(true);
            standing.ended(false);
        }
        assert!(timeout(SECOND, standing.exhausted()).await.is_err());
        for _ in 0..=MAX_CANCELLED {
            standing.ended(true);
        }
        assert!(timeout(SECOND, standing.exhausted()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_idle_from_the_end_of_its_last_stream() {
        let standing = Standing::new();
        standing.opened();
        assert!(timeout(10 * SECOND, standing.idle(SECOND)).await.is_err());
        standing.closed();
        advance(SECOND / 2).await;
        assert!(timeout(SECOND / 4, standing.idle(SECOND)).await.is_err());
        assert!(timeout(SECOND, standing.idle(SECOND)).await.is_ok());
    }
}

//! Circuit breaking: how much of the gateway one service can take, over all workers.
//!
//! 1. What exceeds a bound is refused at once, so that nobody waits for a service that is stuck.
//! 2. A connection has its place from before it is opened until it is closed, a kept one included;
//!    a kept one is given up for whoever waits.
//! 3. Counts belong to the service and not to its configuration: a reload changes the bounds, and
//!    what is under way still counts.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::config::balancing::Breaker;

/// What a service has under way.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    requests: AtomicUsize,
    connections: AtomicUsize,
    pending: AtomicUsize,
    freed: Notify,
}

/// The place of a request; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct RequestPlace(Arc<Counts>);

/// The place of a connection; given back when it is dropped.
#[derive(Debug)]
pub(crate) struct ConnectionPlace(Arc<Counts>);

/// The place of a request that waits.
struct PendingPlace<'a>(&'a Counts);

/// The bound that is reached, by its name in the configuration.
pub(crate) type Exceeded = &'static str;

impl Counts {
    /// A place for a request.
    pub(super) fn request(self: &Arc<Self>, most: usize) -> Result<RequestPlace, Exceeded> {
        if enter(&self.requests, most) {
            Ok(RequestPlace(Arc::clone(self)))
        } else {
            Err("max_requests")
        }
    }

    /// A place for a connection, waited for at most until `deadline` where none is free;
    /// `make_room` may close a kept connection.
    pub(super) async fn connection(
        self: &Arc<Self>,
        most: usize,
        bounds: &Breaker,
        deadline: Instant,
        make_room: impl Fn(),
    ) -> Result<ConnectionPlace, Exceeded> {
        if enter(&self.connections, most) {
            return Ok(ConnectionPlace(Arc::clone(self)));
        }
        if !enter(&self.pending, bounds.max_pending) {
            return Err("max_pending");
        }
        let _pending = PendingPlace(self);
        loop {
            let freed = self.freed.notified();
            make_room();
            if enter(&self.connections, most) {
                return Ok(ConnectionPlace(Arc::clone(self)));
            }
            if timeout_at(deadline, freed).await.is_err() {
                return Err("max_connections");
            }
        }
    }

    /// Whether a kept connection is worth less than its place.
    fn has_pending(&self) -> bool {
        self.pending.load(Ordering::Acquire) > 0
    }

    /// Requests under way and open connections.
    #[cfg(test)]
    fn now(&self) -> (usize, usize) {
        (self.requests.load(Ordering::Relaxed), self.connections.load(Ordering::Relaxed))
    }
}

impl ConnectionPlace {
    /// Whether somebody waits for it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.0.has_pending()
    }

    /// Whether it belongs to this service.
    pub(crate) fn is_of(&self, counts: &Arc<Counts>) -> bool {
        Arc::ptr_eq(&self.0, counts)
    }
}

fn enter(count: &AtomicUsize, most: usize) -> bool {
    let more = |count: usize| (count < most).then_some(count + 1);
    count.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok()
}

impl Drop for RequestPlace {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for ConnectionPlace {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::AcqRel);
        self.0.freed.notify_one();
    }
}

impl Drop for PendingPlace<'_> {
    fn drop(&mut self) {
        self.0.pending.fetch_sub(1, Ordering::AcqRel);
        // Whoever gives up may have been the one that was told of a free place.
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const BOUNDS: Breaker =
        Breaker { max_connections: Some(1), max_pending: 1, max_requests: Some(2) };

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(1)
    }

    #[test]
    fn no_more_requests_than_places() {
        let counts = Arc::<Counts>::default();
        let first = counts.request(2).unwrap();
        let _second = counts.request(2).unwrap();
        assert_eq!(counts.request(2).unwrap_err(), "max_requests");
        drop(first);
        assert!(counts.request(2).is_ok());
        assert_eq!(counts.now().0, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_gets_the_next_place_and_no_more_wait_than_may() {
        let counts = Arc::<Counts>::default();
        let place = counts.connection(1, &BOUNDS, soon(), || ()).await.unwrap();
        let waiting = {
            let counts = Arc::clone(&counts);
            tokio::spawn(async move { counts.connection(1, &BOUNDS, soon(), || ()).await.is_ok() })
        };
        tokio::task::yield_now().await;
        assert!(place.is_wanted());
        let refused = counts.connection(1, &BOUNDS, soon(), || ()).await;
        assert_eq!(refused.unwrap_err(), "max_pending");
        drop(place);
        assert!(waiting.await.unwrap());
        assert_eq!(counts.now().1, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_for_ever() {
        let counts = Arc::<Counts>::default();
        let place = counts.connection(1, &BOUNDS, soon(), || ()).await.unwrap();
        let refused = counts.connection(1, &BOUNDS, soon(), || ()).await;
        assert_eq!(refused.unwrap_err(), "max_connections");
        assert!(!place.is_wanted());
    }
}

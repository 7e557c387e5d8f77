//! Whose turn it is to ask another system: so many at once, and so many who wait.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{Semaphore, SemaphorePermit};

/// A bounded number of turns with a bounded queue before them.
pub(super) struct Turns {
    free: Semaphore,
    waiting: AtomicUsize,
    queue: usize,
}

/// Someone's place in the queue; given up however waiting ends.
struct Waiting<'a>(&'a AtomicUsize);

impl Turns {
    pub(super) fn new(at_once: usize, queue: usize) -> Self {
        Self { free: Semaphore::new(at_once), waiting: AtomicUsize::new(0), queue }
    }

    /// Waits for a turn; `None` where the queue is full.
    pub(super) async fn next(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(turn) = self.free.try_acquire() {
            return Some(turn);
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        if before >= self.queue { None } else { self.free.acquire().await.ok() }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn who_comes_to_a_full_queue_is_sent_away_and_who_leaves_it_makes_room() {
        let turns = Turns::new(1, 1);
        let mut context = Context::from_waker(Waker::noop());
        let mut poll = |turn: std::pin::Pin<
            &mut dyn Future<Output = Option<SemaphorePermit<'_>>>,
        >| { turn.poll(&mut context).map(|turn| turn.is_some()) };
        let held = turns.free.try_acquire().unwrap();
        {
            let mut second = pin!(turns.next());
            assert!(poll(second.as_mut()).is_pending());
            assert!(poll(pin!(turns.next())).is_ready(), "the queue is full");
        }
        let mut third = pin!(turns.next());
        assert!(poll(third.as_mut()).is_pending(), "the second left");
        drop(held);
        assert_eq!(poll(third.as_mut()), std::task::Poll::Ready(true));
    }
}

//! How long the tests wait for what must happen, and the one clock that they read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The longest wait for anything that is supposed to happen soon, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// How often a condition without an event of its own is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A moment in the future.
#[derive(Clone, Copy)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    pub(crate) fn after(span: Duration) -> Self {
        Self(now() + span)
    }

    /// What is left of the time; zero once it is over.
    pub(crate) fn left(self) -> Duration {
        self.0.saturating_duration_since(now())
    }

    pub(crate) fn is_over(self) -> bool {
        self.left().is_zero()
    }
}

/// The monotonic clock, for deadlines and for how long something took.
#[expect(clippy::disallowed_methods, reason = "the tests' one clock")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// Waits until `condition` gives something; fails the test when it does not in time.
pub(crate) fn eventually<T>(what: &str, mut condition: impl FnMut() -> Option<T>) -> T {
    let deadline = Deadline::after(PATIENCE);
    loop {
        if let Some(found) = condition() {
            return found;
        }
        assert!(!deadline.is_over(), "in vain: {what}");
        std::thread::sleep(LOOK_EVERY);
    }
}

/// Ends the load, also when the test fails.
pub(crate) struct Over<'a>(pub(crate) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

//! How many requests of a route are under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A request's place among those under way; given back when it is dropped, that is when the last
/// byte of the answer has gone, the caller has gone, or the tunnel is closed.
#[derive(Debug)]
pub(crate) struct Slot(Arc<AtomicU32>);

impl Slot {
    /// Takes a place if fewer than `limit` are taken.
    pub(super) fn take(taken: &Arc<AtomicU32>, limit: u32) -> Option<Self> {
        let more = |taken| (taken < limit).then_some(taken + 1);
        taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Self(Arc::clone(taken)))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_once() {
        let taken = Arc::default();
        let (first, second) = (Slot::take(&taken, 2), Slot::take(&taken, 2));
        assert!(first.is_some() && second.is_some() && Slot::take(&taken, 2).is_none());
        drop(first);
        assert!(Slot::take(&taken, 2).is_some());
        assert_eq!(taken.load(Ordering::Relaxed), 1);
    }
}

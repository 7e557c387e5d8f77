//! What a request holds of a service until its answer is over.

use std::sync::Arc;

use super::LiveTarget;
use super::breaker::RequestPlace;

/// A place among the requests under way, and a mark in the load of the target. Empty where
/// nothing counts them.
#[derive(Debug, Default)]
pub(crate) struct Lease {
    #[expect(dead_code, reason = "it is held, and given back when it is dropped")]
    pub(super) place: Option<RequestPlace>,
    pub(super) target: Option<Arc<LiveTarget>>,
}

impl Lease {
    /// Moves the load to another target.
    pub(super) fn move_to(&mut self, target: &Arc<LiveTarget>) {
        self.leave();
        target.load.began();
        self.target = Some(Arc::clone(target));
    }

    fn leave(&mut self) {
        if let Some(target) = self.target.take() {
            target.load.ended();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.leave();
    }
}

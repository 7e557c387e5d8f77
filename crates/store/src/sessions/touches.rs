//! The uses of sessions that the store has not heard of yet.

use parking_lot::Mutex;

use crate::session_store::Touch;

/// The most uses that wait to be written.
const QUEUE: usize = 65_536;

/// Write-behind: losing one moves an idle timeout by no more than the touch interval.
#[derive(Default)]
pub(super) struct Touches(Mutex<Vec<Touch>>);

impl Touches {
    /// Whether there was room.
    pub(super) fn push(&self, touch: Touch) -> bool {
        let mut queue = self.0.lock();
        let room = queue.len() < QUEUE;
        if room {
            queue.push(touch);
        }
        room
    }

    /// Takes all that wait.
    pub(super) fn take(&self) -> Vec<Touch> {
        std::mem::take(&mut *self.0.lock())
    }
}

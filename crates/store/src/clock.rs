//! The one clock of the running system; everything else gets the time as an argument.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use symbolon_core::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The machine's wall clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one clock")]
    fn now(&self) -> Timestamp {
        // A clock before 1970 counts as 1970: every expiry then lies in the future, and nothing
        // that was revoked comes back by it.
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Timestamp::default().plus(since_epoch)
    }
}

//! The fingerprints of passwords that were right a short while ago.
//!
//! There is no entry for a failure. One that is there says only that this password fits that
//! stored hash; whether the account may still come in is looked up by whoever asks.

use std::time::Duration;

use parking_lot::Mutex;
use symbolon_core::Timestamp;
use symbolon_core::password::Fingerprint;

use super::bounded_map::BoundedMap;

/// Maps with a lock of their own, so that workers seldom meet.
const SHARDS: usize = 16;

/// The most fingerprints are twice this many, over all maps.
const MAX_REMEMBERED: usize = 16 * 1024;

/// Until when each may be believed.
pub(super) struct Remembered {
    shards: [Mutex<BoundedMap<Fingerprint, Timestamp>>; SHARDS],
    life: Duration,
}

impl Remembered {
    /// Each for `life`; none with zero.
    pub(super) fn new(life: Duration) -> Self {
        let shards = std::array::from_fn(|_| Mutex::new(BoundedMap::new(MAX_REMEMBERED / SHARDS)));
        Self { shards, life }
    }

    pub(super) fn has(&self, print: &Fingerprint, now: Timestamp) -> bool {
        let Some(shard) = self.shard(print) else { return false };
        let until = shard.lock().get(print).copied();
        // One that lies further off than any was written before the clock jumped back.
        until.is_some_and(|until| now < until && until <= now.plus(self.life))
    }

    pub(super) fn keep(&self, print: Fingerprint, now: Timestamp) {
        if let Some(shard) = self.shard(&print)
            && !self.life.is_zero()
        {
            *shard.lock().entry(&print) = now.plus(self.life);
        }
    }

    fn shard(&self, print: &Fingerprint) -> Option<&Mutex<BoundedMap<Fingerprint, Timestamp>>> {
        self.shards.get(print.place_among(SHARDS))
    }
}

//! The counts of one rule: a number for each key, in shards, bounded.
//!
//! 1. A key is kept as a keyed hash (`SipHash`, the key drawn at start): eight bytes whatever it is.
//! 2. A count that has run out is the same as none, so it is dropped first when room is needed.
//! 3. A shard that is full of counts that still run takes no further key: newcomers in it share one
//!    count. So nobody can wash out the count of another, or get a fresh one for each of endless
//!    made-up keys; at worst newcomers wait while somebody makes up keys.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashMap;
use parking_lot::Mutex;

use super::gcra::{Gcra, Verdict};
use super::keys::Key;

/// How many parts the keys are spread over.
const SHARDS: usize = 64;
/// The most keys of a part: 65,536 of a rule altogether, about 2 MiB.
const MAX_KEYS: usize = 1024;

/// The counts of one rule.
#[derive(Debug)]
pub(super) struct Table {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
}

#[derive(Debug, Default)]
struct Shard {
    due: HashMap<u64, i64>,
    /// The count that newcomers share while there is no room.
    shared: i64,
    /// No count runs out before.
    full_until: i64,
}

impl Default for Table {
    fn default() -> Self {
        let mut shards = Vec::with_capacity(SHARDS);
        shards.resize_with(SHARDS, Mutex::default);
        Self { hasher: RandomState::new(), shards }
    }
}

impl Table {
    /// Counts a request.
    pub(super) fn judge(&self, gcra: &Gcra, key: Key<'_>, now: i64) -> Verdict {
        let hash = self.hasher.hash_one(key);
        let shard = usize::try_from(hash >> 32).unwrap_or_default() % SHARDS;
        match self.shards.get(shard) {
            Some(shard) => shard.lock().judge(gcra, hash, now),
            // INVARIANT: there are as many shards as the number was reduced by.
            None => gcra.judge(i64::MAX, now),
        }
    }

    /// What would become of a request, which is not counted.
    pub(super) fn peek(&self, gcra: &Gcra, key: Key<'_>, now: i64) -> Verdict {
        let hash = self.hasher.hash_one(key);
        let shard = usize::try_from(hash >> 32).unwrap_or_default() % SHARDS;
        let Some(shard) = self.shards.get(shard) else { return gcra.judge(i64::MAX, now) };
        let shard = shard.lock();
        let is_full = shard.due.len() >= MAX_KEYS && now < shard.full_until;
        let newcomer = if is_full { shard.shared } else { 0 };
        gcra.judge(shard.due.get(&hash).copied().unwrap_or(newcomer), now)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().due.len()).sum()
    }
}

impl Shard {
    fn judge(&mut self, gcra: &Gcra, hash: u64, now: i64) -> Verdict {
        if let Some(due) = self.due.get_mut(&hash) {
            let verdict = gcra.judge(*due, now);
            *due = verdict.due;
            return verdict;
        }
        if self.due.len() >= MAX_KEYS {
            self.make_room(now);
        }
        if self.due.len() < MAX_KEYS {
            let verdict = gcra.judge(0, now);
            self.due.insert(hash, verdict.due);
            verdict
        } else {
            let verdict = gcra.judge(self.shared, now);
            self.shared = verdict.due;
            verdict
        }
    }

    /// Drops what has run out; looks for it only once something can have.
    fn make_room(&mut self, now: i64) {
        if now < self.full_until {
            return;
        }
        self.due.retain(|_, due| *due > now);
        self.full_until = self.due.values().copied().min().unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::keys::CountBy;
    use super::super::rule::RateLimit;
    use super::*;

    const SECOND: i64 = 1_000_000_000;
    const NOW: i64 = 1_000 * SECOND;

    fn twice_in_ten_seconds() -> Gcra {
        let rule = RateLimit::new(2, Duration::from_secs(10), None, CountBy::Source);
        Gcra::of(&rule.unwrap())
    }

    fn passes(table: &Table, key: u32, now: i64) -> bool {
        table.judge(&twice_in_ten_seconds(), Key::V4(key), now).is_admitted
    }

    #[test]
    fn each_key_has_a_count_of_its_own() {
        let table = Table::default();
        for key in [1, 2] {
            let passed = [(); 3].map(|()| passes(&table, key, NOW));
            assert_eq!(passed, [true, true, false]);
        }
    }

    #[test]
    fn endless_keys_take_bounded_room_and_neither_free_nor_wash_out_anybody() {
        let table = Table::default();
        while passes(&table, 0, NOW) {}
        let all = u32::try_from(SHARDS * MAX_KEYS * 3).unwrap();
        let passed = (1..all).filter(|key| passes(&table, *key, NOW)).count();
        assert_eq!(table.len(), SHARDS * MAX_KEYS);
        // Every key that found room, and twice for each shard what newcomers share.
        assert!(passed < SHARDS * (MAX_KEYS + 2), "{passed}");
        assert!(!passes(&table, 0, NOW), "the first one's count was washed out");
        // Once the counts have run out, there is room again.
        assert!(passes(&table, all + 1, NOW + 20 * SECOND));
        assert!(table.len() < SHARDS * MAX_KEYS);
    }
}

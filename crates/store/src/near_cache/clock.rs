//! The entries of one shard, with second-chance ("clock") eviction: a hit sets a mark, and the
//! hand goes round, taking marks away, until it meets an entry without one.
//!
//! An entry is its `Arc` beside 63 bits of its hash and the mark, in the table itself: a look-up
//! among a million touches one line of the table and then the value, and neither growing nor
//! evicting looks at values. The key stands in the value.

use std::sync::Arc;

use hashbrown::HashTable;
use symbolon_core::TokenHash;

use super::Keyed;

/// At most `capacity` values by key.
pub(super) struct Entries<V> {
    table: HashTable<Entry<V>>,
    capacity: usize,
    hand: usize,
}

struct Entry<V> {
    /// The hash; one of its bits is the mark.
    marked_hash: u64,
    value: Arc<V>,
}

/// The bit that says whether an entry was used since the hand was there: one from the middle, as
/// the table looks at both ends of a hash.
const MARK: u64 = 1 << 48;

impl<V> Entry<V> {
    fn hash(&self) -> u64 {
        self.marked_hash & !MARK
    }

    fn is_marked(&self) -> bool {
        self.marked_hash & MARK != 0
    }
}

impl<V: Keyed> Entries<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self { table: HashTable::new(), capacity, hand: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    pub(super) fn get(&mut self, key: &TokenHash) -> Option<Arc<V>> {
        let entry = self.entry(key)?;
        if !entry.is_marked() {
            entry.marked_hash |= MARK;
        }
        Some(entry.value.clone())
    }

    /// Adds a value or puts it in the place of the one with its key.
    pub(super) fn insert(&mut self, value: Arc<V>) {
        if let Some(entry) = self.entry(value.key()) {
            entry.value = value;
            return;
        }
        if self.capacity == 0 {
            return;
        }
        if self.table.len() >= self.capacity {
            self.evict();
        }
        let hash = hash_of(value.key());
        self.table.insert_unique(hash, Entry { marked_hash: hash, value }, Entry::hash);
    }

    pub(super) fn remove(&mut self, key: &TokenHash) -> Option<Arc<V>> {
        let hash = hash_of(key);
        let found = self.table.find_entry(hash, |entry| is_of(entry, hash, key)).ok()?;
        Some(found.remove().0.value)
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.table.retain(|entry| keep(&entry.value));
    }

    fn entry(&mut self, key: &TokenHash) -> Option<&mut Entry<V>> {
        let hash = hash_of(key);
        self.table.find_mut(hash, |entry| is_of(entry, hash, key))
    }

    /// Terminates where there is an entry: after one round no mark is left.
    fn evict(&mut self) {
        loop {
            if self.hand >= self.table.num_buckets() {
                self.hand = 0;
            }
            match self.table.get_bucket_mut(self.hand) {
                Some(entry) if !entry.is_marked() => break,
                Some(entry) => entry.marked_hash = entry.hash(),
                None => {}
            }
            self.hand += 1;
        }
        if let Ok(oldest) = self.table.get_bucket_entry(self.hand) {
            oldest.remove();
        }
    }
}

/// The hashes are compared first, so that hardly any value but the right one is looked at.
fn is_of<V: Keyed>(entry: &Entry<V>, hash: u64, key: &TokenHash) -> bool {
    entry.hash() == hash && entry.value.key() == key
}

/// Eight of the 32 bytes of a SHA-256 are as good a hash as any, and nobody can choose them.
fn hash_of(key: &TokenHash) -> u64 {
    key.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)) & !MARK
}

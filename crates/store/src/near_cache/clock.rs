//! The entries of one shard, with second-chance ("clock") eviction: a hit sets a mark, and the
//! hand goes round, taking marks away, until it meets an entry without one.
//!
//! An entry costs its `Arc`, a mark and an index of four bytes; the key stands in the value.

use std::sync::Arc;

use hashbrown::HashTable;
use symbolon_core::TokenHash;

use super::Keyed;

/// At most `capacity` values by key.
pub(super) struct Entries<V> {
    index: HashTable<u32>,
    slots: Vec<Slot<V>>,
    capacity: usize,
    hand: usize,
}

struct Slot<V> {
    value: Arc<V>,
    marked: bool,
}

impl<V: Keyed> Entries<V> {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            index: HashTable::new(),
            slots: Vec::new(),
            capacity: capacity.min(u32::MAX as usize),
            hand: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(super) fn get(&mut self, key: &TokenHash) -> Option<Arc<V>> {
        let at = self.position(key)?;
        let slot = self.slots.get_mut(at)?;
        slot.marked = true;
        Some(slot.value.clone())
    }

    /// Adds a value or puts it in the place of the one with its key.
    pub(super) fn insert(&mut self, value: Arc<V>) {
        if let Some(at) = self.position(value.key()) {
            if let Some(slot) = self.slots.get_mut(at) {
                slot.value = value;
            }
            return;
        }
        if self.capacity == 0 {
            return;
        }
        if self.slots.len() >= self.capacity {
            self.evict();
        }
        let slots = &self.slots;
        let number = u32::try_from(slots.len()).unwrap_or(u32::MAX);
        self.index.insert_unique(bucket(value.key()), number, |at| hash_of(slots, *at));
        self.slots.push(Slot { value, marked: false });
    }

    pub(super) fn remove(&mut self, key: &TokenHash) -> Option<Arc<V>> {
        let at = self.position(key)?;
        self.take(at)
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        // Backwards: what moves into a freed place was looked at already.
        for at in (0..self.slots.len()).rev() {
            if self.slots.get(at).is_some_and(|slot| !keep(&slot.value)) {
                self.take(at);
            }
        }
    }

    fn position(&self, key: &TokenHash) -> Option<usize> {
        let same =
            |at: &u32| self.slots.get(*at as usize).is_some_and(|slot| slot.value.key() == key);
        self.index.find(bucket(key), same).map(|at| *at as usize)
    }

    /// Terminates: after one round no mark is left.
    fn evict(&mut self) {
        loop {
            if self.hand >= self.slots.len() {
                self.hand = 0;
            }
            match self.slots.get_mut(self.hand) {
                Some(slot) if slot.marked => slot.marked = false,
                _ => break,
            }
            self.hand += 1;
        }
        self.take(self.hand);
    }

    /// Takes a slot out; the last one moves into its place.
    fn take(&mut self, at: usize) -> Option<Arc<V>> {
        let key = *self.slots.get(at)?.value.key();
        self.unlink(&key, at);
        let last = self.slots.len() - 1;
        if at != last
            && let Some(moved) = self.slots.get(last).map(|slot| *slot.value.key())
            && let Some(number) =
                self.index.find_mut(bucket(&moved), |number| *number as usize == last)
        {
            *number = u32::try_from(at).unwrap_or(u32::MAX);
        }
        Some(self.slots.swap_remove(at).value)
    }

    fn unlink(&mut self, key: &TokenHash, at: usize) {
        if let Ok(entry) = self.index.find_entry(bucket(key), |number| *number as usize == at) {
            entry.remove();
        }
    }
}

/// Eight of the 32 bytes of a SHA-256 are as good a hash as any, and nobody can choose them.
fn bucket(key: &TokenHash) -> u64 {
    key.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn hash_of<V: Keyed>(slots: &[Slot<V>], at: u32) -> u64 {
    slots.get(at as usize).map_or(0, |slot| bucket(slot.value.key()))
}

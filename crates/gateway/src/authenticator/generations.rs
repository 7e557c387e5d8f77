//! A map that forgets what was not used for longest, without a list to keep in order.
//!
//! Entries live in two generations. Whatever is used moves to the young one; when that is full it
//! becomes the old one, and the old one is forgotten. Every operation is constant on average.

use std::mem;

use hashbrown::HashMap;
use symbolon_core::keyed_hash::KeyedHash;

/// At most twice `each` entries.
pub(super) struct Generations<T> {
    young: HashMap<KeyedHash, T>,
    old: HashMap<KeyedHash, T>,
    each: usize,
}

impl<T> Generations<T> {
    pub(super) fn new(each: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), each }
    }

    /// An entry, which is used by that.
    pub(super) fn get(&mut self, key: &KeyedHash) -> Option<&T> {
        if let Some(value) = self.old.remove(key) {
            self.insert(*key, value);
        }
        self.young.get(key)
    }

    pub(super) fn insert(&mut self, key: KeyedHash, value: T) {
        if self.each == 0 {
            return;
        }
        self.old.remove(&key);
        if self.young.len() >= self.each && !self.young.contains_key(&key) {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }

    pub(super) fn remove(&mut self, key: &KeyedHash) {
        self.young.remove(key);
        self.old.remove(key);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

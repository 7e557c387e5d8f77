//! A map that forgets what was not used for longest, without a list to keep in order.
//!
//! Entries live in two generations. Whatever is used moves to the young one; when that is full it
//! becomes the old one, and the old one is forgotten. An entry survives at least `bound` uses of
//! others, and every operation is constant on average.

use std::collections::HashMap;
use std::hash::Hash;
use std::mem;

/// At most twice `bound` entries.
pub(super) struct BoundedMap<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
    bound: usize,
}

impl<K: Clone + Eq + Hash, V: Default> BoundedMap<K, V> {
    pub(super) fn new(bound: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), bound }
    }

    /// The entry, without counting as a use.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.young.get(key).or_else(|| self.old.get(key))
    }

    /// The entry, made if there is none.
    pub(super) fn entry(&mut self, key: &K) -> &mut V {
        if self.young.len() >= self.bound && !self.young.contains_key(key) {
            let forgotten = mem::replace(&mut self.old, mem::take(&mut self.young));
            // An entry of the generation that is forgotten is saved if it is asked for just now.
            self.revive(forgotten, key);
        }
        let from_old = self.old.remove(key);
        self.young.entry(key.clone()).or_insert_with(|| from_old.unwrap_or_default())
    }

    fn revive(&mut self, mut forgotten: HashMap<K, V>, key: &K) {
        if let Some(value) = forgotten.remove(key) {
            self.young.insert(key.clone(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_never_holds_more_than_twice_its_bound() {
        let mut map = BoundedMap::new(10);
        for key in 0..1000_u32 {
            *map.entry(&key) = key;
            assert!(map.young.len() + map.old.len() <= 20);
        }
        assert_eq!(map.get(&999), Some(&999));
        assert_eq!(map.get(&0), None);
    }

    #[test]
    fn what_is_used_is_kept() {
        let mut map = BoundedMap::new(10);
        *map.entry(&0) = 7;
        for key in 1..1000_u32 {
            *map.entry(&key) = key;
            assert_eq!(*map.entry(&0), 7, "forgotten after {key}");
        }
    }
}

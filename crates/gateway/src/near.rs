//! What was made of something lately, while that is the same: found by what it was made of.

use std::sync::Arc;

use hashbrown::HashMap;
use parking_lot::Mutex;

/// At most so many; with one more, all are forgotten and made anew.
pub(crate) struct Near<K, V> {
    most: usize,
    entries: Mutex<HashMap<usize, (K, V)>>,
}

impl<T, V> Near<Arc<T>, Arc<V>> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, entries: Mutex::default() }
    }

    /// What was made of this very value, or is made now.
    pub(crate) fn get_or(&self, of: &Arc<T>, make: impl FnOnce() -> V) -> Arc<V> {
        let mut entries = self.entries.lock();
        // The entry holds the value, so that nothing else can come to lie at its address.
        let place = Arc::as_ptr(of).addr();
        if let Some((_, made)) = entries.get(&place) {
            return Arc::clone(made);
        }
        if entries.len() >= self.most {
            entries.clear();
        }
        let made = Arc::new(make());
        entries.insert(place, (Arc::clone(of), Arc::clone(&made)));
        made
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_made_once_and_the_number_is_bounded() {
        let near = Near::new(2);
        let (one, other) = (Arc::new(1), Arc::new(1));
        let first = near.get_or(&one, || 1);
        assert!(Arc::ptr_eq(&first, &near.get_or(&one, || 2)));
        assert!(!Arc::ptr_eq(&first, &near.get_or(&other, || 2)));
        near.get_or(&Arc::new(3), || 3);
        assert_eq!(near.entries.lock().len(), 1);
    }
}

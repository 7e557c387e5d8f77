//! The bound, and what is given up for it.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Insert(u8, u64),
    Get(u8),
    Remove(u8),
    RetainBelow(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..40_u8;
    prop_oneof![
        4 => (key.clone(), 0..100_u64).prop_map(|(key, version)| Step::Insert(key, version)),
        4 => key.clone().prop_map(Step::Get),
        2 => key.prop_map(Step::Remove),
        1 => (0..100_u64).prop_map(Step::RetainBelow),
    ]
}

/// Keys that fall into few buckets, so that they meet.
fn key(number: u8) -> TokenHash {
    let mut bytes = [0; 32];
    bytes[0] = number % 4;
    bytes[31] = number;
    TokenHash::from_bytes(bytes)
}

proptest! {
    /// Against a map that forgets nothing: the cache has less, never something else.
    #[test]
    fn it_keeps_within_its_bound_and_never_lies(
        capacity in 0..20_usize,
        steps in prop::collection::vec(step(), 0..300),
    ) {
        let mut entries = Entries::new(capacity);
        let mut all = HashMap::new();
        for step in steps {
            match step {
                Step::Insert(number, version) => {
                    entries.insert(record(key(number), version));
                    all.insert(number, version);
                    let kept = entries.get(&key(number)).map(|record| record.version);
                    prop_assert_eq!(kept, (capacity > 0).then_some(version));
                }
                Step::Get(number) => {
                    if let Some(kept) = entries.get(&key(number)) {
                        prop_assert_eq!(Some(&kept.version), all.get(&number));
                        prop_assert_eq!(kept.key, key(number));
                    }
                }
                Step::Remove(number) => {
                    entries.remove(&key(number));
                    all.remove(&number);
                }
                Step::RetainBelow(bound) => {
                    entries.retain(|record: &Record| record.version < bound);
                    all.retain(|_, version| *version < bound);
                }
            }
            prop_assert!(entries.len() <= capacity);
            let found = (0..40).filter(|number| entries.get(&key(*number)).is_some()).count();
            prop_assert_eq!(found, entries.len());
        }
    }
}

#[test]
fn the_shards_together_keep_within_the_bound() {
    for capacity in [0, 1, 15, 16, 100, 1000, 5000] {
        let cache = cache(capacity);
        for version in 0..10_000 {
            let key = sample::token();
            cache.insert(record(key, version), cache.fence(&key));
        }
        let entries = usize::try_from(cache.counts().entries).unwrap();
        assert!(entries <= capacity, "{entries} of {capacity}");
        assert!(entries * 10 >= capacity * 8, "{entries} of {capacity}");
    }
}

#[test]
fn what_is_used_stays_and_what_is_not_goes() {
    let mut entries = Entries::new(100);
    for number in 0..100 {
        entries.insert(record(key(number), 0));
    }
    for number in 100..255 {
        for used in 0..50 {
            assert!(entries.get(&key(used)).is_some(), "{used} after {number}");
        }
        entries.insert(record(key(number), 0));
    }
}

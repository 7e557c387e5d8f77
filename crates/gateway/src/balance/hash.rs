//! Consistent hashing: the same key goes to the same target, on every worker and every node.
//!
//! Weighted rendezvous hashing (Schindelhauer, Schomaker: "Weighted distributed hash tables",
//! 2005): every target draws a score for the key, and the highest wins. A target that goes takes
//! only its own keys along, and one that comes takes only what it wins, whatever the weights; a
//! ring needs many points for each target to come near that, and a table for every change.

/// FNV-1a: the same on every machine and in every version.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// Spreads a number over all 64 bits (splitmix64).
pub(super) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// What a target scores for a key: the highest wins.
pub(super) fn score(key: u64, seed: u64, weight: u32) -> f64 {
    // The upper 53 bits as a number between 0 and 1, both excluded.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
    let drawn = ((mix(key ^ mix(seed)) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64;
    -f64::from(weight) / drawn.ln()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Which of the targets, told by their names and weights, a key goes to.
    fn winner(key: u64, targets: &[(String, u32)]) -> String {
        let score = |(name, weight): &(String, u32)| score(key, hash(name.as_bytes()), *weight);
        let best = targets.iter().max_by(|one, other| score(one).total_cmp(&score(other)));
        best.unwrap().0.clone()
    }

    fn targets(weights: &[u32]) -> Vec<(String, u32)> {
        let name = |(at, weight): (usize, &u32)| (format!("10.0.0.{at}:8080"), *weight);
        weights.iter().enumerate().map(name).collect()
    }

    proptest! {
        #[test]
        fn only_the_keys_of_a_target_that_goes_are_moved(
            weights in prop::collection::vec(1_u32..10, 2..12), gone in any::<prop::sample::Index>(),
        ) {
            let all = targets(&weights);
            let gone = gone.get(&all).0.clone();
            let left: Vec<_> = all.iter().filter(|(name, _)| *name != gone).cloned().collect();
            for key in 0..500 {
                let before = winner(mix(key), &all);
                let after = winner(mix(key), &left);
                prop_assert!(before == after || before == gone, "{before} to {after}");
            }
        }

        #[test]
        fn a_target_that_gets_heavier_takes_keys_and_gives_none(
            weights in prop::collection::vec(1_u32..10, 2..12), more in 1_u32..10,
        ) {
            let mut all = targets(&weights);
            let before: Vec<_> = (0..500).map(|key| winner(mix(key), &all)).collect();
            all[0].1 += more;
            for (key, before) in before.iter().enumerate() {
                let after = winner(mix(key as u64), &all);
                prop_assert!(*before == after || after == all[0].0, "{before} to {after}");
            }
        }
    }

    #[test]
    fn keys_are_spread_by_weight() {
        let all = targets(&[1, 2, 5]);
        let mut counts = [0_u32; 3];
        for key in 0..16_000_u64 {
            let name = winner(hash(&key.to_be_bytes()), &all);
            counts[all.iter().position(|(other, _)| *other == name).unwrap()] += 1;
        }
        for (count, expected) in counts.into_iter().zip([2_000, 4_000, 10_000_u32]) {
            assert!(count.abs_diff(expected) < expected / 10, "{counts:?}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_specification() {
        assert_eq!(hash(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash(b"foobar"), 0x8594_4171_f739_67e8);
    }
}

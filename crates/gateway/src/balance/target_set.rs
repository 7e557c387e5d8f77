//! The targets of a service at one moment, with their weights.

use std::sync::Arc;

use super::LiveTarget;

/// The longest round: with more weight than that, weights are scaled down.
const MAX_ROUND: u64 = 8_192;

/// Targets in the order of the configuration, and the round in which they take turns.
#[derive(Debug, Default)]
pub(crate) struct TargetSet {
    pub(super) members: Vec<Member>,
    /// Indices of members; each as often as its weight says.
    pub(super) round: Vec<usize>,
}

/// A target with its weight.
#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) weight: u32,
    pub(super) target: Arc<LiveTarget>,
}

impl TargetSet {
    pub(super) fn new(members: Vec<Member>) -> Self {
        let weights: Vec<u32> = members.iter().map(|member| member.weight).collect();
        Self { round: interleave(&scaled(&weights)), members }
    }

    pub(super) fn targets(&self) -> impl Iterator<Item = &Arc<LiveTarget>> {
        self.members.iter().map(|member| &member.target)
    }
}

/// The same proportions in the smallest numbers, as far as a round has room.
fn scaled(weights: &[u32]) -> Vec<u32> {
    let divisor = weights.iter().copied().fold(0, common_divisor).max(1);
    let total: u64 = weights.iter().map(|weight| u64::from(weight / divisor)).sum();
    let scale = |weight: &u32| match u64::from(weight / divisor) {
        whole if total <= MAX_ROUND => whole,
        whole => (whole * MAX_ROUND / total).max(1),
    };
    weights.iter().map(|weight| u32::try_from(scale(weight)).unwrap_or(1)).collect()
}

fn common_divisor(one: u32, other: u32) -> u32 {
    if other == 0 { one } else { common_divisor(other, one % other) }
}

/// Weighted round robin without bursts: 2:1 gives a, b, a.
fn interleave(weights: &[u32]) -> Vec<usize> {
    let total: i64 = weights.iter().copied().map(i64::from).sum();
    let mut credit = vec![0_i64; weights.len()];
    let mut round = Vec::new();
    for _ in 0..total {
        for (credit, weight) in credit.iter_mut().zip(weights) {
            *credit += i64::from(*weight);
        }
        let credits = credit.iter_mut().enumerate();
        let best = credits.max_by_key(|(at, credit)| (**credit, std::cmp::Reverse(*at)));
        if let Some((at, credit)) = best {
            *credit -= total;
            round.push(at);
        }
    }
    round
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_interleaved() {
        assert_eq!(interleave(&[2, 1]), [0, 1, 0]);
        assert_eq!(interleave(&[5, 1, 1]), [0, 0, 1, 0, 2, 0, 0]);
        assert_eq!(interleave(&[]), [0; 0]);
    }

    #[test]
    fn weights_are_made_small() {
        assert_eq!(scaled(&[200, 100]), [2, 1]);
        assert_eq!(scaled(&[7]), [1]);
        let scaled = scaled(&[65_535, 1, 32_768]);
        assert_eq!(scaled, [5461, 1, 2730]);
        assert_eq!(super::scaled(&[]), [0; 0]);
    }
}

//! The targets of a service at one moment, with their weights.

use std::sync::Arc;

use super::LiveTarget;
use crate::tls::SecureTarget;

/// The longest round: with more weight than that, weights are scaled down.
const MAX_ROUND: u64 = 8_192;

/// Targets in the order of the configuration, and the round in which they take turns.
#[derive(Debug, Default)]
pub(crate) struct TargetSet {
    pub(super) members: Vec<Arc<Member>>,
    /// Indices of members; each as often as its weight says.
    pub(super) round: Vec<usize>,
}

/// A target as one configuration has it.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(super) weight: u32,
    /// What is known of it, whatever the configuration says.
    pub(crate) target: Arc<LiveTarget>,
    /// The authority as it is written, which its service may know itself by.
    pub(crate) host: Arc<str>,
    /// How it is verified; without it connections are plain.
    pub(crate) tls: Option<Arc<SecureTarget>>,
}

impl Member {
    /// The one target of a service, for tests of connections.
    #[cfg(test)]
    pub(crate) fn alone(authority: Arc<str>, tls: Option<Arc<SecureTarget>>) -> Self {
        let target = LiveTarget::new(&authority, "alone", String::new());
        Self { weight: 1, target, host: authority, tls }
    }

    /// Under which name its connections are kept. Connections over TLS are shared with nobody,
    /// plain ones with other services unless `counts` says that this one counts its own.
    pub(crate) fn pool_key(&self, counts: bool) -> &Arc<str> {
        match &self.tls {
            Some(tls) => &tls.pool_key,
            None if counts => &self.target.pool_key,
            None => &self.target.authority,
        }
    }
}

impl TargetSet {
    pub(super) fn new(members: Vec<Member>) -> Self {
        let weights: Vec<u32> = members.iter().map(|member| member.weight).collect();
        let members = members.into_iter().map(Arc::new).collect();
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

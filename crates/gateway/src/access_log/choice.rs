//! Which requests have a line, where not all of them do.
//!
//! 1. The coin of a request in a trace is the id of that trace, the same that decides whether a
//!    trace is recorded: every gateway on its way decides alike, and where lines are not rarer than
//!    traces, each trace that was recorded from here on has its lines.
//! 2. A trace from a stranger is not continued, so nobody outside chooses to be left out.

use std::sync::atomic::{AtomicU64, Ordering};

use http::StatusCode;

use crate::config::Sampling;
use crate::config::access_log::Choice;

/// What decides about a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) status: Option<StatusCode>,
    /// Whether something went wrong that the status does not say.
    pub(crate) is_broken: bool,
    /// A number of the trace, all values alike probable.
    pub(crate) coin: Option<u64>,
}

/// The choice, with the coins for requests without a trace.
#[derive(Debug)]
pub(super) struct Chosen {
    /// Of 2^64 requests so many have a line; `None` for all.
    threshold: Option<u64>,
    choice: Choice,
    coins: AtomicU64,
}

impl Chosen {
    pub(super) fn new(choice: Choice, seed: u64) -> Self {
        let threshold = choice.sampling.map(Sampling::threshold);
        Self { threshold: threshold.filter(|all| *all != u64::MAX), choice, coins: seed.into() }
    }

    /// Whether all requests have a line.
    pub(super) fn is_all(&self) -> bool {
        self.threshold.is_none()
    }

    /// Whether this request has a line.
    pub(super) fn has(&self, outcome: Outcome) -> bool {
        let Some(threshold) = self.threshold else { return true };
        let is_error =
            outcome.is_broken || outcome.status.is_some_and(|status| status.as_u16() >= 500);
        let is_rejection =
            outcome.status.is_some_and(|status| matches!(status.as_u16(), 401 | 403 | 429));
        self.choice.keeps_errors && is_error
            || self.choice.keeps_rejections && is_rejection
            || outcome.coin.unwrap_or_else(|| self.flip()) < threshold
    }

    /// The next of a sequence in which all values are alike probable (`SplitMix64`).
    fn flip(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut coin = self.coins.fetch_add(STEP, Ordering::Relaxed);
        coin = (coin ^ (coin >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        coin = (coin ^ (coin >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        coin ^ (coin >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(share: &str, keeps_errors: bool, keeps_rejections: bool) -> Chosen {
        let sampling = Some(share.parse().unwrap());
        Chosen::new(Choice { sampling, keeps_errors, keeps_rejections }, 7)
    }

    fn outcome(status: u16, coin: Option<u64>) -> Outcome {
        let status = StatusCode::from_u16(status).ok();
        Outcome { status, is_broken: false, coin }
    }

    #[test]
    fn a_share_is_a_share() {
        for (share, expected) in
            [("0%", 0..=0), ("10%", 9_500..=10_500), ("100%", 100_000..=100_000)]
        {
            let chosen = chosen(share, true, false);
            let count = (0..100_000).filter(|_| chosen.has(outcome(200, None))).count();
            assert!(expected.contains(&count), "{share}: {count}");
        }
    }

    #[test]
    fn a_trace_decides_for_all_its_requests() {
        let (one, other) = (chosen("25%", true, false), chosen("25%", true, false));
        for coin in [0, u64::MAX / 4 - 1, u64::MAX / 4 + 2, u64::MAX] {
            let is_in = coin < u64::MAX / 4;
            let has = |chosen: &Chosen| chosen.has(outcome(200, Some(coin)));
            assert_eq!((has(&one), has(&other)), (is_in, is_in), "{coin}");
        }
    }

    #[test]
    fn errors_are_kept_and_rejections_where_that_is_said() {
        let none = [200, 401, 403, 404, 429, 500, 504];
        let kept = |chosen: Chosen| none.map(|status| chosen.has(outcome(status, None)));
        let f = false;
        assert_eq!(kept(chosen("0%", true, false)), [f, f, f, f, f, true, true]);
        assert_eq!(kept(chosen("0%", true, true)), [f, true, true, f, true, true, true]);
        assert_eq!(kept(chosen("0%", false, false)), [f; 7]);
        let broken = Outcome { is_broken: true, ..outcome(200, None) };
        assert!(chosen("0%", true, false).has(broken));
    }
}

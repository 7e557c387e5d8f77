//! Passive health: a target that fails requests one after the other is left out for a while.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::epoch::micros;
use super::{Balancer, LiveTarget};
use crate::upstream::UpstreamError;

impl Balancer {
    /// A try that ended without an answer: counted where the target is to blame.
    pub(super) fn note_failure(&self, target: &Arc<LiveTarget>, error: &UpstreamError) {
        if !error.is_of_the_target() {
            return;
        }
        let in_a_row = target.standing.failed();
        let most = self.config.ejection.consecutive_failures;
        if most > 0 && in_a_row >= most {
            self.eject(target, "failures in a row");
        }
    }

    /// A try that was answered.
    pub(super) fn note_answer(&self, target: &Arc<LiveTarget>, is_error: bool) {
        let in_a_row = target.standing.answered(is_error);
        let most = self.config.ejection.consecutive_5xx;
        if most > 0 && in_a_row >= most {
            self.eject(target, "errors in a row");
        }
    }

    /// Lets targets back in whose time is over.
    pub(super) fn readmit(&self) {
        if self.state.ejected.load(Ordering::Relaxed) == 0 {
            return;
        }
        for target in self.list.now(&self.state).targets() {
            if target.standing.readmit(self.state.epoch.now()) {
                self.state.ejected.fetch_sub(1, Ordering::Relaxed);
                let (service, target) = (self.state.name(), &target.authority);
                tracing::info!(%service, %target, "target is back after its ejection");
            }
        }
    }

    fn eject(&self, target: &Arc<LiveTarget>, why: &'static str) {
        let rules = &self.config.ejection;
        // One verdict at a time, or two workers would leave out one target too many.
        let _verdict = self.state.verdict.lock();
        let list = self.list.now(&self.state);
        let out = list.targets().filter(|target| target.standing.is_ejected()).count();
        if out >= most_out(list.targets().count(), rules.max_share) {
            return;
        }
        let (base, most) = (micros(rules.base_time), micros(rules.max_time));
        let span = target.standing.eject(base, most, self.state.epoch.now());
        if let Some(span) = span {
            self.state.ejected.fetch_add(1, Ordering::Relaxed);
            let (service, target) = (self.state.name(), &target.authority);
            let seconds = Duration::from_micros(span).as_secs_f64();
            tracing::warn!(%service, %target, seconds, why, "target is left out");
        }
    }
}

/// How many of so many targets may be out: one at least, but never the only one.
fn most_out(targets: usize, percent: u32) -> usize {
    let share = targets.saturating_mul(usize::try_from(percent).unwrap_or(100)) / 100;
    match targets {
        0 | 1 => 0,
        _ if percent == 0 => 0,
        _ => share.max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::most_out;

    #[test]
    fn a_share_may_be_out_and_never_the_only_one() {
        assert_eq!(most_out(1, 100), 0);
        assert_eq!(most_out(2, 10), 1);
        assert_eq!(most_out(10, 50), 5);
        assert_eq!(most_out(3, 100), 3);
        assert_eq!(most_out(4, 0), 0);
    }
}

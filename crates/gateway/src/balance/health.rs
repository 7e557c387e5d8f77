//! Active health checks of one target: a `GET` on a new connection, again and again.
//!
//! A target counts as well until its checks say otherwise, so that a start waits for nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::sleep;

use super::hash::mix;
use super::service_state::ServiceState;
use super::{Balancer, LiveTarget, Member};
use crate::config::Protocol;
use crate::config::balancing::Health;
use crate::upstream::{UpstreamError, probe};

/// How one target is checked.
#[derive(Clone)]
pub(super) struct Check {
    state: Arc<ServiceState>,
    target: Arc<LiveTarget>,
    member: Arc<Member>,
    protocol: Protocol,
    rules: Arc<Health>,
}

impl Balancer {
    /// The checks that this service asks for. A target that is not checked is not down.
    pub(super) fn checks(&self) -> Vec<Check> {
        let Some(rules) = self.config.health.clone().map(Arc::new) else { return Vec::new() };
        let check = |member: &Arc<Member>| Check {
            state: Arc::clone(&self.state),
            target: Arc::clone(&member.target),
            member: Arc::clone(member),
            protocol: self.protocol,
            rules: Arc::clone(&rules),
        };
        self.list.now(&self.state).members().map(check).collect()
    }
}

impl PartialEq for Check {
    fn eq(&self, other: &Self) -> bool {
        let keys = [self, other].map(|check| check.member.pool_key(true));
        Arc::ptr_eq(&self.target, &other.target)
            && keys[0] == keys[1]
            && (self.protocol, &self.rules) == (other.protocol, &other.rules)
    }
}

impl Check {
    /// Checks until it is aborted.
    pub(super) async fn run(self) {
        let (mut good, mut bad) = (0_u32, 0_u32);
        let mut round = self.target.seed;
        loop {
            match self.once().await {
                // Nobody was asked, so nothing is known.
                None => {}
                Some(Ok(())) => (good, bad) = (good.saturating_add(1), 0),
                Some(Err(why)) => {
                    (good, bad) = (0, bad.saturating_add(1));
                    self.tell_bad(&why);
                    if bad >= self.rules.unhealthy_after {
                        self.conclude(false, &why);
                    }
                }
            }
            if good >= self.rules.healthy_after {
                self.conclude(true, "");
            }
            round = mix(round);
            sleep(spread(self.rules.interval, round)).await;
        }
    }

    /// Whether both check the same target.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.target, &other.target)
    }

    /// Takes back what was concluded: nobody checks any more.
    pub(super) fn forget(&self) {
        self.conclude(true, "");
    }

    /// What the target says; nothing where there was no descriptor to ask it with.
    async fn once(&self) -> Option<Result<(), String>> {
        let answer = probe(&self.member, self.protocol, &self.rules.path, self.rules.timeout).await;
        match answer {
            Ok(status) if self.rules.expect_status.contains(&status.as_u16()) => Some(Ok(())),
            Ok(status) => Some(Err(format!("status {}", status.as_u16()))),
            Err(UpstreamError::Busy) => None,
            Err(error) => Some(Err(symbolon_core::error::chain(&error))),
        }
    }

    fn tell_bad(&self, why: &str) {
        let (service, target) = (self.state.name(), &self.target.authority);
        tracing::debug!(%service, %target, why, "a health check failed");
    }

    fn conclude(&self, is_well: bool, why: &str) {
        let now = self.state.epoch.now();
        if !self.target.standing.checked(is_well, now) {
            return;
        }
        // It was down and is up again: what failed while it was down counts no longer.
        if is_well && self.target.standing.pardon(now) {
            self.state.ejected.fetch_sub(1, Ordering::Relaxed);
        }
        let (service, target) = (self.state.name(), &self.target.authority);
        if is_well {
            tracing::info!(%service, %target, "target is healthy");
        } else {
            tracing::warn!(%service, %target, why, "target is unhealthy");
        }
    }
}

/// Between nine and eleven tenths of the interval, so that checks of many targets and nodes do
/// not come all at once.
fn spread(interval: Duration, round: u64) -> Duration {
    let tenth = u64::try_from(interval.as_micros() / 10).unwrap_or(u64::MAX);
    interval.saturating_sub(Duration::from_micros(tenth))
        + Duration::from_micros(round % tenth.saturating_mul(2).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_stay_near_what_was_asked() {
        let second = Duration::from_secs(1);
        let mut round = 1;
        for _ in 0..1000 {
            round = mix(round);
            let span = spread(second, round);
            assert!((second * 9 / 10..=second * 11 / 10).contains(&span), "{span:?}");
        }
    }
}

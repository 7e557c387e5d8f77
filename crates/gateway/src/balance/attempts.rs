//! The tries of one request.
//!
//! 1. A target that could not be connected to has seen nothing, so another one may be asked
//!    whatever the method, or the same one where there is no other: a queue that was full for a
//!    moment is no reason to fail.
//! 2. After everything else a request is repeated only if it is idempotent and has no body
//!    (RFC 9110 section 9.2.2), and the configuration names the case.
//! 3. A kept connection that turns out to be closed is no failure of the target: the request goes
//!    out once more on a new one, unpaid.
//! 4. All other retries are paid from the budget of the service.

use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use smallvec::SmallVec;
use tokio::time::Instant;

use super::epoch::{Micros, micros};
use super::pick::Choice;
use super::{Balancer, Lease, LiveTarget, Member, request_key};
use crate::config::balancing::Policy;
use crate::stage::Outbound;
use crate::upstream::UpstreamError;

/// What a failure takes at least, in the eyes of a policy that looks for fast targets.
const FAILURE: Micros = 1_000_000;

/// Where one request has been and may still go.
pub(crate) struct Attempts<'a> {
    balancer: &'a Balancer,
    key: Option<u64>,
    mark: Option<&'a [u8]>,
    /// Whether it may be sent again after it was sent.
    may_repeat: bool,
    left: u32,
    tried: SmallVec<[Arc<LiveTarget>; 2]>,
    needs_new_connection: bool,
    deadline: Option<Instant>,
    /// When this try began, where somebody wants to know.
    began: Option<Instant>,
    lease: Lease,
}

impl Balancer {
    /// Begins a request; refused where the service has as many as it may.
    pub(crate) fn attempts<'a>(
        &'a self,
        outbound: &'a Outbound,
        may_repeat: bool,
    ) -> Result<Attempts<'a>, UpstreamError> {
        let place = match self.config.breaker.max_requests {
            None => None,
            Some(most) => {
                let place = self.state.counts().request(most);
                Some(place.map_err(|bound| self.refused(bound))?)
            }
        };
        self.state.deposit(self.config.retries.budget);
        Ok(Attempts {
            balancer: self,
            key: request_key::key(&self.config.policy, outbound),
            mark: request_key::mark(&self.config.policy, outbound),
            may_repeat,
            left: self.config.retries.attempts,
            tried: SmallVec::new(),
            needs_new_connection: false,
            deadline: self.config.total.map(|total| Instant::now() + total),
            began: None,
            lease: Lease { place, target: None },
        })
    }
}

impl Attempts<'_> {
    /// The target to ask now; `None` where there is none.
    pub(crate) fn next_target(&mut self) -> Option<Arc<Member>> {
        let balancer = self.balancer;
        balancer.readmit();
        let list = balancer.list.now(&balancer.state);
        let choice = Choice {
            set: list.current(&self.tried)?,
            policy: &balancer.config.policy,
            turn: &balancer.state.turn,
            draws: &balancer.state.draws,
            epoch: balancer.state.epoch,
            slow_start: balancer.slow_start,
            key: self.key,
            mark: self.mark,
            tried: &self.tried,
        };
        let member = choice.make()?;
        if balancer.weighs_load {
            self.lease.move_to(&member.target);
        }
        let is_timed = matches!(balancer.config.policy, Policy::Ewma)
            || balancer.config.retries.per_try_timeout.is_some();
        self.began = is_timed.then(Instant::now);
        Some(Arc::clone(member))
    }

    /// Whether a kept connection will not do.
    pub(crate) fn needs_new_connection(&self) -> bool {
        self.needs_new_connection
    }

    /// How long may be waited for a connection.
    pub(crate) fn connect_limit(&self, limit: Duration) -> Duration {
        match self.response_deadline() {
            Some(deadline) => limit.min(deadline.saturating_duration_since(Instant::now())),
            None => limit,
        }
    }

    /// When the head of the answer has to be here, whatever progress there is.
    pub(crate) fn response_deadline(&self) -> Option<Instant> {
        let limit = self.balancer.config.retries.per_try_timeout;
        let own = limit.and_then(|limit| self.began.map(|began| began + limit));
        match (own, self.deadline) {
            (Some(own), Some(deadline)) => Some(own.min(deadline)),
            (own, deadline) => own.or(deadline),
        }
    }

    /// After a failure before anything was sent: whether another target is to be asked.
    pub(crate) fn after_connecting(
        &mut self,
        target: &Arc<LiveTarget>,
        error: &UpstreamError,
    ) -> bool {
        self.note_failure(target, error);
        let on = self.balancer.config.retries.on;
        let is_named = match error {
            UpstreamError::ConnectTimeout | UpstreamError::Handshake(_) => on.connect_failure,
            // Our own bound: another target may have room.
            UpstreamError::Busy => true,
            UpstreamError::Connect(source) => {
                let is_refused = source.kind() == std::io::ErrorKind::ConnectionRefused;
                on.connect_failure || (on.refused && is_refused)
            }
            _ => false,
        };
        self.tried.push(Arc::clone(target));
        is_named && self.is_granted()
    }

    /// After a failure of an exchange: whether the request is to be sent again.
    pub(crate) fn after_failure(
        &mut self,
        target: &Arc<LiveTarget>,
        error: &UpstreamError,
        is_kept: bool,
    ) -> bool {
        let is_closed = matches!(error, UpstreamError::Closed);
        if is_closed && is_kept && self.may_repeat && !self.needs_new_connection {
            self.needs_new_connection = true;
            return true;
        }
        self.note_failure(target, error);
        let on = self.balancer.config.retries.on;
        let is_named = match error {
            UpstreamError::Closed => on.reset_before_response,
            UpstreamError::ResponseTimeout => on.gateway_timeout,
            _ => false,
        };
        is_named && self.repeat_elsewhere(target)
    }

    /// After an answer: whether the request is to be sent again all the same.
    pub(crate) fn after_answer(&mut self, target: &Arc<LiveTarget>, status: StatusCode) -> bool {
        let is_error = status.is_server_error();
        self.balancer.note_answer(target, is_error);
        self.sample(target, is_error);
        self.balancer.config.retries.on.status(status) && self.repeat_elsewhere(target)
    }

    /// The cookie that keeps the downstream with this target, where it has another one or none.
    pub(crate) fn cookie(&self, target: &LiveTarget) -> Option<HeaderValue> {
        match self.balancer.config.policy {
            Policy::Sticky { .. } if self.mark != Some(target.mark.as_bytes()) => {
                self.balancer.sticky_cookie(target)
            }
            _ => None,
        }
    }

    /// What the request holds until its answer is over.
    pub(crate) fn into_lease(self) -> Lease {
        self.lease
    }

    fn repeat_elsewhere(&mut self, target: &Arc<LiveTarget>) -> bool {
        if !self.may_repeat {
            return false;
        }
        self.tried.push(Arc::clone(target));
        self.is_granted()
    }

    /// Whether tries, time and budget are left.
    fn is_granted(&mut self) -> bool {
        if self.left == 0 || self.deadline.is_some_and(|deadline| deadline <= Instant::now()) {
            return false;
        }
        self.left -= 1;
        self.balancer.state.pay(self.balancer.config.retries.budget)
    }

    fn note_failure(&self, target: &Arc<LiveTarget>, error: &UpstreamError) {
        self.balancer.note_failure(target, error);
        if error.is_of_the_target() {
            self.sample(target, true);
        }
    }

    /// Tells how long it took. Whoever fails at once is not fast: it would get all requests.
    fn sample(&self, target: &LiveTarget, is_failure: bool) {
        if let (Some(began), Policy::Ewma) = (self.began, &self.balancer.config.policy) {
            let took: Micros = micros(began.elapsed());
            let took = if is_failure { took.max(FAILURE) } else { took };
            target.load.sample(took, self.balancer.state.epoch.now());
        }
    }
}

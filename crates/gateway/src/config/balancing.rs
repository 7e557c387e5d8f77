//! How requests are spread over the targets of a service, and what happens when one fails.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::HeaderName;

/// Spreading, health, retries and bounds of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balancing {
    /// Which target is next.
    pub policy: Policy,
    /// How long a target that comes back takes to get its full share; zero for at once.
    pub slow_start: Duration,
    /// Active health checks.
    pub health: Option<Health>,
    /// When a target that fails requests is left out for a while.
    pub ejection: Ejection,
    /// When a request is tried again.
    pub retries: Retries,
    /// Bounds over all workers.
    pub breaker: Breaker,
    /// The longest time to the end of the head of the answer, over all tries.
    pub total: Option<Duration>,
}

/// Which target is next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Policy {
    /// In turn, by weight.
    RoundRobin,
    /// Of two at random, the one with fewer requests under way, by weight.
    LeastRequests,
    /// Of two at random, the one whose answers were lately faster for what it has to do.
    Ewma,
    /// The same key goes to the same target.
    ConsistentHash(HashBy),
    /// The target that answered before, named by a cookie.
    Sticky {
        /// The name of the cookie.
        cookie: Arc<str>,
    },
}

/// What is hashed; where a request lacks it, the targets take turns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HashBy {
    /// A header of the request.
    Header(HeaderName),
    /// A cookie of the request.
    Cookie(Arc<str>),
    /// Whoever was authenticated.
    Principal,
    /// The address the request came from.
    Source,
}

/// Active health checks: `GET` on a new connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// What is asked for.
    pub path: String,
    /// From one check to the next.
    pub interval: Duration,
    /// The longest wait for connection and head together.
    pub timeout: Duration,
    /// Good checks in a row that bring a target back.
    pub healthy_after: u32,
    /// Bad checks in a row that take it out.
    pub unhealthy_after: u32,
    /// The statuses that count as good.
    pub expect_status: Vec<u16>,
}

/// When a target that fails requests is left out for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ejection {
    /// So many requests in a row without an answer; 0 for never.
    pub consecutive_failures: u32,
    /// So many answers from 500 on in a row; 0 for never.
    pub consecutive_5xx: u32,
    /// How long the first time; each further time in a row is longer by as much.
    pub base_time: Duration,
    /// The longest time.
    pub max_time: Duration,
    /// The largest share of the targets that may be out at once, in percent.
    pub max_share: u32,
}

/// When a request is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retries {
    /// How often at most, besides the first try.
    pub attempts: u32,
    /// After what.
    pub on: RetryOn,
    /// The longest wait for the head of an answer of each try.
    pub per_try_timeout: Option<Duration>,
    /// Retries per hundred requests, over all workers.
    pub budget: u32,
}

/// After what a request is tried again. All but the first two ask for an idempotent request
/// without a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set: each case stands for itself")]
pub struct RetryOn {
    /// No connection was had, for whatever reason.
    pub connect_failure: bool,
    /// The connection was refused.
    pub refused: bool,
    /// The connection ended before the first byte of an answer.
    pub reset_before_response: bool,
    /// The answer was 502.
    pub bad_gateway: bool,
    /// The answer was 503.
    pub unavailable: bool,
    /// The answer was 504, or there was none in time.
    pub gateway_timeout: bool,
}

/// Bounds over all workers; what exceeds them is refused at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breaker {
    /// Open connections to all targets.
    pub max_connections: Option<usize>,
    /// Requests that wait for a connection.
    pub max_pending: usize,
    /// Requests under way.
    pub max_requests: Option<usize>,
}

impl RetryOn {
    /// Whether this answer is one of those.
    pub(crate) fn status(self, status: StatusCode) -> bool {
        match status.as_u16() {
            502 => self.bad_gateway,
            503 => self.unavailable,
            504 => self.gateway_timeout,
            _ => false,
        }
    }
}

impl Default for Balancing {
    fn default() -> Self {
        Self {
            policy: Policy::RoundRobin,
            slow_start: Duration::ZERO,
            health: None,
            ejection: Ejection {
                consecutive_failures: 5,
                consecutive_5xx: 0,
                base_time: Duration::from_secs(10),
                max_time: Duration::from_mins(5),
                max_share: 50,
            },
            retries: Retries {
                attempts: 2,
                on: RetryOn { connect_failure: true, ..RetryOn::default() },
                per_try_timeout: None,
                budget: 20,
            },
            breaker: Breaker { max_connections: None, max_pending: 1024, max_requests: None },
            total: None,
        }
    }
}

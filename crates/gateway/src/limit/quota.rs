//! What a caller is told of its quota: `RateLimit`, `RateLimit-Policy`
//! (draft-ietf-httpapi-ratelimit-headers-10) and `Retry-After` (RFC 9110 section 10.2.3).
//!
//! A draft: names and syntax may still change.

use std::fmt::Write as _;
use std::sync::Arc;

use http::header::{self, HeaderMap, HeaderName, HeaderValue};

use super::gcra::Verdict;
use super::rule::RateLimit;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

/// One rule and where a caller stands with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    name: Arc<str>,
    requests: u32,
    per: u64,
    remaining: u64,
    refilled: i64,
    wait: i64,
}

impl Quota {
    pub(super) fn new(rule: &RateLimit, verdict: &Verdict) -> Self {
        Self {
            name: Arc::clone(&rule.name),
            requests: rule.requests,
            per: rule.per.as_secs(),
            remaining: verdict.remaining,
            refilled: seconds(verdict.refilled),
            wait: seconds(verdict.wait),
        }
    }

    /// The rule's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// When to try again, in seconds.
    pub(crate) fn wait(&self) -> i64 {
        self.wait
    }
}

/// Tells a caller where it stands; a service's own quotas stay beside ours.
pub(crate) fn dress(headers: &mut HeaderMap, quotas: &[Quota]) {
    if quotas.is_empty() {
        return;
    }
    let (mut policy, mut limit, mut separator) = (String::new(), String::new(), "");
    for quota in quotas {
        let Quota { name, requests, per, remaining, refilled, .. } = quota;
        // Writing to a string cannot fail. Names are those of headers, or words of ours.
        let _ = write!(policy, "{separator}\"{name}\";q={requests};w={per}");
        let _ = write!(limit, "{separator}\"{name}\";r={remaining};t={refilled}");
        separator = ", ";
    }
    for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, limit)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(name, value);
        }
    }
}

/// Whoever is refused is told when to come again.
pub(crate) fn retry_after(headers: &mut HeaderMap, quota: &Quota) {
    headers.insert(header::RETRY_AFTER, HeaderValue::from(quota.wait().max(1)));
}

/// Rounded up, so that nobody comes a moment too early.
fn seconds(nanoseconds: i64) -> i64 {
    nanoseconds / SECOND + i64::from(nanoseconds % SECOND > 0)
}

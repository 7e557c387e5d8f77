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
    until_more: i64,
}

impl Quota {
    pub(super) fn new(rule: &RateLimit, verdict: &Verdict) -> Self {
        Self {
            name: Arc::clone(&rule.name),
            requests: rule.requests,
            per: rule.per.as_secs(),
            remaining: verdict.remaining,
            until_more: seconds(verdict.until_more),
        }
    }
}

/// Tells a caller where it stands; a service's own quotas stay beside ours.
pub(crate) fn dress(headers: &mut HeaderMap, quotas: &[Quota]) {
    if quotas.is_empty() {
        return;
    }
    let (mut policy, mut limit, mut separator) = (String::new(), String::new(), "");
    for quota in quotas {
        let Quota { name, requests, per, remaining, until_more } = quota;
        // Writing to a string cannot fail. Names are those of headers, or words of ours.
        let _ = write!(policy, "{separator}\"{name}\";q={requests};w={per}");
        let _ = write!(limit, "{separator}\"{name}\";r={remaining};t={until_more}");
        separator = ", ";
    }
    for (name, text) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, limit)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.append(name, value);
        }
    }
}

/// Whoever is refused, by the last of these, is told when to come again: never earlier than
/// `RateLimit` says (section 4 of the draft), since for a quota that is used up both are the same
/// moment.
pub(crate) fn retry_after(headers: &mut HeaderMap, quotas: &[Quota]) {
    let until_more = quotas.last().map_or(1, |quota| quota.until_more.max(1));
    headers.insert(header::RETRY_AFTER, HeaderValue::from(until_more));
}

/// Rounded up, so that nobody comes a moment too early.
fn seconds(nanoseconds: i64) -> i64 {
    nanoseconds / SECOND + i64::from(nanoseconds % SECOND > 0)
}

//! A rule about how often, as it stands in the configuration.

use std::sync::Arc;
use std::time::Duration;

use super::keys::CountBy;

/// So many requests in such a time, for each of something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many.
    pub(super) requests: u32,
    /// In which time.
    pub(super) per: Duration,
    /// How many of them at once.
    pub(super) burst: u32,
    /// What is counted separately.
    pub(super) by: CountBy,
    /// `source-60`: its name in the `RateLimit` headers.
    pub(super) name: Arc<str>,
}

/// Why a rule is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RateLimitError {
    /// A limit of nothing.
    #[error("`requests`, `per` and `burst` must be more than nothing")]
    Zero,
    /// Counted in nanoseconds, one request would take no time.
    #[error("more than a thousand million requests in a second are no limit")]
    Fast,
}

impl RateLimit {
    /// A rule; without `burst`, all requests of a period may come at once.
    ///
    /// # Errors
    /// Where it limits nothing, or everything.
    pub fn new(
        requests: u32,
        per: Duration,
        burst: Option<u32>,
        by: CountBy,
    ) -> Result<Self, RateLimitError> {
        let burst = burst.unwrap_or(requests);
        if requests == 0 || burst == 0 || per.is_zero() {
            return Err(RateLimitError::Zero);
        }
        if per.as_nanos() < u128::from(requests) {
            return Err(RateLimitError::Fast);
        }
        let name = format!("{}-{}", by.name(), per.as_secs());
        Ok(Self { requests, per, burst, by, name: name.into() })
    }

    /// Its name in the `RateLimit` headers: what is counted separately, and in which time.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is counted separately.
    pub fn by(&self) -> &CountBy {
        &self.by
    }
}

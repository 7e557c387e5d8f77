//! limit: what can be refused for where it comes from, for its size or for how often it comes,
//! before anybody asks who it is.

use super::Matched;
use crate::decide::Grounds;
use crate::limit::Quota;
use crate::rejection::{Reason, Rejection};

/// A request of a size that its route takes, from an address and at a rate that it takes.
#[derive(Debug)]
pub(crate) struct Admitted {
    matched: Matched,
    announced: Option<u64>,
    body_limit: u64,
    quotas: Vec<Quota>,
}

impl Matched {
    /// Checks address, announced length and rate; what is not announced is counted while it
    /// streams.
    pub(crate) fn admit(
        self,
        announced: Option<u64>,
        grounds: &Grounds<'_>,
    ) -> Result<Admitted, Rejection> {
        let bound = self.route();
        self.clean().check_source(bound.sources())?;
        let body_limit = bound.max_body().unwrap_or(grounds.limits.body_bytes);
        if announced.is_some_and(|length| length > body_limit) {
            return Err(Rejection::new(Reason::BodyTooLarge, "announced length"));
        }
        // A preflight is a question that a browser asks on its own.
        let quotas = match bound.limits() {
            Some(limits) if !self.is_preflight() => limits.before(self.clean(), grounds)?,
            _ => Vec::new(),
        };
        Ok(Admitted { matched: self, announced, body_limit, quotas })
    }
}

impl Admitted {
    pub(crate) fn matched(&self) -> &Matched {
        &self.matched
    }

    /// The length of the body, where it was announced.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.announced
    }

    /// The longest body, in bytes.
    pub(crate) fn body_limit(&self) -> u64 {
        self.body_limit
    }

    /// Where the caller stands with the limits so far.
    pub(crate) fn quotas(&self) -> &[Quota] {
        &self.quotas
    }
}

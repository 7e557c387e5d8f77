//! limit: what can be refused for its size before anybody asks who it is.

use super::Matched;
use crate::config::Limits;
use crate::rejection::{Reason, Rejection};

/// A request of a size that its route takes.
#[derive(Debug)]
pub(crate) struct Admitted {
    matched: Matched,
    body_limit: u64,
}

impl Matched {
    /// Checks the announced length; what is not announced is counted while it streams.
    pub(crate) fn admit(
        self,
        announced: Option<u64>,
        limits: &Limits,
    ) -> Result<Admitted, Rejection> {
        let body_limit = self.route().route.max_body.unwrap_or(limits.body_bytes);
        if announced.is_some_and(|length| length > body_limit) {
            return Err(Rejection::new(Reason::BodyTooLarge, "announced length"));
        }
        Ok(Admitted { matched: self, body_limit })
    }
}

impl Admitted {
    pub(crate) fn matched(&self) -> &Matched {
        &self.matched
    }

    /// The longest body, in bytes.
    pub(crate) fn body_limit(&self) -> u64 {
        self.body_limit
    }
}

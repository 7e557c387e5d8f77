//! authorize: whether this principal may do this, by which rule, and not too often.

use std::sync::Arc;

use symbolon_core::Timestamp;

use super::Identified;
use crate::limit::{Quota, Slot};
use crate::rejection::{Reason, Rejection};

/// A request that may go upstream. Never kept: it is made anew for every request.
#[derive(Debug)]
#[must_use]
pub(crate) struct Permitted {
    identified: Identified,
    rule: &'static str,
    quotas: Vec<Quota>,
    slot: Option<Arc<Slot>>,
}

impl Identified {
    /// Checks the route's requirements, then the limits that depend on who it is, then whether
    /// there is room for one more.
    pub(crate) fn authorize(self, now: Timestamp) -> Result<Permitted, Rejection> {
        let rule = self.rule()?;
        let matched = self.admitted().matched();
        let (quotas, slot) = match matched.route().limits() {
            None => (Vec::new(), None),
            Some(limits) => {
                let quotas = limits.after(matched.clean(), self.identity(), now)?;
                (quotas, limits.slot()?)
            }
        };
        Ok(Permitted { identified: self, rule, quotas, slot })
    }

    /// The rule by which this principal may do this.
    fn rule(&self) -> Result<&'static str, Rejection> {
        let bound = self.admitted().matched().route();
        if bound.is_open() {
            return Ok("no_requirement");
        }
        let wanted = &bound.route.authorize.any_role;
        if wanted.is_empty() {
            return Ok("no_requirement");
        }
        if self.identity().roles().iter().any(|role| wanted.contains(role)) {
            return Ok("any_role");
        }
        Err(Rejection::new(Reason::Forbidden, "any_role: none of the roles"))
    }
}

impl Permitted {
    pub(crate) fn identified(&self) -> &Identified {
        &self.identified
    }

    /// The rule that allowed it.
    pub(crate) fn rule(&self) -> &'static str {
        self.rule
    }

    /// Where the caller stands with the limits that depend on who it is.
    pub(crate) fn quotas(&self) -> &[Quota] {
        &self.quotas
    }

    /// Its place among the requests under way, where their number is limited.
    pub(crate) fn slot(&self) -> Option<&Arc<Slot>> {
        self.slot.as_ref()
    }
}

//! authorize: whether this principal may do this, and by which rule.

use super::{Identified, Identity};
use crate::rejection::{Reason, Rejection};

/// A request that may go upstream. Never kept: it is made anew for every request.
#[derive(Debug)]
#[must_use]
pub(crate) struct Permitted {
    identified: Identified,
    rule: &'static str,
}

impl Identified {
    /// Checks the route's requirements.
    pub(crate) fn authorize(self) -> Result<Permitted, Rejection> {
        let wanted = &self.admitted().matched().route().route.authorize.any_role;
        if wanted.is_empty() {
            return Ok(Permitted { identified: self, rule: "no_requirement" });
        }
        let has_role = match self.identity() {
            Identity::Session { live, .. } => {
                live.session.authorization.roles.iter().any(|role| wanted.contains(role))
            }
            Identity::Anonymous | Identity::Client(_) => false,
        };
        if has_role {
            return Ok(Permitted { identified: self, rule: "any_role" });
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
}

//! A principal who is known, but not strongly or not lately enough: asked to prove it again.
//!
//! A program gets the challenge of RFC 9470; a person with a session cookie is sent to the log-in
//! page, which asks for the password whoever is logged in already, so that it can never send them
//! straight back.

use std::fmt::Write as _;

use symbolon_core::policy::Requirements;

use crate::config::WhenUnauthenticated;
use crate::rejection::{Reason, StepUp};
use crate::stage::{Identified, login};

/// Where to go, or what is asked for.
pub(super) fn reason(identified: &Identified, requirements: &Requirements) -> Reason {
    let acr = requirements.acr.as_ref().and_then(|classes| classes.first()).cloned();
    let max_age = requirements.max_age.map(|longest| longest.as_secs());
    let matched = identified.admitted().matched();
    let clean = matched.clean();
    let log_in = match matched.route().route.when_unauthenticated {
        WhenUnauthenticated::Auto => login::is_navigation(clean),
        WhenUnauthenticated::Login => true,
        WhenUnauthenticated::Reject => false,
    };
    if !log_in || !identified.identity().is_cookie() {
        return Reason::StepUp(Box::new(StepUp { acr, max_age }));
    }
    let mut query = login::return_to(matched);
    let mut add = |name: &str, value: &str| {
        let separator = if query.is_empty() { '?' } else { '&' };
        // Writing to a string cannot fail.
        let _ = write!(query, "{separator}{name}={}", login::encode(value));
    };
    if let Some(acr) = &acr {
        add("acr", acr);
    }
    if let Some(seconds) = max_age {
        add("max_age", &seconds.to_string());
    }
    Reason::LogIn(query)
}

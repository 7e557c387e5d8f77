//! What stands between a route and whoever asks for it.

use std::sync::Arc;

use crate::authenticator::{Authenticators, BoundChain, Takers};
use crate::config::{Authenticate, Route};
use crate::hidden::{Hidden, Shown, Withheld};

/// A route's authenticators, and what goes with them.
pub(crate) struct RouteGuard {
    pub(crate) chain: BoundChain,
    /// Whether a request without any credential passes as anonymous.
    pub(crate) optional: bool,
    /// Which of them look at `Authorization: Bearer`.
    pub(crate) takers: Takers,
    /// What a 401 asks for.
    pub(crate) challenges: Arc<[&'static str]>,
    /// What the service does not get to see.
    pub(crate) hidden: Option<Hidden>,
    /// What it sees although no other service does.
    pub(crate) shown: Option<Shown>,
    /// What services outside that are asked do not.
    pub(crate) withheld: Withheld,
}

impl RouteGuard {
    /// Of a route; `None` where everybody may pass and nobody is looked at.
    pub(crate) fn of(route: &Route, authenticators: &Authenticators) -> Option<Box<Self>> {
        let Authenticate::Chain { chain, optional } = &route.authenticate else { return None };
        let chain = authenticators.bind(chain);
        let mut challenges: Vec<&'static str> = Vec::new();
        for one in chain.authenticators() {
            if !challenges.contains(&one.challenge()) {
                challenges.push(one.challenge());
            }
        }
        let all = route.authenticate.authenticators();
        let hidden = Hidden::of(&route.authenticate);
        Some(Box::new(Self {
            chain,
            takers: Takers::of(all.iter().map(|one| &one.kind)),
            optional: *optional,
            challenges: challenges.into(),
            shown: Shown::of(&route.authenticate, hidden.as_ref()),
            hidden,
            withheld: Withheld::of(&route.authenticate),
        }))
    }
}

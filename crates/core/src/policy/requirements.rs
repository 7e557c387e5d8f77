//! What a route asks of an authenticated principal, rule by rule.
//!
//! Every rule that is written has to be met. They are asked in a fixed order: what no new log-in
//! can change comes before what one can, so that nobody is sent to log in again for a request
//! that is refused afterwards all the same. Policies are asked after all of these.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use super::facts::Facts;
use super::hierarchy::Wanted;
use crate::id::ClientId;
use crate::time::Timestamp;

/// How much older than `max_age` a log-in may be, so that a person who has just come back from
/// logging in is not sent away again by clocks that differ.
pub const MAX_AGE_LEEWAY: Duration = Duration::from_secs(1);

/// The rules of one route. What is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// The principal is one of these clients, or a user of one of them.
    pub clients: Vec<ClientId>,
    /// At least one of these roles.
    pub any_role: Vec<Wanted>,
    /// All of these roles.
    pub all_roles: Vec<Wanted>,
    /// At least one of these groups.
    pub any_group: Vec<String>,
    /// All of these scopes.
    pub scopes: Vec<String>,
    /// One of these context classes: the one that was written, and those above it.
    pub acr: Option<Arc<[Arc<str>]>>,
    /// The longest time since the principal last proved who they are.
    pub max_age: Option<Duration>,
}

/// A rule that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The rule.
    pub rule: &'static str,
    /// What is missing, without a secret in it: for the log and for explanations.
    pub why: &'static str,
}

/// One rule, and whether it was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Considered {
    /// The rule.
    pub rule: &'static str,
    /// Why not, where it was not.
    pub unmet: Option<&'static str>,
}

/// A rule: whether a route has it, and whether it is met.
struct Asked {
    rule: &'static str,
    /// What is said where it is not met.
    why: &'static str,
    is_written: fn(&Requirements) -> bool,
    is_met: fn(&Requirements, &Facts<'_>, Timestamp) -> bool,
}

/// All rules, in the order in which they are asked.
const ORDER: [Asked; 7] = [
    Asked {
        rule: "clients",
        why: "none of the clients",
        is_written: |rules| !rules.clients.is_empty(),
        is_met: |rules, facts, _| {
            let is = |acts: &str| rules.clients.iter().any(|client| client.as_str() == acts);
            facts.client.is_some_and(is)
        },
    },
    Asked {
        rule: "any_role",
        why: "none of the roles",
        is_written: |rules| !rules.any_role.is_empty(),
        is_met: |rules, facts, _| rules.any_role.iter().any(|wanted| facts.holds(wanted)),
    },
    Asked {
        rule: "all_roles",
        why: "not all of the roles",
        is_written: |rules| !rules.all_roles.is_empty(),
        is_met: |rules, facts, _| rules.all_roles.iter().all(|wanted| facts.holds(wanted)),
    },
    Asked {
        rule: "any_group",
        why: "none of the groups",
        is_written: |rules| !rules.any_group.is_empty(),
        is_met: |rules, facts, _| rules.any_group.iter().any(|one| facts.groups.contains(one)),
    },
    Asked {
        rule: "scopes",
        why: "not all of the scopes",
        is_written: |rules| !rules.scopes.is_empty(),
        is_met: |rules, facts, _| rules.scopes.iter().all(|one| facts.scopes.contains(one)),
    },
    Asked {
        rule: "acr",
        why: "authenticated in a weaker way",
        is_written: |rules| rules.acr.is_some(),
        is_met: |rules, facts, _| {
            let mut good = rules.acr.iter().flat_map(|classes| classes.iter());
            facts.acr.is_some_and(|had| good.any(|class| **class == *had))
        },
    },
    Asked {
        rule: "max_age",
        why: "authenticated too long ago",
        is_written: |rules| rules.max_age.is_some(),
        // Whoever cannot say when they were authenticated was not authenticated lately.
        is_met: |rules, facts, now| {
            let longest = rules.max_age.unwrap_or_default().saturating_add(MAX_AGE_LEEWAY);
            facts.auth_time.is_some_and(|at| now.since(at) <= longest)
        },
    },
];

impl Requirements {
    /// Whether it asks for nothing.
    pub fn is_empty(&self) -> bool {
        self.written().next().is_none()
    }

    /// The rules that are written, in the order in which they are asked.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.written().map(|asked| asked.rule)
    }

    /// Whether all rules are met.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self, facts: &Facts<'_>, now: Timestamp) -> Result<(), Refusal> {
        match self.written().find(|asked| !(asked.is_met)(self, facts, now)) {
            Some(Asked { rule, why, .. }) => Err(Refusal { rule, why }),
            None => Ok(()),
        }
    }

    /// Every rule with whether it is met, also those behind the first that is not.
    pub fn consider(&self, facts: &Facts<'_>, now: Timestamp) -> Vec<Considered> {
        let consider = |asked: &Asked| Considered {
            rule: asked.rule,
            unmet: (!(asked.is_met)(self, facts, now)).then_some(asked.why),
        };
        self.written().map(consider).collect()
    }

    fn written(&self) -> impl Iterator<Item = &'static Asked> {
        const { &ORDER }.iter().filter(|asked| (asked.is_written)(self))
    }
}

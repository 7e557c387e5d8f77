//! What a route asks of whoever was authenticated, and what it is called when all of it was met.

use std::sync::Arc;

use symbolon_core::policy::cedar::RoutePolicy;
use symbolon_core::policy::{Requirements, Rule};

use crate::limit::Sources;

/// What an authenticated principal must have; nothing by default.
#[derive(Clone, Debug)]
pub struct Authorize {
    requirements: Requirements,
    sources: Option<Sources>,
    policy: Option<Arc<RoutePolicy>>,
    /// What stands in the log where all rules are met and no policy is asked.
    met: Rule,
}

impl Default for Authorize {
    fn default() -> Self {
        Self::new(Requirements::default(), None)
    }
}

impl Authorize {
    /// The name of the rule about addresses.
    pub const SOURCES: &str = "sources";

    /// Rules about the principal, and from where they may come.
    pub fn new(requirements: Requirements, sources: Option<Sources>) -> Self {
        let of_source = sources.is_some().then_some(Self::SOURCES);
        let names: Vec<&'static str> = of_source.into_iter().chain(requirements.names()).collect();
        let met = match names.as_slice() {
            [] => Rule::Known("no_requirement"),
            [one] => Rule::Known(one),
            several => Rule::Own(several.join("+").into()),
        };
        Self { requirements, sources, policy: None, met }
    }

    /// Lets policies decide besides.
    pub fn set_policy(&mut self, policy: Arc<RoutePolicy>) {
        self.policy = Some(policy);
    }

    /// The rules about the principal.
    pub fn requirements(&self) -> &Requirements {
        &self.requirements
    }

    /// From where they may come.
    pub fn sources(&self) -> Option<&Sources> {
        self.sources.as_ref()
    }

    /// The policies that decide besides.
    pub fn policy(&self) -> Option<&Arc<RoutePolicy>> {
        self.policy.as_ref()
    }

    /// What it is called where all rules are met.
    pub fn met(&self) -> &Rule {
        &self.met
    }

    /// Whether it asks for nothing at all.
    pub fn is_nothing(&self) -> bool {
        // In full, so that a requirement that is new is not overlooked here.
        let Self { requirements, sources, policy, met: _ } = self;
        requirements.is_empty() && sources.is_none() && policy.is_none()
    }

    /// Whether somebody has to be known for it.
    pub fn needs_identity(&self) -> bool {
        self.policy.is_some() || !self.requirements.is_empty()
    }
}

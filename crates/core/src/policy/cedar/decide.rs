//! A route's policies, and what they say of one request.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use cedar_policy::{
    ActionConstraint, AuthorizationError, Authorizer, Decision, Entity, EntityTypeName, EntityUid,
    Policy, PolicyId, PolicySet, Request, ResourceConstraint, Response, Schema,
};

use super::entities::{self, TYPES, uid};
use super::{RouteShape, own_schema, schema};
use crate::policy::{Facts, Hierarchy, Rule};
use crate::time::Timestamp;

/// The names that are made only for sets that mention them.
const NAMES: [&str; 19] = [
    "name", "roles", "groups", "scopes", "amr", "acr", "client", "issuer", "service", "path",
    "host", "params", "method", "source", "time", "auth_age", "mtls", "headers", "labels",
];

/// The policies that a route asks.
pub struct RoutePolicy {
    set: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) service: Arc<str>,
    pub(super) uid: EntityUid,
    /// For each method, what can apply to it.
    methods: BTreeMap<&'static str, Slice>,
    /// What policies are called in logs.
    rules: BTreeMap<PolicyId, Arc<str>>,
    /// What the set's text speaks of.
    mentioned: Vec<&'static str>,
    headers: Vec<Arc<str>>,
    authorizer: Authorizer,
}

/// What can apply to one method of a route.
struct Slice {
    action: EntityUid,
    /// The action below its route's group.
    entity: Entity,
    policies: PolicySet,
    /// The types of principals that an own schema knows for it; what it does not know is denied.
    principals: Option<Vec<EntityTypeName>>,
}

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its method.
    pub method: &'a str,
    /// Its path, in canonical form.
    pub path: &'a str,
    /// Its host.
    pub host: &'a str,
    /// Where it comes from.
    pub source: IpAddr,
    /// Whether a client certificate was shown and verified.
    pub is_mtls: bool,
    /// The named parts of its path.
    pub params: &'a [(&'a str, &'a str)],
    /// The headers that policies may see ([`RoutePolicy::headers`]).
    pub headers: &'a [(&'a str, &'a str)],
    /// Now.
    pub now: Timestamp,
}

/// Why it is denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deny {
    /// No policy permits it.
    NoPermit,
    /// This policy forbids it.
    Forbidden(Rule),
    /// Something failed, maybe this policy.
    Error {
        /// The policy.
        policy: Option<Rule>,
        /// What failed; no secret is in it.
        why: String,
    },
}

impl RoutePolicy {
    /// The policies of a set, as a route asks them.
    pub(super) fn new(
        route: &RouteShape,
        policies: &[Policy],
        text: &str,
        headers: &[Arc<str>],
        own: Option<&Schema>,
    ) -> Self {
        let resource = uid(&TYPES.route, &route.name);
        let group = uid(&TYPES.action, &schema::group(&route.name));
        let may_concern = |policy: &&Policy, action: &EntityUid| {
            concerns_action(policy, action, &group) && concerns_resource(policy, &resource, route)
        };
        let slice = |method: &'static str| {
            let action = uid(&TYPES.action, method);
            let some = policies.iter().filter(|policy| may_concern(policy, &action)).cloned();
            // INVARIANT: names within a set are different. An empty set would deny.
            let policies = PolicySet::from_policies(some).unwrap_or_default();
            let entity = Entity::new_no_attrs(action.clone(), HashSet::from([group.clone()]));
            let principals = own.map(|schema| own_schema::principals(schema, &action));
            (method, Slice { action, entity, policies, principals })
        };
        let rule = |policy: &Policy| {
            let id = policy.id();
            (id.clone(), entities::rule(&route.set, id.as_ref()))
        };
        Self {
            set: Arc::clone(&route.set),
            name: Arc::clone(&route.name),
            service: Arc::clone(&route.service),
            methods: route.methods.iter().copied().map(slice).collect(),
            rules: policies.iter().map(rule).collect(),
            mentioned: NAMES.into_iter().filter(|name| text.contains(name)).collect(),
            headers: if text.contains("headers") { headers.to_vec() } else { Vec::new() },
            uid: resource,
            authorizer: Authorizer::new(),
        }
    }

    /// The name of the set.
    pub fn set(&self) -> &str {
        &self.set
    }

    /// The headers that its policies may look at.
    pub fn headers(&self) -> &[Arc<str>] {
        &self.headers
    }

    /// Whether its policies may look at the named parts of the path.
    pub fn asks_for_params(&self) -> bool {
        self.mentions("params")
    }

    /// How many policies can apply to a method.
    #[cfg(test)]
    pub(super) fn counted(&self, method: &str) -> usize {
        self.methods.get(method).map_or(0, |slice| slice.policies.num_of_policies())
    }

    /// Whether the set's text has a word in it; so has whoever means the attribute.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.mentioned.contains(&name)
    }

    /// Whether the policies permit it, and which did.
    ///
    /// # Errors
    /// Why not.
    pub fn decide(
        &self,
        facts: &Facts<'_>,
        hierarchy: &Hierarchy,
        asked: &Asked<'_>,
    ) -> Result<Rule, Deny> {
        let Some(slice) = self.methods.get(asked.method) else {
            return Err(Deny::NoPermit);
        };
        let Some(principal) = entities::principal_uid(facts) else {
            return Err(Deny::NoPermit);
        };
        if slice.principals.as_ref().is_some_and(|some| !some.contains(principal.type_name())) {
            return Err(Deny::NoPermit);
        }
        let roles = hierarchy.effective(facts.roles, facts.groups);
        let context = entities::context(facts, asked, self)?;
        let all = entities::all([
            entities::principal(facts, &roles, self)?,
            entities::resource(asked, self)?,
            slice.entity.clone(),
        ])?;
        let action = slice.action.clone();
        let request = Request::new(principal, action, self.uid.clone(), context, None);
        let request = request.map_err(|error| entities::broken(&error))?;
        self.read(&self.authorizer.is_authorized(&request, &slice.policies, &all))
    }

    /// What an answer means: an error in any policy denies, whatever the others say.
    fn read(&self, response: &Response) -> Result<Rule, Deny> {
        let diagnostics = response.diagnostics();
        if let Some(AuthorizationError::PolicyEvaluationError(error)) = diagnostics.errors().next()
        {
            let policy = Some(self.rule(error.policy_id()));
            return Err(Deny::Error { policy, why: error.inner().to_string() });
        }
        // Several may have decided; the first by name speaks for them, always the same one.
        let deciding = diagnostics.reason().min().map(|id| self.rule(id));
        match (response.decision(), deciding) {
            (Decision::Allow, Some(rule)) => Ok(rule),
            (Decision::Deny, Some(rule)) => Err(Deny::Forbidden(rule)),
            _ => Err(Deny::NoPermit),
        }
    }

    fn rule(&self, id: &PolicyId) -> Rule {
        self.rules.get(id).map_or(Rule::Known("policy"), |rule| Rule::Own(Arc::clone(rule)))
    }
}

/// Whether a policy's scope leaves room for an action.
fn concerns_action(policy: &Policy, action: &EntityUid, group: &EntityUid) -> bool {
    let is_it = |wanted: &EntityUid| wanted == action || wanted == group;
    match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(some) => some.iter().any(is_it),
        ActionConstraint::Eq(one) => one == *action,
    }
}

/// Whether a policy's scope leaves room for a route.
fn concerns_resource(policy: &Policy, resource: &EntityUid, route: &RouteShape) -> bool {
    let service = uid(&TYPES.service, &route.service);
    match policy.resource_constraint() {
        ResourceConstraint::Any => true,
        ResourceConstraint::Is(of) => of == TYPES.route,
        ResourceConstraint::Eq(one) => one == *resource,
        ResourceConstraint::In(one) => one == *resource || one == service,
        ResourceConstraint::IsIn(of, one) => {
            of == TYPES.route && (one == *resource || one == service)
        }
    }
}

/// What it is called, and how much it is.
impl fmt::Debug for RoutePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RoutePolicy({}, {} policies)", self.set, self.rules.len())
    }
}

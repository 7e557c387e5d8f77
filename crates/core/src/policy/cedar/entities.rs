//! A request as Cedar sees it: principal, resource and context, and no more than the set speaks of.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression as Value,
};

use super::decide::{Asked, Deny, RoutePolicy};
use crate::id::Role;
use crate::policy::{Facts, Who};

/// The types of the built-in schema.
pub(super) struct Types {
    user: EntityTypeName,
    client: EntityTypeName,
    role: EntityTypeName,
    group: EntityTypeName,
    pub(super) service: EntityTypeName,
    pub(super) route: EntityTypeName,
    pub(super) action: EntityTypeName,
}

impl Types {
    /// Whether requests are made of such entities.
    pub(super) fn is_made(&self, of: &EntityTypeName) -> bool {
        let others = [&self.role, &self.group, &self.service, &self.route, &self.action];
        self.is_principal(of) || others.contains(&of)
    }

    /// Whether principals are such entities.
    pub(super) fn is_principal(&self, of: &EntityTypeName) -> bool {
        [&self.user, &self.client].contains(&of)
    }
}

/// Names cost something to read, so it is done once.
pub(super) static TYPES: LazyLock<Types> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "INVARIANT: all of these are plain identifiers")]
    let name = |text: &str| text.parse().expect("a plain identifier");
    Types {
        user: name("User"),
        client: name("Client"),
        role: name("Role"),
        group: name("Group"),
        service: name("Service"),
        route: name("Route"),
        action: name("Action"),
    }
});

/// The name of an entity.
pub(super) fn uid(of: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(of.clone(), EntityId::new(id))
}

fn text(value: &str) -> Value {
    Value::new_string(value.to_owned())
}

fn texts<'a>(values: impl IntoIterator<Item = &'a str>) -> Value {
    Value::new_set(values.into_iter().map(text))
}

fn attribute(name: &str, value: Value) -> (String, Value) {
    (name.to_owned(), value)
}

/// The name of whoever asks; `None` for nobody.
pub(super) fn principal_uid(facts: &Facts<'_>) -> Option<EntityUid> {
    match facts.who {
        Who::Anonymous => None,
        Who::User(name) => Some(uid(&TYPES.user, name)),
        Who::Client(name) => Some(uid(&TYPES.client, name)),
    }
}

/// Whoever asks, below their roles and groups.
pub(super) fn principal(
    facts: &Facts<'_>,
    roles: &[Role],
    route: &RoutePolicy,
) -> Result<Entity, Deny> {
    let (of, name) = match facts.who {
        Who::Anonymous => return Err(Deny::NoPermit),
        Who::User(name) => (&TYPES.user, name),
        Who::Client(name) => (&TYPES.client, name),
    };
    let mut attributes = Vec::with_capacity(8);
    // What no policy of the set mentions is not made.
    let mut give = |name: &str, value: &dyn Fn() -> Value| {
        if route.mentions(name) {
            attributes.push(attribute(name, value()));
        }
    };
    give("name", &|| text(name));
    give("roles", &|| texts(roles.iter().map(Role::as_str)));
    give("groups", &|| texts(facts.groups.iter().map(String::as_str)));
    give("scopes", &|| texts(facts.scopes.iter().map(String::as_str)));
    give("amr", &|| texts(facts.amr.iter().map(String::as_str)));
    for (name, value) in [("acr", facts.acr), ("client", facts.client), ("issuer", facts.issuer)] {
        if let Some(value) = value {
            give(name, &|| text(value));
        }
    }
    let labels = facts.labels.into_iter().flatten();
    let tags = labels.map(|(name, value)| attribute(name, text(value)));
    let roles = roles.iter().map(|role| uid(&TYPES.role, role.as_str()));
    let parents = roles.chain(facts.groups.iter().map(|group| uid(&TYPES.group, group)));
    Entity::new_with_tags(uid(of, name), attributes, parents, tags).map_err(|error| broken(&error))
}

/// What is asked for: the route, with what this request filled in.
pub(super) fn resource(asked: &Asked<'_>, route: &RoutePolicy) -> Result<Entity, Deny> {
    let mut attributes = Vec::with_capacity(5);
    for (name, value) in [
        ("name", &*route.name),
        ("service", &*route.service),
        ("path", asked.path),
        ("host", asked.host),
    ] {
        if route.mentions(name) {
            attributes.push(attribute(name, text(value)));
        }
    }
    if route.mentions("params") {
        let params = asked.params.iter().map(|(name, value)| attribute(name, text(value)));
        attributes.push(attribute("params", record(params)?));
    }
    let parents = HashSet::from([uid(&TYPES.service, &route.service)]);
    Entity::new_with_tags(route.uid.clone(), attributes, parents, [])
        .map_err(|error| broken(&error))
}

/// What else is known of the request.
pub(super) fn context(
    facts: &Facts<'_>,
    asked: &Asked<'_>,
    route: &RoutePolicy,
) -> Result<Context, Deny> {
    let mut pairs = Vec::with_capacity(9);
    let mut give = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            pairs.push(attribute(name, value));
        }
    };
    for (name, value) in [("method", asked.method), ("path", asked.path), ("host", asked.host)] {
        give(name, route.mentions(name).then(|| text(value)));
    }
    let source = || Value::new_ip(asked.source.to_canonical().to_string());
    give("source", route.mentions("source").then(source));
    // Milliseconds are as exact as Cedar is.
    let time = || Value::new_datetime(asked.now.to_string());
    give("time", route.mentions("time").then(time));
    give("acr", facts.acr.filter(|_| route.mentions("acr")).map(text));
    let age = facts.auth_time.filter(|_| route.mentions("auth_age")).map(|at| {
        Value::new_long(i64::try_from(asked.now.since(at).as_secs()).unwrap_or(i64::MAX))
    });
    give("auth_age", age);
    give("mtls", route.mentions("mtls").then(|| Value::new_bool(asked.is_mtls)));
    let headers = if route.mentions("headers") {
        let headers = asked.headers.iter().map(|(name, value)| attribute(name, text(value)));
        Some(record(headers)?)
    } else {
        None
    };
    give("headers", headers);
    Context::from_pairs(pairs).map_err(|error| broken(&error))
}

/// All that Cedar may look at.
pub(super) fn all(entities: [Entity; 3]) -> Result<Entities, Deny> {
    Entities::from_entities(entities, None).map_err(|error| broken(&error))
}

fn record(fields: impl IntoIterator<Item = (String, Value)>) -> Result<Value, Deny> {
    Value::new_record(fields).map_err(|error| broken(&error))
}

/// What cannot be told to Cedar is not permitted.
pub(super) fn broken(error: &dyn std::error::Error) -> Deny {
    Deny::Error { policy: None, why: crate::error::chain(error) }
}

/// The name that a policy has in logs: `policy:own-orders/owner`.
pub(super) fn rule(set: &str, id: &str) -> Arc<str> {
    format!("policy:{set}/{id}").into()
}

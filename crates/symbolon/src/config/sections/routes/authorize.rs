//! `authorize`: what an authenticated principal must have, rule by rule.

use std::collections::HashMap;
use std::sync::Arc;

use symbolon_core::policy::cedar::{Param, Policies, RouteShape};
use symbolon_core::policy::{ContextClasses, Hierarchy, Requirements, Wanted};
use symbolon_core::{ClientId, Role};
use symbolon_gateway::config::{Authenticate, Authorize, Route};
use symbolon_gateway::limit::Sources;
use symbolon_gateway::pattern::params;
use symbolon_gateway::trusted::Cidr;

use super::super::authenticate::Certificates;
use super::super::authenticators::Definitions;
use crate::config::fields::{self, Fields};
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::near::did_you_mean;
use crate::config::shape::{DAY, Key, SECOND, Section, Shape};
use crate::config::yaml::Node;

pub(super) const KEY: Key = Key::rule("authorize", SECTION.doc, Shape::Section(&SECTION));

static SECTION: Section = Section {
    is: "`authorize`",
    doc: "What an authenticated principal must have; every rule that is written has to be met",
    keys: &[
        Key::rule("any_role", "At least one of these roles", TEXTS),
        Key::rule("all_roles", "All of these roles", TEXTS),
        Key::rule("any_group", "At least one of these groups", TEXTS),
        Key::rule("scopes", "All of these scopes", TEXTS),
        Key::rule("clients", "One of these clients, or a user of one of them", TEXTS),
        Key::rule("sources", "Address ranges that requests may come from", TEXTS),
        Key::rule(
            "acr",
            "This authentication context class of `acr_order`, or a stronger one",
            Shape::Text,
        ),
        Key::rule(
            "max_age",
            "Longest time since the principal last proved who they are",
            Shape::Duration { min: SECOND, max: 365 * DAY },
        ),
        Key::rule(
            "policy",
            "Policies that decide besides: a file or folder in `policies.dir`, by its name",
            Shape::Text,
        ),
    ],
};

/// An empty list would be a rule that everybody meets, or nobody.
const TEXTS: Shape = Shape::List { of: &Shape::Text, min: 1 };

/// What all routes are read against.
pub(in crate::config::sections) struct Known<'a> {
    pub(in crate::config::sections) definitions: &'a Definitions,
    pub(in crate::config::sections) certificates: Certificates,
    pub(in crate::config::sections) hierarchy: &'a Hierarchy,
    pub(in crate::config::sections) classes: &'a ContextClasses,
}

/// The roles that a route asks for, as far as they are roles.
pub(super) fn roles(route: Fields<'_>) -> impl Iterator<Item = Role> {
    let fields = route.section("authorize");
    let lists = ["any_role", "all_roles"].map(|key| fields.map(|fields| fields.list(key)));
    let nodes = lists.into_iter().flatten().flatten();
    nodes.filter_map(|node| node.scalar()?.parse().ok())
}

/// Reads all but the policy, which is read once all routes are known.
pub(super) fn read(route: Fields<'_>, known: &Known<'_>, mistakes: &mut Mistakes) -> Authorize {
    let Some(fields) = route.section("authorize") else {
        return Authorize::default();
    };
    if SECTION.keys.iter().all(|key| fields.get(key.name).is_none()) {
        mistakes.add(fields.place(), "`authorize` must say a rule, or be left out");
    }
    let mut wanted = |key| -> Vec<Wanted> {
        let roles = each::<Role>(fields, key, mistakes);
        roles.iter().map(|role| known.hierarchy.wanted(role)).collect()
    };
    let (any_role, all_roles) = (wanted("any_role"), wanted("all_roles"));
    let clients = each::<ClientId>(fields, "clients", mistakes);
    let sources = each::<Cidr>(fields, "sources", mistakes);
    let requirements = Requirements {
        any_role,
        all_roles,
        clients,
        any_group: groups(fields),
        scopes: scopes(fields, mistakes),
        acr: acr(fields, known.classes, mistakes),
        max_age: fields.get("max_age").map(|_| fields.duration("max_age")),
    };
    Authorize::new(requirements, Sources::new(&sources, &[]))
}

/// The routes that ask a set of policies, with what policies may know of their paths.
pub(in crate::config::sections) fn shapes(routes: &[Route], nodes: &[Node]) -> Vec<RouteShape> {
    let shape = |(route, node): (&Route, &Node)| {
        let set = policy(Fields::new(node, &super::SECTION))?.scalar()?;
        Some(RouteShape {
            set: set.into(),
            name: Arc::clone(&route.name),
            service: Arc::clone(&route.service),
            methods: judged_as(route),
            params: params::of(&route.paths)
                .into_iter()
                .map(|(name, is_certain)| Param { name, is_certain })
                .collect(),
        })
    };
    routes.iter().zip(nodes).filter_map(shape).collect()
}

/// The methods by which policies are asked: HEAD is judged as the GET that it stands for.
fn judged_as(route: &Route) -> Vec<&'static str> {
    let names = route.methods.names().map(|name| if name == "HEAD" { "GET" } else { name });
    let mut names: Vec<_> = names.collect();
    // They stand next to each other.
    names.dedup();
    names
}

/// Gives each route the policies that it asks.
pub(in crate::config::sections) fn give_policies(
    routes: &mut [Route],
    nodes: &[Node],
    policies: &Policies,
    mistakes: &mut Mistakes,
) {
    let shapes: HashMap<Arc<str>, RouteShape> =
        shapes(routes, nodes).into_iter().map(|shape| (Arc::clone(&shape.name), shape)).collect();
    for (route, node) in routes.iter_mut().zip(nodes) {
        let Some(shape) = shapes.get(&route.name) else { continue };
        if let Some(policy) = policies.of_route(shape) {
            route.authorize.set_policy(Arc::new(policy));
            continue;
        }
        let message = format!("unknown policy `{}` in route `{}`", shape.set, route.name);
        let hint = did_you_mean(&shape.set, policies.names());
        let fields = Fields::new(node, &super::SECTION);
        let place = policy(fields).map_or(node.place, |node| node.place);
        mistakes.push(Mistake::new(place, message).hint(hint));
    }
}

/// A rule about whoever asks, where nobody is asked who they are, would never be met.
pub(super) fn check_anonymous(fields: Fields<'_>, route: &Route, mistakes: &mut Mistakes) {
    let asks_nobody = route.authenticate == Authenticate::None;
    let asks_for_identity = policy(fields).is_some() || !route.authorize.requirements().is_empty();
    if asks_nobody && asks_for_identity {
        let place = fields.get("authorize").map_or(fields.place(), |node| node.place);
        mistakes.add(place, "`authorize` has no meaning with `authenticate: none`");
    }
}

fn policy(route: Fields<'_>) -> Option<&Node> {
    route.section("authorize")?.get("policy")
}

/// Groups as they are written; and as they are called here, where that is in lower case only. Those
/// of somebody outside keep the letters that they have there.
fn groups(fields: Fields<'_>) -> Vec<String> {
    let mut groups = fields.texts("any_group");
    let own = groups.iter().filter_map(|group| group.parse::<Role>().ok());
    let own: Vec<String> = own.map(|group| group.to_string()).collect();
    for group in own {
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    groups
}

/// A scope is a token of RFC 6749 section 3.3.
fn scopes(fields: Fields<'_>, mistakes: &mut Mistakes) -> Vec<String> {
    for node in fields.list("scopes") {
        let text = node.scalar().unwrap_or_default();
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
        if text.is_empty() || !text.bytes().all(is_plain) {
            let message = format!("`scopes`: `{text}` is no scope: one word of visible ASCII");
            mistakes.add(node.place, message);
        }
    }
    fields.texts("scopes")
}

fn acr(
    fields: Fields<'_>,
    classes: &ContextClasses,
    mistakes: &mut Mistakes,
) -> Option<Arc<[Arc<str>]>> {
    let node = fields.get("acr")?;
    let text = node.scalar()?;
    match classes.from(text) {
        Ok(classes) => Some(classes),
        Err(error) => {
            let message = format!("`acr`: `{text}` is refused: {error}");
            let hint = did_you_mean(text, classes.all());
            mistakes.push(Mistake::new(node.place, message).hint(hint));
            None
        }
    }
}

fn each<T>(fields: Fields<'_>, key: &'static str, mistakes: &mut Mistakes) -> Vec<T>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let parse = |node| fields::parse(node, key, mistakes);
    fields.list(key).iter().filter_map(parse).collect()
}

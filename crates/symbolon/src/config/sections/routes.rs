//! `routes`: which requests go to which service, and who may pass.

mod actions;
mod authorize;
mod compress;
mod conditions;
mod cors;
mod header_changes;
mod rate_limit;
mod told;

use std::collections::{BTreeSet, HashSet};

use symbolon_core::Role;
use symbolon_gateway::action::Actions;
use symbolon_gateway::config::{Authenticate, Route, Service, WhenUnauthenticated};
use symbolon_gateway::limit::Admission;
use symbolon_gateway::pattern::{Conditions, HostPattern, MethodSet, PathPattern};

use super::services::is_name;
use super::{auth, authenticate, sources};
use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::near::did_you_mean;
use crate::config::shape::{GIB, Key, Section, Shape};
use crate::config::yaml::Node;

pub(super) use authorize::{Known, give_policies, shapes};
pub(super) use told::check as check_told;

pub(super) static SECTION: Section = Section {
    is: "a route",
    doc: "A match rule",
    keys: &[
        Key::required("name", "Its name in logs and metrics, unique", Shape::Text),
        Key::default(
            "hosts",
            "Hosts it answers for: `a.example`, `*.example`; empty for all",
            TEXTS,
            "[]",
        ),
        Key::required(
            "paths",
            "Paths it answers for: `/x` (prefix on whole segments), `= /x` (exact), `~ ^/x` (regex)",
            Shape::List { of: &Shape::Text, min: 1 },
        ),
        Key::default("methods", "Methods it answers for; empty for all", TEXTS, "[]"),
        conditions::HEADERS,
        conditions::QUERY,
        Key::optional(
            "service",
            "The service it leads to; not beside `redirect` or `respond`",
            Shape::Text,
        ),
        actions::STRIP_PREFIX,
        actions::REWRITE,
        actions::HOST,
        actions::REDIRECT,
        actions::RESPOND,
        header_changes::REQUEST,
        header_changes::RESPONSE,
        cors::KEY,
        compress::KEY,
        authenticate::KEY,
        Key::default(
            "when_unauthenticated",
            "`auto` sends navigations to log in and answers 401 otherwise",
            Shape::Choice { of: &["auto", "login", "reject"], later: &[] },
            "auto",
        ),
        authorize::KEY,
        Key::optional(
            "max_body",
            "Longest request body. Default: `limits.body`",
            Shape::Size { min: 0, max: 1_024 * GIB },
        ),
        rate_limit::KEY,
        rate_limit::MAX_CONCURRENT,
        sources::ALLOW,
        sources::DENY,
    ],
};

const TEXTS: Shape = Shape::List { of: &Shape::Text, min: 0 };

/// Reads all routes.
pub(super) fn read(
    nodes: &[Node],
    services: &[Service],
    mount: &str,
    known: &Known<'_>,
    mistakes: &mut Mistakes,
) -> Vec<Route> {
    let mut names = HashSet::new();
    let services: HashSet<&str> = services.iter().map(|service| &*service.name).collect();
    let mut read = |node| {
        let fields = Fields::new(node, &SECTION);
        check_name(fields, &mut names, mistakes);
        check_service(fields, &services, mistakes);
        read_one(fields, mount, known, mistakes)
    };
    nodes.iter().map(&mut read).collect()
}

/// The roles that some route asks for.
pub(super) fn roles_asked_for(root: Fields<'_>) -> BTreeSet<Role> {
    let routes = root.list("routes").iter().map(|node| Fields::new(node, &SECTION));
    routes.flat_map(authorize::roles).collect()
}

fn read_one(fields: Fields<'_>, mount: &str, known: &Known<'_>, mistakes: &mut Mistakes) -> Route {
    let authenticate = fields.get("authenticate");
    let authenticate = authenticate
        .map(|node| authenticate::read(node, known.definitions, known.certificates, mistakes));
    let mut route = Route {
        name: fields.text("name").into(),
        hosts: each(fields.list("hosts"), "hosts", HostPattern::parse, mistakes),
        paths: each(fields.list("paths"), "paths", PathPattern::parse, mistakes),
        methods: methods(fields.list("methods"), mistakes),
        conditions: Conditions::default(),
        service: fields.text("service").into(),
        actions: Actions::default(),
        admission: Admission::default(),
        // Only reached where the missing key was reported.
        authenticate: authenticate.unwrap_or(Authenticate::None),
        when_unauthenticated: match fields.text("when_unauthenticated") {
            "login" => WhenUnauthenticated::Login,
            "reject" => WhenUnauthenticated::Reject,
            _ => WhenUnauthenticated::Auto,
        },
        authorize: authorize::read(fields, known, mistakes),
        max_body: fields.get("max_body").map(|_| fields.size("max_body")),
    };
    route.conditions = conditions::read(fields, mistakes);
    route.actions = actions::read(fields, &route, mistakes);
    route.admission = Admission {
        sources: sources::read(fields, mistakes),
        rate_limits: rate_limit::read(fields, &route, mistakes),
        max_concurrent: rate_limit::read_max_concurrent(fields),
    };
    if route.hosts.len() < fields.list("hosts").len() {
        // Without the hosts that were refused it would seem to answer for all of them, and to
        // collide with routes it has nothing to do with.
        route.paths.clear();
    }
    check_mount(fields, mount, mistakes);
    authorize::check_anonymous(fields, &route, mistakes);
    check_log_in(fields, &route, mistakes);
    route
}

fn methods(nodes: &[Node], mistakes: &mut Mistakes) -> MethodSet {
    if nodes.is_empty() {
        return MethodSet::ALL;
    }
    let sets = each(nodes, "methods", |text| MethodSet::parse([text]), mistakes);
    sets.into_iter().fold(MethodSet::NONE, MethodSet::union)
}

/// Reads each text of a list.
fn each<T, E: std::fmt::Display>(
    nodes: &[Node],
    what: &str,
    parse: impl Fn(&str) -> Result<T, E>,
    mistakes: &mut Mistakes,
) -> Vec<T> {
    let mut parsed = Vec::new();
    for node in nodes {
        let Some(text) = node.scalar() else { continue };
        match parse(text) {
            Ok(value) => parsed.push(value),
            Err(error) => {
                let message = format!("`{what}`: `{text}` is refused: {error}");
                mistakes.add(node.place, message);
            }
        }
    }
    parsed
}

pub(super) fn check_name<'a>(
    fields: Fields<'a>,
    names: &mut HashSet<&'a str>,
    mistakes: &mut Mistakes,
) {
    let Some(node) = fields.get("name") else {
        return;
    };
    let name = fields.text("name");
    let is_new = names.insert(name);
    if name == auth::ROUTE_NAME {
        let message = format!("the name `{name}` belongs to the authentication service");
        mistakes.add(node.place, message);
    } else if !is_new {
        mistakes.add(node.place, format!("a route named `{name}` stands above already"));
    } else if !is_name(name) {
        let message =
            format!("route name `{name}` must be 1 to 64 letters, digits, `.`, `_` and `-`");
        mistakes.add(node.place, message);
    }
}

fn check_service(fields: Fields<'_>, services: &HashSet<&str>, mistakes: &mut Mistakes) {
    let Some(node) = fields.get("service") else {
        return actions::check_no_service(fields, mistakes);
    };
    actions::check_service_beside(fields, node, mistakes);
    let name = fields.text("service");
    if !services.contains(name) {
        let message = format!("unknown service `{name}` in route `{}`", fields.text("name"));
        let hint = did_you_mean(name, services.iter().copied());
        mistakes.push(Mistake::new(node.place, message).hint(hint));
    }
}

/// Nothing of the file may answer in place of the log-in page.
fn check_mount(fields: Fields<'_>, mount: &str, mistakes: &mut Mistakes) {
    for node in fields.list("paths") {
        let pattern = node.scalar().map(PathPattern::parse);
        let Some(Ok(PathPattern::Exact(path) | PathPattern::Prefix(path))) = pattern else {
            continue;
        };
        let below = path.strip_prefix(mount);
        if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            let message = format!("paths below `{mount}` belong to the authentication service");
            let hint = Some("`auth.mount` moves it elsewhere".to_owned());
            mistakes.push(Mistake::new(node.place, message).hint(hint));
        }
    }
}

/// Whoever logs in comes back with a session. Where that is no credential they would be sent to log
/// in again, and from there straight back, without end.
fn check_log_in(fields: Fields<'_>, route: &Route, mistakes: &mut Mistakes) {
    let takes_sessions = route.authenticate.takes_sessions();
    if route.when_unauthenticated == WhenUnauthenticated::Login && !takes_sessions {
        let node = fields.get("when_unauthenticated");
        let place = node.map_or(fields.place(), |node| node.place);
        let message =
            "`when_unauthenticated: login` has no meaning without the authenticator `session`";
        mistakes.add(place, message);
    }
}

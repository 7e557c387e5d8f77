//! The whole file: its sections, and what only all of them together can tell.

use std::collections::HashMap;
use std::thread;

use symbolon_core::cookie::is_of_session;
use symbolon_gateway::config::balancing::Policy;
use symbolon_gateway::config::{Config, Route, Routing, Service};
use symbolon_gateway::route_table::RouteTable;

use super::public_url::PublicUrl;
use super::{
    access_log, audit, auth, authenticate, authenticators, clients, internal_token, issuers,
    limits, listeners, policies, resolver, roles, routes, services, sessions, sources, store,
    telemetry,
};
use crate::config::fields::Fields;
use crate::config::mistake::{Mistake, Mistakes};
use crate::config::settings::Settings;
use crate::config::shape::{Key, Section, Shape};
use crate::config::surroundings::Surroundings;
use crate::config::yaml::Node;

/// The file.
pub(crate) static ROOT: Section = Section {
    is: "the file",
    doc: "The configuration of Symbolon",
    keys: &[
        Key::default("version", "The form of this file", Shape::Integer { min: 1, max: 1 }, "1"),
        Key::required(
            "public_url",
            "Scheme and host of every link, cookie and issuer; never taken from a request",
            Shape::Text,
        ),
        Key::default(
            "listeners",
            "Sockets for requests from outside",
            Shape::List { of: &Shape::Section(&listeners::LISTENER), min: 1 },
            "[{ address: 127.0.0.1:8080 }]",
        ),
        Key::section("admin", &listeners::ADMIN),
        Key::default(
            "trusted_proxies",
            "Address ranges whose `Forwarded` and `X-Forwarded-*` are believed",
            Shape::List { of: &Shape::Text, min: 0 },
            "[]",
        ),
        sources::ALLOW,
        sources::DENY,
        Key::optional(
            "workers",
            "Threads that serve requests. Default: one for each processor",
            Shape::Integer { min: 1, max: 1_024 },
        ),
        access_log::KEY,
        Key::section("telemetry", &telemetry::SECTION),
        Key::section("limits", &limits::SECTION),
        Key::section("store", &store::SECTION),
        Key::section("sessions", &sessions::SECTION),
        Key::section("internal_token", &internal_token::SECTION),
        Key::section("auth", &auth::SECTION),
        Key::section("audit", &audit::SECTION),
        issuers::KEY,
        authenticators::KEY,
        Key::optional(
            "resolver",
            "Name servers for the names of targets. Default: the system, for each new connection",
            Shape::Section(&resolver::SECTION),
        ),
        Key::required(
            "services",
            "Named groups of targets",
            Shape::Named { of: &services::SECTION, min: 0 },
        ),
        Key::required(
            "routes",
            "Which requests go to which service, and who may pass",
            Shape::List { of: &Shape::Section(&routes::SECTION), min: 0 },
        ),
        Key::default(
            "clients",
            "Machines and third-party applications",
            Shape::Named { of: &clients::SECTION, min: 0 },
            "{}",
        ),
        roles::ROLES,
        roles::GROUPS,
        roles::ACR_ORDER,
        Key::optional("policies", policies::SECTION.doc, Shape::Section(&policies::SECTION)),
    ],
};

/// Reads the completed file. The result is of use only if there were no mistakes.
pub(crate) fn read(
    node: &Node,
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Option<Settings> {
    let root = Fields::new(node, &ROOT);
    let _only_version = root.integer("version");
    let public_url = root.parse::<PublicUrl>("public_url", mistakes);
    let site = listeners::Site {
        public_url: public_url.as_ref(),
        has_trusted_proxies: !root.list("trusted_proxies").is_empty(),
    };
    let listeners = listeners::read(root.list("listeners"), site, surroundings, mistakes);
    let admin = listeners::read_admin(root.section("admin")?, &listeners, mistakes);
    let sessions = sessions::read(root.section("sessions")?, public_url.as_ref(), mistakes);
    let store = store::read(root.section("store")?, surroundings, mistakes);
    let mount = auth::read(root.section("auth")?, mistakes);
    let internal_token = internal_token::read(root.section("internal_token")?);
    let site_url = public_url.as_ref().map(ToString::to_string).unwrap_or_default();
    let routing = routing(root, (&site_url, &mount), surroundings, mistakes);
    check_sticky(root, &routing.services, &sessions.cookie.name, mistakes);
    let public_url = public_url?;
    let config = Config {
        listeners,
        workers: workers(root),
        limits: limits::read(root.section("limits")?),
        access_log: access_log::read(root, surroundings, mistakes),
        tracing: telemetry::read(root.section("telemetry")?, mistakes),
        server_timing: telemetry::server_timing::read(root.section("telemetry")?, mistakes),
        login_path: format!("{mount}/login"),
        session_cookie: sessions.cookie.clone(),
        routing: Routing { public_url: public_url.to_string(), ..routing },
    };
    Some(Settings {
        issuer: format!("{public_url}{mount}/internal"),
        auth: auth::config(root.section("auth")?, &mount, &public_url, &sessions),
        passwords: auth::passwords(),
        audit: audit::read(root.section("audit")?, surroundings, mistakes),
        policies: policies::dir(root, surroundings),
        gateway: config,
        admin,
        store,
        sessions,
        internal_token,
    })
}

fn routing(
    root: Fields<'_>,
    (public_url, mount): (&str, &std::sync::Arc<str>),
    surroundings: &Surroundings<'_>,
    mistakes: &mut Mistakes,
) -> Routing {
    let resolver = resolver::read(root, mistakes);
    let has_resolver = resolver.is_some();
    let services = root.named("services");
    let services = services
        .into_iter()
        .map(|(name, fields)| services::read(name, fields, has_resolver, surroundings, mistakes));
    let mut services: Vec<_> = services.collect();
    let own = [public_url.to_owned(), format!("{public_url}{mount}/internal")];
    let issuers = issuers::read(root, &own, surroundings, mistakes);
    let context = authenticators::jwt::Context { public_url, issuers: &issuers };
    let definitions = authenticators::read(root, context, surroundings, mistakes);
    let hierarchy = roles::read(root, mistakes);
    let classes = roles::read_acr_order(root, mistakes);
    let known = routes::Known {
        definitions: &definitions,
        certificates: authenticate::Certificates {
            are_asked_for: listeners::ask_for_certificates(root.list("listeners")),
            are_handed_on: !root.list("trusted_proxies").is_empty(),
        },
        hierarchy: &hierarchy,
        classes: &classes,
    };
    let nodes = root.list("routes");
    let mut routes = routes::read(nodes, &services, mount, &known, mistakes);
    routes::check_told(root, &services, &routes, mistakes);
    let asking = routes::shapes(&routes, nodes);
    if let Some(policies) = policies::read(root, &asking, surroundings, mistakes) {
        routes::give_policies(&mut routes, nodes, &policies, mistakes);
    }
    check_conflicts(
        root,
        &routes,
        auth::routes(mount, &routes, auth::guard(mount).as_slice(), &definitions),
        mistakes,
    );
    services.push(auth::service());
    routes.extend(auth::routes(mount, &routes, &[], &definitions));
    Routing {
        public_url: String::new(),
        trusted_proxies: listeners::read_trusted(root.list("trusted_proxies"), mistakes),
        sources: sources::read(root, mistakes),
        resolver,
        services,
        routes,
        hierarchy,
        clients: clients::read(&root.named("clients"), surroundings, mistakes),
    }
}

/// A cookie that chooses a target must not be taken for the one that proves who somebody is.
pub(super) fn check_sticky(
    root: Fields<'_>,
    services: &[Service],
    session: &str,
    mistakes: &mut Mistakes,
) {
    let cookies: HashMap<&str, &str> = services.iter().filter_map(sticky_cookie).collect();
    for (name, fields) in root.named("services") {
        let Some(cookie) = cookies.get(&*name.text) else { continue };
        if is_of_session(cookie.as_bytes(), session) {
            let place = fields.get("balance").map_or(fields.place(), |node| node.place);
            mistakes.add(place, format!("`sticky`: the cookie `{cookie}` is the session's"));
        }
    }
}

/// A service with the cookie that chooses its targets, where one does.
fn sticky_cookie(service: &Service) -> Option<(&str, &str)> {
    match &service.balancing.policy {
        Policy::Sticky { cookie } => Some((&service.name, cookie)),
        _ => None,
    }
}

/// Reports every two routes between which a request could not decide.
fn check_conflicts(root: Fields<'_>, routes: &[Route], auth: Vec<Route>, mistakes: &mut Mistakes) {
    let routing =
        Routing { routes: routes.iter().cloned().chain(auth).collect(), ..Routing::default() };
    let Err(conflicts) = RouteTable::build(&routing) else {
        return;
    };
    let names = routes.iter().map(|route| &*route.name).zip(root.list("routes"));
    // Backwards, so that of two with one name the first is left.
    let nodes: HashMap<&str, &Node> = names.rev().collect();
    let node_of = |name: &str| nodes.get(name)?.get("name");
    for conflict in conflicts {
        let (first, second) = (node_of(&conflict.first), node_of(&conflict.second));
        let Some(place) = second.or(first).map(|node| node.place) else {
            continue;
        };
        let hint = first.filter(|_| second.is_some()).map(|first| {
            let line = first.place.line;
            format!("`{}` stands in line {line}", conflict.first)
        });
        mistakes.push(Mistake::new(place, conflict.to_string()).hint(hint));
    }
}

fn workers(root: Fields<'_>) -> usize {
    let written = root.integer("workers").and_then(|count| usize::try_from(count).ok());
    written.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

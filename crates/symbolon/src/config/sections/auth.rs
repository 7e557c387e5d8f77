//! `auth`: where the authentication service is mounted, and the routes that lead to it.

use std::collections::HashSet;
use std::sync::Arc;
use std::thread;

use axum::http::Method;
use symbolon_auth::{Config, CookieConfig, SameSite};
use symbolon_gateway::action::Actions;
use symbolon_gateway::config::{
    Authenticate, Authorize, Balancing, Chain, IdentityHeaders, Protocol, Route, Service, Targets,
    Timeouts, WhenUnauthenticated,
};
use symbolon_gateway::limit::Admission;
use symbolon_gateway::pattern::{Conditions, HostPattern, MethodSet, PathPattern};
use symbolon_store::PasswordsConfig;
use symbolon_store::passwords::REMEMBER_FOR;

use super::authenticators::Definitions;
use super::public_url::PublicUrl;
use crate::config::fields::Fields;
use crate::config::mistake::Mistakes;
use crate::config::settings::SessionSettings;
use crate::config::shape::{Key, SECOND, Section, Shape};

pub(super) static SECTION: Section = Section {
    is: "`auth`",
    doc: "The authentication service: log-in, log-out and account pages",
    keys: &[
        Key::default("mount", "The path below which its pages are found", Shape::Text, "/auth"),
        Key::default("service_name", "What its pages call this system", Shape::Text, "Symbolon"),
        Key::default(
            "client_token_lifetime",
            "How long the tokens live that clients get for their credentials",
            Shape::Duration { min: SECOND, max: 900 * SECOND },
            "5m",
        ),
    ],
};

/// Passwords waiting to be hashed; more are refused with 503. At 20 ms for each, the last of them
/// waits a second or so.
const HASHING_QUEUE: usize = 64;

/// The name of the authentication service and of the routes to it; no other may have it.
pub(super) const ROUTE_NAME: &str = "auth";

/// Everything the authentication service is told.
pub(super) fn config(
    fields: Fields<'_>,
    mount: &str,
    public_url: &PublicUrl,
    sessions: &SessionSettings,
) -> Config {
    Config {
        public_url: symbolon_auth::PublicUrl {
            origin: public_url.to_string(),
            is_https: public_url.is_https,
        },
        mount: mount.to_owned(),
        cookie: CookieConfig {
            name: sessions.cookie.name.clone(),
            secure: sessions.cookie.secure,
            same_site: match sessions.cookie.same_site {
                "Strict" => SameSite::Strict,
                _ => SameSite::Lax,
            },
        },
        lifetime: sessions.lifetime,
        client_token_lifetime: fields.duration("client_token_lifetime"),
        service_name: fields.text("service_name").to_owned(),
    }
}

/// How passwords are checked.
pub(super) fn passwords() -> PasswordsConfig {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    PasswordsConfig {
        // Log-ins in a crowd leave half of the machine to everybody who is logged in.
        threads: (processors / 2).max(1),
        queue: HASHING_QUEUE,
        remember_for: REMEMBER_FOR,
    }
}

/// The path of the authentication service, without a slash at the end.
pub(super) fn read(fields: Fields<'_>, mistakes: &mut Mistakes) -> Arc<str> {
    let mount = fields.text("mount");
    match PathPattern::parse(mount) {
        Ok(PathPattern::Prefix(path)) if !path.is_empty() && is_plain(&path) => path,
        _ => {
            let message = format!(
                "`mount` must be a path of letters, digits, `-` and `_` below `/`, not `{mount}`"
            );
            let place = fields.get("mount").map_or(fields.place(), |node| node.place);
            mistakes.add(place, message);
            Arc::from("/auth")
        }
    }
}

pub(super) fn service() -> Service {
    Service {
        name: ROUTE_NAME.into(),
        audience: ROUTE_NAME.into(),
        targets: Targets::InProcess,
        protocol: Protocol::default(),
        timeouts: Timeouts::default(),
        balancing: Balancing::default(),
        session_writes: Vec::new(),
        identity_headers: IdentityHeaders::None,
    }
}

/// The routes to the authentication service: for every host that some route names, and for all
/// others. A route for a host outranks one for all hosts, whatever their paths, so without the
/// first a route like `hosts: [shop.example.com], paths: [/]` would hide the log-in page.
pub(super) fn routes(
    mount: &Arc<str>,
    routes: &[Route],
    paths: &[PathPattern],
    definitions: &Definitions,
) -> Vec<Route> {
    let mut seen = HashSet::new();
    let named = routes.iter().flat_map(|route| &route.hosts);
    let hosts: Vec<HostPattern> = named.filter(|host| seen.insert(*host)).cloned().collect();
    let mut paths = paths.to_vec();
    paths.push(PathPattern::Prefix(Arc::clone(mount)));
    let route = Route {
        name: ROUTE_NAME.into(),
        hosts: Vec::new(),
        paths,
        methods: MethodSet::ALL,
        conditions: Conditions::default(),
        service: ROUTE_NAME.into(),
        actions: Actions::default(),
        admission: Admission::default(),
        authenticate: Authenticate::None,
        when_unauthenticated: WhenUnauthenticated::Auto,
        authorize: Authorize::default(),
        max_body: None,
    };
    let mut all = vec![route];
    all.extend(token_route(mount, all.first(), definitions));
    if !hosts.is_empty() {
        let for_hosts = |route: &Route| Route { hosts: hosts.clone(), ..route.clone() };
        let for_hosts: Vec<Route> = all.iter().map(for_hosts).collect();
        all.extend(for_hosts);
    }
    all
}

/// Where a client trades a credential for a token: the one path of the service before which the
/// gateway finds out who is asking. A token is not a credential for another token.
fn token_route(mount: &str, others: Option<&Route>, definitions: &Definitions) -> Option<Route> {
    let chain = ["api_key", "basic", "hmac", "mtls"];
    let chain = chain.iter().filter_map(|name| definitions.get(name)).map(Chain::One).collect();
    Some(Route {
        paths: vec![PathPattern::parse(&format!("= {mount}/client/token")).ok()?],
        methods: MethodSet::of(&Method::POST),
        authenticate: Authenticate::Chain { chain: Chain::Any(chain), optional: false },
        when_unauthenticated: WhenUnauthenticated::Reject,
        ..others?.clone()
    })
}

/// A pattern that collides with every regex that could take a request away from the mount. It
/// serves the check of a file only: at run time, it would cost every request something.
pub(super) fn guard(mount: &str) -> Option<PathPattern> {
    PathPattern::parse(&format!("~ ^{mount}(/.*)?$")).ok()
}

fn is_plain(path: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_".contains(&byte);
    path.bytes().all(is_plain)
}

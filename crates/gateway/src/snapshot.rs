//! Routes, services and clients at one moment: swapped as one, so that no request sees half of
//! an old and half of a new configuration.

use std::sync::Arc;
use std::time::Duration;

use hashbrown::{HashMap, HashSet};
use http::header::HeaderName;
use symbolon_core::policy::Hierarchy;
use symbolon_store::Directory;

use crate::authenticator::Authenticators;
use crate::balance::{Balancer, Registry};
use crate::bound_route::BoundRoute;
use crate::config::{AuthenticatorKind, Resolver, Route, Routing, Service, Targets};
use crate::identity_headers::is_stripped;
use crate::limit::{LimitState, Sources};
use crate::metrics::Metrics;
use crate::route_guard::RouteGuard;
use crate::route_table::{RouteConflict, RouteTable};
use crate::trusted::TrustedProxies;

/// A whole configuration of the data plane.
pub(crate) struct Snapshot {
    /// Host, path and method to the index of a route.
    pub(crate) table: RouteTable,
    /// The routes, resolved.
    pub(crate) routes: Vec<Arc<BoundRoute>>,
    /// The services, resolved.
    pub(crate) services: Vec<Arc<BoundService>>,
    /// Whose word about the client is believed.
    pub(crate) trusted_proxies: TrustedProxies,
    /// From where requests may come.
    pub(crate) sources: Option<Sources>,
    /// Headers that tell some service who calls, besides those that are stripped anyway.
    pub(crate) identity_headers: Vec<HeaderName>,
    /// What no client may say behind its body, besides what is stripped anyway.
    pub(crate) no_trailers: Arc<[HeaderName]>,
    /// Headers that no service may see and somebody here asks for.
    pub(crate) set_aside: Vec<HeaderName>,
    /// What follows from roles and groups.
    pub(crate) hierarchy: Arc<Hierarchy>,
    /// The clients of the configuration.
    pub(crate) clients: Arc<Directory>,
    /// The public URL without its scheme.
    pub(crate) authority: String,
    /// `http` or `https`, from the public URL.
    pub(crate) scheme: &'static str,
}

/// A service with the state of its balancing.
pub(crate) struct BoundService {
    pub(crate) service: Service,
    pub(crate) balancer: Arc<Balancer>,
}

impl Snapshot {
    /// Resolves a configuration; what was counted `before` goes on where its rule is the same.
    ///
    /// # Errors
    /// Pairs of routes between which a request could not decide.
    pub(crate) fn build(
        routing: Routing,
        metrics: &Metrics,
        (registry, authenticators): (&Registry, &Authenticators),
        before: Option<&Self>,
    ) -> Result<Self, Vec<RouteConflict>> {
        let table = RouteTable::build(&routing)?;
        let clients = Directory::new(routing.clients, before.map(|before| &*before.clients));
        let before: HashMap<&str, &LimitState> = before
            .iter()
            .flat_map(|before| &before.routes)
            .filter_map(|bound| Some((&*bound.route.name, bound.limits()?)))
            .collect();
        let resolver = routing.resolver.as_ref();
        let is_https = routing.public_url.starts_with("https:");
        let authority =
            routing.public_url.split_once("://").map_or("", |(_, rest)| rest).to_owned();
        let mut services: HashMap<Arc<str>, Arc<BoundService>> = routing
            .services
            .into_iter()
            .map(|service| {
                let name = service.name.clone();
                (name, Arc::new(BoundService::new(service, resolver, is_https, registry)))
            })
            .collect();
        // Routes that answer themselves name none.
        services.insert(Arc::default(), Arc::new(BoundService::none("", registry)));
        let bind = |route: Route| {
            // INVARIANT: the configuration was checked for unknown services; a route that slips
            // through leads to a service without targets, which answers 502.
            let service = services.get(&route.service).cloned();
            let service =
                service.unwrap_or_else(|| Arc::new(BoundService::none("unknown", registry)));
            let metrics = metrics.route(&route.name, &service.service.name);
            let before = before.get(&*route.name).copied();
            let guard = RouteGuard::of(&route, authenticators);
            Arc::new(BoundRoute::new(route, service, (metrics, guard), before))
        };
        let mut set_aside: Vec<HeaderName> = Vec::new();
        let identity_headers: Vec<HeaderName> = services
            .values()
            .flat_map(|bound| bound.service.identity_headers.names())
            .cloned()
            .chain(said_outside(&routing.routes))
            .collect();
        // No service may see them.
        let balancing = services
            .values()
            .filter_map(|service| service.balancer.hashed_header())
            .filter(|name| is_stripped(name.as_str()) || identity_headers.contains(name));
        let routes: Vec<Arc<BoundRoute>> = routing.routes.into_iter().map(bind).collect();
        let credentials = routes
            .iter()
            .flat_map(|bound| bound.route.authenticate.authenticators())
            .flat_map(|one| one.headers());
        for name in balancing.cloned().chain(credentials) {
            if !set_aside.contains(&name) {
                set_aside.push(name);
            }
        }
        let hidden = routes
            .iter()
            .flat_map(|bound| bound.route.authenticate.authenticators())
            .flat_map(|one| one.hidden_places().headers);
        let no_trailers: HashSet<HeaderName> =
            identity_headers.iter().chain(&set_aside).cloned().chain(hidden).collect();
        Ok(Self {
            no_trailers: no_trailers.into_iter().collect(),
            table,
            set_aside,
            identity_headers,
            authority,
            routes,
            trusted_proxies: routing.trusted_proxies,
            sources: routing.sources,
            hierarchy: routing.hierarchy,
            clients: Arc::new(clients),
            scheme: if is_https { "https" } else { "http" },
            services: services.into_values().collect(),
        })
    }
}

impl Snapshot {
    /// How far from now dates of signatures are taken by one authenticator or another that takes
    /// each only once.
    pub(crate) fn clock_skew(&self) -> Duration {
        let all = self.routes.iter().flat_map(|bound| bound.route.authenticate.authenticators());
        let skews = all.filter_map(|one| match &one.kind {
            AuthenticatorKind::Hmac(settings) if settings.refuse_replays => {
                Some(settings.policy.clock_skew)
            }
            _ => None,
        });
        skews.max().unwrap_or_default()
    }
}

/// Headers that somebody outside says of whom they let in: on no route are they a client's word.
fn said_outside(routes: &[Route]) -> impl Iterator<Item = HeaderName> + '_ {
    let all = routes.iter().flat_map(|route| route.authenticate.authenticators());
    let outside = all.filter(|one| matches!(one.kind, AuthenticatorKind::Forward(_)));
    outside.flat_map(|one| one.hidden_places().headers)
}

/// What is looked at beside requests.
impl Snapshot {
    /// The balancing of all services.
    pub(crate) fn balancers(&self) -> Arc<[Arc<Balancer>]> {
        self.services.iter().map(|service| Arc::clone(&service.balancer)).collect()
    }
}

impl BoundService {
    fn new(
        service: Service,
        resolver: Option<&Arc<Resolver>>,
        is_https: bool,
        registry: &Registry,
    ) -> Self {
        warn_of_unverified(&service);
        let balancer = Balancer::new(&service, resolver, is_https, registry);
        Self { service, balancer: Arc::new(balancer) }
    }

    /// A service without targets.
    fn none(name: &str, registry: &Registry) -> Self {
        let service = Service {
            name: name.into(),
            audience: "unknown".into(),
            targets: Targets::Network(Vec::new()),
            protocol: crate::config::Protocol::default(),
            timeouts: crate::config::Timeouts::default(),
            balancing: crate::config::Balancing::default(),
            session_writes: Vec::new(),
            identity_headers: crate::config::IdentityHeaders::default(),
        };
        Self::new(service, None, false, registry)
    }
}

/// What weakens security is said each time it is taken over.
fn warn_of_unverified(service: &Service) {
    let Targets::Network(targets) = &service.targets else { return };
    if targets.iter().any(|target| target.tls.as_ref().is_some_and(|tls| !tls.is_verified)) {
        tracing::warn!(
            service = %service.name,
            "targets are not verified: `danger_accept_any_certificate`"
        );
    }
}

//! Routes, services and clients at one moment: swapped as one, so that no request sees half of
//! an old and half of a new configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::HashMap;
use symbolon_core::{ClientId, TokenHash};
use symbolon_store::sessions::MintedTokens;

use crate::config::{Route, Routing, Service, Target, Targets};
use crate::limit::{LimitState, Sources};
use crate::metrics::{Metrics, RouteMetrics};
use crate::route_table::{RouteConflict, RouteTable};
use crate::trusted::TrustedProxies;

/// A whole configuration of the data plane.
pub(crate) struct Snapshot {
    /// Host, path and method to the index of a route.
    pub(crate) table: RouteTable,
    /// The routes, resolved.
    pub(crate) routes: Vec<Arc<BoundRoute>>,
    /// Whose word about the client is believed.
    pub(crate) trusted_proxies: TrustedProxies,
    /// From where requests may come.
    pub(crate) sources: Option<Sources>,
    /// Clients by the hash of their key.
    pub(crate) clients: HashMap<TokenHash, Arc<KnownClient>>,
    /// `http` or `https`, from the public URL.
    pub(crate) scheme: &'static str,
}

/// A route with its service and its meters.
pub(crate) struct BoundRoute {
    pub(crate) route: Route,
    pub(crate) service: Arc<BoundService>,
    pub(crate) metrics: Arc<RouteMetrics>,
    pub(crate) limits: LimitState,
}

/// A service with the state of its balancing.
pub(crate) struct BoundService {
    pub(crate) service: Service,
    /// Every target as often as its weight says.
    schedule: Vec<Target>,
    turn: AtomicUsize,
}

/// Names are enough to tell a route.
impl std::fmt::Debug for BoundRoute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BoundRoute({})", self.route.name)
    }
}

/// A client with the internal tokens that were made for it.
pub(crate) struct KnownClient {
    pub(crate) id: ClientId,
    pub(crate) groups: Vec<String>,
    pub(crate) internal_tokens: MintedTokens,
}

impl Snapshot {
    /// Resolves a configuration; what was counted `before` goes on where its rule is the same.
    ///
    /// # Errors
    /// Pairs of routes between which a request could not decide.
    pub(crate) fn build(
        routing: Routing,
        metrics: &Metrics,
        before: Option<&Self>,
    ) -> Result<Self, Vec<RouteConflict>> {
        let table = RouteTable::build(&routing)?;
        let before: HashMap<&str, &LimitState> = before
            .iter()
            .flat_map(|before| &before.routes)
            .map(|bound| (&*bound.route.name, &bound.limits))
            .collect();
        let mut services: HashMap<Arc<str>, Arc<BoundService>> = routing
            .services
            .into_iter()
            .map(|service| (service.name.clone(), Arc::new(BoundService::new(service))))
            .collect();
        // Routes that answer themselves name none.
        let none = Service { name: Arc::default(), ..BoundService::default().service };
        services.insert(Arc::default(), Arc::new(BoundService::new(none)));
        let bind = |route: Route| {
            // INVARIANT: the configuration was checked for unknown services; a route that slips
            // through leads to a service without targets, which answers 502.
            let service = services.get(&route.service).cloned().unwrap_or_default();
            let metrics = metrics.route(&route.name, &service.service.name);
            let limits = LimitState::new(&route.admission, before.get(&*route.name).copied());
            Arc::new(BoundRoute { route, service, metrics, limits })
        };
        let clients = routing.api_keys.into_iter().map(|key| {
            let client = KnownClient {
                id: key.client,
                groups: key.groups,
                internal_tokens: MintedTokens::default(),
            };
            (key.hash, Arc::new(client))
        });
        Ok(Self {
            table,
            routes: routing.routes.into_iter().map(bind).collect(),
            trusted_proxies: routing.trusted_proxies,
            sources: routing.sources,
            clients: clients.collect(),
            scheme: if routing.public_url.starts_with("https:") { "https" } else { "http" },
        })
    }
}

impl BoundService {
    fn new(service: Service) -> Self {
        warn_of_unverified(&service);
        let schedule = match &service.targets {
            Targets::Network(targets) => interleave(targets),
            Targets::InProcess => Vec::new(),
        };
        Self { service, schedule, turn: AtomicUsize::new(0) }
    }

    /// The next target in turn.
    pub(crate) fn next_target(&self) -> Option<&Target> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        self.schedule.get(turn.checked_rem(self.schedule.len())?)
    }
}

impl Default for BoundService {
    fn default() -> Self {
        Self::new(Service {
            name: "unknown".into(),
            audience: "unknown".into(),
            targets: Targets::Network(Vec::new()),
            protocol: crate::config::Protocol::default(),
            timeouts: crate::config::Timeouts::default(),
            session_writes: Vec::new(),
        })
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

/// Weighted round robin without bursts: 2:1 gives a, b, a.
fn interleave(targets: &[Target]) -> Vec<Target> {
    let total: u32 = targets.iter().map(|target| target.weight).sum();
    let mut credit: Vec<i64> = vec![0; targets.len()];
    let mut schedule = Vec::new();
    for _ in 0..total {
        for (credit, target) in credit.iter_mut().zip(targets) {
            *credit += i64::from(target.weight);
        }
        let best = (0..targets.len()).max_by_key(|at| (credit.get(*at), std::cmp::Reverse(*at)));
        if let Some((at, target)) = best.and_then(|at| Some((at, targets.get(at)?))) {
            schedule.push(target.clone());
            if let Some(credit) = credit.get_mut(at) {
                *credit -= i64::from(total);
            }
        }
    }
    schedule
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_interleaved() {
        let target = |name: &str, weight| Target { authority: name.into(), weight, tls: None };
        let order = interleave(&[target("a", 2), target("b", 1)]);
        let names: Vec<_> = order.iter().map(|target| &*target.authority).collect();
        assert_eq!(names, ["a", "b", "a"]);
    }
}

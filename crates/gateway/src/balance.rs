//! Balancing and failure: which target is next, when it is left out, when a request is tried
//! again, and how much one service may take.
//!
//! 1. What is known of a target belongs to service and address, is shared by all workers, and
//!    outlives a reload ([`Registry`]). On the way of a request it is read and written without a
//!    lock.
//! 2. What a service does not use costs nothing: a service with defaults reads one byte of its
//!    target and one number of its budget.
//! 3. A request is tried again only where nothing can have been done twice, never at a target that
//!    was tried while another one is in, and never beyond the budget ([`Attempts`]).
//!
//! There is no hedging: a second request beside one that is still under way doubles the load just
//! when there is too much of it, and is what budgets are there to prevent.

mod attempts;
mod breaker;
mod budget;
mod dns;
mod ejection;
mod epoch;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod hash;
mod health;
mod lease;
mod live_target;
mod load;
mod names;
mod overseer;
mod pick;
mod registry;
mod request_key;
mod service_state;
mod standing;
mod target_list;
mod target_set;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};
use tokio::time::Instant;

pub(crate) use attempts::Attempts;
pub(crate) use breaker::{ConnectionPlace, Counts};
use dns::Dns;
use epoch::Epoch;
pub(crate) use lease::Lease;
pub(crate) use live_target::LiveTarget;
pub(crate) use overseer::Overseer;
pub(crate) use registry::Registry;
use service_state::ServiceState;
use target_list::TargetList;
pub(crate) use target_set::Member;

use crate::config::balancing::{Balancing, HashBy, Policy};
use crate::config::{Protocol, Resolver, Service, Targets};
use crate::metrics::TargetFigures;
use crate::upstream::UpstreamError;

/// The balancing of one service in one configuration.
pub(crate) struct Balancer {
    config: Balancing,
    state: Arc<ServiceState>,
    list: TargetList,
    /// Who is asked for addresses, if anybody is.
    dns: Option<(Arc<Resolver>, Dns)>,
    slow_start: epoch::Micros,
    /// What its targets speak.
    protocol: Protocol,
    /// Whether the policy asks how much a target has to do.
    weighs_load: bool,
    /// What follows the value of a sticky cookie.
    cookie_attributes: &'static str,
}

impl Balancer {
    /// With what is known of the service from before.
    pub(crate) fn new(
        service: &Service,
        resolver: Option<&Arc<Resolver>>,
        is_https: bool,
        registry: &Registry,
    ) -> Self {
        let state = registry.service(&service.name);
        let targets: &[_] = match &service.targets {
            Targets::Network(targets) => targets,
            Targets::InProcess => &[],
        };
        let config = service.balancing.clone();
        Self {
            list: TargetList::new(targets, resolver.is_some(), &state),
            dns: resolver.map(|resolver| (Arc::clone(resolver), registry.dns(resolver))),
            protocol: service.protocol,
            slow_start: epoch::micros(config.slow_start),
            weighs_load: matches!(config.policy, Policy::LeastRequests | Policy::Ewma),
            cookie_attributes: if is_https {
                "; Path=/; HttpOnly; SameSite=Lax; Secure"
            } else {
                "; Path=/; HttpOnly; SameSite=Lax"
            },
            config,
            state,
        }
    }

    /// Opens the way to a connection: the place that it takes, where places are counted.
    pub(crate) async fn connection_place(
        &self,
        deadline: Instant,
    ) -> Result<Option<ConnectionPlace>, UpstreamError> {
        let bounds = &self.config.breaker;
        let Some(most) = bounds.max_connections else { return Ok(None) };
        let counts = self.state.counts();
        let make_room = || self.state.give_up_kept();
        let place = counts.connection(most, bounds, deadline, make_room).await;
        place.map(Some).map_err(|bound| self.refused(bound))
    }

    /// Whether connections of this service are counted, and so kept apart from all others.
    pub(crate) fn counts_connections(&self) -> bool {
        self.config.breaker.max_connections.is_some()
    }

    /// The header that is hashed.
    pub(crate) fn hashed_header(&self) -> Option<&HeaderName> {
        match &self.config.policy {
            Policy::ConsistentHash(HashBy::Header(name)) => Some(name),
            _ => None,
        }
    }

    /// What the metrics say of each target.
    pub(crate) fn figures(&self) -> Vec<TargetFigures> {
        let figures = |target: &Arc<LiveTarget>| TargetFigures {
            service: Arc::clone(self.state.name()),
            target: Arc::clone(&target.authority),
            is_in: target.standing.is_in(),
            ejections: target.standing.ejections(),
        };
        self.list.now(&self.state).targets().map(figures).collect()
    }

    /// What the metrics say of the service: retries, and retries that the budget did not pay.
    pub(crate) fn retries(&self) -> (&str, u64, u64) {
        let (made, denied) = self.state.retries();
        (self.state.name(), made, denied)
    }

    fn refused(&self, bound: &'static str) -> UpstreamError {
        UpstreamError::Overloaded { service: Arc::clone(self.state.name()), bound }
    }

    /// `Set-Cookie` that names the target.
    fn sticky_cookie(&self, target: &LiveTarget) -> Option<HeaderValue> {
        let Policy::Sticky { cookie } = &self.config.policy else { return None };
        let line = format!("{cookie}={}{}", target.mark, self.cookie_attributes);
        HeaderValue::try_from(line).ok()
    }
}

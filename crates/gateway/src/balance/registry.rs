//! What is known of all services, from one configuration to the next.

use std::sync::{Arc, Weak};

use hashbrown::HashMap;
use parking_lot::Mutex;
use symbolon_core::Random;
use symbolon_core::mark::MarkKey;

use super::breaker::Counts;
use super::dns::Dns;
use super::epoch::Epoch;
use super::service_state::ServiceState;
use crate::config::Resolver;
use crate::upstream::Pool;

/// The state of services by their names. It is looked at when a configuration is loaded; requests
/// find their service's state in the snapshot.
pub(crate) struct Registry {
    epoch: Epoch,
    marks: MarkKey,
    random: Arc<dyn Random>,
    services: Mutex<HashMap<Arc<str>, Weak<ServiceState>>>,
    pools: Arc<Pools>,
}

/// The kept connections of all workers, for whoever needs a place that one of them takes.
#[derive(Default)]
pub(super) struct Pools(Mutex<Vec<Weak<Pool>>>);

impl Registry {
    /// Knows nothing yet; `marks` makes the values of sticky cookies.
    pub(crate) fn new(marks: MarkKey, random: Arc<dyn Random>) -> Self {
        let (services, pools) = (Mutex::default(), Arc::default());
        Self { epoch: Epoch::begin(), marks, random, services, pools }
    }

    /// A way to ask these servers.
    pub(super) fn dns(&self, resolver: &Arc<Resolver>) -> Dns {
        Dns::new(Arc::clone(resolver), Arc::clone(&self.random))
    }

    /// The state of a service; a new one where nothing is known.
    pub(super) fn service(&self, name: &Arc<str>) -> Arc<ServiceState> {
        let mut services = self.services.lock();
        if let Some(known) = services.get(name).and_then(Weak::upgrade) {
            return known;
        }
        services.retain(|_, state| state.strong_count() > 0);
        let marks = self.marks.clone();
        let state = ServiceState::new(name, self.epoch, marks, Arc::clone(&self.pools));
        services.insert(Arc::clone(name), Arc::downgrade(&state));
        state
    }

    /// Makes the kept connections of a worker known.
    pub(crate) fn add_pool(&self, pool: &Arc<Pool>) {
        self.pools.0.lock().push(Arc::downgrade(pool));
    }
}

impl Pools {
    /// Closes one kept connection of a service, wherever it is.
    pub(super) fn give_up(&self, counts: &Arc<Counts>) {
        let pools = self.0.lock();
        let mut pools = pools.iter().filter_map(Weak::upgrade);
        // The first that had one is enough.
        let _ = pools.any(|pool| pool.give_up(counts));
    }
}

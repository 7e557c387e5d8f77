//! The addresses behind the names of targets, kept as new as their TTL asks for.
//!
//! Whatever goes wrong with a look-up, the last known addresses stay: a name server that is away,
//! or that has nothing to say all of a sudden, is no reason to stop serving.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hashbrown::HashMap;
use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout_at};

use super::Balancer;
use super::dns::{Addresses, Dns, DnsError, Found};
use super::service_state::ServiceState;
use super::target_list::TargetList;
use crate::config::{Resolver, TargetKind};

/// The first pause after a look-up that failed; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LAST_PAUSE: Duration = Duration::from_secs(30);
/// The most addresses of one name; more are left out.
const MAX_ADDRESSES: usize = 256;

/// What was found for the names of one service.
#[derive(Default)]
pub(super) struct Names {
    found: Mutex<HashMap<Arc<str>, Arc<[Found]>>>,
    generation: AtomicU64,
    changed: Notify,
}

/// One name that is looked up again and again.
#[derive(Clone)]
pub(super) struct LookUp {
    state: Arc<ServiceState>,
    name: Arc<str>,
    kind: TargetKind,
    config: Arc<Resolver>,
    dns: Dns,
}

impl Names {
    /// Changes whenever addresses do.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The addresses of a name; none while it was never found.
    pub(super) fn addresses(&self, name: &Arc<str>) -> Arc<[Found]> {
        self.found.lock().get(name).cloned().unwrap_or_default()
    }

    /// Forgets all other names: one that comes back later must not begin with what it was then.
    pub(super) fn keep(&self, is_written: impl Fn(&str) -> bool) {
        self.found.lock().retain(|name, _| is_written(name));
    }

    /// Takes new addresses; `false` when they are the old ones.
    fn update(&self, name: &Arc<str>, found: &[Found]) -> bool {
        let mut known = self.found.lock();
        if known.get(name).is_some_and(|known| **known == *found) {
            return false;
        }
        known.insert(Arc::clone(name), found.into());
        self.generation.fetch_add(1, Ordering::Release);
        drop(known);
        self.changed.notify_waiters();
        true
    }
}

impl Balancer {
    /// The names of this service that have to be looked up.
    pub(super) fn look_ups(&self) -> Vec<LookUp> {
        let (TargetList::Named { written, .. }, Some((config, dns))) = (&self.list, &self.dns)
        else {
            return Vec::new();
        };
        let named = written.iter().filter(|target| target.kind != TargetKind::Address);
        let look_up = |target: &crate::config::Target| LookUp {
            state: Arc::clone(&self.state),
            name: Arc::clone(&target.authority),
            kind: target.kind,
            config: Arc::clone(config),
            dns: dns.clone(),
        };
        named.map(look_up).collect()
    }

    /// Waits for the first addresses of a service that has none yet.
    pub(crate) async fn targets_are_known(&self, limit: Duration) {
        if !matches!(self.list, TargetList::Named { .. }) {
            return;
        }
        let deadline = Instant::now() + limit;
        loop {
            let changed = self.state.names.changed.notified();
            if !self.list.now(&self.state).is_empty() {
                return;
            }
            if timeout_at(deadline, changed).await.is_err() {
                return;
            }
        }
    }
}

impl PartialEq for LookUp {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
            && (&self.name, self.kind, &self.config) == (&other.name, other.kind, &other.config)
    }
}

impl LookUp {
    /// Looks the name up until it is aborted, and tells `changed` whenever addresses do.
    pub(super) async fn run(self, changed: Arc<Notify>) {
        let (service, name) = (Arc::clone(self.state.name()), Arc::clone(&self.name));
        let mut pause = FIRST_PAUSE;
        loop {
            match self.once().await {
                Ok((mut found, ttl)) => {
                    if found.len() > MAX_ADDRESSES {
                        tracing::warn!(%service, %name, "too many addresses: some are left out");
                        found.truncate(MAX_ADDRESSES);
                    }
                    if self.state.names.update(&self.name, &found) {
                        let targets = found.len();
                        tracing::info!(%service, %name, targets, "targets were found");
                        changed.notify_one();
                    }
                    pause = FIRST_PAUSE;
                    sleep(ttl).await;
                }
                Err(error) => {
                    let error = symbolon_core::error::chain(&error);
                    tracing::warn!(%service, %name, error, "the last known targets are kept");
                    sleep(pause).await;
                    pause = (pause * 2).min(LAST_PAUSE);
                }
            }
        }
    }

    async fn once(&self) -> Result<Addresses, DnsError> {
        if self.kind == TargetKind::Service {
            return self.dns.service(&self.name).await;
        }
        let (host, port) = self.name.rsplit_once(':').ok_or(DnsError::Name)?;
        self.dns.host(host, port.parse().map_err(|_| DnsError::Name)?).await
    }
}

//! Keeps the issuer's keys at hand, fresh enough to honour a pulled key, old enough to survive an
//! issuer that is away.
//!
//! 1. Keys younger than [`REFRESH_AFTER`] are used. Older ones are used while a refresh runs
//!    beside; after [`REFRESH_FIRST_AFTER`] without a request the refresh comes first.
//! 2. A token that names an unknown key causes a refresh, but fetches are at least
//!    [`MIN_FETCH_INTERVAL`] apart, so that made-up key ids cannot turn into requests.
//! 3. One fetch at a time; whoever needs its outcome waits for it. It runs in a task of its own:
//!    a caller that goes away does not cancel it for the others.
//! 4. When a fetch fails the old keys stay, for at most [`MAX_STALENESS`] since they were fetched.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::RwLock;
use tokio::time::Instant;

use super::RemoteError;
use super::discovery::KeyLocation;
use super::fetch::FetchError;
use crate::key_set::KeySet;

/// The shortest time between two fetches.
pub const MIN_FETCH_INTERVAL: Duration = Duration::from_secs(10);
/// The same while there are no keys at all, as when the service started before its gateway.
pub const MIN_FETCH_INTERVAL_WITHOUT_KEYS: Duration = Duration::from_secs(1);
/// The age at which keys are fetched anew, beside the requests.
pub const REFRESH_AFTER: Duration = Duration::from_secs(30);
/// The age at which requests wait for new keys, unless the last fetch failed.
pub const REFRESH_FIRST_AFTER: Duration = Duration::from_mins(5);
/// The age at which keys are no longer used, whatever the reason they could not be replaced.
pub const MAX_STALENESS: Duration = Duration::from_hours(24);

#[derive(Debug)]
pub(super) struct KeySource {
    location: KeyLocation,
    state: RwLock<State>,
    /// Held by the one fetch in flight.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    fetched: Option<Fetched>,
    last_attempt: Option<Instant>,
    last_failure: Option<Arc<FetchError>>,
}

#[derive(Debug)]
struct Fetched {
    keys: Arc<KeySet>,
    at: Instant,
}

/// What to do for one token.
enum Plan {
    Use(Arc<KeySet>),
    UseAndRefresh(Arc<KeySet>),
    RefreshFirst,
}

impl KeySource {
    pub(super) fn new(location: KeyLocation) -> Self {
        Self { location, state: RwLock::default(), flight: tokio::sync::Mutex::default() }
    }

    /// The keys to judge a token with that names `kid`. The key itself may still not be among them.
    pub(super) async fn keys_with(self: &Arc<Self>, kid: &str) -> Result<Arc<KeySet>, RemoteError> {
        let plan = self.state.read().plan(kid, Instant::now());
        match plan {
            Plan::Use(keys) => return Ok(keys),
            Plan::UseAndRefresh(keys) => {
                tokio::spawn(Arc::clone(self).refresh());
                return Ok(keys);
            }
            Plan::RefreshFirst => {}
        }
        // A task that ends early has left the state as it was, which the next line reads.
        let _ = tokio::spawn(Arc::clone(self).refresh()).await;
        let state = self.state.read();
        let unavailable = || RemoteError::KeysUnavailable(state.last_failure.clone());
        state
            .usable(Instant::now())
            .map(|fetched| Arc::clone(&fetched.keys))
            .ok_or_else(unavailable)
    }

    /// Fetches the keys, unless they have just been fetched or tried to.
    async fn refresh(self: Arc<Self>) {
        let _flight = self.flight.lock().await;
        if !self.state.write().start_attempt(Instant::now()) {
            return;
        }
        let outcome = self.location.fetch().await;
        self.state.write().finish_attempt(outcome, Instant::now());
    }
}

impl State {
    fn plan(&self, kid: &str, now: Instant) -> Plan {
        let Some(fetched) = self.usable(now).filter(|fetched| fetched.keys.contains(kid)) else {
            return Plan::RefreshFirst;
        };
        let age = now.duration_since(fetched.at);
        let keys = Arc::clone(&fetched.keys);
        if age < REFRESH_AFTER || !self.may_attempt(now) {
            Plan::Use(keys)
        } else if age < REFRESH_FIRST_AFTER || self.last_failure.is_some() {
            Plan::UseAndRefresh(keys)
        } else {
            Plan::RefreshFirst
        }
    }

    fn usable(&self, now: Instant) -> Option<&Fetched> {
        self.fetched.as_ref().filter(|fetched| now.duration_since(fetched.at) < MAX_STALENESS)
    }

    fn may_attempt(&self, now: Instant) -> bool {
        let interval = match self.usable(now) {
            Some(_) => MIN_FETCH_INTERVAL,
            None => MIN_FETCH_INTERVAL_WITHOUT_KEYS,
        };
        self.last_attempt.is_none_or(|last| now.duration_since(last) >= interval)
    }

    fn start_attempt(&mut self, now: Instant) -> bool {
        let may_attempt = self.may_attempt(now);
        if may_attempt {
            self.last_attempt = Some(now);
        }
        may_attempt
    }

    fn finish_attempt(&mut self, outcome: Result<KeySet, FetchError>, now: Instant) {
        match outcome {
            Ok(keys) => {
                self.fetched = Some(Fetched { keys: Arc::new(keys), at: now });
                self.last_failure = None;
            }
            Err(error) => self.last_failure = Some(Arc::new(error)),
        }
    }
}

//! One issuer and its keys, as requests see them.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use symbolon_core::jwt::{JwtError, KeySet, Unverified, VerifyingKey};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

use super::keeper::Duty;
use crate::config::issuers::{Issuer as Settings, KeySource, RemoteKeys};

/// The shortest time for which fetched keys count as fresh, whatever the server says.
pub(super) const SHORTEST_FRESH: Duration = Duration::from_secs(10);
/// The shortest time between two attempts while there are no keys at all.
pub(super) const MIN_INTERVAL_WITHOUT_KEYS: Duration = Duration::from_secs(1);
/// How much longer than an attempt may take a request waits for it.
const GRACE: Duration = Duration::from_millis(250);

/// An issuer whose keys are at hand, or being fetched.
pub(crate) struct Issuer {
    settings: Arc<Settings>,
    keys: Keys,
}

enum Keys {
    Fixed(Arc<KeySet>),
    Remote { state: Arc<State>, wanted: mpsc::Sender<()> },
}

/// What requests and the one who fetches share.
pub(super) struct State {
    pub(super) fetched: ArcSwapOption<Fetched>,
    pub(super) attempts: watch::Sender<Attempts>,
}

/// Keys as they were fetched.
pub(super) struct Fetched {
    pub(super) keys: Arc<KeySet>,
    /// What they were read from.
    pub(super) text: Bytes,
    pub(super) at: Instant,
    pub(super) fresh_for: Duration,
}

/// How fetching went.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts {
    pub(super) last_start: Option<Instant>,
    pub(super) is_running: bool,
    pub(super) finished: u64,
    /// How many of the last ones failed in a row, and why the last did.
    pub(super) failures: u32,
    pub(super) failure: Option<Arc<str>>,
}

/// Why there is no key to verify a token with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NoKey {
    /// The token's fault.
    Token(JwtError),
    /// No keys are at hand that may still be used; why is for the log.
    Unavailable(String),
}

impl Issuer {
    pub(super) fn new(settings: Arc<Settings>) -> (Self, Option<Duty>) {
        let (keys, duty) = match &settings.keys {
            KeySource::File(keys) => (Keys::Fixed(Arc::clone(keys)), None),
            KeySource::Remote(_) => {
                let state = Arc::new(State {
                    fetched: ArcSwapOption::empty(),
                    attempts: watch::Sender::default(),
                });
                let (wanted, asked) = mpsc::channel(1);
                let duty = Duty::new(Arc::clone(&settings), Arc::clone(&state), asked);
                (Keys::Remote { state, wanted }, Some(duty))
            }
        };
        (Self { settings, keys }, duty)
    }

    pub(crate) fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Whether a key that verified something may still be used.
    pub(crate) fn still_has(&self, key: &VerifyingKey) -> bool {
        match &self.keys {
            Keys::Fixed(keys) => keys.contains(key),
            Keys::Remote { state, .. } => self.usable(state).is_some_and(|keys| keys.contains(key)),
        }
    }

    /// The key of a token. Waits for the network only where the token names one that is not at
    /// hand, and for no more than one attempt.
    pub(crate) async fn key(&self, token: &Unverified<'_>) -> Result<Arc<VerifyingKey>, NoKey> {
        let (state, wanted) = match &self.keys {
            Keys::Fixed(keys) => return found(keys, token),
            Keys::Remote { state, wanted } => (state, wanted),
        };
        // Before the keys are looked at, so that an attempt that ends in between is not missed.
        let mut attempts = state.attempts.subscribe();
        let before = attempts.borrow_and_update().clone();
        let known = self.usable(state).map(|keys| found(&keys, token));
        match known {
            Some(Err(NoKey::Token(JwtError::UnknownKey))) | None => {}
            Some(outcome) => return outcome,
        }
        if before.is_running || self.may_start(&before, state) {
            // Full means that somebody has asked already.
            let _ = wanted.try_send(());
            let is_over = |attempts: &Attempts| attempts.finished > before.finished;
            let patience = self.remote().map_or(GRACE, |remote| remote.timeout + GRACE);
            // Whoever ran out of patience sees what is there.
            let _ = timeout(patience, attempts.wait_for(is_over)).await;
        }
        match self.usable(state) {
            Some(keys) => found(&keys, token),
            None => Err(NoKey::Unavailable(self.trouble(state))),
        }
    }

    /// The keys, unless they are too old.
    fn usable(&self, state: &State) -> Option<Arc<KeySet>> {
        self.remote()?.usable(state)
    }

    fn may_start(&self, attempts: &Attempts, state: &State) -> bool {
        self.remote().is_some_and(|remote| remote.may_start(attempts, state))
    }

    fn remote(&self) -> Option<&RemoteKeys> {
        match &self.settings.keys {
            KeySource::Remote(remote) => Some(remote),
            KeySource::File(_) => None,
        }
    }

    fn trouble(&self, state: &State) -> String {
        let why = state.attempts.borrow().failure.clone();
        let why = why.as_deref().unwrap_or("they were not fetched yet");
        format!("keys of issuer `{}` cannot be had: {why}", self.settings.name)
    }
}

impl RemoteKeys {
    /// The keys that were fetched, unless they are too old.
    fn usable(&self, state: &State) -> Option<Arc<KeySet>> {
        let fetched = state.fetched.load();
        let fetched = fetched.as_ref()?;
        let longest = fetched.fresh_for.saturating_add(self.stale_if_error);
        (fetched.at.elapsed() < longest).then(|| Arc::clone(&fetched.keys))
    }

    /// Whether an attempt may start now. Who wants one and who makes it ask the same, or the one
    /// would wait for what the other does not begin. Keys that are too old are none.
    pub(super) fn may_start(&self, attempts: &Attempts, state: &State) -> bool {
        let interval = if self.usable(state).is_some() {
            self.min_interval
        } else {
            self.min_interval.min(MIN_INTERVAL_WITHOUT_KEYS)
        };
        attempts.last_start.is_none_or(|last| last.elapsed() >= interval)
    }
}

fn found(keys: &KeySet, token: &Unverified<'_>) -> Result<Arc<VerifyingKey>, NoKey> {
    keys.find(token).map(Arc::clone).map_err(NoKey::Token)
}

/// Names only what is public.
impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({})", self.settings.name)
    }
}

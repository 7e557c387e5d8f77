//! Whoever fetches: a task for each issuer, on the runtime beside the workers.

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::error::chain;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::discovery;
use super::fetch::FetchError;
use super::issuer::{Attempts, Fetched, SHORTEST_FRESH, State};
use crate::config::issuers::{Issuer, KeySource, RemoteKeys};

/// The wait after the first failure; doubles.
const BACK_OFF: Duration = Duration::from_secs(1);
/// The longest wait after a failure.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);

/// Fetches the keys of all issuers, until the end.
pub struct IssuerKeeper(mpsc::UnboundedReceiver<Duty>);

/// One issuer whose keys are to be fetched.
pub(super) struct Duty {
    settings: Arc<Issuer>,
    state: Arc<State>,
    /// Somebody needs a key that is not there; ends with the issuer.
    asked: mpsc::Receiver<()>,
}

impl IssuerKeeper {
    pub(super) fn new(duties: mpsc::UnboundedReceiver<Duty>) -> Self {
        Self(duties)
    }

    /// Runs until told to stop.
    pub async fn run(mut self, mut shutdown: watch::Receiver<bool>) {
        let mut running = JoinSet::new();
        loop {
            tokio::select! {
                duty = self.0.recv() => match duty {
                    Some(duty) => drop(running.spawn(duty.run())),
                    None => return,
                },
                Some(_) = running.join_next() => {}
                _ = shutdown.wait_for(|shutdown| *shutdown) => return,
            }
        }
    }
}

impl Duty {
    pub(super) fn new(settings: Arc<Issuer>, state: Arc<State>, asked: mpsc::Receiver<()>) -> Self {
        Self { settings, state, asked }
    }

    /// Fetches at once, again when the time has come or somebody asks, until the issuer is gone.
    async fn run(mut self) {
        let settings = Arc::clone(&self.settings);
        let KeySource::Remote(remote) = &settings.keys else { return };
        loop {
            self.attempt(remote).await;
            let due = self.due();
            loop {
                tokio::select! {
                    () = sleep_until(due) => break,
                    asked = self.asked.recv() => match asked {
                        Some(()) if self.may_start(remote) => break,
                        Some(()) => {}
                        None => return,
                    }
                }
            }
        }
    }

    fn may_start(&self, remote: &RemoteKeys) -> bool {
        remote.may_start(&self.state.attempts.borrow(), &self.state)
    }

    /// When the next attempt is due, if nobody asks.
    fn due(&self) -> Instant {
        let failures = self.state.attempts.borrow().failures;
        if failures > 0 {
            let doubled = BACK_OFF.saturating_mul(1 << (failures - 1).min(5));
            return Instant::now() + doubled.min(LONGEST_BACK_OFF);
        }
        match &*self.state.fetched.load() {
            Some(fetched) => fetched.at + fetched.fresh_for,
            None => Instant::now() + BACK_OFF,
        }
    }

    async fn attempt(&self, remote: &RemoteKeys) {
        let began = Instant::now();
        self.state.attempts.send_modify(|attempts| {
            attempts.last_start = Some(began);
            attempts.is_running = true;
        });
        let fetched = timeout(remote.timeout, discovery::keys(&self.settings, remote)).await;
        let outcome = fetched.unwrap_or(Err(FetchError::Timeout(remote.timeout)));
        let failure = match outcome {
            Ok(fetched) => {
                self.keep(fetched, remote, began);
                None
            }
            Err(error) => {
                let (issuer, error) = (&self.settings.name, chain(&error));
                tracing::warn!(%issuer, error, "the keys of an issuer cannot be fetched");
                Some(error.into())
            }
        };
        self.state.attempts.send_modify(|attempts| attempts.finish(failure));
    }

    fn keep(&self, fetched: discovery::Fetched, remote: &RemoteKeys, at: Instant) {
        let discovery::Fetched { keys, text, max_age } = fetched;
        let before = self.state.fetched.load();
        let same = before.as_ref().filter(|before| before.text == text);
        if same.is_none() {
            let (issuer, usable, left_out) = (&self.settings.name, keys.len(), keys.left_out());
            if usable == 0 {
                tracing::warn!(%issuer, left_out, "the issuer has no usable key");
            } else {
                tracing::info!(%issuer, usable, left_out, "the issuer has new keys");
            }
        }
        let longest = remote.refresh_after.max(SHORTEST_FRESH);
        let fresh_for = max_age.unwrap_or(longest).clamp(SHORTEST_FRESH, longest);
        // What is the same stays the same, so that what it verified need not be verified again.
        let keys = same.map_or_else(|| Arc::new(keys), |same| Arc::clone(&same.keys));
        self.state.fetched.store(Some(Arc::new(Fetched { keys, text, at, fresh_for })));
    }
}

impl Attempts {
    fn finish(&mut self, failure: Option<Arc<str>>) {
        self.is_running = false;
        self.finished += 1;
        self.failures = if failure.is_some() { self.failures.saturating_add(1) } else { 0 };
        self.failure = failure;
    }
}

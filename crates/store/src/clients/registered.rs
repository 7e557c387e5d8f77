//! One credential with the client whose it is, as whoever judges a request finds it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use symbolon_core::Timestamp;
use symbolon_core::client::{Client, Credential};
use symbolon_core::http_signature::Key;

use crate::known::Known;

/// How exactly it is remembered when a credential was last shown: cores that all ask for the same
/// one write to one place no more often than this.
const EXACTLY: Duration = Duration::from_secs(1);

/// A credential and what it proves.
pub struct Registered {
    client: Arc<Client>,
    credential: Credential,
    known: Arc<Known>,
    /// For signatures over requests.
    signature_key: Option<Key>,
    /// When it was last shown, in microseconds; 0 for never.
    last_used: AtomicI64,
    /// Which of that the store knows.
    written: AtomicI64,
}

/// Why a credential that was found proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotLive {
    /// Its time is over.
    #[error("the credential has expired")]
    Expired,
    /// Its client is disabled.
    #[error("the client is disabled")]
    Disabled,
}

impl Registered {
    pub(super) fn new(client: &Arc<Client>, credential: &Credential) -> Self {
        Self {
            known: Arc::new(Known::client(client, credential)),
            client: Arc::clone(client),
            // Whoever takes clients in has refused a key that cannot be used.
            signature_key: credential.proof.signature_key().and_then(Result::ok),
            credential: credential.clone(),
            last_used: AtomicI64::new(0),
            written: AtomicI64::new(0),
        }
    }

    /// Whose it is.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// The credential.
    pub fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The key that signatures over requests are checked with.
    pub fn signature_key(&self) -> Option<&Key> {
        self.signature_key.as_ref()
    }

    /// The principal that it proves at `now`.
    ///
    /// # Errors
    /// [`NotLive`].
    pub fn prove(&self, now: Timestamp) -> Result<&Arc<Known>, NotLive> {
        if !self.client.enabled {
            return Err(NotLive::Disabled);
        }
        if !self.credential.is_live(now) {
            return Err(NotLive::Expired);
        }
        Ok(&self.known)
    }

    /// Notes that it was shown and good.
    pub fn used(&self, now: Timestamp) {
        let before = Timestamp::from_micros(self.last_used.load(Ordering::Relaxed));
        if now.since(before) >= EXACTLY {
            self.last_used.fetch_max(now.as_micros(), Ordering::Relaxed);
        }
    }

    /// When it was last shown and good, since it is remembered.
    pub fn last_used(&self) -> Option<Timestamp> {
        let at = self.last_used.load(Ordering::Relaxed);
        (at != 0).then(|| Timestamp::from_micros(at))
    }

    /// The last use that the store has not heard of.
    pub(super) fn unwritten(&self) -> Option<Timestamp> {
        let at = self.last_used()?;
        (at.as_micros() > self.written.load(Ordering::Relaxed)).then_some(at)
    }

    /// The store knows of this use.
    pub(super) fn is_written(&self, at: Timestamp) {
        self.last_used.fetch_max(at.as_micros(), Ordering::Relaxed);
        self.written.fetch_max(at.as_micros(), Ordering::Relaxed);
    }

    /// Takes over what another form of the same credential knows of its use.
    pub(super) fn take_over(&self, before: &Self) {
        self.last_used.fetch_max(before.last_used.load(Ordering::Relaxed), Ordering::Relaxed);
        self.written.fetch_max(before.written.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

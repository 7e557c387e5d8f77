//! The signing keys of this system, and the internal tokens minted with them.
//!
//! 1. Keys rest in the [`CoreStore`], sealed under the master key; in memory there is one
//!    [`KeyRing`], swapped whole, so that minting never waits.
//! 2. Every change is durable in the store before it shows in the ring.
//! 3. Nodes follow each other by [`Keys::maintain`], which reads the store again each time: a key
//!    pulled on one node is pulled on another after one interval of its upkeep.
//! 4. A change whose future is dropped may be in the store already; upkeep then takes it up.
//!
//! What it deliberately does not know: when upkeep runs, and who asks for the JWK set.

mod discovery;
mod error;
pub mod master_key;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use symbolon_core::internal_token::{
    Grant, KeyRing, KeyState, MintError, Minted, Minter, RingKey, SigningKey,
};
use symbolon_core::policy::Hierarchy;
use symbolon_core::seal::MasterKey;
use symbolon_core::{KeyId, Random, Timestamp};
use tokio::sync::Mutex;

use crate::audit::{By, Kind, Record};
use crate::core_store::{CoreStore, StoredKey};
use crate::sessions::LiveSession;

pub use error::KeysError;

/// What the keys are set to.
#[derive(Clone, Debug)]
pub struct KeysConfig {
    /// `iss` of internal tokens: `{public_url}/auth/internal`.
    pub issuer: String,
    /// Lifetime of an internal token, in whole seconds.
    pub lifetime: Duration,
    /// How long a key signs before the next one takes over.
    pub rotate_every: Duration,
}

/// The signing keys; shared by everybody who mints or publishes.
pub struct Keys {
    core: Arc<dyn CoreStore>,
    master: MasterKey,
    random: Arc<dyn Random>,
    minter: Minter,
    rotate_every: Duration,
    discovery: Arc<str>,
    ring: ArcSwap<KeyRing>,
    /// Held by whoever changes keys, so that two changes do not make two keys.
    changing: Mutex<()>,
}

/// A key as operators see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyListing {
    /// `kid`.
    pub id: KeyId,
    /// What it is doing.
    pub state: KeyState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it starts to sign.
    pub active_from: Timestamp,
    /// When it was pulled.
    pub pulled_at: Option<Timestamp>,
}

impl Keys {
    /// Loads and unseals all keys, and makes the first one where there is none.
    pub async fn open(
        core: Arc<dyn CoreStore>,
        master: MasterKey,
        config: KeysConfig,
        now: Timestamp,
        random: Arc<dyn Random>,
    ) -> Result<Arc<Self>, KeysError> {
        let keys = Self {
            core,
            master,
            random,
            discovery: discovery::document(&config.issuer),
            minter: Minter::new(config.issuer, config.lifetime)?,
            rotate_every: config.rotate_every,
            ring: ArcSwap::from_pointee(KeyRing::new(Vec::new(), now)),
            changing: Mutex::new(()),
        };
        keys.maintain(now).await?;
        Ok(Arc::new(keys))
    }

    /// The keys as they are now; never waits.
    pub fn ring(&self) -> Guard<Arc<KeyRing>> {
        self.ring.load()
    }

    /// The internal token of a session for a service: the one minted before, or a new one. It is
    /// minted for the session's generation, since the tokens of another one are kept elsewhere,
    /// and for what follows from its roles and groups now.
    pub fn mint_for(
        &self,
        live: &LiveSession,
        audience: &Arc<str>,
        hierarchy: &Hierarchy,
        now: Timestamp,
    ) -> Result<Arc<str>, MintError> {
        let ring = self.ring();
        let revision = ring.revision(now) ^ hierarchy.revision();
        if let Some(token) = live.internal_tokens().get(audience, revision, now) {
            return Ok(token);
        }
        let held = &live.session.authorization;
        let roles = hierarchy.effective(&held.roles, &held.groups);
        let grant = Grant { roles: &roles, ..Grant::from(&live.session) };
        let minted = self.minter.mint(&ring, &grant, audience, now, &*self.random)?;
        live.internal_tokens().put(
            Arc::clone(audience),
            revision,
            minted.reuse_until,
            Arc::clone(&minted.token),
        );
        Ok(minted.token)
    }

    /// Mints a token that nobody has asked for before, such as for a client without a session.
    pub fn mint(
        &self,
        grant: &Grant<'_>,
        audience: &str,
        now: Timestamp,
    ) -> Result<Minted, MintError> {
        self.minter.mint(&self.ring(), grant, audience, now, &*self.random)
    }

    /// The JWK set to publish (RFC 7517 section 5). Services may keep it for
    /// [`JWKS_MAX_AGE`](symbolon_core::internal_token::JWKS_MAX_AGE).
    pub fn jwks(&self) -> Arc<str> {
        Arc::clone(self.ring().jwks_json())
    }

    /// The metadata of the issuer, for its `/.well-known/openid-configuration`.
    pub fn discovery(&self) -> Arc<str> {
        Arc::clone(&self.discovery)
    }

    /// All keys, in the order in which they start to sign.
    pub fn list(&self, now: Timestamp) -> Vec<KeyListing> {
        let ring = self.ring();
        ring.keys()
            .iter()
            .map(|key| KeyListing {
                id: key.key.id().clone(),
                state: ring.state(key, now),
                created_at: key.created_at,
                active_from: key.active_from,
                pulled_at: key.pulled_at,
            })
            .collect()
    }

    /// Makes the next key ahead of its time: published at once, it signs after
    /// [`PUBLISH_AHEAD`](symbolon_core::internal_token::PUBLISH_AHEAD). Where the next key is
    /// published already, that one is the answer, so that repeating this does not pile up keys.
    pub async fn rotate(&self, by: &By) -> Result<KeyId, KeysError> {
        let now = by.at;
        let _changing = self.changing.lock().await;
        let keys = self.load().await?;
        let ring = KeyRing::new(keys.clone(), now);
        if let Some(pending) = ring.pending(now) {
            let id = pending.key.id().clone();
            self.publish(keys, now);
            return Ok(id);
        }
        let next = self.add(by, ring.next_active_from(now)).await?;
        let id = next.key.id().clone();
        self.publish([keys, vec![next]].concat(), now);
        Ok(id)
    }

    /// Takes a key out of use at once, in an emergency. If it was the one that signs, a new key
    /// signs from now on, although no service has fetched it yet. Whether there was such a key.
    pub async fn pull(&self, id: &KeyId, by: &By) -> Result<bool, KeysError> {
        let now = by.at;
        let _changing = self.changing.lock().await;
        let ring = KeyRing::new(self.load().await?, now);
        if ring.signer(now).is_some_and(|signer| signer.key.id() == id) {
            // Before the pull, so that there is no moment without a key.
            self.add(by, now).await?;
        }
        let record = of_key(Kind::KeyPulled, by, id);
        let is_pulled = self.core.pull_key(id, now, &record).await?;
        self.publish(self.load().await?, now);
        Ok(is_pulled)
    }

    /// Reads the keys again, makes the next one when it is due, and removes those that nothing
    /// depends on any more. Call it at the interval within which a pull must spread.
    pub async fn maintain(&self, now: Timestamp) -> Result<(), KeysError> {
        let _changing = self.changing.lock().await;
        let mut keys = self.load().await?;
        let ring = KeyRing::new(keys.clone(), now);
        if let Some(active_from) = ring.due(now, self.rotate_every) {
            keys.push(self.add(&By::system(now), active_from).await?);
        }
        let removable: Vec<KeyId> = ring.removable(now).cloned().collect();
        keys.retain(|key| !removable.contains(key.key.id()));
        self.publish(keys, now);
        for id in &removable {
            let record = of_key(Kind::KeyRemoved, &By::system(now), id);
            self.core.remove_key(id, &record).await?;
        }
        Ok(())
    }

    /// Only reads the keys again: while another process has the store as well, both together must
    /// not make two keys, nor remove one that the other has just made.
    pub async fn refresh(&self, now: Timestamp) -> Result<(), KeysError> {
        let _changing = self.changing.lock().await;
        self.publish(self.load().await?, now);
        Ok(())
    }

    fn publish(&self, keys: Vec<RingKey>, now: Timestamp) {
        self.ring.store(Arc::new(KeyRing::new(keys, now)));
    }

    /// Makes a key and stores it.
    async fn add(&self, by: &By, active_from: Timestamp) -> Result<RingKey, KeysError> {
        let key = SigningKey::generate().map_err(KeysError::Generate)?;
        let sealed_private_key =
            key.seal(&self.master, &*self.random).map_err(KeysError::Generate)?;
        let stored = StoredKey {
            id: key.id().clone(),
            algorithm: SigningKey::ALGORITHM.to_owned(),
            sealed_private_key,
            created_at: by.at,
            active_from,
            pulled_at: None,
        };
        let record = of_key(Kind::KeyMade, by, &stored.id)
            .with("signs_from", stored.active_from.to_string());
        self.core.add_key(&stored, &record).await?;
        Ok(ring_key(Arc::new(key), &stored))
    }

    /// All keys in the store; those known already are not unsealed again.
    async fn load(&self) -> Result<Vec<RingKey>, KeysError> {
        let known = self.ring.load_full();
        let stored = self.core.list_keys().await?;
        stored
            .iter()
            .map(|stored| {
                let known = known.keys().iter().find(|key| *key.key.id() == stored.id);
                let key = match known {
                    Some(known) => Arc::clone(&known.key),
                    None => Arc::new(self.unseal(stored)?),
                };
                Ok(ring_key(key, stored))
            })
            .collect()
    }

    fn unseal(&self, stored: &StoredKey) -> Result<SigningKey, KeysError> {
        if stored.algorithm != SigningKey::ALGORITHM {
            return Err(KeysError::Algorithm {
                kid: stored.id.clone(),
                algorithm: stored.algorithm.clone(),
            });
        }
        SigningKey::unseal(&stored.id, &stored.sealed_private_key, &self.master)
            .map_err(|source| KeysError::Unseal { kid: stored.id.clone(), source })
    }
}

/// The record of what becomes of a key.
fn of_key(kind: Kind, by: &By, id: &KeyId) -> Record {
    Record::new(kind, by).with("kid", id.as_str())
}

fn ring_key(key: Arc<SigningKey>, stored: &StoredKey) -> RingKey {
    RingKey {
        key,
        created_at: stored.created_at,
        active_from: stored.active_from,
        pulled_at: stored.pulled_at,
    }
}

//! Clients by what they show: made once, then only read.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hashbrown::HashMap;
use symbolon_core::client::{CertificateMatch, Client, Credential, Proof};
use symbolon_core::{ClientId, Timestamp, TokenHash};

use crate::known::Known;

/// All credentials of some clients.
#[derive(Default)]
pub struct Directory {
    clients: HashMap<ClientId, Arc<Client>>,
    api_keys: HashMap<TokenHash, Arc<Registered>>,
    usernames: HashMap<Arc<str>, Arc<Registered>>,
    hmac_keys: HashMap<Arc<str>, Arc<Registered>>,
    jwt_keys: HashMap<Arc<str>, Arc<Registered>>,
    certificates: HashMap<CertificateMatch, Arc<Registered>>,
}

/// One credential with the client whose it is.
pub struct Registered {
    client: Arc<Client>,
    credential: Credential,
    known: Arc<Known>,
    /// When it was last shown, in microseconds; 0 for never.
    last_used: AtomicI64,
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

impl Directory {
    /// Of these clients. Of two credentials that look the same the first counts; whoever takes
    /// clients in has refused the second before.
    pub fn new(clients: impl IntoIterator<Item = Client>) -> Self {
        let mut directory = Self::default();
        for client in clients {
            directory.add(Arc::new(client));
        }
        directory
    }

    fn add(&mut self, client: Arc<Client>) {
        for credential in &client.credentials {
            let registered = Arc::new(Registered {
                known: Arc::new(Known::client(&client, credential)),
                client: Arc::clone(&client),
                credential: credential.clone(),
                last_used: AtomicI64::new(0),
            });
            match &credential.proof {
                Proof::ApiKey { hash } => keep(&mut self.api_keys, *hash, registered),
                Proof::Basic { username, .. } => {
                    keep(&mut self.usernames, Arc::clone(username), registered);
                }
                Proof::Hmac { key_id, .. } => {
                    keep(&mut self.hmac_keys, Arc::clone(key_id), registered);
                }
                Proof::Jwt { key, .. } => keep(&mut self.jwt_keys, Arc::clone(key), registered),
                Proof::Mtls { certificate } => {
                    keep(&mut self.certificates, certificate.clone(), registered);
                }
            }
        }
        self.clients.insert(client.id.clone(), client);
    }

    /// The client of that name.
    pub fn client(&self, id: &ClientId) -> Option<&Arc<Client>> {
        self.clients.get(id)
    }

    /// All clients, in no order.
    pub fn clients(&self) -> impl Iterator<Item = &Arc<Client>> {
        self.clients.values()
    }

    /// The API key with this hash.
    pub fn api_key(&self, hash: &TokenHash) -> Option<&Arc<Registered>> {
        self.api_keys.get(hash)
    }

    /// The user name, as it was registered.
    pub fn username(&self, name: &str) -> Option<&Arc<Registered>> {
        self.usernames.get(name)
    }

    /// The key of signatures over requests.
    pub fn hmac_key(&self, id: &str) -> Option<&Arc<Registered>> {
        self.hmac_keys.get(id)
    }

    /// The key of tokens that clients sign.
    pub fn jwt_key(&self, key: &str) -> Option<&Arc<Registered>> {
        self.jwt_keys.get(key)
    }

    /// What a certificate is recognised by.
    pub fn certificate(&self, certificate: &CertificateMatch) -> Option<&Arc<Registered>> {
        self.certificates.get(certificate)
    }

    /// Takes over when credentials were last shown, from the directory that this one replaces.
    pub fn take_over(&self, before: &Self) {
        for registered in self.registered() {
            let same = before.registered().find(|other| {
                other.client.id == registered.client.id
                    && other.credential.id == registered.credential.id
            });
            if let Some(same) = same {
                registered
                    .last_used
                    .store(same.last_used.load(Ordering::Relaxed), Ordering::Relaxed);
            }
        }
    }

    /// Every credential, in no order.
    pub fn registered(&self) -> impl Iterator<Item = &Arc<Registered>> {
        let names = self.usernames.values().chain(self.hmac_keys.values());
        let others = self.jwt_keys.values().chain(self.certificates.values());
        self.api_keys.values().chain(names).chain(others)
    }
}

fn keep<K: std::hash::Hash + Eq>(
    map: &mut HashMap<K, Arc<Registered>>,
    key: K,
    registered: Arc<Registered>,
) {
    map.entry(key).or_insert(registered);
}

impl Registered {
    /// Whose it is.
    pub fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// The credential.
    pub fn credential(&self) -> &Credential {
        &self.credential
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
        self.last_used.store(now.as_micros(), Ordering::Relaxed);
    }

    /// When it was last shown and good, since it is remembered.
    pub fn last_used(&self) -> Option<Timestamp> {
        let at = self.last_used.load(Ordering::Relaxed);
        (at != 0).then(|| Timestamp::from_micros(at))
    }
}

/// How many there are; what they are may be secret.
impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Directory({} clients)", self.clients.len())
    }
}

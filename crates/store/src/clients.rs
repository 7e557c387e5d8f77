//! Clients and their credentials: those that the configuration file names and those that were
//! added while the system runs.
//!
//! 1. Whoever judges a request has two [`Directory`]s: the file's, swapped as one with the routes,
//!    and the store's, swapped whenever a verb here has made a change durable. So a change holds
//!    from the next request on.
//! 2. A name of the file is not to be had in the store, and what stands in the file is not changed
//!    here. Where the file comes to name what the store has, the file's counts.
//! 3. While another process has the store as well, every request asks first whether it has changed
//!    something ([`Clients::follow`]).
//! 4. Uses are written behind; everything else is in the store before it is answered.

mod changes;
mod credentials;
mod directory;
mod ended;
mod error;
mod registered;
mod stored;
#[cfg(test)]
mod tests;
mod uses;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use arc_swap::{ArcSwap, Guard};
use symbolon_core::client::CertificateMatch;
use symbolon_core::seal::MasterKey;
use symbolon_core::{Client, ClientId, Random, Timestamp, TokenHash};
use tokio::sync::Mutex;

use crate::client_store::{ClientStore, ClientsMark};
use crate::error::StoreError;
use crate::known::Known;
use crate::sessions::Sessions;
use ended::Ended;
use stored::Seals;

pub use changes::MAX_CLIENTS;
pub use credentials::MAX_CREDENTIALS;
pub use directory::Directory;
pub use error::ClientsError;
pub use registered::{NotLive, Registered};

/// What clients are kept with.
pub struct ClientsParts {
    /// Where they rest.
    pub store: Arc<dyn ClientStore>,
    /// What they open for others; and who knows whether another process has the store as well.
    pub sessions: Arc<Sessions>,
    /// What seals the keys that have to be known in clear.
    pub master: MasterKey,
    /// The source of what sealing needs.
    pub random: Arc<dyn Random>,
}

/// The clients that were added while the system runs.
pub struct Clients {
    store: Arc<dyn ClientStore>,
    sessions: Arc<Sessions>,
    seals: Seals,
    /// Those of the configuration: for whose names and credentials there is no room here.
    file: ArcSwap<Directory>,
    current: ArcSwap<Directory>,
    /// What ended here, for what began before.
    ended: Ended,
    /// Which changes are in `current`.
    mark: AtomicI64,
    /// Held by whoever changes or reads them anew, so that none overtakes another.
    changing: Mutex<()>,
}

/// The two directories at the moment of a request.
#[derive(Clone, Copy)]
pub struct Directories<'a> {
    /// Of the configuration.
    pub file: &'a Directory,
    /// Of the store; looked at only where the file has no answer.
    pub store: &'a Clients,
}

impl Clients {
    /// Reads those that are stored.
    pub async fn open(parts: ClientsParts) -> Result<Arc<Self>, StoreError> {
        let ClientsParts { store, sessions, master, random } = parts;
        let clients = Self {
            store,
            sessions,
            seals: Seals { master, random },
            file: ArcSwap::default(),
            current: ArcSwap::default(),
            ended: Ended::default(),
            mark: AtomicI64::new(-1),
            changing: Mutex::new(()),
        };
        clients.read().await?;
        Ok(Arc::new(clients))
    }

    /// As they are now.
    pub fn current(&self) -> Guard<Arc<Directory>> {
        self.current.load()
    }

    /// Those of the configuration, as they are now.
    pub fn file(&self) -> Guard<Arc<Directory>> {
        self.file.load()
    }

    /// The configuration has come to name these.
    pub fn set_file(&self, file: &Arc<Directory>) {
        self.file.store(Arc::clone(file));
        if file.is_empty() {
            return;
        }
        for client in self.current().clients() {
            if file.client(&client.id).is_some() {
                tracing::warn!(
                    client.id = %client.id,
                    "the configuration names this client too: the one of the store counts no more"
                );
            }
        }
        for registered in self.current().registered() {
            if file.looking_like(&registered.credential().proof).is_some() {
                tracing::warn!(
                    client.id = %registered.client().id,
                    credential.id = %registered.credential().id,
                    "the configuration has this credential too: the one of the store counts no more"
                );
            }
        }
    }

    /// Takes over what another process has changed; does nothing while there is none. Every request
    /// asks for this before it looks at a client.
    pub async fn follow(&self) -> Result<(), StoreError> {
        if self.sessions.is_shared() { self.catch_up().await } else { Ok(()) }
    }

    /// Takes over what was changed in the store by whomever.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let ClientsMark(mark) = self.store.clients_mark().await?;
        if mark == self.mark.load(Ordering::Acquire) {
            return Ok(());
        }
        let _changing = self.changing.lock().await;
        // Of all who saw that and waited here, one reads.
        self.read_what_is_new().await
    }

    /// Whether what a client showed, and what was `judged` then, would still prove that it is the
    /// client: for what outlives a request. True of whatever is no client of ours. A credential that
    /// has only the name of the one that was shown proves nothing for it, and neither does one that
    /// ended meanwhile and is good again.
    pub fn still_prove(&self, known: &Known, judged: Timestamp, now: Timestamp) -> bool {
        let Some(id) = known.own_client() else { return true };
        if self.ended.since(id, known.credential.as_deref(), judged) {
            return false;
        }
        let (file, store) = (self.file(), self.current());
        let directory = if file.client(id).is_some() { &file } else { &store };
        let Some(credential) = &known.credential else {
            return directory.client(id).is_some_and(|client| client.enabled);
        };
        let mut credentials = directory.credentials(id).iter().map(|it| (it, it.credential()));
        credentials.any(|(registered, now_is)| {
            now_is.id.as_str() == &**credential
                && known.credential_digest.is_none_or(|digest| digest == now_is.proof.digest())
                && registered.prove(now).is_ok()
        })
    }

    /// Reads them if they were changed. Whoever calls holds `changing`.
    async fn read_what_is_new(&self) -> Result<(), StoreError> {
        let ClientsMark(mark) = self.store.clients_mark().await?;
        if mark == self.mark.load(Ordering::Acquire) { Ok(()) } else { self.read().await }
    }

    /// Reads all of them; what did not change is shared. Whoever calls holds `changing`.
    async fn read(&self) -> Result<(), StoreError> {
        let (stored, mark) = self.store.clients().await?;
        let uses = stored::uses(&stored);
        let clients = stored.into_iter().map(|stored| self.seals.open_client(stored));
        let next = Directory::new(clients, Some(&self.current()));
        for (client, id, at) in &uses {
            let credentials = next.credentials(client).iter();
            let mut named = credentials.filter(|registered| registered.credential().id == *id);
            if let Some(registered) = named.next() {
                registered.is_written(*at);
            }
        }
        self.show(next, mark);
        Ok(())
    }

    /// From here on every request sees this.
    fn show(&self, directory: Directory, ClientsMark(mark): ClientsMark) {
        self.current.store(Arc::new(directory));
        self.mark.store(mark, Ordering::Release);
    }
}

impl Directories<'_> {
    /// The client of that name.
    pub fn client(self, id: &ClientId) -> Option<Arc<Client>> {
        self.file.client(id).cloned().or_else(|| self.store.current().client(id).cloned())
    }

    /// The API key with this hash.
    pub fn api_key(self, hash: &TokenHash) -> Option<Arc<Registered>> {
        self.find(|directory| directory.api_key(hash))
    }

    /// The user name, as it was registered.
    pub fn username(self, name: &str) -> Option<Arc<Registered>> {
        self.find(|directory| directory.username(name))
    }

    /// The key of signatures over requests.
    pub fn hmac_key(self, id: &str) -> Option<Arc<Registered>> {
        self.find(|directory| directory.hmac_key(id))
    }

    /// The key of tokens that clients sign.
    pub fn jwt_key(self, key: &str) -> Option<Arc<Registered>> {
        self.find(|directory| directory.jwt_key(key))
    }

    /// What a certificate is recognised by.
    pub fn certificate(self, certificate: &CertificateMatch) -> Option<Arc<Registered>> {
        self.find(|directory| directory.certificate(certificate))
    }

    fn find(self, by: impl Fn(&Directory) -> Option<&Arc<Registered>>) -> Option<Arc<Registered>> {
        if let Some(found) = by(self.file) {
            return Some(Arc::clone(found));
        }
        let found = by(&self.store.current()).cloned()?;
        // A client that the file names is the file's alone.
        let is_shadowed = self.file.client(&found.client().id).is_some();
        (!is_shadowed).then_some(found)
    }
}

//! Everything that stands behind both the server and the command line, opened once per process.

use std::os::fd::OwnedFd;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use symbolon_auth::AuthService;
use symbolon_core::client_token::ClientTokens;
use symbolon_core::mark::MarkKey;
use symbolon_core::password::HashError;
use symbolon_core::seal::MasterKey;
use symbolon_core::{OsRandom, Random};
use symbolon_gateway::{Handle, Inherited, Parts};
use symbolon_store::audit::{Observer, Upkeep};
use symbolon_store::keys::master_key::{self, MasterKeyError};
use symbolon_store::keys::{Keys, KeysConfig, KeysError};
use symbolon_store::{
    Clients, ClientsParts, Clock, CoreStore, Directory, Passwords, PasswordsParts, Sessions,
    SqliteStore, StoreError, SystemClock,
};

use crate::config::{MasterKeySource, Settings};

/// The parts of a running system, wired together.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) store: SqliteStore,
    pub(crate) core: Arc<dyn CoreStore>,
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) keys: Arc<Keys>,
    /// One budget per account and one per source, for the pages and for the gateway.
    pub(crate) passwords: Arc<Passwords>,
    /// What is seen of requests and log-ins, until it is recorded.
    pub(crate) observer: Arc<Observer>,
    pub(crate) clients: Arc<Clients>,
    /// Makes and judges tokens of clients.
    pub(crate) client_tokens: Arc<ClientTokens>,
    pub(crate) auth: AuthService,
    /// The gateway, once there is one.
    pub(crate) gateway: Arc<OnceLock<Handle>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    /// What the pages call this system; a password must not be it.
    pub(crate) service_name: Arc<str>,
    /// Makes the values of sticky cookies.
    pub(crate) marks: MarkKey,
}

/// Why the parts cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// Another process holds the store, or it is broken.
    #[error("cannot open the store")]
    Store(#[from] StoreError),
    /// No master key.
    #[error("cannot get the master key")]
    MasterKey(#[from] MasterKeyError),
    /// The signing keys cannot be read with this master key.
    #[error("cannot open the signing keys")]
    Keys(#[from] KeysError),
    /// The parameters of password hashes make none.
    #[error("a password hash cannot be made")]
    Passwords(#[from] HashError),
    /// The authentication service does not start.
    #[error("cannot start the authentication service")]
    Auth(#[from] symbolon_auth::ServiceError),
}

impl Services {
    /// The recurring work of the audit log.
    pub(crate) fn audit_upkeep(&self, keep: Option<Duration>, destinations: Vec<String>) -> Upkeep {
        Upkeep {
            core: Arc::clone(&self.core),
            observer: Arc::clone(&self.observer),
            sessions: Arc::clone(&self.sessions),
            clock: Arc::clone(&self.clock),
            keep,
            destinations,
        }
    }

    /// What the gateway needs of them, and the sockets that it takes over.
    pub(crate) fn gateway_parts(&self, inherited: Vec<Inherited>) -> Parts {
        Parts {
            sessions: Arc::clone(&self.sessions),
            keys: Arc::clone(&self.keys),
            clients: Arc::clone(&self.clients),
            passwords: Arc::clone(&self.passwords),
            client_tokens: Arc::clone(&self.client_tokens),
            observer: Arc::clone(&self.observer),
            clock: Arc::clone(&self.clock),
            random: Arc::clone(&self.random),
            auth: Some(self.auth.router()),
            marks: self.marks.clone(),
            inherited,
        }
    }

    /// Opens the store, makes keys where there are none, and wires the rest.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, OpenError> {
        Self::open_with(settings, None).await
    }

    /// The same beside a process that has the store open and has handed over its `lock`.
    pub(crate) async fn open_with(
        settings: &Settings,
        lock: Option<OwnedFd>,
    ) -> Result<Self, OpenError> {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let random: Arc<dyn Random> = Arc::new(OsRandom);
        // The store first: its lock keeps two first starts from making two master keys.
        let is_shared = lock.is_some();
        let url = settings.store.url();
        let store = match lock {
            Some(lock) => SqliteStore::open_shared(&url, lock).await?,
            None => SqliteStore::open(&url).await?,
        };
        let is_new = store.list_keys().await?.is_empty();
        let master = master_key(&settings.store.master_key, is_new, &*random)?;
        let core: Arc<dyn CoreStore> = Arc::new(store.clone());
        let sessions = Sessions::open_beside(
            is_shared,
            Arc::clone(&core),
            Arc::new(store.clone()),
            settings.sessions.memory,
            clock.now(),
        )
        .await?;
        let keys = Keys::open(
            Arc::clone(&core),
            master.clone(),
            keys_config(settings),
            clock.now(),
            Arc::clone(&random),
        )
        .await?;
        let passwords = PasswordsParts {
            core: Arc::clone(&core),
            sessions: Arc::clone(&sessions),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
        };
        let passwords = Passwords::new(settings.passwords, passwords, &master)?;
        let public_url = &settings.gateway.routing.public_url;
        let client_tokens = Arc::new(ClientTokens::derive(&master, public_url));
        passwords.restore().await?;
        let observer = Arc::new(Observer::default());
        let parts = symbolon_auth::Parts {
            client_tokens: Arc::clone(&client_tokens),
            passwords: Arc::clone(&passwords),
            observer: Arc::clone(&observer),
            sessions: Arc::clone(&sessions),
            core: Arc::clone(&core),
            keys: Arc::clone(&keys),
            clock: Arc::clone(&clock),
            random: Arc::clone(&random),
        };
        let auth = AuthService::new(settings.auth.clone(), parts, &master)?;
        let clients = Clients::open(ClientsParts {
            store: Arc::new(store.clone()),
            sessions: Arc::clone(&sessions),
            master: master.clone(),
            random: Arc::clone(&random),
        })
        .await?;
        let of_file = settings.gateway.routing.clients.iter().cloned();
        clients.set_file(&Arc::new(Directory::new(of_file, None)));
        let service_name = settings.auth.service_name.as_str().into();
        let marks = MarkKey::derive(&master, "sticky-cookies");
        Ok(Self {
            store,
            core,
            sessions,
            keys,
            clients,
            passwords,
            client_tokens,
            observer,
            auth,
            gateway: Arc::default(),
            clock,
            random,
            service_name,
            marks,
        })
    }
}

impl OpenError {
    /// Whether another process holds the store.
    pub(crate) fn is_in_use(&self) -> bool {
        matches!(self, Self::Store(StoreError::InUse { .. }))
    }

    /// What to do about it, where that is known.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::MasterKey(error) => error.hint(),
            Self::Keys(error) => error.hint().map(str::to_owned),
            Self::Store(_) | Self::Passwords(_) | Self::Auth(_) => None,
        }
    }
}

fn master_key(
    source: &MasterKeySource,
    is_new: bool,
    random: &dyn Random,
) -> Result<MasterKey, MasterKeyError> {
    match source {
        MasterKeySource::File(path) if !is_new => master_key::load(path),
        MasterKeySource::File(path) => master_key::load_or_create(path, random),
        MasterKeySource::Key(key) => Ok(key.clone()),
    }
}

fn keys_config(settings: &Settings) -> KeysConfig {
    KeysConfig {
        issuer: settings.issuer.clone(),
        lifetime: settings.internal_token.lifetime,
        rotate_every: settings.internal_token.rotate_every,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::testing::system;

    #[tokio::test]
    async fn a_wrong_master_key_is_explained() {
        let system = system().await;
        system.services.store.close().await;
        let MasterKeySource::File(file) = &system.loaded.settings.store.master_key else {
            panic!("the master key is in a file");
        };
        fs::write(file, "0123456789abcdef".repeat(4)).unwrap();
        let error = Services::open(&system.loaded.settings).await.err().unwrap();
        assert!(matches!(error, OpenError::Keys(_)), "{error:?}");
        let hint = error.hint().unwrap();
        assert!(hint.contains("the master key that this store was first used with"), "{hint}");
    }

    #[tokio::test]
    async fn a_missing_master_key_is_missed_and_not_made_anew() {
        let system = system().await;
        system.services.store.close().await;
        let MasterKeySource::File(file) = &system.loaded.settings.store.master_key else {
            panic!("the master key is in a file");
        };
        fs::remove_file(file).unwrap();
        let error = Services::open(&system.loaded.settings).await.err().unwrap();
        let missing = matches!(error, OpenError::MasterKey(MasterKeyError::Missing { .. }));
        assert!(missing && !file.exists(), "{error:?}");
        assert!(error.hint().unwrap().contains("from a backup"));
    }
}

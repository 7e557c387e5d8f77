//! A configuration whose every value has been understood.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use symbolon_core::seal::MasterKey;
use symbolon_core::session::Lifetime;
use symbolon_gateway::config::SessionCookie;
use symbolon_gateway::config::access_log::Destination;
use symbolon_store::PasswordsConfig;
use symbolon_store::sessions::SessionsConfig;

/// Everything the binary starts from.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) gateway: symbolon_gateway::Config,
    pub(crate) admin: SocketAddr,
    pub(crate) store: StoreSettings,
    pub(crate) sessions: SessionSettings,
    pub(crate) internal_token: InternalTokenSettings,
    pub(crate) auth: symbolon_auth::Config,
    pub(crate) passwords: PasswordsConfig,
    pub(crate) audit: AuditSettings,
    /// The folder with policies.
    pub(crate) policies: Option<PathBuf>,
    /// `iss` of internal tokens.
    pub(crate) issuer: String,
}

/// What becomes of the audit log besides being written.
#[derive(Clone, Debug)]
pub(crate) struct AuditSettings {
    /// How long records are kept; for ever with `None`.
    pub(crate) keep: Option<Duration>,
    /// Where records are told as well, each under the name by which it is remembered how far that
    /// has come.
    pub(crate) exports: Vec<(String, Destination)>,
}

/// Where everything durable lives.
#[derive(Clone, Debug)]
pub(crate) struct StoreSettings {
    /// The file of the core store; the others stand beside it.
    pub(crate) database: PathBuf,
    pub(crate) master_key: MasterKeySource,
}

/// Where the master key comes from.
#[derive(Clone)]
pub(crate) enum MasterKeySource {
    /// A file, made on the first start.
    File(PathBuf),
    /// The key itself, from the environment.
    Key(MasterKey),
}

/// How sessions live.
#[derive(Clone, Debug)]
pub(crate) struct SessionSettings {
    pub(crate) lifetime: Lifetime,
    pub(crate) memory: SessionsConfig,
    pub(crate) cookie: SessionCookie,
}

/// How internal tokens are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InternalTokenSettings {
    pub(crate) lifetime: Duration,
    pub(crate) rotate_every: Duration,
}

impl StoreSettings {
    /// The address under which the store is opened.
    pub(crate) fn url(&self) -> String {
        format!("sqlite:{}", self.database.display())
    }

    /// The control socket of the server that holds the store.
    pub(crate) fn control_socket(&self) -> PathBuf {
        let mut path = self.database.clone().into_os_string();
        path.push(".sock");
        path.into()
    }
}

/// A key is a secret: which source it is from may be known, no more.
impl std::fmt::Debug for MasterKeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Key(_) => f.write_str("Key(..)"),
        }
    }
}

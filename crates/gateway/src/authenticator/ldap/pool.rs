//! The connections to a directory: few, and kept while they are used.
//!
//! A connection is somebody: the service account, or whoever's password was tried last on it. So
//! there are two kinds, and what is read as the service account is never read as anybody else.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::connection::Connection;
use super::error::DirectoryError;
use crate::authenticator::turns::Turns;
use crate::config::authenticators::ldap::{Ldap, ServiceAccount};

/// How long a connection is kept that nobody uses. Directories close theirs some time later.
const MAX_IDLE: Duration = Duration::from_secs(30);

/// Connections to one directory.
pub(super) struct Pool {
    settings: Arc<Ldap>,
    pub(super) turns: Turns,
    /// They are the service account, or nobody.
    readers: Mutex<Vec<Connection>>,
    /// They are somebody different each time.
    provers: Mutex<Vec<Connection>>,
}

/// What a connection is for.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// Reading as the service account, or as nobody where there is none.
    Read(Option<&'a ServiceAccount>),
    /// Trying a password.
    Prove,
}

impl Pool {
    pub(super) fn new(settings: Arc<Ldap>) -> Self {
        let turns = Turns::new(settings.connections, settings.queue);
        Self { settings, turns, readers: Mutex::default(), provers: Mutex::default() }
    }

    /// A kept connection, or a new one.
    pub(super) async fn take(&self, purpose: Purpose<'_>) -> Result<Connection, DirectoryError> {
        match self.kept(purpose) {
            Some(connection) => Ok(connection),
            None => self.fresh(purpose).await,
        }
    }

    /// A new connection.
    pub(super) async fn fresh(&self, purpose: Purpose<'_>) -> Result<Connection, DirectoryError> {
        let mut connection = Connection::open(&self.settings).await?;
        if let Purpose::Read(Some(account)) = purpose {
            let ServiceAccount { dn, password } = account;
            if !connection.bind(dn, password, self.settings.timeout).await? {
                return Err(DirectoryError::ServiceAccount);
            }
        }
        Ok(connection)
    }

    /// Keeps a connection on which nothing is under way.
    pub(super) fn give_back(&self, mut connection: Connection, purpose: Purpose<'_>) {
        connection.is_reused = true;
        connection.idle_since = Instant::now();
        let mut kept = self.shelf(purpose).lock();
        if kept.len() < self.settings.connections {
            kept.push(connection);
        }
    }

    fn kept(&self, purpose: Purpose<'_>) -> Option<Connection> {
        let mut kept = self.shelf(purpose).lock();
        kept.retain_mut(|one| one.is_alive() && one.idle_since.elapsed() < MAX_IDLE);
        kept.pop()
    }

    fn shelf(&self, purpose: Purpose<'_>) -> &Mutex<Vec<Connection>> {
        match purpose {
            Purpose::Read(_) => &self.readers,
            Purpose::Prove => &self.provers,
        }
    }
}

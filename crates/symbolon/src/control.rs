//! What an operator can do to a running system, and how a command reaches it.
//!
//! There is one list of commands ([`Command`]) and one place that carries them out ([`execute()`]).
//! The command line opens the store itself; where a server holds it, the command goes to that
//! server's control socket, so that it takes effect in its memory at once and is durable as well.

mod client;
mod clients;
mod execute;
mod password;
mod reset_password;
mod server;
#[cfg(test)]
mod tests;
mod wire;

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use symbolon_core::{Role, SubjectId, Timestamp};

pub(crate) use client::{SendError, send};
pub(crate) use clients::{Certificate, Change, ClientCommand, ClientRow, Expiry, Facts, NewProof};
pub(crate) use execute::{execute, execute_as};
pub(crate) use password::Password;
pub(crate) use server::ControlSocket;

/// The most sessions in one list.
pub(crate) const MAX_LISTED_SESSIONS: u32 = 10_000;
/// The most accounts in one list.
pub(crate) const MAX_LISTED_ACCOUNTS: usize = 100_000;

/// One thing to do.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    UserAdd { name: SubjectId, password: Password, roles: Vec<Role>, groups: Vec<String> },
    UserList,
    UserPassword { name: SubjectId, password: Password },
    UserDisable { name: SubjectId },
    UserEnable { name: SubjectId },
    UserRoles { name: SubjectId, roles: Vec<Role> },
    UserGroups { name: SubjectId, groups: Vec<String> },
    SessionList { subject: Option<SubjectId> },
    SessionEnd { id: symbolon_core::SessionId },
    SessionEndAll { subject: SubjectId },
    KeyList,
    KeyRotate,
    KeyPull { id: symbolon_core::KeyId },
    ClientJwt { id: symbolon_core::ClientId, lifetime: std::time::Duration },
    Client(ClientCommand),
    AuditPage { after: u64, since: Timestamp, limit: u32 },
    Explain { method: String, url: String, headers: Vec<(String, String)>, source: Option<IpAddr> },
}

/// What came of it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reply {
    /// Accounts in the order of their names.
    Users(Vec<UserRow>),
    /// Sessions, newest first.
    Sessions(Vec<SessionRow>),
    /// Signing keys in the order in which they sign.
    Keys(Vec<KeyRow>),
    /// A token that was made.
    Token(Password),
    /// Clients in the order of their names.
    Clients(Vec<ClientRow>),
    /// One client.
    Client(Box<ClientRow>),
    /// A credential, and the secret that was made for it.
    Credential { says: String, client: String, credential: String, secret: Option<Password> },
    /// Records of the audit log, in order.
    Audit(AuditRows),
    /// Why a request is let in or not.
    Explained(serde_json::Value),
    /// A sentence that says what was done.
    Done(String),
}

/// Some records of the audit log.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AuditRows {
    /// The number and the hash of the last record that was removed from the beginning.
    pub(crate) cut: Option<(u64, String)>,
    /// Each record as a line of JSON.
    pub(crate) lines: Vec<String>,
}

/// An account as operators see it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UserRow {
    pub(crate) name: String,
    pub(crate) roles: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) disabled: bool,
    /// RFC 3339.
    pub(crate) created_at: String,
}

/// A session as operators see it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SessionRow {
    pub(crate) id: String,
    pub(crate) subject: String,
    /// RFC 3339, as the following.
    pub(crate) created_at: String,
    pub(crate) last_seen: String,
    /// When it ends if it is not used again.
    pub(crate) ends_at: String,
    pub(crate) source: String,
    pub(crate) user_agent: String,
}

/// A signing key as operators see it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyRow {
    pub(crate) id: String,
    /// `pending`, `signing`, `retired` or `pulled`.
    pub(crate) state: String,
    /// RFC 3339, as the following.
    pub(crate) created_at: String,
    pub(crate) active_from: String,
    pub(crate) pulled_at: Option<String>,
}

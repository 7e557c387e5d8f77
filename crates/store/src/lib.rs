//! Symbolon's stores: what must survive, behind verbs of the domain.
//!
//! - [`CoreStore`] keeps what must never be lost: accounts, signing keys and the revocation log.
//! - [`ClientStore`] keeps the clients that are registered while the system runs; [`Clients`] knows
//!   them, beside those of the configuration.
//! - [`SessionStore`] keeps sessions.
//! - [`Sessions`] is what everybody uses: both stores with the near cache in front and the rule
//!   that a "no" is durable in the core store before it is answered.
//! - [`Passwords`] says whether a password is right, and paces guesses.
//!
//! Each verb is atomic, so that a race is decided in one place. One conformance suite runs on
//! every back-end.

pub mod audit;
pub mod client_store;
pub mod clients;
pub mod clock;
#[cfg(test)]
mod conformance;
pub mod core_store;
pub mod error;
pub mod keys;
pub mod known;
#[cfg(test)]
mod measurements;
pub mod near_cache;
pub mod passwords;
pub mod session_store;
pub mod sessions;
pub mod sqlite;

pub use client_store::ClientStore;
pub use clients::{Clients, ClientsError, ClientsParts, Directories, Directory, Registered};
pub use clock::{Clock, SystemClock};
pub use core_store::{Account, CoreStore, LogMark, Revocation, Revoked, StoredAttempts, StoredKey};
pub use error::StoreError;
pub use known::Known;
pub use passwords::{Passwords, PasswordsConfig, PasswordsParts};
pub use session_store::{Extent, PatchOutcome, Rotation, SessionStore, Touch};
pub use sessions::{
    LiveSession, MintedTokens, PasswordChange, PasswordChanged, Sessions, SessionsConfig,
};
pub use sqlite::{Alone, SqliteStore};

//! A session: what stands inside for an opaque token outside.
//!
//! 1. Its [`SessionId`] is public; its token is known only by hash.
//! 2. Every change of what a service would see bumps the [`Generation`]: internal tokens are
//!    minted per generation, so an old one is never reused after a change.
//! 3. It ends by log-out, by revocation, when idle too long, or at its absolute end, whichever
//!    comes first (NIST SP 800-63B-4 section 5.2; ASVS 7.3).
//! 4. A million of them fit in memory: what many have in common may be shared between them.

mod data;
mod device;
mod patch;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, Role, SessionId, SubjectId};
use crate::time::Timestamp;
use crate::token::TokenHash;

pub use data::{DataTooLarge, MAX_DATA_BYTES, MAX_DATA_DEPTH, SessionData};
pub use device::{Device, MAX_USER_AGENT_BYTES};
pub use patch::{Patch, PatchError};

/// Counts the changes of a session; internal tokens are minted per generation.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Generation(pub u64);

/// How and when the subject proved who they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// Authentication methods (RFC 8176): `pwd`, later `otp`, `hwk`.
    pub amr: Arc<[String]>,
    /// Authentication context class (OIDC Core section 2): `pwd` for one factor, `mfa` for two.
    pub acr: Arc<str>,
    /// When (`auth_time`).
    pub at: Timestamp,
}

/// What was granted (RFC 9068 section 2.2.3); the same for many sessions, which share it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Authorization {
    /// Granted scopes.
    pub scopes: Vec<String>,
    /// Roles of the subject, as of the last change.
    pub roles: Vec<Role>,
    /// Groups of the subject.
    pub groups: Vec<String>,
}

/// A session as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Public identifier (`sid`).
    pub id: SessionId,
    /// Hash of the one token that opens it.
    pub token: TokenHash,
    /// Number of changes so far.
    pub generation: Generation,
    /// Whose session it is.
    pub subject: SubjectId,
    /// The application it was opened for; `None` for a log-in at our own pages.
    pub client: Option<ClientId>,
    /// How and when the subject was authenticated.
    pub authentication: Authentication,
    /// What the session may be used for.
    pub authorization: Arc<Authorization>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used; written behind, at most some seconds late.
    pub last_seen: Timestamp,
    /// Longest time without use.
    pub idle_timeout: Duration,
    /// Absolute end.
    pub expires_at: Timestamp,
    /// Where it was opened from; `None` in memory, as only the list of sessions tells it.
    pub device: Option<Box<Device>>,
    /// What services keep in it.
    pub data: SessionData,
}

/// The two lifetimes of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetime {
    /// Longest time without use.
    pub idle: Duration,
    /// Longest time altogether.
    pub absolute: Duration,
}

impl Session {
    /// Whether a use at `now` is within both lifetimes, given the last use seen.
    pub fn is_live(&self, last_seen: Timestamp, now: Timestamp) -> bool {
        now < self.expires_at && now.since(last_seen) < self.idle_timeout
    }

    /// When it ends if it is not used again.
    pub fn ends_at(&self) -> Timestamp {
        self.expires_at.min(self.last_seen.plus(self.idle_timeout))
    }

    /// The session after a service's patch.
    ///
    /// # Errors
    /// [`DataTooLarge`] when the outcome would break the bounds; the session is then unchanged.
    pub fn patched(&self, patch: &Patch) -> Result<Self, DataTooLarge> {
        let mut next = self.clone();
        next.data = self.data.merged(patch)?;
        next.generation = self.generation.next();
        Ok(next)
    }
}

impl Generation {
    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

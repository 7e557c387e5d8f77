//! Where sessions live: hot, expiring, with atomic verbs.

use async_trait::async_trait;
use symbolon_core::session::{Authentication, Patch};
use symbolon_core::{
    ClientId, Generation, Role, Session, SessionId, SubjectId, Timestamp, TokenHash,
};

use crate::error::StoreError;

/// What became of a patch.
#[derive(Clone, Debug, PartialEq)]
pub enum PatchOutcome {
    /// Applied; the session as it now is.
    Applied(Box<Session>),
    /// The session has moved on from the generation that the patch was conditional on.
    GenerationMoved(Generation),
    /// The data would exceed their bound; nothing changed.
    TooLarge,
    /// There is no such session.
    NoSession,
}

/// A new token for a session, with a new proof of identity where there was one.
#[derive(Clone, Debug, PartialEq)]
pub struct Rotation {
    /// The session.
    pub id: SessionId,
    /// Hash of the new token; the old one is dead at once.
    pub token: TokenHash,
    /// The new authentication, when the subject proved themselves again.
    pub authentication: Option<Authentication>,
    /// When it counts as begun from now on, where it has to outlive what ends all that began
    /// before.
    pub begins_at: Option<Timestamp>,
}

/// The sessions of a subject as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// How many there are.
    pub count: u64,
    /// When the newest began; 1970 where there is none.
    pub newest: Timestamp,
    /// When the last of them ends, at the latest; 1970 where there is none.
    pub ends_at: Timestamp,
}

/// A session was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// The session.
    pub id: SessionId,
    /// When.
    pub at: Timestamp,
}

/// Sessions, each verb atomic.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Adds a session.
    async fn create(&self, session: &Session) -> Result<(), StoreError>;
    /// Adds many sessions in one transaction: for moving between stores and for measurements.
    async fn import(&self, sessions: &[Session]) -> Result<(), StoreError>;
    /// The session that a token opens.
    async fn find(&self, token: &TokenHash) -> Result<Option<Session>, StoreError>;
    /// The session of that id.
    async fn find_by_id(&self, id: SessionId) -> Result<Option<Session>, StoreError>;
    /// Up to `limit` sessions, newest first; of one subject or of all.
    async fn list(
        &self,
        subject: Option<&SubjectId>,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError>;
    /// How many sessions a subject has, and between which times.
    async fn extent(&self, subject: &SubjectId) -> Result<Extent, StoreError>;
    /// Up to `limit` sessions that a client opened, newest first.
    async fn list_of_client(
        &self,
        client: &ClientId,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError>;
    /// Records uses, never moving `last_seen` backwards.
    async fn touch(&self, touches: &[Touch]) -> Result<(), StoreError>;
    /// Merges a patch into the data (RFC 7396) and bumps the generation.
    async fn patch(
        &self,
        id: SessionId,
        patch: &Patch,
        if_generation: Option<Generation>,
    ) -> Result<PatchOutcome, StoreError>;
    /// Gives a session a new token and bumps the generation: the old token's hash and the
    /// session as it now is, or `None` when there is no such session.
    async fn rotate(&self, rotation: &Rotation)
    -> Result<Option<(TokenHash, Session)>, StoreError>;
    /// Replaces the roles in all sessions of a subject and bumps their generations; the hashes
    /// of their tokens.
    async fn set_roles(
        &self,
        subject: &SubjectId,
        roles: &[Role],
    ) -> Result<Vec<TokenHash>, StoreError>;
    /// Replaces the groups in all sessions of a subject, as [`SessionStore::set_roles`] does.
    async fn set_groups(
        &self,
        subject: &SubjectId,
        groups: &[String],
    ) -> Result<Vec<TokenHash>, StoreError>;
    /// Ends a session; the hash of its token, if there was one.
    async fn end(&self, id: SessionId) -> Result<Option<TokenHash>, StoreError>;
    /// Ends all sessions of a subject but `except`; their ids and the hashes of their tokens.
    async fn end_all_for_subject(
        &self,
        subject: &SubjectId,
        except: Option<SessionId>,
    ) -> Result<Vec<(SessionId, TokenHash)>, StoreError>;
    /// Removes up to `limit` sessions whose time is over; how many.
    async fn expire(&self, now: Timestamp, limit: u32) -> Result<u64, StoreError>;
    /// How many sessions there are, the expired ones that were not yet removed included.
    async fn count(&self) -> Result<u64, StoreError>;
}

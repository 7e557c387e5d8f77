//! What everybody uses: sessions with the near cache in front of the session store, and the
//! revocation log of the core store in front of both.

mod live;
mod minted;

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::session::Patch;
use symbolon_core::{Generation, Role, Session, SessionId, SubjectId, Timestamp, TokenHash};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::core_store::CoreStore;
use crate::error::StoreError;
use crate::session_store::{PatchOutcome, Rotation, SessionStore};

pub use live::LiveSession;
pub use minted::{MAX_MINTED, MintedTokens};

/// What the configuration says about sessions in memory.
#[derive(Clone, Copy, Debug)]
pub struct SessionsConfig {
    /// The most sessions kept in memory; none with 0, and every request then asks the store.
    pub cache_entries: usize,
    /// The shortest time between two writes of one session's `last_seen`.
    pub touch_interval: Duration,
}

/// All sessions.
pub struct Sessions {
    _core: Arc<dyn CoreStore>,
}

impl Sessions {
    /// Loads the revocation log; nothing is answered before.
    pub async fn open(
        _core: Arc<dyn CoreStore>,
        _sessions: Arc<dyn SessionStore>,
        _config: SessionsConfig,
        _now: Timestamp,
    ) -> Result<Arc<Self>, StoreError> {
        todo!()
    }
    /// The session of a token if memory alone can tell: live and not revoked.
    pub fn cached(&self, _token: &TokenHash, _now: Timestamp) -> Option<Arc<LiveSession>> {
        todo!()
    }
    /// The live session that a token opens.
    pub async fn find(
        self: &Arc<Self>,
        _token: &TokenHash,
        _now: Timestamp,
    ) -> Result<Option<Arc<LiveSession>>, StoreError> {
        todo!()
    }
    /// Records a use: at once in memory, some seconds later in the store.
    pub fn seen(&self, _live: &LiveSession, _now: Timestamp) {
        todo!()
    }
    /// Whether a session was ended; to be asked again by whatever outlives a request.
    pub fn is_revoked(&self, _session: &Session) -> bool {
        todo!()
    }
    /// Adds a session. Its `created_at` must be a time before the credentials were checked.
    pub async fn create(
        self: &Arc<Self>,
        _session: Session,
    ) -> Result<Arc<LiveSession>, StoreError> {
        todo!()
    }
    /// Merges a patch into the data; the next request sees it.
    pub async fn patch(
        self: &Arc<Self>,
        _id: SessionId,
        _patch: &Patch,
        _if_generation: Option<Generation>,
    ) -> Result<PatchOutcome, StoreError> {
        todo!()
    }
    /// Gives a session a new token; the old one is dead everywhere when this returns.
    pub async fn rotate(
        self: &Arc<Self>,
        _rotation: &Rotation,
        _now: Timestamp,
    ) -> Result<Option<Arc<LiveSession>>, StoreError> {
        todo!()
    }
    /// Ends a session; whether there was one.
    pub async fn end(
        self: &Arc<Self>,
        _id: SessionId,
        _now: Timestamp,
    ) -> Result<bool, StoreError> {
        todo!()
    }
    /// Ends all sessions of a subject but `except`; how many.
    pub async fn end_all(
        self: &Arc<Self>,
        _subject: &SubjectId,
        _except: Option<SessionId>,
        _now: Timestamp,
    ) -> Result<u64, StoreError> {
        todo!()
    }
    /// Gives an account other roles, in its sessions too; whether there is such an account.
    pub async fn set_roles(
        self: &Arc<Self>,
        _subject: &SubjectId,
        _roles: &[Role],
    ) -> Result<bool, StoreError> {
        todo!()
    }
    /// Up to `limit` sessions that were not ended, newest first; of one subject or of all.
    pub async fn list(
        &self,
        _subject: Option<&SubjectId>,
        _limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        todo!()
    }
    /// The session of that id, unless it was ended.
    pub async fn find_by_id(&self, _id: SessionId) -> Result<Option<Session>, StoreError> {
        todo!()
    }
    /// Does the recurring work until `shutdown` turns true, then writes what is still queued.
    pub async fn run(self: Arc<Self>, _clock: Arc<dyn Clock>, _shutdown: watch::Receiver<bool>) {
        todo!()
    }
    /// Requests answered from memory.
    pub fn cache_hits(&self) -> u64 {
        todo!()
    }
    /// Requests that had to ask the store.
    pub fn cache_misses(&self) -> u64 {
        todo!()
    }
    /// Sessions in memory.
    pub fn cache_entries(&self) -> u64 {
        todo!()
    }
}

//! What everybody uses: sessions with the near cache in front of the session store, and the
//! revocation log of the core store in front of both.
//!
//! 1. A session that was ended lets nobody in, whatever cache and session store say: the
//!    revocation log is asked on every request.
//! 2. After a change is answered, no request that starts later sees the state before it.
//! 3. Uses are written behind; everything else is in the store before it is answered.
//! 4. While another process has the store as well, nothing is answered from memory (`sharing`).
//!
//! What it deliberately does not know: tokens in clear, and who asks.

mod changes;
mod clients;
mod closing;
mod common;
mod crowding;
mod endings;
mod live;
mod minted;
mod password;
mod replaced;
mod revocation_log;
mod sharing;
#[cfg(test)]
mod tests;
mod touches;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use symbolon_core::{Session, SessionId, SubjectId, Timestamp, TokenHash};

use crate::core_store::CoreStore;
use crate::error::StoreError;
use crate::near_cache::{Abandoned, NearCache};
use crate::session_store::{SessionStore, Touch};
use common::Common;
use replaced::Replaced;
use revocation_log::RevocationLog;
use sharing::Sharing;
use touches::Touches;

pub use live::LiveSession;
pub use minted::{MAX_MINTED, MintedTokens};
pub use password::{PasswordChange, PasswordChanged};

/// A session is touched at least this often within its idle timeout.
const TOUCHES_PER_IDLE_TIMEOUT: u32 = 4;

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
    core: Arc<dyn CoreStore>,
    store: Arc<dyn SessionStore>,
    cache: Arc<NearCache<LiveSession, Failed>>,
    common: Common,
    revoked: RevocationLog,
    replaced: Replaced,
    sharing: Sharing,
    touches: Touches,
    touch_interval: Duration,
    /// Held while roles or groups change, so that accounts and sessions see the same order.
    changing: tokio::sync::Mutex<()>,
}

impl Sessions {
    /// Loads the revocation log; nothing is answered before.
    pub async fn open(
        core: Arc<dyn CoreStore>,
        sessions: Arc<dyn SessionStore>,
        config: SessionsConfig,
        now: Timestamp,
    ) -> Result<Arc<Self>, StoreError> {
        Self::open_beside(false, core, sessions, config, now).await
    }

    /// As [`Sessions::open`], where another process may have the store as well (`is_shared`).
    pub async fn open_beside(
        is_shared: bool,
        core: Arc<dyn CoreStore>,
        sessions: Arc<dyn SessionStore>,
        config: SessionsConfig,
        now: Timestamp,
    ) -> Result<Arc<Self>, StoreError> {
        let revoked = RevocationLog::new();
        // Before the log is read: what is added meanwhile is read twice, and nothing is missed.
        let mark = core.last_revocation().await?;
        for revocation in core.revocations(now).await? {
            revoked.insert(&revocation, revocation.at);
        }
        Ok(Arc::new(Self {
            core,
            store: sessions,
            cache: Arc::new(NearCache::new(config.cache_entries)),
            common: Common::default(),
            revoked,
            replaced: Replaced::default(),
            sharing: Sharing::new(is_shared, mark),
            touches: Touches::default(),
            touch_interval: config.touch_interval,
            changing: tokio::sync::Mutex::default(),
        }))
    }

    /// The session of a token if memory alone can tell: live and not revoked.
    pub fn cached(&self, token: &TokenHash, now: Timestamp) -> Option<Arc<LiveSession>> {
        if self.is_shared() {
            return None;
        }
        self.cache.get(token).filter(|live| self.lets_in(live, now))
    }

    /// The live session that a token opens, from memory or from the store.
    pub async fn find(
        self: &Arc<Self>,
        token: &TokenHash,
        now: Timestamp,
    ) -> Result<Option<Arc<LiveSession>>, StoreError> {
        if self.is_shared() {
            return self.find_in_store(token, now).await;
        }
        let fetch = || {
            let (this, token) = (self.clone(), *token);
            async move {
                let session = this.store.find(&token).await?;
                let live = session.map(|session| LiveSession::new(session, &this.common));
                // What is over is not worth a place in the cache.
                Ok(live.filter(|live| this.lets_in(live, now)).map(Arc::new))
            }
        };
        let found = self.cache.get_or_fetch(*token, fetch).await?;
        // Again, and for what was kept: it may have been ended since.
        Ok(found.filter(|live| self.lets_in(live, now)))
    }

    /// Remembers for a moment that a browser has another token now ([`Sessions::is_replaced`]).
    pub fn replaced(&self, token: &TokenHash, now: Timestamp) {
        self.replaced.add(*token, now);
    }

    /// Whether a token, which opens nothing, was replaced a moment ago: the browser that shows it
    /// has another one by now, which it must not be told to forget.
    pub fn is_replaced(&self, token: &TokenHash, now: Timestamp) -> bool {
        self.replaced.has(token, now)
    }

    /// Records a use: at once in memory, later in the store.
    pub fn seen(&self, live: &LiveSession, now: Timestamp) {
        live.see(now);
        let idle = live.session.idle_timeout / TOUCHES_PER_IDLE_TIMEOUT;
        let id = live.session.id;
        if live.claim_touch(now, self.touch_interval().min(idle))
            && !self.touches.push(Touch { id, at: now })
        {
            live.unclaim_touch();
        }
    }

    /// Whether a session was ended; to be asked again by whatever outlives a request.
    pub fn is_revoked(&self, session: &Session) -> bool {
        self.revoked.covers(session)
    }

    /// Whether everything of a subject was ended that had begun at a time, of what is no session.
    pub fn is_subject_revoked(&self, subject: &SubjectId, began: Timestamp) -> bool {
        self.revoked.ended_since(subject, began)
    }

    /// Up to `limit` sessions that were not ended, newest first; of one subject or of all. Some
    /// may have run out of time.
    pub async fn list(
        &self,
        subject: Option<&SubjectId>,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        self.catch_up().await?;
        let mut sessions = self.store.list(subject, limit).await?;
        sessions.retain(|session| !self.is_revoked(session));
        Ok(sessions)
    }

    /// The session of that id, unless it was ended. It may have run out of time.
    pub async fn find_by_id(&self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.catch_up().await?;
        let session = self.store.find_by_id(id).await?;
        Ok(session.filter(|session| !self.is_revoked(session)))
    }

    /// Look-ups that were answered from memory, so far.
    pub fn cache_hits(&self) -> u64 {
        self.cache.counts().hits
    }

    /// Look-ups that asked the store, so far.
    pub fn cache_misses(&self) -> u64 {
        self.cache.counts().misses
    }

    /// Sessions in memory now.
    pub fn cache_entries(&self) -> u64 {
        self.cache.counts().entries
    }

    fn lets_in(&self, live: &LiveSession, now: Timestamp) -> bool {
        live.is_live(now) && !self.is_revoked(&live.session)
    }
}

/// Why a look-up failed, told to all who shared it.
#[derive(Clone, Debug)]
struct Failed(Arc<StoreError>);

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(Arc::new(error))
    }
}

impl From<Abandoned> for Failed {
    fn from(error: Abandoned) -> Self {
        StoreError::Unavailable(Box::new(error)).into()
    }
}

impl From<Failed> for StoreError {
    fn from(Failed(shared): Failed) -> Self {
        match *shared {
            Self::Overloaded => Self::Overloaded,
            _ => Self::Unavailable(Box::new(shared)),
        }
    }
}

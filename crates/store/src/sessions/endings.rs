//! Ending sessions. The "no" is durable before it is answered:
//!
//! 1. a row in the core store's revocation log, and in the same transaction the record of it,
//! 2. the log in memory: from here on no request is let in,
//! 3. the session's row is removed,
//! 4. the cache forgets it,
//! 5. the answer.
//!
//! After a crash anywhere in between, the log is read again before anything is answered. What
//! fails after step 2 is logged and left to expiry: the session is over all the same.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use symbolon_core::{Session, SessionId, SubjectId, Timestamp};

use super::Sessions;
use super::changes::to_the_end;
use crate::audit::{By, Kind, Record};
use crate::core_store::{Revocation, Revoked};
use crate::error::StoreError;

/// The sessions of a subject that are looked at in one go.
const PAGE: u32 = 256;

/// How many of them are ended at the same time, sharing commits.
const AT_ONCE: usize = 32;

/// The shortest life of an entry about a subject: longer than any log-in that it may overtake.
const SUBJECT_ENTRY_LIFE: Duration = Duration::from_hours(24);

impl Sessions {
    /// Ends a session; whether there was one. No request that starts later is let in by it.
    pub async fn end(self: &Arc<Self>, id: SessionId, now: Timestamp) -> Result<bool, StoreError> {
        self.end_by(id, &By::system(now)).await
    }

    /// The same, by somebody.
    pub async fn end_by(self: &Arc<Self>, id: SessionId, by: &By) -> Result<bool, StoreError> {
        let (this, by) = (self.clone(), by.clone());
        to_the_end(async move { this.end_one(id, &by).await }).await
    }

    /// Ends all sessions of a subject but `except`; how many. Without `except`, a log-in that is
    /// under way is ended too.
    pub async fn end_all(
        self: &Arc<Self>,
        subject: &SubjectId,
        except: Option<SessionId>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.end_all_by(subject, except, &By::system(now)).await
    }

    /// The same, by somebody.
    pub async fn end_all_by(
        self: &Arc<Self>,
        subject: &SubjectId,
        except: Option<SessionId>,
        by: &By,
    ) -> Result<u64, StoreError> {
        let (this, by) = (self.clone(), by.clone());
        let subject = subject.clone();
        to_the_end(async move {
            match except {
                Some(except) => this.end_others(&subject, except, &by).await,
                None => this.end_subject(subject, &by).await,
            }
        })
        .await
    }

    async fn end_one(&self, id: SessionId, by: &By) -> Result<bool, StoreError> {
        let Some(session) = self.store.find_by_id(id).await? else {
            return Ok(false);
        };
        let revocation =
            Revocation { what: Revoked::Session(id), at: by.at, forget_at: session.expires_at };
        let record = Record::new(Kind::SessionEnded, by).subject(&session.subject).session(id);
        self.revoke(&revocation, &record, by.at).await?;
        let ended = self.store.end(id).await.unwrap_or_else(|error| {
            tracing::warn!(session.id = %id, %error, "ended session was not removed");
            Some(session.token)
        });
        self.cache.invalidate(&session.token);
        if let Some(token) = &ended {
            self.cache.invalidate(token);
        }
        Ok(ended.is_some())
    }

    async fn end_others(
        &self,
        subject: &SubjectId,
        except: SessionId,
        by: &By,
    ) -> Result<u64, StoreError> {
        let mut count = 0;
        loop {
            let page = self.store.list(Some(subject), PAGE).await?;
            let mut others: Vec<SessionId> = page.iter().map(|session| session.id).collect();
            others.retain(|id| *id != except);
            let mut progress = 0;
            for some in others.chunks(AT_ONCE) {
                for ended in join_all(some.iter().map(|id| self.end_one(*id, by))).await {
                    progress += u64::from(ended?);
                }
            }
            if progress == 0 {
                return Ok(count);
            }
            count += progress;
        }
    }

    async fn end_subject(&self, subject: SubjectId, by: &By) -> Result<u64, StoreError> {
        let (revocation, sessions) = self.revocation_of(&subject, by.at).await?;
        let record =
            Record::new(Kind::SessionsEnded, by).subject(&subject).with("sessions", sessions.len());
        self.revoke(&revocation, &record, by.at).await?;
        let ended = self.store.end_all_for_subject(&subject, None).await;
        let ended = ended.unwrap_or_else(|error| {
            tracing::warn!(%subject, %error, "ended sessions were not removed");
            let key = |session: &Session| (session.id, session.token);
            sessions.iter().map(key).collect()
        });
        for (_, token) in &ended {
            self.cache.invalidate(token);
        }
        Ok(ended.len() as u64)
    }

    /// What ends all sessions of a subject, and those that there are.
    pub(super) async fn revocation_of(
        &self,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<(Revocation, Vec<Session>), StoreError> {
        let sessions = self.store.list(Some(subject), u32::MAX).await?;
        // A session may claim to have begun after `now`: the clock went back, or it was given
        // the microsecond after the last entry of the log.
        let at = sessions.iter().map(|session| session.created_at).fold(now, Ord::max);
        let forget_at = sessions
            .iter()
            .map(|session| session.expires_at)
            .fold(at.plus(SUBJECT_ENTRY_LIFE), Ord::max);
        Ok((Revocation { what: Revoked::Subject(subject.clone()), at, forget_at }, sessions))
    }

    /// Steps 1 and 2.
    async fn revoke(
        &self,
        revocation: &Revocation,
        record: &Record,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.core.revoke(revocation, record).await?;
        self.revoked.insert(revocation, now);
        Ok(())
    }
}

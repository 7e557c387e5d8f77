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

use symbolon_core::{SessionId, SubjectId, Timestamp};

use super::Sessions;
use super::changes::to_the_end;
use crate::audit::{By, Kind, Record};
use crate::core_store::{Revocation, Revoked};
use crate::error::StoreError;
use crate::session_store::Extent;

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

    /// Ends all sessions of a subject, and a log-in that is under way; how many.
    pub async fn end_all(
        self: &Arc<Self>,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        self.end_all_by(subject, &By::system(now)).await
    }

    /// The same, by somebody.
    pub async fn end_all_by(
        self: &Arc<Self>,
        subject: &SubjectId,
        by: &By,
    ) -> Result<u64, StoreError> {
        let (this, subject, by) = (self.clone(), subject.clone(), by.clone());
        to_the_end(async move { this.end_subject(subject, &by).await }).await
    }

    pub(super) async fn end_one(&self, id: SessionId, by: &By) -> Result<bool, StoreError> {
        let Some(session) = self.store.find_by_id(id).await? else {
            return Ok(false);
        };
        if self.is_revoked(&session) {
            // It ended before, and only its row was left.
            self.remove(id).await;
            return Ok(false);
        }
        let revocation =
            Revocation { what: Revoked::Session(id), at: by.at, forget_at: session.expires_at };
        let record = Record::new(Kind::SessionEnded, by).subject(&session.subject).session(id);
        self.revoke(&revocation, &record, by.at).await?;
        self.cache.invalidate(&session.token);
        Ok(self.remove(id).await)
    }

    /// Removes the row of a session that is over; whether somebody else has not done that already.
    async fn remove(&self, id: SessionId) -> bool {
        match self.store.end(id).await {
            Ok(token) => {
                if let Some(token) = &token {
                    self.cache.invalidate(token);
                }
                token.is_some()
            }
            Err(error) => {
                tracing::warn!(session.id = %id, %error, "ended session was not removed");
                true
            }
        }
    }

    async fn end_subject(&self, subject: SubjectId, by: &By) -> Result<u64, StoreError> {
        let (revocation, count) = self.revocation_of(&subject, by.at).await?;
        let record = Record::new(Kind::SessionsEnded, by).subject(&subject).with("sessions", count);
        self.revoke(&revocation, &record, by.at).await?;
        Ok(self.remove_all(&subject, None).await.unwrap_or(count))
    }

    /// Removes the rows of sessions that are over, all of a subject but `except`; how many, if
    /// they could be.
    pub(super) async fn remove_all(
        &self,
        subject: &SubjectId,
        except: Option<SessionId>,
    ) -> Option<u64> {
        let ended = self.store.end_all_for_subject(subject, except).await;
        let ended = ended
            .inspect_err(|error| {
                tracing::warn!(%subject, %error, "ended sessions were not removed");
            })
            .ok()?;
        for (_, token) in &ended {
            self.cache.invalidate(token);
        }
        Some(ended.len() as u64)
    }

    /// What ends all sessions of a subject, and how many there are.
    pub(super) async fn revocation_of(
        &self,
        subject: &SubjectId,
        now: Timestamp,
    ) -> Result<(Revocation, u64), StoreError> {
        let Extent { count, newest, ends_at } = self.store.extent(subject).await?;
        // A session may claim to have begun after `now`: the clock went back, or it was given
        // the microsecond after the last entry of the log.
        let at = now.max(newest);
        let forget_at = ends_at.max(at.plus(SUBJECT_ENTRY_LIFE));
        Ok((Revocation { what: Revoked::Subject(subject.clone()), at, forget_at }, count))
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

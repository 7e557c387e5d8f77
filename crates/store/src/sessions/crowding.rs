//! The bound on sessions of one account: whoever knows a password could begin them without end, and
//! nobody is paced who is right.

use symbolon_core::{SubjectId, Timestamp};

use super::Sessions;
use crate::audit::By;
use crate::error::StoreError;

/// The most sessions of an account; another one ends the oldest.
pub(super) const MAX_SESSIONS_OF_ACCOUNT: u32 = 100;

/// The most that one log-in ends: where there were more, each brings it closer to the bound.
const AT_ONCE: u32 = 8;

impl Sessions {
    /// Ends the oldest sessions of an account that has too many.
    pub(super) async fn make_room(&self, subject: &SubjectId, now: Timestamp) {
        if let Err(error) = self.end_oldest(subject, now).await {
            tracing::warn!(%subject, %error, "the oldest session was not ended");
        }
    }

    async fn end_oldest(&self, subject: &SubjectId, now: Timestamp) -> Result<(), StoreError> {
        if self.store.extent(subject).await?.count <= u64::from(MAX_SESSIONS_OF_ACCOUNT) {
            return Ok(());
        }
        let newest = self.store.list(Some(subject), MAX_SESSIONS_OF_ACCOUNT + AT_ONCE).await?;
        let by = By::system(now).because("too_many_sessions");
        for session in newest.into_iter().skip(MAX_SESSIONS_OF_ACCOUNT as usize) {
            self.end_one(session.id, &by).await?;
        }
        Ok(())
    }
}

//! Ending sessions one by one, as many as a list goes on showing.
//!
//! Each is ended once: a row that cannot be removed is over all the same, and is neither recorded
//! again nor in the way of those behind it. So this comes to its end whatever the store does, after
//! as many endings as there are sessions.

use futures_util::future::join_all;
use symbolon_core::{ClientId, SessionId, SubjectId};

use super::Sessions;
use crate::audit::By;
use crate::error::StoreError;

/// The sessions that are looked at in one go, unless those are over already.
const PAGE: u32 = 256;

/// How many of them are ended at the same time, sharing commits.
const AT_ONCE: usize = 32;

/// Which sessions.
pub(super) enum Whose {
    /// All of a subject but one.
    Others(SubjectId, SessionId),
    /// Those that a client opened.
    Client(ClientId),
}

impl Sessions {
    /// Ends them, each in the revocation log before it is gone; how many.
    pub(super) async fn end_each(&self, whose: &Whose, by: &By) -> Result<u64, StoreError> {
        let (mut count, mut limit) = (0, PAGE);
        loop {
            let (page, kept) = match whose {
                Whose::Others(subject, kept) => {
                    (self.store.list(Some(subject), limit).await?, Some(*kept))
                }
                Whose::Client(client) => (self.store.list_of_client(client, limit).await?, None),
            };
            let live = page.iter().filter(|session| !self.is_revoked(session));
            let mut ids: Vec<SessionId> = live.map(|session| session.id).collect();
            ids.retain(|id| Some(*id) != kept);
            if ids.is_empty() {
                if page.len() < limit as usize {
                    return Ok(count);
                }
                // Rows of what is over stand before others.
                limit = limit.saturating_mul(2);
            }
            for some in ids.chunks(AT_ONCE) {
                for ended in join_all(some.iter().map(|id| self.end_one(*id, by))).await {
                    count += u64::from(ended?);
                }
            }
        }
    }
}

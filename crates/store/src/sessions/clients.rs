//! Ending the sessions that a client opened for others.
//!
//! Each is ended once: a row that cannot be removed is over all the same, and is neither recorded
//! again nor in the way of those behind it. So this comes to its end whatever the store does, after
//! as many endings as there are sessions.

use std::sync::Arc;

use futures_util::future::join_all;
use symbolon_core::audit::By;
use symbolon_core::{ClientId, SessionId};

use super::Sessions;
use super::changes::to_the_end;
use crate::error::StoreError;

/// The sessions that are looked at in one go, unless those are over already.
const PAGE: u32 = 256;

/// How many of them are ended at the same time, sharing commits.
const AT_ONCE: usize = 32;

impl Sessions {
    /// Ends all sessions that a client opened, each in the revocation log before it is gone; how
    /// many. Whoever takes the client away has seen to it that it opens no more.
    pub async fn end_all_for_client(
        self: &Arc<Self>,
        client: &ClientId,
        by: &By,
    ) -> Result<u64, StoreError> {
        let (this, client, by) = (Arc::clone(self), client.clone(), by.clone());
        to_the_end(async move { this.end_each_of(&client, &by).await }).await
    }

    async fn end_each_of(&self, client: &ClientId, by: &By) -> Result<u64, StoreError> {
        let (mut count, mut limit) = (0, PAGE);
        loop {
            let page = self.store.list_of_client(client, limit).await?;
            let live = page.iter().filter(|session| !self.is_revoked(session));
            let ids: Vec<SessionId> = live.map(|session| session.id).collect();
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

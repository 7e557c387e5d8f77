//! Ending what a client opened for others.

use std::sync::Arc;

use futures_util::future::join_all;
use symbolon_core::audit::By;
use symbolon_core::{ClientId, SessionId};

use super::Sessions;
use crate::error::StoreError;

/// The sessions that are looked at in one go.
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
        let mut count = 0;
        loop {
            let page = self.store.list_of_client(client, PAGE).await?;
            let ids: Vec<SessionId> = page.iter().map(|session| session.id).collect();
            let mut progress = 0;
            for some in ids.chunks(AT_ONCE) {
                for ended in join_all(some.iter().map(|id| self.end(*id, by.at))).await {
                    progress += u64::from(ended?);
                }
            }
            if progress == 0 {
                return Ok(count);
            }
            count += progress;
        }
    }
}

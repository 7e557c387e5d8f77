//! Ending what a client opened for others.

use std::sync::Arc;

use symbolon_core::ClientId;
use symbolon_core::audit::By;

use super::Sessions;
use super::changes::to_the_end;
use super::each::Whose;
use crate::error::StoreError;

impl Sessions {
    /// Ends all sessions that a client opened, each in the revocation log before it is gone; how
    /// many. Whoever takes the client away has seen to it that it opens no more.
    pub async fn end_all_for_client(
        self: &Arc<Self>,
        client: &ClientId,
        by: &By,
    ) -> Result<u64, StoreError> {
        let (this, whose, by) = (Arc::clone(self), Whose::Client(client.clone()), by.clone());
        to_the_end(async move { this.end_each(&whose, &by).await }).await
    }
}

//! When credentials were last used, written behind: what is lost with the process is at most
//! [`EVERY`].

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use symbolon_core::Timestamp;
use tokio::sync::watch;
use tokio::time::MissedTickBehavior;

use super::{Clients, Registered};
use crate::client_store::CredentialTouch;
use crate::error::StoreError;

/// How often.
const EVERY: Duration = Duration::from_secs(5);

/// The most rows that one statement touches, so that it does not keep the writer for long.
const BATCH: usize = 256;

impl Clients {
    /// Writes uses until `shutdown` turns true, and then what is left.
    pub async fn run(self: Arc<Self>, mut shutdown: watch::Receiver<bool>) {
        // Without what it saw, a guard that must not be kept across an `await`.
        let mut stopped = pin!(async { drop(shutdown.wait_for(|stop| *stop).await) });
        let mut turn = tokio::time::interval(EVERY);
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let is_over = tokio::select! {
                _ = turn.tick() => false,
                () = &mut stopped => true,
            };
            if let Err(error) = self.flush_uses().await {
                tracing::warn!(%error, "last uses of credentials were not written");
            }
            if is_over {
                return;
            }
        }
    }

    /// Writes the uses that the store has not heard of; those that cannot be written wait on.
    pub async fn flush_uses(&self) -> Result<(), StoreError> {
        let current = self.current.load_full();
        let used: Vec<(&Arc<Registered>, Timestamp)> = current
            .registered()
            .filter_map(|registered| Some((registered, registered.unwritten()?)))
            .collect();
        for batch in used.chunks(BATCH) {
            let touches: Vec<CredentialTouch> = batch
                .iter()
                .map(|(registered, at)| CredentialTouch {
                    client: registered.client().id.clone(),
                    id: registered.credential().id.clone(),
                    at: *at,
                })
                .collect();
            self.store.touch_credentials(&touches).await?;
            for (registered, at) in batch {
                registered.is_written(*at);
            }
        }
        Ok(())
    }
}

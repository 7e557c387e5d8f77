//! The two ways to the end: for good, or with another process in this one's place.

use std::pin::pin;

use symbolon_gateway::Running;

use super::background::Background;
use super::signals::Signal;
use super::{Attention, notify};
use crate::upgrade::Successor;

/// Why it ends.
pub(super) enum End {
    /// Somebody wants it to.
    Shutdown,
    /// Another process serves.
    Replaced(Successor),
}

impl End {
    /// Waits for what is under way; gives back the process that has taken over.
    pub(super) async fn of(
        self,
        gateway: Running,
        attention: &mut Attention,
        background: &Background,
    ) -> Option<Successor> {
        match self {
            Self::Shutdown => {
                shut_down(gateway, attention).await;
                None
            }
            Self::Replaced(mut successor) => {
                background.leave();
                leave(gateway, attention, &mut successor).await;
                Some(successor)
            }
        }
    }
}

async fn shut_down(gateway: Running, attention: &mut Attention) {
    tracing::info!("shutting down");
    attention.succession.give_up();
    notify::stopping();
    tokio::select! {
        () = gateway.shutdown() => {}
        () = attention.signals.end() => {
            tracing::warn!("asked again: not waiting for requests under way");
        }
    }
}

/// What is under way goes on under the configuration as it is then: one that shuts somebody out
/// shuts them out here too.
async fn leave(mut gateway: Running, attention: &mut Attention, successor: &mut Successor) {
    let pid = successor.id();
    gateway.leave().await;
    tracing::info!(pid, "replaced: draining");
    notify::replaced_by(pid);
    let mut drained = pin!(gateway.wait());
    let mut is_alone = false;
    loop {
        tokio::select! {
            () = &mut drained => return,
            signal = attention.signals.next() => match signal {
                Signal::Reload => attention.reloader.reload().await,
                Signal::Upgrade => tracing::warn!(pid, "replaced already: ask the new process"),
                Signal::End => {
                    tracing::warn!("asked to end: not waiting for requests under way");
                    return;
                }
            },
            () = attention.reloader.changed() => attention.reloader.reload_if_changed().await,
            () = successor.ended(), if !is_alone => {
                is_alone = true;
                tracing::error!(pid, "the process that replaced this one has ended");
            }
        }
    }
}

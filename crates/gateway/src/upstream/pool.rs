//! Kept connections of one worker, by target: last used first, bounded in number and age.

use std::sync::Arc;
use std::time::Duration;

use hashbrown::HashMap;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::connection::Connection;
use super::multiplexed::Connections;
use crate::balance::Counts;

/// The most connections that are kept per target and worker.
const MAX_KEPT: usize = 256;

/// Connections that wait for the next exchange.
#[derive(Default)]
pub(crate) struct Pool {
    kept: Mutex<HashMap<Arc<str>, Vec<Kept>>>,
    multiplexed: Connections,
}

#[derive(Debug)]
struct Kept {
    connection: Connection,
    until: Instant,
}

impl Pool {
    /// A kept connection that is still open.
    pub(super) fn take(&self, key: &Arc<str>) -> Option<Connection> {
        let mut kept = self.kept.lock();
        let waiting = kept.get_mut(key)?;
        while let Some(mut candidate) = waiting.pop() {
            if candidate.connection.is_quiet() {
                return Some(candidate.connection);
            }
        }
        None
    }

    /// Keeps a connection for at most `idle`.
    pub(super) fn put(&self, connection: Connection, idle: Duration) {
        let key = Arc::clone(connection.key());
        let until = deadline(idle);
        let mut kept = self.kept.lock();
        // Under the lock: whoever looks for a connection to give up finds it, or is seen here.
        if connection.is_wanted() {
            return;
        }
        let waiting = kept.entry(key).or_default();
        if waiting.len() < MAX_KEPT {
            waiting.push(Kept { connection: connection.kept(), until });
        }
    }

    /// The connections that speak HTTP/2.
    pub(super) fn multiplexed(&self) -> &Connections {
        &self.multiplexed
    }

    /// Closes a connection that takes a place of this service; `false` when there is none.
    pub(crate) fn give_up(&self, counts: &Arc<Counts>) -> bool {
        let mut kept = self.kept.lock();
        let found = kept.values_mut().find_map(|waiting| {
            let at = waiting.iter().position(|kept| kept.connection.is_of(counts))?;
            Some(waiting.swap_remove(at))
        });
        // Closed without the lock.
        drop(kept);
        found.is_some()
    }

    /// Closes a connection that waits, whosever it is, for want of descriptors; `false` when there
    /// is none.
    pub(crate) fn make_room(&self) -> bool {
        let mut kept = self.kept.lock();
        let found = kept.values_mut().find_map(Vec::pop);
        // Closed without the lock.
        drop(kept);
        found.is_some()
    }

    /// Closes what has waited too long, and what the target has closed.
    pub(crate) fn sweep(&self) {
        self.multiplexed.sweep();
        let now = deadline(Duration::ZERO);
        let mut kept = self.kept.lock();
        kept.retain(|_, waiting| {
            waiting.retain_mut(|kept| kept.until > now && kept.connection.is_quiet());
            !waiting.is_empty()
        });
    }
}

fn deadline(after: Duration) -> Instant {
    Instant::now() + after
}

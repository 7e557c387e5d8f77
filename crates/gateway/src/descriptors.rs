//! The descriptors of this process, and who may take the last of them.
//!
//! 1. A connection of a client takes one, and one to a target another. How many targets are asked at
//!    once is not known beforehand: kept clients ask nobody, and over HTTP/2 many share a
//!    connection. So they are counted, and not halved.
//! 2. Clients are let in as long as an eighth of all is left, with which those who are in get on.
//! 3. Where even that is gone, a connection that waits for its next request is closed to make room,
//!    and then a request is refused (503): the process never runs out by surprise.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Descriptors that are kept for files, listeners, logs and the stores.
const RESERVED: usize = 128;
/// The fewest that connections have, however little the system allows.
const FEWEST: usize = 64;
/// The part of them that clients leave.
const LEFT_BY_CLIENTS: usize = 8;

/// Those of this process, whichever worker takes them.
static ALL: LazyLock<Budget> = LazyLock::new(|| Budget::new(soft_limit()));

/// So many there are, and so many are taken.
#[derive(Debug)]
struct Budget {
    most: usize,
    taken: AtomicUsize,
}

/// The descriptor of a connection.
#[derive(Debug)]
pub(crate) struct Descriptor(&'static Budget);

/// The connections of one worker, at most as many as there are descriptors for.
pub(crate) fn bound(wanted: usize, workers: usize) -> usize {
    let allowed = (ALL.for_clients() / workers.max(1)).max(1);
    if allowed < wanted && ALL.is_bounded() {
        tracing::warn!(wanted, allowed, "fewer connections than configured: raise `ulimit -n`");
    }
    wanted.min(allowed)
}

/// Whether a target that is asked now would get none.
pub(crate) fn are_used_up() -> bool {
    ALL.taken.load(Ordering::Relaxed) >= ALL.most
}

impl Descriptor {
    /// One for a client, if those that are in do not need it.
    pub(crate) fn of_a_client() -> Option<Self> {
        ALL.take(ALL.for_clients())
    }

    /// One for a connection to a target.
    pub(crate) fn of_a_target() -> Option<Self> {
        ALL.take(ALL.most)
    }
}

impl Drop for Descriptor {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Budget {
    /// Of a process that may have so many altogether; `None` where there is no bound.
    fn new(limit: Option<usize>) -> Self {
        let most = limit.map_or(usize::MAX, |limit| limit.saturating_sub(RESERVED).max(FEWEST));
        Self { most, taken: AtomicUsize::new(0) }
    }

    fn is_bounded(&self) -> bool {
        self.most < usize::MAX
    }

    fn for_clients(&self) -> usize {
        self.most - self.most / LEFT_BY_CLIENTS
    }

    fn take(&'static self, most: usize) -> Option<Descriptor> {
        let one_more = |taken| (taken < most).then_some(taken + 1);
        let taken = self.taken.fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_more);
        taken.ok().map(|_| Descriptor(self))
    }
}

/// The soft limit of open files, as Linux tells it; `None` where there is no bound to be read.
fn soft_limit() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(limit: Option<usize>) -> &'static Budget {
        Box::leak(Box::new(Budget::new(limit)))
    }

    #[test]
    fn clients_leave_some_to_those_who_are_in() {
        let budget = of(Some(RESERVED + 80));
        let take = |most| std::iter::from_fn(move || budget.take(most));
        let mut clients: Vec<Descriptor> = take(budget.for_clients()).collect();
        let targets: Vec<Descriptor> = take(budget.most).collect();
        assert_eq!((clients.len(), targets.len()), (70, 10));
        drop(targets);
        assert!(budget.take(budget.for_clients()).is_none(), "no client more");
        clients.truncate(69);
        assert!(budget.take(budget.for_clients()).is_some());
    }

    #[test]
    fn however_little_there_is_somebody_is_served() {
        assert_eq!(of(Some(10)).most, FEWEST);
        assert_eq!(of(Some(20_000)).for_clients(), 17_388);
        assert!(!of(None).is_bounded() && soft_limit().is_some());
    }
}

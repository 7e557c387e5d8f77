//! The near cache: decoded records in this process, so that a request seldom asks a store.
//!
//! 1. **Bounded**: entries are spread over shards, each with its share of the bound; a full shard
//!    gives up an entry that was not used lately.
//! 2. **Single flight**: concurrent misses of one key share one fetch.
//! 3. **Fenced**: every shard counts its invalidations. The count is read before a fetch starts,
//!    and what was fetched is kept only if the count is still the same. So a value that was read
//!    before an invalidation is never kept after it, and whoever asks after
//!    [`NearCache::invalidate`] has returned never gets it.
//! 4. No lock is held while waiting; a hit is a short lock, one look-up and one `Arc`.
//! 5. That there is *no* value is not kept.
//!
//! What it deliberately does not know: how long a record is good for. The record does.

mod clock;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use futures_util::future::Shared;
use hashbrown::HashMap;
use parking_lot::Mutex;
use symbolon_core::TokenHash;
use tokio::sync::oneshot;

use clock::Entries;

/// The most parts that a cache is divided into, each with a lock of its own.
const MAX_SHARDS: usize = 64;

/// The fewest entries for which another part is worth it.
const MIN_SHARD_ENTRIES: usize = 16;

/// What is found by the token that opens it.
pub trait Keyed: Send + Sync + 'static {
    /// The hash of that token.
    fn key(&self) -> &TokenHash;
}

/// A cache of `V`; `E` is why a fetch failed.
pub struct NearCache<V, E> {
    shards: Box<[Mutex<Shard<V, E>>]>,
    sweeps: AtomicUsize,
}

/// How many invalidations a shard had seen before a fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence(u64);

/// What the cache counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Look-ups that found an entry.
    pub hits: u64,
    /// Fetches; many look-ups may have shared one.
    pub misses: u64,
    /// Entries now.
    pub entries: u64,
}

type Fetched<V, E> = Result<Option<Arc<V>>, E>;
type Outcome<V, E> = Shared<oneshot::Receiver<Fetched<V, E>>>;

struct Shard<V, E> {
    entries: Entries<V>,
    fence: Fence,
    flights: HashMap<TokenHash, Flight<V, E>>,
    hits: u64,
    misses: u64,
}

/// A fetch under way.
struct Flight<V, E> {
    /// Tells it from a later one of the same key: that can only start after an invalidation.
    fence: Fence,
    outcome: Outcome<V, E>,
}

/// A caller's place in the fetch of a key.
enum Seat<V: Keyed, E: Clone + From<Abandoned> + Send + Sync + 'static> {
    /// None is needed.
    Kept(Arc<V>),
    /// Somebody else fetches.
    Passenger(Outcome<V, E>),
    /// This caller fetches.
    Pilot(Landing<V, E>, oneshot::Sender<Fetched<V, E>>, Outcome<V, E>),
}

/// The fetch ended without an outcome: its runtime was shut down, or it panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("look-up was abandoned")]
pub struct Abandoned;

impl<V, E> NearCache<V, E>
where
    V: Keyed,
    E: Clone + From<Abandoned> + Send + Sync + 'static,
{
    /// A cache of at most `capacity` entries; with 0 it keeps nothing, and only shares fetches.
    pub fn new(capacity: usize) -> Self {
        // A power of two, rounded down, so that the shares add up to no more than the bound.
        let shards = (capacity / MIN_SHARD_ENTRIES).clamp(1, MAX_SHARDS);
        let shards = 1_usize << shards.ilog2();
        let shard = || {
            Mutex::new(Shard {
                entries: Entries::new(capacity / shards),
                fence: Fence(0),
                flights: HashMap::new(),
                hits: 0,
                misses: 0,
            })
        };
        Self {
            shards: std::iter::repeat_with(shard).take(shards).collect(),
            sweeps: AtomicUsize::new(0),
        }
    }

    /// What is kept for a key.
    pub fn get(&self, key: &TokenHash) -> Option<Arc<V>> {
        let mut shard = self.shard(key).lock();
        let found = shard.entries.get(key)?;
        shard.hits += 1;
        Some(found)
    }

    /// What is kept for a key, or what `fetch` finds, which is then kept.
    ///
    /// The fetch runs in a task of its own: a caller who gives up harms nobody who shares it.
    pub async fn get_or_fetch<F, Fut>(self: &Arc<Self>, key: TokenHash, fetch: F) -> Fetched<V, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Fetched<V, E>> + Send + 'static,
    {
        let outcome = match self.join(key) {
            Seat::Kept(value) => return Ok(Some(value)),
            Seat::Passenger(outcome) => outcome,
            Seat::Pilot(landing, landed, outcome) => {
                let fetch = fetch();
                tokio::spawn(async move {
                    let fetched = fetch.await;
                    landing.land(&fetched);
                    // Nobody may be waiting any more.
                    drop(landed.send(fetched));
                });
                outcome
            }
        };
        outcome.await.unwrap_or_else(|_| Err(Abandoned.into()))
    }

    /// The fence of a key, to be read before its value is.
    pub fn fence(&self, key: &TokenHash) -> Fence {
        self.shard(key).lock().fence
    }

    /// Keeps a value that was read after the fence, unless there was an invalidation since.
    pub fn insert(&self, value: Arc<V>, fence: Fence) {
        let mut shard = self.shard(value.key()).lock();
        if shard.fence == fence {
            shard.entries.insert(value);
        }
    }

    /// Forgets a key, and what is being fetched for it; gives back what was kept.
    pub fn invalidate(&self, key: &TokenHash) -> Option<Arc<V>> {
        let mut shard = self.shard(key).lock();
        shard.fence.0 = shard.fence.0.wrapping_add(1);
        // Who waits for this fetch asked before; who asks from now on starts another.
        shard.flights.remove(key);
        shard.entries.remove(key)
    }

    /// Forgets everything, and what is being fetched; `leaving` sees what was kept.
    pub fn clear(&self, leaving: impl Fn(&V)) {
        for shard in &self.shards {
            let mut shard = shard.lock();
            shard.fence.0 = shard.fence.0.wrapping_add(1);
            shard.flights.clear();
            shard.entries.retain(|value| {
                leaving(value);
                false
            });
        }
    }

    /// Forgets what `keep` refuses in one of the parts, the one after the last time's.
    pub fn sweep_one_shard(&self, keep: impl Fn(&V) -> bool) {
        let turn = self.sweeps.fetch_add(1, Ordering::Relaxed);
        if let Some(shard) = self.shards.get(turn % self.shards.len()) {
            shard.lock().entries.retain(keep);
        }
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for shard in &self.shards {
            let shard = shard.lock();
            counts.hits += shard.hits;
            counts.misses += shard.misses;
            counts.entries += shard.entries.len() as u64;
        }
        counts
    }

    /// Finds the flight for a key or announces one. The lock is free again before anything is
    /// spawned: a runtime that shuts down drops what it is given at once, and that ends a flight.
    fn join(self: &Arc<Self>, key: TokenHash) -> Seat<V, E> {
        let mut shard = self.shard(&key).lock();
        if let Some(value) = shard.entries.get(&key) {
            shard.hits += 1;
            return Seat::Kept(value);
        }
        if let Some(flight) = shard.flights.get(&key) {
            return Seat::Passenger(flight.outcome.clone());
        }
        shard.misses += 1;
        let fence = shard.fence;
        let (landed, outcome) = oneshot::channel();
        let outcome = outcome.shared();
        let flight = Flight { fence, outcome: outcome.clone() };
        shard.flights.insert(key, flight);
        let landing = Landing { cache: self.clone(), key, fence };
        Seat::Pilot(landing, landed, outcome)
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "INVARIANT: there is at least one shard, and the index is below their number"
    )]
    fn shard(&self, key: &TokenHash) -> &Mutex<Shard<V, E>> {
        // The hash is uniform; its last byte chooses the shard, its first eight the bucket.
        let [.., last] = *key.as_bytes();
        &self.shards[usize::from(last) & (self.shards.len() - 1)]
    }
}

/// Ends a flight, however its task ends.
struct Landing<V: Keyed, E: Clone + From<Abandoned> + Send + Sync + 'static> {
    cache: Arc<NearCache<V, E>>,
    key: TokenHash,
    fence: Fence,
}

impl<V: Keyed, E: Clone + From<Abandoned> + Send + Sync + 'static> Landing<V, E> {
    /// Keeps what was fetched, before anybody is told.
    fn land(self, fetched: &Fetched<V, E>) {
        if let Ok(Some(value)) = fetched {
            self.cache.insert(value.clone(), self.fence);
        }
    }
}

impl<V: Keyed, E: Clone + From<Abandoned> + Send + Sync + 'static> Drop for Landing<V, E> {
    fn drop(&mut self) {
        let mut shard = self.cache.shard(&self.key).lock();
        let own = |flight: &Flight<V, E>| flight.fence == self.fence;
        if shard.flights.get(&self.key).is_some_and(own) {
            shard.flights.remove(&self.key);
        }
    }
}

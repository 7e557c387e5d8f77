//! What the cache promises, tried.

mod bound;
mod fence;
mod flight;

use super::*;
use crate::conformance::sample;

/// A record whose versions can be told apart.
#[derive(Debug, PartialEq, Eq)]
struct Record {
    key: TokenHash,
    version: u64,
}

/// Why a fetch failed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Failure {
    Store,
    Abandoned,
}

type Cache = Arc<NearCache<Record, Failure>>;

impl Keyed for Record {
    fn key(&self) -> &TokenHash {
        &self.key
    }
}

impl From<Abandoned> for Failure {
    fn from(_: Abandoned) -> Self {
        Self::Abandoned
    }
}

fn cache(capacity: usize) -> Cache {
    Arc::new(NearCache::new(capacity))
}

fn record(key: TokenHash, version: u64) -> Arc<Record> {
    Arc::new(Record { key, version })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

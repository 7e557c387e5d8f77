//! The authenticators that run: kept over a reload where their settings are the same.

use std::sync::Arc;

use parking_lot::Mutex;

use super::BoundAuthenticator;
use super::Outside;
use super::chain::BoundChain;
use crate::config::authenticators::{Authenticator, Chain};

/// All of them.
#[derive(Default)]
pub(crate) struct Authenticators {
    all: Mutex<Vec<Arc<BoundAuthenticator>>>,
    /// Where those run that ask somebody else.
    outside: Arc<Outside>,
}

impl Authenticators {
    /// The running form of a chain.
    pub(crate) fn bind(&self, chain: &Chain) -> BoundChain {
        match chain {
            Chain::One(settings) => BoundChain::One(self.get(settings)),
            Chain::Any(chains) => BoundChain::Any(self.bind_all(chains)),
            Chain::All(chains) => BoundChain::All(self.bind_all(chains)),
        }
    }

    fn bind_all(&self, chains: &[Chain]) -> Vec<BoundChain> {
        chains.iter().map(|chain| self.bind(chain)).collect()
    }

    /// The one with these settings, made where there is none yet.
    fn get(&self, settings: &Arc<Authenticator>) -> Arc<BoundAuthenticator> {
        let mut all = self.all.lock();
        if let Some(same) = all.iter().find(|one| one.settings == *settings) {
            return Arc::clone(same);
        }
        let fresh = Arc::new(BoundAuthenticator::new(Arc::clone(settings), &self.outside));
        all.push(Arc::clone(&fresh));
        fresh
    }

    /// Forgets those that no route uses any more.
    pub(crate) fn forget_unused(&self) {
        self.all.lock().retain(|one| Arc::strong_count(one) > 1);
    }
}

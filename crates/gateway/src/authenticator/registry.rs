//! The authenticators that run: kept over a reload where their settings are the same.

use std::sync::Arc;

use parking_lot::Mutex;
use symbolon_core::Random;
use symbolon_core::client_token::ClientTokens;

use super::BoundAuthenticator;
use super::chain::BoundChain;
use crate::config::authenticators::{Authenticator, Chain};
use crate::issuers::Issuers;

/// All of them.
pub(crate) struct Authenticators {
    running: Mutex<Vec<Arc<BoundAuthenticator>>>,
    means: Means,
}

/// What authenticators work with, whatever they are set to.
pub(crate) struct Means {
    pub(crate) issuers: Issuers,
    pub(crate) client_tokens: Arc<ClientTokens>,
    pub(crate) random: Arc<dyn Random>,
}

impl Authenticators {
    /// None yet.
    pub(crate) fn new(means: Means) -> Self {
        Self { running: Mutex::default(), means }
    }

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
        let mut all = self.running.lock();
        if let Some(same) = all.iter().find(|one| one.settings == *settings) {
            return Arc::clone(same);
        }
        let fresh = Arc::new(BoundAuthenticator::new(Arc::clone(settings), &self.means));
        all.push(Arc::clone(&fresh));
        fresh
    }

    /// Forgets those that no route uses any more.
    pub(crate) fn forget_unused(&self) {
        self.running.lock().retain(|one| Arc::strong_count(one) > 1);
        self.means.issuers.forget_unused();
    }
}

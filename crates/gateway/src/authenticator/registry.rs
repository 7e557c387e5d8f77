//! The authenticators that run: kept over a reload where their settings are the same.

use std::sync::Arc;

use parking_lot::Mutex;
use symbolon_core::Random;
use symbolon_core::client_token::ClientTokens;

use super::BoundAuthenticator;
use super::Outside;
use super::chain::BoundChain;
use crate::config::authenticators::{Authenticator, Chain};
use crate::issuers::Issuers;

/// All of them.
pub(crate) struct Authenticators {
    all: Mutex<Vec<Arc<BoundAuthenticator>>>,
    /// Where those run that ask somebody else.
    outside: Arc<Outside>,
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
        Self { all: Mutex::default(), outside: Arc::default(), means }
    }

    /// The running form of a chain.
    pub(crate) fn bind(&self, chain: &Chain) -> BoundChain {
        match chain {
            Chain::One(settings) => BoundChain::One(self.get(settings)),
            Chain::Any(chains) => BoundChain::Any(self.bind_all(chains)),
            Chain::All(chains) => {
                let mut chains = self.bind_all(chains);
                // Whoever answers without a credential is asked last, in every request.
                chains.sort_by_key(BoundChain::is_unprompted);
                BoundChain::All(chains)
            }
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
        let settings = Arc::clone(settings);
        let fresh = Arc::new(BoundAuthenticator::new(settings, &self.outside, &self.means));
        all.push(Arc::clone(&fresh));
        fresh
    }

    /// Forgets those that no route uses any more.
    pub(crate) fn forget_unused(&self) {
        self.all.lock().retain(|one| Arc::strong_count(one) > 1);
        self.means.issuers.forget_unused();
    }
}

//! The keys of outside issuers: fetched beside the workers, at hand on every request.
//!
//! 1. A key that is at hand is used at once, however slow or dead the issuer is. Only a token that
//!    names a key that is not waits, for one attempt at most.
//! 2. One attempt at a time for each issuer, and attempts are apart by an interval: made-up key
//!    ids do not turn into requests.
//! 3. Keys are fetched anew when their time is over: what the server says (`max-age`), within
//!    bounds. Where that fails the old ones stay, for as long as the settings say and no longer.
//! 4. Without keys nobody is judged: 503, and attempts go on until there are some.
//! 5. Addresses come from the settings, or from metadata that the issuer itself serves over
//!    verified TLS. No redirect is followed, nothing of a token is ever fetched.

mod address;
mod discovery;
mod fetch;
mod issuer;
mod keeper;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::config::issuers as config;

pub use address::{Address, AddressError};
pub use keeper::IssuerKeeper;

pub(crate) use issuer::{Issuer, NoKey};

/// The issuers that are believed; kept over a reload where their settings are the same.
pub(crate) struct Issuers {
    running: Mutex<Vec<Arc<Issuer>>>,
    duties: mpsc::UnboundedSender<keeper::Duty>,
}

impl Issuers {
    /// None yet, and whoever fetches their keys; somebody has to run it.
    pub(crate) fn new() -> (Self, IssuerKeeper) {
        // As many as there are issuers in configurations.
        let (duties, taken) = mpsc::unbounded_channel();
        (Self { running: Mutex::default(), duties }, IssuerKeeper::new(taken))
    }

    /// The one with these settings, made where there is none yet.
    pub(crate) fn get(&self, settings: &Arc<config::Issuer>) -> Arc<Issuer> {
        let mut running = self.running.lock();
        if let Some(same) = running.iter().find(|one| one.settings() == settings) {
            return Arc::clone(same);
        }
        let (issuer, duty) = Issuer::new(Arc::clone(settings));
        if let Some(duty) = duty {
            // Whoever would fetch is gone only when the process ends.
            let _ = self.duties.send(duty);
        }
        let issuer = Arc::new(issuer);
        running.push(Arc::clone(&issuer));
        issuer
    }

    /// Forgets those that no authenticator uses any more.
    pub(crate) fn forget_unused(&self) {
        self.running.lock().retain(|one| Arc::strong_count(one) > 1);
    }
}

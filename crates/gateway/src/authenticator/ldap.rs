//! `ldap`: a directory says whether a name and a password belong together (RFC 4511, RFC 4513).
//!
//! 1. No answer is never an answer: a directory that is away, slow or confused makes a 503.
//! 2. What a person typed is one value wherever it goes: see [`template`].
//! 3. The principal is who the directory says, not who somebody typed: `Alice` and ` alice` are
//!    one person.

mod connection;
mod dn;
mod error;
mod groups;
mod pool;
mod question;
pub mod template;
mod typed;

use std::borrow::Cow;
use std::sync::Arc;

use symbolon_core::keyed_hash::KeyedHash;
use symbolon_core::{Random, Timestamp};

use super::known_cache::{Bounds, KnownCache, Verdict};
use super::outside::Outside;
use crate::config::authenticators::ldap::Ldap;
use pool::Pool;
use question::Said;
use typed::Typed;

pub(crate) use question::Person;

/// A directory with what is known of its people.
pub(crate) struct Directory {
    settings: Arc<Ldap>,
    pool: Arc<Pool>,
    known: Arc<Known>,
    outside: Arc<Outside>,
}

type Why = Cow<'static, str>;
type Known = KnownCache<Arc<Person>, Why>;

/// A password that may be asked about.
pub(crate) struct Credential {
    typed: Typed,
    key: KeyedHash,
}

impl Directory {
    pub(crate) fn new(settings: Ldap, outside: Arc<Outside>, random: &dyn Random) -> Self {
        let settings = Arc::new(settings);
        let bounds = Bounds {
            entries: settings.cache_entries,
            ttl: settings.cache,
            negative_ttl: settings.negative_cache,
        };
        let (pool, known) = (Pool::new(Arc::clone(&settings)), KnownCache::new(bounds, random));
        Self { settings, pool: Arc::new(pool), known, outside }
    }

    /// What it goes by.
    pub(crate) fn settings(&self) -> &Ldap {
        &self.settings
    }

    /// Refuses what no directory should be asked.
    pub(crate) fn credential(&self, name: &[u8], password: &[u8]) -> Result<Credential, Why> {
        // The settings are the same for the life of the cache.
        let typed = Typed::new(name, password)?;
        Ok(Credential { key: self.known.key(&[name, password]), typed })
    }

    /// What is known without asking.
    pub(crate) fn known(
        &self,
        credential: &Credential,
        now: Timestamp,
    ) -> Option<Verdict<Arc<Person>, Why>> {
        self.known.get(&credential.key, now)
    }

    /// Asks, unless it is known or asked already.
    pub(crate) async fn ask(
        &self,
        credential: Credential,
        now: Timestamp,
    ) -> Verdict<Arc<Person>, Why> {
        let Credential { typed, key } = credential;
        let (settings, pool) = (Arc::clone(&self.settings), Arc::clone(&self.pool));
        let outside = Arc::clone(&self.outside);
        let question = || async move {
            match outside.run(question::ask(settings, pool, typed)).await {
                Ok(Ok(Said::Right(person))) => {
                    Verdict::Good { value: Arc::new(person), until: None }
                }
                Ok(Ok(Said::Wrong(why))) => Verdict::Bad(why),
                Ok(Err(error)) => Verdict::Unknown(symbolon_core::error::chain(&error)),
                Err(error) => Verdict::Unknown(symbolon_core::error::chain(&error)),
            }
        };
        self.known.get_or_ask(key, now, question).await
    }
}

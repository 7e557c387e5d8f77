//! `ldap`: a directory says whether a name and a password belong together (RFC 4511, RFC 4513).
//!
//! 1. No answer is never an answer: a directory that is away, slow or confused makes a 503.
//! 2. What a person typed is one value wherever it goes: see [`template`].
//! 3. The principal is who the directory says, not who somebody typed: `Alice` and ` alice` are
//!    one person.
//! 4. Guesses are charged to the same budgets as those at the log-in page: that of the name that
//!    was typed, before anybody is asked, and that of whom the directory found by it, before their
//!    password is tried. So no other spelling of a name, and no other name, is a fresh start.

mod connection;
mod dn;
mod error;
mod groups;
mod offered;
mod pool;
mod question;
pub(crate) mod template;
mod typed;

use std::borrow::Cow;
use std::sync::Arc;

use symbolon_core::throttle::Source;
use symbolon_core::{OsRandom, Role, Timestamp};
use symbolon_store::Known;
use symbolon_store::passwords::AttemptKey;

use super::known_cache::{Bounds, KnownCache, Verdict};
use super::outside::Outside;
use super::{Asked, Failure, Found};
use crate::config::authenticators::ldap::{Ldap, Scheme, Security};
use pool::Pool;
use question::{Person, Said, Sought};
use typed::Typed;

/// A directory with what is known of its people.
pub(crate) struct Directory {
    name: Arc<str>,
    settings: Arc<Ldap>,
    pool: Arc<Pool>,
    known: Arc<Cache>,
    outside: Arc<Outside>,
}

type Why = Cow<'static, str>;
type Cache = KnownCache<Arc<Known>, Why>;

/// What a 401 asks for: one challenge for each scheme, in their order.
pub(super) fn challenge(settings: &Ldap) -> &'static str {
    match *settings.schemes {
        [Scheme::Ldap] => "LDAP realm=\"symbolon\"",
        [Scheme::Ldap, ..] => {
            "LDAP realm=\"symbolon\", Basic realm=\"symbolon\", charset=\"UTF-8\""
        }
        [Scheme::Basic, Scheme::Ldap, ..] => {
            "Basic realm=\"symbolon\", charset=\"UTF-8\", LDAP realm=\"symbolon\""
        }
        _ => "Basic realm=\"symbolon\", charset=\"UTF-8\"",
    }
}

impl Directory {
    pub(super) fn new(name: &Arc<str>, settings: &Ldap, outside: &Arc<Outside>) -> Self {
        let settings = Arc::new(settings.clone());
        let bounds = Bounds {
            entries: settings.cache_entries,
            ttl: settings.cache,
            negative_ttl: settings.negative_cache,
        };
        if matches!(settings.security, Security::None) {
            tracing::warn!(authenticator = %name, "passwords go to the directory in clear");
        }
        Self {
            name: Arc::clone(name),
            pool: Arc::new(Pool::new(Arc::clone(&settings))),
            known: KnownCache::new(bounds, &OsRandom),
            settings,
            outside: Arc::clone(outside),
        }
    }

    pub(super) async fn ask(&self, asked: &Asked<'_>) -> Found {
        let presented = asked.clean.presented();
        let (name, password) = match offered::of(presented, &self.settings.schemes) {
            Ok(Some(pair)) => pair,
            Ok(None) => return Found::NotOffered,
            Err(why) => return Failure::new("malformed", why).into(),
        };
        // The settings are the same for the life of the cache.
        let key = self.known.key(&[&name, &password]);
        if let Some(verdict) = self.known.get(&key, asked.now) {
            return found(verdict);
        }
        let typed = match Typed::new(&name, &password) {
            Ok(typed) => typed,
            // To be told from a wrong password by nobody.
            Err(why) => return Failure::new("wrong", why).into(),
        };
        if asked.is_dry {
            return Found::Unavailable("passwords are not tried for an explanation".to_owned());
        }
        let source = Source::from(Some(asked.clean.source().ip()));
        let whose = AttemptKey::of(typed.name());
        let attempt = match asked.passwords.attempts().admit(&whose, source).await {
            Ok(attempt) => attempt,
            Err(throttled) => return Found::Throttled(throttled.retry_after),
        };
        let typed = Arc::new(typed);
        let sought = match self.seek(&typed).await {
            Ok(Ok(sought)) => sought,
            Ok(Err(why)) => return Failure::new("wrong", why).into(),
            Err(why) => {
                attempt.undecided();
                return Found::Unavailable(why);
            }
        };
        let further = match sought.whose() {
            None => Ok(None),
            Some(whose) => attempt.further(&AttemptKey::of(whose)).await,
        };
        let further = match further {
            Ok(further) => further,
            Err(throttled) => return Found::Throttled(throttled.retry_after),
        };
        let (pending, now) = (self.pending(&typed), asked.now);
        let ask = || pending.answer(sought, now);
        let verdict = self.known.get_or_ask(key, now, ask).await;
        for attempt in [Some(attempt), further].into_iter().flatten() {
            match &verdict {
                Verdict::Good { .. } => attempt.succeed(),
                Verdict::Bad(_) => drop(attempt),
                Verdict::Unknown(_) => attempt.undecided(),
            }
        }
        found(verdict)
    }

    /// Whose password it would be; or why it is nobody's, or why nobody can say.
    async fn seek(&self, typed: &Arc<Typed>) -> Result<Result<Sought, Why>, String> {
        let settings = Arc::clone(&self.settings);
        let question = question::seek(settings, Arc::clone(&self.pool), Arc::clone(typed));
        match self.outside.run(question).await {
            Ok(Ok(sought)) => Ok(sought),
            Ok(Err(error)) => Err(symbolon_core::error::chain(&error)),
            Err(error) => Err(symbolon_core::error::chain(&error)),
        }
    }

    fn pending(&self, typed: &Arc<Typed>) -> Pending {
        Pending {
            name: Arc::clone(&self.name),
            settings: Arc::clone(&self.settings),
            pool: Arc::clone(&self.pool),
            outside: Arc::clone(&self.outside),
            typed: Arc::clone(typed),
        }
    }
}

/// A question with all that it takes, so that it can go on where nobody waits any more.
struct Pending {
    name: Arc<str>,
    settings: Arc<Ldap>,
    pool: Arc<Pool>,
    outside: Arc<Outside>,
    typed: Arc<Typed>,
}

impl Pending {
    async fn answer(self, sought: Sought, now: Timestamp) -> Verdict<Arc<Known>, Why> {
        let Self { name, settings, pool, outside, typed } = self;
        let question = question::prove(Arc::clone(&settings), pool, typed, sought);
        match outside.run(question).await {
            Ok(Ok(Said::Right(person))) => {
                let value = Arc::new(known(&name, &settings, person, now));
                Verdict::Good { value, until: None }
            }
            Ok(Ok(Said::Wrong(why))) => Verdict::Bad(why),
            Ok(Err(error)) => Verdict::Unknown(symbolon_core::error::chain(&error)),
            Err(error) => Verdict::Unknown(symbolon_core::error::chain(&error)),
        }
    }
}

/// Somebody, as the rest of the gateway knows people.
fn known(name: &str, settings: &Ldap, person: Person, now: Timestamp) -> Known {
    let Person { name: person, groups } = person;
    let mut roles: Vec<Role> = Vec::new();
    for group in &groups {
        for role in settings.roles.get(&group.to_lowercase()).into_iter().flatten() {
            if !roles.contains(role) {
                roles.push(role.clone());
            }
        }
    }
    Known {
        subject: Some(format!("{name}:{person}").into()),
        credential: Some(person.as_str().into()),
        issuer: Some(name.into()),
        claims: [("username".to_owned(), person)].into(),
        roles,
        groups,
        amr: vec!["pwd".to_owned()],
        auth_time: Some(now),
        ..Known::default()
    }
}

fn found(verdict: Verdict<Arc<Known>, Why>) -> Found {
    match verdict {
        Verdict::Good { value, .. } => Found::Known(value),
        Verdict::Bad(why) => Failure::new("wrong", why).into(),
        Verdict::Unknown(why) => Found::Unavailable(why),
    }
}

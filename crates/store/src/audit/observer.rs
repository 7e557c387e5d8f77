//! What is seen of requests and log-ins, gathered until it is written.
//!
//! 1. Whoever observes takes a lock that is held for a look-up, and never waits for the store.
//! 2. Equal observations within a second are counted in one place.
//! 3. There is room for [`OBSERVATIONS_PER_SECOND`] different ones. Beyond, only how many of each
//!    kind there were is kept; of those nothing but their number is lost.
//! 4. Failures and refusals, which anybody can bring about, have half of the room at most: no
//!    crowd of them pushes out who got in. For the same reason sources are as coarse as those
//!    of the [throttle](symbolon_core::throttle::Source): an address of IPv4, a /64 of IPv6.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;
use std::mem;
use std::net::IpAddr;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};
use parking_lot::Mutex;
use symbolon_core::Timestamp;
use symbolon_core::audit::{Actor, By, Kind, Outcome, Record};
use symbolon_core::throttle::Source;

/// The most different observations in one second. At about 400 bytes for each, no crowd of
/// strangers makes the log grow by more than 100 KiB in a second.
pub const OBSERVATIONS_PER_SECOND: usize = 256;

/// The most of them that are no success.
const UNSUCCESSFUL_PER_SECOND: usize = OBSERVATIONS_PER_SECOND / 2;

/// One thing that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Observation<'a> {
    /// What.
    pub kind: Kind,
    /// How it went.
    pub outcome: Outcome,
    /// On which route.
    pub route: Option<&'a str>,
    /// The end user, where one is known. Never what somebody typed.
    pub subject: Option<&'a str>,
    /// The client, where one is known.
    pub client: Option<&'a str>,
    /// By which authenticator.
    pub authenticator: Option<&'a str>,
    /// The public name of the credential.
    pub credential: Option<&'a str>,
    /// From where.
    pub source: Option<IpAddr>,
    /// A code of this program that says why.
    pub reason: Option<&'a str>,
    /// A code of the authenticator that says more.
    pub failure: Option<&'a str>,
    /// The status of the answer.
    pub status: Option<u16>,
}

/// Where observations are gathered; shared by everybody who sees something.
#[derive(Default)]
pub struct Observer {
    hasher: DefaultHashBuilder,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    counted: HashTable<Counted>,
    /// How many of them are no success.
    unsuccessful: usize,
    crowded_out: BTreeMap<Kind, u64>,
}

/// An observation that is kept, and how often it was made.
struct Counted {
    hash: u64,
    kind: Kind,
    outcome: Outcome,
    route: Option<Arc<str>>,
    subject: Option<Arc<str>>,
    client: Option<Arc<str>>,
    authenticator: Option<Arc<str>>,
    credential: Option<Arc<str>>,
    source: Option<IpAddr>,
    reason: Option<Arc<str>>,
    failure: Option<Arc<str>>,
    status: Option<u16>,
    first_at: Timestamp,
    count: u64,
}

impl Observer {
    /// Notes what was seen.
    pub fn observe(&self, observation: &Observation<'_>, now: Timestamp) {
        let observation = &Observation { source: network(observation.source), ..*observation };
        let is_unsuccessful = observation.outcome != Outcome::Success;
        let hash = self.hasher.hash_one(observation);
        let mut seen = self.seen.lock();
        if let Some(counted) = seen.counted.find_mut(hash, |counted| counted.is(observation)) {
            counted.count += 1;
            return;
        }
        if seen.counted.len() >= OBSERVATIONS_PER_SECOND
            || is_unsuccessful && seen.unsuccessful >= UNSUCCESSFUL_PER_SECOND
        {
            *seen.crowded_out.entry(observation.kind).or_default() += 1;
            return;
        }
        let counted = Counted::new(hash, observation, now);
        seen.counted.insert_unique(hash, counted, |counted| counted.hash);
        seen.unsuccessful += usize::from(is_unsuccessful);
    }

    /// What was seen since this was asked last, as records.
    pub(super) fn take(&self, now: Timestamp) -> Vec<Record> {
        let Seen { counted, crowded_out, .. } = mem::take(&mut *self.seen.lock());
        let mut records: Vec<Record> = counted.into_iter().map(Counted::into_record).collect();
        records.sort_by_key(|record| record.at);
        if !crowded_out.is_empty() {
            let total: u64 = crowded_out.values().sum();
            let mut record =
                Record::new(Kind::ObservationsDropped, &By::system(now)).with("count", total);
            for (kind, count) in crowded_out {
                record = record.with(kind.as_str(), count);
            }
            records.push(record);
        }
        records
    }

    /// Puts records back that could not be written; of those only the number is kept.
    pub(super) fn give_up(&self, count: u64) {
        *self.seen.lock().crowded_out.entry(Kind::ObservationsDropped).or_default() += count;
    }
}

/// An address as coarse as one customer of a network provider.
fn network(source: Option<IpAddr>) -> Option<IpAddr> {
    match Source::from(source) {
        Source::Network(network) => Some(network),
        Source::Browser(_) | Source::Unknown => None,
    }
}

impl Counted {
    fn new(hash: u64, seen: &Observation<'_>, now: Timestamp) -> Self {
        let shared = |text: Option<&str>| text.map(Arc::from);
        Self {
            hash,
            kind: seen.kind,
            outcome: seen.outcome,
            route: shared(seen.route),
            subject: shared(seen.subject),
            client: shared(seen.client),
            authenticator: shared(seen.authenticator),
            credential: shared(seen.credential),
            source: seen.source,
            reason: shared(seen.reason),
            failure: shared(seen.failure),
            status: seen.status,
            first_at: now,
            count: 1,
        }
    }

    fn is(&self, seen: &Observation<'_>) -> bool {
        self.kind == seen.kind
            && self.outcome == seen.outcome
            && self.route.as_deref() == seen.route
            && self.subject.as_deref() == seen.subject
            && self.client.as_deref() == seen.client
            && self.authenticator.as_deref() == seen.authenticator
            && self.credential.as_deref() == seen.credential
            && self.source == seen.source
            && self.reason.as_deref() == seen.reason
            && self.failure.as_deref() == seen.failure
            && self.status == seen.status
    }

    fn into_record(self) -> Record {
        let by = By::new(Actor::Nobody, self.source, self.first_at);
        let mut record = Record::new(self.kind, &by).outcome(self.outcome);
        if let Some(IpAddr::V6(network)) = self.source {
            record.source = Some(format!("{network}/64"));
        }
        let named = |kind: &str, name: &Option<Arc<str>>| {
            name.as_deref().map(|name| format!("{kind}:{name}"))
        };
        let is_failure = self.outcome == Outcome::Failure;
        // Who failed to prove that they are somebody did not act as that somebody.
        let actor = named("subject", &self.subject).or_else(|| named("client", &self.client));
        if let Some(actor) = actor.filter(|_| !is_failure) {
            record.actor = actor.into();
        }
        (record.subject, record.client) = (self.subject, self.client);
        let texts = [
            ("route", self.route),
            ("authenticator", self.authenticator),
            ("credential", self.credential),
            ("reason", self.reason),
            ("failure", self.failure),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                record = record.with(name, &*text);
            }
        }
        if let Some(status) = self.status {
            record = record.with("status", status);
        }
        record.with("count", self.count)
    }
}

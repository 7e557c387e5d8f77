//! The revocation log in memory: asked on every request, whatever the session store says.

use std::hash::{BuildHasher as _, Hash};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hashbrown::{DefaultHashBuilder, HashMap};
use parking_lot::{Mutex, RwLock};
use symbolon_core::{Session, SessionId, SubjectId, Timestamp};

use crate::core_store::{Revocation, Revoked};

/// Parts with a lock of their own, so that cores do not meet at one.
const SHARDS: usize = 64;

/// The longest that a log-in takes, from reading the clock to being stored.
const LONGEST_LOG_IN: Duration = Duration::from_mins(1);

/// What is revoked.
pub(super) struct RevocationLog {
    sessions: Sharded<SessionId, Timestamp>,
    subjects: Sharded<SubjectId, SubjectEntry>,
    /// Accounts of which all sessions are about to end, and since when.
    closing: Mutex<Vec<(SubjectId, Timestamp)>>,
}

/// An account is being closed: until this is dropped, no session of it begins after that time,
/// so that an entry of that time covers whatever was not there yet when it was made.
pub(super) struct Closing<'a> {
    log: &'a RevocationLog,
    subject: &'a SubjectId,
    since: Timestamp,
}

#[derive(Clone, Copy)]
struct SubjectEntry {
    /// Sessions that began then or before are dead.
    at: Timestamp,
    /// What the clock said when they were ended; `at` may lie after it.
    asked_at: Timestamp,
    forget_at: Timestamp,
}

impl RevocationLog {
    pub(super) fn new() -> Self {
        Self { sessions: Sharded::new(), subjects: Sharded::new(), closing: Mutex::default() }
    }

    /// Adds an entry that was asked for at a time; it counts when this returns.
    pub(super) fn insert(&self, revocation: &Revocation, asked_at: Timestamp) {
        let Revocation { what, at, forget_at } = revocation;
        let (at, forget_at) = (*at, *forget_at);
        match what {
            Revoked::Session(id) => {
                self.sessions.merge(*id, forget_at, Ord::max);
            }
            Revoked::Subject(subject) => {
                let entry = SubjectEntry { at, asked_at, forget_at };
                self.subjects.merge(subject.clone(), entry, SubjectEntry::both);
            }
        }
    }

    /// Whether a session is revoked, by itself or with all others of its subject.
    pub(super) fn covers(&self, session: &Session) -> bool {
        self.sessions.get(&session.id).is_some()
            || self.covers_subject(&session.subject, session.created_at)
    }

    /// Whether everything of a subject is revoked that had begun at a time.
    pub(super) fn covers_subject(&self, subject: &SubjectId, began: Timestamp) -> bool {
        self.subjects.get(subject).is_some_and(|entry| began <= entry.at)
    }

    /// Whether everything of a subject was ended after what had begun at a time. Of what is no
    /// session: nothing of that kind is kept when the others end.
    pub(super) fn ended_since(&self, subject: &SubjectId, began: Timestamp) -> bool {
        let entry = self.subjects.get(subject);
        entry.is_some_and(|entry| began <= entry.at.max(entry.asked_at))
    }

    /// From now on, sessions of a subject begin at that time at the latest.
    pub(super) fn close<'a>(&'a self, subject: &'a SubjectId, since: Timestamp) -> Closing<'a> {
        self.closing.lock().push((subject.clone(), since));
        Closing { log: self, subject, since }
    }

    fn closing_since(&self, subject: &SubjectId) -> Option<Timestamp> {
        let closing = self.closing.lock();
        closing.iter().filter(|(closed, _)| closed == subject).map(|(_, since)| *since).min()
    }

    /// When a session that is about to be stored began.
    ///
    /// A log-in that began before "log out everywhere" and ends after it must stay dead: it may
    /// have checked the password that was changed. One that began in the very same microsecond,
    /// or that says it began long before (the clock went back), comes after it, and is given a
    /// time at which that shows.
    pub(super) fn begin(&self, session: &Session) -> Timestamp {
        let begun = session.created_at;
        // Before the entry: it is there when the closing is over.
        let since = self.closing_since(&session.subject);
        let begun = match self.subjects.get(&session.subject) {
            Some(entry) if begun <= entry.at && !entry.overtook(begun) => {
                entry.at.plus(Duration::from_micros(1))
            }
            _ => begun,
        };
        since.map_or(begun, |since| begun.min(since))
    }

    /// Forgets the entries whose time has come.
    pub(super) fn forget(&self, now: Timestamp) {
        self.sessions.retain(|forget_at| now < *forget_at);
        self.subjects.retain(|entry| now < entry.forget_at);
    }
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        let mut closing = self.log.closing.lock();
        let mut entries = closing.iter();
        let own =
            entries.position(|(subject, since)| subject == self.subject && *since == self.since);
        if let Some(own) = own {
            closing.swap_remove(own);
        }
    }
}

impl SubjectEntry {
    /// Whether a log-in that began at a time may have been under way.
    fn overtook(&self, begun: Timestamp) -> bool {
        begun < self.asked_at && self.asked_at.since(begun) <= LONGEST_LOG_IN
    }

    fn both(self, other: Self) -> Self {
        Self {
            at: self.at.max(other.at),
            asked_at: self.asked_at.max(other.asked_at),
            forget_at: self.forget_at.max(other.forget_at),
        }
    }
}

/// A map in parts, which costs next to nothing while it is empty.
struct Sharded<K, V> {
    len: AtomicUsize,
    hasher: DefaultHashBuilder,
    shards: [RwLock<HashMap<K, V>>; SHARDS],
}

impl<K: Hash + Eq, V: Copy> Sharded<K, V> {
    fn new() -> Self {
        Self {
            len: AtomicUsize::new(0),
            hasher: DefaultHashBuilder::default(),
            shards: std::array::from_fn(|_| RwLock::new(HashMap::new())),
        }
    }

    fn get(&self, key: &K) -> Option<V> {
        if self.len.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.shard(key).read().get(key).copied()
    }

    /// Adds a value, or `both` of the old and the new one.
    fn merge(&self, key: K, new: V, both: impl FnOnce(V, V) -> V) {
        let mut shard = self.shard(&key).write();
        let value = shard.get(&key).map_or(new, |old| both(*old, new));
        if shard.insert(key, value).is_none() {
            self.len.fetch_add(1, Ordering::Release);
        }
    }

    fn retain(&self, keep: impl Fn(&V) -> bool) {
        for shard in &self.shards {
            let mut shard = shard.write();
            let before = shard.len();
            shard.retain(|_, value| keep(value));
            self.len.fetch_sub(before - shard.len(), Ordering::Release);
        }
    }

    #[expect(
        clippy::indexing_slicing,
        reason = "INVARIANT: the index is below the number of shards"
    )]
    fn shard(&self, key: &K) -> &RwLock<HashMap<K, V>> {
        // The upper half: the map in the shard uses the lower bits of a hash of its own.
        &self.shards[(self.hasher.hash_one(key) >> 32) as usize % SHARDS]
    }
}

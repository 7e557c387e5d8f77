//! What many sessions in memory have in common, kept once: what was granted to the subject, and
//! how they were authenticated. A million sessions have a few sets of roles.

use std::hash::Hash;
use std::sync::Arc;

use hashbrown::HashSet;
use parking_lot::Mutex;
use symbolon_core::Session;
use symbolon_core::session::Authorization;

/// The most values of one kind that are known. Beyond, all are forgotten: the sessions that share
/// one go on sharing it, and the next that come share another.
const MAX_KNOWN: usize = 4096;

/// The values that sessions share.
#[derive(Default)]
pub(super) struct Common {
    authorizations: Known<Authorization>,
    methods: Known<[String]>,
    classes: Known<str>,
}

impl Common {
    /// Puts what is known already in the place of what is equal to it.
    pub(super) fn share(&self, session: &mut Session) {
        self.authorizations.share(&mut session.authorization);
        self.methods.share(&mut session.authentication.amr);
        self.classes.share(&mut session.authentication.acr);
    }
}

struct Known<T: ?Sized>(Mutex<HashSet<Arc<T>>>);

impl<T: ?Sized + Hash + Eq> Known<T> {
    fn share(&self, value: &mut Arc<T>) {
        let mut known = self.0.lock();
        if known.len() >= MAX_KNOWN {
            known.clear();
        }
        *value = known.get_or_insert(value.clone()).clone();
    }
}

impl<T: ?Sized> Default for Known<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{NOW, sample};

    #[test]
    fn equal_values_are_kept_once_and_different_ones_apart() {
        let common = Common::default();
        let [mut alice, mut bob] = ["alice", "bob"].map(|name| sample::session(name, NOW));
        let mut carol = sample::rich_session("carol", NOW);
        let before = carol.clone();
        for session in [&mut alice, &mut bob, &mut carol] {
            common.share(session);
        }
        assert!(Arc::ptr_eq(&alice.authorization, &bob.authorization));
        assert!(Arc::ptr_eq(&alice.authentication.amr, &bob.authentication.amr));
        assert!(Arc::ptr_eq(&alice.authentication.acr, &bob.authentication.acr));
        assert_eq!(carol, before);
    }

    #[test]
    fn what_is_known_is_bounded() {
        let known = Known::<str>::default();
        for number in 0..3 * MAX_KNOWN {
            let mut name = number.to_string().into();
            known.share(&mut name);
            assert_eq!(*name, *number.to_string());
        }
        assert!(known.0.lock().len() <= MAX_KNOWN);
    }
}

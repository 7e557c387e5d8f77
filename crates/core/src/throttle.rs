//! How fast passwords may be guessed, without anybody being locked out.
//!
//! A lock-out after *n* failures is a weapon: a stranger locks out whoever they like. So failures
//! never close an account; they make guesses *wait*, and each wait is short for the right person.
//!
//! An attempt is paced three times, by the [`Pace`] of
//! - the **pair** of account and source: the ordinary guesser. After [`PAIR`]`.free` attempts
//!   each next one waits, twice as long as the one before, up to 8 s;
//! - the **source**, over all accounts: one machine trying one password on many accounts. Its
//!   budget is larger, because an office shares an address, and a success gives back only what
//!   that attempt cost: an attacker's own account does not wash the counter clean;
//! - the **account**, over all sources: one account guessed from many machines. Each pair adds
//!   at most [`MAX_ACCOUNT_SHARE`] to it, so one noisy source never slows the owner elsewhere.
//!
//! What follows from that:
//! 1. A thousand quick guesses reach the password hash about a dozen times from one source, and
//!    at most [`ACCOUNT`]`.free` times and a few from a thousand sources.
//! 2. From a source that proved the password within [`PROOF_LIFETIME`] only the pair counts:
//!    whatever strangers do, the owner's own machine is not slowed by it. A browser proves it by
//!    what it was given at its last log-in ([`Source::Browser`]), so its owner may be anywhere,
//!    also behind the guesser's own address.
//! 3. From the guesser's own source the right password waits at most [`MAX_WAIT`].
//! 4. Attempts are charged when they are let in, and given back on success: a thousand parallel
//!    guesses see one another.
//! 5. Credentials that are no passwords are charged to the source when they are wrong, with one
//!    attempt each ([`guessed`]): keys, signatures, those of tokens too, and tokens that somebody
//!    outside had to be asked about. After [`FREE_GUESSES`], and while its
//!    next attempt lies ahead ([`blocked`]), what is costly to check is refused unseen; that is [`SOURCE`]`.max_wait` at
//!    most, and what is cheap to check is checked all the same, so that a right key passes.
//! 6. Budgets refill with time ([`Budget`]`.refill`), so that a person's typing errors of last
//!    week do not add up.
//!
//! NIST SP 800-63B-4 section 3.2.2 allows a hundred failures in a row before an authenticator is
//! disabled. Here a pair gets about 450 an hour instead of a lock-out; against passwords of
//! fifteen characters that are not common ([`crate::password`]) that is no risk, and a lock-out
//! would be one. Sessions that exist are never touched by any of this.

mod pace;
mod source;
mod spelling;
#[cfg(test)]
mod tests;

use std::time::Duration;

use crate::time::Timestamp;

pub use pace::{Budget, Pace, Standing};
pub use source::Source;
pub use spelling::one_spelling;

/// The longest that an attempt is held before it is verified; what would wait longer is refused.
pub const MAX_WAIT: Duration = Duration::from_secs(8);

/// How long a source that proved the password is trusted to be its owner's.
pub const PROOF_LIFETIME: Duration = Duration::from_hours(30 * 24);

/// The most that one pair adds to its account's pace, in attempts.
pub const MAX_ACCOUNT_SHARE: u32 = 5;

/// The budget of one source for one account.
pub const PAIR: Budget = Budget {
    free: 10,
    first_wait: Duration::from_millis(250),
    max_wait: MAX_WAIT,
    refill: Duration::from_mins(1),
};

/// The budget of one source for all accounts.
pub const SOURCE: Budget = Budget {
    free: 30,
    first_wait: Duration::from_millis(250),
    max_wait: Duration::from_secs(2),
    refill: Duration::from_secs(30),
};

/// The budget of one account for all sources.
pub const ACCOUNT: Budget = Budget {
    free: 50,
    first_wait: Duration::from_millis(250),
    max_wait: Duration::from_secs(2),
    refill: Duration::from_mins(1),
};

/// Attempts of a source before what is no password is refused unseen: more than are free of
/// passwords, since programs repeat a mistake faster than people do.
pub const FREE_GUESSES: u32 = 100;

/// What is known of one source's dealings with one account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pair {
    pace: Pace,
    proved_at: Option<Timestamp>,
}

/// The three paces that an attempt is subject to.
#[derive(Debug)]
pub struct Paces<'a> {
    /// Whether the source shows on its own that the password was right ([`Source::is_known`]).
    pub is_known: bool,
    /// Of this account from this source.
    pub pair: &'a mut Pair,
    /// Of this source.
    pub source: &'a mut Pace,
    /// Of this account.
    pub account: &'a mut Pace,
}

/// Whether an attempt may go ahead.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may be verified at this time, which is at most [`MAX_WAIT`] away.
    At(Timestamp),
    /// Too many are waiting already; nothing was charged.
    Refused {
        /// When it is worth trying again.
        retry_after: Duration,
    },
}

impl Pair {
    /// As it was kept.
    pub fn kept(pace: Pace, proved_at: Option<Timestamp>) -> Self {
        Self { pace, proved_at }
    }

    /// Its pace.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// When the password was last proved.
    pub fn proved_at(&self) -> Option<Timestamp> {
        self.proved_at
    }

    /// From when on it says no more than a new one.
    pub fn is_over_at(&self) -> Timestamp {
        let proof = self.proved_at.map(|at| at.plus(PROOF_LIFETIME));
        self.pace.is_over_at(&PAIR).max(proof.unwrap_or_default())
    }

    /// Whether this source proved this account's password lately.
    pub fn is_proved(&self, now: Timestamp) -> bool {
        self.proved_at.is_some_and(|at| now.since(at) < PROOF_LIFETIME)
    }
}

/// Charges a source with a wrong credential that was no password.
pub fn guessed(source: &mut Pace, now: Timestamp) {
    // Failures that come all at once do not push the wait ahead of each other.
    source.charge(&SOURCE, now, now);
}

/// How long a source has to wait before anything costly is checked for it; `None` where it may.
pub fn blocked(source: &Pace, now: Timestamp) -> Option<Duration> {
    if source.attempts(&SOURCE, now) <= FREE_GUESSES {
        return None;
    }
    let wait = source.earliest(&SOURCE, now).since(now);
    // What an attempt at a password waits for does not count: it is held, and not refused.
    (!wait.is_zero()).then(|| wait.min(SOURCE.max_wait))
}

impl Paces<'_> {
    /// Charges one attempt at `now`, or refuses it.
    pub fn admit(&mut self, now: Timestamp) -> Admission {
        let is_owner = self.is_owner(now);
        let is_alone = is_owner || self.pair.pace.attempts(&PAIR, now) >= MAX_ACCOUNT_SHARE;
        let mut at = self.pair.pace.earliest(&PAIR, now);
        if !is_owner {
            at = at.max(self.source.earliest(&SOURCE, now));
            at = at.max(self.account.earliest(&ACCOUNT, now));
        }
        let wait = at.since(now);
        if wait > MAX_WAIT {
            return Admission::Refused { retry_after: wait };
        }
        self.pair.pace.charge(&PAIR, now, at);
        if !is_owner {
            self.source.charge(&SOURCE, now, at);
        }
        if !is_alone {
            self.account.charge(&ACCOUNT, now, at);
        }
        Admission::At(at)
    }

    /// Nobody could say whether the password was right: pair and source get back what it cost.
    /// The account does not: to which of them it was charged is not known any more, and its waits
    /// are short.
    pub fn take_back(&mut self, now: Timestamp) {
        self.pair.pace.give_back(&PAIR, now);
        if !self.is_owner(now) {
            self.source.give_back(&SOURCE, now);
        }
    }

    /// The password was right: the pair starts afresh, source and account get back what this
    /// attempt cost. No more than that: an owner who logs in while strangers guess, or whose
    /// program does so every minute, must not open the account to fifty further guesses.
    pub fn succeed(&mut self, now: Timestamp) {
        self.pair.pace = Pace::default();
        if !self.is_owner(now) {
            self.source.give_back(&SOURCE, now);
            self.account.give_back(&ACCOUNT, now);
        }
        // What a source shows need not be remembered here.
        if !self.is_known {
            self.pair.proved_at = Some(now);
        }
    }

    /// Whether the password was right here lately.
    fn is_owner(&self, now: Timestamp) -> bool {
        self.is_known || self.pair.is_proved(now)
    }
}

//! What happened, written down so that it cannot be changed unseen.
//!
//! 1. A [`Record`] says what was done, by whom, to what and from where. It never holds a secret,
//!    nor a typed name that is no account's.
//! 2. An [`Entry`] is a record in its place: numbered without gaps, and bound to the one before
//!    by a hash over all of it. Whoever changes, removes or puts in one breaks the [`Chain`] there.
//! 3. The bytes under the hash are fixed ([`Entry::seal`]), so that anybody can check an export
//!    without this program.
//!
//! What it deliberately does not do: prove that nothing was cut off at the end, or that the whole
//! chain was not made anew. Who holds the hash of a late entry elsewhere can tell.

mod chain;
mod entry;
mod kind;
mod line;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use crate::id::{ClientId, SessionId, SubjectId};
use crate::time::Timestamp;

pub use chain::{Broken, Chain};
pub use entry::{Cut, Entry, Hash};
pub use kind::{Kind, Outcome};
pub use line::LineError;

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// This program on its own: upkeep, start, stop.
    System,
    /// Somebody at the command line of this machine, by the user's number.
    Operator(u32),
    /// A person with an account.
    Subject(SubjectId),
    /// A client.
    Client(ClientId),
    /// Nobody who is known.
    Nobody,
}

/// By whom something is done, from where, when, and for which reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// From which address.
    pub source: Option<IpAddr>,
    /// Why, in one word of this program: `log_out`.
    pub reason: Option<&'static str>,
    /// When.
    pub at: Timestamp,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When.
    pub at: Timestamp,
    /// What: the name of a [`Kind`].
    pub kind: Cow<'static, str>,
    /// Who did it, as [`Actor`] is written.
    pub actor: Cow<'static, str>,
    /// The account it is about.
    pub subject: Option<Arc<str>>,
    /// The client it is about.
    pub client: Option<Arc<str>>,
    /// The public identifier of the session it is about.
    pub session: Option<String>,
    /// The address it came from.
    pub source: Option<String>,
    /// How it went: the name of an [`Outcome`].
    pub outcome: Cow<'static, str>,
    /// Everything else, a JSON object as text: what is under the hash is these very bytes.
    pub detail: String,
}

impl By {
    /// This program on its own.
    pub const fn system(at: Timestamp) -> Self {
        Self { actor: Actor::System, source: None, reason: None, at }
    }

    /// Somebody, from somewhere.
    pub const fn new(actor: Actor, source: Option<IpAddr>, at: Timestamp) -> Self {
        Self { actor, source, reason: None, at }
    }

    /// The same, for a reason.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }
}

impl Record {
    /// Something that was done.
    pub fn new(kind: Kind, by: &By) -> Self {
        let mut record = Self {
            at: by.at,
            kind: kind.as_str().into(),
            actor: by.actor.text(),
            subject: None,
            client: None,
            session: None,
            source: by.source.map(|source| source.to_canonical().to_string()),
            outcome: Outcome::Success.as_str().into(),
            detail: "{}".to_owned(),
        };
        if let Some(reason) = by.reason {
            record.detail = serde_json::json!({ "reason": reason }).to_string();
        }
        record
    }

    /// About an account.
    #[must_use]
    pub fn subject(mut self, subject: &SubjectId) -> Self {
        self.subject = Some(subject.as_str().into());
        self
    }

    /// About a client.
    #[must_use]
    pub fn client(mut self, client: &ClientId) -> Self {
        self.client = Some(client.as_str().into());
        self
    }

    /// About a session.
    #[must_use]
    pub fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session.to_string());
        self
    }

    /// How it went, where it is not success.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome.as_str().into();
        self
    }

    /// One more thing to know. Names and numbers only: never a secret.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        // It is an object, since it begins as one and only this adds to it.
        if let Ok(serde_json::Value::Object(mut detail)) = serde_json::from_str(&self.detail) {
            detail.insert(name.to_owned(), value.into());
            self.detail = serde_json::Value::Object(detail).to_string();
        }
        self
    }
}

impl Actor {
    fn text(&self) -> Cow<'static, str> {
        match self {
            Self::System => "system".into(),
            Self::Nobody => "nobody".into(),
            other => other.to_string().into(),
        }
    }
}

/// As it stands in a record.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System => f.write_str("system"),
            Self::Operator(uid) => write!(f, "operator:{uid}"),
            Self::Subject(subject) => write!(f, "subject:{subject}"),
            Self::Client(client) => write!(f, "client:{client}"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}

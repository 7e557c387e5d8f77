//! `Server-Timing` (W3C Server Timing): how long the stages of a request took, told to whoever may
//! know.
//!
//! 1. Nobody is told unless the configuration says who is.
//! 2. Only answers to requests that were let in say it: how long a refusal took could tell a
//!    stranger how far a guess came. Answers of the authentication service never say it.
//! 3. What the service says in the same header stays, and ours follows it.

use std::time::Duration;

use http::header::{HeaderMap, HeaderName, HeaderValue};
use symbolon_core::Role;
use symbolon_core::policy::Hierarchy;

use crate::limit::Sources;
use crate::source_address::SourceAddress;
use crate::stage::Identity;

const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Who is told.
#[derive(Clone, Debug)]
pub enum ServerTiming {
    /// Whoever asks.
    Anyone,
    /// Principals with a role, and callers from some addresses; either is enough.
    Some {
        /// At least one of these roles; empty for nobody.
        any_role: Vec<Role>,
        /// From these addresses; `None` for nobody.
        sources: Option<Sources>,
    },
}

/// How long the stages took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stages {
    /// When authentication began, and when the service was asked, since the request began.
    pub(crate) admitted: Duration,
    pub(crate) asked: Duration,
    /// Authentication and authorization.
    pub(crate) auth: Option<Duration>,
    /// From the request to the service until the head of its answer, all tries together.
    pub(crate) upstream: Option<Duration>,
}

impl ServerTiming {
    /// Whether this caller is told. What follows from roles and groups is asked of the hierarchy of
    /// now, and not of that when this was read: a reload changes the one and not the other.
    pub(crate) fn tells(
        &self,
        identity: &Identity,
        hierarchy: &Hierarchy,
        source: &SourceAddress,
    ) -> bool {
        match self {
            Self::Anyone => true,
            Self::Some { any_role, sources } => {
                let roles = hierarchy.effective(identity.roles(), identity.groups());
                roles.iter().any(|role| any_role.contains(role))
                    || sources.as_ref().is_some_and(|all| all.refuses(source.ip()).is_none())
            }
        }
    }
}

impl Stages {
    /// Puts them, and the `total` until now, into an answer.
    pub(crate) fn tell(&self, total: Duration, headers: &mut HeaderMap) {
        let mut text = String::with_capacity(64);
        let stages = [("auth", self.auth), ("upstream", self.upstream), ("total", Some(total))];
        for (name, took) in stages {
            let Some(took) = took else { continue };
            if !text.is_empty() {
                text.push_str(", ");
            }
            push(&mut text, name, took);
        }
        if let Ok(value) = HeaderValue::try_from(text) {
            headers.append(SERVER_TIMING, value);
        }
    }
}

/// Milliseconds with one decimal: finer ones would be of use to nobody but who measures secrets.
fn push(text: &mut String, name: &str, took: Duration) {
    let tenths = took.as_micros() / 100;
    text.push_str(name);
    text.push_str(";dur=");
    text.push_str(itoa::Buffer::new().format(tenths / 10));
    text.push('.');
    text.push_str(itoa::Buffer::new().format(tenths % 10));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_follows_what_the_service_says() {
        let mut headers = HeaderMap::new();
        headers.insert(SERVER_TIMING, HeaderValue::from_static("db;dur=53"));
        let stages = Stages {
            auth: Some(Duration::from_micros(1_049)),
            upstream: Some(Duration::from_millis(20)),
            ..Stages::default()
        };
        stages.tell(Duration::from_micros(21_999), &mut headers);
        let said: Vec<_> = headers.get_all(SERVER_TIMING).iter().collect();
        assert_eq!(said, ["db;dur=53", "auth;dur=1.0, upstream;dur=20.0, total;dur=21.9"]);
    }
}

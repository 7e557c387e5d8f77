//! Whoever was authenticated: an end user or an application.

use crate::id::{ClientId, SubjectId};

/// Who makes a request, once some authenticator has proved it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// An end user (`sub`).
    Subject(SubjectId),
    /// An application acting for itself (`client_id`).
    Client(ClientId),
}

impl Principal {
    /// The name as it stands in logs and in the `sub` claim.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Subject(subject) => subject.as_str(),
            Self::Client(client) => client.as_str(),
        }
    }
}

//! Whoever was authenticated, as rules and policies see them.

use symbolon_core::ClientId;
use symbolon_core::policy::{Facts, Who};

use crate::config::Authenticator;
use crate::stage::Identity;

impl Identity {
    /// What is known of them, whatever proved it.
    pub(crate) fn facts(&self) -> Facts<'_> {
        match self {
            Self::Anonymous => Facts::ANONYMOUS,
            Self::Session { live, .. } => {
                let session = &live.session;
                Facts {
                    who: Who::User(session.subject.as_str()),
                    client: session.client.as_ref().map(ClientId::as_str),
                    issuer: None,
                    roles: &session.authorization.roles,
                    groups: &session.authorization.groups,
                    scopes: &session.authorization.scopes,
                    labels: None,
                    acr: Some(&session.authentication.acr),
                    amr: &session.authentication.amr,
                    auth_time: Some(session.authentication.at),
                }
            }
            Self::Client(client) => Facts {
                who: Who::Client(client.id.as_str()),
                client: Some(client.id.as_str()),
                groups: &client.groups,
                ..Facts::ANONYMOUS
            },
        }
    }

    /// Whether a token in `Authorization: Bearer` proved it: the answer is then one of RFC 6750.
    pub(super) fn is_bearer(&self) -> bool {
        self.authenticator() == Some(Authenticator::Bearer.name())
    }

    /// Whether a session cookie proved it.
    pub(super) fn is_cookie(&self) -> bool {
        self.authenticator() == Some(Authenticator::Session.name())
    }
}

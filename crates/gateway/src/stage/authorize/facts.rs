//! Whoever was authenticated, as rules and policies see them.

use symbolon_core::ClientId;
use symbolon_core::policy::{Facts, Who};

use crate::stage::Identity;
use crate::stage::identity::SessionProof;

/// What clients' certificates are called among authentication methods.
const MTLS: &str = "mtls";

impl Identity {
    /// What is known of them, whatever proved it. Where a session and a client come together, the
    /// end user's roles, groups and scopes count, and not those of the client.
    pub(crate) fn facts(&self) -> Facts<'_> {
        let client = self.client().map(ClientId::as_str);
        let who = match (self.subject(), client) {
            (Some(subject), _) => Who::User(subject),
            (None, Some(client)) => Who::Client(client),
            (None, None) => Who::Anonymous,
        };
        let known = self.known().map(|known| &**known);
        let mut facts = Facts {
            who,
            client,
            issuer: known.and_then(|known| known.issuer.as_deref()),
            roles: self.roles(),
            groups: self.groups(),
            scopes: self.scopes(),
            labels: known.map(|known| &known.labels),
            acr: known.and_then(|known| known.acr.as_deref()),
            amr: known.map_or(&[], |known| &known.amr),
            auth_time: known.and_then(|known| known.auth_time),
        };
        if let Some(live) = self.session() {
            let authentication = &live.session.authentication;
            facts.acr = Some(&authentication.acr);
            facts.amr = &authentication.amr;
            facts.auth_time = Some(authentication.at);
        }
        facts
    }

    /// Whether a session cookie alone proved it: logging in again then helps a person.
    pub(super) fn is_cookie(&self) -> bool {
        matches!(self, Self::Session { by: SessionProof::Cookie, .. })
    }

    /// Whether a token proved it that somebody granted scopes to: the answer to too few of them is
    /// then one of RFC 6750.
    pub(super) fn is_of_a_token(&self) -> bool {
        match self {
            Self::Session { by, .. } => *by == SessionProof::Bearer,
            Self::Known { known, .. } => known.issuer.is_some() || known.subject.is_some(),
            Self::Anonymous | Self::Both { .. } => false,
        }
    }

    /// Whether a certificate was among the proofs.
    pub(super) fn showed_certificate(&self) -> bool {
        self.known().is_some_and(|known| known.amr.iter().any(|method| method == MTLS))
    }
}

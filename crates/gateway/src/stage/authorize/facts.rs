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
        // How somebody outside authenticated is their word in words of their own: `pwd` there is
        // not `pwd` here.
        let own = known.filter(|known| known.issuer.is_none());
        let mut facts = Facts {
            who,
            client,
            issuer: self.issuer(),
            roles: self.roles(),
            groups: self.groups(),
            scopes: self.scopes(),
            labels: known.map(|known| &known.labels),
            acr: own.and_then(|known| known.acr.as_deref()),
            amr: own.map_or(&[], |known| &known.amr),
            auth_time: own.and_then(|known| known.auth_time),
        };
        if let Some(live) = self.session() {
            let authentication = &live.session.authentication;
            facts.acr = Some(&authentication.acr);
            facts.amr = &authentication.amr;
            facts.auth_time = Some(authentication.at);
        }
        facts
    }

    /// Whether the session of a cookie proved it: logging in again then helps a person, whatever
    /// else was proved beside it.
    pub(super) fn is_cookie(&self) -> bool {
        self.session_proof() == Some(SessionProof::Cookie)
    }

    /// Whether a token proved it that somebody granted scopes to: the answer to too few of them is
    /// then one of RFC 6750.
    pub(super) fn is_of_a_token(&self) -> bool {
        match self {
            Self::Session { .. } | Self::Both { .. } => {
                self.session_proof() == Some(SessionProof::Bearer)
            }
            Self::Known { known, .. } => known.issuer.is_some() || known.subject.is_some(),
            Self::Anonymous => false,
        }
    }

    /// Whether a certificate was among the proofs.
    pub(super) fn showed_certificate(&self) -> bool {
        let mut own = self.proofs().filter(|known| known.issuer.is_none());
        own.any(|known| known.amr.iter().any(|method| method == MTLS))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use symbolon_store::Known;

    use super::*;

    #[test]
    fn how_somebody_outside_authenticated_proves_nothing_here() {
        let known = |issuer: Option<&str>| {
            let known = Known {
                subject: Some("x".into()),
                issuer: issuer.map(Into::into),
                acr: Some("pwd".into()),
                amr: vec![MTLS.to_owned()],
                ..Known::default()
            };
            Identity::Known { known: Arc::new(known), by: "jwt".into(), beside: Vec::new() }
        };
        let (outside, own) = (known(Some("partner")), known(None));
        assert!(outside.facts().acr.is_none() && outside.facts().amr.is_empty());
        assert!(!outside.showed_certificate());
        assert!(own.facts().acr == Some("pwd") && own.showed_certificate());
    }
}

//! mint: the internal token for the one service that is called.

use std::sync::Arc;

use symbolon_core::internal_token::{Grant, MintError};

use super::{Identity, Permitted};
use crate::config::Targets;
use crate::decide::Grounds;
use crate::rejection::{Reason, Rejection};
use crate::snapshot::KnownClient;

/// A permitted request with its internal token: the only thing that goes upstream.
pub(crate) struct Outbound {
    permitted: Permitted,
    internal_token: Option<Arc<str>>,
}

impl Permitted {
    /// Mints, or reuses what was minted for this session generation and audience.
    pub(crate) fn mint(self, grounds: &Grounds<'_>) -> Result<Outbound, Rejection> {
        let service = &self.identified().admitted().matched().route().service.service;
        // The authentication service in this process reads the credential itself.
        if matches!(service.targets, Targets::InProcess) {
            return Ok(Outbound { permitted: self, internal_token: None });
        }
        let (keys, now) = (grounds.keys, grounds.now);
        let hierarchy = &*grounds.snapshot.hierarchy;
        let minted = match self.identified().identity() {
            Identity::Anonymous => Ok(None),
            Identity::Session { live, .. } => {
                keys.mint_for(live, &service.audience, hierarchy, now).map(Some)
            }
            Identity::Client(client) => {
                mint_for_client(client, grounds, &service.audience).map(Some)
            }
        };
        match minted {
            Ok(internal_token) => Ok(Outbound { permitted: self, internal_token }),
            Err(error) => {
                let detail = symbolon_core::error::chain(&error);
                Err(Rejection::new(Reason::Unavailable, detail))
            }
        }
    }
}

impl Outbound {
    pub(crate) fn permitted(&self) -> &Permitted {
        &self.permitted
    }

    /// The token that the service is sent, `None` for an anonymous request.
    pub(crate) fn internal_token(&self) -> Option<&Arc<str>> {
        self.internal_token.as_ref()
    }
}

fn mint_for_client(
    client: &KnownClient,
    grounds: &Grounds<'_>,
    audience: &Arc<str>,
) -> Result<Arc<str>, MintError> {
    let (keys, now) = (grounds.keys, grounds.now);
    let revision = keys.ring().revision(now);
    if let Some(token) = client.internal_tokens.get(audience, revision, now) {
        return Ok(token);
    }
    let roles = grounds.snapshot.hierarchy.effective(&[], &client.groups);
    let grant = Grant::for_client(&client.id, &roles, &client.groups, &[]);
    let minted = keys.mint(&grant, audience, now)?;
    let token = Arc::clone(&minted.token);
    client.internal_tokens.put(Arc::clone(audience), revision, minted.reuse_until, minted.token);
    Ok(token)
}

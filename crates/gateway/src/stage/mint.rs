//! mint: the internal token for the one service that is called.

use std::sync::Arc;

use symbolon_core::ClientId;
use symbolon_core::internal_token::{Grant, MintError, OWN_CLIENT};
use symbolon_store::Known;

use super::{Identity, Permitted};
use crate::config::Targets;
use crate::decide::Grounds;
use crate::rejection::{Reason, Rejection};

/// A permitted request with its internal token: the only thing that goes upstream.
pub(crate) struct Outbound {
    permitted: Permitted,
    internal_token: Option<Arc<str>>,
}

impl Permitted {
    /// Mints, or reuses what was minted for this session generation and audience. What follows
    /// from roles and groups goes into the token, so that services can decide the fine points.
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
            // Somebody outside said that it may pass, and not who it is.
            Identity::Known { known, .. } if !known.is_somebody() => Ok(None),
            Identity::Known { known, .. } => mint_for(known, grounds, &service.audience).map(Some),
            Identity::Both { live, known, .. } => {
                let client = self.identified().identity().client().map(ClientId::as_str);
                let held = &live.session.authorization;
                let roles = hierarchy.effective(&held.roles, &held.groups);
                let grant = Grant {
                    client: client.unwrap_or(OWN_CLIENT),
                    roles: &roles,
                    ends_at: known.expires_at,
                    ..Grant::from(&live.session)
                };
                keys.mint(&grant, &service.audience, now).map(|minted| Some(minted.token))
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

/// Mints for somebody without a session, or uses again what was minted.
fn mint_for(
    known: &Known,
    grounds: &Grounds<'_>,
    audience: &Arc<str>,
) -> Result<Arc<str>, MintError> {
    let (keys, now) = (grounds.keys, grounds.now);
    let hierarchy = &*grounds.snapshot.hierarchy;
    let revision = keys.ring().revision(now) ^ hierarchy.revision();
    if let Some(token) = known.internal_tokens.get(audience, revision, now) {
        return Ok(token);
    }
    let roles = hierarchy.effective(&known.roles, &known.groups);
    let grant = Grant { roles: &roles, ..known.grant() };
    let minted = keys.mint(&grant, audience, now)?;
    let token = Arc::clone(&minted.token);
    known.internal_tokens.put(Arc::clone(audience), revision, minted.reuse_until, minted.token);
    Ok(token)
}

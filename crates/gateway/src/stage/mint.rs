//! mint: the internal token for the one service that is called.

use std::sync::Arc;

use symbolon_core::internal_token::{Grant, MintError, OWN_CLIENT};
use symbolon_core::{ClientId, Timestamp};
use symbolon_store::Known;
use symbolon_store::keys::Keys;

use super::{Identity, Permitted};
use crate::config::Targets;
use crate::rejection::{Reason, Rejection};

/// A permitted request with its internal token: the only thing that goes upstream.
pub(crate) struct Outbound {
    permitted: Permitted,
    internal_token: Option<Arc<str>>,
}

impl Permitted {
    /// Mints, or reuses what was minted for this session generation and audience.
    pub(crate) fn mint(self, keys: &Keys, now: Timestamp) -> Result<Outbound, Rejection> {
        let service = &self.identified().admitted().matched().route().service.service;
        // The authentication service in this process reads the credential itself.
        if matches!(service.targets, Targets::InProcess) {
            return Ok(Outbound { permitted: self, internal_token: None });
        }
        let minted = match self.identified().identity() {
            Identity::Anonymous => Ok(None),
            Identity::Session { live, .. } => keys.mint_for(live, &service.audience, now).map(Some),
            Identity::Known { known, .. } => {
                mint_for(known, keys, &service.audience, now).map(Some)
            }
            Identity::Both { live, known, .. } => {
                let client = known.client.as_ref().map(ClientId::as_str);
                let grant =
                    Grant { client: client.unwrap_or(OWN_CLIENT), ..Grant::from(&live.session) };
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
    keys: &Keys,
    audience: &Arc<str>,
    now: Timestamp,
) -> Result<Arc<str>, MintError> {
    let revision = keys.ring().revision(now);
    if let Some(token) = known.internal_tokens.get(audience, revision, now) {
        return Ok(token);
    }
    let minted = keys.mint(&known.grant(), audience, now)?;
    let token = Arc::clone(&minted.token);
    known.internal_tokens.put(Arc::clone(audience), revision, minted.reuse_until, minted.token);
    Ok(token)
}

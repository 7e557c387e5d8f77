//! A token that a client signed with a key of its own.

use std::sync::Arc;

use symbolon_core::client::Proof;
use symbolon_core::jwt::{JwtError, Unverified, VerifyingKey};
use symbolon_store::{Known, Registered};

use super::super::Asked;
use super::verified::{Basis, Verified};
use super::{Refusal, until};
use crate::config::authenticators::{ClientKeys, KeyName};

pub(super) fn judge(
    token: Unverified<'_>,
    settings: &ClientKeys,
    asked: &Asked<'_>,
) -> Result<Verified, Refusal> {
    let (name, registered) = named(&token, settings, asked).ok_or(JwtError::UnknownIssuer)?;
    let key = key(&registered).ok_or(JwtError::UnknownKey)?;
    let (_, end) = settings.expected.check(token.verify(&key)?, asked.now)?;
    registered.prove(asked.now).map_err(|_| Refusal::Ended)?;
    let known = Known::client(registered.client(), registered.credential());
    // The token is not the key that it was signed with.
    let known = Known { expires_at: Some(until(&known, end)), is_token: true, ..known };
    let basis = Basis::ClientKey { name, registered };
    Ok(Verified { known: Arc::new(known), until: end, basis })
}

/// The key that the token names, and how.
fn named(
    token: &Unverified<'_>,
    settings: &ClientKeys,
    asked: &Asked<'_>,
) -> Option<(Arc<str>, Arc<Registered>)> {
    settings.named_by.iter().find_map(|by| {
        let name = match by {
            KeyName::Claim(path) => token.claimed(path)?,
            KeyName::KeyId => token.kid()?,
        };
        Some((name.into(), asked.clients.jwt_key(name)?))
    })
}

/// The key, for its one algorithm. Whoever took it in has seen that it is one.
fn key(registered: &Registered) -> Option<VerifyingKey> {
    let Proof::Jwt { algorithm, material, .. } = &registered.credential().proof else {
        return None;
    };
    let algorithm = algorithm.parse().ok()?;
    VerifyingKey::of_material(algorithm, material.reveal()).ok()
}

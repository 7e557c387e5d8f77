//! A token that a client had from this system for one of its credentials.

use std::sync::Arc;

use symbolon_core::ClientId;
use symbolon_core::client::{Client, Credential};
use symbolon_core::client_token::ClientTokens;
use symbolon_core::jwt::{Claims, JwtError, Unverified};
use symbolon_store::Known;

use super::super::Asked;
use super::verified::{Basis, Verified};
use super::{Refusal, until};

/// `amr` of whoever an operator vouches for, and not a credential.
const BY_OPERATOR: &str = "operator";

pub(super) fn judge(
    token: Unverified<'_>,
    tokens: &ClientTokens,
    asked: &Asked<'_>,
) -> Result<Verified, Refusal> {
    let (claims, end) = tokens.verify(token, asked.now)?;
    let id: ClientId =
        claims.text("sub").and_then(|name| name.parse().ok()).ok_or(JwtError::Claims)?;
    let client = asked.clients.client(&id).filter(|client| client.enabled).ok_or(Refusal::Ended)?;
    let credential = match claims.text("credential") {
        Some(name) => Some(credential(&client, name, &claims, tokens, asked)?),
        None => None,
    };
    let known = match credential {
        // The token is not the credential that it was had for.
        Some(credential) => Known { is_token: true, ..Known::client(&client, credential) },
        None => without_credential(&client),
    };
    let known = Known { expires_at: Some(until(&known, end)), ..known };
    let credential = credential.map(|credential| credential.id.clone());
    let basis = Basis::ClientToken { client, credential };
    Ok(Verified { known: Arc::new(known), until: end, basis })
}

/// The credential that the token was had for, if it is still what it was.
fn credential<'a>(
    client: &'a Client,
    name: &str,
    claims: &Claims,
    tokens: &ClientTokens,
    asked: &Asked<'_>,
) -> Result<&'a Credential, Refusal> {
    let found = client.credentials.iter().find(|credential| credential.id.as_str() == name);
    found
        .filter(|credential| {
            credential.is_live(asked.now) && tokens.is_bound_to(claims, &credential.proof)
        })
        .ok_or(Refusal::Ended)
}

fn without_credential(client: &Client) -> Known {
    Known {
        client: Some(client.id.clone()),
        custom_id: client.custom_id.clone(),
        roles: client.roles.clone(),
        groups: client.groups.clone(),
        scopes: client.scopes.clone(),
        labels: client.labels.clone(),
        amr: vec![BY_OPERATOR.to_owned()],
        ..Known::default()
    }
}

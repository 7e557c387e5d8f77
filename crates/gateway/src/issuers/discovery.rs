//! From an issuer to its keys (`OpenID` Connect Discovery 4, RFC 8414 3).
//!
//! 1. The metadata's `issuer` must be the configured one to the letter (RFC 8414 3.3), or another
//!    issuer could pass its keys off as theirs.
//! 2. `jwks_uri` may be on another host, as it is with large providers: the issuer has said so over
//!    verified TLS. It may not be `http` where the issuer is not itself.

use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Map, Value};
use symbolon_verifier::strict_json;

use super::address::Address;
use super::fetch::{self, Document, FetchError};
use crate::config::issuers::{Issuer, KeyLocation, RemoteKeys};
use symbolon_core::jwt::KeySet;

/// What was fetched: the keys, their text, and for how long the server says that they are good.
pub(super) struct Fetched {
    pub(super) keys: KeySet,
    pub(super) text: Bytes,
    pub(super) max_age: Option<Duration>,
}

/// Fetches an issuer's keys.
pub(super) async fn keys(issuer: &Issuer, remote: &RemoteKeys) -> Result<Fetched, FetchError> {
    let document = match &remote.location {
        KeyLocation::At(address) => fetch::get(address, remote.tls.as_ref()).await?,
        KeyLocation::Metadata(addresses) => {
            let address = jwks_uri(&issuer.issuer, addresses, remote).await?;
            fetch::get(&address, remote.tls.as_ref()).await?
        }
    };
    let keys = KeySet::parse(&document.body, &issuer.algorithms)?;
    Ok(Fetched { keys, text: document.body, max_age: document.max_age })
}

async fn jwks_uri(
    issuer: &str,
    addresses: &[Address],
    remote: &RemoteKeys,
) -> Result<Address, FetchError> {
    let mut outcome = Err(FetchError::Status(StatusCode::NOT_FOUND));
    for address in addresses {
        outcome = fetch::get(address, remote.tls.as_ref()).await;
        // Only where there is nothing may the other form be meant.
        if !matches!(outcome, Err(FetchError::Status(StatusCode::NOT_FOUND))) {
            break;
        }
    }
    let is_secure = addresses.iter().all(Address::is_secure);
    read(&outcome?, issuer, is_secure)
}

fn read(document: &Document, issuer: &str, is_secure: bool) -> Result<Address, FetchError> {
    let metadata: Map<String, Value> = strict_json::object(&document.body)
        .map_err(|_| FetchError::Metadata("they are not an object of unique members"))?;
    let text = |name| metadata.get(name).and_then(Value::as_str);
    if text("issuer") != Some(issuer) {
        return Err(FetchError::Metadata("`issuer` is another"));
    }
    let address = text("jwks_uri").ok_or(FetchError::Metadata("there is no `jwks_uri`"))?;
    let address: Address = address.parse().map_err(FetchError::JwksUri)?;
    if is_secure && !address.is_secure() {
        return Err(FetchError::Metadata("`jwks_uri` is not https"));
    }
    Ok(address)
}

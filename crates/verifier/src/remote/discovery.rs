//! Where the issuer's keys are: at a given address, or where its metadata says
//! (`OpenID` Connect Discovery 4).
//!
//! 1. The metadata's `issuer` must be the configured one to the letter (Discovery 4.3), or another
//!    issuer could pass its keys off as ours.
//! 2. `jwks_uri` must lie on the issuer's own origin, so that metadata cannot send this service
//!    to an address of somebody's choice. Where the keys do live elsewhere, configure the address.

use http::Uri;
use serde::Deserialize;

use super::fetch::{self, FetchError};
use crate::key_set::KeySet;
use crate::strict_json;

const WELL_KNOWN: &str = "/.well-known/openid-configuration";

#[derive(Debug)]
pub(super) enum KeyLocation {
    /// The address of the key set.
    At(Uri),
    /// The address of the metadata and the issuer it has to be about.
    Metadata { uri: Uri, issuer: String },
}

#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl KeyLocation {
    pub(super) fn at(jwks_url: &str) -> Result<Self, FetchError> {
        fetch::address(jwks_url).map(Self::At)
    }

    pub(super) fn of_issuer(issuer: &str) -> Result<Self, FetchError> {
        // Discovery 4.1: a terminating slash is removed first.
        let base = issuer.strip_suffix('/').unwrap_or(issuer);
        let uri = fetch::address(&format!("{base}{WELL_KNOWN}"))?;
        Ok(Self::Metadata { uri, issuer: issuer.to_owned() })
    }

    pub(super) async fn fetch(&self) -> Result<KeySet, FetchError> {
        let body = match self {
            Self::At(uri) => fetch::get(uri).await?,
            Self::Metadata { uri, issuer } => fetch::get(&discover(uri, issuer).await?).await?,
        };
        Ok(KeySet::parse(&body)?)
    }
}

async fn discover(uri: &Uri, issuer: &str) -> Result<Uri, FetchError> {
    let body = fetch::get(uri).await?;
    let metadata: Metadata = strict_json::object(&body)
        .map_err(|_| FetchError::Metadata("it is not an object with `issuer` and `jwks_uri`"))?;
    if metadata.issuer != issuer {
        return Err(FetchError::Metadata("`issuer` is another"));
    }
    let jwks_uri = fetch::address(&metadata.jwks_uri)?;
    if jwks_uri.authority() != uri.authority() {
        return Err(FetchError::Metadata("`jwks_uri` is on another origin"));
    }
    Ok(jwks_uri)
}

//! What the issuer of internal tokens says about itself (`OpenID` Connect Discovery 1.0 section 3).
//!
//! Only what is true is said: nothing can be requested at this issuer, so there is no endpoint but
//! the JWK set's, and `response_types_supported`, which would be empty, is left out (section 4.2:
//! members without elements are omitted). JWT libraries need the issuer and the JWK set's address.

use std::sync::Arc;

use serde_json::json;
use symbolon_core::internal_token::SigningKey;

/// The document, for `{issuer}/.well-known/openid-configuration`.
pub(super) fn document(issuer: &str) -> Arc<str> {
    json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/jwks.json"),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [SigningKey::ALGORITHM],
    })
    .to_string()
    .into()
}

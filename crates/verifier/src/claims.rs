//! The shape of the internal token: its claims and the names its header uses.
//!
//! 1. The profile is RFC 9068 (JWT access tokens): `iss`, `sub`, `aud`, `exp`, `iat`, `jti` and,
//!    where a client is known, `client_id`.
//! 2. `aud` is one string, the service the token was minted for, never a list.
//! 3. What is empty is left out of the JSON. Unknown claims are ignored on reading, so that the
//!    issuer can add one without every service being rebuilt.
//!
//! Nothing is judged here: reading claims is not verifying them (`verify.rs`).

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The `typ` header value of an internal token (RFC 9068 2.1).
pub const TYP: &str = "at+jwt";
/// ECDSA on P-256 with SHA-256, the default algorithm (RFC 7518 3.4).
pub const ALG_ES256: &str = "ES256";
/// Ed25519 under its JOSE name (RFC 8037 3.1).
pub const ALG_EDDSA: &str = "EdDSA";
/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 3.3).
pub const ALG_RS256: &str = "RS256";

/// What an internal token says about the principal of one request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claims {
    /// Issuer: `{public_url}/auth/internal` (RFC 7519 4.1.1).
    pub iss: String,
    /// Subject: the end user, or `client:NAME`, the client itself, where no user is involved
    /// (RFC 9068 2.2). No end user's name begins like that.
    pub sub: String,
    /// Audience: the one service this token was minted for.
    pub aud: String,
    /// Expiry in seconds since the Unix epoch (RFC 7519 4.1.4).
    pub exp: i64,
    /// Time of issue in seconds since the Unix epoch (RFC 7519 4.1.6).
    pub iat: i64,
    /// Unique id of the token (RFC 7519 4.1.7).
    pub jti: String,
    /// The client that acts (RFC 8693 4.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// Public id of the session (`OpenID` Connect Back-Channel Logout 2.1). Not a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Authentication context class reached, e.g. `mfa` (`OpenID` Connect Core 2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Authentication methods used, e.g. `pwd`, `otp` (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// When the principal last authenticated, in seconds since the Unix epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Roles (RFC 9068 2.2.3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Groups (RFC 9068 2.2.3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Granted scopes, separated by single spaces (RFC 6749 3.3). See [`Claims::scopes`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The session data that services share. Changed with the `Symbolon-Session` response header.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub session: Map<String, Value>,
    /// Generation of the session this token was minted for. A service may send it back to have
    /// its session change applied only if the session has not changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
}

impl Claims {
    /// The granted scopes one by one.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.iter().flat_map(|scope| scope.split(' ').filter(|part| !part.is_empty()))
    }

    /// Whether `scope` was granted.
    pub fn has_scope(&self, scope: &str) -> bool {
        self.scopes().any(|granted| granted == scope)
    }

    /// Whether the principal holds `role`. Roles are compared exactly.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|held| held == role)
    }

    /// Whether the principal is a member of `group`. Groups are compared exactly.
    pub fn in_group(&self, group: &str) -> bool {
        self.groups.iter().any(|joined| joined == group)
    }
}

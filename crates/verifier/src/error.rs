//! Why a token is refused.
//!
//! The messages go to logs and into `WWW-Authenticate`, so none of them repeats the token or
//! anything out of it.

/// The reason a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Longer than [`MAX_TOKEN_BYTES`](crate::MAX_TOKEN_BYTES).
    #[error("the token is too long")]
    TooLong,
    /// Not three non-empty parts of canonical base64url (RFC 7515 7.1).
    #[error("the token is not a compact JWS")]
    NotCompactJws,
    /// The header is not an object of `alg`, `kid` and `typ` alone. `crit`, `jku`, `jwk`, `x5u`,
    /// `x5c` and whatever else changes how a token is to be read is refused (RFC 7515 4).
    #[error("the token's header is not understood")]
    Header,
    /// No configured key has the header's `kid`.
    #[error("the token names an unknown key")]
    UnknownKey,
    /// `alg` is not the algorithm of the key, or not one this service accepts (RFC 8725 3.1).
    #[error("the token's algorithm is not accepted")]
    Algorithm,
    /// The signature does not fit.
    #[error("the token's signature is wrong")]
    Signature,
    /// `typ` is missing or not `at+jwt` (RFC 9068 4).
    #[error("the token is not an access token")]
    TokenType,
    /// A claim is missing, of the wrong type, or appears twice.
    #[error("the token's claims are not understood")]
    Claims,
    /// `iss` is another issuer.
    #[error("the token is from another issuer")]
    Issuer,
    /// `aud` is another service.
    #[error("the token is for another service")]
    Audience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `iat` or `nbf` lies ahead by more than the leeway.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// `exp` is not after `iat`, or more than [`MAX_LIFETIME`](crate::MAX_LIFETIME) after it.
    #[error("the token's lifetime is not that of an internal token")]
    Lifetime,
}

//! Why an outside token is refused.
//!
//! Message and code go to the caller, into `WWW-Authenticate` and the log. So none repeats the
//! token or anything out of it, and all are of the characters that `error_description` may have
//! (RFC 6750 3).

/// The reason a token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// Longer than [`MAX_TOKEN_BYTES`](super::MAX_TOKEN_BYTES).
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of canonical base64url (RFC 7515 7.1).
    #[error("the token is not a compact JWS")]
    Malformed,
    /// Five parts, or a header with `enc` or `zip` (RFC 7516).
    #[error("encrypted tokens are not accepted")]
    Encrypted,
    /// The header is not an object of unique members with the types they should have.
    #[error("the header of the token is not understood")]
    Header,
    /// `crit` or `b64`: the token is to be read in a way that is not understood (RFC 7515 4.1.11).
    #[error("the token demands an extension that is not understood")]
    Critical,
    /// `jwk`, `jku`, `x5c` or `x5u`: the token brings or names a key of its own (RFC 8725 3.10).
    #[error("the token brings a key of its own")]
    EmbeddedKey,
    /// `alg` is `none`, or there is no signature (RFC 8725 3.2).
    #[error("the token is not signed")]
    Unsigned,
    /// The payload is not an object of unique members, or a claim is missing or of a wrong type.
    #[error("the claims of the token are not understood")]
    Claims,
    /// Nobody who is known says to have issued it.
    #[error("the issuer of the token is not known")]
    UnknownIssuer,
    /// The issuer has no such key, or the token does not say which of several.
    #[error("the key of the token is not known")]
    UnknownKey,
    /// `alg` is not that of the key (RFC 8725 3.1).
    #[error("the algorithm of the token is not that of its key")]
    Algorithm,
    /// The signature does not fit.
    #[error("the signature of the token is wrong")]
    Signature,
    /// `typ` is one that is not accepted here (RFC 8725 3.11).
    #[error("the token is of another type")]
    WrongType,
    /// `aud` is missing or names others only.
    #[error("the token is for another audience")]
    WrongAudience,
    /// `exp` has passed.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies ahead by more than the leeway.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// It lives longer than tokens may here, or ends before it begins.
    #[error("the token lives too long")]
    Lifetime,
}

impl JwtError {
    /// A word for programs; does not change.
    pub fn code(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Encrypted => "encrypted",
            Self::Header => "malformed_header",
            Self::Critical => "critical_extension",
            Self::EmbeddedKey => "embedded_key",
            Self::Unsigned => "unsigned",
            Self::Claims => "malformed_claims",
            Self::UnknownIssuer => "unknown_issuer",
            Self::UnknownKey => "unknown_key",
            Self::Algorithm => "wrong_algorithm",
            Self::Signature => "bad_signature",
            Self::WrongType => "wrong_type",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::Lifetime => "too_long_lived",
        }
    }
}

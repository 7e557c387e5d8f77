//! The token in a request, and the answer to a request without a good one (RFC 6750).
//!
//! Only the `Authorization` header is read: not the form body, not the query (RFC 6750 2.2 and 2.3
//! put tokens where logs find them).

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};

use crate::error::VerifyError;

/// Why there is no token to verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoToken {
    /// No credentials, or of another scheme.
    Missing,
    /// More than one `Authorization`, or one that cannot be a token.
    Malformed,
}

/// The token of `Authorization: Bearer <token>`. The scheme is compared without case
/// (RFC 9110 11.1).
pub(crate) fn token(headers: &HeaderMap) -> Result<&str, NoToken> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(NoToken::Missing)?;
    if values.next().is_some() {
        return Err(NoToken::Malformed);
    }
    let value = value.to_str().map_err(|_| NoToken::Malformed)?;
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(NoToken::Missing);
    }
    let token = token.trim_start_matches(' ');
    if token.is_empty() { Err(NoToken::Malformed) } else { Ok(token) }
}

/// The `WWW-Authenticate` value: without an error code where no token was offered (RFC 6750 3.1).
pub(crate) fn challenge(refused: Option<VerifyError>) -> HeaderValue {
    let Some(error) = refused else {
        return HeaderValue::from_static("Bearer");
    };
    let text = format!(r#"Bearer error="invalid_token", error_description="{error}""#);
    HeaderValue::from_str(&text)
        .unwrap_or_else(|_| HeaderValue::from_static(r#"Bearer error="invalid_token""#))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::AUTHORIZATION;

    use super::{NoToken, challenge, token};
    use crate::VerifyError;

    fn with(values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (AUTHORIZATION, value.parse().unwrap())).collect()
    }

    #[test]
    fn one_bearer_token_is_found() {
        for value in ["Bearer a.b.c", "bearer a.b.c", "BEARER  a.b.c"] {
            assert_eq!(token(&with(&[value])), Ok("a.b.c"), "{value}");
        }
    }

    #[test]
    fn anything_else_is_no_token() {
        assert_eq!(token(&with(&[])), Err(NoToken::Missing));
        assert_eq!(token(&with(&["Basic YTpi"])), Err(NoToken::Missing));
        assert_eq!(token(&with(&["Bearera.b.c"])), Err(NoToken::Missing));
        assert_eq!(token(&with(&["Bearer"])), Err(NoToken::Malformed));
        assert_eq!(token(&with(&["Bearer a.b.c", "Bearer a.b.c"])), Err(NoToken::Malformed));
        assert_eq!(token(&with(&["Bearer ä"])), Err(NoToken::Malformed));
    }

    #[test]
    fn challenge_names_the_error_only_where_a_token_was_offered() {
        assert_eq!(challenge(None), "Bearer");
        assert_eq!(
            challenge(Some(VerifyError::Expired)),
            r#"Bearer error="invalid_token", error_description="the token has expired""#
        );
    }
}

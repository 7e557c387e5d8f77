//! Why a credential that was offered is not good.

use std::borrow::Cow;
use std::sync::Arc;

/// A failure as one authenticator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the caller is told, as a stable code: `expired`.
    pub(crate) code: &'static str,
    /// For the log and for explanations; no secret, nothing that was shown.
    pub(crate) detail: Cow<'static, str>,
    /// Parameters of the challenge, such as `error="invalid_token"` (RFC 6750 section 3).
    pub(crate) params: Option<Cow<'static, str>>,
}

/// A failure and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failed {
    /// The authenticator, by its name in the configuration.
    pub(crate) authenticator: Arc<str>,
    /// The challenge that it would have put.
    pub(crate) challenge: &'static str,
    /// Why.
    pub(crate) failure: Failure,
    /// Whether it was the session cookie, which a browser sends on its own.
    pub(crate) is_session: bool,
}

impl Failure {
    /// A failure whose detail says more than its code.
    pub(crate) fn new(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), params: None }
    }

    /// A bearer token that is not good (RFC 6750 section 3.1).
    pub(crate) fn invalid_token(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { params: Some(Cow::Borrowed("error=\"invalid_token\"")), ..Self::new(code, detail) }
    }
}

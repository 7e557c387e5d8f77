//! Why a credential that was offered is not good.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use http::StatusCode;
use http::header::{HeaderName, HeaderValue};
use symbolon_core::{ClientId, SubjectId};

/// A failure as one authenticator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// What the caller is told, as a stable code: `expired`.
    pub(crate) code: &'static str,
    /// For the log and for explanations; no secret, nothing that was shown.
    pub(crate) detail: Cow<'static, str>,
    /// Parameters of the challenge, such as `error="invalid_token"` (RFC 6750 section 3).
    pub(crate) params: Option<Cow<'static, str>>,
    /// What the caller is given instead of an answer of ours, where somebody else refused.
    pub(crate) refusal: Option<Arc<Refusal>>,
    /// Whose credential it would have been, where that is known.
    pub(crate) whose: Option<Whose>,
    /// Whether the browser must not be told to forget its cookie: that is another one by now, or
    /// opens a session that lives and does not go together with something else.
    pub(crate) keeps_cookie: bool,
}

/// Whose credential was not proved: for the audit log alone. Never what was typed and is nobody's
/// name, since people type their password into the wrong field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Whose {
    Account(SubjectId),
    Client { client: ClientId, credential: Arc<str> },
}

/// The refusal of somebody else, as the caller gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Option<Bytes>,
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
        Self {
            code,
            detail: detail.into(),
            params: None,
            refusal: None,
            whose: None,
            keeps_cookie: false,
        }
    }

    /// The same, with whose credential it would have been.
    #[must_use]
    pub(crate) fn of(self, whose: impl Into<Option<Whose>>) -> Self {
        Self { whose: whose.into(), ..self }
    }

    /// Somebody else refused, in an answer of their own.
    pub(crate) fn elsewhere(refusal: Arc<Refusal>) -> Self {
        let detail = format!("refused outside with {}", refusal.status.as_u16());
        Self { refusal: Some(refusal), ..Self::new("refused", detail) }
    }

    /// A bearer token that is not good (RFC 6750 section 3.1).
    pub(crate) fn invalid_token(code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { params: Some(Cow::Borrowed("error=\"invalid_token\"")), ..Self::new(code, detail) }
    }
}
